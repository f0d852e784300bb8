// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/backendtest.h"

#include <QMap>
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
    void comparesTheSshHostKey_data();
    void comparesTheSshHostKey();
    void looksAtTheDataInTheEnd();
    void judgesTheSchemeThatClientsSpeak();
    void writesReadsAndDeletes();
    void saysWhatIsWrongWithTheAccount_data();
    void saysWhatIsWrongWithTheAccount();
    void writesNothingWhereItDoesNotBelong();
    void takesAwayWhatAnotherTestHasLeft();
    void takesTheFileAwayWhenItIsCalledOff();
    void writesNothingWhileItCouldBeTakenForAFile();
    void hasTheRingDeleteWhatItHasRecorded();

private:
    struct Refusal
    {
        QByteArray method;
        int status = 0;
        QByteArray body;
    };

    void useAccount();
    Result<http::Response> answerTo(const http::Request &request);
    std::unique_ptr<BackendTest> make();
    QStringList run();

    std::unique_ptr<QTcpServer> m_http;
    std::unique_ptr<QTcpServer> m_ssh;
    config::Server m_server;
    config::Timing m_timing;
    SystemClock m_clock;
    ProbeFinding m_finding;
    BackendTest::Means m_means;
    SeededRandom m_random{1};
    QList<QByteArray> m_asked; ///< Methods.
    QMap<QByteArray, QByteArray> m_store;
    Refusal m_refusal;
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
                 .warning = {},
                 .publicKey = QByteArray(32, 'k')};
    m_means = {};
    m_asked.clear();
    m_store.clear();
    m_refusal = {};
}

std::unique_ptr<BackendTest> TestBackendTest::make()
{
    BackendTest::Means means = m_means;
    means.probe = [this](QObject *context, const std::function<void(const ProbeFinding &)> &done) {
        QMetaObject::invokeMethod(
            context, [this, done] { done(m_finding); }, Qt::QueuedConnection);
    };
    return std::make_unique<BackendTest>(m_server, m_timing, m_clock, means);
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
                            .warning = {},
                            .publicKey = {}};
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

void TestBackendTest::comparesTheSshHostKey_data()
{
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<QString>("steps");
    QTest::addColumn<QString>("words");
    QTest::newRow("same") << QByteArray(32, 'k') << "hostkey+"
                          << "is the key that it and the others sign with";
    QTest::newRow("another") << QByteArray(32, 'x') << "hostkey-"
                             << "Check ssh_port";
    QTest::newRow("none") << QByteArray() << "hostkey-"
                          << "hung up; if it is a Charm server, restart it";
}

void TestBackendTest::comparesTheSshHostKey()
{
    QFETCH(QByteArray, key);
    QFETCH(QString, steps);
    QFETCH(QString, words);
    m_means.hostKey = [key](QObject *, const std::function<void(const Result<QByteArray> &)> &done) {
        done(key.isEmpty()
                 ? Result<QByteArray>(Error{Code::BackendUnreachable, QStringLiteral("charm1 hung up")})
                 : key);
    };
    QCOMPARE(run().last(), steps);
    QVERIFY2(m_steps.last().text.contains(words), qPrintable(m_steps.last().text));
}

void TestBackendTest::looksAtTheDataInTheEnd()
{
    QByteArray kid;
    bool good = true;
    m_means.data = [&](QObject *, const QByteArray &shown,
                       const std::function<void(const Result<QString> &)> &done) {
        kid = shown;
        done(good ? Result<QString>(QStringLiteral("1 account"))
                  : Error{Code::NodeFile, QStringLiteral("is not there")});
    };
    QCOMPARE(run().join(u' '), QStringLiteral("name+ http+ key+ issuer+ clock+ ssh+ data+"));
    QCOMPARE(kid, m_finding.kid.toLatin1());
    QCOMPARE(m_steps.last().text, QStringLiteral("1 account"));
    // Also when nothing else can be tried.
    good = false;
    m_server.url.setHost(QStringLiteral("no-such-host.invalid"));
    QCOMPARE(run().join(u' '), QStringLiteral("name- data-"));
    QCOMPARE(m_steps.last().text, QStringLiteral("is not there"));
}

void TestBackendTest::judgesTheSchemeThatClientsSpeak()
{
    m_means.frontHasTls = false;
    QCOMPARE(run().join(u' '), QStringLiteral("name+ http+ key+ issuer+ scheme+ clock+ ssh+"));
    m_means.frontHasTls = true;
    QCOMPARE(run().value(4), QStringLiteral("scheme-"));
    QVERIFY(m_steps.at(4).text.contains(QStringLiteral("CHARM_SERVER_PUBLIC_URL")));
    m_finding.issuer = QStringLiteral("https://charm.example");
    QCOMPARE(run().value(4), QStringLiteral("scheme+"));
    m_means.frontHasTls = false;
    QCOMPARE(run().value(4), QStringLiteral("scheme-"));
    QVERIFY(m_steps.at(4).text.contains(QStringLiteral("service.tls_cert")));
}

/// As a Charm server answers; tests/cli has real ones.
Result<http::Response> TestBackendTest::answerTo(const http::Request &request)
{
    if (request.method == m_refusal.method && m_refusal.status == 0)
        return Error{Code::BackendTimeout, QStringLiteral("did not answer in time")};
    if (request.method == m_refusal.method)
        return http::Response{m_refusal.status, {}, m_refusal.body};
    const QByteArray name = request.target.mid(7).split('?').first();
    if (request.method == "POST") {
        m_store[name] = request.body.mid(request.body.indexOf("\r\n\r\n") + 4, 2048);
        return http::Response{200, {}, {}};
    }
    if (request.method == "DELETE") {
        m_store.remove(name);
        return http::Response{200, {}, {}};
    }
    if (!name.isEmpty())
        return http::Response{m_store.contains(name) ? 200 : 404, {}, m_store.value(name)};
    QByteArray files;
    for (const QByteArray &file : m_store.keys())
        files += (files.isEmpty() ? "" : ",") + QByteArray(R"({"name":")") + file +
                 R"(","is_dir":false,"size":1,"modtime":"2026-01-01T00:00:00Z","mode":384})";
    return http::Response{
        200,
        {},
        R"({"name":"","is_dir":true,"size":0,"modtime":"2026-01-01T00:00:00Z","mode":493,"files":[)" + files +
            "]}"};
}

void TestBackendTest::useAccount()
{
    m_means.random = &m_random;
    m_means.ownToken = [](QObject *, const replica::ITokenSource::Done &done) {
        done(replica::Credentials{"account-1", "bearer hunter2", 0});
    };
    m_means.account.ask = [this](const http::Request &request, QObject *context,
                                 const AccountTrial::Answered &answered) {
        m_asked << request.method;
        const auto answer = answerTo(request);
        QMetaObject::invokeMethod(
            context, [answered, answer] { answered(answer); }, Qt::QueuedConnection);
    };
}

void TestBackendTest::writesReadsAndDeletes()
{
    useAccount();
    m_store["706c616e"] = "the person's own";
    QCOMPARE(run().mid(6).join(u' '), QStringLiteral("account+ write+ read+ delete+"));
    QCOMPARE(m_asked, (QList<QByteArray>{"GET", "POST", "GET", "DELETE"}));
    QCOMPARE(m_store.keys(), QList<QByteArray>{"706c616e"});
    QVERIFY(m_steps.at(6).text.contains(QStringLiteral("account-1")));
    for (const BackendTest::Step &step : m_steps)
        QVERIFY(!step.text.contains(QStringLiteral("hunter2")));
}

void TestBackendTest::saysWhatIsWrongWithTheAccount_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QString>("steps");
    QTest::addColumn<QString>("words");
    const auto row = [](const char *name, const char *method, int status, const char *body, const char *steps,
                        const char *words) {
        QTest::newRow(name) << QByteArray(method) << status << QByteArray(body) << QString::fromLatin1(steps)
                            << QString::fromLatin1(words);
    };
    row("missing", "GET", 404, R"({"message":"missing user for id account-1"})", "account-",
        "cring accounts sync");
    row("expired", "GET", 401, "{}", "account-", "clock");
    row("silent", "GET", 0, "", "account-", "did not answer in time");
    row("quota", "POST", 403, R"({"message":"user storage limit exceeded"})", "account+ write- delete+",
        "CHARM_SERVER_USER_MAX_STORAGE");
    row("full", "POST", 500, R"({"message":"internal error"})", "account+ write- delete+", "disk full");
    row("no answer", "POST", 0, "", "account+ write- delete+", "did not answer in time");
    row("stuck", "DELETE", 500, R"({"message":"internal error"})", "account+ write+ read+ delete-",
        "the next test tries again");
}

void TestBackendTest::saysWhatIsWrongWithTheAccount()
{
    QFETCH(QByteArray, method);
    QFETCH(int, status);
    QFETCH(QByteArray, body);
    QFETCH(QString, steps);
    QFETCH(QString, words);
    useAccount();
    m_refusal = {method, status, body};
    QCOMPARE(run().mid(6).join(u' '), steps);
    QString all;
    for (const BackendTest::Step &step : m_steps)
        all += step.text + u'\n';
    QVERIFY2(all.contains(words), qPrintable(all));
}

void TestBackendTest::writesNothingWhereItDoesNotBelong()
{
    useAccount();
    m_finding.misfit = QStringLiteral("its signing key differs from charm2's");
    QCOMPARE(run().join(u' '), QStringLiteral("name+ http+ key- ssh+"));
    QCOMPARE(m_asked.size(), 0);
    m_finding.misfit.clear();
    m_means.ownToken = [](QObject *, const replica::ITokenSource::Done &done) {
        done(Error{Code::TokenUnavailable, QStringLiteral("the identity cannot log in")});
    };
    QCOMPARE(run().last(), QStringLiteral("account-"));
    QCOMPARE(m_asked.size(), 0);
}

void TestBackendTest::takesAwayWhatAnotherTestHasLeft()
{
    useAccount();
    m_store[AccountTrial::kPrefix.toByteArray() + "0123456789abcdef"] = "left";
    m_store["706c616e"] = "the person's own";
    QCOMPARE(run().last(), QStringLiteral("delete+"));
    QCOMPARE(m_store.keys(), QList<QByteArray>{"706c616e"});
}

void TestBackendTest::takesTheFileAwayWhenItIsCalledOff()
{
    useAccount();
    auto test = make();
    connect(test.get(), &BackendTest::stepDone, this, [&test](const BackendTest::Step &step) {
        if (step.name == QStringLiteral("write"))
            test.release()->deleteLater();
    });
    test->start();
    QTRY_VERIFY(m_asked.contains("DELETE"));
    QCOMPARE(m_store.size(), 0);
}

void TestBackendTest::writesNothingWhileItCouldBeTakenForAFile()
{
    useAccount();
    m_means.account.whyNotNow = [] {
        return QStringLiteral("an import is under way");
    };
    QCOMPARE(run().mid(6).join(u' '), QStringLiteral("account+"));
    QVERIFY(m_steps.last().text.contains(QStringLiteral("an import is under way")));
    QCOMPARE(m_asked, QList<QByteArray>{"GET"});
}

void TestBackendTest::hasTheRingDeleteWhatItHasRecorded()
{
    useAccount();
    const QByteArray left = AccountTrial::kPrefix.toByteArray() + "0123456789abcdef";
    m_store[left] = "left";
    QList<QByteArray> deleted;
    m_means.account.deleteRecorded = [&](const replica::Credentials &, const QByteArray &name) {
        deleted << name;
        return name == left;
    };
    QCOMPARE(run().last(), QStringLiteral("delete+"));
    QCOMPARE(deleted.size(), 2);
    QCOMPARE(deleted.first(), left);
    // By the ring alone: past it, the file would be missed and brought back.
    QCOMPARE(m_asked.count("DELETE"), 1);
}

QTEST_GUILESS_MAIN(TestBackendTest)
#include "tst_backendtest.moc"
