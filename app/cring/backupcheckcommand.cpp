// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/backupcheckcommand.h"

namespace cring::app {

namespace {

constexpr QLatin1String kBackup("backup");
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

BackupCheckCommand::BackupCheckCommand(ServiceCommandContext context, Options options)
    : ServiceCommand(std::move(context))
    , m_options(std::move(options))
{
}

void BackupCheckCommand::handleOpened(const control::ServiceInfo &)
{
    if (m_options.enableVersioning &&
        !isConfirmed(
            QStringLiteral("With versioning the bucket keeps what is overwritten and deleted: that takes "
                           "room, and can be suspended, never taken back. Switch it on?"),
            m_options.yes))
        return;
    QJsonObject params;
    if (!m_options.name.isEmpty())
        params.insert(kBackup, m_options.name);
    if (m_options.enableVersioning)
        params.insert(QStringLiteral("enableVersioning"), true);
    call(
        QStringLiteral("backup.check"), params,
        [this](const QJsonObject &result) {
            const bool ok = result.value(QLatin1String("ok")).toBool();
            if (json())
                printJson({{QStringLiteral("summary"), result}});
            else if (ok)
                print(terminal().paint(Tone::Good, QStringLiteral("A backup can be trusted to %1.")
                                                       .arg(plain(result.value(kBackup).toString()))) +
                      u'\n');
            finish(ok ? Ok : DoneWithFindings);
        },
        kTime);
}

void BackupCheckCommand::handleNotified(const QString &method, const QJsonObject &params)
{
    if (method != QLatin1String("backup.check.step"))
        return;
    if (json()) {
        QJsonObject step = params;
        step.remove(QLatin1String("request"));
        printJson(step);
        return;
    }
    const QString level = params.value(QLatin1String("level")).toString();
    const QString word = level == QLatin1String("well") ? QStringLiteral("ok") : level;
    print(QStringLiteral("%1  %2  %3\n")
              .arg(plain(params.value(QLatin1String("step")).toString()), -kStepWidth)
              .arg(terminal().paint(toneOf(level), plain(word).leftJustified(kLevelWidth)),
                   plain(params.value(QLatin1String("text")).toString())));
}

} // namespace cring::app
