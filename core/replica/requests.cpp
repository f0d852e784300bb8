// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/requests.h"

#include "core/charm/blobpath.h"
#include "core/charm/multipart.h"
#include "core/replica/answers.h"

namespace cring::replica {

void identify(http::Headers &headers, const Credentials &credentials)
{
    headers.append("Authorization", credentials.authorization);
    if (!credentials.request.isEmpty())
        headers.append(http::kRequestIdField, credentials.request);
}

http::Request fileRequest(const char *method, const Credentials &credentials, const QByteArray &path)
{
    http::Request request;
    request.method = method;
    request.target = "/v1/fs/" + path;
    identify(request.headers, credentials);
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

namespace {

using Answered = std::function<void(const Result<http::Response> &)>;

/// What `send` sends, and once more if the account was missing and is there now.
void sendKnowing(Environment &environment, const QString &server, const QByteArray &account, QObject *context,
                 const std::function<void(const Answered &)> &send, const Answered &done)
{
    send([&environment, server, account, context, send, done](const Result<http::Response> &result) {
        if (!result || !isMissingUser(result->status, result->body)) {
            done(result);
            return;
        }
        environment.bringer.bring(server, account, context, [send, done, result](bool isThere) {
            if (isThere)
                send(done);
            else
                done(result);
        });
    });
}

} // namespace

void askForAccount(Environment &environment, health::Backend &backend, const QByteArray &account,
                   const http::Request &request, std::chrono::milliseconds timeout, qint64 maxBody,
                   QObject *context, std::function<void(const Result<http::Response> &)> done)
{
    const auto send = [&backend, request, timeout, maxBody, context](const Answered &answered) {
        ask(backend, request, timeout, maxBody, context, answered);
    };
    sendKnowing(environment, backend.id(), account, context, send, done);
}

void exchangeForAccount(Environment &environment, health::Backend &backend, const QByteArray &account,
                        const http::Request &request, std::chrono::milliseconds timeout, qint64 maxBody,
                        QObject *context, std::function<void(const Result<http::Response> &)> done)
{
    const auto send = [&backend, request, timeout, maxBody, context](const Answered &answered) {
        backend.pool().exchange(request, timeout, maxBody, context, answered);
    };
    sendKnowing(environment, backend.id(), account, context, send, done);
}

} // namespace cring::replica
