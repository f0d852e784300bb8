// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/ssh/uniquefd.h"

#include <QByteArrayView>
#include <QHostAddress>
#include <QObject>
#include <QSocketNotifier>

#include <span>

namespace cring::ssh {

/// A connected TCP socket without buffers of its own. QTcpSocket can neither close one direction alone nor
/// tell the peer's end of file from its going away, and both have to be passed on; so the forwarder talks to
/// the kernel itself. Watches nothing at first.
class SocketEnd final : public QObject
{
    Q_OBJECT

public:
    /// Outcome of one read or write.
    struct Io
    {
        enum class Kind { Moved, WouldBlock, EndOfFile, Broken } kind;
        qsizetype bytes = 0; ///< With Moved, > 0.
    };

    /// Makes the socket non-blocking, without Nagle's delay, and probes a silent peer (SO_KEEPALIVE).
    explicit SocketEnd(UniqueFd fd, QObject *parent = nullptr);

    Io read(std::span<char> into);
    Io write(QByteArrayView bytes);
    /// Passes the end of file on; the other direction goes on.
    void shutdownWrite();

    /// At once; nothing may be called afterwards but the destructor.
    void close();

    void watchRead(bool on) { m_readNotifier.setEnabled(on); }

    void watchWrite(bool on) { m_writeNotifier.setEnabled(on); }

    QHostAddress peerAddress() const;

Q_SIGNALS:
    void readable();
    void writable();

private:
    UniqueFd m_fd; ///< Before the notifiers: they have to go first.
    QSocketNotifier m_readNotifier;
    QSocketNotifier m_writeNotifier;
};

} // namespace cring::ssh
