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
    const auto well = std::make_shared<qsizetype>(0);
    const auto wanted = std::make_shared<qsizetype>(0);
    const Result<qsizetype> begun = notices.test(
        context,
        [call, steps, well](const NoticeWatch::TestStep &step) {
            const QJsonObject object = toJson(step);
            *well += step.status.ok() ? 1 : 0;
            steps->append(object);
            call->progress(QStringLiteral("notify.test.step"), object);
        },
        [call, steps, well, wanted] {
            // A reload may take an outlet away before it has answered.
            call->reply({{QStringLiteral("ok"), *well == *wanted}, {QStringLiteral("steps"), *steps}});
        });
    if (begun)
        *wanted = *begun;
    else
        call->fail(begun.error());
}

} // namespace

void addNotifyMethods(control::Server &server, NoticeWatch &notices, QObject *context)
{
    server.addMethod(QStringLiteral("notify.test"),
                     [&notices, context](const CallPtr &call) { test(call, notices, context); });
}

} // namespace cring::service
