// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QByteArrayView>

#include <optional>
#include <utility>
#include <vector>

namespace cring::charm {

/// A Content-Type or Content-Disposition value, read as Go's mime.ParseMediaType reads it
/// (mime/mediatype.go), for that is what the servers do. Stricter: a parameter that comes twice is refused
/// even when both say the same.
struct MediaType
{
    QByteArray type; ///< Lower case, without white space around it.
    std::vector<std::pair<QByteArray, QByteArray>>
        parameters; ///< Names in lower case; "filename*" is not decoded.

    /// The value of a parameter; nothing when it is not there.
    std::optional<QByteArray> parameter(QByteArrayView name) const;
};

/// Nothing for a value that cannot be read.
std::optional<MediaType> parseMediaType(QByteArrayView value);

} // namespace cring::charm
