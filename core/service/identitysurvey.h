// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/workers.h"
#include "core/health/monitor.h"
#include "core/health/primary.h"
#include "core/ssh/clientkeys.h"
#include "core/ssh/identitylogin.h"

namespace cring::service {

/// Which account each of the person's Charm keys is, and which servers know that account.
///
/// A Charm server makes an account for every key that it does not know. So a key is shown to one server
/// alone, by the rules of ssh::IdentityLogin: where the charm client shows it itself; one that is kept under
/// a server's name to that server or to none. The other servers are asked by HTTP, with the token that this
/// one gave; that makes nothing. Keys of hosts that are none of the ring's are shown to nobody.
///
/// For one use, in a program of its own or in the service; lives on the event loop's thread.
class IdentitySurvey final : public QObject
{
    Q_OBJECT

public:
    struct Question
    {
        config::Config config; ///< Its servers, and which identity it names.
        ssh::KeyPlaces places;
        QString primary; ///< The id of the ring's primary; "" = the first server.
        bool asksServers = true;
    };

    /// What one server says of the account.
    struct Sight
    {
        QString server; ///< Its name.
        enum class Verdict { Known, Missing, Unasked } verdict = Verdict::Unasked;
        QString problem; ///< Why it was not asked.
    };

    struct Row
    {
        QString place; ///< As config::SecretPlace has it.
        QStringList
            hosts; ///< Under which the charm client uses it; empty for the one that the configuration names.
        QByteArray digest;
        QString fingerprint;
        bool ofTheRing = false; ///< A charm client reaches this ring or one of its servers with it.
        QByteArray account;     ///< Empty when nobody could say.
        QString name;           ///< Of the account; "" when it has none.
        QString askedAt;        ///< The server that the key was shown to.
        QList<Sight> servers;   ///< Empty without an account.
        QString problem;
    };

    /// `secrets`, clock and randomness outlive it.
    IdentitySurvey(Question question, config::ISecretStore &secrets, const IClock &clock, IRandom &random,
                   QObject *parent = nullptr);
    ~IdentitySurvey() override;

    /// Ends in finished(), never before it returns.
    void start();

    const QList<Row> &rows() const { return m_rows; }
    /// The names under which clients reach the ring.
    const QStringList &ringHosts() const { return m_ringHosts; }

Q_SIGNALS:
    void finished();

private:
    void findKeys();
    void takeConfigured(const Result<Secret> &key);
    void awaitServers();
    void showKeys();
    void show(qsizetype at);
    void handleLogin(qsizetype at, const Result<replica::Credentials> &result, const QString &server);
    void ask(qsizetype at, health::Backend &backend, const replica::Credentials &credentials);
    void finishOne();

    const Question m_question;
    config::ISecretStore &m_secrets;
    const IClock &m_clock;
    IRandom &m_random;
    health::BackendSet m_backends;
    health::Primary m_primary;
    health::Monitor m_monitor;
    Workers m_workers; ///< Before the logins: they go first.
    std::vector<std::unique_ptr<ssh::IdentityLogin>> m_logins;
    QList<Row> m_rows;
    QStringList m_ringHosts;
    QSet<const health::Backend *> m_probed;
    QTimer m_limit;
    int m_pending = 0; ///< Questions that have no answer yet.
    bool m_shown = false;
};

} // namespace cring::service
