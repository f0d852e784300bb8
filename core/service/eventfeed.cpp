// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/eventfeed.h"

#include "core/control/server.h"

#include <QJsonArray>

namespace cring::service {

using control::CallPtr;
using telemetry::ActivityLog;
using telemetry::Event;
using telemetry::EventFilter;

namespace {

constexpr QLatin1String afterKey("after");
constexpr QLatin1String sinceKey("since");
constexpr QLatin1String levelKey("level");
constexpr QLatin1String backendKey("backend");
constexpr QLatin1String topic("events");

Error badParam(const QString &name, const QString &wanted)
{
    return {Code::ControlBadParams, QStringLiteral("%1 must be %2").arg(name, wanted)};
}

Result<qint64> wholeNumber(const QJsonObject &params, const QString &name, qint64 byDefault)
{
    const QJsonValue value = params.value(name);
    if (value.isUndefined())
        return byDefault;
    const qint64 number = value.toInteger(-1);
    if (number < 0)
        return badParam(name, QStringLiteral("a whole number, 0 or more"));
    return number;
}

/// Where the log begins and ends now: a reader sees from it what it missed, and that the service was
/// restarted.
QJsonObject bounds(const ActivityLog &log)
{
    return {{QStringLiteral("firstSeq"), static_cast<qint64>(log.firstSeq())},
            {QStringLiteral("lastSeq"), static_cast<qint64>(log.lastSeq())}};
}

void listEvents(const CallPtr &call, const ActivityLog &log)
{
    const Result<EventFilter> filter = eventFilterFrom(call->params());
    const Result<qint64> limit = wholeNumber(call->params(), QStringLiteral("limit"), maxEventPage);
    if (!filter || !limit) {
        call->fail(filter ? limit.error() : filter.error());
        return;
    }
    const auto most = static_cast<qsizetype>(qMin<qint64>(*limit, maxEventPage));
    const bool paging = call->params().contains(afterKey);
    QJsonArray events;
    for (const Event &event : paging ? log.oldest(*filter, most) : log.newest(*filter, most))
        events.append(toJson(event));
    QJsonObject answer = bounds(log);
    answer.insert(topic, events);
    call->reply(answer);
}

void subscribeEvents(const CallPtr &call, const ActivityLog &log)
{
    const Result<EventFilter> filter = eventFilterFrom(call->params());
    if (!filter) {
        call->fail(filter.error());
        return;
    }
    QList<Event> backlog;
    if (call->params().contains(afterKey) || call->params().contains(sinceKey))
        backlog = log.newest(*filter, maxEventPage);
    call->reply(bounds(log));
    control::Subscription *subscription = call->subscribe(topic);
    if (!subscription)
        return;
    const QString method = QStringLiteral("event");
    for (const Event &event : backlog)
        subscription->notify(method, toJson(event));
    EventFilter live = *filter;
    live.after = 0; // It may be a number from before a restart; what is new now is new in any case.
    QObject::connect(&log, &ActivityLog::recorded, subscription,
                     [subscription, method, live](const Event &event) {
                         if (live.admits(event))
                             subscription->notify(method, toJson(event));
                     });
}

} // namespace

QJsonObject toJson(const Event &event)
{
    QJsonObject object{{QStringLiteral("seq"), static_cast<qint64>(event.seq)},
                       {QStringLiteral("timeMs"), event.wallMs},
                       {levelKey, telemetry::levelName(event.level)},
                       {QStringLiteral("category"), telemetry::categoryName(event.category)},
                       {QStringLiteral("text"), event.text}};
    if (!event.backend.isEmpty())
        object.insert(backendKey, event.backend);
    if (!event.account.isEmpty())
        object.insert(QStringLiteral("account"), event.account);
    return object;
}

Result<EventFilter> eventFilterFrom(const QJsonObject &params)
{
    EventFilter filter;
    const Result<qint64> after = wholeNumber(params, afterKey, 0);
    if (!after)
        return after.error();
    filter.after = static_cast<quint64>(*after);
    const Result<qint64> since = wholeNumber(params, sinceKey, 0);
    if (!since)
        return since.error();
    filter.sinceMs = *since;
    if (const QJsonValue level = params.value(levelKey); !level.isUndefined()) {
        const std::optional<telemetry::Level> known = telemetry::levelFromName(level.toString());
        if (!known)
            return badParam(levelKey, QStringLiteral("debug, info, warning or error"));
        filter.level = *known;
    }
    const QJsonValue backend = params.value(backendKey);
    if (!backend.isUndefined() && !backend.isString())
        return badParam(backendKey, QStringLiteral("a server's name"));
    filter.backend = backend.toString();
    return filter;
}

void addEventMethods(control::Server &server, const ActivityLog &log)
{
    server.addMethod(QStringLiteral("events.list"), [&log](const CallPtr &call) { listEvents(call, log); });
    server.addMethod(QStringLiteral("events.subscribe"),
                     [&log](const CallPtr &call) { subscribeEvents(call, log); });
    server.addMethod(QStringLiteral("events.unsubscribe"), [](const CallPtr &call) {
        call->reply({{QStringLiteral("ended"), call->unsubscribe(topic)}});
    });
}

} // namespace cring::service
