// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/notices.h"
#include "ui/models/ringmodels.h"

namespace cring::models {

/// Decides when a person is told of something, from what the tray shows; whoever shows it listens. One
/// thread.
class Notifications : public QObject
{
    Q_OBJECT

public:
    /// All of these outlive this.
    Notifications(RingModels &ring, const NotificationChoices &choices, const IClock &clock,
                  control::NoticeTiming timing = {}, QObject *parent = nullptr);

    /// A person does not want to be reminded of this any more; it begins anew when it is over.
    void silence(Topic topic);
    /// A person has the service end: that it is gone is no news, until it is there again.
    void expectServiceEnd() { m_endIsWanted = true; }

Q_SIGNALS:
    void noticed(const cring::models::Notice &notice);

private:
    void look();
    Condition shown() const;

    RingModels &m_ring;
    const NotificationChoices &m_choices;
    const IClock &m_clock;
    const control::NoticeTiming m_timing;
    control::Told m_told;
    QTimer m_wake;
    bool m_endIsWanted = false;
};

} // namespace cring::models
