// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/charmbinary.h"

#include "app/playground/childprocess.h"

#include <QDir>
#include <QFileInfo>
#include <QStandardPaths>

namespace cring::playground {

namespace {

bool openToAll(const QString &program)
{
    for (QFileInfo level(program);; level = QFileInfo(level.absolutePath())) {
        if (!level.permission(QFile::ExeOther))
            return false;
        if (level.isRoot())
            return true;
    }
}

} // namespace

Result<QString> findCharm()
{
    const QString named = qEnvironmentVariable("CRING_CHARM");
    QStringList places;
    for (const char *variable : {"GOBIN", "GOPATH"}) {
        const QString folder = qEnvironmentVariable(variable);
        if (!folder.isEmpty())
            places += qstrcmp(variable, "GOPATH") == 0 ? folder + QStringLiteral("/bin") : folder;
    }
    places += QDir::homePath() + QStringLiteral("/go/bin");
    places += QStandardPaths::writableLocation(QStandardPaths::GenericCacheLocation) +
              QStringLiteral("/charmedring/bin");

    QString found = named;
    if (found.isEmpty())
        found = QStandardPaths::findExecutable(QStringLiteral("charm"), places);
    if (found.isEmpty())
        found = QStandardPaths::findExecutable(QStringLiteral("charm"));
    if (found.isEmpty() || !QFileInfo(found).isExecutable()) {
        return Error{
            Code::NotFound,
            QStringLiteral("the charm program is missing; install it with "
                           "\"go install github.com/charmbracelet/charm@%1\", or name it in CRING_CHARM")
                .arg(QLatin1String(CharmVersion))};
    }
    return QFileInfo(found).canonicalFilePath();
}

Result<QString> runnableByAll(const QString &program, const QString &folder)
{
    if (!ChildProcess::dropsPrivileges() || openToAll(program))
        return program;
    const QString copy = folder + QStringLiteral("/charm");
    if (!QFile::exists(copy) && !QFile::copy(program, copy))
        return Error{Code::NotFound, QStringLiteral("cannot copy %1 to %2").arg(program, copy)};
    QFile::setPermissions(copy, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner | QFile::ReadGroup |
                                    QFile::ExeGroup | QFile::ReadOther | QFile::ExeOther);
    return copy;
}

} // namespace cring::playground
