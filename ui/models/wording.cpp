// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/wording.h"

#include <QDateTime>
#include <QLocale>

#include <limits>

namespace cring::models {

namespace {

/// tr() chooses the plural by an int; every number above it has the plural of the last few digits.
int pluralOf(qint64 count)
{
    constexpr qint64 kCycle = 1'000'000;
    return static_cast<int>(count < kCycle ? count : kCycle + count % kCycle);
}

} // namespace

QString Wording::duration(std::chrono::milliseconds time)
{
    using namespace std::chrono_literals;
    if (time < 60s)
        return tr("%1 s").arg(number(std::max<qint64>(0, time / 1s)));
    if (time < 60min)
        return tr("%1 min").arg(number(time / 1min));
    if (time < 48h)
        return tr("%1 h").arg(number(time / 1h));
    return tr("%1 d").arg(number(time / 24h));
}

QString Wording::age(qint64 thenMs, qint64 nowMs)
{
    return duration(std::chrono::milliseconds(nowMs - thenMs));
}

QString Wording::number(qint64 count)
{
    return QLocale().toString(count);
}

QString Wording::files(qint64 count)
{
    return tr("%1 files", nullptr, pluralOf(count)).arg(number(count));
}

QString Wording::bytes(qint64 count)
{
    return QLocale().formattedDataSize(count, 1, QLocale::DataSizeIecFormat);
}

QString Wording::enumeration(const QStringList &names)
{
    if (names.size() < 2)
        return names.join(QString());
    return tr("%1 and %2", "the last two of a list")
        .arg(names.first(names.size() - 1).join(tr(", ")), names.last());
}

QString Wording::clock(qint64 thenMs, qint64 nowMs)
{
    const QDateTime then = QDateTime::fromMSecsSinceEpoch(thenMs);
    if (then.date() == QDateTime::fromMSecsSinceEpoch(nowMs).date())
        return then.toString(QStringLiteral("HH:mm:ss"));
    return then.toString(QStringLiteral("yyyy-MM-dd HH:mm"));
}

QString Wording::exactTime(qint64 timeMs)
{
    return QLocale().toString(QDateTime::fromMSecsSinceEpoch(timeMs), QLocale::LongFormat);
}

QString Wording::labelled(const QString &label, const QString &text)
{
    return tr("%1: %2").arg(label, text);
}

QString Wording::nothing()
{
    return tr("–", "no value");
}

} // namespace cring::models
