// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QIODevice>

namespace cring::http {

/// Writes to a buffered socket. Qt shares an array of 4 KiB or more, and gives it a write(2) of its own; what
/// is small is copied instead, and leaves together with what was written before it.
inline void writeJoined(QIODevice &socket, const QByteArray &data)
{
    constexpr qsizetype kCopied = 16 * 1024;
    if (data.size() <= kCopied)
        socket.write(data.constData(), data.size());
    else
        socket.write(data);
}

} // namespace cring::http
