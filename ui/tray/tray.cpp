// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tray/tray.h"

#include "ui/models/servicewords.h"
#include "ui/tray/trayicons.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QDateTime>
#include <QMetaMethod>

namespace cring::ui {

using models::ServiceLink;
using models::TrayState;

namespace {

constexpr std::chrono::seconds kTrayWatch{2};
/// From the beginning of a session to its panel.
constexpr std::chrono::seconds kHostPatience{5};
constexpr int kMorning = 6; ///< o'clock

} // namespace

std::chrono::milliseconds untilTomorrow(std::chrono::milliseconds wallNow)
{
    const QDateTime now = QDateTime::fromMSecsSinceEpoch(wallNow.count());
    const QDateTime morning(now.date().addDays(1), QTime(kMorning, 0));
    return std::chrono::milliseconds(now.msecsTo(morning));
}

TrayIcon::TrayIcon(models::RingModels &ring, models::ServiceCommands &commands,
                   const QDBusConnection &sessionBus, QObject *parent)
    : QObject(parent)
    , m_ring(ring)
    , m_commands(commands)
    , m_host(sessionBus)
    , m_menu(std::make_unique<QMenu>())
{
    build();
    connect(&m_ring, &models::RingModels::trayChanged, this, &TrayIcon::show);
    connect(&m_ring.link, &ServiceLink::snapshotChanged, this, &TrayIcon::show);
    connect(&m_ring.link, &ServiceLink::stateChanged, this, &TrayIcon::show);
    connect(&m_host, &TrayHost::changed, this, &TrayIcon::handleHost);
    connect(&m_host, &TrayHost::replaced, this, &TrayIcon::handleHostReplaced);
    connect(&m_hostWatch, &QTimer::timeout, this, &TrayIcon::lookForTray);
    m_hostWatch.start(sessionBus.isConnected() ? kHostPatience : std::chrono::seconds(0));
    show();
}

TrayIcon::~TrayIcon() = default;

void TrayIcon::build()
{
    m_cause = m_menu->addAction(QString(), this, &TrayIcon::windowWanted);
    m_safety = m_menu->addAction(QString(), this, &TrayIcon::windowWanted);
    m_start = m_menu->addAction(tr("&Start the service"), this, &TrayIcon::serviceStartWanted);
    m_menu->addSeparator();
    m_menu->setDefaultAction(m_menu->addAction(tr("&Open Charmed Ring"), this, &TrayIcon::windowWanted));
    buildPause();
    m_menu->addSeparator();
    m_backUp = m_menu->addAction(tr("&Back up now"), this, [this] { m_commands.backUpNow(); });
    m_check = m_menu->addAction(tr("Check all &files now"), this, [this] { m_commands.checkFiles(false); });
    m_copy = m_menu->addAction(tr("&Copy client settings"), this, &TrayIcon::copyClientSettings);
    m_copy->setToolTip(tr("What a terminal is told so that its charm client uses the ring"));
    m_settings = m_menu->addAction(tr("S&ettings…"), this, &TrayIcon::settingsWanted);
    m_menu->addSeparator();
    m_menu->addAction(tr("&Quit the window"), this, &TrayIcon::quitWanted)
        ->setToolTip(tr("The service goes on, and so does the protection of your files"));
    m_stop = m_menu->addAction(tr("S&top the service…"), this, &TrayIcon::serviceStopWanted);
    m_menu->setToolTipsVisible(true);
    // Whoever offers settings may have come after this.
    connect(m_menu.get(), &QMenu::aboutToShow, this, &TrayIcon::showActions);
}

void TrayIcon::buildPause()
{
    m_pause = m_menu->addMenu(tr("&Pause"));
    const auto pauseFor = [this](const QString &words, int hours) {
        m_pause->addAction(words, this, [this, hours] { m_commands.pause(std::chrono::hours(hours)); });
    };
    pauseFor(tr("For &1 hour"), 1);
    pauseFor(tr("For &4 hours"), 4);
    pauseFor(tr("For &24 hours"), 24);
    m_pause->addAction(tr("Until &tomorrow"), this, [this] {
        const auto &snapshot = m_ring.link.snapshot();
        m_commands.pause(untilTomorrow(std::chrono::milliseconds(snapshot ? snapshot->takenMs : 0)));
    });
    m_pause->addAction(tr("Until I &resume"), this, [this] { m_commands.pause(std::nullopt); });
    m_resume = m_menu->addAction(tr("&Resume"), &m_commands, &models::ServiceCommands::resume);
}

void TrayIcon::copyClientSettings()
{
    const QString settings = models::clientSettings(*m_ring.link.snapshot());
    QApplication::clipboard()->setText(settings);
    Q_EMIT done(tr("Copied. Paste it into a terminal: %1").arg(settings));
}

void TrayIcon::showNotice(const models::Notice &notice)
{
    if (!m_icon)
        return;
    m_icon->showMessage(notice.title, notice.text,
                        notice.kind == models::Notice::Kind::Over ? QSystemTrayIcon::Information
                                                                  : QSystemTrayIcon::Warning);
}

void TrayIcon::show()
{
    const models::Tray &tray = m_ring.tray();
    QString line = tray.firstLine();
    m_cause->setText(line.replace(u'&', QStringLiteral("&&")));
    showActions();
    if (!m_icon)
        return;
    const bool dark = Theme::of(QApplication::palette()).kind == Theme::Kind::Dark;
    // Each second there is a snapshot; the drawing is another one seldom.
    if (const auto drawn = std::pair(tray.state(), dark); m_drawn != drawn) {
        m_drawn = drawn;
        m_icon->setIcon(trayIcon(tray.state(), dark));
    }
    m_icon->setToolTip(tray.toolTip());
}

void TrayIcon::showActions()
{
    const bool connected = m_ring.link.state() == ServiceLink::State::Connected;
    const models::SnapshotPtr snapshot = connected ? m_ring.link.snapshot() : models::SnapshotPtr();
    const models::ShutdownSafety safety = models::shutdownSafety(snapshot);
    m_safety->setText(QString(safety.words).replace(u'&', QStringLiteral("&&")));
    m_safety->setVisible(connected && safety.state != models::ShutdownSafety::State::Safe);
    m_start->setVisible(m_ring.link.state() == ServiceLink::State::NotRunning);
    // What the network pauses, a person may pause for longer, or have go on.
    const QStringList by = snapshot ? snapshot->pausedBy : QStringList();
    const bool byNetworkAlone = by == QStringList{QStringLiteral("metered")};
    const bool paused = snapshot && snapshot->paused;
    m_pause->menuAction()->setVisible(!paused || byNetworkAlone);
    m_pause->setEnabled(connected);
    m_resume->setVisible(paused);
    m_backUp->setVisible(snapshot && !snapshot->backups.isEmpty());
    m_check->setEnabled(connected);
    m_copy->setEnabled(snapshot && !models::clientSettings(*snapshot).isEmpty());
    m_settings->setVisible(isSignalConnected(QMetaMethod::fromSignal(&TrayIcon::settingsWanted)));
    m_stop->setEnabled(connected);
}

void TrayIcon::handleHost()
{
    if (m_way == Way::Undecided && m_host.isThere())
        decide(Way::StatusNotifier);
    else if (m_way == Way::SystemTray && m_host.isThere())
        Q_EMIT restartWanted();
    if (m_way != Way::StatusNotifier)
        return;
    if (m_host.isThere() && !m_icon)
        makeIcon();
    setThere(m_host.isThere());
}

/// To a watcher that comes where there was none, Qt tells the icon by itself. Another icon then would only
/// take the connection away from under what Qt has just told: xfce4-panel keeps such a name for ever, and
/// others an icon that nothing answers for. Of one that takes the place of another Qt does not hear.
void TrayIcon::handleHostReplaced()
{
    if (m_way == Way::StatusNotifier)
        m_icon.reset();
}

void TrayIcon::decide(Way way)
{
    m_way = way;
    if (way == Way::StatusNotifier) {
        m_hostWatch.stop();
        return;
    }
    m_hostWatch.start(kTrayWatch);
    makeIcon();
    setThere(QSystemTrayIcon::isSystemTrayAvailable());
}

void TrayIcon::makeIcon()
{
    m_icon = std::make_unique<QSystemTrayIcon>();
    m_icon->setContextMenu(m_menu.get());
    connect(m_icon.get(), &QSystemTrayIcon::messageClicked, this, &TrayIcon::windowWanted);
    connect(m_icon.get(), &QSystemTrayIcon::activated, this,
            [this](QSystemTrayIcon::ActivationReason reason) {
                if (reason == QSystemTrayIcon::Trigger || reason == QSystemTrayIcon::DoubleClick)
                    Q_EMIT windowWanted();
            });
    m_drawn.reset();
    show();
    m_icon->show();
}

void TrayIcon::lookForTray()
{
    if (m_way == Way::Undecided) {
        decide(Way::SystemTray);
        return;
    }
    const bool there = QSystemTrayIcon::isSystemTrayAvailable();
    if (there && !m_there)
        makeIcon(); // A tray that comes later does not ask who was there before.
    setThere(there);
    if (m_host.isThere())
        Q_EMIT restartWanted(); // Once more: somebody may have looked at the window.
}

void TrayIcon::setThere(bool there)
{
    if (std::exchange(m_there, there) != there)
        Q_EMIT hostChanged(there);
}

} // namespace cring::ui
