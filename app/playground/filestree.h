// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QMap>
#include <QString>

namespace cring::playground {

/// One stored file or folder of a Charm server.
struct TreeEntry
{
    bool isDir = false;
    quint32 mode = 0;  ///< The permission bits, 0 to 07777.
    qint64 size = 0;   ///< Bytes; 0 for a folder.
    QByteArray sha256; ///< Lower-case hex; empty for a folder.

    bool operator==(const TreeEntry &) const = default;
};

/// Relative path (as it is stored: escaped, names encrypted by the client) to entry. Two trees that compare
/// equal are equal byte for byte and mode for mode; times are left out, for no two servers store a file in
/// the same instant.
using FilesTree = QMap<QString, TreeEntry>;

/// Everything below folder, which is usually <data>/files. A folder that is not there is an empty tree.
FilesTree readTree(const QString &folder);

/// One line an entry, sorted: what a test prints when trees differ.
QString toText(const FilesTree &tree);

} // namespace cring::playground
