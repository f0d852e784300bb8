// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/config/config.h"

#include <QPointer>
#include <QProcessEnvironment>

#include <functional>
#include <memory>

namespace cring::config {

/// Where a secret is kept.
struct SecretPlace
{
    QString place; ///< As a setting has it: keychain | env | credential:NAME | file:PATH.
    QString name;  ///< The setting, "identity.server_key": what the keychain and the environment go by.
};

/// SecretPlace::name of one of a backup's keys ("access_key"): it hangs on the id, which stays.
QString secretName(const Backup &backup, const char *field);

/// Keeps secrets, and gives them back. One thread, that of the event loop; nothing blocks but for one small
/// file.
///
/// `done` is called once, at once or from the event loop, unless `context` dies first. What is handed out is
/// wiped when it goes; nothing of it is in an error or a log.
class ISecretStore
{
public:
    using Read = std::function<void(Result<Secret> secret)>;
    using Done = std::function<void(const Status &status)>;

    ISecretStore() = default;
    virtual ~ISecretStore() = default;
    Q_DISABLE_COPY_MOVE(ISecretStore)

    /// SecretMissing: none is kept there. SecretUnreadable (empty, too long, no permission), SecretTooOpen,
    /// KeychainUnavailable, KeychainLocked; ConfigBadValue for a place of another kind. Asks nobody: what a
    /// person would have to unlock is locked.
    virtual void read(const SecretPlace &place, QObject *context, Read done) = 0;
    /// Takes the place of what was kept there. SecretPlaceReadOnly where nothing can be, and as above.
    virtual void write(const SecretPlace &place, Secret secret, QObject *context, Done done) = 0;
    /// Good when there is none any more.
    virtual void remove(const SecretPlace &place, QObject *context, Done done) = 0;
};

/// file:PATH, for the owner alone (0600).
class FileSecrets final : public ISecretStore
{
public:
    void read(const SecretPlace &place, QObject *context, Read done) override;
    void write(const SecretPlace &place, Secret secret, QObject *context, Done done) override;
    void remove(const SecretPlace &place, QObject *context, Done done) override;
};

/// credential:NAME: what systemd hands to the service. To be read alone.
class CredentialSecrets final : public ISecretStore
{
public:
    /// `directory`: $CREDENTIALS_DIRECTORY; "" when there is none.
    explicit CredentialSecrets(QString directory);

    void read(const SecretPlace &place, QObject *context, Read done) override;
    void write(const SecretPlace &place, Secret secret, QObject *context, Done done) override;
    void remove(const SecretPlace &place, QObject *context, Done done) override;

private:
    const QString m_directory;
};

/// env: the variables that S3's tools have for their keys. To be read alone.
class EnvironmentSecrets final : public ISecretStore
{
public:
    explicit EnvironmentSecrets(const QProcessEnvironment &environment);

    void read(const SecretPlace &place, QObject *context, Read done) override;
    void write(const SecretPlace &place, Secret secret, QObject *context, Done done) override;
    void remove(const SecretPlace &place, QObject *context, Done done) override;

private:
    const QProcessEnvironment m_environment;
};

/// All of these and the keychain, by the word that a place begins with.
class SecretPlaces final : public ISecretStore
{
public:
    explicit SecretPlaces(const QProcessEnvironment &environment);
    ~SecretPlaces() override;

    void read(const SecretPlace &place, QObject *context, Read done) override;
    void write(const SecretPlace &place, Secret secret, QObject *context, Done done) override;
    void remove(const SecretPlace &place, QObject *context, Done done) override;

private:
    ISecretStore *storeFor(const QString &place) const;

    std::unique_ptr<ISecretStore> m_files;
    std::unique_ptr<ISecretStore> m_credentials;
    std::unique_ptr<ISecretStore> m_environment;
    std::unique_ptr<ISecretStore> m_keychain;
};

} // namespace cring::config
