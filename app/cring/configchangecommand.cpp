// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/configchangecommand.h"

#include "core/config/edit.h"
#include "core/config/load.h"

namespace cring::app {

ConfigChangeCommand::ConfigChangeCommand(ServiceCommandContext context, QString file, bool dryRun)
    : ServiceCommand(std::move(context))
    , m_file(std::move(file))
    , m_dryRun(dryRun)
{
}

void ConfigChangeCommand::handleOpened(const control::ServiceInfo &)
{
    call(QStringLiteral("backends.source"), {}, [this](const QJsonObject &source) {
        const QString origin = source.value(QLatin1String("origin")).toString();
        if (origin == QStringLiteral("flag") || origin == QStringLiteral("environment")) {
            refuse(QStringLiteral("the service has its servers from %1, which no command can change. Put "
                                  "them into the configuration file as [[server]] and start it without, or "
                                  "start it anew with another list")
                       .arg(origin == QStringLiteral("flag")
                                ? QStringLiteral("its --host flags")
                                : QStringLiteral("its environment (CRING_HOST)")),
                   BadConfiguration);
            return;
        }
        if (const QString file = source.value(QLatin1String("file")).toString(); !file.isEmpty())
            m_file = file;
        handleSource();
    });
}

void ConfigChangeCommand::handleFailed(const Error &error)
{
    if (error.code == Code::ControlUnavailable)
        change(false);
    else
        fail(error);
}

void ConfigChangeCommand::handleSource()
{
    change(true);
}

/// The first of two servers may be added to a file; a ring that runs needs both.
bool ConfigChangeCommand::mayLackServers(bool reloads) const
{
    return !reloads;
}

void ConfigChangeCommand::prepare(std::function<void()> then)
{
    then();
}

void ConfigChangeCommand::change(bool reloads)
{
    const Result<QByteArray> before = config::readFile(m_file);
    if (!before) {
        fail(before.error());
        return;
    }
    const Result<QByteArray> after = edited(*before);
    if (!after) {
        fail(after.error());
        return;
    }
    for (const config::Problem &problem : config::loadText(*after, m_file).problems) {
        if (problem.code == Code::ConfigIncomplete && !mayLackServers(reloads)) {
            fail({problem.code, problem.detail});
            return;
        }
    }
    if (m_dryRun)
        report({{QStringLiteral("dryRun"), true}});
    else
        prepare([this, before = *before, after = *after, reloads] { write(before, after, reloads); });
}

void ConfigChangeCommand::write(const QByteArray &before, const QByteArray &after, bool reloads)
{
    if (const Status status = config::writeFile(m_file, after); !status) {
        takeBack();
        fail(status.error());
        return;
    }
    if (reloads)
        reload(before);
    else
        report({{QStringLiteral("reloaded"), false}});
}

void ConfigChangeCommand::reload(const QByteArray &before)
{
    tryCall(QStringLiteral("reload"), {}, [this, before](const Result<QJsonObject> &answer) {
        if (answer) {
            report(*answer);
            return;
        }
        const Status restored = config::writeFile(m_file, before);
        takeBack();
        fail({answer.error().code,
              QStringLiteral("the service refused the change: %1. %2")
                  .arg(answer.error().detail,
                       restored ? QStringLiteral("The file is as it was") : restored.error().detail)});
    });
}

void ConfigChangeCommand::refuse(const QString &why, int exitCode)
{
    terminal().complain(why);
    finish(exitCode);
}

} // namespace cring::app
