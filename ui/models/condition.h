// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/control/troubles.h"
#include "ui/models/servicelink.h"

#include <QCoreApplication>

namespace cring::models {

/// What the tray icon shows, the least urgent first; the most urgent cause wins.
enum class TrayState {
    Well,
    Working,  ///< Something is being put right or stored, and nobody has to do anything.
    Paused,   ///< A person has let background work rest.
    Degraded, ///< Something is wrong, and nobody is refused.
    Overdue,  ///< A change has waited for a bucket for too long.
    Locked,   ///< The backup waits for keys that a person has to unlock.
    Refused,  ///< Uploads fail.
    Gone,     ///< No service, or none that answers.
};

inline constexpr int trayStateCount = static_cast<int>(TrayState::Gone) + 1;

/// "well", "working", …: what its icon's file is called.
QString trayStateName(TrayState state);

/// One thing that is the matter, or that nothing is.
struct Cause
{
    TrayState state = TrayState::Well;
    QString text;   ///< A sentence for a person, without a full stop at its end.
    QString server; ///< Whose trouble it is; empty when no single server's.
    /// What it is about: the same as long as it lasts, whatever the words. Never shown.
    QString about = {};

    static constexpr QLatin1String aboutService = control::Matter::aboutService;
    static constexpr QLatin1String aboutFindings = control::Trouble::aboutFindings;
    static constexpr QLatin1String aboutClashes = control::Trouble::aboutClashes;

    bool operator==(const Cause &) const = default;
};

/// All that is the matter at one instant.
struct Condition
{
    QList<Cause> causes; ///< The most urgent first; never empty once judged.

    TrayState state() const { return causes.isEmpty() ? TrayState::Gone : causes.first().state; }

    /// The menu's first line, and the headline of the window.
    QString firstLine() const { return causes.isEmpty() ? QString() : causes.first().text; }

    /// The most urgent cause waits for what a person alone can decide.
    bool firstNeedsADecision() const
    {
        return !causes.isEmpty() &&
               (causes.first().about == Cause::aboutFindings || causes.first().about == Cause::aboutClashes);
    }

    /// Every cause on a line, up to five.
    QString toolTip() const;

    bool operator==(const Condition &) const = default;
};

/// What condition() looks at. A value.
struct Sight
{
    ServiceLink::State link = ServiceLink::State::Connecting;
    QString problem;      ///< Of the link, in the service's words.
    SnapshotPtr snapshot; ///< The last one; counts only while the link is Connected.
    std::chrono::milliseconds overdueAfter{control::overdueByDefault};
    /// Of jobs under way, by id, where it is known.
    QHash<qint64, std::chrono::milliseconds> timeLeft = {};
};

/// A pure function: the same sight gives the same condition. Ages are taken against the snapshot's own time.
Condition condition(const Sight &sight);

} // namespace cring::models
