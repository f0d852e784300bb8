// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/accountscommand.h"

#include "core/base/words.h"

#include <QJsonArray>

namespace cring::app {

namespace {

constexpr QLatin1String kRound("round");
} // namespace

QString roundWords(const QJsonObject &round)
{
    QString text;
    for (const QJsonValue value : round.value(QLatin1String("servers")).toArray()) {
        const QJsonObject server = value.toObject();
        const QString problem = server.value(QLatin1String("problem")).toString();
        const qint64 changes = server.value(QLatin1String("changes")).toInteger();
        text += QStringLiteral("%1: %2\n")
                    .arg(plain(server.value(QLatin1String("name")).toString()),
                         !problem.isEmpty() ? plain(problem)
                         : changes == 0     ? QStringLiteral("has everything")
                                        : QStringLiteral("got %1").arg(words::counted(changes, "change")));
        for (const QJsonValue warning : server.value(QLatin1String("warnings")).toArray())
            text += QStringLiteral("  %1\n").arg(plain(warning.toString()));
    }
    for (const QJsonValue clash : round.value(QLatin1String("clashes")).toArray())
        text += QStringLiteral("To be decided: %1\n").arg(plain(clash.toString()));
    for (const QJsonValue name : round.value(QLatin1String("without")).toArray())
        text += QStringLiteral("%1: takes no part: say where its data are (`cring backends edit %1 --data "
                               "PLACE`)\n")
                    .arg(plain(name.toString()));
    return text;
}

int roundExit(const QJsonObject &round)
{
    for (const QJsonValue server : round.value(QLatin1String("servers")).toArray()) {
        if (server.toObject().contains(QLatin1String("problem")))
            return PartlyDone;
    }
    return round.value(QLatin1String("clashes")).toArray().isEmpty() ? Ok : DoneWithFindings;
}

AccountsListCommand::AccountsListCommand(ServiceCommandContext context)
    : PagedCommand(std::move(context), QStringLiteral("accounts.list"), {}, QStringLiteral("accounts"))
{
}

void AccountsListCommand::showEntries(const QJsonArray &entries)
{
    if (entries.isEmpty())
        return;
    PaintedTable table;
    table.addRow({heading("ACCOUNT"), heading("NAME"), heading("KEYS", true), heading("SEQUENCES", true),
                  heading("")});
    for (const QJsonValue entry : entries) {
        const QJsonObject account = entry.toObject();
        table.addRow(
            {{account.value(QLatin1String("id")).toString(), Tone::Strong},
             {account.value(QLatin1String("name")).toString()},
             {QString::number(account.value(QLatin1String("keys")).toArray().size()), Tone::Plain, true},
             {QString::number(account.value(QLatin1String("sequences")).toInteger()), Tone::Plain, true},
             {account.value(QLatin1String("disabled")).toBool() ? QStringLiteral("disabled") : QString(),
              Tone::Warning}});
    }
    print(table.toString(terminal()));
}

void AccountsListCommand::showEnd(const QJsonObject &last)
{
    const QJsonObject round = last.value(kRound).toObject();
    if (round.isEmpty()) {
        print(QStringLiteral(
            "No accounts are known: name the servers' data directories (`cring backends edit NAME "
            "--data PATH`).\n"));
        return;
    }
    print(u'\n' + roundWords(round));
}

QJsonObject AccountsListCommand::summary(const QJsonObject &last) const
{
    return {{QStringLiteral("accounts"), count()}, {kRound, last.value(kRound)}};
}

AccountsSyncCommand::AccountsSyncCommand(ServiceCommandContext context)
    : ServiceCommand(std::move(context))
{
}

void AccountsSyncCommand::handleOpened(const control::ServiceInfo &)
{
    call(
        QStringLiteral("accounts.sync"), {}, [this](const QJsonObject &answer) { show(answer); },
        kAccountsPatience);
}

void AccountsSyncCommand::show(const QJsonObject &answer)
{
    const QJsonObject round = answer.value(kRound).toObject();
    if (json())
        printJson(round);
    else
        print(roundWords(round));
    finish(roundExit(round));
}

} // namespace cring::app
