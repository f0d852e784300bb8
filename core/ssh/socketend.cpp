// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/socketend.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

namespace cring::ssh {

namespace {

/// A peer that vanished without a word (a laptop closed, a NAT that forgot) is noticed after about 5 minutes
/// of silence.
constexpr int kKeepIdleSeconds = 120;
constexpr int kKeepIntervalSeconds = 30;
constexpr int kKeepProbes = 6;

void setOption(int fd, int level, int option, int value)
{
    // Each of these is a comfort: a socket that refuses one still forwards.
    (void)::setsockopt(fd, level, option, &value, sizeof value);
}

SocketEnd::Io outcome(ssize_t result)
{
    using Kind = SocketEnd::Io::Kind;
    if (result > 0)
        return {Kind::Moved, result};
    if (result == 0)
        return {Kind::EndOfFile};
    return {errno == EAGAIN || errno == EWOULDBLOCK ? Kind::WouldBlock : Kind::Broken};
}

} // namespace

SocketEnd::SocketEnd(UniqueFd fd, QObject *parent)
    : QObject(parent)
    , m_fd(std::move(fd))
    , m_readNotifier(m_fd.get(), QSocketNotifier::Read)
    , m_writeNotifier(m_fd.get(), QSocketNotifier::Write)
{
    m_readNotifier.setEnabled(false);
    m_writeNotifier.setEnabled(false);
    connect(&m_readNotifier, &QSocketNotifier::activated, this, &SocketEnd::readable);
    connect(&m_writeNotifier, &QSocketNotifier::activated, this, &SocketEnd::writable);

    (void)::fcntl(m_fd.get(), F_SETFL, ::fcntl(m_fd.get(), F_GETFL) | O_NONBLOCK);
    (void)::fcntl(m_fd.get(), F_SETFD, FD_CLOEXEC);
    setOption(m_fd.get(), IPPROTO_TCP, TCP_NODELAY, 1);
    setOption(m_fd.get(), SOL_SOCKET, SO_KEEPALIVE, 1);
    setOption(m_fd.get(), IPPROTO_TCP, TCP_KEEPIDLE, kKeepIdleSeconds);
    setOption(m_fd.get(), IPPROTO_TCP, TCP_KEEPINTVL, kKeepIntervalSeconds);
    setOption(m_fd.get(), IPPROTO_TCP, TCP_KEEPCNT, kKeepProbes);
}

SocketEnd::Io SocketEnd::read(std::span<char> into)
{
    ssize_t result = 0;
    do {
        result = ::recv(m_fd.get(), into.data(), into.size(), 0);
    } while (result < 0 && errno == EINTR);
    return outcome(result);
}

SocketEnd::Io SocketEnd::write(QByteArrayView bytes)
{
    ssize_t result = 0;
    do {
        result = ::send(m_fd.get(), bytes.data(), static_cast<size_t>(bytes.size()), MSG_NOSIGNAL);
    } while (result < 0 && errno == EINTR);
    return outcome(result);
}

void SocketEnd::shutdownWrite()
{
    (void)::shutdown(m_fd.get(), SHUT_WR);
}

void SocketEnd::close()
{
    m_readNotifier.setEnabled(false);
    m_writeNotifier.setEnabled(false);
    m_fd.reset();
}

QHostAddress SocketEnd::peerAddress() const
{
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    auto *address = reinterpret_cast<sockaddr *>(&storage);
    if (::getpeername(m_fd.get(), address, &size) != 0)
        return {};
    return QHostAddress(address);
}

} // namespace cring::ssh
