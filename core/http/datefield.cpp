// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/datefield.h"

#include <QDateTime>
#include <QLocale>

namespace cring::http {

const QByteArray &DateField::value()
{
    const auto second = std::chrono::floor<std::chrono::seconds>(m_clock.wall());
    if (second != m_second) {
        m_second = second;
        m_value = textOf(second);
    }
    return m_value;
}

QByteArray DateField::textOf(std::chrono::milliseconds wall)
{
    const QDateTime date = QDateTime::fromMSecsSinceEpoch(wall.count(), Qt::UTC);
    return QLocale::c().toString(date, QStringLiteral("ddd, dd MMM yyyy hh:mm:ss 'GMT'")).toLatin1();
}

} // namespace cring::http
