// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/findingsmodel.h"
#include "ui/models/keptversionsmodel.h"

namespace cring::ui::decision {

/// A question before something is done: what it does, to how much, and whether it can be taken back.
struct Question
{
    QString title;
    QString text;   ///< The question itself.
    QString detail; ///< What it will do.
    QString yes;    ///< With its mnemonic.
    bool isDestructive = false;
};

/// `current` is what holds now; null when that is not known.
Question choosing(const models::KeptVersionRow &version, const models::KeptVersionRow *current, qint64 nowMs);
Question discarding(const models::KeptVersionRow &version, qint64 nowMs);
/// Of findings that all have this remedy.
Question mending(models::Remedy remedy, const QList<models::FindingRow> &findings);

/// "Take over…", with its mnemonic.
QString buttonWords(models::Remedy remedy);

} // namespace cring::ui::decision
