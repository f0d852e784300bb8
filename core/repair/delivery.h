// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/repair/copymending.h"
#include "core/repair/deliveryreport.h"
#include "core/state/conflicts.h"

#include <functional>

namespace cring::repair {

/// The outbox at work: brings every server what the catalogue says that it owes, as soon as it is back and
/// there is a token for the account. Servers are served side by side, a few paths at a time each; a path with
/// something owed above it waits for that, so that order holds along ancestry. What fails is tried again with
/// longer and longer pauses. A copy that was in doubt is looked at again a while after it was mended, for a
/// server that was stopped may still act on what its kernel took. A version that somebody else wrote is kept
/// aside before it is written over.
///
/// What is owed is in the catalogue; in here is only what is under way or waits for another try. One for all
/// configurations, whose environments take turns.
class Delivery final : public QObject
{
    Q_OBJECT

public:
    /// One thing owed, for people.
    struct Item
    {
        ObjectKey key;
        QString server; ///< Its id.
        state::Catalogue::Owed owed;
        bool running = false;
        int attempts = 0;
        std::chrono::milliseconds wait{0}; ///< Until the next try; 0: as soon as there is room for it.
        QString problem;                   ///< Of the last try, or what is waited for.
    };

    Delivery(state::Catalogue &catalogue, state::Conflicts &conflicts, replica::ITokenSource &tokens,
             const IClock &clock, telemetry::ActivityLog &activity, QObject *parent = nullptr);
    ~Delivery() override;

    /// Before the event loop runs, and with every new configuration: what begins from now on works with this
    /// one, which must live until the next one comes.
    void setEnvironment(Environment &environment);

    /// Begins nothing more. What is under way goes on: a copy that is being replaced is gone until it is
    /// written.
    void stop();
    void setPaused(bool paused);
    bool busy() const;
    /// No more waiting: everything that is owed by the server ("" for all) is due now.
    void retry(const QString &server);
    /// At most `limit` of what a server owes, after a key.
    QList<Item> items(const QString &server, const ObjectKey &after, qsizetype limit) const;

private:
    struct Pause
    {
        int attempts = 0;
        std::chrono::milliseconds due{0};
        CopyMending::Task task = CopyMending::Task::Mend;
        QString problem;
        qint64 since = 0; ///< Of the debt that this is about.
    };
    struct Queue
    {
        ObjectKey cursor; ///< The last one begun.
        std::map<ObjectKey, QObject *> running;
        std::map<ObjectKey, Pause> pauses;
        qint64 delivered = 0; ///< Since the last word about it.
    };
    struct Account
    {
        std::optional<Credentials> credentials;
        bool asking = false;
        std::chrono::milliseconds askAgain{0};
        QString problem;
    };
    enum class Search { Begun, Nothing, More };

    void schedule(std::chrono::milliseconds wait);
    void work();
    Search beginNext(const health::Backend &backend, Queue &queue, std::chrono::milliseconds &next);
    Pause *pauseOf(Queue &queue, const ObjectKey &key, const state::Catalogue::Owed &owed) const;
    void dropOldPauses(const QString &server, Queue &queue);
    bool isBlocked(const QString &server, const Queue &queue, const ObjectKey &key) const;
    void begin(const QString &server, Queue &queue, const ObjectKey &key);
    void beginSaving(health::Backend &backend, Queue &queue, const ObjectKey &key, const Credentials &token);
    void beginRemoval(health::Backend &backend, Queue &queue, const ObjectKey &key, const Credentials &token);
    bool isToGo(const health::Backend &backend, const ObjectKey &key) const;
    const Credentials *credentials(const QByteArray &account);
    void handleMended(const QString &server, const ObjectKey &key, const CopyMending &mending,
                      CopyMending::Result result);
    void handleRemoved(const QString &server, const ObjectKey &key, const QString &problem);
    void handleSaved(const QString &server, const ObjectKey &key, const Status &status, bool isNew);
    void mended(const QString &server, const ObjectKey &key, quint64 version);
    void lookAgainLater(const QString &server, const ObjectKey &key);
    void giveBack(const ObjectKey &key, const QString &server, quint64 version);
    void pauseFor(const QString &server, const ObjectKey &key, const QString &problem);
    void report(const QString &server);
    void handleBack(const health::Backend &backend);
    void handleRoom();
    std::chrono::milliseconds now() const { return m_environment->clock.steady(); }

    state::Catalogue &m_catalogue;
    state::Conflicts &m_conflicts;
    replica::ITokenSource &m_tokens;
    Environment *m_environment = nullptr;
    std::map<QString, Queue> m_queues; ///< By server.
    QHash<QByteArray, Account> m_accounts;
    DeliveryReport m_report;
    std::unique_ptr<QObject> m_watch; ///< Of the environment's servers.
    QTimer m_timer;
    bool m_stopped = false;
    bool m_paused = false;
};

} // namespace cring::repair
