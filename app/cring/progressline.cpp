// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/progressline.h"

#include <QLocale>

#include <algorithm>
#include <cmath>

namespace cring::app {

namespace {

using namespace std::chrono_literals;

/// The rate is taken anew this often, and a new one weighs a third: half of it is forgotten after 5 s.
constexpr auto kSample = 3s;
constexpr double kWeight = 1.0 / 3.0;

constexpr double kMinute = 60;
constexpr double kHour = 3'600;

QString number(qint64 value)
{
    return QLocale(QLocale::English).toString(value);
}

} // namespace

void ProgressLine::add(const Point &point, std::chrono::milliseconds now)
{
    // Another phase counts something else, and begins anew.
    if (!m_begun || point.done < m_point.done || point.phase != m_point.phase) {
        m_from = point.done;
        m_since = now;
        m_known = false;
    }
    m_begun = true;
    m_point = point;
    if (now - m_since < kSample)
        return;
    const double seconds = std::chrono::duration<double>(now - m_since).count();
    const double latest = static_cast<double>(point.done - m_from) / seconds;
    m_rate = m_known ? m_rate + kWeight * (latest - m_rate) : latest;
    m_known = true;
    m_from = point.done;
    m_since = now;
}

QString ProgressLine::text() const
{
    QString text = m_point.phase;
    if (!text.isEmpty())
        text += QStringLiteral(": ");
    text += number(m_point.done);
    if (m_point.total && *m_point.total > 0) {
        const auto percent = std::min<qint64>(100, m_point.done * 100 / *m_point.total);
        text += QStringLiteral(" of %1 (%2 %)").arg(number(*m_point.total)).arg(percent);
    }
    if (!m_known)
        return text;
    text += m_rate >= 10 ? QStringLiteral(", %1/s").arg(number(std::llround(m_rate)))
                         : QStringLiteral(", %1/s").arg(m_rate, 0, 'f', 1);
    return text + timeLeft();
}

QString ProgressLine::timeLeft() const
{
    if (!m_point.total || *m_point.total <= m_point.done || m_rate <= 0)
        return {};
    const double seconds = static_cast<double>(*m_point.total - m_point.done) / m_rate;
    if (seconds < kMinute)
        return QStringLiteral(", less than a minute left");
    if (seconds < 90 * kMinute)
        return QStringLiteral(", about %1 min left").arg(std::llround(std::ceil(seconds / kMinute)));
    return QStringLiteral(", about %1 h left").arg(std::llround(std::ceil(seconds / kHour)));
}

} // namespace cring::app
