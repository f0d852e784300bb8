// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/replica/copyledger.h"

#include <QHash>

#include <list>
#include <map>
#include <set>

namespace cring::replica {

/// The ledger of what happened since the service started, in bounded memory. Records without marks age out,
/// the least recently acknowledged first; when there are more marks than it can hold for a server, all of
/// that server's copies count as stale until the service starts anew, so that forgetting never turns into
/// trust.
class RecentCopies final : public ICopyLedger
{
public:
    static constexpr qsizetype kDefaultRecords = 10'000;
    static constexpr qsizetype kDefaultMarks = 10'000; ///< For each server.

    explicit RecentCopies(qsizetype maxRecords = kDefaultRecords, qsizetype maxMarks = kDefaultMarks)
        : m_maxRecords(maxRecords)
        , m_maxMarks(maxMarks)
    {
    }

    std::optional<Record> find(const ObjectKey &key) const override;
    CopyState copyState(const ObjectKey &key, const QString &backend) const override;
    bool livesBelow(const ObjectKey &key, quint64 version) const override;
    Record acknowledge(const ObjectKey &key, Record record, const QList<QString> &holders) override;
    void mark(const ObjectKey &key, const QString &backend, CopyState state) override;
    void clear(const ObjectKey &key, const QString &backend) override;
    QByteArrayList names(const ObjectKey &folder) const override;
    quint64 tombstone(const ObjectKey &key) const override;
    Knowledge knowledge(const ObjectKey &key) const override;
    void restore(const ObjectKey &key, const Knowledge &before) override;
    void distrust(const QString &backend) override { m_marks[backend].overflowed = true; }
    bool trusts(const QString &backend) const override;
    QList<Marked> marked(const QString &backend, qsizetype limit) const override;
    qsizetype markedCount(const QString &backend) const override;

private:
    struct Entry
    {
        Record record;
        /// Version of the last delete of the path with all below it; 0: none. Outlives the path's being made
        /// again: what lay below it then is still gone.
        quint64 tombstone = 0;
        std::list<ObjectKey>::iterator age;
    };
    struct Marks
    {
        std::map<ObjectKey, CopyState> copies;
        bool overflowed = false;
    };

    bool isMarked(const ObjectKey &key) const;
    void dropOldest();
    bool mayDrop(const ObjectKey &key);
    void giveUpTombstones(const ObjectKey &key);
    void erase(const ObjectKey &key);

    qsizetype m_maxRecords;
    qsizetype m_maxMarks;
    quint64 m_version = 0;
    std::map<ObjectKey, Entry> m_records;
    std::list<ObjectKey> m_ages; ///< Oldest first.
    QHash<QString, Marks> m_marks;
};

} // namespace cring::replica
