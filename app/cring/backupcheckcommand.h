// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/stepcommand.h"

namespace cring::app {

/// `cring backup check`: a step that has failed or found a danger is not ok.
class BackupCheckCommand : public StepCommand
{
    Q_OBJECT

public:
    struct Options
    {
        QString name; ///< "": the only one.
        bool enableVersioning = false;
        int keepDays = 0; ///< Of old versions; 0: as it is.
        int lockDays = 0; ///< Of new versions; 0: as it is.
        bool yes = false;
    };
    /// Longer than what a server may take for all steps that are worth waiting for.
    static constexpr std::chrono::milliseconds kTime{300'000};

    BackupCheckCommand(ServiceCommandContext context, Options options);

protected:
    void handleOpened(const control::ServiceInfo &info) override;

private:
    /// Of what would be changed; "" when nothing would.
    QString question() const;

    const Options m_options;
};

} // namespace cring::app
