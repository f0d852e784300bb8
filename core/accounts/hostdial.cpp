// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/hostdial.h"

#include "core/base/clock.h"
#include "core/base/words.h"

#include <QByteArray>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>

namespace cring::accounts {

using ssh::UniqueFd;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kLookAgain{50};

struct FreeAddresses
{
    void operator()(addrinfo *first) const { ::freeaddrinfo(first); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

/// What a resolver's thread finds. Shared, for nothing ends getaddrinfo(3): when it takes too long it is left
/// behind.
struct Lookup
{
    std::mutex mutex;
    std::condition_variable done;
    bool isDone = false;
    int error = 0;
    Addresses found;
};

class Dial
{
public:
    Dial(const QString &host, quint16 port, milliseconds limit, const IClock &clock,
         const std::stop_token &stop)
        : m_host(host.toUtf8())
        , m_port(QByteArray::number(port))
        , m_limit(limit)
        , m_clock(clock)
        , m_stop(stop)
    {
    }

    Result<UniqueFd> run()
    {
        const Result<Addresses> addresses = resolve();
        if (!addresses)
            return addresses.error();
        Error last{Code::BackendUnreachable, QStringLiteral("has no address")};
        for (const addrinfo *address = addresses->get(); address; address = address->ai_next) {
            Result<UniqueFd> socket = connectTo(*address);
            if (socket || socket.error().code != Code::BackendUnreachable)
                return socket;
            last = socket.error();
        }
        return last;
    }

private:
    Result<Addresses> resolve();
    Result<UniqueFd> connectTo(const addrinfo &address);

    milliseconds left() const { return std::max(milliseconds(0), m_end - m_clock.steady()); }

    Status mayGoOn() const
    {
        if (m_stop.stop_requested())
            return Error{Code::JobEnded, QStringLiteral("was called off")};
        if (left().count() == 0)
            return Error{
                Code::BackendTimeout,
                QStringLiteral("did not accept the SSH connection within %1").arg(words::duration(m_limit))};
        return {};
    }

    static Error unreachable(int error)
    {
        return Error{
            Code::BackendUnreachable,
            error == ECONNREFUSED
                ? QStringLiteral("refused the SSH connection: is sshd running there?")
                : QStringLiteral("cannot be reached: %1").arg(QString::fromLocal8Bit(std::strerror(error)))};
    }

    const QByteArray m_host;
    const QByteArray m_port;
    const milliseconds m_limit;
    const IClock &m_clock;
    const std::stop_token &m_stop;
    const milliseconds m_end = m_clock.steady() + m_limit;
};

Result<Addresses> Dial::resolve()
{
    const auto lookup = std::make_shared<Lookup>();
    std::thread([lookup, host = m_host, port = m_port] {
        addrinfo hints{};
        hints.ai_socktype = SOCK_STREAM;
        hints.ai_flags = AI_NUMERICSERV;
        addrinfo *first = nullptr;
        const int error = ::getaddrinfo(host.constData(), port.constData(), &hints, &first);
        const std::lock_guard lock(lookup->mutex);
        lookup->found.reset(error == 0 ? first : nullptr);
        lookup->error = error;
        lookup->isDone = true;
        lookup->done.notify_all();
    }).detach();
    std::unique_lock lock(lookup->mutex);
    while (!lookup->isDone) {
        if (const Status status = mayGoOn(); !status)
            return status.error();
        lookup->done.wait_for(lock, std::min(kLookAgain, left()));
    }
    if (lookup->error != 0)
        return Error{Code::BackendUnreachable,
                     QStringLiteral("cannot be found: %1; check the name")
                         .arg(QString::fromLocal8Bit(::gai_strerror(lookup->error)))};
    return std::move(lookup->found);
}

Result<UniqueFd> Dial::connectTo(const addrinfo &address)
{
    UniqueFd socket(::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket)
        return unreachable(errno);
    if (::connect(socket.get(), address.ai_addr, address.ai_addrlen) != 0 && errno != EINPROGRESS)
        return unreachable(errno);
    pollfd watched{socket.get(), POLLOUT, 0};
    while (watched.revents == 0) {
        if (const Status status = mayGoOn(); !status)
            return status.error();
        ::poll(&watched, 1, static_cast<int>(std::min(kLookAgain, left()).count()));
    }
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0)
        return unreachable(error != 0 ? error : errno);
    // Requests and their answers are small, and wait for each other.
    const int on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::fcntl(socket.get(), F_SETFL, 0);
    return socket;
}

} // namespace

Result<UniqueFd> dialHost(const QString &host, quint16 port, milliseconds limit, const IClock &clock,
                          const std::stop_token &stop)
{
    return Dial(host, port, limit, clock, stop).run();
}

} // namespace cring::accounts
