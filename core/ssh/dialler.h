// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/ssh/uniquefd.h"

#include <QHostAddress>
#include <QObject>
#include <QTimer>

#include <memory>

class QHostInfo;
class QSocketNotifier;

namespace cring::ssh {

/// Connects to one host and port, trying its addresses in turn, without blocking. For one use; destroying it
/// calls the attempt off.
class Dialler final : public QObject
{
    Q_OBJECT

public:
    explicit Dialler(QObject *parent = nullptr);
    ~Dialler() override;

    /// Ends in connected() or failed(), never before it returns, and within `timeout`.
    void dial(const QString &host, quint16 port, std::chrono::milliseconds timeout);
    /// The connection, after connected().
    UniqueFd takeSocket();

Q_SIGNALS:
    void connected();
    /// Why, to follow a server's name: "refused the connection". `blameless`: this process ran out of
    /// descriptors, say; it tells nothing about the server.
    void failed(const QString &reason, bool blameless);

private:
    void handleLookedUp(const QHostInfo &info);
    void tryNext();
    void handleWritable();
    void abortLookup();
    void give(const QString &reason);
    void remember(int error);

    QTimer m_timer;
    QList<QHostAddress> m_addresses;
    quint16 m_port = 0;
    int m_lookup = -1;
    QString m_lastReason;
    bool m_blameless = false;
    UniqueFd m_fd;
    std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace cring::ssh
