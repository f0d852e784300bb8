// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QString>
#include <QTimer>

#include <chrono>
#include <functional>

namespace cring::service {

/// Tells the service manager where we stand (sd_notify(3)); does nothing when there is none or it was built
/// without.
void notifyReloading();
/// `longest`: what the end may take, so that nobody takes it for a hang before.
void notifyStopping(std::chrono::milliseconds longest);

/// While the service runs: that its event loop turns, twice in the time after which the service manager
/// would take it for hung (WATCHDOG=1, sd_watchdog_enabled(3)), and how the ring is, where that has changed
/// (STATUS=, what `systemctl status` shows). Nothing when no service manager has started this process. On
/// the event loop.
class Heartbeat final : public QObject
{
    Q_OBJECT

public:
    /// How often the ring is asked how it is, at most.
    static constexpr std::chrono::seconds statusInterval{5};

    explicit Heartbeat(std::function<QString()> verdict, QObject *parent = nullptr);

    void start();
    /// The service is ready, for the first time or again (READY=1). `status` stands until the next beat,
    /// which says how the ring is, changed or not.
    void tellReady(const QString &status);
    /// Zero: nobody wants to be told.
    std::chrono::milliseconds interval() const;

private:
    void beat();

    std::function<QString()> m_verdict;
    QString m_said; ///< By beat(), and nothing since.
    QTimer m_timer;
    bool m_isWatched = false; ///< Somebody waits for it.
};

} // namespace cring::service
