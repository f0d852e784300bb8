// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/servicecommand.h"

#include <optional>

namespace cring::app {

/// `cring pause [--for 2h]`
class PauseCommand : public ServiceCommand
{
    Q_OBJECT

public:
    /// Without a time: until `cring resume`.
    PauseCommand(ServiceCommandContext context, std::optional<std::chrono::milliseconds> time);

protected:
    void handleOpened(const control::ServiceInfo &info) override;

private:
    const std::optional<std::chrono::milliseconds> m_time;
};

/// `cring resume`
class ResumeCommand : public ServiceCommand
{
    Q_OBJECT

public:
    using ServiceCommand::ServiceCommand;

protected:
    void handleOpened(const control::ServiceInfo &info) override;
};

/// "18:00", with the date when that is another day.
QString untilWords(qint64 untilMs, qint64 nowMs);

} // namespace cring::app
