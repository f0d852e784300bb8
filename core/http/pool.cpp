// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/pool.h"

#include "core/http/exchange.h"

namespace cring::http {

namespace {

using namespace std::chrono_literals;

/// A connection that was not needed for so long is closed.
constexpr auto kIdleAge = 30s;
/// More idle ones than this are closed at once: a burst leaves no crowd behind.
constexpr qsizetype kMaxIdle = 64;

} // namespace

Pool::Pool(const Origin &origin, QObject *parent)
    : QObject(parent)
    , m_origin(origin)
{
    m_ageTimer.setSingleShot(true);
    m_ageTimer.setTimerType(Qt::VeryCoarseTimer);
    connect(&m_ageTimer, &QTimer::timeout, this, &Pool::dropAged);
}

Pool::~Pool()
{
    // Connections add to m_traffic: they go first.
    qDeleteAll(findChildren<ClientConnection *>(Qt::FindDirectChildrenOnly));
}

ClientConnection *Pool::take(Want want)
{
    m_usedSinceSweep = true;
    if (want == Want::Any && !m_idle.isEmpty())
        return m_idle.takeLast();
    auto *connection = new ClientConnection(m_origin, this, &m_traffic);
    connect(connection, &ClientConnection::becameIdle, this, [this, connection] { handleIdle(connection); });
    connect(connection, &ClientConnection::closed, this,
            [this, connection] { m_idle.removeOne(connection); });
    return connection;
}

Exchange *Pool::exchange(const Request &request, std::chrono::milliseconds timeout, qint64 maxBody,
                         QObject *context, std::function<void(Result<Response>)> done)
{
    return new Exchange(*this, request, timeout, maxBody, context, std::move(done));
}

void Pool::handleIdle(ClientConnection *connection)
{
    if (m_idle.size() >= kMaxIdle) {
        connection->abort();
        return;
    }
    m_idle.append(connection);
    if (!m_ageTimer.isActive())
        m_ageTimer.start(kIdleAge);
}

void Pool::dropAged()
{
    // The oldest half after a busy period, all of it after a quiet one.
    const qsizetype keep = m_usedSinceSweep ? m_idle.size() / 2 : 0;
    m_usedSinceSweep = false;
    const QList<ClientConnection *> aged = m_idle.first(m_idle.size() - keep);
    for (ClientConnection *connection : aged)
        connection->abort();
    if (!m_idle.isEmpty())
        m_ageTimer.start(kIdleAge);
}

} // namespace cring::http
