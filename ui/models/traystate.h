// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/control/wakegrace.h"
#include "ui/models/condition.h"

namespace cring::models {

using control::Moment;

struct TrayTiming
{
    /// The icon holds a state for so long.
    std::chrono::milliseconds dwell{2'000};
    /// It has to have been better for so long before the icon says so: what comes and goes does not flicker.
    std::chrono::milliseconds calm{3'000};
    /// Work that is done within this time is not shown, nor is a service that is back within it.
    std::chrono::milliseconds patience{1'500};
};

/// What the tray shows, and what it has to remember to decide what comes next. A value.
struct Tray
{
    Condition shown;
    /// The machine has just woken up, and what has become worse is not told yet.
    bool waking = false;

    std::optional<std::chrono::milliseconds> shownSince; ///< Steady; nothing: nothing was shown yet.
    std::optional<std::chrono::milliseconds> worseSince; ///< Without a break worse than what is shown.
    std::optional<std::chrono::milliseconds> betterSince;
    control::WakeGrace wake;

    TrayState state() const { return shown.state(); }

    /// The menu's first line.
    QString firstLine() const;
    QString toolTip() const;
};

/// What the tray shows after it did `before` and the condition is `now`. A pure function, to be asked at each
/// new condition and at wakeAt().
///
/// A worse state is shown at once, or after `patience` where it often passes; a better one after `calm`; and
/// none before the last one was shown for `dwell`. The words of a state that stays are always the newest. In
/// the grace after a sleep nothing gets worse, except what a person alone can mend (Locked).
Tray next(const Tray &before, const Condition &now, const Moment &at, const TrayTiming &timing = {});

/// The steady time at which next() may answer something else though nothing has happened; nothing: it will
/// not.
std::optional<std::chrono::milliseconds> wakeAt(const Tray &tray, const Condition &now,
                                                const TrayTiming &timing = {});

} // namespace cring::models
