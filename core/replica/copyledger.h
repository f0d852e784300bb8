// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/replica/objectkey.h"

#include <QHash>
#include <QList>
#include <QString>

#include <optional>

namespace cring::replica {

/// What the ring last acknowledged for a path.
struct Record
{
    quint64 version = 0; ///< Rises with every acknowledged change of the whole ring.
    bool deleted = false;
    bool folder = false;
    qint64 size = -1;  ///< Of the stored bytes; −1 when not known.
    QByteArray digest; ///< XXH3-128 of the stored bytes, 16 bytes; empty when not known.
    quint32 mode = 0;  ///< Go's fs.FileMode.
};

/// What is known of one server's copy of a path.
enum class CopyState {
    Unknown, ///< Nothing against it.
    Stale,   ///< It missed a change: old bytes, or bytes of something deleted.
    InDoubt, ///< It got a change and then failed: old, new or half, and it may still act.
};

/// Knowledge of versions and copies, as the write and read paths need it.
///
/// The service gives them an implementation: RecentCopies knows what happened since it started; a catalogue
/// on disk knows everything. A record decides over what servers say; without one the servers' answers decide
/// by quorum.
class ICopyLedger
{
public:
    virtual ~ICopyLedger() = default;

    /// The last acknowledged state of a path, a delete of a folder above it included. Nothing if not known.
    virtual std::optional<Record> find(const ObjectKey &key) const = 0;
    /// The state of a server's copy; that of a folder above it counts when it is newer.
    virtual CopyState copyState(const ObjectKey &key, const QString &backend) const = 0;
    /// A record of something that lives, at or below `key`, newer than `version`.
    virtual bool livesBelow(const ObjectKey &key, quint64 version) const = 0;

    /// What is known to be directly in a folder: what was acknowledged there, and paths whose copies are
    /// marked though nothing is recorded. By name.
    virtual QByteArrayList names(const ObjectKey &folder) const = 0;
    /// Version of the last delete of the path with all below it, whatever was made there since; 0: none.
    virtual quint64 tombstone(const ObjectKey &key) const = 0;

    /// A change was acknowledged (or a delete was sent, which cannot be taken back). Gives it a version, and
    /// ends the Stale marks of the servers in `holders`. A copy in doubt stays so: what was on its way to it
    /// may still land on top of the new one.
    virtual Record acknowledge(const ObjectKey &key, Record record, const QList<QString> &holders) = 0;
    virtual void mark(const ObjectKey &key, const QString &backend, CopyState state) = 0;
    /// The copy is what the record says.
    virtual void clear(const ObjectKey &key, const QString &backend) = 0;
    /// As clear(), if `version` is still the last one: an answer that comes late says nothing of what came
    /// after it.
    void clearVersion(const ObjectKey &key, const QString &backend, quint64 version)
    {
        const auto record = find(key);
        if (!record || record->version == version)
            clear(key, backend);
    }
    /// All that is known of a path itself, for putting it back.
    struct Knowledge
    {
        std::optional<Record> record;
        quint64 tombstone = 0;
        QHash<QString, CopyState> marks; ///< By server.
    };
    virtual Knowledge knowledge(const ObjectKey &key) const = 0;
    /// A change that was recorded has turned out not to be: what was known before holds again.
    virtual void restore(const ObjectKey &key, const Knowledge &before) = 0;
    /// The server may have missed anything, as one that was not in the ring for a while: trusts() is false
    /// from now on.
    virtual void distrust(const QString &backend) = 0;
    /// False for a server that missed more than could be remembered: what it says is no evidence of anything.
    virtual bool trusts(const QString &backend) const = 0;

    struct Marked
    {
        ObjectKey key;
        CopyState state;
    };
    /// What a server owes or has in doubt, at most `limit` of it.
    virtual QList<Marked> marked(const QString &backend, qsizetype limit) const = 0;
    virtual qsizetype markedCount(const QString &backend) const = 0;
};

} // namespace cring::replica
