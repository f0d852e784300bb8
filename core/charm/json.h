// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QByteArrayView>
#include <QtGlobal>

#include <optional>
#include <vector>

/// A strict reader of one level of JSON at a time (RFC 8259), for what QJsonDocument cannot do: it hands out
/// the text of each value untouched (a listing's entry is passed on as it came), keeps 64-bit integers whole
/// (a double loses bits above 2^53), and refuses an object that names a key twice (two readers of one token
/// must not see two things). All functions return nothing for text that is not what was asked for; views
/// point into the text that was given.
namespace cring::charm::json {

struct Member
{
    QByteArray key;
    QByteArrayView value; ///< Valid JSON, without white space around it.
};

/// The members of an object, in order. Bounded: 256 members, 32 levels.
std::optional<std::vector<Member>> members(QByteArrayView text);

/// The elements of an array, in order.
std::optional<std::vector<QByteArrayView>> elements(QByteArrayView text);

/// The first member of that name, or nullptr.
const QByteArrayView *find(const std::vector<Member> &members, QByteArrayView key);

std::optional<QByteArray> string(QByteArrayView value); ///< Unescaped, valid UTF-8.
std::optional<bool> boolean(QByteArrayView value);
std::optional<quint64> unsignedInteger(QByteArrayView value); ///< Digits only: no sign, fraction or exponent.
std::optional<qint64> integer(QByteArrayView value);
bool isNull(QByteArrayView value);

/// As a JSON string, with its quotes. Text that is not UTF-8 gets replacement characters.
QByteArray quoted(QByteArrayView utf8);
/// The same as Go's encoding/json writes it: <, > and & are escaped, too.
QByteArray quotedAsGo(QByteArrayView utf8);

} // namespace cring::charm::json
