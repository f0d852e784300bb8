// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/filerow.h"

#include <QHash>

#include <memory>
#include <vector>

namespace cring::models {

/// All rows, in blocks that a snapshot shares: taking one costs little however many rows there are, and a
/// change copies the one block that it falls into. Rows have numbers that stay; a number is given anew when
/// its row has gone.
class FileStore final
{
public:
    using Number = quint32;

    /// What all rows were at one moment; can be read in any thread.
    class Snapshot
    {
    public:
        /// Of numbers that were given; those of rows that have gone are among them.
        Number count() const { return m_count; }
        /// An empty key: the row has gone.
        const FileRow &at(Number number) const { return (*m_blocks[number / blockSize])[number % blockSize]; }

    private:
        friend class FileStore;
        using Block = std::vector<FileRow>;

        std::vector<std::shared_ptr<Block>> m_blocks;
        Number m_count = 0;
    };

    static constexpr Number blockSize = 256;

    /// About how many there will be: room is made at once, which takes longest while others wait.
    void reserve(qsizetype count) { m_numbers.reserve(count); }
    qsizetype size() const { return m_numbers.size(); }
    const FileRow &at(Number number) const { return m_rows.at(number); }
    std::optional<Number> find(const QByteArray &key) const;
    /// New, or in the place of the one with its key.
    Number put(const FileRow &row);
    void remove(Number number);
    /// Of everything that lies below a key in versions before that.
    std::vector<Number> below(const QByteArray &key, quint64 version) const;
    Snapshot snapshot() const { return m_rows; }

private:
    FileRow &writable(Number number);

    Snapshot m_rows;
    QHash<QByteArray, Number> m_numbers;
    std::vector<Number> m_free;
};

} // namespace cring::models
