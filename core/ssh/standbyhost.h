// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/charm/serverkey.h"
#include "core/ssh/uniquefd.h"

#include <memory>

struct ssh_bind_struct;
struct ssh_session_struct;

namespace cring::ssh {

struct FreeServerSession
{
    void operator()(ssh_session_struct *session) const;
};
using ServerSession = std::unique_ptr<ssh_session_struct, FreeServerSession>;

/// Who the standby server is: its SSH host key and signer of tokens, both the Charm servers' one key, and
/// what it agrees to in a key exchange. Made on one thread, used on one thread.
class StandbyHost
{
public:
    /// A private copy of `key` is made, in OpenSSL's and libssh's hands, which wipe it. Code::KeyUnusable.
    static Result<std::shared_ptr<StandbyHost>> make(const charm::ServerKey &key, const QByteArray &issuer);
    ~StandbyHost();
    Q_DISABLE_COPY_MOVE(StandbyHost)

    /// Tells whether it is still the one to use.
    bool is(const charm::ServerKey &key, const QByteArray &issuer) const;

    /// A server's side of a conversation that has not begun. libssh owns `socket` from now on; null when
    /// there is no memory for it.
    ServerSession accept(UniqueFd socket) const;

    const charm::ServerKey &key() const { return m_key; }
    const QByteArray &issuer() const { return m_issuer; }
    /// "http" or "https": what clients are to speak (server/auth.go:63).
    QByteArray scheme() const;

private:
    struct FreeBind
    {
        void operator()(ssh_bind_struct *bind) const;
    };

    StandbyHost(charm::ServerKey key, QByteArray issuer);
    bool prepare();

    charm::ServerKey m_key;
    QByteArray m_issuer;
    std::unique_ptr<ssh_bind_struct, FreeBind> m_bind;
};

} // namespace cring::ssh
