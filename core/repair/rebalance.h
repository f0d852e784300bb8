// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/jobs/job.h"
#include "core/repair/survey.h"
#include "core/repair/throttle.h"

namespace cring::repair {

using jobs::Job;
using jobs::JobProgress;

/// What a rebalance would do, for people.
struct RebalancePlan
{
    struct Server
    {
        QString id;
        Survey::Amount copy;   ///< To be brought to it.
        Survey::Amount remove; ///< To be taken from it, once every owner has its copy.

        bool operator==(const Server &) const = default;
    };

    QList<Server> servers; ///< In the order of their ids.
    Survey::Amount copy;   ///< In all.
    Survey::Amount remove;
    qint64 copies = 0;      ///< That there should be: files times R.
    qint64 leastCopies = 0; ///< The sum of what each server must come to hold beyond what it holds, as
                            ///< ring::leastMovedCopies has it: with fewer it cannot be done.

    bool isEmpty() const { return copy.files == 0 && remove.files == 0; }
    /// Of all copies, from 0 to 1.
    double movedShare() const;
    /// {"servers": [{"id", "copy": {"files", "bytes"}, "remove": …}], "copy", "remove", "movedShare", …}
    QJsonObject toJson() const;
};

RebalancePlan planRebalance(const Survey::Counts &counts);

/// Brings every file to its owners, and takes it from whoever else holds it once they all have it. It only
/// says what is owed, a batch at a time; Delivery does it, verifies it, and says what goes wrong. A server
/// that cannot be used is waited for a quarter of a minute; what it is to get or to give stays owed then.
///
/// Summary: "moved" and "removed" (copies), "bytes" (moved), "left" (files that are still owed), "unheard"
/// (servers that were not waited for any longer, by name, and why).
class RebalanceJob final : public Job
{
    Q_OBJECT

public:
    /// Kind of job, as the registry and `cring jobs` name it.
    static constexpr auto kKind = "rebalance";

    /// `environment` gives the newest one at every step.
    RebalanceJob(std::function<replica::Environment &()> environment, Throttle &throttle,
                 QObject *parent = nullptr);
    ~RebalanceJob() override;

    void start(const QByteArray &cursor) override;
    void setPaused(bool paused) override;
    void cancel() override;
    JobProgress progress() const override;

private:
    enum class Phase { Counting, Moving };
    /// A file that is on its way.
    struct Pending
    {
        replica::ObjectKey before; ///< The walk's position in front of it.
        qint64 size = 0;
        qint64 lacking = 0; ///< Owners that had none when it was found.
        qint64 extras = 0;  ///< Copies too many, then.
        std::chrono::milliseconds waited{0};
    };

    void schedule(std::chrono::milliseconds wait);
    void step();
    void count();
    void move();
    void walk();
    void handleGranted();
    void settle();
    void noteAway();
    bool isGivenUp(const QList<health::Backend *> &servers) const;
    void finish();
    QByteArray cursor() const;

    std::function<replica::Environment &()> m_environment;
    Throttle &m_throttle;
    Phase m_phase = Phase::Counting;
    replica::ObjectKey m_begin;  ///< Where this run goes on from.
    replica::ObjectKey m_walked; ///< Up to here everything is in m_pending or done.
    bool m_walkEnded = false;
    std::map<replica::ObjectKey, Pending> m_next; ///< Wait for their turn.
    std::map<replica::ObjectKey, Pending> m_pending;
    qint64 m_pendingBytes = 0;
    JobProgress m_progress;
    qint64 m_counted = 0;
    qint64 m_moved = 0;
    qint64 m_removed = 0;
    qint64 m_left = 0;
    std::chrono::milliseconds m_lookedAt{0};
    QHash<QString, std::chrono::milliseconds> m_away; ///< Servers that cannot be used, by id, and since when.
    QJsonObject m_unheard;                            ///< Of the summary.
    bool m_paused = false;
    bool m_cancelled = false;
    bool m_ended = false;
    QTimer m_timer;
};

} // namespace cring::repair
