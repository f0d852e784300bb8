// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/secretstore.h"

#include "core/config/keychain.h"
#include "core/config/secretfile.h"

namespace cring::config {

namespace {

constexpr QLatin1String kCredential("credential:");
constexpr QLatin1String kEnvironment("env");
constexpr QLatin1String kKeychain("keychain");

Error readOnly(const QString &place)
{
    return Error{Code::SecretPlaceReadOnly,
                 QStringLiteral("\"%1\" is made outside of this program and cannot be written to from here: "
                                "store the secret in the keychain, or in a file with file:PATH")
                     .arg(place)};
}

/// The variable of a secret: "" when it has none.
QString variableOf(const QString &name)
{
    if (name.endsWith(QLatin1String(".access_key")))
        return QStringLiteral("AWS_ACCESS_KEY_ID");
    if (name.endsWith(QLatin1String(".secret_key")))
        return QStringLiteral("AWS_SECRET_ACCESS_KEY");
    if (name.endsWith(QLatin1String(".session_token")))
        return QStringLiteral("AWS_SESSION_TOKEN");
    return {};
}

/// A file that is there may be a running server's own key, and is never replaced by another secret.
Status writeUnlessOther(const QString &path, const Secret &secret)
{
    const Status written = writeSecretFile(path, secret.view(), Existing::Kept);
    if (written || written.error().code != Code::KeyExists)
        return written;
    const Result<Secret> there = readSecretFile(path);
    if (there && there->view() == secret.view())
        return {};
    return Error{Code::KeyExists, QStringLiteral("%1 is there already and holds something else, which may be "
                                                 "in use: name another file, or move that one away first")
                                      .arg(path)};
}

template <typename Done, typename Outcome>
void tell(QObject *context, const Done &done, Outcome &&outcome)
{
    if (context)
        done(std::forward<Outcome>(outcome));
}

} // namespace

QString secretName(const Backup &backup, const char *field)
{
    return QStringLiteral("backup.%1.%2").arg(backup.id, QLatin1String(field));
}

// ---- file:PATH ----

void FileSecrets::read(const SecretPlace &place, QObject *context, Read done)
{
    tell(context, done, readSecret(place.place, QString()));
}

void FileSecrets::write(const SecretPlace &place, Secret secret, QObject *context, Done done)
{
    tell(context, done, writeUnlessOther(secretPath(place.place, QString()), secret));
}

void FileSecrets::remove(const SecretPlace &place, QObject *context, Done done)
{
    tell(context, done, removeSecretFile(secretPath(place.place, QString())));
}

// ---- credential:NAME ----

CredentialSecrets::CredentialSecrets(QString directory)
    : m_directory(std::move(directory))
{
}

void CredentialSecrets::read(const SecretPlace &place, QObject *context, Read done)
{
    tell(context, done, readSecret(place.place, m_directory));
}

void CredentialSecrets::write(const SecretPlace &place, Secret, QObject *context, Done done)
{
    tell(context, done, Status(readOnly(place.place)));
}

void CredentialSecrets::remove(const SecretPlace &place, QObject *context, Done done)
{
    tell(context, done, Status(readOnly(place.place)));
}

// ---- env ----

EnvironmentSecrets::EnvironmentSecrets(const QProcessEnvironment &environment)
    : m_environment(environment)
{
}

void EnvironmentSecrets::read(const SecretPlace &place, QObject *context, Read done)
{
    const QString variable = variableOf(place.name);
    if (variable.isEmpty()) {
        tell(context, done,
             Result<Secret>(Error{Code::ConfigBadValue,
                                  QStringLiteral("%1 has no variable in the environment").arg(place.name)}));
        return;
    }
    QByteArray value = m_environment.value(variable).toUtf8();
    if (!m_environment.contains(variable))
        tell(context, done,
             Result<Secret>(Error{Code::SecretMissing, QStringLiteral("%1 is not set").arg(variable)}));
    else if (value.isEmpty())
        tell(context, done,
             Result<Secret>(Error{Code::SecretUnreadable, QStringLiteral("%1 is empty").arg(variable)}));
    else if (value.size() > kLongestSecret)
        tell(context, done,
             Result<Secret>(
                 Error{Code::SecretUnreadable,
                       QStringLiteral("%1 has %2 bytes: that is no key").arg(variable).arg(value.size())}));
    else
        tell(context, done, Result<Secret>(Secret(std::move(value))));
}

void EnvironmentSecrets::write(const SecretPlace &place, Secret, QObject *context, Done done)
{
    tell(context, done, Status(readOnly(place.place)));
}

void EnvironmentSecrets::remove(const SecretPlace &place, QObject *context, Done done)
{
    tell(context, done, Status(readOnly(place.place)));
}

// ---- all ----

SecretPlaces::SecretPlaces(const QProcessEnvironment &environment)
    : m_files(std::make_unique<FileSecrets>())
    , m_credentials(
          std::make_unique<CredentialSecrets>(environment.value(QStringLiteral("CREDENTIALS_DIRECTORY"))))
    , m_environment(std::make_unique<EnvironmentSecrets>(environment))
    , m_keychain(std::make_unique<Keychain>())
{
}

SecretPlaces::~SecretPlaces() = default;

/// What is none of the others is for the files to refuse, in words.
ISecretStore *SecretPlaces::storeFor(const QString &place) const
{
    if (place == kKeychain)
        return m_keychain.get();
    if (place == kEnvironment)
        return m_environment.get();
    return place.startsWith(kCredential) ? m_credentials.get() : m_files.get();
}

void SecretPlaces::read(const SecretPlace &place, QObject *context, Read done)
{
    storeFor(place.place)->read(place, context, std::move(done));
}

void SecretPlaces::write(const SecretPlace &place, Secret secret, QObject *context, Done done)
{
    storeFor(place.place)->write(place, std::move(secret), context, std::move(done));
}

void SecretPlaces::remove(const SecretPlace &place, QObject *context, Done done)
{
    storeFor(place.place)->remove(place, context, std::move(done));
}

} // namespace cring::config
