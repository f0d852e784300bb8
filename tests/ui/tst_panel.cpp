// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/server.h"
#include "tests/models/sample.h"
#include "tests/support/cringprocess.h"
#include "tests/support/desktopsession.h"
#include "tests/support/spin.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusVariant>
#include <QTest>

using namespace cring;
using namespace cring::test;

namespace {

constexpr int kLimit = 30'000;

} // namespace

/// The program as it is installed, with a real panel (xfce4-panel on Xvfb), which comes late and is
/// restarted.
class TestPanel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void showsItsIconAndItsMenu();
    void comesBackWithThePanel();
    void findsAPanelThatComesLate();

private:
    void startProgram();
    /// "SERVICE/PATH" of the icons that the panel knows.
    QStringList items() const;
    QByteArray property(const char *name) const;
    QByteArray menu() const;

    std::unique_ptr<DesktopSession> m_session;
    std::unique_ptr<QTemporaryDir> m_folder;
    QList<QPointer<control::Subscription>> m_subscriptions;
    std::unique_ptr<control::Server> m_server;
    std::unique_ptr<playground::ChildProcess> m_program;
    int m_busNumber = 0;
};

void TestPanel::init()
{
    m_session = std::make_unique<DesktopSession>();
    for (const Status &status : {m_session->startBus(), m_session->startDisplay()}) {
        if (!status)
            QFAIL(qPrintable(status.error().detail));
    }
    QVERIFY(QDBusConnection::connectToBus(m_session->address(), QStringLiteral("t%1").arg(++m_busNumber))
                .isConnected());
    m_folder = std::make_unique<QTemporaryDir>();
    m_server = std::make_unique<control::Server>(
        control::ServerOptions{.path = m_folder->filePath(QStringLiteral("s")), .serviceVersion = {}});
    m_server->addMethod(QStringLiteral("status.subscribe"), [this](const control::CallPtr &call) {
        call->reply({});
        m_subscriptions.append(call->subscribe(QStringLiteral("status")));
        control::Snapshot snapshot = wellSnapshot();
        takeDown(snapshot, 1, 6 * 60'000);
        control::Subscription *subscription = m_subscriptions.last();
        const auto tell = [subscription, snapshot] {
            subscription->notify(QStringLiteral("status"), snapshot.toJson());
        };
        auto *beat = new QTimer(subscription); // A service that is silent counts as hung.
        connect(beat, &QTimer::timeout, subscription, tell);
        beat->start(1000);
        tell();
    });
    QVERIFY(m_server->listen().ok());
}

void TestPanel::cleanup()
{
    m_program.reset();
    // One that has taken the place of another is no child of ours; it ends with its display.
    m_server.reset();
    QDBusConnection::disconnectFromBus(QStringLiteral("t%1").arg(m_busNumber));
    m_session.reset();
}

void TestPanel::startProgram()
{
    m_program = std::make_unique<playground::ChildProcess>();
    m_program->setProcessEnvironment(m_session->environment());
    m_program->setStandardErrorFile(m_session->home() + QStringLiteral("/charmedring.log"));
    m_program->start(QFileInfo(CringProcess::program()).path() + QStringLiteral("/charmedring"),
                     {QStringLiteral("--background"), QStringLiteral("--control-socket"),
                      m_folder->filePath(QStringLiteral("s"))});
}

QStringList TestPanel::items() const
{
    QDBusMessage get = QDBusMessage::createMethodCall(
        QStringLiteral("org.kde.StatusNotifierWatcher"), QStringLiteral("/StatusNotifierWatcher"),
        QStringLiteral("org.freedesktop.DBus.Properties"), QStringLiteral("Get"));
    get << QStringLiteral("org.kde.StatusNotifierWatcher") << QStringLiteral("RegisteredStatusNotifierItems");
    const QDBusMessage answer = QDBusConnection(QStringLiteral("t%1").arg(m_busNumber)).call(get);
    return answer.arguments().value(0).value<QDBusVariant>().variant().toStringList();
}

QByteArray TestPanel::property(const char *name) const
{
    const QString item = items().value(0);
    const qsizetype slash = item.indexOf(u'/');
    return m_session->run(QStringLiteral("dbus-send"),
                          {QStringLiteral("--session"), QStringLiteral("--print-reply=literal"),
                           QStringLiteral("--dest=") + item.left(slash), item.mid(slash),
                           QStringLiteral("org.freedesktop.DBus.Properties.Get"),
                           QStringLiteral("string:org.kde.StatusNotifierItem"),
                           QStringLiteral("string:") + QString::fromLatin1(name)});
}

QByteArray TestPanel::menu() const
{
    const QString item = items().value(0);
    return m_session->run(QStringLiteral("dbus-send"),
                          {QStringLiteral("--session"), QStringLiteral("--print-reply=literal"),
                           QStringLiteral("--dest=") + item.left(item.indexOf(u'/')),
                           QStringLiteral("/MenuBar"), QStringLiteral("com.canonical.dbusmenu.GetLayout"),
                           QStringLiteral("int32:0"), QStringLiteral("int32:-1"),
                           QStringLiteral("array:string:label")});
}

void TestPanel::showsItsIconAndItsMenu()
{
    const Status panel = m_session->startPanel();
    QVERIFY2(panel.ok(), qPrintable(panel ? QString() : panel.error().detail));
    startProgram();
    QVERIFY(spinUntil([&] { return items().size() == 1; }, kLimit));
    QVERIFY(spinUntil([&] { return property("ToolTip").contains("charm2 down for 6 min"); }, kLimit));
    const QByteArray words = menu();
    for (const char *line : {"charm2 down for 6 min", "Open Charmed Ring", "For _1 hour", "For _4 hours",
                             "For _24 hours", "Until _tomorrow", "Check all _files now",
                             "Copy client settings", "Quit the window", "S_top the service"})
        QVERIFY2(words.contains(line) || words.contains(QByteArray(line).prepend('_')) ||
                     QByteArray(words).replace("_", "").contains(QByteArray(line).replace("_", "")),
                 line);
    QVERIFY(!words.contains("Back up now") || words.contains("visible")); // There is no backup.
}

void TestPanel::comesBackWithThePanel()
{
    QVERIFY(m_session->startPanel().ok());
    startProgram();
    QVERIFY(spinUntil([&] { return items().size() == 1; }, kLimit));
    for (int round = 0; round < 2; ++round) {
        m_session->stopPanel();
        QVERIFY(spinUntil([&] { return items().isEmpty(); }, kLimit));
        QVERIFY(m_session->startPanel().ok());
        QVERIFY(spinUntil([&] { return items().size() == 1; }, kLimit));
    }
    QCOMPARE(m_program->state(), QProcess::Running);
}

void TestPanel::findsAPanelThatComesLate()
{
    startProgram();
    QVERIFY(spinUntil([&] { return !m_subscriptions.isEmpty(); }, kLimit));
    // Until it does not wait for one any more, and Qt has decided on an X11 tray, which there is none of.
    QTest::qWait(6'000); // No sign of it can be seen from here.
    QVERIFY(m_session->startPanel().ok());
    QVERIFY(spinUntil([&] { return items().size() == 1; }, kLimit));
    QVERIFY(spinUntil([&] { return property("ToolTip").contains("charm2"); }, kLimit));
}

QTEST_GUILESS_MAIN(TestPanel)
#include "tst_panel.moc"
