// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/servicecommand.h"

#include <optional>

namespace cring::app {

/// `cring jobs list`
class JobsListCommand : public ServiceCommand
{
    Q_OBJECT

public:
    using ServiceCommand::ServiceCommand;

protected:
    void handleOpened(const control::ServiceInfo &info) override;
};

/// `cring jobs show|pause|resume|cancel [ID]`; without an ID the only one that is under way.
class JobCommand : public ServiceCommand
{
    Q_OBJECT

public:
    /// `method`: of the control API, as "jobs.pause".
    JobCommand(ServiceCommandContext context, QString method, std::optional<qint64> id);

protected:
    void handleOpened(const control::ServiceInfo &info) override;

private:
    const QString m_method;
    const std::optional<qint64> m_id;
};

/// `cring rebalance plan`, and `apply --dry-run`. With nothing to do it says so.
class RebalancePlanCommand : public ServiceCommand
{
    Q_OBJECT

public:
    /// Longer than a walk through a million files.
    static constexpr std::chrono::milliseconds planTime{120'000};

    using ServiceCommand::ServiceCommand;

protected:
    void handleOpened(const control::ServiceInfo &info) override;

private:
    void show(const QJsonObject &plan);
};

} // namespace cring::app
