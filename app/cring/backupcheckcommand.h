// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/servicecommand.h"

namespace cring::app {

/// `cring backup check`: each step as it ends; DoneWithFindings when one has failed or found a danger. With
/// --json a line for each step, then the summary.
class BackupCheckCommand : public ServiceCommand
{
    Q_OBJECT

public:
    struct Options
    {
        QString name; ///< "": the only one.
        bool enableVersioning = false;
        bool yes = false;
    };
    /// Longer than what a server may take for all steps that are worth waiting for.
    static constexpr std::chrono::milliseconds kTime{300'000};

    BackupCheckCommand(ServiceCommandContext context, Options options);

protected:
    void handleOpened(const control::ServiceInfo &info) override;
    void handleNotified(const QString &method, const QJsonObject &params) override;

private:
    const Options m_options;
};

} // namespace cring::app
