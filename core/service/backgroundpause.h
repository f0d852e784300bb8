// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/clock.h"

#include <QObject>
#include <QTimer>

#include <functional>
#include <optional>

namespace cring::control {
class Server;
} // namespace cring::control

namespace cring::service {

/// A person's word that background work is to rest: for a time, or until it is taken back. Clients are served
/// as ever, and what is owed stays owed. In memory only: a service that is started again works. One thread.
class BackgroundPause final : public QObject
{
    Q_OBJECT

public:
    static constexpr std::chrono::milliseconds kShortest{1'000};
    static constexpr std::chrono::milliseconds kLongest{std::chrono::hours(24 * 7)};

    /// `apply` rests what works in the background, or lets it go on; called on every change. The clock
    /// outlives this.
    BackgroundPause(const IClock &clock, std::function<void(bool paused)> apply, QObject *parent = nullptr);

    /// Without a time: until resume(). Again: the new time holds.
    void pause(std::optional<std::chrono::milliseconds> time);
    /// False when nothing was paused.
    bool resume();

    bool isPaused() const { return m_paused; }
    /// Wall time, ms; nothing when it is not paused, or without an end.
    std::optional<qint64> untilMs() const;

private:
    void handleTime();

    const IClock &m_clock;
    const std::function<void(bool paused)> m_apply;
    QTimer m_timer;
    bool m_paused = false;
    std::optional<std::chrono::milliseconds> m_end; ///< On the wall clock: a person said "two hours".
};

/// pause and resume. It outlives the server.
void addPauseMethods(control::Server &server, BackgroundPause &pause);

} // namespace cring::service
