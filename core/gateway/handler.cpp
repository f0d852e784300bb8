// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/handler.h"

#include "core/base/log.h"

namespace cring::gateway {

Q_LOGGING_CATEGORY(lcRequest, "cring.request")

Handler::Handler(replica::Environment &environment, http::ServerConnection *connection, telemetry::Kind kind,
                 QObject *parent)
    : QObject(parent)
    , m_environment(environment)
    , m_connection(connection)
    , m_requestId(connection->requestId())
    , m_tally(environment.counters, environment.clock, kind)
{
}

Handler::~Handler()
{
    // Ended by its router's end: a client that still waits must not.
    if (m_connection && m_connection->handler() == this) {
        m_connection->setHandler(nullptr);
        m_connection->abort();
    }
}

/// Without the account and the path.
void Handler::note(const QString &outcome) const
{
    if (!lcRequest().isDebugEnabled())
        return;
    const log::Field request(log::Field::kRequest, QString::fromLatin1(m_requestId));
    qCDebug(lcRequest).noquote() << telemetry::kindName(m_tally.kind()) << outcome;
}

void Handler::warn(telemetry::Category category, const QString &text, const QByteArray &account) const
{
    const log::Field request(log::Field::kRequest, QString::fromLatin1(m_requestId));
    m_environment.activity.record(telemetry::Level::Warning, category, text, {},
                                  QString::fromLatin1(account));
}

void Handler::handleClientGone()
{
    note(QStringLiteral("has no client any more"));
    m_connection = nullptr;
    handleAbandoned();
    deleteLater();
}

void Handler::setOutcome(int status)
{
    if (lcRequest().isDebugEnabled())
        note(QStringLiteral("answered %1").arg(status));
    m_tally.setOutcome(status < 400 || status == 404 ? telemetry::Outcome::Done
                       : status < 500                ? telemetry::Outcome::Refused
                                                     : telemetry::Outcome::Failed);
}

void Handler::relay(const http::Response &response)
{
    const QByteArray type = response.headers.value("Content-Type");
    if (gone() || connection().request().method != "HEAD") {
        send({response.status, type, response.body, {}}, {});
        return;
    }
    setOutcome(response.status);
    bool told = false;
    const qint64 length = response.headers.value("Content-Length").toLongLong(&told);
    http::Headers headers;
    if (!type.isEmpty())
        headers.append("Content-Type", type);
    http::ServerConnection *connection = std::exchange(m_connection, nullptr);
    connection->setHandler(nullptr);
    connection->beginResponse(response.status, std::move(headers), told && length >= 0 ? length : -1);
    connection->endResponse();
    deleteLater();
}

void Handler::answer(const replica::Outcome &outcome, http::Headers headers)
{
    if (gone())
        return;
    if (outcome.status == kTooFewServers)
        m_tally.countQuorumFailure();
    send(outcome, std::move(headers));
}

void Handler::send(const replica::Outcome &outcome, http::Headers headers)
{
    if (gone())
        return;
    setOutcome(outcome.status);
    http::ServerConnection *connection = std::exchange(m_connection, nullptr);
    connection->setHandler(nullptr);
    if (!outcome.contentType.isEmpty())
        headers.set("Content-Type", outcome.contentType);
    connection->respond(outcome.status, std::move(headers), outcome.body);
    deleteLater();
}

void Handler::complete(telemetry::Outcome outcome)
{
    note(telemetry::outcomeName(outcome));
    m_tally.setOutcome(outcome);
    if (http::ServerConnection *connection = std::exchange(m_connection, nullptr)) {
        connection->setHandler(nullptr);
        connection->endResponse();
    }
    deleteLater();
}

void Handler::cut()
{
    note(QStringLiteral("cut off"));
    m_tally.setOutcome(telemetry::Outcome::Failed);
    if (http::ServerConnection *connection = std::exchange(m_connection, nullptr)) {
        connection->setHandler(nullptr);
        connection->abort();
    }
    deleteLater();
}

} // namespace cring::gateway
