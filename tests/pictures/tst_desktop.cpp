// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/pictures/household.h"
#include "tests/pictures/screen.h"
#include "tests/support/charmcluster.h"
#include "tests/support/cringprocess.h"
#include "tests/support/desktopkeychain.h"
#include "tests/support/spin.h"
#include "tests/ui/wizardsteps.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QPainter>
#include <QTcpServer>
#include <QTest>

#include <csignal>

using namespace cring;
using namespace cring::test;

namespace {

constexpr int kLimit = 60'000;
constexpr QSize kDisplay{2560, 1720};
/// Out of the way of the panel, and of what comes out of it.
constexpr QPoint kWindow{700, 120};
/// As the panel of the desktop stands, with its only icon.
constexpr QPoint kIcon{25, 13};
constexpr QRect kPanel{0, 0, 560, 112};
/// The pointer hangs from there no further down than the panel goes.
constexpr QPoint kIconsEdge{25, 2};
constexpr QPoint kNowhere{2500, 1700};
/// The style's letters are 9 points: 13 pixels, as the sketches have them, and twice that.
constexpr int kDpi = 104;

quint16 freePort()
{
    QTcpServer server;
    server.listen(QHostAddress::LocalHost);
    return server.serverPort();
}

} // namespace

/// Makes the pictures of docs/images: the program as it is installed, on a desktop with a panel, from an
/// empty home through good days and bad ones, with real Charm servers and a bucket at a real S3 server. Each
/// function goes on where the one before it has ended. $CRING_PICTURES says into which folder; else they are
/// looked at and thrown away.
class TestDesktop : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void cleanupTestCase();
    void wizard();
    void nothingYet();
    void household();
    void dark();
    void largeLetters();
    void allIsWell();
    void restore();
    void dialogs();
    void working();
    void paused();
    void aServerIsDown();
    void uploadsFail();
    void theBackupIsOverdue();
    void theKeychainIsLocked();
    void theServiceIsGone();
    void trayInAll();

private:
    bool sees(const QString &words) const { return m_person->sees(words); }
    QByteArray seen() const { return m_person->whatIsSeen(); }
    void startProgram(const QString &appearance = QStringLiteral("light"), int dpi = kDpi);
    void takeWindow(const QString &name);
    void takePages(const QString &suffix);
    /// Once the icon says so: it takes its time.
    void takeTray(const QString &state, const QString &words);
    void keep(const QImage &picture, const QString &name);
    void showPage(int number) const;
    QByteArray cring(const QStringList &arguments) const;
    QJsonObject status() const;
    void stopService();
    bool store(const QString &file, const QString &as) const;
    bool isCalm() const;

    QTemporaryDir m_scratch;
    DesktopSession m_desktop;
    DesktopKeychain m_keychain;
    std::unique_ptr<CharmCluster> m_cluster;
    std::unique_ptr<S3Server> m_s3;
    std::unique_ptr<Person> m_person;
    std::unique_ptr<Screen> m_screen;
    std::unique_ptr<playground::ChildProcess> m_program;
    bool m_hasFailed = false;
};

#define SEES(words) QVERIFY2(sees(QStringLiteral(words)), seen().constData())
#define IS_IN(window) QVERIFY2(m_person->isIn(QStringLiteral(window)), seen().constData())

void TestDesktop::initTestCase()
{
    CRING_OK(S3Server::program(S3Server::Make::Versitygw)); // Before HOME is another.
    m_cluster = std::make_unique<CharmCluster>(3);
    CRING_OK(m_cluster->start());
    const CharmServer &first = m_cluster->at(0);
    m_cluster->client().pointAt(first.address(), first.sshPort(), first.httpPort());
    m_s3 = std::make_unique<S3Server>(S3Server::Make::Versitygw);
    CRING_OK(m_s3->start());
    CRING_OK(m_s3->addBucket(QStringLiteral("charm")));
    CRING_OK(m_desktop.startBus());
    CRING_OK(m_desktop.startDisplay(kDisplay));
    // What desktops have today; without it, what fontconfig has for "sans".
    QDir(m_desktop.home()).mkpath(QStringLiteral("fontconfig"));
    QFile fonts(m_desktop.home() + QStringLiteral("/fontconfig/fonts.conf"));
    QVERIFY(fonts.open(QIODevice::WriteOnly));
    fonts.write("<?xml version=\"1.0\"?><!DOCTYPE fontconfig SYSTEM \"fonts.dtd\"><fontconfig><alias>"
                "<family>sans-serif</family><prefer><family>Inter</family></prefer></alias></fontconfig>\n");
    fonts.close();
    m_keychain.useBus(m_desktop.address());
    CRING_OK(m_keychain.startKeyring());
    m_person = std::make_unique<Person>(m_desktop);
    CRING_OK(m_person->sitDown());
    m_screen = std::make_unique<Screen>(m_desktop);
    // Where that is missing the pictures of the tray stay as black as the display is.
    m_desktop.run(QStringLiteral("xsetroot"), {QStringLiteral("-solid"), QStringLiteral("#5d6b7a")});
    m_screen->point(kNowhere);
    startProgram();
}

void TestDesktop::init()
{
    QVERIFY2(!m_hasFailed, "what was to come before has failed");
}

void TestDesktop::cleanup()
{
    m_hasFailed = m_hasFailed || QTest::currentTestFailed();
}

void TestDesktop::cleanupTestCase()
{
    stopService();
    m_program.reset();
}

QByteArray TestDesktop::cring(const QStringList &arguments) const
{
    return m_desktop.run(CringProcess::program(), arguments);
}

QJsonObject TestDesktop::status() const
{
    return QJsonDocument::fromJson(cring({QStringLiteral("status"), QStringLiteral("--json")})).object();
}

void TestDesktop::stopService()
{
    const auto pid = static_cast<pid_t>(status().value(QStringLiteral("pid")).toInteger());
    if (pid <= 0)
        return;
    QCOMPARE(::kill(pid, SIGTERM), 0);
    QVERIFY(spinUntil([pid] { return !isAlive(pid); }, kLimit));
}

void TestDesktop::startProgram(const QString &appearance, int dpi)
{
    m_program.reset();
    QProcessEnvironment environment = m_desktop.environment();
    ScreenReader::letRead(environment);
    environment.insert(QStringLiteral("LC_ALL"), QStringLiteral("en_GB.UTF-8"));
    environment.insert(QStringLiteral("CHARM_DATA_DIR"), m_cluster->client().dataDir());
    environment.insert(QStringLiteral("QT_FONT_DPI"), QString::number(dpi));
    m_program = std::make_unique<playground::ChildProcess>();
    m_program->setProcessEnvironment(environment);
    m_program->setStandardErrorFile(m_desktop.home() + QStringLiteral("/charmedring.log"));
    m_program->start(QFileInfo(CringProcess::program()).path() + QStringLiteral("/charmedring"),
                     {QStringLiteral("--appearance"), appearance});
    if (!QFile::exists(m_desktop.home() + QStringLiteral("/charmedring/config.toml")))
        return; // The wizard comes.
    IS_IN("Charmed Ring");
    if (dpi == kDpi)
        m_screen->moveActiveWindow(kWindow);
}

void TestDesktop::keep(const QImage &picture, const QString &name)
{
    QVERIFY2(picture.width() > 100 && picture.height() > 20, qPrintable(name));
    // An empty display is of one colour.
    const QRgb corner = picture.pixel(0, 0);
    bool empty = true;
    for (int y = 0; y < picture.height() && empty; ++y) {
        for (int x = 0; x < picture.width() && empty; ++x)
            empty = picture.pixel(x, y) == corner;
    }
    QVERIFY2(!empty, qPrintable(name));
    const QString folder = qEnvironmentVariable("CRING_PICTURES", m_scratch.path());
    QVERIFY2(picture.save(folder + u'/' + name + QStringLiteral(".png")), qPrintable(folder));
}

void TestDesktop::takeWindow(const QString &name)
{
    // What is told meanwhile is not to lie over it.
    m_desktop.run(QStringLiteral("dunstctl"), {QStringLiteral("close-all")});
    keep(m_screen->lookWhenStill(m_screen->activeWindow()), name);
}

void TestDesktop::showPage(int number) const
{
    m_person->press(QStringLiteral("ctrl+%1").arg(number));
}

void TestDesktop::takePages(const QString &suffix)
{
    const QStringList pages{QStringLiteral("overview"), QStringLiteral("servers"),  QStringLiteral("files"),
                            QStringLiteral("backup"),   QStringLiteral("restore"),  QStringLiteral("jobs"),
                            QStringLiteral("activity"), QStringLiteral("decisions")};
    for (int i = 0; i < pages.size(); ++i) {
        showPage(i + 1);
        takeWindow(pages.at(i) + suffix);
    }
    showPage(1);
}

void TestDesktop::takeTray(const QString &state, const QString &words)
{
    QVERIFY2(spinUntil([&] { return m_person->iconsSay().join(u'\n').startsWith(words); }, kLimit),
             qPrintable(words));
    const QRect below = kPanel.adjusted(0, 2 * kIcon.y(), 0, 0);
    const QImage silent = m_screen->look(below);
    const QRect above(kPanel.topLeft(), QSize(kPanel.width(), 2 * kIcon.y()));
    const QImage unpointed = m_screen->lookWhenStill(above);
    m_screen->point({kIcon.x() + 300, kIcon.y()});
    m_screen->point(kIconsEdge);
    // The panel lets a pointer rest before it says anything.
    spinUntil([&] { return m_screen->look(below) != silent; }, kLimit);
    QImage picture = m_screen->lookWhenStill(kPanel);
    // The pointer hides the icon that it is on.
    QPainter(&picture).drawImage(0, 0, unpointed);
    keep(picture, QStringLiteral("tray-") + state);
    m_screen->point(kNowhere);
    spinUntil([&] { return m_screen->look(below) == silent; }, kLimit);
}

bool TestDesktop::store(const QString &file, const QString &as) const
{
    return m_cluster->client()
        .run({QStringLiteral("fs"), QStringLiteral("cp"), QStringLiteral("-r"), file,
              QStringLiteral("charm:") + as})
        .ok();
}

bool TestDesktop::isCalm() const
{
    return spinUntil(
        [&] {
            const QJsonObject now = status();
            const QJsonObject backup = now.value(QStringLiteral("backups")).toArray().first().toObject();
            bool owes = backup.value(QStringLiteral("owed")).toInteger() > 0;
            const QJsonArray servers = now.value(QStringLiteral("backends")).toArray();
            for (const QJsonValue server : servers)
                owes = owes || server.toObject().value(QStringLiteral("owed")).toInteger() > 0;
            return !owes;
        },
        kLimit);
}

void TestDesktop::wizard()
{
    IS_IN("Set up Charmed Ring");
    takeWindow(QStringLiteral("wizard-mode"));
    m_person->press(QStringLiteral("alt+n"));
    QVERIFY2(sees(m_cluster->at(0).address()), seen().constData());
    for (int number = 0; number < 3; ++number) {
        const CharmServer &server = m_cluster->at(number);
        QVERIFY2(
            enterServer(*m_person, QStringLiteral("charm%1").arg(number + 1), server.url(), server.sshPort()),
            seen().constData());
    }
    QVERIFY2(seesServersPass(*m_person, 3), seen().constData());
    takeWindow(QStringLiteral("wizard-servers"));
    m_person->press(QStringLiteral("alt+n"));
    SEES("A backup");
    m_person->press(QStringLiteral("alt+k"));
    QVERIFY2(enterBucket(*m_person, *m_s3, QStringLiteral("offsite"), QStringLiteral("charm")),
             seen().constData());
    takeWindow(QStringLiteral("wizard-bucket"));
    m_person->press(QStringLiteral("alt+t"));
    SEES("Delete it: well");
    takeWindow(QStringLiteral("wizard-bucket-test"));
    m_person->press(QStringLiteral("Escape"));
    IS_IN("Set up Charmed Ring");
    m_person->press(QStringLiteral("alt+n"));
    SEES("Where clients connect");
    QVERIFY2(enterAddresses(*m_person, QStringLiteral("localhost:%1").arg(freePort()),
                            QStringLiteral("localhost:%1").arg(freePort())),
             seen().constData());
    takeWindow(QStringLiteral("wizard-network"));
    m_person->press(QStringLiteral("alt+n"));
    SEES("with the ring (localhost), too");
    takeWindow(QStringLiteral("wizard-identity"));
    m_person->press(QStringLiteral("alt+n"));
    SEES("Until now nothing was changed");
    takeWindow(QStringLiteral("wizard-finish"));
    m_person->press(QStringLiteral("alt+u"));
    SEES("Waiting for the first file");
    takeWindow(QStringLiteral("wizard-try"));
    const QStringList exports = shownExports(*m_person);
    for (const QString &one : exports)
        m_cluster->client().setVariable(one.section(u'=', 0, 0), one.section(u'=', 1));
}

void TestDesktop::nothingYet()
{
    m_person->press(QStringLiteral("alt+f"));
    IS_IN("Charmed Ring");
    m_screen->moveActiveWindow(kWindow);
    SEES("3 of 3 servers");
    takePages(QStringLiteral("-empty"));
}

void TestDesktop::household()
{
    const QString folder = m_cluster->client().home();
    QVERIFY(writeHousehold(folder));
    for (const char *name : {"recipes", "dotfiles", "letters", "music", "taxes", "photos", "notes"})
        QVERIFY(store(folder + u'/' + QLatin1String(name), QString()));
    QVERIFY(!cring({QStringLiteral("backup"), QStringLiteral("check"), QStringLiteral("--enable-versioning"),
                    QStringLiteral("--yes")})
                 .isEmpty());
    for (const int lines : {90, 110, 130}) {
        QVERIFY(writeText(folder + QStringLiteral("/november.md"), lines));
        QVERIFY(store(folder + QStringLiteral("/november.md"), QStringLiteral("notes/2026/11.md")));
        QVERIFY(isCalm());
    }
    cring({QStringLiteral("verify")});
    cring({QStringLiteral("backup"), QStringLiteral("verify")});
    QVERIFY(isCalm());
    SEES("every file on 3");
}

void TestDesktop::dark()
{
    startProgram(QStringLiteral("dark"));
    SEES("every file on 3");
    takePages(QStringLiteral("-dark"));
}

void TestDesktop::largeLetters()
{
    startProgram(QStringLiteral("light"), 2 * kDpi);
    SEES("every file on 3");
    takePages(QStringLiteral("-large"));
    startProgram();
}

void TestDesktop::allIsWell()
{
    takePages({});
    takeTray(QStringLiteral("well"), QStringLiteral("3 of 3"));
    m_screen->point(kIcon);
    m_screen->click(3);
    m_screen->point(kNowhere); // The tool tip would come over it.
    keep(m_screen->lookWhenStill({0, 0, 440, 290}), QStringLiteral("tray-menu"));
    m_person->press(QStringLiteral("Escape"));
    m_screen->point(kNowhere);
}

/// Counted, and not begun.
void TestDesktop::restore()
{
    showPage(5);
    m_person->press(QStringLiteral("alt+d"));
    m_person->press(QStringLiteral("Tab"));
    QVERIFY2(m_person->isAt(QStringLiteral("Folder")), seen().constData());
    m_person->typeOver(QStringLiteral("/srv/charm-restored"));
    m_person->press(QStringLiteral("alt+v"));
    SEES("would be brought to");
    takeWindow(QStringLiteral("restore"));
    showPage(1);
}

void TestDesktop::dialogs()
{
    m_person->press(QStringLiteral("ctrl+comma"));
    IS_IN("Settings");
    for (int i = 0; i < 6; ++i) {
        takeWindow(QStringLiteral("settings-%1").arg(i + 1));
        m_person->press(QStringLiteral("Down"));
    }
    m_person->press(QStringLiteral("Escape"));
    IS_IN("Charmed Ring");
    showPage(2);
    m_person->press(QStringLiteral("alt+t"));
    SEES("passed every step");
    takeWindow(QStringLiteral("server-test"));
    m_person->press(QStringLiteral("Escape"));
    IS_IN("Charmed Ring");
    m_person->press(QStringLiteral("alt+a"));
    IS_IN("Add a server");
    takeWindow(QStringLiteral("server-add"));
    m_person->press(QStringLiteral("Escape"));
    IS_IN("Charmed Ring");
    m_person->press(QStringLiteral("alt+d"));
    IS_IN("Drain");
    takeWindow(QStringLiteral("server-drain"));
    m_person->press(QStringLiteral("Escape"));
    IS_IN("Charmed Ring");
}

void TestDesktop::working()
{
    showPage(1);
    cring({QStringLiteral("config"), QStringLiteral("set"), QStringLiteral("repair.bytes_per_second"),
           QStringLiteral("100KiB")});
    cring({QStringLiteral("reload")});
    cring({QStringLiteral("verify"), QStringLiteral("--deep"), QStringLiteral("--no-wait")});
    SEES("Check of all files: ");
    takeWindow(QStringLiteral("overview-working"));
    showPage(6);
    takeWindow(QStringLiteral("jobs-working"));
    takeTray(QStringLiteral("working"), QStringLiteral("Check of all files"));
}

void TestDesktop::paused()
{
    cring({QStringLiteral("config"), QStringLiteral("set"), QStringLiteral("repair.bytes_per_second"),
           QStringLiteral("50MiB")});
    cring({QStringLiteral("reload")});
    showPage(1);
    SEES("every file on 3");
    cring({QStringLiteral("pause"), QStringLiteral("--for"), QStringLiteral("2h")});
    SEES("Paused until");
    takeWindow(QStringLiteral("overview-paused"));
    takeTray(QStringLiteral("paused"), QStringLiteral("Paused until"));
    cring({QStringLiteral("resume")});
    SEES("every file on 3");
}

void TestDesktop::aServerIsDown()
{
    m_cluster->at(1).kill9();
    SEES("charm2 down");
    const QString folder = m_cluster->client().home();
    QVERIFY(writeText(folder + QStringLiteral("/december.md"), 8));
    for (const char *name : {"notes/2026/12.md", "recipes/gingerbread.txt", "letters/aunt-mary.odt"})
        QVERIFY(store(folder + QStringLiteral("/december.md"), QLatin1String(name)));
    takeWindow(QStringLiteral("overview-degraded"));
    takeTray(QStringLiteral("degraded"), QStringLiteral("charm2 down"));
    showPage(2);
    takeWindow(QStringLiteral("servers-degraded"));
    showPage(3);
    takeWindow(QStringLiteral("files-degraded"));
    showPage(7);
    takeWindow(QStringLiteral("activity-degraded"));
    startProgram(QStringLiteral("dark"));
    SEES("charm2 down");
    takeWindow(QStringLiteral("overview-degraded-dark"));
    startProgram();
}

void TestDesktop::uploadsFail()
{
    // With one server left, it and this machine's disk are enough.
    m_cluster->at(0).kill9();
    m_cluster->at(2).kill9();
    SEES("uploads and downloads fail");
    takeWindow(QStringLiteral("overview-refused"));
    takeTray(QStringLiteral("refused"), QStringLiteral("None of 3"));
    for (int i = 0; i < 3; ++i)
        CRING_OK(m_cluster->at(i).start());
    SEES("3 of 3 servers");
}

/// The bucket is away, and what waits for it has waited since yesterday: the records of the service are set
/// back.
void TestDesktop::theBackupIsOverdue()
{
    QVERIFY(isCalm());
    m_s3->kill9();
    const QString folder = m_cluster->client().home();
    for (const char *name : {"recipes/stew.txt", "recipes/soup.txt"})
        QVERIFY(store(folder + QStringLiteral("/december.md"), QLatin1String(name)));
    stopService();
    SEES("The service is not running");
    m_desktop.run(QStringLiteral("sqlite3"),
                  {m_desktop.home() + QStringLiteral("/charmedring/state.db"),
                   QStringLiteral("UPDATE catalogue SET changed = changed - 26 * 3600 * 1000")});
    m_person->press(QStringLiteral("alt+s"));
    SEES("No backup to offsite for");
    takeWindow(QStringLiteral("overview-overdue"));
    showPage(4);
    takeWindow(QStringLiteral("backup-overdue"));
    takeTray(QStringLiteral("overdue"), QStringLiteral("No backup"));
    showPage(1);
}

void TestDesktop::theKeychainIsLocked()
{
    CRING_OK(m_s3->start());
    QVERIFY(isCalm());
    stopService();
    CRING_OK(m_keychain.lock());
    SEES("The service is not running");
    m_person->press(QStringLiteral("alt+s"));
    SEES("waits for its keys");
    takeWindow(QStringLiteral("overview-locked"));
    takeTray(QStringLiteral("locked"), QStringLiteral("The backup offsite waits"));
}

void TestDesktop::theServiceIsGone()
{
    stopService();
    SEES("The service is not running");
    takeWindow(QStringLiteral("overview-gone"));
    takeTray(QStringLiteral("gone"), QStringLiteral("The service is not running"));
}

/// All eight in one picture.
void TestDesktop::trayInAll()
{
    const QString folder = qEnvironmentVariable("CRING_PICTURES", m_scratch.path());
    const QStringList states{QStringLiteral("well"),     QStringLiteral("working"), QStringLiteral("paused"),
                             QStringLiteral("degraded"), QStringLiteral("overdue"), QStringLiteral("locked"),
                             QStringLiteral("refused"),  QStringLiteral("gone")};
    QImage all(2 * kPanel.width(), 4 * kPanel.height(), QImage::Format_RGB32);
    all.fill(Qt::white);
    QPainter painter(&all);
    for (int i = 0; i < states.size(); ++i)
        painter.drawImage(i % 2 * kPanel.width(), i / 2 * kPanel.height(),
                          QImage(folder + QStringLiteral("/tray-") + states.at(i) + QStringLiteral(".png")));
    painter.end();
    keep(all, QStringLiteral("tray"));
}

QTEST_GUILESS_MAIN(TestDesktop)
#include "tst_desktop.moc"
