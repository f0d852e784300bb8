// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/health/keyfile.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>

namespace cring::health::keyfile {

namespace {

constexpr int kFormat = 1;
constexpr qint64 kLargest = 1024 * 1024;
constexpr qsizetype kEd25519Bytes = 32;
constexpr QLatin1String kRecovered("recovered");
constexpr QFileDevice::Permissions kOwnerOnly = QFileDevice::ReadOwner | QFileDevice::WriteOwner;

QString text(const QJsonObject &object, QLatin1String name)
{
    return object.value(name).toString();
}

QJsonObject rootIn(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QJsonObject root = QJsonDocument::fromJson(file.read(kLargest)).object();
    return root.value(QLatin1String("format")).toInt() == kFormat ? root : QJsonObject();
}

TrustedKey keyIn(const QJsonObject &entry)
{
    TrustedKey key;
    key.kid = text(entry, QLatin1String("kid")).toUtf8();
    key.publicKey = QByteArray::fromBase64(text(entry, QLatin1String("public_key")).toLatin1());
    key.issuer = text(entry, QLatin1String("issuer")).toUtf8();
    return key;
}

bool isWhole(const TrustedKey &key)
{
    return key.publicKey.size() == kEd25519Bytes && !key.issuer.isEmpty();
}

QJsonObject entryOf(const TrustedKey &key)
{
    return {{QStringLiteral("kid"), QString::fromUtf8(key.kid)},
            {QStringLiteral("public_key"), QString::fromLatin1(key.publicKey.toBase64())},
            {QStringLiteral("issuer"), QString::fromUtf8(key.issuer)}};
}

Status save(const QString &path, const QJsonObject &root)
{
    QSaveFile file(path);
    const bool saved = file.open(QIODevice::WriteOnly) && file.setPermissions(kOwnerOnly) &&
                       file.write(QJsonDocument(root).toJson()) > 0 && file.commit();
    if (!saved)
        return Error{Code::StateFile, QStringLiteral("cannot write %1: %2").arg(path, file.errorString())};
    return {};
}

} // namespace

QHash<QString, TrustedKey> read(const QString &path, const QList<config::Server> &servers)
{
    QHash<QString, TrustedKey> keys;
    const QJsonArray entries = rootIn(path).value(QLatin1String("servers")).toArray();
    for (const QJsonValue &value : entries) {
        const QJsonObject entry = value.toObject();
        const QString id = text(entry, QLatin1String("id"));
        const QString url = text(entry, QLatin1String("url"));
        const TrustedKey key = keyIn(entry);
        const bool configured =
            std::any_of(servers.begin(), servers.end(), [&](const config::Server &server) {
                return server.id == id && server.url.toString() == url;
            });
        if (configured && isWhole(key))
            keys.insert(id, key);
    }
    return keys;
}

std::optional<TrustedKey> readLast(const QString &path)
{
    std::optional<TrustedKey> last;
    const QJsonArray entries = rootIn(path).value(QLatin1String("servers")).toArray();
    for (const QJsonValue &value : entries) {
        const TrustedKey key = keyIn(value.toObject());
        if (!isWhole(key) || (last && *last != key))
            return std::nullopt;
        last = key;
    }
    return last;
}

Status write(const QString &path, const QList<config::Server> &servers,
             const QHash<QString, TrustedKey> &keys)
{
    QJsonArray entries;
    for (const config::Server &server : servers) {
        const auto key = keys.constFind(server.id);
        if (key == keys.constEnd())
            continue;
        QJsonObject entry = entryOf(*key);
        entry.insert(QStringLiteral("id"), server.id);
        entry.insert(QStringLiteral("url"), server.url.toString());
        entries.append(entry);
    }
    return save(path, {{QStringLiteral("format"), kFormat}, {QStringLiteral("servers"), entries}});
}

QString pathIn(const QString &stateDirectory)
{
    return stateDirectory + QStringLiteral("/keys.json");
}

std::optional<TrustedKey> readRecovered(const QString &path)
{
    const TrustedKey key = keyIn(rootIn(path).value(kRecovered).toObject());
    return isWhole(key) ? std::optional(key) : std::nullopt;
}

Status writeRecovered(const QString &path, const TrustedKey &key)
{
    return save(path, {{QStringLiteral("format"), kFormat}, {kRecovered, entryOf(key)}});
}

} // namespace cring::health::keyfile
