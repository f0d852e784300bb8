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

/// Whose changes they are, for a person.
QString accountsOf(const ChangeUnit &unit)
{
    constexpr int kMostNamed = 3;
    QStringList ids;
    for (const Change &change : unit) {
        const QString id = QString::fromLatin1(change.charmId);
        if (!ids.contains(id))
            ids << id;
    }
    const QString more = ids.size() > kMostNamed ? QStringLiteral(" and others") : QString();
    return QStringLiteral("account %1%2").arg(ids.mid(0, kMostNamed).join(QStringLiteral(", ")), more);
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

std::optional<Error> AccountsDatabase::write(std::span<const ChangeUnit> units, Applied &applied,
                                             const std::stop_token &stop)
{
    std::vector<Change> changes;
    for (const ChangeUnit &unit : units)
        changes.insert(changes.end(), unit.begin(), unit.end());
    std::vector<bool> done;
    const auto ran = persist(
        sqltext::transaction(changes), [&] { done.assign(changes.size(), false); },
        [&](SqlRow row) {
            if (row.size() == 3 && row[0] == "done" && row[1].toULongLong() < done.size())
                done[row[1].toULongLong()] = row[2] == "1";
            return true;
        },
        stop, &applied.refusals);
    if (!ran.ok())
        return Error{ran.error().code, QStringLiteral("accounts cannot be written to %1").arg(m_name),
                     std::make_shared<const Error>(ran.error())};
    ++applied.transactions;
    applied.done.insert(applied.done.end(), done.begin(), done.end());
    return {};
}

std::optional<Error> AccountsDatabase::writeOneByOne(std::span<const ChangeUnit> units, Applied &applied,
                                                     const std::stop_token &stop)
{
    for (const ChangeUnit &unit : units) {
        std::optional<Error> error = write(std::span(&unit, 1), applied, stop);
        if (!error)
            continue;
        if (error->code != Code::AccountsForeign)
            return error;
        error->detail += QStringLiteral(" (%1)").arg(accountsOf(unit));
        // They are tried again in each round: of many only so many.
        if (++applied.leftOut > kMostLeftOut)
            return error;
        applied.error = std::move(error);
        applied.done.resize(applied.done.size() + unit.size(), false);
    }
    return {};
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
        size_t changes = 0;
        size_t last = first;
        do {
            changes += units[last].size();
            ++last;
        } while (last < units.size() && changes + units[last].size() <= most);
        const std::span group(units.begin() + static_cast<ptrdiff_t>(first), last - first);
        std::optional<Error> error = write(group, applied, stop);
        if (error && error->code == Code::AccountsForeign)
            error = writeOneByOne(group, applied, stop);
        first = last;
        if (error) {
            applied.error = std::move(error);
            break;
        }
    }
    applied.done.resize(count, false);
    return applied;
}

} // namespace cring::accounts
