// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/config/nodeplace.h"

#include <QStringList>

typedef struct ssh_session_struct *ssh_session; // As <libssh/libssh.h> has it.

namespace cring::accounts {

/// Whether the host that a session is connected to showed the key by which it is known. HostKeyUnknown, which
/// says what to do: unknown in all the files, or known in one of them by another key.
Status checkHostKey(ssh_session session, const config::NodePlace &place, const QStringList &knownHosts);

} // namespace cring::accounts
