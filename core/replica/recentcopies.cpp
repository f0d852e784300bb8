// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/recentcopies.h"

#include <algorithm>

namespace cring::replica {

std::optional<Record> RecentCopies::find(const ObjectKey &key) const
{
    std::optional<Record> found;
    if (const auto own = m_records.find(key); own != m_records.end())
        found = own->second.record;
    forEachAncestor(key, [&](QByteArrayView above) {
        const auto it = m_records.find(above.toByteArray());
        if (it == m_records.end() || it->second.tombstone <= (found ? found->version : 0))
            return;
        found = Record{};
        found->deleted = true;
        found->version = it->second.tombstone;
    });
    return found;
}

CopyState RecentCopies::copyState(const ObjectKey &key, const QString &backend) const
{
    const auto marks = m_marks.constFind(backend);
    if (marks == m_marks.constEnd())
        return CopyState::Unknown;
    if (const auto own = marks->copies.find(key); own != marks->copies.end())
        return own->second;
    CopyState state = marks->overflowed ? CopyState::Stale : CopyState::Unknown;
    const auto own = m_records.find(key);
    forEachAncestor(key, [&](QByteArrayView above) {
        const auto mark = marks->copies.find(above.toByteArray());
        if (mark == marks->copies.end())
            return;
        // A file acknowledged after its folder's delete went astray is another file.
        const auto folder = m_records.find(mark->first);
        const bool newer = own != m_records.end() && folder != m_records.end() &&
                           own->second.record.version > folder->second.record.version;
        if (!newer)
            state = mark->second;
    });
    return state;
}

bool RecentCopies::livesBelow(const ObjectKey &key, quint64 version) const
{
    const auto lives = [version](const Record &record) {
        return !record.deleted && record.version > version;
    };
    if (const auto own = m_records.find(key); own != m_records.end() && lives(own->second.record))
        return true;
    for (auto it = m_records.lower_bound(key + '/'); it != m_records.end() && isAtOrBelow(it->first, key);
         ++it) {
        if (lives(it->second.record))
            return true;
    }
    return false;
}

Record RecentCopies::acknowledge(const ObjectKey &key, Record record, const QList<QString> &holders)
{
    record.version = ++m_version;
    auto [it, isNew] = m_records.try_emplace(key);
    if (!isNew)
        m_ages.erase(it->second.age);
    it->second.record = record;
    if (record.deleted)
        it->second.tombstone = record.version;
    it->second.age = m_ages.insert(m_ages.end(), key);
    for (const QString &backend : holders) {
        const auto marks = m_marks.find(backend);
        if (marks == m_marks.end())
            continue;
        if (const auto mark = marks->copies.find(key);
            mark != marks->copies.end() && mark->second == CopyState::Stale)
            marks->copies.erase(mark);
    }
    dropOldest();
    return record;
}

void RecentCopies::mark(const ObjectKey &key, const QString &backend, CopyState state)
{
    Marks &marks = m_marks[backend];
    if (static_cast<qsizetype>(marks.copies.size()) >= m_maxMarks && !marks.copies.contains(key)) {
        marks.overflowed = true;
        return;
    }
    CopyState &current = marks.copies[key];
    // Doubt is never lessened by a further miss: the server may still act.
    if (current != CopyState::InDoubt)
        current = state;
}

void RecentCopies::clear(const ObjectKey &key, const QString &backend)
{
    if (const auto marks = m_marks.find(backend); marks != m_marks.end())
        marks->copies.erase(key);
}

QList<ICopyLedger::Marked> RecentCopies::marked(const QString &backend, qsizetype limit) const
{
    QList<Marked> list;
    const auto marks = m_marks.constFind(backend);
    if (marks == m_marks.constEnd())
        return list;
    for (const auto &[key, state] : marks->copies) {
        if (list.size() >= limit)
            break;
        list.append({key, state});
    }
    return list;
}

qsizetype RecentCopies::markedCount(const QString &backend) const
{
    const auto marks = m_marks.constFind(backend);
    return marks == m_marks.constEnd() ? 0 : static_cast<qsizetype>(marks->copies.size());
}

bool RecentCopies::isMarked(const ObjectKey &key) const
{
    return std::any_of(m_marks.begin(), m_marks.end(),
                       [&](const Marks &marks) { return marks.copies.contains(key); });
}

void RecentCopies::erase(const ObjectKey &key)
{
    const auto it = m_records.find(key);
    if (it == m_records.end())
        return;
    m_ages.erase(it->second.age);
    m_records.erase(it);
}

QByteArrayList RecentCopies::names(const ObjectKey &folder) const
{
    std::set<QByteArray> names;
    const ObjectKey below = folder + '/';
    const auto isDirect = [&](const ObjectKey &key) {
        return key.startsWith(below) && key.indexOf('/', below.size()) < 0;
    };
    for (auto it = m_records.lower_bound(below); it != m_records.end() && it->first.startsWith(below); ++it) {
        if (isDirect(it->first) && !find(it->first)->deleted)
            names.insert(it->first.sliced(below.size()));
    }
    for (const Marks &marks : m_marks) {
        for (auto it = marks.copies.lower_bound(below);
             it != marks.copies.end() && it->first.startsWith(below); ++it) {
            if (isDirect(it->first) && !find(it->first))
                names.insert(it->first.sliced(below.size()));
        }
    }
    return {names.begin(), names.end()};
}

quint64 RecentCopies::tombstone(const ObjectKey &key) const
{
    const auto it = m_records.find(key);
    return it == m_records.end() ? 0 : it->second.tombstone;
}

ICopyLedger::Knowledge RecentCopies::knowledge(const ObjectKey &key) const
{
    Knowledge known;
    if (const auto it = m_records.find(key); it != m_records.end()) {
        known.record = it->second.record;
        known.tombstone = it->second.tombstone;
    }
    for (auto marks = m_marks.begin(); marks != m_marks.end(); ++marks) {
        if (const auto mark = marks->copies.find(key); mark != marks->copies.end())
            known.marks.insert(marks.key(), mark->second);
    }
    return known;
}

void RecentCopies::restore(const ObjectKey &key, const Knowledge &before)
{
    erase(key);
    if (before.record) {
        Entry &entry = m_records[key];
        entry.record = *before.record;
        entry.tombstone = before.tombstone;
        entry.age = m_ages.insert(m_ages.end(), key);
    }
    for (auto marks = m_marks.begin(); marks != m_marks.end(); ++marks)
        marks->copies.erase(key);
    for (auto mark = before.marks.begin(); mark != before.marks.end(); ++mark)
        m_marks[mark.key()].copies.insert_or_assign(key, mark.value());
}

bool RecentCopies::trusts(const QString &backend) const
{
    const auto marks = m_marks.constFind(backend);
    return marks == m_marks.constEnd() || !marks->overflowed;
}

/// What is marked stays, and what was made below a folder after its delete: with only the tombstone left it
/// would seem to have gone with the folder. A tombstone that every server has confirmed has done its work.
bool RecentCopies::mayDrop(const ObjectKey &key)
{
    if (isMarked(key))
        return false;
    const Record record = m_records.at(key).record;
    if (record.deleted)
        return true;
    bool free = true;
    QList<ObjectKey> done;
    forEachAncestor(key, [&](QByteArrayView above) {
        const ObjectKey folder = above.toByteArray();
        const auto it = m_records.find(folder);
        if (it == m_records.end() || it->second.tombstone == 0)
            return;
        if (isMarked(folder))
            free = false;
        else
            done << folder;
    });
    for (const ObjectKey &folder : done)
        m_records.at(folder).tombstone = 0;
    return free;
}

/// There is no room left for what protects the path: whoever missed a delete above it is not trusted any
/// more.
void RecentCopies::giveUpTombstones(const ObjectKey &key)
{
    const auto giveUp = [this](const ObjectKey &marked) {
        for (Marks &marks : m_marks) {
            if (marks.copies.erase(marked) > 0)
                marks.overflowed = true;
        }
        if (const auto it = m_records.find(marked); it != m_records.end())
            it->second.tombstone = 0;
    };
    giveUp(key);
    forEachAncestor(key, [&](QByteArrayView above) { giveUp(above.toByteArray()); });
}

void RecentCopies::dropOldest()
{
    for (qsizetype looks = static_cast<qsizetype>(m_ages.size()) - m_maxRecords; looks > 0 && !m_ages.empty();
         --looks) {
        const ObjectKey key = m_ages.front();
        if (!mayDrop(key) && static_cast<qsizetype>(m_ages.size()) <= 2 * m_maxRecords) {
            m_ages.splice(m_ages.end(), m_ages, m_ages.begin());
            continue;
        }
        giveUpTombstones(key);
        erase(key);
    }
}

} // namespace cring::replica
