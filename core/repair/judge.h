// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/repair/sight.h"
#include "core/state/findings.h"

namespace cring::repair {

/// How what is seen is judged.
struct Rules
{
    /// The catalogue does not know all of the account's files: what has no record is adopted, on however few
    /// servers it is, and copies that differ may be somebody's.
    bool importing = false;
    /// Every copy is read.
    bool deep = false;
    /// Nothing that was recorded later is judged: what was seen may be older.
    quint64 asOf = 0;
    /// The newest version when the machine had lost its power, until all has been gone through since: what
    /// was recorded after a delete may be lost. 0: it had not.
    quint64 powerCutAt = 0;
    /// Copies that were written in between are read: the ring was not there. Since 1970, UTC.
    std::chrono::milliseconds unseenFrom{0};
    std::chrono::milliseconds unseenTo{0};
};

/// What follows from a Sight.
struct Verdict
{
    struct Mark
    {
        QString server;
        replica::Debt debt;
    };

    QList<Mark> marks;              ///< To be put right by the delivery.
    QList<QString> dropped;         ///< Servers that need no copy, and have none any more.
    QList<state::Finding> findings; ///< For a person.
    QList<health::Backend *> looks; ///< Whose copies must be read before more can be said.
    bool inspect = false;           ///< Only an Inspection can say more, of `looks` or of the folder.
    bool unsettled = false;         ///< Nothing can be said: a change is on its way.
};

/// Compares one path on all servers with the catalogue, and says what is to be done: the rules of the mending
/// (docs/mending.md) in one place. It changes nothing and waits for nobody.
///
/// Absence is never a delete. What the catalogue says lives, and few have lost, is brought back; what a
/// quorum of its owners has lost is told to a person. A server without anything of the account was emptied,
/// and is no evidence. What has no record is adopted when a quorum has it, and told to a person otherwise;
/// what was deleted is deleted again.
class Judge
{
public:
    Judge(const replica::Environment &environment, const state::Members &members, const Rules &rules)
        : m_environment(environment)
        , m_members(members)
        , m_rules(rules)
    {
    }

    Verdict judge(const Sight &sight) const;
    const Rules &rules() const { return m_rules; }
    /// What else than the recorded bytes a server has is somebody's version until a person has seen it: the
    /// server has not been gone through, or the account has not.
    bool mayBeTheirs(const QString &server) const;
    /// The debt of a server that has other bytes than the record's.
    replica::Debt debtOfOther(const QString &server, bool isOwner, qint64 size) const;
    /// What has no record is taken over on however few servers: the account has not been gone through, or
    /// none of the servers that have it.
    bool adoptsFew(const Sight &sight) const;
    /// Of a path that was deleted. `wasRead`: what the servers have was read, and no quorum has the same.
    Verdict judgeDeleted(const Sight &sight, bool wasRead = false) const;
    bool allOwnersHold(const ObjectKey &key) const;
    /// A change is on its way, or its outcome is not known yet.
    bool isUnsettled(const ObjectKey &key) const;

private:
    void judgeFile(const Sight &sight, Verdict &verdict) const;
    void judgeMissing(const Sight &sight, const QList<health::Backend *> &owners, Verdict &verdict) const;
    void judgeFileCopy(const Sight &sight, const Sight::Copy &copy, bool isOwner, Verdict &verdict) const;
    void judgeFolder(const Sight &sight, Verdict &verdict) const;
    void judgeOtherKind(const Sight &sight, const Sight::Copy &copy, Verdict &verdict) const;
    void judgeUnrecorded(const Sight &sight, Verdict &verdict) const;
    bool isStray(const ObjectKey &key, const Sight::Copy &copy) const;
    bool mayHaveNewerMode(const Sight &sight, const Sight::Copy &copy) const;
    bool mayBeNewer(const Sight &sight, const Sight::Copy &copy, std::chrono::milliseconds tolerance) const;
    bool isSuspicious(const Sight &sight, const Sight::Copy &copy) const;
    bool isOwed(const ObjectKey &key, const QString &server) const;
    bool isDeleteOwed(const ObjectKey &key, const QString &server) const;
    bool votes(const Sight &sight, const Sight::Copy &copy) const;

    const replica::Environment &m_environment;
    const state::Members &m_members;
    Rules m_rules;
};

} // namespace cring::repair
