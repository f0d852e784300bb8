// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QProcess>
#include <QTemporaryDir>

namespace cring::playground {

/// A temporary folder that goes with this program, even when the program is killed: a small shell waits for
/// the end of a pipe that only this process holds, and removes the folder then.
class ScratchFolder
{
public:
    /// name: the start of the folder's name.
    explicit ScratchFolder(const QString &name);
    /// Removes it, and returns when it is gone.
    ~ScratchFolder();

    bool isValid() const { return m_folder.isValid(); }
    QString path() const { return m_folder.path(); }

private:
    QTemporaryDir m_folder;
    QProcess m_janitor;
};

} // namespace cring::playground
