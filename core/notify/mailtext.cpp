// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/notify/mailtext.h"

#include "core/base/log.h"

#include <QDateTime>
#include <QLocale>

namespace cring::notify {

namespace {

/// RFC 2045, section 6.8, and RFC 2047, section 2: bytes of a line, and of an encoded word's text.
constexpr qsizetype kBase64Line = 76;
constexpr qsizetype kWordBytes = 42;

QByteArray field(const char *name, const QByteArray &value)
{
    return QByteArray(name) + ": " + value + "\r\n";
}

/// RFC 2047: words of whole characters, each on a line.
QByteArray encodedText(const QString &text)
{
    QByteArrayList words;
    QByteArray bytes;
    const auto flush = [&] {
        if (!bytes.isEmpty())
            words.append("=?utf-8?B?" + std::exchange(bytes, {}).toBase64() + "?=");
    };
    for (const QChar *at = text.constBegin(); at != text.constEnd();) {
        const qsizetype units = at->isHighSurrogate() && at + 1 != text.constEnd() ? 2 : 1;
        const QByteArray character = QStringView(at, units).toUtf8();
        if (bytes.size() + character.size() > kWordBytes)
            flush();
        bytes += character;
        at += units;
    }
    flush();
    return words.join("\r\n ");
}

QByteArray headerText(const QString &text)
{
    const QString line = log::oneLine(text);
    const bool plain = line.size() <= 70 && std::all_of(line.begin(), line.end(), [](QChar c) {
                           return c.unicode() >= 0x20 && c.unicode() < 0x7f;
                       });
    return plain && !line.contains(QLatin1String("=?")) ? line.toLatin1() : encodedText(line);
}

QByteArray idOf(const Message &message, const QString &from)
{
    const QString host = from.mid(from.lastIndexOf(u'@') + 1);
    return QStringLiteral("<charmedring.%1.%2.%3@%4>")
        .arg(log::oneLine(message.topic), log::oneLine(message.kind))
        .arg(message.atMs)
        .arg(host)
        .toLatin1();
}

QByteArray bodyOf(const Message &message)
{
    QString text = message.text.isEmpty() ? message.title : message.text;
    text += QStringLiteral("\n\n-- \nCharmed Ring on %1\n").arg(message.ring);
    text.replace(u'\n', QLatin1String("\r\n"));
    const QByteArray encoded = text.toUtf8().toBase64();
    QByteArray lines;
    for (qsizetype at = 0; at < encoded.size(); at += kBase64Line)
        lines += encoded.mid(at, kBase64Line) + "\r\n";
    return lines;
}

} // namespace

QByteArray mailText(const Message &message, const QString &from, const QStringList &to)
{
    const QDateTime at = QDateTime::fromMSecsSinceEpoch(message.atMs, Qt::UTC);
    return field("From", "Charmed Ring <" + from.toLatin1() + '>') +
           field("To", to.join(QStringLiteral(",\r\n ")).toLatin1()) +
           field("Subject", headerText(QStringLiteral("%1 (%2)").arg(message.title, message.ring))) +
           field("Date", QLocale::c().toString(at, QStringLiteral("ddd, dd MMM yyyy HH:mm:ss")).toLatin1() +
                             " +0000") +
           field("Message-ID", idOf(message, from)) +
           // RFC 3834: no vacation notes in return.
           field("Auto-Submitted", "auto-generated") +
           field("X-Charmed-Ring", headerText(message.topic + u' ' + message.kind)) +
           field("MIME-Version", "1.0") + field("Content-Type", "text/plain; charset=utf-8") +
           field("Content-Transfer-Encoding", "base64") + "\r\n" + bodyOf(message);
}

} // namespace cring::notify
