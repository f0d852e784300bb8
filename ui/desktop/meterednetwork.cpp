// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/desktop/meterednetwork.h"

#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>

namespace cring::ui {

namespace {

const QString kProperty = QStringLiteral("Metered");

/// NMMetered: what is guessed counts like what is known.
enum Metered : uint { Unknown = 0, Yes = 1, No = 2, GuessYes = 3, GuessNo = 4 };

} // namespace

NetworkProperties::NetworkProperties(const QDBusConnection &bus, QObject *parent)
    : QDBusAbstractInterface(QLatin1String(service), QStringLiteral("/org/freedesktop/NetworkManager"),
                             "org.freedesktop.DBus.Properties", bus, parent)
{
}

MeteredNetwork::MeteredNetwork(const QDBusConnection &systemBus, QObject *parent)
    : QObject(parent)
    , m_properties(systemBus)
    , m_watcher(QLatin1String(NetworkProperties::service), systemBus,
                QDBusServiceWatcher::WatchForOwnerChange)
{
    connect(&m_properties, &NetworkProperties::PropertiesChanged, this,
            [this](const QString &interface, const QVariantMap &changed, const QStringList &invalid) {
                if (interface != QLatin1String(NetworkProperties::service))
                    return;
                if (changed.contains(kProperty))
                    handleValue(changed.value(kProperty));
                else if (invalid.contains(kProperty))
                    ask();
            });
    connect(&m_watcher, &QDBusServiceWatcher::serviceOwnerChanged, this,
            [this](const QString &, const QString &, const QString &owner) {
                if (owner.isEmpty())
                    setMetered(false);
                else
                    ask();
            });
    if (systemBus.isConnected())
        ask();
}

void MeteredNetwork::ask()
{
    const QDBusPendingCall call = m_properties.asyncCall(
        QStringLiteral("Get"), QString::fromLatin1(NetworkProperties::service), kProperty);
    auto *watcher = new QDBusPendingCallWatcher(call, this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this](QDBusPendingCallWatcher *done) {
        done->deleteLater();
        const QDBusPendingReply<QDBusVariant> reply = *done;
        if (!reply.isError())
            handleValue(reply.value().variant());
    });
}

void MeteredNetwork::handleValue(const QVariant &value)
{
    const uint metered = value.toUInt();
    setMetered(metered == Yes || metered == GuessYes);
}

void MeteredNetwork::setMetered(bool metered)
{
    if (std::exchange(m_isMetered, metered) != metered)
        Q_EMIT meteredChanged(metered);
}

} // namespace cring::ui
