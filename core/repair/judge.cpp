// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/judge.h"

#include "core/repair/copytimes.h"

#include <algorithm>

namespace cring::repair {

using replica::CopyState;
using replica::Debt;
using replica::forEachAncestor;
using state::Finding;
using What = Sight::What;

namespace {

using namespace std::chrono_literals;

/// Between the time that a server gives a file and the time at which the ring recorded it, when all is well.
constexpr auto kTimesDiffer = 5min;

/// Of Go's fs.FileMode.
constexpr quint32 kPermissions = 0777;

bool isThere(const Sight::Copy &copy)
{
    return copy.what == What::File || copy.what == What::Folder;
}

/// As far as can be told without its bytes.
bool isRight(const Sight &sight, const Sight::Copy &copy)
{
    return copy.what == What::File && (sight.record->size < 0 || copy.size == sight.record->size);
}

Finding findingOf(Finding::Kind kind, const ObjectKey &key, const Sight::Copy *copy = nullptr)
{
    Finding finding;
    finding.kind = kind;
    finding.key = key;
    if (copy) {
        finding.server = copy->server->id();
        finding.size = copy->size;
        finding.mode = copy->mode;
    }
    return finding;
}

/// Who lacks it, one by one: somebody else may have it still.
QList<Finding> absences(const ObjectKey &key, const QStringList &servers)
{
    QList<Finding> findings;
    for (const QString &server : servers) {
        Finding finding = findingOf(Finding::Kind::Absence, key);
        finding.server = server;
        findings << finding;
    }
    return findings;
}

} // namespace

Verdict Judge::judge(const Sight &sight) const
{
    Verdict verdict;
    verdict.unsettled = isUnsettled(sight.key) || (sight.record && sight.record->version > m_rules.asOf);
    if (verdict.unsettled)
        return verdict;
    if (!sight.record)
        judgeUnrecorded(sight, verdict);
    else if (sight.record->deleted)
        verdict = judgeDeleted(sight);
    else if (sight.record->folder)
        judgeFolder(sight, verdict);
    else
        judgeFile(sight, verdict);
    return verdict;
}

// ---- evidence ----

bool Judge::isUnsettled(const ObjectKey &key) const
{
    return m_environment.locks.isHeld(key) || m_environment.intents.isUnresolved(key);
}

/// Something is owed to this copy already, or on its way there.
bool Judge::isOwed(const ObjectKey &key, const QString &server) const
{
    return m_environment.catalogue.debt(key, server) || m_environment.lanes.isBusy(server, key);
}

bool Judge::isDeleteOwed(const ObjectKey &key, const QString &server) const
{
    bool owed = isOwed(key, server);
    forEachAncestor(key, [&](QByteArrayView above) {
        const auto debt = m_environment.catalogue.debt(above.toByteArray(), server);
        owed = owed || (debt && debt->debt >= Debt::Stale);
    });
    return owed;
}

/// What the server has, or has not, counts: it has missed nothing.
bool Judge::votes(const Sight &sight, const Sight::Copy &copy) const
{
    const QString &id = copy.server->id();
    return m_environment.catalogue.trusts(id) && !copy.emptied && !isOwed(sight.key, id) &&
           m_environment.catalogue.copyState(sight.key, id) == CopyState::Unknown;
}

bool Judge::mayBeTheirs(const QString &server) const
{
    if (m_rules.importing)
        return true;
    return m_members.unseenSince(server).has_value();
}

Debt Judge::debtOfOther(const QString &server, bool isOwner, qint64 size) const
{
    // An empty file is what a crash or a full disk leaves, not a version.
    if (size == 0)
        return isOwner && !mayBeTheirs(server) ? Debt::Suspect : Debt::Stale;
    return isOwner && !mayBeTheirs(server) ? Debt::Suspect : Debt::Differs;
}

bool Judge::adoptsFew(const Sight &sight) const
{
    return std::all_of(sight.copies.begin(), sight.copies.end(), [this](const Sight::Copy &copy) {
        const QString &id = copy.server->id();
        return !isThere(copy) || (mayBeTheirs(id) && m_environment.catalogue.trusts(id));
    });
}

bool Judge::allOwnersHold(const ObjectKey &key) const
{
    const QList<health::Backend *> owners = m_environment.owners(key);
    return std::all_of(owners.begin(), owners.end(), [&](const health::Backend *owner) {
        return m_environment.catalogue.holds(key, owner->id());
    });
}

// ---- what lives ----

void Judge::judgeFile(const Sight &sight, Verdict &verdict) const
{
    const QList<health::Backend *> owners = m_environment.owners(sight.key);
    judgeMissing(sight, owners, verdict);
    for (const Sight::Copy &copy : sight.copies) {
        const QString &id = copy.server->id();
        const bool isOwner = owners.contains(copy.server);
        if (isThere(copy) && !isOwed(sight.key, id))
            judgeFileCopy(sight, copy, isOwner, verdict);
        else if (copy.what == What::Absent && !isOwner && m_environment.catalogue.holds(sight.key, id) &&
                 !m_environment.lanes.isBusy(id, sight.key))
            verdict.dropped << id;
    }
    verdict.inspect = !verdict.looks.isEmpty();
}

void Judge::judgeMissing(const Sight &sight, const QList<health::Backend *> &owners, Verdict &verdict) const
{
    const state::Catalogue &catalogue = m_environment.catalogue;
    QStringList lost;    // Owners that had it, and have it no more.
    QStringList emptied; // Owners that have nothing of the account any more.
    QStringList never;   // Owners that never had it.
    qsizetype present = 0;
    int evident = 0;
    bool heard = true;
    bool right = false;
    for (const Sight::Copy &copy : sight.copies) {
        const QString &id = copy.server->id();
        const bool holds = catalogue.holds(sight.key, id);
        right = right || isRight(sight, copy);
        heard = heard && copy.what != What::Unheard;
        if (isThere(copy) || copy.what == What::Unheard) {
            present += holds ? 1 : 0;
        } else if (owners.contains(copy.server) && !isOwed(sight.key, id)) {
            (copy.emptied ? emptied : holds ? lost : never) << id;
            evident += holds && votes(sight, copy) ? 1 : 0;
        }
    }
    const bool quorumLacks = evident >= m_environment.config.quorum();
    if (!right && heard)
        verdict.findings << findingOf(Finding::Kind::Lost, sight.key);
    else if (quorumLacks)
        verdict.findings << absences(sight.key, lost);
    if (quorumLacks)
        return;
    // Where the wanted number is elsewhere, on servers that were owners once, moving it is another job's.
    if (present < owners.size())
        emptied += never;
    for (const QString &id : std::as_const(emptied))
        verdict.marks.append({id, Debt::Stale});
    // It may have come after the listing: that is looked at first.
    for (const QString &id : std::as_const(lost))
        verdict.marks.append({id, Debt::Suspect});
}

void Judge::judgeFileCopy(const Sight &sight, const Sight::Copy &copy, bool isOwner, Verdict &verdict) const
{
    const state::Catalogue &catalogue = m_environment.catalogue;
    const QString &id = copy.server->id();
    if (copy.what == What::Folder) {
        judgeOtherKind(sight, copy, verdict);
    } else if (sight.record->digest.isEmpty()) {
        verdict.looks << copy.server; // what a quorum has gives the record its digest
    } else if (!isRight(sight, copy)) {
        verdict.marks.append({id, debtOfOther(id, isOwner, copy.size)});
        if (m_rules.deep && !mayBeTheirs(id))
            verdict.findings << findingOf(Finding::Kind::Damage, sight.key, &copy);
    } else if (m_rules.deep || !catalogue.holds(sight.key, id) || isSuspicious(sight, copy) ||
               mayHaveNewerMode(sight, copy)) {
        verdict.looks << copy.server;
    } else if (!isOwner && allOwnersHold(sight.key)) {
        verdict.marks.append({id, Debt::Extra});
    }
}

/// Its time is not that of the recorded change, or nobody can say what happened then. Only a reason to read
/// it: times decide nothing.
bool Judge::isSuspicious(const Sight &sight, const Sight::Copy &copy) const
{
    if (copy.modified.count() == 0)
        return false;
    const bool older = copy.modified + kTimesDiffer < std::chrono::milliseconds(sight.record->changed);
    const bool unseen =
        copy.modified + kTimesDiffer > m_rules.unseenFrom && copy.modified < m_rules.unseenTo + kClockError;
    return older || unseen;
}

/// The record of that may be what a power cut took.
bool Judge::mayHaveNewerMode(const Sight &sight, const Sight::Copy &copy) const
{
    return sight.record->version <= m_rules.powerCutAt && copy.mode != 0 && sight.record->mode != 0 &&
           ((copy.mode ^ sight.record->mode) & kPermissions) != 0;
}

void Judge::judgeFolder(const Sight &sight, Verdict &verdict) const
{
    QStringList absent;
    int evident = 0;
    for (const Sight::Copy &copy : sight.copies) {
        if (copy.what == What::File) {
            judgeOtherKind(sight, copy, verdict);
        } else if (copy.what == What::Absent && !isOwed(sight.key, copy.server->id())) {
            absent << copy.server->id();
            evident += votes(sight, copy) ? 1 : 0;
        }
    }
    if (evident >= m_environment.widespreadQuorum()) {
        verdict.findings << absences(sight.key, absent);
        return;
    }
    for (const QString &id : std::as_const(absent))
        verdict.marks.append({id, Debt::Stale});
}

/// Something older stands there when the path was deleted before it was made; anything else may be
/// somebody's.
void Judge::judgeOtherKind(const Sight &sight, const Sight::Copy &copy, Verdict &verdict) const
{
    const QString &id = copy.server->id();
    if (isOwed(sight.key, id))
        return;
    if (m_environment.catalogue.tombstone(sight.key) > 0)
        verdict.marks.append({id, Debt::Stale});
    else
        verdict.findings << findingOf(Finding::Kind::OtherKind, sight.key, &copy);
}

// ---- what does not ----

/// Whoever does not say what it has may be the one that makes a quorum of it: then nothing is done yet.
Verdict Judge::judgeDeleted(const Sight &sight, bool wasRead) const
{
    Verdict verdict;
    QList<const Sight::Copy *> back;
    int files = 0; // at owners
    int folders = 0;
    int newerFiles = 0;
    int newerFolders = 0;
    qsizetype strays = 0;
    bool heard = true;
    const QList<health::Backend *> owners = m_environment.owners(sight.key);
    const bool holdsNewer = m_environment.catalogue.livesBelow(sight.key, sight.record->version);
    for (const Sight::Copy &copy : sight.copies) {
        heard = heard && copy.what != What::Unheard;
        if (!isThere(copy) || (copy.what == What::Folder && holdsNewer))
            continue;
        const bool stray = isStray(sight.key, copy);
        if (!stray && isDeleteOwed(sight.key, copy.server->id()))
            continue;
        back << &copy;
        strays += stray ? 1 : 0;
        if (!votes(sight, copy))
            continue;
        const int newer = mayBeNewer(sight, copy, kTimesDiffer) ? 1 : 0;
        if (copy.what == What::Folder) {
            ++folders;
            newerFolders += newer;
        } else if (owners.contains(copy.server)) {
            ++files;
            newerFiles += newer;
        }
    }
    // So many have it again that somebody must have stored it: it is kept aside. What lies in a folder that
    // as many have is judged one by one; the folder would take it along unseen.
    const int quorum = m_environment.config.quorum();
    const bool stored = files >= quorum;
    const bool isRemade = newerFolders >= m_environment.widespreadQuorum();
    if (!wasRead && (isRemade || newerFiles >= quorum || (stored && strays == back.size()))) {
        for (const Sight::Copy *copy : std::as_const(back)) {
            if (copy->what == What::File)
                verdict.looks << copy->server;
        }
        verdict.inspect = true;
        return verdict;
    }
    for (const Sight::Copy *copy : std::as_const(back)) {
        if (isStray(sight.key, *copy)) {
            verdict.findings << findingOf(Finding::Kind::Unexplained, sight.key, copy);
            continue;
        }
        if (!heard || folders >= quorum)
            continue;
        const bool keeps = stored || mayBeNewer(sight, *copy, kClockError);
        const bool differs = keeps && copy->what == What::File && copy->size > 0;
        verdict.marks.append({copy->server->id(), differs ? Debt::Differs : Debt::Stale});
    }
    return verdict;
}

/// Nothing that was recorded, in a folder that was made again since the delete: not that one has brought it.
bool Judge::isStray(const ObjectKey &key, const Sight::Copy &copy) const
{
    const auto made = m_environment.catalogue.remadeAbove(key);
    if (!made || m_environment.catalogue.isRecorded(key))
        return false;
    return copy.modified.count() == 0 || copy.modified > std::chrono::milliseconds(*made) + kClockError;
}

/// After a power cut: the record of what was stored after the delete may be what was lost. What is clearly
/// older than the delete has only come back.
bool Judge::mayBeNewer(const Sight &sight, const Sight::Copy &copy, std::chrono::milliseconds tolerance) const
{
    if (sight.record->version > m_rules.powerCutAt)
        return false;
    return copy.modified.count() == 0 ||
           copy.modified + tolerance > std::chrono::milliseconds(sight.record->changed);
}

void Judge::judgeUnrecorded(const Sight &sight, Verdict &verdict) const
{
    QList<const Sight::Copy *> there;
    int files = 0;
    int folderVotes = 0;
    std::map<qint64, int> votesBySize;
    const QList<health::Backend *> owners = m_environment.owners(sight.key);
    for (const Sight::Copy &copy : sight.copies) {
        // An upload may have just brought it.
        verdict.unsettled = verdict.unsettled || isOwed(sight.key, copy.server->id());
        if (!isThere(copy))
            continue;
        there << &copy;
        files += copy.what == What::File ? 1 : 0;
        if (!votes(sight, copy))
            continue;
        if (copy.what == What::Folder)
            ++folderVotes;
        else if (owners.contains(copy.server))
            ++votesBySize[copy.size];
    }
    if (verdict.unsettled)
        return;
    const bool agreed = std::any_of(votesBySize.begin(), votesBySize.end(), [&](const auto &size) {
        return size.second >= m_environment.config.quorum();
    });
    const bool adopts = adoptsFew(sight);
    const bool mixed = files > 0 && files < there.size();
    if (!mixed && files > 0 && (adopts || agreed)) {
        for (const Sight::Copy *copy : std::as_const(there))
            verdict.looks << copy->server;
        verdict.inspect = true;
        return;
    }
    if (!mixed && files == 0) {
        verdict.inspect = adopts || folderVotes >= m_environment.widespreadQuorum();
        if (verdict.inspect || m_environment.catalogue.livesBelow(sight.key, 0))
            return;
    }
    const auto kind = mixed ? Finding::Kind::OtherKind : Finding::Kind::Unexplained;
    for (const Sight::Copy *copy : std::as_const(there))
        verdict.findings << findingOf(kind, sight.key, copy);
}

} // namespace cring::repair
