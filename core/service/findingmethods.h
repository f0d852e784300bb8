// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/state/objectkey.h"
#include "core/state/record.h"

#include <QObject>

#include <functional>

namespace cring::control {
class Server;
} // namespace cring::control

namespace cring::service {

/// Something that the ring has seen and may not put right by itself, as the control API shows it.
struct FindingInfo
{
    qint64 id = 0;
    QString kind; ///< "unexplained", "absence", "damage", "conflict", "other kind", "lost"; a client must
                  ///< bear others.
    state::ObjectKey key;
    QString server; ///< Name; empty when it is about all of them.
    qint64 size = -1;
    QByteArray digest; ///< Empty when nobody has read it.
    qint64 sinceMs = 0;
};

/// Called on the event loop; nothing blocks.
struct FindingHooks
{
    /// At most about `limit` of those after a key, by key, and all of the last key. Not set: the method is
    /// not offered.
    std::function<QList<FindingInfo>(const state::ObjectKey &after, qsizetype limit)> list;
    /// How many there are, and how many more could not be kept.
    std::function<qint64()> count;
    std::function<qint64()> overflow;
    /// Sentences: accounts that the servers have differently, and that a person has to decide.
    std::function<QStringList()> clashes;
};

/// A path of which versions are kept aside.
struct ConflictInfo
{
    struct Version
    {
        qint64 id = 0;
        qint64 size = -1;
        QByteArray digest;
        quint32 mode = 0;
        QString server; ///< Name of the one that had it.
        qint64 sinceMs = 0;
    };

    state::ObjectKey key;
    std::optional<state::Record> current;
    QStringList holders; ///< Names of the servers that have the current version.
    QList<Version> kept; ///< The oldest first.
};

struct ConflictHooks
{
    using Done = std::function<void(const Status &status)>;

    /// By key, at most `limit` after a key. Not set: the methods are not offered.
    std::function<QList<ConflictInfo>(const state::ObjectKey &after, qsizetype limit)> list;
    /// Makes the kept version the one that holds; may take as long as an upload.
    std::function<void(qint64 id, QObject *context, Done done)> choose;
    std::function<void(qint64 id, QObject *context, Done done)> discard;
};

/// findings.list
void addFindingMethods(control::Server &server, const FindingHooks &hooks);
/// conflicts.list, .choose and .discard. `owner` outlives the server.
void addConflictMethods(control::Server &server, const ConflictHooks &hooks, QObject *owner);

} // namespace cring::service
