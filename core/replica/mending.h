// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/replica/copymending.h"

namespace cring::replica {

/// Mends what was marked since the service started, as long as a token for the account is at hand: copies in
/// doubt as soon as their server has answered or died, and again a minute later (a server that was stopped
/// may still act on what its kernel took); copies that missed a change as soon as their server is back. Its
/// memory is bounded and does not outlive the process; the marks in the ledger keep reads away from what is
/// not mended yet. One for all configurations, whose environments take turns.
class Mending final : public QObject, public IMending
{
    Q_OBJECT

public:
    static constexpr qsizetype kMaxJobs = 20'000;

    explicit Mending(QObject *parent = nullptr);
    ~Mending() override;
    /// Before the event loop runs, and with every new configuration: what begins from now on works with this
    /// one, which must live until the next one comes. What waits for a server that is no longer configured is
    /// given up.
    void setEnvironment(Environment &environment);

    void mend(const ObjectKey &key, const QString &backend, const Credentials &credentials) override;
    bool awaits(const ObjectKey &key, const QString &backend) const override
    {
        return m_jobs.contains({backend, key});
    }
    /// A token seen in passing; the account's last one is kept until it expires.
    void offer(const Credentials &credentials);
    /// Begins nothing more. What is under way goes on: a copy that is being replaced is gone until it is
    /// written.
    void stop();
    bool busy() const { return !m_running.empty(); }
    qsizetype pending() const { return static_cast<qsizetype>(m_jobs.size()); }

private:
    using JobKey = std::pair<QString, ObjectKey>;
    struct Job
    {
        CopyMending::Task task = CopyMending::Task::Mend;
        int attempts = 0;
        std::chrono::milliseconds due{0};
        bool again = false; ///< Marked anew while it was worked on.
    };

    struct Running
    {
        ObjectKey key;
        CopyMending *mending;
        QString server; ///< Its name.
    };

    void handleBack(const health::Backend &backend);
    void schedule();
    void work();
    bool runnable(const JobKey &key) const;
    bool run(const JobKey &key, Job &job);
    template <typename Visit>
    void forEachServer(Visit visit);
    void handleFinished(const JobKey &key, CopyMending::Result result);
    void retryLater(Job &job);
    const Credentials *credentialsFor(const ObjectKey &key);

    Environment *m_environment = nullptr;
    std::map<JobKey, Job> m_jobs;
    std::map<QString, Running> m_running;         ///< One for each server.
    QHash<QByteArray, Credentials> m_credentials; ///< By account.
    std::unique_ptr<QObject> m_watch;             ///< Of the environment's servers.
    QTimer m_timer;
    bool m_stopped = false;
};

} // namespace cring::replica
