// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/clientkeys.h"

#include "core/config/secretfile.h"
#include "core/ssh/privatekey.h"

#include <QCryptographicHash>
#include <QDateTime>
#include <QDir>

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace cring::ssh {

using config::Existing;

namespace {

constexpr QLatin1String kPublic(".pub");

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

/// Under its second name first: at no time is it without one.
Result<QString> keepAside(const QString &file, std::chrono::milliseconds now)
{
    const QString stamp =
        QDateTime::fromMSecsSinceEpoch(now.count(), Qt::UTC).toString(QStringLiteral("yyyyMMdd-hhmmss"));
    QString backup =
        QStringLiteral("%1/kept-%2-%3").arg(QFileInfo(file).path(), stamp, QFileInfo(file).fileName());
    const QByteArray name = QFile::encodeName(file);
    for (int i = 2; ::link(name.constData(), QFile::encodeName(backup).constData()) != 0; ++i) {
        if (errno != EEXIST)
            return Error{Code::SecretUnreadable,
                         QStringLiteral("\"%1\" cannot be kept as \"%2\": %3")
                             .arg(file, backup, QString::fromLocal8Bit(std::strerror(errno)))};
        backup = QStringLiteral("%1/kept-%2.%3-%4")
                     .arg(QFileInfo(file).path(), stamp, QString::number(i), QFileInfo(file).fileName());
    }
    return backup;
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
    Adoption plan{from, to, clientKeyFile(places, from), clientKeyFile(places, to), Adoption::State::Missing,
                  {}};
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
    if (plan->state == Adoption::State::Different && replace) {
        const Result<QString> kept = keepAside(plan->toFile, now);
        if (!kept)
            return kept.error();
        plan->backup = *kept;
    }
    const Existing existing = plan->backup.isEmpty() ? Existing::Kept : Existing::Replaced;
    if (const Status status = config::writeSecretFile(plan->toFile, key->view(), existing); !status)
        return status.error();
    // The client has it there for people; it reads the private one alone.
    const QByteArray line = half->text + '\n';
    if (const Status status = config::writeSecretFile(plan->toFile + kPublic, line, Existing::Replaced);
        !status)
        return status.error();
    return plan;
}

} // namespace cring::ssh
