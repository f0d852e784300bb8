// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/filestree.h"

#include <QCryptographicHash>
#include <QDir>
#include <QDirIterator>

#include <sys/stat.h>

namespace cring::playground {

FilesTree readTree(const QString &folder)
{
    FilesTree tree;
    const QDir root(folder);
    QDirIterator walk(folder, QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot,
                      QDirIterator::Subdirectories);
    while (walk.hasNext()) {
        const QString path = walk.next();
        struct stat status = {};
        if (::lstat(QFile::encodeName(path).constData(), &status) != 0)
            continue; // It went while we walked.
        TreeEntry entry;
        entry.isDir = S_ISDIR(status.st_mode);
        entry.mode = status.st_mode & 07777;
        if (!entry.isDir) {
            entry.size = status.st_size;
            QFile file(path);
            QCryptographicHash hash(QCryptographicHash::Sha256);
            if (file.open(QIODevice::ReadOnly))
                hash.addData(&file);
            entry.sha256 = hash.result().toHex();
        }
        tree.insert(root.relativeFilePath(path), entry);
    }
    return tree;
}

QString toText(const FilesTree &tree)
{
    QString text;
    for (auto entry = tree.begin(); entry != tree.end(); ++entry) {
        text += QStringLiteral("%1 %2 %3 %4 %5\n")
                    .arg(entry->isDir ? QStringLiteral("d") : QStringLiteral("-"))
                    .arg(entry->mode, 4, 8, QLatin1Char('0'))
                    .arg(entry->size, 10)
                    .arg(QString::fromLatin1(entry->sha256.left(16)), -16)
                    .arg(entry.key());
    }
    return text;
}

} // namespace cring::playground
