// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/loopback.h"

#include "core/base/clock.h"

#include <QCoreApplication>
#include <QSet>
#include <QSslSocket>
#include <QTcpServer>

#include <list>

namespace cring::playground {

namespace {

constexpr int kMostProbes = 100;
constexpr qsizetype kMostGiven = 5'000;

} // namespace

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
    // The kernel gives out one that was let go of a moment ago again, and the asker has not taken it yet.
    static QSet<quint16> given;
    std::list<QTcpServer> probes;
    for (int tries = 0; tries < kMostProbes; ++tries) {
        QTcpServer &probe = probes.emplace_back();
        if (!probe.listen(QHostAddress(address), 0))
            return 0;
        if (given.size() > kMostGiven)
            given.clear();
        if (!given.contains(probe.serverPort())) {
            given.insert(probe.serverPort());
            return probe.serverPort();
        }
    }
    return 0;
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
