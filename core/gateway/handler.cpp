// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/handler.h"

namespace cring::gateway {

Handler::Handler(replica::Environment &environment, http::ServerConnection *connection, telemetry::Kind kind,
                 QObject *parent)
    : QObject(parent)
    , m_environment(environment)
    , m_connection(connection)
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

void Handler::handleClientGone()
{
    m_connection = nullptr;
    handleAbandoned();
    deleteLater();
}

void Handler::setOutcome(int status)
{
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
    m_tally.setOutcome(outcome);
    if (http::ServerConnection *connection = std::exchange(m_connection, nullptr)) {
        connection->setHandler(nullptr);
        connection->endResponse();
    }
    deleteLater();
}

void Handler::cut()
{
    m_tally.setOutcome(telemetry::Outcome::Failed);
    if (http::ServerConnection *connection = std::exchange(m_connection, nullptr)) {
        connection->setHandler(nullptr);
        connection->abort();
    }
    deleteLater();
}

} // namespace cring::gateway
