// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/socketpath.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <sys/stat.h>
#include <unistd.h>

namespace cring::control {

namespace {

QString inside(const QString &directory)
{
    return directory + QStringLiteral("/control.sock");
}

QString absoluteOnly(const QString &path)
{
    return QDir::isAbsolutePath(path) ? QDir::cleanPath(path) : QString();
}

} // namespace

bool isDirectoryOf(const QString &path, uint uid)
{
    struct stat info = {};
    return ::lstat(QFile::encodeName(path).constData(), &info) == 0 && S_ISDIR(info.st_mode) &&
           info.st_uid == uid;
}

SocketPlaces SocketPlaces::ofThisProcess()
{
    SocketPlaces places;
    places.xdgRuntimeDir = absoluteOnly(qEnvironmentVariable("XDG_RUNTIME_DIR"));
    places.runtimeDirectory = absoluteOnly(qEnvironmentVariable("RUNTIME_DIRECTORY"));
    places.uid = ::geteuid();
    return places;
}

QString SocketPlaces::userDirectory() const
{
    if (!xdgRuntimeDir.isEmpty())
        return xdgRuntimeDir + QStringLiteral("/charmedring");
    const QString ofUser = runUser + u'/' + QString::number(uid);
    if (isDirectoryOf(ofUser, uid))
        return ofUser + QStringLiteral("/charmedring");
    return temporary + QStringLiteral("/charmedring-%1").arg(uid);
}

QString SocketPlaces::servicePath() const
{
    return inside(isSystemService() ? system : userDirectory());
}

QStringList SocketPlaces::clientPaths() const
{
    QStringList paths;
    const QString own = userDirectory();
    // A link that leads nowhere does not "exist", and somebody may yet make it lead somewhere.
    const QFileInfo info(own);
    if (isDirectoryOf(own, uid) || (!info.exists() && !info.isSymLink()))
        paths.append(inside(own));
    paths.append(inside(system));
    return paths;
}

} // namespace cring::control
