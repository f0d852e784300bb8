// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/workers.h"
#include "core/charm/serverkey.h"
#include "core/config/secretstore.h"
#include "core/ssh/identitylogin.h"
#include "core/ssh/signer.h"
#include "core/ssh/tokenshelf.h"
#include "core/telemetry/activitylog.h"

namespace cring::ssh {

/// What one of the person's accounts encrypts with, sealed to the key that lies at a place (as
/// config::SecretPlace has it).
struct SealedKeys
{
    QByteArray account;
    QByteArray digest; ///< SHA-256 of the private key's file, as Identity has it.
    QString place;
    QByteArray publicKey; ///< As the server has it.
    QList<SealedKey> keys;
};

/// Tokens for work that no client waits for, in this order: made with the servers' own key, where the
/// configuration has it; of the person's own Charm identity; a client's, seen in passing. A login is made
/// only when no token is at hand that is good for a while. All of them are in memory alone, and each is
/// checked against the servers' keys before it is handed out.
///
/// What goes wrong is told to whoever asked, and once in the activity log. One for all configurations; lives
/// on the event loop's thread.
class Tokens final : public replica::ITokenSource
{
    Q_OBJECT

public:
    /// For a login at the same time; more are refused.
    static constexpr qsizetype kMostWaiting = 1'000;

    /// A keychain that is locked, or not there yet, is asked again.
    static constexpr std::chrono::milliseconds kAskAgain{5'000};

    using Disabled = std::function<bool(const QByteArray &account)>;

    /// All of it outlives this.
    Tokens(KeyPlaces places, config::ISecretStore &secrets, const IClock &clock, IRandom &random,
           telemetry::ActivityLog &activity, QObject *parent = nullptr);
    ~Tokens() override;

    /// Accounts that nothing is to be done for: there is no token of theirs, whatever is at hand.
    void setDisabled(Disabled isDisabled) { m_isDisabled = std::move(isDisabled); }
    /// One was disabled, or is back.
    void handleChanged(const QByteArray &account);

    /// With every configuration, after its monitor has inherited what the one before knew, and before that
    /// one goes. Blocks for key files, a few small ones; what the keychain keeps comes later. `config` is
    /// copied; `monitor` and `primary` must live until the next call.
    void configure(const config::Config &config, health::Monitor &monitor, health::Primary &primary);

    /// The error is TokenUnavailable and says what is waited for.
    void obtain(const QByteArray &account, QObject *context, Done done) override;
    void offer(const replica::Credentials &credentials) override;
    /// As obtain(), for whichever account the person's own identity is; TokenUnavailable without an identity.
    void obtainOwn(QObject *context, Done done) override;
    /// There is an identity, or there may be one.
    bool hasOwn() const { return !m_identities.empty() || m_ownKeyIsOut; }

    /// As the person's own identities have brought them so far, with their tokens.
    QList<SealedKeys> sealedKeys() const;
    /// The private key with that digest is one of the person's identities now, and nothing forbids to use it
    /// for the account. See identitiesChanged().
    bool mayOpen(const QByteArray &account, const QByteArray &digest) const;
    /// Logs in with them for that, as far as their rules and pauses let them; available() follows. The error
    /// is TokenUnavailable: no login is under way.
    Status askForSealedKeys();

    /// The operator's server key, when it is known to be the servers'. The error is TokenUnavailable and says
    /// why there is none.
    Result<Signer> signer() const;
    /// The operator's server key for checking tokens while the servers' own keys are not known: of any
    /// issuer.
    std::optional<charm::VerificationKey> ownKey() const;
    /// The configuration names one, good or not.
    bool hasServerKey() const { return !m_config.identity.serverKey.isEmpty(); }
    /// Whom the servers' tokens name; "" while none has said.
    QByteArray issuer() const;
    /// Why the server key that the configuration names is none of the servers', or none at all; "" while that
    /// is not known, and when all is well.
    QString serverKeyProblem() const { return m_keyIsBad ? m_keyProblem : QString(); }

Q_SIGNALS:
    /// Of the person's identities some may have gone: see mayOpen(). From inside of any other call.
    void identitiesChanged();

private:
    struct Waiting
    {
        QByteArray account; ///< Empty: of the person's own identity.
        QPointer<QObject> context;
        Done done;
    };

    void readServerKey();
    void takeServerKey(const Result<Secret> &text);
    void judgeServerKey();
    void readOwnKey();
    void takeOwnKey(const Result<Secret> &text);
    void findKeys();
    void add(const Identity &identity, bool withRing);
    void askAgain();
    void handleKeysChanged();
    void handleUp();
    void handleFinished(const IdentityLogin &identity, const Result<replica::Credentials> &result,
                        const QString &server);
    void serve(Waiting waiting);
    void serveAll();
    QByteArray ownAccount() const;
    std::optional<replica::Credentials> atHand(const QByteArray &account);
    bool isGood(const replica::Credentials &credentials);
    replica::Credentials mint(const QByteArray &account) const;
    Status logIn(const QByteArray &account);
    Error unavailable(const QString &why) const;
    qint64 now() const;
    void say(const QString &topic, telemetry::Level level, const QString &text, const QString &server = {},
             const QByteArray &account = {});

    const KeyPlaces m_places;
    config::ISecretStore &m_secrets;
    const IClock &m_clock;
    IRandom &m_random;
    telemetry::ActivityLog &m_activity;
    Disabled m_isDisabled;
    Workers m_workers; ///< Before the identities: their logins go first.

    config::Config m_config;
    health::Monitor *m_monitor = nullptr;
    health::Primary *m_primary = nullptr;
    std::unique_ptr<QObject> m_watch; ///< Of this configuration's monitor and servers.

    std::optional<charm::ServerKey> m_serverKey;
    QByteArray m_issuer;           ///< Of the servers, when the server key is theirs.
    QString m_keyProblem;          ///< Why it cannot be used.
    bool m_keyIsBad = false;       ///< And waiting does not mend that.
    bool m_serverKeyIsOut = false; ///< Nobody could say yet what it is: see askAgain().
    QString m_ownKeyProblem;
    bool m_ownKeyIsOut = false; ///< The same of the person's own key in the keychain.
    QTimer m_again;
    std::vector<std::unique_ptr<IdentityLogin>> m_identities;
    QStringList m_searched; ///< Host names.
    std::chrono::milliseconds m_searchedAt{0};
    charm::TokenCache m_verified;
    TokenShelf m_own;
    TokenShelf m_seen;
    QList<Waiting> m_waiting;
    QHash<QString, QStringList> m_said; ///< By topic, since it was last well.
};

} // namespace cring::ssh
