// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/problem.h"

namespace cring::config {

QString Place::toString() const
{
    return line > 0 ? QStringLiteral("%1:%2:%3").arg(source).arg(line).arg(column) : source;
}

QString Problem::toString() const
{
    const QString where = place.toString();
    return (where.isEmpty() ? QString() : where + QStringLiteral(": ")) + codeName(code) +
           QStringLiteral(": ") + detail;
}

} // namespace cring::config
