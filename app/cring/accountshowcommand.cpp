// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/accountchangecommand.h"
#include "core/base/words.h"

#include <QJsonArray>

namespace cring::app {

namespace {

QString textOf(const QJsonObject &object, const char *key)
{
    return plain(object.value(QLatin1String(key)).toString());
}

QString madeAt(const QJsonObject &object)
{
    const QString time = textOf(object, "createdAt");
    return time.isEmpty() ? QStringLiteral("-") : time;
}

QString keysTable(const Terminal &terminal, const QJsonArray &keys)
{
    PaintedTable table;
    table.addRow({heading("KEY"), heading("MADE"), heading("ENCRYPT KEYS")});
    for (const QJsonValue value : keys) {
        const QJsonObject key = value.toObject();
        QStringList ids;
        for (const QJsonValue encryptKey : key.value(QLatin1String("encryptKeys")).toArray())
            ids << textOf(encryptKey.toObject(), "id");
        table.addRow({{textOf(key, "fingerprint"), Tone::Strong},
                      {madeAt(key)},
                      {ids.isEmpty() ? QStringLiteral("none yet") : ids.join(u' ')}});
    }
    return table.toString(terminal);
}

QString sequencesTable(const Terminal &terminal, const QJsonObject &sequences)
{
    if (sequences.isEmpty())
        return {};
    PaintedTable table;
    table.addRow({heading("SEQUENCE"), heading("AT", true)});
    for (auto it = sequences.begin(); it != sequences.end(); ++it)
        table.addRow({{plain(it.key())}, {QString::number(it.value().toInteger()), Tone::Plain, true}});
    return u'\n' + table.toString(terminal);
}

QString stateWords(const QJsonObject &server)
{
    const QString state = textOf(server, "state");
    if (state == QStringLiteral("same"))
        return QStringLiteral("has it");
    if (state == QStringLiteral("lacks"))
        return QStringLiteral("does not have it");
    if (state != QStringLiteral("differs"))
        return QStringLiteral("is not known");
    QStringList differences;
    for (const QJsonValue difference : server.value(QLatin1String("differences")).toArray())
        differences << plain(difference.toString());
    return differences.join(QStringLiteral("; "));
}

QString serversTable(const Terminal &terminal, const QJsonArray &servers)
{
    PaintedTable table;
    table.addRow({heading("SERVER"), heading("THE ACCOUNT"), heading("")});
    for (const QJsonValue value : servers) {
        const QJsonObject server = value.toObject();
        const bool same = textOf(server, "state") == QStringLiteral("same");
        table.addRow({{textOf(server, "name"), Tone::Strong},
                      {stateWords(server), same ? Tone::Good : Tone::Warning},
                      {textOf(server, "problem")}});
    }
    return u'\n' + table.toString(terminal);
}

bool isEqual(const QJsonArray &servers)
{
    return std::all_of(servers.begin(), servers.end(), [](const QJsonValue &value) {
        return value.toObject().value(QLatin1String("state")).toString() == QStringLiteral("same");
    });
}

} // namespace

QString accountTitle(const QJsonObject &account)
{
    const QString name = textOf(account, "name");
    return name.isEmpty() ? textOf(account, "id")
                          : QStringLiteral("%1 (%2)").arg(textOf(account, "id"), name);
}

AccountShowCommand::AccountShowCommand(ServiceCommandContext context, QString account)
    : ServiceCommand(std::move(context))
    , m_account(std::move(account))
{
}

void AccountShowCommand::handleOpened(const control::ServiceInfo &)
{
    call(
        QStringLiteral("accounts.show"), {{QStringLiteral("account"), m_account}},
        [this](const QJsonObject &answer) { show(answer); }, kAccountsPatience);
}

void AccountShowCommand::show(const QJsonObject &answer)
{
    const QJsonObject account = answer.value(QLatin1String("account")).toObject();
    const QJsonArray servers = answer.value(QLatin1String("servers")).toArray();
    if (json()) {
        printJson(answer);
    } else {
        print(QStringLiteral("Account %1, made %2").arg(accountTitle(account), madeAt(account)));
        if (answer.contains(QLatin1String("files")))
            print(QStringLiteral("; %1 on record, %2")
                      .arg(words::counted(answer.value(QLatin1String("files")).toInteger(), "file"),
                           words::bytes(answer.value(QLatin1String("bytes")).toInteger())));
        print(QStringLiteral("\n\n") + keysTable(terminal(), account.value(QLatin1String("keys")).toArray()) +
              sequencesTable(terminal(), account.value(QLatin1String("sequences")).toObject()) +
              serversTable(terminal(), servers));
    }
    finish(isEqual(servers) ? Ok : DoneWithFindings);
}

} // namespace cring::app
