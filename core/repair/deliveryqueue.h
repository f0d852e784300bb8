// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/repair/copymending.h"

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>

namespace cring::repair {

/// What one server owes, as the delivery works on it: ready by key, waiting for another try by when that is
/// due, or under way. Every step costs the logarithm of the length, so that a long queue in which everything
/// waits costs nothing but memory: about 100 bytes a path. One thread.
class DeliveryQueue final
{
public:
    using Time = std::chrono::milliseconds; ///< Of the steady clock.

    /// What is kept of a path between two tries.
    struct Pause
    {
        int attempts = 0;
        Time due{0};
        CopyMending::Task task = CopyMending::Task::Mend;
        QString problem;
        qint64 since = 0; ///< Of the debt that this is about: ms since 1970, UTC.
    };

    /// What is to be done with a path that is ready.
    enum class Verdict {
        Take,  ///< It can begin.
        Wait,  ///< Not now; it stays ready.
        Pause, ///< Not before `Look::pause` is due.
        Forget ///< Nothing is owed there any more.
    };
    struct Look
    {
        Verdict verdict = Verdict::Take;
        ObjectKey below; ///< With Wait: all that lies below this key would get the same answer. "": nothing.
        Pause pause = {};
    };
    enum class Search {
        Found,
        Nothing, ///< Of all that is ready, none can begin.
        More     ///< Not all was looked at: to be called again in a later turn of the event loop.
    };

    /// Something is owed. What waits goes on waiting when this is the debt it waits for.
    void owe(const ObjectKey &key, qint64 since);
    /// The next path after the last one found, round all that is ready, that `look` says Take to; it is under
    /// way from then on, by `runner` of setRunner().
    Search next(Time now, const std::function<Look(const ObjectKey &)> &look, ObjectKey &found);
    void setRunner(const ObjectKey &key, QObject *runner) { m_running[key] = runner; }
    /// What was under way has ended: its runner. It is not ready again before owe().
    QObject *end(const ObjectKey &key);

    /// Waits until `pause.due`.
    void pause(const ObjectKey &key, const Pause &pause);
    void forget(const ObjectKey &key);
    const Pause *pauseOf(const ObjectKey &key) const;
    /// Nothing that waits need wait any longer; a second look only when `looks`.
    void wake(bool looks);
    /// When the next of those that wait is due.
    std::optional<Time> nextDue() const;

    bool isRunning(const ObjectKey &key) const { return m_running.contains(key); }
    /// At the path or below it.
    bool runsBelow(const ObjectKey &key) const;
    size_t running() const { return m_running.size(); }
    /// Nothing is ready or waits.
    bool isEmpty() const { return m_ready.empty() && m_waiting.empty(); }
    /// Nothing is under way or ready; something may wait.
    bool rests() const { return m_running.empty() && m_ready.empty(); }

private:
    struct Round
    {
        ObjectKey start;
        bool wrapped = false;
    };

    void wakeDue(Time now);

    std::set<ObjectKey> m_ready;
    std::map<ObjectKey, QObject *> m_running;
    std::map<ObjectKey, Pause> m_pauses; ///< Of what waits, and of what waited and is ready or under way.
    std::set<std::pair<Time, ObjectKey>> m_waiting;
    ObjectKey m_cursor; ///< The last one looked at.
    std::optional<Round> m_round;
};

} // namespace cring::repair
