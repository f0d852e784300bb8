// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/ssh/uniquefd.h"

#include <QHostAddress>
#include <QObject>
#include <QTimer>

#include <memory>
#include <vector>

class QHostInfo;
class QSocketNotifier;

namespace cring::ssh {

/// Connects to one host and port without blocking. The addresses of a name race (RFC 8305): each gets a head
/// start of 250 ms at most before the next is tried as well, so that one that swallows what is sent costs no
/// more than that. For one use; destroying it calls the attempts off.
class Dialler final : public QObject
{
    Q_OBJECT

public:
    explicit Dialler(QObject *parent = nullptr);
    ~Dialler() override;

    /// Ends in connected() or failed(), never before it returns, and within `timeout`.
    void dial(const QString &host, quint16 port, std::chrono::milliseconds timeout);
    /// The same for addresses that are known, in the order of preference.
    void dial(const QList<QHostAddress> &addresses, quint16 port, std::chrono::milliseconds timeout);
    /// The connection, after connected().
    UniqueFd takeSocket();

Q_SIGNALS:
    void connected();
    /// Why, to follow a server's name: "refused the connection". `blameless`: this process ran out of
    /// descriptors, say; it tells nothing about the server.
    void failed(const QString &reason, bool blameless);

private:
    /// One connect(2) under way.
    struct Attempt
    {
        UniqueFd fd;
        std::unique_ptr<QSocketNotifier> notifier;
    };

    void handleLookedUp(const QHostInfo &info);
    void race(const QList<QHostAddress> &addresses);
    void tryNext();
    bool start(const QHostAddress &address);
    void handleWritable(int descriptor);
    Attempt take(int descriptor);
    void abandonAttempts();
    void abortLookup();
    void give(const QString &reason);
    void remember(int error);

    QTimer m_timer;
    QTimer m_headStart; ///< Until the next address joins the race.
    QList<QHostAddress> m_addresses;
    quint16 m_port = 0;
    int m_lookup = -1;
    QString m_lastReason = QStringLiteral("cannot be found: no such host");
    bool m_blameless = false;
    UniqueFd m_fd; ///< The winner.
    std::vector<Attempt> m_attempts;
};

} // namespace cring::ssh
