// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/stepcommand.h"

namespace cring::app {

namespace {

constexpr int kStepWidth = 10;
constexpr int kLevelWidth = 7;

Tone toneOf(const QString &level)
{
    if (level == QLatin1String("well"))
        return Tone::Good;
    if (level == QLatin1String("failed"))
        return Tone::Bad;
    return level == QLatin1String("unknown") ? Tone::Faint : Tone::Warning;
}

} // namespace

QString stepLine(const Terminal &terminal, const QJsonObject &step)
{
    // Without levels a step is well or has failed.
    const bool ok = step.value(QLatin1String("ok")).toBool();
    const QString level =
        step.value(QLatin1String("level")).toString(ok ? QStringLiteral("well") : QStringLiteral("failed"));
    const QString word = level == QLatin1String("well") ? QStringLiteral("ok") : level;
    return QStringLiteral("%1  %2  %3\n")
        .arg(plain(step.value(QLatin1String("step")).toString()), -kStepWidth)
        .arg(terminal.paint(toneOf(level), plain(word).leftJustified(kLevelWidth)),
             plain(step.value(QLatin1String("text")).toString()));
}

void StepCommand::goThrough(const QString &method, const QJsonObject &params, std::chrono::milliseconds time,
                            Praise praise)
{
    m_notification = method + QStringLiteral(".step");
    call(
        method, params,
        [this, praise = std::move(praise)](const QJsonObject &result) {
            const bool ok = result.value(QLatin1String("ok")).toBool();
            if (json())
                printJson({{QStringLiteral("summary"), result}});
            else if (ok)
                print(terminal().paint(Tone::Good, praise(result)) + u'\n');
            finish(ok ? Ok : DoneWithFindings);
        },
        time);
}

void StepCommand::handleNotified(const QString &method, const QJsonObject &params)
{
    if (method != m_notification)
        return;
    if (json()) {
        QJsonObject step = params;
        step.remove(QLatin1String("request"));
        printJson(step);
        return;
    }
    print(stepLine(terminal(), params));
}

} // namespace cring::app
