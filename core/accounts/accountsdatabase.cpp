// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/accountsdatabase.h"

#include "core/accounts/accountrows.h"
#include "core/accounts/sqltext.h"

#include <condition_variable>
#include <cstring>
#include <mutex>

namespace cring::accounts {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{4};
constexpr milliseconds kLongestPause{50};

/// False when stopped before.
bool pause(milliseconds time, const std::stop_token &stop)
{
    std::mutex mutex;
    std::condition_variable_any condition;
    std::unique_lock lock(mutex);
    condition.wait_for(lock, stop, time, [] { return false; });
    return !stop.stop_requested();
}

/// Rows as they came, in one piece each: they are understood when the database has been let go.
class RowBuffer
{
public:
    void add(SqlRow row)
    {
        m_bytes.append(static_cast<char>(row.size()));
        for (const QByteArrayView cell : row) {
            const auto size = static_cast<quint32>(cell.size());
            m_bytes.append(reinterpret_cast<const char *>(&size), sizeof size);
            m_bytes.append(cell.data(), cell.size());
        }
    }

    qsizetype size() const { return m_bytes.size(); }

    void giveTo(const std::function<bool(SqlRow)> &take) const
    {
        std::vector<QByteArrayView> cells;
        for (const char *at = m_bytes.constData(), *end = at + m_bytes.size(); at < end;) {
            cells.clear();
            for (int left = *at++; left > 0; --left) {
                quint32 size = 0;
                std::memcpy(&size, at, sizeof size);
                at += sizeof size;
                cells.emplace_back(at, static_cast<qsizetype>(size));
                at += size;
            }
            if (!take(cells))
                return;
        }
    }

private:
    QByteArray m_bytes;
};

Error stopped()
{
    return {Code::AccountsStopped, QStringLiteral("the synchronisation of accounts was called off")};
}

} // namespace

AccountsDatabase::AccountsDatabase(ISqlRunner &sql, QString name, IRandom &random, const IClock *clock)
    : m_sql(sql)
    , m_name(std::move(name))
    , m_random(random)
    , m_clock(clock)
{
}

Result<ISqlRunner::Ran> AccountsDatabase::persist(const QByteArray &text, const std::function<void()> &begin,
                                                  const std::function<bool(SqlRow)> &row,
                                                  const std::stop_token &stop, int *refusals)
{
    milliseconds next = kFirstPause;
    // A try takes a millisecond here, and seconds by way of another machine.
    const milliseconds begun = m_clock ? m_clock->steady() : milliseconds(0);
    for (int attempt = 1;; ++attempt) {
        if (stop.stop_requested())
            return stopped();
        begin();
        auto ran = m_sql.run(text, row, stop);
        if (ran.ok() || ran.error().code != Code::AccountsBusy || attempt == kMostTries ||
            (m_clock && m_clock->steady() - begun >= kPatience))
            return ran;
        ++*refusals;
        const milliseconds time(static_cast<int>(static_cast<double>(next.count()) * m_random.jitter(0.5)));
        if (!pause(time, stop))
            return stopped();
        next = std::min(next * 2, kLongestPause);
    }
}

Result<Reading> AccountsDatabase::read(const std::stop_token &stop)
{
    std::optional<AccountRows> rows;
    RowBuffer buffer;
    int refusals = 0;
    const auto begin = [&] {
        rows.emplace();
        buffer = {};
    };
    // A writer can go on only when the last row has come, so there is no time for looking at them; what the
    // file holds decides whether it is read at all.
    const auto take = [&](SqlRow row) {
        if (!rows->isAboutAccounts(row))
            return rows->take(row);
        buffer.add(row);
        return buffer.size() <= AccountRows::kMostBytes;
    };
    const auto ran = persist(sqltext::reading(m_sql.cells()), begin, take, stop, &refusals);
    if (ran.ok() || buffer.size() > AccountRows::kMostBytes)
        buffer.giveTo([&](SqlRow row) { return rows->take(row); });
    buffer = {};
    if (rows && rows->problem())
        return Error{Code::AccountsForeign,
                     QStringLiteral("the accounts database of %1 %2").arg(m_name, *rows->problem())};
    if (!ran.ok())
        return Error{ran.error().code, QStringLiteral("the accounts of %1 cannot be read").arg(m_name),
                     std::make_shared<const Error>(ran.error())};
    AccountSet accounts = rows->finish();
    return Reading{std::move(accounts), ran.value().changeCounter, rows->warnings(), rows->numbers()};
}

Result<quint32> AccountsDatabase::changeCounter(const std::stop_token &stop)
{
    int refusals = 0;
    const auto ran = persist(
        sqltext::nothing(), [] {}, [](SqlRow) { return true; }, stop, &refusals);
    return ran.ok() ? Result<quint32>(ran.value().changeCounter) : Result<quint32>(ran.error());
}

Applied AccountsDatabase::apply(const std::vector<ChangeUnit> &units, const std::stop_token &stop)
{
    Applied applied;
    size_t count = 0;
    for (const ChangeUnit &unit : units)
        count += unit.size();
    // Each looks through the tables and is brought to the disk: a server that is filled gets longer ones.
    const size_t most = std::max(kMostInOne, count / kMostTransactions);
    for (size_t first = 0; first < units.size();) {
        std::vector<Change> changes;
        size_t last = first;
        do {
            changes.insert(changes.end(), units[last].begin(), units[last].end());
            ++last;
        } while (last < units.size() && changes.size() + units[last].size() <= most);

        std::vector<bool> done;
        const auto ran = persist(
            sqltext::transaction(changes), [&] { done.assign(changes.size(), false); },
            [&](SqlRow row) {
                if (row.size() == 3 && row[0] == "done" && row[1].toULongLong() < done.size())
                    done[row[1].toULongLong()] = row[2] == "1";
                return true;
            },
            stop, &applied.refusals);
        if (!ran.ok()) {
            applied.error =
                Error{ran.error().code, QStringLiteral("accounts cannot be written to %1").arg(m_name),
                      std::make_shared<const Error>(ran.error())};
            done.assign(changes.size(), false);
        } else {
            ++applied.transactions;
        }
        applied.done.insert(applied.done.end(), done.begin(), done.end());
        first = last;
        if (!ran.ok())
            break;
    }
    applied.done.resize(count, false);
    return applied;
}

} // namespace cring::accounts
