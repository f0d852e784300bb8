// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/client.h"

#include <QLocalSocket>

namespace cring::control {

namespace {

/// An answer is at most this much longer than the service lets its messages be; more is not the service.
constexpr qsizetype answerSlack = 1024;

} // namespace

Client::Client(QObject *parent)
    : QObject(parent)
    , m_lines(maxMessageBytes + answerSlack)
{
}

Client::~Client()
{
    dropSocket();
}

void Client::open(const QStringList &paths)
{
    Q_ASSERT(m_state == State::Idle);
    m_state = State::Connecting;
    m_paths = paths;
    m_next = 0;
    m_forbidden.clear();
    m_lastWords.reset();
    QMetaObject::invokeMethod(this, &Client::tryNext, Qt::QueuedConnection);
}

void Client::tryNext()
{
    if (m_state != State::Connecting)
        return;
    dropSocket();
    if (m_next == m_paths.size()) {
        end(unavailable());
        return;
    }
    m_lines = LineSplitter(maxMessageBytes + answerSlack);
    m_socket = new QLocalSocket(this);
    connect(m_socket, &QLocalSocket::connected, this, &Client::handleConnected);
    connect(m_socket, &QLocalSocket::errorOccurred, this, &Client::handleSocketError);
    connect(m_socket, &QLocalSocket::readyRead, this, &Client::handleReadyRead);
    m_socket->connectToServer(m_paths.at(m_next++));
}

void Client::handleConnected()
{
    m_state = State::Greeting;
    send(
        QStringLiteral("hello"), {{QStringLiteral("protocol"), protocolVersion}}, this,
        [this](const Result<QJsonObject> &result) { handleHello(result); }, helloTime);
}

void Client::handleHello(const Result<QJsonObject> &result)
{
    if (m_state != State::Greeting)
        return;
    if (!result) {
        end(result.error());
        return;
    }
    m_state = State::Open;
    Q_EMIT opened({m_paths.at(m_next - 1), result->value(QStringLiteral("service")).toString(),
                   result->value(QStringLiteral("pid")).toInteger()});
}

void Client::handleSocketError()
{
    if (m_state == State::Connecting) {
        if (m_socket->error() == QLocalSocket::SocketAccessError)
            m_forbidden.append(m_paths.at(m_next - 1)); // the socket has no name before it is connected
        // The error may come from inside connectToServer(): in a later turn, or a long list would recurse.
        QMetaObject::invokeMethod(this, &Client::tryNext, Qt::QueuedConnection);
        return;
    }
    handleReadyRead(); // Its last words may have come with the hang-up.
    if (m_state == State::Idle)
        return;
    end(m_lastWords.value_or(
        Error{Code::ControlUnavailable, QStringLiteral("the service hung up; its log may say why")}));
}

void Client::handleReadyRead()
{
    m_lines.append(m_socket->readAll());
    while (m_state != State::Idle) {
        const std::optional<QByteArray> line = m_lines.next();
        if (!line)
            break;
        handleLine(*line);
    }
    if (m_lines.overflowed())
        end({Code::ControlProtocol, QStringLiteral("the service sends a message without an end")});
}

void Client::handleLine(const QByteArray &line)
{
    const Result<std::variant<Response, Notification>> message = parseMessage(line);
    if (!message) {
        end(message.error());
        return;
    }
    if (const auto *response = std::get_if<Response>(&*message)) {
        handleResponse(*response);
        return;
    }
    const auto &notification = std::get<Notification>(*message);
    if (notification.method == QStringLiteral("closed")) {
        m_lastWords = Error{codeFromName(notification.params.value(QStringLiteral("code")).toString()),
                            QStringLiteral("the service closed the connection: ") +
                                notification.params.value(QStringLiteral("reason")).toString()};
        return;
    }
    Q_EMIT notified(notification.method, notification.params);
}

void Client::handleResponse(const Response &response)
{
    if (response.id < 0) {
        // An error to no request in particular: it could not read one of ours.
        if (!response.result)
            end(response.result.error());
        return;
    }
    finish(response.id, response.result);
}

void Client::call(const QString &method, const QJsonObject &params, QObject *context, Reply reply,
                  std::chrono::milliseconds time)
{
    if (m_state != State::Open) {
        QMetaObject::invokeMethod(
            context,
            [reply = std::move(reply)] {
                reply(Error{Code::ControlUnavailable, QStringLiteral("not connected to the service")});
            },
            Qt::QueuedConnection);
        return;
    }
    send(method, params, context, std::move(reply), time);
}

void Client::send(const QString &method, const QJsonObject &params, QObject *context, Reply reply,
                  std::chrono::milliseconds time)
{
    const qint64 id = ++m_lastId;
    auto *timer = new QTimer(this);
    timer->setSingleShot(true);
    connect(timer, &QTimer::timeout, this, [this, id, method, time] {
        finish(id, Error{Code::ControlTimeout,
                         QStringLiteral(
                             "the service did not answer \"%1\" within %2 s; is it stopped or overloaded?")
                             .arg(method)
                             .arg(static_cast<double>(time.count()) / 1000)});
    });
    timer->start(time);
    m_pending.insert(id, {context, std::move(reply), timer});
    m_socket->write(encodeRequest(id, method, params));
}

void Client::finish(qint64 id, const Result<QJsonObject> &result)
{
    const auto found = m_pending.find(id);
    if (found == m_pending.end())
        return; // Answered after its time-out.
    const Pending pending = std::move(*found);
    m_pending.erase(found);
    pending.timer->stop();
    pending.timer->deleteLater();
    if (pending.context)
        pending.reply(result);
}

void Client::close()
{
    if (m_state == State::Idle)
        return;
    const QSignalBlocker blocker(this);
    end({Code::ControlUnavailable, QStringLiteral("the connection to the service was closed")});
}

void Client::end(const Error &error)
{
    const State before = std::exchange(m_state, State::Idle);
    if (before == State::Idle)
        return;
    dropSocket();
    const QList<qint64> ids = m_pending.keys();
    for (const qint64 id : ids)
        finish(id, error);
    if (before == State::Open)
        Q_EMIT closed(error);
    else
        Q_EMIT failed(error);
}

void Client::dropSocket()
{
    if (!m_socket)
        return;
    m_socket->disconnect(this);
    m_socket->abort();
    m_socket->deleteLater();
    m_socket = nullptr;
}

Error Client::unavailable() const
{
    if (!m_forbidden.isEmpty()) {
        return {Code::ControlForbidden,
                QStringLiteral(
                    "no permission for the service at %1. Run this as the user it belongs to, or join its "
                    "group (usually charmedring) and log in again")
                    .arg(m_forbidden.join(QStringLiteral(" and ")))};
    }
    return {Code::ControlUnavailable,
            QStringLiteral("the service is not running: nobody listens at %1. Start it with `cring serve`")
                .arg(m_paths.join(QStringLiteral(" or ")))};
}

} // namespace cring::control
