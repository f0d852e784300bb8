// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/shutdownsafety.h"

#include <QDBusAbstractInterface>
#include <QDBusServiceWatcher>
#include <QDBusUnixFileDescriptor>

namespace cring::ui {

/// What logind tells and takes (org.freedesktop.login1(5)).
class LoginManager : public QDBusAbstractInterface
{
    Q_OBJECT

public:
    static constexpr const char *service = "org.freedesktop.login1";

    explicit LoginManager(const QDBusConnection &bus, QObject *parent = nullptr);

Q_SIGNALS:
    void PrepareForShutdown(bool begins);
    void PrepareForSleep(bool begins);
};

/// Has a shutdown or a sleep wait a moment while copies of files are on their way: logind's "delay" lock,
/// which logind itself ends after some seconds. Held as long as copies are missing; let go of at once when
/// the machine goes down and waiting would not help.
///
/// The window holds it, not the service: a machine without a desktop stops the service by a signal, and it
/// goes on from its records after the start; that somebody is asked to wait is a matter of the desktop.
class ShutdownDelay : public QObject
{
    Q_OBJECT

public:
    explicit ShutdownDelay(const QDBusConnection &systemBus, QObject *parent = nullptr);
    ~ShutdownDelay() override;

    /// How it stands now; `isWanted`: a person wants a shutdown to wait.
    void setSafety(const models::ShutdownSafety &safety, bool isWanted);

    bool isHeld() const { return m_lock.isValid(); }

Q_SIGNALS:
    void heldChanged(bool held);

private:
    void update();
    void take();
    void release();
    void handleEnding(bool begins);

    LoginManager m_manager;
    QDBusServiceWatcher m_watcher;
    models::ShutdownSafety m_safety;
    bool m_isWanted = true;
    bool m_isEnding = false; ///< The machine goes down, or to sleep.
    bool m_isAsking = false;
    bool m_isRefused = false; ///< logind is not there, or does not let us.
    QDBusUnixFileDescriptor m_lock;
};

} // namespace cring::ui
