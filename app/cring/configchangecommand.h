// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/servicecommand.h"

namespace cring::app {

/// Changes one of the lists of the configuration file that the service reads, with its comments, and has the
/// service read it again; when that one refuses it, the file is put back. Without a service the file alone is
/// changed.
class ConfigChangeCommand : public ServiceCommand
{
    Q_OBJECT

protected:
    /// `file`: the configuration, when no service runs that names another.
    ConfigChangeCommand(ServiceCommandContext context, QString file, bool dryRun);

    const QString &file() const { return m_file; }

    void handleOpened(const control::ServiceInfo &info) override;
    void handleFailed(const Error &error) override;

    /// The service runs, and file() is what it reads. By default goes on with change().
    virtual void handleSource();
    virtual Result<QByteArray> edited(const QByteArray &text) const = 0;
    /// Whether what is missing from the file is a reason to leave it as it is.
    virtual bool mayLackServers(bool reloads) const;
    /// What can only be done when the file is known to become good, and before it is written: calls `then`,
    /// or ends the command.
    virtual void prepare(std::function<void()> then);
    /// Done. `answer`: of the service's reload; or "dryRun", or "reloaded": false.
    virtual void report(const QJsonObject &answer) = 0;
    /// It could not be done after prepare(): takes that back.
    virtual void takeBack() {}

    /// Ends the command when it cannot be done.
    void change(bool reloads);
    void refuse(const QString &why, int exitCode);

private:
    void write(const QByteArray &before, const QByteArray &after, bool reloads);
    void reload(const QByteArray &before);

    QString m_file;
    const bool m_dryRun;
};

} // namespace cring::app
