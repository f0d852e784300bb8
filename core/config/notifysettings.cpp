// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/notifysettings.h"

#include "core/config/secretfile.h"
#include "core/config/tlsfiles.h"

#include <QHostAddress>
#include <QRegularExpression>

namespace cring::config {

namespace {

quint16 mailPortOf(const QString &security)
{
    if (security == QLatin1String("tls"))
        return 465;
    return security == QLatin1String("none") ? 25 : 587;
}

/// What a mail's header and SMTP take without escapes; that it exists, the mail server says.
bool isMailAddress(const QString &text)
{
    static const QRegularExpression plain(
        QStringLiteral("\\A[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})\\z"));
    return plain.match(text).hasMatch();
}

/// Of an address itself; of one that is kept elsewhere nothing is known here.
bool crossesInClear(const QString &text)
{
    const auto url = isWebAddress(text) ? parseWebAddress(text) : Result<QUrl>(QUrl());
    return url && url->scheme() == QLatin1String("http") && !isOnThisMachine(url->host());
}

class Checks
{
public:
    explicit Checks(const Notify &notify)
        : m_notify(notify)
    {
    }

    QList<Problem> all()
    {
        mail();
        secret("webhook", m_notify.webhook);
        secret("webhook_token", m_notify.webhookToken);
        secret("deadman", m_notify.deadman);
        secret("smtp_password", m_notify.smtpPassword);
        if (!m_notify.webhookToken.isEmpty() && m_notify.webhook.isEmpty())
            problem(Code::ConfigIncomplete, "webhook_token",
                    QStringLiteral("there is a token and no webhook that it would be for"));
        if (!m_notify.webhookToken.isEmpty() && crossesInClear(m_notify.webhook))
            problem(
                Code::ConfigBadValue, "webhook",
                QStringLiteral("the token would cross the network for anybody to read: expected https://"));
        if (!m_notify.caFile.isEmpty())
            judge("ca_file", readCertificates(m_notify.caFile));
        return std::move(m_problems);
    }

private:
    void problem(Code code, const char *name, const QString &detail)
    {
        m_problems.append({code, QStringLiteral("notify.") + QLatin1String(name), detail});
    }

    template <typename T>
    void judge(const char *name, const Result<T> &read)
    {
        if (!read)
            problem(read.error().code, name, read.error().detail);
    }

    void secret(const char *name, const QString &place)
    {
        if (const QString path = secretPath(place, QString()); !path.isEmpty())
            judge(name, readSecretFile(path));
    }

    void mail()
    {
        if (m_notify.smtpServer.isEmpty()) {
            const bool wanted = !m_notify.mailTo.isEmpty() || !m_notify.mailFrom.isEmpty();
            if (wanted)
                problem(Code::ConfigIncomplete, m_notify.mailTo.isEmpty() ? "mail_from" : "mail_to",
                        QStringLiteral("nothing takes the mail: name the mail server in smtp_server"));
            return;
        }
        judge("smtp_server", mailServerOf(m_notify));
        if (m_notify.mailTo.isEmpty())
            problem(Code::ConfigIncomplete, "smtp_server",
                    QStringLiteral("nobody gets the mail: name somebody in mail_to"));
        for (const QString &to : recipientsOf(m_notify))
            address("mail_to", to);
        if (!m_notify.mailFrom.isEmpty())
            address("mail_from", m_notify.mailFrom);
        login();
    }

    void address(const char *name, const QString &text)
    {
        if (!isMailAddress(text))
            problem(
                Code::ConfigBadValue, name,
                QStringLiteral("\"%1\" is no mail address; expected NAME@HOST, and nothing else").arg(text));
    }

    void login()
    {
        if (m_notify.smtpUser.isEmpty() != m_notify.smtpPassword.isEmpty())
            problem(Code::ConfigIncomplete, m_notify.smtpUser.isEmpty() ? "smtp_password" : "smtp_user",
                    QStringLiteral("a login needs both smtp_user and smtp_password"));
        const auto server = mailServerOf(m_notify);
        if (!m_notify.smtpUser.isEmpty() && m_notify.smtpSecurity == QLatin1String("none") && server &&
            !isOnThisMachine(server->host))
            problem(Code::ConfigBadValue, "smtp_security",
                    QStringLiteral("the password would cross the network for anybody to read: expected "
                                   "starttls or tls"));
    }

    const Notify &m_notify;
    QList<Problem> m_problems;
};

} // namespace

bool isOnThisMachine(const QString &host)
{
    const QHostAddress address(host);
    return host.compare(QLatin1String("localhost"), Qt::CaseInsensitive) == 0 || address.isLoopback();
}

bool isWebAddress(const QString &text)
{
    return text.contains(QLatin1String("://"));
}

Result<QUrl> parseWebAddress(const QString &text)
{
    QUrl url(text, QUrl::StrictMode);
    const bool web = url.scheme() == QLatin1String("http") || url.scheme() == QLatin1String("https");
    if (!url.isValid() || !web || url.host().isEmpty() || !url.userInfo().isEmpty() || url.hasFragment())
        return Error{
            Code::ConfigBadValue,
            QStringLiteral("expected https://HOST/PATH, without credentials and fragment; an address "
                           "that is a secret can be kept in file:PATH, credential:NAME or keychain")};
    return url;
}

QString shownWebAddress(const QString &text)
{
    if (!isWebAddress(text))
        return text;
    const QUrl url(text);
    QUrl shown;
    shown.setScheme(url.scheme());
    shown.setHost(url.host());
    shown.setPort(url.port());
    const bool isWhole = url.path().size() <= 1 && !url.hasQuery();
    return shown.toString() + (isWhole ? QString() : QStringLiteral("/..."));
}

Result<Endpoint> mailServerOf(const Notify &notify)
{
    const QString &text = notify.smtpServer;
    // A bare IPv6 address stands in brackets, as with a port.
    const bool hasPort = text.lastIndexOf(u':') > text.lastIndexOf(u']');
    const auto parsed =
        parseEndpoint(hasPort ? text : text + u':' + QString::number(mailPortOf(notify.smtpSecurity)));
    if (!parsed || parsed->host.isEmpty() || parsed->port == 0)
        return Error{Code::ConfigBadValue,
                     QStringLiteral("\"%1\" is no mail server; expected HOST or HOST:PORT").arg(text)};
    return *parsed;
}

QStringList recipientsOf(const Notify &notify)
{
    static const QRegularExpression between(QStringLiteral("[,\\s]+"));
    return notify.mailTo.split(between, Qt::SkipEmptyParts);
}

QList<Problem> notifyProblems(const Notify &notify)
{
    return Checks(notify).all();
}

QStringList notifyWarnings(const Notify &notify)
{
    QStringList list;
    const auto inClear = [&](const char *name, const QString &text) {
        if (crossesInClear(text))
            list.append(QStringLiteral("notify.%1 is called without TLS: what it is told, and the address "
                                       "itself, can be read on the way")
                            .arg(QLatin1String(name)));
    };
    inClear("webhook", notify.webhook);
    inClear("deadman", notify.deadman);
    const auto mail = mailServerOf(notify);
    if (!notify.smtpServer.isEmpty() && notify.smtpSecurity == QLatin1String("none") && mail &&
        !isOnThisMachine(mail->host))
        list.append(QStringLiteral("notify.smtp_server gets mail without TLS: it can be read on the way"));
    return list;
}

} // namespace cring::config
