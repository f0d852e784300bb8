// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/clock.h"

#include <QObject>
#include <QPointer>
#include <QTimer>

#include <functional>
#include <list>

namespace cring {

/// So much a second of something (bytes, files), for all who share it: a token bucket. After a rest it holds
/// a tenth of a second's worth at most, and it may owe: more than it holds may be taken, and is paid for
/// afterwards. The clock outlives it. One thread.
class RateLimit final : public QObject
{
    Q_OBJECT

public:
    explicit RateLimit(const IClock &clock, QObject *parent = nullptr);

    /// A second; 0 for no limit. What was spent stays spent.
    void setRate(qint64 rate);
    /// Of the rate, above 0: asked anew whenever it counts.
    void setShare(std::function<double()> share);

    qint64 rate() const { return m_rate; }

    bool unlimited() const { return m_rate == 0; }

    /// `granted` when nothing is owed, in the order of the calls; from the event loop, and never when
    /// `context` dies first.
    void take(qint64 amount, QObject *context, std::function<void()> granted);
    /// It is done already. True if whoever goes on should wait until that is paid for: take(0, …).
    bool spend(qint64 amount);

private:
    struct Waiting
    {
        QPointer<QObject> context;
        std::function<void()> granted;
        qint64 amount = 0;
    };

    bool owes() const { return m_rate > 0 && m_level < 0; }

    void refill();
    void schedule();
    void handleTime();

    const IClock &m_clock;
    std::function<double()> m_share;
    qint64 m_rate = 0;
    double m_level = 0;
    std::chrono::milliseconds m_refilled;
    std::list<Waiting> m_waiting;
    QTimer m_timer;
};

} // namespace cring
