// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/loopback.h"

#include "core/base/clock.h"

#include <QCoreApplication>
#include <QSslSocket>
#include <QTcpServer>

namespace cring::playground {

QString ownLoopbackAddress(int index)
{
    Q_ASSERT(index >= 0 && index < 4);
    // Process ids have at most 22 bits on Linux; four addresses each fill 127.0.0.0/8 exactly. 127.0.0.x
    // belongs to everybody: no process that runs this has an id below 64.
    const qint64 host = (QCoreApplication::applicationPid() & 0x3fffff) << 2 | index;
    return QStringLiteral("127.%1.%2.%3").arg(host >> 16 & 0xff).arg(host >> 8 & 0xff).arg(host & 0xff);
}

quint16 freePort(const QString &address)
{
    QTcpServer probe;
    return probe.listen(QHostAddress(address), 0) ? probe.serverPort() : quint16{0};
}

Result<QByteArray> fetch(const QUrl &url, std::chrono::milliseconds limit)
{
    const SystemClock clock;
    const auto end = clock.steady() + limit;
    const auto left = [&] {
        return static_cast<int>(std::max<qint64>(1, (end - clock.steady()).count()));
    };

    QSslSocket socket;
    socket.setPeerVerifyMode(QSslSocket::VerifyNone);
    const auto port = static_cast<quint16>(url.port());
    bool connected = false;
    if (url.scheme() == QLatin1String("https")) {
        socket.connectToHostEncrypted(url.host(), port);
        connected = socket.waitForEncrypted(left());
    } else {
        socket.connectToHost(url.host(), port);
        connected = socket.waitForConnected(left());
    }
    if (!connected)
        return Error{Code::BackendUnreachable, socket.errorString()};

    socket.write("GET " + url.path(QUrl::FullyEncoded).toLatin1() +
                 " HTTP/1.1\r\nHost: " + url.authority().toLatin1() + "\r\nConnection: close\r\n\r\n");
    QByteArray answer;
    while (clock.steady() < end && socket.waitForReadyRead(left()))
        answer += socket.readAll();
    if (!answer.startsWith("HTTP/1."))
        return Error{Code::BackendTimeout, QStringLiteral("no answer from %1").arg(url.authority())};
    return answer;
}

} // namespace cring::playground
