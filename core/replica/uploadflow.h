// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/replica/localcopy.h"
#include "core/replica/ownerset.h"

namespace cring::replica {

/// How fast an upload's body may come. The client waits while a server's window is full, or the local copy's.
/// One that keeps a quorum of the others waiting, the local copy among them where it may count, uses up its
/// budget (timing.stall_budget) and is let go; what a server missed is owed to it. One thread.
class UploadFlow final : public QObject
{
    Q_OBJECT

public:
    /// With no quorum moving on, how long a server may hold everybody up.
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
    bool othersSuffice() const;
    void charge();

    const Environment &m_environment;
    const OwnerSet &m_owners;
    LocalCopy &m_local;
    QTimer m_timer;
    std::chrono::milliseconds m_since{0};
    bool m_paused = false;
};

} // namespace cring::replica
