// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/control/protocol.h"

#include <QHash>
#include <QObject>
#include <QPointer>
#include <QStringList>
#include <QTimer>

#include <chrono>
#include <functional>

QT_BEGIN_NAMESPACE
class QLocalSocket;
QT_END_NAMESPACE

namespace cring::control {

/// What a service says of itself.
struct ServiceInfo
{
    QString path; ///< Of the socket that answered.
    QString version;
    qint64 pid = 0;
};

/// A client of the control API, for the command line and the window. Asynchronous, one thread, no nested
/// loops.
///
/// open() → opened() or failed(); while open, call() and the notifications; then closed() when the service
/// hangs up. After failed() or closed() it may be opened again.
class Client : public QObject
{
    Q_OBJECT

public:
    using Reply = std::function<void(Result<QJsonObject> result)>;

    /// For the connection and `hello`: a service that is stopped (SIGSTOP) still lets its kernel accept.
    static constexpr std::chrono::milliseconds helloTime{3'000};
    static constexpr std::chrono::milliseconds callTime{10'000};

    explicit Client(QObject *parent = nullptr);
    ~Client() override;

    /// Tries the sockets in order (SocketPlaces::clientPaths()) and says hello to the first that lets us in.
    /// Legal when idle. Signals come in a later turn of the loop.
    void open(const QStringList &paths);
    /// Ends without a signal; calls under way are answered with ControlUnavailable.
    void close();

    bool isOpen() const { return m_state == State::Open; }

    /// The reply comes once, in a later turn of the loop, unless `context` died before. A time-out
    /// (ControlTimeout) leaves the request running in the service.
    void call(const QString &method, const QJsonObject &params, QObject *context, Reply reply,
              std::chrono::milliseconds time = callTime);

Q_SIGNALS:
    void opened(const cring::control::ServiceInfo &info);
    /// Nobody could be reached. ControlUnavailable says what to do; ControlForbidden, ControlVersion,
    /// ControlBusy.
    void failed(const cring::Error &error);
    void closed(const cring::Error &reason);
    void notified(const QString &method, const QJsonObject &params);

private:
    enum class State {
        Idle,
        Connecting, ///< A socket of m_paths is being tried.
        Greeting,   ///< Connected; `hello` is on its way.
        Open,
    };

    struct Pending
    {
        QPointer<QObject> context;
        Reply reply;
        QTimer *timer; ///< Owned by us.
    };

    void tryNext();
    void handleConnected();
    void handleSocketError();
    void handleReadyRead();
    void handleLine(const QByteArray &line);
    void handleResponse(const Response &response);
    void handleHello(const Result<QJsonObject> &result);
    void send(const QString &method, const QJsonObject &params, QObject *context, Reply reply,
              std::chrono::milliseconds time);
    void finish(qint64 id, const Result<QJsonObject> &result);
    /// Back to Idle; every call under way is answered with the error, then failed() or closed() is emitted.
    void end(const Error &error);
    void dropSocket();
    Error unavailable() const;

    State m_state = State::Idle;
    QStringList m_paths;
    qsizetype m_next = 0;    ///< Of m_paths, to be tried.
    QStringList m_forbidden; ///< Of m_paths, those that the file's permissions keep us out of.
    QLocalSocket *m_socket = nullptr;
    LineSplitter m_lines;
    QHash<qint64, Pending> m_pending;
    qint64 m_lastId = 0;
    std::optional<Error> m_lastWords; ///< What the service said before it hung up.
};

} // namespace cring::control
