// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/backendtest.h"

#include <QSignalSpy>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

using namespace cring;
using namespace cring::service;

class TestBackendTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void passesAGoodServer();
    void saysWhatIsWrong_data();
    void saysWhatIsWrong();
    void goesOnToSshWithoutHttp();
    void boundsAServerThatOnlyAccepts();
    void refusesSomethingElseOnTheSshPort();
    void stopsAtANameThatNobodyKnows();
    void stopsWhenDeleted();

private:
    std::unique_ptr<BackendTest> make();
    QStringList run();

    std::unique_ptr<QTcpServer> m_http;
    std::unique_ptr<QTcpServer> m_ssh;
    config::Server m_server;
    config::Timing m_timing;
    SystemClock m_clock;
    ProbeFinding m_finding;
    QByteArray m_banner;
    QList<BackendTest::Step> m_steps;
};

void TestBackendTest::init()
{
    m_http = std::make_unique<QTcpServer>();
    m_ssh = std::make_unique<QTcpServer>();
    QVERIFY(m_http->listen(QHostAddress::LocalHost));
    QVERIFY(m_ssh->listen(QHostAddress::LocalHost));
    connect(m_ssh.get(), &QTcpServer::newConnection, this,
            [this] { m_ssh->nextPendingConnection()->write(m_banner); });
    m_server.name = QStringLiteral("charm1");
    m_server.url = QUrl(QStringLiteral("http://127.0.0.1:%1").arg(m_http->serverPort()));
    m_server.sshPort = m_ssh->serverPort();
    m_timing.connectTimeout = std::chrono::milliseconds(200);
    m_timing.sshBannerTimeout = std::chrono::milliseconds(200);
    m_banner = "SSH-2.0-Go\r\n";
    m_finding = {.problem = {},
                 .misfit = {},
                 .kid = QStringLiteral("0123456789abcdef0123"),
                 .issuer = QStringLiteral("http://charm:35354"),
                 .clockSkewMs = 300,
                 .warning = {}};
}

std::unique_ptr<BackendTest> TestBackendTest::make()
{
    return std::make_unique<BackendTest>(
        m_server, m_timing, m_clock,
        [this](QObject *context, const std::function<void(const ProbeFinding &)> &done) {
            QMetaObject::invokeMethod(
                context, [this, done] { done(m_finding); }, Qt::QueuedConnection);
        });
}

/// "name+ http+ key-": each step and whether it passed.
QStringList TestBackendTest::run()
{
    const auto test = make();
    QSignalSpy finished(test.get(), &BackendTest::finished);
    test->start();
    if (!QTest::qWaitFor([&finished] { return !finished.isEmpty(); }))
        return {QStringLiteral("never finished")};
    m_steps = test->steps();
    QStringList words;
    for (const BackendTest::Step &step : m_steps)
        words.append(step.name + (step.ok ? u'+' : u'-'));
    return words;
}

void TestBackendTest::passesAGoodServer()
{
    QCOMPARE(run().join(u' '), QStringLiteral("name+ http+ key+ issuer+ clock+ ssh+"));
}

void TestBackendTest::saysWhatIsWrong_data()
{
    QTest::addColumn<ProbeFinding>("finding");
    QTest::addColumn<QString>("steps");
    QTest::addColumn<QString>("words");
    const ProbeFinding good{.problem = {},
                            .misfit = {},
                            .kid = QStringLiteral("k"),
                            .issuer = QStringLiteral("i"),
                            .clockSkewMs = {},
                            .warning = {}};
    ProbeFinding finding = good;
    finding.problem = QStringLiteral("answered 502");
    QTest::newRow("problem") << finding << "name+ http+ key- ssh+"
                             << "answered 502";
    finding = good;
    finding.misfit = QStringLiteral("its signing key differs from charm2's");
    QTest::newRow("misfit") << finding << "name+ http+ key- ssh+"
                            << "copy them";
    finding = good;
    finding.issuer.clear();
    QTest::newRow("issuer") << finding << "name+ http+ key+ issuer- clock+ ssh+"
                            << "openid-configuration";
    finding = good;
    finding.clockSkewMs = 9'000;
    QTest::newRow("ahead") << finding << "name+ http+ key+ issuer+ clock+ ssh+"
                           << "9 s ahead of ours";
    finding.warning = QStringLiteral("its clock is off by 9 s");
    QTest::newRow("clock") << finding << "name+ http+ key+ issuer+ clock- ssh+"
                           << "NTP";
}

void TestBackendTest::saysWhatIsWrong()
{
    QFETCH(ProbeFinding, finding);
    QFETCH(QString, steps);
    QFETCH(QString, words);
    m_finding = finding;
    QCOMPARE(run().join(u' '), steps);
    QString all;
    for (const BackendTest::Step &step : m_steps)
        all += step.text + u'\n';
    QVERIFY2(all.contains(words), qPrintable(all));
}

void TestBackendTest::goesOnToSshWithoutHttp()
{
    m_http->close();
    QCOMPARE(run().join(u' '), QStringLiteral("name+ http- ssh+"));
    QVERIFY(m_steps.at(1).text.contains(QStringLiteral("charm serve")));
}

void TestBackendTest::boundsAServerThatOnlyAccepts()
{
    m_banner.clear();
    QCOMPARE(run().join(u' '), QStringLiteral("name+ http+ key+ issuer+ clock+ ssh-"));
    QVERIFY(m_steps.last().text.contains(QStringLiteral("no SSH banner")));
}

void TestBackendTest::refusesSomethingElseOnTheSshPort()
{
    m_banner = QByteArray(100'000, 'x');
    QCOMPARE(run().last(), QStringLiteral("ssh-"));
    QVERIFY(m_steps.last().text.contains(QStringLiteral("does not speak SSH")));
}

void TestBackendTest::stopsAtANameThatNobodyKnows()
{
    m_server.url = QUrl(QStringLiteral("http://no-such-host.invalid:35354"));
    QCOMPARE(run().join(u' '), QStringLiteral("name-"));
}

void TestBackendTest::stopsWhenDeleted()
{
    m_banner.clear(); // So that it has something to wait for.
    auto test = make();
    QSignalSpy done(test.get(), &BackendTest::stepDone);
    test->start();
    QTRY_VERIFY(done.size() == 5);
    test.reset();
    m_banner = "SSH-2.0-Go\r\n";
    QCOMPARE(run().last(), QStringLiteral("ssh+")); // Whatever the first left behind comes during this one.
    QCOMPARE(done.size(), 5);
}

QTEST_GUILESS_MAIN(TestBackendTest)
#include "tst_backendtest.moc"
