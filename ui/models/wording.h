// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QCoreApplication>
#include <QString>

#include <chrono>

namespace cring::models {

/// Numbers and times as a person reads them, in the person's language (QLocale's default) and with its
/// plurals.
class Wording
{
    Q_DECLARE_TR_FUNCTIONS(cring::models::Wording)

public:
    /// "12 s", "6 min", "3 h", "4 d": one unit, rounded down; negative counts as 0.
    static QString duration(std::chrono::milliseconds time);
    /// duration() from one wall time to another, in milliseconds.
    static QString age(qint64 thenMs, qint64 nowMs);
    /// "1,284".
    static QString number(qint64 count);
    /// "1 file", "1,284 files".
    static QString files(qint64 count);
    /// "17 bytes", "1.2 MiB".
    static QString bytes(qint64 count);
    /// "charm1", "charm1 and charm2", "charm1, charm2 and charm3".
    static QString enumeration(const QStringList &names);
    /// "14:02:11" of the same day as nowMs, else "2026-01-31 14:02", in local time and the locale's form.
    static QString clock(qint64 thenMs, qint64 nowMs);
    /// Date and time in full, for tooltips.
    static QString exactTime(qint64 timeMs);
    /// "Name: charm1", as a screen reader says a cell.
    static QString labelled(const QString &label, const QString &text);
    /// "–": there is nothing to say.
    static QString nothing();
};

} // namespace cring::models
