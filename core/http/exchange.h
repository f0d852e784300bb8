// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/http/clientrequest.h"

namespace cring::http {

/// A request and its answer, collected in memory. Made by Pool::exchange(), deletes itself when it is over.
class Exchange final : public QObject
{
    Q_OBJECT

public:
    Exchange(Pool &pool, const Request &request, std::chrono::milliseconds timeout, qint64 maxBody,
             QObject *context, std::function<void(Result<Response>)> done);

    /// Ends it; `done` is not called. The request may have been delivered.
    void cancel();

private:
    void complete(Result<Response> result);

    ClientRequest m_request;
    QTimer m_deadline;
    qint64 m_maxBody;
    QPointer<QObject> m_context;
    std::function<void(Result<Response>)> m_done;
    Response m_response;
};

} // namespace cring::http
