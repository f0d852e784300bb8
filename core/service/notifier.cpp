// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/notifier.h"

#ifdef CRING_SYSTEMD
#include <systemd/sd-daemon.h>
#include <time.h>
#endif

namespace cring::service {

#ifdef CRING_SYSTEMD

void notifyReady(const QString &status)
{
    sd_notifyf(0, "READY=1\nSTATUS=%s", qUtf8Printable(status));
}

void notifyReloading()
{
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld",
               static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000);
}

void notifyStopping()
{
    sd_notify(0, "STOPPING=1");
}

#else

void notifyReady(const QString &) {}
void notifyReloading() {}
void notifyStopping() {}

#endif

} // namespace cring::service
