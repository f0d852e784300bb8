// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDBusAbstractInterface>
#include <QDBusServiceWatcher>

namespace cring::ui {

/// The properties of NetworkManager's object (org.freedesktop.DBus.Properties).
class NetworkProperties : public QDBusAbstractInterface
{
    Q_OBJECT

public:
    static constexpr const char *service = "org.freedesktop.NetworkManager";

    explicit NetworkProperties(const QDBusConnection &bus, QObject *parent = nullptr);

Q_SIGNALS:
    void PropertiesChanged(const QString &interface, const QVariantMap &changed, const QStringList &invalid);
};

/// Whether the network costs by what goes through it, as NetworkManager says or guesses. Without
/// NetworkManager it does not.
class MeteredNetwork : public QObject
{
    Q_OBJECT

public:
    explicit MeteredNetwork(const QDBusConnection &systemBus, QObject *parent = nullptr);

    bool isMetered() const { return m_isMetered; }

Q_SIGNALS:
    void meteredChanged(bool metered);

private:
    void ask();
    void handleValue(const QVariant &value);
    void setMetered(bool metered);

    NetworkProperties m_properties;
    QDBusServiceWatcher m_watcher;
    bool m_isMetered = false;
};

} // namespace cring::ui
