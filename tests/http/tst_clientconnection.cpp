// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/exchange.h"
#include "tests/support/spin.h"

#include <QTcpServer>
#include <QTest>

using namespace cring;
using namespace cring::http;
using namespace std::chrono_literals;
using cring::test::spinUntil;

/// The client's side, against a server of which the test chooses every byte.
class TestClientConnection : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsAConnection();
    void headAndSmallBodyLeaveTogether();
    void tellsNothingBehindTheEnd();
    void aRequestMayDieBeforeItHasBeenSent();
    void sendsTheRestOfAnAnsweredRequest();
    void bytesBehindAnAnswerEndTheConnection_data();
    void bytesBehindAnAnswerEndTheConnection();
    void countsWhatTheServerMissed_data();
    void countsWhatTheServerMissed();
    void doesNotCountWhatNobodyWaitedFor();
};

namespace {

const QByteArray Answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
/// More than any socket's buffers hold.
constexpr qsizetype Huge = 32 * 1024 * 1024;

/// Reads nothing of itself: the test does.
class Server
{
public:
    Server()
    {
        m_server.listen(QHostAddress::LocalHost);
        QObject::connect(&m_server, &QTcpServer::newConnection, &m_server, [this] {
            while (QTcpSocket *socket = m_server.nextPendingConnection()) {
                socket->setReadBufferSize(16 * 1024);
                m_sockets.append(socket);
            }
        });
    }

    Origin origin() const
    {
        Origin origin;
        origin.host = QStringLiteral("127.0.0.1");
        origin.port = m_server.serverPort();
        return origin;
    }

    qsizetype connections() const { return m_sockets.size(); }

    /// Waits for the head of a request on that connection, and answers.
    bool answer(qsizetype connection, const QByteArray &bytes)
    {
        const bool came = spinUntil(
            [&] {
                return m_sockets.size() > connection &&
                       m_sockets[connection]->peek(16 * 1024).contains("\r\n\r\n");
            },
            5'000);
        if (came)
            m_sockets[connection]->write(bytes);
        return came;
    }

    qint64 drop(qsizetype connection)
    {
        QTcpSocket *socket = m_sockets[connection];
        socket->setReadBufferSize(0);
        return socket->skip(socket->bytesAvailable());
    }

private:
    QTcpServer m_server;
    QList<QTcpSocket *> m_sockets;
};

Request request(const QByteArray &method, const QByteArray &body = {})
{
    return {method, "/", {}, body};
}

class Events final : public IExchangeEvents
{
public:
    void handleContinue() override { log += "continue "; }
    void handleHead(const ResponseHead &head) override { log += QByteArray::number(head.status) + ' '; }
    void handleBody(const QByteArray &data) override { log += data + ' '; }
    void handleFinished() override { log += "finished "; }
    void handleWritable() override { log += "writable "; }
    void handleFailed(const Error &) override { log += "failed "; }

    QByteArray log;
};

struct Ended
{
    explicit Ended(ClientRequest &client)
    {
        QObject::connect(&client, &ClientRequest::bodyReceived, &client,
                         [this](const QByteArray &data) { body += data; });
        QObject::connect(&client, &ClientRequest::finished, &client, [this] { finished = true; });
        QObject::connect(&client, &ClientRequest::failed, &client,
                         [this](const Error &error) { failure = error.detail; });
    }

    bool over() const { return finished || !failure.isEmpty(); }

    QByteArray body;
    QString failure;
    bool finished = false;
};

} // namespace

void TestClientConnection::keepsAConnection()
{
    Server server;
    Pool pool(server.origin());
    for (int round = 0; round < 3; ++round) {
        ClientRequest client(pool, request("GET"), {5s, 5s}, nullptr);
        const Ended ended(client);
        client.start();
        QVERIFY(server.answer(0, Answer));
        QVERIFY(spinUntil([&] { return ended.over(); }, 5'000));
        QCOMPARE(ended.body, "ok");
        server.drop(0);
    }
    QCOMPARE(server.connections(), 1);
    QCOMPARE(pool.traffic().failures, quint64(0));
}

/// Qt passes one piece of its buffer to the kernel at a time: what is joined is gone after the first.
void TestClientConnection::headAndSmallBodyLeaveTogether()
{
    Server server;
    Pool pool(server.origin());
    Events events;
    for (int round = 0; round < 2; ++round) { // on a new connection and on a kept one
        events.log.clear();
        ClientConnection *connection = pool.take();
        connection->begin(&events, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 16384\r\n\r\n");
        connection->write(QByteArray(16 * 1024, 'x'));
        connection->endRequest();
        const qint64 whole = connection->pending();
        QVERIFY(spinUntil([&] { return connection->pending() != whole; }, 5'000));
        QCOMPARE(connection->pending(), 0);
        QVERIFY(server.answer(0, Answer));
        QVERIFY(spinUntil([&] { return events.log.contains("finished"); }, 5'000));
        QVERIFY(spinUntil([&] { return server.drop(0) == 0; }, 5'000));
    }
    QCOMPARE(server.connections(), 1);
}

/// Whoever has heard of the end may be gone.
void TestClientConnection::tellsNothingBehindTheEnd()
{
    Server server;
    Pool pool(server.origin());
    Events events;
    ClientConnection *connection = pool.take();
    connection->begin(&events, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 33554432\r\n\r\n");
    connection->write(QByteArray(Huge, 'x'));
    connection->endRequest();
    QVERIFY(server.answer(0, Answer));
    QVERIFY(spinUntil([&] { return events.log.contains("finished"); }, 5'000));
    QVERIFY(connection->pending() > ClientConnection::kLowWater);
    QVERIFY(spinUntil([&] { return server.drop(0) == 0 && connection->pending() == 0; }, 10'000));
    QCOMPARE(events.log, "200 ok finished ");
}

void TestClientConnection::aRequestMayDieBeforeItHasBeenSent()
{
    Server server;
    Pool pool(server.origin());
    auto client = std::make_unique<ClientRequest>(pool, request("POST", QByteArray(Huge, 'x')),
                                                  ClientRequest::Limits{5s, 5s}, nullptr);
    const Ended ended(*client);
    client->start();
    QVERIFY(server.answer(0, Answer));
    QVERIFY(spinUntil([&] { return ended.finished; }, 5'000));
    client.reset();
    qint64 received = 0;
    QVERIFY(spinUntil([&] { return (received += server.drop(0)) > Huge; }, 10'000));
}

/// And keeps the connection for the next one then.
void TestClientConnection::sendsTheRestOfAnAnsweredRequest()
{
    Server server;
    Pool pool(server.origin());
    ClientRequest first(pool, request("POST", QByteArray(Huge, 'x')), {5s, 5s}, nullptr);
    const Ended firstEnded(first);
    first.start();
    QVERIFY(server.answer(0, Answer));
    QVERIFY(spinUntil([&] { return firstEnded.finished; }, 5'000));
    qint64 received = 0;
    QVERIFY(spinUntil([&] { return (received += server.drop(0)) > Huge; }, 10'000));

    ClientRequest second(pool, request("GET"), {5s, 5s}, nullptr);
    const Ended secondEnded(second);
    second.start();
    QVERIFY(server.answer(0, Answer));
    QVERIFY(spinUntil([&] { return secondEnded.finished; }, 5'000));
    QCOMPARE(server.connections(), 1);
}

void TestClientConnection::bytesBehindAnAnswerEndTheConnection_data()
{
    QTest::addColumn<QByteArray>("behind");
    QTest::newRow("a whole answer") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nanother");
    QTest::newRow("the beginning of one") << QByteArray("HTTP/1.1 2");
    QTest::newRow("a byte") << QByteArray("x");
    QTest::newRow("more than is read at once") << QByteArray(200'000, 'x');
}

/// Whoever asks next must not be given them.
void TestClientConnection::bytesBehindAnAnswerEndTheConnection()
{
    QFETCH(QByteArray, behind);
    Server server;
    Pool pool(server.origin());
    ClientRequest first(pool, request("GET"), {5s, 5s}, nullptr);
    const Ended firstEnded(first);
    first.start();
    QVERIFY(server.answer(0, Answer + behind));
    QVERIFY(spinUntil([&] { return firstEnded.over(); }, 5'000));
    QCOMPARE(firstEnded.body, "ok");
    QVERIFY(firstEnded.finished);

    ClientRequest second(pool, request("GET"), {5s, 5s}, nullptr);
    const Ended secondEnded(second);
    second.start();
    QVERIFY(server.answer(1, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nsafe"));
    QVERIFY(spinUntil([&] { return secondEnded.over(); }, 5'000));
    QCOMPARE(secondEnded.body, "safe");
}

void TestClientConnection::countsWhatTheServerMissed_data()
{
    QTest::addColumn<QByteArray>("answer");
    QTest::newRow("silence") << QByteArray();
    QTest::newRow("half a head") << QByteArray("HTTP/1.1 200 OK\r\n");
    QTest::newRow("half a body") << Answer.chopped(1);
}

void TestClientConnection::countsWhatTheServerMissed()
{
    QFETCH(QByteArray, answer);
    Server server;
    Pool pool(server.origin());
    ClientRequest client(pool, request("GET"), {100ms, 100ms}, nullptr);
    const Ended ended(client);
    client.start();
    QVERIFY(server.answer(0, answer));
    QVERIFY(spinUntil([&] { return ended.over(); }, 5'000));
    QVERIFY(!ended.failure.isEmpty());
    QCOMPARE(pool.traffic().failures, quint64(1));

    bool failed = false;
    pool.exchange(request("GET"), 100ms, 1'000, this,
                  [&](const Result<Response> &result) { failed = !result; });
    QVERIFY(server.answer(1, answer));
    QVERIFY(spinUntil([&] { return failed; }, 5'000));
    QCOMPARE(pool.traffic().failures, quint64(2));
    QCOMPARE(pool.traffic().requests, quint64(2));
}

void TestClientConnection::doesNotCountWhatNobodyWaitedFor()
{
    Server server;
    Pool pool(server.origin());
    auto client =
        std::make_unique<ClientRequest>(pool, request("GET"), ClientRequest::Limits{5s, 5s}, nullptr);
    client->start();
    QVERIFY(server.answer(0, Answer.chopped(1)));
    client.reset();
    Exchange *exchange = pool.exchange(request("GET"), 5s, 1'000, this, [](const Result<Response> &) {});
    QVERIFY(server.answer(1, {}));
    exchange->cancel();
    QVERIFY(spinUntil([&] { return server.connections() == 2; }, 5'000));
    QCOMPARE(pool.traffic().failures, quint64(0));
    QCOMPARE(pool.traffic().requests, quint64(2));
}

QTEST_GUILESS_MAIN(TestClientConnection)
#include "tst_clientconnection.moc"
