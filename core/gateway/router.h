// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/charm/blobpath.h"
#include "core/gateway/authenticator.h"
#include "core/gateway/sequences.h"
#include "core/replica/recovery.h"

namespace cring::http {
class ServerConnection;
}

namespace cring::gateway {

/// Gives every request to the handler of its route, once it is known whose it is. The routes are Charm's
/// (server/http.go:96); what Charm has no route for is refused here.
class Router final : public QObject
{
    Q_OBJECT

public:
    /// What goes on behind the answers and must not be there twice when a configuration is replaced.
    struct Behind
    {
        replica::ITokenSource &tokens;
        replica::Recovery &recovery;
        Sequences &sequences;
    };

    /// A request whose head is there.
    struct Arrived
    {
        http::ServerConnection *connection;
        std::chrono::nanoseconds at; ///< On the steady clock.
    };

    Router(replica::Environment &environment, Authenticator &authenticator, const Behind &behind,
           QObject *parent = nullptr);

    /// Either answers at once or leaves a handler with the connection.
    void route(http::ServerConnection *connection);
    /// What was refused before it could be routed, because it is no request.
    void countRefusal();
    /// No request that was asked of it is under way any more.
    bool idle() const { return children().isEmpty() && settled(); }
    /// No write or delete is under way at any server.
    bool settled() const { return m_work.children().isEmpty(); }

private:
    class Waiting;

    void admit(Waiting *waiting, const charm::Route &route, const replica::Credentials &credentials);
    void dispatch(const Arrived &request, const charm::Route &route, const replica::Credentials &credentials);
    void dispatchFile(const Arrived &request, const charm::Route &route,
                      const replica::Credentials &credentials);
    void refuse(const Arrived &request, int status, const QString &message, const QByteArray &allow = {});

    replica::Environment &m_environment;
    Authenticator &m_authenticator;
    Behind m_behind;
    QObject m_work; ///< Owns writes and deletes, which outlive their clients' connections.
};

} // namespace cring::gateway
