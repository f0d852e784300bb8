// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/upload.h"

#include "core/replica/folders.h"
#include "core/replica/requests.h"
#include "core/replica/rollback.h"

#include <QLoggingCategory>
#include <QMetaEnum>

namespace cring::replica {

Q_LOGGING_CATEGORY(lcUpload, "cring.upload")

namespace {

using namespace std::chrono_literals;

/// With no quorum moving on, how long a server may hold everybody up.
constexpr auto kStandstill = 10s;

} // namespace

Upload::Upload(Environment &environment, Spec spec, charm::MultipartScanner scanner, QObject *parent)
    : QObject(parent)
    , m_environment(environment)
    , m_spec(std::move(spec))
    , m_key(objectKey(m_spec.credentials.account, m_spec.path))
    , m_scanner(std::move(scanner))
    , m_probe(environment, m_spec.credentials, m_spec.path)
    , m_digest(environment.database.digestSeed())
{
    m_stallTimer.setSingleShot(true);
    m_gatherTimer.setSingleShot(true);
    connect(&m_stallTimer, &QTimer::timeout, this, &Upload::updateFlow);
    connect(&m_gatherTimer, &QTimer::timeout, this, &Upload::handleGatherTimeout);
    connect(&m_probe, &ExistenceProbe::finished, this, &Upload::handleExistence);
}

Upload::~Upload() = default;

void Upload::setState(State state)
{
    qCDebug(lcUpload) << this << m_state << "->" << state;
    m_state = state;
}

int Upload::count(bool (*is)(const OwnerStream &)) const
{
    return static_cast<int>(
        std::count_if(m_streams.begin(), m_streams.end(), [&](const auto &stream) { return is(*stream); }));
}

// ---- placement and preparation ----

void Upload::start()
{
    if (const QString problem = m_environment.database.problem(); !problem.isEmpty()) {
        conclude(recordsRefusal(problem));
        return;
    }
    chooseOwners();
    if (static_cast<int>(m_streams.size()) < quorum()) {
        conclude(refusal(503, tally()));
        return;
    }
    http::RequestHead head;
    head.method = "POST";
    head.target = m_spec.target;
    head.headers.append("Authorization", m_spec.credentials.authorization);
    head.headers.append("Content-Type", m_spec.contentType);
    if (m_spec.contentLength >= 0)
        head.headers.append("Content-Length", QByteArray::number(m_spec.contentLength));
    else
        head.headers.append("Transfer-Encoding", "chunked");
    for (const auto &stream : m_streams) {
        connect(stream.get(), &OwnerStream::changed, this, &Upload::handleStreamChanged);
        stream->start(head);
    }
    probeExistence();
}

/// The R best servers; one that cannot be used is replaced by the next that can (a handoff), where there are
/// more than R.
void Upload::chooseOwners()
{
    const auto wanted = static_cast<size_t>(m_environment.config.effectiveReplicas());
    const QList<health::Backend *> order = m_environment.placement(m_key);
    for (qsizetype i = 0; i < order.size() && m_streams.size() < wanted; ++i) {
        health::Backend *backend = order[i];
        if (backend->usable() && backend->breaker().allows()) {
            m_streams.push_back(std::make_unique<OwnerStream>(m_environment, *backend, m_key, nullptr));
        } else if (i < static_cast<qsizetype>(wanted)) {
            m_absent << backend->name() + u' ' + backend->unusableReason();
            m_absentIds << backend->id();
        }
    }
}

/// What is at the path now decides what a roll-back must put back, and whether a file can go there at all.
/// Asked beside the body, so that it costs no time; the catalogue knows it for recorded paths.
void Upload::probeExistence()
{
    if (m_environment.catalogue.isBelowFile(m_key)) {
        refuseBelowFile();
        return;
    }
    if (const auto record = m_environment.catalogue.find(m_key)) {
        m_existed = !record->deleted;
        m_existenceKnown = true;
        if (!record->deleted && record->folder)
            refuseForFolder();
        return;
    }
    QList<health::Backend *> servers;
    for (const auto &stream : m_streams)
        servers << &stream->backend();
    // A file may be on others than its owners, which stood in for them.
    const QList<health::Backend *> usable = m_environment.backends.usable();
    for (health::Backend *backend : usable) {
        if (!servers.contains(backend))
            servers << backend;
    }
    m_probe.start(servers);
}

void Upload::handleExistence()
{
    if (m_state >= State::Releasing)
        return;
    m_existenceKnown = true;
    switch (*m_probe.finding()) {
    case ExistenceProbe::Finding::Folder:
        refuseForFolder();
        return;
    case ExistenceProbe::Finding::Unservable:
        refuseBelowFile();
        return;
    case ExistenceProbe::Finding::File:
        m_existed = true;
        break;
    case ExistenceProbe::Finding::Nothing:
        m_existed = false;
        break;
    case ExistenceProbe::Finding::Unknown:
        break;
    }
    evaluate();
}

void Upload::refuseForFolder()
{
    conclude(refusal(409, QStringLiteral("a folder stands where the file should go")));
}

void Upload::refuseBelowFile()
{
    conclude(refusal(409, QStringLiteral("the servers cannot have a file at this path: it lies below a file, "
                                         "or in a folder that cannot be entered")));
}

// ---- the body ----

void Upload::feed(const QByteArray &data)
{
    if (m_state != State::Streaming || data.isEmpty())
        return;
    m_environment.counters.bytesIn += static_cast<quint64>(data.size());
    const qint64 releasable = m_scanner.feed(data);
    if (m_scanner.failed()) {
        conclude(refusal(400, m_scanner.error().detail));
        return;
    }
    const auto payload = m_scanner.payload();
    m_digest.add(payload.carried);
    m_digest.add(payload.fresh);
    const qint64 available = m_passed + m_held.size() + data.size();
    if (releasable >= available && m_held.isEmpty()) {
        pass(data); // the usual case: the very array that was read goes to all servers
    } else {
        m_held += data;
        if (const qsizetype due = static_cast<qsizetype>(releasable - m_passed); due > 0) {
            const QByteArray piece = m_held.first(due);
            m_held.remove(0, due);
            pass(piece);
        }
    }
    updateFlow();
}

void Upload::pass(const QByteArray &data)
{
    m_passed += data.size();
    const QByteArray framed = m_spec.contentLength < 0 ? http::chunk(data) : data;
    for (const auto &stream : m_streams)
        stream->offer(framed);
}

void Upload::end()
{
    if (m_state != State::Streaming || m_ended)
        return;
    if (const Status complete = m_scanner.finish(); !complete) {
        conclude(refusal(400, complete.error().detail));
        return;
    }
    m_ended = true;
    gather();
}

void Upload::cancel()
{
    if (m_state >= State::Releasing)
        return; // the tails are out: what was asked for happens, whoever listens
    m_environment.activity.record(
        telemetry::Level::Info, telemetry::Category::Upload,
        QStringLiteral("the client went away in the middle of an upload; nothing was stored"), {},
        QString::fromLatin1(m_spec.credentials.account));
    conclude({});
}

/// The client waits while a server's window is full. A server that keeps a quorum of the others waiting uses
/// up its budget and is let go; what it missed is owed to it.
void Upload::updateFlow()
{
    if (m_state != State::Streaming && m_state != State::Gathering)
        return;
    chargeStalls();
    std::chrono::milliseconds nextLimit = std::chrono::milliseconds::max();
    bool blocked = false;
    const int moving =
        count([](const OwnerStream &stream) { return stream.beforeTail() && !stream.blocked(); });
    const auto limit =
        moving >= quorum() ? m_environment.config.timing.stallBudget : std::chrono::milliseconds(kStandstill);
    for (const auto &stream : m_streams) {
        stream->stalls = stream->beforeTail() && stream->blocked();
        if (!stream->stalls)
            continue;
        if (stream->stalled >= limit) {
            stream->drop(QStringLiteral("was too slow to take the file"), true);
            continue;
        }
        blocked = true;
        nextLimit = std::min(nextLimit, limit - stream->stalled);
    }
    if (blocked) {
        m_stallSince = m_environment.clock.steady();
        m_stallTimer.start(nextLimit + 1ms);
    } else {
        m_stallTimer.stop();
    }
    if (blocked != m_paused) {
        m_paused = blocked;
        Q_EMIT pausedChanged(blocked);
    }
}

/// To whoever was blocked when the pause began or went on, whether or not it has just taken a little.
void Upload::chargeStalls()
{
    const auto now = m_environment.clock.steady();
    if (m_paused) {
        for (const auto &stream : m_streams) {
            if (stream->stalls)
                stream->stalled += now - m_stallSince;
        }
    }
    m_stallSince = now;
}

// ---- decisions ----

void Upload::handleStreamChanged()
{
    if (m_state == State::Answered)
        finishIfSettled();
    else
        evaluate();
}

void Upload::evaluate()
{
    // A decision lets go of servers or sends them tails, of which they tell at once: one decision after
    // another.
    m_evaluateAgain = true;
    if (m_evaluating)
        return;
    m_evaluating = true;
    while (std::exchange(m_evaluateAgain, false)) {
        if (m_state <= State::Locking)
            evaluateBeforeTails();
        else if (m_state == State::Releasing)
            evaluateAfterTails();
    }
    m_evaluating = false;
}

void Upload::evaluateBeforeTails()
{
    const int possible = count([](const OwnerStream &stream) { return stream.beforeTail(); });
    if (possible < quorum()) {
        refuseUnprepared();
        return;
    }
    const int reading =
        count([](const OwnerStream &stream) { return stream.state() == OwnerStream::State::Open; });
    if (!m_prepared && reading >= quorum()) {
        m_prepared = true;
        Q_EMIT prepared();
    }
    updateFlow();
    if (m_state == State::Gathering)
        gather();
}

/// A quorum will not be had, and no tail is out: nothing was stored anywhere.
void Upload::refuseUnprepared()
{
    // What a quorum of servers says of the request itself is its answer, as they gave it.
    for (const auto &stream : m_streams) {
        if (stream->state() != OwnerStream::State::Refused)
            continue;
        const auto same = std::count_if(m_streams.begin(), m_streams.end(), [&](const auto &other) {
            return other->state() == OwnerStream::State::Refused && other->status() == stream->status();
        });
        const bool missing = isMissingUser(stream->status(), stream->answerBody());
        if (same >= quorum() && (!missing || same == static_cast<qsizetype>(m_streams.size()))) {
            conclude({stream->status(), stream->answerType(), stream->answerBody(), stream->reason()});
            return;
        }
    }
    conclude(refusal(503, tally()));
}

/// Everything but the tail has come. The tails go out when a quorum of servers has taken it.
void Upload::gather()
{
    if (m_state == State::Streaming) {
        setState(State::Gathering);
        m_gatherTimer.start(m_environment.config.timing.continueTimeout + kStandstill);
    }
    if (m_state != State::Gathering || !m_existenceKnown)
        return;
    if (count([](const OwnerStream &stream) { return stream.ready(); }) >= quorum())
        lockAndRelease();
}

void Upload::lockAndRelease()
{
    setState(State::Locking);
    m_environment.locks.acquire(m_key, this, [this](PathLocks::Lease lease) {
        if (m_state != State::Locking)
            return;
        m_lease = std::move(lease);
        // Another write may have been acknowledged while this one waited for the path.
        const auto record = m_environment.catalogue.find(m_key);
        if (m_spec.onlyOver && *m_spec.onlyOver != (record ? record->version : 0)) {
            conclude(refusal(409, QStringLiteral("the file was changed meanwhile")));
            return;
        }
        if (record)
            m_existed = !record->deleted;
        const bool isFile = record && !record->deleted && !record->folder;
        if (!isFile && m_environment.catalogue.livesBelow(m_key, record ? record->version : 0)) {
            refuseForFolder(); // something was put into it since it was deleted, or while this waited
            return;
        }
        if (m_environment.catalogue.isBelowFile(m_key)) {
            refuseBelowFile();
            return;
        }
        openIntent();
        prepareFolders();
    });
}

/// From the first tail on, a death of the service leaves behind what it was about to do.
void Upload::openIntent()
{
    state::Intent intent;
    intent.key = m_key;
    intent.record.size = m_digest.size();
    intent.record.digest = m_digest.value();
    intent.record.mode = m_spec.mode;
    intent.existed = m_existed;
    for (const auto &stream : m_streams) {
        if (stream->beforeTail())
            intent.targets << stream->backend().id();
    }
    m_intentWritten = false;
    // One that was given up meanwhile has another number.
    const auto written = std::make_shared<quint64>(0);
    *written = m_intent = m_environment.intents.open(intent, this, [this, written] {
        if (m_intent != *written)
            return;
        m_intentWritten = true;
        releaseTails();
    });
}

void Upload::prepareFolders()
{
    QList<health::Backend *> ready;
    QList<health::Backend *> later;
    for (const auto &stream : m_streams) {
        if (stream->beforeTail())
            (stream->ready() ? ready : later) << &stream->backend();
    }
    m_foldersReady = false;
    m_environment.folders.prepareFor(m_environment, m_spec.credentials, m_spec.path, m_spec.mode, ready,
                                     later, this, [this] {
                                         m_foldersReady = true;
                                         releaseTails();
                                     });
}

void Upload::closeIntent()
{
    if (const quint64 id = std::exchange(m_intent, 0))
        m_environment.intents.close(id);
}

void Upload::releaseTails()
{
    if (m_state != State::Locking || !m_intentWritten || !m_foldersReady)
        return;
    if (count([](const OwnerStream &stream) { return stream.ready(); }) < quorum()) {
        // Somebody was lost while the path was waited for.
        closeIntent();
        m_lease.release();
        setState(State::Gathering);
        evaluate();
        return;
    }
    m_probe.stop();
    setState(State::Releasing);
    // For servers that have not taken the rest, or owe an answer to an earlier write of the path.
    m_gatherTimer.start(m_environment.config.timing.answerTimeout);
    // To every server that has not been lost: those that are not ready yet get it as soon as they are.
    const QByteArray tail =
        m_spec.contentLength < 0 ? http::chunk(m_held) + http::kLastChunk.toByteArray() : m_held;
    for (const auto &stream : m_streams)
        stream->release(tail, answerTimeout());
    evaluate();
}

std::chrono::milliseconds Upload::answerTimeout() const
{
    return timeToStore(m_environment, m_passed);
}

void Upload::evaluateAfterTails()
{
    const int stored =
        count([](const OwnerStream &stream) { return stream.state() == OwnerStream::State::Stored; });
    if (stored >= quorum()) {
        succeed();
        return;
    }
    const int undecided = count([](const OwnerStream &stream) { return stream.undecided(); });
    if (stored + undecided >= quorum())
        return;
    // What a server with a tail in its hands makes of it decides what can be put back, and from where: it has
    // its time for the answer. Those without a tail keep what they had.
    for (const auto &stream : m_streams)
        stream->drop(QStringLiteral("was let go of"), false);
    if (count([](const OwnerStream &stream) { return stream.undecided(); }) == 0)
        rollBack();
}

// ---- the end ----

void Upload::succeed()
{
    Record record;
    record.size = m_digest.size();
    record.digest = m_digest.value();
    record.mode = m_spec.mode;
    QList<QString> holders;
    for (const auto &stream : m_streams) {
        if (stream->state() == OwnerStream::State::Stored)
            holders << stream->backend().id();
    }
    m_environment.folders.record(m_environment, m_spec.credentials, m_spec.path, m_spec.mode);
    m_version = m_environment.catalogue.acknowledge(m_key, record, holders).version;
    m_environment.intents.acknowledge(m_intent);
    m_recorded = holders;
    // Not known to hold it until it has answered; one that never gets it stays marked.
    for (const auto &stream : m_streams) {
        if (stream->state() != OwnerStream::State::Stored)
            m_environment.catalogue.mark(m_key, stream->backend().id(), Debt::Stale);
    }
    for (const QString &id : std::as_const(m_absentIds))
        m_environment.catalogue.mark(m_key, id, Debt::Stale);
    m_lease.release();
    conclude({200, {}, {}, {}});
}

void Upload::rollBack()
{
    setState(State::RollingBack);
    const QString words = tally();
    for (const auto &stream : m_streams)
        stream->drop(QStringLiteral("was let go of"), false);
    QList<Rollback::Copy> copies;
    for (const auto &stream : m_streams)
        copies.append({&stream->backend(), stream->state()});
    // One that was away has what it had.
    for (const QString &id : std::as_const(m_absentIds)) {
        if (health::Backend *backend = m_environment.backends.find(id))
            copies.append({backend, OwnerStream::State::Failed});
    }
    // The same refusal from a quorum, after the body (a quota), is the client's answer; what was stored is
    // taken back all the same.
    Outcome outcome = refusal(503, words);
    const OwnerStream *full = nullptr;
    for (const auto &stream : m_streams) {
        if (stream->state() == OwnerStream::State::Refused)
            full = stream.get();
    }
    if (full && count([](const OwnerStream &stream) {
                    return stream.state() == OwnerStream::State::Refused;
                }) == static_cast<int>(m_streams.size()))
        outcome = {full->status(), full->answerType(), full->answerBody(), full->reason()};

    Record refused;
    refused.size = m_digest.size();
    refused.digest = m_digest.value();
    refused.mode = m_spec.mode;
    m_rollback = std::make_unique<Rollback>(m_environment, m_spec.credentials, m_spec.path, m_existed,
                                            refused, copies);
    connect(m_rollback.get(), &Rollback::finished, this, [this, outcome] { concludeRolledBack(outcome); });
    ++m_environment.counters.rollbacks;
    m_rollback->start();
}

/// Refusals and doubts are recorded before they are told. Where they cannot be, the intent is in the database
/// still, and says as much.
void Upload::concludeRolledBack(const Outcome &outcome)
{
    closeIntent();
    const auto end = [this, outcome] {
        m_lease.release();
        conclude(outcome);
    };
    m_environment.database.flush(state::Durability::Process, this, end, [end](const QString &) { end(); });
}

/// Answers the client. Before the tails this lets go of every server; afterwards the stragglers go on.
void Upload::conclude(const Outcome &outcome)
{
    if (m_state == State::Answered)
        return;
    const bool beforeTails = m_state <= State::Locking;
    setState(State::Answered);
    m_stallTimer.stop();
    m_gatherTimer.stop();
    if (beforeTails) {
        for (const auto &stream : m_streams)
            stream->drop(QStringLiteral("was let go of"), false);
    }
    if (beforeTails)
        closeIntent(); // nothing was sent
    m_probe.stop();
    m_lease.release();
    m_held.clear();
    // Stragglers that have not got their tails have this long to come for them.
    m_gatherTimer.start(m_environment.config.timing.stallBudget);
    Q_EMIT finished(outcome);
    finishIfSettled();
}

void Upload::handleGatherTimeout()
{
    if (const QString problem = m_environment.database.problem();
        m_state < State::Releasing && !problem.isEmpty()) {
        conclude(recordsRefusal(problem));
        return;
    }
    if (m_state < State::Releasing) {
        refuseUnprepared();
        return;
    }
    for (const auto &stream : m_streams) {
        const bool queued = stream->ready(); // behind an earlier write that the server has not answered
        stream->drop(queued ? QStringLiteral("has not answered an earlier change of the path yet")
                            : QStringLiteral("was too slow to take the file"),
                     !queued);
    }
    evaluate();
}

/// Writes down what became of the stragglers.
void Upload::recordSettled()
{
    if (m_rollback)
        return; // it has given every copy to the mending already
    for (const auto &stream : m_streams) {
        const QString id = stream->backend().id();
        if (!stream->settled() || m_recorded.contains(id) || m_recorded.isEmpty())
            continue;
        m_recorded << id;
        if (stream->state() == OwnerStream::State::Stored) {
            m_environment.catalogue.confirm(m_key, id, m_version);
            continue;
        }
        const bool doubt = stream->state() == OwnerStream::State::InDoubt;
        m_environment.catalogue.mark(m_key, id, doubt ? Debt::InDoubt : Debt::Stale);
        if (doubt)
            ++m_environment.counters.inDoubt;
        m_environment.activity.record(
            telemetry::Level::Warning, telemetry::Category::Upload,
            QStringLiteral("missed a file that the others have: %1").arg(stream->reason()),
            stream->backend().name(), QString::fromLatin1(m_spec.credentials.account));
    }
}

void Upload::finishIfSettled()
{
    recordSettled();
    if (!std::all_of(m_streams.begin(), m_streams.end(),
                     [](const auto &stream) { return stream->settled(); }))
        return;
    closeIntent();
    deleteLater();
}

QString Upload::tally() const
{
    const int stored =
        count([](const OwnerStream &stream) { return stream.state() == OwnerStream::State::Stored; });
    QStringList reasons = m_absent;
    for (const auto &stream : m_streams) {
        if (stream->state() != OwnerStream::State::Stored &&
            !(stream->beforeTail() && stream->reason().isEmpty()))
            reasons << stream->backend().name() + u' ' + stream->reason();
    }
    return QStringLiteral("stored on %1 of %2 servers, need %3: %4")
        .arg(stored)
        .arg(m_environment.config.effectiveReplicas())
        .arg(quorum())
        .arg(listed(reasons));
}

} // namespace cring::replica
