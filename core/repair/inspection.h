// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/repair/conflictsaving.h"
#include "core/repair/jobtools.h"
#include "core/repair/judge.h"
#include "core/replica/copylook.h"

#include <map>
#include <set>

namespace cring::repair {

using replica::CopyLook;

/// Reads copies of one path, and writes down what their bytes say: that a server holds what was recorded, or
/// has something else, or nothing; of a path without a record, which version holds from now on, or that there
/// are several, which are kept aside then. The path is locked only for the writing down; what was recorded
/// meanwhile ends it without a word.
class Inspection final : public QObject
{
    Q_OBJECT

public:
    struct Outcome
    {
        bool adopted = false; ///< There is a record now.
        QStringList marked;   ///< Servers whose copies are to be put right, by id.
        int findings = 0;
        qint64 bytes = 0;       ///< Read.
        QStringList unheard;    ///< Servers that could not say, by id.
        bool unsettled = false; ///< A change was on its way: nothing could be said.
    };

    /// `looks`: the servers that are read; those of them that the sight has no word about yet are added to
    /// it.
    Inspection(const JobTools &tools, const Judge &judge, Sight sight, const QList<health::Backend *> &looks,
               const Credentials &credentials, QObject *parent);
    ~Inspection() override;

    void start();
    /// Nothing more is read while it is paused, and nothing times out. To destroy it is to call it off:
    /// nothing has been written down then.
    void setPaused(bool paused);
    const ObjectKey &key() const { return m_sight.key; }
    const Outcome &outcome() const { return m_outcome; }

Q_SIGNALS:
    /// Once, from the event loop.
    void finished();

private:
    struct Version
    {
        QByteArray digest;
        qint64 size = 0;
        quint32 mode = 0;
        qint64 modified = 0; ///< The earliest, ms since 1970; 0: not known.
        QStringList servers;
        int votes = 0; ///< Of owners that nothing is held against.
    };

    void handleRead(CopyLook *look, qint64 bytes);
    void handleLooked();
    void completeSight();
    void decide();
    void handOver();
    void mark(const QString &server, replica::Debt debt);
    void compareFile(const state::Record &record);
    bool adoptMode(const state::Record &record);
    void compareFolder();
    void judgeDeleted(bool isFolder);
    void confirm(const QString &server, bool isOwner);
    void adoptFolder();
    bool hasVote(const health::Backend &server) const;
    bool couldNotSay(const health::Backend &server) const;
    std::vector<Version> versions() const;
    void choose();
    void reportOpen(const std::vector<Version> &versions);
    void keepNext();
    void adopt(const Version &version, const std::vector<Version> &all);
    void report(const state::Finding &finding);
    bool heardAll() const;

    JobTools m_tools;
    Environment &m_environment;
    const std::shared_ptr<const void> m_use;
    const Judge m_judge;
    const Credentials m_credentials;
    Sight m_sight;
    const QList<health::Backend *> m_owners;
    replica::PathLocks::Lease m_lease;
    std::vector<std::unique_ptr<CopyLook>> m_looks;
    std::set<CopyLook *> m_held;        ///< Looks that the throttle keeps waiting.
    QList<health::Backend *> m_keeping; ///< One of each version, still to be kept aside.
    QByteArray m_body; ///< That the first look has read, for the backup; no more than is of use there.
    std::unique_ptr<ConflictSaving> m_saving;
    bool m_decided = false;
    bool m_paused = false;
    int m_waiting = 0;
    Outcome m_outcome;
};

} // namespace cring::repair
