// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>

namespace cring::ssh {

/// Looks for the identification line at the beginning of what an SSH server sends (RFC 4253 §4.2:
/// "SSH-2.0-…", other lines may come before it, none is longer than 255 bytes). Only that line shows that a
/// server lives: a hung one's kernel still accepts connections.
class BannerScanner
{
public:
    enum class State { Incomplete, Found, NotSsh };

    /// Adds what came; Found and NotSsh are final.
    State feed(QByteArrayView bytes);

    /// All that came, to be passed on.
    const QByteArray &received() const { return m_received; }

private:
    State scan();

    QByteArray m_received;
    qsizetype m_lineStart = 0;
    State m_state = State::Incomplete;
};

} // namespace cring::ssh
