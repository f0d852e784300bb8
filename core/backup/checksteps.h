// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/bucketfindings.h"
#include "core/base/clock.h"

#include <functional>

namespace cring::backup {

/// The steps of a look at a bucket, one after the other, and what each has come to. One thread; the clock
/// outlives it.
class CheckSteps
{
public:
    using Level = BucketFinding::Level;
    using Found = std::function<void(const BucketFinding &)>;

    CheckSteps(const IClock &clock, Found found)
        : m_clock(clock)
        , m_found(std::move(found))
    {
    }

    /// The step whose time runs from now on.
    void begin(const char *step);
    /// Of the step that was begun last, or of another one.
    void end(Level level, const QString &text);
    /// A wish is not granted.
    void refuse(const QString &text);
    void end(BucketFinding finding);

    const QList<BucketFinding> &findings() const { return m_findings; }

private:
    const IClock &m_clock;
    const Found m_found;
    QList<BucketFinding> m_findings;
    QString m_step;
    std::chrono::milliseconds m_began{0}; ///< On the steady clock.
};

} // namespace cring::backup
