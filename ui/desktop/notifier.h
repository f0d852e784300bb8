// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/notices.h"

#include <QDBusAbstractInterface>
#include <QDBusServiceWatcher>

namespace cring::ui {

/// The desktop's notifications as its server offers them
/// (https://specifications.freedesktop.org/notification-spec/1.2/).
class NotificationServer : public QDBusAbstractInterface
{
    Q_OBJECT

public:
    static constexpr const char *service = "org.freedesktop.Notifications";

    explicit NotificationServer(const QDBusConnection &bus, QObject *parent = nullptr);

Q_SIGNALS:
    void ActionInvoked(uint id, const QString &action);
    void NotificationClosed(uint id, uint reason);
    void ActivationToken(uint id, const QString &token);
};

/// Shows notices as the desktop does: one a topic, which takes the place of the last one. Where the desktop
/// has no server for them, it says so. Never blocks, never waits for a person.
class Notifier : public QObject
{
    Q_OBJECT

public:
    explicit Notifier(const QDBusConnection &bus, QObject *parent = nullptr);

    void show(const models::Notice &notice);

Q_SIGNALS:
    void windowWanted();
    void serviceStartWanted();
    /// A person does not want to be reminded of it any more.
    void silenced(cring::models::Topic topic);
    /// Nobody has taken it; it has to be shown in another way.
    void undelivered(const cring::models::Notice &notice);

private:
    /// What is known of the notification of a topic.
    struct Shown
    {
        uint id = 0; ///< 0: there is none.
        bool isOnItsWay = false;
        std::optional<models::Notice> next; ///< Came meanwhile.
    };

    void askCapabilities();
    void send(const models::Notice &notice);
    void handleSent(models::Topic topic, const models::Notice &notice, const QDBusPendingCall &call);
    void handleAction(uint id, const QString &action);
    void handleClosed(uint id);
    void handleOwner(const QString &owner);
    QStringList actionsFor(const models::Notice &notice) const;
    std::optional<models::Topic> topicOf(uint id) const;

    NotificationServer m_server;
    QDBusServiceWatcher m_watcher;
    std::optional<QStringList> m_capabilities; ///< Nothing: not asked yet.
    bool m_isAsking = false;
    QList<models::Notice> m_waiting; ///< For the capabilities.
    std::array<Shown, control::topicCount> m_shown;
};

} // namespace cring::ui
