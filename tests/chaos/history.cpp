// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/chaos/history.h"

#include <algorithm>

namespace cring::chaos {

std::vector<Value> PathHistory::allowed(Moment from, Moment to) const
{
    size_t next = 0;
    Value base = Value::absent();
    for (size_t i = 0; i < m_changes.size(); ++i) {
        const Entry &entry = *m_changes[i].entry;
        if (entry.ending == Ending::Done && entry.end <= from) {
            base = m_changes[i].to;
            next = i + 1;
        }
    }
    std::vector<Value> values{base};
    for (; next < m_changes.size(); ++next) {
        const Entry &entry = *m_changes[next].entry;
        if (entry.begin <= to && entry.mayHaveHappened())
            values.push_back(m_changes[next].to);
    }
    return values;
}

bool PathHistory::isCertainlyFolder(Moment at) const
{
    if (m_changes.empty())
        return false;
    const Change &last = m_changes.back();
    return last.to.kind == Value::Kind::Folder && last.entry->ending == Ending::Done && last.entry->end <= at;
}

const Change *PathHistory::find(const Value &value) const
{
    const auto found = std::find_if(m_changes.rbegin(), m_changes.rend(),
                                    [&](const Change &change) { return change.to.sameBytes(value); });
    return found == m_changes.rend() ? nullptr : &*found;
}

Histories::Histories(const Journal &journal)
{
    std::vector<const Entry *> changes;
    for (const Entry &entry : journal) {
        if (entry.operation.changes())
            changes.push_back(&entry);
    }
    std::stable_sort(changes.begin(), changes.end(),
                     [](const Entry *a, const Entry *b) { return a->begin < b->begin; });
    for (const Entry *entry : changes)
        collect(*entry);
    for (const Entry *entry : changes)
        apply(*entry);
}

const PathHistory *Histories::find(const PathKey &key) const
{
    const auto found = m_paths.find(key);
    return found == m_paths.end() ? nullptr : &found->second;
}

std::vector<PathKey> Histories::below(const PathKey &key) const
{
    std::vector<PathKey> keys;
    if (m_paths.contains(key))
        keys.push_back(key);
    const QByteArray prefix = key.path.isEmpty() ? QByteArray() : key.path + '/';
    for (auto at = m_paths.lower_bound({key.account, prefix});
         at != m_paths.end() && at->first.account == key.account && at->first.path.startsWith(prefix); ++at) {
        if (at->first != key)
            keys.push_back(at->first);
    }
    return keys;
}

std::vector<PathKey> Histories::in(const PathKey &folder) const
{
    std::vector<PathKey> keys = below(folder);
    std::erase_if(keys,
                  [&](const PathKey &key) { return key == folder || folderOf(key.path) != folder.path; });
    return keys;
}

void Histories::collect(const Entry &entry)
{
    QByteArray path = entry.operation.path;
    m_paths[{entry.account, path}];
    while (!path.isEmpty()) {
        path = folderOf(path);
        m_paths[{entry.account, path}];
    }
}

void Histories::apply(const Entry &entry)
{
    const Operation &operation = entry.operation;
    const PathKey key{entry.account, operation.path};
    const bool isFolder = operation.kind == Operation::Kind::MakeFolder;
    m_paths[key].add({isFolder ? Value::folder() : entry.stored, &entry});
    if (operation.kind != Operation::Kind::MakeFolder) {
        for (const PathKey &inner : below(key)) {
            if (inner != key)
                m_paths[inner].add({Value::absent(), &entry});
        }
    }
    if (operation.kind == Operation::Kind::Delete)
        return;
    for (QByteArray above = operation.path; !above.isEmpty();) {
        above = folderOf(above);
        PathHistory &folder = m_paths[{entry.account, above}];
        if (!folder.isCertainlyFolder(entry.begin))
            folder.add({Value::folder(), &entry});
    }
}

} // namespace cring::chaos
