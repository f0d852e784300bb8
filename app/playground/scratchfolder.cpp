// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/scratchfolder.h"

#include <QDir>

#include <unistd.h>

namespace cring::playground {

namespace {

// Children that are being killed at the same moment may still write: so not once.
const QString Janitor =
    QStringLiteral("cat >/dev/null; for i in 1 2 3 4 5 6 7 8 9 10; do "
                   "rm -rf -- \"$1\" 2>/dev/null && [ ! -e \"$1\" ] && break; sleep 0.2; done");

} // namespace

ScratchFolder::ScratchFolder(const QString &name)
    : m_folder(QDir::tempPath() + QLatin1Char('/') + name)
{
    m_folder.setAutoRemove(false);
    // A session of its own: neither Ctrl-C nor the end of the terminal reaches it.
    m_janitor.setChildProcessModifier([] { ::setsid(); });
    m_janitor.setStandardOutputFile(QProcess::nullDevice());
    m_janitor.setStandardErrorFile(QProcess::nullDevice());
    m_janitor.setWorkingDirectory(QStringLiteral("/"));
    m_janitor.start(QStringLiteral("/bin/sh"), {QStringLiteral("-c"), Janitor, QStringLiteral("sh"), path()});
    m_janitor.waitForStarted();
}

ScratchFolder::~ScratchFolder()
{
    m_janitor.closeWriteChannel();
    m_janitor.waitForFinished();
}

} // namespace cring::playground
