// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/cataloguerows.h"
#include "core/state/members.h"
#include "core/state/objectkey.h"
#include "core/state/record.h"

#include <QObject>
#include <QTimer>

#include <functional>
#include <list>
#include <map>

namespace cring::state {

/// What the ring has acknowledged, who holds it, and what is owed to whom: the whole of it in memory, about
/// 400 bytes a path, and behind that in the database, to which every change goes in order (docs/adr/0009).
/// Answers are immediate; that a change is in the database is told by Database::flush().
///
/// A record decides over what servers say; without one the servers' answers decide by quorum. Servers are
/// named by their ids. One thread.
class Catalogue final : public QObject
{
    Q_OBJECT

public:
    Catalogue(Database &database, Members &members, const IClock &clock);
    ~Catalogue() override;

    /// Before the event loop runs.
    Status load();

    // ---- records ----

    /// The last acknowledged state of a path, a delete of a folder above it included. Nothing if not known.
    std::optional<Record> find(const ObjectKey &key) const;
    /// A record of something that lives, at or below `key`, newer than `version`.
    bool livesBelow(const ObjectKey &key, quint64 version) const;
    /// What is known to be directly in a folder: what was acknowledged there, folders that something living
    /// lies in, and paths whose copies are marked though nothing is recorded. By name.
    QByteArrayList names(const ObjectKey &folder) const;
    /// The path is recorded and not deleted, or something that lives lies below it.
    bool lives(const ObjectKey &key) const;
    /// Something above it is recorded as a file: no server can have anything here.
    bool isBelowFile(const ObjectKey &key) const;
    /// Version of the last delete of the path with all below it, whatever was made there since; 0: none.
    quint64 tombstone(const ObjectKey &key) const;
    /// It has a record of its own, be it an old one under a folder's delete.
    bool isRecorded(const ObjectKey &key) const { return m_entries.contains(key); }
    /// A folder above it was deleted, and something was made there again since: when, ms since 1970, UTC.
    /// What is newer than that at a server and has no record of its own, nobody has deleted.
    std::optional<qint64> remadeAbove(const ObjectKey &key) const;
    /// A change was acknowledged (or a delete was sent, which cannot be taken back). Gives it a version, and
    /// ends the debts of the servers in `holders`; whoever held the version before and is not among them owes
    /// this one. A copy in doubt stays so: what was on its way to it may still land on top of the new one.
    Record acknowledge(const ObjectKey &key, Record record, const QList<QString> &holders);
    /// As acknowledge(), for what others have stored: `record.changed` holds, where it is known.
    Record adopt(const ObjectKey &key, Record record, const QList<QString> &holders);
    /// Of the newest change.
    quint64 version() const { return m_version; }
    /// When the last change was recorded: ms since 1970, UTC; 0: none was.
    qint64 lastChange() const { return m_lastChange; }
    qsizetype size() const { return static_cast<qsizetype>(m_entries.size()); }
    /// Rises with every change of a record, a holder or a debt: who has seen this one need not look again.
    quint64 changes() const { return m_changes; }

    /// All that is known of a path itself, for putting it back.
    struct Knowledge
    {
        std::optional<Record> record;
        quint64 tombstone = 0;
        QList<QString> holders;
        QHash<QString, Debt> debts; ///< By server.
    };
    Knowledge knowledge(const ObjectKey &key) const;
    /// A change that was recorded has turned out not to be: what was known before holds again. Copies that
    /// have come into doubt since stay so.
    void restore(const ObjectKey &key, const Knowledge &before);

    struct Holding
    {
        const Record &record;
        QList<QString> holders;
    };
    /// Visits at most `limit` records after `after` ("" for the first), in the order of their keys. The last
    /// one visited, "" at the end: so that a long walk can be made in short steps.
    ObjectKey walk(const ObjectKey &after, qsizetype limit,
                   const std::function<void(const ObjectKey &, const Holding &)> &visit) const;
    /// Moments before which something has done its work: ms since 1970, UTC.
    struct Ages
    {
        qint64 covered = 0;    ///< A folder's delete, over what was recorded in it.
        qint64 tombstones = 0; ///< A delete that nobody owes any more.
    };
    /// Who else follows deletes: true while something is there, at or below the key, that a delete there is
    /// yet to take away. Its tombstone stays so long, however old.
    void setHeld(std::function<bool(const ObjectKey &key)> held) { m_held = std::move(held); }
    /// Forgets what has done its work. A walk's step, as above.
    ObjectKey tidy(const ObjectKey &after, qsizetype limit, const Ages &ages);

    // ---- copies ----

    /// The state of a server's copy; that of a folder above it counts when it is newer.
    CopyState copyState(const ObjectKey &key, const QString &server) const;
    /// As far as is known the server has the recorded version, though it was away for a while and nobody has
    /// looked since: better than nothing for a reader who compares the digest.
    bool mayHold(const ObjectKey &key, const QString &server) const;
    /// The server has the recorded version, as it said or as was seen.
    bool holds(const ObjectKey &key, const QString &server) const;
    QList<QString> holders(const ObjectKey &key) const;
    /// A debt is never lessened by a further one. What a server has that was not gone through yet is looked
    /// at before it is put right: it Differs until then.
    void mark(const ObjectKey &key, const QString &server, Debt debt);
    /// The copy is what the record says, or gone where that is what it says.
    void clear(const ObjectKey &key, const QString &server);
    /// As clear(), if `version` is still the last one (0: there is no record): what was seen before says
    /// nothing of what came after it.
    void clearVersion(const ObjectKey &key, const QString &server, quint64 version);
    /// A server says that it has done the change with this version. A copy in doubt stays so: an answer is no
    /// look, and what is on its way to it from before may still land on top.
    void confirm(const ObjectKey &key, const QString &server, quint64 version);
    /// The server has no copy any more, and need not have one.
    void dropCopy(const ObjectKey &key, const QString &server);
    /// What a copy that Differs holds has been kept aside: it may be written over, and is in doubt until
    /// then. Nothing is on its way to one that only was not gone through: it is stale.
    void keptAside(const ObjectKey &key, const QString &server);
    /// False for a server that may have missed anything: what it says is no evidence.
    bool trusts(const QString &server) const { return m_members.trusts(server); }
    /// Members::unseenSince()
    std::optional<qint64> unseenSince(const QString &server) const { return m_members.unseenSince(server); }

    // ---- debts ----

    using Owed = state::Owed;
    using Debts = std::map<ObjectKey, Owed>;
    /// What a server owes, by key; holds until the next change.
    const Debts &debts(const QString &server) const;
    std::optional<Owed> debt(const ObjectKey &key, const QString &server) const;
    /// How many of them are of an account. At once, however many there are.
    qsizetype owedOf(const QByteArray &account, const QString &server) const;
    /// When a copy that is Stale or InDoubt became so, if that was before the start: the state directory may
    /// have been put back since, and the server have got what it owed, and newer things. Ms since 1970, UTC.
    std::optional<qint64> inheritedSince(const ObjectKey &key, const QString &server) const;
    bool isSuspect(const ObjectKey &key, const QString &server) const;
    /// A server has Returned: everything that was acknowledged after `version`, and what it owed before, is
    /// looked at and then put right. In short steps, the first one at once.
    void oweSince(const QString &server, quint64 version);
    /// What was on its way to a server when the service was killed may still land: copies that missed a
    /// change are in doubt.
    void doubtAll();
    /// The machine has lost its power, and the last records with it: what a server owes of a path may be
    /// paid, and something newer stand there. What is to come is looked into first. What is to go is
    /// forgotten here, for a scrub finds it again; until the doubt has ended, deletes that were recorded
    /// before are carried out nowhere.
    void doubtAfterPowerCut();
    /// The newest version when the machine had lost its power; 0: it had not, or everything has been gone
    /// through since. What was stored after a delete that is no newer may have lost its record.
    quint64 powerCutAt() const { return m_powerCutAt; }
    /// It was so at the start before, and has not ended.
    void resumePowerCut(quint64 version) { m_powerCutAt = version; }
    void endPowerCut();

Q_SIGNALS:
    /// There is something more.
    void owed(const QString &server, const cring::state::ObjectKey &key);
    void powerCutEnded();
    /// What find() says of the path is another: a change of a folder tells of itself alone.
    void recordChanged(const cring::state::ObjectKey &key);
    /// Something of the path is another: a record, a holder or a debt. It comes in the middle of the change:
    /// note the key, and look later.
    void touched(const cring::state::ObjectKey &key);

private:
    using Entry = CatalogueEntry;
    struct Less
    {
        using is_transparent = void;
        bool operator()(QByteArrayView a, QByteArrayView b) const { return a < b; }
    };
    using Entries = std::map<ObjectKey, Entry, Less>;

    Record enter(const ObjectKey &key, Record record, const QList<QString> &holders);
    struct Owing
    {
        Members::Number member = 0;
        quint64 version = 0;
        ObjectKey after;       ///< Done up to here.
        bool recorded = false; ///< First the debts, then the records.
    };
    void oweMore();
    bool oweMore(Owing &owing);
    void owe(const ObjectKey &key, Members::Number member, Debt debt);
    CopyState owedState(const ObjectKey &key, Members::Number number) const;
    bool gotSince(const ObjectKey &key, Members::Number member) const;
    void suspectBelow(const ObjectKey &folder, Members::Number member);
    void setDebt(const ObjectKey &key, Members::Number member, Debt debt, qint64 since);
    void enterDebt(const ObjectKey &key, Members::Number member, const Owed &owed);
    void endDebt(const ObjectKey &key, Members::Number member);
    void save(const ObjectKey &key, const Entry &entry);
    void saveDebt(const ObjectKey &key, Members::Number member, const Owed &owed);
    void erase(Entries::iterator entry);
    bool isCovered(Entries::const_iterator entry, qint64 before) const;

    Database &m_database;
    CatalogueRows m_rows;
    Members &m_members;
    const IClock &m_clock;
    quint64 m_version = 0;
    quint64 m_powerCutAt = 0;
    qint64 m_lastChange = 0;
    qint64 m_loaded = 0; ///< When: ms since 1970, UTC.
    quint64 m_changes = 0;
    Entries m_entries;
    std::function<bool(const ObjectKey &key)> m_held;
    QHash<Members::Number, Debts> m_debts;
    QHash<Members::Number, QHash<QByteArray, qsizetype>> m_owedOf; ///< Of these, by account.
    std::list<Owing> m_owing;                                      ///< Under way.
    QTimer m_oweMore;
};

} // namespace cring::state
