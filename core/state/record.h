// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>

namespace cring::state {

/// What the ring last acknowledged for a path.
struct Record
{
    quint64 version = 0; ///< Rises with every acknowledged change of the whole ring.
    bool deleted = false;
    bool folder = false;
    qint64 size = -1;   ///< Of the stored bytes; −1 when not known.
    QByteArray digest;  ///< XXH3-128 of the stored bytes, 16 bytes; empty when not known.
    quint32 mode = 0;   ///< Go's fs.FileMode.
    qint64 changed = 0; ///< When it was acknowledged: ms since 1970, UTC.
};

/// What is known of one server's copy of a path, as a reader needs it.
enum class CopyState {
    Unknown, ///< Nothing against it.
    Stale,   ///< It missed a change: old bytes, or bytes of something deleted.
    InDoubt, ///< It got a change and then failed: old, new or half, and it may still act.
};

/// What is to be done about one server's copy of a path. The later ones outweigh the earlier ones. The
/// numbers are in the database.
enum class Debt : quint8 {
    Extra = 1,   ///< It is right, and more than is wanted: goes when all owners hold theirs.
    Suspect = 2, ///< It seemed to be something else than the record says: to be looked into.
    Stale = 3,   ///< CopyState::Stale: to be brought to what the record says.
    InDoubt = 4, ///< CopyState::InDoubt: the same, and to be looked at again a while after.
    Differs = 5, ///< Somebody else's version, or an older one that is nowhere else: kept aside before that.
};

} // namespace cring::state
