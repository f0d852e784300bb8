// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/router.h"

#include "core/gateway/primaryhandler.h"
#include "core/gateway/readhandler.h"
#include "core/gateway/removalhandler.h"
#include "core/gateway/sequencehandler.h"
#include "core/gateway/uploadhandler.h"

namespace cring::gateway {

using charm::Route;
using http::ServerConnection;

/// Holds a request back while it is found out whose it is; hands the connection on, untouched.
class Router::Waiting final : public QObject, public http::IRequestEvents
{
public:
    Waiting(const Arrived &request, QObject *parent)
        : QObject(parent)
        , m_request(request)
    {
        request.connection->setHandler(this);
        request.connection->pauseReading();
    }

    /// Without a connection when the client did not wait.
    Arrived take()
    {
        if (m_request.connection) {
            m_request.connection->setHandler(nullptr);
            m_request.connection->resumeReading();
        }
        deleteLater();
        return std::exchange(m_request, {nullptr, m_request.at});
    }

    /// To the handler that the request has got meanwhile: what came with the head, before the pause took
    /// hold.
    void replay(ServerConnection *connection) const
    {
        const QPointer<ServerConnection> guard(connection);
        for (const QByteArray &data : m_early) {
            if (guard && guard->handler())
                guard->handler()->handleBody(data);
        }
        if (m_ended && guard && guard->handler())
            guard->handler()->handleRequestEnd();
    }

private:
    void handleBody(const QByteArray &data) override { m_early.append(data); }
    void handleRequestEnd() override { m_ended = true; }
    void handleWritable() override {}
    void handleClientGone() override
    {
        m_request.connection = nullptr;
        deleteLater();
    }

    Arrived m_request;
    QList<QByteArray> m_early;
    bool m_ended = false;
};

namespace {

template <typename HandlerType>
void give(const Router::Arrived &request, HandlerType *handler)
{
    request.connection->setHandler(handler);
    handler->setBegun(request.at);
    handler->begin();
}

} // namespace

Router::Router(replica::Environment &environment, Authenticator &authenticator, const Behind &behind,
               QObject *parent)
    : QObject(parent)
    , m_environment(environment)
    , m_authenticator(authenticator)
    , m_behind(behind)
{
}

void Router::countRefusal()
{
    telemetry::RequestTally(m_environment.counters, m_environment.clock, telemetry::Kind::Other)
        .setOutcome(telemetry::Outcome::Refused);
}

void Router::refuse(const Arrived &request, int status, const QString &message, const QByteArray &allow)
{
    telemetry::RequestTally tally(m_environment.counters, m_environment.clock, telemetry::Kind::Other);
    tally.setBegun(request.at);
    if (status == kTooFewServers)
        tally.countQuorumFailure();
    tally.setOutcome(status < 500 ? telemetry::Outcome::Refused : telemetry::Outcome::Failed);
    const replica::Outcome outcome = replica::refusal(status, message);
    http::Headers headers;
    headers.append("Content-Type", outcome.contentType);
    if (!allow.isEmpty())
        headers.append("Allow", allow);
    request.connection->respond(status, headers, outcome.body);
}

void Router::route(ServerConnection *connection)
{
    const Arrived request{connection, m_environment.clock.steadyFine()};
    const http::RequestHead &head = connection->request();
    const Result<Route> route = charm::parseTarget(head.target);
    if (!route) {
        refuse(request, 400, route.error().detail);
        return;
    }
    if (route->kind == Route::Kind::Public) {
        if (head.method != "GET" && head.method != "HEAD")
            refuse(request, 405, QStringLiteral("this can only be read"), "GET, HEAD");
        else
            give(request, new PrimaryHandler(m_environment, connection, {}, false, this));
        return;
    }
    auto *waiting = new Waiting(request, this);
    m_authenticator.authenticate(
        head.headers.value("Authorization"), waiting,
        [this, waiting, route = *route](const Result<replica::Credentials> &credentials) {
            if (credentials)
                admit(waiting, route, *credentials);
            else if (const Arrived client = waiting->take(); client.connection)
                refuse(client, 401, credentials.error().detail);
        });
}

/// A path whose last upload was cut off by the end of the service waits until it is known what became of it.
void Router::admit(Waiting *waiting, const Route &route, const replica::Credentials &credentials)
{
    m_behind.tokens.offer(credentials);
    const auto go = [this, waiting, route, credentials](const Status &settled) {
        const Arrived client = waiting->take();
        if (client.connection && !settled)
            refuse(client, kTooFewServers, settled.error().detail);
        if (!client.connection || !settled)
            return;
        replica::Credentials ofThis = credentials;
        ofThis.request = client.connection->requestId();
        dispatch(client, route, ofThis);
        waiting->replay(client.connection);
    };
    if (route.kind == Route::Kind::File)
        m_behind.recovery.settle(replica::objectKey(credentials.account, route.path), waiting, go);
    else
        go({});
}

void Router::dispatch(const Arrived &request, const Route &route, const replica::Credentials &credentials)
{
    ServerConnection *connection = request.connection;
    const QByteArray method = connection->request().method;
    const bool reads = method == "GET" || method == "HEAD";
    if (!reads && m_environment.backends.all().isEmpty()) {
        refuse(request, kTooFewServers,
               QStringLiteral(
                   "no server is configured: nothing can be stored or deleted before there are some"));
        return;
    }
    switch (route.kind) {
    case Route::Kind::File:
        dispatchFile(request, route, credentials);
        return;
    case Route::Kind::Seq:
        if (reads || method == "POST")
            give(request, new SequenceHandler(m_environment, connection, credentials, route.name,
                                              m_behind.sequences, this));
        else
            refuse(request, 405, QStringLiteral("a sequence can be read and advanced"), "GET, HEAD, POST");
        return;
    case Route::Kind::Bio:
    case Route::Kind::EncryptKey:
        if (method == "POST" || (reads && !route.name.isEmpty()))
            give(request, new PrimaryHandler(m_environment, connection, credentials, !reads, this));
        else
            refuse(request, 405, QStringLiteral("not a method of this address"), "POST");
        return;
    case Route::Kind::Id:
    case Route::Kind::News:
        if (reads)
            give(request, new PrimaryHandler(m_environment, connection, credentials, false, this));
        else
            refuse(request, 405, QStringLiteral("this can only be read"), "GET, HEAD");
        return;
    case Route::Kind::Public:
    case Route::Kind::Unknown:
        break;
    }
    refuse(request, 404, QStringLiteral("a Charm server has nothing at this address"));
}

void Router::dispatchFile(const Arrived &request, const Route &route, const replica::Credentials &credentials)
{
    ServerConnection *connection = request.connection;
    const QByteArray method = connection->request().method;
    if (method == "GET" || method == "HEAD") {
        give(request, new ReadHandler(m_environment, connection, credentials, route.path, this));
    } else if (method == "DELETE") {
        give(request, new RemovalHandler(m_environment, connection, credentials, route.path, &m_work, this));
    } else if (method == "POST") {
        const Result<quint32> mode = charm::parseMode(route.query);
        if (mode)
            give(request,
                 new UploadHandler(m_environment, connection, credentials, route.path, *mode, &m_work, this));
        else
            refuse(request, 400, mode.error().detail);
    } else {
        refuse(request, 405, QStringLiteral("a file can be read, stored and deleted"),
               "GET, HEAD, POST, DELETE");
    }
}

} // namespace cring::gateway
