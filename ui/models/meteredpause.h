// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/desktopchoices.h"
#include "ui/models/servicelink.h"

namespace cring::models {

/// Has background work rest while the network is a metered one, where a person wants that. The service is
/// told again and again: should this end without a word, work goes on. A person who has work go on all the
/// same is left in peace until the network has been another one.
class MeteredPause : public QObject
{
    Q_OBJECT

public:
    static constexpr std::chrono::milliseconds lease{120'000};

    /// Both outlive this. `renewal`: less than the lease.
    MeteredPause(ServiceLink &link, const DesktopChoices &choices,
                 std::chrono::milliseconds renewal = std::chrono::seconds(50), QObject *parent = nullptr);

    void setMetered(bool metered);

private:
    void update();
    void renew();
    void handleSnapshot();

    ServiceLink &m_link;
    const DesktopChoices &m_choices;
    QTimer m_renewal;
    bool m_isMetered = false;
    bool m_isHeld = false;      ///< The service has confirmed it.
    qint64 m_seenMs = 0;        ///< When the service said so last; its wall clock.
    bool m_isOverruled = false; ///< By a person, for as long as the network stays as it is.
};

} // namespace cring::models
