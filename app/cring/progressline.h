// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

#include <chrono>
#include <optional>

namespace cring::app {

/// How far something is, in a line: "walking charm2: 120 of 340 (35 %), 12/s, about 1 min left". The rate is
/// an average over the last while, and the time left is said in steps, so that it does not flicker. A value.
class ProgressLine
{
public:
    struct Point
    {
        QString phase;
        qint64 done = 0;
        std::optional<qint64> total;
    };

    /// `now` is a steady time.
    void add(const Point &point, std::chrono::milliseconds now);
    QString text() const;

private:
    QString timeLeft() const;

    Point m_point;
    bool m_begun = false;
    qint64 m_from = 0; ///< `done` at m_since.
    std::chrono::milliseconds m_since{0};
    double m_rate = 0;    ///< Per second.
    bool m_known = false; ///< The rate.
};

} // namespace cring::app
