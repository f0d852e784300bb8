// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/words.h"

#include <array>

namespace cring::words {

QString duration(std::chrono::milliseconds time)
{
    using namespace std::chrono_literals;
    if (time < 60s)
        return QStringLiteral("%1 s").arg(std::max<qint64>(0, time / 1s));
    if (time < 60min)
        return QStringLiteral("%1 min").arg(time / 1min);
    if (time < 48h)
        return QStringLiteral("%1 h").arg(time / 1h);
    return QStringLiteral("%1 d").arg(time / 24h);
}

QString bytes(qint64 count)
{
    static constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    auto value = static_cast<double>(count);
    size_t unit = 0;
    // 999.5 would be written as four digits.
    while (value >= 999.5 && unit + 1 < units.size()) {
        value /= 1024;
        ++unit;
    }
    const int decimals = unit == 0 || value >= 99.95 ? 0 : 1;
    return QString::number(value, 'f', decimals) + u' ' + QLatin1String(units.at(unit));
}

QString counted(qint64 count, const char *one, const char *many)
{
    QString unit = QString::fromUtf8(count == 1 || !many ? one : many);
    if (count != 1 && !many)
        unit += u's';
    return QStringLiteral("%1 %2").arg(count).arg(unit);
}

QString enumeration(const QStringList &names)
{
    if (names.size() < 2)
        return names.join(QString());
    return names.first(names.size() - 1).join(QStringLiteral(", ")) + QStringLiteral(" and ") + names.last();
}

} // namespace cring::words
