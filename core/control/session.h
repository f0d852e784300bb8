// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/control/call.h"
#include "core/control/protocol.h"

#include <QHash>
#include <QTimer>

QT_BEGIN_NAMESPACE
class QLocalSocket;
QT_END_NAMESPACE

namespace cring::control {

/// The service's end of one client's connection. Everything it keeps is bounded: the line being read, the
/// calls under way, the bytes that wait to be written.
///
/// Reading pauses while more than `maxQueuedBytes` wait to be written: a client that asks without reading
/// only stops itself. A notification has nobody to slow down, so a client that is too slow for its
/// subscriptions is cut off.
class Session : public QObject
{
    Q_OBJECT

public:
    using Dispatch = std::function<void(const Request &request, const CallPtr &call)>;

    static constexpr int maxCalls = 16;
    static constexpr qsizetype readChunk = 64 * 1024;
    /// For the last words to a client that is being cut off.
    static constexpr int lingerMs = 3'000;

    /// Takes the connected socket. `dispatch` may be called until the session is closing.
    Session(QLocalSocket *socket, qsizetype maxQueuedBytes, Dispatch dispatch, QObject *parent);

    bool isClosing() const { return m_closing; }

    void sendAnswer(const QJsonValue &id, const QByteArray &line);
    void sendNotification(const QByteArray &line);
    Subscription *subscribe(const QString &topic);
    bool unsubscribe(const QString &topic);

    /// Says why in a last notification `closed {code, reason}` and waits for the client to hang up, up to
    /// lingerMs.
    void close(const Error &reason);

Q_SIGNALS:
    /// The connection is gone. Comes once; the owner deletes the session later.
    void ended();

private:
    void handleReadyRead();
    void handleWritten();
    void handleLine(const QByteArray &line);
    void processLines();
    bool mayRead() const;
    void finishWriting();
    void write(const QByteArray &line);

    QLocalSocket *m_socket;
    const qsizetype m_maxQueuedBytes;
    Dispatch m_dispatch;
    LineSplitter m_lines;
    QHash<QString, Subscription *> m_subscriptions;
    QTimer m_linger;
    int m_calls = 0; ///< Requests that were dispatched and not yet answered.
    bool m_closing = false;
    bool m_processing = false;
};

} // namespace cring::control
