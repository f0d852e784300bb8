// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/removal.h"

#include "core/http/exchange.h"
#include "core/replica/folders.h"
#include "core/replica/requests.h"

namespace cring::replica {

namespace {

using namespace std::chrono_literals;

/// The exchange is kept until the server answers or its connection dies; this only bounds a dead peer without
/// a FIN.
constexpr auto kUntilDead = 600'000ms;

} // namespace

Removal::Removal(Environment &environment, const Credentials &credentials, const QByteArray &path,
                 const QByteArray &target, QObject *parent)
    : QObject(parent)
    , m_environment(environment)
    , m_credentials(credentials)
    , m_key(objectKey(credentials.account, path))
    , m_path(path)
    , m_target(target)
{
    m_deadline.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this, &Removal::handleDeadline);
}

Removal::~Removal() = default;

int Removal::count(Share share) const
{
    return static_cast<int>(std::count_if(m_targets.begin(), m_targets.end(),
                                          [share](const Target &target) { return target.share == share; }));
}

void Removal::start()
{
    const QList<health::Backend *> all = m_environment.backends.all();
    for (health::Backend *backend : all) {
        if (admits(*backend, m_absent))
            m_targets.push_back({backend, Share::Waiting, 0, {}, {}, {}, {}});
        else
            m_absentIds << backend->id();
    }
    const int reachable = static_cast<int>(m_targets.size());
    if (reachable < m_environment.widespreadQuorum()) {
        conclude(
            refusal(503, QStringLiteral("nothing was deleted: %1 of %2 servers can be reached, need %3: %4")
                             .arg(m_targets.size())
                             .arg(m_environment.backends.size())
                             .arg(m_environment.widespreadQuorum())
                             .arg(listed(m_absent))));
        return;
    }
    m_environment.locks.acquire(m_key, this,
                                [this](PathLocks::Lease lease) { handleLocked(std::move(lease)); });
}

void Removal::handleLocked(PathLocks::Lease lease)
{
    m_lease = std::move(lease);
    m_deadline.start(m_environment.config.timing.answerTimeout);
    for (size_t i = 0; i < m_targets.size(); ++i) {
        m_environment.lanes.acquire(m_targets[i].backend->id(), m_key, this, [this, i](Lanes::Hold lane) {
            if (m_targets[i].share == Share::Waiting)
                send(i, std::move(lane));
        });
    }
}

void Removal::send(size_t index, Lanes::Hold lane)
{
    Target &target = m_targets[index];
    if (!m_sent) {
        m_sent = true;
        markTombstone();
    }
    target.lane = std::move(lane);
    target.share = Share::Sent;
    m_environment.folders.forget(target.backend->id(), m_key);
    http::Request request;
    request.method = "DELETE";
    request.target = m_target;
    request.headers.append("Authorization", m_credentials.authorization);
    target.backend->pool().exchange(
        request, kUntilDead, 16 * 1024, this,
        [this, index](const Result<http::Response> &result) { handleAnswer(index, result); });
}

/// From the first byte on the delete stands: it is owed to every server that has not confirmed it.
void Removal::markTombstone()
{
    Record none;
    none.deleted = true;
    m_version = m_environment.ledger.acknowledge(m_key, none, {}).version;
    for (const Target &target : m_targets)
        m_environment.ledger.mark(m_key, target.backend->id(), CopyState::Stale);
    for (const QString &id : std::as_const(m_absentIds)) {
        m_environment.ledger.mark(m_key, id, CopyState::Stale);
        m_environment.mending.mend(m_key, id, m_credentials);
    }
}

void Removal::handleAnswer(size_t index, const Result<http::Response> &result)
{
    Target &target = m_targets[index];
    target.lane.release();
    if (!result) {
        target.reason = result.error().detail;
        target.backend->breaker().failed(target.reason);
        target.share = Share::Lost;
    } else {
        target.backend->breaker().succeeded();
        target.status = result->status;
        target.contentType = result->headers.value("Content-Type");
        target.body = result->body;
        const bool gone = result->status / 100 == 2 || isMissingUser(result->status, result->body);
        target.share = gone ? Share::Done : Share::Refused;
        target.reason = gone ? QString() : describeAnswer(result->status, target.contentType, result->body);
        if (gone)
            m_environment.ledger.clearVersion(m_key, target.backend->id(), m_version);
    }
    evaluate();
    if (target.share == Share::Lost)
        m_environment.ledger.mark(m_key, target.backend->id(), CopyState::InDoubt);
    if (target.share != Share::Done && m_answered)
        m_environment.mending.mend(m_key, target.backend->id(), m_credentials);
}

void Removal::handleDeadline()
{
    for (Target &target : m_targets) {
        if (target.share != Share::Sent && target.share != Share::Waiting)
            continue;
        target.reason =
            QStringLiteral("did not answer within %1 s")
                .arg(static_cast<double>(m_environment.config.timing.answerTimeout.count()) / 1000.0);
        target.backend->breaker().failed(target.reason);
        if (target.share == Share::Waiting) {
            target.share = Share::Lost;
            m_environment.mending.mend(m_key, target.backend->id(), m_credentials);
        }
    }
    if (m_answered)
        return;
    if (m_sent) {
        conclude(refusal(
            503, QStringLiteral("the delete was sent and will be carried through, but only %1 of %2 servers "
                                "have confirmed it, need %3: %4")
                     .arg(count(Share::Done))
                     .arg(m_environment.backends.size())
                     .arg(m_environment.widespreadQuorum())
                     .arg(listed(reasons()))));
    } else {
        conclude(refusal(503, QStringLiteral("nothing was deleted: %1").arg(listed(reasons()))));
    }
}

void Removal::evaluate()
{
    const int quorum = m_environment.widespreadQuorum();
    if (!m_answered && count(Share::Done) >= quorum) {
        // All 404: the account is nowhere, which is what Charm would say.
        const bool anyDeleted = std::any_of(m_targets.begin(), m_targets.end(),
                                            [](const Target &target) { return target.status / 100 == 2; });
        if (anyDeleted)
            conclude({200, {}, {}, {}});
        else
            conclude({m_targets.front().status, m_targets.front().contentType, m_targets.front().body, {}});
    } else if (!m_answered && count(Share::Refused) >= quorum) {
        withdraw();
    } else if (!m_answered && count(Share::Sent) == 0 && count(Share::Waiting) == 0) {
        m_deadline.stop();
        handleDeadline();
    }
    if (m_answered && count(Share::Sent) == 0 && count(Share::Waiting) == 0)
        deleteLater();
}

/// A quorum of servers agrees that it cannot be done (below a file; a folder that cannot be written to):
/// there is no tombstone, and whoever has deleted something gets it back from those that have not.
void Removal::withdraw()
{
    m_environment.ledger.forget(m_key);
    const Target *refused = nullptr;
    for (const Target &target : m_targets) {
        if (target.share == Share::Refused) {
            refused = &target;
        } else {
            m_environment.ledger.mark(m_key, target.backend->id(), CopyState::InDoubt);
            m_environment.mending.mend(m_key, target.backend->id(), m_credentials);
        }
    }
    conclude({refused->status, refused->contentType, refused->body, refused->reason});
}

void Removal::conclude(const Outcome &outcome)
{
    m_answered = true;
    m_lease.release();
    for (const Target &target : m_targets) {
        // One that was lost before the others answered owes it like one that is lost later.
        const bool owes =
            target.share == Share::Lost || (target.share == Share::Refused && outcome.status / 100 == 2);
        if (owes)
            m_environment.mending.mend(m_key, target.backend->id(), m_credentials);
    }
    Q_EMIT finished(outcome);
    if (count(Share::Sent) == 0 && count(Share::Waiting) == 0)
        deleteLater();
}

QStringList Removal::reasons() const
{
    QStringList list = m_absent;
    for (const Target &target : m_targets) {
        if (target.share != Share::Done)
            list << target.backend->name() + u' ' +
                        (target.reason.isEmpty() ? QStringLiteral("has not answered") : target.reason);
    }
    return list;
}

} // namespace cring::replica
