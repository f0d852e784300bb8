// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/chaos/content.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <string_view>

namespace cring::chaos {

namespace {

constexpr size_t LineSize = 32;
constexpr size_t LabelStart = 12; ///< Of the size in a line.
constexpr qsizetype MaxPieces = 8;

/// "CCC/OOOOOOO SSSSSSSSSS LLLLLLLL\n": client, operation, size of the whole, number of the line.
void writeLine(char *to, int client, int operation, qint64 size, qint64 line)
{
    char text[2 * LineSize]; // more than it takes, whatever the numbers
    std::snprintf(text, sizeof text, "%03d/%07d %010lld %08llx\n", client % 1000, operation % 10'000'000,
                  static_cast<long long>(size), static_cast<unsigned long long>(line));
    std::copy_n(text, LineSize, to);
}

/// Client, operation and size of a line that stands at its place; empty when it is none.
std::string_view labelOf(std::string_view bytes, size_t at)
{
    constexpr size_t labelSize = 22;
    const std::string_view line = bytes.substr(at, LineSize);
    size_t place = 0;
    if (line.size() < LineSize || line[3] != '/' || line.back() != '\n')
        return {};
    const auto read = std::from_chars(line.data() + labelSize + 1, line.data() + LineSize - 1, place, 16);
    return read.ec == std::errc() && place == at / LineSize ? line.substr(0, labelSize) : std::string_view();
}

QByteArray numberIn(std::string_view text)
{
    const QByteArray digits(text.data(), static_cast<qsizetype>(text.size()));
    return QByteArray::number(digits.toLongLong());
}

QByteArray words(std::string_view label)
{
    if (label.empty())
        return "something else";
    return "client " + numberIn(label.substr(0, 3)) + "'s operation " + numberIn(label.substr(4, 7));
}

} // namespace

QByteArray contentOf(int client, int operation, qint64 size)
{
    constexpr auto lineSize = static_cast<qint64>(LineSize);
    const qint64 lines = (size + lineSize - 1) / lineSize;
    QByteArray bytes(lines * lineSize, Qt::Uninitialized);
    for (qint64 line = 0; line < lines; ++line)
        writeLine(bytes.data() + line * lineSize, client, operation, size, line);
    bytes.truncate(size);
    return bytes;
}

QByteArray describeContent(const QByteArray &data)
{
    if (data.isEmpty())
        return "no bytes";
    const std::string_view bytes(data.constData(), static_cast<size_t>(data.size()));
    QByteArrayList pieces;
    std::string_view current = labelOf(bytes, 0);
    size_t start = 0;
    const auto end = [&](size_t at) {
        const bool whole = start == 0 && at == bytes.size() && !current.empty() &&
                           numberIn(current.substr(LabelStart)) == QByteArray::number(data.size());
        pieces << (whole
                       ? words(current) + ", whole"
                       : QByteArray::number(static_cast<qint64>(at - start)) + " bytes of " + words(current));
        start = at;
    };
    for (size_t at = LineSize; at + LineSize <= bytes.size() && pieces.size() < MaxPieces; at += LineSize) {
        const std::string_view label = labelOf(bytes, at);
        if (label == current)
            continue;
        end(at);
        current = label;
    }
    end(bytes.size());
    return pieces.join(", then ");
}

} // namespace cring::chaos
