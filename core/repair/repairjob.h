// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/jobs/job.h"
#include "core/repair/forgetting.h"
#include "core/repair/inspection.h"

#include <set>

namespace cring::repair {

using jobs::Job;
using jobs::JobProgress;

/// Because a person asks for it: reads every copy of some paths, or of all, marks what is not as recorded,
/// and waits until that has been put right. What a quorum has lost is brought back, for that is what was
/// asked.
///
/// Parameters: "paths", a list (what lies below them is meant, too), nothing for everything; "adopt", true to
/// take over what has no record: the paths' own, and what was found unexplained, and with "any_name" also
/// what no charm client can read the name of; "forget", true to end, instead, what is known of paths that are
/// gone (Forgetting).
///
/// The summary says in "unheard" which servers could not be looked at, and why, and in "notFound" which of
/// the paths nobody knows: no record, no finding, and none of the servers, which all have answered.
class RepairJob final : public Job
{
    Q_OBJECT

public:
    enum class Wish {
        Mend,
        Adopt,
        AdoptAnyName,
        Forget,
    };

    /// ControlBadParams for what contradicts itself.
    static Result<Wish> wishOf(const QJsonObject &parameters);
    /// The paths as object keys: they begin with an account that is known, or are of the only one.
    /// ControlBadParams; NotFound for what no file can be called.
    static Result<std::set<ObjectKey>> rootsOf(const QJsonObject &parameters,
                                               const state::Accounts &accounts);

    RepairJob(const JobTools &tools, std::set<ObjectKey> roots, Wish wish, QObject *parent = nullptr);
    ~RepairJob() override;

    void start(const QByteArray &cursor) override;
    void setPaused(bool paused) override;
    void cancel() override;
    JobProgress progress() const override;

private:
    using Copy = std::pair<ObjectKey, QString>; ///< Of a path, at a server.
    /// A path whose copies are being read.
    struct Begun
    {
        ObjectKey before;   ///< The path that was taken before it.
        qint64 checked = 0; ///< Paths that had been taken then.
    };

    void schedule();
    void step();
    std::optional<ObjectKey> next() const;
    std::optional<ObjectKey> nextBelow(const ObjectKey &root) const;
    bool withToken(const QByteArray &account);
    void inspect(const ObjectKey &key);
    void handleInspected(Inspection *inspection);
    bool adopts(const ObjectKey &key) const;
    void forget(const ObjectKey &key);
    void handleForgotten(const Status &status);
    void noteUnheard(const health::Backend &backend, const QString &reason);
    bool isUnknown(const ObjectKey &root) const;
    QByteArray cursor() const;
    void lookAfterMarked();
    bool isHopeless(const Copy &copy) const;
    void end();
    qint64 countFindings() const;
    QJsonObject summary() const;

    JobTools m_tools;
    Environment &m_environment;
    const std::shared_ptr<const void> m_use;
    std::set<ObjectKey> m_roots; ///< None lies below another one. None: everything.
    const Wish m_wish;
    ObjectKey m_last;
    std::optional<Credentials> m_credentials;
    std::map<ObjectKey, Begun> m_inspecting;
    std::vector<std::unique_ptr<Inspection>> m_inspections;
    std::unique_ptr<Forgetting> m_forgetting; ///< Under way.
    std::set<Copy> m_marked;                  ///< Not put right yet.
    QMap<QString, qint64> m_counts;
    QMap<QByteArray, QString> m_skipped; ///< Accounts and paths, and why.
    QMap<QString, QString> m_unheard;    ///< Servers by name, and why.
    std::set<ObjectKey> m_absent;        ///< Roots that no server has itself, as all of them said.
    QTimer m_look;                       ///< At what was marked.
    bool m_asking = false;               ///< For a token.
    bool m_waiting = false;              ///< The next step will come.
    bool m_paused = false;
    bool m_cancelled = false;
    bool m_ended = false;
};

} // namespace cring::repair
