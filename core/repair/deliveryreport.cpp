// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/deliveryreport.h"

namespace cring::repair {

DeliveryReport::DeliveryReport(const IClock &clock, telemetry::ActivityLog &activity, QObject *parent)
    : QObject(parent)
    , m_clock(clock)
    , m_activity(activity)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &DeliveryReport::tell);
}

void DeliveryReport::add(const QString &server, qint64 copies)
{
    m_servers[server].copies += copies;
    tell();
}

void DeliveryReport::tell()
{
    const auto now = m_clock.steady();
    std::optional<std::chrono::milliseconds> next;
    for (auto &[server, told] : m_servers) {
        if (told.copies == 0)
            continue;
        if (told.last && now - *told.last < kInterval) {
            const auto wait = *told.last + kInterval - now;
            next = next ? std::min(*next, wait) : wait;
            continue;
        }
        m_activity.record(telemetry::Level::Info, telemetry::Category::Repair,
                          told.copies == 1 ? QStringLiteral("one copy was put right")
                                           : QStringLiteral("%1 copies were put right").arg(told.copies),
                          server);
        told = {now, 0};
    }
    if (next)
        m_timer.start(*next);
}

} // namespace cring::repair
