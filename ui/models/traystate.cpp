// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/traystate.h"

#include <algorithm>

namespace cring::models {

using std::chrono::milliseconds;

namespace {

class Words
{
    Q_DECLARE_TR_FUNCTIONS(cring::models::Tray)
};

/// Passes by itself as a rule: a job is short, a service restarts.
milliseconds confirmationOf(TrayState state, const TrayTiming &timing)
{
    return state == TrayState::Working || state == TrayState::Gone ? timing.patience : milliseconds(0);
}

bool waitsInGrace(TrayState state)
{
    return state >= TrayState::Degraded && state != TrayState::Locked;
}

/// When the state of `now` may be shown instead of the one that is; both differ.
milliseconds dueAt(const Tray &tray, TrayState now, const TrayTiming &timing)
{
    milliseconds due = tray.shownSince.value_or(milliseconds(0)) + timing.dwell;
    if (now > tray.state()) {
        if (tray.worseSince)
            due = std::max(due, *tray.worseSince + confirmationOf(now, timing));
        if (tray.wake.until && waitsInGrace(now))
            due = std::max(due, *tray.wake.until);
    } else if (tray.betterSince) {
        due = std::max(due, *tray.betterSince + timing.calm);
    }
    return due;
}

void show(Tray &tray, const Condition &now, const Moment &at)
{
    tray.shown = now;
    tray.shownSince = at.steady;
    tray.worseSince.reset();
    tray.betterSince.reset();
}

} // namespace

QString Tray::firstLine() const
{
    return waking ? Words::tr("Just woken up: looking at the servers") : shown.firstLine();
}

QString Tray::toolTip() const
{
    return waking ? firstLine() : shown.toolTip();
}

Tray next(const Tray &before, const Condition &now, const Moment &at, const TrayTiming &timing)
{
    Tray tray = before;
    tray.wake.see(at);
    tray.waking = false;
    if (!tray.shownSince || now.state() == tray.state()) {
        if (!tray.shownSince)
            tray.shownSince = at.steady;
        tray.shown = now;
        tray.worseSince.reset();
        tray.betterSince.reset();
        return tray;
    }
    const bool worse = now.state() > tray.state();
    std::optional<milliseconds> &since = worse ? tray.worseSince : tray.betterSince;
    (worse ? tray.betterSince : tray.worseSince).reset();
    if (!since)
        since = at.steady;
    if (at.steady >= dueAt(tray, now.state(), timing)) {
        show(tray, now, at);
        return tray;
    }
    tray.waking = worse && tray.wake.until && waitsInGrace(now.state());
    return tray;
}

std::optional<milliseconds> wakeAt(const Tray &tray, const Condition &now, const TrayTiming &timing)
{
    if (!tray.shownSince || now.state() == tray.state())
        return std::nullopt;
    return dueAt(tray, now.state(), timing);
}

} // namespace cring::models
