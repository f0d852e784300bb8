// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/endpoint.h"

#include <QHostAddress>
#include <QRegularExpression>

namespace cring::config {

namespace {

Error refused(const QString &text, const QString &reason)
{
    return Error{
        Code::ConfigBadValue,
        QStringLiteral("\"%1\" is not an address to listen at: %2; expected HOST:PORT, \":PORT\" for every "
                       "address, or \"[IPV6]:PORT\"")
            .arg(text, reason)};
}

bool isHostName(const QString &host)
{
    static const QRegularExpression name(
        QStringLiteral("\\A[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?\\z"));
    return name.match(host).hasMatch() && !host.contains(QStringLiteral(".."));
}

} // namespace

QString Endpoint::toString() const
{
    const QString shown = host.contains(QLatin1Char(':')) ? QStringLiteral("[%1]").arg(host) : host;
    return QStringLiteral("%1:%2").arg(shown).arg(port);
}

Result<Endpoint> parseEndpoint(const QString &text)
{
    const qsizetype colon = text.lastIndexOf(QLatin1Char(':'));
    if (colon < 0)
        return refused(text, QStringLiteral("it has no port"));
    QString host = text.left(colon);
    const QString portText = text.mid(colon + 1);
    static const QRegularExpression digits(QStringLiteral("\\A[0-9]{1,5}\\z"));
    const int port = digits.match(portText).hasMatch() ? portText.toInt() : -1;
    if (port < 0 || port > 65535)
        return refused(text, QStringLiteral("the port must be a number from 0 to 65535"));

    if (host.startsWith(QLatin1Char('[')) && host.endsWith(QLatin1Char(']'))) {
        host = host.mid(1, host.size() - 2);
        if (QHostAddress(host).protocol() != QAbstractSocket::IPv6Protocol)
            return refused(text, QStringLiteral("the brackets do not hold an IPv6 address"));
    } else if (host.contains(QLatin1Char(':'))) {
        return refused(text, QStringLiteral("an IPv6 address stands in brackets"));
    } else if (!host.isEmpty() && !isHostName(host)) {
        return refused(text, QStringLiteral("that is not a host name"));
    }
    return Endpoint{host, static_cast<quint16>(port)};
}

} // namespace cring::config
