// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/copymending.h"

#include "core/charm/multipart.h"
#include "core/repair/conflictsaving.h"
#include "core/repair/heldback.h"
#include "core/repair/owedremoval.h"
#include "core/replica/absencecheck.h"
#include "core/replica/answers.h"
#include "core/replica/folders.h"
#include "core/replica/requests.h"
#include "core/replica/serverchange.h"

namespace cring::repair {

using replica::AbsenceCheck;
using replica::CopyLook;
using replica::describeAnswer;
using replica::fileRequest;
using replica::folderRequest;
using replica::isMissingUser;
using replica::OwnerStream;
using replica::PathLocks;
using replica::Readers;
using replica::ServerChange;

namespace {

using namespace std::chrono_literals;

/// Between two pieces of what is read.
constexpr auto kReadTime = 5s;
/// Without the target taking anything.
constexpr auto kStallTime = 10s;
constexpr qsizetype kMaxErrorBody = 16 * 1024;

charm::Envelope envelope()
{
    return charm::makeEnvelope("charmedringmending8e1c5d0f61b94a37");
}

bool isFolder(const http::ResponseHead &head)
{
    return head.status == 200 && head.headers.value("Content-Type").startsWith("application/json");
}

} // namespace

CopyMending::CopyMending(Environment &environment, FolderTimes &times, health::Backend &target,
                         const ObjectKey &key, const Credentials &credentials, Task task, QObject *parent)
    : QObject(parent)
    , m_environment(environment)
    , m_times(times)
    , m_use(environment.use)
    , m_target(target)
    , m_key(key)
    , m_path(key.sliced(qMin(key.size(), credentials.account.size() + 1)))
    , m_credentials(credentials)
    , m_task(task)
    , m_digest(environment.database.digestSeed())
{
    m_wanted.setSingleShot(true);
    connect(&m_wanted, &QTimer::timeout, this, &CopyMending::makeWay);
    m_stall.setSingleShot(true);
    connect(&m_stall, &QTimer::timeout, this,
            [this] { end(Result::Failed, QStringLiteral("was too slow to take the file")); });
}

CopyMending::~CopyMending() = default;

void CopyMending::start()
{
    if (m_environment.lanes.isBusy(m_target.id(), m_key)) {
        end(Result::Failed, QStringLiteral("has not answered an earlier change yet"));
        return;
    }
    m_record = m_environment.catalogue.find(m_key);
    const auto since = m_environment.catalogue.inheritedSince(m_key, m_target.id());
    // What comes after the mending is no longer what was there before the start.
    if (!since || m_task == Task::Verify || !m_record || (m_record->folder && !m_record->deleted)) {
        begin();
        return;
    }
    m_since = std::chrono::milliseconds(*since);
    m_times.ask(m_environment, m_target, m_key, m_credentials, this,
                [this](const cring::Result<FolderTimes::Time> &modified) {
                    if (modified) {
                        m_modified = *modified;
                        begin();
                    } else {
                        end(Result::Failed, modified.error().detail);
                    }
                });
}

void CopyMending::begin()
{
    // One that missed a change is known to be wrong; any other may well be right, or everybody else's.
    const bool open = m_environment.catalogue.copyState(m_key, m_target.id()) != CopyState::Stale ||
                      m_environment.catalogue.unseenSince(m_target.id()) ||
                      (m_record && isHeldBack(m_environment.catalogue, m_record->version));
    if (m_record && m_record->deleted && m_task == Task::Mend) {
        removeOwed(m_record->version, [this] { end(Result::Mended); });
    } else if (m_record && m_record->folder) {
        putFolder(m_record->mode);
    } else if (m_task == Task::Verify || mayBeNewer() || (open && m_record && !m_record->digest.isEmpty())) {
        verify();
    } else {
        mendFile();
    }
}

// ---- looking ----

/// Is the copy what the record says? Without a digest (an old version was put back) it is taken from the
/// source anew.
void CopyMending::verify()
{
    m_looked = true;
    m_look = std::make_unique<CopyLook>(m_environment, m_target, m_key, m_credentials, nullptr);
    connect(m_look.get(), &CopyLook::finished, this, &CopyMending::handleVerified);
    m_look->start();
}

void CopyMending::handleVerified()
{
    const CopyLook::Finding &found = m_look->finding();
    if (found.what == CopyLook::What::NoAnswer && found.status == 0) {
        end(Result::Failed, found.reason);
        return;
    }
    m_targetAbsent = found.what == CopyLook::What::Absent;
    if (m_record && m_record->deleted) {
        if (found.status == 404)
            end(Result::Mended);
        else
            removeOwed(m_record->version, [this] { end(Result::Mended); });
        return;
    }
    if (m_record && !m_record->digest.isEmpty() && found.is(m_record->digest)) {
        if (found.hasModeOf(*m_record))
            end(Result::Mended);
        else if (isHeldBack(m_environment.catalogue, m_record->version))
            end(Result::Failed, heldBackReason()); // a quorum may have these
        else
            mendFile(); // stored again with other rights, and that it missed
        return;
    }
    m_other = {};
    // An empty file is what a crash or a full disk leaves, not a version.
    if (found.what == CopyLook::What::File && found.size > 0) {
        m_other.size = found.size;
        m_other.digest = found.digest;
        m_other.mode = found.mode;
    }
    // After a power cut also one that was known to be wrong may have been told since that it is right.
    const bool suspect = m_environment.catalogue.copyState(m_key, m_target.id()) == CopyState::Unknown ||
                         (m_record && isHeldBack(m_environment.catalogue, m_record->version));
    if ((suspect || mayBeNewer()) && m_record && !m_other.digest.isEmpty())
        takeCensus(CopyState::Unknown);
    else
        mendFile();
}

/// The target's copy is not the record's. Before it is written over, the other owners of whom the same can be
/// said are heard.
void CopyMending::takeCensus(std::optional<CopyState> voters)
{
    if (m_census)
        m_census.release()->deleteLater(); // this may be inside its signal
    m_census = std::make_unique<VersionCensus>(m_environment, m_target, m_key, m_credentials, m_other.digest,
                                               voters, nullptr);
    connect(m_census.get(), &VersionCensus::finished, this, [this, voters](VersionCensus::Result result) {
        switch (result) {
        case VersionCensus::Result::Quorum:
            adopt();
            break;
        case VersionCensus::Result::Few:
            if (voters == CopyState::Unknown)
                mayBeNewer() ? keepAside() : mendFile();
            else
                end(Result::NoSource, QStringLiteral("no server has the file for certain"));
            break;
        case VersionCensus::Result::Recorded:
            end(Result::NoSource, QStringLiteral("another server is about to be cleared"));
            break;
        case VersionCensus::Result::Unknown:
            end(Result::Failed, QStringLiteral("not every server can say which version holds"));
            break;
        }
    });
    m_census->start();
}

// ---- deletes and folders ----

void CopyMending::removeOwed(quint64 version, std::function<void()> then)
{
    auto *removal = new OwedRemoval(m_environment, m_target, m_credentials, m_path, version, this);
    if (m_since)
        removal->keepYounger(*m_since, m_modified);
    connect(removal, &OwedRemoval::finished, this, [this, then = std::move(then)](const QString &problem) {
        if (problem.isEmpty())
            then();
        else
            end(Result::Failed, problem);
    });
    removal->start();
}

void CopyMending::putFolder(quint32 mode)
{
    clearWay(WayClearing::Wanted::Folder, [this, mode] { locked([this, mode] { makeFolder(mode); }); });
}

void CopyMending::clearWay(WayClearing::Wanted wanted, std::function<void()> then)
{
    auto *clearing = new WayClearing(m_environment, m_target, m_key, m_credentials, wanted, this);
    connect(clearing, &WayClearing::finished, this,
            [this, clearing, then = std::move(then)](const QString &problem) {
                if (clearing->isBlockedAbove())
                    suspectAbove();
                if (problem.isEmpty())
                    then();
                else
                    end(Result::Failed, problem);
            });
    clearing->start();
}

/// The server cannot have anything at the path: above it stands something else than should.
void CopyMending::suspectAbove()
{
    forEachAncestor(m_key, [this](QByteArrayView above) {
        const ObjectKey key = above.toByteArray();
        if (key == m_credentials.account || !m_environment.catalogue.find(key))
            return;
        m_environment.folders.forget(m_target.id(), key);
        m_environment.catalogue.mark(key, m_target.id(), Debt::Stale);
    });
}

void CopyMending::makeFolder(quint32 mode)
{
    ServerChange::send(
        m_environment, m_target, m_key, folderRequest(m_credentials, m_path, mode),
        m_environment.config.timing.answerTimeout, this, [this](const cring::Result<http::Response> &result) {
            const bool ok = result && result->status == 200;
            end(ok ? Result::Mended : Result::Failed, ok ? QString() : QStringLiteral("refused a folder"));
        });
}

// ---- sources ----

/// Somebody else has written to a quorum: that version holds. Where the old one still is it is kept aside
/// before it is written over.
void CopyMending::adopt()
{
    locked([this] {
        const QList<QString> alike = m_census->alike();
        m_environment.catalogue.acknowledge(m_key, m_other, alike);
        const QList<health::Backend *> owners = m_environment.owners(m_key);
        for (const health::Backend *owner : owners) {
            if (!alike.contains(owner->id()))
                m_environment.catalogue.mark(m_key, owner->id(), Debt::Differs);
        }
        m_environment.activity.record(
            telemetry::Level::Warning, telemetry::Category::Upload,
            QStringLiteral("a file was changed past the ring on %1 servers: their version holds now")
                .arg(alike.size()),
            {}, QString::fromLatin1(m_credentials.account));
        end(Result::Adopted);
    });
}

/// Somebody stored it after the change that the debt is about, though no quorum has it any more.
void CopyMending::keepAside()
{
    auto *saving = new ConflictSaving(m_environment, m_environment.conflicts, m_target, m_key, m_credentials,
                                      ConflictSaving::Wanted::OtherVersion, this);
    connect(saving, &ConflictSaving::finished, this, [this, saving](const Status &status) {
        saving->deleteLater();
        if (status)
            mendFile();
        else
            end(Result::Failed, status.error().detail);
    });
    saving->start();
}

void CopyMending::mendFile()
{
    m_others.clear();
    m_without.clear();
    m_absences = 0;
    const QList<health::Backend *> placement = m_environment.placement(m_key);
    m_owners = m_environment.owners(m_key);
    for (health::Backend *backend : placement) {
        if (backend != &m_target && backend->usable() && m_environment.catalogue.trusts(backend->id()) &&
            m_environment.catalogue.copyState(m_key, backend->id()) == CopyState::Unknown)
            m_sources << backend;
    }
    // At hand, and no server has to be asked for it.
    const auto body = m_record ? m_environment.spool.find(m_key, m_record->digest) : std::nullopt;
    if (body)
        readSpool(body->id);
    else
        tryNextSource();
}

void CopyMending::readSpool(quint64 body)
{
    dropRead();
    m_source = nullptr;
    m_mode = m_record->mode;
    m_digest.reset();
    m_body = m_environment.spool.read(body);
    connect(m_body.get(), &state::BodyReader::arrived, this, &CopyMending::handleSourceData);
    connect(m_body.get(), &state::BodyReader::finished, this, &CopyMending::handleSourceFinished);
    connect(m_body.get(), &state::BodyReader::failed, this, &CopyMending::tryNextSource);
    beginWrite();
    m_body->start();
}

void CopyMending::read(health::Backend &from)
{
    m_head = {};
    m_digest.reset();
    m_errorBody.clear();
    m_reader = Readers::Registration(m_environment.readers, m_key, from.id(), [this] {
        end(Result::Failed, QStringLiteral("the file was changed meanwhile"));
    });
    m_read =
        std::make_unique<http::ClientRequest>(from.pool(), fileRequest("GET", m_credentials, m_path),
                                              http::ClientRequest::Limits{kReadTime, kReadTime}, nullptr);
    connect(m_read.get(), &http::ClientRequest::failed, this,
            [this](const Error &error) { end(Result::Failed, error.detail); });
}

void CopyMending::dropRead()
{
    m_reader.release();
    if (m_body) {
        m_body->disconnect(this);
        m_body.release()->deleteLater();
    }
    if (!m_read)
        return;
    m_read->disconnect(this);
    m_read.release()->deleteLater();
}

void CopyMending::tryNextSource()
{
    dropRead();
    m_stream.reset();
    m_stall.stop();
    m_sourcePaused = false;
    if (m_sources.isEmpty()) {
        handleNoSource();
        return;
    }
    m_source = m_sources.takeFirst();
    read(*m_source);
    connect(m_read.get(), &http::ClientRequest::headReceived, this, &CopyMending::handleSourceHead);
    connect(m_read.get(), &http::ClientRequest::bodyReceived, this, &CopyMending::handleSourceData);
    connect(m_read.get(), &http::ClientRequest::finished, this, &CopyMending::handleSourceFinished);
    m_read->start();
}

void CopyMending::handleSourceHead(const http::ResponseHead &head)
{
    m_head = head;
    const bool isRecorded = m_record && !m_record->digest.isEmpty() && m_record->mode != 0;
    m_mode = isRecorded ? m_record->mode : head.headers.value("X-File-Mode").toUInt();
    if (head.status != 200)
        return; // the body says which 404 it is
    // Without a record nothing tells an old copy that was left on a server that stood in from the last one.
    if (!m_record && !m_owners.contains(m_source)) {
        tryNextSource();
        return;
    }
    if (!isFolder(head)) {
        beginWrite();
        return;
    }
    if (m_record) {
        m_without << m_source->id();
        tryNextSource();
        return;
    }
    dropRead();
    putFolder(m_mode);
}

void CopyMending::handleSourceData(const QByteArray &data)
{
    if (!m_stream) {
        if (m_errorBody.size() < kMaxErrorBody)
            m_errorBody += data;
        return;
    }
    m_digest.add(data);
    m_stream->offer(http::chunk(data));
    handleStreamChanged();
}

void CopyMending::handleSourceFinished()
{
    dropRead();
    if (!m_stream) {
        handleSourceWithout();
        return;
    }
    if (m_record && !m_record->digest.isEmpty() && m_digest.value() != m_record->digest) {
        handleOtherVersion();
        return;
    }
    // Those that had something else are wrong, for this one is right.
    if (m_record && unchanged()) {
        for (const auto &[digest, holders] : m_others)
            blame(holders);
        if (!m_without.isEmpty())
            AbsenceCheck::start(m_environment, m_credentials, m_key, m_record->version);
    }
    m_sourceDone = true;
    handleStreamChanged();
}

/// A 404 is a word about this server, not about the file.
void CopyMending::handleSourceWithout()
{
    if (m_head.status == 404 && !isMissingUser(404, m_errorBody)) {
        ++m_absences;
        m_without << m_source->id();
    }
    tryNextSource();
}

void CopyMending::handleOtherVersion()
{
    if (m_source) {
        m_others[m_digest.value()] << m_source->id();
    } else {
        m_environment.activity.record(telemetry::Level::Warning, telemetry::Category::Repair,
                                      QStringLiteral("a body in the spool is damaged"), {},
                                      QString::fromLatin1(m_credentials.account));
    }
    tryNextSource();
}

void CopyMending::handleNoSource()
{
    if (!m_record && m_absences >= m_environment.absenceQuorum(m_credentials.account)) {
        // Whatever the target has is in doubt, and no quorum can have had a file.
        locked([this] { removeCopy([this] { end(Result::Mended); }); });
        return;
    }
    // Nobody has what was there before, and what came into doubt never came: there is nothing to mend. An
    // upload leaves no path without a file that had one.
    const bool allHere = m_environment.backends.usable().size() == m_environment.backends.size();
    if (!m_record && allHere && !m_looked) {
        verify();
        return;
    }
    if (!m_record && allHere && m_targetAbsent) {
        end(Result::Mended);
        return;
    }
    // When every copy has something against it, one that is what the record says makes an end of that.
    if (m_record && !m_record->digest.isEmpty() && !m_looked) {
        verify();
        return;
    }
    if (m_record && !m_other.digest.isEmpty() && allInDoubt()) {
        takeCensus(CopyState::InDoubt);
        return;
    }
    if (m_record && !m_other.digest.isEmpty() && holdersWereHeard()) {
        askWhetherReplaced();
        return;
    }
    endWithoutSource();
}

/// Whoever is known to have the recorded version can be asked, and was.
bool CopyMending::holdersWereHeard() const
{
    const QList<QString> holders = m_environment.catalogue.holders(m_key);
    return std::all_of(holders.begin(), holders.end(), [this](const QString &id) {
        const health::Backend *holder = m_environment.backends.find(id);
        return holder && holder->usable();
    });
}

/// Nobody has the recorded version. What a quorum of the owners has instead, and is no older, others have put
/// in its place, whatever is held against their copies: one that was seen without the file for a moment, for
/// one.
void CopyMending::askWhetherReplaced()
{
    m_times.ask(m_environment, m_target, m_key, m_credentials, this,
                [this](const cring::Result<FolderTimes::Time> &modified) {
                    const std::chrono::milliseconds changed(m_record->changed);
                    if (modified && *modified + kClockError > changed)
                        takeCensus(std::nullopt);
                    else
                        endWithoutSource();
                });
}

void CopyMending::endWithoutSource()
{
    // Those that have something else are looked into, whatever becomes of this one.
    if (m_record && unchanged()) {
        for (const auto &[digest, holders] : m_others)
            blame(holders);
    }
    end(Result::NoSource, QStringLiteral("no other server can give the file"));
}

bool CopyMending::allInDoubt() const
{
    const QList<health::Backend *> owners = m_environment.owners(m_key);
    return std::all_of(owners.begin(), owners.end(), [this](const health::Backend *owner) {
        return m_environment.catalogue.copyState(m_key, owner->id()) == CopyState::InDoubt;
    });
}

/// Other owners that turn out to have something else than they should.
void CopyMending::blame(const QList<QString> &servers)
{
    const QList<health::Backend *> owners = m_environment.owners(m_key);
    for (const health::Backend *owner : owners) {
        if (owner != &m_target && servers.contains(owner->id()))
            m_environment.catalogue.mark(m_key, owner->id(), Debt::Suspect);
    }
}

// ---- writing ----

void CopyMending::beginWrite()
{
    const charm::Envelope parts = envelope();
    http::RequestHead head;
    head.method = "POST";
    head.target = "/v1/fs/" + m_path + "?mode=" + QByteArray::number(m_mode);
    head.headers.append("Authorization", m_credentials.authorization);
    head.headers.append("Content-Type", parts.contentType);
    head.headers.append("Transfer-Encoding", "chunked");
    m_stream = std::make_unique<OwnerStream>(m_environment, m_target, m_key, nullptr);
    connect(m_stream.get(), &OwnerStream::changed, this, &CopyMending::handleStreamChanged);
    m_stream->start(head);
    m_stream->offer(http::chunk(parts.head));
}

void CopyMending::handleStreamChanged()
{
    if (m_ended || !m_stream)
        return;
    const bool blocked = m_stream->beforeTail() && m_stream->blocked();
    if ((m_read || m_body) && blocked != m_sourcePaused) {
        m_sourcePaused = blocked;
        if (m_body)
            m_body->setPaused(blocked);
        else
            blocked ? m_read->pause() : m_read->resume();
    }
    if (!blocked && !(m_sourceDone && m_stream->beforeTail()))
        m_stall.stop();
    else if (!m_stall.isActive())
        m_stall.start(kStallTime);
    switch (m_stream->state()) {
    case OwnerStream::State::Stored:
        end(Result::Mended);
        break;
    case OwnerStream::State::Late:
        // It may still act, and what it does is waited for, but nobody else has to.
        m_environment.catalogue.mark(m_key, m_target.id(), Debt::InDoubt);
        m_lease.release();
        break;
    case OwnerStream::State::InDoubt:
        m_environment.catalogue.mark(m_key, m_target.id(), Debt::InDoubt);
        end(Result::Failed, m_stream->reason());
        break;
    case OwnerStream::State::Refused:
    case OwnerStream::State::Failed:
        end(Result::Failed, m_stream->reason());
        break;
    case OwnerStream::State::TailSent:
        if (m_makesWay)
            makeWay();
        break;
    case OwnerStream::State::Preparing:
        break;
    case OwnerStream::State::Open:
        if (m_sourceDone && !m_replacing && m_stream->ready()) {
            m_replacing = true;
            lockAndReplace();
        }
        break;
    }
}

/// Nothing was acknowledged for the path since this began.
bool CopyMending::unchanged() const
{
    const auto now = m_environment.catalogue.find(m_key);
    return (now ? now->version : 0) == version();
}

void CopyMending::locked(std::function<void()> then)
{
    m_environment.locks.acquireBehind(
        m_key, this,
        [this, then = std::move(then)](PathLocks::Lease lease) {
            if (m_ended)
                return;
            m_lease = std::move(lease);
            if (unchanged())
                then();
            else
                end(Result::Failed, QStringLiteral("the file was changed meanwhile"));
        },
        [this] { m_wanted.start(m_environment.config.timing.stallBudget); });
}

/// A client waits for the path. What the target has in its hands is waited for, but by nobody else; all other
/// steps end soon by themselves.
void CopyMending::makeWay()
{
    m_makesWay = true;
    if (m_ended || !m_stream || m_stream->state() != OwnerStream::State::TailSent)
        return;
    m_environment.catalogue.mark(m_key, m_target.id(), Debt::InDoubt);
    m_lease.release();
}

/// Charm cannot write over a read-only file; what stands there is in doubt or old in any case.
void CopyMending::lockAndReplace()
{
    clearWay(WayClearing::Wanted::File, [this] { locked([this] { replace(); }); });
}

void CopyMending::replace()
{
    // From here on it is gone, or half written, whatever becomes of this.
    m_environment.catalogue.mark(m_key, m_target.id(), Debt::Stale);
    removeCopy([this] {
        m_environment.folders.prepareFor(m_environment, m_credentials, m_path, m_mode, {&m_target}, {}, this,
                                         [this] { release(); });
    });
}

void CopyMending::removeCopy(std::function<void()> then)
{
    if (m_environment.catalogue.livesBelow(m_key, version())) {
        end(Result::Failed, QStringLiteral("something newer lies below the path"));
        return;
    }
    deleteCopy(std::move(then));
}

void CopyMending::deleteCopy(std::function<void()> then)
{
    m_environment.folders.forget(m_target.id(), m_key);
    ServerChange::send(m_environment, m_target, m_key, fileRequest("DELETE", m_credentials, m_path),
                       m_environment.config.timing.answerTimeout, this,
                       [this, then = std::move(then)](const cring::Result<http::Response> &result) {
                           if (!result)
                               end(Result::Failed, result.error().detail);
                           else if (result->status != 200)
                               refused(*result);
                           else
                               then();
                       });
}

void CopyMending::refused(const http::Response &answer)
{
    if (answer.status / 100 == 5)
        suspectAbove();
    end(Result::Failed, describeAnswer(answer.status, answer.headers.value("Content-Type"), answer.body));
}

void CopyMending::release()
{
    if (m_ended)
        return;
    m_stream->release(http::chunk(envelope().tail) + http::kLastChunk.toByteArray(),
                      replica::timeToStore(m_environment, m_digest.size()));
}

void CopyMending::end(Result result, const QString &reason)
{
    if (m_ended)
        return;
    m_ended = true;
    m_reason = reason;
    m_stall.stop();
    if (m_stream) {
        m_stream->disconnect(this);
        m_stream->drop(QStringLiteral("was let go of"), false);
    }
    m_lease.release();
    dropRead();
    Q_EMIT finished(result);
}

} // namespace cring::repair
