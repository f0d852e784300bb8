// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/bodystore.h"
#include "core/state/members.h"
#include "core/state/objectkey.h"

#include <QMultiHash>

namespace cring::state {

class ConflictDraft;

/// Versions of files that a server had and the ring did not take: written past the ring, or left from before.
/// They are kept aside until a person chooses or discards them, so that nothing is written over that is
/// nowhere else. Their rows are in the table `conflicts`, their bytes in files below `conflicts/` of the
/// state directory, bounded by a budget; a version is kept once, however many servers had it.
///
/// Files are written, read and removed on a thread of its own; callbacks and signals come on the event
/// loop's.
class Conflicts final : public QObject
{
    Q_OBJECT

public:
    struct Version
    {
        quint64 id = 0;
        ObjectKey key;
        qint64 size = 0;
        QByteArray digest; ///< As Record::digest; empty when the row was lost, and found again by its file.
        quint32 mode = 0;  ///< Go's fs.FileMode.
        QString server;    ///< Id of the one that had it; empty when that is not known.
        qint64 since = 0;  ///< When it was set aside: ms since 1970, UTC.
    };

    /// `stateDirectory` "" keeps nothing: every draft fails.
    Conflicts(Database &database, Members &members, const IClock &clock, const QString &stateDirectory);

    /// Before the event loop runs, after the members. Blocks. Takes in what a death of the service left
    /// without a row, and removes what it left half.
    Status load();
    /// Bytes of all versions together. What is there stays when it is more.
    void setBudget(qint64 bytes) { m_bodies.setBudget(bytes); }

    std::optional<Version> find(quint64 id) const;
    /// All of them, in the order of their coming.
    const std::map<quint64, Version> &all() const { return m_versions; }
    bool keeps(const ObjectKey &key, const QByteArray &digest) const;
    /// Kept, or being written.
    qint64 bytes() const { return m_bodies.bytes(); }

    /// A further version: its bytes are added, then it is committed, or gone with the draft.
    std::unique_ptr<ConflictDraft> begin();

    /// `done` with at most `size` bytes from an offset, fewer at the end. StateFile.
    void read(quint64 id, qint64 offset, qint64 size, QObject *context,
              std::function<void(const Result<QByteArray> &)> done);
    /// For good. `done` when it will not come back; at once when there is no such version.
    void discard(quint64 id, QObject *context, std::function<void()> done);

Q_SIGNALS:
    /// One more, or one fewer.
    void changed();

private:
    friend class ConflictDraft;

    void add(const Version &version, QObject *context, std::function<void()> done);
    void save(const Version &version, QObject *context, std::function<void()> done);

    Database &m_database;
    Members &m_members;
    const IClock &m_clock;
    BodyStore m_bodies;
    std::map<quint64, Version> m_versions;
    QMultiHash<ObjectKey, QByteArray> m_kept; ///< Their digests, by path.
};

} // namespace cring::state
