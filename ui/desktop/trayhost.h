// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDBusAbstractInterface>
#include <QDBusServiceWatcher>

namespace cring::ui {

/// Who knows the icons of a panel
/// (https://www.freedesktop.org/wiki/Specifications/StatusNotifierItem/StatusNotifierWatcher/).
class StatusNotifierWatcher : public QDBusAbstractInterface
{
    Q_OBJECT

public:
    static constexpr const char *service = "org.kde.StatusNotifierWatcher";

    explicit StatusNotifierWatcher(const QDBusConnection &bus, QObject *parent = nullptr);

Q_SIGNALS:
    void StatusNotifierHostRegistered();
    void StatusNotifierHostUnregistered();
};

/// Whether a panel shows status notifier items now. Watched for as long as this lives: panels are restarted,
/// and come late.
class TrayHost : public QObject
{
    Q_OBJECT

public:
    explicit TrayHost(const QDBusConnection &bus, QObject *parent = nullptr);

    /// The first answer is there, or there is nobody to ask.
    bool isKnown() const { return m_isKnown; }
    bool isThere() const { return m_isThere; }

Q_SIGNALS:
    /// isKnown() or isThere() is another.
    void changed();
    /// Another program has taken the place of the one that knew the icons, without a moment between them.
    void replaced();

private:
    void ask();
    void set(bool isThere);

    StatusNotifierWatcher m_watcher;
    QDBusServiceWatcher m_service;
    bool m_isKnown = false;
    bool m_isThere = false;
};

} // namespace cring::ui
