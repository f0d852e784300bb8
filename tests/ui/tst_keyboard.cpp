// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/charmcluster.h"
#include "tests/support/cringprocess.h"
#include "tests/support/desktopkeychain.h"
#include "tests/support/s3server.h"
#include "tests/support/spin.h"
#include "tests/ui/wizardsteps.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSettings>
#include <QTcpServer>
#include <QTest>

#include <csignal>

using namespace cring;
using namespace cring::test;

namespace {

constexpr int kLimit = 30'000;
/// Within this time after a fault everything has to say so.
constexpr qint64 kTold = 10'000;
/// That something is over is believed later: tray and notifications wait until it stays so.
constexpr qint64 kToldThatOver = 30'000;

quint16 freePort()
{
    QTcpServer server;
    server.listen(QHostAddress::LocalHost);
    return server.serverPort();
}

/// How long after a fault each of them said so, in milliseconds; -1: it did not.
struct Times
{
    qint64 icon = -1;
    qint64 window = -1;
    qint64 notification = -1;
    QString notice; ///< Its title.
    QString said;   ///< By icon and window at last.

    bool all() const { return icon >= 0 && window >= 0 && notification >= 0; }

    void print(const char *what) const
    {
        qInfo("%s: the icon said so after %.1f s, the window after %.1f s, a notification (%s) after %.1f s",
              what, static_cast<double>(icon) / 1000, static_cast<double>(window) / 1000, qPrintable(notice),
              static_cast<double>(notification) / 1000);
    }
};

} // namespace

/// The program as it is installed, on a desktop with a window manager, a panel, notifications and a keychain,
/// used by somebody who has a keyboard alone: from an empty home to a ring of real Charm servers with a
/// bucket at a real S3 server, through the death of a server and its return. Each test goes on where the one
/// before it has ended.
class TestKeyboard : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void cleanupTestCase();
    void leadsFromAnEmptyHomeToARing();
    void seesTheFirstFile();
    void isToldAtOnceWhenThatIsChosen();
    void isToldThatAServerDied();
    void isToldThatItIsBack();
    void isToldThatUploadsFail();
    void goesThroughAllPages();

private:
    bool sees(const QString &words) const { return m_person->sees(words); }
    QByteArray seen() const { return m_person->whatIsSeen(); }
    QJsonObject status() const;
    /// What is told after `fault`: by icon and window these words, or the lack of them, by a notification.
    Times told(const std::function<void()> &fault, const QString &words, bool begins, qint64 limit);

    DesktopSession m_desktop;
    DesktopKeychain m_keychain;
    std::unique_ptr<CharmCluster> m_cluster;
    std::unique_ptr<S3Server> m_s3;
    std::unique_ptr<Person> m_person;
    std::unique_ptr<playground::ChildProcess> m_program;
    bool m_hasFailed = false;
    QString m_http; ///< Where the ring listens.
    QString m_ssh;
};

#define SEES(words) QVERIFY2(sees(words), seen().constData())

void TestKeyboard::initTestCase()
{
    const auto s3 = S3Server::program(S3Server::Make::Versitygw);
    CRING_OK(s3); // Before HOME is another.
    m_cluster = std::make_unique<CharmCluster>(3);
    CRING_OK(m_cluster->start());
    const CharmServer &first = m_cluster->at(0);
    m_cluster->client().pointAt(first.address(), first.sshPort(), first.httpPort());
    m_s3 = std::make_unique<S3Server>(S3Server::Make::Versitygw);
    CRING_OK(m_s3->start());
    CRING_OK(m_s3->addBucket(QStringLiteral("files")));

    CRING_OK(m_desktop.startBus());
    CRING_OK(m_desktop.startDisplay());
    m_keychain.useBus(m_desktop.address());
    CRING_OK(m_keychain.startKeyring());
    m_person = std::make_unique<Person>(m_desktop);
    CRING_OK(m_person->sitDown());

    QProcessEnvironment environment = m_desktop.environment();
    ScreenReader::letRead(environment);
    environment.insert(QStringLiteral("LC_ALL"), QStringLiteral("en_GB.UTF-8"));
    environment.insert(QStringLiteral("CHARM_DATA_DIR"), m_cluster->client().dataDir());
    m_program = std::make_unique<playground::ChildProcess>();
    m_program->setProcessEnvironment(environment);
    m_program->setStandardErrorFile(m_desktop.home() + QStringLiteral("/charmedring.log"));
    m_program->start(QFileInfo(CringProcess::program()).path() + QStringLiteral("/charmedring"), {});
}

void TestKeyboard::init()
{
    QVERIFY2(!m_hasFailed, "what was to come before has failed");
}

void TestKeyboard::cleanup()
{
    m_hasFailed = m_hasFailed || QTest::currentTestFailed();
}

void TestKeyboard::cleanupTestCase()
{
    const auto pid = static_cast<pid_t>(status().value(QStringLiteral("pid")).toInteger());
    m_program.reset();
    if (pid <= 0)
        return;
    QCOMPARE(::kill(pid, SIGTERM), 0); // The service outlives the window.
    QVERIFY(spinUntil([pid] { return !isAlive(pid); }, kLimit));
}

QJsonObject TestKeyboard::status() const
{
    return QJsonDocument::fromJson(
               m_desktop.run(CringProcess::program(), {QStringLiteral("status"), QStringLiteral("--json")}))
        .object();
}

void TestKeyboard::leadsFromAnEmptyHomeToARing()
{
    QVERIFY2(m_person->isIn(QStringLiteral("Set up Charmed Ring")), seen().constData());
    m_person->press(QStringLiteral("alt+n"));
    SEES(m_cluster->at(0).address()); // Of the charm client.
    for (int number = 0; number < 3; ++number) {
        const CharmServer &server = m_cluster->at(number);
        QVERIFY2(
            enterServer(*m_person, QStringLiteral("charm%1").arg(number + 1), server.url(), server.sshPort()),
            seen().constData());
    }
    QVERIFY2(seesServersPass(*m_person, 3), seen().constData());
    m_person->press(QStringLiteral("alt+n"));
    SEES(QStringLiteral("A backup"));
    m_person->press(QStringLiteral("alt+k"));
    QVERIFY2(enterBucket(*m_person, *m_s3, QStringLiteral("offsite"), QStringLiteral("files")),
             seen().constData());
    m_person->press(QStringLiteral("alt+t"));
    SEES(QStringLiteral("Write a file: well"));
    SEES(QStringLiteral("Delete it: well"));
    m_person->press(QStringLiteral("Escape"));
    QVERIFY2(m_person->isIn(QStringLiteral("Set up Charmed Ring")), seen().constData());
    m_person->press(QStringLiteral("alt+n"));
    SEES(QStringLiteral("Where clients connect"));
    m_http = QStringLiteral("localhost:%1").arg(freePort());
    m_ssh = QStringLiteral("localhost:%1").arg(freePort());
    QVERIFY2(enterAddresses(*m_person, m_http, m_ssh), seen().constData());
    m_person->press(QStringLiteral("alt+n"));
    SEES(QStringLiteral("with the ring (localhost), too"));
    QVERIFY(!QFile::exists(m_desktop.home() + QStringLiteral("/charmedring/config.toml")));
    m_person->press(QStringLiteral("alt+n"));
    SEES(QStringLiteral("Until now nothing was changed"));
    m_person->press(QStringLiteral("alt+u"));
    SEES(QStringLiteral("Waiting for the first file"));
    QFile config(m_desktop.home() + QStringLiteral("/charmedring/config.toml"));
    QVERIFY(config.open(QIODevice::ReadOnly));
    QVERIFY(!config.readAll().contains(S3Server::kSecretKey)); // It is in the keychain.
}

void TestKeyboard::seesTheFirstFile()
{
    // What the page has a person paste into a terminal.
    const QStringList variables = shownExports(*m_person);
    QVERIFY2(variables.contains(QStringLiteral("CHARM_HOST=localhost")), seen().constData());
    for (const QString &one : variables)
        m_cluster->client().setVariable(one.section(u'=', 0, 0), one.section(u'=', 1));
    QFile file(m_cluster->client().home() + QStringLiteral("/hello.txt"));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("hello") == 5);
    file.close();
    CRING_OK(m_cluster->client().run(
        {QStringLiteral("fs"), QStringLiteral("cp"), file.fileName(), QStringLiteral("charm:hello.txt")}));
    SEES(QStringLiteral("Your first file is stored"));
    m_person->press(QStringLiteral("alt+f"));
    QVERIFY2(m_person->isIn(QStringLiteral("Charmed Ring")), seen().constData());
    SEES(QStringLiteral("3 of 3 servers"));
    // The bucket gets it, with keys that came by the keychain.
    QVERIFY(spinUntil(
        [&] {
            const QJsonObject backup = status().value(QStringLiteral("backups")).toArray().first().toObject();
            return backup.value(QStringLiteral("objects")).toInteger() >= 1 &&
                   backup.value(QStringLiteral("owed")).toInteger() == 0;
        },
        kLimit));
}

// By default a server has to be away for five minutes before somebody is interrupted for it.
void TestKeyboard::isToldAtOnceWhenThatIsChosen()
{
    m_person->press(QStringLiteral("ctrl+comma"));
    QVERIFY2(m_person->isIn(QStringLiteral("Settings")), seen().constData());
    QVERIFY2(m_person->isAt(QStringLiteral("Subjects")), seen().constData());
    m_person->press(QStringLiteral("End"));
    SEES(QStringLiteral("How long something has to be wrong"));
    QVERIFY2(m_person->goTo('w', QStringLiteral("How long something has to be wrong")), seen().constData());
    m_person->typeOver(QStringLiteral("0"));
    m_person->press(QStringLiteral("Tab"));
    m_person->press(QStringLiteral("Escape"));
    QVERIFY2(m_person->isIn(QStringLiteral("Charmed Ring")), seen().constData());
    QVERIFY(spinUntil(
        [&] {
            const QSettings settings(m_desktop.home() + QStringLiteral("/charmedring/window.conf"),
                                     QSettings::IniFormat);
            return settings.value(QStringLiteral("notifications/degraded-after-minutes")) ==
                   QStringLiteral("0");
        },
        kLimit));
}

Times TestKeyboard::told(const std::function<void()> &fault, const QString &words, bool begins, qint64 limit)
{
    Times times;
    const auto banner = m_person->find(QStringLiteral("How it stands"));
    if (!banner)
        return times;
    m_desktop.takeNotifications();
    m_desktop.run(QStringLiteral("dunstctl"), {QStringLiteral("history-clear")});
    fault();
    QElapsedTimer timer;
    timer.start();
    const auto note = [&](qint64 &time, bool isSo) {
        if (time < 0 && isSo)
            time = timer.elapsed();
    };
    spinUntil(
        [&] {
            const QStringList icons = m_person->iconsSay();
            note(times.icon, !icons.isEmpty() && icons.join(u'\n').contains(words) == begins);
            const auto now = m_person->reader().again(*banner);
            times.said = icons.join(u'\n') + u'\n' + (now ? now->description : QString());
            note(times.window, now && now->description.contains(words) == begins);
            note(times.notification, m_desktop.displayedNotifications() > 0);
            return times.all();
        },
        static_cast<int>(limit));
    const auto notices = m_desktop.takeNotifications();
    times.notice = notices.isEmpty() ? QString() : notices.first().title;
    return times;
}

void TestKeyboard::isToldThatAServerDied()
{
    const Times times =
        told([this] { m_cluster->at(1).kill9(); }, QStringLiteral("charm2 down"), true, kTold);
    times.print("a server died");
    QVERIFY2(times.all(), qPrintable(times.said));
    QCOMPARE(times.notice, QStringLiteral("The ring needs attention"));
}

void TestKeyboard::isToldThatItIsBack()
{
    const Times times = told([this] { CRING_OK(m_cluster->at(1).start()); }, QStringLiteral("charm2 down"),
                             false, kToldThatOver);
    times.print("it is back");
    QVERIFY2(times.all(), qPrintable(times.said));
    QVERIFY(times.window <= kTold);
    QCOMPARE(times.notice, QStringLiteral("The ring is whole again"));
    SEES(QStringLiteral("3 of 3 servers"));
}

// Nobody has to choose that: whoever cannot store files has to know.
void TestKeyboard::isToldThatUploadsFail()
{
    const Times times = told(
        [this] {
            for (int number = 0; number < 3; ++number)
                m_cluster->at(number).kill9();
        },
        QStringLiteral("None of 3 servers can be used: uploads and downloads fail"), true, kTold);
    times.print("all servers died");
    QVERIFY2(times.all(), qPrintable(times.said));
    const Times over = told(
        [this] {
            for (int number = 0; number < 3; ++number)
                CRING_OK(m_cluster->at(number).start());
        },
        QStringLiteral("downloads fail"), false, kToldThatOver);
    over.print("they are back");
    QVERIFY2(over.all(), qPrintable(over.said));
}

void TestKeyboard::goesThroughAllPages()
{
    const QStringList pages{QStringLiteral("Overview"), QStringLiteral("Servers"),  QStringLiteral("Files"),
                            QStringLiteral("Backup"),   QStringLiteral("Restore"),  QStringLiteral("Jobs"),
                            QStringLiteral("Activity"), QStringLiteral("To decide")};
    for (int number = static_cast<int>(pages.size()); number > 0; --number) {
        m_person->press(QStringLiteral("ctrl+%1").arg(number));
        QVERIFY2(spinUntil(
                     [&] {
                         const QList<Shown> all = m_person->reader().activeWindow();
                         return std::ranges::any_of(all, [&](const Shown &one) {
                             return one.name == pages.at(number - 1) &&
                                    one.role != QStringLiteral("list item");
                         });
                     },
                     kLimit),
                 seen().constData());
    }
    m_person->press(QStringLiteral("ctrl+q"));
    QVERIFY(spinUntil([this] { return m_program->state() == QProcess::NotRunning; }, kLimit));
    QVERIFY(status().value(QStringLiteral("writesPossible")).toBool()); // The service goes on.
}

QTEST_GUILESS_MAIN(TestKeyboard)
#include "tst_keyboard.moc"
