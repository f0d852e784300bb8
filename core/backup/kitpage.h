// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/recoverykit.h"

#include <QList>
#include <QString>

#include <chrono>

namespace cring::backup {

/// Where a backup is, for a page that outlives the machine.
struct KitPlace
{
    QString url;
    QString bucket;
    QString region;
    QString addressing = {}; ///< "" or "auto": nothing has to be said of it.
    QString caFile = {};
};

/// The page that a person prints: what it is for, the key, where the backups are, and what to do. RecoveryKit
/// reads it again. UTF-8 of ASCII alone.
Secret kitPage(const RecoveryKit &kit, const QList<KitPlace> &places, std::chrono::milliseconds madeAt);

} // namespace cring::backup
