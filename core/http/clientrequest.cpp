// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/clientrequest.h"

#include "core/base/log.h"

namespace cring::http {

Q_LOGGING_CATEGORY(lcRequest, "cring.request")

ClientRequest::ClientRequest(Pool &pool, Request request, Limits limits, QObject *parent)
    : QObject(parent)
    , m_pool(&pool)
    , m_request(std::move(request))
    , m_limits(limits)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &ClientRequest::handleTimeout);
}

ClientRequest::~ClientRequest()
{
    if (m_connection) {
        m_connection->detach();
        m_connection->abort();
    }
}

bool ClientRequest::retryable() const
{
    return m_request.method == "GET" || m_request.method == "HEAD" || m_request.method == "DELETE";
}

/// Of a client's request. Without the target: names belong into no log.
void ClientRequest::note(const QString &what) const
{
    if (!m_pool)
        return;
    const QByteArray id = m_request.headers.value(kRequestIdField);
    if (id.isEmpty())
        return;
    const log::Field request(log::Field::kRequest, QString::fromLatin1(id));
    qCDebug(lcRequest).noquote() << m_pool->origin().authority() << what << "to" << m_request.method;
}

void ClientRequest::start()
{
    send(retryable() ? Pool::Want::Any : Pool::Want::Fresh);
}

void ClientRequest::send(Pool::Want want)
{
    RequestHead head;
    head.method = m_request.method;
    head.target = m_request.target;
    head.headers = m_request.headers;
    head.headers.set("Host", m_pool->origin().authority());
    if (!m_request.body.isEmpty() || m_request.method == "POST")
        head.headers.set("Content-Length", QByteArray::number(m_request.body.size()));
    m_connection = m_pool->take(want);
    if (m_pauses == 0)
        m_timer.start(m_limits.head);
    m_connection->begin(this, serialise(head), m_request.method == "HEAD");
    m_connection->write(m_request.body);
    m_connection->endRequest();
    for (int i = 0; i < m_pauses; ++i)
        m_connection->pauseReading();
}

void ClientRequest::pause()
{
    ++m_pauses;
    if (m_connection)
        m_connection->pauseReading();
    m_timer.stop();
}

void ClientRequest::resume()
{
    Q_ASSERT(m_pauses > 0);
    --m_pauses;
    if (m_connection)
        m_connection->resumeReading();
    if (m_pauses == 0 && m_connection && !m_done)
        m_timer.start(m_headSeen ? m_limits.stall : m_limits.head);
}

void ClientRequest::handleHead(const ResponseHead &head)
{
    if (lcRequest().isDebugEnabled())
        note(QStringLiteral("answered %1").arg(head.status));
    m_headSeen = true;
    if (m_pauses == 0)
        m_timer.start(m_limits.stall);
    Q_EMIT headReceived(head);
}

void ClientRequest::handleBody(const QByteArray &data)
{
    if (m_pauses == 0)
        m_timer.start(m_limits.stall);
    Q_EMIT bodyReceived(data);
}

void ClientRequest::release()
{
    m_done = true;
    m_timer.stop();
    // It may have to go on sending after a server that answered early.
    if (m_connection)
        m_connection->detach();
    m_connection = nullptr;
}

void ClientRequest::handleFinished()
{
    // Pauses must not stay behind on a connection that somebody else takes next.
    for (int i = 0; m_connection && i < m_pauses; ++i)
        m_connection->resumeReading();
    release();
    Q_EMIT finished();
}

void ClientRequest::handleFailed(const Error &error)
{
    const bool stale = m_connection && m_connection->reused() && !m_connection->answered();
    m_connection = nullptr;
    if (stale && retryable() && !m_retried && m_pool) {
        m_retried = true;
        send(Pool::Want::Fresh);
        return;
    }
    if (lcRequest().isDebugEnabled())
        note(QStringLiteral("gave no answer (%1)").arg(error.detail));
    release();
    Q_EMIT failed(error);
}

void ClientRequest::handleTimeout()
{
    giveUp(m_headSeen
               ? QStringLiteral("stopped in the middle of its answer for %1 ms").arg(m_limits.stall.count())
               : QStringLiteral("did not answer within %1 ms").arg(m_limits.head.count()));
}

void ClientRequest::giveUp(const QString &words)
{
    if (m_done)
        return;
    if (m_connection)
        m_connection->giveUp();
    if (lcRequest().isDebugEnabled())
        note(words);
    release();
    Q_EMIT failed({Code::BackendTimeout, words});
}

} // namespace cring::http
