// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QByteArrayView>

#include <functional>
#include <span>
#include <stop_token>

namespace cring::accounts {

/// One row of a SELECT; valid during the call. A NULL is an empty view.
using SqlRow = std::span<const QByteArrayView>;

/// Runs a text of SQL statements on one Charm server's database: in this process, or by sqlite3(1) where the
/// server lives. Blocks, so it belongs to a worker's thread.
class ISqlRunner
{
public:
    /// What a program that prints rows line by line can carry: Hex asks for hex(…) around every column, and
    /// the runner turns it back into bytes.
    enum class Cells { Raw, Hex };

    struct Ran
    {
        /// The file change counter (https://www.sqlite.org/fileformat2.html#file_change_counter) as it was
        /// under the text's own lock, or earlier. 0: unknown.
        quint32 changeCounter = 0;
    };

    virtual ~ISqlRunner() = default;

    virtual Cells cells() const = 0;

    /// Runs the statements in turn on one connection of their own, without waiting for locks, and gives every
    /// row to `row`, which returns false to end it. Whatever goes wrong, a transaction that the text began is
    /// rolled back at once.
    /// Errors: AccountsBusy (locked: try again), AccountsFile (absent, unreadable, unwritable, disk full),
    /// AccountsForeign (the text does not fit the tables), AccountsDamaged, AccountsStopped (by `row` or
    /// `stop`).
    virtual Result<Ran> run(const QByteArray &text, const std::function<bool(SqlRow)> &row,
                            const std::stop_token &stop) = 0;
};

} // namespace cring::accounts
