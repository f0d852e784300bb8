// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/serverurl.h"

#include "core/config/endpoint.h"

namespace cring::config {

namespace {

constexpr int kCharmPort = 35354; ///< charm server/server.go: CHARM_SERVER_HTTP_PORT.
constexpr int kHttpsPort = 443;

Error refused(const QString &reason)
{
    return Error{
        Code::ConfigBadValue,
        QStringLiteral("expected a server's URL, http://HOST:PORT or https://HOST:PORT: %1").arg(reason)};
}

} // namespace

Result<QUrl> parseServerUrl(const QString &text)
{
    QUrl url(text, QUrl::StrictMode);
    if (text.contains(QLatin1Char('@')))
        return refused(QStringLiteral("a user name or password has no place in it"));
    if (!text.contains(QLatin1String("://"))) {
        const bool wouldDo = !text.isEmpty() && parseServerUrl(QStringLiteral("http://") + text).ok();
        return refused(wouldDo ? QStringLiteral("\"%1\" lacks the scheme; write \"http://%1\"").arg(text)
                               : QStringLiteral("\"%1\" is none").arg(text));
    }
    if (!url.isValid())
        return refused(QStringLiteral("\"%1\" is not a URL").arg(text));
    const QString scheme = url.scheme();
    if (scheme != QLatin1String("http") && scheme != QLatin1String("https"))
        return refused(QStringLiteral("not %1://").arg(scheme));
    if (url.host().isEmpty())
        return refused(QStringLiteral("\"%1\" names no host").arg(text));
    if (!url.path().isEmpty() && url.path() != QLatin1String("/"))
        return refused(QStringLiteral("\"%1\" has a path").arg(text));
    if (url.hasQuery() || url.hasFragment())
        return refused(QStringLiteral("\"%1\" has a query or a fragment").arg(text));
    if (url.port() == 0)
        return refused(QStringLiteral("port 0 is none"));
    url.setPath(QString());
    url.setPort(url.port(scheme == QLatin1String("https") ? kHttpsPort : kCharmPort));
    return url;
}

QString hostAndPort(const QUrl &url)
{
    return Endpoint{url.host(), static_cast<quint16>(url.port())}.toString();
}

} // namespace cring::config
