// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/pausecommand.h"

#include <QDateTime>

namespace cring::app {

QString untilWords(qint64 untilMs, qint64 nowMs)
{
    const QDateTime until = QDateTime::fromMSecsSinceEpoch(untilMs);
    const bool today = until.date() == QDateTime::fromMSecsSinceEpoch(nowMs).date();
    return until.toString(today ? QStringLiteral("HH:mm") : QStringLiteral("yyyy-MM-dd HH:mm"));
}

PauseCommand::PauseCommand(ServiceCommandContext context, std::optional<std::chrono::milliseconds> time)
    : ServiceCommand(std::move(context))
    , m_time(time)
{
}

void PauseCommand::handleOpened(const control::ServiceInfo &)
{
    QJsonObject params;
    if (m_time)
        params.insert(QLatin1String("forMs"), static_cast<qint64>(m_time->count()));
    call(QStringLiteral("pause"), params, [this](const QJsonObject &answer) {
        const QJsonValue until = answer.value(QLatin1String("untilMs"));
        if (json()) {
            printJson(answer);
        } else {
            print(
                QStringLiteral("Background work rests until %1. Clients are served as ever, and what servers "
                               "miss is kept for later.\n")
                    .arg(until.isDouble() ? untilWords(until.toInteger(), QDateTime::currentMSecsSinceEpoch())
                                          : QStringLiteral("you say `cring resume`")));
            advise(QStringLiteral("A restart of the service ends the pause, too."));
        }
        finish(Ok);
    });
}

void ResumeCommand::handleOpened(const control::ServiceInfo &)
{
    call(QStringLiteral("resume"), {}, [this](const QJsonObject &answer) {
        if (json())
            printJson(answer);
        else
            print(answer.value(QLatin1String("wasPaused")).toBool()
                      ? QStringLiteral("Background work goes on.\n")
                      : QStringLiteral("Background work was not paused.\n"));
        finish(Ok);
    });
}

} // namespace cring::app
