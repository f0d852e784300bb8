// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/change.h"
#include "core/accounts/sqlrunner.h"
#include "core/base/clock.h"
#include "core/base/random.h"

#include <QStringList>

#include <optional>
#include <span>

namespace cring::accounts {

/// What one look at a server's database found.
struct Reading
{
    AccountSet accounts;
    quint32 changeCounter = 0; ///< See ISqlRunner::Ran.
    QStringList warnings;      ///< What was met and left alone, in words.
    RowNumbers rows;
};

/// What has become of changes.
struct Applied
{
    /// One for each change, in their order: is it there now? false: the row has become another meanwhile, or
    /// it was not got to; the next round sees it.
    std::vector<bool> done;
    int transactions = 0;
    int refusals = 0;           ///< How often the database was locked.
    int leftOut = 0;            ///< Units that the tables refuse; the others are carried out.
    std::optional<Error> error; ///< Why it ended early, or what the last unit was that was left out.
};

/// Reads and writes the accounts of one Charm server's database, `db/charm_sqlite.db` in its data directory,
/// while the server runs. Charm reads and then writes in one deferred transaction and spins while the
/// database is locked (server/db/sqlite/storage.go, WrapTransaction): whoever waits inside a transaction
/// costs its clients their requests. So each transaction here is short, never waits, gives way at once, and
/// is tried again after a pause.
///
/// Blocks: belongs to a worker's thread. `stop` ends it between two transactions, and a long statement.
class AccountsDatabase
{
public:
    /// The runner and the random generator have to outlive this object. name: the server's, for errors.
    /// Without a clock, which outlives it too, only the tries are counted.
    AccountsDatabase(ISqlRunner &sql, QString name, IRandom &random, const IClock *clock = nullptr);

    const QString &name() const { return m_name; }

    /// Everything, in one transaction. Errors: as ISqlRunner's; AccountsForeign says which table or column is
    /// not there.
    Result<Reading> read(const std::stop_token &stop = {});

    /// Of the file as it is now; 0 where it is not known. The same as in a Reading: nothing has changed
    /// since.
    Result<quint32> changeCounter(const std::stop_token &stop = {});

    /// Carries the units out in turn, several to a transaction. `done` counts through all units. One that the
    /// tables refuse (AccountsForeign) does not hold up the others.
    Applied apply(const std::vector<ChangeUnit> &units, const std::stop_token &stop = {});

    /// Changes of one transaction: 10 ms of a laptop's disk.
    static constexpr size_t kMostInOne = 500;
    /// Unless there would be more transactions than this.
    static constexpr size_t kMostTransactions = 100;
    /// Refused units, before the rest waits for the next round.
    static constexpr int kMostLeftOut = 20;
    /// With the pauses between them, about eight seconds where a try takes a millisecond.
    static constexpr int kMostTries = 160;
    /// And where it takes longer, by way of another machine.
    static constexpr std::chrono::milliseconds kPatience{8'000};

private:
    Result<ISqlRunner::Ran> persist(const QByteArray &text, const std::function<void()> &begin,
                                    const std::function<bool(SqlRow)> &row, const std::stop_token &stop,
                                    int *refusals);

    /// In one transaction; appends to applied.done unless it fails.
    std::optional<Error> write(std::span<const ChangeUnit> units, Applied &applied,
                               const std::stop_token &stop);
    /// Leaves out what is refused; an error ends it.
    std::optional<Error> writeOneByOne(std::span<const ChangeUnit> units, Applied &applied,
                                       const std::stop_token &stop);

    ISqlRunner &m_sql;
    QString m_name;
    IRandom &m_random;
    const IClock *m_clock;
};

} // namespace cring::accounts
