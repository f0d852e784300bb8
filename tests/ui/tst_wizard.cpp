// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charmedring/application.h"
#include "tests/support/charmcluster.h"
#include "tests/support/cringprocess.h"
#include "tests/support/spin.h"
#include "ui/translation.h"
#include "ui/window/mainwindow.h"
#include "ui/wizard/entrydialog.h"
#include "ui/wizard/wizard.h"

#include <QApplication>
#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QSignalSpy>
#include <QTcpServer>
#include <QTest>
#include <QTreeWidget>

#include <csignal>

using namespace cring;
using namespace cring::app;
using namespace cring::test;
using namespace cring::ui;

namespace {

constexpr int kLimit = 30'000;

quint16 freePort()
{
    QTcpServer server;
    server.listen(QHostAddress::LocalHost);
    return server.serverPort();
}

} // namespace

/// By keyboard alone, from an empty home to a file that the real client has stored on real servers.
class TestWizard : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void leadsToAFirstFile();
    void leavesNothingWhenItIsCalledOff();
    void offersAnotherPort();
    void undoesWhatItHasBegun();
    void makesAServerFromAnother();
    void everythingHasANameAndNoMnemonicIsTakenTwice();

private:
    static void press(int key, Qt::KeyboardModifiers modifiers = Qt::NoModifier);
    static void type(const QString &text);
    /// Alt and a letter.
    static void alt(int key) { press(key, Qt::AltModifier); }

    template <typename Window>
    Window *shown() const;
    void start();
    /// A dialog has closed. A window manager then activates the window below it; there is none here.
    bool isBack() const;
    void enterServer(int number);
    void enterPlace(int mnemonic, const QString &text);
    SetupWizard *wizard() const { return m_application->window().findChild<SetupWizard *>(); }
    bool isAt(int place) const
    {
        return spinUntil([this, place] { return wizard() && wizard()->currentId() == place; }, kLimit);
    }
    /// A button that a mnemonic presses is clicked a moment later: it is seen to go down first.
    void go(int mnemonic, int place) const
    {
        alt(mnemonic);
        QVERIFY2(isAt(place), qPrintable(said()));
    }
    QString said() const;
    bool says(const QString &words) const
    {
        return spinUntil([&] { return said().contains(words); }, kLimit);
    }
    QString home(const char *path) const { return m_home->filePath(QLatin1String(path)); }

    std::unique_ptr<CharmCluster> m_cluster;
    std::unique_ptr<QTemporaryDir> m_home;
    std::unique_ptr<Application> m_application;
};

void TestWizard::initTestCase()
{
    QLocale::setDefault(QLocale(QStringLiteral("en_GB")));
    installTranslations(*qApp, QLocale());
    m_cluster = std::make_unique<CharmCluster>(3);
    CRING_OK(m_cluster->start());
    const CharmServer &first = m_cluster->at(0);
    m_cluster->client().pointAt(first.address(), first.sshPort(), first.httpPort());
    qputenv("CHARM_DATA_DIR", QFile::encodeName(m_cluster->client().dataDir()));
}

void TestWizard::init()
{
    m_home = std::make_unique<QTemporaryDir>();
    for (const char *name : {"XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "HOME"})
        qputenv(name, QFile::encodeName(m_home->path()));
    m_application = std::make_unique<Application>(
        ApplicationOptions{.program = CringProcess::program(), .logFile = home("serve.log")});
}

void TestWizard::cleanup()
{
    const qint64 pid = m_application->ring().link.service().pid;
    m_application.reset();
    if (pid <= 0 || ::kill(static_cast<pid_t>(pid), SIGTERM) != 0)
        return;
    ProcessEnd end(pid);
    QSignalSpy ended(&end, &ProcessEnd::ended);
    if (end.isWatching())
        spinUntil([&] { return !ended.isEmpty(); }, kLimit);
}

void TestWizard::press(int key, Qt::KeyboardModifiers modifiers)
{
    QWidget *window =
        QApplication::activeModalWidget() ? QApplication::activeModalWidget() : QApplication::activeWindow();
    QVERIFY(window);
    QWidget *focus = window->focusWidget() ? window->focusWidget() : window;
    QTest::keyClick(focus, static_cast<Qt::Key>(key), modifiers);
}

void TestWizard::type(const QString &text)
{
    for (const QChar c : text) {
        QWidget *window = QApplication::activeModalWidget() ? QApplication::activeModalWidget()
                                                            : QApplication::activeWindow();
        QTest::keyClick(window->focusWidget(), c.toLatin1());
    }
}

template <typename Window>
Window *TestWizard::shown() const
{
    Window *found = nullptr;
    spinUntil(
        [&] {
            found = qobject_cast<Window *>(QApplication::activeWindow());
            return found && found->isVisible();
        },
        kLimit);
    return found;
}

QString TestWizard::said() const
{
    QStringList words;
    if (wizard() && wizard()->currentPage()) {
        const QList<QWidget *> widgets = wizard()->currentPage()->findChildren<QWidget *>();
        for (const QWidget *widget : widgets) {
            if (widget->isVisible())
                words << widget->accessibleName() << widget->accessibleDescription();
        }
    }
    return words.join(u'\n');
}

void TestWizard::start()
{
    m_application->start();
    QVERIFY2(shown<SetupWizard>(), "no service could be started, and nobody leads to the wizard");
}

bool TestWizard::isBack() const
{
    const auto isClosed = [this] {
        return !wizard()->findChild<EntryDialog *>() && !wizard()->findChild<QMessageBox *>();
    };
    if (!spinUntil(isClosed, kLimit))
        return false;
    wizard()->activateWindow();
    return shown<SetupWizard>() != nullptr;
}

void TestWizard::enterServer(int number)
{
    const CharmServer &server = m_cluster->at(number);
    alt(Qt::Key_A);
    QVERIFY(shown<EntryDialog>());
    type(QStringLiteral("s%1").arg(number));
    press(Qt::Key_Tab);
    type(server.url().toString());
    press(Qt::Key_Tab);
    type(QString::number(server.sshPort()));
    press(Qt::Key_Return);
    QVERIFY(isBack());
}

void TestWizard::enterPlace(int mnemonic, const QString &text)
{
    alt(mnemonic);
    press(Qt::Key_A, Qt::ControlModifier); // It may have had the focus before.
    type(text);
}

void TestWizard::leadsToAFirstFile()
{
    start();
    go(Qt::Key_N, SetupWizard::ServersPlace);
    QVERIFY2(says(m_cluster->at(0).address()), qPrintable(said())); // Of the charm client.
    for (int number = 0; number < 3; ++number)
        enterServer(number);
    auto *list = wizard()->currentPage()->findChild<QTreeWidget *>();
    QVERIFY(spinUntil(
        [&] {
            for (int row = 0; row < 3; ++row) {
                if (!list->topLevelItem(row) ||
                    list->topLevelItem(row)->text(2) != QStringLiteral("Passed every step"))
                    return false;
            }
            return true;
        },
        kLimit));
    go(Qt::Key_N, SetupWizard::BucketPlace);
    go(Qt::Key_B, SetupWizard::ServersPlace);
    QCOMPARE(list->topLevelItemCount(), 3); // Going back forgets nothing.
    go(Qt::Key_N, SetupWizard::BucketPlace);
    go(Qt::Key_N, SetupWizard::NetworkPlace);
    enterPlace(Qt::Key_H, QStringLiteral("localhost:%1").arg(freePort()));
    enterPlace(Qt::Key_S, QStringLiteral("localhost:%1").arg(freePort()));
    alt(Qt::Key_M);
    press(Qt::Key_Delete);
    go(Qt::Key_N, SetupWizard::IdentityPlace);
    QVERIFY2(says(QStringLiteral("with the ring (localhost), too")), qPrintable(said()));
    QVERIFY(!QDir(home("charmedring")).exists()); // Nothing is there yet.
    go(Qt::Key_N, SetupWizard::FinishPlace);
    go(Qt::Key_U, SetupWizard::TryPlace);
    QVERIFY2(says(QStringLiteral("Waiting for the first file")), qPrintable(said()));

    QFile file(home("hello.txt"));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("hello") == 5);
    file.close();
    const QStringList exports = wizard()->setup().exports();
    for (const QString &line : exports)
        m_cluster->client().setVariable(line.section(u'=', 0, 0), line.section(u'=', 1));
    CRING_OK(m_cluster->client().run(
        {QStringLiteral("fs"), QStringLiteral("cp"), file.fileName(), QStringLiteral("charm:hello.txt")}));
    QVERIFY2(says(QStringLiteral("Your first file is stored")), qPrintable(said()));
    alt(Qt::Key_F);
    QVERIFY(spinUntil([this] { return !wizard(); }, kLimit));
    // The same account as before, on all servers.
    for (int number = 0; number < 3; ++number)
        QVERIFY(spinUntil(
            [&] {
                return QDir(m_cluster->at(number).filesDir() + u'/' + m_cluster->charmId())
                           .entryList(QDir::Files)
                           .size() == 1;
            },
            kLimit));
    QVERIFY(QFile::exists(home("charmedring/config.toml")));
    QVERIFY(QFile::exists(home("autostart/charmedring.desktop")));
}

void TestWizard::leavesNothingWhenItIsCalledOff()
{
    start();
    go(Qt::Key_N, SetupWizard::ServersPlace);
    enterServer(0);
    press(Qt::Key_Escape);
    QVERIFY(shown<QMessageBox>());
    press(Qt::Key_Return); // Going on is what Enter means.
    QVERIFY(isBack());
    press(Qt::Key_Escape);
    QVERIFY(shown<QMessageBox>());
    alt(Qt::Key_S);
    QVERIFY(spinUntil([this] { return !wizard(); }, kLimit));
    QVERIFY(!QFile::exists(home("charmedring/config.toml")));
    QVERIFY(!QFile::exists(home("autostart")));
}

void TestWizard::offersAnotherPort()
{
    QTcpServer other;
    QVERIFY(other.listen(QHostAddress::LocalHost));
    start();
    go(Qt::Key_N, SetupWizard::ServersPlace);
    for (int number = 0; number < 2; ++number)
        enterServer(number);
    go(Qt::Key_N, SetupWizard::BucketPlace);
    go(Qt::Key_N, SetupWizard::NetworkPlace);
    const QString taken = QStringLiteral("localhost:%1").arg(other.serverPort());
    enterPlace(Qt::Key_H, taken);
    enterPlace(Qt::Key_S, QStringLiteral("localhost:%1").arg(freePort()));
    alt(Qt::Key_M);
    press(Qt::Key_Delete);
    alt(Qt::Key_N);
    QVERIFY2(says(QStringLiteral("Another program has port %1").arg(other.serverPort())), qPrintable(said()));
    QCOMPARE(wizard()->currentId(), static_cast<int>(SetupWizard::NetworkPlace));
    go(Qt::Key_N, SetupWizard::IdentityPlace); // With the one that was offered.
    QVERIFY(wizard()->setup().address != taken);
}

// The last step fails: a file stands where the folder of autostart entries would be.
void TestWizard::undoesWhatItHasBegun()
{
    QFile inTheWay(home("autostart"));
    QVERIFY(inTheWay.open(QIODevice::WriteOnly));
    start();
    go(Qt::Key_N, SetupWizard::ServersPlace);
    for (int number = 0; number < 2; ++number)
        enterServer(number);
    go(Qt::Key_N, SetupWizard::BucketPlace);
    go(Qt::Key_N, SetupWizard::NetworkPlace);
    enterPlace(Qt::Key_H, QStringLiteral("localhost:%1").arg(freePort()));
    enterPlace(Qt::Key_S, QStringLiteral("localhost:%1").arg(freePort()));
    alt(Qt::Key_M);
    press(Qt::Key_Delete);
    go(Qt::Key_N, SetupWizard::IdentityPlace);
    QVERIFY(spinUntil([this] { return wizard()->button(QWizard::NextButton)->isEnabled(); }, kLimit));
    go(Qt::Key_N, SetupWizard::FinishPlace);
    alt(Qt::Key_U);
    QVERIFY2(says(QStringLiteral("Nothing was changed")), qPrintable(said()));
    QVERIFY(!QFile::exists(home("charmedring/config.toml")));
    QCOMPARE(wizard()->currentId(), static_cast<int>(SetupWizard::FinishPlace));
}

void TestWizard::makesAServerFromAnother()
{
    start();
    QTest::keyClick(wizard()->focusWidget(), Qt::Key_Down);
    go(Qt::Key_N, SetupWizard::ServersPlace);
    enterServer(0);
    go(Qt::Key_N, SetupWizard::ReplicasPlace);
    QVERIFY(!wizard()->button(QWizard::NextButton)->isEnabled()); // One is not enough.
    enterPlace(Qt::Key_F, m_cluster->at(0).dataDir());
    enterPlace(Qt::Key_T, home("replica"));
    alt(Qt::Key_K);
    QVERIFY2(says(QStringLiteral("charm2 is made, with 1 account.")), qPrintable(said()));
    QCOMPARE(wizard()->setup().servers.size(), 2);
    QVERIFY(QFile::exists(home("replica/.ssh/charm_server_ed25519")));
    QVERIFY(wizard()->button(QWizard::NextButton)->isEnabled());
    // Nothing but that folder was made.
    QVERIFY(!QFile::exists(home("charmedring/config.toml")));
}

void TestWizard::everythingHasANameAndNoMnemonicIsTakenTwice()
{
    start();
    const QList<int> ids = wizard()->pageIds();
    for (const int id : ids) {
        QSet<QString> taken;
        if (id != SetupWizard::TryPlace)
            taken.insert(id == SetupWizard::FinishPlace ? QStringLiteral("u") : QStringLiteral("n"));
        else
            taken.insert(QStringLiteral("f"));
        if (id != SetupWizard::ModePlace && id != SetupWizard::TryPlace)
            taken.insert(QStringLiteral("b"));
        const QList<QWidget *> widgets = wizard()->page(id)->findChildren<QWidget *>();
        for (const QWidget *widget : widgets) {
            QString text;
            const auto *button = qobject_cast<const QAbstractButton *>(widget);
            const auto *label = qobject_cast<const QLabel *>(widget);
            const bool inner = widget->objectName().startsWith(QStringLiteral("qt_")) ||
                               qobject_cast<const QComboBox *>(widget->parent()) ||
                               widget->inherits("QComboBoxListView");
            if (button)
                text = button->text();
            else if (label && label->buddy())
                text = label->text();
            if (!inner &&
                ((button && !text.isEmpty()) || qobject_cast<const QLineEdit *>(widget) ||
                 qobject_cast<const QComboBox *>(widget) || qobject_cast<const QTreeWidget *>(widget)))
                QVERIFY2(!widget->accessibleName().isEmpty(), qPrintable(text));
            const qsizetype at = text.indexOf(u'&');
            if (at < 0)
                continue;
            const QString letter = text.mid(at + 1, 1).toLower();
            QVERIFY2(!taken.contains(letter),
                     qPrintable(QStringLiteral("%1: %2").arg(wizard()->page(id)->title(), text)));
            taken.insert(letter);
        }
    }
}

QTEST_MAIN(TestWizard)
#include "tst_wizard.moc"
