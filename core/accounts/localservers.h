// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/loneworker.h"
#include "core/base/result.h"
#include "core/config/nodeplace.h"

#include <QSet>
#include <QTimer>

#include <map>
#include <optional>

namespace cring::accounts {

/// The servers whose data directory is a folder of this machine: which of them answers, and whether somebody
/// has written to one. The folder may be another machine's disk, and whoever looks into it hang for as long
/// as that is gone. So each has a thread of its own, and nobody waits long: it counts as out of reach until
/// its look has come back.
///
/// On the event loop's thread.
class LocalServers final : public QObject
{
    Q_OBJECT

public:
    /// How long a look is waited for.
    static constexpr std::chrono::milliseconds kPatience{2'000};
    /// How long a look is waited for at the end: it ends in a moment, or hangs.
    static constexpr std::chrono::milliseconds kGrace{100};

    explicit LocalServers(QObject *parent = nullptr);
    /// Leaves behind what hangs.
    ~LocalServers() override;

    /// By the backends' ids.
    void configure(const std::map<QString, config::NodePlace> &places);

    /// Looks at all of them. `then` is called once, from the event loop or at once: when those have answered
    /// that are expected to, and after kPatience in any case. One call at a time.
    void look(std::function<void()> then);
    /// Looks at those that are not being looked at.
    void poll();

    struct Access
    {
        /// The server's public key without its comment, as the last look found it; "": it cannot be read. An
        /// error: the folder does not answer.
        Result<QByteArray> key;
        QByteArray lastKey; ///< When it answered last; "": never.
    };
    /// After look(). Any id: it may have come since.
    Access at(const QString &id) const;

Q_SIGNALS:
    /// Since look(), a server was written to, has come back or has gone.
    void changed();

private:
    struct Look
    {
        QByteArray key;
        QByteArray stamp; ///< Of what a writer touches.
    };
    struct Server
    {
        config::NodePlace place;
        std::unique_ptr<LoneWorker> worker;
        std::optional<Look> last; ///< Nothing: it was never looked at.
        QByteArray known;         ///< The stamp at the last look().
        bool looking = false;
        bool overdue = false; ///< This look has been waited for in vain.
    };

    static Look lookAt(const config::NodePlace &place);
    void begin(const QString &id, Server &server);
    void handleLooked(const QString &id, const Look &look);
    void endLook();

    std::map<QString, Server> m_servers;
    QSet<QString> m_awaited;
    std::function<void()> m_then;
    QTimer m_patience;
};

} // namespace cring::accounts
