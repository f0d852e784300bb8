// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/telemetry/metricsserver.h"

namespace cring::telemetry {

namespace {

/// A few programs watch one service. Whoever opens more takes nothing from the front's clients.
constexpr int kConnections = 32;

/// What is asked for here has no body; one that is sent all the same is read and dropped.
http::Server::Bounds boundsOf(const config::Limits &limits)
{
    const int connections = std::min(limits.connections, kConnections);
    return {{limits.headerBytes, limits.headerBytes, limits.headerTime, limits.idleTime},
            connections,
            connections};
}

} // namespace

MetricsServer::MetricsServer(const Metrics &metrics, std::function<Readiness()> readiness,
                             const config::Limits &limits, const IClock &clock, QObject *parent)
    : QObject(parent)
    , m_metrics(metrics)
    , m_readiness(std::move(readiness))
    , m_server(boundsOf(limits), clock)
{
    connect(&m_server, &http::Server::requestStarted, this, &MetricsServer::handleRequest);
}

void MetricsServer::handleRequest(http::ServerConnection *connection)
{
    const Answer answer = answerTo(connection->request());
    http::Headers headers;
    headers.append("Content-Type", answer.contentType);
    if (!answer.allow.isEmpty())
        headers.append("Allow", answer.allow);
    if (!answer.challenge.isEmpty())
        headers.append("WWW-Authenticate", answer.challenge);
    // One question a connection: many in one write would be answered in one turn of the loop.
    connection->closeWhenDone();
    connection->respond(answer.status, std::move(headers), answer.body);
}

MetricsServer::Answer MetricsServer::answerTo(const http::RequestHead &request) const
{
    const QByteArray path = request.target.split('?').first();
    const bool known = path == "/metrics" || path == "/healthz" || path == "/readyz";
    if (!known)
        return {404, "nothing is here; there are /metrics, /healthz and /readyz\n"};
    if (request.method != "GET" && request.method != "HEAD")
        return {405, "this can only be read\n", "text/plain; charset=utf-8", "GET, HEAD"};
    if (path == "/metrics" && m_admits && !m_admits(request))
        return {401, "the metrics are for who has their token\n", "text/plain; charset=utf-8", {}, "Bearer"};
    if (path == "/metrics")
        return {200, m_metrics.text(), "text/plain; version=0.0.4; charset=utf-8"};
    if (path == "/healthz")
        return {200, "the service is running\n"};
    const Readiness readiness = m_readiness();
    return {readiness.ready ? 200 : 503, readiness.words.toUtf8() + '\n'};
}

} // namespace cring::telemetry
