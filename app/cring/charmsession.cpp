// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/charmsession.h"

#include "core/charm/sealed.h"
#include "core/config/endpoint.h"
#include "core/config/tlsfiles.h"
#include "core/replica/answers.h"
#include "core/ssh/identities.h"
#include "core/ssh/identitylogin.h"

#include <QHostAddress>
#include <QJsonDocument>
#include <QJsonObject>

namespace cring::app {
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kAnswer{10'000};
constexpr qint64 kMostBytes = 256 * 1024;
constexpr qint64 kGoodFor = 60; ///< Seconds that a token has to be good for.
constexpr QLatin1String kAuto("auto");

/// Where to reach what listens there.
QString reachable(const QString &host)
{
    const QHostAddress address(host);
    const bool everywhere =
        host.isEmpty() || address == QHostAddress::AnyIPv4 || address == QHostAddress::AnyIPv6;
    return everywhere ? QStringLiteral("localhost") : host;
}

Error away(const QString &address, const Error &why)
{
    return Error{Code::ControlUnavailable,
                 QStringLiteral("the ring does not answer at %1: %2").arg(address, why.detail)};
}

} // namespace

Error answerError(int status, const QByteArray &body)
{
    const QString message = QJsonDocument::fromJson(body).object().value(QLatin1String("message")).toString();
    const Code code = replica::isMissingUser(status, body) ? Code::AccountMissing
                      : status == 404                      ? Code::NotFound
                      : status == 503                      ? Code::NoQuorum
                                                           : Code::BackendAnswer;
    return Error{code, message.isEmpty()
                           ? QStringLiteral("the ring answered %1").arg(status)
                           : QStringLiteral("the ring answered %1: %2").arg(status).arg(message)};
}

CharmSession::CharmSession(config::Config config, QString host, QObject *parent)
    : QObject(parent)
    , m_config(std::move(config))
    , m_host(std::move(host))
    , m_secrets(QProcessEnvironment::systemEnvironment())
    , m_login(nullptr, [](ssh::Login *login) { login->deleteLater(); })
    , m_keys(std::make_shared<std::vector<Secret>>())
{
}

CharmSession::~CharmSession()
{
    // Not later: the workers go next, and wait for whom nobody has called off.
    delete m_login.release();
}

Status CharmSession::connectTo()
{
    const auto http = config::parseEndpoint(m_config.address);
    const auto ssh = config::parseEndpoint(m_config.sshAddress);
    if (!http || !ssh)
        return http ? ssh.error() : http.error();
    m_sshHost = reachable(ssh->host);
    m_sshPort = ssh->port;
    http::Origin origin;
    origin.host = reachable(http->host);
    origin.port = http->port;
    origin.tls = !m_config.tlsCert.isEmpty();
    if (origin.tls) {
        origin.ssl = QSslConfiguration::defaultConfiguration();
        const auto own = config::readCertificates(m_config.tlsCert);
        if (!own)
            return own.error();
        origin.ssl.addCaCertificates(*own);
    }
    m_pool = std::make_unique<http::Pool>(origin);
    return {};
}

void CharmSession::open(Done done)
{
    if (const Status status = connectTo(); status)
        askKeys(std::move(done));
    else
        done(status);
}

/// The servers' SSH host key is the one that signs their tokens.
void CharmSession::askKeys(Done done)
{
    m_pool->exchange({"GET", "/v1/public/jwks", {}, {}}, kAnswer, kMostBytes, this,
                     [this, done = std::move(done)](const Result<http::Response> &response) mutable {
                         if (!response) {
                             done(away(m_config.address, response.error()));
                             return;
                         }
                         const auto keys = charm::parseJwks(response->body);
                         if (response->status != 200 || !keys) {
                             done(away(m_config.address, answerError(response->status, response->body)));
                             return;
                         }
                         m_serverKeys = *keys;
                         for (charm::VerificationKey &key : m_serverKeys)
                             key.anyIssuer = true;
                         askIssuer(std::move(done));
                     });
}

/// Its name may be that which clients know the ring by.
void CharmSession::askIssuer(Done done)
{
    m_pool->exchange({"GET", "/.well-known/openid-configuration", {}, {}}, kAnswer, kMostBytes, this,
                     [this, done = std::move(done)](const Result<http::Response> &response) mutable {
                         const auto issuer = response ? charm::parseIssuer(response->body) : response.error();
                         if (issuer)
                             m_issuer = *issuer;
                         readKey(std::move(done));
                     });
}

Result<config::SecretPlace> CharmSession::choosePlace() const
{
    const QString name = QStringLiteral("identity.key");
    if (m_host.isEmpty() && m_config.identity.key != kAuto)
        return config::SecretPlace{m_config.identity.key, name};
    const QStringList hosts = m_host.isEmpty() ? ssh::ringHosts(m_config, {m_issuer}) : QStringList(m_host);
    const ssh::FoundIdentities found =
        ssh::findIdentities(kAuto, ssh::KeyPlaces::of(QProcessEnvironment::systemEnvironment()), hosts);
    if (found.identities.size() == 1)
        return config::SecretPlace{found.identities.constFirst().place, name};
    if (!found.identities.isEmpty()) {
        QStringList names;
        for (const ssh::Identity &identity : found.identities)
            names += identity.hosts;
        return Error{
            Code::SecretMissing,
            QStringLiteral("the charm client has different keys for %1: say whose with --identity HOST")
                .arg(names.join(QStringLiteral(", ")))};
    }
    if (!found.problems.isEmpty())
        return found.problems.constFirst();
    return Error{Code::SecretMissing,
                 QStringLiteral("there is no Charm key for %1 on this machine: `cring identity list` shows "
                                "those that there are")
                     .arg(hosts.join(QStringLiteral(", ")))};
}

void CharmSession::readKey(Done done)
{
    const auto place = choosePlace();
    if (!place) {
        done(place.error());
        return;
    }
    m_secrets.read(*place, this, [this, done = std::move(done)](Result<Secret> key) {
        if (key)
            logIn(std::move(*key), done);
        else
            done(key.error());
    });
}

void CharmSession::logIn(Secret key, Done done)
{
    ssh::Login::Request request;
    request.name = QStringLiteral("the ring");
    request.host = m_sshHost;
    request.port = m_sshPort;
    request.command = "api-auth";
    request.hostKey = m_serverKeys.constFirst().publicKey;
    const auto kept = std::make_shared<Secret>(key.size());
    std::copy(key.view().begin(), key.view().end(), kept->data());
    request.key = std::move(key);
    m_login.reset(new ssh::Login(m_workers, std::move(request), ssh::Login::Times::of(m_config.timing)));
    connect(m_login.get(), &ssh::Login::finished, this,
            [this, kept, done = std::move(done)](const Result<ssh::Login::Answer> &answer) {
                m_login.reset();
                done(answer ? take(*answer, kept->view()) : Status(answer.error()));
            });
    m_login->start();
}

Status CharmSession::take(const ssh::Login::Answer &answer, QByteArrayView privateKey)
{
    const QJsonObject auth = QJsonDocument::fromJson(answer.out).object();
    const QByteArray token = auth.value(QLatin1String("jwt")).toString().toLatin1();
    if (token.isEmpty())
        return Error{Code::BackendAnswer, QStringLiteral("the ring let your key in and gave it no token")};
    const auto claims = charm::verifyToken(token, m_serverKeys, m_clock.wall().count() / 1000);
    if (!claims)
        return claims.error();
    if (!m_account.isEmpty() && m_account != claims->subject)
        return Error{Code::AccountMissing,
                     QStringLiteral("the ring knows your key as another account than a moment ago")};
    auto keys = std::make_shared<std::vector<Secret>>();
    charm::Names names;
    const QList<ssh::SealedKey> all = ssh::sealedKeysOf(auth);
    for (const ssh::SealedKey &sealed : all) {
        auto key = charm::openSealed(sealed.bytes(), privateKey);
        if (key && names.add(*key))
            keys->push_back(std::move(*key));
    }
    if (keys->empty() && !all.isEmpty())
        return Error{Code::KeyUnusable,
                     QStringLiteral("your key does not open what the account's files are encrypted with")};
    m_account = claims->subject;
    m_authorization = "bearer " + token;
    m_expires = claims->expires;
    m_names = std::move(names);
    m_keys = std::move(keys);
    return {};
}

void CharmSession::authorize(QObject *context, Authorized done)
{
    if (m_expires > m_clock.wall().count() / 1000 + kGoodFor) {
        done(m_authorization);
        return;
    }
    readKey([this, caller = QPointer(context), done = std::move(done)](const Status &status) {
        if (caller)
            done(status ? Result<QByteArray>(m_authorization) : status.error());
    });
}

} // namespace cring::app
