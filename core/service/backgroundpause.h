// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/clock.h"

#include <QMap>
#include <QObject>
#include <QStringList>
#include <QTimer>

#include <functional>
#include <optional>

namespace cring::control {
class Server;
} // namespace cring::control

namespace cring::service {

/// The word that background work is to rest: for a time, or until it is taken back. Clients are served as
/// ever, and what is owed stays owed. A person's word and that of a program that watches the network stand
/// beside each other: work goes on when neither holds. In memory only: a service that is started again works.
/// One thread.
class BackgroundPause final : public QObject
{
    Q_OBJECT

public:
    static constexpr std::chrono::milliseconds kShortest{1'000};
    static constexpr std::chrono::milliseconds kLongest{std::chrono::hours(24 * 7)};

    enum class By {
        Person,
        Metered, ///< The network is a metered one, as long as a program says so again and again.
    };

    /// `apply` rests what works in the background, or lets it go on; called on every change. The clock
    /// outlives this.
    BackgroundPause(const IClock &clock, std::function<void(bool paused)> apply, QObject *parent = nullptr);

    /// Without a time: until resume(). Again: the new time holds.
    void pause(std::optional<std::chrono::milliseconds> time, By by = By::Person);
    /// Ends one pause alone; false when there was none.
    bool resume(By by);
    /// Ends all of them: a person has said so.
    bool resume();

    bool isPaused() const { return !m_ends.isEmpty(); }
    /// "person", "metered": whose pauses hold.
    QStringList by() const;
    /// Of the person's pause: wall time, ms; nothing when there is none, or without an end.
    std::optional<qint64> untilMs() const;

private:
    using End = std::optional<std::chrono::milliseconds>;

    void handleTime();

    const IClock &m_clock;
    const std::function<void(bool paused)> m_apply;
    QTimer m_timer;
    QMap<By, End> m_ends; ///< On the wall clock: a person said "two hours".
};

/// pause and resume. It outlives the server.
void addPauseMethods(control::Server &server, BackgroundPause &pause);

} // namespace cring::service
