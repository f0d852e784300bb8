// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/waitingroom.h"

#include "core/http/parser.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <vector>

namespace cring::http {

namespace {

constexpr int kEventsAtOnce = 64;
/// Bytes that are only looked at keep the client's window closed, and to look at them again costs more each
/// time: a header that is larger is read by its connection.
constexpr qint64 kMaxLook = 32 * 1024;

} // namespace

WaitingRoom::WaitingRoom(const Bounds &bounds, bool wholeHeads, QObject *parent)
    : QObject(parent)
    , m_bounds(bounds)
    , m_wholeHeads(wholeHeads)
    , m_epoll(::epoll_create1(EPOLL_CLOEXEC))
{
    m_notifier = std::make_unique<QSocketNotifier>(m_epoll, QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, &WaitingRoom::handleEvents);
}

WaitingRoom::~WaitingRoom()
{
    clear();
    m_notifier.reset();
    ::close(m_epoll);
}

void WaitingRoom::add(int descriptor, ConnectionQuota::Ticket ticket, std::chrono::milliseconds now)
{
    m_waiting.emplace(descriptor, Waiting{std::move(ticket), now});
    // Edge-triggered: what has come stays unread, and is to be told of once. Bytes that are there already
    // count as news.
    epoll_event event{};
    event.events = EPOLLIN | EPOLLRDHUP | EPOLLET;
    event.data.fd = descriptor;
    if (::epoll_ctl(m_epoll, EPOLL_CTL_ADD, descriptor, &event) != 0)
        close(descriptor);
}

int WaitingRoom::handleEvents()
{
    std::array<epoll_event, kEventsAtOnce> events;
    const int count = ::epoll_wait(m_epoll, events.data(), kEventsAtOnce, 0);
    for (int i = 0; i < count; ++i) {
        const int descriptor = events[static_cast<size_t>(i)].data.fd;
        const auto it = m_waiting.find(descriptor);
        if (it == m_waiting.end())
            continue;
        if (!isReady(descriptor, it->second)) {
            // Nothing more will come of it: the client has closed its side.
            if (events[static_cast<size_t>(i)].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
                close(descriptor);
            continue;
        }
        ::epoll_ctl(m_epoll, EPOLL_CTL_DEL, descriptor, nullptr);
        Waiting waiting = std::move(it->second);
        m_waiting.erase(it);
        Q_EMIT ready(descriptor, &waiting.ticket);
    }
    return count;
}

void WaitingRoom::handOnReady()
{
    while (handleEvents() == kEventsAtOnce) {
    }
}

/// Complete, defective, too long, long, or at its end: whoever reads it now need not wait.
bool WaitingRoom::isReady(int descriptor, Waiting &waiting) const
{
    // One more than is allowed, so that too much is seen as such.
    const qint64 look = qMin(m_bounds.headerBytes, kMaxLook);
    static thread_local std::vector<char> buffer;
    buffer.resize(static_cast<size_t>(look) + 1);
    const ssize_t size = ::recv(descriptor, buffer.data(), buffer.size(), MSG_PEEK | MSG_DONTWAIT);
    if (size <= 0)
        return size == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
    if (!m_wholeHeads || size > look)
        return true;
    if (!std::exchange(waiting.begun, true))
        waiting.since = std::chrono::milliseconds(-1); // the next look at the clock starts the header's time
    return Parser::lookAtHead(QByteArrayView(buffer.data(), size)) != Parser::HeadLook::Incomplete;
}

void WaitingRoom::checkDeadlines(std::chrono::milliseconds now)
{
    std::vector<int> over;
    for (auto &[descriptor, waiting] : m_waiting) {
        if (waiting.since.count() < 0)
            waiting.since = now;
        else if (now - waiting.since >= (waiting.begun ? m_bounds.headerTime : m_bounds.idleTime))
            over.push_back(descriptor);
    }
    for (const int descriptor : over)
        close(descriptor);
}

void WaitingRoom::close(int descriptor)
{
    m_waiting.erase(descriptor);
    ::close(descriptor); // leaves the epoll set with it
}

void WaitingRoom::clear()
{
    while (!m_waiting.empty())
        close(m_waiting.begin()->first);
}

} // namespace cring::http
