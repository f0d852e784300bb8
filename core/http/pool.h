// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/http/clientconnection.h"

#include <functional>

namespace cring::http {

class Exchange;

/// Keep-alive connections to one server. Most recently used first, so that the others can age out.
///
/// Owns its connections. Lives on the event loop's thread. Opens as many as are asked for at once: how many
/// requests are under way is bounded by the front, not here.
class Pool final : public QObject
{
    Q_OBJECT

public:
    enum class Want {
        Any,   ///< An idle connection if there is one.
        Fresh, ///< A new one: for a request that must not meet a connection that the server has just closed.
    };

    explicit Pool(const Origin &origin, QObject *parent = nullptr);
    ~Pool() override;

    const Origin &origin() const { return m_origin; }

    /// Probes are counted like everything else.
    const Traffic &traffic() const { return m_traffic; }
    /// Goes on counting from there, as another pool to the same server did. Before the first connection.
    void countOn(const Traffic &traffic) { m_traffic = traffic; }

    /// A connection on which begin() may be called at once. The caller must begin(), or abort() it.
    ClientConnection *take(Want want = Want::Any);

    /// Sends a request that fits in memory and collects its answer. `done` is called once, from the event
    /// loop, unless `context` is destroyed or the returned exchange is cancelled first. A GET, HEAD or DELETE
    /// whose kept connection turns out to be dead is sent again on a new one; other methods go out on a new
    /// one. Answers larger than `maxBody` bytes and time-outs (for the whole exchange) are errors.
    Exchange *exchange(const Request &request, std::chrono::milliseconds timeout, qint64 maxBody,
                       QObject *context, std::function<void(Result<Response>)> done);

private:
    void handleIdle(ClientConnection *connection);
    void dropAged();

    Origin m_origin;
    Traffic m_traffic;
    QList<ClientConnection *> m_idle; ///< The last one was used most recently.
    QTimer m_ageTimer;
    bool m_usedSinceSweep = false;
};

} // namespace cring::http
