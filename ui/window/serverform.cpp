// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/serverform.h"

#include <QLineEdit>
#include <QUrl>

namespace cring::ui {

namespace {

constexpr int kMostPort = 65535;

QString numberOf(const QJsonValue &value)
{
    return value.isDouble() ? QString::number(value.toDouble()) : value.toString();
}

/// charm1.example.org → http://charm1.example.org; what has a scheme stays.
QString withScheme(const QString &url)
{
    return url.isEmpty() || url.contains(QStringLiteral("://")) ? url : QStringLiteral("http://") + url;
}

} // namespace

ServerEntry ServerEntry::of(const QJsonObject &server)
{
    return {server.value(QStringLiteral("name")).toString(), server.value(QStringLiteral("url")).toString(),
            numberOf(server.value(QStringLiteral("ssh_port"))),
            numberOf(server.value(QStringLiteral("weight"))),
            server.value(QStringLiteral("data")).toString()};
}

ServerForm::ServerForm(QWidget *parent)
    : Form(parent)
    , m_name(addText(QStringLiteral("name"), tr("&Name:"), tr("What it is called here, for example charm4.")))
    , m_url(addText(QStringLiteral("url"), tr("&URL:"),
                    tr("Where its HTTP side answers, for example http://charm4:35354.")))
    , m_sshPort(addText(QStringLiteral("ssh_port"), tr("SSH &port:"),
                        tr("On the same host. Charm’s own is 35353.")))
    , m_weight(
          addText(QStringLiteral("weight"), tr("&Weight:"),
                  tr("Its share of the files relative to the other servers, for example its disk in TB.")))
    , m_data(
          addText(QStringLiteral("data"), tr("&Data directory:"),
                  tr("A folder of this machine, or ssh://user@host/path. With it accounts are kept in step "
                     "and new servers can be made. May be left empty.")))
{
    m_name->setMaxLength(64);
    m_sshPort->setText(QStringLiteral("35353"));
    m_weight->setText(QStringLiteral("1"));
}

void ServerForm::setEntry(const ServerEntry &entry)
{
    m_name->setText(entry.name);
    m_url->setText(entry.url);
    m_sshPort->setText(entry.sshPort);
    m_weight->setText(entry.weight);
    m_data->setText(entry.data);
}

ServerEntry ServerForm::entry() const
{
    return {m_name->text().trimmed(), withScheme(m_url->text().trimmed()), m_sshPort->text().trimmed(),
            m_weight->text().trimmed(), m_data->text().trimmed()};
}

bool ServerForm::check()
{
    clearErrors();
    const ServerEntry now = entry();
    if (now.name.isEmpty())
        setError(QStringLiteral("name"), tr("Give it a name."));
    else if (now.name.startsWith(u'-'))
        setError(QStringLiteral("name"), tr("A name does not begin with a dash."));
    const QUrl url(now.url, QUrl::StrictMode);
    if (now.url.isEmpty())
        setError(QStringLiteral("url"), tr("Say where it is."));
    else if (!url.isValid() || url.host().isEmpty() ||
             (url.scheme() != QStringLiteral("http") && url.scheme() != QStringLiteral("https")))
        setError(QStringLiteral("url"),
                 tr("That is no address of a server: write http:// or https://, a host "
                    "and perhaps a port."));
    bool isNumber = false;
    const int port = now.sshPort.toInt(&isNumber);
    if (!isNumber || port < 1 || port > kMostPort)
        setError(QStringLiteral("ssh_port"), tr("A port is a number from 1 to %1.").arg(kMostPort));
    if (now.weight.toDouble(&isNumber) <= 0 || !isNumber)
        setError(QStringLiteral("weight"), tr("A weight is a number above 0, for example 1 or 2.5."));
    return !hasErrors();
}

bool ServerForm::showComplaint(const models::Complaint &complaint)
{
    if (!hasField(complaint.field))
        return false;
    setError(complaint.field, complaint.words);
    return true;
}

models::CringCommand *ServerForm::trial(const models::Cring &cring, QObject *context) const
{
    const ServerEntry now = entry();
    QStringList arguments{QStringLiteral("backends"),   QStringLiteral("test"),
                          QStringLiteral("--url"),      now.url,
                          QStringLiteral("--ssh-port"), now.sshPort};
    if (!now.data.isEmpty())
        arguments += {QStringLiteral("--data"), now.data};
    if (!now.name.isEmpty())
        arguments.append(now.name);
    return cring.serviceCommand(arguments, context);
}

QStringList serverFlags(const ServerEntry &now, const ServerEntry &before)
{
    QStringList flags;
    const auto add = [&flags](const char *flag, const QString &value, const QString &was) {
        if (value != was)
            flags += {QLatin1String(flag), value};
    };
    add("--url", now.url, before.url);
    add("--ssh-port", now.sshPort, before.sshPort);
    add("--weight", now.weight, before.weight);
    add("--data", now.data, before.data);
    return flags;
}

} // namespace cring::ui
