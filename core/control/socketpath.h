// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QStringList>

namespace cring::control {

/// Where the control socket may lie. A value, so that tests can put all of it elsewhere.
struct SocketPlaces
{
    QString
        xdgRuntimeDir; ///< $XDG_RUNTIME_DIR; empty when unset or (against the XDG specification) relative.
    QString runtimeDirectory; ///< $RUNTIME_DIRECTORY, which systemd sets for a unit with RuntimeDirectory=.
    uint uid = 0;
    QString runUser = QStringLiteral("/run/user");
    QString temporary = QStringLiteral("/tmp");
    QString system = QStringLiteral("/run/charmedring");

    static SocketPlaces ofThisProcess();

    /// Where a service of this user listens: $XDG_RUNTIME_DIR/charmedring, else /run/user/UID/charmedring
    /// when /run/user/UID exists, else /tmp/charmedring-UID. The last lies where anybody may create it: its
    /// owner is checked by everyone who uses it.
    QString userDirectory() const;

    /// Started by the system's service manager with a runtime directory: its group may connect too.
    bool isSystemService() const { return runtimeDirectory == system; }

    /// The socket that a service opens when the configuration names none.
    QString servicePath() const;
    /// The sockets that a client tries, in order: the user's own service, then the system's. A directory that
    /// belongs to somebody else is left out: its service could be anybody.
    QStringList clientPaths() const;
};

/// A directory (no symbolic link) that belongs to uid.
bool isDirectoryOf(const QString &path, uint uid);

} // namespace cring::control
