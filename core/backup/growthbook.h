// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/growth.h"
#include "core/base/clock.h"
#include "core/state/bucketledger.h"

#include <QTimer>

#include <functional>
#include <vector>

namespace cring::backup {

/// Keeps what a bucket has taken in, a row a day among its facts. A killed service loses the last seconds
/// of it.
///
/// Lives on the event loop's thread; ledger and clock outlive it.
class GrowthBook final : public QObject
{
    Q_OBJECT

public:
    /// Older rows are dropped.
    static constexpr int kKeptDays = 400;

    GrowthBook(state::BucketLedger &ledger, state::BucketLedger::Bucket bucket, const IClock &clock,
               QObject *parent = nullptr);
    ~GrowthBook() override;

    /// Writes down what was counted so far, for a book that takes over.
    void flush();

    void noteStored(const state::ObjectKey &key, qint64 bytes);
    void noteRemoved(const state::ObjectKey &key);

    /// What is there is counted anew, in short steps; `done` from the event loop, unless the context has
    /// died.
    void count(QObject *context, std::function<void()> done);
    /// Those of the last so many days on which something was noted; the newest first.
    QList<GrowthDay> days(int number) const;
    /// Of today, or yesterday.
    std::optional<OddGrowth> odd() const;

private:
    struct Waiting
    {
        QPointer<QObject> context;
        std::function<void()> done;
    };

    QDate today() const;
    void turnPage();
    void write();
    GrowthRow &rowOf(const state::ObjectKey &key);
    void save();
    void countSome();
    void takeCounts();
    std::optional<OddGrowth> judge(const QDate &day) const;

    state::BucketLedger &m_ledger;
    const state::BucketLedger::Bucket m_bucket;
    const IClock &m_clock;
    GrowthDay m_day;
    bool m_changed = false;
    QTimer m_save;
    QTimer m_step;
    std::optional<std::chrono::milliseconds> m_counted; ///< When it last began, on the steady clock.
    state::ObjectKey m_after;
    QMap<QByteArray, GrowthRow> m_counts; ///< So far: objects and bytes.
    std::vector<Waiting> m_waiting;
};

} // namespace cring::backup
