// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/exchange.h"

namespace cring::http {

Exchange::Exchange(Pool &pool, const Request &request, std::chrono::milliseconds timeout, qint64 maxBody,
                   QObject *context, std::function<void(Result<Response>)> done)
    : QObject(&pool)
    , m_request(pool, request, {timeout, timeout}, nullptr)
    , m_maxBody(maxBody)
    , m_context(context)
    , m_done(std::move(done))
{
    // The context's end is this exchange's end: a server that hangs must not hold it.
    connect(context, &QObject::destroyed, this, &Exchange::cancel);
    m_deadline.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this, [this, timeout] {
        m_request.giveUp(QStringLiteral("did not answer within %1 ms").arg(timeout.count()));
    });
    connect(&m_request, &ClientRequest::headReceived, this, [this](const ResponseHead &head) {
        m_response.status = head.status;
        m_response.headers = head.headers;
    });
    connect(&m_request, &ClientRequest::bodyReceived, this, [this](const QByteArray &data) {
        if (m_response.body.size() + data.size() > m_maxBody)
            complete(Error{Code::BackendProtocol,
                           QStringLiteral("sent an answer larger than %1 bytes").arg(m_maxBody)});
        else
            m_response.body += data;
    });
    connect(&m_request, &ClientRequest::finished, this, [this] { complete(std::move(m_response)); });
    connect(&m_request, &ClientRequest::failed, this, [this](const Error &error) { complete(error); });
    m_deadline.start(timeout);
    m_request.start();
}

void Exchange::cancel()
{
    m_done = nullptr;
    deleteLater();
}

void Exchange::complete(Result<Response> result)
{
    m_deadline.stop();
    const auto done = std::exchange(m_done, nullptr);
    deleteLater();
    if (done && m_context)
        done(std::move(result));
}

} // namespace cring::http
