// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/accountjson.h"

#include <QJsonArray>

namespace cring::service {

using accounts::Account;
using accounts::AccountKeeper;

namespace {

QString words(const QByteArray &text)
{
    return QString::fromUtf8(text);
}

QString fingerprint(const accounts::PublicKey &key)
{
    return QString::fromLatin1(accounts::fingerprint(key.text));
}

QJsonObject serverLine(const accounts::ServerOutcome &server)
{
    QJsonObject one{{QStringLiteral("name"), server.name},
                    {QStringLiteral("changes"), static_cast<qint64>(server.done)}};
    if (server.error)
        one.insert(QStringLiteral("problem"), server.problem());
    if (!server.warnings.isEmpty())
        one.insert(QStringLiteral("warnings"), QJsonArray::fromStringList(server.warnings));
    return one;
}

} // namespace

QJsonObject accountLine(const Account &account)
{
    QJsonArray fingerprints;
    for (const accounts::PublicKey &key : account.keys)
        fingerprints.append(fingerprint(key));
    return {{QStringLiteral("id"), QString::fromLatin1(account.charmId)},
            {QStringLiteral("name"), words(account.name)},
            {QStringLiteral("keys"), fingerprints},
            {QStringLiteral("sequences"), static_cast<qint64>(account.sequences.size())}};
}

QJsonObject disabledLine(const QByteArray &charmId, const accounts::Gone &gone)
{
    QJsonArray fingerprints;
    for (const QByteArray &key : gone.disabled.at(charmId))
        fingerprints.append(QString::fromLatin1(accounts::fingerprint(key)));
    const auto known = gone.accounts.find(charmId);
    const qsizetype sequences =
        known == gone.accounts.end() ? 0 : static_cast<qsizetype>(known->second.sequences.size());
    return {{QStringLiteral("id"), QString::fromLatin1(charmId)},
            {QStringLiteral("name"), QString()},
            {QStringLiteral("keys"), fingerprints},
            {QStringLiteral("sequences"), static_cast<qint64>(sequences)},
            {QStringLiteral("disabled"), true}};
}

QJsonObject accountCard(const Account &account)
{
    QJsonArray keys;
    for (const accounts::PublicKey &key : account.keys) {
        QJsonArray encryptKeys;
        for (const accounts::EncryptKey &encryptKey : key.encryptKeys)
            encryptKeys.append(QJsonObject{{QStringLiteral("id"), words(encryptKey.globalId)},
                                           {QStringLiteral("createdAt"), words(encryptKey.createdAt)}});
        keys.append(QJsonObject{{QStringLiteral("fingerprint"), fingerprint(key)},
                                {QStringLiteral("createdAt"), words(key.createdAt)},
                                {QStringLiteral("encryptKeys"), encryptKeys}});
    }
    QJsonObject sequences;
    for (const auto &[name, value] : account.sequences)
        sequences.insert(words(name), static_cast<qint64>(value));
    return {{QStringLiteral("id"), QString::fromLatin1(account.charmId)},
            {QStringLiteral("name"), words(account.name)},
            {QStringLiteral("createdAt"), words(account.createdAt)},
            {QStringLiteral("keys"), keys},
            {QStringLiteral("sequences"), sequences}};
}

QJsonObject roundJson(const AccountKeeper &keeper)
{
    QJsonObject object;
    const auto &report = keeper.report();
    if (!report)
        return object;
    QJsonArray servers;
    for (const accounts::ServerOutcome &server : report->outcome.servers)
        servers.append(serverLine(server));
    QJsonArray clashes;
    for (const accounts::Clash &clash : report->outcome.clashes)
        clashes.append(clash.toString());
    QJsonArray without;
    for (const AccountKeeper::Server &server : keeper.servers()) {
        if (!server.data)
            without.append(server.name);
    }
    object.insert(QStringLiteral("atMs"), static_cast<qint64>(report->at.count()));
    object.insert(QStringLiteral("servers"), servers);
    object.insert(QStringLiteral("clashes"), clashes);
    if (!without.isEmpty())
        object.insert(QStringLiteral("without"), without);
    return object;
}

} // namespace cring::service
