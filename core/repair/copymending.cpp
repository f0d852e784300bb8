// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/copymending.h"

#include "core/repair/conflictsaving.h"
#include "core/repair/copychange.h"
#include "core/repair/heldback.h"
#include "core/repair/owedremoval.h"
#include "core/replica/absencecheck.h"
#include "core/replica/answers.h"
#include "core/replica/requests.h"

namespace cring::repair {

using replica::AbsenceCheck;
using replica::CopyLook;
using replica::fileRequest;
using replica::isMissingUser;
using replica::PathLocks;
using replica::Readers;

namespace {

using namespace std::chrono_literals;

/// Between two pieces of what is read.
constexpr auto kReadTime = 5s;
constexpr qsizetype kMaxErrorBody = 16 * 1024;

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
}

CopyMending::~CopyMending() = default;

void CopyMending::start()
{
    if (m_environment.lanes.isBusy(m_target.id(), m_key)) {
        end(Result::Failed, QStringLiteral("has not answered an earlier change yet"));
        return;
    }
    m_record = m_environment.catalogue.find(m_key);
    m_writing =
        std::make_unique<CopyWriting>(m_environment, m_target, m_key, m_credentials, version(), nullptr);
    connect(m_writing.get(), &CopyWriting::paused, this, &CopyMending::pauseSource);
    connect(m_writing.get(), &CopyWriting::finished, this, [this](const QString &problem) {
        end(problem.isEmpty() ? Result::Mended : Result::Failed, problem);
    });
    const auto since = m_environment.catalogue.inheritedSince(m_key, m_target.id());
    // What comes after the mending is no longer what was there before the start.
    if (!since || m_task == Task::Verify || !m_record || (m_record->folder && !m_record->deleted)) {
        begin();
        return;
    }
    m_since = std::chrono::milliseconds(*since);
    m_times.ask(m_environment, m_target, m_key, m_credentials, this,
                [this](const cring::Result<FolderTimes::File> &file) {
                    if (file) {
                        m_modified = file->modified;
                        begin();
                        return;
                    }
                    // Below a file, Charm can list nothing.
                    if (file.error().code == Code::BackendAnswer)
                        m_writing->suspectAbove();
                    end(Result::Failed, file.error().detail);
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
        m_writing->putFolder(m_record->mode);
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
    // What it has without knowing the account comes to light when it does.
    if (found.what == CopyLook::What::MissingUser) {
        end(Result::Failed, found.reason);
        return;
    }
    m_targetAbsent = found.what == CopyLook::What::Absent;
    if (m_record && m_record->deleted) {
        if (m_targetAbsent)
            end(Result::Mended);
        else
            removeOwed(m_record->version, [this] { end(Result::Mended); });
        return;
    }
    if (m_record && !m_record->digest.isEmpty() && found.is(m_record->digest)) {
        if (found.hasModeOf(*m_record))
            end(Result::Mended);
        else if (isHeldBack(m_environment.catalogue, m_record->version))
            end(Result::Waits, heldBackReason()); // a quorum may have these
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
    const bool heldBack = m_record && isHeldBack(m_environment.catalogue, m_record->version);
    const bool suspect =
        m_environment.catalogue.copyState(m_key, m_target.id()) == CopyState::Unknown || heldBack;
    if (!(suspect || mayBeNewer()) || !m_record || m_other.digest.isEmpty()) {
        mendFile();
        return;
    }
    VersionCensus::Rules rules{CopyState::Unknown, {}};
    // Then those count as well that are known to have missed the record's change, if they got another since.
    if (heldBack)
        rules.newerThan = std::chrono::milliseconds(m_record->changed);
    takeCensus(rules);
}

/// The target's copy is not the record's. Before it is written over, the other owners of whom the same can be
/// said are heard.
void CopyMending::takeCensus(const VersionCensus::Rules &rules)
{
    if (m_census)
        m_census.release()->deleteLater(); // this may be inside its signal
    m_census = std::make_unique<VersionCensus>(m_environment, m_times, m_target, m_key, m_credentials,
                                               m_other.digest, rules, nullptr);
    connect(m_census.get(), &VersionCensus::finished, this, [this, rules](VersionCensus::Result result) {
        switch (result) {
        case VersionCensus::Result::Quorum:
            adopt();
            break;
        case VersionCensus::Result::Few:
            if (rules.voters == CopyState::Unknown)
                mayBeNewer() ? keepAside() : mendFile();
            else if (!rules.voters)
                endWithoutSource();
            else if (!readArchive())
                end(Result::NoSource, QStringLiteral("no server has the file for certain"));
            break;
        case VersionCensus::Result::Recorded:
            end(Result::NoSource, QStringLiteral("another server is about to be cleared"));
            break;
        case VersionCensus::Result::Unknown:
            end(Result::Waits, QStringLiteral("not every server can say which version holds"));
            break;
        }
    });
    m_census->start();
}

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

// ---- sources ----

/// Somebody else has written to a quorum: that version holds. Where the old one still is it is kept aside
/// before it is written over.
void CopyMending::adopt()
{
    m_times.ask(m_environment, m_target, m_key, m_credentials, this,
                [this](const cring::Result<FolderTimes::File> &file) {
                    if (!file) {
                        end(Result::Failed, file.error().detail);
                        return;
                    }
                    m_other.changed = file->modified.count();
                    lockVersion(m_environment, m_key, version(), this,
                                [this](cring::Result<PathLocks::Lease> lease) {
                                    if (!m_ended)
                                        lease ? recordOther() : end(Result::Failed, lease.error().detail);
                                });
                });
}

void CopyMending::recordOther()
{
    const QList<QString> alike = m_census->alike();
    m_environment.catalogue.adopt(m_key, m_other, alike);
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
    m_digest.reset();
    m_body = m_environment.spool.read(body);
    connect(m_body.get(), &state::BodyReader::arrived, this, &CopyMending::handleSourceData);
    connect(m_body.get(), &state::BodyReader::finished, this, &CopyMending::handleSourceFinished);
    connect(m_body.get(), &state::BodyReader::failed, this, &CopyMending::tryNextSource);
    m_writing->open(m_record->mode);
    m_body->start();
}

/// What no server has, an archive may. False: there is nothing (more) to be read.
bool CopyMending::readArchive()
{
    if (!m_record || m_record->deleted || m_record->folder)
        return false;
    dropRead();
    m_writing->abandon();
    if (!std::exchange(m_archiveOpened, true)) {
        QStringList reasons;
        m_archives = m_environment.archive.open(m_key, m_record, reasons);
    }
    if (m_archives.empty())
        return false;
    m_source = nullptr;
    m_digest.reset();
    m_archive = std::move(m_archives.front());
    m_archives.erase(m_archives.begin());
    connect(m_archive.get(), &replica::IArchiveReader::began, this,
            [this](const replica::IArchiveReader::Head &head) {
                m_writing->open(m_record->mode != 0 ? m_record->mode : head.mode);
            });
    connect(m_archive.get(), &replica::IArchiveReader::arrived, this, &CopyMending::handleSourceData);
    connect(m_archive.get(), &replica::IArchiveReader::finished, this, &CopyMending::handleSourceFinished);
    connect(m_archive.get(), &replica::IArchiveReader::failed, this, &CopyMending::endWithoutSource);
    m_archive->start();
    return true;
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
    if (m_archive) {
        m_archive->disconnect(this);
        m_archive.release()->deleteLater();
    }
    if (!m_read)
        return;
    m_read->disconnect(this);
    m_read.release()->deleteLater();
}

void CopyMending::tryNextSource()
{
    dropRead();
    m_writing->abandon();
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
    const quint32 mode = isRecorded ? m_record->mode : head.headers.value("X-File-Mode").toUInt();
    if (head.status != 200)
        return; // the body says which 404 it is
    // Without a record nothing tells an old copy that was left on a server that stood in from the last one.
    if (!m_record && !m_owners.contains(m_source)) {
        tryNextSource();
        return;
    }
    if (!isFolder(head)) {
        m_writing->open(mode);
        return;
    }
    if (m_record) {
        m_without << m_source->id();
        tryNextSource();
        return;
    }
    dropRead();
    m_writing->putFolder(mode);
}

void CopyMending::handleSourceData(const QByteArray &data)
{
    if (!m_writing->isOpen()) {
        if (m_errorBody.size() < kMaxErrorBody)
            m_errorBody += data;
        return;
    }
    m_digest.add(data);
    m_writing->offer(data);
}

void CopyMending::pauseSource(bool paused)
{
    if (m_body)
        m_body->setPaused(paused);
    else if (m_archive)
        m_archive->setPaused(paused);
    else if (m_read)
        paused ? m_read->pause() : m_read->resume();
}

void CopyMending::handleSourceFinished()
{
    dropRead();
    if (!m_writing->isOpen()) {
        handleSourceWithout();
        return;
    }
    if (!m_record) {
        checkLength();
        return;
    }
    if (!m_record->digest.isEmpty() && m_digest.value() != m_record->digest) {
        handleOtherVersion();
        return;
    }
    // Those that had something else are wrong, for this one is right.
    if (unchanged()) {
        for (const auto &[digest, holders] : m_others)
            blame(holders);
        if (!m_without.isEmpty())
            AbsenceCheck::start(m_environment, m_credentials, m_key, m_record->version);
    }
    m_writing->complete();
}

/// Without a record, only its listing tells how long the source's file is: Charm ends one that it cannot read
/// on with an error text, under a 200 (server/http.go).
void CopyMending::checkLength()
{
    m_times.ask(m_environment, *m_source, m_key, m_credentials, this,
                [this](const cring::Result<FolderTimes::File> &file) {
                    if (m_ended)
                        return;
                    if (file && file->size == m_digest.size()) {
                        m_writing->complete();
                        return;
                    }
                    m_halfSource = true;
                    tryNextSource();
                });
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
    } else if (m_archiveOpened) {
        endWithoutSource(); // an older version, or somebody else's
        return;
    } else {
        m_environment.activity.record(telemetry::Level::Warning, telemetry::Category::Repair,
                                      QStringLiteral("a body in the spool is damaged"), {},
                                      QString::fromLatin1(m_credentials.account));
    }
    tryNextSource();
}

void CopyMending::handleNoSource()
{
    if (m_halfSource) {
        endWithoutSource();
        return;
    }
    const bool absent = m_absences >= m_environment.absenceQuorum(m_credentials.account);
    const bool settled = m_environment.absenceIsSettled(m_credentials.account);
    if (!m_record && absent && settled) {
        // Whatever the target has is in doubt, and no quorum can have had a file.
        m_writing->remove();
        return;
    }
    // Nobody has what was there before, and what came into doubt never came: there is nothing to mend. An
    // upload leaves no path without a file that had one.
    const bool allHere = m_environment.backends.usable().size() == m_environment.backends.size();
    if (!m_record && allHere && !m_looked) {
        verify();
        return;
    }
    // Of an account that has not been gone through, what the target has may have been there before the ring,
    // on this server alone: whoever goes through the account takes it in.
    if (!m_record && allHere && (m_targetAbsent || (absent && !settled))) {
        end(Result::Mended);
        return;
    }
    // When every copy has something against it, one that is what the record says makes an end of that.
    if (m_record && !m_record->digest.isEmpty() && !m_looked) {
        verify();
        return;
    }
    if (m_record && !m_other.digest.isEmpty() && allInDoubt()) {
        takeCensus({CopyState::InDoubt, {}});
        return;
    }
    if (m_record && !m_other.digest.isEmpty() && holdersWereHeard()) {
        // What a quorum of the owners has instead, and is no older, others have put in its place, whatever is
        // held against their copies: one that was seen without the file for a moment, for one.
        takeCensus({std::nullopt, std::chrono::milliseconds(m_record->changed)});
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

void CopyMending::endWithoutSource()
{
    if (readArchive())
        return;
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

/// Nothing was acknowledged for the path since this began.
bool CopyMending::unchanged() const
{
    return versionOf(m_environment, m_key) == version();
}

void CopyMending::end(Result result, const QString &reason)
{
    if (m_ended)
        return;
    m_ended = true;
    m_reason = reason;
    if (m_writing)
        m_writing->cancel();
    dropRead();
    Q_EMIT finished(result);
}

} // namespace cring::repair
