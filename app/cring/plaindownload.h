// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/charmsession.h"
#include "core/http/clientrequest.h"

#include <deque>

namespace cring::app {

/// One file of the ring, opened on the way: what it holds goes to a sink piece by piece, on a worker. At most
/// some hundred KiB of it are in memory.
///
/// For one use; lives on the event loop's thread. Destroying it ends it. Not to be destroyed within
/// finished().
class PlainDownload final : public QObject
{
    Q_OBJECT

public:
    /// On a worker, one call at a time. An error ends the download.
    using Sink = std::function<Status(QByteArrayView piece)>;

    /// `path`: as the servers have it. The session outlives it.
    PlainDownload(CharmSession &session, QByteArray path, Sink sink, QObject *parent = nullptr);

    void start();

Q_SIGNALS:
    /// Once. Good when all of it has come and was taken. NotFound when there is no such file; RestoreFailed
    /// for what cannot be opened; the sink's own error.
    void finished(const cring::Status &status);

private:
    struct Work
    {
        charm::ContentsOpener opener;
        Sink sink;
        std::optional<Error> problem;

        void take(const std::optional<QByteArray> &plain);
    };

    void request(const QByteArray &authorization);
    void handleBody(const QByteArray &data);
    void handleComplete();
    void push(std::function<void(Work &)> work, qsizetype size);
    void runNext();
    void end(const Status &status);

    CharmSession &m_session;
    const QByteArray m_path;
    std::shared_ptr<Work> m_work;
    std::unique_ptr<http::ClientRequest, void (*)(http::ClientRequest *)> m_request;
    std::deque<std::pair<std::function<void(Work &)>, qsizetype>> m_waiting;
    int m_status = 0;
    bool m_isFolder = false;
    QByteArray m_refusal; ///< The body of an answer that is no 200.
    qsizetype m_behind = 0;
    bool m_held = false;
    bool m_complete = false;
    bool m_ended = false;
};

} // namespace cring::app
