// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/server.h"
#include "tests/models/sample.h"
#include "ui/translation.h"
#include "ui/tray/tray.h"
#include "ui/widgets/verdictbanner.h"
#include "ui/window/activitypage.h"
#include "ui/window/mainwindow.h"

#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMessageBox>
#include <QPushButton>
#include <QSettings>
#include <QShortcut>
#include <QSignalSpy>
#include <QStackedWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

using namespace cring;
using namespace cring::models;
using namespace cring::test;
using namespace cring::ui;

/// The window before a control server that says what a test wants it to: states that a real ring takes long
/// to get into. What the real service says, models.servicelink and ui.application look at.
class TestWindow : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void eachPageHasItsShortcut();
    void everythingHasANameForAScreenReader();
    void noMnemonicIsTakenTwice();
    void saysWhatIsTheMatterAndWhatHelps();
    void offersToStartAServiceThatIsGone();
    void englishHasPlurals();
    void doesWhatTheMenuSays();
    void asksBeforeItDrainsAServer();
    void neverClosesTheOnlyWayIn();
    void asksOnceWhatClosingDoesWithoutATray();
    void filtersAndExportsActivity();
    void pausesUntilTheMorning();

private:
    bool tell(const control::Snapshot &snapshot);
    template <typename Widget>
    Widget *find(const QString &accessibleName) const;
    QString banner() const;

    QTemporaryDir m_folder;
    SystemClock m_clock;
    SeededRandom m_random{1};
    QJsonObject m_snapshot;
    QList<QPair<QString, QJsonObject>> m_calls;
    QList<QPointer<control::Subscription>> m_subscriptions;
    std::unique_ptr<control::Server> m_server;
    std::unique_ptr<RingModels> m_ring;
    std::unique_ptr<ServiceCommands> m_commands;
    std::unique_ptr<Configuration> m_configuration;
    std::unique_ptr<MainWindow> m_window;
};

void TestWindow::initTestCase()
{
    QLocale::setDefault(QLocale(QStringLiteral("en_GB")));
    installTranslations(*qApp, QLocale());
}

void TestWindow::init()
{
    m_calls.clear();
    m_subscriptions.clear();
    m_snapshot = wellSnapshot().toJson();
    m_server = std::make_unique<control::Server>(
        control::ServerOptions{.path = m_folder.filePath(QStringLiteral("s")), .serviceVersion = {}});
    m_server->addMethod(QStringLiteral("status.subscribe"), [this](const control::CallPtr &call) {
        call->reply({});
        m_subscriptions.append(call->subscribe(QStringLiteral("status")));
        m_subscriptions.last()->notify(QStringLiteral("status"), m_snapshot);
    });
    for (const char *method : {"pause", "resume", "backends.promote", "backends.drain", "jobs.start",
                               "backup.run", "backends.test"}) {
        m_server->addMethod(QString::fromLatin1(method), [this, method](const control::CallPtr &call) {
            m_calls.append({QString::fromLatin1(method), call->params()});
            call->reply({{QStringLiteral("ok"), true}});
        });
    }
    QVERIFY(m_server->listen().ok());
    m_ring = std::make_unique<RingModels>(
        [this] { return QStringList{m_folder.filePath(QStringLiteral("s"))}; }, m_clock, m_random);
    m_commands = std::make_unique<ServiceCommands>(m_ring->link);
    m_configuration = std::make_unique<Configuration>(m_ring->link, Cring(QString()));
    m_window = std::make_unique<MainWindow>(*m_ring, *m_commands, *m_configuration);
    m_ring->start();
    m_window->show();
    QTRY_VERIFY(m_ring->link.state() == ServiceLink::State::Connected);
}

void TestWindow::cleanup()
{
    m_window.reset();
    m_configuration.reset();
    m_commands.reset();
    m_ring.reset();
    m_server.reset();
}

bool TestWindow::tell(const control::Snapshot &snapshot)
{
    m_snapshot = snapshot.toJson();
    const SnapshotPtr before = m_ring->link.snapshot();
    for (const auto &subscription : m_subscriptions) {
        if (subscription)
            subscription->notify(QStringLiteral("status"), m_snapshot);
    }
    return QTest::qWaitFor([&] { return m_ring->link.snapshot() != before; });
}

template <typename Widget>
Widget *TestWindow::find(const QString &accessibleName) const
{
    const QList<Widget *> all = m_window->findChildren<Widget *>();
    for (Widget *widget : all) {
        if (widget->accessibleName() == accessibleName)
            return widget;
    }
    return nullptr;
}

QString TestWindow::banner() const
{
    return m_window->findChild<VerdictBanner *>()->accessibleDescription();
}

void TestWindow::eachPageHasItsShortcut()
{
    auto *pages = m_window->findChild<QStackedWidget *>();
    QStringList names;
    for (const auto key :
         {Qt::Key_1, Qt::Key_2, Qt::Key_3, Qt::Key_4, Qt::Key_5, Qt::Key_6, Qt::Key_7, Qt::Key_8}) {
        QTest::keyClick(m_window.get(), key, Qt::ControlModifier);
        names.append(pages->currentWidget()->accessibleName());
    }
    QCOMPARE(names,
             (QStringList{QStringLiteral("Overview"), QStringLiteral("Servers"), QStringLiteral("Files"),
                          QStringLiteral("Backup"), QStringLiteral("Restore"), QStringLiteral("Jobs"),
                          QStringLiteral("Activity"), QStringLiteral("To decide")}));
    QCOMPARE(m_window->pageCount(), names.size());
}

void TestWindow::everythingHasANameForAScreenReader()
{
    const QList<QWidget *> widgets = m_window->findChildren<QWidget *>();
    int looked = 0;
    for (const QWidget *widget : widgets) {
        const bool interactive =
            qobject_cast<const QAbstractButton *>(widget) || qobject_cast<const QLineEdit *>(widget) ||
            qobject_cast<const QComboBox *>(widget) || qobject_cast<const QAbstractItemView *>(widget);
        // Parts of Qt's own widgets have Qt's own names.
        const bool inner = widget->objectName().startsWith(QStringLiteral("qt_")) ||
                           qobject_cast<const QComboBox *>(widget->parent()) ||
                           qobject_cast<const QLineEdit *>(widget->parent()) ||
                           qobject_cast<const QAbstractItemView *>(widget->parent()) ||
                           widget->inherits("QComboBoxListView");
        if (!interactive || inner)
            continue;
        ++looked;
        if (widget->isHidden() && widget->accessibleName().isEmpty() &&
            qobject_cast<const QPushButton *>(widget))
            continue; // A button without words is not shown.
        QVERIFY2(!widget->accessibleName().isEmpty(), widget->metaObject()->className());
    }
    QVERIFY(looked >= 15);
}

void TestWindow::noMnemonicIsTakenTwice()
{
    auto *pages = m_window->findChild<QStackedWidget *>();
    QSet<QString> window;
    const QList<QShortcut *> shortcuts = m_window->findChildren<QShortcut *>();
    for (const QShortcut *shortcut : shortcuts) {
        QVERIFY2(!window.contains(shortcut->key().toString()), qPrintable(shortcut->key().toString()));
        window.insert(shortcut->key().toString());
    }
    // The message's button can be there with any page.
    control::Snapshot snapshot = wellSnapshot();
    takeDown(snapshot, 1, 60'000);
    QVERIFY(tell(snapshot));
    for (int page = 0; page < pages->count(); ++page) {
        QSet<QString> taken{QStringLiteral("l")};
        const QList<QWidget *> widgets = pages->widget(page)->findChildren<QWidget *>();
        for (const QWidget *widget : widgets) {
            QString text;
            if (const auto *button = qobject_cast<const QAbstractButton *>(widget))
                text = button->text();
            else if (const auto *label = qobject_cast<const QLabel *>(widget); label && label->buddy())
                text = label->text();
            const qsizetype at = text.indexOf(u'&');
            if (at < 0)
                continue;
            const QString letter = text.mid(at + 1, 1).toLower();
            QVERIFY2(!taken.contains(letter), qPrintable(text));
            taken.insert(letter);
        }
    }
}

void TestWindow::saysWhatIsTheMatterAndWhatHelps()
{
    QTRY_COMPARE(banner(), QStringLiteral("3 of 3 servers, every file on 3"));
    control::Snapshot snapshot = wellSnapshot();
    takeDown(snapshot, 1, 6 * 60'000);
    snapshot.backends[1].owed = 43;
    QVERIFY(tell(snapshot));
    QCOMPARE(banner(),
             QStringLiteral("charm2 down for 6 min. Uploads go on. It refused the connection. "
                            "43 files wait for it on the other servers and are delivered when it is back."));
    auto *help = m_window->findChild<VerdictBanner *>()->findChild<QPushButton *>();
    QVERIFY(help->isVisible());
    QCOMPARE(help->accessibleName(), QStringLiteral("Test charm2…"));
    help->click();
    QTRY_COMPARE(m_calls.size(), 1);
    QCOMPARE(m_calls[0].first, QStringLiteral("backends.test"));
    QCOMPARE(m_calls[0].second.value(QStringLiteral("name")).toString(), QStringLiteral("charm2"));
    // The list of pages says where to look.
    QCOMPARE(m_window->findChild<QListWidget *>()->item(1)->data(Qt::AccessibleTextRole).toString(),
             QStringLiteral("Servers, 1"));
}

void TestWindow::offersToStartAServiceThatIsGone()
{
    QSignalSpy wanted(m_window.get(), &MainWindow::serviceStartWanted);
    m_server.reset();
    QTRY_VERIFY(banner().startsWith(QStringLiteral("The service is not running. Start it")));
    QVERIFY(banner().contains(QStringLiteral("known last")));
    auto *help = m_window->findChild<VerdictBanner *>()->findChild<QPushButton *>();
    QCOMPARE(help->accessibleName(), QStringLiteral("Start the service"));
    help->click();
    QCOMPARE(wanted.size(), 1);
    QVERIFY(!find<QPushButton>(QStringLiteral("Drain"))->isEnabled());
    QVERIFY(!find<QTableView>(QStringLiteral("Servers"))->isEnabled()); // What was known last is grey.
    QVERIFY(find<QTableView>(QStringLiteral("Activity"))->isEnabled());
}

void TestWindow::englishHasPlurals()
{
    control::Snapshot snapshot = wellSnapshot();
    snapshot.backends.resize(1);
    snapshot.replicas = 1;
    snapshot.copies = {0, 1};
    snapshot.findings = 1;
    QVERIFY(tell(snapshot));
    QCOMPARE(banner(), QStringLiteral("1 finding of the last check waits for you"));
    snapshot.findings = 2;
    QVERIFY(tell(snapshot));
    QCOMPARE(banner(), QStringLiteral("2 findings of the last check wait for you"));
    const QList<QLabel *> labels = m_window->findChildren<QLabel *>();
    for (const QLabel *label : labels)
        QVERIFY2(!label->text().contains(QStringLiteral("(s)")), qPrintable(label->text()));
}

void TestWindow::doesWhatTheMenuSays()
{
    TrayIcon tray(*m_ring, *m_commands);
    QSignalSpy quit(&tray, &TrayIcon::quitWanted);
    control::Snapshot snapshot = wellSnapshot();
    snapshot.paused = true;
    const auto trigger = [&tray](const QString &text) {
        const QList<QAction *> actions = tray.menu().findChildren<QAction *>() + tray.menu().actions();
        for (QAction *action : actions) {
            if (action->text().remove(u'&') == text) {
                action->trigger();
                return true;
            }
        }
        return false;
    };
    QTRY_COMPARE(tray.menu().actions().first()->text(), QStringLiteral("3 of 3 servers, every file on 3"));
    for (QMenu *menu : tray.menu().findChildren<QMenu *>())
        menu->actions().first()->trigger(); // For 1 hour
    QTRY_COMPARE(m_calls.size(), 1);
    QCOMPARE(m_calls[0].first, QStringLiteral("pause"));
    QCOMPARE(m_calls[0].second.value(QStringLiteral("forMs")).toInteger(), 3'600'000);
    QVERIFY(tell(snapshot));
    QVERIFY(trigger(QStringLiteral("Resume")));
    QTRY_COMPARE(m_calls.size(), 2);
    QCOMPARE(m_calls[1].first, QStringLiteral("resume"));
    QVERIFY(trigger(QStringLiteral("Quit the window")));
    QCOMPARE(quit.size(), 1);
    QCOMPARE(m_calls.size(), 2); // Nothing was said to the service.
}

void TestWindow::asksBeforeItDrainsAServer()
{
    m_window->showPage(1);
    find<QPushButton>(QStringLiteral("Drain"))->click();
    auto *box = m_window->findChild<QMessageBox *>();
    QVERIFY(box && box->text().contains(QStringLiteral("charm1")));
    box->button(QMessageBox::Cancel)->click();
    QTRY_VERIFY(!m_window->findChild<QMessageBox *>());
    QVERIFY(m_calls.isEmpty());
    find<QPushButton>(QStringLiteral("Drain"))->click();
    box = m_window->findChild<QMessageBox *>();
    const QList<QAbstractButton *> buttons = box->buttons();
    for (QAbstractButton *button : buttons) {
        if (box->buttonRole(button) == QMessageBox::AcceptRole)
            button->click();
    }
    QTRY_COMPARE(m_calls.size(), 1);
    QCOMPARE(m_calls[0].first, QStringLiteral("backends.drain"));
}

void TestWindow::neverClosesTheOnlyWayIn()
{
    m_window->setHasTray(false);
    QSignalSpy quit(m_window.get(), &MainWindow::quitWanted);
    QVERIFY(!m_window->close());
    QVERIFY(m_window->isVisible());
    auto *box = m_window->findChild<QMessageBox *>();
    QVERIFY(box);
    QCOMPARE(quit.size(), 0);
    box->button(QMessageBox::Cancel)->click();
    QVERIFY(m_window->isVisible());
    m_window->setHasTray(true);
    QVERIFY(m_window->close());
    QCOMPARE(quit.size(), 0);
}

void TestWindow::asksOnceWhatClosingDoesWithoutATray()
{
    using Closing = DesktopChoices::Closing;
    QSettings settings(m_folder.filePath(QStringLiteral("window.conf")), QSettings::IniFormat);
    DesktopChoices choices(settings);
    NotificationChoices notices(settings);
    m_window->setChoices(notices, choices);
    m_window->setHasTray(false);
    QSignalSpy quit(m_window.get(), &MainWindow::quitWanted);
    QVERIFY(!m_window->close());
    m_window->findChild<QMessageBox *>()->defaultButton()->click();
    QVERIFY(!m_window->isVisible());
    QCOMPARE(choices.closing(), Closing::Hides);
    QTRY_VERIFY(!m_window->findChild<QMessageBox *>());
    // A second start brings it back, and it is not asked again.
    m_window->raiseToFront();
    QVERIFY(m_window->isVisible());
    m_window->close();
    QVERIFY(!m_window->isVisible() && !m_window->findChild<QMessageBox *>());
    choices.setClosing(Closing::Quits);
    m_window->raiseToFront();
    m_window->close();
    QCOMPARE(quit.size(), 1);
}

void TestWindow::filtersAndExportsActivity()
{
    EventsModel events;
    events.append(
        {{1, sampleMs, QStringLiteral("debug"), QStringLiteral("backend"), {}, {}, QStringLiteral("looked")},
         {2,
          sampleMs,
          QStringLiteral("info"),
          QStringLiteral("backend"),
          QStringLiteral("charm2"),
          {},
          QStringLiteral("is up")},
         {3,
          sampleMs,
          QStringLiteral("error"),
          QStringLiteral("upload"),
          {},
          {},
          QStringLiteral("=cmd, \"quoted\"")}});
    EventsFilter filter;
    filter.setSourceModel(&events);
    QCOMPARE(filter.rowCount(), 2);
    filter.setWords(QStringLiteral("UP charm2"));
    QCOMPARE(filter.rowCount(), 1);
    filter.setWords({});
    filter.setLeast(3);
    QCOMPARE(filter.rowCount(), 1);
    const QByteArray csv = filter.toCsv();
    QCOMPARE(csv.count("\r\n"), 2);
    QVERIFY(csv.contains("\"'=cmd, \"\"quoted\"\"\""));
}

void TestWindow::pausesUntilTheMorning()
{
    const QDateTime evening(QDate(2026, 1, 31), QTime(22, 30));
    QCOMPARE(untilTomorrow(std::chrono::milliseconds(evening.toMSecsSinceEpoch())),
             std::chrono::minutes(450));
}

QTEST_MAIN(TestWindow)
#include "tst_window.moc"
