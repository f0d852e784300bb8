// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/desktop/shutdowndelay.h"

#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QLoggingCategory>

namespace cring::ui {

Q_LOGGING_CATEGORY(lcShutdown, "cring.shutdown")

using models::ShutdownSafety;

LoginManager::LoginManager(const QDBusConnection &bus, QObject *parent)
    : QDBusAbstractInterface(QLatin1String(service), QStringLiteral("/org/freedesktop/login1"),
                             "org.freedesktop.login1.Manager", bus, parent)
{
}

ShutdownDelay::ShutdownDelay(const QDBusConnection &systemBus, QObject *parent)
    : QObject(parent)
    , m_manager(systemBus)
    , m_watcher(QLatin1String(LoginManager::service), systemBus, QDBusServiceWatcher::WatchForOwnerChange)
{
    connect(&m_manager, &LoginManager::PrepareForShutdown, this, &ShutdownDelay::handleEnding);
    connect(&m_manager, &LoginManager::PrepareForSleep, this, &ShutdownDelay::handleEnding);
    connect(&m_watcher, &QDBusServiceWatcher::serviceOwnerChanged, this, [this] {
        release(); // A new logind knows nothing of it.
        m_isEnding = false;
        m_isRefused = false;
        update();
    });
}

ShutdownDelay::~ShutdownDelay() = default;

void ShutdownDelay::setSafety(const ShutdownSafety &safety, bool isWanted)
{
    m_safety = safety;
    m_isWanted = isWanted;
    update();
}

void ShutdownDelay::handleEnding(bool begins)
{
    m_isEnding = begins;
    update();
}

void ShutdownDelay::update()
{
    const bool helps = m_safety.state == ShutdownSafety::State::Soon;
    const bool isNeeded = m_isWanted && (helps || m_safety.state == ShutdownSafety::State::Waiting);
    if (!isNeeded || (m_isEnding && !helps))
        release();
    else if (!m_isEnding && !isHeld())
        take(); // Too late once it goes down: logind takes none then.
    if (!isNeeded)
        m_isRefused = false;
}

void ShutdownDelay::take()
{
    if (m_isRefused || m_isAsking || !m_manager.connection().isConnected())
        return;
    m_isAsking = true;
    const QDBusPendingCall call =
        m_manager.asyncCall(QStringLiteral("Inhibit"), QStringLiteral("shutdown:sleep"), tr("Charmed Ring"),
                            tr("Copies of files are on their way"), QStringLiteral("delay"));
    auto *watcher = new QDBusPendingCallWatcher(call, this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this](QDBusPendingCallWatcher *done) {
        done->deleteLater();
        m_isAsking = false;
        const QDBusPendingReply<QDBusUnixFileDescriptor> reply = *done;
        if (reply.isError()) {
            qCInfo(lcShutdown) << "a shutdown cannot be delayed:" << reply.error().message();
            m_isRefused = true;
            return;
        }
        m_lock = reply.value();
        Q_EMIT heldChanged(true);
        update(); // It may not be needed any more.
    });
}

void ShutdownDelay::release()
{
    if (!isHeld())
        return;
    m_lock = QDBusUnixFileDescriptor();
    Q_EMIT heldChanged(false);
}

} // namespace cring::ui
