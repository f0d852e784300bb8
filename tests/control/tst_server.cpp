// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/protocol.h"
#include "core/control/server.h"
#include "core/control/session.h"

#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QLocalSocket>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

using namespace cring;
using namespace cring::control;

namespace {

/// A client without manners: bytes out, lines in.
class RawClient
{
public:
    explicit RawClient(const QString &path) { socket.connectToServer(path); }

    void send(const QByteArray &bytes) { socket.write(bytes); }

    bool hasLine()
    {
        lines += socket.readAll();
        return lines.contains('\n');
    }

    QJsonObject takeLine()
    {
        const qsizetype end = lines.indexOf('\n');
        const QByteArray line = lines.left(end);
        lines.remove(0, end + 1);
        return QJsonDocument::fromJson(line).object();
    }

    QLocalSocket socket;
    QByteArray lines;
};

QByteArray request(const QByteArray &method, const QByteArray &id = "1")
{
    return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"" + method + "\"}\n";
}

int errorCode(const QJsonObject &answer)
{
    return answer.value(QStringLiteral("error")).toObject().value(QStringLiteral("code")).toInt();
}

} // namespace

class TestServer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void saysHelloAndChecksTheVersion();
    void answersGarbageAndGoesOn();
    void cutsALineWithoutEnd();
    void namesAnUnknownMethod();
    void neverAnswersANotification();
    void answersLaterAndOutOfOrder();
    void answersForAHandlerThatForgot();
    void outlivesAHangUpInMidLineAndInMidCall();
    void boundsTheCallsUnderWay();
    void turnsAwayTheManyWithAReason();
    void cutsASlowSubscriberWithAReason();
    void stopsReadingFromAClientThatDoesNotRead();
    void replacesASubscriptionToTheSameTopic();
    void tellsEveryClientWhenItCloses();
    void comesBackWhenItsFolderIsGone();
    void leavesTheSocketOfAnotherAlone();
    void turnsAwayAnotherUser();

private:
    void restart(const QString &path);

    std::unique_ptr<QTemporaryDir> m_directory;
    QString m_path;
    std::unique_ptr<Server> m_server;
    QList<CallPtr> m_held;
    QPointer<Subscription> m_subscription;
};

void TestServer::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    m_path = m_directory->filePath(QStringLiteral("control.sock"));
    m_server = std::make_unique<Server>(
        ServerOptions{.path = m_path, .serviceVersion = QStringLiteral("0.1.0"), .maxClients = 8});
    m_server->addMethod(QStringLiteral("echo"), [](const CallPtr &call) { call->reply(call->params()); });
    m_server->addMethod(QStringLiteral("hold"), [this](const CallPtr &call) { m_held.append(call); });
    m_server->addMethod(QStringLiteral("forget"), [](const CallPtr &) {});
    m_server->addMethod(QStringLiteral("long"), [](const CallPtr &call) {
        call->reply({{QStringLiteral("text"), QString(500'000, u'x')}});
    });
    m_server->addMethod(QStringLiteral("subscribe"), [this](const CallPtr &call) {
        m_subscription = call->subscribe(QStringLiteral("news"));
        call->reply({});
    });
    const Status status = m_server->listen();
    QVERIFY2(status.ok(), status.ok() ? "" : qPrintable(status.error().detail));
}

void TestServer::cleanup()
{
    m_held.clear();
    m_server.reset();
    QVERIFY(!QFile::exists(m_path));
}

void TestServer::saysHelloAndChecksTheVersion()
{
    RawClient client(m_path);
    client.send(request("hello"));
    QTRY_VERIFY(client.hasLine());
    const QJsonObject result = client.takeLine().value(QStringLiteral("result")).toObject();
    QCOMPARE(result.value(QStringLiteral("protocol")).toInt(), protocolVersion);
    QCOMPARE(result.value(QStringLiteral("service")).toString(), QStringLiteral("0.1.0"));
    QCOMPARE(result.value(QStringLiteral("pid")).toInteger(), ::getpid());

    client.send(R"({"jsonrpc":"2.0","id":2,"method":"hello","params":{"protocol":99}})"
                "\n");
    QTRY_VERIFY(client.hasLine());
    const QJsonObject answer = client.takeLine();
    QCOMPARE(errorCode(answer), -32000);
    QVERIFY(QJsonDocument(answer).toJson().contains("CR-5008"));
}

void TestServer::answersGarbageAndGoesOn()
{
    RawClient client(m_path);
    client.send(QByteArray("\x00\x01\xff{]\n", 6) + QByteArray(10'000, '[') + "\n[]\n\n" +
                request("echo", "\"x\""));
    QList<int> codes;
    for (int i = 0; i < 3; ++i) {
        QTRY_VERIFY(client.hasLine());
        codes.append(errorCode(client.takeLine()));
    }
    QCOMPARE(codes, QList<int>({-32700, -32700, -32600}));
    QTRY_VERIFY(client.hasLine());
    QCOMPARE(client.takeLine().value(QStringLiteral("id")).toString(), QStringLiteral("x"));
}

void TestServer::cutsALineWithoutEnd()
{
    RawClient client(m_path);
    client.send(QByteArray(maxMessageBytes + 100'000, 'x'));
    QTRY_VERIFY(client.hasLine());
    const QJsonObject last = client.takeLine();
    QCOMPARE(last.value(QStringLiteral("method")).toString(), QStringLiteral("closed"));
    QTRY_COMPARE(client.socket.state(), QLocalSocket::UnconnectedState);
    QTRY_COMPARE(m_server->clientCount(), 0);
}

void TestServer::namesAnUnknownMethod()
{
    RawClient client(m_path);
    client.send(request("make.coffee"));
    QTRY_VERIFY(client.hasLine());
    const QJsonObject answer = client.takeLine();
    QCOMPARE(errorCode(answer), -32601);
    QVERIFY(QJsonDocument(answer).toJson().contains("make.coffee"));
}

void TestServer::neverAnswersANotification()
{
    RawClient client(m_path);
    client.send("{\"jsonrpc\":\"2.0\",\"method\":\"echo\"}\n{\"jsonrpc\":\"2.0\",\"method\":\"no such\"}\n"
                "{\"jsonrpc\":\"2.0\",\"method\":\"forget\"}\n");
    client.send(request("echo", "5"));
    QTRY_VERIFY(client.hasLine());
    QCOMPARE(client.takeLine().value(QStringLiteral("id")).toInt(), 5);
    QVERIFY(!client.hasLine());
}

void TestServer::answersLaterAndOutOfOrder()
{
    RawClient client(m_path);
    client.send(request("hold", "1") + request("echo", "2"));
    QTRY_VERIFY(client.hasLine());
    QCOMPARE(client.takeLine().value(QStringLiteral("id")).toInt(), 2);
    m_held.takeFirst()->reply({});
    QTRY_VERIFY(client.hasLine());
    QCOMPARE(client.takeLine().value(QStringLiteral("id")).toInt(), 1);
}

void TestServer::answersForAHandlerThatForgot()
{
    RawClient client(m_path);
    client.send(request("forget"));
    QTRY_VERIFY(client.hasLine());
    QCOMPARE(errorCode(client.takeLine()), -32603);
}

void TestServer::outlivesAHangUpInMidLineAndInMidCall()
{
    {
        RawClient client(m_path);
        client.send(request("hold") + R"({"jsonrpc":"2.0",)");
        QTRY_COMPARE(m_held.size(), 1);
    }
    QTRY_COMPARE(m_server->clientCount(), 0);
    QTRY_VERIFY(!m_held.first()->isWanted());
    m_held.first()->progress(QStringLiteral("step"), {});
    QVERIFY(!m_held.first()->subscribe(QStringLiteral("news")));
    m_held.first()->reply({});
    m_held.clear();
    RawClient next(m_path);
    next.send(request("echo"));
    QTRY_VERIFY(next.hasLine());
}

void TestServer::boundsTheCallsUnderWay()
{
    RawClient client(m_path);
    for (int i = 0; i < 3 * Session::maxCalls; ++i)
        client.send(request("hold", QByteArray::number(i)));
    client.send(request("echo", "999"));
    QTRY_COMPARE(m_held.size(), Session::maxCalls);
    int answered = 0;
    while (answered < 3 * Session::maxCalls) {
        QTRY_VERIFY(!m_held.isEmpty());
        QVERIFY(m_held.size() <= Session::maxCalls);
        m_held.takeFirst()->reply({});
        ++answered;
    }
    QTRY_VERIFY(client.hasLine() && client.lines.contains("999"));
}

void TestServer::turnsAwayTheManyWithAReason()
{
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 100; ++i) {
        clients.push_back(std::make_unique<RawClient>(m_path));
        QCoreApplication::processEvents();
    }
    QTRY_COMPARE(m_server->clientCount(), 8);
    QTRY_VERIFY(clients.at(8)->hasLine());
    const QJsonObject words = clients.at(8)->takeLine();
    QCOMPARE(words.value(QStringLiteral("method")).toString(), QStringLiteral("closed"));
    QCOMPARE(words.value(QStringLiteral("params")).toObject().value(QStringLiteral("code")).toString(),
             QStringLiteral("CR-5007"));
    clients.front()->send(request("echo"));
    QTRY_VERIFY(clients.front()->hasLine());
    clients.clear();
    QTRY_COMPARE(m_server->clientCount(), 0);
    RawClient next(m_path);
    next.send(request("echo"));
    QTRY_VERIFY(next.hasLine());
}

void TestServer::cutsASlowSubscriberWithAReason()
{
    RawClient slow(m_path);
    slow.socket.setReadBufferSize(1024);
    slow.send(request("subscribe"));
    QTRY_VERIFY(m_subscription);
    const QString text(10'000, u'x');
    int sent = 0;
    for (; m_subscription && sent < 1'000; ++sent) {
        m_subscription->notify(QStringLiteral("news"), {{QStringLiteral("text"), text}});
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    }
    QVERIFY2(sent < 300, "the queue is bounded by about 1 MiB");
    QCOMPARE(m_server->clientCount(), 1); // It still gets what was queued, and the reason.
    slow.socket.setReadBufferSize(0);
    QTRY_VERIFY(slow.hasLine() && slow.lines.contains("CR-5007"));
    QTRY_COMPARE(slow.socket.state(), QLocalSocket::UnconnectedState);
    QTRY_COMPARE(m_server->clientCount(), 0);
}

void TestServer::stopsReadingFromAClientThatDoesNotRead()
{
    int asked = 0;
    m_server->addMethod(QStringLiteral("count"), [&asked](const CallPtr &call) {
        ++asked;
        call->reply({{QStringLiteral("text"), QString(100'000, u'x')}});
    });
    RawClient client(m_path);
    client.socket.setReadBufferSize(1024);
    for (int i = 0; i < 200; ++i)
        client.send(request("count"));
    QTRY_VERIFY(asked > 5);
    // Somebody else is served many times over meanwhile.
    RawClient other(m_path);
    for (int i = 0; i < 200; ++i) {
        other.send(request("echo"));
        QTRY_VERIFY(other.hasLine());
        other.takeLine();
    }
    QVERIFY2(asked < 50, qPrintable(QString::number(asked)));
    client.socket.setReadBufferSize(0);
    qint64 got = 0;
    connect(&client.socket, &QLocalSocket::readyRead, this,
            [&] { got += client.socket.readAll().count('\n'); });
    client.socket.readAll();
    QTRY_VERIFY_WITH_TIMEOUT(asked == 200 && got > 150, 20'000);
}

void TestServer::replacesASubscriptionToTheSameTopic()
{
    RawClient client(m_path);
    client.send(request("subscribe"));
    QTRY_VERIFY(client.hasLine());
    client.takeLine();
    const QPointer<Subscription> first = m_subscription;
    client.send(request("subscribe"));
    QTRY_VERIFY(client.hasLine());
    client.takeLine();
    QTRY_VERIFY(!first);
    QVERIFY(m_subscription);
    m_subscription->notify(QStringLiteral("news"), {});
    QTRY_VERIFY(client.hasLine());
    QCOMPARE(client.takeLine().value(QStringLiteral("method")).toString(), QStringLiteral("news"));
}

void TestServer::tellsEveryClientWhenItCloses()
{
    RawClient client(m_path);
    client.send(request("hold"));
    QTRY_COMPARE(m_held.size(), 1);
    QSignalSpy closed(m_server.get(), &Server::closed);
    m_server->close(QStringLiteral("the service stops"));
    QVERIFY(!QFile::exists(m_path));
    QTRY_VERIFY(client.hasLine());
    QVERIFY(QJsonDocument(client.takeLine()).toJson().contains("the service stops"));
    QTRY_COMPARE(closed.size(), 1);
}

void TestServer::restart(const QString &path)
{
    m_server.reset();
    m_server = std::make_unique<Server>(ServerOptions{.path = path,
                                                      .serviceVersion = QStringLiteral("0.1.0"),
                                                      .lookInterval = std::chrono::milliseconds(20)});
    m_server->addMethod(QStringLiteral("echo"), [](const CallPtr &call) { call->reply(call->params()); });
    QVERIFY(m_server->listen());
}

void TestServer::comesBackWhenItsFolderIsGone()
{
    const QString folder = m_directory->filePath(QStringLiteral("run"));
    const QString path = folder + QStringLiteral("/control.sock");
    restart(path);
    RawClient before(path);
    QTRY_COMPARE(m_server->clientCount(), 1);
    for (int round = 0; round < 2; ++round) {
        QVERIFY(QDir(folder).removeRecursively());
        QTRY_VERIFY(QFile::exists(path));
        RawClient client(path);
        client.send(request("hello"));
        QTRY_VERIFY(client.hasLine());
    }
    // Who was connected is.
    before.send(request("echo"));
    QTRY_VERIFY(before.hasLine());
    m_server.reset();
    QVERIFY(!QFile::exists(path));
}

void TestServer::leavesTheSocketOfAnotherAlone()
{
    restart(m_path);
    QVERIFY(QFile::remove(m_path) && QFile::remove(m_path + QStringLiteral(".lock")));
    ListeningSocket other;
    QVERIFY(other.open(m_path, false));
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("something else stands")));
    QTest::qWait(100); // Some looks.
    QCOMPARE(other.look(), ListeningSocket::Place::Ours);
    // And takes its place again once that has gone.
    other.close();
    QTRY_VERIFY(QFile::exists(m_path));
}

void TestServer::turnsAwayAnotherUser()
{
    // Root is let in everywhere, so it has to become somebody else; anybody else need not.
    const uint own = ::geteuid();
    m_server.reset();
    m_server = std::make_unique<Server>(
        ServerOptions{.path = m_path, .owner = own == 0 ? own : own + 1, .serviceVersion = {}});
    QVERIFY(m_server->listen());
    // Somebody took the permissions off: the credentials still hold.
    QCOMPARE(::chmod(QFile::encodeName(m_path).constData(), 0666), 0);
    QCOMPARE(::chmod(QFile::encodeName(m_directory->path()).constData(), 0755), 0);
    const QByteArray name = QFile::encodeName(m_path);
    int result[2];
    QCOMPARE(::pipe(result), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        char text[512] = {};
        sockaddr_un address = {};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, name.constData(), static_cast<size_t>(name.size()));
        const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
        if ((own != 0 || ::setuid(65534) == 0) &&
            ::connect(socket, reinterpret_cast<const sockaddr *>(&address), sizeof(address)) == 0) {
            const ssize_t length = ::read(socket, text, sizeof(text));
            if (length > 0 && ::write(result[1], text, static_cast<size_t>(length)) == length)
                ::_exit(0);
        }
        ::_exit(1);
    }
    ::close(result[1]);
    pid_t ended = 0; // The server must run while the child does: no blocking wait.
    QTRY_VERIFY(ended == child || (ended = ::waitpid(child, nullptr, WNOHANG)) == child);
    char text[512] = {};
    QVERIFY(::read(result[0], text, sizeof(text) - 1) > 0);
    ::close(result[0]);
    QVERIFY2(QByteArray(text).contains("CR-5009"), text);
    QCOMPARE(m_server->clientCount(), 0);
}

QTEST_GUILESS_MAIN(TestServer)
#include "tst_server.moc"
