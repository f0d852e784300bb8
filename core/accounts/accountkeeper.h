// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/accountbook.h"
#include "core/accounts/remoteservers.h"
#include "core/config/config.h"
#include "core/ssh/accountdirectory.h"
#include "core/telemetry/activitylog.h"

#include <QMutex>
#include <QTimer>

#include <atomic>

namespace cring::accounts {

/// Keeps the accounts of the servers equal, as far as it has access to their databases, and answers for them
/// when no server can. A round follows soon after somebody has written to one of the databases (within a
/// second where it is on this machine, within RemoteServers::kPoll where it is reached by SSH), and every
/// minute in any case. Servers whose key is not that of most are left out: they are another cluster's, and
/// accounts of two must never be mixed. So are those that cannot be reached, or whose disk does not answer:
/// nobody waits for them.
///
/// What was last known is in the file `accounts` of the state directory. Lives on the event loop's thread;
/// databases and files are worked with on workers. One for all configurations.
class AccountKeeper final : public QObject, public ssh::IAccountDirectory
{
    Q_OBJECT

public:
    using Server = AccountBook::Server;
    /// What a server itself shows to sign with: 32 bytes; "": not known.
    using SigningKey = std::function<QByteArray(const QString &id)>;
    static constexpr std::chrono::milliseconds kKeepGone = config::Repair().tombstoneTime;
    /// How long the end waits for a round that hangs on a disk that does not answer.
    static constexpr std::chrono::milliseconds kGrace{2'000};
    /// What the last round has come to.
    struct Report
    {
        std::chrono::milliseconds at{0}; ///< Its end: since 1970, UTC.
        RoundOutcome outcome;
        std::chrono::milliseconds begun{0}; ///< Before anything was read, like `at`. 0: by an earlier run.
    };
    using Synced = std::function<void(const Result<Report> &)>;

    /// `stateDirectory` "" remembers nothing. `access`: to other machines. The others outlive this.
    AccountKeeper(const QString &stateDirectory, const IClock &clock, telemetry::ActivityLog &activity,
                  SshAccess access = {}, QObject *parent = nullptr);
    /// Calls the round off, and waits for it; no longer than kGrace.
    ~AccountKeeper() override;

    /// Before the event loop runs. Blocks for one file. One that is damaged is set aside, and said.
    void load();
    /// With every configuration. Rounds begin with the first one. keepGone: how long it is remembered what
    /// people have taken away, at least (pruneGone()). signingKey: asked before each round, for a directory
    /// with another key is not that server's.
    void configure(const QList<Server> &servers, std::chrono::milliseconds keepGone = kKeepGone,
                   SigningKey signingKey = {});

    /// The server's accounts can be read and written, as far as the configuration tells.
    bool hasAccessTo(const QString &id) const;
    /// A round that begins from now on; `done` is told of it unless `context` has died; at once, with
    /// NotFound, when no server's database can be reached at all.
    void sync(QObject *context, Synced done);
    /// A server is back: it may have missed something.
    void hurry();

    /// Changes what all are to hold, between two rounds, on the worker. Written down durably, and in force
    /// here, before `done` is called with success; the next round carries it out at the servers. What fails
    /// or cannot be written down has changed nothing. `done` is called unless `context` has died.
    using Edit = AccountBook::Edit;
    void edit(Edit edit, QObject *context, std::function<void(const Status &)> done);
    /// A look at all that is known, on the worker; `done` then has its turn here unless `context` has died.
    void inspect(std::function<void(const Synchronised &)> look, QObject *context,
                 std::function<void()> done);
    /// An operator took it away: its tokens are worth nothing, though they have not expired. Any thread.
    bool isDisabled(const QByteArray &charmId) const;
    /// All of which that is so. Never null. Any thread.
    std::shared_ptr<const std::set<QByteArray>> disabledAccounts() const;
    /// What people have taken away, as far as it is remembered. Never null. Any thread.
    std::shared_ptr<const Gone> gone() const;
    /// With every configuration, in its order.
    const QList<Server> &servers() const { return m_servers; }

    /// What all are to hold; never null. Any thread.
    std::shared_ptr<const AccountSet> accounts() const;
    const std::optional<Report> &report() const { return m_report; }

    std::shared_ptr<const ssh::DirectoryAccount> find(const QByteArray &keyText) const override;
    std::optional<std::chrono::milliseconds> synchronisedAt() const override;
    void unlink(const QByteArray &charmId, const QByteArray &keyText, QObject *context, Done done) override;

Q_SIGNALS:
    /// A round has ended.
    void synchronised();
    /// Accounts were disabled, or brought back: disabledAccounts() is another one.
    void disabledChanged();

private:
    using Known = AccountBook::Known;
    struct Waiting
    {
        QPointer<QObject> context;
        Synced done;
    };

    void look();
    void begin();
    void beginRound();
    void handleRound(const RoundOutcome &outcome, const Status &kept);
    void learn(std::shared_ptr<const Known> known);
    void tell(const RoundOutcome &outcome);
    void say(const QString &topic, telemetry::Level level, const QString &text, const QString &server = {});
    QList<Server> reachable() const;

    const IClock &m_clock;
    telemetry::ActivityLog &m_activity;
    const QString m_file;
    QList<Server> m_servers;
    std::chrono::milliseconds m_keepGone = kKeepGone;
    SigningKey m_signingKey;
    QTimer m_timer;
    LocalServers m_local;
    RemoteServers m_remote;
    std::shared_ptr<AccountBook> m_book; ///< The worker's.
    std::stop_source m_stop;
    mutable QMutex m_mutex; ///< Over m_known.
    std::shared_ptr<const Known> m_known;
    std::optional<Report> m_report;
    std::optional<std::chrono::milliseconds> m_syncedAt; ///< The last round in which a server took part.
    std::chrono::milliseconds m_due{0};
    std::vector<Waiting> m_waiting;       ///< For the round under way.
    std::vector<Waiting> m_next;          ///< For one after it.
    QHash<QString, QString> m_said;       ///< By topic: what is the matter, so that it is told once.
    std::chrono::milliseconds m_begun{0}; ///< The last round: since 1970, UTC.
    bool m_running = false;
    bool m_reading = false;      ///< Running, and who is to be part of it is decided.
    LoneWorker m_worker{kGrace}; ///< Goes first.
};

} // namespace cring::accounts
