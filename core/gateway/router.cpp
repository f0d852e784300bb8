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
    Waiting(ServerConnection *connection, QObject *parent)
        : QObject(parent)
        , m_connection(connection)
    {
        connection->setHandler(this);
        connection->pauseReading();
    }

    /// Null when the client did not wait.
    ServerConnection *take()
    {
        if (m_connection) {
            m_connection->setHandler(nullptr);
            m_connection->resumeReading();
        }
        deleteLater();
        return std::exchange(m_connection, nullptr);
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
        m_connection = nullptr;
        deleteLater();
    }

    ServerConnection *m_connection;
    QList<QByteArray> m_early;
    bool m_ended = false;
};

namespace {

template <typename HandlerType>
void give(ServerConnection *connection, HandlerType *handler)
{
    connection->setHandler(handler);
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
    telemetry::RequestTally(m_environment.counters, telemetry::Kind::Other)
        .setOutcome(telemetry::Outcome::Refused);
}

void Router::refuse(ServerConnection *connection, int status, const QString &message, const QByteArray &allow)
{
    countRefusal();
    const replica::Outcome outcome = replica::refusal(status, message);
    http::Headers headers;
    headers.append("Content-Type", outcome.contentType);
    if (!allow.isEmpty())
        headers.append("Allow", allow);
    connection->respond(status, headers, outcome.body);
}

void Router::route(ServerConnection *connection)
{
    const http::RequestHead &head = connection->request();
    const Result<Route> route = charm::parseTarget(head.target);
    if (!route) {
        refuse(connection, 400, route.error().detail);
        return;
    }
    if (route->kind == Route::Kind::Public) {
        if (head.method != "GET" && head.method != "HEAD")
            refuse(connection, 405, QStringLiteral("this can only be read"), "GET, HEAD");
        else
            give(connection, new PrimaryHandler(m_environment, connection, {}, false, this));
        return;
    }
    auto *waiting = new Waiting(connection, this);
    m_authenticator.authenticate(
        head.headers.value("Authorization"), waiting,
        [this, waiting, route = *route](const Result<replica::Credentials> &credentials) {
            if (credentials)
                admit(waiting, route, *credentials);
            else if (ServerConnection *client = waiting->take())
                refuse(client, 401, credentials.error().detail);
        });
}

/// A path whose last upload was cut off by the end of the service waits until it is known what became of it.
void Router::admit(Waiting *waiting, const Route &route, const replica::Credentials &credentials)
{
    m_behind.tokens.offer(credentials);
    const auto go = [this, waiting, route, credentials](const Status &settled) {
        ServerConnection *client = waiting->take();
        if (client && !settled)
            refuse(client, 503, settled.error().detail);
        if (!client || !settled)
            return;
        dispatch(client, route, credentials);
        waiting->replay(client);
    };
    if (route.kind == Route::Kind::File)
        m_behind.recovery.settle(replica::objectKey(credentials.account, route.path), waiting, go);
    else
        go({});
}

void Router::dispatch(ServerConnection *connection, const Route &route,
                      const replica::Credentials &credentials)
{
    const QByteArray method = connection->request().method;
    const bool reads = method == "GET" || method == "HEAD";
    switch (route.kind) {
    case Route::Kind::File:
        dispatchFile(connection, route, credentials);
        return;
    case Route::Kind::Seq:
        if (reads || method == "POST")
            give(connection, new SequenceHandler(m_environment, connection, credentials, route.name,
                                                 m_behind.sequences, this));
        else
            refuse(connection, 405, QStringLiteral("a sequence can be read and advanced"), "GET, HEAD, POST");
        return;
    case Route::Kind::Bio:
    case Route::Kind::EncryptKey:
        if (method == "POST" || (reads && !route.name.isEmpty()))
            give(connection, new PrimaryHandler(m_environment, connection, credentials, !reads, this));
        else
            refuse(connection, 405, QStringLiteral("not a method of this address"), "POST");
        return;
    case Route::Kind::Id:
    case Route::Kind::News:
        if (reads)
            give(connection, new PrimaryHandler(m_environment, connection, credentials, false, this));
        else
            refuse(connection, 405, QStringLiteral("this can only be read"), "GET, HEAD");
        return;
    case Route::Kind::Public:
    case Route::Kind::Unknown:
        break;
    }
    refuse(connection, 404, QStringLiteral("a Charm server has nothing at this address"));
}

void Router::dispatchFile(ServerConnection *connection, const Route &route,
                          const replica::Credentials &credentials)
{
    const QByteArray method = connection->request().method;
    if (method == "GET" || method == "HEAD") {
        give(connection, new ReadHandler(m_environment, connection, credentials, route.path, this));
    } else if (method == "DELETE") {
        give(connection,
             new RemovalHandler(m_environment, connection, credentials, route.path, &m_work, this));
    } else if (method == "POST") {
        const Result<quint32> mode = charm::parseMode(route.query);
        if (mode)
            give(connection,
                 new UploadHandler(m_environment, connection, credentials, route.path, *mode, &m_work, this));
        else
            refuse(connection, 400, mode.error().detail);
    } else {
        refuse(connection, 405, QStringLiteral("a file can be read, stored and deleted"),
               "GET, HEAD, POST, DELETE");
    }
}

} // namespace cring::gateway
