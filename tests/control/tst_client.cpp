// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/client.h"
#include "core/control/server.h"

#include <QLocalServer>
#include <QLocalSocket>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace cring;
using namespace cring::control;

class TestClient : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void findsTheFirstServiceThatAnswers();
    void saysWhatToDoWithoutAService();
    void givesUpOnAServiceThatNeverAnswers();
    void givesUpOnSomethingThatIsNoService();
    void carriesResultsErrorsAndNotifications();
    void answersCallsWhenTheServiceGoes();
    void timesOutACallAndIgnoresItsLateAnswer();
    void neverCallsBackIntoADeadContext();
    void saysWhyItWasTurnedAway();
    void opensAgainAfterTheEnd();

private:
    QString path(const QString &name) const { return m_directory->filePath(name); }

    std::unique_ptr<Server> startServer(int maxClients = 4);

    std::unique_ptr<QTemporaryDir> m_directory;
    QList<CallPtr> m_held;
};

void TestClient::init()
{
    m_held.clear();
    m_directory = std::make_unique<QTemporaryDir>();
}

std::unique_ptr<Server> TestClient::startServer(int maxClients)
{
    auto server = std::make_unique<Server>(ServerOptions{.path = path(QStringLiteral("s")),
                                                         .serviceVersion = QStringLiteral("9.9"),
                                                         .maxClients = maxClients});
    server->addMethod(QStringLiteral("echo"), [](const CallPtr &call) { call->reply(call->params()); });
    server->addMethod(QStringLiteral("hold"), [this](const CallPtr &call) { m_held.append(call); });
    server->addMethod(QStringLiteral("fail"), [](const CallPtr &call) {
        call->progress(QStringLiteral("step"), {{QStringLiteral("n"), 1}});
        call->fail({Code::NotFound, QStringLiteral("there is no server \"x\"")});
    });
    return server->listen().ok() ? std::move(server) : nullptr;
}

void TestClient::findsTheFirstServiceThatAnswers()
{
    const auto server = startServer();
    QVERIFY(server);
    Client client;
    QSignalSpy opened(&client, &Client::opened);
    client.open({path(QStringLiteral("nobody")), path(QStringLiteral("s"))});
    QTRY_COMPARE(opened.size(), 1);
    const auto info = opened.at(0).at(0).value<ServiceInfo>();
    QCOMPARE(info.version, QStringLiteral("9.9"));
    QCOMPARE(info.pid, QCoreApplication::applicationPid());
    QCOMPARE(info.path, path(QStringLiteral("s")));
}

void TestClient::saysWhatToDoWithoutAService()
{
    Client client;
    QSignalSpy failed(&client, &Client::failed);
    client.open({path(QStringLiteral("a")), path(QStringLiteral("b"))});
    QTRY_COMPARE(failed.size(), 1);
    const auto error = failed.at(0).at(0).value<Error>();
    QCOMPARE(error.code, Code::ControlUnavailable);
    QVERIFY(error.detail.contains(QStringLiteral("cring serve")));
    QVERIFY(error.detail.contains(path(QStringLiteral("b"))));
}

void TestClient::givesUpOnAServiceThatNeverAnswers()
{
    QLocalServer mute;
    QVERIFY(mute.listen(path(QStringLiteral("mute"))));
    Client client;
    QSignalSpy failed(&client, &Client::failed);
    client.open({path(QStringLiteral("mute"))});
    QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, 8'000);
    QCOMPARE(failed.at(0).at(0).value<Error>().code, Code::ControlTimeout);
}

void TestClient::givesUpOnSomethingThatIsNoService()
{
    QLocalServer other;
    QVERIFY(other.listen(path(QStringLiteral("other"))));
    connect(&other, &QLocalServer::newConnection, this,
            [&other] { other.nextPendingConnection()->write("220 mail.example.org ESMTP\r\n"); });
    Client client;
    QSignalSpy failed(&client, &Client::failed);
    client.open({path(QStringLiteral("other"))});
    QTRY_COMPARE(failed.size(), 1);
    QCOMPARE(failed.at(0).at(0).value<Error>().code, Code::ControlProtocol);
}

void TestClient::carriesResultsErrorsAndNotifications()
{
    const auto server = startServer();
    Client client;
    QSignalSpy notified(&client, &Client::notified);
    client.open({path(QStringLiteral("s"))});
    QTRY_VERIFY(client.isOpen());
    QJsonObject echoed;
    client.call(QStringLiteral("echo"), {{QStringLiteral("a"), 3}}, this,
                [&](const Result<QJsonObject> &result) {
                    if (result)
                        echoed = *result;
                });
    QTRY_COMPARE(echoed.value(QStringLiteral("a")).toInt(), 3);
    std::optional<Error> error;
    client.call(QStringLiteral("fail"), {}, this,
                [&](const Result<QJsonObject> &result) { error = result.error(); });
    QTRY_VERIFY(error);
    QCOMPARE(error->code, Code::NotFound);
    QCOMPARE(notified.size(), 1);
    QCOMPARE(notified.at(0).at(0).toString(), QStringLiteral("step"));
}

void TestClient::answersCallsWhenTheServiceGoes()
{
    auto server = startServer();
    Client client;
    QSignalSpy closed(&client, &Client::closed);
    client.open({path(QStringLiteral("s"))});
    QTRY_VERIFY(client.isOpen());
    std::optional<Error> error;
    client.call(QStringLiteral("hold"), {}, this,
                [&](const Result<QJsonObject> &result) { error = result.error(); });
    QTRY_COMPARE(m_held.size(), 1);
    server->close(QStringLiteral("stopped by hand"));
    QTRY_COMPARE(closed.size(), 1);
    QCOMPARE(error->code, Code::ControlUnavailable);
    QVERIFY(closed.at(0).at(0).value<Error>().detail.contains(QStringLiteral("stopped by hand")));
    QVERIFY(!client.isOpen());
}

void TestClient::timesOutACallAndIgnoresItsLateAnswer()
{
    const auto server = startServer();
    Client client;
    client.open({path(QStringLiteral("s"))});
    QTRY_VERIFY(client.isOpen());
    QList<Code> codes;
    client.call(
        QStringLiteral("hold"), {}, this,
        [&](const Result<QJsonObject> &result) { codes.append(result.error().code); },
        std::chrono::milliseconds(50));
    QTRY_COMPARE(codes.size(), 1);
    QCOMPARE(codes.at(0), Code::ControlTimeout);
    m_held.takeFirst()->reply({});
    bool alive = false;
    client.call(QStringLiteral("echo"), {}, this,
                [&](const Result<QJsonObject> &result) { alive = result.ok(); });
    QTRY_VERIFY(alive);
    QCOMPARE(codes.size(), 1);
}

void TestClient::neverCallsBackIntoADeadContext()
{
    const auto server = startServer();
    Client client;
    client.open({path(QStringLiteral("s"))});
    QTRY_VERIFY(client.isOpen());
    bool called = false;
    auto context = std::make_unique<QObject>();
    client.call(QStringLiteral("hold"), {}, context.get(),
                [&](const Result<QJsonObject> &) { called = true; });
    QTRY_COMPARE(m_held.size(), 1);
    context.reset();
    m_held.takeFirst()->reply({});
    bool later = false;
    client.call(QStringLiteral("echo"), {}, this, [&](const Result<QJsonObject> &) { later = true; });
    QTRY_VERIFY(later);
    QVERIFY(!called);
}

void TestClient::saysWhyItWasTurnedAway()
{
    const auto server = startServer(1);
    Client first;
    first.open({path(QStringLiteral("s"))});
    QTRY_VERIFY(first.isOpen());
    for (int i = 0; i < 20; ++i) { // Its hello races with the hang-up.
        Client second;
        QSignalSpy failed(&second, &Client::failed);
        second.open({path(QStringLiteral("s"))});
        QTRY_COMPARE(failed.size(), 1);
        QCOMPARE(failed.at(0).at(0).value<Error>().code, Code::ControlBusy);
    }
}

void TestClient::opensAgainAfterTheEnd()
{
    auto server = startServer();
    Client client;
    QSignalSpy closed(&client, &Client::closed);
    client.open({path(QStringLiteral("s"))});
    QTRY_VERIFY(client.isOpen());
    server.reset();
    QTRY_COMPARE(closed.size(), 1);
    server = startServer();
    QVERIFY(server);
    client.open({path(QStringLiteral("s"))});
    QTRY_VERIFY(client.isOpen());
    client.close();
    QVERIFY(!client.isOpen());
    QTRY_COMPARE(server->clientCount(), 0);
    QCOMPARE(closed.size(), 1);
}

QTEST_GUILESS_MAIN(TestClient)
#include "tst_client.moc"
