// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/sshaccess.h"
#include "core/accounts/watchdog.h"
#include "core/base/result.h"
#include "core/config/nodeplace.h"
#include "core/ssh/uniquefd.h"

#include <memory>
#include <stop_token>

typedef struct ssh_session_struct *ssh_session; // As <libssh/libssh.h> has it.

namespace cring::accounts {

/// A login to another machine, made and used by one thread that may block. Errors name the machine.
class SshConnection
{
public:
    /// Connects, looks at the host key and logs in. BackendUnreachable, BackendTimeout, BackendProtocol,
    /// HostKeyUnknown (unknown, changed or revoked), LoginRefused, JobEnded. The clock outlives it.
    static Result<std::unique_ptr<SshConnection>> open(const config::NodePlace &place,
                                                       const SshAccess &access, const IClock &clock,
                                                       const std::stop_token &stop);
    ~SshConnection();
    Q_DISABLE_COPY_MOVE(SshConnection)

    ssh_session session() const;
    /// For whoever calls libssh.
    Watchdog &watchdog() { return m_watchdog; }
    const SshAccess &access() const { return m_access; }
    /// After a call that failed: whether that was the connection's end, be it by the watchdog.
    bool isBroken() const;
    /// Why it failed: over time, called off, the connection's end, or what libssh says.
    Error failure(const QString &during) const;

private:
    struct Handles;

    SshConnection(const config::NodePlace &place, const SshAccess &access, const IClock &clock,
                  const std::stop_token &stop, ssh::UniqueFd socket);

    Status logIn();
    bool prepare();
    Error noSsh() const;
    Status authenticate();
    Status askAgent(bool &isIn);
    Status tryKey(const QString &file, bool &isIn);
    void cut() const;
    Error error(Code code, const QString &what) const;

    const config::NodePlace m_place;
    const SshAccess m_access;
    ssh::UniqueFd m_socket; ///< libssh has a descriptor of its own.
    ssh::UniqueFd m_agent;
    std::unique_ptr<Handles> m_handles;
    Watchdog m_watchdog; ///< Last: it ends before what it cuts.
};

} // namespace cring::accounts
