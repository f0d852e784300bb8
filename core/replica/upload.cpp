// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/upload.h"

#include "core/base/log.h"
#include "core/replica/folders.h"
#include "core/replica/requests.h"

#include <QLoggingCategory>
#include <QMetaEnum>

namespace cring::replica {

Q_LOGGING_CATEGORY(lcUpload, "cring.upload")

using namespace std::chrono_literals;

Upload::Upload(Environment &environment, Spec spec, charm::MultipartScanner scanner, QObject *parent)
    : QObject(parent)
    , m_environment(environment)
    , m_spec(std::move(spec))
    , m_key(objectKey(m_spec.credentials.account, m_spec.path))
    , m_scanner(std::move(scanner))
    , m_place(environment, m_spec.credentials, m_spec.path)
    , m_digest(environment.database.digestSeed())
    , m_owners(environment, m_key)
    , m_local(environment, m_key)
    , m_flow(environment, m_owners, m_local)
    , m_written(environment, m_spec.credentials, m_spec.path, m_owners)
{
    m_timer.setSingleShot(true);
    connect(&m_local, &LocalCopy::changed, this, &Upload::evaluate);
    connect(&m_flow, &UploadFlow::due, this, &Upload::updateFlow);
    connect(&m_flow, &UploadFlow::pausedChanged, this, &Upload::pausedChanged);
    connect(&m_timer, &QTimer::timeout, this, &Upload::handleTimeout);
    connect(&m_place, &UploadPlace::found, this, &Upload::handleFound);
}

Upload::~Upload()
{
    m_transfer.end(m_end);
}

void Upload::setState(State state)
{
    if (lcUpload().isDebugEnabled()) {
        const log::Field request(log::Field::kRequest, QString::fromLatin1(m_spec.credentials.request));
        qCDebug(lcUpload) << m_state << "->" << state;
    }
    m_state = state;
}

// ---- placement and preparation ----

void Upload::start()
{
    if (const QString problem = m_environment.database.problem(); !problem.isEmpty()) {
        conclude(recordsRefusal(problem));
        return;
    }
    m_owners.choose();
    if (m_owners.size() < needed()) {
        conclude(refusedByTally());
        return;
    }
    if (m_spec.isClients)
        m_transfer = m_environment.transfers.add(Transfer::Kind::Upload, m_key,
                                                 [this](Transfer &transfer) { describe(transfer); });
    http::RequestHead head;
    head.method = "POST";
    head.target = m_spec.target;
    identify(head.headers, m_spec.credentials);
    head.headers.append("Content-Type", m_spec.contentType);
    if (m_spec.contentLength >= 0)
        head.headers.append("Content-Length", QByteArray::number(m_spec.contentLength));
    else
        head.headers.append("Transfer-Encoding", "chunked");
    for (const auto &stream : m_owners.streams()) {
        connect(stream.get(), &OwnerStream::changed, this, &Upload::handleStreamChanged);
        stream->start(head);
    }
    m_place.find(m_owners);
}

void Upload::handleFound()
{
    if (m_state >= State::Releasing)
        return;
    if (m_place.refused())
        conclude(*m_place.refused());
    else
        evaluate();
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
    m_local.add(payload.carried);
    m_local.add(payload.fresh);
    if (m_state != State::Streaming)
        return; // it was the local copy that mattered, and it is lost
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
    for (const auto &stream : m_owners.streams())
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

void Upload::updateFlow()
{
    if (m_state == State::Streaming || m_state == State::Gathering)
        m_flow.update();
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
        else if (m_state == State::Deciding)
            decide();
    }
    m_evaluating = false;
}

/// A local copy stands in for a server that cannot be reached, not for one that refuses.
bool Upload::tooFewAreReached() const
{
    return m_owners.reached() < quorum();
}

/// Servers: a quorum, or one fewer while so many cannot be reached and a local copy is there or may be.
int Upload::needed() const
{
    return m_local.isPossible() && tooFewAreReached() ? quorum() - 1 : quorum();
}

void Upload::evaluateBeforeTails()
{
    if (m_owners.beforeTail() < needed()) {
        refuseUnprepared();
        return;
    }
    if (!m_prepared && m_owners.in(OwnerStream::State::Open) >= needed()) {
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
    conclude(m_owners.commonRefusal().value_or(refusedByTally()));
}

/// 507 where it is the disk that would have made the difference.
Outcome Upload::refusedByTally() const
{
    const QString words = m_owners.tally();
    const bool wouldDo = m_owners.beforeTail() + m_owners.in(OwnerStream::State::Stored) >= quorum() - 1;
    if (!m_local.hasFailed() || !tooFewAreReached() || !wouldDo)
        return refusal(503, words);
    return refusal(507, words + QStringLiteral("; and no copy could be kept here: ") + m_local.reason());
}

/// Everything but the tail has come. The tails go out when a quorum of servers has taken it.
void Upload::gather()
{
    if (m_state == State::Streaming) {
        setState(State::Gathering);
        m_timer.start(patience());
    }
    if (m_state != State::Gathering || !m_place.isKnown())
        return;
    if (m_owners.ready() < needed())
        return;
    if (m_owners.ready() >= quorum() || m_local.isSynced()) {
        lockAndRelease();
    } else if (m_local.state() == LocalCopy::State::Following) {
        m_timer.start(std::max(m_timer.remainingTimeAsDuration(), answerTimeout()));
        m_local.sync(record());
    }
}

void Upload::lockAndRelease()
{
    setState(State::Locking);
    if (!m_timer.isActive())
        m_timer.start(patience());
    m_environment.locks.acquire(m_key, this, [this](PathLocks::Lease lease) {
        if (m_state != State::Locking)
            return;
        m_lease = std::move(lease);
        m_place.findAgain(m_spec.onlyOver);
        if (m_place.refused()) {
            conclude(*m_place.refused());
            return;
        }
        // What is to be found beside the local copy after a power cut has to be on the disk as well.
        const auto durability = m_local.isSynced() ? state::Durability::Power : state::Durability::Process;
        // A folder that is made before that would be nobody's after a death of the service.
        m_written.openIntent(record(), m_place.existed(), durability, this, [this] { prepareFolders(); });
    });
}

Record Upload::record() const
{
    Record record;
    record.size = m_digest.size();
    record.digest = m_digest.value();
    record.mode = m_spec.mode;
    return record;
}

void Upload::prepareFolders()
{
    QList<health::Backend *> ready;
    QList<health::Backend *> later;
    for (const auto &stream : m_owners.streams()) {
        if (stream->beforeTail())
            (stream->ready() ? ready : later) << &stream->backend();
    }
    m_foldersReady = false;
    m_foldersAsked = true;
    m_environment.folders.prepareFor(m_environment, m_spec.credentials, m_spec.path, m_spec.mode, ready,
                                     later, this, [this] {
                                         m_foldersReady = true;
                                         releaseTails();
                                     });
}

void Upload::releaseTails()
{
    if (m_state != State::Locking || !m_written.intentWritten() || !m_foldersReady)
        return;
    if (m_owners.ready() < (m_written.intentSynced() ? needed() : quorum())) {
        // Somebody was lost while the path was waited for.
        m_written.closeIntent();
        m_lease.release();
        setState(State::Gathering);
        evaluate();
        return;
    }
    m_place.stop();
    setState(State::Releasing);
    // For servers that have not taken the rest, or owe an answer to an earlier write of the path.
    m_timer.start(m_environment.config.timing.answerTimeout);
    // To every server that has not been lost: those that are not ready yet get it as soon as they are.
    const QByteArray tail =
        m_spec.contentLength < 0 ? http::chunk(m_held) + http::kLastChunk.toByteArray() : m_held;
    for (const auto &stream : m_owners.streams())
        stream->release(tail, answerTimeout());
    evaluate();
}

/// With all but the tail here.
std::chrono::milliseconds Upload::patience() const
{
    return m_environment.config.timing.continueTimeout + UploadFlow::kStandstill;
}

std::chrono::milliseconds Upload::answerTimeout() const
{
    return timeToStore(m_environment, m_passed);
}

void Upload::evaluateAfterTails()
{
    const int stored = m_owners.in(OwnerStream::State::Stored);
    if (stored >= quorum()) {
        succeed();
        return;
    }
    const auto undecided = [this] {
        return m_owners.count([](const OwnerStream &stream) { return stream.undecided(); });
    };
    if (stored + undecided() >= needed()) {
        if (undecided() == 0) // one short of a quorum, and nobody else to wait for
            countLocalCopy();
        return;
    }
    // What a server with a tail in its hands makes of it decides what can be put back, and from where: it has
    // its time for the answer. Those without a tail keep what they had.
    m_owners.drop();
    if (undecided() == 0)
        rollBack();
}

/// It counts once it survives a power cut, with the intent beside it that says whose it is.
void Upload::countLocalCopy()
{
    if (!m_local.isSynced()) {
        if (m_local.state() == LocalCopy::State::Following)
            m_timer.start(answerTimeout());
        m_local.sync(record());
    } else if (m_written.intentSynced()) {
        ++m_environment.counters.localCopies;
        succeed();
    } else if (!std::exchange(m_syncing, true)) {
        m_written.syncIntent(this, [this](const QString &problem) {
            if (!problem.isEmpty())
                m_local.drop(problem);
            evaluate();
        });
    }
}

// ---- the end ----

void Upload::succeed()
{
    m_written.acknowledge(record());
    m_local.keep();
    m_lease.release();
    conclude({200, {}, {}, {}});
}

void Upload::rollBack()
{
    setState(State::Deciding);
    // The same refusal from all of them, after the body (a quota), is the client's answer; what was stored is
    // taken back all the same.
    const Outcome outcome = m_owners.refusalByAll().value_or(refusedByTally());
    m_owners.drop();
    m_rollback = std::make_unique<Rollback>(m_environment, m_spec.credentials, m_spec.path, m_place.existed(),
                                            record(), m_owners.copies());
    connect(m_rollback.get(), &Rollback::finished, this, [this, outcome] { concludeRolledBack(outcome); });
    ++m_environment.counters.rollbacks;
    m_timer.start(answerTimeout());
    decide();
}

/// Where the new version is to hold, the copy here may be the only one that is whole: it is brought to the
/// disk first. Otherwise nothing of it may be found by a start after this.
void Upload::decide()
{
    if (!m_rollback->keepsNew() || !m_local.isPossible()) {
        setState(State::RollingBack);
        m_local.withdraw([this] { m_rollback->start(); });
    } else if (m_local.isSynced()) {
        setState(State::RollingBack);
        m_rollback->start();
        m_local.keep();
    } else {
        m_local.sync(record());
    }
}

/// Refusals and doubts are recorded before they are told. Where they cannot be, the intent is in the database
/// still, and says as much.
void Upload::concludeRolledBack(const Outcome &outcome)
{
    recordFolders();
    m_written.closeIntent();
    const auto end = [this, outcome] {
        m_lease.release();
        conclude(outcome);
    };
    // No server could tell of a version that is here alone.
    const auto durability = m_rollback->keepsNew() ? state::Durability::Power : state::Durability::Process;
    m_environment.database.flush(durability, this, end, [end](const QString &) { end(); });
}

/// Of a file that was refused: some servers have them, or will.
void Upload::recordFolders()
{
    if (m_foldersAsked && m_place.existed() == false)
        m_environment.folders.record(m_environment, m_spec.credentials.account, m_spec.path, m_spec.mode);
}

/// Answers the client. Before the tails this lets go of every server; afterwards the stragglers go on.
void Upload::conclude(const Outcome &outcome)
{
    if (m_state == State::Answered)
        return;
    const bool beforeTails = m_state <= State::Locking;
    const bool withdraws = beforeTails && m_local.isOnDisk();
    setState(withdraws ? State::RollingBack : State::Answered);
    m_flow.stop();
    m_timer.stop();
    if (beforeTails) {
        m_owners.drop();
        recordFolders();
        m_written.closeIntent(); // nothing else was sent
    }
    m_place.stop();
    m_lease.release();
    m_held.clear();
    if (withdraws) {
        m_local.withdraw([this, outcome] { conclude(outcome); });
        return;
    }
    if (outcome.status != 0)
        m_end = outcome.status < 300 ? QStringLiteral("done") : QStringLiteral("failed");
    // Stragglers that have not got their tails have this long to come for them.
    m_timer.start(m_environment.config.timing.stallBudget);
    Q_EMIT finished(outcome);
    finishIfSettled();
}

void Upload::handleTimeout()
{
    const QString problem = m_environment.database.problem();
    if (m_state < State::Releasing && !problem.isEmpty())
        conclude(recordsRefusal(problem));
    else if (m_state == State::Gathering)
        endGathering();
    else if (m_state == State::Locking)
        refuseLocking();
    else
        endReleasing();
}

/// Without the servers that have not taken the rest by now: a local copy may do instead of them.
void Upload::endGathering()
{
    const bool diskIsLate = m_local.state() == LocalCopy::State::Syncing;
    for (const auto &stream : m_owners.streams()) {
        if (m_state == State::Gathering && !stream->ready())
            stream->dropAsSlow();
    }
    if (m_state == State::Gathering && diskIsLate)
        m_local.dropAsSlow();
    if (m_state != State::Gathering || m_timer.isActive())
        return; // decided, or the copy has got its time now
    if (m_place.isKnown())
        refuseUnprepared();
    else
        conclude(refusal(503, QStringLiteral("no server has said in time what is at the path now")));
}

void Upload::refuseLocking()
{
    if (!m_lease)
        conclude(refusal(503, QStringLiteral("an earlier change of the path has not ended")));
    else if (m_written.intentWritten())
        conclude(refusal(503, QStringLiteral("the folders above the file were not made in time")));
    else
        conclude(recordsRefusal(QStringLiteral("the disk was too slow")));
}

void Upload::endReleasing()
{
    for (const auto &stream : m_owners.streams()) {
        if (stream->ready()) // behind an earlier write that the server has not answered
            stream->drop(QStringLiteral("has not answered an earlier change of the path yet"), false);
        else
            stream->dropAsSlow();
    }
    if (m_local.state() == LocalCopy::State::Syncing)
        m_local.dropAsSlow();
    evaluate();
}

void Upload::finishIfSettled()
{
    // A roll-back has given every copy to the mending already.
    if (!m_rollback)
        m_written.recordSettled();
    if (!m_owners.settled())
        return;
    m_written.closeIntent();
    m_transfer.end(m_end);
    deleteLater();
}

void Upload::describe(Transfer &transfer) const
{
    transfer.bytes = m_digest.size();
    if (m_ended)
        transfer.total = m_digest.size();
    else if (m_spec.contentLength >= 0)
        transfer.total = m_spec.contentLength; // And some bytes of its framing.
    transfer.state = m_state == State::Answered ? QStringLiteral("answered")
                     : m_ended                  ? QStringLiteral("storing")
                                                : QStringLiteral("receiving");
    transfer.copies = m_owners.parts();
    if (m_local.isSynced())
        transfer.copies.append({{}, QStringLiteral("stored"), {}});
}

} // namespace cring::replica
