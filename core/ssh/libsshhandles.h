// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <libssh/libssh.h>

#include <memory>

/// What libssh hands out, with an owner. For .cpp files: no header of ours shows libssh's types.
namespace cring::ssh::libssh {

struct Free
{
    void operator()(ssh_session session) const
    {
        // From 0.10 on libssh closes no socket that it was given, unless it is told that it was given none.
        const socket_t none = SSH_INVALID_SOCKET;
        ssh_options_set(session, SSH_OPTIONS_FD, &none);
        ssh_disconnect(session);
        ssh_free(session);
    }
    void operator()(ssh_channel channel) const { ssh_channel_free(channel); }
    void operator()(ssh_key key) const { ssh_key_free(key); }
    void operator()(char *text) const { ssh_string_free_char(text); }
};

using SessionPtr = std::unique_ptr<ssh_session_struct, Free>;
/// Dies before its session.
using ChannelPtr = std::unique_ptr<ssh_channel_struct, Free>;
using KeyPtr = std::unique_ptr<ssh_key_struct, Free>;
using TextPtr = std::unique_ptr<char, Free>;

} // namespace cring::ssh::libssh
