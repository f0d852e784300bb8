// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/copylook.h"

#include "core/replica/answers.h"
#include "core/replica/requests.h"

namespace cring::replica {

namespace {

QByteArray pathOf(const ObjectKey &key, const Credentials &credentials)
{
    return key.sliced(qMin(key.size(), credentials.account.size() + 1));
}

} // namespace

CopyLook::CopyLook(Environment &environment, health::Backend &backend, const ObjectKey &key,
                   const Credentials &credentials, QObject *parent)
    : QObject(parent)
    , m_environment(environment)
    , m_use(environment.use)
    , m_backend(backend)
    , m_key(key)
    , m_request(backend.pool(), fileRequest("GET", credentials, pathOf(key, credentials)),
                {environment.config.timing.readTimeout, environment.config.timing.readTimeout}, nullptr)
    , m_digest(environment.database.digestSeed())
{
    connect(&m_request, &http::ClientRequest::headReceived, this, &CopyLook::handleHead);
    connect(&m_request, &http::ClientRequest::bodyReceived, this, &CopyLook::handleBody);
    connect(&m_request, &http::ClientRequest::finished, this, &CopyLook::handleFinished);
    connect(&m_request, &http::ClientRequest::failed, this,
            [this](const Error &error) { fail(error.detail); });
}

void CopyLook::start()
{
    m_reader = Readers::Registration(m_environment.readers, m_key, m_backend.id(),
                                     [this] { fail(QStringLiteral("got another version meanwhile")); });
    m_request.start();
}

void CopyLook::setPaused(bool paused)
{
    if (m_ended || std::exchange(m_paused, paused) == paused)
        return;
    paused ? m_request.pause() : m_request.resume();
}

void CopyLook::handleHead(const http::ResponseHead &head)
{
    m_head = head;
}

void CopyLook::handleBody(const QByteArray &data)
{
    if (m_ended)
        return;
    if (m_head.status != 200) {
        if (m_errorBody.size() < kMaxErrorBody)
            m_errorBody += data;
        return;
    }
    m_digest.add(data);
    if (m_digest.size() > m_environment.config.limits.bodyBytes) {
        fail(QStringLiteral("sent more than any file can hold"));
        return;
    }
    Q_EMIT read(data.size());
    Q_EMIT arrived(data);
}

void CopyLook::handleFinished()
{
    const QByteArray type = m_head.headers.value("Content-Type");
    Finding finding;
    finding.status = m_head.status;
    if (m_head.status == 200 && m_head.framing == http::Framing::UntilClose) {
        finding.reason = QStringLiteral("sent a file without saying where it ends");
    } else if (m_head.status == 200) {
        finding.what = type.startsWith("application/json") ? What::Folder : What::File;
        finding.size = m_digest.size();
        finding.digest = m_digest.value();
        finding.mode = m_head.headers.value("X-File-Mode").toUInt();
    } else if (m_head.status == 404) {
        finding.what = isMissingUser(404, m_errorBody) ? What::MissingUser : What::Absent;
        finding.reason = describeAnswer(m_head.status, type, m_errorBody);
    } else {
        finding.reason = describeAnswer(m_head.status, type, m_errorBody);
    }
    end(std::move(finding));
}

void CopyLook::fail(const QString &reason)
{
    Finding finding;
    finding.reason = reason;
    end(std::move(finding));
}

void CopyLook::end(Finding finding)
{
    if (std::exchange(m_ended, true))
        return;
    m_finding = std::move(finding);
    m_reader.release();
    m_request.disconnect(this);
    // What ends this may be inside one of the request's signals, or start() itself.
    QMetaObject::invokeMethod(this, &CopyLook::finished, Qt::QueuedConnection);
}

} // namespace cring::replica
