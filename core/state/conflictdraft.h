// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/conflicts.h"

namespace cring::state {

/// One version on its way to be kept aside, piece by piece. Memory is bounded when whoever adds stops while
/// it is behind(). Destroyed before it was committed, it leaves nothing. Conflicts outlives it.
class ConflictDraft final : public QObject
{
    Q_OBJECT

public:
    ConflictDraft(Conflicts &conflicts, quint64 id);
    ~ConflictDraft() override;

    void add(const QByteArray &piece);
    /// More has been added than is on its way to the disk.
    bool behind() const { return m_unwritten > kWindow; }
    /// The first thing that went wrong: ConflictsFull, StateFile. Nothing more is written then.
    const std::optional<Error> &problem() const { return m_problem; }

    /// With what is known of the whole; id, size and time are filled in. `done` when it is on the disk, and
    /// survives a power cut; or when the same version is kept already. Never when the draft dies first.
    void commit(Conflicts::Version version, std::function<void(const Status &)> done);

Q_SIGNALS:
    void behindChanged(bool behind);
    void failed(const cring::Error &error);

private:
    static constexpr qint64 kWindow = 1024 * 1024;

    void handleWritten(qint64 bytes, const std::optional<Error> &problem);
    void fail(const Error &error);

    Conflicts &m_conflicts;
    quint64 m_id;
    std::shared_ptr<ConflictFiles::Writing> m_writing; ///< The files' thread alone looks into it.
    qint64 m_size = 0;
    qint64 m_unwritten = 0;
    bool m_committing = false;
    std::optional<Error> m_problem;
};

} // namespace cring::state
