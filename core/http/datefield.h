// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/clock.h"

#include <QByteArray>

namespace cring::http {

/// The value of the Date field (RFC 9110 §6.6.1), made anew once a second. The clock outlives it.
class DateField
{
public:
    explicit DateField(const IClock &clock)
        : m_clock(clock)
    {
    }

    const QByteArray &value();
    /// A moment in that form.
    static QByteArray textOf(std::chrono::milliseconds wall);

private:
    const IClock &m_clock;
    std::chrono::seconds m_second{-1};
    QByteArray m_value;
};

} // namespace cring::http
