// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/identitysurvey.h"

#include "core/charm/json.h"
#include "core/http/pool.h"
#include "core/service/backendpools.h"
#include "core/ssh/privatekey.h"

#include <QCryptographicHash>

#include <algorithm>

namespace cring::service {

namespace {

constexpr std::chrono::milliseconds kAnswer{3'000};
constexpr qint64 kMostBytes = 64 * 1024;
constexpr QLatin1String kAuto("auto");

/// Whose name `GET /v1/id/ID` gave; nothing for any other answer.
std::optional<QString> nameIn(const http::Response &response)
{
    const auto members = charm::json::members(response.body);
    if (response.status != 200 || !members)
        return std::nullopt;
    const QByteArrayView *name = charm::json::find(*members, "name");
    const auto text = name ? charm::json::string(*name) : std::nullopt;
    return QString::fromUtf8(text.value_or(QByteArray()));
}

} // namespace

IdentitySurvey::IdentitySurvey(Question question, config::ISecretStore &secrets, const IClock &clock,
                               IRandom &random, QObject *parent)
    : QObject(parent)
    , m_question(std::move(question))
    , m_secrets(secrets)
    , m_clock(clock)
    , m_random(random)
    , m_backends(m_question.config.servers, poolMaker(m_question.config), clock, random)
    , m_primary(clock, QString())
    , m_monitor(m_backends, m_question.config.timing, clock, random, QString())
{
    m_primary.setBackends(m_backends);
    if (!m_question.primary.isEmpty())
        (void)m_primary.promote(m_question.primary); // One that has left the ring is nobody's primary.
    m_limit.setSingleShot(true);
}

IdentitySurvey::~IdentitySurvey() = default;

void IdentitySurvey::start()
{
    findKeys();
    const QString &configured = m_question.config.identity.key;
    if (configured == kAuto) {
        awaitServers();
        return;
    }
    m_secrets.read({configured, QStringLiteral("identity.key")}, this,
                   [this](const Result<Secret> &key) { takeConfigured(key); });
}

void IdentitySurvey::findKeys()
{
    for (const ssh::ClientKey &key : ssh::clientKeys(m_question.places)) {
        const auto known = std::ranges::find_if(
            m_rows, [&](const Row &row) { return !row.digest.isEmpty() && row.digest == key.digest; });
        if (known != m_rows.end()) {
            known->hosts.append(key.host);
            continue;
        }
        Row row;
        row.place = QStringLiteral("file:") + key.file;
        row.hosts = QStringList(key.host);
        row.digest = key.digest;
        row.fingerprint = key.fingerprint;
        row.problem = key.problem ? key.problem->detail : QString();
        m_rows.append(row);
    }
}

void IdentitySurvey::takeConfigured(const Result<Secret> &key)
{
    Row row;
    row.place = m_question.config.identity.key;
    const Result<ssh::PublicHalf> half = key ? ssh::publicHalf(*key) : key.error();
    if (half) {
        row.digest = QCryptographicHash::hash(key->view(), QCryptographicHash::Sha256);
        row.fingerprint = half->fingerprint;
    } else {
        row.problem =
            key ? QStringLiteral("\"%1\" %2").arg(row.place, half.error().detail) : half.error().detail;
    }
    m_rows.prepend(row);
    awaitServers();
}

/// Until each has been probed once, whatever came of it.
void IdentitySurvey::awaitServers()
{
    if (!m_question.asksServers || m_backends.size() == 0) {
        QMetaObject::invokeMethod(this, &IdentitySurvey::showKeys, Qt::QueuedConnection);
        return;
    }
    connect(&m_monitor, &health::Monitor::probed, this, [this](const health::Backend *backend) {
        m_probed.insert(backend);
        if (m_probed.size() == m_backends.size())
            showKeys();
    });
    connect(&m_limit, &QTimer::timeout, this, &IdentitySurvey::showKeys);
    m_limit.start(m_question.config.timing.connectTimeout + m_question.config.timing.probeTimeout);
    m_monitor.start();
}

void IdentitySurvey::showKeys()
{
    if (std::exchange(m_shown, true))
        return;
    m_limit.stop();
    m_monitor.stop();
    QList<QByteArray> issuers;
    for (const health::TrustedKey &key : m_monitor.keys())
        issuers.append(key.issuer);
    m_ringHosts = ssh::ringHosts(m_question.config, issuers);
    ++m_pending;
    for (qsizetype i = 0; i < m_rows.size(); ++i)
        show(i);
    QMetaObject::invokeMethod(this, &IdentitySurvey::finishOne, Qt::QueuedConnection);
}

void IdentitySurvey::show(qsizetype at)
{
    Row &row = m_rows[at];
    const auto isOfTheRing = [this](const QString &host) {
        return m_ringHosts.contains(host);
    };
    const auto serversAt = [this](const QString &host) {
        return std::ranges::count_if(m_backends.all(),
                                     [&](const health::Backend *backend) { return backend->host() == host; });
    };
    const bool withRing = row.hosts.isEmpty() || std::ranges::any_of(row.hosts, isOfTheRing);
    row.ofTheRing = withRing || std::ranges::any_of(row.hosts, serversAt);
    if (!row.ofTheRing || row.digest.isEmpty() || !m_question.asksServers)
        return;
    const ssh::IdentityLogin::Site site{m_workers, m_secrets, m_clock, m_random, m_question.config.timing,
                                        m_monitor, m_primary};
    m_logins.push_back(std::make_unique<ssh::IdentityLogin>(ssh::Identity{row.place, row.hosts, row.digest},
                                                            withRing, site));
    ssh::IdentityLogin &login = *m_logins.back();
    connect(&login, &ssh::IdentityLogin::finished, this,
            [this, at](const Result<replica::Credentials> &result, const QString &server) {
                handleLogin(at, result, server);
            });
    if (const Status status = login.begin(); status)
        ++m_pending;
    else
        row.problem = status.error().detail;
}

void IdentitySurvey::handleLogin(qsizetype at, const Result<replica::Credentials> &result,
                                 const QString &server)
{
    Row &row = m_rows[at];
    row.askedAt = server;
    if (result) {
        row.account = result->account;
        for (health::Backend *backend : m_backends.all())
            ask(at, *backend, *result);
    } else {
        row.problem = result.error().detail;
    }
    // In a later turn: who listens to finished() may do away with the login that is telling us.
    QMetaObject::invokeMethod(this, &IdentitySurvey::finishOne, Qt::QueuedConnection);
}

void IdentitySurvey::ask(qsizetype at, health::Backend &backend, const replica::Credentials &credentials)
{
    Row &row = m_rows[at];
    const qsizetype place = row.servers.size();
    row.servers.append({backend.name(), Sight::Verdict::Unasked, backend.unusableReason()});
    if (!backend.usable())
        return;
    http::Request request{QByteArrayLiteral("GET"), "/v1/id/" + credentials.account, {}, {}};
    request.headers.append("Authorization", credentials.authorization);
    ++m_pending;
    backend.pool().exchange(
        request, kAnswer, kMostBytes, this, [this, at, place](const Result<http::Response> &response) {
            Row &answered = m_rows[at];
            Sight &sight = answered.servers[place];
            const auto name = response ? nameIn(*response) : std::nullopt;
            if (name) {
                sight.verdict = Sight::Verdict::Known;
                answered.name = name->isEmpty() ? answered.name : *name;
            } else if (response && response->status == 404) {
                sight.verdict = Sight::Verdict::Missing;
            } else {
                sight.problem =
                    response ? QStringLiteral("answered %1").arg(response->status) : response.error().detail;
            }
            finishOne();
        });
}

void IdentitySurvey::finishOne()
{
    if (--m_pending == 0)
        Q_EMIT finished();
}

} // namespace cring::service
