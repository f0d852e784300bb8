// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/config/secretstore.h"
#include "core/health/monitor.h"
#include "core/health/primary.h"
#include "core/replica/tokensource.h"
#include "core/ssh/identities.h"
#include "core/ssh/login.h"
#include "core/ssh/tokenshelf.h"

#include <QSet>

class QJsonObject;

namespace cring::ssh {

/// An encrypt key of an account, sealed to one of its public keys.
struct SealedKey
{
    QByteArray id;        ///< The same for every public key of the account.
    QByteArray text;      ///< Base64, as the server keeps it.
    QByteArray createdAt; ///< RFC 3339; "" where the server has none.

    QByteArray bytes() const { return QByteArray::fromBase64(text); }
    bool operator==(const SealedKey &) const = default;
};

/// Of what `api-auth` has printed, in its order: the client encrypts with the first one.
QList<SealedKey> sealedKeysOf(const QJsonObject &auth);

/// One of the person's keys: brings tokens of its account by SSH (`api-auth`), one login at a time, with a
/// growing pause after a failed one.
///
/// A Charm server makes an account for a key that it does not know, and two servers two accounts. So a login
/// goes only where a charm client goes with that key: to the server whose name the key is kept under, which
/// knows it, or, when it is under none, to the primary, for keys that are used with the ring. While such a
/// server is away, only those stand in for it at which a login has shown that they know the account. A server
/// that names another account than before is not asked again.
///
/// Lives on the event loop's thread.
class IdentityLogin final : public QObject
{
    Q_OBJECT

public:
    /// What it works with; all of it outlives the login.
    struct Site
    {
        Workers &workers;
        config::ISecretStore &secrets;
        const IClock &clock;
        IRandom &random;
        const config::Timing &timing;
        const health::Monitor &monitor;
        const health::Primary &primary;
    };

    static constexpr std::chrono::milliseconds kFirstPause{2'000};
    static constexpr std::chrono::milliseconds kLongestPause{60'000};

    /// `withRing`: a charm client uses the key with the ring, not with one of the servers alone.
    IdentityLogin(Identity identity, bool withRing, const Site &site, QObject *parent = nullptr);
    ~IdentityLogin() override;

    const Identity &identity() const { return m_identity; }
    /// Empty until the first login.
    const QByteArray &account() const { return m_account; }
    /// What files and their names are encrypted with, as it is sealed to this key; of the last login.
    const QList<SealedKey> &sealedKeys() const { return m_sealedKeys; }
    /// As the server has it, of the last login.
    const QByteArray &publicKey() const { return m_publicKey; }
    /// It may turn out to be the account's.
    bool mayServe(const QByteArray &account) const { return m_account.isEmpty() || m_account == account; }
    bool underWay() const { return m_reading || m_login != nullptr; }
    /// The last login failed; the next one has to wait for its time.
    bool failed() const { return m_failures > 0; }

    /// Ends in finished(), never before it returns, or says why not now: TokenUnavailable.
    Status begin();
    /// A server is back: the next login need not wait.
    void forgetFailures();

Q_SIGNALS:
    /// A verified token that is good for a while, or why there is none; `server` is the name of the one that
    /// was asked.
    void finished(const cring::Result<cring::replica::Credentials> &result, const QString &server);

private:
    QList<health::Backend *> candidates() const;
    bool isKeptUnder(const health::Backend &backend) const;
    Result<health::Backend *> choose() const;
    void logIn(Result<Secret> key);
    void handleFinished(const Result<Login::Answer> &answer, const QString &id, const QString &name);
    void end(const Result<replica::Credentials> &result, const QString &name);
    Result<replica::Credentials> judge(const Result<Login::Answer> &answer, const QString &id,
                                       const QString &name);

    const Identity m_identity;
    const bool m_withRing;
    Site m_site;
    QByteArray m_account;
    QByteArray m_publicKey;
    QList<SealedKey> m_sealedKeys;
    QSet<QString> m_home;      ///< Ids of the servers that know the key as the account's.
    QSet<QString> m_strangers; ///< And of those that know it as another's.
    bool m_reading = false;    ///< The key.
    std::unique_ptr<Login, void (*)(Login *)> m_login;
    int m_failures = 0; ///< In a row.
    std::chrono::milliseconds m_notBefore{0};
    Error m_lastError{Code::TokenUnavailable, {}};
};

} // namespace cring::ssh
