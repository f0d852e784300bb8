// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/config/config.h"
#include "core/http/server.h"
#include "core/telemetry/metrics.h"

#include <functional>

namespace cring::telemetry {

/// Answers those who watch the service, over plain HTTP: the address decides who can ask. GET and HEAD of
/// - `/metrics`: the metrics, as Prometheus reads them, for whom setAdmission() lets in;
/// - `/healthz`: 200 while the event loop turns;
/// - `/readyz`: 200 while uploads are taken, else 503; with a sentence about it.
/// Within the front's limits on headers and time, and with few connections of one question each. Lives on the
/// event loop's thread.
class MetricsServer final : public QObject
{
    Q_OBJECT

public:
    struct Readiness
    {
        bool ready = false;
        QString words; ///< A sentence for a person.
    };

    /// The metrics and the clock outlive the server; `readiness` is asked with each request for it.
    MetricsServer(const Metrics &metrics, std::function<Readiness()> readiness, const config::Limits &limits,
                  const IClock &clock, QObject *parent = nullptr);

    /// Who may ask for the metrics; others get 401. By default everybody may.
    void setAdmission(std::function<bool(const http::RequestHead &request)> admits)
    {
        m_admits = std::move(admits);
    }

    /// http::Listener's errors.
    Status listen(const QString &endpoint) { return m_server.listen(endpoint); }
    quint16 port() const { return m_server.port(); }
    QStringList endpoints() const { return m_server.endpoints(); }

private:
    struct Answer
    {
        int status = 200;
        QByteArray body;
        QByteArray contentType = "text/plain; charset=utf-8";
        QByteArray allow = {};     ///< For 405.
        QByteArray challenge = {}; ///< For 401.
    };

    void handleRequest(http::ServerConnection *connection);
    Answer answerTo(const http::RequestHead &request) const;

    const Metrics &m_metrics;
    const std::function<Readiness()> m_readiness;
    std::function<bool(const http::RequestHead &request)> m_admits;
    http::Server m_server;
};

} // namespace cring::telemetry
