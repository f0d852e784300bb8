// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/standbyroom.h"

#include <openssl/crypto.h>

#include <algorithm>

namespace cring::ssh {

StandbyRoom::~StandbyRoom()
{
    m_sessions.clear();
    // OpenSSL's generators of this thread would go only after Qt has said that the thread has ended.
    OPENSSL_thread_stop();
}

void StandbyRoom::take(UniqueFd socket, std::shared_ptr<StandbyHost> host, const QString &stranger)
{
    auto session = std::make_unique<StandbySession>(std::move(socket), std::move(host), stranger, m_context);
    StandbySession *raw = session.get();
    connect(raw, &StandbySession::finished, this, [this, raw] { drop(raw); });
    m_sessions.push_back(std::move(session));
    raw->start();
}

void StandbyRoom::drop(StandbySession *session)
{
    const auto found =
        std::ranges::find_if(m_sessions, [session](const auto &owned) { return owned.get() == session; });
    found->release()->deleteLater();
    m_sessions.erase(found);
}

} // namespace cring::ssh
