// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/redaction.h"

#include "core/base/log.h"
#include "core/config/nodeplace.h"
#include "core/config/notifysettings.h"

#include <QDir>
#include <QHostAddress>
#include <QRegularExpression>
#include <QSysInfo>
#include <QUrl>

#include <algorithm>

namespace cring::app {

namespace {

/// Tells everybody the same.
bool isThisMachine(const QString &host)
{
    return config::isOnThisMachine(host) || QHostAddress(host) == QHostAddress(QHostAddress::AnyIPv4) ||
           QHostAddress(host) == QHostAddress(QHostAddress::AnyIPv6);
}

/// Not in the middle of a longer name, nor where it is a key of JSON: a bucket may be called "files".
QString replaced(const QString &text, const QString &name, const QString &standIn)
{
    if (!text.contains(name, Qt::CaseInsensitive))
        return text;
    const QString before = name.startsWith(u'/') ? QString() : QStringLiteral("(?<![A-Za-z0-9_.-])");
    const QRegularExpression whole(before + QRegularExpression::escape(name) +
                                       QStringLiteral("(?![A-Za-z0-9_-]|\\.[A-Za-z0-9]|\":)"),
                                   QRegularExpression::CaseInsensitiveOption);
    QString clean = text;
    return clean.replace(whole, standIn);
}

} // namespace

Redaction::Redaction(const config::Config &configured)
{
    for (const config::Server &server : configured.servers) {
        hideHost(server.url.host());
        if (const auto place = config::parseNodePlace(server.data)) {
            hideHost(place->host);
            if (place->path.size() > 2) // Neither "/" nor "./".
                hide(place->path, "/folder");
        }
    }
    for (const config::Backup &backup : configured.backups) {
        hideHost(QUrl(backup.url).host());
        hide(backup.bucket, "bucket");
    }
    // A path or query may be a secret; the whole address is nobody's concern.
    for (const QString &address : {configured.notify.webhook, configured.notify.deadman}) {
        if (!config::isWebAddress(address))
            continue;
        hide(address, "address");
        hideHost(QUrl(address).host());
    }
    if (const auto mail = config::mailServerOf(configured.notify))
        hideHost(mail->host);
    hide(configured.notify.smtpUser, "user");
    const QStringList mailboxes =
        config::recipientsOf(configured.notify) + QStringList{configured.notify.mailFrom};
    for (const QString &mailbox : mailboxes)
        hide(mailbox, "mailbox");
    if (const QString name = QSysInfo::machineHostName(); !name.isEmpty() && !isThisMachine(name))
        m_known.append({name, QStringLiteral("this-machine")});
    const QString home = QDir::homePath();
    if (home != QLatin1String("/"))
        m_known.append({home, QStringLiteral("~")});
    sortKnown();
}

void Redaction::sortKnown()
{
    const auto isLonger = [](const Known &one, const Known &other) {
        return one.name.size() > other.name.size();
    };
    std::ranges::stable_sort(m_known, isLonger);
}

/// What a server says of itself names machines that no configuration knows.
void Redaction::learnFrom(const QString &text)
{
    static const QRegularExpression host(QStringLiteral("://(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9._-]+)"));
    static const QRegularExpression mailbox(
        QStringLiteral("[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+"));
    const qsizetype before = m_known.size();
    auto mailboxes = mailbox.globalMatch(text);
    while (mailboxes.hasNext())
        hide(mailboxes.next().captured(), "mailbox");
    auto hosts = host.globalMatch(text);
    while (hosts.hasNext())
        hideHost(hosts.next().captured(1).remove(u'[').remove(u']'));
    if (m_known.size() != before)
        sortKnown();
}

void Redaction::hideHost(const QString &host)
{
    if (!isThisMachine(host))
        hide(host, "host");
}

void Redaction::hide(const QString &name, const char *kind)
{
    const auto isIt = [&](const Known &known) {
        return known.name.compare(name, Qt::CaseInsensitive) == 0;
    };
    if (name.isEmpty() || std::ranges::any_of(m_known, isIt))
        return;
    const QString word = QLatin1String(kind);
    m_known.append({name, QStringLiteral("%1-%2").arg(word).arg(++m_counts[word])});
}

QString Redaction::accountsHidden(const QString &text)
{
    static const QRegularExpression charmId(
        QStringLiteral("\\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\\b"));
    QString clean;
    qsizetype end = 0;
    auto matches = charmId.globalMatch(text);
    while (matches.hasNext()) {
        const QRegularExpressionMatch match = matches.next();
        QString &standIn = m_accounts[match.captured().toLower()];
        if (standIn.isEmpty())
            standIn = QStringLiteral("account-%1").arg(m_accounts.size());
        clean += QStringView(text).sliced(end, match.capturedStart() - end);
        clean += standIn;
        end = match.capturedEnd();
    }
    clean += QStringView(text).sliced(end);
    return clean;
}

QString Redaction::cleaned(const QString &text)
{
    static const QRegularExpression userInfo(QStringLiteral("(://)[^/\\s\"'@]+@"));
    static const QRegularExpression userAtHost(QStringLiteral("[A-Za-z0-9._-]+@(host-[0-9])"));
    QString clean = log::redacted(text);
    clean.replace(userInfo, QStringLiteral("\\1[redacted]@"));
    learnFrom(clean);
    for (const Known &known : std::as_const(m_known))
        clean = replaced(clean, known.name, known.standIn);
    clean.replace(userAtHost, QStringLiteral("user@\\1"));
    return accountsHidden(clean);
}

} // namespace cring::app
