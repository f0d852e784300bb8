// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/partset.h"

namespace cring::backup {

namespace {

constexpr qint64 kMiB = 1024LL * 1024;

} // namespace

qint64 PartSet::partSizeFor(qint64 size)
{
    const qint64 needed = (size + kMaxParts - 1) / kMaxParts;
    const qint64 rounded = (needed + kMiB - 1) / kMiB * kMiB;
    return rounded > kMaxPartSize ? 0 : std::max(kPartSize, rounded);
}

PartSet::PartSet(qint64 size, qint64 partSize, QList<QByteArray> digests)
    : m_size(size)
    , m_partSize(partSize)
    , m_digests(std::move(digests))
    , m_etags(m_digests.size())
{
}

void PartSet::setStored(int number, const QByteArray &etag)
{
    m_etags[number - 1] = etag;
    m_storedBytes += sizeOf(number);
}

void PartSet::clearStored()
{
    m_etags.fill(QByteArray());
    m_storedBytes = 0;
}

int PartSet::missingFrom(int number) const
{
    while (has(number) && !m_etags.at(number - 1).isEmpty())
        ++number;
    return has(number) ? number : 0;
}

QList<Part> PartSet::stored() const
{
    QList<Part> parts;
    for (int number = 1; number <= count(); ++number)
        parts.append({number, sizeOf(number), m_etags.at(number - 1), sha256Of(number)});
    return parts;
}

} // namespace cring::backup
