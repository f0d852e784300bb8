// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/serverconnection.h"
#include "core/http/waitingroom.h"
#include "tests/support/spin.h"
#include "tests/support/testca.h"

#include <QFile>
#include <QSslCertificate>
#include <QSslKey>
#include <QSslSocket>
#include <QTcpServer>
#include <QTest>

#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>

using namespace cring;
using namespace cring::http;
using namespace std::chrono_literals;
using cring::test::spinUntil;
using cring::test::TestCa;

/// The server's side, against a client of which the test chooses every byte, and when it takes one.
class TestServerConnection : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void aSlowReaderGetsAWholeAnswer_data();
    void aSlowReaderGetsAWholeAnswer();
    void whatIsTakenIsProgress();
    void aStalledReaderIsCut();
    void waitsForTheClientToClose_data();
    void waitsForTheClientToClose();
    void aRefusalArrivesBeforeTheBodyWasRead_data();
    void aRefusalArrivesBeforeTheBodyWasRead();
    void aBodyThatNeverEndsLosesNoAnswer();
    void refusesGarbageBehindAGoodRequest_data();
    void refusesGarbageBehindAGoodRequest();
    void garbageInABodyTakesNoAnswerBack();
    void aClientThatClosedItsSide_data();
    void aClientThatClosedItsSide();
    void aCutBodyIsNeverTakenForTheWhole();
    void headAndSmallBodyLeaveTogether();
    void saysTheLengthOfWhatHeadDoesNotGet();
    void someAnswersHaveNoLength();
    void datesItsAnswers();
    void aLargeHeaderDoesNotWaitForItsEnd();
    void whoTakesNoAnswersIsAskedForNothing_data();
    void whoTakesNoAnswersIsAskedForNothing();
    void aDrainClosesWhatIsIdle();
    void aDrainAnswersWhatHasCome();
};

namespace {

constexpr auto HeaderTime = 2s;
constexpr auto IdleTime = 5s;
constexpr qint64 HeaderBytes = 1024 * 1024;
const QByteArray Get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
const QByteArray Large(4 * 1024 * 1024, 'x');

/// Accepts, and leaves the requests to the test. Its time is the test's.
class Ring
{
public:
    explicit Ring(const std::optional<QSslConfiguration> &tls = {})
        : m_tls(tls)
        , m_room({HeaderBytes, HeaderTime, IdleTime}, !tls)
        , m_quota(100, 100)
    {
        m_server.listen(QHostAddress::LocalHost);
        m_server.room = &m_room;
        m_server.quota = &m_quota;
        clock.setWall(784'111'777s);
        QObject::connect(&m_room, &WaitingRoom::ready, &m_room,
                         [this](int descriptor, ConnectionQuota::Ticket *) { take(descriptor); });
    }

    ~Ring() { delete connection; }

    quint16 port() const { return m_server.serverPort(); }

    void pass(std::chrono::milliseconds time)
    {
        clock.advance(time);
        m_room.checkDeadlines(clock.steady());
        if (connection)
            connection->checkDeadline(clock.steady());
    }

    bool reaches(ServerConnection::State state) const
    {
        return spinUntil([&] { return connection && connection->state() == state; }, 5'000);
    }

    bool closed() const { return opened == 1 && !connection; }

    std::function<void(ServerConnection *)> onRequest;
    QPointer<ServerConnection> connection;
    ManualClock clock;
    DateField date{clock};
    int opened = 0;
    int malformed = 0;

private:
    class Server final : public QTcpServer
    {
    public:
        void incomingConnection(qintptr descriptor) override
        {
            room->add(static_cast<int>(descriptor), *quota->admit(QHostAddress::LocalHost), 0ms);
        }

        WaitingRoom *room = nullptr;
        ConnectionQuota *quota = nullptr;
    };

    void take(int descriptor)
    {
        QTcpSocket *socket = m_tls ? new QSslSocket : new QTcpSocket;
        socket->setSocketDescriptor(descriptor);
        if (m_tls)
            static_cast<QSslSocket *>(socket)->setSslConfiguration(*m_tls);
        connection = new ServerConnection(socket, {HeaderBytes, 64 * 1024 * 1024, HeaderTime, IdleTime}, date,
                                          nullptr);
        ++opened;
        QObject::connect(connection, &ServerConnection::requestStarted, &m_room,
                         [this](ServerConnection *client) { onRequest(client); });
        QObject::connect(connection, &ServerConnection::malformed, &m_room, [this] { ++malformed; });
    }

    std::optional<QSslConfiguration> m_tls;
    WaitingRoom m_room;
    ConnectionQuota m_quota;
    Server m_server;
};

/// A socket without a buffer of its own: what the test does not take stays with the kernel and the server.
class Client
{
public:
    enum class End { None, Closed, Reset };

    explicit Client(const Ring &ring, bool tls = false, int receiveBuffer = 0)
    {
        m_descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (receiveBuffer > 0)
            ::setsockopt(m_descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, sizeof receiveBuffer);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(ring.port());
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        m_connected = ::connect(m_descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0;
        ::fcntl(m_descriptor, F_SETFL, O_NONBLOCK);
        if (tls) {
            m_context = SSL_CTX_new(TLS_client_method());
            m_ssl = SSL_new(m_context);
            SSL_set_fd(m_ssl, m_descriptor);
            SSL_set_mode(m_ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
            m_connected = m_connected && spinUntil([this] { return SSL_connect(m_ssl) == 1; }, 5'000);
        }
    }

    ~Client() { close(); }

    bool connected() const { return m_connected; }

    void close()
    {
        SSL_free(std::exchange(m_ssl, nullptr));
        SSL_CTX_free(std::exchange(m_context, nullptr));
        if (m_descriptor >= 0)
            ::close(std::exchange(m_descriptor, -1));
    }

    void closeSending() { ::shutdown(m_descriptor, SHUT_WR); }

    /// False when the server has closed before it took everything.
    bool send(const QByteArray &bytes)
    {
        qsizetype sent = 0;
        bool broken = false;
        const bool done = spinUntil(
            [&] {
                while (sent < bytes.size() && !broken) {
                    const qint64 size = write(bytes.constData() + sent, bytes.size() - sent);
                    if (size == 0)
                        return false;
                    broken = size < 0;
                    sent += qMax<qint64>(size, 0);
                }
                return true;
            },
            10'000);
        return done && !broken;
    }

    /// Takes that many bytes, or what comes until the end.
    QByteArray take(qsizetype size, int limit = 5'000)
    {
        QByteArray taken;
        spinUntil(
            [&] {
                while (taken.size() < size && end == End::None) {
                    QByteArray piece(qMin<qsizetype>(size - taken.size(), 64 * 1024), Qt::Uninitialized);
                    const qint64 got = read(piece.data(), piece.size());
                    if (got == 0)
                        return false;
                    taken += piece.first(qMax<qint64>(got, 0));
                }
                return true;
            },
            limit);
        return taken;
    }

    /// A head and the body that it promises.
    QByteArray takeAnswer()
    {
        QByteArray answer;
        while (!answer.contains("\r\n\r\n") && end == End::None) {
            const QByteArray piece = take(1);
            if (piece.isEmpty())
                return answer;
            answer += piece;
        }
        const qsizetype at = answer.indexOf("Content-Length: ");
        if (at >= 0)
            answer += take(answer.mid(at + 16, answer.indexOf('\r', at) - at - 16).toLongLong());
        return answer;
    }

    End end = End::None;

private:
    /// Bytes; 0: not now; < 0: never more.
    qint64 write(const char *data, qsizetype size)
    {
        if (m_ssl) {
            const int written = SSL_write(m_ssl, data, static_cast<int>(size));
            if (written > 0)
                return written;
            const int error = SSL_get_error(m_ssl, written);
            return error == SSL_ERROR_WANT_WRITE || error == SSL_ERROR_WANT_READ ? 0 : -1;
        }
        const ssize_t written = ::send(m_descriptor, data, static_cast<size_t>(size), MSG_NOSIGNAL);
        return written < 0 && errno == EAGAIN ? 0 : written;
    }

    qint64 read(char *data, qsizetype size)
    {
        if (m_ssl) {
            const int got = SSL_read(m_ssl, data, static_cast<int>(size));
            if (got > 0)
                return got;
            const int error = SSL_get_error(m_ssl, got);
            if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
                return 0;
            end = error == SSL_ERROR_ZERO_RETURN ? End::Closed : End::Reset;
            return -1;
        }
        const ssize_t got = ::recv(m_descriptor, data, static_cast<size_t>(size), 0);
        if (got < 0 && errno == EAGAIN)
            return 0;
        if (got <= 0)
            end = got == 0 ? End::Closed : End::Reset;
        return got == 0 ? -1 : got;
    }

    int m_descriptor = -1;
    SSL_CTX *m_context = nullptr;
    SSL *m_ssl = nullptr;
    bool m_connected = false;
};

QSslConfiguration certified()
{
    TestCa authority;
    const auto pair = authority.issue({QStringLiteral("127.0.0.1")});
    QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
    tls.setLocalCertificateChain(QSslCertificate::fromPath(pair->cert, QSsl::Pem));
    QFile file(pair->key);
    if (file.open(QIODevice::ReadOnly)) {
        const QByteArray pem = file.readAll();
        QSslKey key(pem, QSsl::Ec, QSsl::Pem);
        tls.setPrivateKey(key.isNull() ? QSslKey(pem, QSsl::Rsa, QSsl::Pem) : key);
    }
    tls.setPeerVerifyMode(QSslSocket::VerifyNone);
    return tls;
}

std::optional<QSslConfiguration> tlsIf(bool wanted)
{
    return wanted ? std::optional(certified()) : std::nullopt;
}

/// Notes what it is told, and answers nothing.
class Events final : public IRequestEvents
{
public:
    void handleBody(const QByteArray &data) override { log += data; }
    void handleRequestEnd() override { log += "|end"; }
    void handleWritable() override {}
    void handleClientGone() override { log += "|gone"; }

    QByteArray log;
};

} // namespace

void TestServerConnection::initTestCase()
{
    // What OpenSSL writes on a socket that was reset; the product ignores it, too.
    std::signal(SIGPIPE, SIG_IGN);
}

void TestServerConnection::aSlowReaderGetsAWholeAnswer_data()
{
    QTest::addColumn<bool>("tls");
    QTest::addColumn<QByteArray>("field");
    QTest::addColumn<bool>("drain");
    QTest::newRow("close") << false << QByteArray("Connection: close\r\n") << false;
    QTest::newRow("drain") << false << QByteArray() << true;
    QTest::newRow("keep-alive") << false << QByteArray() << false;
    QTest::newRow("close, TLS") << true << QByteArray("Connection: close\r\n") << false;
    QTest::newRow("drain, TLS") << true << QByteArray() << true;
}

/// However long it takes, as long as it goes on.
void TestServerConnection::aSlowReaderGetsAWholeAnswer()
{
    QFETCH(bool, tls);
    QFETCH(QByteArray, field);
    QFETCH(bool, drain);
    Ring ring(tlsIf(tls));
    ring.onRequest = [](ServerConnection *client) {
        client->respond(200, {}, Large);
    };
    Client client(ring, tls, 32 * 1024);
    QVERIFY(client.connected());
    QVERIFY(client.send("GET / HTTP/1.1\r\nHost: h\r\n" + field + "\r\n"));
    QByteArray answer = client.take(1'000);
    ring.pass(0s);
    if (drain)
        ring.connection->closeWhenDone();
    while (client.end == Client::End::None && answer.size() < Large.size()) {
        const QByteArray piece = client.take(qMin<qsizetype>(64 * 1024, Large.size() - answer.size()));
        QVERIFY2(!piece.isEmpty(), "the answer stopped coming");
        answer += piece;
        for (int half = 0; half < 4; ++half)
            ring.pass(500ms);
    }
    if (client.end == Client::End::None && (drain || !field.isEmpty()))
        answer += client.take(1'000); // to the end
    else
        answer += client.take(answer.indexOf("\r\n\r\n") + 4 + Large.size() - answer.size());
    QCOMPARE(answer.size() - answer.indexOf("\r\n\r\n") - 4, Large.size());
    QCOMPARE(client.end, drain || !field.isEmpty() ? Client::End::Closed : Client::End::None);
    if (drain || !field.isEmpty()) {
        client.close();
        QVERIFY(spinUntil([&] { return ring.closed(); }, 5'000));
    }
}

/// Nothing is written any more, the kernel has it all: the client's reading alone is seen.
void TestServerConnection::whatIsTakenIsProgress()
{
    Ring ring;
    Events events;
    ring.onRequest = [&](ServerConnection *client) {
        client->setHandler(&events);
        client->beginResponse(200, {}, Large.size());
        client->writeBody(Large.first(1024 * 1024));
    };
    Client client(ring, false, 32 * 1024);
    QVERIFY(client.send(Get));
    QVERIFY(spinUntil([&] { return ring.connection && ring.connection->pending() == 0; }, 5'000));
    ring.pass(0s);
    ring.pass(500ms);
    for (int piece = 0; piece < 7; ++piece) {
        QCOMPARE(client.take(128 * 1024).size(), 128 * 1024);
        for (int second = 0; second < 3; ++second)
            ring.pass(1s);
    }
    QVERIFY(!events.log.contains("gone"));
    for (int second = 0; second < 7; ++second)
        ring.pass(1s);
    QVERIFY(events.log.contains("|gone"));
}

/// It holds megabytes of the kernel's memory. What it got is no whole body, and must not look like one.
void TestServerConnection::aStalledReaderIsCut()
{
    Ring ring;
    ring.onRequest = [](ServerConnection *client) {
        client->respond(200, {}, Large);
    };
    Client client(ring, false, 32 * 1024);
    QVERIFY(client.send("GET / HTTP/1.0\r\nHost: h\r\n\r\n"));
    client.take(1'000);
    QVERIFY(ring.connection);
    // Qt's buffer may have become empty meanwhile, and that starts the wait anew once.
    for (int second = 0; second < 14; ++second)
        ring.pass(1s);
    QVERIFY(spinUntil([&] { return ring.closed(); }, 5'000));
    QVERIFY(client.take(Large.size()).size() < Large.size() - 1'000);
    QCOMPARE(client.end, Client::End::Reset);
}

void TestServerConnection::waitsForTheClientToClose_data()
{
    QTest::addColumn<bool>("tls");
    QTest::addColumn<bool>("closes");
    QTest::newRow("it does") << false << true;
    QTest::newRow("it does not") << false << false;
    QTest::newRow("it does, TLS") << true << true;
    QTest::newRow("it does not, TLS") << true << false;
}

void TestServerConnection::waitsForTheClientToClose()
{
    QFETCH(bool, tls);
    QFETCH(bool, closes);
    Ring ring(tlsIf(tls));
    ring.onRequest = [](ServerConnection *client) {
        client->respond(200, {}, "hello");
    };
    Client client(ring, tls);
    QVERIFY(client.connected());
    QVERIFY(client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
    QVERIFY(client.takeAnswer().endsWith("\r\n\r\nhello"));
    QVERIFY(client.take(1).isEmpty());
    QCOMPARE(client.end, Client::End::Closed);
    // Whatever it says now is read over.
    QVERIFY(client.send(QByteArray(100'000, 'y')));
    ring.pass(0s);
    ring.pass(1s);
    QVERIFY(ring.connection && ring.connection->state() == ServerConnection::State::Lingering);
    if (closes)
        client.close();
    else
        for (int second = 0; second < 3; ++second)
            ring.pass(1s);
    QVERIFY(spinUntil([&] { return ring.closed(); }, 5'000));
}

void TestServerConnection::aRefusalArrivesBeforeTheBodyWasRead_data()
{
    QTest::addColumn<bool>("tls");
    QTest::addColumn<QByteArray>("field");
    for (const bool tls : {false, true}) {
        QTest::addRow("%s", tls ? "TLS" : "plain") << tls << QByteArray();
        QTest::addRow("close, %s", tls ? "TLS" : "plain") << tls << QByteArray("Connection: close\r\n");
        QTest::addRow("expected, %s", tls ? "TLS" : "plain") << tls << QByteArray("Expect: 100-continue\r\n");
    }
}

/// To a client that sends its whole body before it reads a byte.
void TestServerConnection::aRefusalArrivesBeforeTheBodyWasRead()
{
    QFETCH(bool, tls);
    QFETCH(QByteArray, field);
    Ring ring(tlsIf(tls));
    ring.onRequest = [](ServerConnection *client) {
        client->respond(401, {}, "refused");
    };
    Client client(ring, tls);
    QVERIFY(client.connected());
    bool answered = false;
    ring.onRequest = [&](ServerConnection *connection) {
        connection->respond(401, {}, "refused");
        answered = true;
    };
    QVERIFY(client.send("POST / HTTP/1.1\r\nHost: h\r\n" + field + "Content-Length: 4194304\r\n\r\n"));
    QVERIFY(spinUntil([&] { return answered; }, 5'000));
    // Whatever it does behind its answer, it has done.
    for (int turn = 0; turn < 5; ++turn)
        QCoreApplication::processEvents();
    for (int piece = 0; piece < 8; ++piece)
        QVERIFY2(client.send(Large.first(512 * 1024)), "reset while it sends");
    const QByteArray answer = client.takeAnswer();
    QVERIFY2(answer.startsWith("HTTP/1.1 401 ") && answer.endsWith("refused"), answer.constData());
}

void TestServerConnection::aBodyThatNeverEndsLosesNoAnswer()
{
    Ring ring;
    ring.onRequest = [](ServerConnection *client) {
        client->respond(401, {}, "refused");
    };
    Client client(ring);
    QVERIFY(client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4194304\r\n\r\n"));
    QVERIFY(ring.reaches(ServerConnection::State::Draining));
    ring.pass(0s);
    for (int second = 0; second < 8 && ring.connection->state() == ServerConnection::State::Draining;
         ++second) {
        QVERIFY(client.send("y"));
        ring.pass(1s);
    }
    const QByteArray answer = client.takeAnswer();
    QVERIFY2(answer.startsWith("HTTP/1.1 401 ") && answer.endsWith("refused"), answer.constData());
    QVERIFY(client.take(1).isEmpty());
    QCOMPARE(client.end, Client::End::Closed);
}

void TestServerConnection::refusesGarbageBehindAGoodRequest_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<bool>("pipelined");
    for (const char *method : {"GET", "HEAD", "POST"}) {
        QTest::addRow("%s, then", method) << QByteArray(method) << false;
        QTest::addRow("%s, pipelined", method) << QByteArray(method) << true;
    }
}

/// With an answer of its own: nothing of the good request's is left.
void TestServerConnection::refusesGarbageBehindAGoodRequest()
{
    QFETCH(QByteArray, method);
    QFETCH(bool, pipelined);
    Ring ring;
    ring.onRequest = [](ServerConnection *client) {
        client->respond(200, {}, {});
    };
    Client client(ring);
    const QByteArray good = method + " / HTTP/1.1\r\nHost: h\r\n\r\n";
    const QByteArray garbage = "this is\x01 not HTTP\r\n\r\n";
    QVERIFY(client.send(pipelined ? good + garbage : good));
    QVERIFY(client.takeAnswer().startsWith("HTTP/1.1 200 "));
    if (!pipelined)
        QVERIFY(client.send(garbage));
    const QByteArray refusal = client.takeAnswer();
    QVERIFY2(refusal.startsWith("HTTP/1.1 400 "), refusal.constData());
    QVERIFY2(refusal.endsWith("}\n"), refusal.constData());
    QVERIFY(client.take(1).isEmpty());
    QCOMPARE(client.end, Client::End::Closed);
    QCOMPARE(ring.malformed, 1);
}

void TestServerConnection::garbageInABodyTakesNoAnswerBack()
{
    Ring ring;
    ring.onRequest = [](ServerConnection *client) {
        client->respond(401, {}, "refused");
    };
    Client client(ring);
    QVERIFY(client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"));
    QVERIFY(spinUntil([&] { return ring.opened == 1; }, 5'000));
    QVERIFY(client.send("no chunk\r\n"));
    QVERIFY(client.takeAnswer().endsWith("refused"));
    QVERIFY(client.take(1).isEmpty());
    QCOMPARE(client.end, Client::End::Closed);
    QCOMPARE(ring.malformed, 0);
}

void TestServerConnection::aClientThatClosedItsSide_data()
{
    QTest::addColumn<bool>("answeredAtOnce");
    QTest::newRow("is answered if that needs no time") << true;
    QTest::newRow("is gone otherwise") << false;
}

void TestServerConnection::aClientThatClosedItsSide()
{
    QFETCH(bool, answeredAtOnce);
    Ring ring;
    Events events;
    ring.onRequest = [&](ServerConnection *client) {
        if (answeredAtOnce)
            client->respond(200, {}, "hello");
        else
            client->setHandler(&events);
    };
    Client client(ring);
    QVERIFY(client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    client.closeSending();
    QVERIFY(spinUntil([&] { return ring.closed(); }, 5'000));
    QVERIFY(client.take(10'000).endsWith(answeredAtOnce ? "hello" : ""));
    QCOMPARE(client.end, Client::End::Closed);
    QCOMPARE(events.log, answeredAtOnce ? "" : "|end|gone");
}

/// HTTP/1.0 knows the end of a body by the end of the connection.
void TestServerConnection::aCutBodyIsNeverTakenForTheWhole()
{
    Ring ring;
    Events events;
    ring.onRequest = [&](ServerConnection *client) {
        client->setHandler(&events);
        client->beginResponse(200, {}, -1);
        client->writeBody("half of it");
    };
    Client client(ring);
    QVERIFY(client.send("GET / HTTP/1.0\r\n\r\n"));
    QByteArray answer;
    while (!answer.endsWith("half of it")) {
        const QByteArray piece = client.take(1);
        QVERIFY(!piece.isEmpty());
        answer += piece;
    }
    client.closeSending();
    QVERIFY(client.take(10'000).isEmpty());
    QCOMPARE(client.end, Client::End::Reset);
    QVERIFY(spinUntil([&] { return ring.closed(); }, 5'000));
    QCOMPARE(events.log, "|end|gone");
}

/// Qt passes one piece of its buffer to the kernel at a time: what is joined is gone after the first.
void TestServerConnection::headAndSmallBodyLeaveTogether()
{
    const QByteArray body(16 * 1024, 'x');
    Ring ring;
    qint64 left = -1;
    ring.onRequest = [&](ServerConnection *connection) {
        connection->beginResponse(200, {}, body.size());
        connection->writeBody(body);
        connection->endResponse();
        left = connection->pending();
    };
    Client client(ring);
    QVERIFY(client.send(Get));
    QVERIFY(client.takeAnswer().endsWith(body));
    QCOMPARE(left, 0);
}

void TestServerConnection::saysTheLengthOfWhatHeadDoesNotGet()
{
    Ring ring;
    qint64 length = 12'345;
    ring.onRequest = [&](ServerConnection *client) {
        client->beginResponse(200, {}, length);
        client->writeBody("not for HEAD");
        client->endResponse();
    };
    Client client(ring);
    QVERIFY(client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n"));
    QByteArray head = client.take(60);
    while (!head.endsWith("\r\n\r\n") && client.end == Client::End::None)
        head += client.take(1);
    QVERIFY2(head.contains("Content-Length: 12345\r\n"), head.constData());
    length = -1;
    QVERIFY(client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n"));
    head = client.take(50);
    while (!head.endsWith("\r\n\r\n") && client.end == Client::End::None)
        head += client.take(1);
    QVERIFY2(head.startsWith("HTTP/1.1 200 "), head.constData());
    QVERIFY2(!head.contains("Content-Length") && !head.contains("Transfer-Encoding"), head.constData());
    length = 12;
    QVERIFY(client.send(Get));
    QVERIFY(client.takeAnswer().endsWith("\r\n\r\nnot for HEAD"));
}

void TestServerConnection::someAnswersHaveNoLength()
{
    Ring ring;
    ring.onRequest = [&](ServerConnection *client) {
        client->respond(204, {}, "nothing");
    };
    Client client(ring);
    for (int round = 0; round < 2; ++round) {
        QVERIFY(client.send(Get));
        const QByteArray answer = client.takeAnswer();
        QVERIFY2(answer.startsWith("HTTP/1.1 204 ") && answer.endsWith("\r\n\r\n"), answer.constData());
        QVERIFY2(!answer.contains("Content-Length"), answer.constData());
    }
}

void TestServerConnection::datesItsAnswers()
{
    Ring ring;
    ring.onRequest = [&](ServerConnection *client) {
        client->respond(200, {}, {});
    };
    Client client(ring);
    QVERIFY(client.send(Get));
    QVERIFY(client.takeAnswer().contains("\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"));
    ring.pass(24h + 1s);
    QVERIFY(client.send(Get));
    QVERIFY(client.takeAnswer().contains("\r\nDate: Mon, 07 Nov 1994 08:49:38 GMT\r\n"));
    QVERIFY(client.send("nonsense\x01"));
    QVERIFY(client.takeAnswer().contains("\r\nDate: Mon, 07 Nov 1994 08:49:38 GMT\r\n"));
}

/// Bytes that are only looked at would keep the window closed: it would never come.
void TestServerConnection::aLargeHeaderDoesNotWaitForItsEnd()
{
    Ring ring;
    qsizetype seen = 0;
    ring.onRequest = [&](ServerConnection *client) {
        seen = client->request().headers.value("X-Large").size();
        client->respond(200, {}, "seen");
    };
    Client client(ring);
    QVERIFY(client.send("GET / HTTP/1.1\r\nHost: h\r\nX-Large: " + QByteArray(900'000, 'x') + "\r\n\r\n"));
    QVERIFY(client.takeAnswer().endsWith("seen"));
    QCOMPARE(seen, 900'000);

    // And its time is bounded there as well.
    Ring other;
    Client slow(other);
    QVERIFY(slow.send("GET / HTTP/1.1\r\nHost: h\r\nX-Large: " + QByteArray(200'000, 'x')));
    QVERIFY(other.reaches(ServerConnection::State::Header));
    other.pass(0s);
    for (int half = 0; half < 6; ++half) {
        slow.send("x");
        other.pass(500ms);
    }
    QVERIFY(spinUntil([&] { return other.closed(); }, 5'000));
}

/// Sent before the drain began: it is under way, even if nobody has read it.
void TestServerConnection::aDrainAnswersWhatHasCome()
{
    Ring ring;
    int asked = 0;
    ring.onRequest = [&](ServerConnection *client) {
        client->respond(200, {}, "hello");
        ++asked;
    };
    Client client(ring);
    QVERIFY(client.send(Get));
    QVERIFY(client.takeAnswer().endsWith("hello"));
    QVERIFY(ring.reaches(ServerConnection::State::Idle));
    QVERIFY(client.send(Get));
    QCOMPARE(asked, 1);
    ring.connection->closeWhenDone();
    const QByteArray answer = client.takeAnswer();
    QVERIFY2(answer.endsWith("hello") && answer.contains("Connection: close"), answer.constData());
    QVERIFY(client.take(1).isEmpty());
    QCOMPARE(client.end, Client::End::Closed);
}

void TestServerConnection::whoTakesNoAnswersIsAskedForNothing_data()
{
    QTest::addColumn<bool>("tls");
    QTest::newRow("plain") << false;
    QTest::newRow("TLS") << true;
}

/// A thousand requests in one write, each answered at once: what waits for the client is bounded.
void TestServerConnection::whoTakesNoAnswersIsAskedForNothing()
{
    constexpr int Requests = 1'000;
    const QByteArray answer(16 * 1024, 'x');
    QFETCH(bool, tls);
    Ring ring(tlsIf(tls));
    int asked = 0;
    qint64 most = 0;
    ring.onRequest = [&](ServerConnection *client) {
        ++asked;
        client->respond(200, {}, answer);
        most = qMax(most, client->pending());
    };
    Client client(ring, tls, 32 * 1024);
    QVERIFY(client.send(Get.repeated(Requests)));
    QVERIFY(spinUntil([&] { return most >= ServerConnection::kHighWater; }, 5'000));
    QVERIFY(asked < Requests);
    for (int i = 0; i < Requests; ++i)
        QVERIFY2(client.takeAnswer().endsWith("\r\n\r\n" + answer), QByteArray::number(i).constData());
    QCOMPARE(asked, Requests);
    QVERIFY2(most < ServerConnection::kHighWater + 2 * answer.size(), QByteArray::number(most).constData());
}

void TestServerConnection::aDrainClosesWhatIsIdle()
{
    Ring ring;
    ring.onRequest = [&](ServerConnection *client) {
        client->respond(200, {}, "hello");
    };
    Client client(ring);
    QVERIFY(client.send(Get));
    QVERIFY(client.takeAnswer().endsWith("hello"));
    ring.connection->closeWhenDone();
    QVERIFY(client.take(1).isEmpty());
    QCOMPARE(client.end, Client::End::Closed);
    QVERIFY(spinUntil([&] { return ring.closed(); }, 5'000));
}

QTEST_GUILESS_MAIN(TestServerConnection)
#include "tst_serverconnection.moc"
