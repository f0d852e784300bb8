// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/servicecommand.h"
#include "core/control/snapshot.h"

#include <QTimer>

namespace cring::app {

/// `cring backup [status]`
class BackupStatusCommand : public ServiceCommand
{
    Q_OBJECT

public:
    using ServiceCommand::ServiceCommand;

protected:
    void handleOpened(const control::ServiceInfo &info) override;
};

/// `cring backup run [NAME]`: tries now what waits, and watches until the buckets have everything.
class BackupRunCommand : public ServiceCommand
{
    Q_OBJECT

public:
    /// `name` "": all. With `wait` false it only gives the word.
    BackupRunCommand(ServiceCommandContext context, QString name, bool wait);

protected:
    void handleOpened(const control::ServiceInfo &info) override;
    void handleNotified(const QString &method, const QJsonObject &params) override;

private:
    void judge(const control::Snapshot &snapshot);
    bool tellAccounts(const QList<control::BackupStatus> &backups, const control::RecoveryKitStatus &kit);
    void end(const QList<control::BackupStatus> &backups, int exitCode);

    const QString m_name;
    const bool m_wait;
    qint64 m_begun = 0; ///< Changes that were owed at first.
    int m_looks = 0;
    bool m_ended = false;
};

/// `cring backup release|discard [NAME]`
class BackupDeletesCommand : public ServiceCommand
{
    Q_OBJECT

public:
    BackupDeletesCommand(ServiceCommandContext context, QString name, bool carryOut, bool yes);

protected:
    void handleOpened(const control::ServiceInfo &info) override;

private:
    const QString m_name;
    const bool m_carryOut;
    const bool m_yes;
};

/// `cring backup versions PATH`
class BackupVersionsCommand : public ServiceCommand
{
    Q_OBJECT

public:
    BackupVersionsCommand(ServiceCommandContext context, QString path, QString name);

protected:
    void handleOpened(const control::ServiceInfo &info) override;

private:
    const QString m_path;
    const QString m_name;
};

} // namespace cring::app
