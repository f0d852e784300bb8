// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/filestore.h"

namespace cring::models {

std::optional<FileStore::Number> FileStore::find(const QByteArray &key) const
{
    const auto it = m_numbers.constFind(key);
    return it == m_numbers.constEnd() ? std::nullopt : std::optional(*it);
}

FileStore::Number FileStore::put(const FileRow &row)
{
    Number number = 0;
    if (const auto known = find(row.key)) {
        number = *known;
    } else {
        if (m_free.empty()) {
            number = m_rows.m_count++;
            if (number % blockSize == 0) {
                m_rows.m_blocks.push_back(std::make_shared<Snapshot::Block>(blockSize));
            }
        } else {
            number = m_free.back();
            m_free.pop_back();
        }
        m_numbers.insert(row.key, number);
    }
    writable(number) = row;
    return number;
}

void FileStore::remove(Number number)
{
    m_numbers.remove(at(number).key);
    writable(number) = {};
    m_free.push_back(number);
}

std::vector<FileStore::Number> FileStore::below(const QByteArray &key, quint64 version) const
{
    const QByteArray top = key + '/';
    std::vector<Number> found;
    for (Number number = 0; number < m_rows.m_count; ++number) {
        const FileRow &row = at(number);
        if (row.version < version && row.key.startsWith(top))
            found.push_back(number);
    }
    return found;
}

/// A snapshot may be read in another thread: what it shares is left alone.
FileRow &FileStore::writable(Number number)
{
    auto &block = m_rows.m_blocks[number / blockSize];
    if (block.use_count() > 1)
        block = std::make_shared<Snapshot::Block>(*block);
    return (*block)[number % blockSize];
}

} // namespace cring::models
