// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/servicecommand.h"
#include "core/control/snapshot.h"

namespace cring::app {

/// `cring status [--watch] [--json] [--exit-code]`
class StatusCommand : public ServiceCommand
{
    Q_OBJECT

public:
    struct Options
    {
        bool watch = false;
        bool exitCode = false; ///< DoneWithFindings or NoQuorum when all is not well, instead of Ok.
    };

    StatusCommand(ServiceCommandContext context, Options options);

protected:
    void handleOpened(const control::ServiceInfo &info) override;
    void handleNotified(const QString &method, const QJsonObject &params) override;
    void handleClosed(const Error &reason) override;

private:
    void show(const QJsonObject &object);

    const Options m_options;
};

/// The table of servers, as status and `backends list` print it. Ages are taken against nowMs.
QString backendTable(const Terminal &terminal, const QList<control::BackendStatus> &backends, qint64 nowMs);
/// The whole page.
QString statusPage(const Terminal &terminal, const control::Snapshot &snapshot);

} // namespace cring::app
