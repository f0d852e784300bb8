// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/ratelimit.h"
#include "core/telemetry/counters.h"

namespace cring::repair {

/// How fast all background work together goes through files, and reads them. While clients' requests are
/// under way it goes at a tenth of that, and never stops for good. What is mended is not throttled: a missing
/// copy is a risk. One thread.
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
    RateLimit m_files;
    RateLimit m_bytes;
};

} // namespace cring::repair
