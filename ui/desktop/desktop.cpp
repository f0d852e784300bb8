// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/desktop/desktop.h"

namespace cring::ui {

using models::ServiceLink;

Desktop::Desktop(models::RingModels &ring, const models::NotificationChoices &notices,
                 const models::DesktopChoices &choices, const IClock &clock, const Buses &buses,
                 const Timing &timing, QObject *parent)
    : QObject(parent)
    , m_ring(ring)
    , m_choices(choices)
    , m_notifications(ring, notices, clock, timing.notices)
    , m_notifier(buses.session)
    , m_delay(buses.system)
    , m_network(buses.system)
    , m_pause(ring.link, choices, timing.renewal)
{
    connect(&m_notifications, &models::Notifications::noticed, &m_notifier, &Notifier::show);
    connect(&m_notifier, &Notifier::silenced, &m_notifications, &models::Notifications::silence);
    connect(&m_notifier, &Notifier::windowWanted, this, &Desktop::windowWanted);
    connect(&m_notifier, &Notifier::serviceStartWanted, this, &Desktop::serviceStartWanted);
    connect(&m_notifier, &Notifier::undelivered, this, &Desktop::undelivered);
    connect(&m_network, &MeteredNetwork::meteredChanged, &m_pause, &models::MeteredPause::setMetered);
    connect(&ring.link, &ServiceLink::snapshotChanged, this, &Desktop::showSafety);
    connect(&ring.link, &ServiceLink::stateChanged, this, &Desktop::showSafety);
    connect(&choices, &models::DesktopChoices::changed, this, &Desktop::showSafety);
}

void Desktop::showSafety()
{
    // A service that is gone brings no copies: nothing is to be waited for.
    const bool connected = m_ring.link.state() == ServiceLink::State::Connected;
    m_delay.setSafety(models::shutdownSafety(connected ? m_ring.link.snapshot() : models::SnapshotPtr()),
                      m_choices.delaysShutdown());
}

} // namespace cring::ui
