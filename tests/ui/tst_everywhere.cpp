// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/statefolder.h"
#include "tests/support/cringprocess.h"
#include "tests/support/s3server.h"
#include "tests/support/spin.h"
#include "tests/ui/looker.h"
#include "ui/settings/backupdialog.h"
#include "ui/settings/settingsdialog.h"
#include "ui/translation.h"
#include "ui/tray/stopquestion.h"
#include "ui/tray/tray.h"
#include "ui/widgets/messagebar.h"
#include "ui/window/kitdialog.h"
#include "ui/window/mainwindow.h"
#include "ui/window/serverdialog.h"
#include "ui/window/serverspage.h"
#include "ui/window/servertestdialog.h"
#include "ui/window/trialdialog.h"
#include "ui/wizard/entrydialog.h"
#include "ui/wizard/wizard.h"

#include <QApplication>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDir>
#include <QFile>
#include <QLineEdit>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QRegularExpression>
#include <QSettings>
#include <QStackedWidget>
#include <QTest>
#include <QTreeWidget>

#include <algorithm>

using namespace cring;
using namespace cring::models;
using namespace cring::test;
using namespace cring::ui;

namespace {

constexpr int kLimit = 60'000;

/// What a text of the window has in it that is nobody's to translate: names, addresses, what is in the
/// configuration, what another program has said.
bool isData(const QString &piece)
{
    static const QRegularExpression shapes(QStringLiteral(
        "://|/|@|[0-9]|^[a-z]+[._][a-z_.]+:?$|^…|^(ms|s|min|h|d|KiB|MiB|GiB|TiB|bytes)[.:]?$"));
    static const QStringList words{
        QStringLiteral("offsite"),  QStringLiteral("files"),   QStringLiteral("forward"),
        QStringLiteral("standby"),  QStringLiteral("closed"),  QStringLiteral("debug"),
        QStringLiteral("info"),     QStringLiteral("warning"), QStringLiteral("error"),
        QStringLiteral("auto"),     QStringLiteral("true"),    QStringLiteral("false"),
        QStringLiteral("localhost")};
    const auto isOfADate = [&piece] {
        const QLocale locale;
        for (int day = 1; day <= 7; ++day) {
            if (piece == locale.dayName(day))
                return true;
        }
        for (int month = 1; month <= 12; ++month) {
            if (piece == locale.monthName(month))
                return true;
        }
        return piece == QStringLiteral("UTC");
    };
    return piece.contains(shapes) || words.contains(piece) || isOfADate();
}

} // namespace

/// Walks through every window, page, dialog and question of the program with a real ring behind it, in each
/// of its languages and in one that shows what was never given to a translator.
class TestEverywhere : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void cleanupTestCase();
    void looksAtEverything_data();
    void looksAtEverything();

private:
    void startRing();
    void speak(const QString &language);
    void makeWindow();
    void lookAtPages();
    void lookAtQuestions();
    void lookAtRestore();
    void lookAtSettings();
    void lookAtForms();
    void lookAtTests();
    void lookAtKit();
    void lookAtWizard();
    void lookAtTray();
    void ask(const char *context, const char *button);
    void lookAtSteps(const QString &where, QDialog *dialog);
    QPushButton *button(QWidget *in, const char *context, const char *text) const;
    template <typename Widget>
    Widget *shown(QWidget *in) const;
    static QList<QWidget *> around(QWidget *window);
    static void settle();

    std::unique_ptr<CharmCluster> m_cluster;
    std::unique_ptr<S3Server> m_s3;
    std::unique_ptr<CringProcess> m_ring;
    SystemClock m_clock;
    SeededRandom m_random{1};
    std::unique_ptr<QTranslator> m_marks;
    std::unique_ptr<RingModels> m_models;
    std::unique_ptr<ServiceCommands> m_commands;
    std::unique_ptr<Configuration> m_configuration;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<NotificationChoices> m_notices;
    std::unique_ptr<DesktopChoices> m_choices;
    std::unique_ptr<MainWindow> m_window;
    std::unique_ptr<Looker> m_looker;
};

void TestEverywhere::initTestCase()
{
    CRING_OK(S3Server::program(S3Server::Make::Versitygw)); // Before HOME is another.
    m_s3 = std::make_unique<S3Server>(S3Server::Make::Versitygw);
    CRING_OK(m_s3->start());
    CRING_OK(m_s3->addBucket(QStringLiteral("files")));
    m_cluster = std::make_unique<CharmCluster>(3);
    CRING_OK(m_cluster->start());
    startRing();
}

void TestEverywhere::startRing()
{
    m_ring = std::make_unique<CringProcess>(*m_cluster);
    const QString home = m_ring->options().home;
    const QString keys = home + QStringLiteral("/keys");
    m_ring->options().configLines =
        QStringLiteral("[[backup]]\nname = \"offsite\"\nurl = \"%1\"\nbucket = \"files\"\nregion = \"%2\"\n"
                       "access_key = \"file:%3/access\"\nsecret_key = \"file:%3/secret\"\n")
            .arg(m_s3->url().toString(), QLatin1String(S3Server::kRegion), keys);
    QVERIFY(QDir().mkpath(keys));
    for (const auto &[name, key] :
         {std::pair("/access", S3Server::kAccessKey), std::pair("/secret", S3Server::kSecretKey)}) {
        QFile file(keys + QLatin1String(name));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(key) > 0);
        file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
    }
    CRING_OK(m_ring->start());
    for (const char *name : {"HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"})
        qputenv(name, QFile::encodeName(home + QStringLiteral("/window")));
    for (const char *name : {"charm:one", "charm:two"})
        CRING_OK(m_cluster->client().run({QStringLiteral("fs"), QStringLiteral("cp"),
                                          QStringLiteral("/etc/hostname"), QLatin1String(name)}));
    // A file that nobody recorded: until the account has been gone through it would be taken over.
    const StateFolder state(*m_ring);
    QVERIFY(spinUntil(
        [&state] {
            return state.number(QStringLiteral("SELECT count(*) FROM accounts WHERE state = 1")) == 1;
        },
        kLimit));
    QFile stray(m_cluster->at(0).filesDir() + u'/' + m_cluster->charmId() + QStringLiteral("/stray"));
    QVERIFY(stray.open(QIODevice::WriteOnly) && stray.write("stray") == 5);
    stray.close();
}

void TestEverywhere::cleanup()
{
    m_window.reset();
    m_configuration.reset();
    m_commands.reset();
    m_models.reset();
    m_marks.reset();
}

void TestEverywhere::cleanupTestCase()
{
    m_ring.reset();
    m_cluster.reset();
    m_s3.reset();
}

void TestEverywhere::settle()
{
    QTest::qWait(1); // Layouts are made in the next turn; there is no other sign of it.
    QCoreApplication::processEvents();
}

void TestEverywhere::speak(const QString &language)
{
    qDeleteAll(qApp->findChildren<QTranslator *>());
    m_marks.reset();
    const bool isMarked = language == QStringLiteral("marked");
    QLocale::setDefault(QLocale(isMarked ? QStringLiteral("en_GB") : language));
    installTranslations(*qApp, QLocale());
    if (isMarked) {
        m_marks = std::make_unique<MarkingTranslator>();
        QVERIFY(QCoreApplication::installTranslator(m_marks.get()));
    }
    QStringList names{m_cluster->charmId(), QStringLiteral("stray")};
    for (int i = 0; i < 3; ++i)
        names.append(m_cluster->at(i).name());
    m_looker = std::make_unique<Looker>([names](const QString &piece) {
        return isData(piece) ||
               std::ranges::any_of(names, [&](const QString &one) { return piece.contains(one); });
    });
    m_looker->setMarked(isMarked);
}

void TestEverywhere::makeWindow()
{
    const QString socket = m_ring->options().home + QStringLiteral("/run/charmedring/control.sock");
    m_models = std::make_unique<RingModels>([socket] { return QStringList{socket}; }, m_clock, m_random);
    m_commands = std::make_unique<ServiceCommands>(m_models->link);
    m_configuration = std::make_unique<Configuration>(
        m_models->link, Cring(CringProcess::program(), m_ring->configFile(), socket));
    m_settings = std::make_unique<QSettings>(m_ring->options().home + QStringLiteral("/window.ini"),
                                             QSettings::IniFormat);
    m_notices = std::make_unique<NotificationChoices>(*m_settings);
    m_choices = std::make_unique<DesktopChoices>(*m_settings);
    m_window = std::make_unique<MainWindow>(*m_models, *m_commands, *m_configuration);
    m_window->setChoices(*m_notices, *m_choices);
    m_window->setHasTray(true);
    m_models->start();
    m_window->show();
    QVERIFY(spinUntil(
        [this] { return m_models->link.snapshot() && !m_models->link.snapshot()->backups.isEmpty(); },
        kLimit));
    m_configuration->refresh();
    QVERIFY(spinUntil([this] { return m_configuration->isKnown(); }, kLimit));
    QVERIFY(spinUntil([this] { return m_models->events.rowCount() > 0; }, kLimit));
}

QPushButton *TestEverywhere::button(QWidget *in, const char *context, const char *text) const
{
    const QString words = QCoreApplication::translate(context, text);
    for (QPushButton *one : in->findChildren<QPushButton *>()) {
        if (one->text() == words)
            return one;
    }
    return nullptr;
}

template <typename Widget>
Widget *TestEverywhere::shown(QWidget *in) const
{
    Widget *found = nullptr;
    spinUntil(
        [&] {
            for (Widget *one : in->findChildren<Widget *>()) {
                if (one->isVisible())
                    found = one;
            }
            return found != nullptr;
        },
        kLimit);
    settle();
    return found;
}

/// What can be there with any page of a window.
QList<QWidget *> TestEverywhere::around(QWidget *window)
{
    QList<QWidget *> list;
    for (QDialogButtonBox *box : window->findChildren<QDialogButtonBox *>())
        list.append(box);
    for (MessageBar *bar : window->findChildren<MessageBar *>())
        list.append(bar);
    return list;
}

void TestEverywhere::lookAtPages()
{
    auto *pages = m_window->findChild<QStackedWidget *>();
    auto *bar = m_window->findChild<MessageBar *>();
    const QString saved = QCoreApplication::translate("cring::ui::SettingsDialog", "Saved");
    for (int page = 0; page < m_window->pageCount(); ++page) {
        m_window->showPage(page);
        bar->offer(Tone::Good, saved,
                   QCoreApplication::translate("cring::ui::ServerActions", "Add it a&gain"), [] {});
        settle();
        QWidget *now = pages->currentWidget();
        m_looker->look(QStringLiteral("page ") + QString::number(page), now, around(m_window.get()));
    }
    m_looker->read(QStringLiteral("window"), m_window.get());
}

/// Presses it, looks at the question that comes, and says no.
void TestEverywhere::ask(const char *context, const char *text)
{
    QPushButton *asks = button(m_window.get(), context, text);
    QVERIFY2(asks && asks->isEnabled(), text);
    asks->click();
    auto *box = shown<QMessageBox>(m_window.get());
    QVERIFY2(box, text);
    m_looker->look(QString::fromUtf8(text), box);
    box->reject();
    QVERIFY(spinUntil([&] { return m_window->findChildren<QMessageBox *>().isEmpty(); }, kLimit));
}

void TestEverywhere::lookAtQuestions()
{
    m_window->showPage(1);
    m_window->findChild<ServersPage *>()->choose(m_cluster->at(0).name());
    for (const char *text : {"&Drain…", "&Remove…"})
        ask("cring::ui::ServersPage", text);
    QMessageBox *stop = makeStopQuestion(m_models->link.snapshot(), m_window.get());
    stop->show();
    settle();
    m_looker->look(QStringLiteral("stop"), stop);
    stop->reject();
    settle();
    m_window->setHasTray(false);
    m_window->close();
    auto *close = shown<QMessageBox>(m_window.get());
    QVERIFY(close);
    m_looker->look(QStringLiteral("close"), close);
    close->reject();
    m_window->setHasTray(true);
}

void TestEverywhere::lookAtRestore()
{
    m_window->showPage(4);
    QPushButton *preview = button(m_window.get(), "cring::ui::RestorePage", "Pre&view");
    QPushButton *restore = button(m_window.get(), "cring::ui::RestorePage", "&Restore…");
    QVERIFY(preview && restore);
    QVERIFY(spinUntil([&] { return preview->isEnabled(); }, kLimit));
    preview->click();
    QVERIFY(spinUntil([&] { return restore->isEnabled(); }, kLimit));
    settle();
    m_looker->look(QStringLiteral("preview"), m_window->findChild<QStackedWidget *>()->currentWidget(),
                   around(m_window.get()));
    ask("cring::ui::RestorePage", "&Restore…");
}

void TestEverywhere::lookAtSettings()
{
    m_window->showSettings();
    auto *settings = shown<SettingsDialog>(m_window.get());
    QVERIFY(settings);
    QVERIFY(spinUntil([&] { return settings->findChildren<QLineEdit *>().size() > 10; }, kLimit));
    auto *bar = settings->findChild<MessageBar *>();
    auto *pages = settings->findChild<QStackedWidget *>();
    for (int section = 0; section < settings->sectionCount(); ++section) {
        settings->showSection(section);
        bar->offer(Tone::Warning, QCoreApplication::translate("cring::ui::SettingsDialog", "Saved"),
                   QCoreApplication::translate("cring::ui::SettingsDialog", "Res&tart the service"), [] {});
        settle();
        m_looker->look(QStringLiteral("settings ") + QString::number(section), pages->currentWidget(),
                       around(settings));
    }
    m_looker->read(QStringLiteral("settings"), settings);
    settings->showSection(SettingsDialog::Backups);
    QPushButton *remove = button(settings, "cring::ui::BackupsPage", "&Remove…");
    QVERIFY(spinUntil([&] { return remove->isEnabled(); }, kLimit));
    remove->click();
    auto *box = shown<QMessageBox>(settings);
    QVERIFY(box && box->checkBox());
    m_looker->look(QStringLiteral("remove a backup"), box);
    box->reject();
    settings->close();
    settle();
}

void TestEverywhere::lookAtForms()
{
    const QString offsite = QStringLiteral("offsite");
    const QList<ChangeDialog *> dialogs{
        new ServerDialog(*m_configuration, QString(), m_window.get()),
        new ServerDialog(*m_configuration, m_cluster->at(0).name(), m_window.get()),
        new BackupDialog(*m_configuration, QString(), m_window.get()),
        new BackupDialog(*m_configuration, offsite, m_window.get())};
    for (ChangeDialog *dialog : dialogs) {
        const QString where = QLatin1String(dialog->metaObject()->className());
        dialog->show();
        settle();
        m_looker->look(where, dialog);
        for (QComboBox *choice : dialog->findChildren<QComboBox *>()) {
            for (int i = 0; i < choice->count(); ++i) {
                choice->setCurrentIndex(i);
                settle();
                m_looker->look(where, dialog);
            }
        }
        // What is missing is said beside it.
        for (QLineEdit *line : dialog->findChildren<QLineEdit *>())
            line->clear();
        for (QPushButton *one : dialog->findChildren<QPushButton *>()) {
            if (one->isDefault())
                one->click();
        }
        settle();
        m_looker->look(where + QStringLiteral(" with errors"), dialog);
        dialog->close();
    }
    settle();
}

/// Until the test has ended.
void TestEverywhere::lookAtSteps(const QString &where, QDialog *dialog)
{
    QVERIFY(dialog);
    auto *steps = dialog->findChild<QTreeWidget *>();
    QPushButton *again = button(dialog, "cring::ui::StepsDialog", "Test &again");
    QVERIFY(steps && again);
    QVERIFY(spinUntil([&] { return again->isEnabled() && steps->topLevelItemCount() > 1; }, kLimit));
    settle();
    m_looker->look(where, dialog);
    dialog->close();
}

/// What takes its time is done in one language: the dialog is the same in all of them.
void TestEverywhere::lookAtTests()
{
    if (!m_marks)
        return;
    for (const int server : {0, 2}) {
        auto *dialog = new ServerTestDialog(m_models->link, m_cluster->at(server).name(), m_window.get());
        dialog->show();
        lookAtSteps(QStringLiteral("test of ") + m_cluster->at(server).name(), dialog);
    }
    auto *backup = new BackupDialog(*m_configuration, QStringLiteral("offsite"), m_window.get());
    backup->show();
    QPushButton *test = button(backup, "cring::ui::ChangeDialog", "&Test…");
    QVERIFY(test);
    test->click();
    lookAtSteps(QStringLiteral("test of the bucket"), shown<TrialDialog>(backup));
    backup->close();
    settle();
}

void TestEverywhere::lookAtKit()
{
    auto *dialog =
        new KitDialog(m_configuration->cring(), m_models->link.snapshot()->recoveryKit, m_window.get());
    dialog->show();
    auto *steps = dialog->findChild<QStackedWidget *>();
    const auto next = [dialog] {
        for (QPushButton *one : dialog->findChildren<QPushButton *>()) {
            if (one->isDefault() && one->isEnabled())
                one->click();
        }
    };
    settle();
    m_looker->look(QStringLiteral("kit 0"), dialog);
    next();
    QVERIFY(spinUntil([&] { return steps->currentIndex() == 1; }, kLimit));
    settle();
    // The page itself is on paper, in the language of the service.
    m_looker->look(QStringLiteral("kit 1"), dialog->findChild<QDialogButtonBox *>());
    next();
    QVERIFY(spinUntil([&] { return steps->currentIndex() == 2; }, kLimit));
    settle();
    m_looker->look(QStringLiteral("kit 2"), steps->currentWidget(), around(dialog));
    dialog->close();
    settle();
}

void TestEverywhere::lookAtWizard()
{
    auto *wizard = new SetupWizard(*m_configuration, Autostart::ofThisProcess(), m_window.get());
    wizard->show();
    QVERIFY(spinUntil([&] { return wizard->setup().servers.size() == 3; }, kLimit));
    for (int place = SetupWizard::ModePlace; place <= SetupWizard::TryPlace; ++place) {
        wizard->setStartId(place);
        wizard->restart();
        QVERIFY(wizard->currentPage());
        settle();
        QList<QWidget *> buttons;
        for (const auto which : {QWizard::BackButton, QWizard::NextButton, QWizard::CommitButton,
                                 QWizard::FinishButton, QWizard::CancelButton}) {
            if (wizard->button(which)->isVisible() || which == QWizard::BackButton)
                buttons.append(wizard->button(which));
        }
        m_looker->look(QStringLiteral("wizard ") + QString::number(place), wizard->currentPage(), buttons);
        m_looker->read(QStringLiteral("wizard ") + QString::number(place), wizard);
    }
    auto *entry = new EntryDialog(QCoreApplication::translate("cring::ui::ServerListPage", "Add a server"),
                                  ServerEntry(), {}, wizard);
    entry->show();
    settle();
    m_looker->look(QStringLiteral("a server of the wizard"), entry);
    entry->close();
    wizard->setStartId(SetupWizard::ServersPlace);
    wizard->restart();
    wizard->reject();
    auto *box = shown<QMessageBox>(wizard);
    QVERIFY(box);
    m_looker->look(QStringLiteral("stop setting up"), box);
    delete wizard;
}

void TestEverywhere::lookAtTray()
{
    TrayIcon tray(*m_models, *m_commands);
    connect(&tray, &TrayIcon::settingsWanted, this, [] {});
    settle();
    m_looker->look(QStringLiteral("tray"), tray.menu());
}

void TestEverywhere::looksAtEverything_data()
{
    QTest::addColumn<QString>("language");
    for (const char *language : {"marked", "en_GB", "de_DE"})
        QTest::newRow(language) << QString::fromLatin1(language);
}

void TestEverywhere::looksAtEverything()
{
    QFETCH(QString, language);
    speak(language);
    makeWindow();
    if (QTest::currentTestFailed())
        return;
    if (language == QStringLiteral("marked")) {
        m_commands->checkFiles(false);
        QVERIFY(spinUntil([this] { return m_models->link.snapshot()->findings > 0; }, kLimit));
        m_cluster->at(2).kill9();
    }
    QVERIFY(spinUntil(
        [this] { return m_models->link.snapshot()->backends.last().state == QStringLiteral("down"); },
        kLimit));
    for (const auto part :
         {&TestEverywhere::lookAtPages, &TestEverywhere::lookAtQuestions, &TestEverywhere::lookAtRestore,
          &TestEverywhere::lookAtSettings, &TestEverywhere::lookAtForms, &TestEverywhere::lookAtTests,
          &TestEverywhere::lookAtKit, &TestEverywhere::lookAtWizard, &TestEverywhere::lookAtTray}) {
        (this->*part)();
        if (QTest::currentTestFailed())
            break;
    }
    qInfo("%s: %d views, %d widgets with names, %d texts", qPrintable(language), m_looker->viewCount(),
          m_looker->nameCount(), m_looker->textCount());
    for (const QString &fault : m_looker->faults())
        qWarning("%s", qPrintable(fault));
    QCOMPARE(m_looker->faults().size(), 0);
    QVERIFY(m_looker->viewCount() > 40);
    QVERIFY(m_looker->nameCount() > 100);
}

QTEST_MAIN(TestEverywhere)
#include "tst_everywhere.moc"
