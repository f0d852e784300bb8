// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/integration/faultyring.h"

namespace cring::test {

/// Much that one server misses: uploads, overwrites, and deletes of files and folders, over many connections
/// at once; and what every server has to hold in the end.
class MissedWrites
{
public:
    struct Counts
    {
        int uploads = 1'000;
        int overwrites = 100;
        int deletes = 100; ///< Every fifth of a folder with files in it, of which every second is made again.
    };

    MissedWrites(FaultyRing &ring, const Counts &counts);

    /// What will be overwritten and deleted, on all servers.
    Status prepare();
    /// The writes themselves. Each has to be acknowledged.
    Status write();
    /// In what a server's disk differs from what it has to be: one line a path, the first ones. Empty: in
    /// nothing.
    QByteArray wrong(int server);
    /// Waits until it is empty; what is still wrong, when it does not become so.
    QByteArray wrongAfter(int server, int limit);

private:
    struct Change
    {
        QByteArray path;
        std::optional<QByteArray> content; ///< None: deleted.
    };

    static QByteArray numbered(const char *prefix, int number);
    static QByteArray contentOf(const QByteArray &path, const char *version);
    bool isFolder(int number) const { return number % 5 == 0; }
    void planDeletes(QList<Change> &deletes, QList<Change> &again) const;
    Status carryOut(const QList<Change> &changes);

    FaultyRing &m_ring;
    Counts m_counts;
    QMap<QByteArray, QByteArray> m_expected; ///< Path to content.
};

} // namespace cring::test
