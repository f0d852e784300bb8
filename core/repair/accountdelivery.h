// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/replica/environment.h"
#include "core/state/accountwork.h"
#include "core/state/floors.h"

#include <QTimer>

namespace cring::repair {

/// The outbox of accounts: brings names, encrypt keys and sequence numbers to the servers that have not got
/// them. A server that does not know the account or the key yet says 500 or 404 and is asked again, ever more
/// slowly. Charm takes the same name and the same key twice without harm (server/db/sqlite/storage.go:176); a
/// sequence is counted up until the server has reached what was handed out. One for all configurations, whose
/// environments take turns.
class AccountDelivery final : public QObject
{
    Q_OBJECT

public:
    AccountDelivery(state::AccountWork &work, state::Floors &floors, replica::ITokenSource &tokens,
                    QObject *parent = nullptr);

    /// Before the event loop runs, and with every new configuration.
    void setEnvironment(replica::Environment &environment);
    void setPaused(bool paused);
    void stop();
    /// Everything is due now.
    void retry();

    struct Try
    {
        int attempts = 0;
        bool running = false;
        std::chrono::milliseconds due{0};
        QString problem;
    };
    /// Of an item; nothing when it was not tried yet.
    std::optional<Try> tried(quint64 id) const;

private:
    void schedule(std::chrono::milliseconds wait);
    void work();
    void begin(const state::AccountWork::Item &item);
    void send(quint64 id, const replica::Credentials &credentials);
    void handleAnswer(quint64 id, const replica::Credentials &credentials,
                      const Result<http::Response> &result);
    void later(quint64 id, const QString &problem);
    void end(quint64 id);

    state::AccountWork &m_work;
    state::Floors &m_floors;
    replica::ITokenSource &m_tokens;
    replica::Environment *m_environment = nullptr;
    QHash<quint64, Try> m_tries;
    QTimer m_timer;
    bool m_paused = false;
    bool m_stopped = false;
};

} // namespace cring::repair
