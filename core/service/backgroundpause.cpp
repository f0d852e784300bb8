// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/backgroundpause.h"

#include "core/control/server.h"
#include "core/service/parameters.h"

namespace cring::service {

using control::CallPtr;

namespace {

using namespace std::chrono_literals;

/// A timer does not run while the machine sleeps, and the wall clock does: it is looked at again and again.
constexpr auto kLookAgain = 30s;

void pauseFrom(const CallPtr &call, BackgroundPause &pause)
{
    Parameters params(call->params());
    const qint64 time = params.number(QStringLiteral("forMs"), 0, BackgroundPause::kShortest.count(),
                                      BackgroundPause::kLongest.count());
    if (params.problem()) {
        call->fail(*params.problem());
        return;
    }
    pause.pause(time > 0 ? std::optional(std::chrono::milliseconds(time)) : std::nullopt);
    QJsonObject answer;
    if (pause.untilMs())
        answer.insert(QStringLiteral("untilMs"), *pause.untilMs());
    call->reply(answer);
}

} // namespace

BackgroundPause::BackgroundPause(const IClock &clock, std::function<void(bool paused)> apply, QObject *parent)
    : QObject(parent)
    , m_clock(clock)
    , m_apply(std::move(apply))
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &BackgroundPause::handleTime);
}

void BackgroundPause::pause(std::optional<std::chrono::milliseconds> time)
{
    m_timer.stop();
    m_end.reset();
    if (time)
        m_end = m_clock.wall() + *time;
    m_paused = true;
    m_apply(true);
    if (m_end)
        handleTime();
}

bool BackgroundPause::resume()
{
    if (!m_paused)
        return false;
    m_timer.stop();
    m_end.reset();
    m_paused = false;
    m_apply(false);
    return true;
}

std::optional<qint64> BackgroundPause::untilMs() const
{
    return m_end ? std::optional<qint64>(m_end->count()) : std::nullopt;
}

void BackgroundPause::handleTime()
{
    const auto left = *m_end - m_clock.wall();
    if (left <= 0ms)
        resume();
    else
        m_timer.start(std::min<std::chrono::milliseconds>(left, kLookAgain));
}

void addPauseMethods(control::Server &server, BackgroundPause &pause)
{
    server.addMethod(QStringLiteral("pause"), [&pause](const CallPtr &call) { pauseFrom(call, pause); });
    server.addMethod(QStringLiteral("resume"), [&pause](const CallPtr &call) {
        call->reply({{QStringLiteral("wasPaused"), pause.resume()}});
    });
}

} // namespace cring::service
