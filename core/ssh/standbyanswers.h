// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/ssh/accountdirectory.h"

/// What a Charm server answers to its SSH commands (server/auth.go, server/link.go, proto/), byte for byte
/// but for what only one server's database knows: the row numbers of keys.
namespace cring::ssh::answers {

/// A time of a server's database as its answers have it (RFC 3339, with no more digits than it needs), or
/// `null` for a text that it could not read itself (modernc.org/sqlite, parseTime).
QByteArray jsonTime(const QByteArray &stored);

/// `api-auth`. `scheme`: http or https, of the issuer (server/auth.go:63).
QByteArray auth(const DirectoryAccount &account, const QByteArray &keyText, const QByteArray &token,
                const QByteArray &scheme);
/// `api-keys`.
QByteArray keys(const DirectoryAccount &account, const QByteArray &keyText);
/// How a server says that something went wrong.
QByteArray message(const QString &text);
/// To `api-link` and `api-link CODE`: the client reads the status and shows that there was an error, a person
/// reads the message.
QByteArray linkRefusal(const QString &text);

/// The key that `api-unlink` is asked to take away: of the first JSON value in `input`, which may still be
/// under way.
struct UnlinkRequest
{
    enum class State { Incomplete, Malformed, Complete } state;
    QByteArray key; ///< With Complete; may be "".
};
UnlinkRequest readUnlink(QByteArrayView input, bool ended);

} // namespace cring::ssh::answers
