// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/accountsnapshot.h"
#include "core/backup/backups.h"
#include "core/backup/kitrecord.h"

#include <QTimer>

namespace cring::backup {

class SnapshotUpload;

/// Keeps sealed snapshots of the accounts in every bucket: after each change (at most one a minute), and once
/// a day in any case. Without a recovery kit there are none, for nobody could open them.
///
/// What a bucket has is among its facts (`snapshot_at`, `snapshot_digest`). One for the whole run, on the
/// event loop's thread.
class SnapshotKeeper final : public QObject
{
    Q_OBJECT

public:
    using Taken = std::function<void(Result<AccountSnapshot>)>;
    struct Means
    {
        Backups &backups; ///< All of these outlive it.
        state::BucketLedger &ledger;
        const IClock &clock;
        IRandom &random;
        telemetry::ActivityLog &activity;
        QString stateDirectory; ///< "" keeps the kit's public half in memory alone.
        /// Gives what is to be saved, from the event loop, once, unless the context has died. An error says
        /// in words that can be shown why nothing can be now; it is asked again. `fresh`: the servers are
        /// asked first.
        std::function<void(QObject *context, bool fresh, Taken taken)> take;
    };
    /// What a person has to know of one bucket.
    struct Standing
    {
        std::optional<qint64> savedMs; ///< Since 1970, UTC.
        QString problem;               ///< Why what is there is not current; else empty.
        bool pending = false;          ///< A look at them is under way, or begins at once.
    };
    /// Fact of a bucket: when the accounts were last saved there, ms since 1970.
    static constexpr const char *kSavedFact = "snapshot_at";
    /// Between two snapshots: what came after the last one is lost with everything else.
    static constexpr std::chrono::milliseconds kPause{5'000};
    /// The same of one that is longer than kLong, in bytes.
    static constexpr std::chrono::milliseconds kLongPause{60'000};
    static constexpr qsizetype kLong = 1024 * 1024;
    static constexpr std::chrono::milliseconds kAnyway{24 * 3'600'000};

    explicit SnapshotKeeper(Means means);
    ~SnapshotKeeper() override;

    /// Accounts, sequences or keys may have changed.
    void touch();
    /// A person wants it done now, with what the servers have by now.
    void hurry();
    void setPaused(bool paused);
    /// Nothing more is begun.
    void stop();

    const std::optional<KitRecord> &kit() const { return m_kit; }
    /// RecoveryKitInvalid; KeyExists when another one is there and is not to be replaced; StateFile. Blocks
    /// for a small file. What was sealed to another one, that one opens still.
    Status setKit(const QByteArray &publicHalf, bool replace);
    /// A person has shown that the kit can be read. RecoveryKitInvalid: it is another one; StateFile.
    Status confirmKit(const QByteArray &publicHalf);

    Standing standing(const Target &target) const;

private:
    struct Sealed
    {
        QByteArray kit; ///< Its public half.
        QByteArray digest;
        QByteArray bytes;
    };
    struct Sending
    {
        std::unique_ptr<SnapshotUpload> upload; ///< Null: nothing is under way.
        QString problem;
    };

    void look();
    void take(const Result<AccountSnapshot> &snapshot);
    void send(const Sealed &sealed);
    void sendTo(Target &target, const Sealed &sealed);
    void settle();
    bool isDue(const Target &target, const QByteArray &digest) const;
    void handleBackupsChanged();

    const Means m_means;
    std::optional<KitRecord> m_kit;
    QString m_kitProblem;
    QString m_problem; ///< Why nothing can be taken, or what was taken is not all.
    std::map<const Target *, Sending> m_sending;
    qsizetype m_size = 0;         ///< Of the last one, in bytes.
    QSet<const Target *> m_known; ///< With keys, when it was last looked.
    QTimer m_timer;
    std::optional<std::chrono::milliseconds> m_last; ///< When a snapshot was last taken, on the steady clock.
    bool m_busy = false;                             ///< From taking one to the last bucket's answer;
    bool m_isSending = false;                        ///< of that, once it is sealed.
    bool m_touched = false;
    bool m_fresh = false; ///< The next look asks the servers first.
    bool m_paused = false;
    bool m_stopped = false;
    Workers m_workers{1}; ///< Goes first.
};

} // namespace cring::backup
