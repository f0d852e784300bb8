// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/filestore.h"

#include <atomic>

namespace cring::models {

/// Which files are shown, and in which order. A value; the names of servers and accounts are numbers.
struct FileView
{
    enum class Sort { Name, Account, Size, Changed, Copies, Backup, Why };

    QList<QByteArray>
        words; ///< All of them in the name (while that is hidden, account and path). UTF-8, small letters.
    int account = -1; ///< −1: all.
    int server = -1;  ///< That has the file, or should; −1: all.
    bool onlyAtRisk = false;
    Sort sort = Sort::Copies; ///< Copies: the least safe first, of these the newest.
    bool descending = false;

    bool operator==(const FileView &) const = default;

    bool admits(const FileRow &row) const;
    /// A strict order: no two different files are equal.
    bool before(const FileRow &one, const FileRow &other) const;
};

/// What is shown, as numbers in the store, in order.
struct FileOrder
{
    std::vector<FileStore::Number> rows;
    qint64 bytes = 0;
};

/// In any thread. Unfinished, and of no use, once `cancelled`.
FileOrder orderOf(const FileStore::Snapshot &files, const FileView &view, const std::atomic_bool &cancelled);

} // namespace cring::models
