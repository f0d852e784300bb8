// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/conflictdraft.h"

namespace cring::state {

ConflictDraft::ConflictDraft(Conflicts &conflicts, quint64 id)
    : m_conflicts(conflicts)
    , m_id(id)
    , m_writing(std::make_shared<ConflictFiles::Writing>())
{
}

ConflictDraft::~ConflictDraft()
{
    m_conflicts.m_drafted -= m_size;
    if (!m_committing)
        m_conflicts.work([files = m_conflicts.m_files, writing = m_writing] { files->abandon(*writing); },
                         nullptr, {});
}

void ConflictDraft::add(const QByteArray &piece)
{
    if (m_problem)
        return;
    if (!m_conflicts.reserve(piece.size())) {
        fail({Code::ConflictsFull,
              QStringLiteral("the versions that are kept aside have no room left: choose or discard some "
                             "(cring conflicts list), or raise repair.conflict_bytes")});
        return;
    }
    m_size += piece.size();
    m_unwritten += piece.size();
    const qint64 size = piece.size();
    const auto problem = std::make_shared<std::optional<Error>>();
    m_conflicts.work(
        [files = m_conflicts.m_files, writing = m_writing, id = m_id, piece, problem] {
            files->write(*writing, id, piece);
            *problem = writing->problem;
        },
        this, [this, size, problem] { handleWritten(size, *problem); });
    if (m_unwritten > kWindow && m_unwritten - size <= kWindow)
        Q_EMIT behindChanged(true);
}

void ConflictDraft::handleWritten(qint64 bytes, const std::optional<Error> &problem)
{
    const bool wasBehind = behind();
    m_unwritten -= bytes;
    if (problem && !m_problem) {
        fail(*problem);
        return;
    }
    if (wasBehind && !behind())
        Q_EMIT behindChanged(false);
}

void ConflictDraft::fail(const Error &error)
{
    m_problem = error;
    Q_EMIT failed(error);
}

void ConflictDraft::commit(Conflicts::Version version, std::function<void(const Status &)> done)
{
    const auto later = [this, done](const Status &status) {
        QMetaObject::invokeMethod(
            this, [done, status] { done(status); }, Qt::QueuedConnection);
    };
    if (m_problem || m_conflicts.keeps(version.key, version.digest)) {
        later(m_problem ? Status(*m_problem) : Status());
        return;
    }
    version.id = m_id;
    version.size = m_size;
    version.since = m_conflicts.m_clock.wall().count();
    const ConflictFiles::Note note{version.key, version.size, version.mode, version.server, version.since};
    m_committing = true;
    const auto status = std::make_shared<Status>();
    m_conflicts.work(
        [files = m_conflicts.m_files, writing = m_writing, id = m_id, note, status] {
            *status = files->finish(*writing, id, note);
            if (!*status)
                files->abandon(*writing);
        },
        &m_conflicts,
        [conflicts = &m_conflicts, draft = QPointer(this), version, status, done] {
            if (!*status) {
                if (draft)
                    done(*status);
                return;
            }
            conflicts->add(version, draft, [done] { done({}); });
        });
}

} // namespace cring::state
