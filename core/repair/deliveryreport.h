// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/clock.h"
#include "core/telemetry/activitylog.h"

#include <QTimer>

#include <map>

namespace cring::repair {

/// Tells the activity log how many copies were put right: at once when there was nothing for a while, and
/// otherwise one word a minute for each server, so that a slow server does not fill the log. One thread.
class DeliveryReport final : public QObject
{
    Q_OBJECT

public:
    static constexpr std::chrono::minutes kInterval{1};

    DeliveryReport(const IClock &clock, telemetry::ActivityLog &activity, QObject *parent = nullptr);

    /// `server`: its name.
    void add(const QString &server, qint64 copies);

private:
    struct Told
    {
        std::optional<std::chrono::milliseconds> last; ///< Of the steady clock.
        qint64 copies = 0;                             ///< Since then.
    };

    void tell();

    const IClock &m_clock;
    telemetry::ActivityLog &m_activity;
    std::map<QString, Told> m_servers;
    QTimer m_timer;
};

} // namespace cring::repair
