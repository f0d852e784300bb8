// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/servicecommand.h"
#include "core/config/edit.h"

namespace cring::app {

/// `cring backends add|edit|remove NAME`: changes the configuration file that the service reads, with its
/// comments, and has the service read it again; when that one refuses it, the file is put back. Without a
/// service the file alone is changed, except by `remove`, which asks first what would be lost.
class ServersCommand : public ServiceCommand
{
    Q_OBJECT

public:
    enum class What { Add, Edit, Remove };

    struct Options
    {
        What what = What::Add;
        QString name;
        config::ServerChange change;
        bool yes = false;
        bool dryRun = false;
        bool force = false; ///< Remove a server though some files are nowhere else.
        QString file;       ///< The configuration, when no service runs that names another.
    };

    ServersCommand(ServiceCommandContext context, Options options);

protected:
    void handleOpened(const control::ServiceInfo &info) override;
    void handleFailed(const Error &error) override;

private:
    void handleSource(const QJsonObject &source);
    void handleRemoval(const QJsonObject &removal);
    Result<QByteArray> edited(const QByteArray &text) const;
    /// Ends the command when it cannot be done.
    void change(bool reloads);
    void reload(const QByteArray &before);
    void report(const QJsonObject &answer);
    void refuse(const QString &why, int exitCode);

    const Options m_options;
    QString m_file;
    QJsonObject m_removal; ///< What it costs.
};

/// `cring backends promote|drain|resume NAME`
class ServerStateCommand : public ServiceCommand
{
    Q_OBJECT

public:
    /// `method`: of the control API, as "backends.drain".
    ServerStateCommand(ServiceCommandContext context, QString method, QString name);

protected:
    void handleOpened(const control::ServiceInfo &info) override;

private:
    const QString m_method;
    const QString m_name;
};

} // namespace cring::app
