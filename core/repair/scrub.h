// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/jobs/job.h"
#include "core/repair/accountwalk.h"
#include "core/repair/inspection.h"
#include "core/repair/scrubplace.h"

#include <set>

namespace cring::repair {

using jobs::Job;
using jobs::JobProgress;

/// Goes through all accounts on all servers, compares what is there with the catalogue, and has marked,
/// adopted and reported what the Judge says; the delivery then puts right what was marked. A server that was
/// left out for a while, or is new, is trusted once all of it has been gone through; an account's files are
/// all in the catalogue once they have been gone through on every server.
///
/// Parameters: "deep", true to read every copy (the maker's business: see Scope); "accounts", a list of charm
/// ids, for these alone; "unseen_from" and "unseen_to", ms since
/// 1970: copies that were written in between are read.
class Scrub final : public Job
{
    Q_OBJECT

public:
    /// In the summary's "skipped", beside the ids of accounts: none is known, and so nothing was looked at.
    static constexpr QLatin1String kEveryAccount{"every account"};

    enum class Scope {
        All,       ///< Names, sizes and times.
        AllDeeply, ///< Every byte.
        New,       ///< Only accounts that have not been gone through yet.
    };

    /// In the summary: the ids of accounts that an operator has disabled.
    static constexpr QLatin1String kLeftAlone{"disabled"};

    Scrub(const JobTools &tools, Scope scope, const QJsonObject &parameters, QObject *parent = nullptr);
    ~Scrub() override;

    void start(const QByteArray &cursor) override;
    void setPaused(bool paused) override;
    void cancel() override;
    JobProgress progress() const override;

private:
    /// A path whose copies are being read, or that is waited for.
    struct Begun
    {
        ObjectKey before;   ///< The path that was taken before it.
        qint64 checked = 0; ///< Paths that had been taken then.
    };

    void nextAccount();
    std::optional<QByteArray> accountAfter(const QByteArray &account) const;
    void meetOwnAccount();
    void obtainToken(std::function<void()> then);
    void beginAccount(const ObjectKey &after);
    void schedule();
    void step();
    void noteEmptied(Sight &sight);
    void handle(const Sight &sight);
    void waitFor(const Sight &sight, const Begun &begun);
    void judge(const Sight &sight, const Begun &begun);
    void write(const Sight &sight, const Verdict &verdict);
    void keepConflict(const ObjectKey &key, Verdict &verdict) const;
    void sweep(const ObjectKey &before, const Sight &sight, const Verdict &verdict);
    void inspect(const Sight &sight, const Verdict &verdict);
    void handleInspected(Inspection *inspection);
    void dropInspections();
    void leaveUnsettled(const ObjectKey &key);
    void settleRecorded();
    void endAccount();
    void skipAccount(const QString &reason);
    void meetServers();
    void trustServers();
    void end();
    void count(const QString &what, qint64 number = 1) { m_place.counts[what] += number; }
    QByteArray cursor() const;
    void restore(const QByteArray &cursor);
    QJsonObject summary() const;
    void tell(const QJsonObject &summary);

    JobTools m_tools;
    Environment &m_environment;
    const std::shared_ptr<const void> m_use;
    const Scope m_scope;
    Rules m_rules;
    std::set<QByteArray> m_only; ///< Accounts; all when empty.
    ScrubPlace m_place;
    std::optional<Credentials> m_credentials;
    std::optional<Judge> m_judge;
    std::unique_ptr<AccountWalk> m_walk;
    std::map<ObjectKey, Begun> m_begun; ///< Read, or waited for.
    size_t m_held = 0;                  ///< Waited for.
    std::set<QString> m_lacking;        ///< Servers that had not got all of the account.
    bool m_whole = false;               ///< The account is gone through from its beginning.
    std::set<ObjectKey> m_unsettled;    ///< Of the account: a change was on its way there.
    std::vector<std::unique_ptr<Inspection>> m_inspections;
    QMap<QString, QString> m_problems; ///< Of servers, by id.
    QString m_nobody;                  ///< Why no account is known.
    bool m_asking = false;             ///< For a token.
    bool m_askedOwn = false;
    bool m_waiting = false; ///< The next step will come.
    bool m_paused = false;
    bool m_cancelled = false;
    bool m_ended = false;
};

} // namespace cring::repair
