// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/ssh/standbysession.h"

namespace cring::ssh {

/// One channel of a StandbySession, and the one command that it is for.
struct StandbySession::Command
{
    enum class Stage {
        Fresh,   ///< Not asked anything yet.
        Reading, ///< What comes on stdin.
        Waiting, ///< For the directory.
        Sending, ///< The answer; then exit status and end.
        Done,
    };

    explicit Command(ssh_channel channel_)
        : channel(channel_)
    {
    }

    ssh_channel channel; ///< libssh's, which frees it with the session.
    Stage stage = Stage::Fresh;
    QByteArray input;
    QByteArray out;
    QByteArray errors;
    int exitStatus = 0;

    void send(const QByteArray &answer)
    {
        out = answer;
        stage = Stage::Sending;
    }
};

} // namespace cring::ssh
