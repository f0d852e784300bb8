// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/transfermethods.h"

#include "core/control/server.h"
#include "core/service/objectjson.h"
#include "core/service/page.h"
#include "core/service/parameters.h"

#include <QTimer>

namespace cring::service {

using control::CallPtr;
using replica::Transfer;
using replica::Transfers;

namespace {

constexpr QLatin1String kTopic("transfers");
constexpr qsizetype kMost = 100;
constexpr qint64 kShortestMs = 250;
constexpr qint64 kLongestMs = 60'000;
constexpr qint64 kUsualMs = 1'000;

QJsonObject copyJson(const Transfer::Copy &copy)
{
    QJsonObject object{{QStringLiteral("server"), copy.server}, {QStringLiteral("state"), copy.state}};
    if (!copy.reason.isEmpty())
        object.insert(QStringLiteral("reason"), copy.reason);
    return object;
}

QJsonObject transferJson(const Transfer &transfer)
{
    QJsonObject object = objectJson(transfer.key);
    object.insert(QStringLiteral("id"), static_cast<qint64>(transfer.id));
    object.insert(QStringLiteral("kind"), transfer.kind == Transfer::Kind::Upload
                                              ? QStringLiteral("upload")
                                              : QStringLiteral("download"));
    object.insert(QStringLiteral("bytes"), transfer.bytes);
    if (transfer.total)
        object.insert(QStringLiteral("total"), *transfer.total);
    object.insert(QStringLiteral("state"), transfer.state);
    object.insert(QStringLiteral("startedMs"), static_cast<qint64>(transfer.started.count()));
    if (transfer.ended)
        object.insert(QStringLiteral("endedMs"), static_cast<qint64>(transfer.ended->count()));
    QJsonArray copies;
    for (const Transfer::Copy &copy : transfer.copies)
        copies.append(copyJson(copy));
    object.insert(QStringLiteral("copies"), copies);
    return object;
}

QJsonObject listJson(const Transfers &transfers)
{
    Page page(kMost);
    for (const Transfer &transfer : transfers.list(kMost)) {
        if (page.isFull())
            break; // Those that have been under way for the shortest time.
        page.add(transferJson(transfer));
    }
    QJsonObject object = page.answer(kTopic, {});
    object.insert(QStringLiteral("count"), transfers.count());
    return object;
}

void subscribe(const CallPtr &call, const Transfers &transfers)
{
    Parameters params(call->params());
    const qint64 interval = params.number(QStringLiteral("intervalMs"), kUsualMs, kShortestMs, kLongestMs);
    if (params.problem()) {
        call->fail(*params.problem());
        return;
    }
    call->reply({});
    control::Subscription *subscription = call->subscribe(kTopic);
    if (!subscription)
        return;
    const auto last = std::make_shared<QJsonObject>();
    const auto tell = [subscription, &transfers, last] {
        const QJsonObject now = listJson(transfers);
        if (std::exchange(*last, now) != now)
            subscription->notify(kTopic, now);
    };
    auto *timer = new QTimer(subscription);
    QObject::connect(timer, &QTimer::timeout, subscription, tell);
    timer->start(static_cast<int>(interval));
    tell();
}

} // namespace

void addTransferMethods(control::Server &server, const Transfers &transfers)
{
    server.addMethod(QStringLiteral("transfers.list"),
                     [&transfers](const CallPtr &call) { call->reply(listJson(transfers)); });
    server.addMethod(QStringLiteral("transfers.subscribe"),
                     [&transfers](const CallPtr &call) { subscribe(call, transfers); });
    server.addMethod(QStringLiteral("transfers.unsubscribe"), [](const CallPtr &call) {
        call->reply({{QStringLiteral("ended"), call->unsubscribe(kTopic)}});
    });
}

} // namespace cring::service
