// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/desktop/meterednetwork.h"
#include "ui/desktop/notifier.h"
#include "ui/desktop/shutdowndelay.h"
#include "ui/models/desktopchoices.h"
#include "ui/models/meteredpause.h"
#include "ui/models/notifications.h"

namespace cring::ui {

/// What goes on between the ring and the desktop though nobody looks at the window: what a person is told of,
/// a shutdown that waits, and the pause on a metered network. One thread.
class Desktop : public QObject
{
    Q_OBJECT

public:
    struct Buses
    {
        QDBusConnection session = QDBusConnection::sessionBus();
        QDBusConnection system = QDBusConnection::systemBus();
    };

    struct Timing
    {
        control::NoticeTiming notices = {};
        std::chrono::milliseconds renewal{50'000}; ///< See MeteredPause.
    };

    /// All of these outlive this.
    Desktop(models::RingModels &ring, const models::NotificationChoices &notices,
            const models::DesktopChoices &choices, const IClock &clock, const Buses &buses,
            const Timing &timing, QObject *parent = nullptr);

    /// See Notifications.
    void expectServiceEnd() { m_notifications.expectServiceEnd(); }

    const ShutdownDelay &shutdownDelay() const { return m_delay; }

Q_SIGNALS:
    void windowWanted();
    void serviceStartWanted();
    /// It could not be shown as desktops do.
    void undelivered(const cring::models::Notice &notice);

private:
    void showSafety();

    models::RingModels &m_ring;
    const models::DesktopChoices &m_choices;
    models::Notifications m_notifications;
    Notifier m_notifier;
    ShutdownDelay m_delay;
    MeteredNetwork m_network;
    models::MeteredPause m_pause;
};

} // namespace cring::ui
