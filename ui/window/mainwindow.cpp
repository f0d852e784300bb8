// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/mainwindow.h"

#include "ui/models/wording.h"
#include "ui/settings/settingsdialog.h"
#include "ui/widgets/card.h"
#include "ui/widgets/messagebar.h"
#include "ui/widgets/sidebar.h"
#include "ui/widgets/theme.h"
#include "ui/window/activitypage.h"
#include "ui/window/backuppage.h"
#include "ui/window/decisionspage.h"
#include "ui/window/filespage.h"
#include "ui/window/jobspage.h"
#include "ui/window/kitdialog.h"
#include "ui/window/overviewpage.h"
#include "ui/window/restorepage.h"
#include "ui/window/serveractions.h"
#include "ui/window/serverspage.h"
#include "ui/window/servertestdialog.h"
#include "ui/wizard/wizard.h"

#include <QCloseEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QMessageBox>
#include <QPainter>
#include <QPushButton>
#include <QScreen>
#include <QShortcut>
#include <QStackedWidget>

namespace cring::ui {

using Closing = models::DesktopChoices::Closing;

namespace {

/// The window takes at most that part of the screen when it first comes.
constexpr double kOfScreen = 0.9;

/// The places of the pages in the sidebar.
enum Page {
    OverviewPlace,
    ServersPlace,
    FilesPlace,
    BackupPlace,
    RestorePlace,
    JobsPlace,
    ActivityPlace,
    DecisionsPlace
};

/// The thin line between the list and the page.
class Divider : public QWidget
{
public:
    explicit Divider(QWidget *parent)
        : QWidget(parent)
    {
        setFixedWidth(1);
    }

protected:
    void paintEvent(QPaintEvent *) override { QPainter(this).fillRect(rect(), Theme::of(palette()).line); }
};

} // namespace

MainWindow::MainWindow(models::RingModels &ring, models::ServiceCommands &commands,
                       models::Configuration &configuration, QWidget *parent)
    : QWidget(parent)
    , m_ring(ring)
    , m_commands(commands)
    , m_configuration(configuration)
    , m_sidebar(new Sidebar(this))
    , m_pages(new QStackedWidget(this))
    , m_message(new MessageBar(this))
    , m_overview(new OverviewPage(ring))
    , m_servers(new ServersPage(ring, commands))
    , m_serverActions(new ServerActions(configuration, commands, this))
    , m_files(new FilesPage(ring, commands))
    , m_restore(new RestorePage(ring))
{
    setWindowTitle(tr("Charmed Ring"));
    auto *title = new QLabel(tr("Charmed Ring"), this);
    QFont font = title->font();
    font.setPointSizeF(font.pointSizeF() * 1.15);
    font.setWeight(QFont::DemiBold);
    title->setFont(font);
    title->setContentsMargins(3 * spacingStep, 0, 0, 0);
    auto *left = new QVBoxLayout;
    left->setContentsMargins(2 * spacingStep, 5 * spacingStep, 2 * spacingStep, 3 * spacingStep);
    left->setSpacing(4 * spacingStep);
    left->addWidget(title);
    left->addWidget(m_sidebar, 1);
    left->addWidget(makeSettingsButton(), 0, Qt::AlignLeft);
    auto *line = new Divider(this);
    auto *right = new QVBoxLayout;
    right->setSpacing(0);
    right->addWidget(m_pages, 1);
    right->addWidget(m_message);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(left);
    layout->addWidget(line);
    layout->addLayout(right, 1);

    auto *activity = new ActivityPage(ring.events);
    auto *backup = new BackupPage(ring, commands);
    addPage(m_overview, tr("Overview"), 1);
    addPage(m_servers, tr("Servers"), 2);
    addPage(m_files, tr("Files"), 3);
    addPage(backup, tr("Backup"), 4);
    addPage(m_restore, tr("Restore"), 5);
    addPage(new JobsPage(ring, commands), tr("Jobs"), 6);
    addPage(activity, tr("Activity"), 7);
    addPage(new DecisionsPage(ring, commands), tr("To decide"), 8);
    connect(activity, &ActivityPage::done, this, &MainWindow::showSuccess);
    connect(activity, &ActivityPage::failed, this, &MainWindow::showFailure);
    connect(backup, &BackupPage::setupWanted, this, [this] {
        showSettings();
        m_settings->showSection(SettingsDialog::Backups);
    });
    connect(backup, &BackupPage::kitWanted, this, &MainWindow::showKit);
    connectPages();
    showPage(OverviewPlace);
    const QSize wanted(fontMetrics().averageCharWidth() * 178, fontMetrics().height() * 46);
    resize(wanted.boundedTo(screen()->availableSize() * kOfScreen));
}

QWidget *MainWindow::makeSettingsButton()
{
    auto *button = new QPushButton(tr("Settings…"), this);
    button->setFlat(true);
    button->setAccessibleName(tr("Settings"));
    const QKeySequence keys(Qt::CTRL | Qt::Key_Comma);
    button->setToolTip(tr("Settings (%1)").arg(keys.toString(QKeySequence::NativeText)));
    connect(button, &QPushButton::clicked, this, &MainWindow::showSettings);
    connect(new QShortcut(keys, this), &QShortcut::activated, this, &MainWindow::showSettings);
    return button;
}

void MainWindow::showKit()
{
    const models::SnapshotPtr &snapshot = m_ring.link.snapshot();
    auto *dialog = new KitDialog(m_configuration.cring(),
                                 snapshot ? snapshot->recoveryKit : control::RecoveryKitStatus(), this);
    dialog->open();
}

void MainWindow::showSettings()
{
    if (!m_settings) {
        m_settings = new SettingsDialog(m_configuration, models::Autostart::ofThisProcess(), this);
        if (m_choices)
            m_settings->addChoices(*m_notices, *m_choices);
        connect(m_settings, &SettingsDialog::restartWanted, this, &MainWindow::serviceRestartWanted);
    }
    m_settings->show();
    m_settings->raise();
    m_settings->activateWindow();
}

void MainWindow::showSetup()
{
    if (!m_setup) {
        m_setup = new SetupWizard(m_configuration, models::Autostart::ofThisProcess(), this);
        connect(m_setup, &SetupWizard::serviceStartWanted, this, &MainWindow::serviceStartWanted);
    }
    m_setup->show();
    m_setup->raise();
    m_setup->activateWindow();
}

void MainWindow::addPage(QWidget *page, const QString &name, int number)
{
    const int index = m_pages->addWidget(page);
    page->setAccessibleName(name);
    m_sidebar->addPage(name, number);
    auto *shortcut = new QShortcut(QKeySequence(Qt::CTRL | static_cast<Qt::Key>(Qt::Key_0 + number)), this);
    connect(shortcut, &QShortcut::activated, this, [this, index] { showPage(index); });
}

void MainWindow::connectPages()
{
    connect(m_sidebar, &QListWidget::currentRowChanged, m_pages, &QStackedWidget::setCurrentIndex);
    connect(m_overview, &OverviewPage::serviceStartWanted, this, &MainWindow::serviceStartWanted);
    connect(m_overview, &OverviewPage::resumeWanted, &m_commands, &models::ServiceCommands::resume);
    connect(m_overview, &OverviewPage::testWanted, this, &MainWindow::test);
    connect(m_overview, &OverviewPage::decisionWanted, this, [this] { showPage(DecisionsPlace); });
    connect(m_overview, &OverviewPage::serverWanted, this, [this](const QModelIndex &index) {
        showPage(ServersPlace);
        m_servers->choose(index.siblingAtColumn(models::ServersModel::Name).data().toString());
    });
    connect(m_overview, &OverviewPage::filesWanted, this, [this](const QString &server) {
        showPage(FilesPlace);
        m_files->showServer(server);
    });
    connect(m_files, &FilesPage::versionsWanted, this, [this](const QString &path, const QString &name) {
        showPage(RestorePlace);
        m_restore->showFile(path, name);
    });
    connect(m_restore, &RestorePage::filesWanted, this, [this] { showPage(FilesPlace); });
    connect(m_servers, &ServersPage::testWanted, this, &MainWindow::test);
    connect(m_servers, &ServersPage::addWanted, m_serverActions, &ServerActions::add);
    connect(m_servers, &ServersPage::editWanted, m_serverActions, &ServerActions::edit);
    connect(m_servers, &ServersPage::removeWanted, m_serverActions, &ServerActions::remove);
    connect(m_serverActions, &ServerActions::done, this, &MainWindow::showSuccess);
    connect(m_serverActions, &ServerActions::failed, this, &MainWindow::showFailure);
    connect(m_serverActions, &ServerActions::doneWithUndo, m_message,
            [this](const QString &words, const QString &action, const std::function<void()> &undo) {
                m_message->offer(models::Tone::Good, words, action, undo);
            });
    connect(&m_commands, &models::ServiceCommands::succeeded, this, &MainWindow::showSuccess);
    connect(&m_commands, &models::ServiceCommands::failed, this, &MainWindow::showFailure);
    connect(&m_ring, &models::RingModels::conditionChanged, this, &MainWindow::showNotes);
    connect(&m_ring.link, &models::ServiceLink::snapshotChanged, this, &MainWindow::showNotes);
    connect(&m_ring.jobs, &QAbstractItemModel::dataChanged, this, &MainWindow::showNotes);
    auto *quit = new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_Q), this);
    connect(quit, &QShortcut::activated, this, &MainWindow::quitWanted);
    auto *close = new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_W), this);
    connect(close, &QShortcut::activated, this, &QWidget::close);
}

int MainWindow::pageCount() const
{
    return m_pages->count();
}

void MainWindow::showPage(int index)
{
    m_sidebar->setCurrentRow(index);
}

void MainWindow::showNotes()
{
    // What was known last is not what is: it goes grey, and nothing can be asked for.
    const bool connected = m_ring.link.state() == models::ServiceLink::State::Connected;
    for (const int page : {ServersPlace, FilesPlace, BackupPlace, RestorePlace, JobsPlace, DecisionsPlace})
        m_pages->widget(page)->setEnabled(connected);
    int servers = 0;
    for (int row = 0; row < m_ring.servers.rowCount(); ++row) {
        const models::Tone tone = m_ring.servers.rowAt(row)->tone();
        servers += tone == models::Tone::Bad || tone == models::Tone::Warning ? 1 : 0;
    }
    int buckets = 0;
    for (int row = 0; row < m_ring.backups.rowCount(); ++row) {
        const models::Tone tone = m_ring.backups.rowAt(row)->tone();
        buckets += tone == models::Tone::Bad || tone == models::Tone::Warning ? 1 : 0;
    }
    const int jobs = m_ring.jobs.underWayCount();
    const auto number = [](int count) {
        return count > 0 ? models::Wording::number(count) : QString();
    };
    const auto &snapshot = m_ring.link.snapshot();
    const qint64 decisions = snapshot ? DecisionsPage::countOf(*snapshot) : 0;
    m_sidebar->setNote(DecisionsPlace, decisions > 0 ? models::Wording::number(decisions) : QString(), true);
    m_sidebar->setNote(ServersPlace, number(servers), true);
    m_sidebar->setNote(BackupPlace, number(buckets), true);
    m_sidebar->setNote(JobsPlace, jobs > 0 ? tr("%n running", nullptr, jobs) : QString(), false);
}

void MainWindow::test(const QString &server)
{
    auto *dialog = new ServerTestDialog(m_ring.link, server, this);
    dialog->open();
}

void MainWindow::showFailure(const QString &words)
{
    if (m_setup)
        m_setup->showFailure(words);
    m_message->show(models::Tone::Bad, words);
}

void MainWindow::showSuccess(const QString &words)
{
    m_message->show(models::Tone::Good, words);
}

void MainWindow::raiseToFront()
{
    setWindowState(windowState() & ~Qt::WindowMinimized);
    show();
    raise();
    activateWindow();
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    if (m_hasTray) {
        event->accept(); // The icon brings it back.
        return;
    }
    event->ignore();
    const Closing closing = m_choices ? m_choices->closing() : Closing::Asks;
    if (closing == Closing::Asks)
        askClosing();
    else
        closeAs(closing);
}

void MainWindow::closeAs(Closing closing)
{
    if (m_choices)
        m_choices->setClosing(closing);
    if (closing == Closing::Hides)
        hide();
    else
        Q_EMIT quitWanted();
}

void MainWindow::askClosing()
{
    auto *box = new QMessageBox(QMessageBox::Question, tr("Close the window"),
                                tr("Go on without the window?"), QMessageBox::Cancel, this);
    box->setInformativeText(
        tr("This desktop shows no tray icon. In the background, Charmed Ring goes on telling you of trouble, "
           "and starting it again shows the window. The service protects your files either way. You are "
           "asked once."));
    QPushButton *hide = box->addButton(tr("Go on in the &background"), QMessageBox::AcceptRole);
    QPushButton *quit = box->addButton(tr("&Quit the window"), QMessageBox::DestructiveRole);
    box->setDefaultButton(hide);
    box->setAttribute(Qt::WA_DeleteOnClose);
    connect(hide, &QPushButton::clicked, this, [this] { closeAs(Closing::Hides); });
    connect(quit, &QPushButton::clicked, this, [this] { closeAs(Closing::Quits); });
    box->open();
}

} // namespace cring::ui
