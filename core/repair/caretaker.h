// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/jobs/jobs.h"
#include "core/repair/jobtools.h"
#include "core/repair/returnlook.h"

#include <set>

namespace cring::repair {

using jobs::Job;
using jobs::JobProgress;
using jobs::Jobs;

/// Starts by itself what has to be done from time to time, and when something has happened: an import for
/// accounts that have not been gone through, a scrub some minutes after the start (at once when the service
/// was not ended in good order, a server has come that is not known well, or one is up again and lacks what
/// it had), and then every now and then, and one that reads every copy more rarely. The kinds of jobs
/// "scrub", "import" and "repair" are its.
///
/// One for all configurations, whose environments take turns. One thread.
class Caretaker final : public QObject
{
    Q_OBJECT

public:
    /// What was known of the last run when this one began.
    struct Past
    {
        bool cleanEnd = true;
        bool powerCut = false;
        /// The last moment at which the service is known to have lived: ms since 1970, UTC; 0: not known.
        qint64 lastAlive = 0;
    };

    /// `tools` and `jobs` outlive it. Adds its kinds to `jobs`.
    Caretaker(JobTools &tools, Jobs &jobs, const IClock &clock, QObject *parent = nullptr);

    /// Before the event loop runs, and with every new configuration, whose rates and intervals hold from then
    /// on.
    void setEnvironment(Environment &environment);
    /// Once the service works with the new configuration: jobs go on with that. Not before begin(), which
    /// does the same.
    void renewJobs();
    /// The service serves: jobs that were under way go on.
    void begin(const Past &past);
    /// Nothing more begins; what runs is put down until the next start.
    void stop();

Q_SIGNALS:
    /// All that a power cut or the loss of the state asked for has been done.
    void settled();

private:
    using Time = std::chrono::milliseconds; ///< Of the steady clock.

    void addKinds();
    void look();
    void lookSoon();
    void wantImport();
    void tidyFindings();
    void tidyCatalogue();
    Status needServers() const;
    void startImport();
    void startScrub(bool deep);
    void handleEnded(qint64 id);
    void handleScrubbed(const Jobs::Info &job);
    void handleImported(const Jobs::Info &job);
    Time nextRetry();
    bool knowsAllServers() const;
    bool hasNewAccounts() const;
    /// One of these can be gone through, as far as is known.
    bool canImport() const;
    Time verifyWait() const;
    void meetAccounts();
    void meetOwnAccount();
    void handleUp(health::Backend &server);
    void lookAt(health::Backend &server);
    void handleLooked(health::Backend &server, ReturnLook::Result result);

    JobTools &m_tools;
    Jobs &m_jobs;
    const IClock &m_clock;
    Past m_past;
    QTimer m_timer;
    std::unique_ptr<QObject> m_watch;                       ///< Of the environment's servers.
    std::map<QString, std::unique_ptr<ReturnLook>> m_looks; ///< By server.
    std::set<QString> m_unlooked;                           ///< Servers that there was no token for.
    Time m_importDue{0};
    Time m_scrubDue{0};
    Time m_verifyDue{0};
    Time m_retry{0};
    Time m_importAgain{0};          ///< Until what was being changed meanwhile is gone through again.
    ObjectKey m_tidied;             ///< The last path that was looked at; "" for a new round.
    std::set<QByteArray> m_skipped; ///< Accounts that there was no token for.
    qint64 m_began = 0;             ///< Wall clock.
    Time m_again{0};                ///< Until what a power cut left open is looked at again.
    bool m_importWanted = false;    ///< Since the last one began.
    bool m_afterStart = true;       ///< The first scrub is still to come.
    bool m_running = false;
};

} // namespace cring::repair
