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
        const QDateTime date = QDateTime::fromSecsSinceEpoch(second.count(), Qt::UTC);
        m_value = QLocale::c().toString(date, QStringLiteral("ddd, dd MMM yyyy hh:mm:ss 'GMT'")).toLatin1();
    }
    return m_value;
}

} // namespace cring::http
