// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/accountedit.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QUuid>

#include <optional>

namespace cring::accounts::edit {

namespace {

const QString kKind = QStringLiteral("charmedring");
const QString kAccount = QStringLiteral("account");
/// A number in JSON is exact up to here.
constexpr quint64 kLargest = 1ULL << 53;

Error bad(const QString &why)
{
    return {Code::AccountFile, why};
}

/// Texts of a database are bytes; once one is no UTF-8, the whole cannot be kept.
struct Writer
{
    bool exact = true;

    QJsonValue operator()(const QByteArray &bytes)
    {
        const QString text = QString::fromUtf8(bytes);
        exact = exact && text.toUtf8() == bytes;
        return text;
    }
};

QByteArray textIn(const QJsonObject &object, const char *name)
{
    return object.value(QLatin1String(name)).toString().toUtf8();
}

QJsonArray writeKeys(const QList<PublicKey> &keys, Writer &text)
{
    QJsonArray list;
    for (const PublicKey &key : keys) {
        QJsonArray sealed;
        for (const EncryptKey &encryptKey : key.encryptKeys)
            sealed.append(QJsonObject{{QStringLiteral("id"), text(encryptKey.globalId)},
                                      {QStringLiteral("sealed"), text(encryptKey.sealed)},
                                      {QStringLiteral("createdAt"), text(encryptKey.createdAt)}});
        list.append(QJsonObject{{QStringLiteral("key"), text(key.text)},
                                {QStringLiteral("createdAt"), text(key.createdAt)},
                                {QStringLiteral("encryptKeys"), sealed}});
    }
    return list;
}

Status readKeys(const QJsonArray &list, Account &account)
{
    for (const QJsonValue value : list) {
        const QJsonObject entry = value.toObject();
        PublicKey key{textIn(entry, "key"), textIn(entry, "createdAt"), {}};
        if (fingerprint(key.text) == "?")
            return bad(QStringLiteral("one of its keys cannot be read"));
        for (const QJsonValue sealed : entry.value(QLatin1String("encryptKeys")).toArray()) {
            const QJsonObject one = sealed.toObject();
            EncryptKey encryptKey{textIn(one, "id"), textIn(one, "sealed"), textIn(one, "createdAt")};
            if (encryptKey.globalId.isEmpty() || encryptKey.sealed.isEmpty())
                return bad(QStringLiteral("one of its encrypt keys cannot be read"));
            insertEncryptKey(key.encryptKeys, std::move(encryptKey));
        }
        insertKey(account.keys, std::move(key));
    }
    return account.keys.isEmpty() ? Status(bad(QStringLiteral("it holds no key"))) : Status();
}

} // namespace

Result<QJsonObject> fileOf(const Account &account)
{
    Writer text;
    QJsonObject sequences;
    for (const auto &[name, value] : account.sequences) {
        sequences.insert(text(name).toString(), static_cast<qint64>(value));
        text.exact = text.exact && value <= kLargest;
    }
    const QJsonObject file{{kKind, kAccount},
                           {QStringLiteral("version"), 1},
                           {QStringLiteral("id"), text(account.charmId)},
                           {QStringLiteral("name"), text(account.name)},
                           {QStringLiteral("email"), text(account.email)},
                           {QStringLiteral("bio"), text(account.bio)},
                           {QStringLiteral("createdAt"), text(account.createdAt)},
                           {QStringLiteral("keys"), writeKeys(account.keys, text)},
                           {QStringLiteral("sequences"), sequences}};
    if (!text.exact)
        return bad(QStringLiteral("account %1 has a text that is not UTF-8, and cannot be kept in a file")
                       .arg(QString::fromLatin1(account.charmId)));
    if (QJsonDocument(file).toJson().size() > kLongestFile)
        return bad(
            QStringLiteral("account %1 has more keys than a file may hold, so a file could not bring it "
                           "back")
                .arg(QString::fromLatin1(account.charmId)));
    return file;
}

Result<Account> fromFile(const QJsonObject &file)
{
    if (file.value(kKind).toString() != kAccount)
        return bad(QStringLiteral("it is no file of `cring accounts disable --export`"));
    if (file.value(QLatin1String("version")).toInt() != 1)
        return bad(QStringLiteral("it was written by a newer release"));
    Account account;
    account.charmId = textIn(file, "id");
    if (QUuid::fromString(QLatin1String(account.charmId)).toByteArray(QUuid::WithoutBraces) !=
        account.charmId)
        return bad(QStringLiteral("its id is none of a Charm account"));
    account.name = textIn(file, "name");
    account.email = textIn(file, "email");
    account.bio = textIn(file, "bio");
    account.createdAt = textIn(file, "createdAt");
    const QJsonObject sequences = file.value(QLatin1String("sequences")).toObject();
    for (auto it = sequences.begin(); it != sequences.end(); ++it) {
        const qint64 value = it.value().toInteger(-1);
        if (value < 0)
            return bad(QStringLiteral("one of its sequences is no number"));
        account.sequences[it.key().toUtf8()] = static_cast<quint64>(value);
    }
    if (const Status keys = readKeys(file.value(QLatin1String("keys")).toArray(), account); !keys)
        return keys.error();
    return account;
}

} // namespace cring::accounts::edit
