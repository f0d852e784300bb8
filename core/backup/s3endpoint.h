// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/http/clientconnection.h"

#include <QUrl>

#include <optional>

namespace cring::backup {

/// How a bucket is named in a request.
enum class Addressing {
    Auto,       ///< VirtualHost at Amazon, Path elsewhere.
    Path,       ///< https://host/bucket/key
    VirtualHost ///< https://bucket.host/key
};

/// Where a bucket is to be had. A value type.
class S3Endpoint
{
public:
    /// `url`: http or https, host and port, nothing else. ConfigBadValue says what is wrong.
    static Result<S3Endpoint> make(const QUrl &url, const QString &bucket, const QString &region,
                                   Addressing addressing, const QSslConfiguration &ssl,
                                   std::chrono::milliseconds connectTimeout);

    http::Origin origin() const;
    /// As it is signed: the port only where it is not the scheme's own.
    QByteArray hostField() const;
    /// Escaped path of an object; of the bucket for "".
    QByteArray path(QByteArrayView key) const;

    QByteArray region() const { return m_region.toLatin1(); }

    const QString &bucket() const { return m_bucket; }

    /// For messages: host and port without the bucket.
    QString name() const;

    /// The same bucket where the server says that it is: in `region` ("": said nothing of it), at `host`
    /// (host and port of an <Endpoint> or a Location; "" likewise). Nothing when that is where we are
    /// already, or when the place cannot be trusted with what is stored: another domain, or a step down from
    /// https.
    std::optional<S3Endpoint> redirected(const QByteArray &region, const QUrl &location) const;

private:
    S3Endpoint() = default;

    bool virtualHost() const;
    QString withBucket() const;

    QString m_host;
    quint16 m_port = 0;
    bool m_tls = false;
    QString m_bucket;
    QString m_region;
    Addressing m_addressing = Addressing::Auto;
    QSslConfiguration m_ssl;
    std::chrono::milliseconds m_connectTimeout{0};
};

} // namespace cring::backup
