// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/notifymethods.h"

#include "core/control/server.h"
#include "core/service/noticewatch.h"

#include <QJsonArray>

namespace cring::service {

using control::CallPtr;

namespace {

QJsonObject toJson(const NoticeWatch::TestStep &step)
{
    const bool ok = step.status.ok();
    const QString text =
        ok ? QStringLiteral("%1 has taken it").arg(step.target)
           : QStringLiteral("%1: %2").arg(codeName(step.status.error().code), step.status.error().detail);
    return {{QStringLiteral("step"), step.outlet},
            {QStringLiteral("ok"), ok},
            {QStringLiteral("text"), text},
            {QStringLiteral("ms"), static_cast<qint64>(step.took.count())}};
}

void test(const CallPtr &call, NoticeWatch &notices, QObject *context)
{
    const auto steps = std::make_shared<QJsonArray>();
    const auto allWell = std::make_shared<bool>(true);
    const Status begun = notices.test(
        context,
        [call, steps, allWell](const NoticeWatch::TestStep &step) {
            const QJsonObject object = toJson(step);
            *allWell = *allWell && step.status.ok();
            steps->append(object);
            call->progress(QStringLiteral("notify.test.step"), object);
        },
        [call, steps, allWell] {
            call->reply({{QStringLiteral("ok"), *allWell}, {QStringLiteral("steps"), *steps}});
        });
    if (!begun)
        call->fail(begun.error());
}

} // namespace

void addNotifyMethods(control::Server &server, NoticeWatch &notices, QObject *context)
{
    server.addMethod(QStringLiteral("notify.test"),
                     [&notices, context](const CallPtr &call) { test(call, notices, context); });
}

} // namespace cring::service
