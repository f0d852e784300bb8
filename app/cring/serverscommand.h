// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/configchangecommand.h"
#include "core/config/edit.h"

namespace cring::app {

/// `cring backends add|edit|remove NAME`. Without a service the file alone is changed, except by `remove`,
/// which asks first what would be lost.
class ServersCommand : public ConfigChangeCommand
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
    void handleFailed(const Error &error) override;
    void handleSource() override;
    bool mayLackServers(bool reloads) const override;
    Result<QByteArray> edited(const QByteArray &text) const override;
    void report(const QJsonObject &answer) override;

private:
    void handleRemoval(const QJsonObject &removal);

    const Options m_options;
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
