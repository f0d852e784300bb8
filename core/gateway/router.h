// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/charm/blobpath.h"
#include "core/gateway/authenticator.h"
#include "core/gateway/sequences.h"
#include "core/gateway/spread.h"
#include "core/replica/mending.h"

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
    Router(replica::Environment &environment, Authenticator &authenticator, replica::Mending &mending,
           QObject *parent = nullptr);

    /// Either answers at once or leaves a handler with the connection.
    void route(http::ServerConnection *connection);
    /// Nothing that was asked of it is under way any more, neither for a client nor behind an answer.
    bool idle() const { return children().isEmpty() && settled() && m_spread.pending() == 0; }
    /// No write or delete is under way at any server.
    bool settled() const { return m_work.children().isEmpty(); }

private:
    void dispatch(http::ServerConnection *connection, const charm::Route &route,
                  const replica::Credentials &credentials);
    void dispatchFile(http::ServerConnection *connection, const charm::Route &route,
                      const replica::Credentials &credentials);
    void refuse(http::ServerConnection *connection, int status, const QString &message,
                const QByteArray &allow = {});

    replica::Environment &m_environment;
    Authenticator &m_authenticator;
    replica::Mending &m_mending;
    Sequences m_sequences;
    Spread m_spread;
    QObject m_work; ///< Owns writes and deletes, which outlive their clients' connections.
};

} // namespace cring::gateway
