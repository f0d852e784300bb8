// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/clientkeys.h"

#include "core/config/secretfile.h"
#include "core/ssh/privatekey.h"

#include <QCryptographicHash>
#include <QDateTime>
#include <QDir>

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace cring::ssh {

using config::Existing;

namespace {

constexpr QLatin1String kPublic(".pub");
/// The client's databases (kv/kv.go, OpenWithDefaults), encrypted with a key of the account.
constexpr QLatin1String kKv("/kv");

QByteArray digestOf(const Secret &key)
{
    return QCryptographicHash::hash(key.view(), QCryptographicHash::Sha256);
}

Result<Secret> readKey(const QString &file, const QString &host)
{
    Result<Secret> key = config::readSecretFile(file);
    if (!key && key.error().code == Code::SecretMissing)
        return Error{
            Code::NotFound,
            QStringLiteral("the charm client has no key for \"%1\" here: %2 is not there").arg(host, file)};
    return key;
}

/// What `file` is called from now on; `move` gives it that name, or says by errno why not.
Result<QString> keepAside(const QString &file, std::chrono::milliseconds now,
                          int (*move)(const char *from, const char *to))
{
    const QString stamp =
        QDateTime::fromMSecsSinceEpoch(now.count(), Qt::UTC).toString(QStringLiteral("yyyyMMdd-hhmmss"));
    QString backup =
        QStringLiteral("%1/kept-%2-%3").arg(QFileInfo(file).path(), stamp, QFileInfo(file).fileName());
    const QByteArray name = QFile::encodeName(file);
    for (int i = 2; move(name.constData(), QFile::encodeName(backup).constData()) != 0; ++i) {
        if (errno != EEXIST && errno != ENOTEMPTY)
            return Error{Code::SecretUnreadable,
                         QStringLiteral("\"%1\" cannot be kept as \"%2\": %3")
                             .arg(file, backup, QString::fromLocal8Bit(std::strerror(errno)))};
        backup = QStringLiteral("%1/kept-%2.%3-%4")
                     .arg(QFileInfo(file).path(), stamp, QString::number(i), QFileInfo(file).fileName());
    }
    return backup;
}

/// A key that is there is under its second name first: at no time is the host without one.
Status placeKey(Adoption &plan, const Secret &key, std::chrono::milliseconds now)
{
    if (plan.state == Adoption::State::Different) {
        const Result<QString> kept = keepAside(plan.toFile, now, ::link);
        if (!kept)
            return kept.error();
        plan.backup = *kept;
    }
    return config::writeSecretFile(plan.toFile, key.view(),
                                   plan.backup.isEmpty() ? Existing::Kept : Existing::Replaced);
}

} // namespace

QString clientKeyFile(const KeyPlaces &places, const QString &host)
{
    if (places.charmData.isEmpty() || !isFolderName(host))
        return {};
    return QStringLiteral("%1/%2/%3").arg(places.charmData, host, kClientKeyName);
}

QList<ClientKey> clientKeys(const KeyPlaces &places)
{
    QList<ClientKey> keys;
    if (places.charmData.isEmpty())
        return keys;
    const QStringList hosts =
        QDir(places.charmData).entryList(QDir::Dirs | QDir::Hidden | QDir::NoDotAndDotDot, QDir::Name);
    for (const QString &host : hosts) {
        ClientKey key;
        key.host = host;
        key.file = clientKeyFile(places, host);
        const Result<Secret> text = config::readSecretFile(key.file);
        if (!text && text.error().code == Code::SecretMissing)
            continue;
        if (!text) {
            key.problem = text.error();
        } else if (const auto half = publicHalf(*text); !half) {
            key.problem =
                Error{half.error().code, QStringLiteral("\"%1\" %2").arg(key.file, half.error().detail)};
        } else {
            key.digest = digestOf(*text);
            key.fingerprint = half->fingerprint;
        }
        keys.append(key);
    }
    return keys;
}

Result<Adoption> planAdoption(const KeyPlaces &places, const QString &from, const QString &to)
{
    Adoption plan{
        from, to, clientKeyFile(places, from), clientKeyFile(places, to), Adoption::State::Missing, {},
        {},   {}};
    if (places.charmData.isEmpty())
        return Error{Code::NotFound,
                     QStringLiteral("nobody can tell where the charm client keeps its keys: set "
                                    "HOME or CHARM_DATA_DIR")};
    for (const auto &[file, host] : {std::pair(plan.fromFile, from), std::pair(plan.toFile, to)}) {
        if (file.isEmpty())
            return Error{Code::ConfigBadValue, QStringLiteral("\"%1\" is no host's name").arg(host)};
    }
    const Result<Secret> key = readKey(plan.fromFile, from);
    if (!key)
        return key.error();
    if (const auto half = publicHalf(*key); !half)
        return Error{half.error().code, QStringLiteral("\"%1\" %2").arg(plan.fromFile, half.error().detail)};
    const Result<Secret> there = config::readSecretFile(plan.toFile);
    if (there)
        plan.state = digestOf(*key) == digestOf(*there) ? Adoption::State::Same : Adoption::State::Different;
    else if (there.error().code != Code::SecretMissing) // Whatever it is, it is somebody's.
        plan.state = Adoption::State::Different;
    const QString kv = QFileInfo(plan.toFile).path() + kKv;
    if (plan.state != Adoption::State::Same && QFileInfo::exists(kv))
        plan.kvFolder = kv;
    return plan;
}

Result<Adoption> adopt(const KeyPlaces &places, const QString &from, const QString &to, bool replace,
                       std::chrono::milliseconds now)
{
    Result<Adoption> plan = planAdoption(places, from, to);
    if (!plan || plan->state == Adoption::State::Same)
        return plan;
    const Result<Secret> key = readKey(plan->fromFile, from);
    if (!key)
        return key.error();
    const auto half = publicHalf(*key);
    if (!half)
        return half.error();
    if (plan->state == Adoption::State::Different && !replace)
        return Error{Code::KeyExists, QStringLiteral("\"%1\" is another key").arg(plan->toFile)};
    // Before the key: if this ends in between, the same command goes on.
    if (!plan->kvFolder.isEmpty()) {
        const Result<QString> kept = keepAside(plan->kvFolder, now, std::rename);
        if (!kept)
            return kept.error();
        plan->kvBackup = *kept;
    }
    if (const Status placed = placeKey(*plan, *key, now); !placed) {
        if (!plan->kvBackup.isEmpty())
            (void)std::rename(QFile::encodeName(plan->kvBackup).constData(),
                              QFile::encodeName(plan->kvFolder).constData());
        return placed.error();
    }
    // The client has it there for people; it reads the private one alone.
    if (const Status placed =
            config::writeSecretFile(plan->toFile + kPublic, half->text + '\n', Existing::Replaced);
        !placed)
        return placed.error();
    return plan;
}

} // namespace cring::ssh
