// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/servicecommand.h"

namespace cring::app {

/// `cring backup growth`: what a bucket has taken in, day by day and by account.
class BackupGrowthCommand : public ServiceCommand
{
    Q_OBJECT

public:
    /// `name` "": the only one. `days` 0: as many as the service shows by itself.
    BackupGrowthCommand(ServiceCommandContext context, QString name, int days);

protected:
    void handleOpened(const control::ServiceInfo &info) override;

private:
    void show(const QJsonObject &answer);

    const QString m_name;
    const int m_days;
};

} // namespace cring::app
