// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/readers.h"

#include <algorithm>

namespace cring::replica {

Readers::Registration::Registration(Readers &readers, const ObjectKey &key, const QString &backend,
                                    std::function<void()> cut)
    : m_readers(&readers)
    , m_key(key)
    , m_entry(std::make_shared<Entry>(Entry{backend, std::move(cut)}))
{
    readers.m_entries.insert(key, m_entry);
}

Readers::Registration &Readers::Registration::operator=(Registration &&other) noexcept
{
    release();
    m_readers = std::exchange(other.m_readers, nullptr);
    m_key = std::move(other.m_key);
    m_entry = std::move(other.m_entry);
    return *this;
}

void Readers::Registration::release()
{
    if (Readers *readers = std::exchange(m_readers, nullptr))
        readers->m_entries.remove(m_key, m_entry);
    m_entry.reset();
}

void Readers::cut(const ObjectKey &key, const QString &backend)
{
    // A copy of the list: those who are cut leave it.
    const auto entries = m_entries.values(key);
    for (const auto &entry : entries) {
        if (entry->backend == backend)
            entry->cut();
    }
}

bool Readers::isRead(const ObjectKey &key, const QString &backend) const
{
    const auto [begin, end] = m_entries.equal_range(key);
    return std::any_of(begin, end, [&](const auto &entry) { return entry->backend == backend; });
}

} // namespace cring::replica
