// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/ssh/standbysession.h"

namespace cring::ssh {

/// Owns the sessions of the standby server. Lives on its thread, where all of it is called and destroyed.
class StandbyRoom final : public QObject
{
    Q_OBJECT

public:
    explicit StandbyRoom(StandbySession::Context context)
        : m_context(std::move(context))
    {
    }

    ~StandbyRoom() override;

    /// `socket`: as of socketpair(2), non-blocking.
    void take(UniqueFd socket, std::shared_ptr<StandbyHost> host, const QString &stranger);

private:
    void drop(StandbySession *session);

    const StandbySession::Context m_context;
    std::vector<std::unique_ptr<StandbySession>> m_sessions;
};

} // namespace cring::ssh
