// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/notifycommand.h"

#include "app/cring/commandfamily.h"

namespace cring::app {

void NotifyTestCommand::handleOpened(const control::ServiceInfo &)
{
    goThrough(QStringLiteral("notify.test"), {}, kTime,
              [](const QJsonObject &) { return QStringLiteral("Everybody who is to be told was told."); });
}

void addNotifyCommands(CLI::App &app, const CommandFamilyPtr &family)
{
    CLI::App *notify =
        addCommand(app, family, "notify", "Who is told by webhook, by mail or by a dead-man's call");
    notify->require_subcommand(1);
    addPlain<NotifyTestCommand>(*notify, family, "test",
                                "Tell everybody that this is a test, and say what came of it");
}

} // namespace cring::app
