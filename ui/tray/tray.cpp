// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tray/tray.h"

#include "ui/tray/trayicons.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QDateTime>

namespace cring::ui {

using models::ServiceLink;
using models::TrayState;

namespace {

constexpr std::chrono::seconds kHostWatch{2};
constexpr int kMorning = 6; ///< o'clock

} // namespace

std::chrono::milliseconds untilTomorrow(std::chrono::milliseconds wallNow)
{
    const QDateTime now = QDateTime::fromMSecsSinceEpoch(wallNow.count());
    const QDateTime morning(now.date().addDays(1), QTime(kMorning, 0));
    return std::chrono::milliseconds(now.msecsTo(morning));
}

TrayIcon::TrayIcon(models::RingModels &ring, models::ServiceCommands &commands, QObject *parent)
    : QObject(parent)
    , m_ring(ring)
    , m_commands(commands)
    , m_menu(std::make_unique<QMenu>())
{
    build();
    m_icon.setContextMenu(m_menu.get());
    connect(&m_icon, &QSystemTrayIcon::activated, this, [this](QSystemTrayIcon::ActivationReason reason) {
        if (reason == QSystemTrayIcon::Trigger || reason == QSystemTrayIcon::DoubleClick)
            Q_EMIT windowWanted();
    });
    connect(&m_ring, &models::RingModels::trayChanged, this, &TrayIcon::show);
    connect(&m_ring.link, &ServiceLink::snapshotChanged, this, &TrayIcon::show);
    connect(&m_ring.link, &ServiceLink::stateChanged, this, &TrayIcon::show);
    connect(&m_hostWatch, &QTimer::timeout, this, &TrayIcon::lookForHost);
    m_hostWatch.start(kHostWatch);
    show();
    m_icon.show();
    m_there = isThere();
}

TrayIcon::~TrayIcon() = default;

bool TrayIcon::isThere() const
{
    return QSystemTrayIcon::isSystemTrayAvailable() && m_icon.isVisible();
}

void TrayIcon::build()
{
    m_cause = m_menu->addAction(QString(), this, &TrayIcon::windowWanted);
    m_start = m_menu->addAction(tr("&Start the service"), this, &TrayIcon::serviceStartWanted);
    m_menu->addSeparator();
    m_menu->setDefaultAction(m_menu->addAction(tr("&Open Charmed Ring"), this, &TrayIcon::windowWanted));
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
    m_menu->addSeparator();
    m_backUp = m_menu->addAction(tr("&Back up now"), this, [this] { m_commands.backUpNow(); });
    m_check = m_menu->addAction(tr("&Check all files now"), this, [this] { m_commands.checkFiles(false); });
    m_menu->addSeparator();
    m_menu->addAction(tr("&Quit the window"), this, &TrayIcon::quitWanted)
        ->setToolTip(tr("The service goes on, and so does the protection of your files"));
    m_menu->setToolTipsVisible(true);
}

void TrayIcon::show()
{
    const models::Tray &tray = m_ring.tray();
    const bool dark = Theme::of(QApplication::palette()).kind == Theme::Kind::Dark;
    // Each second there is a snapshot; the drawing is another one seldom.
    if (const auto drawn = std::pair(tray.state(), dark); m_drawn != drawn) {
        m_drawn = drawn;
        m_icon.setIcon(trayIcon(tray.state(), dark));
    }
    m_icon.setToolTip(tray.toolTip());
    QString line = tray.firstLine();
    m_cause->setText(line.replace(u'&', QStringLiteral("&&")));
    const bool connected = m_ring.link.state() == ServiceLink::State::Connected;
    const bool paused = connected && m_ring.link.snapshot()->paused;
    m_start->setVisible(m_ring.link.state() == ServiceLink::State::NotRunning);
    m_pause->menuAction()->setVisible(!paused);
    m_pause->setEnabled(connected);
    m_resume->setVisible(paused);
    m_backUp->setVisible(connected && !m_ring.link.snapshot()->backups.isEmpty());
    m_check->setEnabled(connected);
}

void TrayIcon::lookForHost()
{
    const bool there = QSystemTrayIcon::isSystemTrayAvailable();
    if (there && !m_there) {
        // Shown anew: a panel that comes later does not ask who was there before.
        m_icon.hide();
        m_icon.show();
    }
    if (there == m_there)
        return;
    m_there = there;
    Q_EMIT hostChanged(there);
}

} // namespace cring::ui
