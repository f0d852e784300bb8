// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/http/message.h"

#include <QString>
#include <QStringList>

namespace cring::replica {

/// What a client is told at the end of a request that the ring answers itself.
struct Outcome
{
    int status = 0;
    QByteArray contentType;
    QByteArray body;
    QString summary; ///< For the activity log; empty for a plain success.
};

/// An error's answer is a short JSON message; more of it is not kept.
inline constexpr qsizetype kMaxErrorBody = 16 * 1024;

/// 404 that means "this server does not know the account", not "no such file" (server/middleware.go:115).
bool isMissingUser(int status, QByteArrayView body);
/// Why a server did not do it, to follow its name: "does not know the account", "answered 403: user storage
/// limit exceeded".
QString describeAnswer(int status, QByteArrayView contentType, QByteArrayView body);
/// An answer with {"message": "…"}, the form that the charm client shows (client/http.go:73).
Outcome refusal(int status, const QString &message);
/// 507: what the ring has to remember cannot be written; `problem` says why, `before` what has happened all
/// the same.
Outcome recordsRefusal(const QString &problem, const QString &before = {});
/// 503 to a reader who has waited long enough for a change to end.
Outcome beingWritten();
/// "charm1 refused the connection, charm2 did not answer within 2 s".
QString listed(const QStringList &reasons);

} // namespace cring::replica
