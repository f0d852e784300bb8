// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/control/snapshot.h"
#include "ui/models/eventsmodel.h"

namespace cring::models {

/// A time in which a server was in one state.
struct HealthSpan
{
    enum class State {
        Unknown, ///< Nobody looked, or nobody remembers.
        Up,
        Impaired, ///< It works, and is no copy of the others.
        Down,
    };

    qint64 fromMs = 0; ///< Wall time.
    qint64 toMs = 0;
    State state = State::Unknown;

    bool operator==(const HealthSpan &) const = default;
};

inline constexpr std::chrono::milliseconds healthTime{std::chrono::hours(24)};

/// How it stood with a server in the last 24 hours, without a gap, the oldest first: from the service's
/// events (the newest first), which it keeps across its restarts. A pure function.
QList<HealthSpan> healthOf(const control::BackendStatus &backend, const QList<EventRow> &events,
                           qint64 nowMs);

/// The part of the known time in which it was up, 0 to 1; nothing when nothing is known.
std::optional<double> upShare(const QList<HealthSpan> &spans);
/// "99.2 %", for a person.
QString upWords(const QList<HealthSpan> &spans);
/// The times in which it was not up, a line each.
QString outageWords(const QList<HealthSpan> &spans);

} // namespace cring::models
