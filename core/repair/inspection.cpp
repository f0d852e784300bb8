// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/inspection.h"

#include <algorithm>

namespace cring::repair {

using replica::CopyState;
using replica::Debt;
using replica::Record;
using state::Finding;
using What = CopyLook::What;

Inspection::Inspection(const JobTools &tools, const Judge &judge, Sight sight,
                       const QList<health::Backend *> &looks, const Credentials &credentials, QObject *parent)
    : QObject(parent)
    , m_tools(tools)
    , m_environment(*tools.environment)
    , m_use(m_environment.use)
    , m_judge(judge)
    , m_credentials(credentials)
    , m_sight(std::move(sight))
    , m_owners(m_environment.owners(m_sight.key))
{
    for (health::Backend *backend : looks) {
        auto look = std::make_unique<CopyLook>(m_environment, *backend, m_sight.key, credentials, nullptr);
        connect(look.get(), &CopyLook::read, this,
                [this, one = look.get()](qint64 bytes) { handleRead(one, bytes); });
        connect(look.get(), &CopyLook::finished, this, &Inspection::handleLooked);
        m_looks.push_back(std::move(look));
    }
    // What is taken in will be stored in the bucket next.
    if (!m_looks.empty() && m_judge.rules().importing && m_environment.archive.covers(credentials.account))
        connect(m_looks.front().get(), &CopyLook::arrived, this, [this](const QByteArray &data) {
            if (m_body.size() <= replica::RecentBodies::kLargest)
                m_body += data;
        });
}

Inspection::~Inspection() = default;

void Inspection::start()
{
    m_waiting = 1 + static_cast<int>(m_looks.size());
    for (const auto &look : m_looks)
        look->start();
    QMetaObject::invokeMethod(this, &Inspection::handleLooked, Qt::QueuedConnection);
}

void Inspection::handleRead(CopyLook *look, qint64 bytes)
{
    m_outcome.bytes += bytes;
    if (!m_tools.throttle.spendBytes(bytes))
        return;
    m_held.insert(look);
    look->setPaused(true);
    m_tools.throttle.whenReadable(look, [this, look] {
        m_held.erase(look);
        look->setPaused(m_paused);
    });
}

void Inspection::setPaused(bool paused)
{
    m_paused = paused;
    for (const auto &look : m_looks)
        look->setPaused(paused || m_held.contains(look.get()));
    if (!paused && m_decided && !m_saving)
        keepNext();
}

void Inspection::handleLooked()
{
    if (--m_waiting > 0)
        return;
    m_environment.locks.acquireBehind(m_sight.key, this, [this](replica::PathLocks::Lease lease) {
        m_lease = std::move(lease);
        decide();
        handOver();
        m_lease.release();
        m_decided = true;
        keepNext();
    });
}

/// The body, where it is what was taken in.
void Inspection::handOver()
{
    if (!m_outcome.adopted || m_body.isEmpty() || m_body.size() > replica::RecentBodies::kLargest)
        return;
    const CopyLook::Finding &found = m_looks.front()->finding();
    const auto record = m_environment.catalogue.find(m_sight.key);
    if (record && !record->digest.isEmpty() && found.is(record->digest))
        m_environment.recentBodies.add(m_sight.key, record->digest, m_body);
}

/// So that a person can choose among several versions, and none of them is on a server alone.
void Inspection::keepNext()
{
    if (m_saving)
        m_saving.release()->deleteLater(); // this may be inside its signal
    if (m_keeping.isEmpty()) {
        Q_EMIT finished();
        return;
    }
    if (m_paused)
        return;
    health::Backend &server = *m_keeping.takeFirst();
    m_saving = std::make_unique<ConflictSaving>(m_environment, m_tools.conflicts, server, m_sight.key,
                                                m_credentials, ConflictSaving::Wanted::OtherVersion, nullptr);
    connect(m_saving.get(), &ConflictSaving::finished, this, [this, &server](const Status &status) {
        if (!status)
            m_environment.activity.record(
                telemetry::Level::Warning, telemetry::Category::Repair,
                QStringLiteral("one of several versions of a file could not be kept aside, and stays where "
                               "it is: ") +
                    status.error().detail,
                server.name());
        keepNext();
    });
    m_saving->start();
}

/// What the looks have brought beyond what was known before.
void Inspection::completeSight()
{
    for (const auto &look : m_looks) {
        const CopyLook::Finding &found = look->finding();
        const bool silent = found.what == What::NoAnswer || found.what == What::MissingUser;
        if (silent)
            m_outcome.unheard << look->backend().id();
        const bool known = std::any_of(m_sight.copies.begin(), m_sight.copies.end(),
                                       [&](const auto &copy) { return copy.server == &look->backend(); });
        if (known)
            continue;
        Sight::Copy copy{&look->backend()};
        copy.what = silent                       ? Sight::What::Unheard
                    : found.what == What::File   ? Sight::What::File
                    : found.what == What::Folder ? Sight::What::Folder
                                                 : Sight::What::Absent;
        copy.size = found.what == What::File ? found.size : -1;
        copy.mode = found.mode;
        m_sight.copies << copy;
    }
}

void Inspection::decide()
{
    const auto now = m_environment.catalogue.find(m_sight.key);
    const bool changed = (now ? now->version : 0) != (m_sight.record ? m_sight.record->version : 0);
    const bool busy = std::any_of(m_sight.copies.begin(), m_sight.copies.end(), [&](const auto &copy) {
        return m_environment.lanes.isBusy(copy.server->id(), m_sight.key);
    });
    m_outcome.unsettled = changed || busy || m_environment.intents.isUnresolved(m_sight.key);
    if (m_outcome.unsettled)
        return;
    completeSight();
    const bool isFolder = std::any_of(m_sight.copies.begin(), m_sight.copies.end(),
                                      [](const auto &copy) { return copy.what == Sight::What::Folder; });
    if (now && now->deleted)
        judgeDeleted(isFolder);
    else if (now && now->folder)
        compareFolder();
    else if (now && !now->digest.isEmpty())
        compareFile(*now);
    else if (!now && isFolder)
        adoptFolder();
    else
        choose();
}

void Inspection::mark(const QString &server, Debt debt)
{
    m_environment.catalogue.mark(m_sight.key, server, debt);
    m_outcome.marked << server;
}

// ---- with a record ----

/// Of the recorded bytes, where the record of it may be what a power cut took.
bool Inspection::adoptMode(const Record &record)
{
    if (record.version > m_judge.rules().powerCutAt)
        return false;
    std::map<quint32, QStringList> servers; // by mode
    std::map<quint32, int> votes;
    for (const auto &look : m_looks) {
        const CopyLook::Finding &found = look->finding();
        const QString &id = look->backend().id();
        if (!found.is(record.digest) || found.hasModeOf(record))
            continue;
        servers[found.mode] << id;
        votes[found.mode] += hasVote(look->backend()) ? 1 : 0;
    }
    for (const auto &[mode, alike] : servers) {
        if (votes[mode] < m_environment.config.quorum())
            continue;
        Record newer = record;
        newer.mode = mode;
        m_environment.catalogue.adopt(m_sight.key, newer, alike);
        m_outcome.adopted = true;
        return true;
    }
    return false;
}

void Inspection::compareFile(const Record &record)
{
    if (adoptMode(record))
        return;
    std::map<QByteArray, int> others; // owners that agree on something else
    for (const auto &look : m_looks) {
        if (look->finding().what == What::File && m_owners.contains(&look->backend()))
            ++others[look->finding().digest];
    }
    for (const auto &look : m_looks) {
        const QString &id = look->backend().id();
        const CopyLook::Finding &found = look->finding();
        const bool isOwner = m_owners.contains(&look->backend());
        if (found.is(record)) {
            confirm(id, isOwner);
        } else if (found.is(record.digest)) {
            mark(id, Debt::Suspect);
        } else if (found.what == What::Absent && isOwner) {
            mark(id, Debt::Suspect);
        } else if (found.what == What::Absent) {
            m_environment.catalogue.dropCopy(m_sight.key, id);
        } else if (found.what == What::File) {
            mark(id, m_judge.debtOfOther(id, isOwner, found.size));
            // What a quorum has is no damage, and is taken over when the copy is looked into.
            if (others[found.digest] < m_environment.config.quorum() && !m_judge.mayBeTheirs(id))
                report({0, Finding::Kind::Damage, m_sight.key, id, found.size, found.digest, found.mode});
        }
    }
}

void Inspection::compareFolder()
{
    for (const Sight::Copy &copy : std::as_const(m_sight.copies)) {
        if (copy.what == Sight::What::Absent)
            mark(copy.server->id(), Debt::Stale);
    }
}

void Inspection::judgeDeleted(bool isFolder)
{
    // Asked for by a person: what nobody has deleted is taken over.
    if (m_judge.rules().importing) {
        choose();
        return;
    }
    Verdict verdict = m_judge.judgeDeleted(m_sight);
    if (verdict.inspect) {
        const std::vector<Version> all = versions();
        if (!all.empty() && all.front().votes >= m_environment.config.quorum()) {
            adopt(all.front(), all);
            return;
        }
        if (isFolder)
            adoptFolder();
        if (m_outcome.adopted)
            return;
        verdict = m_judge.judgeDeleted(m_sight, true);
    }
    for (const Verdict::Mark &one : std::as_const(verdict.marks))
        mark(one.server, one.debt);
    for (const Finding &finding : std::as_const(verdict.findings))
        report(finding);
}

void Inspection::confirm(const QString &server, bool isOwner)
{
    state::Catalogue &catalogue = m_environment.catalogue;
    m_tools.findings.withdraw(m_sight.key, server, Finding::Kind::Damage);
    const auto owed = catalogue.debt(m_sight.key, server);
    if (owed && owed->debt != Debt::Suspect)
        return;
    if (!catalogue.holds(m_sight.key, server) || owed)
        catalogue.clear(m_sight.key, server);
    if (!isOwner && m_judge.allOwnersHold(m_sight.key))
        catalogue.mark(m_sight.key, server, Debt::Extra);
}

// ---- without one, or with one that says nothing of the bytes ----

bool Inspection::heardAll() const
{
    return m_outcome.unheard.isEmpty() &&
           std::none_of(m_sight.copies.begin(), m_sight.copies.end(),
                        [](const Sight::Copy &copy) { return copy.what == Sight::What::Unheard; });
}

void Inspection::adoptFolder()
{
    const bool mixed = std::any_of(m_sight.copies.begin(), m_sight.copies.end(),
                                   [](const auto &copy) { return copy.what == Sight::What::File; });
    const auto folders = std::count_if(m_sight.copies.begin(), m_sight.copies.end(),
                                       [](const auto &copy) { return copy.what == Sight::What::Folder; });
    if (mixed || (!m_judge.adoptsFew(m_sight) && folders < m_environment.widespreadQuorum()))
        return;
    Record record;
    record.folder = true;
    QStringList holders;
    for (const Sight::Copy &copy : m_sight.copies) {
        if (copy.what != Sight::What::Folder)
            continue;
        holders << copy.server->id();
        record.mode = copy.mode;
        if (record.changed == 0 || copy.modified.count() < record.changed)
            record.changed = copy.modified.count();
    }
    m_environment.catalogue.adopt(m_sight.key, record, holders);
    for (const Sight::Copy &copy : m_sight.copies) {
        if (copy.what == Sight::What::Absent)
            mark(copy.server->id(), Debt::Stale);
    }
    m_outcome.adopted = true;
    m_tools.findings.withdraw(m_sight.key);
}

/// An owner that nothing is held against.
bool Inspection::hasVote(const health::Backend &server) const
{
    return std::any_of(m_owners.begin(), m_owners.end(),
                       [&](const health::Backend *owner) { return owner == &server; }) &&
           m_environment.catalogue.trusts(server.id()) &&
           m_environment.catalogue.copyState(m_sight.key, server.id()) == CopyState::Unknown;
}

/// What the servers have, by their bytes; the most votes first.
std::vector<Inspection::Version> Inspection::versions() const
{
    std::map<QByteArray, Version> byDigest;
    for (const auto &look : m_looks) {
        const CopyLook::Finding &found = look->finding();
        const QString &id = look->backend().id();
        if (found.what != What::File)
            continue;
        Version &version = byDigest[found.digest];
        if (version.servers.isEmpty())
            version = {found.digest, found.size, found.mode, 0, {}, 0};
        version.servers << id;
        version.votes += hasVote(look->backend()) ? 1 : 0;
        const auto copy =
            std::find_if(m_sight.copies.begin(), m_sight.copies.end(),
                         [&](const Sight::Copy &one) { return one.server == &look->backend(); });
        const qint64 modified = copy == m_sight.copies.end() ? 0 : copy->modified.count();
        if (modified > 0 && (version.modified == 0 || modified < version.modified))
            version.modified = modified;
    }
    std::vector<Version> list;
    for (auto &[digest, version] : byDigest)
        list.push_back(std::move(version));
    std::sort(list.begin(), list.end(),
              [](const Version &one, const Version &other) { return one.votes > other.votes; });
    return list;
}

/// One version is taken over on however few servers, where the rules say so; of several, the quorum's.
/// Without one, nothing is chosen.
void Inspection::choose()
{
    const std::vector<Version> all = versions();
    if (all.empty() && heardAll())
        m_tools.findings.withdraw(m_sight.key);
    if (all.empty())
        return;
    // An empty file is what a crash or a full disk leaves: no version beside one that has something in it.
    std::vector<Version> full;
    std::copy_if(all.begin(), all.end(), std::back_inserter(full),
                 [](const Version &version) { return version.size > 0; });
    if (full.empty())
        full = all;
    const bool single = full.size() == 1 && heardAll() && m_judge.adoptsFew(m_sight);
    if (full.front().votes >= m_environment.config.quorum() || single) {
        adopt(full.front(), all);
        return;
    }
    // On few servers and not all could be heard: the next time.
    const bool open = full.size() == 1 && m_judge.rules().importing;
    if (m_sight.record || open)
        return;
    reportOpen(full);
}

void Inspection::reportOpen(const std::vector<Version> &versions)
{
    const bool several = versions.size() > 1;
    m_tools.findings.withdraw(m_sight.key, several ? Finding::Kind::Unexplained : Finding::Kind::Conflict);
    const auto kind = several ? Finding::Kind::Conflict : Finding::Kind::Unexplained;
    for (const Version &version : versions) {
        for (const QString &server : version.servers)
            report({0, kind, m_sight.key, server, version.size, version.digest, version.mode});
        if (several && !m_tools.conflicts.keeps(m_sight.key, version.digest))
            m_keeping << m_environment.backends.find(version.servers.first());
    }
}

void Inspection::adopt(const Version &version, const std::vector<Version> &all)
{
    state::Catalogue &catalogue = m_environment.catalogue;
    Record record;
    record.size = version.size;
    record.digest = version.digest;
    record.mode = version.mode;
    record.changed = version.modified;
    catalogue.adopt(m_sight.key, record, version.servers);
    for (const Version &other : all) {
        if (other.digest == version.digest)
            continue;
        for (const QString &server : other.servers)
            mark(server, other.size > 0 ? Debt::Differs : Debt::Stale);
    }
    for (const Sight::Copy &copy : m_sight.copies) {
        if (copy.what == Sight::What::Absent && m_owners.contains(copy.server))
            mark(copy.server->id(), Debt::Stale);
    }
    for (const health::Backend *owner : m_owners) {
        if (couldNotSay(*owner))
            mark(owner->id(), Debt::Differs);
    }
    if (m_judge.allOwnersHold(m_sight.key)) {
        for (const QString &server : version.servers) {
            if (!m_owners.contains(m_environment.backends.find(server)))
                catalogue.mark(m_sight.key, server, Debt::Extra);
        }
    }
    m_outcome.adopted = true;
    m_tools.findings.withdraw(m_sight.key);
}

/// What it has there may be anything: it is looked at before anything is written over it.
bool Inspection::couldNotSay(const health::Backend &server) const
{
    const auto look = std::find_if(m_looks.begin(), m_looks.end(),
                                   [&](const auto &one) { return &one->backend() == &server; });
    if (look != m_looks.end())
        return (*look)->finding().what == What::NoAnswer;
    return std::any_of(m_sight.copies.begin(), m_sight.copies.end(), [&](const Sight::Copy &copy) {
        return copy.server == &server && copy.what == Sight::What::Unheard;
    });
}

void Inspection::report(const Finding &finding)
{
    m_tools.findings.report(finding);
    ++m_outcome.findings;
}

} // namespace cring::repair
