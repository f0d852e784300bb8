// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/clock.h"
#include "core/notify/outlet.h"
#include "core/telemetry/activitylog.h"

#include <QTimer>

#include <memory>
#include <optional>

namespace cring::notify {

/// How an outlet does.
struct OutletStatus
{
    QString name;
    QString target;
    QString problem;                      ///< Of the last try, when that has failed.
    std::optional<qint64> problemSinceMs; ///< Wall time of the first try that has failed since one has not.
    std::optional<qint64> lastMs;         ///< Wall time of the last one that has not.
    qsizetype waiting = 0;                ///< Messages.
    qint64 sent = 0;                      ///< Since the start; so are the failed tries.
    qint64 failed = 0;
};

/// Between tries that fail: each pause is twice the one before.
struct CourierPauses
{
    std::chrono::milliseconds first{5'000};
    std::chrono::milliseconds longest{600'000};
};

/// Brings messages to one outlet, one after another, at least once: what fails is tried again after 5 s, 10 s
/// and so on up to 10 minutes, or 5 s after something new has come. Of each topic the newest waits alone.
/// That tries fail is recorded once, and once that they do not any more. Lives on the event loop's thread.
class Courier final : public QObject
{
    Q_OBJECT

public:
    /// The references outlive it.
    Courier(std::unique_ptr<IOutlet> outlet, const IClock &clock, telemetry::ActivityLog &activity,
            const CourierPauses &pauses = {}, QObject *parent = nullptr);
    ~Courier() override;

    /// Takes the place of what waits of the same topic.
    void post(const Message &message);
    /// What waits of the topic is of no use any more.
    void drop(const QString &topic);
    /// Past what waits, once, and counted nowhere. As IOutlet::send().
    void tryOnce(const Message &message, QObject *context, IOutlet::Done done);

    const IOutlet &outlet() const { return *m_outlet; }
    const QList<Message> &waiting() const { return m_waiting; }
    OutletStatus status() const;

Q_SIGNALS:
    /// What waits has changed.
    void changed();

private:
    void next();
    void handleSent(const Message &message, const Status &status);
    void handleFailure(const Error &error);

    const std::unique_ptr<IOutlet> m_outlet;
    const IClock &m_clock;
    telemetry::ActivityLog &m_activity;
    const CourierPauses m_pauses;
    QList<Message> m_waiting; ///< The oldest first; that which is under way among them.
    bool m_isSending = false;
    std::chrono::milliseconds m_pause{0};
    QTimer m_again;
    OutletStatus m_status;
};

} // namespace cring::notify
