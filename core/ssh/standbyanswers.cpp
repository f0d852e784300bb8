// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/standbyanswers.h"

#include "core/charm/json.h"

#include <QDateTime>
#include <QRegularExpression>

#include <algorithm>

namespace cring::ssh::answers {

namespace {

using charm::json::quotedAsGo;

/// LinkStatusError (proto/link.go).
constexpr int kLinkStatusError = 9;

QByteArray encryptKey(const DirectoryAccount::EncryptKey &key)
{
    return R"({"id":)" + quotedAsGo(key.globalId) + R"(,"key":)" + quotedAsGo(key.sealed) +
           R"(,"created_at":)" + jsonTime(key.createdAt) + '}';
}

QByteArray encryptKeys(QList<DirectoryAccount::EncryptKey> keys)
{
    // The first one names files: ORDER BY created_at, as text (server/db/sqlite/sql.go).
    std::ranges::stable_sort(keys, {}, &DirectoryAccount::EncryptKey::createdAt);
    QByteArrayList list;
    for (const auto &key : keys)
        list.append(encryptKey(key));
    return list.join(',');
}

const QRegularExpression &timePattern()
{
    static const QRegularExpression pattern(QStringLiteral(
        R"(^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?)"
        R"((?:Z|([+-]\d\d):(\d\d)| ([+-]\d\d)(\d\d) [A-Z]{3,5}(?: m=.*)?| ([+-]\d\d)(\d\d) [+-]\d{2,4}(?: m=.*)?)?$)"));
    return pattern;
}

/// "+02:00", "Z" at Greenwich.
QByteArray offset(const QRegularExpressionMatch &match)
{
    for (int group = 8; group <= 12; group += 2) {
        const QString hours = match.captured(group);
        const QString minutes = match.captured(group + 1);
        if (hours.toInt() != 0 || minutes.toInt() != 0)
            return (hours + u':' + minutes).toLatin1();
    }
    return "Z";
}

} // namespace

QByteArray jsonTime(const QByteArray &stored)
{
    const QRegularExpressionMatch match = timePattern().match(QString::fromLatin1(stored.trimmed()));
    const auto number = [&](int group) {
        return match.captured(group).toInt();
    };
    if (!match.hasMatch() || !QDate::isValid(number(1), number(2), number(3)) || number(4) > 23 ||
        number(5) > 59 || number(6) > 59)
        return "null";
    const auto digits = [&](int group) {
        const QByteArray text = match.captured(group).toLatin1();
        return text.isEmpty() ? QByteArrayLiteral("00") : text;
    };
    QByteArray fraction = match.captured(7).toLatin1();
    while (fraction.endsWith('0'))
        fraction.chop(1);
    if (!fraction.isEmpty())
        fraction.prepend('.');
    return '"' + match.captured(1).toLatin1() + '-' + digits(2) + '-' + digits(3) + 'T' + digits(4) + ':' +
           digits(5) + ':' + digits(6) + fraction + offset(match) + '"';
}

QByteArray auth(const DirectoryAccount &account, const QByteArray &keyText, const QByteArray &token,
                const QByteArray &scheme)
{
    QByteArray sealed;
    for (const DirectoryAccount::Key &key : account.keys) {
        if (key.text == keyText)
            sealed = encryptKeys(key.encryptKeys);
    }
    QByteArray text = R"({"jwt":)" + quotedAsGo(token) + R"(,"charm_id":)" + quotedAsGo(account.charmId) +
                      R"(,"http_scheme":)" + quotedAsGo(scheme) + R"(,"public_key":)" + quotedAsGo(keyText);
    if (!sealed.isEmpty())
        text += R"(,"encrypt_keys":[)" + sealed + ']';
    return text + "}\n";
}

QByteArray keys(const DirectoryAccount &account, const QByteArray &keyText)
{
    qsizetype active = -1;
    QByteArrayList list;
    for (const DirectoryAccount::Key &key : account.keys) {
        if (key.text == keyText)
            active = list.size();
        list.append(R"({"id":)" + QByteArray::number(list.size() + 1) + R"(,"key":)" + quotedAsGo(key.text) +
                    R"(,"created_at":)" + jsonTime(key.createdAt) + '}');
    }
    return R"({"active_key":)" + QByteArray::number(active) + R"(,"keys":[)" + list.join(',') + "]}\n";
}

QByteArray message(const QString &text)
{
    return R"({"message":)" + quotedAsGo(text.toUtf8()) + "}\n";
}

QByteArray linkRefusal(const QString &text)
{
    return R"({"token":"","request_pub_key":"","request_addr":"","host":"","port":0,"status":)" +
           QByteArray::number(kLinkStatusError) + R"(,"message":)" + quotedAsGo(text.toUtf8()) + "}\n";
}

UnlinkRequest readUnlink(QByteArrayView input, bool ended)
{
    using State = UnlinkRequest::State;
    // The client writes one line; a server would take a value without one as well.
    const qsizetype line = input.indexOf('\n');
    for (const QByteArrayView text : {line < 0 ? input : input.first(line), input}) {
        const auto members = charm::json::members(text);
        if (!members)
            continue;
        const QByteArrayView *key = charm::json::find(*members, "key");
        const auto value = key ? charm::json::string(*key) : QByteArray();
        return value ? UnlinkRequest{State::Complete, *value} : UnlinkRequest{State::Malformed, {}};
    }
    return {ended ? State::Malformed : State::Incomplete, {}};
}

} // namespace cring::ssh::answers
