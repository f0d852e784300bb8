// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/localcopy.h"

namespace cring::replica {

namespace {

/// Of a body that are kept in memory before there is a file.
constexpr qsizetype kBeginning = 64 * 1024;

} // namespace

LocalCopy::LocalCopy(Environment &environment, ObjectKey key)
    : m_environment(environment)
    , m_key(std::move(key))
{
    if (m_environment.config.countsLocalCopy() && m_environment.config.quorum() > 1)
        m_state = State::Following;
}

LocalCopy::~LocalCopy() = default;

void LocalCopy::add(QByteArrayView data)
{
    if (m_state != State::Following || data.isEmpty())
        return;
    if (m_draft) {
        m_draft->add(data.toByteArray());
        return;
    }
    m_beginning += data;
    if (m_beginning.size() > kBeginning)
        write(std::exchange(m_beginning, {}));
}

void LocalCopy::write(const QByteArray &piece)
{
    m_draft = m_environment.spool.begin();
    connect(m_draft.get(), &state::BodyDraft::behindChanged, this, &LocalCopy::changed);
    connect(m_draft.get(), &state::BodyDraft::failed, this,
            [this](const Error &error) { fail(error.detail); });
    if (!piece.isEmpty())
        m_draft->add(piece);
}

void LocalCopy::sync(const Record &record)
{
    if (m_state != State::Following)
        return;
    m_state = State::Syncing;
    m_committed = true;
    if (!m_draft)
        write(std::exchange(m_beginning, {}));
    if (m_state != State::Syncing)
        return; // there was no room
    m_draft->commit(m_key, record.digest, record.mode, [self = QPointer(this)](const Status &status) {
        if (!self || self->m_state != State::Syncing)
            return;
        if (!status) {
            self->m_committed = false;
            self->fail(status.error().detail);
            return;
        }
        self->m_state = State::Synced;
        Q_EMIT self->changed();
    });
}

void LocalCopy::keep()
{
    if (m_state == State::Synced)
        m_draft->keep();
    m_state = State::Off;
    m_beginning.clear();
    dropDraft();
}

void LocalCopy::withdraw(std::function<void()> done)
{
    const bool wasOnDisk = isOnDisk();
    m_state = State::Off;
    m_beginning.clear();
    if (wasOnDisk)
        m_draft->withdraw(this, std::move(done));
    dropDraft();
    if (!wasOnDisk)
        done();
}

/// Later: this may be inside one of its signals.
void LocalCopy::dropDraft()
{
    if (!m_draft)
        return;
    m_draft->disconnect(this);
    m_draft.release()->deleteLater();
}

void LocalCopy::fail(const QString &reason)
{
    if (!isPossible())
        return;
    m_state = State::Failed;
    m_reason = reason;
    m_beginning.clear();
    // What may be on the disk by now is to be withdrawn.
    if (!m_committed)
        dropDraft();
    Q_EMIT changed();
}

} // namespace cring::replica
