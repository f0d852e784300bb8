// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/http/exchange.h"
#include "core/replica/environment.h"

#include <functional>

namespace cring::replica {

/// One small change at one server, a DELETE or the POST of a folder, by the rules of every write: it waits
/// for the path's lane there and holds it until the server has answered or its connection has died, however
/// long ago whoever wanted it has lost interest. A DELETE that was not answered in time, or lost, leaves the
/// server's copy in doubt, and to the mending.
///
/// Owns itself. The caller has the path's lock, where one is needed.
class ServerChange final : public QObject
{
    Q_OBJECT

public:
    using Done = std::function<void(const Result<http::Response> &)>;

    /// `done` is called once, from the event loop, unless `context` dies first: with the answer, or with an
    /// error when there was none within `timeout`. When the lane was not free in that time, nothing was sent.
    static void send(Environment &environment, health::Backend &backend, const ObjectKey &key,
                     const http::Request &request, std::chrono::milliseconds timeout, QObject *context,
                     Done done);

private:
    ServerChange(Environment &environment, health::Backend &backend, const ObjectKey &key,
                 const http::Request &request, QObject *context, Done done);

    void start(std::chrono::milliseconds timeout);
    void handleLane(Lanes::Hold lane);
    void handleTimeout();
    void handleAnswer(const Result<http::Response> &result);
    void doubt();
    void tell(const Result<http::Response> &result);

    Environment &m_environment;
    const std::shared_ptr<const void> m_use;
    health::Backend &m_backend;
    ObjectKey m_key;
    http::Request m_request;
    QPointer<QObject> m_context;
    Done m_done;
    Lanes::Hold m_lane;
    QTimer m_timer;
    std::chrono::milliseconds m_timeout{0};
};

} // namespace cring::replica
