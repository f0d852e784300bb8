// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/desktop/trayhost.h"

#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>
#include <QTimer>

namespace cring::ui {

StatusNotifierWatcher::StatusNotifierWatcher(const QDBusConnection &bus, QObject *parent)
    : QDBusAbstractInterface(QLatin1String(service), QStringLiteral("/StatusNotifierWatcher"), service, bus,
                             parent)
{
}

TrayHost::TrayHost(const QDBusConnection &bus, QObject *parent)
    : QObject(parent)
    , m_watcher(bus)
    , m_service(QLatin1String(StatusNotifierWatcher::service), bus, QDBusServiceWatcher::WatchForOwnerChange)
{
    connect(&m_watcher, &StatusNotifierWatcher::StatusNotifierHostRegistered, this, &TrayHost::ask);
    connect(&m_watcher, &StatusNotifierWatcher::StatusNotifierHostUnregistered, this, &TrayHost::ask);
    connect(&m_service, &QDBusServiceWatcher::serviceOwnerChanged, this,
            [this](const QString &, const QString &before, const QString &owner) {
                set(false); // Whoever comes next is another one.
                if (owner.isEmpty())
                    return;
                if (!before.isEmpty())
                    Q_EMIT replaced();
                ask();
            });
    if (bus.isConnected())
        ask();
    else
        QTimer::singleShot(0, this, [this] { set(false); });
}

void TrayHost::ask()
{
    QDBusMessage get = QDBusMessage::createMethodCall(
        QString::fromLatin1(StatusNotifierWatcher::service), m_watcher.path(),
        QStringLiteral("org.freedesktop.DBus.Properties"), QStringLiteral("Get"));
    get << QString::fromLatin1(StatusNotifierWatcher::service)
        << QStringLiteral("IsStatusNotifierHostRegistered");
    auto *watcher = new QDBusPendingCallWatcher(m_watcher.connection().asyncCall(get), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this](QDBusPendingCallWatcher *done) {
        done->deleteLater();
        const QDBusPendingReply<QDBusVariant> reply = *done;
        set(!reply.isError() && reply.value().variant().toBool());
    });
}

void TrayHost::set(bool isThere)
{
    const bool wasKnown = std::exchange(m_isKnown, true);
    if (std::exchange(m_isThere, isThere) != isThere || !wasKnown)
        Q_EMIT changed();
}

} // namespace cring::ui
