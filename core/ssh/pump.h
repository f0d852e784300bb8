// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/ssh/socketend.h"

#include <QByteArray>

namespace cring::ssh {

/// Moves the bytes of one direction of a session. What `to` does not take at once is kept, and nothing more
/// is read from `from` until that has gone out: at most one scratch buffer's worth, whatever the peers do
/// (P9).
///
/// The owner calls handleReadable() when `from` is readable and handleWritable() when `to` is writable, and
/// ends the session when either returns false: a peer has gone away.
class Pump
{
public:
    /// `scratch` is shared by all pumps: nothing stays in it between two calls.
    Pump(SocketEnd &from, SocketEnd &to, std::span<char> scratch)
        : m_from(from)
        , m_to(to)
        , m_scratch(scratch)
    {
    }

    /// Sends what has been read from `from` already, then goes on; `ended`: and after it came the end of
    /// file.
    [[nodiscard]] bool start(const QByteArray &first, bool ended);
    [[nodiscard]] bool handleReadable();
    [[nodiscard]] bool handleWritable();

    /// The end of file came, and was passed on behind the last byte.
    bool finished() const { return m_finished; }

    /// Bytes that have gone out.
    quint64 moved() const { return m_moved; }

    /// Bytes that `to` has not taken yet.
    qsizetype pending() const { return m_pending.size() - m_sent; }

private:
    bool flush();
    void settle();

    SocketEnd &m_from;
    SocketEnd &m_to;
    std::span<char> m_scratch;
    QByteArray m_pending;
    qsizetype m_sent = 0; ///< Of m_pending.
    bool m_ended = false;
    bool m_finished = false;
    quint64 m_moved = 0;
};

} // namespace cring::ssh
