// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/sshaccess.h"

namespace cring::accounts {

SshAccess SshAccess::standard(const QString &home, const QString &agentSocket, const QString &serviceHosts)
{
    SshAccess access;
    access.agentSocket = agentSocket;
    if (!home.isEmpty()) {
        const QString own = home + QStringLiteral("/.ssh/");
        access.knownHosts = {own + QStringLiteral("known_hosts")};
        for (const char *name : {"id_ed25519", "id_ecdsa", "id_rsa"})
            access.keyFiles += own + QLatin1String(name);
    }
    if (!serviceHosts.isEmpty())
        access.knownHosts += serviceHosts;
    access.knownHosts += QStringLiteral("/etc/ssh/ssh_known_hosts");
    return access;
}

} // namespace cring::accounts
