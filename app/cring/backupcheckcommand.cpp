// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/backupcheckcommand.h"

namespace cring::app {

namespace {

constexpr QLatin1String kBackup("backup");

} // namespace

BackupCheckCommand::BackupCheckCommand(ServiceCommandContext context, Options options)
    : StepCommand(std::move(context))
    , m_options(std::move(options))
{
}

void BackupCheckCommand::handleOpened(const control::ServiceInfo &)
{
    if (m_options.enableVersioning &&
        !isConfirmed(
            QStringLiteral("With versioning the bucket keeps what is overwritten and deleted: that takes "
                           "room, and can be suspended, never taken back. Switch it on?"),
            m_options.yes))
        return;
    QJsonObject params;
    if (!m_options.name.isEmpty())
        params.insert(kBackup, m_options.name);
    if (m_options.enableVersioning)
        params.insert(QStringLiteral("enableVersioning"), true);
    goThrough(QStringLiteral("backup.check"), params, kTime, [](const QJsonObject &result) {
        return QStringLiteral("A backup can be trusted to %1.").arg(plain(result.value(kBackup).toString()));
    });
}

} // namespace cring::app
