// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/cringprocess.h"
#include "tests/support/s3server.h"
#include "tests/support/spin.h"
#include "ui/settings/backupdialog.h"
#include "ui/settings/settingsdialog.h"
#include "ui/translation.h"
#include "ui/widgets/messagebar.h"
#include "ui/window/mainwindow.h"
#include "ui/window/serverdialog.h"
#include "ui/window/serverspage.h"
#include "ui/window/trialdialog.h"

#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMessageBox>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QTreeWidget>

using namespace cring;
using namespace cring::models;
using namespace cring::test;
using namespace cring::ui;

namespace {

constexpr int kLimit = 30'000;

} // namespace

/// What is changed in the window, with a real ring, real servers, a real bucket and the real cring.
class TestChanges : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void cleanupTestCase();
    void addsAServerAndTriesItFirst();
    void saysBesideTheFieldWhatIsWrong();
    void changesAServer();
    void removesAServerAndTakesThatBack();
    void savesSettings();
    void saysWhichSettingIsWrong();
    void switchesAutostart();
    void addsAndRemovesABackup();
    void everythingHasANameAndAWay();

private:
    template <typename Widget>
    Widget *find(QWidget *in, const QString &accessibleName) const;
    template <typename Window>
    Window *opened() const;
    void fill(Form *form, const char *name, const QString &text) const;
    QPushButton *button(QWidget *in, const QString &name) const { return find<QPushButton>(in, name); }
    QStringList servers() const;
    bool hasServers(const QStringList &names) const
    {
        return spinUntil([&] { return servers() == names; }, kLimit);
    }
    QString message(QWidget *in) const { return in->findChild<MessageBar *>()->accessibleDescription(); }
    QByteArray configText() const;
    SettingsDialog *openSettings();

    std::unique_ptr<CharmCluster> m_cluster;
    std::unique_ptr<CringProcess> m_ring;
    SystemClock m_clock;
    SeededRandom m_random{1};
    std::unique_ptr<RingModels> m_models;
    std::unique_ptr<ServiceCommands> m_commands;
    std::unique_ptr<Configuration> m_configuration;
    std::unique_ptr<MainWindow> m_window;
    QStringList m_names;
};

void TestChanges::initTestCase()
{
    QLocale::setDefault(QLocale(QStringLiteral("en_GB")));
    installTranslations(*qApp, QLocale());
    // Before the home is another one.
    const auto s3 = S3Server::program(S3Server::Make::Versitygw);
    CRING_OK(s3);
    qputenv("CRING_VERSITYGW", QFile::encodeName(*s3));
    m_cluster = std::make_unique<CharmCluster>(3);
    CRING_OK(m_cluster->start());
}

void TestChanges::init()
{
    m_ring = std::make_unique<CringProcess>(*m_cluster);
    m_ring->options().servers.removeLast();
    CRING_OK(m_ring->start());
    const QString home = m_ring->options().home;
    qputenv("HOME", QFile::encodeName(home));
    qputenv("XDG_CONFIG_HOME", QFile::encodeName(home + QStringLiteral("/config")));
    qputenv("XDG_STATE_HOME", QFile::encodeName(home + QStringLiteral("/state")));
    qputenv("XDG_RUNTIME_DIR", QFile::encodeName(home + QStringLiteral("/run")));
    const QString socket = home + QStringLiteral("/run/charmedring/control.sock");
    m_models = std::make_unique<RingModels>([socket] { return QStringList{socket}; }, m_clock, m_random);
    m_commands = std::make_unique<ServiceCommands>(m_models->link);
    m_configuration =
        std::make_unique<Configuration>(m_models->link, Cring(CringProcess::program(), {}, socket));
    m_window = std::make_unique<MainWindow>(*m_models, *m_commands, *m_configuration);
    m_models->start();
    m_window->show();
    m_window->activateWindow();
    m_window->showPage(1);
    m_names = {m_cluster->at(0).name(), m_cluster->at(1).name()};
    QVERIFY(hasServers(m_names));
}

void TestChanges::cleanup()
{
    m_window.reset();
    m_configuration.reset();
    m_commands.reset();
    m_models.reset();
    m_ring.reset();
}

void TestChanges::cleanupTestCase()
{
    m_cluster.reset();
}

template <typename Widget>
Widget *TestChanges::find(QWidget *in, const QString &accessibleName) const
{
    const QList<Widget *> all = in->findChildren<Widget *>();
    for (Widget *widget : all) {
        if (widget->accessibleName() == accessibleName)
            return widget;
    }
    return nullptr;
}

template <typename Window>
Window *TestChanges::opened() const
{
    Window *found = nullptr;
    spinUntil(
        [&] {
            const QWidgetList all = QApplication::topLevelWidgets();
            for (QWidget *widget : all) {
                if (widget->isVisible() && qobject_cast<Window *>(widget))
                    found = qobject_cast<Window *>(widget);
            }
            return found != nullptr;
        },
        kLimit);
    return found;
}

void TestChanges::fill(Form *form, const char *name, const QString &text) const
{
    auto *edit = find<QLineEdit>(form, QLatin1String(name));
    QVERIFY2(edit, name);
    edit->setFocus();
    edit->selectAll();
    QTest::keyClicks(edit, text);
}

QStringList TestChanges::servers() const
{
    QStringList names;
    if (const SnapshotPtr snapshot = m_models->link.snapshot()) {
        for (const control::BackendStatus &backend : snapshot->backends)
            names.append(backend.name);
    }
    return names;
}

QByteArray TestChanges::configText() const
{
    QFile file(m_ring->configFile());
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void TestChanges::addsAServerAndTriesItFirst()
{
    const CharmServer &third = m_cluster->at(2);
    button(m_window.get(), QStringLiteral("Add…"))->click();
    auto *dialog = opened<ServerDialog>();
    QVERIFY(dialog);
    fill(&dialog->form(), "Name", QStringLiteral("third"));
    fill(&dialog->form(), "URL", third.url().toString());
    fill(&dialog->form(), "SSH port", QString::number(third.sshPort()));
    button(dialog, QStringLiteral("Test…"))->click();
    auto *trial = opened<TrialDialog>();
    QVERIFY(trial);
    QVERIFY(spinUntil(
        [&] {
            const QList<QLabel *> labels = trial->findChildren<QLabel *>();
            return std::ranges::any_of(labels, [](const QLabel *label) {
                return label->text() == QStringLiteral("third passed every step");
            });
        },
        kLimit));
    QCOMPARE(servers(), m_names); // Nothing was changed by that.
    trial->reject();
    QTest::keyClick(dialog, Qt::Key_Return);
    QVERIFY(hasServers(m_names + QStringList{QStringLiteral("third")}));
    QVERIFY(spinUntil([&] { return message(m_window.get()).contains(QStringLiteral("third")); }, kLimit));
    QVERIFY(configText().contains("name = \"third\""));
}

void TestChanges::saysBesideTheFieldWhatIsWrong()
{
    button(m_window.get(), QStringLiteral("Add…"))->click();
    auto *dialog = opened<ServerDialog>();
    auto *url = find<QLineEdit>(dialog, QStringLiteral("URL"));
    const QString help = url->accessibleDescription();
    fill(&dialog->form(), "Name", m_names.first());
    button(dialog, QStringLiteral("Add"))->click();
    QVERIFY(url->accessibleDescription() != help);
    QCOMPARE(dialog->focusWidget(), url);
    // What cring alone can tell.
    fill(&dialog->form(), "URL", QStringLiteral("http://127.0.0.1:9"));
    button(dialog, QStringLiteral("Add"))->click();
    auto *name = find<QLineEdit>(dialog, QStringLiteral("Name"));
    QVERIFY(
        spinUntil([&] { return name->accessibleDescription().contains(QStringLiteral("already")); }, kLimit));
    QVERIFY(dialog->isVisible());
    QCOMPARE(servers(), m_names);
    dialog->reject();
}

void TestChanges::changesAServer()
{
    button(m_window.get(), QStringLiteral("Edit…"))->click();
    auto *dialog = opened<ServerDialog>();
    QVERIFY(dialog);
    QCOMPARE(find<QLineEdit>(dialog, QStringLiteral("URL"))->text(), m_cluster->at(0).url().toString());
    fill(&dialog->form(), "Name", QStringLiteral("renamed"));
    fill(&dialog->form(), "Weight", QStringLiteral("2.5"));
    QTest::keyClick(dialog, Qt::Key_Return);
    QVERIFY(hasServers({QStringLiteral("renamed"), m_names.at(1)}));
    const control::BackendStatus &now = m_models->link.snapshot()->backends.first();
    QCOMPARE(now.id, m_names.first()); // Its files are still found.
    QCOMPARE(now.weight, 2.5);
}

void TestChanges::removesAServerAndTakesThatBack()
{
    const CharmServer &third = m_cluster->at(2);
    std::optional<CringOutcome> added;
    m_configuration->run({QStringLiteral("backends"), QStringLiteral("add"), QStringLiteral("third"),
                          QStringLiteral("--url"), third.url().toString(), QStringLiteral("--ssh-port"),
                          QString::number(third.sshPort()), QStringLiteral("--weight"), QStringLiteral("2")},
                         {}, this, [&](const CringOutcome &outcome) { added = outcome; });
    QVERIFY(spinUntil([&] { return added.has_value(); }, kLimit));
    const QStringList all = m_names + QStringList{QStringLiteral("third")};
    QVERIFY(hasServers(all));
    CRING_OK(m_cluster->client().run({QStringLiteral("fs"), QStringLiteral("cp"),
                                      QStringLiteral("/etc/hostname"), QStringLiteral("charm:f")}));
    QVERIFY(spinUntil([&] { return m_models->link.snapshot()->copies.value(3) == 1; }, kLimit));
    m_window->findChild<ServersPage *>()->choose(QStringLiteral("third"));
    button(m_window.get(), QStringLiteral("Remove…"))->click();
    auto *box = opened<QMessageBox>();
    QVERIFY(box);
    QVERIFY2(box->informativeText().contains(QStringLiteral("1 file")), qPrintable(box->informativeText()));
    QVERIFY2(box->defaultButton()->text().contains(QStringLiteral("Drain")),
             qPrintable(box->informativeText()));
    box->reject();
    QVERIFY(spinUntil([&] { return !m_window->findChild<QMessageBox *>(); }, kLimit));
    QCOMPARE(servers(), all);
    button(m_window.get(), QStringLiteral("Remove…"))->click();
    box = opened<QMessageBox>();
    const QList<QAbstractButton *> buttons = box->buttons();
    for (QAbstractButton *one : buttons) {
        if (box->buttonRole(one) == QMessageBox::DestructiveRole)
            one->click();
    }
    QVERIFY2(hasServers(m_names), qPrintable(message(m_window.get())));
    QVERIFY(spinUntil([&] { return message(m_window.get()).contains(QStringLiteral("third")); }, kLimit));
    QPushButton *again = button(m_window.get(), QStringLiteral("Add it again"));
    QVERIFY(again && again->isVisible());
    again->click();
    QVERIFY(hasServers(all));
    QCOMPARE(m_models->link.snapshot()->backends.last().weight, 2.0);
}

SettingsDialog *TestChanges::openSettings()
{
    m_window->showSettings();
    auto *dialog = opened<SettingsDialog>();
    spinUntil([&] { return find<QLineEdit>(dialog, QStringLiteral("Copies of each file")) != nullptr; },
              kLimit);
    return dialog;
}

void TestChanges::savesSettings()
{
    SettingsDialog *dialog = openSettings();
    QSignalSpy restart(dialog, &SettingsDialog::restartWanted);
    auto *copies = find<QLineEdit>(dialog, QStringLiteral("Copies of each file"));
    QCOMPARE(copies->text(), QStringLiteral("3"));
    copies->setFocus();
    copies->selectAll();
    QTest::keyClicks(copies, QStringLiteral("2"));
    auto *log = find<QComboBox>(dialog, QStringLiteral("Log"));
    log->setCurrentIndex(log->findData(QStringLiteral("debug")));
    button(dialog, QStringLiteral("Save"))->click();
    QVERIFY2(spinUntil([&] { return message(dialog).startsWith(QStringLiteral("Saved")); }, kLimit),
             qPrintable(message(dialog)));
    QVERIFY2(configText().contains("replicas = 2") && configText().contains("log_level = \"debug\""),
             configText().constData());
    QVERIFY(spinUntil([&] { return m_models->link.snapshot()->replicas == 2; }, kLimit));
    // Where it listens is another matter.
    QCOMPARE(restart.size(), 0);
    auto *metrics = find<QLineEdit>(dialog, QStringLiteral("Metrics at"));
    metrics->setText(QStringLiteral("localhost:1"));
    button(dialog, QStringLiteral("Save"))->click();
    QPushButton *offer = nullptr;
    QVERIFY(spinUntil(
        [&] {
            offer = button(dialog, QStringLiteral("Restart the service"));
            return offer && offer->isVisible();
        },
        kLimit));
    offer->click();
    QCOMPARE(restart.size(), 1);
}

void TestChanges::saysWhichSettingIsWrong()
{
    SettingsDialog *dialog = openSettings();
    auto *interval = find<QLineEdit>(dialog, QStringLiteral("repair.scrub_interval"));
    QVERIFY(interval);
    interval->setText(QStringLiteral("often"));
    const QByteArray before = configText();
    button(dialog, QStringLiteral("Save"))->click();
    QVERIFY(spinUntil([&] { return interval->accessibleDescription().contains(QStringLiteral("CR-1003")); },
                      kLimit));
    QVERIFY(interval->isVisible()); // Its page is the one that is shown.
    QCOMPARE(configText(), before);
}

void TestChanges::switchesAutostart()
{
    SettingsDialog *dialog = openSettings();
    const QString entry = m_ring->options().home + QStringLiteral("/config/autostart/charmedring.desktop");
    auto *box = find<QAbstractButton>(dialog, QStringLiteral("Show the icon when I log in"));
    QVERIFY(box);
    box->click();
    QVERIFY(QFile::exists(entry));
    QVERIFY(Autostart::ofThisProcess().isOn());
    box->click();
    QVERIFY(!QFile::exists(entry));
    QCOMPARE(Autostart::entry(QStringLiteral("/a b/50%$x")).split('\n').at(5),
             QByteArray("Exec=\"/a b/50%%\\\\$x\" --background"));
}

void TestChanges::addsAndRemovesABackup()
{
    S3Server s3(S3Server::Make::Versitygw);
    CRING_OK(s3.start());
    QVERIFY(QDir().mkpath(s3.bucketFolder(QStringLiteral("files"))));
    SettingsDialog *dialog = openSettings();
    dialog->showSection(SettingsDialog::Backups);
    button(dialog, QStringLiteral("Add…"))->click();
    auto *backup = opened<BackupDialog>();
    QVERIFY(backup);
    fill(&backup->form(), "Name", QStringLiteral("offsite"));
    fill(&backup->form(), "URL", s3.url().toString());
    fill(&backup->form(), "Bucket", QStringLiteral("files"));
    fill(&backup->form(), "Region", QLatin1String(S3Server::kRegion));
    fill(&backup->form(), "Access key", QLatin1String(S3Server::kAccessKey));
    fill(&backup->form(), "Secret key", QLatin1String(S3Server::kSecretKey));
    auto *place = find<QComboBox>(backup, QStringLiteral("Keys are kept"));
    place->setCurrentIndex(1); // In files, said in so many words.
    QVERIFY(place->accessibleDescription().contains(QStringLiteral("can read the keys")));
    button(backup, QStringLiteral("Test…"))->click();
    auto *trial = opened<TrialDialog>();
    auto *steps = trial->findChild<QTreeWidget *>();
    QVERIFY(spinUntil([&] { return button(trial, QStringLiteral("Test again"))->isEnabled(); }, kLimit));
    QVERIFY(steps->topLevelItemCount() > 5);
    trial->reject();
    button(backup, QStringLiteral("Add"))->click();
    QVERIFY(spinUntil([&] { return m_models->link.snapshot()->backups.size() == 1; }, kLimit));
    QVERIFY(spinUntil(
        [&] { return m_models->link.snapshot()->backups.first().state == QStringLiteral("idle"); }, kLimit));
    QVERIFY(!configText().contains(S3Server::kSecretKey));
    auto *list = find<QTreeWidget>(dialog, QStringLiteral("Backups"));
    QVERIFY(spinUntil([&] { return list->topLevelItemCount() == 1; }, kLimit));
    button(dialog, QStringLiteral("Remove…"))->click();
    // Where the keys are is said, and that they stay unless a person wants otherwise.
    const QDir keys(keyFolderOf(*m_configuration));
    QCOMPARE(keys.entryList(QDir::Files).size(), 2);
    auto *box = opened<QMessageBox>();
    QVERIFY2(box->informativeText().contains(keys.path()), qPrintable(box->informativeText()));
    QVERIFY(!box->checkBox()->isChecked());
    box->checkBox()->setChecked(true);
    const QList<QAbstractButton *> buttons = box->buttons();
    for (QAbstractButton *one : buttons) {
        if (box->buttonRole(one) == QMessageBox::DestructiveRole)
            one->click();
    }
    QVERIFY(spinUntil([&] { return m_models->link.snapshot()->backups.isEmpty(); }, kLimit));
    QVERIFY(spinUntil([&] { return keys.entryList(QDir::Files).isEmpty(); }, kLimit));
}

void TestChanges::everythingHasANameAndAWay()
{
    SettingsDialog *settings = openSettings();
    settings->showSection(SettingsDialog::Backups);
    button(settings, QStringLiteral("Add…"))->click();
    auto *backup = opened<BackupDialog>();
    button(m_window.get(), QStringLiteral("Add…"))->click();
    auto *server = opened<ServerDialog>();
    for (QWidget *window :
         {static_cast<QWidget *>(settings), static_cast<QWidget *>(backup), static_cast<QWidget *>(server)}) {
        const QList<QWidget *> widgets = window->findChildren<QWidget *>();
        for (const QWidget *widget : widgets) {
            const bool interactive =
                qobject_cast<const QAbstractButton *>(widget) || qobject_cast<const QLineEdit *>(widget) ||
                qobject_cast<const QComboBox *>(widget) || qobject_cast<const QAbstractItemView *>(widget);
            const bool inner = widget->objectName().startsWith(QStringLiteral("qt_")) ||
                               qobject_cast<const QComboBox *>(widget->parent()) ||
                               qobject_cast<const QAbstractItemView *>(widget->parent()) ||
                               widget->inherits("QComboBoxListView");
            if (!interactive || inner || !widget->isVisible())
                continue;
            QVERIFY2(!widget->accessibleName().isEmpty(), widget->metaObject()->className());
            QVERIFY2(widget->focusPolicy() & Qt::TabFocus, qPrintable(widget->accessibleName()));
        }
    }
}

QTEST_MAIN(TestChanges)
#include "tst_changes.moc"
