// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/localdatabase.h"

#include "core/accounts/accountsync.h"
#include "core/accounts/localsql.h"
#include "core/base/words.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace cring::accounts {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

/// One after the other, on threads that may hang.
class LocalDatabase::Calls : public std::enable_shared_from_this<Calls>
{
public:
    explicit Calls(milliseconds patience)
        : m_patience(patience)
    {
    }

    milliseconds patience() const { return m_patience; }

    /// True: it has ended. False: it has not in time, and giveUp was called, or an earlier one still hangs.
    /// `work` owns all that it touches.
    bool carryOut(std::function<void()> work, const std::function<void()> &giveUp,
                  const std::stop_token &stop = {})
    {
        std::unique_lock lock(m_mutex);
        if (m_busy)
            return false;
        m_busy = true;
        m_sign = Steady::now();
        std::thread([self = shared_from_this(), work = std::move(work)]() mutable {
            work();
            work = {};
            const std::lock_guard ended(self->m_mutex);
            self->m_busy = false;
            self->m_changed.notify_all();
        }).detach();
        const auto hasEnded = [this] {
            return !m_busy;
        };
        while (m_busy && !stop.stop_requested() && Steady::now() < m_sign + m_patience)
            m_changed.wait_until(lock, stop, m_sign + m_patience, hasEnded);
        if (m_busy && stop.stop_requested())
            m_changed.wait_for(lock, kGrace, hasEnded);
        if (m_busy)
            giveUp();
        return !m_busy;
    }

    /// From the work: calls `take` while whoever waits goes on waiting.
    bool show(const std::function<bool()> &take)
    {
        const std::lock_guard lock(m_mutex);
        m_sign = Steady::now();
        return take();
    }

private:
    const milliseconds m_patience;
    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    Steady::time_point m_sign; ///< The last one of life.
    bool m_busy = false;
};

LocalDatabase::LocalDatabase(QString file, milliseconds patience)
    : m_file(std::move(file))
    , m_calls(std::make_shared<Calls>(patience))
{
}

LocalDatabase::~LocalDatabase() = default;

Result<ISqlRunner::Ran> LocalDatabase::run(const QByteArray &text, const std::function<bool(SqlRow)> &row,
                                           const std::stop_token &stop)
{
    struct Run
    {
        std::stop_source stop;
        const std::function<bool(SqlRow)> *row = nullptr; ///< Null: nobody waits any more.
        Result<Ran> ran = Ran();
    };
    const auto shared = std::make_shared<Run>();
    shared->row = &row;
    const std::stop_callback callOff(stop, [&shared] { shared->stop.request_stop(); });
    const auto work = [calls = m_calls.get(), shared, file = m_file, text] {
        shared->ran = LocalSql(file).run(
            text,
            [&](SqlRow cells) { return calls->show([&] { return shared->row && (*shared->row)(cells); }); },
            shared->stop.get_token());
    };
    const auto giveUp = [&shared] {
        shared->row = nullptr;
        shared->stop.request_stop();
    };
    if (m_calls->carryOut(work, giveUp, stop))
        return std::move(shared->ran);
    if (stop.stop_requested())
        return Error{Code::AccountsStopped, QStringLiteral("%1: called off").arg(m_file)};
    return Error{Code::AccountsFile,
                 QStringLiteral("%1 has not answered within %2: is it another machine's disk?")
                     .arg(m_file, words::duration(m_calls->patience()))};
}

FileProbe LocalDatabase::files() const
{
    return [calls = m_calls, probe = filesBeside(m_file)](const QByteArray &charmId) {
        const auto found = std::make_shared<std::atomic<bool>>(true);
        return !calls->carryOut([=] { *found = probe(charmId); }, [] {}) || *found;
    };
}

} // namespace cring::accounts
