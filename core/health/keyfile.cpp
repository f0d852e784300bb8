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
constexpr QFileDevice::Permissions kOwnerOnly = QFileDevice::ReadOwner | QFileDevice::WriteOwner;

QString text(const QJsonObject &object, QLatin1String name)
{
    return object.value(name).toString();
}

} // namespace

QHash<QString, TrustedKey> read(const QString &path, const QList<config::Server> &servers)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QJsonObject root = QJsonDocument::fromJson(file.read(kLargest)).object();
    if (root.value(QLatin1String("format")).toInt() != kFormat)
        return {};
    QHash<QString, TrustedKey> keys;
    const QJsonArray entries = root.value(QLatin1String("servers")).toArray();
    for (const QJsonValue &value : entries) {
        const QJsonObject entry = value.toObject();
        const QString id = text(entry, QLatin1String("id"));
        const QString url = text(entry, QLatin1String("url"));
        TrustedKey key;
        key.kid = text(entry, QLatin1String("kid")).toUtf8();
        key.publicKey = QByteArray::fromBase64(text(entry, QLatin1String("public_key")).toLatin1());
        key.issuer = text(entry, QLatin1String("issuer")).toUtf8();
        const bool configured =
            std::any_of(servers.begin(), servers.end(), [&](const config::Server &server) {
                return server.id == id && server.url.toString() == url;
            });
        if (configured && key.publicKey.size() == kEd25519Bytes && !key.issuer.isEmpty())
            keys.insert(id, key);
    }
    return keys;
}

Status write(const QString &path, const QList<config::Server> &servers,
             const QHash<QString, TrustedKey> &keys)
{
    QJsonArray entries;
    for (const config::Server &server : servers) {
        const auto key = keys.constFind(server.id);
        if (key == keys.constEnd())
            continue;
        entries.append(
            QJsonObject{{QStringLiteral("id"), server.id},
                        {QStringLiteral("url"), server.url.toString()},
                        {QStringLiteral("kid"), QString::fromUtf8(key->kid)},
                        {QStringLiteral("public_key"), QString::fromLatin1(key->publicKey.toBase64())},
                        {QStringLiteral("issuer"), QString::fromUtf8(key->issuer)}});
    }
    const QJsonDocument document(
        QJsonObject{{QStringLiteral("format"), kFormat}, {QStringLiteral("servers"), entries}});
    QSaveFile file(path);
    const bool saved = file.open(QIODevice::WriteOnly) && file.setPermissions(kOwnerOnly) &&
                       file.write(document.toJson()) > 0 && file.commit();
    if (!saved)
        return Error{Code::StateFile, QStringLiteral("cannot write %1: %2").arg(path, file.errorString())};
    return {};
}

} // namespace cring::health::keyfile
