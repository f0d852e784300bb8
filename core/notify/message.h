// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QJsonObject>
#include <QString>

#include <optional>

namespace cring::notify {

/// What somebody is told. Holds no secret, and no path of a file.
struct Message
{
    QString topic;   ///< "writes-refused", …, or "test": what takes the place of an older one.
    QString kind;    ///< "begin" | "again" | "over" | "test"
    QString title;   ///< A few words.
    QString text;    ///< A sentence a line, plain text; may be empty.
    qint64 atMs = 0; ///< Wall time.
    std::optional<qint64> sinceMs; ///< Wall time of what has begun, or is over now.
    QString ring;                  ///< The machine that tells it.

    bool operator==(const Message &) const = default;

    /// As a webhook gets it: times in ISO 8601, UTC; docs/notices.md.
    QJsonObject toJson() const;
};

/// For keeping; nothing when it is no message.
QJsonObject kept(const Message &message);
std::optional<Message> fromKept(const QJsonObject &object);

} // namespace cring::notify
