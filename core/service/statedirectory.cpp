// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/statedirectory.h"

#include <QDir>
#include <QFile>

namespace cring::service {

Result<QString> stateDirectory()
{
    QString path = qEnvironmentVariable("STATE_DIRECTORY");
    if (path.isEmpty()) {
        const QString base = qEnvironmentVariable("XDG_STATE_HOME");
        path = (base.startsWith(u'/') ? base : QDir::homePath() + QStringLiteral("/.local/state")) +
               QStringLiteral("/charmedring");
    }
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
