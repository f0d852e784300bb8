// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/accountsdatabase.h"
#include "core/accounts/merge.h"

namespace cring::accounts {

/// A server that takes part in a round.
struct SyncServer
{
    QByteArray id;             ///< The backend's, by which it is remembered.
    QString name;              ///< The backend's, for words.
    ISqlRunner *sql = nullptr; ///< Has to outlive the round.
    FileProbe hasFiles;        ///< Empty: not known, which counts as yes.
};

/// Looks into `files/` beside the `db/` folder of a database on this machine. What cannot be looked into
/// counts as yes, and so does all when there is no `files/`: a server makes it when it starts, so what it is
/// on is not there just now.
FileProbe filesBeside(const QString &databasePath);

struct ServerOutcome
{
    QByteArray id;
    QString name;
    std::optional<Error> error; ///< It took no part, or not to the end.
    QStringList warnings;
    Trust trust = Trust::New;
    size_t changes = 0; ///< That it needed.
    size_t done = 0;    ///< That are there now; the others meet the next round.
    int transactions = 0;
    int refusals = 0; ///< How often it was locked, and we gave way.

    /// The error with all that led to it, for people; "" without one.
    QString problem() const;
};

struct RoundOutcome
{
    std::vector<ServerOutcome> servers; ///< In the order in which they were given.
    std::vector<Clash> clashes;
    bool stopped = false;

    /// Every server was there, and holds what all are to hold.
    bool isComplete() const;
    /// At least one server was read, and got what it lacked.
    bool anyTookPart() const;
};

/// Makes the accounts of several Charm servers equal: reads them all, merges what their clients have done
/// since the last round, and writes to each what it lacks. What was written is looked at again before the
/// transaction ends.
///
/// A file that has not been written to since the last round is not read again.
///
/// Blocks: belongs to a worker's thread, one round at a time for the same state. The caller keeps `state`, in
/// a file too, when a round has ended, however it ended; should the program die before, the next round finds
/// the same.
class AccountSync
{
public:
    /// Both outlive this object. clock: as AccountsDatabase's.
    explicit AccountSync(IRandom &random, const IClock *clock = nullptr)
        : m_random(random)
        , m_clock(clock)
    {
    }

    /// Servers that cannot be read, or written to, are left to the next round. stop ends it between two
    /// transactions; what was done until then is in `state`.
    RoundOutcome round(Synchronised &state, const std::vector<SyncServer> &servers,
                       const std::stop_token &stop = {});

    /// What was read of a server: its file may be another one.
    void forget(const QByteArray &id) { m_known.erase(id); }

private:
    /// A server's accounts as they were last read, for as long as its file stays the same.
    struct Known
    {
        quint32 changeCounter = 0;
        AccountSet accounts;
        QStringList warnings;
        RowNumbers rows;
    };

    Result<Reading> read(const SyncServer &server, AccountsDatabase &database, const AccountSet &shared,
                         const std::stop_token &stop);

    IRandom &m_random;
    const IClock *m_clock;
    std::map<QByteArray, Known> m_known; ///< By the backend's id.
};

} // namespace cring::accounts
