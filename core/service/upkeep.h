// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/repair/conflictchoice.h"
#include "core/repair/rebalance.h"
#include "core/service/store.h"

namespace cring::service {

/// What a person can have done about conflicts and about where copies lie: for the handlers of the control
/// API. One thread; nothing blocks. Texts are for people.
class Upkeep final : public QObject
{
    Q_OBJECT

public:
    /// All of it outlives this.
    struct Parts
    {
        Store &store;
        replica::ITokenSource &tokens;
        repair::Survey &survey;
        repair::Throttle &throttle;
        std::function<replica::Environment &()> environment; ///< The newest.
        /// The servers are what they were, and draining() has changed: takes effect with a new configuration.
        std::function<void()> drainingChanged;
    };

    explicit Upkeep(Parts parts, QObject *parent = nullptr);
    ~Upkeep() override;

    // ---- conflicts ----

    /// A path of which versions are kept aside.
    struct Conflict
    {
        replica::ObjectKey key;
        std::optional<replica::Record> current; ///< What holds; none, or deleted: nothing does.
        QList<QString> holders;                 ///< Ids of the servers that have it.
        QList<state::Conflicts::Version> kept;  ///< Never empty; the oldest first.
    };
    /// By path, at most `limit` of them after a key. Without versions that hold by now.
    QList<Conflict> conflicts(const replica::ObjectKey &after, qsizetype limit) const;
    /// See repair::ConflictChoice; `done` when the write is acknowledged, or will not be.
    void choose(quint64 id, QObject *context, std::function<void(const Status &)> done);
    /// `done` when the version is gone for good. NotFound.
    void discard(quint64 id, QObject *context, std::function<void(const Status &)> done);

    // ---- where copies lie ----

    /// Null before the first walk through the catalogue has ended.
    std::shared_ptr<const repair::Survey::Counts> counts() const { return m_parts.survey.counts(); }
    /// After a fresh walk.
    void planRebalance(QObject *context, std::function<void(const repair::RebalancePlan &)> done);
    /// For the registry of jobs, under RebalanceJob::kKind; there is one at a time.
    std::unique_ptr<jobs::Job> makeRebalance() const;

    /// The server of this name or id owns nothing from now on, and what it holds is brought to others by
    /// itself. A sentence that says what follows. NotFound; TooFewServers when fewer than two would be left,
    /// or when it has come back and is not trusted yet. Again: changes nothing.
    Result<QString> drain(const QString &name);
    /// Undoes drain(): it is an owner again. What has gone to others comes back with a rebalance.
    Result<QString> resume(const QString &name);

    /// A choice is under way.
    bool busy() const;

private:
    Result<state::Members::Number> memberOf(const QString &name) const;

    Parts m_parts;
};

} // namespace cring::service
