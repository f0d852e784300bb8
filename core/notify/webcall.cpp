// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/notify/webcall.h"

#include "core/base/log.h"

#include <QNetworkAccessManager>
#include <QNetworkRequest>

namespace cring::notify {

namespace {

/// Of an answer that nobody reads: more is a page, or somebody's joke.
constexpr qint64 kReadAhead = 64 * 1024;

QNetworkRequest requestFor(const WebCall::Request &request)
{
    QNetworkRequest made(request.url);
    made.setSslConfiguration(request.ssl);
    made.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    made.setAttribute(QNetworkRequest::Http2AllowedAttribute, false);
    made.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
    made.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
    made.setAttribute(QNetworkRequest::CacheLoadControlAttribute, QNetworkRequest::AlwaysNetwork);
    made.setHeader(QNetworkRequest::UserAgentHeader, QStringLiteral("cring"));
    // What hangs is not found out by a connection that is kept for long.
    made.setRawHeader("Connection", "close");
    if (!request.json.isEmpty())
        made.setHeader(QNetworkRequest::ContentTypeHeader, QStringLiteral("application/json"));
    if (!request.token.isEmpty())
        made.setRawHeader("Authorization", "Bearer " + request.token.view().toByteArray());
    return made;
}

} // namespace

WebCall::WebCall(QNetworkAccessManager &network, const Request &request, QObject *parent, Done done)
    : QObject(parent)
    , m_host(request.url.host())
    , m_done(std::move(done))
{
    const QNetworkRequest made = requestFor(request);
    m_reply = request.json.isEmpty() ? network.get(made) : network.post(made, request.json);
    m_reply->setParent(this);
    m_reply->setReadBufferSize(kReadAhead);
    connect(m_reply, &QNetworkReply::sslErrors, this, [this](const QList<QSslError> &errors) {
        for (const QSslError &error : errors)
            m_tlsProblems.append(error.errorString());
        m_tlsProblems.removeDuplicates();
    });
    // The status is all that counts; a body that never ends is no reason to wait for it.
    connect(m_reply, &QNetworkReply::readyRead, this, &WebCall::finish);
    connect(m_reply, &QNetworkReply::finished, this, &WebCall::finish);
    m_limit.setSingleShot(true);
    connect(&m_limit, &QTimer::timeout, this, [this] {
        m_isLate = true;
        finish();
    });
    m_limit.start(request.limit);
}

WebCall::~WebCall()
{
    disconnect(m_reply, nullptr, this, nullptr);
    m_reply->abort();
}

void WebCall::finish()
{
    if (!m_done)
        return;
    m_limit.stop();
    const Done done = std::exchange(m_done, nullptr);
    const Status status = outcome();
    deleteLater();
    done(status);
}

Status WebCall::outcome() const
{
    if (m_isLate)
        return Error{
            Code::NoticeUnreachable,
            QStringLiteral("%1 did not answer within %2 s").arg(m_host).arg(m_limit.interval() / 1000)};
    const QVariant status = m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute);
    if (!status.isValid())
        return failure();
    const int code = status.toInt();
    if (code >= 200 && code < 300)
        return {};
    const QString reason =
        log::oneLine(m_reply->attribute(QNetworkRequest::HttpReasonPhraseAttribute).toString().left(80));
    const QString answer = QStringLiteral("%1 answers %2").arg(m_host, QString::number(code) + u' ' + reason);
    if (code == 401 || code == 403)
        return Error{Code::NoticeCredentials,
                     answer.trimmed() + QStringLiteral(": it does not take the token, "
                                                       "or wants one")};
    if (code >= 300 && code < 400)
        return Error{Code::NoticeRefused,
                     answer.trimmed() +
                         QStringLiteral(": give the address that it leads to, it is not followed")};
    return Error{Code::NoticeRefused, answer.trimmed()};
}

/// Without Qt's words where they hold the whole address.
Error WebCall::failure() const
{
    using NetworkError = QNetworkReply::NetworkError;
    if (!m_tlsProblems.isEmpty())
        return {Code::NoticeTls, QStringLiteral("the certificate of %1 is not trusted: %2")
                                     .arg(m_host, m_tlsProblems.join(QStringLiteral("; ")))};
    switch (m_reply->error()) {
    case NetworkError::SslHandshakeFailedError:
        return {Code::NoticeTls, QStringLiteral("no TLS connection to %1 can be had").arg(m_host)};
    case NetworkError::ConnectionRefusedError:
        return {Code::NoticeUnreachable, QStringLiteral("%1 refused the connection").arg(m_host)};
    case NetworkError::HostNotFoundError:
        return {Code::NoticeUnreachable, QStringLiteral("the name %1 cannot be resolved").arg(m_host)};
    case NetworkError::RemoteHostClosedError:
        return {Code::NoticeUnreachable,
                QStringLiteral("%1 closed the connection without an answer").arg(m_host)};
    case NetworkError::ProtocolFailure:
        return {Code::NoticeUnreachable, QStringLiteral("%1 does not speak HTTP").arg(m_host)};
    default:
        return {Code::NoticeUnreachable,
                QStringLiteral("%1 cannot be reached (%2)").arg(m_host).arg(m_reply->error())};
    }
}

} // namespace cring::notify
