// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QByteArray>
#include <QJsonObject>
#include <QStringList>

#include <optional>

namespace cring::backup {

/// What the last restore drill of a bucket has come to: a fact of the bucket in the ledger. A value.
struct DrillRecord
{
    static constexpr const char *kFact = "drill";
    /// Failures that are named; the count says how many there are.
    static constexpr qsizetype kNamed = 20;

    qint64 atMs = 0;   ///< Its begin; since 1970, UTC.
    qint64 tookMs = 0; ///< In all.
    qint64 files = 0;  ///< Brought back, and as the catalogue has them.
    qint64 bytes = 0;  ///< Of these.
    qint64 failed = 0; ///< Files that did not come back as they were.
    QStringList failures;
    /// Of the newest snapshot of the accounts.
    bool accountsFailed = false;
    QString accounts; ///< What there is to say of it; "": it is for the recovery kit that is in use.

    /// Nothing when there is none.
    static std::optional<DrillRecord> parse(const QByteArray &bytes);
    QJsonObject toJson() const;
    /// In a sentence; "" when all has come back.
    QString problem() const;
};

} // namespace cring::backup
