// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/server.h"
#include "core/service/backgroundpause.h"
#include "tests/models/sample.h"
#include "tests/support/desktopsession.h"
#include "tests/support/spin.h"
#include "ui/desktop/desktop.h"

#include <QDBusMessage>
#include <QDBusMetaType>
#include <QDBusVariant>
#include <QJsonArray>
#include <QJsonDocument>
#include <QSettings>
#include <QSignalSpy>
#include <QTest>

using namespace cring;
using namespace cring::models;
using namespace cring::test;
using namespace cring::ui;
using namespace std::chrono_literals;

namespace {

constexpr int kLimit = 15'000;
constexpr const char *kMock = "org.freedesktop.DBus.Mock";

Notice refused(Notice::Kind kind = Notice::Kind::Begin)
{
    return {Topic::WritesRefused, kind, QStringLiteral("Uploads fail"), QStringLiteral("1 < 2 & so on"),
            false};
}

} // namespace

/// With a real notification server (dunst on Xvfb), and python-dbusmock's logind and NetworkManager on a bus
/// of its own: what those do cannot be had for real in a test, the machine would go down.
class TestDesktop : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void showsOneNotificationATopic();
    void doesWhatTheNotificationSays();
    void survivesTheServersRestart();
    void saysWhenNobodyShowsIt();
    void tellsOfTheRing();
    void saysNothingOfAnEndThatIsWanted();
    void delaysAShutdownWhileCopiesAreMissing();
    void letsTheMachineGoWhenWaitingDoesNotHelp();
    void delaysNothingWhereNobodyWantsThat();
    void restsOnAMeteredNetwork();
    void leavesThePersonsPauseAlone();
    void bearsADesktopWithoutAny();

private:
    QDBusConnection bus() const { return QDBusConnection(QStringLiteral("test")); }

    QList<DesktopSession::Notification> shown() const { return m_session.takeNotifications(); }
    int displayed() const { return m_session.displayedNotifications(); }
    QStringList inhibitors() const;
    void tellLogind(const QString &signal, bool begins) const;
    void setMetered(uint metered) const;
    void tell();
    void startService();
    std::unique_ptr<Desktop> makeDesktop();

    DesktopSession m_session;
    std::unique_ptr<QTemporaryDir> m_folder;
    SystemClock m_clock;
    SeededRandom m_random{1};
    control::Snapshot m_snapshot;
    QPointer<control::Subscription> m_subscription;
    std::unique_ptr<service::BackgroundPause> m_pause;
    std::unique_ptr<control::Server> m_server;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<NotificationChoices> m_notices;
    std::unique_ptr<DesktopChoices> m_choices;
    std::unique_ptr<RingModels> m_ring;
};

void TestDesktop::initTestCase()
{
    const auto must = [](const Status &status) {
        if (!status)
            QFAIL(qPrintable(status.error().detail));
    };
    must(m_session.startBus());
    must(m_session.startDisplay());
    must(m_session.startNotifications());
    must(m_session.startLogind());
    must(m_session.startNetworkManager());
    QVERIFY(QDBusConnection::connectToBus(m_session.address(), QStringLiteral("test")).isConnected());
}

void TestDesktop::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_snapshot = wellSnapshot();
    m_pause = std::make_unique<service::BackgroundPause>(m_clock, [](bool) {});
    startService();
    m_settings =
        std::make_unique<QSettings>(m_folder->filePath(QStringLiteral("window.conf")), QSettings::IniFormat);
    m_notices = std::make_unique<NotificationChoices>(*m_settings);
    m_choices = std::make_unique<DesktopChoices>(*m_settings);
    const QString path = m_folder->filePath(QStringLiteral("s"));
    m_ring = std::make_unique<RingModels>([path] { return QStringList{path}; }, m_clock, m_random);
    m_ring->start();
    QVERIFY(spinUntil([&] { return m_ring->link.state() == ServiceLink::State::Connected; }, kLimit));
}

void TestDesktop::startService()
{
    const QString path = m_folder->filePath(QStringLiteral("s"));
    m_server = std::make_unique<control::Server>(control::ServerOptions{.path = path, .serviceVersion = {}});
    m_server->addMethod(QStringLiteral("status.subscribe"), [this](const control::CallPtr &call) {
        call->reply({});
        m_subscription = call->subscribe(QStringLiteral("status"));
        tell();
    });
    service::addPauseMethods(*m_server, *m_pause);
    QVERIFY(m_server->listen().ok());
}

void TestDesktop::cleanup()
{
    m_ring.reset();
    m_server.reset();
    m_pause.reset();
    setMetered(2);
    m_session.run(QStringLiteral("dunstctl"), {QStringLiteral("close-all")});
    m_session.run(QStringLiteral("dunstctl"), {QStringLiteral("history-clear")});
}

std::unique_ptr<Desktop> TestDesktop::makeDesktop()
{
    return std::make_unique<Desktop>(*m_ring, *m_notices, *m_choices, m_clock,
                                     Desktop::Buses{.session = bus(), .system = bus()},
                                     Desktop::Timing{.notices = {}, .renewal = 100ms});
}

void TestDesktop::tell()
{
    m_snapshot.takenMs += 1000;
    m_snapshot.paused = m_pause->isPaused();
    m_snapshot.pausedBy = m_pause->by();
    m_snapshot.pausedUntilMs = m_pause->untilMs();
    if (m_subscription)
        m_subscription->notify(QStringLiteral("status"), m_snapshot.toJson());
}

void TestDesktop::showsOneNotificationATopic()
{
    Notifier notifier(bus());
    notifier.show(refused());
    notifier.show(refused(Notice::Kind::Again)); // Before the first one has got its number.
    Notice other{Topic::KeychainLocked, Notice::Kind::Begin, QStringLiteral("Unlock"), QStringLiteral("x"),
                 false};
    notifier.show(other);
    QVERIFY(spinUntil([&] { return displayed() == 2; }, kLimit));
    Notice over = refused(Notice::Kind::Over);
    over.title = QStringLiteral("Uploads work again");
    notifier.show(over);
    // It takes the place of the first.
    QList<DesktopSession::Notification> list;
    QVERIFY(spinUntil(
        [&] {
            list = shown();
            return list.size() == 2 && (list[0].title == over.title || list[1].title == over.title);
        },
        kLimit));
    const DesktopSession::Notification &one = list[0].title == over.title ? list[0] : list[1];
    QCOMPARE(one.text, QStringLiteral("1 < 2 & so on")); // dunst reads markup: it was sent as text.
}

void TestDesktop::doesWhatTheNotificationSays()
{
    Notifier notifier(bus());
    QSignalSpy window(&notifier, &Notifier::windowWanted);
    QSignalSpy start(&notifier, &Notifier::serviceStartWanted);
    QSignalSpy silenced(&notifier, &Notifier::silenced);
    notifier.show(refused());
    QVERIFY(spinUntil([&] { return displayed() == 1; }, kLimit));
    m_session.run(QStringLiteral("dunstctl"), {QStringLiteral("action"), QStringLiteral("0")});
    QVERIFY(spinUntil([&] { return window.size() == 1; }, kLimit));
    Notice gone = refused();
    gone.offersStart = true;
    notifier.show(gone);
    QVERIFY(spinUntil([&] { return displayed() == 1; }, kLimit));
    m_session.chooseAction(QStringLiteral("Start the service"));
    QVERIFY(spinUntil([&] { return start.size() == 1; }, kLimit));
    notifier.show(refused());
    QVERIFY(spinUntil([&] { return displayed() == 1; }, kLimit));
    m_session.chooseAction(QStringLiteral("Remind me no more"));
    QVERIFY(spinUntil([&] { return silenced.size() == 1; }, kLimit));
    QCOMPARE(silenced.at(0).at(0).value<Topic>(), Topic::WritesRefused);
    QCOMPARE(window.size(), 1);
}

void TestDesktop::survivesTheServersRestart()
{
    Notifier notifier(bus());
    QSignalSpy undelivered(&notifier, &Notifier::undelivered);
    notifier.show(refused());
    QVERIFY(spinUntil([&] { return displayed() == 1; }, kLimit));
    m_session.stopNotifications();
    QVERIFY(m_session.startNotifications().ok());
    notifier.show(refused(Notice::Kind::Again));
    QVERIFY(spinUntil([&] { return displayed() == 1; }, kLimit));
    QCOMPARE(undelivered.size(), 0);
}

void TestDesktop::saysWhenNobodyShowsIt()
{
    m_session.stopNotifications();
    Notifier notifier(bus());
    QSignalSpy undelivered(&notifier, &Notifier::undelivered);
    notifier.show(refused());
    QVERIFY(spinUntil([&] { return undelivered.size() == 1; }, kLimit));
    // And asks again the next time.
    QVERIFY(m_session.startNotifications().ok());
    notifier.show(refused());
    QVERIFY(spinUntil([&] { return displayed() == 1; }, kLimit));
    QCOMPARE(undelivered.size(), 1);
}

void TestDesktop::tellsOfTheRing()
{
    const auto desktop = makeDesktop();
    QTimer beat; // A service that is silent counts as hung.
    connect(&beat, &QTimer::timeout, this, &TestDesktop::tell);
    beat.start(500);
    m_snapshot.writesPossible = false;
    takeDown(m_snapshot, 0, 1000);
    takeDown(m_snapshot, 1, 1000);
    tell();
    QVERIFY(spinUntil([&] { return displayed() == 1; }, kLimit));
    const QList<DesktopSession::Notification> begin = shown();
    QVERIFY(!begin.isEmpty());
    QCOMPARE(begin[0].title, QStringLiteral("Uploads fail"));
    QVERIFY2(begin[0].text.contains(QStringLiteral("1 of 3")), qPrintable(begin[0].text));
    m_snapshot = wellSnapshot();
    tell();
    QVERIFY(spinUntil([&] { return displayed() == 1; }, kLimit));
    QCOMPARE(shown().first().title, QStringLiteral("Uploads work again"));
}

void TestDesktop::saysNothingOfAnEndThatIsWanted()
{
    Desktop desktop(*m_ring, *m_notices, *m_choices, m_clock,
                    Desktop::Buses{.session = bus(), .system = bus()},
                    Desktop::Timing{.notices = {.serviceGrace = 100ms}});
    QTimer beat;
    connect(&beat, &QTimer::timeout, this, &TestDesktop::tell);
    beat.start(500);
    const auto shows = [this](TrayState state) {
        return spinUntil([&] { return m_ring->tray().state() == state; }, kLimit);
    };
    QVERIFY(shows(TrayState::Well));
    const auto before = shown().size(); // Of other tests.
    desktop.expectServiceEnd();
    m_server.reset();
    QVERIFY(shows(TrayState::Gone));
    startService();
    QVERIFY(shows(TrayState::Well));
    QCOMPARE(shown().size(), before);
    // Once it is there again, it is missed.
    m_server.reset();
    QVERIFY(spinUntil([&] { return displayed() == 1; }, kLimit));
    QCOMPARE(shown().first().title, QStringLiteral("Uploads fail"));
}

QStringList TestDesktop::inhibitors() const
{
    const QDBusMessage answer = bus().call(QDBusMessage::createMethodCall(
        QStringLiteral("org.freedesktop.login1"), QStringLiteral("/org/freedesktop/login1"),
        QStringLiteral("org.freedesktop.login1.Manager"), QStringLiteral("ListInhibitors")));
    QStringList list;
    const auto argument = answer.arguments().value(0).value<QDBusArgument>();
    argument.beginArray();
    while (!argument.atEnd()) {
        QString what;
        QString who;
        QString why;
        QString mode;
        uint user = 0;
        uint process = 0;
        argument.beginStructure();
        argument >> what >> who >> why >> mode >> user >> process;
        argument.endStructure();
        list.append(what + u' ' + mode + u' ' + who);
    }
    argument.endArray();
    return list;
}

void TestDesktop::tellLogind(const QString &signal, bool begins) const
{
    QDBusMessage emitSignal = QDBusMessage::createMethodCall(
        QStringLiteral("org.freedesktop.login1"), QStringLiteral("/org/freedesktop/login1"),
        QString::fromLatin1(kMock), QStringLiteral("EmitSignal"));
    emitSignal << QStringLiteral("org.freedesktop.login1.Manager") << signal << QStringLiteral("b")
               << QVariant(QVariantList{begins});
    QCOMPARE(bus().call(emitSignal).type(), QDBusMessage::ReplyMessage);
}

void TestDesktop::delaysAShutdownWhileCopiesAreMissing()
{
    const auto desktop = makeDesktop();
    tell();
    QVERIFY(inhibitors().isEmpty());
    m_snapshot.backends[1].owed = 3;
    tell();
    QVERIFY(spinUntil([&] { return !inhibitors().isEmpty(); }, kLimit));
    QCOMPARE(inhibitors(), QStringList{QStringLiteral("shutdown:sleep delay Charmed Ring")});
    // The machine is to go down: it waits, for that helps.
    tellLogind(QStringLiteral("PrepareForShutdown"), true);
    tell();
    QCOMPARE(inhibitors().size(), 1);
    m_snapshot.backends[1].owed = 0;
    tell();
    QVERIFY(spinUntil([&] { return inhibitors().isEmpty(); }, kLimit));
    // It was called off, and something is missing again.
    tellLogind(QStringLiteral("PrepareForShutdown"), false);
    m_snapshot.backends[1].owed = 1;
    tell();
    QVERIFY(spinUntil([&] { return inhibitors().size() == 1; }, kLimit));
}

void TestDesktop::letsTheMachineGoWhenWaitingDoesNotHelp()
{
    const auto desktop = makeDesktop();
    takeDown(m_snapshot, 1, 60'000);
    m_snapshot.backends[1].owed = 3;
    tell();
    QVERIFY(spinUntil([&] { return inhibitors().size() == 1; }, kLimit));
    tellLogind(QStringLiteral("PrepareForSleep"), true);
    QVERIFY(spinUntil([&] { return inhibitors().isEmpty(); }, kLimit));
    tell();
    QVERIFY(!desktop->shutdownDelay().isHeld());
    tellLogind(QStringLiteral("PrepareForSleep"), false); // Awake again.
    QVERIFY(spinUntil([&] { return inhibitors().size() == 1; }, kLimit));
    // Without a service nobody brings anything.
    m_server.reset();
    QVERIFY(spinUntil([&] { return inhibitors().isEmpty(); }, kLimit));
}

void TestDesktop::delaysNothingWhereNobodyWantsThat()
{
    m_choices->setDelaysShutdown(false);
    const auto desktop = makeDesktop();
    m_snapshot.backends[1].owed = 3;
    tell();
    const SnapshotPtr before = m_ring->link.snapshot();
    tell();
    QVERIFY(spinUntil([&] { return m_ring->link.snapshot() != before; }, kLimit));
    QVERIFY(inhibitors().isEmpty());
    m_choices->setDelaysShutdown(true);
    QVERIFY(spinUntil([&] { return inhibitors().size() == 1; }, kLimit));
    m_choices->setDelaysShutdown(false);
    QVERIFY(spinUntil([&] { return inhibitors().isEmpty(); }, kLimit));
}

void TestDesktop::setMetered(uint metered) const
{
    QDBusMessage update = QDBusMessage::createMethodCall(
        QStringLiteral("org.freedesktop.NetworkManager"), QStringLiteral("/org/freedesktop/NetworkManager"),
        QString::fromLatin1(kMock), QStringLiteral("UpdateProperties"));
    update << QStringLiteral("org.freedesktop.NetworkManager")
           << QVariantMap{{QStringLiteral("Metered"), metered}};
    const QDBusMessage answer = bus().call(update);
    QVERIFY2(answer.type() == QDBusMessage::ReplyMessage, qPrintable(answer.errorMessage()));
}

void TestDesktop::restsOnAMeteredNetwork()
{
    setMetered(1);
    const auto desktop = makeDesktop();
    tell();
    // Nobody has asked for that.
    const SnapshotPtr before = m_ring->link.snapshot();
    tell();
    QVERIFY(spinUntil([&] { return m_ring->link.snapshot() != before; }, kLimit));
    QVERIFY(!m_pause->isPaused());
    m_choices->setPausesOnMetered(true);
    QVERIFY(spinUntil([&] { return m_pause->isPaused(); }, kLimit));
    QCOMPARE(m_pause->by(), QStringList{QStringLiteral("metered")});
    setMetered(4); // It is guessed not to be.
    QVERIFY(spinUntil([&] { return !m_pause->isPaused(); }, kLimit));
    setMetered(3);
    QVERIFY(spinUntil([&] { return m_pause->isPaused(); }, kLimit));
    // A person has work go on all the same: that holds until the network is another one.
    tell();
    QVERIFY(spinUntil([&] { return m_ring->link.snapshot()->paused; }, kLimit));
    m_pause->resume();
    tell();
    QVERIFY(spinUntil([&] { return !m_ring->link.snapshot()->paused; }, kLimit));
    QSignalSpy snapshots(&m_ring->link, &ServiceLink::snapshotChanged);
    for (int i = 1; i <= 5; ++i) { // Longer than it takes to say it again.
        QTest::qWait(50);          // Nothing happens: time alone can tell.
        tell();
        QVERIFY(spinUntil([&] { return snapshots.size() == i; }, kLimit));
    }
    QVERIFY(!m_pause->isPaused());
    setMetered(2);
    setMetered(1);
    QVERIFY(spinUntil([&] { return m_pause->isPaused(); }, kLimit));
}

void TestDesktop::leavesThePersonsPauseAlone()
{
    m_choices->setPausesOnMetered(true);
    m_pause->pause(1h);
    const auto until = m_pause->untilMs();
    setMetered(1);
    const auto desktop = makeDesktop();
    tell();
    QVERIFY(spinUntil([&] { return m_pause->by().size() == 2; }, kLimit));
    QCOMPARE(m_pause->untilMs(), until);
    setMetered(2);
    QVERIFY(spinUntil([&] { return m_pause->by().size() == 1; }, kLimit));
    QCOMPARE(m_pause->by(), QStringList{QStringLiteral("person")});
    QCOMPARE(m_pause->untilMs(), until);
}

void TestDesktop::bearsADesktopWithoutAny()
{
    const QDBusConnection none(QStringLiteral("there is no such bus"));
    Desktop desktop(*m_ring, *m_notices, *m_choices, m_clock, {.session = none, .system = none}, {});
    QSignalSpy undelivered(&desktop, &Desktop::undelivered);
    m_snapshot.writesPossible = false;
    m_snapshot.backends[1].owed = 2;
    tell();
    QVERIFY(spinUntil([&] { return undelivered.size() == 1; }, kLimit));
    QVERIFY(!desktop.shutdownDelay().isHeld());
}

QTEST_GUILESS_MAIN(TestDesktop)
#include "tst_desktop.moc"
