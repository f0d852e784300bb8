// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/serverchange.h"

#include "core/replica/answers.h"
#include "core/replica/requests.h"

namespace cring::replica {

ServerChange::ServerChange(Environment &environment, health::Backend &backend, const ObjectKey &key,
                           const http::Request &request, QObject *context, Done done)
    : QObject(&environment.lanes)
    , m_environment(environment)
    , m_use(environment.use)
    , m_backend(backend)
    , m_key(key)
    , m_request(request)
    , m_context(context)
    , m_done(std::move(done))
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &ServerChange::handleTimeout);
}

void ServerChange::send(Environment &environment, health::Backend &backend, const ObjectKey &key,
                        const http::Request &request, std::chrono::milliseconds timeout, QObject *context,
                        Done done)
{
    auto *change = new ServerChange(environment, backend, key, request, context, std::move(done));
    change->start(timeout);
}

void ServerChange::start(std::chrono::milliseconds timeout)
{
    m_timeout = timeout;
    m_timer.start(timeout);
    m_environment.lanes.acquire(m_backend.id(), m_key, this,
                                [this](Lanes::Hold lane) { handleLane(std::move(lane)); });
}

void ServerChange::handleLane(Lanes::Hold lane)
{
    if (!m_context || !m_done) {
        deleteLater(); // nobody wants it any more, or it was too late
        return;
    }
    m_lane = std::move(lane);
    exchangeForAccount(m_environment, m_backend, accountOf(m_key), m_request, kUntilDead, kMaxErrorBody, this,
                       [this](const Result<http::Response> &result) { handleAnswer(result); });
}

void ServerChange::handleTimeout()
{
    const bool sent = static_cast<bool>(m_lane);
    if (sent)
        doubt();
    tell(Error{Code::BackendTimeout,
               sent ? QStringLiteral("did not answer within %1 ms").arg(m_timeout.count())
                    : QStringLiteral("has not answered an earlier change yet")});
    if (!sent)
        deleteLater();
}

void ServerChange::handleAnswer(const Result<http::Response> &result)
{
    m_timer.stop();
    m_lane.release();
    if (!result && m_done)
        doubt();
    tell(result);
    deleteLater();
}

/// A folder that is made late does no harm, for what comes later to the path waits behind it.
void ServerChange::doubt()
{
    if (m_request.method != "DELETE")
        return;
    m_environment.catalogue.mark(m_key, m_backend.id(), Debt::InDoubt);
}

void ServerChange::tell(const Result<http::Response> &result)
{
    const Done done = std::exchange(m_done, nullptr);
    if (done && m_context)
        done(result);
}

} // namespace cring::replica
