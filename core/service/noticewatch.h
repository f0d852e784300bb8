// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/control/notices.h"
#include "core/control/snapshot.h"
#include "core/control/wakegrace.h"
#include "core/notify/outlets.h"
#include "core/state/fact.h"

#include <QTimer>

namespace cring::service {

/// Tells people who do not look at the window what they have to know, by the outlets of [notify]: it looks at
/// the ring every two seconds, decides as the tray's notifications do (control::nextNotices()), and remembers
/// across restarts what it has told and what has not gone out yet.
///
/// The dead-man's address is called while nothing is told that lasts. Lives on the event loop's thread.
class NoticeWatch final : public QObject
{
    Q_OBJECT

public:
    struct Means
    {
        std::function<control::Snapshot()> snapshot;
        state::Fact &memory;
        config::ISecretStore &secrets;
        const IClock &clock;
        telemetry::ActivityLog &activity;
        QString ring; ///< The machine's name, for whoever has several.
    };

    /// The references outlive it.
    explicit NoticeWatch(const Means &means, const control::NoticeTiming &timing = {},
                         QObject *parent = nullptr);
    ~NoticeWatch() override;

    void start(const config::Notify &settings);
    void configure(const config::Notify &settings);
    /// Tells nothing any more: that the service ends is no news.
    void stop();

    QList<notify::OutletStatus> status() const { return m_outlets.status(); }

    struct TestStep
    {
        QString outlet;
        QString target;
        Status status;
        std::chrono::milliseconds took{0};
    };
    /// Tries every outlet at once: `step` for each as it ends, unless `context` dies first, and `done` when
    /// none is left. ConfigIncomplete: there is none.
    Result<qsizetype> test(QObject *context, const std::function<void(const TestStep &)> &step,
                           std::function<void()> done);

private:
    void look();
    control::Matters mattersOf(const control::Snapshot &snapshot, std::chrono::milliseconds now) const;
    void tell(const control::DueNotice &due, const control::Told &before, const control::Snapshot &snapshot);
    void tendDeadman(bool isKnown, std::chrono::milliseconds now);
    notify::Message message(const QString &topic, const QString &kind, const QString &title) const;
    void keep();
    std::chrono::milliseconds steadyAhead() const;

    const Means m_means;
    const control::NoticeTiming m_timing;
    config::Notify m_settings;
    control::NoticeWishes m_wishes;
    notify::Outlets m_outlets;
    control::Told m_told;
    control::WakeGrace m_wake;
    /// Of a bucket, told before the restart: until it has had time to show again.
    QList<control::Matter> m_carried;
    std::chrono::milliseconds m_carriedUntil{0};
    std::optional<std::chrono::milliseconds> m_nextCall; ///< Of the dead-man's address, steady.
    QTimer m_timer;
};

} // namespace cring::service
