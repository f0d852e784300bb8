// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/server.h"
#include "tests/models/sample.h"
#include "tests/support/cringprocess.h"
#include "tests/support/desktopsession.h"
#include "tests/support/spin.h"

#include <QDBusConnection>
#include <QDBusConnectionInterface>
#include <QDBusMessage>
#include <QDBusVariant>
#include <QTest>

using namespace cring;
using namespace cring::test;

namespace {

constexpr int kLimit = 30'000;
constexpr auto kWatcherName = "org.kde.StatusNotifierWatcher";
constexpr auto kWatcherPath = "/StatusNotifierWatcher";

} // namespace

/// Knows icons as a panel's does, and remembers each that it was ever told of.
class Watcher : public QObject
{
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.kde.StatusNotifierWatcher")
    Q_PROPERTY(bool IsStatusNotifierHostRegistered READ hasHost)

public:
    bool hasHost() const { return true; }

    QStringList told;

public Q_SLOTS:
    void RegisterStatusNotifierItem(const QString &name)
    {
        told.append(name + QStringLiteral("/StatusNotifierItem"));
    }
};

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
    void tellsEachWatcherOfOneIcon();

private:
    void startProgram();
    /// "SERVICE/PATH" of the icons that the panel knows.
    QStringList items() const;
    QByteArray property(const QString &item, const char *name) const;
    QByteArray menu() const;
    bool answers(const QString &item, const QByteArray &words) const;

    std::unique_ptr<DesktopSession> m_session;
    std::unique_ptr<QTemporaryDir> m_folder;
    QList<QPointer<control::Subscription>> m_subscriptions;
    std::unique_ptr<control::Server> m_server;
    std::unique_ptr<playground::ChildProcess> m_program;
    int m_down = 1; ///< The server that is.
    int m_busNumber = 0;
};

void TestPanel::init()
{
    m_down = 1;
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
        control::Subscription *subscription = m_subscriptions.last();
        const auto tell = [this, subscription] {
            control::Snapshot snapshot = wellSnapshot();
            takeDown(snapshot, m_down, 6 * 60'000);
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

QByteArray TestPanel::property(const QString &item, const char *name) const
{
    const qsizetype slash = item.indexOf(u'/');
    return m_session->run(QStringLiteral("dbus-send"),
                          {QStringLiteral("--session"), QStringLiteral("--print-reply=literal"),
                           QStringLiteral("--dest=") + item.left(slash), item.mid(slash),
                           QStringLiteral("org.freedesktop.DBus.Properties.Get"),
                           QStringLiteral("string:org.kde.StatusNotifierItem"),
                           QStringLiteral("string:") + QString::fromLatin1(name)});
}

bool TestPanel::answers(const QString &item, const QByteArray &words) const
{
    return spinUntil([&] { return property(item, "ToolTip").contains(words); }, kLimit);
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
    QVERIFY(answers(items().value(0), "charm2 down for 6 min"));
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
        QVERIFY(spinUntil([&] { return !items().isEmpty(); }, kLimit));
        QVERIFY(answers(items().value(0), "charm2"));
        QCOMPARE(items().size(), 1);
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
    QVERIFY(answers(items().value(0), "charm2"));
}

// A panel's watcher that is told of a name whose connection has ended before it looks keeps it for ever. So
// none is told that is about to end.
void TestPanel::tellsEachWatcherOfOneIcon()
{
    const QString name = QString::fromLatin1(kWatcherName);
    const auto offer = [](QDBusConnection bus, Watcher &watcher) {
        return bus.registerObject(QString::fromLatin1(kWatcherPath), &watcher,
                                  QDBusConnection::ExportAllSlots | QDBusConnection::ExportAllProperties);
    };
    const auto come = [&](const QDBusConnection &bus) {
        return bus.interface()->registerService(name, QDBusConnectionInterface::ReplaceExistingService,
                                                QDBusConnectionInterface::AllowReplacement) ==
               QDBusConnectionInterface::ServiceRegistered;
    };
    const auto bus = [this] {
        return QDBusConnection(QStringLiteral("t%1").arg(m_busNumber));
    };
    // What comes later than the watcher: by then it knows what it is told.
    const auto knowsOne = [&](Watcher &watcher, int down) {
        if (!spinUntil([&] { return !watcher.told.isEmpty(); }, kLimit))
            return false;
        m_down = down;
        const QByteArray words = "charm" + QByteArray::number(down + 1);
        return answers(watcher.told.last(), words) && watcher.told.size() == 1;
    };
    Watcher watcher;
    QVERIFY(offer(bus(), watcher) && come(bus()));
    startProgram();
    QVERIFY(knowsOne(watcher, 0));
    for (const int down : {1, 2, 0}) {
        QVERIFY(bus().unregisterService(name));
        watcher.told.clear();
        QVERIFY(come(bus()));
        QVERIFY2(knowsOne(watcher, down), qPrintable(watcher.told.join(u' ')));
    }
    // Another takes its place without a moment between them.
    const QString second = QStringLiteral("second%1").arg(m_busNumber);
    Watcher other;
    QVERIFY(offer(QDBusConnection::connectToBus(m_session->address(), second), other));
    QVERIFY(come(QDBusConnection(second)));
    QVERIFY2(knowsOne(other, 1), qPrintable(other.told.join(u' ')));
    QDBusConnection::disconnectFromBus(second);
}

QTEST_GUILESS_MAIN(TestPanel)
#include "tst_panel.moc"
