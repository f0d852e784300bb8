// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QSocketNotifier>
#include <QTimer>

#include <memory>
#include <vector>

namespace cring::config {

/// Lets what works with GLib's main loop, libsecret, work on a Qt event loop that is not GLib's: as long as
/// this lives, the sources of GLib's default context are dispatched from Qt's loop, by its descriptors and
/// time-outs. Does nothing on a loop that is GLib's already. Main thread.
class GlibPump final : public QObject
{
    Q_OBJECT

public:
    /// The one that is at work, or a new one; it works for as long as somebody holds it.
    static std::shared_ptr<GlibPump> use();
    ~GlibPump() override;

private:
    GlibPump();
    /// Dispatches what is ready, and waits for the next.
    void turn();
    void watch();

    const bool m_needed;
    bool m_turning = false;
    std::vector<std::unique_ptr<QSocketNotifier>> m_notifiers;
    QTimer m_timer;
};

} // namespace cring::config
