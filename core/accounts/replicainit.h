// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/databasecopy.h"
#include "core/accounts/node.h"
#include "core/accounts/replicaplan.h"
#include "core/accounts/replicasurvey.h"

#include <functional>
#include <stop_token>

namespace cring::accounts {

/// How far a ReplicaInit is.
struct InitProgress
{
    enum class Phase { Checking, Keys, Copying, Sending, Settings, Finishing };

    Phase phase = Phase::Checking;
    qint64 done = 0;  ///< Bytes of the database while Copying and Sending.
    qint64 total = 0; ///< 0: not known.
};

QString phaseName(InitProgress::Phase phase);

/// What came of it.
struct InitReport
{
    enum class Outcome {
        Made,
        Resumed,      ///< What an earlier attempt began was brought to its end.
        AlreadyThere, ///< The target has the same key: nothing was done.
    };

    Outcome outcome = Outcome::Made;
    QByteArray kid;          ///< Of the key that the new server signs with.
    qint64 accounts = 0;     ///< In its database.
    qint64 bytes = 0;        ///< Of its database.
    QByteArray environment;  ///< Text of the file beside the data.
    QByteArray unit;         ///< The same.
    QString environmentFile; ///< Where it is, as that machine has it.
    QString unitFile;
};

/// Makes the data directory of a new Charm server from that of another one, whose server may be running: key,
/// accounts, and how to start it. Files come later, by the ring's own mending.
///
/// The target is a folder that is not there (the one above is), or empty, or one that an earlier attempt
/// began. A marker file says so until all is done; whatever kills this in between, the next run goes on. What
/// fails for good takes away what it made; what failed for the connection, or was called off, does not, and
/// can be gone on with. Nothing that was there before is ever touched.
///
/// Blocks: for a worker. The nodes have the stop token; both outlive this.
class ReplicaInit
{
public:
    using Progress = std::function<void(const InitProgress &)>;

    /// `scratch`: a folder of this machine for this user alone, with room for the database.
    ReplicaInit(INode &source, INode &target, ReplicaPlan plan, QString scratch, const std::stop_token &stop,
                Progress progress);

    /// Once. ReplicaSource, ReplicaTarget (refused), NodeFull, and the errors of nodes and databases.
    Result<InitReport> run();

    static const QString kEnvironment; ///< "charm.env"
    static const QString kUnit;        ///< "charm.service"

private:
    Status carryOut();
    Status goOn();
    Status begin();
    Status makeFolder(const QString &path);
    Status placeKeys();
    Status placeKey(const QString &path, QByteArrayView text);
    Status placeDatabase();
    Status sendDatabase(const QString &file);
    Status keepDatabase();
    void nameFiles();
    Status writeSettings();
    Status completePlan();
    Result<QString> ask(const QStringList &argv);
    Status writeMarker();
    void takeAway();
    void tell(InitProgress::Phase phase, qint64 done = 0, qint64 total = 0) const;

    INode &m_source;
    INode &m_target;
    ReplicaPlan m_plan;
    const QString m_scratch;
    const std::stop_token m_stop;
    const Progress m_progress;
    std::optional<ServerKeys> m_keys;
    InitMarker m_marker;
    bool m_isOurs = false; ///< The target has our marker.
    InitReport m_report;
};

} // namespace cring::accounts
