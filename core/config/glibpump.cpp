// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/glibpump.h"

#include <QAbstractEventDispatcher>
#include <QPointer>
#include <QThread>

#include <glib.h>

#include <algorithm>
#include <array>

namespace cring::config {

namespace {

/// GLib's wake-up, the bus, and a few to spare; what does not fit is looked at with the time-out below.
constexpr size_t kMostDescriptors = 16;
/// However busy its sources are, Qt's are due.
constexpr int kMostTurns = 32;
constexpr int kLookAgainMs = 250;

bool isGlibs(const QAbstractEventDispatcher *dispatcher)
{
    return dispatcher && dispatcher->inherits("QEventDispatcherGlib");
}

} // namespace

std::shared_ptr<GlibPump> GlibPump::use()
{
    // As GLib's default context is the process's: two would watch the same descriptors.
    static std::weak_ptr<GlibPump> current;
    std::shared_ptr<GlibPump> pump = current.lock();
    if (!pump) {
        pump.reset(new GlibPump);
        current = pump;
    }
    return pump;
}

GlibPump::GlibPump()
    : m_needed(!isGlibs(QThread::currentThread()->eventDispatcher()))
{
    if (!m_needed)
        return;
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &GlibPump::turn);
    // For as long as it is owned, other threads that add a source wake the descriptor that is watched.
    g_main_context_acquire(g_main_context_default());
    m_timer.start(0);
}

GlibPump::~GlibPump()
{
    if (m_needed)
        g_main_context_release(g_main_context_default());
}

void GlibPump::turn()
{
    // What is dispatched may come by here.
    if (std::exchange(m_turning, true))
        return;
    // A notifier may be the sender of this very call.
    for (auto &notifier : m_notifiers) {
        notifier->setEnabled(false);
        notifier.release()->deleteLater();
    }
    m_notifiers.clear();
    const QPointer<GlibPump> self(this);
    bool more = true;
    for (int turns = 0; self && more && turns < kMostTurns; ++turns)
        more = g_main_context_iteration(g_main_context_default(), false) != 0;
    if (!self)
        return;
    m_turning = false;
    if (more)
        m_timer.start(0);
    else
        watch();
}

void GlibPump::watch()
{
    std::array<GPollFD, kMostDescriptors> descriptors{};
    int priority = 0;
    int wait = kLookAgainMs;
    GMainContext *const context = g_main_context_default();
    if (g_main_context_prepare(context, &priority) != 0) {
        m_timer.start(0);
        return;
    }
    const int wanted = g_main_context_query(context, priority, &wait, descriptors.data(),
                                            static_cast<int>(descriptors.size()));
    const auto count = std::min(descriptors.size(), static_cast<size_t>(std::max(wanted, 0)));
    for (size_t i = 0; i < count; ++i) {
        for (const auto &[event, type] :
             {std::pair(G_IO_IN, QSocketNotifier::Read), std::pair(G_IO_OUT, QSocketNotifier::Write)}) {
            if ((descriptors.at(i).events & event) == 0)
                continue;
            m_notifiers.push_back(std::make_unique<QSocketNotifier>(descriptors.at(i).fd, type));
            connect(m_notifiers.back().get(), &QSocketNotifier::activated, this, &GlibPump::turn);
        }
    }
    m_timer.start(wait < 0 ? kLookAgainMs : std::min(wait, kLookAgainMs));
}

} // namespace cring::config
