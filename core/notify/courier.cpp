// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/notify/courier.h"

#include <algorithm>

namespace cring::notify {

using telemetry::Category;
using telemetry::Level;

Courier::Courier(std::unique_ptr<IOutlet> outlet, const IClock &clock, telemetry::ActivityLog &activity,
                 const CourierPauses &pauses, QObject *parent)
    : QObject(parent)
    , m_outlet(std::move(outlet))
    , m_clock(clock)
    , m_activity(activity)
    , m_pauses(pauses)
{
    m_status.name = m_outlet->name();
    m_status.target = m_outlet->target();
    m_again.setSingleShot(true);
    connect(&m_again, &QTimer::timeout, this, &Courier::next);
}

Courier::~Courier() = default;

void Courier::post(const Message &message)
{
    m_waiting.removeIf([&](const Message &older) { return older.topic == message.topic; });
    m_waiting.append(message);
    Q_EMIT changed();
    if (!m_again.isActive())
        next();
    else if (m_again.remainingTimeAsDuration() > m_pauses.first)
        m_again.start(m_pauses.first); // What is new does not wait as long as what was in vain.
}

void Courier::drop(const QString &topic)
{
    if (m_waiting.removeIf([&](const Message &message) { return message.topic == topic; }) > 0)
        Q_EMIT changed();
}

void Courier::tryOnce(const Message &message, QObject *context, IOutlet::Done done)
{
    m_outlet->send(message, context, std::move(done));
}

void Courier::next()
{
    if (m_isSending || m_waiting.isEmpty())
        return;
    m_isSending = true;
    const Message message = m_waiting.first();
    m_outlet->send(message, this, [this, message](const Status &status) { handleSent(message, status); });
}

void Courier::handleSent(const Message &message, const Status &status)
{
    m_isSending = false;
    if (!status) {
        // What the outlet does not want holds nothing else up.
        if (status.error().code == Code::NoticeRefused && m_waiting.removeOne(message))
            m_waiting.append(message);
        handleFailure(status.error());
        return;
    }
    // A newer one of its topic may have come meanwhile.
    m_waiting.removeOne(message);
    ++m_status.sent;
    m_status.lastMs = m_clock.wall().count();
    m_pause = std::chrono::milliseconds(0);
    if (m_status.problemSinceMs) {
        m_activity.record(Level::Info, Category::Service,
                          QStringLiteral("notices by %1 go out again").arg(m_status.name));
        m_status.problemSinceMs.reset();
        m_status.problem.clear();
    }
    Q_EMIT changed();
    next();
}

void Courier::handleFailure(const Error &error)
{
    ++m_status.failed;
    m_status.problem = error.detail;
    if (!m_status.problemSinceMs) {
        m_status.problemSinceMs = m_clock.wall().count();
        m_activity.record(Level::Warning, Category::Service,
                          QStringLiteral("notices by %1 do not go out, and are tried again: %2")
                              .arg(m_status.name, error.toString()));
    }
    m_pause = m_pause.count() == 0 ? m_pauses.first : std::min(m_pause * 2, m_pauses.longest);
    m_again.start(m_pause);
}

OutletStatus Courier::status() const
{
    OutletStatus status = m_status;
    status.waiting = m_waiting.size();
    return status;
}

} // namespace cring::notify
