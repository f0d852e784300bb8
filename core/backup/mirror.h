// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/mirrortask.h"
#include "core/config/window.h"
#include "core/replica/accounttokens.h"

namespace cring::backup {

/// Keeps one bucket equal to what was acknowledged: takes from the ledger what is owed, some objects at a
/// time, each path once at a time and in its last version only. What fails is tried again with growing
/// pauses: all of it where the bucket is at fault, otherwise the one object.
///
/// Lives on the event loop's thread; what it is given outlives it.
class Mirror final : public QObject
{
    Q_OBJECT

public:
    struct Rules
    {
        /// More deletes than this that wait at once, or were done within an hour, wait for a person while the
        /// bucket keeps no versions; 0: never.
        int holdDeletes = 0;
        std::optional<config::Window> window;         ///< None: always.
        std::chrono::milliseconds secondLook{60'000}; ///< timing.second_look of the environment.
        std::chrono::milliseconds firstPause{1'000};
        std::chrono::milliseconds longestPause{60'000};
    };
    enum class State {
        Idle,    ///< Nothing is owed.
        Working, ///< Objects are on their way, or will be at once.
        Waiting, ///< For the time of the next try: problem() says why.
        Paused,  ///< By a person.
        Closed,  ///< Outside of its window.
        Locked,  ///< Without keys: problem() says why.
    };
    Q_ENUM(State)

    /// Since the start of the service.
    struct Counts
    {
        qint64 stored = 0;
        qint64 bytes = 0;
        qint64 removed = 0;
        qint64 failed = 0;
    };

    Mirror(S3Client &client, UploadMemory &uploads, state::BucketLedger &ledger,
           state::BucketLedger::Bucket bucket, replica::ITokenSource &tokens, const IClock &clock,
           QObject *parent = nullptr);
    ~Mirror() override;

    /// With every new configuration.
    void setEnvironment(replica::Environment &environment);
    void setRules(const Rules &rules);
    /// The service before did not end by itself: what it was sending may still arrive.
    void setRestarted() { m_restarted = true; }
    /// Paths of which something may be on the wire, or may still land though it was given up.
    QSet<replica::ObjectKey> uncertain() const;
    /// Those of the mirror before this one.
    void setUncertain(const QSet<replica::ObjectKey> &keys) { m_uncertain.unite(keys); }
    void setPaused(bool paused);
    /// What it needs is not there, in words ("": it is).
    void setLocked(const QString &problem);
    /// Whether the bucket keeps versions; deletes wait until that is known.
    void setVersioned(std::optional<bool> versioned);

    State state() const;
    /// Of the bucket, in words; "" when there is none.
    const QString &problem() const { return m_problem; }
    /// Of problem().
    Code problemCode() const { return m_problemCode; }
    /// What setLocked() said.
    const QString &locked() const { return m_locked; }
    /// Since when it has one, ms since 1970, UTC; 0: it has none.
    qint64 problemSince() const { return m_problem.isEmpty() ? 0 : m_problemSince; }
    /// What single objects wait for, where the bucket itself is well: "2 objects cannot be stored: …"; "":
    /// none does.
    QString objectProblem() const;
    const Counts &counts() const { return m_counts; }
    /// When an object was last stored or removed; ms since 1970, UTC; 0: not since the start.
    qint64 lastDone() const { return m_lastDone; }
    int underWay() const { return static_cast<int>(m_tasks.size()); }
    bool isUnderWay(const replica::ObjectKey &key) const { return m_tasks.contains(key); }

    /// Everything that waits is tried now.
    void hurry();

    /// Deletes that wait for a person.
    qint64 heldDeletes() const;
    /// They are carried out after all.
    void release();
    /// They are not: the objects stay in the bucket, as nobody's.
    qint64 discard();

Q_SIGNALS:
    /// Any of the above may be another.
    void changed();
    /// An object was stored, or removed.
    void stored(const cring::state::ObjectKey &key, qint64 bytes);
    void removed(const cring::state::ObjectKey &key);

private:
    using Need = state::BucketLedger::Need;
    struct Wait
    {
        std::chrono::milliseconds until{0}; ///< Monotonic.
        int failures = 0;
        QString problem;
    };

    void wake(std::chrono::milliseconds after);
    void work();
    bool mayWork() const;
    bool isOpen() const;
    void handleCompared();
    void consider(const replica::ObjectKey &key, const state::BucketLedger::Owed &owed);
    void begin(const replica::ObjectKey &key, Need need, std::optional<replica::Credentials> credentials);
    void handleFinished(MirrorTask &task, const std::optional<MirrorProblem> &problem, qint64 bytes);
    void noteRemoval();
    qint64 removalsOfAnHour() const;
    bool holds() const;
    std::chrono::milliseconds pauseAfter(int failures) const;

    S3Client &m_client;
    UploadMemory &m_uploads;
    state::BucketLedger &m_ledger;
    const state::BucketLedger::Bucket m_bucket;
    replica::AccountTokens m_tokens;
    const IClock &m_clock;
    replica::Environment *m_environment = nullptr;
    Rules m_rules;
    QTimer m_timer;
    std::map<replica::ObjectKey, std::unique_ptr<MirrorTask>> m_tasks;
    QHash<replica::ObjectKey, Wait> m_waits;
    QSet<replica::ObjectKey> m_uncertain; ///< Something may be on its way that was sent before.
    bool m_restarted = false;             ///< The same of everything, until what is owed is known.
    replica::ObjectKey m_cursor;
    std::chrono::milliseconds m_soonest{0}; ///< Of what this round could not begin yet.
    std::chrono::milliseconds m_until{0};   ///< The bucket is left alone so long; monotonic.
    int m_failures = 0;                     ///< Of the bucket, in a row.
    QString m_problem;
    Code m_problemCode = Code::BackupRefused;
    qint64 m_problemSince = 0;
    QString m_locked;
    bool m_paused = false;
    std::optional<bool> m_versioned;
    bool m_held = false;
    std::map<qint64, qint64> m_removals; ///< By minute.
    Counts m_counts;
    qint64 m_lastDone = 0;
};

} // namespace cring::backup
