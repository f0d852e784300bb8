// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/http/clientrequest.h"
#include "core/replica/digest.h"
#include "core/replica/ownerstream.h"

namespace cring::replica {

/// Brings one server's copy of one path to what the ledger says, under the path's lock: the bytes of a server
/// that has them, or nothing. The source is read to its end before the target's old copy is touched. One run;
/// then finished().
class CopyMending final : public QObject
{
    Q_OBJECT

public:
    enum class Result {
        Mended,   ///< The copy is what it should be.
        NoSource, ///< No server that can be trusted with the path can be reached.
        Failed,   ///< Something went wrong on the way; reason() has it. Worth another try.
    };
    enum class Task {
        Mend,  ///< Write, or delete.
        Verify ///< Read the target's copy; mend it only when it is something else than it should be.
    };

    CopyMending(Environment &environment, health::Backend &target, const ObjectKey &key,
                const Credentials &credentials, Task task, QObject *parent);
    ~CopyMending() override;

    void start();
    const QString &reason() const { return m_reason; }
    /// Of the record that the copy was brought to; 0: there was none.
    quint64 version() const { return m_record ? m_record->version : 0; }

Q_SIGNALS:
    void finished(cring::replica::CopyMending::Result result);

private:
    void handleLocked();
    void verify();
    void removeCopy(std::function<void()> then);
    void removeAround(const QByteArray &path, quint64 version);
    void removeEntries(const QByteArray &path, quint64 version, const http::Response &response);
    void chooseSource();
    void handleSourceHead(const http::ResponseHead &head);
    void handleSourceData(const QByteArray &data);
    void handleSourceFinished();
    void beginWrite(quint32 mode);
    void handleStreamChanged();
    void makeFolder(quint32 mode);
    void end(Result result, const QString &reason = {});

    Environment &m_environment;
    const std::shared_ptr<const void> m_use;
    health::Backend &m_target;
    ObjectKey m_key;
    QByteArray m_path;
    Credentials m_credentials;
    Task m_task;
    std::optional<Record> m_record;
    PathLocks::Lease m_lease;
    health::Backend *m_source = nullptr;
    std::unique_ptr<http::ClientRequest> m_read;
    Readers::Registration m_reader;
    std::unique_ptr<OwnerStream> m_stream;
    PayloadDigest m_digest;
    int m_removals = 0; ///< Deletes and listings under way.
    int m_status = 0;
    quint32 m_mode = 0;
    bool m_sourceDone = false;
    bool m_sourcePaused = false;
    bool m_looked = false;  ///< At the target's own copy, for want of a source.
    bool m_cleared = false; ///< The target's old copy is gone.
    bool m_ended = false;
    QString m_reason;
};

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
    void run(const JobKey &key, Job &job);
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
