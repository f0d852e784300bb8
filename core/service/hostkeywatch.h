// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/health/backendset.h"
#include "core/service/backendtest.h"
#include "core/telemetry/activitylog.h"

namespace cring {
class Workers;
} // namespace cring

namespace cring::service {

/// Sees that each server's SSH side is the server that its HTTP side is: one look at the host key whenever a
/// server has come up, for the key changes with a restart alone. A key that differs is said in the activity
/// log and in the warnings of the status. It takes no traffic away: most likely ssh_port is wrong, which says
/// nothing of the server's files, and logins with the person's own key look at the host key themselves. That
/// nobody answers is the forwarder's affair.
class HostKeyWatch final : public QObject
{
    Q_OBJECT

public:
    /// Both outlive it.
    HostKeyWatch(Workers &workers, telemetry::ActivityLog &activity, QObject *parent = nullptr);
    ~HostKeyWatch() override;

    /// With every configuration. `backends` lives until the next call.
    void configure(const health::BackendSet &backends, const config::Timing &timing);

    /// A sentence for each server whose key differs.
    QStringList warnings() const;

private:
    void look(const health::Backend *backend);
    void judge(const health::Backend *backend, const Result<QByteArray> &hostKey);

    Workers &m_workers;
    telemetry::ActivityLog &m_activity;
    config::Timing m_timing;
    std::unique_ptr<QObject> m_watch;  ///< Of this configuration's servers.
    QMap<QString, QString> m_warnings; ///< By id.
};

} // namespace cring::service
