// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/control/call.h"
#include "core/control/listeningsocket.h"

#include <QHash>
#include <QLocalServer>
#include <QSet>
#include <QTimer>

namespace cring::control {

struct Request;

struct ServerOptions
{
    QString path;                   ///< Of the socket.
    bool groupAccess = false;       ///< 0660, and whoever the group lets in; else 0600, its owner and root.
    std::optional<uint> owner = {}; ///< Whose programs are let in; by default, who runs this.
    QString serviceVersion;         ///< Told to clients by `hello`.
    int maxClients = 32;
    qsizetype maxQueuedBytes = 1024 * 1024; ///< Of answers and notifications, for each client.
    /// How often it is looked whether the socket can still be found.
    std::chrono::milliseconds lookInterval{2'000};
};

/// The control API's transport: accepts clients on the local socket, checks who they are, and hands their
/// requests to the methods that it was given. Knows nothing of what the methods do; `hello` alone is its own.
/// A socket whose file or folder was taken away (a session's end does that, and so do programs that tidy up)
/// is made anew; who is connected stays so. Lives on the service's event loop; nothing here blocks.
class Server : public QObject
{
    Q_OBJECT

public:
    explicit Server(ServerOptions options, QObject *parent = nullptr);
    ~Server() override;

    /// Legal before listen(). A name is given once.
    void addMethod(const QString &name, Method method);
    /// Errors: ControlAlreadyRunning, ControlSocket.
    Status listen();
    /// Takes nobody in any more, tells each client why, and emits closed() when the last one is gone: at once
    /// or within Session::lingerMs.
    void close(const QString &reason);

    QStringList methods() const { return m_methods.keys(); }
    int clientCount() const { return static_cast<int>(m_sessions.size()); }

Q_SIGNALS:
    void closed();

private:
    Status openSocket();
    void lookAtSocket();
    void handleNewConnection();
    void handleEnded(Session *session);
    /// Says why, while not too many are being told already.
    void turnAway(QLocalSocket *socket, const Error &error);
    void dispatch(const Request &request, const CallPtr &call);
    void hello(const CallPtr &call);
    /// Why this peer is not taken in; empty when it is.
    std::optional<Error> refusalFor(qintptr socket) const;

    const ServerOptions m_options;
    QHash<QString, Method> m_methods;
    ListeningSocket m_listening;
    QLocalServer m_server;
    QTimer m_look;
    bool m_isLost = false; ///< The socket cannot be found, and that has been said.
    QSet<Session *> m_sessions;
    int m_turnedAway = 0; ///< Sessions that only hear why they are not taken in.
    bool m_closing = false;
};

} // namespace cring::control
