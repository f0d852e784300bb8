// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/clock.h"
#include "core/telemetry/counters.h"

#include <QObject>
#include <QPointer>
#include <QTimer>

#include <functional>
#include <list>

namespace cring::repair {

/// How fast all background work together goes through files, and reads them: two token buckets. While
/// clients' requests are under way it goes at a tenth of that, and never stops for good. What is mended is
/// not throttled: a missing copy is a risk. One thread.
class Throttle final : public QObject
{
    Q_OBJECT

public:
    /// Per second; 0 for no limit.
    struct Rates
    {
        qint64 files = 0;
        qint64 bytes = 0;
    };

    Throttle(const IClock &clock, const telemetry::Counters &counters, QObject *parent = nullptr);

    /// What was spent stays spent.
    void setRates(const Rates &rates);

    /// `granted` when so many files may be gone through, in the order of the calls; from the event loop, and
    /// never when `context` dies first. More than a second's worth may be asked for: it is paid for
    /// afterwards.
    void takeFiles(qint64 files, QObject *context, std::function<void()> granted);
    /// So much has been read. True if the reader should wait: whenReadable() says until when.
    bool spendBytes(qint64 bytes);
    /// `readable` when what was read has been paid for. Otherwise as takeFiles().
    void whenReadable(QObject *context, std::function<void()> readable);

private:
    /// Holds the allowance of a moment's work at most, and may owe.
    class Bucket
    {
    public:
        void setRate(qint64 rate);
        bool unlimited() const { return m_rate == 0; }
        void refill(std::chrono::milliseconds passed, double share);
        void take(qint64 amount);
        bool owes() const { return m_rate > 0 && m_level < 0; }
        /// Until nothing is owed.
        std::chrono::milliseconds wait(double share) const;

    private:
        qint64 m_rate = 0;
        double m_level = 0;
    };
    struct Waiting
    {
        QPointer<QObject> context;
        std::function<void()> granted;
        qint64 files = 0;
    };

    double share() const;
    void refill();
    void schedule();
    void handleTime();
    void grant(std::list<Waiting> &waiting, Bucket &bucket);

    const IClock &m_clock;
    const telemetry::Counters &m_counters;
    Bucket m_files;
    Bucket m_bytes;
    std::chrono::milliseconds m_refilled;
    std::list<Waiting> m_forFiles;
    std::list<Waiting> m_forBytes;
    QTimer m_timer;
};

} // namespace cring::repair
