// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/remotedatabase.h"
#include "core/base/workers.h"

#include <QObject>
#include <QSet>
#include <QTimer>

#include <map>

namespace cring::accounts {

/// The servers whose accounts are reached by SSH: which of them can be, and whether somebody has written to
/// one. Each keeps its connection. Nobody waits long for one that does not answer: its look goes on aside,
/// and it counts as out of reach until it has ended well.
///
/// On the event loop's thread; looks are a worker's.
class RemoteServers final : public QObject
{
    Q_OBJECT

public:
    /// Between two looks at whether a database was written to.
    static constexpr std::chrono::milliseconds kPoll{15'000};
    /// How long a look is waited for.
    static constexpr std::chrono::milliseconds kPatience{2'000};
    /// Looks at the same time; each of those that hang takes one.
    static constexpr int kThreads = 8;

    /// The clock outlives it.
    RemoteServers(const IClock &clock, SshAccess access, QObject *parent = nullptr);
    /// Calls everything off.
    ~RemoteServers() override;

    /// By the backends' ids; none of them is on this machine. Those that stay where they were keep their
    /// connection.
    void configure(const std::map<QString, config::NodePlace> &places);
    bool isEmpty() const { return m_servers.empty(); }
    /// Ends all work, of rounds too, at once and for good.
    void callOff();

    /// Looks at all of them. `then` is called once, from the event loop or at once: when those have answered
    /// that are expected to, and after kPatience in any case. One call at a time.
    void look(std::function<void()> then);
    /// Looks at those that have not been for a while. Not while somebody works with a database.
    void poll();

    struct Access
    {
        std::shared_ptr<RemoteDatabase> database; ///< Null with an error, when the id is new.
        /// Of the last look. When it is good, nobody else works with the database until poll() or look().
        Result<RemoteDatabase::Look> look;
        QByteArray lastKey; ///< The server's, when it was reached last; "": never.
    };
    /// After look(). Any id: it may have come since.
    Access at(const QString &id) const;

Q_SIGNALS:
    /// Since look(), a server was written to, has come back or has gone: from a poll, or a look that took
    /// long.
    void changed();

private:
    struct Server
    {
        std::shared_ptr<RemoteDatabase> database;
        std::optional<Result<RemoteDatabase::Look>> last; ///< Nothing: it was never looked at.
        QByteArray lastKey;
        QByteArray known;                 ///< The stamp at the last look().
        std::chrono::milliseconds due{0}; ///< On the steady clock.
        bool looking = false;
        bool overdue = false; ///< This look has been waited for in vain.
    };

    void begin(const QString &id, Server &server);
    void handleLooked(const QString &id, const std::shared_ptr<RemoteDatabase> &database,
                      const Result<RemoteDatabase::Look> &look);
    void endLook();

    const IClock &m_clock;
    const SshAccess m_access;
    std::map<QString, Server> m_servers;
    QSet<QString> m_awaited;
    std::function<void()> m_then;
    QTimer m_patience;
    Workers m_workers{kThreads}; ///< Goes first.
};

} // namespace cring::accounts
