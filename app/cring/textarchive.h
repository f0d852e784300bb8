// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QByteArray>
#include <QList>

namespace cring::app {

/// A text file to go into an archive.
struct TextFile
{
    QString name; ///< Within the archive's folder.
    QString what; ///< A few words for a person.
    QByteArray text;
};

/// Writes a .tar.gz (libarchive) with the files in one folder of the archive's name, readable by its owner
/// alone, and never over a file that is there. Blocking. KeyExists, StateFile; nothing is left behind then.
Status writeTextArchive(const QString &path, const QList<TextFile> &files, qint64 nowSeconds);

} // namespace cring::app
