// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/servicecommand.h"
#include "core/base/processend.h"

namespace cring::app {

/// `cring reload`: reads the configuration again, and says what changed.
class ReloadCommand : public ServiceCommand
{
    Q_OBJECT

public:
    using ServiceCommand::ServiceCommand;

protected:
    void handleOpened(const control::ServiceInfo &info) override;
};

/// `cring drain`: asks the service to end when its requests have. `cring stop`: the same, and waits until its
/// process has ended, so that another one can be started; with --now requests under way are cut.
class StopCommand : public ServiceCommand
{
    Q_OBJECT

public:
    enum class How { Drain, Stop, StopNow };
    /// Longer than the service itself waits for its requests (config::Timing::drainTime).
    static constexpr std::chrono::milliseconds patience{45'000};

    /// For the process to end, once it has hung up: it has only its database to close.
    static constexpr std::chrono::milliseconds endTime{20'000};

    StopCommand(ServiceCommandContext context, How how, std::chrono::milliseconds forEnd = endTime);

protected:
    void handleOpened(const control::ServiceInfo &info) override;
    void handleClosed(const Error &reason) override;

private:
    void report(const char *state, const QString &sentence);

    const How m_how;
    const std::chrono::milliseconds m_forEnd;
    std::unique_ptr<ProcessEnd> m_process;
    bool m_asked = false;
};

} // namespace cring::app
