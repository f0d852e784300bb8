// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QStringList>

namespace cring::config {

/// Insertions, deletions, substitutions and swaps of neighbours that turn one word into the other
/// (optimal string alignment), ignoring case.
int editDistance(const QString &a, const QString &b);

/// The candidate that a mistyped word most likely meant; "" when none is near (more than a third of it
/// differs).
QString nearest(const QString &word, const QStringList &candidates);

} // namespace cring::config
