// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>

namespace cring::chaos {

/// What is at a path.
struct Value
{
    enum class Kind { Absent, Folder, File };

    Kind kind = Kind::Absent;
    QByteArray sha256; ///< Of a file, lower-case hex.
    qint64 size = 0;   ///< Of a file.
    quint32 mode = 0;  ///< The permission bits. A folder's follow from how it was made: 0 when not known.

    static Value absent() { return {}; }
    static Value folder(quint32 mode = 0) { return {Kind::Folder, {}, 0, mode}; }
    static Value file(const QByteArray &bytes, quint32 mode);

    /// The same thing with the same bytes, whatever its mode.
    bool sameBytes(const Value &other) const { return kind == other.kind && sha256 == other.sha256; }

    /// As equal as two servers can be made. Charm has no way to change the mode of a folder that is there:
    /// one that outlived a delete on one server, because something newer was in it already, keeps its old
    /// one.
    bool alike(const Value &other) const { return kind == Kind::Folder ? sameBytes(other) : *this == other; }

    bool operator==(const Value &) const = default;

    /// "20000 bytes, 0644, sha256 ab12…".
    QByteArray words() const;
};

} // namespace cring::chaos
