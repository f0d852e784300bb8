// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/notify/message.h"

#include <QDateTime>

namespace cring::notify {

namespace {

QString isoTime(qint64 ms)
{
    return QDateTime::fromMSecsSinceEpoch(ms, Qt::UTC).toString(Qt::ISODateWithMs);
}

} // namespace

QJsonObject Message::toJson() const
{
    QJsonObject object{{QStringLiteral("topic"), topic},
                       {QStringLiteral("kind"), kind},
                       {QStringLiteral("title"), title},
                       {QStringLiteral("text"), text.isEmpty() ? title : title + u'\n' + text},
                       {QStringLiteral("ring"), ring},
                       {QStringLiteral("at"), isoTime(atMs)}};
    if (sinceMs)
        object.insert(QStringLiteral("since"), isoTime(*sinceMs));
    return object;
}

QJsonObject kept(const Message &message)
{
    QJsonObject object{{QStringLiteral("topic"), message.topic}, {QStringLiteral("kind"), message.kind},
                       {QStringLiteral("title"), message.title}, {QStringLiteral("text"), message.text},
                       {QStringLiteral("ring"), message.ring},   {QStringLiteral("atMs"), message.atMs}};
    if (message.sinceMs)
        object.insert(QStringLiteral("sinceMs"), *message.sinceMs);
    return object;
}

std::optional<Message> fromKept(const QJsonObject &object)
{
    const auto text = [&](const char *name) {
        return object.value(QLatin1String(name)).toString();
    };
    Message message{text("topic"),
                    text("kind"),
                    text("title"),
                    text("text"),
                    object.value(QLatin1String("atMs")).toInteger(),
                    {},
                    text("ring")};
    if (message.topic.isEmpty() || message.kind.isEmpty())
        return std::nullopt;
    if (const QJsonValue since = object.value(QLatin1String("sinceMs")); since.isDouble())
        message.sinceMs = since.toInteger();
    return message;
}

} // namespace cring::notify
