// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QtGlobal>

#include <random>

namespace cring {

/// Randomness for jitter and tie-breaking, never for keys. Injected, so that a seeded run repeats.
class IRandom
{
public:
    virtual ~IRandom() = default;
    /// Uniform over all 64-bit values.
    virtual quint64 next() = 0;

    /// Uniform in [0, bound); bound > 0.
    quint64 below(quint64 bound) { return next() % bound; }

    /// Uniform in [1 − spread, 1 + spread]: a factor for jittering an interval.
    double jitter(double spread)
    {
        return 1.0 + spread * (2.0 * static_cast<double>(next() >> 11) * 0x1.0p-53 - 1.0);
    }
};

/// Seeded from the operating system.
class SystemRandom final : public IRandom
{
public:
    SystemRandom();

    quint64 next() override { return m_engine(); }

private:
    std::mt19937_64 m_engine;
};

/// The same seed gives the same run.
class SeededRandom final : public IRandom
{
public:
    explicit SeededRandom(quint64 seed)
        : m_engine(seed)
    {
    }

    quint64 next() override { return m_engine(); }

private:
    std::mt19937_64 m_engine;
};

} // namespace cring
