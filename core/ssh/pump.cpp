// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/pump.h"

namespace cring::ssh {
using Kind = SocketEnd::Io::Kind;

namespace {
/// Reads in one turn of the loop, so that one fast session does not starve the others.
constexpr int kReadsInATurn = 8;
} // namespace

bool Pump::start(const QByteArray &first, bool ended)
{
    m_pending = first;
    m_ended = ended;
    const bool alive = flush();
    settle();
    return alive;
}

bool Pump::handleReadable()
{
    for (int i = 0; i < kReadsInATurn && pending() == 0 && !m_ended; ++i) {
        const SocketEnd::Io got = m_from.read(m_scratch);
        if (got.kind == Kind::Broken)
            return false;
        if (got.kind == Kind::WouldBlock)
            break;
        if (got.kind == Kind::EndOfFile) {
            m_ended = true;
            break;
        }
        const SocketEnd::Io put = m_to.write({m_scratch.data(), got.bytes});
        if (put.kind == Kind::Broken)
            return false;
        m_moved += static_cast<quint64>(put.bytes);
        if (put.bytes < got.bytes)
            m_pending = QByteArray(m_scratch.data() + put.bytes, got.bytes - put.bytes);
    }
    settle();
    return true;
}

bool Pump::handleWritable()
{
    const bool alive = flush();
    settle();
    return alive;
}

bool Pump::flush()
{
    while (pending() > 0) {
        const SocketEnd::Io put = m_to.write(QByteArrayView(m_pending).sliced(m_sent));
        if (put.kind == Kind::Broken)
            return false;
        if (put.kind != Kind::Moved)
            return true;
        m_sent += put.bytes;
        m_moved += static_cast<quint64>(put.bytes);
    }
    m_pending = QByteArray();
    m_sent = 0;
    return true;
}

void Pump::settle()
{
    if (m_finished)
        return;
    const bool blocked = pending() > 0;
    m_to.watchWrite(blocked);
    m_from.watchRead(!blocked && !m_ended);
    if (m_ended && !blocked) {
        m_to.shutdownWrite();
        m_finished = true;
    }
}

} // namespace cring::ssh
