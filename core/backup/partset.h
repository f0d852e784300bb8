// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/s3types.h"

namespace cring::backup {

/// A large body's parts: which there are, and which the server has. Numbers from 1, sizes in bytes. A plain
/// value.
class PartSet
{
public:
    /// S3's limits.
    static constexpr int kMaxParts = 10'000;
    static constexpr qint64 kMaxPartSize = 5LL * 1024 * 1024 * 1024;
    static constexpr qint64 kPartSize = 16LL * 1024 * 1024;

    /// kPartSize, and more where there would be too many; 0 when a body is larger than S3 can take.
    static qint64 partSizeFor(qint64 size);

    PartSet() = default;
    /// `digests`: SHA-256 of each.
    PartSet(qint64 size, qint64 partSize, QList<QByteArray> digests);

    int count() const { return static_cast<int>(m_digests.size()); }

    qint64 partSize() const { return m_partSize; }

    bool has(int number) const { return number >= 1 && number <= count(); }

    qint64 offsetOf(int number) const { return (number - 1) * m_partSize; }
    qint64 sizeOf(int number) const { return std::min(m_partSize, m_size - offsetOf(number)); }

    const QByteArray &sha256Of(int number) const { return m_digests.at(number - 1); }

    /// The server has it.
    void setStored(int number, const QByteArray &etag);
    void clearStored();

    /// The first one from there that the server does not have; 0: none.
    int missingFrom(int number) const;

    qint64 storedBytes() const { return m_storedBytes; }

    /// With what the server has to be told; when nothing is missing.
    QList<Part> stored() const;

private:
    qint64 m_size = 0;
    qint64 m_partSize = 0;
    QList<QByteArray> m_digests;
    QList<QByteArray> m_etags; ///< Empty: missing.
    qint64 m_storedBytes = 0;
};

} // namespace cring::backup
