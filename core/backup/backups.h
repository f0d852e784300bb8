// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/target.h"

namespace cring::backup {

/// All configured buckets. One for the whole run; what a new configuration leaves as it was goes on.
///
/// Lives on the event loop's thread.
class Backups final : public QObject
{
    Q_OBJECT

public:
    /// All of these outlive it.
    Backups(state::BucketLedger &ledger, state::BackupUploads &uploads, replica::ITokenSource &tokens,
            config::ISecretStore &secrets, const IClock &clock, IRandom &random,
            telemetry::ActivityLog &activity);
    ~Backups() override;

    /// With every new configuration, which must live until the next one comes.
    void setEnvironment(replica::Environment &environment);
    void setPaused(bool paused);
    /// The service before did not end by itself.
    void setRestarted() { m_restarted = true; }
    /// Nothing more is begun, and what is under way is called off: what is owed is found again.
    void stop();

    /// In the order of the configuration.
    const std::vector<std::unique_ptr<Target>> &all() const { return m_targets; }
    /// By name or id; "" where there is only one. nullptr: there is none.
    Target *find(const QString &name) const;

Q_SIGNALS:
    /// Targets are about to go, in this turn of the event loop: whoever works with one lets go of it.
    void lettingGo();
    void changed();

private:
    std::unique_ptr<Target> take(const config::Backup &config, qsizetype index);
    /// Null when it cannot be made, which is said.
    std::unique_ptr<Target> make(const config::Backup &config, qsizetype index);
    void begin(Target &target);

    state::BucketLedger &m_ledger;
    telemetry::ActivityLog &m_activity;
    Workers m_workers;
    const Target::Means m_means;
    std::vector<std::unique_ptr<Target>> m_targets;
    QList<config::Backup> m_configured;
    bool m_paused = false;
    bool m_restarted = false;
};

} // namespace cring::backup
