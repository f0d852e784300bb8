// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/answers.h"

#include <QJsonDocument>
#include <QJsonObject>

namespace cring::replica {

namespace {

QString messageOf(QByteArrayView contentType, QByteArrayView body)
{
    if (!contentType.startsWith("application/json"))
        return {};
    const QString message =
        QJsonDocument::fromJson(body.toByteArray()).object().value(QStringLiteral("message")).toString();
    return message.left(200);
}

} // namespace

bool isMissingUser(int status, QByteArrayView body)
{
    return status == 404 && body.contains("missing user");
}

QString describeAnswer(int status, QByteArrayView contentType, QByteArrayView body)
{
    if (isMissingUser(status, body))
        return QStringLiteral("does not know this account");
    const QString message = messageOf(contentType, body);
    if (status == 403 && message == QLatin1String("user storage limit exceeded"))
        return QStringLiteral("has no room left for this account (user storage limit exceeded)");
    return message.isEmpty() ? QStringLiteral("answered %1").arg(status)
                             : QStringLiteral("answered %1: %2").arg(status).arg(message);
}

Outcome refusal(int status, const QString &message)
{
    const QJsonObject object{{QStringLiteral("message"), message}};
    return {status, "application/json", QJsonDocument(object).toJson(QJsonDocument::Compact) + '\n', message};
}

Outcome beingWritten()
{
    return refusal(503, QStringLiteral("it is just being written, and the servers take long over it"));
}

Outcome recordsRefusal(const QString &problem, const QString &before)
{
    return refusal(507,
                   before + QStringLiteral("the ring cannot write down what it stores: %1").arg(problem));
}

QString listed(const QStringList &reasons)
{
    return reasons.join(QStringLiteral(", "));
}

} // namespace cring::replica
