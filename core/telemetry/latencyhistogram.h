// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QtGlobal>

#include <algorithm>
#include <array>
#include <chrono>

namespace cring::telemetry {

/// How many times took how long, counted in classes. A plain value like Counters: the event loop alone writes
/// and reads it.
class LatencyHistogram
{
public:
    /// The classes' upper bounds, which belong to them; what is longer than all makes one more class. From
    /// a small file on loopback to an upload of 1 GiB over a home's line.
    static constexpr std::array<std::chrono::microseconds, 17> bounds{
        std::chrono::microseconds(500), std::chrono::microseconds(1'000), std::chrono::microseconds(2'500),
        std::chrono::milliseconds(5),   std::chrono::milliseconds(10),    std::chrono::milliseconds(25),
        std::chrono::milliseconds(50),  std::chrono::milliseconds(100),   std::chrono::milliseconds(250),
        std::chrono::milliseconds(500), std::chrono::seconds(1),          std::chrono::milliseconds(2'500),
        std::chrono::seconds(5),        std::chrono::seconds(10),         std::chrono::seconds(30),
        std::chrono::seconds(60),       std::chrono::seconds(300)};

    void observe(std::chrono::nanoseconds time)
    {
        const auto bound = std::lower_bound(bounds.begin(), bounds.end(), time);
        ++m_classes[static_cast<size_t>(bound - bounds.begin())];
        m_sum += time;
    }

    /// Of one class alone, by the index of its bound; bounds.size() is the last one.
    quint64 inClass(size_t index) const { return m_classes.at(index); }
    std::chrono::nanoseconds sum() const { return m_sum; }

private:
    std::array<quint64, bounds.size() + 1> m_classes{};
    std::chrono::nanoseconds m_sum{0};
};

} // namespace cring::telemetry
