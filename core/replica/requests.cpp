// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/requests.h"

#include "core/charm/blobpath.h"
#include "core/charm/multipart.h"

namespace cring::replica {

http::Request fileRequest(const char *method, const Credentials &credentials, const QByteArray &path)
{
    http::Request request;
    request.method = method;
    request.target = "/v1/fs/" + path;
    request.headers.append("Authorization", credentials.authorization);
    return request;
}

http::Request folderRequest(const Credentials &credentials, const QByteArray &path, quint32 mode)
{
    const charm::Envelope envelope = charm::makeEnvelope("charmedringfolder");
    http::Request request =
        fileRequest("POST", credentials, path + "?mode=" + QByteArray::number(mode | charm::kDirBit));
    request.headers.append("Content-Type", envelope.contentType);
    request.body = envelope.head + envelope.tail;
    return request;
}

std::chrono::milliseconds timeToStore(const Environment &environment, qint64 bytes)
{
    constexpr qint64 slowDisk = 8 * 1024 * 1024; // bytes per second
    return environment.config.timing.answerTimeout + std::chrono::seconds(bytes / slowDisk);
}

bool admits(health::Backend &backend, QStringList &reasons)
{
    if (backend.usable() && backend.breaker().allows())
        return true;
    reasons << backend.name() + u' ' + backend.unusableReason();
    return false;
}

namespace {

/// A request whose outcome a server's breaker waits for.
class Report final
{
public:
    explicit Report(health::Backend &backend)
        : m_backend(&backend)
    {
    }
    Q_DISABLE_COPY_MOVE(Report)
    ~Report()
    {
        if (m_backend)
            m_backend->breaker().abandoned();
    }

    void tell(const Result<http::Response> &result)
    {
        health::Backend *backend = m_backend.data();
        m_backend.clear();
        if (result)
            backend->breaker().succeeded();
        else
            backend->breaker().failed(result.error().detail);
    }

private:
    QPointer<health::Backend> m_backend;
};

} // namespace

void ask(health::Backend &backend, const http::Request &request, std::chrono::milliseconds timeout,
         qint64 maxBody, QObject *context, std::function<void(const Result<http::Response> &)> done)
{
    const auto report = std::make_shared<Report>(backend);
    backend.pool().exchange(request, timeout, maxBody, context,
                            [report, done = std::move(done)](const Result<http::Response> &result) {
                                report->tell(result);
                                done(result);
                            });
}

} // namespace cring::replica
