// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/control/call.h"
#include "core/service/blobmethods.h"

#include <QTimer>

#include <set>

namespace cring::service {

/// Tells one client of what changes among the files, in parcels: notifications `blobs`. Lives as long as the
/// client's subscription, whose child it is.
class BlobChanges final : public QObject
{
    Q_OBJECT

public:
    /// Between two parcels: what changes several times meanwhile is told once.
    static constexpr std::chrono::milliseconds interval{500};
    /// With more than these waiting, the client is told to list everything anew.
    static constexpr size_t mostWaiting = 20'000;

    BlobChanges(BlobHooks hooks, bool named, control::Subscription &subscription);

private:
    void note(const state::ObjectKey &key);
    void tellToListAnew();
    void tell();

    const BlobHooks m_hooks;
    const bool m_named;
    control::Subscription &m_subscription;
    std::set<state::ObjectKey> m_waiting;
    bool m_tooMany = false;
    QTimer m_timer;
};

} // namespace cring::service
