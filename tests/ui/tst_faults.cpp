// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charmedring/application.h"
#include "tests/support/charmcluster.h"
#include "tests/support/cringprocess.h"
#include "tests/support/desktopkeychain.h"
#include "tests/support/s3server.h"
#include "tests/support/spin.h"
#include "tests/ui/loopwatch.h"
#include "ui/translation.h"
#include "ui/widgets/verdictbanner.h"
#include "ui/window/mainwindow.h"

#include <QApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QJsonDocument>
#include <QLocalServer>
#include <QLocalSocket>
#include <QTest>

#include <poll.h>

#include <csignal>

using namespace cring;
using namespace cring::app;
using namespace cring::models;
using namespace cring::test;

namespace {

constexpr int kLimit = 30'000;
/// Within this time after a fault the icon and the window say so.
constexpr int kTold = 10'000;
constexpr std::chrono::milliseconds kLongestStandstill{100};

} // namespace

/// What goes wrong with the service and with what it needs, as the icon and the window of a program show it
/// that goes on all the while; with a real ring, real servers, a real bucket and a real keychain.
class TestFaults : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void seesALoopThatStandsStill();
    void tellsThatTheServiceWasKilled();
    void tellsThatItHangs();
    void tellsOfAnotherVersion();
    void bearsThatTheSocketsFolderIsGone();
    void tellsOfALockedKeychain();
    void tellsOfAnAbsentKeychain();
    void tellsOfAWipedKeychain();
    void secondCopyGivesWay();
    void killedWindowLeavesTheServiceAlone();

private:
    /// The icon is in that state, and both it and the window say so.
    bool says(TrayState state, const QString &words) const;
    /// Within the time that is allowed, which is printed. The loop is watched.
    bool told(const char *what, const std::function<void()> &fault, TrayState state, const QString &words,
              int limit = kTold);
    bool toldThatOver(const char *what, const std::function<void()> &mending);
    /// Without the watch: it may wait.
    void aside(const std::function<void()> &act);
    void startRing();
    void storeKeys();
    QString banner() const;
    QString socketPath() const
    {
        return m_ring->options().home + QStringLiteral("/run/charmedring/control.sock");
    }
    QByteArray seen() const;
    std::unique_ptr<playground::ChildProcess> startProgram(const QStringList &arguments) const;

    DesktopKeychain m_keychain;
    std::unique_ptr<CharmCluster> m_cluster;
    std::unique_ptr<S3Server> m_s3;
    std::unique_ptr<QTemporaryDir> m_home; ///< Of the window.
    std::unique_ptr<CringProcess> m_ring;
    std::unique_ptr<Application> m_application;
    std::unique_ptr<LoopWatch> m_watch;
};

void TestFaults::initTestCase()
{
    CRING_OK(S3Server::program(S3Server::Make::Versitygw)); // Before HOME is another.
    m_s3 = std::make_unique<S3Server>(S3Server::Make::Versitygw);
    CRING_OK(m_s3->start());
    CRING_OK(m_s3->addBucket(QStringLiteral("files")));
    m_cluster = std::make_unique<CharmCluster>(3);
    CRING_OK(m_cluster->start());
    CRING_OK(m_keychain.startBus());
    CRING_OK(m_keychain.startKeyring());
    // This program's own bus is the desktop's, too.
    qputenv("DBUS_SESSION_BUS_ADDRESS",
            m_keychain.environment().value(QStringLiteral("DBUS_SESSION_BUS_ADDRESS")).toUtf8());
    ui::installTranslations(*qApp, QLocale(QStringLiteral("en_GB")));
}

void TestFaults::init()
{
    m_home = std::make_unique<QTemporaryDir>();
    for (const char *name :
         {"XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "HOME"})
        qputenv(name, QFile::encodeName(m_home->path()));
    m_ring = std::make_unique<CringProcess>(*m_cluster);
    m_ring->options().environment = m_keychain.environment();
    m_ring->options().environment.remove(QStringLiteral("XDG_RUNTIME_DIR"));
    m_ring->options().configLines =
        QStringLiteral("[[backup]]\nname = \"offsite\"\nurl = \"%1\"\nbucket = \"files\"\nregion = \"%2\"\n")
            .arg(m_s3->url().toString(), QLatin1String(S3Server::kRegion));
    startRing();
    storeKeys();
    ApplicationOptions options;
    options.sockets = {socketPath()};
    options.configFile = m_ring->configFile();
    options.program = CringProcess::program();
    options.logFile = m_home->filePath(QStringLiteral("serve.log"));
    m_application = std::make_unique<Application>(options);
    m_application->start();
    QVERIFY2(spinUntil([this] { return says(TrayState::Well, QStringLiteral("3 of 3 servers")); }, kLimit),
             seen().constData());
    m_watch = std::make_unique<LoopWatch>();
}

void TestFaults::cleanup()
{
    const int beats = m_watch ? m_watch->beats() : 0;
    const auto longest = m_watch ? m_watch->longest() : std::chrono::milliseconds(0);
    m_watch.reset();
    m_application.reset();
    m_ring.reset();
    QVERIFY(beats > 0);
    qInfo("the loop stood still for %d ms at the longest, of %d looks", static_cast<int>(longest.count()),
          beats);
    QVERIFY(longest <= kLongestStandstill);
}

void TestFaults::startRing()
{
    CRING_OK(m_ring->start());
}

void TestFaults::storeKeys()
{
    const auto command = m_ring->command({QStringLiteral("backup"), QStringLiteral("edit"),
                                          QStringLiteral("offsite"), QStringLiteral("--secret-stdin")});
    command->start();
    command->write(QByteArray(S3Server::kAccessKey) + '\n' + S3Server::kSecretKey + '\n');
    command->closeWriteChannel();
    QVERIFY(spinUntil([&] { return command->state() == QProcess::NotRunning; }, kLimit));
    QVERIFY2(command->exitCode() == 0, command->readAllStandardError().constData());
}

QString TestFaults::banner() const
{
    const auto *banner = m_application->window().findChild<ui::VerdictBanner *>();
    return banner ? banner->accessibleDescription() : QString();
}

bool TestFaults::says(TrayState state, const QString &words) const
{
    const Tray &tray = m_application->ring().tray();
    return tray.state() == state && tray.toolTip().contains(words) && banner().contains(words);
}

QByteArray TestFaults::seen() const
{
    const Tray &tray = m_application->ring().tray();
    return trayStateName(tray.state()).toUtf8() + "\nthe icon: " + tray.toolTip().toUtf8() +
           "\nthe window: " + banner().toUtf8();
}

void TestFaults::aside(const std::function<void()> &act)
{
    m_watch->pause();
    act();
    m_watch->resume();
}

bool TestFaults::told(const char *what, const std::function<void()> &fault, TrayState state,
                      const QString &words, int limit)
{
    aside(fault);
    QElapsedTimer timer;
    timer.start();
    const bool done = spinUntil([&] { return says(state, words); }, limit);
    qInfo("%s: said after %.1f s", what, static_cast<double>(timer.elapsed()) / 1000);
    return done;
}

bool TestFaults::toldThatOver(const char *what, const std::function<void()> &mending)
{
    return told(what, mending, TrayState::Well, QStringLiteral("3 of 3 servers"), kLimit);
}

// The watch that all of these rely on.
void TestFaults::seesALoopThatStandsStill()
{
    LoopWatch watch;
    QVERIFY(spinUntil([&] { return watch.beats() > 3; }, kLimit));
    QVERIFY(watch.longest() <= kLongestStandstill);
    aside(
        [] { ::poll(nullptr, 0, static_cast<int>(2 * kLongestStandstill.count())); }); // A call that blocks.
    const int beats = watch.beats();
    QVERIFY(spinUntil([&] { return watch.beats() > beats; }, kLimit));
    QVERIFY(watch.longest() > kLongestStandstill);
    QVERIFY(spinUntil([this] { return m_watch->beats() > 0; }, kLimit));
}

void TestFaults::tellsThatTheServiceWasKilled()
{
    QVERIFY2(told(
                 "killed", [this] { m_ring->kill9(); }, TrayState::Gone,
                 QStringLiteral("The service is not running")),
             seen().constData());
    QVERIFY2(toldThatOver("started again", [this] { startRing(); }), seen().constData());
}

void TestFaults::tellsThatItHangs()
{
    QVERIFY2(told(
                 "stopped", [this] { m_ring->process()->pause(); }, TrayState::Gone,
                 QStringLiteral("The service does not answer")),
             seen().constData());
    QVERIFY2(toldThatOver("goes on", [this] { m_ring->process()->resume(); }), seen().constData());
}

// The next version's answer to a greeting is what this version answers to the next one's.
void TestFaults::tellsOfAnotherVersion()
{
    QLocalSocket next;
    next.connectToServer(socketPath());
    next.write("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hello\",\"params\":{\"protocol\":2}}\n");
    QByteArray refusal;
    QVERIFY(spinUntil(
        [&] {
            refusal += next.readAll();
            return refusal.endsWith('\n');
        },
        kLimit));
    const QJsonObject error =
        QJsonDocument::fromJson(refusal).object().value(QStringLiteral("error")).toObject();
    QLocalServer other;
    connect(&other, &QLocalServer::newConnection, this, [&other, error] {
        QLocalSocket *client = other.nextPendingConnection();
        connect(client, &QLocalSocket::readyRead, client, [client, error] {
            QJsonObject answer = QJsonDocument::fromJson(client->readLine()).object();
            answer.remove(QStringLiteral("method"));
            answer.remove(QStringLiteral("params"));
            answer.insert(QStringLiteral("error"), error);
            client->write(QJsonDocument(answer).toJson(QJsonDocument::Compact) + '\n');
        });
    });
    const auto another = [&] {
        QCOMPARE(m_ring->stop(), 0);
        QVERIFY2(other.listen(socketPath()), qPrintable(other.errorString()));
    };
    QVERIFY2(told("another version", another, TrayState::Gone,
                  QStringLiteral("The service is another version than this window")),
             seen().constData());
    QVERIFY2(toldThatOver("the same version",
                          [&] {
                              other.close();
                              startRing();
                          }),
             seen().constData());
}

void TestFaults::bearsThatTheSocketsFolderIsGone()
{
    const QString folder = QFileInfo(socketPath()).path();
    aside([&] { QVERIFY(QDir(folder).removeRecursively()); });
    // Who is connected stays so; the service makes it anew for those who come.
    QVERIFY(spinUntil([this] { return QFile::exists(socketPath()); }, kTold));
    QVERIFY2(says(TrayState::Well, QStringLiteral("3 of 3 servers")), seen().constData());
    // Together with the service.
    QVERIFY2(told(
                 "killed, and its folder is gone",
                 [&] {
                     m_ring->kill9();
                     QVERIFY(QDir(folder).removeRecursively());
                 },
                 TrayState::Gone, QStringLiteral("The service is not running")),
             seen().constData());
    QVERIFY2(toldThatOver("started again", [this] { startRing(); }), seen().constData());
}

void TestFaults::tellsOfALockedKeychain()
{
    QVERIFY2(told(
                 "the keychain is locked",
                 [this] {
                     CRING_OK(m_keychain.lock());
                     QCOMPARE(m_ring->stop(), 0);
                     startRing();
                 },
                 TrayState::Locked, QStringLiteral("unlock the keychain")),
             seen().constData());
    QVERIFY2(toldThatOver("it is unlocked", [this] { CRING_OK(m_keychain.unlock()); }), seen().constData());
}

void TestFaults::tellsOfAnAbsentKeychain()
{
    QVERIFY2(told(
                 "there is no keychain",
                 [this] {
                     m_keychain.stopKeyring();
                     QCOMPARE(m_ring->stop(), 0);
                     startRing();
                 },
                 TrayState::Locked, QStringLiteral("The backup offsite waits for its keys")),
             seen().constData());
    QVERIFY2(toldThatOver("there is one again", [this] { CRING_OK(m_keychain.startKeyring()); }),
             seen().constData());
}

void TestFaults::tellsOfAWipedKeychain()
{
    QVERIFY2(told(
                 "the keychain is wiped",
                 [this] {
                     CRING_OK(m_keychain.wipe());
                     QCOMPARE(m_ring->stop(), 0);
                     startRing();
                 },
                 TrayState::Locked, QStringLiteral("The backup offsite waits for its keys")),
             seen().constData());
    QVERIFY2(toldThatOver("the keys are entered again", [this] { storeKeys(); }), seen().constData());
}

std::unique_ptr<playground::ChildProcess> TestFaults::startProgram(const QStringList &arguments) const
{
    // The folders of the service, so that one that is started by it is at the same place.
    QProcessEnvironment environment = m_keychain.environment();
    const QString home = m_ring->options().home;
    environment.insert(QStringLiteral("XDG_CONFIG_HOME"), home + QStringLiteral("/config"));
    environment.insert(QStringLiteral("XDG_STATE_HOME"), home + QStringLiteral("/state"));
    environment.insert(QStringLiteral("XDG_CACHE_HOME"), home + QStringLiteral("/cache"));
    environment.insert(QStringLiteral("XDG_RUNTIME_DIR"), home + QStringLiteral("/run"));
    auto program = std::make_unique<playground::ChildProcess>();
    program->setProcessEnvironment(environment);
    m_watch->pause();
    program->start(QFileInfo(CringProcess::program()).path() + QStringLiteral("/charmedring"), arguments);
    m_watch->resume();
    return program;
}

void TestFaults::secondCopyGivesWay()
{
    const QString socket = QFileInfo(socketPath()).path() + QStringLiteral("/window.sock");
    const auto endsAtOnce = [this] {
        const auto second = startProgram({});
        return spinUntil([&] { return second->state() == QProcess::NotRunning; }, kTold) &&
               second->exitStatus() == QProcess::NormalExit && second->exitCode() == 0;
    };
    auto first = startProgram({QStringLiteral("--background")});
    QVERIFY(spinUntil([&] { return QFile::exists(socket); }, kLimit));
    QVERIFY(endsAtOnce());
    QVERIFY(endsAtOnce());
    QCOMPARE(first->state(), QProcess::Running);
    // One that was killed holds nobody up.
    aside([&] {
        first->kill9();
        QFile::remove(socket);
        first = startProgram({QStringLiteral("--background")});
    });
    QVERIFY(spinUntil([&] { return QFile::exists(socket); }, kLimit));
    QVERIFY(endsAtOnce());
    QCOMPARE(first->state(), QProcess::Running);
    QVERIFY2(says(TrayState::Well, QStringLiteral("3 of 3 servers")), seen().constData());
}

// The window starts the service, and is killed, or ends.
void TestFaults::killedWindowLeavesTheServiceAlone()
{
    const auto servicePid = [this] {
        return static_cast<pid_t>(m_application->ring().link.service().pid);
    };
    const auto stopped = [this] {
        QCOMPARE(m_ring->stop(), 0);
    };
    QVERIFY2(told("stopped", stopped, TrayState::Gone, QStringLiteral("The service is not running")),
             seen().constData());
    const pid_t lastService = servicePid();
    auto window = startProgram({QStringLiteral("--background")});
    QVERIFY2(spinUntil([this] { return says(TrayState::Well, QStringLiteral("3 of 3 servers")); }, kLimit),
             seen().constData());
    const pid_t service = servicePid();
    QVERIFY(service != lastService);
    for (const int signal : {SIGKILL, SIGTERM}) {
        QCOMPARE(::kill(static_cast<pid_t>(window->processId()), signal), 0);
        const auto before = std::move(window);
        QVERIFY(spinUntil([&] { return before->state() == QProcess::NotRunning; }, kLimit));
        // It sends its snapshots: three more.
        for (int i = 0; i < 3; ++i) {
            const SnapshotPtr last = m_application->ring().link.snapshot();
            QVERIFY(spinUntil([&] { return m_application->ring().link.snapshot() != last; }, kTold));
        }
        QCOMPARE(servicePid(), service);
        QVERIFY(isAlive(service));
        window = startProgram({QStringLiteral("--background")});
    }
    aside([&] { window.reset(); });
    QCOMPARE(::kill(service, SIGTERM), 0);
    QVERIFY(spinUntil([&] { return !isAlive(service); }, kLimit));
}

QTEST_MAIN(TestFaults)
#include "tst_faults.moc"
