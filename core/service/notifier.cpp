// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/notifier.h"

#ifdef CRING_SYSTEMD
#include <systemd/sd-daemon.h>
#include <time.h>
#endif

namespace cring::service {

using std::chrono::microseconds;
using std::chrono::milliseconds;

namespace {

#ifdef CRING_SYSTEMD

/// Messages are lines.
QByteArray line(const QString &status)
{
    return status.simplified().toUtf8();
}

void tell(const QByteArray &message)
{
    sd_notify(0, message.constData());
}

/// Zero when nobody waits.
milliseconds watchdogTime()
{
    uint64_t time = 0;
    if (sd_watchdog_enabled(0, &time) <= 0)
        return {};
    return std::chrono::duration_cast<milliseconds>(microseconds(time));
}

bool hasManager()
{
    return !qEnvironmentVariableIsEmpty("NOTIFY_SOCKET");
}

#endif

} // namespace

#ifdef CRING_SYSTEMD

void notifyReloading()
{
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    tell("RELOADING=1\nMONOTONIC_USEC=" +
         QByteArray::number(qlonglong{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000));
}

void notifyStopping(milliseconds longest)
{
    tell("STOPPING=1\nEXTEND_TIMEOUT_USEC=" + QByteArray::number(qlonglong{microseconds(longest).count()}));
}

#else

void notifyReloading() {}
void notifyStopping(milliseconds) {}

#endif

Heartbeat::Heartbeat(std::function<QString()> verdict, QObject *parent)
    : QObject(parent)
    , m_verdict(std::move(verdict))
{
    connect(&m_timer, &QTimer::timeout, this, &Heartbeat::beat);
}

milliseconds Heartbeat::interval() const
{
#ifdef CRING_SYSTEMD
    if (!hasManager())
        return {};
    const milliseconds patience = watchdogTime();
    return patience > milliseconds::zero() ? std::min<milliseconds>(patience / 2, statusInterval)
                                           : milliseconds(statusInterval);
#else
    return {};
#endif
}

void Heartbeat::start()
{
    const milliseconds time = interval();
    if (time == milliseconds::zero())
        return;
#ifdef CRING_SYSTEMD
    m_isWatched = watchdogTime() > milliseconds::zero();
#endif
    m_timer.start(time);
}

void Heartbeat::tellReady([[maybe_unused]] const QString &status)
{
#ifdef CRING_SYSTEMD
    tell("READY=1\nSTATUS=" + line(status));
    m_said.clear();
#endif
}

void Heartbeat::beat()
{
#ifdef CRING_SYSTEMD
    QByteArray message;
    if (m_isWatched)
        message = "WATCHDOG=1\n";
    if (const QString verdict = m_verdict(); verdict != m_said) {
        m_said = verdict;
        message += "STATUS=" + line(verdict) + '\n';
    }
    if (!message.isEmpty())
        tell(message);
#endif
}

} // namespace cring::service
