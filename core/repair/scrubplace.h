// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/objectkey.h"

#include <QMap>
#include <QString>

#include <set>

namespace cring::repair {

/// How far a scrub is, and what it has met so far: what a renewed one goes on from.
struct ScrubPlace
{
    QByteArray account;
    bool accountEnded = true;
    state::ObjectKey last; ///< In the account: the last path that was taken.
    /// Servers, by id, that were there at its beginning, and since when they are what they are.
    QMap<QString, qint64> servers;
    std::set<QString> unheard;          ///< Servers, by id, that could not be gone through.
    std::set<QString> unheardInAccount; ///< The same, in this account.
    bool unsettledInAccount = false;    ///< Something in it was on its way.
    QMap<QByteArray, QString> skipped;  ///< Accounts, and why.
    std::set<QByteArray> leftAlone;     ///< Accounts: they are disabled.
    QMap<QString, qint64> counts;       ///< Of the summary.

    QByteArray toJson() const;
    /// What is missing or something else is as at the beginning.
    static ScrubPlace fromJson(const QByteArray &json);
};

} // namespace cring::repair
