// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/stepcommand.h"

namespace cring::app {

/// `cring notify test`: what came of it, outlet by outlet.
class NotifyTestCommand : public StepCommand
{
    Q_OBJECT

public:
    /// Longer than an outlet may take that has a message under way already.
    static constexpr std::chrono::milliseconds kTime{120'000};

    using StepCommand::StepCommand;

protected:
    void handleOpened(const control::ServiceInfo &info) override;
};

} // namespace cring::app
