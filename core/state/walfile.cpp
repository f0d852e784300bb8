// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/walfile.h"

#include <QFile>
#include <QtEndian>

namespace cring::state::walfile {

namespace {

// Offsets and lengths in bytes; all numbers are big-endian.
constexpr qsizetype kHeader = 32;
constexpr qsizetype kHeaderPageSize = 8;
constexpr qsizetype kHeaderSalts = 16;
constexpr qsizetype kHeaderSum = 24;
constexpr qsizetype kFrame = 24; // And a page after it.
constexpr qsizetype kFrameCommit = 4;
constexpr qsizetype kFrameSalts = 8;
constexpr qsizetype kFrameSum = 16;
constexpr qsizetype kSalts = 8;
constexpr quint32 kMagic = 0x377f0682; // Or one more: then the checksums are over big-endian words.
constexpr quint32 kSmallestPage = 512;
constexpr quint32 kLargestPage = 65536;

quint32 number(const char *at)
{
    return qFromBigEndian<quint32>(at);
}

/// Two sums over pairs of words; each part of the log goes on from the sums of the part before.
struct Sums
{
    bool bigEndian;
    quint32 first = 0;
    quint32 second = 0;

    void add(const char *data, qsizetype size)
    {
        const auto value = [this](const char *at) {
            return bigEndian ? number(at) : qFromLittleEndian<quint32>(at);
        };
        for (qsizetype i = 0; i < size; i += 8) {
            first += value(data + i) + second;
            second += value(data + i + 4) + first;
        }
    }

    void load(const char *at)
    {
        first = number(at);
        second = number(at + 4);
    }

    bool equal(const char *at) const { return number(at) == first && number(at + 4) == second; }
};

} // namespace

bool isDamaged(const QString &path)
{
    QFile file(path);
    if (!file.exists() || file.size() == 0)
        return false;
    if (!file.open(QIODevice::ReadOnly))
        return true;
    const QByteArray header = file.read(kHeader);
    if (header.size() < kHeader || (number(header.constData()) & ~1U) != kMagic)
        return true;
    Sums sums{(number(header.constData()) & 1U) != 0};
    sums.add(header.constData(), kHeaderSum);
    const quint32 page = number(header.constData() + kHeaderPageSize);
    if (!sums.equal(header.constData() + kHeaderSum) || page < kSmallestPage || page > kLargestPage)
        return true;

    const QByteArray salts = header.mid(kHeaderSalts, kSalts);
    bool broken = false;
    for (;;) {
        const QByteArray frame = file.read(kFrame + page);
        if (frame.size() < kFrame + static_cast<qsizetype>(page))
            return false;
        sums.add(frame.constData(), kFrameSalts);
        sums.add(frame.constData() + kFrame, page);
        // Frames with other salts are left from before the log began anew.
        const bool whole =
            frame.mid(kFrameSalts, kSalts) == salts && sums.equal(frame.constData() + kFrameSum);
        // A process that dies while it writes leaves one broken frame and nothing behind it. A frame that
        // follows from the one before it was written after that one was.
        if (whole && broken && number(frame.constData() + kFrameCommit) != 0)
            return true;
        broken = broken || !whole;
        sums.load(frame.constData() + kFrameSum);
    }
}

} // namespace cring::state::walfile
