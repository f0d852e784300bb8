// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/uploadrecord.h"

#include "core/replica/folders.h"

namespace cring::replica {

UploadRecord::UploadRecord(Environment &environment, const Credentials &credentials, const QByteArray &path,
                           const OwnerSet &owners)
    : m_environment(environment)
    , m_credentials(credentials)
    , m_path(path)
    , m_key(objectKey(credentials.account, path))
    , m_owners(owners)
{
}

void UploadRecord::openIntent(const Record &record, std::optional<bool> existed, state::Durability durability,
                              QObject *context, std::function<void()> written)
{
    state::Intent intent;
    intent.key = m_key;
    intent.record = record;
    intent.existed = existed;
    for (const auto &stream : m_owners.streams()) {
        if (stream->beforeTail())
            intent.targets << stream->backend().id();
    }
    m_written = false;
    m_durability = durability;
    // One that was given up meanwhile has another number.
    const auto number = std::make_shared<quint64>(0);
    *number = m_intent =
        m_environment.intents.open(intent, durability, context, [this, number, written = std::move(written)] {
            if (m_intent != *number)
                return;
            m_written = true;
            written();
        });
}

void UploadRecord::syncIntent(QObject *context, std::function<void(const QString &)> done)
{
    m_environment.database.flush(
        state::Durability::Power, context,
        [this, done] {
            m_durability = state::Durability::Power;
            done({});
        },
        done);
}

void UploadRecord::closeIntent()
{
    if (const quint64 id = std::exchange(m_intent, 0))
        m_environment.intents.close(id);
}

void UploadRecord::acknowledge(const Record &record)
{
    QList<QString> holders;
    for (const auto &stream : m_owners.streams()) {
        if (stream->state() == OwnerStream::State::Stored)
            holders << stream->backend().id();
    }
    m_environment.folders.record(m_environment, m_credentials.account, m_path, record.mode);
    m_version = m_environment.catalogue.acknowledge(m_key, record, holders).version;
    m_environment.intents.acknowledge(m_intent);
    m_recorded = holders;
    // Not known to hold it until it has answered; one that never gets it stays marked.
    for (const auto &stream : m_owners.streams()) {
        if (stream->state() != OwnerStream::State::Stored)
            m_environment.catalogue.mark(m_key, stream->backend().id(), Debt::Stale);
    }
    for (const QString &id : m_owners.absent())
        m_environment.catalogue.mark(m_key, id, Debt::Stale);
}

void UploadRecord::recordSettled()
{
    for (const auto &stream : m_owners.streams()) {
        const QString id = stream->backend().id();
        if (!stream->settled() || m_recorded.contains(id) || m_version == 0)
            continue;
        m_recorded << id;
        if (stream->state() == OwnerStream::State::Stored) {
            m_environment.catalogue.confirm(m_key, id, m_version);
            continue;
        }
        const bool doubt = stream->state() == OwnerStream::State::InDoubt;
        m_environment.catalogue.mark(m_key, id, doubt ? Debt::InDoubt : Debt::Stale);
        if (doubt)
            ++m_environment.counters.inDoubt;
        m_environment.activity.record(
            telemetry::Level::Warning, telemetry::Category::Upload,
            QStringLiteral("missed a file that the others have: %1").arg(stream->reason()),
            stream->backend().name(), QString::fromLatin1(m_credentials.account));
    }
}

} // namespace cring::replica
