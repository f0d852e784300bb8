// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/health/backendset.h"

#include <QHash>

namespace cring::health {

/// The one remembered primary of the ring, for SSH sessions and for every request that is not replicated:
/// accounts are made there, and the two ends of `charm link` have to meet in one process (server/link.go).
///
/// After a failover the new one stays, until promote(): the old one does not know the accounts made
/// meanwhile, and would make second identities. It does not move while it works and a session is open at it
/// or closed less than 3 minutes ago; a single failed attempt then goes to another server without moving it.
/// When it is not usable, it moves regardless, for a link that was waiting there is lost anyhow.
class Primary : public QObject
{
    Q_OBJECT

public:
    /// Remembers across restarts in the file `primary` (one line: the id) of `stateDir`; an empty one turns
    /// that off. Without memory, or when the remembered server is no longer configured, the first server is
    /// the primary.
    Primary(const IClock &clock, const QString &stateDir, QObject *parent = nullptr);

    /// Before anything else, and with every new configuration: the set must live until the next one comes. It
    /// stays the primary as long as it is configured.
    void setBackends(BackendSet &backends);
    const BackendSet &backends() const { return *m_backends; }

    /// Null only if the set is empty.
    Backend *current() const { return m_current; }

    /// Whom to try, in this order: the primary if it is usable, then every other usable server in
    /// configuration order.
    QList<Backend *> candidates() const;

    /// A session or request that current() could not serve was served by this one, which may be of a set that
    /// was replaced.
    void failedOver(Backend *served);
    /// A person's word: moves at once. Open sessions stay where they are. NotFound for an unknown id.
    Status promote(const QString &id);

    /// By the forwarder, in pairs.
    void sessionOpened(Backend *backend);
    void sessionClosed(Backend *backend);
    /// A session holds the primary where it is (while it is usable).
    bool held() const;

Q_SIGNALS:
    void changed();

private:
    void moveTo(Backend *backend);
    void remember() const;

    BackendSet *m_backends = nullptr;
    const IClock &m_clock;
    QString m_file;
    Backend *m_current = nullptr;
    QHash<QString, int> m_sessions; ///< By id.
    QHash<QString, std::chrono::milliseconds> m_lastClosed;
};

} // namespace cring::health
