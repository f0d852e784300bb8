// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/loopback.h"
#include "tests/integration/faultyring.h"
#include "tests/integration/statefolder.h"
#include "tests/support/spin.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

#include <sys/stat.h>

#include <csignal>

using namespace cring;
using namespace cring::test;

/// What the person who runs the service does to it while clients work: look, reload, drain, stop.
class TestLifecycle : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void showsItselfOnTheCommandLine();
    void followsItsLog();
    void takesAServerInWhileClientsWork();
    void lettingAServerGoCutsNobody();
    void aReloadForgetsNothingThatWasOwed();
    void aReloadHandsOutNoNumberTwice();
    void aReloadChangesWhatIsLogged();
    void aBadFileLeavesTheOldConfiguration();
    void saysWhatNeedsANewStart();
    void drainsWithWorkUnderWay_data();
    void drainsWithWorkUnderWay();
    void aDrainIsNoReasonToCut();
    void aDrainLeavesSshSessionsTheirTime();
    void aSecondSignalEndsItNow();
    void endsWhenTheDrainTimeIsOver();
    void refusesASecondServiceInTheSameDirectory();
    void theSystemsServiceIsForItsGroupWhereverItsSocketLies();
    void startsAfterACrash();
    void takesTheGoOriginalsCommandLine();
    void cleanupTestCase() { m_ring.reset(); }

private:
    QJsonObject status();
    QStringList backendNames();
    void rewriteConfig(const QByteArray &text);
    bool endsWithin(int limit);
    /// Sends the first third of an upload; it is under way afterwards.
    void startUpload(HttpClient &writer, const QByteArray &path);

    std::unique_ptr<FaultyRing> m_ring;
};

namespace {

constexpr int MendLimit = 10'000;
constexpr qsizetype LargeSize = 48 * 1024 * 1024;

} // namespace

void TestLifecycle::initTestCase()
{
    m_ring = std::make_unique<FaultyRing>();
    CRING_OK(m_ring->startServers());
}

void TestLifecycle::init()
{
    CRING_OK(m_ring->startRing());
}

/// What a row has left is on every server, before its ring goes.
void TestLifecycle::cleanup()
{
    if (m_ring->isRunning())
        QVERIFY2(m_ring->differenceAfter(5'000).isEmpty(), m_ring->difference().constData());
}

QJsonObject TestLifecycle::status()
{
    return QJsonDocument::fromJson(
               m_ring->ring().runCommand({QStringLiteral("status"), QStringLiteral("--json")}).out)
        .object();
}

QStringList TestLifecycle::backendNames()
{
    QStringList names;
    const QJsonArray backends = status().value(QStringLiteral("backends")).toArray();
    for (const QJsonValue &backend : backends)
        names << backend.toObject().value(QStringLiteral("name")).toString();
    return names;
}

void TestLifecycle::rewriteConfig(const QByteArray &text)
{
    QFile file(m_ring->ring().configFile());
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
    QCOMPARE(file.write(text), text.size());
}

bool TestLifecycle::endsWithin(int limit)
{
    return spinUntil([this] { return !m_ring->ring().isRunning(); }, limit);
}

void TestLifecycle::startUpload(HttpClient &writer, const QByteArray &path)
{
    const QByteArray form = HttpClient::multipart(FaultyRing::content(3'000'000, path));
    writer.send(writer.uploadHead(FaultyRing::target(path), form.size(), m_ring->token()) +
                form.left(1'000'000));
    QVERIFY(writer.flush());
    // Sent is not taken in: a drain that comes before has nothing to wait for.
    const auto underWay = [this] {
        const QJsonArray requests = status().value(QStringLiteral("requests")).toArray();
        return std::any_of(requests.begin(), requests.end(), [](const QJsonValue &request) {
            return request[QStringLiteral("kind")] == QStringLiteral("upload") &&
                   request[QStringLiteral("inFlight")].toInt() > 0;
        });
    };
    QVERIFY(spinUntil(underWay, 5'000));
}

void TestLifecycle::showsItselfOnTheCommandLine()
{
    CringProcess &ring = m_ring->ring();
    QCOMPARE(m_ring->upload("shown", "shown").status, 200);
    const auto well = ring.runCommand({QStringLiteral("status"), QStringLiteral("--exit-code")});
    QVERIFY2(well.exitCode == 0, (well.out + well.err).constData());
    for (const char *name : {"charm1", "charm2", "charm3", "upload"})
        QVERIFY2(well.out.contains(name), well.out.constData());
    const auto list = ring.runCommand({QStringLiteral("backends"), QStringLiteral("list")});
    QVERIFY2(list.exitCode == 0 && list.out.count("up") == 3, list.out.constData());
    const auto test =
        ring.runCommand({QStringLiteral("backends"), QStringLiteral("test"), QStringLiteral("charm2")});
    QVERIFY2(test.exitCode == 0 && !test.out.contains("failed"), (test.out + test.err).constData());

    m_ring->at(1).kill9();
    QVERIFY(spinUntil([&] { return !m_ring->allUp(); }, MendLimit));
    const auto degraded = ring.runCommand({QStringLiteral("status"), QStringLiteral("--exit-code")});
    QVERIFY2(degraded.exitCode == 6 && degraded.out.contains("charm2"),
             (degraded.out + degraded.err).constData());
    m_ring->at(2).kill9();
    const auto refusing = [&] {
        return ring.runCommand({QStringLiteral("status"), QStringLiteral("--exit-code")}).exitCode == 7;
    };
    QVERIFY(spinUntil(refusing, MendLimit));
    const auto failing =
        ring.runCommand({QStringLiteral("backends"), QStringLiteral("test"), QStringLiteral("charm2")});
    QVERIFY2(failing.exitCode == 6 && failing.out.contains("refused"), failing.out.constData());
    CRING_OK(m_ring->at(1).start());
    CRING_OK(m_ring->at(2).start());
    QVERIFY(spinUntil([&] { return m_ring->allUp(); }, MendLimit));
}

void TestLifecycle::followsItsLog()
{
    CringProcess &ring = m_ring->ring();
    const auto follower = ring.command({QStringLiteral("log"), QStringLiteral("--follow")});
    follower->start();
    QByteArray text;
    const auto shows = [&](const QByteArray &words) {
        return spinUntil(
            [&] {
                text += follower->readAllStandardOutput();
                return text.contains(words);
            },
            MendLimit);
    };
    QVERIFY2(shows("serving 3 servers"), text.constData());
    m_ring->at(0).pause();
    QVERIFY2(shows("charm1 is down"), text.constData());
    m_ring->at(0).resume();
    QVERIFY2(shows("charm1 is up"), text.constData());
    // It goes on with the next run, and what was recorded before stays known. A death may cost what was not
    // written down yet.
    const StateFolder state(ring);
    QVERIFY(spinUntil(
        [&] {
            return state.number(QStringLiteral("SELECT count(*) FROM events WHERE text LIKE 'is down%'")) > 0;
        },
        MendLimit));
    CRING_OK(m_ring->killAndRestartRing());
    QVERIFY2(shows("killed the last time"), text.constData());
    follower->stop(playground::milliseconds(2'000));
    const QByteArray log = ring.runCommand({QStringLiteral("log")}).out;
    QVERIFY2(log.contains("charm1 is down"), log.constData());
    QCOMPARE(log.count("serving 3 servers"), 2);
}

void TestLifecycle::takesAServerInWhileClientsWork()
{
    const QByteArray large = FaultyRing::content(LargeSize, "large");
    QCOMPARE(m_ring->upload("large", large).status, 200);
    // A download whose client has read nothing yet, and an upload of which half has been sent.
    HttpClient reader = m_ring->client();
    QVERIFY(reader.connectNow());
    reader.send("GET /v1/fs/large HTTP/1.1\r\nHost: ring\r\nAuthorization: bearer " + m_ring->token() +
                "\r\n\r\n");
    HttpClient writer = m_ring->client();
    const QByteArray data = FaultyRing::content(4'000'000, "written");
    const QByteArray form = HttpClient::multipart(data);
    writer.send(writer.uploadHead("/v1/fs/written", form.size(), m_ring->token()) + form.left(2'000'000));
    QVERIFY(writer.flush());

    CringProcess &ring = m_ring->ring();
    const qint64 pid = ring.processId();
    const auto fourth = m_ring->cluster().addServer(CharmCluster::Data::Shared);
    CRING_OK(fourth);
    CRING_OK((*fourth)->start());
    rewriteConfig(ring.configText() +
                  QStringLiteral("\n[[server]]\nname = \"charm4\"\nurl = \"%1\"\nssh_port = %2\n")
                      .arg((*fourth)->url().toString())
                      .arg((*fourth)->sshPort())
                      .toUtf8());
    ring.sendSignal(SIGHUP);
    QVERIFY(spinUntil([&] { return backendNames().size() == 4; }, MendLimit));

    const HttpResponse read = reader.read();
    QVERIFY2(read.status == 200 && read.complete && read.body == large, read.text().left(200).constData());
    writer.send(form.mid(2'000'000));
    const HttpResponse written = writer.read();
    QVERIFY2(written.status == 200, written.text().constData());
    QCOMPARE(m_ring->get("written").body, data);

    QVERIFY(spinUntil([&] { return m_ring->isUp(3); }, MendLimit));
    for (int index = 0; index < 20; ++index) {
        const QByteArray name = "after" + QByteArray::number(index);
        QCOMPARE(m_ring->upload(name, name).status, 200);
    }
    // An answer comes at the quorum, and the newest may be the slowest.
    const auto hasNewFiles = [&] {
        const QStringList files = (*fourth)->files().keys();
        return std::ranges::any_of(files, [&](const QString &file) {
            return file.startsWith(m_ring->cluster().charmId() + QStringLiteral("/after"));
        });
    };
    QVERIFY2(spinUntil(hasNewFiles, MendLimit), "the new server gets its share of new files");
    QCOMPARE(ring.processId(), pid);
    // Both are to be found from then on, wherever the new placement puts them.
    QCOMPARE(m_ring->get("large").body, large);
    const auto reload = ring.runCommand({QStringLiteral("reload")});
    QVERIFY2(reload.exitCode == 0 && reload.out.contains("nothing has changed"), reload.out.constData());
    // The others have three servers.
    m_ring = std::make_unique<FaultyRing>();
    CRING_OK(m_ring->startServers());
}

void TestLifecycle::lettingAServerGoCutsNobody()
{
    const QByteArray large = FaultyRing::content(LargeSize, "large");
    QCOMPARE(m_ring->upload("going", large).status, 200);
    std::vector<std::unique_ptr<HttpClient>> readers;
    for (int reader = 0; reader < 3; ++reader) {
        readers.push_back(std::make_unique<HttpClient>(m_ring->ring().url()));
        readers.back()->send("GET /v1/fs/going HTTP/1.1\r\nHost: ring\r\nAuthorization: bearer " +
                             m_ring->token() + "\r\n\r\n");
        QVERIFY(readers.back()->flush());
    }
    QVERIFY(spinUntil(
        [&] {
            const QJsonArray requests = status().value(QStringLiteral("requests")).toArray();
            return std::any_of(requests.begin(), requests.end(), [](const QJsonValue &kind) {
                return kind.toObject().value(QStringLiteral("kind")) == QStringLiteral("download") &&
                       kind.toObject().value(QStringLiteral("inFlight")).toInt() == 3;
            });
        },
        5'000));
    const QByteArray config = m_ring->ring().configText();
    rewriteConfig(config.left(config.lastIndexOf("[[server]]")) + "\n");
    const auto reload = m_ring->ring().runCommand({QStringLiteral("reload")});
    QVERIFY2(reload.exitCode == 0 && reload.out.contains("2 servers now, 3 before"), reload.out.constData());
    for (const auto &reader : readers) {
        const HttpResponse read = reader->read();
        QVERIFY2(read.complete && read.body == large, read.text().left(200).constData());
    }
    QCOMPARE(backendNames().size(), 2);
    QCOMPARE(m_ring->remove("going").status, 200);
    // The third was let go: it keeps what it had.
    QVERIFY(m_ring->holds(2, QStringLiteral("going")));
    QCOMPARE(HttpClient(m_ring->at(2).url()).remove("/v1/fs/going", m_ring->token()).status, 200);
}

/// By a configuration that has been replaced: before that, and by what it still had under way.
void TestLifecycle::aReloadForgetsNothingThatWasOwed()
{
    CringProcess &ring = m_ring->ring();
    QCOMPARE(m_ring->upload("owed/before", "old").status, 200);
    QVERIFY2(m_ring->differenceAfter(MendLimit).isEmpty(), m_ring->difference().constData());
    HttpClient writer = m_ring->client();
    const QByteArray data = FaultyRing::content(3'000'000, "owed");
    const QByteArray form = HttpClient::multipart(data);
    writer.send(writer.uploadHead("/v1/fs/owed/across", form.size(), m_ring->token()) + form.left(1'000'000));
    QVERIFY(writer.flush());
    m_ring->at(2).kill9();
    QCOMPARE(m_ring->upload("owed/before", "new").status, 200);
    for (const char *value : {"1s", "1100ms"}) {
        rewriteConfig(ring.configText() + "listing_timeout = \"" + value + "\"\n");
        ring.sendSignal(SIGHUP);
        QVERIFY(spinUntil([&] { return status().contains(QStringLiteral("backends")); }, MendLimit));
    }
    writer.send(form.mid(1'000'000));
    const HttpResponse written = writer.read();
    QVERIFY2(written.status == 200, written.text().constData());
    // Longer than a configuration without requests is kept.
    QTest::qWait(7'000); // only time can tell that nothing was forgotten
    CRING_OK(m_ring->at(2).start());
    const QByteArray difference = m_ring->differenceAfter(2 * MendLimit);
    QVERIFY2(difference.isEmpty(), difference.constData());
    QVERIFY(m_ring->holds(2, QStringLiteral("owed/across")));
    QCOMPARE(m_ring->get("owed/before").body, "new");
}

void TestLifecycle::aReloadHandsOutNoNumberTwice()
{
    CringProcess &ring = m_ring->ring();
    std::vector<std::unique_ptr<HttpClient>> clients;
    QList<qint64> numbers;
    for (int round = 0; round < 10; ++round) {
        rewriteConfig(ring.configText() + "listing_timeout = \"" + QByteArray::number(1'000 + round) +
                      "ms\"\n");
        clients.clear();
        for (int client = 0; client < 6; ++client) {
            clients.push_back(std::make_unique<HttpClient>(ring.url()));
            QVERIFY(clients.back()->connectNow());
        }
        for (size_t client = 0; client < clients.size(); ++client) {
            clients[client]->send("POST /v1/seq/reload HTTP/1.1\r\nHost: ring\r\nContent-Length: 0\r\n"
                                  "Authorization: bearer " +
                                  m_ring->token() + "\r\n\r\n");
            if (client == 2)
                ring.sendSignal(SIGHUP);
        }
        for (const auto &client : clients) {
            const HttpResponse response = client->read();
            QVERIFY2(response.status == 200, response.text().constData());
            numbers << response.json().value(QStringLiteral("seq")).toInteger();
        }
    }
    const QSet<qint64> different(numbers.begin(), numbers.end());
    QCOMPARE(different.size(), numbers.size()); // a status line without a number would count as 0 twice
}

void TestLifecycle::aReloadChangesWhatIsLogged()
{
    CringProcess &ring = m_ring->ring();
    QVERIFY(!ring.logTail().contains(" debug "));
    rewriteConfig(QByteArray(ring.configText()).replace("[service]\n", "[service]\nlog_level = \"debug\"\n"));
    QCOMPARE(ring.runCommand({QStringLiteral("reload")}).exitCode, 0);
    QCOMPARE(m_ring->upload("logged", "in detail").status, 200);
    QVERIFY(spinUntil([&] { return ring.logTail().contains(" debug "); }, MendLimit));
}

void TestLifecycle::aBadFileLeavesTheOldConfiguration()
{
    CringProcess &ring = m_ring->ring();
    rewriteConfig(ring.configText() + "\n[[server]]\nname = \"charm9\"\nurll = \"http://127.0.0.1:1\"\n");
    const auto reload = ring.runCommand({QStringLiteral("reload")});
    QVERIFY2(reload.exitCode == 4 && reload.err.contains("urll") && reload.err.contains("\"url\""),
             (reload.out + reload.err).constData());
    ring.sendSignal(SIGHUP);
    rewriteConfig("[service\n");
    ring.sendSignal(SIGHUP);
    QVERIFY(spinUntil(
        [&] {
            return ring.runCommand({QStringLiteral("log")}).out.count("the new configuration is bad") >= 2;
        },
        MendLimit));
    QCOMPARE(backendNames().size(), 3);
    QCOMPARE(m_ring->upload("still", "works").status, 200);
    QCOMPARE(m_ring->get("still").body, "works");
}

void TestLifecycle::saysWhatNeedsANewStart()
{
    CringProcess &ring = m_ring->ring();
    rewriteConfig(QByteArray(ring.configText())
                      .replace("[service]\naddress = \"" + ring.address().toUtf8(),
                               "[service]\naddress = \"127.0.0.1"));
    const auto reload = ring.runCommand({QStringLiteral("reload")});
    QVERIFY2(reload.exitCode == 0 && reload.out.contains("service.address takes effect when"),
             (reload.out + reload.err).constData());
    QCOMPARE(m_ring->upload("still", "here").status, 200);
}

void TestLifecycle::drainsWithWorkUnderWay_data()
{
    QTest::addColumn<bool>("bySignal");
    QTest::newRow("SIGTERM") << true;
    QTest::newRow("cring drain") << false;
}

void TestLifecycle::drainsWithWorkUnderWay()
{
    QFETCH(bool, bySignal);
    CringProcess &ring = m_ring->ring();
    const QByteArray data = FaultyRing::content(6'000'000, "drained");
    QCOMPARE(m_ring->upload("read", data).status, 200);
    HttpClient writer = m_ring->client();
    const QByteArray form = HttpClient::multipart(data);
    writer.send(writer.uploadHead("/v1/fs/drained", form.size(), m_ring->token()) + form.left(3'000'000));
    QVERIFY(writer.flush());
    HttpClient idle = m_ring->client();
    QCOMPARE(idle.get("/v1/fs/read", m_ring->token()).body, data);
    std::unique_ptr<playground::ChildProcess> command;
    if (bySignal) {
        ring.sendSignal(SIGTERM);
    } else {
        command = ring.command({QStringLiteral("drain")});
        command->start();
    }
    QVERIFY2(spinUntil([&] { return !HttpClient(ring.url()).connectNow(500); }, 5'000), "no new connections");
    QVERIFY(idle.waitForClose());
    QVERIFY(ring.isRunning());
    QVERIFY(status().value(QStringLiteral("draining")).toBool());
    writer.send(form.mid(3'000'000));
    const HttpResponse written = writer.read();
    QVERIFY2(written.status == 200, written.text().constData());
    QVERIFY2(endsWithin(8'000), ring.logTail().constData());
    QCOMPARE(ring.process()->exitCode(), 0);
    if (command) {
        QVERIFY(spinUntil([&] { return command->state() == QProcess::NotRunning; }, 5'000));
        QCOMPARE(command->exitCode(), 0);
    }
    const QByteArray difference = m_ring->difference();
    QVERIFY2(difference.isEmpty(), difference.constData());
    QVERIFY(m_ring->holds(0, QStringLiteral("drained")));
}

/// `cring drain`, and then the service manager's SIGTERM: the same wish, not a threat.
void TestLifecycle::aDrainIsNoReasonToCut()
{
    CringProcess &ring = m_ring->ring();
    HttpClient writer = m_ring->client();
    const QByteArray form = HttpClient::multipart(FaultyRing::content(3'000'000, "kept"));
    writer.send(writer.uploadHead("/v1/fs/kept", form.size(), m_ring->token()) + form.left(1'000'000));
    QVERIFY(writer.flush());
    const auto drain = ring.command({QStringLiteral("drain")});
    drain->start();
    QVERIFY(spinUntil([&] { return status().value(QStringLiteral("draining")).toBool(); }, 5'000));
    const auto stop = ring.command({QStringLiteral("stop")});
    stop->start();
    ring.sendSignal(SIGTERM);
    QVERIFY(!endsWithin(1'500));
    writer.send(form.mid(1'000'000));
    QCOMPARE(writer.read().status, 200);
    QVERIFY2(endsWithin(8'000), ring.logTail().constData());
    for (playground::ChildProcess *command : {drain.get(), stop.get()}) {
        QVERIFY(spinUntil([&] { return command->state() == QProcess::NotRunning; }, 5'000));
        QCOMPARE(command->exitCode(), 0);
    }
}

void TestLifecycle::aDrainLeavesSshSessionsTheirTime()
{
    CringProcess &ring = m_ring->ring();
    HttpClient idle = m_ring->client();
    QCOMPARE(idle.get("/v1/public/jwks", {}).status, 200);
    QTcpSocket session;
    session.connectToHost(ring.address(), ring.sshPort());
    QByteArray banner;
    QVERIFY(spinUntil(
        [&] {
            banner += session.readAll();
            return banner.contains('\n');
        },
        5'000));
    QVERIFY2(banner.startsWith("SSH-2.0-"), banner.constData());
    ring.sendSignal(SIGTERM);
    QVERIFY(idle.waitForClose());
    QVERIFY(!endsWithin(2'000));
    QCOMPARE(session.state(), QAbstractSocket::ConnectedState);
    session.disconnectFromHost();
    QVERIFY2(endsWithin(8'000), ring.logTail().constData());
    QCOMPARE(ring.process()->exitCode(), 0);
}

void TestLifecycle::aSecondSignalEndsItNow()
{
    CringProcess &ring = m_ring->ring();
    HttpClient writer = m_ring->client();
    startUpload(writer, "forced");
    ring.sendSignal(SIGTERM);
    QVERIFY(!endsWithin(1'000));
    ring.sendSignal(SIGTERM);
    QVERIFY(endsWithin(10'000));
    QCOMPARE(ring.process()->exitCode(), 0);
    for (int index = 0; index < FaultyRing::Servers; ++index)
        QVERIFY(!m_ring->holds(index, QStringLiteral("forced")));
}

void TestLifecycle::endsWhenTheDrainTimeIsOver()
{
    CringProcess &ring = m_ring->ring();
    rewriteConfig(ring.configText() + "drain_time = \"1s\"\n");
    QCOMPARE(ring.runCommand({QStringLiteral("reload")}).exitCode, 0);
    HttpClient writer = m_ring->client();
    startUpload(writer, "late");
    ring.sendSignal(SIGTERM);
    QVERIFY(!endsWithin(700));
    QVERIFY2(endsWithin(8'000), ring.logTail().constData());
    QCOMPARE(ring.process()->exitCode(), 0);
    for (int index = 0; index < FaultyRing::Servers; ++index)
        QVERIFY(!m_ring->holds(index, QStringLiteral("late")));
}

void TestLifecycle::refusesASecondServiceInTheSameDirectory()
{
    CringProcess &ring = m_ring->ring();
    const auto second =
        ring.runCommand({QStringLiteral("serve"), QStringLiteral("--config"), ring.configFile()});
    QVERIFY2(second.exitCode == 1 && second.err.contains("another service works in"),
             (second.out + second.err).constData());
    QCOMPARE(m_ring->upload("first", "is well").status, 200);
    QCOMPARE(m_ring->ring().runCommand({QStringLiteral("status")}).exitCode, 0);
}

void TestLifecycle::theSystemsServiceIsForItsGroupWhereverItsSocketLies()
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("named.sock"));
    const auto modeOfSocket = [&] {
        playground::RingOptions options = CringProcess::optionsFor(m_ring->cluster());
        options.httpPort = options.sshPort = 0;
        options.serviceLines = QStringLiteral("control_socket = \"%1\"\n").arg(path);
        CringProcess ring(options);
        const Status started = ring.start();
        if (!started)
            qWarning().noquote() << started.error().toString();
        struct stat info = {};
        return ::lstat(QFile::encodeName(path).constData(), &info) == 0 ? info.st_mode & 0777 : 0u;
    };
    QCOMPARE(modeOfSocket(), 0600u);
    qputenv("RUNTIME_DIRECTORY", "/run/charmedring"); // As systemd does for the system's unit.
    const auto ofTheSystem = modeOfSocket();
    qunsetenv("RUNTIME_DIRECTORY");
    QCOMPARE(ofTheSystem, 0660u);
}

void TestLifecycle::startsAfterACrash()
{
    CringProcess &ring = m_ring->ring();
    QCOMPARE(m_ring->upload("crash", "before").status, 200);
    QVERIFY2(m_ring->differenceAfter(5'000).isEmpty(), m_ring->difference().constData());
    HttpClient writer = m_ring->client();
    startUpload(writer, "crash");
    ring.kill9();
    CRING_OK(ring.start());
    QVERIFY(spinUntil([&] { return m_ring->allUp(); }, MendLimit));
    QCOMPARE(m_ring->get("crash").body, "before");
    QVERIFY2(m_ring->difference().isEmpty(), m_ring->difference().constData());
}

/// https://github.com/rubiojr/charmedring, README: what people have in their unit files.
void TestLifecycle::takesTheGoOriginalsCommandLine()
{
    m_ring->stopRing();
    CharmCluster cluster(3);
    // It has one SSH port for all servers.
    const quint16 sshPort = playground::freePort(playground::ownLoopbackAddress(1));
    CRING_OK(cluster.start([&](int, CharmServerOptions &options) { options.sshPort = sshPort; }));
    playground::RingOptions options = CringProcess::optionsFor(cluster);
    CringProcess home(options); // for its folders; never started with its file
    QStringList arguments{QStringLiteral("serve")};
    for (int index = 0; index < cluster.size(); ++index)
        arguments << QStringLiteral("--host") << cluster.at(index).url().toString();
    const auto endpoint = [&](quint16 port) {
        return QStringLiteral("%1:%2").arg(cluster.frontAddress()).arg(port);
    };
    arguments << QStringLiteral("--address") << endpoint(cluster.frontHttpPort())
              << QStringLiteral("--ssh-backend-port") << QString::number(sshPort)
              << QStringLiteral("--ssh-proxy-address") << endpoint(cluster.frontSshPort())
              << QStringLiteral("--debug");
    const auto service = home.command(arguments);
    service->setProcessChannelMode(QProcess::MergedChannels);
    service->start();
    CharmClient &client = cluster.client();
    CharmClient::Output id;
    const bool answered = spinUntil(
        [&] {
            id = client.run({QStringLiteral("id")});
            return id.ok() && id.out.trimmed() == cluster.charmId().toUtf8();
        },
        MendLimit);
    QVERIFY2(answered, (id.text() + service->readAll()).constData());
    CRING_OK(client.run(
        {QStringLiteral("kv"), QStringLiteral("set"), QStringLiteral("key"), QStringLiteral("value")}));
    QCOMPARE(client.run({QStringLiteral("kv"), QStringLiteral("get"), QStringLiteral("key")}).out.trimmed(),
             "value");
    QVERIFY2(cluster.treeDifference().isEmpty(), cluster.treeDifference().constData());
    service->stop(playground::milliseconds(8'000));
    QCOMPARE(service->exitCode(), 0);
}

QTEST_GUILESS_MAIN(TestLifecycle)
#include "tst_lifecycle.moc"
