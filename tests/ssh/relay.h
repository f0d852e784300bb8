// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QTcpServer>
#include <QTcpSocket>

#include <memory>
#include <vector>

namespace cring::test {

/// Stands before a real SSH server and passes bytes on, until so many have come from the server: then it
/// passes on no more, or hangs up. With every number in turn, the server fails at every place.
class Relay final : public QObject
{
public:
    enum class End { Stalls, HangsUp };

    /// Listens on the server's own address, at another port.
    Relay(const QString &host, quint16 port);

    void failAfter(qint64 bytes, End end);
    quint16 port() const { return m_listener.serverPort(); }
    /// From the server to the last client.
    qint64 passed() const { return m_passed; }
    /// Clients so far.
    int sessions() const { return m_sessions; }

private:
    void handleConnection();
    void handleFromServer(QTcpSocket *client, QTcpSocket *server);

    QString m_host;
    quint16 m_port;
    qint64 m_limit = -1; ///< -1: it does not fail.
    End m_end = End::Stalls;
    qint64 m_passed = 0;
    int m_sessions = 0;
    QTcpServer m_listener;
};

} // namespace cring::test
