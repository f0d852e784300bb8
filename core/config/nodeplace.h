// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QString>

namespace cring::config {

/// Where a Charm server's data directory is: on this machine, or on one that is reached by SSH.
struct NodePlace
{
    static constexpr quint16 kSshPort = 22;

    QString user; ///< "" on this machine.
    QString host; ///< A name or an address; "" on this machine.
    quint16 port = kSshPort;
    /// Absolute and cleaned; on another machine also "." or "./…", which is the user's home there.
    QString path;

    bool isLocal() const { return host.isEmpty(); }
    /// As a person writes it: "/srv/charm1", "ssh://me@host/srv/charm1", "ssh://me@host/~/charm1".
    QString toString() const;
    /// "me@host", with the port when it is not 22; for messages.
    QString machine() const;

    bool operator==(const NodePlace &) const = default;
};

/// Reads an absolute path, or ssh://USER@HOST[:PORT]/PATH; /~/PATH is below the home of that user.
/// ConfigBadValue, which says what was expected; a password is refused, and not repeated.
Result<NodePlace> parseNodePlace(const QString &text);

} // namespace cring::config
