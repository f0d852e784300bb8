// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/backgroundpause.h"

#include "core/control/server.h"
#include "core/service/parameters.h"

namespace cring::service {

using control::CallPtr;
using By = BackgroundPause::By;

namespace {

using namespace std::chrono_literals;

/// A timer does not run while the machine sleeps, and the wall clock does: it is looked at again and again.
constexpr auto kLookAgain = 30s;
constexpr QLatin1String kPerson("person");
constexpr QLatin1String kMetered("metered");

QString nameOf(By by)
{
    return by == By::Person ? kPerson : kMetered;
}

/// Nothing without the parameter; fails the call when it is none that there is.
struct Asked
{
    std::optional<By> by;
    bool isWrong = false;
};

Asked byFrom(const CallPtr &call)
{
    const QJsonValue by = call->params().value(QLatin1String("by"));
    if (by.isUndefined())
        return {};
    if (by.toString() == kPerson)
        return {By::Person, false};
    if (by.toString() == kMetered)
        return {By::Metered, false};
    call->fail({Code::ControlBadParams, QStringLiteral("by must be \"person\" or \"metered\"")});
    return {{}, true};
}

void pauseFrom(const CallPtr &call, BackgroundPause &pause)
{
    const Asked asked = byFrom(call);
    if (asked.isWrong)
        return;
    const By by = asked.by.value_or(By::Person);
    Parameters params(call->params());
    const qint64 time = params.number(QStringLiteral("forMs"), 0, BackgroundPause::kShortest.count(),
                                      BackgroundPause::kLongest.count());
    if (params.problem()) {
        call->fail(*params.problem());
        return;
    }
    if (by == By::Metered && time == 0) {
        // Whoever says it may end without another word.
        call->fail({Code::ControlBadParams, QStringLiteral("a pause by \"metered\" needs forMs")});
        return;
    }
    pause.pause(time > 0 ? std::optional(std::chrono::milliseconds(time)) : std::nullopt, by);
    QJsonObject answer;
    if (by == By::Person && pause.untilMs())
        answer.insert(QStringLiteral("untilMs"), *pause.untilMs());
    call->reply(answer);
}

void resumeFrom(const CallPtr &call, BackgroundPause &pause)
{
    const Asked asked = byFrom(call);
    if (asked.isWrong)
        return;
    const bool wasPaused = asked.by ? pause.resume(*asked.by) : pause.resume();
    call->reply({{QStringLiteral("wasPaused"), wasPaused}});
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

void BackgroundPause::pause(std::optional<std::chrono::milliseconds> time, By by)
{
    const bool wasPaused = isPaused();
    m_ends.insert(by, time ? End(m_clock.wall() + *time) : End());
    if (!wasPaused)
        m_apply(true);
    handleTime();
}

bool BackgroundPause::resume(By by)
{
    if (m_ends.remove(by) == 0)
        return false;
    if (!isPaused()) {
        m_timer.stop();
        m_apply(false);
    }
    return true;
}

bool BackgroundPause::resume()
{
    if (!isPaused())
        return false;
    m_timer.stop();
    m_ends.clear();
    m_apply(false);
    return true;
}

QStringList BackgroundPause::by() const
{
    QStringList names;
    for (auto end = m_ends.keyBegin(); end != m_ends.keyEnd(); ++end)
        names.append(nameOf(*end));
    return names;
}

std::optional<qint64> BackgroundPause::untilMs() const
{
    const End end = m_ends.value(By::Person);
    return end ? std::optional<qint64>(end->count()) : std::nullopt;
}

void BackgroundPause::handleTime()
{
    std::optional<std::chrono::milliseconds> next;
    const QMap<By, End> ends = m_ends;
    for (auto end = ends.constBegin(); end != ends.constEnd(); ++end) {
        if (!*end)
            continue;
        const auto left = **end - m_clock.wall();
        if (left <= 0ms)
            resume(end.key());
        else
            next = std::min(next.value_or(left), left);
    }
    if (next)
        m_timer.start(std::min<std::chrono::milliseconds>(*next, kLookAgain));
    else
        m_timer.stop();
}

void addPauseMethods(control::Server &server, BackgroundPause &pause)
{
    server.addMethod(QStringLiteral("pause"), [&pause](const CallPtr &call) { pauseFrom(call, pause); });
    server.addMethod(QStringLiteral("resume"), [&pause](const CallPtr &call) { resumeFrom(call, pause); });
}

} // namespace cring::service
