// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/repair/deliveryqueue.h"
#include "core/repair/deliveryreport.h"
#include "core/replica/accounttokens.h"
#include "core/state/conflicts.h"

#include <functional>

namespace cring::repair {

/// The outbox at work: brings every server what the catalogue says that it owes, as soon as it is back and
/// there is a token for the account. Servers are served side by side, a few paths at a time each; a path with
/// something owed above it waits for that, so that order holds along ancestry. What fails is tried again with
/// longer and longer pauses. A copy that was in doubt is looked at again a while after it was mended, for a
/// server that was stopped may still act on what its kernel took. A version that somebody else wrote is kept
/// aside before it is written over. After a power cut, deletes wait until all servers have been gone through.
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
    /// No more waiting: everything that is owed by the server ("" for all) is due now, also what is only to
    /// be looked at again.
    void retry(const QString &server);
    /// What has failed need not wait out its pause.
    void hurry();
    /// At most `limit` of what a server owes, after a key.
    QList<Item> items(const QString &server, const ObjectKey &after, qsizetype limit) const;

private:
    using Look = DeliveryQueue::Look;

    void schedule(std::chrono::milliseconds wait);
    void work();
    DeliveryQueue::Search beginNext(health::Backend &backend, DeliveryQueue &queue);
    Look look(const QString &server, const DeliveryQueue &queue, const ObjectKey &key);
    Look holdBack(const DeliveryQueue &queue, const ObjectKey &key, qint64 since) const;
    Look lookAround(const QString &server, const DeliveryQueue &queue, const ObjectKey &key) const;
    void begin(health::Backend &backend, DeliveryQueue &queue, const ObjectKey &key);
    void beginMending(health::Backend &backend, DeliveryQueue &queue, const ObjectKey &key,
                      const Credentials &token);
    void beginSaving(health::Backend &backend, DeliveryQueue &queue, const ObjectKey &key,
                     const Credentials &token);
    void beginRemoval(health::Backend &backend, DeliveryQueue &queue, const ObjectKey &key,
                      const Credentials &token);
    bool isToGo(const health::Backend &backend, const ObjectKey &key) const;
    void handleMended(const QString &server, const ObjectKey &key, const CopyMending &mending,
                      CopyMending::Result result);
    void handleRemoved(const QString &server, const ObjectKey &key, const QString &problem);
    void handleSaved(const QString &server, const ObjectKey &key, const Status &status, bool isNew);
    void mended(const QString &server, const ObjectKey &key, quint64 version);
    void lookAgainLater(const QString &server, const ObjectKey &key);
    void giveBack(const ObjectKey &key, const QString &server, quint64 version);
    void pauseFor(const QString &server, const ObjectKey &key, const QString &problem,
                  std::chrono::milliseconds longest);
    void end(const QString &server, const ObjectKey &key);
    void settle(const QString &server, const ObjectKey &key);
    void handleOwed(const QString &server, const ObjectKey &key);
    void wakeWithin(std::chrono::milliseconds wait);
    void report(const QString &server);
    void handleBack(const health::Backend &backend);
    void handleRoom();
    std::chrono::milliseconds now() const { return m_environment->clock.steady(); }

    state::Catalogue &m_catalogue;
    state::Conflicts &m_conflicts;
    Environment *m_environment = nullptr;
    replica::AccountTokens m_tokens;
    FolderTimes m_times;
    std::map<QString, DeliveryQueue> m_queues; ///< By server.
    std::map<QString, qint64> m_delivered;     ///< By server, since the last word about it.
    DeliveryReport m_report;
    std::unique_ptr<QObject> m_watch; ///< Of the environment's servers.
    QTimer m_timer;
    std::chrono::milliseconds m_next{0}; ///< While work() runs: when it is to run again.
    std::optional<qint64> m_fullAt;      ///< Bytes kept aside when there was no room for more.
    bool m_stopped = false;
    bool m_paused = false;
};

} // namespace cring::repair
