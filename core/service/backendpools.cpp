// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/backendpools.h"

#include "core/config/tlsfiles.h"
#include "core/http/pool.h"

namespace cring::service {

health::BackendSet::PoolMaker poolMaker(const config::Config &config)
{
    return [&config](const config::Server &server) {
        http::Origin origin;
        origin.host = server.url.host();
        origin.tls = server.url.scheme() == QLatin1String("https");
        origin.port = static_cast<quint16>(server.url.port(origin.tls ? 443 : 35354));
        origin.connectTimeout = config.timing.connectTimeout;
        if (origin.tls) {
            origin.ssl = QSslConfiguration::defaultConfiguration();
            // Asked for by name, the authorities of the person's own file stand alone: a public one has no
            // say about private servers.
            if (!config.caFile.isEmpty()) {
                // It was good when the configuration was validated; gone since then, nobody is trusted.
                const auto authorities = config::readCertificates(config.caFile);
                origin.ssl.setCaCertificates(authorities ? authorities.value() : QList<QSslCertificate>());
            }
        }
        return std::make_unique<http::Pool>(origin);
    };
}

} // namespace cring::service
