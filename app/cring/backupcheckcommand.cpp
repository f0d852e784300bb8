// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/backupcheckcommand.h"

#include "core/base/words.h"

namespace cring::app {

namespace {

constexpr QLatin1String kBackup("backup");

} // namespace

BackupCheckCommand::BackupCheckCommand(ServiceCommandContext context, Options options)
    : StepCommand(std::move(context))
    , m_options(std::move(options))
{
}

QString BackupCheckCommand::question() const
{
    QStringList changes;
    if (m_options.enableVersioning)
        changes.append(
            QStringLiteral("With versioning the bucket keeps what is overwritten and deleted: that takes "
                           "room, and can be suspended, never taken back."));
    if (m_options.keepDays > 0)
        changes.append(QStringLiteral("Of everything in the bucket, versions are gone for good %1 after they "
                                      "were overwritten or deleted.")
                           .arg(words::counted(m_options.keepDays, "day")));
    if (m_options.lockDays > 0)
        changes.append(QStringLiteral("What is stored from now on cannot be taken away for %1, whatever it "
                                      "costs, and the time can be extended, not shortened.")
                           .arg(words::counted(m_options.lockDays, "day")));
    return changes.isEmpty() ? QString() : changes.join(u' ') + QStringLiteral(" Go on?");
}

void BackupCheckCommand::handleOpened(const control::ServiceInfo &)
{
    if (const QString question = this->question();
        !question.isEmpty() && !isConfirmed(question, m_options.yes))
        return;
    QJsonObject params;
    if (!m_options.name.isEmpty())
        params.insert(kBackup, m_options.name);
    if (m_options.enableVersioning)
        params.insert(QStringLiteral("enableVersioning"), true);
    if (m_options.keepDays > 0)
        params.insert(QStringLiteral("keepDays"), m_options.keepDays);
    if (m_options.lockDays > 0)
        params.insert(QStringLiteral("lockDays"), m_options.lockDays);
    goThrough(QStringLiteral("backup.check"), params, kTime, [](const QJsonObject &result) {
        return QStringLiteral("A backup can be trusted to %1.").arg(plain(result.value(kBackup).toString()));
    });
}

} // namespace cring::app
