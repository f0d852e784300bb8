// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/stepcommand.h"

namespace cring::app {

/// `cring backends list`
class BackendsListCommand : public ServiceCommand
{
    Q_OBJECT

public:
    using ServiceCommand::ServiceCommand;

protected:
    void handleOpened(const control::ServiceInfo &info) override;
};

/// `cring backends show NAME`
class BackendsShowCommand : public ServiceCommand
{
    Q_OBJECT

public:
    BackendsShowCommand(ServiceCommandContext context, QString name);

protected:
    void handleOpened(const control::ServiceInfo &info) override;

private:
    const QString m_name;
};

/// `cring backends test NAME`
class BackendsTestCommand : public StepCommand
{
    Q_OBJECT

public:
    /// Longer than all steps of service::BackendTest together.
    static constexpr std::chrono::milliseconds testTime{90'000};

    BackendsTestCommand(ServiceCommandContext context, QString name);

protected:
    void handleOpened(const control::ServiceInfo &info) override;

private:
    const QString m_name;
};

} // namespace cring::app
