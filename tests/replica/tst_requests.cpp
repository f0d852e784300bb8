// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/requests.h"
#include "tests/support/spin.h"

#include <QTcpServer>
#include <QTest>

using namespace cring;
using namespace cring::replica;
using namespace std::chrono_literals;
using test::spinUntil;

class TestRequests : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatNobodyWaitsForMakesWayForTheNext();
    void tellsTheBreaker_data();
    void tellsTheBreaker();
};

namespace {

/// A server that has failed for a while, and may be tried once now.
struct Doubtful
{
    explicit Doubtful(quint16 port)
    {
        http::Origin origin;
        origin.host = QStringLiteral("127.0.0.1");
        origin.port = port;
        config::Server server;
        server.id = server.name = QStringLiteral("charm1");
        backend =
            std::make_unique<health::Backend>(server, std::make_unique<http::Pool>(origin), clock, random);
        for (int i = 0; i < 3; ++i)
            backend->breaker().failed(QStringLiteral("refused the connection"));
        clock.advance(2s);
    }

    bool admits()
    {
        QStringList reasons;
        return replica::admits(*backend, reasons);
    }

    ManualClock clock;
    SystemRandom random;
    std::unique_ptr<health::Backend> backend;
};

http::Request request()
{
    return fileRequest("GET", {"account", "bearer token", 0}, "file");
}

} // namespace

void TestRequests::whatNobodyWaitsForMakesWayForTheNext()
{
    QTcpServer silent;
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    Doubtful server(silent.serverPort());
    QVERIFY(server.admits());
    QVERIFY2(!server.admits(), "one at a time");
    auto context = std::make_unique<QObject>();
    ask(*server.backend, request(), 10s, 1024, context.get(), [](const auto &) { QFAIL("nobody answers"); });
    QVERIFY(spinUntil([&] { return silent.hasPendingConnections(); }, 5'000));
    QVERIFY(!server.admits());
    context.reset();
    QVERIFY(spinUntil([&] { return server.admits(); }, 5'000));
}

void TestRequests::tellsTheBreaker_data()
{
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<bool>("good");
    QTest::newRow("an answer") << QByteArray("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n") << true;
    QTest::newRow("something else") << QByteArray("220 smtp ready\r\n") << false;
}

void TestRequests::tellsTheBreaker()
{
    QFETCH(const QByteArray, answer);
    QFETCH(const bool, good);
    QTcpServer listener;
    QVERIFY(listener.listen(QHostAddress::LocalHost));
    connect(&listener, &QTcpServer::newConnection, this, [&] {
        QTcpSocket *socket = listener.nextPendingConnection();
        connect(socket, &QTcpSocket::readyRead, socket, [socket, answer] { socket->write(answer); });
    });
    Doubtful server(listener.serverPort());
    QVERIFY(server.admits());
    std::optional<bool> answered;
    ask(*server.backend, request(), 5s, 1024, this,
        [&](const Result<http::Response> &result) { answered = bool(result); });
    QVERIFY(spinUntil([&] { return answered.has_value(); }, 10'000));
    QCOMPARE(*answered, good);
    using State = health::CircuitBreaker::State;
    QCOMPARE(server.backend->breaker().state(), good ? State::Closed : State::Open);
}

QTEST_GUILESS_MAIN(TestRequests)
#include "tst_requests.moc"
