// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/uploadhandler.h"

#include "core/charm/blobpath.h"
#include "core/replica/foldercreation.h"

namespace cring::gateway {

UploadHandler::UploadHandler(replica::Environment &environment, http::ServerConnection *connection,
                             const replica::Credentials &credentials, const QByteArray &path, quint32 mode,
                             QObject *uploads, QObject *parent)
    : Handler(environment, connection, telemetry::Kind::Upload, parent)
    , m_credentials(credentials)
    , m_path(path)
    , m_mode(mode)
    , m_uploads(uploads)
    , m_folder(mode & charm::kDirBit)
{
}

void UploadHandler::begin()
{
    const http::RequestHead &head = connection().request();
    const QByteArray contentType = head.headers.value("Content-Type");
    auto scanner = charm::MultipartScanner::forContentType(contentType);
    if (!scanner) {
        answer(replica::refusal(400, scanner.error().detail));
        return;
    }
    if (m_path.isEmpty()) {
        answer(replica::refusal(400, QStringLiteral("a file needs a name")));
        return;
    }
    if (m_folder) {
        connection().sendContinue(); // its body is a formality, and dropped
        return;
    }
    replica::Upload::Spec spec;
    spec.credentials = m_credentials;
    spec.path = m_path;
    spec.target = head.target;
    spec.mode = m_mode;
    spec.contentType = contentType;
    spec.isClients = true;
    spec.contentLength = head.framing == http::Framing::Chunked ? -1 : head.contentLength;
    m_upload = new replica::Upload(m_environment, spec, std::move(*scanner), m_uploads);
    connect(m_upload, &replica::Upload::finished, this, &UploadHandler::handleOutcome);
    connect(m_upload, &replica::Upload::prepared, this, [this] {
        if (!gone())
            connection().sendContinue();
    });
    connect(m_upload, &replica::Upload::pausedChanged, this, [this](bool paused) {
        if (gone() || m_paused == paused)
            return;
        m_paused = paused;
        paused ? connection().pauseReading() : connection().resumeReading();
    });
    m_upload->start();
}

void UploadHandler::handleBody(const QByteArray &data)
{
    if (m_upload)
        m_upload->feed(data);
}

void UploadHandler::handleRequestEnd()
{
    if (m_upload) {
        m_upload->end();
    } else if (m_folder) {
        auto *creation = new replica::FolderCreation(m_environment, m_credentials, m_path, m_mode, m_uploads);
        connect(creation, &replica::FolderCreation::finished, this, &UploadHandler::handleOutcome);
        creation->start();
    }
}

void UploadHandler::handleAbandoned()
{
    if (m_upload)
        m_upload->cancel();
}

void UploadHandler::handleOutcome(const replica::Outcome &outcome)
{
    m_upload = nullptr;
    if (outcome.status == 0)
        return; // it was the client that ended it
    if (!outcome.summary.isEmpty())
        warn(telemetry::Category::Upload, outcome.summary, m_credentials.account);
    answer(outcome);
}

} // namespace cring::gateway
