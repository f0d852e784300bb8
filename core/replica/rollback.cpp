// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/rollback.h"

#include "core/replica/requests.h"
#include "core/replica/serverchange.h"

namespace cring::replica {

Rollback::Rollback(Environment &environment, const Credentials &credentials, const QByteArray &path,
                   std::optional<bool> existed, const Record &refused, const QList<Copy> &copies)
    : m_environment(environment)
    , m_credentials(credentials)
    , m_path(path)
    , m_key(objectKey(credentials.account, path))
    , m_existed(existed)
    , m_refused(refused)
{
    for (const Copy &copy : copies) {
        if (copy.state == OwnerStream::State::Stored)
            m_stored << copy;
        else if (copy.state != OwnerStream::State::Refused && copy.state != OwnerStream::State::Failed)
            m_unsure << copy;
        else if (hasOld(*copy.backend))
            m_intact << copy;
    }
    if (m_existed == false)
        m_end = End::Nothing;
    else if (!m_intact.isEmpty() || isOldElsewhere() || isInSpool())
        m_end = End::Old;
}

/// One that missed an earlier change keeps something older still, or nothing.
bool Rollback::hasOld(const health::Backend &backend) const
{
    const state::Catalogue &catalogue = m_environment.catalogue;
    const auto record = catalogue.find(m_key);
    const bool recorded = record && !record->deleted;
    return catalogue.copyState(m_key, backend.id()) == CopyState::Unknown &&
           (!recorded || catalogue.holds(m_key, backend.id()));
}

/// A server that stood in for an owner, or is none any more, and was not asked to take the new one.
bool Rollback::isOldElsewhere() const
{
    const QList<health::Backend *> all = m_environment.backends.all();
    return std::any_of(all.begin(), all.end(), [this](const health::Backend *backend) {
        const auto isIt = [backend](const Copy &copy) {
            return copy.backend == backend;
        };
        return m_environment.catalogue.holds(m_key, backend->id()) && hasOld(*backend) &&
               std::none_of(m_stored.begin(), m_stored.end(), isIt) &&
               std::none_of(m_unsure.begin(), m_unsure.end(), isIt);
    });
}

/// On this machine's disk, until the servers have it. What is pending there belongs to the refused upload.
bool Rollback::isInSpool() const
{
    const auto record = m_environment.catalogue.find(m_key);
    if (!record || record->deleted || record->digest.isEmpty())
        return false;
    const auto &bodies = m_environment.spool.all();
    return std::any_of(bodies.begin(), bodies.end(), [&](const auto &body) {
        return body.second.key == m_key && body.second.digest == record->digest && !body.second.pending;
    });
}

void Rollback::start()
{
    switch (m_end) {
    case End::Nothing:
        removeNew();
        break;
    case End::Old:
        restoreOld();
        break;
    case End::New:
        keepNew();
        break;
    }
}

/// The mark stands before the client hears of the refusal; the mending waits for what the server may still
/// do.
void Rollback::doubt(const Copy &copy)
{
    m_environment.catalogue.mark(m_key, copy.backend->id(), Debt::InDoubt);
    ++m_environment.counters.inDoubt;
}

/// There was nothing: there shall be nothing. The tombstone hides what a server in doubt may show.
void Rollback::removeNew()
{
    Record none;
    none.deleted = true;
    QList<QString> holders;
    for (const Copy &copy : std::as_const(m_intact))
        holders << copy.backend->id();
    m_environment.catalogue.acknowledge(m_key, none, holders);
    for (const Copy &copy : std::as_const(m_unsure))
        doubt(copy);

    m_waiting = 1;
    for (const Copy &copy : std::as_const(m_stored)) {
        m_environment.catalogue.mark(m_key, copy.backend->id(), Debt::InDoubt);
        ++m_waiting;
        ServerChange::send(m_environment, *copy.backend, m_key, fileRequest("DELETE", m_credentials, m_path),
                           m_environment.config.timing.continueTimeout, this,
                           [this, copy](const Result<http::Response> &result) {
                               if (result && result->status == 200)
                                   m_environment.catalogue.clear(m_key, copy.backend->id());
                               else
                                   doubt(copy);
                               if (--m_waiting == 0)
                                   Q_EMIT finished();
                           });
    }
    if (--m_waiting == 0)
        Q_EMIT finished();
}

/// Somebody still has what was there: the others get it back from there.
void Rollback::restoreOld()
{
    for (const Copy &copy : std::as_const(m_stored))
        doubt(copy);
    for (const Copy &copy : std::as_const(m_unsure))
        doubt(copy);
    Q_EMIT finished();
}

/// The old one is nowhere intact: the new one, where it is whole, is all there is: on a server, or in the
/// spool. Where nobody said so, the record is what the mending tells a whole copy by.
void Rollback::keepNew()
{
    QList<QString> holders;
    for (const Copy &copy : std::as_const(m_stored))
        holders << copy.backend->id();
    m_environment.catalogue.acknowledge(m_key, m_refused, holders);
    for (const Copy &copy : std::as_const(m_unsure))
        doubt(copy);
    Q_EMIT finished();
}

} // namespace cring::replica
