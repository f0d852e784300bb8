// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/restorewords.h"

#include "ui/models/wording.h"

namespace cring::ui {

using models::Restore;
using models::Wording;

namespace {

constexpr qsizetype kShownFailures = 10;

} // namespace

QString RestoreWords::counted(const Restore &restore)
{
    const Restore::Outcome &outcome = restore.outcome();
    const QString what = tr("%1, %2").arg(Wording::files(outcome.files), Wording::bytes(outcome.bytes));
    if (outcome.files + outcome.folders == 0)
        return tr("The backup has nothing of that at that time.");
    const QString where = restore.choice().folder;
    return where.isEmpty()
               ? tr("%1 would be brought to the servers. What is there and is as it should be is left "
                    "alone, and so is what clients write meanwhile; another version is written over.")
                     .arg(what)
               : tr("%1 would be brought to %2. Names and contents stay as the servers have them: "
                    "encrypted.")
                     .arg(what, where);
}

QString RestoreWords::ended(const Restore &restore)
{
    const Restore::Outcome &outcome = restore.outcome();
    QStringList lines;
    if (!restore.problem().isEmpty())
        lines.append(restore.problem());
    else if (restore.job().state == QStringLiteral("cancelled"))
        lines.append(tr("Ended before it was done; what was brought back stays."));
    lines.append(tr("Brought back: %1, %2. %3 were there already.")
                     .arg(Wording::files(outcome.brought), Wording::bytes(outcome.broughtBytes),
                          Wording::number(outcome.same)));
    if (outcome.failed > 0)
        lines.append(tr("Not brought back: %1.").arg(Wording::files(outcome.failed)));
    lines += outcome.failures.first(std::min(outcome.failures.size(), kShownFailures));
    return lines.join(u'\n');
}

QString RestoreWords::of(const Restore &restore)
{
    switch (restore.state()) {
    case Restore::State::Idle:
        return tr("Preview counts what would be brought back, and changes nothing.");
    case Restore::State::Counting:
        return tr("Counting: %1 so far").arg(Wording::files(restore.job().done));
    case Restore::State::Counted:
        return counted(restore);
    case Restore::State::Running:
        return tr("Bringing back: %1, %2 so far")
            .arg(Wording::files(restore.job().done), Wording::bytes(restore.job().bytes));
    case Restore::State::Ended:
        return ended(restore);
    }
    return {};
}

} // namespace cring::ui
