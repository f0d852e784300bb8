// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QString>

namespace cring::control {

/// A Unix socket that listens at a path which this process alone owns.
///
/// A lock file beside it (PATH.lock, flock(2)) decides who owns the path: the kernel drops it with the
/// process, so the socket file of a service that died is replaced, and that of a living one never is. Nobody
/// can connect before the permissions are set, because listen(2) comes after chmod(2) and a connect before it
/// is refused.
class ListeningSocket
{
public:
    ListeningSocket() = default;

    ~ListeningSocket() { close(); }

    ListeningSocket(const ListeningSocket &) = delete;
    ListeningSocket &operator=(const ListeningSocket &) = delete;

    /// Creates the directory (0700) when it is missing. groupAccess: 0660 instead of 0600.
    /// Errors: ControlAlreadyRunning (names the process), ControlSocket. Legal when not open.
    Status open(const QString &path, bool groupAccess);
    /// Hands out the descriptor; the caller closes it. The path stays ours until close().
    int takeDescriptor();
    /// Removes the socket's file, if it is still ours, and lets go of the path. May be called at any time.
    void close();

    enum class Place {
        Ours,
        Nobody, ///< The file is gone, or its folder: nobody can connect any more.
        Others, ///< Something else stands there.
    };

    /// What stands at the path of the open socket now.
    Place look() const;

private:
    Status lock();
    Status bindAndListen(bool groupAccess);

    QString m_path;
    int m_lock = -1;
    int m_socket = -1;
    bool m_bound = false;
    quint64 m_device = 0; ///< Of the socket's file, with the next one.
    quint64 m_inode = 0;
};

/// Who is at the other end of a connected Unix socket (SO_PEERCRED): as of its connect.
struct PeerCredentials
{
    qint64 pid = -1;
    uint uid = static_cast<uint>(-1);
};

PeerCredentials peerCredentials(qintptr socket);

/// The rule for the user's socket: its owner and root. The system's socket leaves it to the file's group.
bool isPeerAllowed(uint peer, uint owner, bool groupAccess);

} // namespace cring::control
