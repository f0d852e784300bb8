// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/plaindownload.h"

namespace cring::app {
using std::chrono::milliseconds;

namespace {

constexpr qsizetype kBehind = 512 * 1024;
constexpr qsizetype kMostRefusal = 64 * 1024;
constexpr http::ClientRequest::Limits kLimits{milliseconds(60'000), milliseconds(60'000)};

} // namespace

void PlainDownload::Work::take(const std::optional<QByteArray> &plain)
{
    if (!plain)
        problem = Error{Code::RestoreFailed, opener.problem()};
    else if (const Status taken = sink(*plain); !taken)
        problem = taken.error();
}

PlainDownload::PlainDownload(CharmSession &session, QByteArray path, Sink sink, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_path(std::move(path))
    , m_work(std::make_shared<Work>(Work{charm::ContentsOpener(session.keys()), std::move(sink), {}}))
    , m_request(nullptr, [](http::ClientRequest *request) { request->deleteLater(); })
{
}

void PlainDownload::start()
{
    m_session.authorize(this, [this](const Result<QByteArray> &authorization) {
        if (authorization)
            request(*authorization);
        else
            end(authorization.error());
    });
}

void PlainDownload::request(const QByteArray &authorization)
{
    http::Request request{"GET", "/v1/fs/" + m_path, {}, {}};
    request.headers.append("Authorization", authorization);
    m_request.reset(new http::ClientRequest(m_session.pool(), std::move(request), kLimits, nullptr));
    connect(m_request.get(), &http::ClientRequest::headReceived, this,
            [this](const http::ResponseHead &head) {
                m_status = head.status;
                m_isFolder = head.headers.value("Content-Type").startsWith("application/json");
            });
    connect(m_request.get(), &http::ClientRequest::bodyReceived, this, &PlainDownload::handleBody);
    connect(m_request.get(), &http::ClientRequest::finished, this, &PlainDownload::handleComplete);
    connect(m_request.get(), &http::ClientRequest::failed, this, [this](const Error &error) { end(error); });
    m_request->start();
}

void PlainDownload::handleBody(const QByteArray &data)
{
    if (m_status != 200) {
        m_refusal += data.first(std::min(data.size(), kMostRefusal - m_refusal.size()));
        return;
    }
    push([data](Work &work) { work.take(work.opener.add(data)); }, data.size());
    if (m_behind > kBehind && !std::exchange(m_held, true))
        m_request->pause();
}

void PlainDownload::handleComplete()
{
    if (m_status != 200) {
        end(answerError(m_status, m_refusal));
        return;
    }
    if (m_isFolder) {
        end(Error{Code::NotFound, QStringLiteral("is a folder by now")});
        return;
    }
    m_complete = true;
    push([](Work &work) { work.take(work.opener.finish()); }, 0);
}

/// In order: the next one begins when the one before has ended.
void PlainDownload::push(std::function<void(Work &)> work, qsizetype size)
{
    if (m_ended)
        return;
    m_behind += size;
    m_waiting.emplace_back(std::move(work), size);
    if (m_waiting.size() == 1)
        runNext();
}

void PlainDownload::runNext()
{
    m_session.workers().run([work = m_work, todo = m_waiting.front().first] { todo(*work); }, this,
                            [this] {
                                if (m_ended)
                                    return;
                                m_behind -= m_waiting.front().second;
                                m_waiting.pop_front();
                                if (m_work->problem) {
                                    end(*m_work->problem);
                                    return;
                                }
                                if (m_behind <= kBehind / 2 && std::exchange(m_held, false))
                                    m_request->resume();
                                if (!m_waiting.empty())
                                    runNext();
                                else if (m_complete)
                                    end({});
                            });
}

void PlainDownload::end(const Status &status)
{
    if (std::exchange(m_ended, true))
        return;
    m_request.reset();
    QMetaObject::invokeMethod(
        this, [this, status] { Q_EMIT finished(status); }, Qt::QueuedConnection);
}

} // namespace cring::app
