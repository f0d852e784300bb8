// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/replica/localcopy.h"
#include "core/replica/ownerset.h"

namespace cring::replica {

/// How fast an upload's body may come. The client waits while a server's window is full, or the local copy's.
/// One that keeps a quorum of the others waiting uses up its budget (timing.stall_budget) and is let go. One
/// that keeps fewer waiting, with whom the local copy would do, may do so for as long without a break. What a
/// server missed is owed to it. One thread.
class UploadFlow final : public QObject
{
    Q_OBJECT

public:
    /// With no quorum moving on, how long a server may hold everybody up before it takes something again: one
    /// that is merely slow sets the pace.
    static constexpr std::chrono::milliseconds kStandstill{10'000};

    UploadFlow(const Environment &environment, const OwnerSet &owners, LocalCopy &local);

    /// After every change of a window, and when due() says so.
    void update();
    void stop() { m_timer.stop(); }
    /// The client must not send more for now.
    bool paused() const { return m_paused; }

Q_SIGNALS:
    void pausedChanged(bool paused);
    /// Somebody's budget may be used up.
    void due();

private:
    /// Who goes on, whatever becomes of those that are blocked.
    enum class Moving { TooFew, WithLocalCopy, Quorum };

    Moving moving() const;
    std::chrono::milliseconds limit(Moving moving) const;
    void charge();

    const Environment &m_environment;
    const OwnerSet &m_owners;
    LocalCopy &m_local;
    QTimer m_timer;
    Moving m_moving = Moving::TooFew; ///< At the last look.
    /// For how long each has been blocked without a break.
    QHash<const QObject *, std::chrono::milliseconds> m_standing;
    std::chrono::milliseconds m_since{0};
    bool m_paused = false;
};

} // namespace cring::replica
