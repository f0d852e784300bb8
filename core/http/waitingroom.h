// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/http/connectionquota.h"

#include <QObject>
#include <QSocketNotifier>

#include <chrono>
#include <memory>
#include <unordered_map>

namespace cring::http {

/// Where accepted connections wait until the header of their first request is there.
///
/// Qt's event loop asks the kernel about every socket in every turn (poll(2)): a thousand clients that send
/// nothing, or a byte now and then, would slow all others down. Here they stand in an epoll(7) set of their
/// own, which costs one descriptor and wakes only for bytes that have come. The bytes are looked at and left
/// where they are; a header of more than 32 KiB does not wait here for its end. Linux.
class WaitingRoom final : public QObject
{
    Q_OBJECT

public:
    struct Bounds
    {
        qint64 headerBytes;
        std::chrono::milliseconds headerTime; ///< From the first byte to the end of the header.
        std::chrono::milliseconds idleTime;   ///< From the connect to the first byte.
    };

    /// `wholeHeads` false: one byte is enough (TLS: the header is not to be seen).
    WaitingRoom(const Bounds &bounds, bool wholeHeads, QObject *parent = nullptr);
    ~WaitingRoom() override;

    /// Takes the descriptor, which must not block.
    void add(int descriptor, ConnectionQuota::Ticket ticket, std::chrono::milliseconds now);
    /// Closes those whose time is over.
    void checkDeadlines(std::chrono::milliseconds now);
    /// Hands on at once whoever is ready by now.
    void handOnReady();
    /// Closes all.
    void clear();
    bool isEmpty() const { return m_waiting.empty(); }

Q_SIGNALS:
    /// The header is there, or cannot become one: the receiver's from now on. `ticket` is moved from by the
    /// receiver.
    void ready(int descriptor, cring::http::ConnectionQuota::Ticket *ticket);

private:
    struct Waiting
    {
        ConnectionQuota::Ticket ticket;
        std::chrono::milliseconds since; ///< Of the connect; of the first byte once it has come.
        bool begun = false;
    };

    int handleEvents();
    bool isReady(int descriptor, Waiting &waiting) const;
    void close(int descriptor);

    Bounds m_bounds;
    bool m_wholeHeads;
    int m_epoll = -1;
    std::unique_ptr<QSocketNotifier> m_notifier;
    std::unordered_map<int, Waiting> m_waiting;
};

} // namespace cring::http
