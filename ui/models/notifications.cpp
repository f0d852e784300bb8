// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/notifications.h"

namespace cring::models {

Notifications::Notifications(RingModels &ring, const NotificationChoices &choices, const IClock &clock,
                             control::NoticeTiming timing, QObject *parent)
    : QObject(parent)
    , m_ring(ring)
    , m_choices(choices)
    , m_clock(clock)
    , m_timing(timing)
{
    m_wake.setSingleShot(true);
    connect(&m_wake, &QTimer::timeout, this, &Notifications::look);
    connect(&ring, &RingModels::trayChanged, this, &Notifications::look);
    connect(&choices, &NotificationChoices::changed, this, &Notifications::look);
}

void Notifications::silence(Topic topic)
{
    m_told.of(topic).isSilenced = true;
    look();
}

/// Without what nobody has to be told.
Condition Notifications::shown() const
{
    Condition shown = m_ring.tray().shown;
    if (m_endIsWanted) {
        for (Cause &cause : shown.causes) {
            if (cause.about == Cause::aboutService)
                cause.about.clear();
        }
    }
    return shown;
}

void Notifications::look()
{
    // After a sleep it is not known yet what is the matter; at the start, too.
    if (m_ring.tray().waking || !m_ring.tray().shownSince)
        return;
    // The tray shows for a while after it has come back that it is gone.
    if (m_ring.link.state() == ServiceLink::State::Connected && m_ring.tray().state() != TrayState::Gone)
        m_endIsWanted = false;
    const Condition now = shown();
    const control::Matters matters = mattersOf(now);
    const control::NoticeWishes wishes = wishesOf(m_choices);
    const std::chrono::milliseconds at = m_clock.steady();
    control::NoticeStep step = control::nextNotices(m_told, matters, at, wishes, m_timing);
    m_told = std::move(step.told);
    if (const auto wake = control::wakeAt(m_told, matters, wishes, m_timing))
        m_wake.start(std::max(*wake - at, std::chrono::milliseconds(0)));
    else
        m_wake.stop();
    for (const control::DueNotice &due : step.due)
        Q_EMIT noticed(noticeOf(due, now));
}

} // namespace cring::models
