// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/health/probe.h"

#include "core/charm/token.h"
#include "core/http/pool.h"

#include <QDateTime>
#include <QLocale>

namespace cring::health {
using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

constexpr qint64 kMostBytes = 64 * 1024;
/// The issuer changes only when somebody restarts the server with other settings.
constexpr int kProbesPerIssuer = 10;

QString notCharm(const QString &what)
{
    return what + QStringLiteral(": is it a Charm server?");
}

/// Why this is no answer to go on with; empty if it is one.
QString problemOf(const Result<http::Response> &result, const QString &question)
{
    if (!result)
        return result.error().detail;
    if (result->status != 200)
        return notCharm(QStringLiteral("answered %1 when asked for %2").arg(result->status).arg(question));
    return {};
}

} // namespace

Probe::Probe(Backend &backend, milliseconds timeout, const IClock &clock, QObject *parent)
    : QObject(parent)
    , m_backend(backend)
    , m_timeout(timeout)
    , m_clock(clock)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &Probe::run);
}

Probe::~Probe()
{
    cancel();
}

void Probe::run()
{
    if (underWay())
        return;
    m_timer.stop();
    m_observation = {};
    m_started = m_clock.steady();
    ask(QByteArrayLiteral("/v1/public/jwks"), m_timeout, &Probe::handleKeys);
}

void Probe::runNoMore()
{
    m_timer.stop();
}

void Probe::cancel()
{
    m_timer.stop();
    if (m_exchange)
        m_exchange->cancel();
    m_exchange.clear();
}

void Probe::ask(const QByteArray &target, milliseconds timeout,
                void (Probe::*handler)(const Result<http::Response> &))
{
    const http::Request request{QByteArrayLiteral("GET"), target, {}, {}};
    m_exchange = m_backend.pool().exchange(request, timeout, kMostBytes, this,
                                           [this, handler](const Result<http::Response> &result) {
                                               m_exchange.clear();
                                               (this->*handler)(result);
                                           });
}

void Probe::handleKeys(const Result<http::Response> &result)
{
    const QString problem = problemOf(result, QStringLiteral("its signing keys"));
    if (!problem.isEmpty()) {
        fail(problem);
        return;
    }
    const auto keys = charm::parseJwks(result->body);
    if (!keys) {
        fail(notCharm(QStringLiteral("sent no signing key that can be read")));
        return;
    }
    m_observation.latency = m_clock.steady() - m_started;
    m_observation.key = keys->constFirst();
    readClock(*result);
    if (!issuerWanted()) {
        finish();
        return;
    }
    const milliseconds left = m_timeout - *m_observation.latency;
    ask(QByteArrayLiteral("/.well-known/openid-configuration"), std::max(left, milliseconds(1)),
        &Probe::handleIssuer);
}

void Probe::handleIssuer(const Result<http::Response> &result)
{
    const QString problem = problemOf(result, QStringLiteral("its issuer"));
    if (!problem.isEmpty()) {
        fail(problem);
        return;
    }
    const auto issuer = charm::parseIssuer(result->body);
    if (!issuer) {
        fail(notCharm(QStringLiteral("sent no issuer that can be read")));
        return;
    }
    m_observation.key->issuer = *issuer;
    m_probesToIssuer = kProbesPerIssuer;
    finish();
}

bool Probe::issuerWanted() const
{
    return m_knownKid != m_observation.key->kid || m_probesToIssuer <= 1;
}

void Probe::readClock(const http::Response &response)
{
    const QString text = QString::fromLatin1(response.headers.value("date"));
    QDateTime date = QLocale::c().toDateTime(text, QStringLiteral("ddd, dd MMM yyyy hh:mm:ss 'GMT'"));
    date.setTimeSpec(Qt::UTC);
    if (!date.isValid())
        return;
    // The field has whole seconds, cut off; the answer was made about half a round trip ago.
    const milliseconds server = milliseconds(date.toMSecsSinceEpoch()) + 500ms;
    m_observation.clockSkew = server - (m_clock.wall() - *m_observation.latency / 2);
}

void Probe::fail(const QString &problem)
{
    m_observation = {};
    m_observation.problem = problem;
    // What comes back may be another server.
    m_knownKid.clear();
    Q_EMIT observed(m_observation);
}

void Probe::finish()
{
    m_knownKid = m_observation.key->kid;
    --m_probesToIssuer;
    Q_EMIT observed(m_observation);
}

} // namespace cring::health
