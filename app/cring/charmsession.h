// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/clock.h"
#include "core/base/workers.h"
#include "core/charm/contents.h"
#include "core/charm/names.h"
#include "core/charm/token.h"
#include "core/config/config.h"
#include "core/config/secretstore.h"
#include "core/http/pool.h"
#include "core/ssh/login.h"

namespace cring::app {

/// This program as one of the ring's Charm clients: it logs in at the ring's SSH front with the person's own
/// key, which brings a token and the account's encrypt keys, and reads and writes files at its HTTP front.
/// The key goes where the charm client takes it, and nowhere else; the service never sees it, nor a
/// plaintext.
///
/// Lives on the event loop's thread.
class CharmSession final : public QObject
{
    Q_OBJECT

public:
    using Done = std::function<void(const Status &status)>;
    using Authorized = std::function<void(const Result<QByteArray> &authorization)>;

    /// `config`: the ring's addresses and its `identity.key`. `host`: take the key that the client keeps for
    /// that host; "" = as the configuration says.
    CharmSession(config::Config config, QString host, QObject *parent = nullptr);
    ~CharmSession() override;

    /// ControlUnavailable: the ring is not there. SecretMissing and others: there is no key that can be used.
    void open(Done done);
    /// The value for the field Authorization, good for a while; logs in again when the last one is not.
    /// `done` is called unless `context` has died by then.
    void authorize(QObject *context, Authorized done);

    /// After open(). No keys: nothing was ever stored by this account.
    const charm::Names &names() const { return m_names; }
    const charm::EncryptKeys &keys() const { return m_keys; }
    const QByteArray &account() const { return m_account; }
    http::Pool &pool() { return *m_pool; }
    Workers &workers() { return m_workers; }

private:
    Status connectTo();
    void askKeys(Done done);
    void askIssuer(Done done);
    void readKey(Done done);
    Result<config::SecretPlace> choosePlace() const;
    void logIn(Secret key, Done done);
    Status take(const ssh::Login::Answer &answer, QByteArrayView privateKey);

    const config::Config m_config;
    const QString m_host;
    const SystemClock m_clock;
    config::SecretPlaces m_secrets;
    Workers m_workers; ///< Before the login: it goes first.
    std::unique_ptr<http::Pool> m_pool;
    std::unique_ptr<ssh::Login, void (*)(ssh::Login *)> m_login;
    QString m_sshHost;
    quint16 m_sshPort = 0;
    QList<charm::VerificationKey> m_serverKeys;
    QByteArray m_issuer;
    QByteArray m_account;
    QByteArray m_authorization;
    qint64 m_expires = 0; ///< Unix time, s.
    charm::Names m_names;
    charm::EncryptKeys m_keys;
};

/// What an answer that is no 200 says: its status, and the message of its JSON.
Error answerError(int status, const QByteArray &body);

} // namespace cring::app
