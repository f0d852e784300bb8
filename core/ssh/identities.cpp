// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/identities.h"

#include "core/config/endpoint.h"
#include "core/config/secretfile.h"

#include <QCryptographicHash>
#include <QHostAddress>
#include <QSysInfo>
#include <QUrl>

#include <algorithm>

namespace cring::ssh {

namespace {

void add(QStringList &hosts, const QString &host)
{
    if (!host.isEmpty() && !hosts.contains(host))
        hosts.append(host);
    // The client puts ":PORT" behind the name as it is.
    if (host.contains(QLatin1Char(':')) && !host.startsWith(QLatin1Char('[')))
        add(hosts, QLatin1Char('[') + host + QLatin1Char(']'));
}

void addFront(QStringList &hosts, const QString &address)
{
    const auto endpoint = config::parseEndpoint(address);
    if (!endpoint)
        return;
    const QHostAddress host(endpoint->host);
    const bool everywhere =
        endpoint->host.isEmpty() || host == QHostAddress::AnyIPv4 || host == QHostAddress::AnyIPv6;
    // The rest of 127.0.0.0/8 is not what localhost leads to.
    if (everywhere || host == QHostAddress::LocalHost || host == QHostAddress::LocalHostIPv6 ||
        endpoint->host == QLatin1String("localhost"))
        add(hosts, QStringLiteral("localhost"));
    if (everywhere || endpoint->host == QLatin1String("localhost"))
        add(hosts, QStringLiteral("127.0.0.1"));
    if (everywhere)
        add(hosts, QSysInfo::machineHostName());
    else
        add(hosts, endpoint->host);
}

void take(FoundIdentities &found, const QString &place, const QString &host, const KeyPlaces &places)
{
    const Result<Secret> key = config::readSecret(place, places.credentials);
    if (!key) {
        // No key for one of the names is what is to be expected.
        if (host.isEmpty() || key.error().code != Code::SecretMissing)
            found.problems.append(key.error());
        return;
    }
    const QByteArray digest = QCryptographicHash::hash(key->view(), QCryptographicHash::Sha256);
    const auto known = std::ranges::find(found.identities, digest, &Identity::digest);
    if (known != found.identities.end())
        known->hosts.append(host);
    else if (found.identities.size() < kMostIdentities)
        found.identities.append({place, host.isEmpty() ? QStringList() : QStringList{host}, digest});
}

} // namespace

bool isFolderName(const QString &host)
{
    return !host.isEmpty() && host != QLatin1String(".") && host != QLatin1String("..") &&
           !host.contains(QLatin1Char('/')) && !host.contains(QChar::Null);
}

KeyPlaces KeyPlaces::of(const QProcessEnvironment &environment)
{
    const auto value = [&](const char *name) {
        return environment.value(QString(QLatin1String(name)));
    };
    KeyPlaces places;
    places.credentials = value("CREDENTIALS_DIRECTORY");
    if (!value("CHARM_DATA_DIR").isEmpty())
        places.charmData = value("CHARM_DATA_DIR");
    else if (!value("XDG_DATA_HOME").isEmpty())
        places.charmData = value("XDG_DATA_HOME") + QStringLiteral("/charm");
    else if (!value("HOME").isEmpty())
        places.charmData = value("HOME") + QStringLiteral("/.local/share/charm");
    return places;
}

QStringList ringHosts(const config::Config &config, const QList<QByteArray> &issuers)
{
    QStringList hosts;
    addFront(hosts, config.address);
    addFront(hosts, config.sshAddress);
    for (const QByteArray &issuer : issuers)
        add(hosts, QUrl(QString::fromUtf8(issuer)).host());
    return hosts;
}

FoundIdentities findIdentities(const QString &setting, const KeyPlaces &places, const QStringList &hosts)
{
    FoundIdentities found;
    if (setting != QLatin1String("auto")) {
        take(found, setting, QString(), places);
        return found;
    }
    if (places.charmData.isEmpty())
        return found;
    for (const QString &host : hosts) {
        if (isFolderName(host))
            take(found, QStringLiteral("file:%1/%2/%3").arg(places.charmData, host, kClientKeyName), host,
                 places);
    }
    return found;
}

} // namespace cring::ssh
