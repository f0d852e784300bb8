// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizard/setup.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>

namespace cring::ui {

namespace {

/// A string of JSON is one of TOML (1.0, Basic strings), too.
QByteArray quoted(const QString &text)
{
    const QByteArray array = QJsonDocument(QJsonArray{text}).toJson(QJsonDocument::Compact);
    return array.mid(1, array.size() - 2);
}

void add(QByteArray &text, const char *key, const QByteArray &value)
{
    text += QByteArray(key) + " = " + value + '\n';
}

int portOf(const QString &address)
{
    return address.mid(address.lastIndexOf(u':') + 1).toInt();
}

QString hostOf(const QString &address)
{
    const QString host = address.left(address.lastIndexOf(u':'));
    return host.isEmpty() ? QStringLiteral("localhost") : host;
}

} // namespace

Setup::Setup(models::Configuration &configuration, QObject *parent)
    : QObject(parent)
    , m_configuration(configuration)
{
}

QByteArray Setup::text() const
{
    const ServerEntry byDefault{{}, {}, QStringLiteral("35353"), QStringLiteral("1"), {}};
    QByteArray text = "[service]\n";
    add(text, "address", quoted(address));
    add(text, "ssh_address", quoted(sshAddress));
    add(text, "metrics_address", quoted(metricsAddress));
    for (const ServerEntry &server : servers) {
        text += "\n[[server]]\n";
        add(text, "name", quoted(server.name));
        add(text, "url", quoted(server.url));
        if (server.sshPort != byDefault.sshPort)
            add(text, "ssh_port", server.sshPort.toUtf8());
        if (server.weight != byDefault.weight && !server.weight.isEmpty())
            add(text, "weight", QByteArray::number(server.weight.toDouble()));
        if (!server.data.isEmpty())
            add(text, "data", quoted(server.data));
    }
    if (backup) {
        text += "\n[[backup]]\n";
        add(text, "name", quoted(backup->name));
        add(text, "url", quoted(backup->url));
        add(text, "bucket", quoted(backup->bucket));
        add(text, "region", quoted(backup->region));
        add(text, "access_key", quoted(backup->accessPlace));
        add(text, "secret_key", quoted(backup->secretPlace));
    }
    return text;
}

QString Setup::draftFile() const
{
    return m_folder.filePath(QStringLiteral("config.toml"));
}

Result<models::Cring> Setup::draft() const
{
    QFile file(draftFile());
    if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate) || file.write(text()) < 0)
        return Error{Code::ConfigFile,
                     QStringLiteral("cannot write %1: %2").arg(file.fileName(), file.errorString())};
    // A service that may run all the same has nothing to do with it.
    return models::Cring(m_configuration.cring().program(), draftFile(),
                         m_folder.filePath(QStringLiteral("no-service")));
}

QStringList Setup::exports() const
{
    constexpr int kCharmSsh = 35353;
    constexpr int kCharmHttp = 35354;
    QStringList list{QStringLiteral("CHARM_HOST=%1").arg(hostOf(address))};
    if (portOf(sshAddress) != kCharmSsh)
        list.append(QStringLiteral("CHARM_SSH_PORT=%1").arg(portOf(sshAddress)));
    if (portOf(address) != kCharmHttp)
        list.append(QStringLiteral("CHARM_HTTP_PORT=%1").arg(portOf(address)));
    return list;
}

} // namespace cring::ui
