// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/serverkeycheck.h"

#include "core/accounts/charmfolder.h"
#include "core/charm/serverkey.h"
#include "core/config/nodeplace.h"
#include "core/config/secretfile.h"
#include "core/ssh/publickey.h"

#include <QFile>
#include <QtEndian>

namespace cring::app {

namespace {

constexpr qint64 kLongestPublicKey = 4096;

/// As a .pub file has it (RFC 8709, section 4).
QByteArray publicText(const charm::ServerKey &key)
{
    const QByteArray type("ssh-ed25519");
    QByteArray blob;
    for (const QByteArray &part : {type, key.publicKey()}) {
        const quint32 size = qToBigEndian(static_cast<quint32>(part.size()));
        blob.append(reinterpret_cast<const char *>(&size), sizeof size);
        blob += part;
    }
    return type + ' ' + blob.toBase64();
}

/// "" where it cannot be seen from here.
QByteArray keyOf(const config::Server &server)
{
    const auto place = config::parseNodePlace(server.data); // "" is none
    if (!place || !place->isLocal())
        return {};
    QFile file(place->path + QLatin1Char('/') + accounts::charmfolder::kPublicKey);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const Result<QByteArray> text = ssh::publicKeyText(file.read(kLongestPublicKey));
    return text ? *text : QByteArray();
}

} // namespace

std::optional<config::Problem> judgeServerKey(const config::Config &config)
{
    const QString &place = config.identity.serverKey;
    const Result<Secret> text = config::readSecret(place, qEnvironmentVariable("CREDENTIALS_DIRECTORY"));
    if (!text) // That it cannot be read, the configuration's own checks have told.
        return std::nullopt;
    const QString key = QStringLiteral("identity.server_key");
    const auto read = charm::ServerKey::parse(text->view());
    if (!read)
        return config::Problem{read.error().code, key,
                               QStringLiteral("\"%1\" %2").arg(place, read.error().detail)};
    for (const config::Server &server : config.servers) {
        const QByteArray own = keyOf(server);
        if (!own.isEmpty() && own != publicText(*read))
            return config::Problem{
                Code::ServerKeyDiffers, key,
                QStringLiteral("\"%1\" is not the key of %2, which signs with that in %3: the servers would "
                               "refuse what it signs. Name %4/%5")
                    .arg(place, server.name, server.data, server.data, accounts::charmfolder::kKey)};
    }
    return std::nullopt;
}

} // namespace cring::app
