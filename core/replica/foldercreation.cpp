// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/foldercreation.h"

#include "core/charm/blobpath.h"
#include "core/replica/folders.h"
#include "core/replica/requests.h"

#include <algorithm>

namespace cring::replica {

namespace {

using namespace std::chrono_literals;

constexpr quint32 kOwnerAll = 0700;

} // namespace

FolderCreation::FolderCreation(Environment &environment, const Credentials &credentials,
                               const QByteArray &path, quint32 mode, QObject *parent)
    : QObject(parent)
    , m_environment(environment)
    , m_credentials(credentials)
    , m_path(path)
    , m_key(objectKey(credentials.account, path))
    , m_mode(mode | charm::kDirBit | kOwnerAll)
    , m_probe(environment, credentials, path)
{
    m_deadline.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this, &FolderCreation::handleDeadline);
}

FolderCreation::~FolderCreation() = default;

void FolderCreation::start()
{
    if (const QString problem = m_environment.database.problem(); !problem.isEmpty()) {
        conclude(recordsRefusal(problem));
        return;
    }
    const QList<health::Backend *> all = m_environment.backends.all();
    for (health::Backend *backend : all) {
        if (admits(*backend, m_absent))
            m_targets.push_back({backend, false, false, false, false, {}, {}});
        else
            m_absentIds << backend->id();
    }
    if (static_cast<int>(m_targets.size()) < m_environment.widespreadQuorum()) {
        refuse();
        return;
    }
    m_deadline.start(m_environment.config.timing.answerTimeout);
    lookFirst();
}

/// Charm says 200 to a folder where a file stands, and does nothing.
void FolderCreation::lookFirst()
{
    const auto lock = [this] {
        m_environment.locks.acquire(m_key, this,
                                    [this](PathLocks::Lease lease) { handleLocked(std::move(lease)); });
    };
    if (m_environment.catalogue.isBelowFile(m_key)) {
        refuseBelowFile();
        return;
    }
    if (const auto record = m_environment.catalogue.find(m_key)) {
        m_isNew = record->deleted;
        if (!record->deleted && !record->folder)
            conclude(refusal(409, QStringLiteral("a file stands where the folder should go")));
        else
            lock();
        return;
    }
    QList<health::Backend *> servers;
    for (const Target &target : m_targets)
        servers << target.backend;
    connect(&m_probe, &ExistenceProbe::finished, this, [this, lock] {
        if (m_answered)
            return;
        using Finding = ExistenceProbe::Finding;
        const Finding finding = *m_probe.finding();
        m_isNew = finding == Finding::Nothing;
        if (finding == Finding::File)
            conclude(refusal(409, QStringLiteral("a file stands where the folder should go")));
        else if (finding == Finding::Unknown)
            conclude(
                refusal(503, QStringLiteral("the folder was not made: no server says what is there now")));
        else
            lock();
    });
    m_probe.start(servers);
}

void FolderCreation::refuseBelowFile()
{
    m_refused = true;
    conclude(
        refusal(409, QStringLiteral("the servers cannot have a folder at this path: it lies below a file")));
}

void FolderCreation::handleLocked(PathLocks::Lease lease)
{
    if (m_answered)
        return;
    m_lease = std::move(lease);
    if (m_environment.catalogue.isBelowFile(m_key)) {
        refuseBelowFile();
        return;
    }
    const auto record = m_environment.catalogue.find(m_key);
    if (record)
        m_isNew = record->deleted;
    for (Target &target : m_targets) {
        const auto debt = m_environment.catalogue.debt(m_key, target.backend->id());
        target.owed = debt && debt->debt >= Debt::Stale;
    }
    if (record && !m_isNew)
        sendAll(); // nothing is to be written down
    else
        openIntent();
}

void FolderCreation::openIntent()
{
    state::Intent intent;
    intent.kind = state::Intent::Kind::Folder;
    intent.key = m_key;
    intent.record.mode = m_mode;
    intent.existed = !m_isNew;
    for (const Target &target : m_targets)
        intent.targets << target.backend->id();
    m_intent = m_environment.intents.open(intent, state::Durability::Process, this, [this] { sendAll(); });
}

void FolderCreation::sendAll()
{
    if (m_answered)
        return;
    for (size_t i = 0; i < m_targets.size(); ++i) {
        m_environment.lanes.acquire(m_targets[i].backend->id(), m_key, this, [this, i](Lanes::Hold lane) {
            if (!m_targets[i].settled && !m_refused)
                send(i, std::move(lane));
        });
    }
}

void FolderCreation::send(size_t index, Lanes::Hold lane)
{
    Target &target = m_targets[index];
    target.lane = std::move(lane);
    target.sent = true;
    exchangeForAccount(m_environment, *target.backend, m_credentials.account,
                       folderRequest(m_credentials, m_path, m_mode), kUntilDead, kMaxErrorBody, this,
                       [this, index](const Result<http::Response> &result) { handleAnswer(index, result); });
}

void FolderCreation::handleAnswer(size_t index, const Result<http::Response> &result)
{
    Target &target = m_targets[index];
    target.lane.release();
    target.settled = true;
    if (!result) {
        target.backend->breaker().failed(result.error().detail);
        target.refusal.summary = result.error().detail;
    } else {
        target.backend->breaker().succeeded();
        target.made = result->status == 200;
        const QByteArray type = result->headers.value("Content-Type");
        if (target.made && !target.owed)
            m_environment.folders.remember(target.backend->id(), m_key);
        else if (!target.made)
            target.refusal = {result->status, type, result->body,
                              describeAnswer(result->status, type, result->body)};
    }
    if (m_recorded && target.made && !target.owed)
        m_environment.catalogue.confirm(m_key, target.backend->id(), m_version);
    else if (m_recorded)
        owe(target.backend->id());
    evaluate();
}

void FolderCreation::handleDeadline()
{
    for (Target &target : m_targets) {
        if (!target.sent || target.settled)
            continue;
        target.refusal.summary =
            QStringLiteral("did not answer within %1 s")
                .arg(static_cast<double>(m_environment.config.timing.answerTimeout.count()) / 1000.0);
        target.backend->breaker().failed(target.refusal.summary);
    }
    if (!m_answered && !m_recorded)
        refuse();
}

bool FolderCreation::anySent() const
{
    return std::any_of(m_targets.begin(), m_targets.end(), [](const Target &target) { return target.sent; });
}

bool FolderCreation::allSettled() const
{
    return std::all_of(m_targets.begin(), m_targets.end(),
                       [](const Target &target) { return target.settled; });
}

void FolderCreation::evaluate()
{
    const auto made =
        std::count_if(m_targets.begin(), m_targets.end(), [](const Target &target) { return target.made; });
    if (!m_answered && !m_recorded && made >= m_environment.widespreadQuorum())
        succeed();
    else if (!m_answered && !m_recorded && allSettled())
        refuse();
    finishIfSettled();
}

void FolderCreation::finishIfSettled()
{
    if (!m_answered || !allSettled())
        return;
    closeIntent();
    deleteLater();
}

void FolderCreation::closeIntent()
{
    if (const quint64 intent = std::exchange(m_intent, 0))
        m_environment.intents.close(intent);
}

/// Of an intent alone nobody knows whether the client was told: the record comes before the answer.
void FolderCreation::succeed()
{
    m_recorded = true;
    recordFolder();
    if (m_intent)
        m_environment.intents.acknowledge(m_intent);
    for (const QString &id : std::as_const(m_absentIds))
        owe(id);
    for (const Target &target : m_targets) {
        if (target.settled && (!target.made || target.owed))
            owe(target.backend->id());
    }
    m_environment.database.flush(
        state::Durability::Process, this,
        [this] {
            conclude({200, {}, {}, {}});
        },
        [this](const QString &problem) { conclude(recordsRefusal(problem)); });
}

/// One that is there stays what it is, and so does what lies in it: Charm leaves its mode alone, too
/// (os.MkdirAll).
void FolderCreation::recordFolder()
{
    const auto known = m_environment.catalogue.find(m_key);
    if (known && !known->deleted && known->folder) {
        m_version = known->version;
        return;
    }
    // Charm makes what is missing above it with it.
    m_environment.folders.record(m_environment, m_credentials.account, m_path, m_mode);
    QList<QString> holders;
    for (const Target &target : m_targets) {
        if (target.made && !target.owed)
            holders << target.backend->id();
    }
    Record record;
    record.folder = true;
    record.mode = m_mode;
    m_version = m_environment.catalogue.acknowledge(m_key, record, holders).version;
}

void FolderCreation::owe(const QString &server)
{
    // What lay in a folder that was there before is as good there as elsewhere.
    m_environment.catalogue.mark(m_key, server, m_isNew ? Debt::Stale : Debt::Suspect);
}

/// What is new and was refused shall not be there, neither where it was made nor where it may still be made.
void FolderCreation::takeBack()
{
    m_refused = true;
    // What was acknowledged below it meanwhile makes it a folder that is there.
    const auto record = m_environment.catalogue.find(m_key);
    if (!m_isNew || !m_lease || m_environment.catalogue.livesBelow(m_key, record ? record->version : 0))
        return;
    Record none;
    none.deleted = true;
    m_environment.catalogue.acknowledge(m_key, none, {});
    // Those above it stay, where it has been made with them.
    if (anySent())
        m_environment.folders.record(m_environment, m_credentials.account, m_path, m_mode);
    for (const Target &target : m_targets) {
        // One that was lost without an answer may have made it.
        const bool refused = target.settled && target.refusal.status > 0;
        if (!target.sent || refused)
            continue;
        m_environment.catalogue.mark(m_key, target.backend->id(), Debt::InDoubt);
    }
}

void FolderCreation::refuse()
{
    takeBack();
    closeIntent(); // what may still be made is in the catalogue
    if (const QString problem = m_environment.database.problem(); !anySent() && !problem.isEmpty()) {
        conclude(recordsRefusal(problem));
        return;
    }
    QStringList reasons = m_absent;
    const Target *same = nullptr;
    int agreeing = 0;
    int made = 0;
    for (const Target &target : m_targets) {
        made += target.made ? 1 : 0;
        if (target.made)
            continue;
        const QString words = target.refusal.summary;
        reasons << target.backend->name() + u' ' +
                       (words.isEmpty() ? QStringLiteral("has not answered") : words);
        if (target.refusal.status && (!same || same->refusal.status == target.refusal.status)) {
            same = &target;
            ++agreeing;
        }
    }
    if (agreeing >= m_environment.widespreadQuorum()) {
        conclude(same->refusal);
        return;
    }
    conclude(refusal(503, QStringLiteral("the folder was made on %1 of %2 servers, need %3: %4")
                              .arg(made)
                              .arg(m_environment.backends.size())
                              .arg(m_environment.widespreadQuorum())
                              .arg(listed(reasons))));
}

void FolderCreation::conclude(const Outcome &outcome)
{
    m_answered = true;
    for (Target &target : m_targets) {
        // Nothing was sent there, and never will be.
        if (target.sent || (m_lease && !m_refused))
            continue;
        target.backend->breaker().abandoned();
        target.settled = true;
    }
    m_lease.release();
    Q_EMIT finished(outcome);
    finishIfSettled();
}

} // namespace cring::replica
