// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>

namespace cring {

/// Bytes that nobody else is to see, a private key for instance: overwritten with zeros when they go. Moved,
/// never copied, for a copy would be forgotten. Followed by a NUL, as C libraries want text.
class Secret
{
public:
    Secret() = default;
    /// `size` zeros, to be filled in.
    explicit Secret(qsizetype size)
        : m_bytes(size, '\0')
    {
    }
    /// Takes over bytes that nobody else holds.
    explicit Secret(QByteArray &&bytes)
        : m_bytes(std::move(bytes))
    {
    }

    ~Secret() { wipe(); }

    Secret(Secret &&other) noexcept
        : m_bytes(std::exchange(other.m_bytes, QByteArray()))
    {
    }

    Secret &operator=(Secret &&other) noexcept;
    Q_DISABLE_COPY(Secret)

    /// Valid as long as this object is neither moved nor changed.
    QByteArrayView view() const { return m_bytes; }
    const char *text() const { return m_bytes.constData(); }
    char *data() { return m_bytes.data(); }
    qsizetype size() const { return m_bytes.size(); }
    bool isEmpty() const { return m_bytes.isEmpty(); }
    /// Keeps the first `size` bytes.
    void truncate(qsizetype size);

    /// Without blanks and line breaks at its end: files that were written by hand end with one.
    void trimEnd();

private:
    void wipe();

    QByteArray m_bytes;
};

} // namespace cring
