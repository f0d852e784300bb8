// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/backendscommand.h"
#include "app/cring/logcommand.h"
#include "app/cring/statuscommand.h"
#include "app/cring/steercommand.h"
#include "core/control/server.h"
#include "core/service/handlers.h"
#include "core/service/verdict.h"
#include "tests/cli/capture.h"

#include <QDateTime>
#include <QJsonArray>
#include <QJsonDocument>
#include <QLocalServer>
#include <QLocalSocket>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

using namespace cring;
using namespace cring::app;
using telemetry::Category;
using telemetry::Level;

class TestServiceCommands : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void beginsTheStatusWithItsVerdict();
    void showsWhatGoesOnBehind();
    void exitsWithTheHealthWhenAsked_data();
    void exitsWithTheHealthWhenAsked();
    void printsTheSnapshotAsJson();
    void watchesThroughARestart();
    void saysWhatToDoWithoutAService();
    void listsAndShowsBackends();
    void testsABackend();
    void printsTheLog();
    void printsTheLogAsOneDocument();
    void followsTheLog();
    void showsNothingOldAfterARestart();
    void readsTimes_data();
    void readsTimes();
    void reloadsAndReportsABadFile();
    void stopsAndWaitsForTheEnd();
    void waitsForTheProcessAndNoLongerThanThat();
    void drainsWithoutWaiting();

private:
    void startService();
    ServiceCommandContext context(bool json = false);
    QJsonObject jsonLine(int index) const;

    std::unique_ptr<QTemporaryDir> m_directory;
    std::unique_ptr<Capture> m_out;
    std::unique_ptr<Capture> m_err;
    control::Snapshot m_snapshot;
    Result<QStringList> m_reload = QStringList{};
    SystemClock m_clock;
    std::unique_ptr<telemetry::ActivityLog> m_log;
    std::unique_ptr<control::Server> m_server;
    std::unique_ptr<service::Handlers> m_handlers;
};

void TestServiceCommands::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    m_out = std::make_unique<Capture>();
    m_err = std::make_unique<Capture>();
    m_reload = QStringList{};
    m_snapshot = {};
    m_snapshot.replicas = 3;
    m_snapshot.quorum = 2;
    m_snapshot.version = QStringLiteral("0.1.0");
    m_snapshot.takenMs = m_clock.wall().count();
    m_snapshot.startedMs = m_snapshot.takenMs - 3 * 3'600'000;
    m_snapshot.requests = {{QStringLiteral("upload"), 120, 0, 2, 0, 1}};
    for (int i = 1; i <= 3; ++i) {
        control::BackendStatus backend;
        backend.name = QStringLiteral("charm%1").arg(i);
        backend.state = QStringLiteral("up");
        backend.breaker = QStringLiteral("closed");
        backend.latencyMs = 2;
        backend.clockSkewMs = 10;
        backend.primary = i == 1;
        backend.sinceMs = m_snapshot.takenMs - 360'000;
        m_snapshot.backends.append(backend);
    }
    startService();
}

void TestServiceCommands::startService()
{
    m_log = std::make_unique<telemetry::ActivityLog>(m_clock);
    m_server = std::make_unique<control::Server>(control::ServerOptions{
        .path = m_directory->filePath(QStringLiteral("s")), .serviceVersion = QStringLiteral("0.1.0")});
    service::HandlerHooks hooks;
    hooks.snapshot = [this] {
        service::judge(m_snapshot);
        return m_snapshot;
    };
    hooks.makeTest = [this](const QString &name) -> std::unique_ptr<service::BackendTest> {
        if (name != QStringLiteral("charm1"))
            return nullptr;
        config::Server server;
        server.url = QUrl(QStringLiteral("http://127.0.0.1:1"));
        server.sshPort = 1;
        return std::make_unique<service::BackendTest>(server, config::Timing{}, m_clock,
                                                      service::BackendTest::Means());
    };
    hooks.reload = [this] {
        return m_reload;
    };
    hooks.drain = [this] {
        QTimer::singleShot(50, m_server.get(), [this] { m_server->close(QStringLiteral("drained")); });
    };
    hooks.stop = [this] {
        m_server->close(QStringLiteral("stopped"));
    };
    m_handlers = std::make_unique<service::Handlers>(*m_server, *m_log, hooks);
    QVERIFY(m_server->listen());
}

void TestServiceCommands::cleanup()
{
    m_server.reset();
    m_handlers.reset();
    m_log.reset();
}

ServiceCommandContext TestServiceCommands::context(bool json)
{
    return {Terminal(m_out->file(), m_err->file(), {}), {m_directory->filePath(QStringLiteral("s"))}, json};
}

QJsonObject TestServiceCommands::jsonLine(int index) const
{
    return QJsonDocument::fromJson(m_out->text().split(u'\n').value(index).toUtf8()).object();
}

void TestServiceCommands::beginsTheStatusWithItsVerdict()
{
    m_snapshot.backends[1].state = QStringLiteral("down");
    m_snapshot.backends[1].reason = QStringLiteral("refused the connection\x1b[2J");
    m_snapshot.warnings = QStringList{QStringLiteral("charm3: its clock is off")};
    StatusCommand command(context(), {});
    QCOMPARE(command.run(), Ok);
    const QString text = m_out->text();
    QVERIFY2(text.startsWith(QStringLiteral("charm2 down for 6 min. Uploads go on.\n")), qPrintable(text));
    QVERIFY(text.contains(QStringLiteral(
        "charm2    down   6 min        -     ok       0       0  refused the connection?[2J\n")));
    QVERIFY(text.contains(QStringLiteral("charm1 *  up")));
    QVERIFY(text.contains(QStringLiteral("Warning: charm3: its clock is off")));
    QVERIFY(text.contains(QStringLiteral("upload         1   120        0       2          0\n")));
    QVERIFY(text.contains(QStringLiteral("for 3 h")));
}

void TestServiceCommands::showsWhatGoesOnBehind()
{
    QVERIFY(
        !statusPage(Terminal(m_out->file(), m_err->file(), {}), m_snapshot).contains(QStringLiteral("Owed")));
    m_snapshot.backends[1].owed = 12;
    m_snapshot.backends[2].owed = 1;
    m_snapshot.backends[1].unknownAccounts = 1;
    m_snapshot.findings = 6;
    m_snapshot.paused = true;
    m_snapshot.jobs = {
        {3, QStringLiteral("scrub"), QStringLiteral("running"), QStringLiteral("walking charm2"), 120, 340}};
    const QString page = statusPage(Terminal(m_out->file(), m_err->file(), {}), m_snapshot);
    QVERIFY2(page.contains(QStringLiteral("\nAccounts: charm2 does not know 1 account: nothing of theirs is "
                                          "stored there until it does\n"
                                          "Findings: 6 for a person to decide; `cring findings list` shows "
                                          "them\n"
                                          "Owed: 12 to charm2, 1 to charm3; `cring queue list` shows it\n"
                                          "Job 3 (scrub, paused): walking charm2, 120 of 340\n"
                                          "Paused: background work rests until `cring resume`\n")),
             qPrintable(page));
}

void TestServiceCommands::exitsWithTheHealthWhenAsked_data()
{
    QTest::addColumn<int>("down");
    QTest::addColumn<int>("code");
    QTest::newRow("well") << 0 << int(Ok);
    QTest::newRow("degraded") << 1 << int(DoneWithFindings);
    QTest::newRow("refusing") << 2 << int(NoQuorum);
}

void TestServiceCommands::exitsWithTheHealthWhenAsked()
{
    QFETCH(int, down);
    QFETCH(int, code);
    for (int i = 0; i < down; ++i)
        m_snapshot.backends[i].state = QStringLiteral("down");
    StatusCommand command(context(), {.watch = false, .exitCode = true});
    QCOMPARE(command.run(), code);
}

void TestServiceCommands::printsTheSnapshotAsJson()
{
    StatusCommand command(context(true), {});
    QCOMPARE(command.run(), Ok);
    const auto snapshot = control::Snapshot::fromJson(jsonLine(0));
    QVERIFY(snapshot);
    QVERIFY(*snapshot == m_snapshot);
    QCOMPARE(m_out->text().count(u'\n'), 1);
}

void TestServiceCommands::watchesThroughARestart()
{
    StatusCommand command(context(true), {.watch = true, .exitCode = false});
    QTimer restart;
    QTimer done;
    int linesBefore = 0;
    connect(&restart, &QTimer::timeout, this, [&] {
        linesBefore = static_cast<int>(m_out->text().count(u'\n'));
        if (linesBefore == 0)
            return;
        restart.stop();
        cleanup();
        startService();
    });
    connect(&done, &QTimer::timeout, this, [&] {
        if (linesBefore > 0 && m_out->text().count(u'\n') > linesBefore)
            QCoreApplication::exit(0);
    });
    restart.start(20);
    done.start(20);
    QCOMPARE(command.run(), Ok);
    QCOMPARE(m_err->text().count(QStringLiteral("Waiting for it")), 1);
}

void TestServiceCommands::saysWhatToDoWithoutAService()
{
    cleanup();
    StatusCommand command(context(), {.watch = true, .exitCode = false});
    QCOMPARE(command.run(), NoService);
    QVERIFY(m_err->text().contains(QStringLiteral("Start it with `cring serve`")));
    QVERIFY(m_out->text().isEmpty());
}

void TestServiceCommands::listsAndShowsBackends()
{
    BackendsListCommand list(context());
    QCOMPARE(list.run(), Ok);
    QCOMPARE(m_out->text().count(QStringLiteral("charm")), 3);
    BackendsShowCommand show(context(), QStringLiteral("charm2"));
    QCOMPARE(show.run(), Ok);
    QVERIFY(m_out->text().contains(QStringLiteral("state     up for 6 min\n")));
    BackendsShowCommand unknown(context(), QStringLiteral("charm9"));
    QCOMPARE(unknown.run(), NotFound);
    QVERIFY(m_err->text().contains(QStringLiteral("the servers are charm1, charm2, charm3")));
}

void TestServiceCommands::testsABackend()
{
    BackendsTestCommand words(context(), QStringLiteral("charm1"));
    QCOMPARE(words.run(), DoneWithFindings);
    const QString said = m_out->text().simplified(); // the columns' widths are nobody's promise
    QVERIFY2(said.startsWith(QStringLiteral("name ok 127.0.0.1")), qPrintable(said));
    QVERIFY2(said.contains(QStringLiteral("http failed port 1 cannot be reached")), qPrintable(said));
    m_out = std::make_unique<Capture>();
    BackendsTestCommand json(context(true), QStringLiteral("charm1"));
    QCOMPARE(json.run(), DoneWithFindings);
    QCOMPARE(jsonLine(0).value(QStringLiteral("step")).toString(), QStringLiteral("name"));
    QVERIFY(jsonLine(3).contains(QStringLiteral("summary")));
}

void TestServiceCommands::printsTheLog()
{
    for (int i = 1; i <= 600; ++i)
        m_log->record(Level::Warning, Category::Backend, QStringLiteral("event %1").arg(i),
                      QStringLiteral("charm2"));
    m_log->record(Level::Info, Category::Upload, QStringLiteral("quiet"), {},
                  QStringLiteral("0123456789abcdef"));
    LogCommand tail(context(), {.backend = {}, .level = {}, .lines = 2});
    QCOMPARE(tail.run(), Ok);
    QCOMPARE(m_out->text().count(u'\n'), 2);
    QVERIFY(m_out->text().contains(QStringLiteral(" warning backend  charm2 event 600\n")));
    QVERIFY(m_out->text().endsWith(QStringLiteral(" info    upload   quiet [01234567]\n")));
    m_out = std::make_unique<Capture>();
    LogCommand all(context(true), {.sinceMs = 1, .backend = {}, .level = QStringLiteral("warning")});
    QCOMPARE(all.run(), Ok);
    QCOMPARE(m_out->text().count(u'\n'), 602);
    // One that has left the ring may have events; what has none, and is not there, is a mistake.
    m_log->record(Level::Info, Category::Backend, QStringLiteral("left"), QStringLiteral("charm9"));
    LogCommand left(context(), {.backend = QStringLiteral("charm9"), .level = {}});
    QCOMPARE(left.run(), Ok);
    LogCommand unknown(context(), {.backend = QStringLiteral("nosuch"), .level = {}});
    QCOMPARE(unknown.run(), NotFound);
    LogCommand bad(context(), {.backend = {}, .level = QStringLiteral("loud")});
    QCOMPARE(bad.run(), Usage);
}

void TestServiceCommands::printsTheLogAsOneDocument()
{
    const auto events = [this] {
        m_out = std::make_unique<Capture>();
        LogCommand command(context(true), {});
        return command.run() == Ok
                   ? QJsonDocument::fromJson(m_out->text().toUtf8()).object().value(QStringLiteral("events"))
                   : QJsonValue();
    };
    QCOMPARE(events(), QJsonValue(QJsonArray()));
    m_log->record(Level::Info, Category::Service, QStringLiteral("one"));
    m_log->record(Level::Info, Category::Service, QStringLiteral("two"));
    QCOMPARE(events().toArray().size(), 2);
}

void TestServiceCommands::followsTheLog()
{
    m_log->record(Level::Info, Category::Service, QStringLiteral("old"));
    LogCommand command(context(), {.follow = true, .backend = {}, .level = {}});
    QTimer tick;
    int recorded = 0;
    connect(&tick, &QTimer::timeout, this, [&] {
        if (m_out->text().contains(QStringLiteral("new 3")))
            QCoreApplication::exit(0);
        else if (m_out->text().contains(QStringLiteral("old")))
            m_log->record(Level::Info, Category::Service, QStringLiteral("new %1").arg(++recorded));
    });
    tick.start(20);
    QCOMPARE(command.run(), Ok);
    for (const char *text : {"old\n", "new 1\n", "new 2\n", "new 3\n"})
        QCOMPARE(m_out->text().count(QLatin1String(text)), 1);
}

void TestServiceCommands::showsNothingOldAfterARestart()
{
    m_log->record(Level::Info, Category::Service, QStringLiteral("old"));
    LogCommand command(context(), {.follow = true, .backend = {}, .level = {}, .lines = 0});
    bool restarted = false;
    int recorded = 0;
    QTimer tick;
    connect(&tick, &QTimer::timeout, this, [&] {
        const QString text = m_out->text();
        if (text.contains(QStringLiteral("after"))) {
            QCoreApplication::exit(0);
        } else if (text.contains(QStringLiteral("before")) && !restarted) {
            restarted = true;
            const QList<telemetry::Event> kept = m_log->newest({}, 100);
            cleanup();
            startService();
            // The last ones were not written down any more.
            m_log->restore(kept.first(1));
            m_log->record(Level::Info, Category::Service, QStringLiteral("after"));
        } else if (!restarted && recorded++ < 1'000) {
            m_log->record(Level::Info, Category::Service, QStringLiteral("before"));
        }
    });
    tick.start(20);
    QCOMPARE(command.run(), Ok);
    QVERIFY2(!m_out->text().contains(QStringLiteral("old")), qPrintable(m_out->text()));
}

void TestServiceCommands::readsTimes_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<qint64>("time");
    const qint64 now = 1'000'000'000'000;
    QTest::newRow("minutes") << "10m" << now - 600'000;
    QTest::newRow("min") << "10min" << now - 600'000;
    QTest::newRow("hours") << "2h" << now - 7'200'000;
    QTest::newRow("days") << "3d" << now - 3 * 86'400'000LL;
    QTest::newRow("ages") << "999999999d" << qint64(1);
    QTest::newRow("utc") << "2001-09-09T01:46:40Z" << now;
    QTest::newRow("word") << "yesterday" << qint64(0);
    QTest::newRow("no unit") << "10" << qint64(0);
    QTest::newRow("negative") << "-5m" << qint64(0);
}

void TestServiceCommands::readsTimes()
{
    QFETCH(QString, text);
    QFETCH(qint64, time);
    const Result<qint64> read = parseSince(text, 1'000'000'000'000);
    QCOMPARE(read.ok(), time != 0);
    if (read)
        QCOMPARE(*read, time);
}

void TestServiceCommands::reloadsAndReportsABadFile()
{
    m_reload = QStringList{QStringLiteral("charm4 added")};
    ReloadCommand good(context());
    QCOMPARE(good.run(), Ok);
    QVERIFY(m_out->text().contains(QStringLiteral("- charm4 added\n")));
    m_reload = Error{Code::ConfigUnknownKey, QStringLiteral("line 3: no such key")};
    ReloadCommand bad(context());
    QCOMPARE(bad.run(), BadConfiguration);
    QVERIFY(m_err->text().contains(QStringLiteral("line 3: no such key (CR-1002)")));
}

void TestServiceCommands::stopsAndWaitsForTheEnd()
{
    StopCommand command(context(), StopCommand::How::Stop);
    QCOMPARE(command.run(), Ok);
    QCOMPARE(m_out->text(), QStringLiteral("The service has stopped.\n"));
    QVERIFY(!QFile::exists(m_directory->filePath(QStringLiteral("s"))));
}

/// A service that hangs up, and whose process (one of ours) takes its time to end.
class SlowEnding : public QLocalServer
{
public:
    SlowEnding(const QString &path, qint64 pid)
    {
        listen(path);
        connect(this, &QLocalServer::newConnection, this, [this, pid] {
            QLocalSocket *client = nextPendingConnection();
            connect(client, &QLocalSocket::readyRead, client, [client, pid] {
                while (client->canReadLine()) {
                    QJsonObject request = QJsonDocument::fromJson(client->readLine()).object();
                    const bool isHello = request.value(QLatin1String("method")) == QLatin1String("hello");
                    request = {{QStringLiteral("jsonrpc"), QStringLiteral("2.0")},
                               {QStringLiteral("id"), request.value(QLatin1String("id"))},
                               {QStringLiteral("result"),
                                QJsonObject{{QStringLiteral("protocol"), 1}, {QStringLiteral("pid"), pid}}}};
                    client->write(QJsonDocument(request).toJson(QJsonDocument::Compact) + '\n');
                    if (!isHello)
                        client->disconnectFromServer();
                }
            });
        });
    }
};

void TestServiceCommands::waitsForTheProcessAndNoLongerThanThat()
{
    cleanup();
    QProcess process;
    process.start(QStringLiteral("cat"), QStringList());
    QVERIFY(process.waitForStarted());
    SlowEnding service(m_directory->filePath(QStringLiteral("s")), process.processId());
    {
        StopCommand impatient(context(), StopCommand::How::Stop, std::chrono::milliseconds(100));
        QCOMPARE(impatient.run(), NoService);
    }
    QVERIFY2(m_err->text().contains(QStringLiteral("has not ended yet")), qPrintable(m_err->text()));
    QCOMPARE(m_out->text(), QString());

    StopCommand patient(context(), StopCommand::How::Stop);
    QTimer::singleShot(200, &process, [&] {
        QCOMPARE(m_out->text(), QString());
        process.closeWriteChannel();
    });
    QCOMPARE(patient.run(), Ok);
    QCOMPARE(m_out->text(), QStringLiteral("The service has stopped.\n"));
    QTRY_COMPARE(process.state(), QProcess::NotRunning);
}

void TestServiceCommands::drainsWithoutWaiting()
{
    StopCommand command(context(true), StopCommand::How::Drain);
    QCOMPARE(command.run(), Ok);
    QCOMPARE(jsonLine(0).value(QStringLiteral("state")).toString(), QStringLiteral("draining"));
}

QTEST_GUILESS_MAIN(TestServiceCommands)
#include "tst_servicecommands.moc"
