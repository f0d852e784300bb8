// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/removal.h"

#include "core/http/exchange.h"
#include "core/replica/folders.h"
#include "core/replica/requests.h"

namespace cring::replica {

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
    if (const QString problem = m_environment.database.problem(); !problem.isEmpty()) {
        conclude(recordsRefusal(problem));
        return;
    }
    const QList<health::Backend *> all = m_environment.backends.all();
    for (health::Backend *backend : all) {
        if (admits(*backend, m_absent))
            m_targets.push_back({backend, Share::Waiting, 0, {}, {}, {}, {}});
        else
            m_absentIds << backend->id();
    }
    const int reachable = static_cast<int>(m_targets.size());
    if (reachable < m_environment.widespreadQuorum()) {
        letGo();
        conclude(
            refusal(503, QStringLiteral("nothing was deleted: %1 of %2 servers can be reached, need %3: %4")
                             .arg(m_targets.size())
                             .arg(m_environment.backends.size())
                             .arg(m_environment.widespreadQuorum())
                             .arg(listed(m_absent))));
        return;
    }
    m_deadline.start(m_environment.config.timing.answerTimeout);
    m_environment.locks.acquire(m_key, this,
                                [this](PathLocks::Lease lease) { handleLocked(std::move(lease)); });
}

/// Nothing was sent to any of them.
void Removal::letGo()
{
    for (Target &target : m_targets) {
        target.backend->breaker().abandoned();
        target.share = Share::Lost;
    }
}

void Removal::handleLocked(PathLocks::Lease lease)
{
    if (m_answered)
        return;
    m_lease = std::move(lease);
    const auto record = m_environment.catalogue.find(m_key);
    if (m_onlyOver && *m_onlyOver != (record ? record->version : 0)) {
        letGo();
        conclude(refusal(409, QStringLiteral("the file was changed meanwhile")));
        return;
    }
    m_deadline.start(m_environment.config.timing.answerTimeout);
    markTombstone();
    state::Intent intent;
    intent.kind = state::Intent::Kind::Removal;
    intent.key = m_key;
    for (const Target &target : m_targets)
        intent.targets << target.backend->id();
    m_intent = m_environment.intents.open(intent, state::Durability::Process, this, [this] { sendAll(); });
}

/// The tombstone outlives us from here on. It is on the disk before the client hears of it: no server could
/// tell of a delete that was forgotten.
void Removal::sendAll()
{
    if (m_answered)
        return;
    m_environment.database.flush(
        state::Durability::Power, this,
        [this] {
            m_durable = true;
            evaluate();
        },
        [this](const QString &problem) {
            m_problem = problem;
            evaluate();
        });
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
    m_sent = true;
    target.lane = std::move(lane);
    target.share = Share::Sent;
    m_environment.folders.forget(target.backend->id(), m_key);
    http::Request request;
    request.method = "DELETE";
    request.target = m_target;
    identify(request.headers, m_credentials);
    exchangeForAccount(m_environment, *target.backend, m_credentials.account, request, kUntilDead,
                       kMaxErrorBody, this,
                       [this, index](const Result<http::Response> &result) { handleAnswer(index, result); });
}

/// The delete stands, and is owed to every server that has not confirmed it.
void Removal::markTombstone()
{
    m_before = m_environment.catalogue.knowledge(m_key);
    Record none;
    none.deleted = true;
    m_version = m_environment.catalogue.acknowledge(m_key, none, {}).version;
    for (const Target &target : m_targets)
        m_environment.catalogue.mark(m_key, target.backend->id(), Debt::Stale);
    for (const QString &id : std::as_const(m_absentIds))
        m_environment.catalogue.mark(m_key, id, Debt::Stale);
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
            m_environment.catalogue.confirm(m_key, target.backend->id(), m_version);
    }
    evaluate();
    if (target.share == Share::Lost)
        m_environment.catalogue.mark(m_key, target.backend->id(), Debt::InDoubt);
}

void Removal::handleDeadline()
{
    for (Target &target : m_targets) {
        if (target.share != Share::Sent && target.share != Share::Waiting)
            continue;
        target.reason =
            QStringLiteral("did not answer within %1 s")
                .arg(static_cast<double>(m_environment.config.timing.answerTimeout.count()) / 1000.0);
        if (target.share == Share::Sent) {
            target.backend->breaker().failed(target.reason);
            continue;
        }
        // It waited for an earlier change that has not been answered.
        target.backend->breaker().abandoned();
        target.share = Share::Lost;
    }
    if (m_answered) {
        finishIfSettled();
        return;
    }
    if (m_sent) {
        conclude(unconfirmed());
    } else {
        // Nobody has got it, and nobody will.
        if (m_lease)
            m_environment.catalogue.restore(m_key, m_before);
        const QString problem = m_environment.database.problem();
        conclude(problem.isEmpty()
                     ? refusal(503, QStringLiteral("nothing was deleted: %1").arg(listed(reasons())))
                     : recordsRefusal(problem));
    }
}

void Removal::evaluate()
{
    const int quorum = m_environment.widespreadQuorum();
    if (!m_answered && count(Share::Done) >= quorum) {
        if (!m_durable) {
            if (!m_problem.isEmpty())
                conclude(unconfirmed());
            return;
        }
        // All 404: the account is nowhere, which is what Charm would say.
        const bool anyDeleted = std::any_of(m_targets.begin(), m_targets.end(),
                                            [](const Target &target) { return target.status / 100 == 2; });
        if (anyDeleted)
            conclude({200, {}, {}, {}});
        else
            conclude({m_targets.front().status, m_targets.front().contentType, m_targets.front().body, {}});
    } else if (!m_answered && !m_lookedBack && count(Share::Refused) >= quorum) {
        lookBack();
    } else if (!m_answered && !m_looking && count(Share::Sent) == 0 && count(Share::Waiting) == 0) {
        m_deadline.stop();
        handleDeadline();
    }
    if (m_answered)
        finishIfSettled();
}

/// A quorum of servers says that it cannot be done. Charm removes what it can of a folder before it says so
/// (os.RemoveAll): only a file that is still there, or a path that cannot be, is as it was.
void Removal::lookBack()
{
    m_looking = m_lookedBack = true;
    const auto refused = std::find_if(m_targets.begin(), m_targets.end(),
                                      [](const Target &target) { return target.share == Share::Refused; });
    refused->backend->pool().exchange(
        fileRequest("HEAD", m_credentials, m_path), m_environment.config.timing.listingTimeout, 0, this,
        [this](const Result<http::Response> &result) {
            m_looking = false;
            const bool file = result && result->status == 200 &&
                              !result->headers.value("Content-Type").startsWith("application/json");
            const bool nowhere = result && result->status == 500; // below a file
            const bool someGone = std::any_of(m_targets.begin(), m_targets.end(),
                                              [](const Target &target) { return target.status / 100 == 2; });
            if (!m_answered && (file || nowhere) && !someGone)
                withdraw();
            else
                evaluate();
        });
}

/// There is no tombstone, for nothing has gone anywhere.
void Removal::withdraw()
{
    m_environment.catalogue.restore(m_key, m_before);
    m_withdrawn = true;
    const Target *refused = nullptr;
    for (Target &target : m_targets) {
        if (target.share == Share::Waiting) {
            target.backend->breaker().abandoned(); // nothing was sent there, and nothing will be
            target.share = Share::Lost;
            continue;
        }
        if (target.share == Share::Refused) {
            refused = &target;
        } else {
            m_environment.catalogue.mark(m_key, target.backend->id(), Debt::InDoubt);
        }
    }
    conclude({refused->status, refused->contentType, refused->body, refused->reason});
}

void Removal::conclude(const Outcome &outcome)
{
    m_answered = true;
    m_lease.release();
    Q_EMIT finished(outcome);
    finishIfSettled();
}

void Removal::finishIfSettled()
{
    if (count(Share::Sent) > 0 || count(Share::Waiting) > 0)
        return;
    if (const quint64 intent = std::exchange(m_intent, 0))
        m_environment.intents.close(intent);
    deleteLater();
}

/// It stands, but it cannot be promised: too few have it, or the ring might forget it.
Outcome Removal::unconfirmed() const
{
    const QString carried = QStringLiteral("the delete was sent and will be carried through, but ");
    const int quorum = m_environment.widespreadQuorum();
    if (count(Share::Done) >= quorum)
        return recordsRefusal(m_problem.isEmpty() ? QStringLiteral("the disk is too slow") : m_problem,
                              carried);
    return refusal(503, carried + QStringLiteral("only %1 of %2 servers have confirmed it, need %3: %4")
                                      .arg(count(Share::Done))
                                      .arg(m_environment.backends.size())
                                      .arg(quorum)
                                      .arg(listed(reasons())));
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
