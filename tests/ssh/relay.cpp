// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ssh/relay.h"

namespace cring::test {

Relay::Relay(const QString &host, quint16 port)
    : m_host(host)
    , m_port(port)
{
    connect(&m_listener, &QTcpServer::newConnection, this, &Relay::handleConnection);
    if (!m_listener.listen(QHostAddress(m_host)))
        qFatal("no relay: %s", qPrintable(m_listener.errorString()));
}

void Relay::failAfter(qint64 bytes, End end)
{
    m_limit = bytes;
    m_end = end;
}

void Relay::handleConnection()
{
    QTcpSocket *client = m_listener.nextPendingConnection();
    auto *server = new QTcpSocket(client);
    m_passed = 0;
    ++m_sessions;
    connect(client, &QTcpSocket::readyRead, server, [client, server] {
        if (server->state() == QAbstractSocket::ConnectedState)
            server->write(client->readAll());
    });
    connect(server, &QTcpSocket::connected, client, [client, server] { server->write(client->readAll()); });
    connect(server, &QTcpSocket::readyRead, this,
            [this, client, server] { handleFromServer(client, server); });
    connect(client, &QTcpSocket::disconnected, client, &QObject::deleteLater);
    server->connectToHost(m_host, m_port);
    if (m_limit == 0 && m_end == End::HangsUp)
        client->disconnectFromHost();
}

void Relay::handleFromServer(QTcpSocket *client, QTcpSocket *server)
{
    const QByteArray bytes = server->readAll();
    const qint64 allowed = m_limit < 0 ? bytes.size() : std::min<qint64>(bytes.size(), m_limit - m_passed);
    client->write(bytes.first(allowed));
    m_passed += allowed;
    if (m_limit >= 0 && m_passed >= m_limit && m_end == End::HangsUp)
        client->disconnectFromHost();
}

} // namespace cring::test
