// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/service/store.h"
#include "core/telemetry/activitylog.h"

namespace cring::service {

/// The bond between the activity log and the database: the log begins with what the database has of earlier
/// runs, what is recorded is written down, and what is wrong with the database is recorded. Made before
/// anybody records; log and store outlive it. One thread.
class ActivityRecord final : public QObject
{
    Q_OBJECT

public:
    ActivityRecord(telemetry::ActivityLog &activity, Store &store);

    /// Says what was found when the database was opened.
    void tellOfStart();

private:
    void restore();
    void handleRecorded(const telemetry::Event &event);
    void handleProblem();

    telemetry::ActivityLog &m_activity;
    Store &m_store;
};

} // namespace cring::service
