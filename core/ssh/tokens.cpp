// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/tokens.h"

#include <QCryptographicHash>

#include <algorithm>

namespace cring::ssh {
using std::chrono::milliseconds;

namespace {

constexpr QLatin1String kServerKeyName("identity.server_key");
constexpr QLatin1String kOwnKeyName("identity.key");
constexpr QLatin1String kKeychain("keychain");

/// Of a keychain: that it will be there, and open, later.
bool mayPass(const Error &error)
{
    return error.code == Code::KeychainLocked || error.code == Code::KeychainUnavailable;
}

/// A charm client that is run for the first time makes its key: looked for again, but not for every request.
constexpr milliseconds kSearchAgain{30'000};
/// About one thing; then it may be said again.
constexpr qsizetype kMostWords = 16;

QString withCode(const Error &error)
{
    return QStringLiteral("%1 (%2)").arg(error.detail, codeName(error.code));
}

QList<QByteArray> issuersOf(const health::KeySet &keys)
{
    QList<QByteArray> issuers;
    for (const health::TrustedKey &key : keys)
        issuers.append(key.issuer);
    return issuers;
}

} // namespace

Tokens::Tokens(KeyPlaces places, config::ISecretStore &secrets, const IClock &clock, IRandom &random,
               telemetry::ActivityLog &activity, QObject *parent)
    : ITokenSource(parent)
    , m_places(std::move(places))
    , m_secrets(secrets)
    , m_clock(clock)
    , m_random(random)
    , m_activity(activity)
    , m_verified(clock)
{
    m_again.setSingleShot(true);
    connect(&m_again, &QTimer::timeout, this, &Tokens::askAgain);
}

Tokens::~Tokens() = default;

void Tokens::configure(const config::Config &config, health::Monitor &monitor, health::Primary &primary)
{
    m_identities.clear();
    m_config = config;
    m_monitor = &monitor;
    m_primary = &primary;
    m_watch = std::make_unique<QObject>();
    connect(&monitor, &health::Monitor::keysChanged, m_watch.get(), [this] { handleKeysChanged(); });
    for (const health::Backend *backend : primary.backends().all()) {
        connect(backend, &health::Backend::stateChanged, m_watch.get(), [this, backend] {
            if (backend->state() == health::Backend::State::Up)
                handleUp();
        });
    }
    m_own.clear();
    readServerKey();
    readOwnKey();
    handleKeysChanged();
    Q_EMIT identitiesChanged();
}

// ---- keys ----

void Tokens::readServerKey()
{
    m_serverKey.reset();
    m_serverKeyIsOut = false;
    m_keyIsBad = false;
    m_keyProblem.clear();
    const QString &place = m_config.identity.serverKey;
    if (place.isEmpty())
        return;
    m_serverKeyIsOut = true;
    m_keyProblem = QStringLiteral("the server key is being read");
    // An answer for an older configuration comes to nobody.
    m_secrets.read({place, kServerKeyName}, m_watch.get(),
                   [this](const Result<Secret> &text) { takeServerKey(text); });
}

void Tokens::takeServerKey(const Result<Secret> &text)
{
    const Result<charm::ServerKey> key = text ? charm::ServerKey::parse(text->view()) : text.error();
    m_serverKeyIsOut = !text && mayPass(text.error());
    if (m_serverKeyIsOut)
        m_again.start(kAskAgain);
    m_keyProblem.clear();
    if (key) {
        m_serverKey = *key;
        handleKeysChanged();
        return;
    }
    const QString &place = m_config.identity.serverKey;
    const Error error{key.error().code,
                      text ? QStringLiteral("\"%1\" %2").arg(place, key.error().detail) : key.error().detail};
    m_keyProblem = QStringLiteral("the server key cannot be used: ") + withCode(error);
    m_keyIsBad = !m_serverKeyIsOut;
    say(QStringLiteral("server key"), telemetry::Level::Error, m_keyProblem);
}

/// Files are found with the others, in findKeys().
void Tokens::readOwnKey()
{
    m_ownKeyIsOut = m_config.identity.key == kKeychain;
    m_ownKeyProblem = m_ownKeyIsOut ? QStringLiteral("the identity's key is being read") : QString();
    if (m_ownKeyIsOut)
        m_secrets.read({kKeychain, kOwnKeyName}, m_watch.get(),
                       [this](const Result<Secret> &text) { takeOwnKey(text); });
}

void Tokens::takeOwnKey(const Result<Secret> &text)
{
    m_ownKeyIsOut = !text && mayPass(text.error());
    if (m_ownKeyIsOut)
        m_again.start(kAskAgain);
    m_ownKeyProblem.clear();
    if (!text) {
        m_ownKeyProblem = QStringLiteral("an identity cannot be used: ") + withCode(text.error());
        say(QStringLiteral("identity keychain"), telemetry::Level::Warning, m_ownKeyProblem);
        return;
    }
    m_identities.clear();
    add({kKeychain, {}, QCryptographicHash::hash(text->view(), QCryptographicHash::Sha256)}, true);
    serveAll();
    Q_EMIT identitiesChanged();
    Q_EMIT available(QByteArray());
}

void Tokens::askAgain()
{
    if (m_serverKeyIsOut)
        readServerKey();
    if (m_ownKeyIsOut)
        readOwnKey();
}

void Tokens::judgeServerKey()
{
    m_issuer.clear();
    if (!m_serverKey)
        return;
    m_keyIsBad = false;
    const health::KeySet &keys = m_monitor->keys();
    const auto own = std::ranges::find_if(keys, [this](const health::TrustedKey &key) {
        return key.kid == m_serverKey->kid() && key.publicKey == m_serverKey->publicKey();
    });
    if (own != keys.end()) {
        m_issuer = own->issuer;
        m_keyProblem.clear();
        say(QStringLiteral("server key"), telemetry::Level::Info,
            QStringLiteral("the server key brings tokens for every account"));
    } else if (keys.isEmpty()) {
        m_keyProblem = QStringLiteral("the servers have not said yet which key they sign with");
    } else {
        m_keyIsBad = true;
        m_keyProblem = withCode(
            {Code::ServerKeyDiffers,
             QStringLiteral(
                 "the server key in identity.server_key is not the one that the servers sign with, so "
                 "they would refuse what it signs: name the .ssh/charm_server_ed25519 of one of them")});
        say(QStringLiteral("server key"), telemetry::Level::Error, m_keyProblem);
    }
}

/// Those that are known already stay, with what they have learnt.
void Tokens::findKeys()
{
    m_searchedAt = m_clock.steady();
    if (m_config.identity.key == kKeychain)
        return;
    const QStringList ofTheRing = ringHosts(m_config, issuersOf(m_monitor->keys()));
    QStringList hosts = ofTheRing;
    for (const health::Backend *backend : m_primary->backends().all()) {
        if (!hosts.contains(backend->host()))
            hosts.append(backend->host());
    }
    const FoundIdentities found = findIdentities(m_config.identity.key, m_places, hosts);
    for (const Error &problem : found.problems)
        say(QStringLiteral("identity ") + problem.detail, telemetry::Level::Warning,
            QStringLiteral("an identity cannot be used: ") + withCode(problem));
    const auto isIn = [](const FoundIdentities &list, const Identity &identity) {
        return std::ranges::any_of(list.identities, [&](const Identity &other) {
            return other.digest == identity.digest && other.hosts == identity.hosts;
        });
    };
    const auto gone =
        std::erase_if(m_identities, [&](const auto &login) { return !isIn(found, login->identity()); });
    for (const Identity &identity : found.identities) {
        const bool known = std::ranges::any_of(
            m_identities, [&](const auto &login) { return login->identity().digest == identity.digest; });
        if (known)
            continue;
        const bool withRing =
            identity.hosts.isEmpty() || std::ranges::any_of(identity.hosts, [&](const QString &host) {
                return ofTheRing.contains(host);
            });
        add(identity, withRing);
    }
    if (gone > 0)
        Q_EMIT identitiesChanged();
}

void Tokens::add(const Identity &identity, bool withRing)
{
    const IdentityLogin::Site site{m_workers,       m_secrets,  m_clock,   m_random,
                                   m_config.timing, *m_monitor, *m_primary};
    m_identities.push_back(std::make_unique<IdentityLogin>(identity, withRing, site));
    const IdentityLogin *login = m_identities.back().get();
    connect(login, &IdentityLogin::finished, this,
            [this, login](const Result<replica::Credentials> &result, const QString &server) {
                handleFinished(*login, result, server);
            });
}

void Tokens::handleKeysChanged()
{
    m_verified.clear();
    judgeServerKey();
    findKeys();
    serveAll();
    if (!m_monitor->keys().isEmpty())
        Q_EMIT available(QByteArray());
}

/// What failed because it was away need not wait out its pause.
void Tokens::handleUp()
{
    bool waited = false;
    for (const auto &identity : m_identities) {
        waited = waited || identity->failed() || identity->account().isEmpty();
        identity->forgetFailures();
    }
    if (waited)
        Q_EMIT available(QByteArray());
}

// ---- tokens ----

void Tokens::obtain(const QByteArray &account, QObject *context, Done done)
{
    serve({account, context, std::move(done)});
}

void Tokens::obtainOwn(QObject *context, Done done)
{
    serve({QByteArray(), context, std::move(done)});
}

QList<SealedKeys> Tokens::sealedKeys() const
{
    QList<SealedKeys> all;
    for (const auto &identity : m_identities) {
        if (!identity->account().isEmpty())
            all.append({identity->account(), identity->identity().digest, identity->identity().place,
                        identity->publicKey(), identity->sealedKeys()});
    }
    return all;
}

bool Tokens::mayOpen(const QByteArray &account, const QByteArray &digest) const
{
    return !(m_isDisabled && m_isDisabled(account)) &&
           std::ranges::any_of(m_identities,
                               [&](const auto &identity) { return identity->identity().digest == digest; });
}

Status Tokens::askForSealedKeys()
{
    if (!m_monitor)
        return unavailable(QStringLiteral("the service is starting"));
    if (m_identities.empty() && m_clock.steady() - m_searchedAt >= kSearchAgain)
        findKeys();
    bool underWay = false;
    Error problem{Code::TokenUnavailable, m_ownKeyProblem.isEmpty()
                                              ? QStringLiteral("no Charm identity of yours was found")
                                              : m_ownKeyProblem};
    for (const auto &identity : m_identities) {
        const Status status = identity->underWay() ? Status() : identity->begin();
        underWay = underWay || status;
        if (!status)
            problem = status.error();
    }
    return underWay ? Status() : problem;
}

/// Of the first identity that has shown whose it is.
QByteArray Tokens::ownAccount() const
{
    for (const auto &identity : m_identities) {
        if (!identity->account().isEmpty())
            return identity->account();
    }
    return {};
}

void Tokens::handleChanged(const QByteArray &account)
{
    // Whoever keeps a token asks again.
    Q_EMIT available(account);
}

void Tokens::offer(const replica::Credentials &credentials)
{
    const bool isNew = !m_seen.find(credentials.account, now() + kGoodFor.count());
    m_seen.put(credentials);
    if (isNew && m_seen.find(credentials.account, now() + kGoodFor.count()))
        Q_EMIT available(credentials.account);
}

Result<Signer> Tokens::signer() const
{
    if (m_serverKey && !m_issuer.isEmpty())
        return Signer{*m_serverKey, m_issuer};
    return Error{Code::TokenUnavailable, m_keyProblem.isEmpty()
                                             ? QStringLiteral("identity.server_key names no server key")
                                             : m_keyProblem};
}

std::optional<charm::VerificationKey> Tokens::ownKey() const
{
    if (!m_serverKey)
        return std::nullopt;
    return charm::VerificationKey{m_serverKey->kid(), m_serverKey->publicKey(), {}, true};
}

QByteArray Tokens::issuer() const
{
    const QList<QByteArray> issuers = m_monitor ? issuersOf(m_monitor->keys()) : QList<QByteArray>();
    return issuers.isEmpty() ? QByteArray() : issuers.constFirst();
}

void Tokens::serve(Waiting waiting)
{
    if (!waiting.context)
        return;
    const QByteArray account = waiting.account.isEmpty() ? ownAccount() : waiting.account;
    if (m_isDisabled && m_isDisabled(account)) {
        waiting.done(Error{Code::TokenUnavailable, QStringLiteral("the account was disabled")});
        return;
    }
    const auto credentials = account.isEmpty() ? std::nullopt : atHand(account);
    if (credentials) {
        waiting.done(*credentials);
        return;
    }
    const Status status = m_waiting.size() < kMostWaiting
                              ? logIn(account)
                              : unavailable(QStringLiteral("too much work waits for a login already"));
    if (status)
        m_waiting.append(std::move(waiting));
    else
        waiting.done(status.error());
}

void Tokens::serveAll()
{
    // Whoever is served may ask for the next one.
    for (Waiting &waiting : std::exchange(m_waiting, {}))
        serve(std::move(waiting));
}

std::optional<replica::Credentials> Tokens::atHand(const QByteArray &account)
{
    const qint64 until = now() + kGoodFor.count();
    if (const auto *own = m_own.find(account, until); own && isGood(*own))
        return *own;
    if (!m_issuer.isEmpty()) {
        const replica::Credentials minted = mint(account);
        if (isGood(minted)) {
            m_own.put(minted);
            return minted;
        }
    }
    if (const auto *seen = m_seen.find(account, until); seen && isGood(*seen))
        return *seen;
    return std::nullopt;
}

/// The keys may have changed since it was looked at.
bool Tokens::isGood(const replica::Credentials &credentials)
{
    const Result<QByteArray> token = charm::bearerToken(credentials.authorization);
    if (!token || !m_monitor)
        return false;
    std::optional<charm::Claims> claims = m_verified.find(*token);
    if (!claims) {
        const auto verified = charm::verifyToken(*token, m_monitor->keys(), now());
        if (!verified)
            return false;
        m_verified.insert(*token, *verified);
        claims = *verified;
    }
    return claims->subject == credentials.account && claims->expires > now() + kGoodFor.count();
}

replica::Credentials Tokens::mint(const QByteArray &account) const
{
    return {account, "bearer " + m_serverKey->mint(account, m_issuer, now()),
            now() + charm::ServerKey::kLife.count()};
}

/// Good when a login is under way that may bring one.
Status Tokens::logIn(const QByteArray &account)
{
    const auto mayServe = [&](const auto &identity) {
        return identity->mayServe(account);
    };
    if (!m_monitor)
        return unavailable(QStringLiteral("the service is starting"));
    if (std::ranges::none_of(m_identities, mayServe) && m_clock.steady() - m_searchedAt >= kSearchAgain)
        findKeys();
    if (std::ranges::any_of(m_identities,
                            [&](const auto &identity) { return mayServe(identity) && identity->underWay(); }))
        return {};
    QStringList reasons;
    for (const auto &identity : m_identities) {
        if (!mayServe(identity))
            continue;
        const Status status = identity->begin();
        if (status)
            return {};
        reasons << status.error().detail;
    }
    return unavailable(reasons.join(QStringLiteral("; ")));
}

Error Tokens::unavailable(const QString &why) const
{
    QStringList reasons;
    for (const QString &reason : {m_keyProblem, m_ownKeyProblem, why}) {
        if (!reason.isEmpty())
            reasons << reason;
    }
    if (reasons.isEmpty())
        reasons << QStringLiteral("nothing in [identity] brings one");
    return Error{Code::TokenUnavailable,
                 QStringLiteral("waits for a token of the account, which any request of it brings: ") +
                     reasons.join(QStringLiteral("; "))};
}

void Tokens::handleFinished(const IdentityLogin &identity, const Result<replica::Credentials> &result,
                            const QString &server)
{
    const QString topic = QStringLiteral("login ") + identity.identity().place;
    if (result) {
        m_own.put(*result);
        say(topic, telemetry::Level::Info,
            QStringLiteral("the identity of %1 brings tokens").arg(identity.identity().place), server,
            result->account);
    } else {
        say(topic, telemetry::Level::Warning,
            QStringLiteral("no token with the identity of %1: %2")
                .arg(identity.identity().place, withCode(result.error())),
            server, identity.account());
    }
    // In a later turn: looking for keys again may do away with the identity that is telling us.
    const QByteArray account = result ? result->account : QByteArray();
    const auto goOn = [this, account] {
        serveAll();
        if (!account.isEmpty())
            Q_EMIT available(account);
    };
    QMetaObject::invokeMethod(this, goOn, Qt::QueuedConnection);
}

qint64 Tokens::now() const
{
    return std::chrono::duration_cast<std::chrono::seconds>(m_clock.wall()).count();
}

/// Each word about the same thing once, until it is well.
void Tokens::say(const QString &topic, telemetry::Level level, const QString &text, const QString &server,
                 const QByteArray &account)
{
    QStringList &said = m_said[topic];
    if (said.contains(text))
        return;
    if (level == telemetry::Level::Info || said.size() >= kMostWords)
        said.clear();
    said.append(text);
    m_activity.record(level, telemetry::Category::Ssh, text, server, QString::fromUtf8(account));
}

} // namespace cring::ssh
