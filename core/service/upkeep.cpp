// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/upkeep.h"

#include "core/base/words.h"

namespace cring::service {

using repair::ConflictChoice;
using repair::RebalanceJob;
using repair::RebalancePlan;
using repair::Survey;
using replica::ObjectKey;
using state::Members;

namespace {

/// Of servers that are not drained: a ring of one protects nothing.
constexpr qsizetype kFewest = 2;

qsizetype staying(const replica::Environment &environment)
{
    return std::ranges::count(environment.config.servers, false, &config::Server::draining);
}

} // namespace

Upkeep::Upkeep(Parts parts, QObject *parent)
    : QObject(parent)
    , m_parts(std::move(parts))
{
}

Upkeep::~Upkeep() = default;

// ---- conflicts ----

QList<Upkeep::Conflict> Upkeep::conflicts(const ObjectKey &after, qsizetype limit) const
{
    std::map<ObjectKey, QList<state::Conflicts::Version>> paths;
    for (const auto &[id, version] : m_parts.store.conflicts.all()) {
        if (version.key > after)
            paths[version.key].append(version);
    }
    QList<Conflict> list;
    for (auto &[key, kept] : paths) {
        if (list.size() == limit)
            break;
        Conflict conflict;
        conflict.key = key;
        conflict.current = m_parts.store.catalogue.find(key);
        conflict.holders = m_parts.store.catalogue.holders(key);
        // A choice that was interrupted leaves one that holds, or is about to be held, already.
        const bool holds = conflict.current && !conflict.current->deleted;
        kept.removeIf([&](const state::Conflicts::Version &version) {
            return holds && !version.digest.isEmpty() && version.digest == conflict.current->digest;
        });
        conflict.kept = kept;
        if (!kept.isEmpty())
            list.append(conflict);
    }
    return list;
}

void Upkeep::choose(quint64 id, QObject *context, std::function<void(const Status &)> done)
{
    auto *choice =
        new ConflictChoice(m_parts.environment(), m_parts.store.conflicts, m_parts.tokens, id, this);
    connect(choice, &ConflictChoice::finished, context, std::move(done));
    choice->start();
}

void Upkeep::discard(quint64 id, QObject *context, std::function<void(const Status &)> done)
{
    if (!m_parts.store.conflicts.find(id)) {
        done(Error{Code::NotFound,
                   QStringLiteral("no version %1 is kept aside (cring conflicts list)").arg(id)});
        return;
    }
    m_parts.store.conflicts.discard(id, context, [done = std::move(done)] { done({}); });
}

bool Upkeep::busy() const
{
    return !findChildren<ConflictChoice *>(Qt::FindDirectChildrenOnly).isEmpty();
}

// ---- where copies lie ----

void Upkeep::planRebalance(QObject *context, std::function<void(const RebalancePlan &)> done)
{
    connect(
        &m_parts.survey, &Survey::taken, context,
        [this, done = std::move(done)] { done(repair::planRebalance(*m_parts.survey.counts())); },
        Qt::SingleShotConnection);
    m_parts.survey.refresh();
}

std::unique_ptr<jobs::Job> Upkeep::makeRebalance() const
{
    return std::make_unique<RebalanceJob>(m_parts.environment, m_parts.throttle);
}

Result<Members::Number> Upkeep::memberOf(const QString &name) const
{
    const replica::Environment &environment = m_parts.environment();
    if (const health::Backend *backend = environment.backends.findByName(name))
        return m_parts.store.members.number(backend->id());
    QStringList names;
    for (const health::Backend *backend : environment.backends.all())
        names << backend->name();
    return Error{Code::NotFound, QStringLiteral("there is no server \"%1\"; the servers are %2")
                                     .arg(name.left(100), names.join(QStringLiteral(", ")))};
}

Result<QString> Upkeep::drain(const QString &name)
{
    const auto number = memberOf(name);
    if (!number)
        return number.error();
    const Members::Member member = m_parts.store.members.at(*number);
    if (member.state == Members::State::Draining)
        return QStringLiteral("%1 is being drained already").arg(member.name);
    if (member.state == Members::State::Returned)
        return Error{
            Code::TooFewServers,
            QStringLiteral("%1 was left out for a while, and its files have not been gone through yet: "
                           "what it holds cannot be given to others. Try again when that is done")
                .arg(member.name)};
    // Drained, it would be one that nothing is asked of any more.
    if (member.state == Members::State::Joined)
        return Error{
            Code::TooFewServers,
            QStringLiteral("%1 is new, and what it held before has not been gone through yet: it could be "
                           "taken for something that is not needed. Try again when that is done")
                .arg(member.name)};
    const replica::Environment &before = m_parts.environment();
    if (staying(before) - 1 < kFewest)
        return Error{Code::TooFewServers,
                     QStringLiteral("without %1 fewer than %2 servers would keep files; add a server first")
                         .arg(member.name)
                         .arg(kFewest)};
    const int replicas = before.config.effectiveReplicas();
    m_parts.store.members.setState(*number, Members::State::Draining);
    m_parts.drainingChanged();
    const replica::Environment &after = m_parts.environment();
    QString words = QStringLiteral("%1 is being drained: what it holds is brought to the others, and `cring "
                                   "status` says when it can be removed")
                        .arg(member.name);
    if (after.config.effectiveReplicas() < replicas)
        words += QStringLiteral("; each file will be on %1 servers, not %2")
                     .arg(after.config.effectiveReplicas())
                     .arg(replicas);
    if (const health::Backend *primary = after.primary.current(); primary && primary->id() == member.id)
        words += QStringLiteral("; accounts still go to it: promote another server before you remove it");
    return words;
}

Result<QString> Upkeep::resume(const QString &name)
{
    const auto number = memberOf(name);
    if (!number)
        return number.error();
    const Members::Member member = m_parts.store.members.at(*number);
    if (member.state != Members::State::Draining)
        return QStringLiteral("%1 is not being drained").arg(member.name);
    m_parts.store.members.setState(*number, Members::State::Trusted);
    m_parts.drainingChanged();
    return QStringLiteral("%1 keeps files again; `cring rebalance plan` shows what it should get back")
        .arg(member.name);
}

} // namespace cring::service
