// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/identitylogin.h"

#include "core/base/words.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>

namespace cring::ssh {
using std::chrono::milliseconds;

namespace {

constexpr double kSpread = 0.2;
/// From here on the pause is kLongestPause anyway.
constexpr int kMostDoublings = 5;

Error unavailable(const QString &why)
{
    return Error{Code::TokenUnavailable, why};
}

/// Within its own signal: it has to live until that has come back.
void deleteSoon(Login *login)
{
    login->deleteLater();
}

} // namespace

QList<SealedKey> sealedKeysOf(const QJsonObject &auth)
{
    QList<SealedKey> keys;
    const QJsonArray array = auth.value(QStringLiteral("encrypt_keys")).toArray();
    for (const QJsonValue &value : array) {
        const QJsonObject object = value.toObject();
        const auto text = [&object](const char *name) {
            return object.value(QLatin1String(name)).toString().toUtf8();
        };
        SealedKey key{text("id"), text("key"), text("created_at")};
        if (!key.bytes().isEmpty() && !keys.contains(key))
            keys.append(std::move(key));
    }
    return keys;
}

IdentityLogin::IdentityLogin(Identity identity, bool withRing, const Site &site, QObject *parent)
    : QObject(parent)
    , m_identity(std::move(identity))
    , m_withRing(withRing)
    , m_site(site)
    , m_login(nullptr, deleteSoon)
{
}

IdentityLogin::~IdentityLogin()
{
    // Not later: the workers go next, and wait for whom nobody has called off.
    delete m_login.release();
}

/// Of two servers under one name nobody knows which one the client meant.
bool IdentityLogin::isKeptUnder(const health::Backend &backend) const
{
    const QList<health::Backend *> &all = m_site.primary.backends().all();
    return m_identity.hosts.contains(backend.host()) &&
           std::ranges::count_if(
               all, [&](const health::Backend *other) { return other->host() == backend.host(); }) == 1;
}

QList<health::Backend *> IdentityLogin::candidates() const
{
    const QList<health::Backend *> &all = m_site.primary.backends().all();
    health::Backend *primary = m_site.primary.current();
    QList<health::Backend *> list;
    const auto add = [&](health::Backend *backend) {
        if (backend && !list.contains(backend) && !m_strangers.contains(backend->id()))
            list.append(backend);
    };
    // The primary may not know yet a key that a server's own name was given.
    for (health::Backend *backend : all) {
        if (isKeptUnder(*backend))
            add(backend);
    }
    // While that one is away, the primary would make a second account for the key, were it not to know it.
    const bool goesWithPrimary = m_withRing && list.isEmpty();
    if (goesWithPrimary || (primary && m_home.contains(primary->id())))
        add(primary);
    for (health::Backend *backend : all) {
        if (m_home.contains(backend->id()))
            add(backend);
    }
    return list;
}

Result<health::Backend *> IdentityLogin::choose() const
{
    QStringList reasons;
    for (health::Backend *backend : candidates()) {
        const auto &key = backend->health().key;
        if (!backend->usable())
            reasons << backend->label() + QLatin1Char(' ') + backend->unusableReason();
        else if (!key || !m_site.monitor.keys().contains(*key))
            reasons << QStringLiteral("the key of %1 is not known yet").arg(backend->label());
        else
            return backend;
    }
    return unavailable(
        QStringLiteral("the identity of %1 cannot log in: %2")
            .arg(m_identity.place, reasons.isEmpty()
                                       ? QStringLiteral("none of the servers is one that it is used "
                                                        "with")
                                       : reasons.join(QStringLiteral(", "))));
}

Status IdentityLogin::begin()
{
    const milliseconds now = m_site.clock.steady();
    if (m_failures > 0 && now < m_notBefore)
        return unavailable(QStringLiteral("%1 (%2); the next try is in %3")
                               .arg(m_lastError.detail, codeName(m_lastError.code),
                                    words::duration(m_notBefore - now + milliseconds(999))));
    if (const Result<health::Backend *> backend = choose(); !backend)
        return backend.error();
    m_reading = true;
    m_site.secrets.read({m_identity.place, QStringLiteral("identity.key")}, this, [this](Result<Secret> key) {
        // Files are there at once, and nobody is to be told before this returns.
        const auto held = std::make_shared<Result<Secret>>(std::move(key));
        QMetaObject::invokeMethod(
            this, [this, held] { logIn(std::move(*held)); }, Qt::QueuedConnection);
    });
    return {};
}

void IdentityLogin::logIn(Result<Secret> key)
{
    m_reading = false;
    // While the key was read, the servers may have changed.
    const Result<health::Backend *> backend = choose();
    if (!key || !backend) {
        end(key ? backend.error() : key.error(), backend ? (*backend)->name() : QString());
        return;
    }
    Login::Request request;
    request.name = (*backend)->name();
    request.host = (*backend)->host();
    request.port = (*backend)->server().sshPort;
    request.key = std::move(*key);
    request.command = "api-auth";
    request.hostKey = (*backend)->health().key->publicKey;
    m_login.reset(new Login(m_site.workers, std::move(request), Login::Times::of(m_site.timing)));
    connect(m_login.get(), &Login::finished, this,
            [this, id = (*backend)->id(), name = (*backend)->name()](const Result<Login::Answer> &answer) {
                handleFinished(answer, id, name);
            });
    m_login->start();
}

void IdentityLogin::forgetFailures()
{
    m_failures = 0;
}

void IdentityLogin::handleFinished(const Result<Login::Answer> &answer, const QString &id,
                                   const QString &name)
{
    m_login.reset();
    end(judge(answer, id, name), name);
}

void IdentityLogin::end(const Result<replica::Credentials> &result, const QString &name)
{
    if (result) {
        m_failures = 0;
    } else {
        const milliseconds pause =
            std::min(kFirstPause * (1 << std::min(m_failures, kMostDoublings)), kLongestPause);
        ++m_failures;
        m_lastError = result.error();
        m_notBefore =
            m_site.clock.steady() + milliseconds(static_cast<qint64>(static_cast<double>(pause.count()) *
                                                                     m_site.random.jitter(kSpread)));
    }
    Q_EMIT finished(result, name);
}

Result<replica::Credentials> IdentityLogin::judge(const Result<Login::Answer> &answer, const QString &id,
                                                  const QString &name)
{
    if (!answer)
        return answer.error();
    const QJsonObject auth = QJsonDocument::fromJson(answer->out).object();
    const QByteArray token = auth.value(QStringLiteral("jwt")).toString().toLatin1();
    if (token.isEmpty())
        return Error{Code::BackendAnswer,
                     name + QStringLiteral(" let the identity in and gave it no token: its log says why")};
    const qint64 now = m_site.clock.wall().count() / 1000;
    const auto claims = charm::verifyToken(token, m_site.monitor.keys(), now);
    if (!claims)
        return Error{claims.error().code,
                     QStringLiteral("%1 gave the identity a token that cannot be used. %2")
                         .arg(name, claims.error().detail)};
    if (!m_account.isEmpty() && claims->subject != m_account) {
        m_strangers.insert(id);
        m_home.remove(id);
        return Error{
            Code::AccountMissing,
            QStringLiteral("%1 does not know the account of the identity and has made another one for its "
                           "key; nobody logs in there with it any more. Give %1 the accounts of the other "
                           "servers")
                .arg(name)};
    }
    if (claims->expires <= now + kGoodFor.count())
        return Error{
            Code::TokenExpired,
            QStringLiteral("%1 gave the identity a token that is over in a moment: are the clocks of %1 "
                           "and of this machine right?")
                .arg(name)};
    m_account = claims->subject;
    m_publicKey = auth.value(QStringLiteral("public_key")).toString().toUtf8().trimmed();
    m_sealedKeys = sealedKeysOf(auth);
    m_home.insert(id);
    return replica::Credentials{claims->subject, "bearer " + token, claims->expires};
}

} // namespace cring::ssh
