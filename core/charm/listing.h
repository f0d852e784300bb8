// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QByteArray>
#include <QByteArrayView>

#include <optional>
#include <span>
#include <vector>

namespace cring::charm {

/// Longest listing that is read, in bytes of JSON; some 300,000 entries.
inline constexpr qsizetype kMaxListing = 64 * 1024 * 1024;

/// A point in time as Go prints it.
struct Instant
{
    qint64 seconds = 0; ///< Unix time.
    int nanoseconds = 0;

    auto operator<=>(const Instant &) const = default;
};

/// RFC 3339 with zone and up to nine digits of fraction. Nothing for anything else.
std::optional<Instant> parseInstant(QByteArrayView text);

/// One file or folder of a listing (proto/fs.go, FileInfo).
struct Entry
{
    QByteArray name; ///< One component, as it lies on the server's disk.
    bool isDir = false;
    qint64 size = 0;    ///< Bytes; of a folder, whatever its file system says.
    QByteArray modTime; ///< RFC 3339 with the server's own zone, as sent.
    quint32 mode = 0;   ///< Go's FileMode.
    QByteArray raw;     ///< The JSON object as sent.
};

/// One level of a folder, as GET /v1/fs/FOLDER answers it.
struct Listing
{
    QByteArray name;
    QByteArray modTime;
    quint32 mode = 0;
    std::vector<Entry> files; ///< In the order in which they came; after merge(), by name.
};

/// Strict: every member of the right type, names that are one component and come once. ListingMalformed
/// otherwise; absent or null `files` are none.
Result<Listing> parseListing(QByteArrayView json);

/// ms since 1970, UTC; 0 for what is no point in time.
qint64 millisecondsOf(QByteArrayView text);
/// As Go prints it. `time`: ms since 1970, UTC.
QByteArray instantText(qint64 time);
/// An entry that no server has sent, as Go's encoder writes it. `modified`: ms since 1970, UTC.
Entry makeEntry(const QByteArray &name, bool isDir, qint64 size, quint32 mode, qint64 modified);

/// The union by name, sorted by bytes. Where listings differ on a name, the folder wins over the file (what
/// lies in it can then still be seen and read), then the newest modtime as an instant, then the larger text,
/// so that the order of the listings makes no difference. This decides what is shown, never which copy is
/// good: a half-written one has the newest time. The folder's own mode and time are those of its newest
/// listing. Empty for none.
Listing merge(std::span<const Listing> listings);

/// As Go's encoder writes it, newline and all; entries go out as they came.
QByteArray serialise(const Listing &listing);

} // namespace cring::charm
