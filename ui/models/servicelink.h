// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/random.h"
#include "core/control/client.h"
#include "core/control/snapshot.h"

#include <QTimer>

namespace cring::models {

/// An immutable state of the service; shared by everyone who shows it.
using SnapshotPtr = std::shared_ptr<const control::Snapshot>;

struct LinkTiming
{
    std::chrono::milliseconds interval{1'000}; ///< Between two snapshots.
    std::chrono::milliseconds silence{5'000};  ///< Without one for so long, the service hangs.
    std::chrono::milliseconds firstRetry{250}; ///< Doubled after each failure, with a tenth of jitter, …
    std::chrono::milliseconds longestRetry{4'000}; ///< … up to this.
};

/// The window's tie to the service: connects, subscribes to the status, keeps the last snapshot, connects
/// again when the service has gone, and says how it stands with it. Starts no service. One thread.
class ServiceLink : public QObject
{
    Q_OBJECT

public:
    enum class State {
        Connecting,   ///< Nothing is known yet.
        Connected,    ///< The snapshot is the service's last one, at most `silence` old.
        NotRunning,   ///< Nobody listens.
        Hung,         ///< It takes connections, and answers nothing.
        OtherVersion, ///< It speaks another version of the protocol.
        Unusable,     ///< It does not let us in, or what answers is no service; problem() says which.
    };
    Q_ENUM(State)

    /// Asked before each attempt: the folder may come into being later. In the order of
    /// SocketPlaces::clientPaths().
    using Paths = std::function<QStringList()>;
    using Reply = control::Client::Reply;

    /// `random` outlives this.
    ServiceLink(Paths paths, IRandom &random, LinkTiming timing = {}, QObject *parent = nullptr);

    void start();
    /// Now, rather than at the end of the pause: somebody has just started a service.
    void retryNow();

    State state() const { return m_state; }

    /// Why it is not Connected, for a person; nothing when it is.
    const std::optional<Error> &problem() const { return m_problem; }

    /// The last one, also when the service has gone; null before the first.
    const SnapshotPtr &snapshot() const { return m_snapshot; }

    /// Of the service that is, or was, connected.
    const control::ServiceInfo &service() const { return m_service; }

    /// As control::Client::call().
    void call(const QString &method, const QJsonObject &params, QObject *context, Reply reply,
              std::chrono::milliseconds time = control::Client::callTime);

Q_SIGNALS:
    /// state() or problem() changed.
    void stateChanged();
    void snapshotChanged();
    /// A connection was made, before its first snapshot: the time to subscribe to more.
    void opened();
    /// Everything but the status.
    void notified(const QString &method, const QJsonObject &params);

private:
    void connectNow();
    void retryLater();
    void handleOpened(const control::ServiceInfo &info);
    void handleFailed(const Error &error);
    void handleClosed(const Error &reason);
    void handleNotified(const QString &method, const QJsonObject &params);
    void handleSilence();
    void setState(State state, std::optional<Error> problem = std::nullopt);

    const Paths m_paths;
    IRandom &m_random;
    const LinkTiming m_timing;
    control::Client m_client;
    State m_state = State::Connecting;
    std::optional<Error> m_problem;
    SnapshotPtr m_snapshot;
    control::ServiceInfo m_service;
    QTimer m_retry;
    QTimer m_silence;
    std::chrono::milliseconds m_pause;
    bool m_attempting = false; ///< The client is connecting or open.
    bool m_secondLook = false; ///< The silence may have been ours: a snapshot may wait in the socket.
};

} // namespace cring::models
