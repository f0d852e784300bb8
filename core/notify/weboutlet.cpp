// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/notify/weboutlet.h"

#include "core/config/notifysettings.h"
#include "core/config/tlsfiles.h"

#include <QJsonDocument>

namespace cring::notify {

struct WebOutlet::Sending
{
    WebCall::Request request;
    QPointer<QObject> context;
    Done done;

    void end(const Status &status)
    {
        if (context)
            done(status);
    }
};

WebOutlet::WebOutlet(Kind kind, const config::Notify &settings, config::ISecretStore &secrets,
                     QNetworkAccessManager &network)
    : m_kind(kind)
    , m_address(kind == Kind::Webhook ? settings.webhook : settings.deadman)
    , m_token(kind == Kind::Webhook ? settings.webhookToken : QString())
    , m_caFile(settings.caFile)
    , m_secrets(secrets)
    , m_network(network)
{
}

QString WebOutlet::name() const
{
    return m_kind == Kind::Webhook ? QStringLiteral("webhook") : QStringLiteral("deadman");
}

QString WebOutlet::target() const
{
    if (!config::isWebAddress(m_address))
        return QStringLiteral("the address kept in %1").arg(m_address);
    return config::shownWebAddress(m_address);
}

void WebOutlet::send(const Message &message, QObject *context, Done done)
{
    const auto sending = std::make_shared<Sending>();
    sending->context = context;
    sending->done = std::move(done);
    if (m_kind == Kind::Webhook)
        sending->request.json = QJsonDocument(message.toJson()).toJson(QJsonDocument::Compact);
    // Always from the event loop, whatever fails first.
    QMetaObject::invokeMethod(
        this, [this, sending] { readAddress(sending); }, Qt::QueuedConnection);
}

void WebOutlet::readAddress(const std::shared_ptr<Sending> &sending)
{
    const auto take = [this, sending](const QString &text) {
        const auto url = config::parseWebAddress(text);
        if (!url) {
            sending->end(
                Error{Code::ConfigBadValue, QStringLiteral("notify.%1: %2").arg(name(), url.error().detail)});
            return;
        }
        sending->request.url = *url;
        readToken(sending);
    };
    if (config::isWebAddress(m_address)) {
        take(m_address);
        return;
    }
    m_secrets.read({m_address, QStringLiteral("notify.") + name()}, this,
                   [sending, take](const Result<Secret> &secret) {
                       if (secret)
                           take(QString::fromUtf8(secret->view()).trimmed());
                       else
                           sending->end(secret.error());
                   });
}

void WebOutlet::readToken(const std::shared_ptr<Sending> &sending)
{
    if (m_token.isEmpty()) {
        call(sending);
        return;
    }
    const QUrl &url = sending->request.url;
    if (url.scheme() == QLatin1String("http") && !config::isOnThisMachine(url.host())) {
        sending->end(Error{Code::ConfigBadValue,
                           QStringLiteral("notify.webhook: the token would cross the network for anybody to "
                                          "read: expected https://")});
        return;
    }
    m_secrets.read({m_token, QStringLiteral("notify.webhook_token")}, this,
                   [this, sending](Result<Secret> secret) {
                       if (!secret) {
                           sending->end(secret.error());
                           return;
                       }
                       secret->trimEnd();
                       sending->request.token = std::move(*secret);
                       call(sending);
                   });
}

void WebOutlet::call(const std::shared_ptr<Sending> &sending)
{
    sending->request.ssl = QSslConfiguration::defaultConfiguration();
    if (!m_caFile.isEmpty()) {
        const auto authorities = config::readCertificates(m_caFile);
        if (!authorities) {
            sending->end(authorities.error());
            return;
        }
        sending->request.ssl.setCaCertificates(*authorities);
    }
    new WebCall(m_network, sending->request, this, [sending](const Status &status) { sending->end(status); });
}

} // namespace cring::notify
