// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/s3endpoint.h"

#include "core/backup/sigv4.h"

#include <QHostAddress>

#include <algorithm>

namespace cring::backup {

namespace {

constexpr quint16 kHttp = 80;
constexpr quint16 kHttps = 443;
constexpr const char *kAmazon = ".amazonaws.com";

Error bad(const QString &words)
{
    return {Code::ConfigBadValue, words};
}

/// Amazon S3 User Guide, "Bucket naming rules"; older buckets have capitals and underscores, too.
bool isBucketName(const QString &name)
{
    return name.size() >= 3 && name.size() <= 63 && name != QStringLiteral("..") &&
           !name.contains(QStringLiteral("..")) && std::all_of(name.begin(), name.end(), [](QChar c) {
               return c.unicode() < 0x80 && (c.isLetterOrNumber() || c == u'-' || c == u'.' || c == u'_');
           });
}

bool isAmazon(const QString &host)
{
    return host.endsWith(QLatin1String(kAmazon));
}

/// The last two labels: what one owner has, as far as it can be told without a list of all registries.
QString domain(const QString &host)
{
    if (!QHostAddress(host).isNull())
        return host;
    return host.section(u'.', -2);
}

} // namespace

Result<S3Endpoint> S3Endpoint::make(const QUrl &url, const QString &bucket, const QString &region,
                                    Addressing addressing, const QSslConfiguration &ssl,
                                    std::chrono::milliseconds connectTimeout)
{
    const bool tls = url.scheme() == QStringLiteral("https");
    if ((!tls && url.scheme() != QStringLiteral("http")) || url.host().isEmpty())
        return bad(QStringLiteral("The S3 endpoint is not of the form https://HOST or http://HOST:PORT."));
    if (!url.userInfo().isEmpty() || url.path().size() > 1 || url.hasQuery() || url.hasFragment())
        return bad(QStringLiteral(
            "The S3 endpoint has more than host and port: the bucket and the keys are settings "
            "of their own."));
    if (!isBucketName(bucket))
        return bad(QStringLiteral("“%1” cannot be the name of a bucket.").arg(bucket));
    S3Endpoint out;
    out.m_host = url.host().toLower();
    out.m_port = static_cast<quint16>(url.port(tls ? kHttps : kHttp));
    out.m_tls = tls;
    out.m_bucket = bucket;
    out.m_region = region;
    out.m_addressing = addressing;
    out.m_ssl = ssl;
    out.m_connectTimeout = connectTimeout;
    return out;
}

bool S3Endpoint::virtualHost() const
{
    if (m_addressing != Addressing::Auto)
        return m_addressing == Addressing::VirtualHost;
    // A certificate for *.host covers no name with more dots.
    return isAmazon(m_host) && !m_bucket.contains(u'.');
}

QString S3Endpoint::withBucket() const
{
    return virtualHost() ? m_bucket + u'.' + m_host : m_host;
}

http::Origin S3Endpoint::origin() const
{
    http::Origin origin;
    origin.host = withBucket();
    origin.port = m_port;
    origin.tls = m_tls;
    origin.ssl = m_ssl;
    origin.connectTimeout = m_connectTimeout;
    return origin;
}

QByteArray S3Endpoint::hostField() const
{
    const http::Origin here = origin();
    if (m_port != (m_tls ? kHttps : kHttp))
        return here.authority();
    QByteArray host = here.authority();
    return host.first(host.lastIndexOf(':'));
}

QByteArray S3Endpoint::path(QByteArrayView key) const
{
    const QByteArray escaped = uriEncode(key, true);
    if (virtualHost())
        return '/' + escaped;
    return '/' + m_bucket.toLatin1() + (key.isEmpty() ? QByteArray() : '/' + escaped);
}

QString S3Endpoint::name() const
{
    if (m_port == (m_tls ? kHttps : kHttp))
        return m_host;
    return QStringLiteral("%1:%2").arg(m_host).arg(m_port);
}

std::optional<S3Endpoint> S3Endpoint::redirected(const QByteArray &region, const QUrl &location) const
{
    S3Endpoint out = *this;
    if (!region.isEmpty())
        out.m_region = QString::fromLatin1(region);
    QString host = location.host().toLower();
    if (host.startsWith(m_bucket + u'.'))
        host.remove(0, m_bucket.size() + 1);
    if (!host.isEmpty()) {
        if (m_tls && !location.scheme().isEmpty() && location.scheme() != QStringLiteral("https"))
            return std::nullopt;
        if (domain(host) != domain(m_host))
            return std::nullopt;
        out.m_host = host;
        out.m_port = static_cast<quint16>(location.port(m_port));
    } else if (isAmazon(m_host) && !region.isEmpty()) {
        out.m_host = QStringLiteral("s3.%1.amazonaws.com").arg(out.m_region);
    }
    const bool same = out.m_host == m_host && out.m_port == m_port && out.m_region == m_region;
    return same ? std::nullopt : std::optional(out);
}

} // namespace cring::backup
