// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/newestreader.h"

#include "core/backup/objectname.h"

namespace cring::backup {

NewestReader::NewestReader(const std::vector<Target *> &targets, const replica::ObjectKey &key)
    : m_key(key)
{
    QStringList names;
    for (Target *target : targets) {
        m_targets.append(target);
        names << target->config().name;
    }
    m_name = QStringLiteral("the buckets ") + names.join(QStringLiteral(", "));
    m_silence.setSingleShot(true);
    connect(&m_silence, &QTimer::timeout, this, [this] {
        fail(Error{Code::BackupUnreachable, QStringLiteral("did not all say in time what they have")});
    });
}

NewestReader::~NewestReader() = default;

void NewestReader::start()
{
    const QByteArray account = state::accountOf(m_key);
    const auto object = makeObjectName(account, m_key.mid(account.size() + 1), ObjectKind::File);
    if (!object) {
        fail(object.error());
        return;
    }
    m_silence.start(BucketReader::kAnswerTime);
    for (const QPointer<Target> &target : std::as_const(m_targets)) {
        if (target)
            ask(*target, object->key);
    }
    if (m_open == 0)
        fail(Error{Code::BackupUnreachable, QStringLiteral("are no longer configured")});
}

void NewestReader::ask(Target &target, const QByteArray &object)
{
    ++m_open;
    connect(&target, &QObject::destroyed, this, [this] {
        fail(Error{Code::BackupUnreachable, QStringLiteral("are configured otherwise by now")});
    });
    target.client().head(object, {}, this, [this, at = QPointer<Target>(&target)](const auto &head) {
        if (at)
            take(*at, head);
    });
}

void NewestReader::take(Target &target, const S3Result<ObjectHead> &head)
{
    --m_open;
    if (m_ended)
        return;
    if (!head && head.error().kind != S3Error::Kind::ObjectMissing) {
        fail(Error{head.error().toError().code,
                   QStringLiteral("may have a newer version in one that cannot be asked: ") +
                       head.error().words()});
        return;
    }
    if (head) {
        const qint64 told = head->metadata.value(kChangedField).toLongLong();
        const qint64 changed = told > 0 ? told : head->modified.count();
        if (changed > m_changed) {
            m_changed = changed;
            m_newest = &target;
        }
    }
    if (m_open == 0)
        read();
}

void NewestReader::read()
{
    m_silence.stop();
    // From here on only the one that is read matters, and its reader watches it.
    for (const QPointer<Target> &target : std::as_const(m_targets)) {
        if (target)
            target->disconnect(this);
    }
    if (!m_newest) {
        fail(Error{Code::NotFound, QStringLiteral("have no such file")});
        return;
    }
    m_reader = std::make_unique<BucketReader>(*m_newest, m_key, std::nullopt);
    m_name = m_reader->name();
    connect(m_reader.get(), &IArchiveReader::began, this, &IArchiveReader::began);
    connect(m_reader.get(), &IArchiveReader::arrived, this, &IArchiveReader::arrived);
    connect(m_reader.get(), &IArchiveReader::finished, this, [this] {
        if (!std::exchange(m_ended, true))
            Q_EMIT finished();
    });
    connect(m_reader.get(), &IArchiveReader::failed, this, &NewestReader::fail);
    m_reader->setPaused(m_paused);
    m_reader->start();
}

void NewestReader::setPaused(bool paused)
{
    m_paused = paused;
    if (m_reader)
        m_reader->setPaused(paused);
}

void NewestReader::fail(const Error &error)
{
    m_silence.stop();
    if (std::exchange(m_ended, true))
        return;
    QMetaObject::invokeMethod(
        this, [this, error] { Q_EMIT failed(error); }, Qt::QueuedConnection);
}

} // namespace cring::backup
