// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/statedirectory.h"

#include <QDir>
#include <QFile>

namespace cring::service {

QString stateDirectoryPath()
{
    const QString own = qEnvironmentVariable("STATE_DIRECTORY");
    if (!own.isEmpty())
        return own;
    const QString base = qEnvironmentVariable("XDG_STATE_HOME");
    return (base.startsWith(u'/') ? base : QDir::homePath() + QStringLiteral("/.local/state")) +
           QStringLiteral("/charmedring");
}

Result<QString> stateDirectory()
{
    const QString path = stateDirectoryPath();
    if (!QDir(path).exists()) {
        if (!QDir().mkpath(path))
            return Error{
                Code::StateDirectory,
                QStringLiteral("the state directory %1 cannot be made; set XDG_STATE_HOME to a folder "
                               "that can be written to")
                    .arg(path)};
        QFile::setPermissions(path, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    }
    return path;
}

} // namespace cring::service
