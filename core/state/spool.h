// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/clock.h"
#include "core/state/bodyreader.h"
#include "core/state/objectkey.h"

#include <map>

namespace cring::state {

class SpoolDraft;

/// Bodies of uploads that somebody is still owed, in files below `spool/` of the state directory: on the disk
/// before they are counted on, and found again at the next start. A body is named by its path and its digest:
/// it is wanted as long as the catalogue's record of the path, or an upload whose end is not known, has the
/// same. Who wants it no more removes it; that is decided elsewhere (repair::SpoolKeeping).
///
/// The disk is worked with on threads of its own; callbacks and signals come on the event loop's.
class Spool final : public QObject
{
    Q_OBJECT

public:
    struct Body
    {
        quint64 id = 0;
        ObjectKey key;
        qint64 size = 0;
        QByteArray digest;    ///< As Record::digest.
        quint32 mode = 0;     ///< Go's fs.FileMode.
        qint64 since = 0;     ///< When it was complete: ms since 1970, UTC.
        bool pending = false; ///< Its upload has not ended: it belongs to that one's draft.
    };

    /// `stateDirectory` "" keeps nothing: every draft fails.
    Spool(const IClock &clock, const QString &stateDirectory);

    /// Before the event loop runs. Blocks. Removes what a death of the service left half.
    void load();
    /// Every body becomes one of the versions that are kept aside, for a person: without the database that
    /// was there before, nothing says which of them were acknowledged. Instead of load(). Blocks.
    /// StateFile: what could not be moved stays, to be tried again.
    static Status giveToConflicts(const QString &stateDirectory);

    /// Bytes of all bodies together. What is there stays when it is more.
    void setBudget(qint64 bytes) { m_bodies.setBudget(bytes); }
    qint64 budget() const { return m_bodies.budget(); }
    /// Asked when the budget is exceeded: to remove() what need not be there.
    void setMakeRoom(std::function<void()> makeRoom) { m_bodies.setMakeRoom(std::move(makeRoom)); }
    /// Kept, or being written.
    qint64 bytes() const { return m_bodies.bytes(); }

    const std::map<quint64, Body> &all() const { return m_all; }
    std::optional<Body> find(const ObjectKey &key, const QByteArray &digest) const;
    bool holds(const ObjectKey &key, const QByteArray &digest) const { return find(key, digest).has_value(); }

    /// A further body: its bytes are added, then it is committed, or gone with the draft.
    std::unique_ptr<SpoolDraft> begin();
    std::unique_ptr<BodyReader> read(quint64 id) { return std::make_unique<BodyReader>(m_bodies, id); }
    /// The file with the bytes of a body; it goes with the body.
    QString path(quint64 id) const { return m_bodies.files().path(id); }
    /// For good: `done` when its name is off the disk.
    void remove(quint64 id, QObject *context = nullptr, std::function<void()> done = {});

Q_SIGNALS:
    /// One more, or one fewer.
    void changed();

private:
    friend class SpoolDraft;

    void add(const Body &body);

    const IClock &m_clock;
    BodyStore m_bodies;
    std::map<quint64, Body> m_all;
    QMultiHash<ObjectKey, quint64> m_byKey;
};

} // namespace cring::state
