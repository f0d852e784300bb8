// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/support/sessionbus.h"

#include <QProcess>
#include <QTemporaryDir>

namespace cring::test {

/// A person's desktop as far as it keeps secrets: a session bus of its own and GNOME's keyring on it, in a
/// temporary home. Both end with this.
class DesktopKeychain
{
public:
    enum class State { Unlocked, Locked };

    DesktopKeychain();
    ~DesktopKeychain();

    /// A bus with nothing on it. NotFound when the program is missing, and what to install.
    Status startBus();
    /// Instead of a bus of its own.
    void useBus(const QString &address);
    /// A keyring with the collection "login", which is the default one, by a password of this class's own.
    /// Again after stopKeyring(): what it held is there still, and open when `state` says so.
    Status startKeyring(State state = State::Unlocked);
    void stopKeyring();
    /// Stops it, and starts one that has never held anything.
    Status wipe();
    void stopBus();
    Status lock() const;
    Status unlock() const;
    qint64 keyringProcessId() const { return m_keyring.processId(); }

    /// This process's, with the bus and the home.
    QProcessEnvironment environment() const;

private:
    Status call(const QStringList &arguments) const;
    bool hasKeyring() const;
    QString address() const { return m_otherBus.isEmpty() ? m_bus.address() : m_otherBus; }

    QTemporaryDir m_home;
    SessionBus m_bus;
    QString m_otherBus;
    QProcess m_keyring;
};

} // namespace cring::test
