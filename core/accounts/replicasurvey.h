// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/initmarker.h"
#include "core/accounts/node.h"
#include "core/charm/serverkey.h"

namespace cring::accounts {

/// Whether a line as in authorized_keys is of that key, 32 bytes, which end what is encoded there (RFC 8709,
/// section 4).
bool isOfKey(const QByteArray &line, const QByteArray &publicKey);

/// The key of a Charm server, as its data directory has it.
struct ServerKeys
{
    Secret text;
    QByteArray publicText; ///< The line of the .pub file.
    charm::ServerKey key;
};

/// From the data directory of a server that has been started. ReplicaSource, and the node's errors.
Result<ServerKeys> readServerKeys(INode &node);

/// What stands where a new data directory is to be.
struct TargetSurvey
{
    enum class State {
        Free,    ///< Nothing, or an empty folder.
        Begun,   ///< What an earlier attempt made for this cluster.
        IsWhole, ///< A data directory of this cluster.
    };

    State state = State::Free;
    InitMarker marker; ///< Of the earlier attempt, or to begin with.
};

/// ReplicaTarget when nothing may be made there; and the node's errors.
Result<TargetSurvey> surveyTarget(INode &target, const QByteArray &publicKey);

/// NodeFull when the database of the source does not fit. What the machine does not say is not held against
/// it.
Status checkRoom(INode &source, INode &target);

} // namespace cring::accounts
