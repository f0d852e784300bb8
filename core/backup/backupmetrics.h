// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/backups.h"
#include "core/telemetry/metrics.h"

namespace cring::backup {

/// How far each bucket is behind. Both outlive this.
class BackupMetrics final : public telemetry::ICollector
{
public:
    BackupMetrics(const Backups &backups, const state::BucketLedger &ledger)
        : m_backups(backups)
        , m_ledger(ledger)
    {
    }

    void collect(telemetry::Samples &samples) const override;

private:
    const Backups &m_backups;
    const state::BucketLedger &m_ledger;
};

} // namespace cring::backup
