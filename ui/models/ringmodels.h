// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/clock.h"
#include "ui/models/backuphistory.h"
#include "ui/models/backupsmodel.h"
#include "ui/models/eventsfeed.h"
#include "ui/models/filesfeed.h"
#include "ui/models/jobsfeed.h"
#include "ui/models/serversmodel.h"
#include "ui/models/transfersfeed.h"
#include "ui/models/traystate.h"

namespace cring::models {

/// All that the window and the tray show, fed by one link to the service. One thread.
class RingModels : public QObject
{
    Q_OBJECT

public:
    /// Clock and random outlive this. `historyFile`: see BackupHistory.
    RingModels(ServiceLink::Paths paths, const IClock &clock, IRandom &random, LinkTiming timing = {},
               const QString &historyFile = {}, QObject *parent = nullptr);

    void start() { link.start(); }

    /// As of now, without the tray's patience: what the window says.
    const Condition &condition() const { return m_condition; }

    const Tray &tray() const { return m_tray; }

    // In this order: what is below is fed by what is above.
    ServiceLink link;
    ServersModel servers;
    BackupsModel backups;
    BackupHistory backupHistory;
    JobsModel jobs;
    EventsModel events;
    TransfersModel transfers;
    TransfersFeed transfersFeed;
    FilesModel files;
    FilesFeed filesFeed; ///< Begins when it is told to.

Q_SIGNALS:
    void conditionChanged();
    void trayChanged();

private:
    void handleSnapshot();
    void showHealth();
    /// Judges anew, and asks to be woken when time alone may change the tray.
    void look();

    const IClock &m_clock;
    JobsFeed m_jobsFeed;
    EventsFeed m_eventsFeed;
    Condition m_condition;
    Tray m_tray;
    QTimer m_wake;
    QTimer m_health;    ///< A minute is a lot for a person who looks at a day.
    QTimer m_heartbeat; ///< Notices that the machine slept while nothing else happened.
};

} // namespace cring::models
