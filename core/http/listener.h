// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QHostAddress>
#include <QObject>

#include <memory>
#include <vector>

class QTcpServer;

namespace cring::http {

/// Listens on every address that a HOST:PORT means, on one port: "localhost:35354" is 127.0.0.1 and, where
/// the machine has it, ::1, for a client may try either; ":35354" is every address; "[::1]:35354" and
/// "127.0.0.2:0" are just that. Hands out descriptors, so that each front wraps them as it likes (QTcpSocket,
/// QSslSocket, bare).
class Listener final : public QObject
{
    Q_OBJECT

public:
    explicit Listener(QObject *parent = nullptr);
    ~Listener() override;

    /// All or nothing. Blocks for the resolver if HOST is a name other than localhost. AddressInUse,
    /// AddressUnusable, or ConfigBadValue for something that is no HOST:PORT; the text names the address.
    Status listen(const QString &endpoint);
    /// What was accepted before stays open. A Listener may listen again afterwards.
    void close();
    /// Takes those who have connected and were not accepted yet: close() would reset them.
    void acceptPending();

    bool isListening() const { return !m_servers.empty(); }

    /// The port listened on, chosen by the system where 0 was asked for; 0 when not listening.
    quint16 port() const;
    /// "127.0.0.1:35354", "[::1]:35354": for messages.
    QStringList endpoints() const;

Q_SIGNALS:
    /// A connection: non-blocking, and the receiver's to close. Connect exactly one.
    void accepted(qintptr descriptor);

private:
    Status listenOn(const QList<QHostAddress> &addresses, quint16 port, bool skipMissing);

    std::vector<std::unique_ptr<QTcpServer>> m_servers;
};

/// "127.0.0.1:35354", "[::1]:35354".
QString endpointName(const QHostAddress &address, quint16 port);

} // namespace cring::http
