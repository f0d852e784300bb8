// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/bench/results.h"

namespace cring::bench {

/// What was measured on, for people and machines.
struct Machine
{
    QString date; ///< ISO 8601, UTC.
    QString processor;
    int cores = 0;
    qint64 memory = 0; ///< Bytes.
    QString system;
    QString kernel;
    QString disk; ///< The file system of the servers' data.
    QString cring;
    QString charm;
    QString haproxy;

    /// haproxy and ring: the programs; folder: where the servers' data lies.
    static Machine describe(const QString &ring, const QString &haproxy, const QString &folder);
};

/// A Markdown table, and what belongs to it in words.
QString toTable(const Machine &machine, const Results &results);

/// The same and every round.
QByteArray toJson(const Machine &machine, const Results &results);

} // namespace cring::bench
