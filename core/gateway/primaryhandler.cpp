// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/primaryhandler.h"

#include "core/http/exchange.h"
#include "core/replica/requests.h"

#include <QDateTime>
#include <QJsonDocument>
#include <QJsonObject>

namespace cring::gateway {

namespace {

/// Charm's own limit for all but files (server/middleware.go:35).
constexpr qsizetype kMaxBody = 1024 * 1024;
constexpr qint64 kMaxAnswer = 16 * 1024 * 1024;

/// The order of a user's encrypt keys decides which one names files, and is that of `created_at`: it must be
/// the same on every server, so it is filled in here when the client has left it to the first one.
QByteArray withCreationTime(const QByteArray &body, std::chrono::milliseconds now)
{
    QJsonObject key = QJsonDocument::fromJson(body).object();
    if (key.isEmpty() || key.value(QStringLiteral("created_at")).isString())
        return body;
    key.insert(QStringLiteral("created_at"),
               QDateTime::fromMSecsSinceEpoch(now.count(), Qt::UTC).toString(Qt::ISODateWithMs));
    return QJsonDocument(key).toJson(QJsonDocument::Compact);
}

} // namespace

PrimaryHandler::PrimaryHandler(replica::Environment &environment, http::ServerConnection *connection,
                               const replica::Credentials &credentials, bool changes, QObject *parent)
    : Handler(environment, connection, telemetry::Kind::Account, parent)
    , m_credentials(credentials)
    , m_changes(changes)
{
}

void PrimaryHandler::begin()
{
    const http::RequestHead &head = connection().request();
    m_request.method = head.method;
    m_request.target = head.target;
    for (const char *name : {"Authorization", "Content-Type", "Accept", "User-Agent"}) {
        if (const QByteArray value = head.headers.value(name); !value.isEmpty())
            m_request.headers.append(name, value);
    }
    m_request.headers.append(http::kRequestIdField, requestId());
    if (head.contentLength > kMaxBody) {
        answer(replica::refusal(413, QStringLiteral("the body is larger than 1 MiB")));
        return;
    }
    connection().sendContinue();
}

void PrimaryHandler::handleBody(const QByteArray &data)
{
    m_request.body += data;
    if (m_request.body.size() > kMaxBody)
        answer(replica::refusal(413, QStringLiteral("the body is larger than 1 MiB")));
}

void PrimaryHandler::handleRequestEnd()
{
    if (m_request.method == "POST" && m_request.target.startsWith("/v1/encrypt-key"))
        m_request.body = withCreationTime(m_request.body, m_environment.clock.wall());
    m_candidates = m_environment.primary.candidates();
    m_primaryFailed = m_candidates.value(0) != m_environment.primary.current();
    tryNext();
}

void PrimaryHandler::tryNext()
{
    while (!m_candidates.isEmpty()) {
        health::Backend *backend = m_candidates.takeFirst();
        if (!replica::admits(*backend, m_reasons)) {
            m_primaryFailed = m_primaryFailed || backend == m_environment.primary.current();
            continue;
        }
        // Half of what a client may be kept waiting: a primary that hangs leaves time for the next.
        replica::ask(
            *backend, m_request, m_environment.config.timing.readTimeout, kMaxAnswer, this,
            [this, backend](const Result<http::Response> &result) { handleAnswer(backend, result); });
        return;
    }
    if (m_missingUser) {
        answer(*m_missingUser);
        return;
    }
    for (const health::Backend *backend : m_environment.backends.all()) {
        if (m_reasons.filter(backend->name() + u' ').isEmpty())
            m_reasons << backend->name() + u' ' + backend->unusableReason();
    }
    answer(replica::refusal(503, QStringLiteral("no server answers: %1").arg(replica::listed(m_reasons))));
}

void PrimaryHandler::handleAnswer(health::Backend *backend, const Result<http::Response> &result)
{
    if (!result) {
        m_reasons << backend->name() + u' ' + result.error().detail;
        m_primaryFailed = m_primaryFailed || backend == m_environment.primary.current();
        tryNext();
        return;
    }
    const QByteArray type = result->headers.value("Content-Type");
    if (replica::isMissingUser(result->status, result->body)) {
        // Another server may know the account: a 404 would make the client give up on it.
        m_missingUser = replica::Outcome{404, type, result->body, {}};
        // It is to know it the next time.
        m_environment.bringer.bring(backend->id(), m_credentials.account, this, [](bool) {});
        tryNext();
        return;
    }
    // Not for one account that it does not know.
    if (m_primaryFailed && backend != m_environment.primary.current())
        m_environment.primary.failedOver(backend);
    const bool changed = m_changes && result->status / 100 == 2;
    if (changed)
        oweToOthers(*backend);
    // The client's next login is answered from what the service knows: without the encrypt key that it has
    // just made, it would make another one.
    if (changed && m_environment.config.accounts == QLatin1String("closed"))
        m_environment.bringer.learn(this, [this, response = *result] { relay(response); });
    else
        relay(*result);
}

void PrimaryHandler::oweToOthers(const health::Backend &acceptedBy)
{
    for (const health::Backend *backend : m_environment.backends.all()) {
        if (backend == &acceptedBy)
            continue;
        state::AccountWork::Item item;
        item.server = backend->id();
        item.account = m_credentials.account;
        item.target = m_request.target;
        item.body = m_request.body;
        item.contentType = m_request.headers.value("Content-Type");
        if (!m_environment.accountWork.add(item))
            m_environment.activity.record(
                telemetry::Level::Warning, telemetry::Category::Backend,
                QStringLiteral("too much account data waits for servers; some was not passed on"),
                backend->name());
    }
}

} // namespace cring::gateway
