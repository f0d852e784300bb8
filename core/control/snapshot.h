// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QJsonObject>
#include <QList>
#include <QString>
#include <QStringList>

#include <optional>

namespace cring::control {

/// How well the ring is, worst first to last; decides the colour, the tray's icon and `cring status
/// --exit-code`.
enum class Health {
    Well,     ///< Every server is up.
    Degraded, ///< Something is wrong, and nobody is refused.
    Refusing, ///< Too few servers for a quorum: uploads fail.
};

/// One server of the ring as people see it.
struct BackendStatus
{
    QString name;
    QString id;
    QString url;
    quint16 sshPort = 0;
    double weight = 1.0;
    QString state;   ///< "up" | "down" | "misconfigured" | "unknown"; a client must bear others.
    QString reason;  ///< In words, to follow the name; a code in brackets where there is one. Empty when all
                     ///< is well.
    QString warning; ///< It works, but somebody should look.
    qint64 sinceMs = 0;                ///< Wall time of the last change of state.
    std::optional<qint64> latencyMs;   ///< Of the last good probe.
    std::optional<qint64> clockSkewMs; ///< The server's clock minus ours; positive: it is ahead.
    QString breaker;                   ///< "closed" | "half-open" | "open"
    bool primary = false;
    int outstanding = 0; ///< Requests sent and not yet answered.
    qint64 requests = 0;
    qint64 errors = 0;
    qint64 bytesSent = 0;
    qint64 bytesReceived = 0;
    QString membership; ///< "member" | "draining" | "returned" (left out for a while, not trusted yet) |
                        ///< "joined" (new, not gone through yet)
    qint64 owed = 0;    ///< What it has not got yet, or is to be looked at: files, folders, deletes, and what
                        ///< the primary has accepted of accounts.
    qint64 setAside = 0;        ///< What rests because its account was disabled; not among `owed`.
    qint64 unknownAccounts = 0; ///< Accounts of what it is owed that it does not know: it takes none of that.
    /// Good copies, when they were last counted; nothing before that.
    std::optional<qint64> files;
    std::optional<qint64> missing; ///< Files that it should have and has not.
    std::optional<qint64> extra;   ///< Files that it has and need not have.
    std::optional<qint64> needed;  ///< Of these, such as some other server still lacks.

    bool operator==(const BackendStatus &) const = default;
};

/// Totals since start for one kind of request.
struct RequestStatus
{
    QString kind; ///< "upload", "download", …
    qint64 done = 0;
    qint64 refused = 0;
    qint64 failed = 0;
    qint64 abandoned = 0;
    int inFlight = 0;

    bool operator==(const RequestStatus &) const = default;
};

/// A long piece of work that is under way.
struct JobStatus
{
    qint64 id = 0;
    QString kind;  ///< "scrub", "repair", …
    QString state; ///< "running" | "paused"
    QString phase; ///< In words.
    qint64 done = 0;
    std::optional<qint64> total; ///< Nothing while it is not known.

    bool operator==(const JobStatus &) const = default;
};

/// Who answers charm clients by SSH while no server does, and what it has done since the start.
struct StandbyStatus
{
    QString mode;            ///< "forward" (nobody) | "standby" | "closed" (it answers always).
    QString problem;         ///< Why it could not take anybody now; empty when it could.
    bool standingIn = false; ///< The last session went to it.
    qint64 sessions = 0;     ///< That it was given; so are the following counted.
    qint64 logins = 0;
    qint64 turnedAway = 0; ///< Their keys have no account.
    qint64 overLimit = 0;  ///< Too many at the same time.
    qint64 commands = 0;
    qint64 tokens = 0; ///< Signed.

    bool operator==(const StandbyStatus &) const = default;
};

/// The last restore drill of a bucket.
struct DrillStatus
{
    std::optional<qint64> atMs; ///< Wall time of its begin; nothing: there was none yet.
    qint64 tookMs = 0;
    qint64 restored = 0; ///< Files that came back as they were.
    qint64 bytes = 0;    ///< Of these.
    qint64 unrestored = 0;
    QString problem;      ///< In a sentence; empty when all has come back.
    QStringList failures; ///< "<path>: <why>", the first ones.
    QString accounts; ///< What there is to say of the snapshot of the accounts; empty: it is as it should be.

    bool operator==(const DrillStatus &) const = default;
};

/// A bucket that gets every file.
struct BackupStatus
{
    QString name;
    QString id;
    QString url;
    QString bucket;
    QString state;  ///< "idle" | "working" | "waiting" | "paused" | "closed" (outside its hours) | "locked".
    QString reason; ///< Why it waits or is locked, in words; else empty.
    std::optional<qint64> reasonSinceMs; ///< Wall time.
    QString objectsProblem; ///< What keeps single objects from being stored while others are; empty: nothing.
    QString versioning;     ///< "enabled" | "suspended" | "never" | "unknown"
    qint64 objects = 0;     ///< That it is known to have.
    qint64 owed = 0;        ///< Files and folders that it has not got yet.
    qint64 owedDeletes = 0;
    qint64 owedBytes = 0;
    std::optional<qint64> oldestMs; ///< Wall time of the oldest change that it has not got.
    qint64 heldDeletes = 0;         ///< Of owedDeletes: these wait for a person.
    qint64 stored = 0;              ///< Since the start; so are the following counted.
    qint64 storedBytes = 0;
    qint64 removed = 0;
    qint64 failed = 0;                    ///< Tries.
    std::optional<qint64> lastMs;         ///< Wall time of the last change there.
    std::optional<qint64> verifiedMs;     ///< Wall time of the last comparison that found nothing wrong.
    std::optional<qint64> deepVerifiedMs; ///< The same of one that read every byte.
    std::optional<qint64> accountsMs;     ///< Wall time at which the accounts were last saved there.
    QString accountsProblem;         ///< Why what is saved of the accounts is not current; empty when it is.
    bool accountsPending = false;    ///< They are being looked at, and saved where they have changed.
    std::optional<qint64> checkedMs; ///< Wall time of the last look at all of the bucket.
    QStringList checkFindings;       ///< What it has found to be wrong: "versioning: off: …".
    DrillStatus drill;
    QString growthWarning; ///< A sentence, when much more is stored than usual; else empty.

    bool operator==(const BackupStatus &) const = default;
};

/// What is known of the kit that opens the accounts in the buckets.
struct RecoveryKitStatus
{
    QString name;                    ///< "K7F3-9QXM"; empty: there is none.
    std::optional<qint64> madeMs;    ///< Wall time.
    std::optional<qint64> checkedMs; ///< Wall time at which a person has shown that it can be read.

    bool operator==(const RecoveryKitStatus &) const = default;
};

/// A server that is left out of the accounts' rounds, and why, in words that follow its name.
struct LeftOut
{
    QString server;
    QString reason;

    bool operator==(const LeftOut &) const = default;
};

/// The accounts of all servers, as the last round has left them.
struct AccountsStatus
{
    qint64 count = 0;
    std::optional<qint64> roundMs; ///< Wall time of its end; nothing: never yet.
    QList<LeftOut> leftOut;
    QStringList clashes; ///< Sentences: what a person has to decide, and how.

    bool operator==(const AccountsStatus &) const = default;
};

/// Where notices go out beside the window: a webhook, a mail server, a dead-man's address.
struct OutletStatus
{
    QString name;                         ///< "webhook" | "mail" | "deadman"
    QString target;                       ///< In words, without secrets.
    QString problem;                      ///< Of the last try, when that has failed; else empty.
    std::optional<qint64> problemSinceMs; ///< Wall time.
    std::optional<qint64> lastMs;         ///< Wall time of the last one that has not failed.
    qint64 waiting = 0;                   ///< Notices that have not gone out.
    qint64 sent = 0;                      ///< Since the start; so are the failed tries.
    qint64 failed = 0;

    bool operator==(const OutletStatus &) const = default;
};

/// Everything that `cring status` and the window show, at one instant. A value: made by the service, carried
/// as JSON, read by anyone. Knows nothing of the parts that it was taken from.
struct Snapshot
{
    Health health = Health::Well;
    QString verdict; ///< One sentence for a person, without a code: "charm2 down for 6 min. Uploads go on".
    QString mode;    ///< "replication" | "backup" | "replication+backup"
    QString version;
    qint64 pid = 0;
    qint64 startedMs = 0; ///< Wall time.
    qint64 takenMs = 0;   ///< Wall time; ages are taken against it, not against the reader's clock.
    QString httpAddress;  ///< Where the front listens, as HOST:PORT.
    QString sshAddress;
    QString metricsAddress; ///< Empty when there are no metrics.
    int replicas = 0;       ///< R
    int quorum = 0;
    bool writesPossible = false;
    bool draining = false;               ///< Stopping: no new requests are taken.
    bool paused = false;                 ///< Background work rests, clients are served.
    std::optional<qint64> pausedUntilMs; ///< Wall time; nothing: until a person says otherwise.
    QStringList pausedBy;        ///< "person" | "metered" (the network is); a client must bear others.
    QList<JobStatus> jobs;       ///< Under way.
    QList<OutletStatus> outlets; ///< Of notices, as configured.
    QList<BackupStatus> backups;
    RecoveryKitStatus recoveryKit;
    StandbyStatus standby;
    AccountsStatus accounts;
    QList<BackendStatus> backends;
    QList<RequestStatus> requests;
    qint64 bytesIn = 0;
    qint64 bytesOut = 0;
    qint64 failovers = 0;
    qint64 rollbacks = 0;
    qint64 inDoubt = 0;
    qint64 conflicts = 0; ///< Versions that are kept aside.
    qint64 findings = 0;  ///< What was found at the servers and waits for a person.
    QString
        recordsProblem; ///< Why nothing can be written down, so that writes are refused; empty when it can.
    bool localCopy = false; ///< A copy on this machine's disk may count as one.
    qint64 localCopies = 0; ///< Uploads that were acknowledged because of one.
    qint64 spoolFiles = 0;  ///< Bodies of uploads that a server is still owed.
    qint64 spoolBytes = 0;  ///< Of these, and of those that are coming.
    qint64 spoolBudget = 0; ///< Bytes.
    /// [n]: files with n good copies; empty before they have been counted. With the instant of that.
    QList<qint64> copies;
    std::optional<qint64> countedMs; ///< Wall time.
    QStringList warnings;            ///< Sentences; nothing that the verdict says already.

    QJsonObject toJson() const;
    /// Bears unknown and missing fields of other releases; fails with ControlProtocol when it is no snapshot
    /// at all.
    static Result<Snapshot> fromJson(const QJsonObject &object);

    bool operator==(const Snapshot &) const = default;
};

/// "well" | "degraded" | "refusing"
QString healthName(Health health);
QJsonObject toJson(const BackendStatus &backend);
BackendStatus backendFromJson(const QJsonObject &object);

} // namespace cring::control
