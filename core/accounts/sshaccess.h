// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QStringList>

#include <chrono>

namespace cring::accounts {

/// With what this service reaches other machines by SSH. Nothing of the person's ssh configuration is read:
/// it could run programs. Keys are used where they lie, and never copied.
struct SshAccess
{
    /// Files as known_hosts(5): a host's key has to be in one of them, and in none of them with another
    /// value. One that is not there counts as empty.
    QStringList knownHosts;
    /// Private keys, tried in this order after the agent's. One that is not there, or has a passphrase, is
    /// passed over.
    QStringList keyFiles;
    QString agentSocket; ///< "" = no agent.

    std::chrono::milliseconds connect{5'000}; ///< With the name's resolution.
    std::chrono::milliseconds login{
        15'000}; ///< From the first byte to a session; somebody may have to confirm.
    std::chrono::milliseconds answer{15'000}; ///< For each request of a session.

    /// The person's own: ~/.ssh/known_hosts and the keys that ssh(1) takes, the agent of SSH_AUTH_SOCK, the
    /// machine's /etc/ssh/ssh_known_hosts; and `serviceHosts`, a file of the service's own ("" = none).
    static SshAccess standard(const QString &home, const QString &agentSocket, const QString &serviceHosts);
};

} // namespace cring::accounts
