// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/catalogue.h"

#include <algorithm>
#include <set>

namespace cring::state {

namespace {

using namespace std::chrono_literals;

constexpr char kAfterSlash = '/' + 1;
/// Of what a server that has returned owes: written down in one turn of the event loop.
constexpr size_t kOweAtOnce = 500;
/// Changes that wait for the disk while no more are made.
constexpr qsizetype kBacklog = 5'000;
constexpr auto kBacklogRest = 100ms;

} // namespace

Catalogue::Catalogue(Database &database, Members &members, const IClock &clock)
    : m_database(database)
    , m_rows(database)
    , m_members(members)
    , m_clock(clock)
{
    m_oweMore.setSingleShot(true);
    connect(&m_oweMore, &QTimer::timeout, this, qOverload<>(&Catalogue::oweMore));
}

Catalogue::~Catalogue() = default;

// ---- records ----

std::optional<Record> Catalogue::find(const ObjectKey &key) const
{
    std::optional<Record> found;
    if (const auto own = m_entries.find(key); own != m_entries.end())
        found = own->second.record();
    forEachAncestor(key, [&](QByteArrayView above) {
        const auto it = m_entries.find(above);
        if (it == m_entries.end() || it->second.tombstone <= (found ? found->version : 0))
            return;
        found = Record{};
        found->deleted = true;
        found->version = it->second.tombstone;
        if (it->second.deleted)
            found->changed = it->second.changed;
    });
    return found;
}

bool Catalogue::livesBelow(const ObjectKey &key, quint64 version) const
{
    const auto lives = [version](const Entry &entry) {
        return !entry.deleted && entry.version > version;
    };
    if (const auto own = m_entries.find(key); own != m_entries.end() && lives(own->second))
        return true;
    for (auto it = m_entries.lower_bound(key + '/'); it != m_entries.end() && isAtOrBelow(it->first, key);
         ++it) {
        if (lives(it->second))
            return true;
    }
    return false;
}

QByteArrayList Catalogue::names(const ObjectKey &folder) const
{
    std::set<QByteArray> names;
    const ObjectKey below = folder + '/';
    // What lies deeper is passed over folder by folder, not path by path.
    const auto collect = [&](const auto &map, const auto &wanted) {
        for (auto it = map.lower_bound(below); it != map.end() && it->first.startsWith(below);) {
            const qsizetype slash = it->first.indexOf('/', below.size());
            const ObjectKey key = slash < 0 ? it->first : it->first.first(slash);
            if (wanted(key, slash >= 0))
                names.insert(key.sliced(below.size()));
            if (slash < 0)
                ++it;
            else
                it = map.lower_bound(key + kAfterSlash);
        }
    };
    collect(m_entries, [&](const ObjectKey &key, bool) { return lives(key); });
    for (const Debts &debts : m_debts)
        collect(debts, [&](const ObjectKey &key, bool isAbove) { return !isAbove && !find(key); });
    return {names.begin(), names.end()};
}

bool Catalogue::lives(const ObjectKey &key) const
{
    const auto record = find(key);
    return record && !record->deleted ? true : livesBelow(key, record ? record->version : 0);
}

bool Catalogue::isBelowFile(const ObjectKey &key) const
{
    bool below = false;
    forEachAncestor(key, [&](QByteArrayView above) {
        const auto it = below ? m_entries.end() : m_entries.find(above);
        if (it == m_entries.end() || it->second.deleted || it->second.folder)
            return;
        const auto record = find(it->first);
        below = record && !record->deleted;
    });
    return below;
}

quint64 Catalogue::tombstone(const ObjectKey &key) const
{
    const auto it = m_entries.find(key);
    return it == m_entries.end() ? 0 : it->second.tombstone;
}

std::optional<qint64> Catalogue::remadeAbove(const ObjectKey &key) const
{
    quint64 deleted = 0;
    forEachAncestor(key, [&](QByteArrayView above) {
        if (const auto it = m_entries.find(above); it != m_entries.end())
            deleted = std::max(deleted, it->second.tombstone);
    });
    std::optional<qint64> made;
    forEachAncestor(key, [&](QByteArrayView above) {
        const auto it = m_entries.find(above);
        if (it != m_entries.end() && !it->second.deleted && it->second.version > deleted)
            made = std::max(made.value_or(0), it->second.changed);
    });
    return deleted > 0 ? made : std::nullopt;
}

Record Catalogue::acknowledge(const ObjectKey &key, Record record, const QList<QString> &holders)
{
    record.changed = m_clock.wall().count();
    return enter(key, std::move(record), holders);
}

Record Catalogue::adopt(const ObjectKey &key, Record record, const QList<QString> &holders)
{
    if (record.changed <= 0)
        record.changed = m_clock.wall().count();
    return enter(key, std::move(record), holders);
}

Record Catalogue::enter(const ObjectKey &key, Record record, const QList<QString> &holders)
{
    // A folder is as old as it is, however often somebody makes it.
    if (const auto now = find(key); record.folder && now && now->folder && !now->deleted)
        record.changed = now->changed;
    record.version = ++m_version;
    m_lastChange = m_clock.wall().count();
    const auto [it, isNew] = m_entries.try_emplace(key);
    Entry &entry = it->second;
    const auto before = std::exchange(entry.holders, {});
    entry.fill(record);
    if (record.deleted)
        entry.tombstone = record.version;
    for (const QString &id : holders) {
        const Members::Number member = m_members.number(id);
        if (!record.deleted)
            entry.setHolder(member, true);
        if (const auto owed = debt(key, id); owed && owed->debt != Debt::InDoubt)
            endDebt(key, member);
    }
    save(it->first, entry);
    for (const Members::Number member : before) {
        if (holders.contains(m_members.id(member)))
            continue;
        // One that has returned may have had anything done to it since it held that.
        if (m_members.at(member).state == Members::State::Returned)
            mark(key, m_members.id(member), Debt::Stale);
        else
            owe(key, member, Debt::Stale);
    }
    Q_EMIT recordChanged(it->first);
    return record;
}

Catalogue::Knowledge Catalogue::knowledge(const ObjectKey &key) const
{
    Knowledge known;
    if (const auto it = m_entries.find(key); it != m_entries.end()) {
        known.record = it->second.record();
        known.tombstone = it->second.tombstone;
        known.holders = holders(key);
    }
    for (auto debts = m_debts.begin(); debts != m_debts.end(); ++debts) {
        if (const auto owed = debts->find(key); owed != debts->end())
            known.debts.insert(m_members.id(debts.key()), owed->second.debt);
    }
    return known;
}

void Catalogue::restore(const ObjectKey &key, const Knowledge &before)
{
    if (!before.record) {
        if (const auto it = m_entries.find(key); it != m_entries.end())
            erase(it);
    } else {
        const auto it = m_entries.try_emplace(key).first;
        it->second.fill(*before.record);
        it->second.tombstone = before.tombstone;
        it->second.holders.clear();
        for (const QString &id : before.holders)
            it->second.setHolder(m_members.number(id), true);
        save(it->first, it->second);
    }
    const QList<Members::Number> members = m_debts.keys();
    for (const Members::Number member : members) {
        const auto owed = debt(key, m_members.id(member));
        if (owed && owed->debt != Debt::InDoubt)
            endDebt(key, member);
    }
    for (auto owed = before.debts.begin(); owed != before.debts.end(); ++owed)
        mark(key, owed.key(), owed.value());
    Q_EMIT recordChanged(key);
}

ObjectKey Catalogue::walk(const ObjectKey &after, qsizetype limit,
                          const std::function<void(const ObjectKey &, const Holding &)> &visit) const
{
    auto it = after.isEmpty() ? m_entries.begin() : m_entries.upper_bound(after);
    for (; it != m_entries.end() && limit > 0; ++it, --limit) {
        const Record record = it->second.record();
        visit(it->first, {record, holders(it->first)});
    }
    return it == m_entries.end() ? ObjectKey() : std::prev(it)->first;
}

ObjectKey Catalogue::tidy(const ObjectKey &after, qsizetype limit, const Ages &ages)
{
    auto it = after.isEmpty() ? m_entries.begin() : m_entries.upper_bound(after);
    ObjectKey last;
    for (; it != m_entries.end() && limit > 0; --limit) {
        const auto next = std::next(it);
        last = it->first;
        const bool isOwed = std::any_of(m_debts.begin(), m_debts.end(),
                                        [&](const Debts &debts) { return debts.contains(last); });
        // What lies below goes first: a tombstone may be all that hides it.
        const bool hides = next != m_entries.end() && isAtOrBelow(next->first, last);
        const bool isOld =
            it->second.deleted && it->second.changed < ages.tombstones && !hides && !(m_held && m_held(last));
        if (!isOwed && (isOld || isCovered(it, ages.covered)))
            erase(it);
        it = next;
    }
    return it == m_entries.end() ? ObjectKey() : last;
}

/// By the delete of a folder above it, which was made before that.
bool Catalogue::isCovered(Entries::const_iterator entry, qint64 before) const
{
    bool covered = false;
    forEachAncestor(entry->first, [&](QByteArrayView above) {
        const auto it = m_entries.find(above);
        covered = covered || (it != m_entries.end() && it->second.tombstone > entry->second.version &&
                              it->second.changed < before);
    });
    return covered;
}

void Catalogue::erase(Entries::iterator entry)
{
    ++m_changes;
    Q_EMIT touched(entry->first);
    m_rows.erase(entry->first);
    m_entries.erase(entry);
}

// ---- copies ----

CopyState Catalogue::copyState(const ObjectKey &key, const QString &server) const
{
    const auto member = m_members.find(server);
    if (!member)
        return CopyState::Unknown;
    if (!m_members.trusts(server) && !gotSince(key, *member))
        return CopyState::Stale;
    return owedState(key, *member);
}

bool Catalogue::mayHold(const ObjectKey &key, const QString &server) const
{
    const auto member = m_members.find(server);
    return member && holds(key, server) && owedState(key, *member) == CopyState::Unknown;
}

/// By what is owed alone.
CopyState Catalogue::owedState(const ObjectKey &key, Members::Number number) const
{
    CopyState state = CopyState::Unknown;
    const auto debts = m_debts.constFind(number);
    if (debts == m_debts.constEnd())
        return state;
    const auto asState = [](Debt debt) {
        return debt == Debt::InDoubt ? CopyState::InDoubt
               : debt >= Debt::Stale ? CopyState::Stale
                                     : CopyState::Unknown;
    };
    if (const auto own = debts->find(key); own != debts->end())
        return asState(own->second.debt);
    const auto own = m_entries.find(key);
    forEachAncestor(key, [&](QByteArrayView above) {
        const auto owed = debts->find(above.toByteArray());
        if (owed == debts->end())
            return;
        // A file acknowledged after its folder's delete went astray is another file.
        const auto folder = m_entries.find(above);
        const bool newer = own != m_entries.end() && folder != m_entries.end() &&
                           own->second.version > folder->second.version;
        // A delete that may still act takes whatever it finds then.
        const bool mayGo = newer && owed->second.debt == Debt::InDoubt && folder->second.tombstone > 0;
        if (!newer || mayGo)
            state = std::max(state, asState(owed->second.debt));
    });
    return state;
}

/// Whatever the server has missed while it was away: this one it was given after that.
bool Catalogue::gotSince(const ObjectKey &key, Members::Number member) const
{
    const auto entry = m_entries.find(key);
    return entry != m_entries.end() && entry->second.isHolder(member) &&
           entry->second.version > m_members.at(member).returnedAt;
}

bool Catalogue::holds(const ObjectKey &key, const QString &server) const
{
    const auto member = m_members.find(server);
    const auto entry = m_entries.find(key);
    return member && entry != m_entries.end() && entry->second.isHolder(*member);
}

QList<QString> Catalogue::holders(const ObjectKey &key) const
{
    QList<QString> ids;
    if (const auto entry = m_entries.find(key); entry != m_entries.end()) {
        for (const Members::Number member : entry->second.holders)
            ids << m_members.id(member);
    }
    return ids;
}

void Catalogue::mark(const ObjectKey &key, const QString &server, Debt debt)
{
    const Members::Number member = m_members.number(server);
    if (m_members.unseenSince(server) && (debt == Debt::Suspect || debt == Debt::Stale)) {
        const auto owed = this->debt(key, server);
        const auto entry = m_entries.find(key);
        const bool ours = m_members.at(member).state == Members::State::Joined && entry != m_entries.end() &&
                          entry->second.isHolder(member);
        if (!ours && (!owed || owed->debt < Debt::Stale))
            debt = Debt::Differs;
    }
    owe(key, member, debt);
}

void Catalogue::owe(const ObjectKey &key, Members::Number member, Debt debt)
{
    const auto owed = this->debt(key, m_members.id(member));
    // A further doubt begins anew: what is on its way may be something else.
    if (!owed || owed->debt < debt || (debt == Debt::InDoubt && owed->debt == Debt::InDoubt))
        setDebt(key, member, debt, owed && debt != Debt::InDoubt ? owed->since : m_clock.wall().count());
    const auto entry = m_entries.find(key);
    if (debt >= Debt::Stale && entry != m_entries.end() && entry->second.isHolder(member)) {
        entry->second.setHolder(member, false);
        save(entry->first, entry->second);
    }
}

void Catalogue::clear(const ObjectKey &key, const QString &server)
{
    const Members::Number member = m_members.number(server);
    const auto owed = debt(key, server);
    endDebt(key, member);
    if (owed && owed->debt == Debt::InDoubt)
        suspectBelow(key, member);
    const auto entry = m_entries.find(key);
    if (entry == m_entries.end() || entry->second.deleted || entry->second.isHolder(member))
        return;
    entry->second.setHolder(member, true);
    save(entry->first, entry->second);
}

void Catalogue::clearVersion(const ObjectKey &key, const QString &server, quint64 version)
{
    const auto record = find(key);
    if ((record ? record->version : 0) == version)
        clear(key, server);
}

void Catalogue::confirm(const ObjectKey &key, const QString &server, quint64 version)
{
    const auto owed = debt(key, server);
    if (!owed || owed->debt != Debt::InDoubt)
        clearVersion(key, server, version);
}

void Catalogue::dropCopy(const ObjectKey &key, const QString &server)
{
    const Members::Number member = m_members.number(server);
    endDebt(key, member);
    const auto entry = m_entries.find(key);
    if (entry == m_entries.end() || !entry->second.isHolder(member))
        return;
    entry->second.setHolder(member, false);
    save(entry->first, entry->second);
}

void Catalogue::keptAside(const ObjectKey &key, const QString &server)
{
    const auto owed = debt(key, server);
    if (owed && owed->debt == Debt::Differs)
        setDebt(key, m_members.number(server), m_members.unseenSince(server) ? Debt::Stale : Debt::InDoubt,
                owed->since);
}

// ---- debts ----

const Catalogue::Debts &Catalogue::debts(const QString &server) const
{
    static const Debts none;
    const auto member = m_members.find(server);
    const auto debts = member ? m_debts.constFind(*member) : m_debts.constEnd();
    return debts == m_debts.constEnd() ? none : *debts;
}

std::optional<Catalogue::Owed> Catalogue::debt(const ObjectKey &key, const QString &server) const
{
    const Debts &debts = this->debts(server);
    const auto owed = debts.find(key);
    return owed == debts.end() ? std::nullopt : std::optional(owed->second);
}

qsizetype Catalogue::owedOf(const QByteArray &account, const QString &server) const
{
    const auto member = m_members.find(server);
    return member ? m_owedOf.value(*member).value(account) : 0;
}

std::optional<qint64> Catalogue::inheritedSince(const ObjectKey &key, const QString &server) const
{
    const auto owed = debt(key, server);
    const bool missed = owed && (owed->debt == Debt::Stale || owed->debt == Debt::InDoubt);
    return missed && owed->since < m_loaded ? std::optional(owed->since) : std::nullopt;
}

bool Catalogue::isSuspect(const ObjectKey &key, const QString &server) const
{
    const auto owed = debt(key, server);
    return owed && owed->debt == Debt::Suspect;
}

void Catalogue::setDebt(const ObjectKey &key, Members::Number member, Debt debt, qint64 since)
{
    const Owed owed{debt, since};
    enterDebt(key, member, owed);
    saveDebt(key, member, owed);
    Q_EMIT this->owed(m_members.id(member), key);
}

void Catalogue::enterDebt(const ObjectKey &key, Members::Number member, const Owed &owed)
{
    if (m_debts[member].insert_or_assign(key, owed).second)
        ++m_owedOf[member][accountOf(key)];
}

void Catalogue::endDebt(const ObjectKey &key, Members::Number member)
{
    const auto debts = m_debts.find(member);
    if (debts == m_debts.end() || debts->erase(key) == 0)
        return;
    ++m_changes;
    Q_EMIT touched(key);
    auto &owedOf = m_owedOf[member];
    if (const auto count = owedOf.find(accountOf(key)); --*count == 0)
        owedOf.erase(count);
    m_rows.eraseDebt(key, member);
}

/// A delete of the folder was in doubt there, and what it did late it has done by now: what was stored below
/// since may have gone with it.
void Catalogue::suspectBelow(const ObjectKey &folder, Members::Number member)
{
    const quint64 deleted = tombstone(folder);
    if (deleted == 0)
        return;
    for (auto it = m_entries.lower_bound(folder + '/');
         it != m_entries.end() && isAtOrBelow(it->first, folder); ++it) {
        if (!it->second.deleted && it->second.version > deleted && it->second.isHolder(member))
            owe(it->first, member, Debt::Suspect);
    }
}

void Catalogue::oweSince(const QString &server, quint64 version)
{
    m_owing.push_back({m_members.number(server), version, {}, false});
    oweMore();
}

void Catalogue::oweMore()
{
    if (m_database.pending() > kBacklog) {
        m_oweMore.start(kBacklogRest);
        return;
    }
    if (!m_owing.empty() && oweMore(m_owing.front()))
        m_owing.pop_front();
    if (!m_owing.empty())
        m_oweMore.start(0);
}

/// True when that is all.
bool Catalogue::oweMore(Owing &owing)
{
    if (m_members.at(owing.member).state != Members::State::Returned)
        return true;
    const auto collect = [&](const auto &map, const auto &wanted) {
        QList<ObjectKey> keys;
        auto it = owing.after.isEmpty() ? map.begin() : map.upper_bound(owing.after);
        for (size_t looks = 0; it != map.end() && looks < kOweAtOnce; ++it, ++looks) {
            owing.after = it->first;
            if (wanted(it->second))
                keys << it->first;
        }
        for (const ObjectKey &key : std::as_const(keys)) {
            if (!gotSince(key, owing.member))
                owe(key, owing.member, Debt::Differs);
        }
        return it == map.end();
    };
    if (!owing.recorded) {
        owing.recorded = collect(debts(m_members.id(owing.member)), [](const Owed &) { return true; });
        if (!owing.recorded)
            return false;
        owing.after.clear();
    }
    return collect(m_entries, [&](const Entry &entry) {
        return std::max(entry.version, entry.tombstone) > owing.version;
    });
}

void Catalogue::doubtAll()
{
    for (auto debts = m_debts.begin(); debts != m_debts.end(); ++debts) {
        for (auto &[key, owed] : *debts) {
            if (owed.debt != Debt::Stale)
                continue;
            owed.debt = Debt::InDoubt;
            saveDebt(key, debts.key(), owed);
        }
    }
}

void Catalogue::doubtAfterPowerCut()
{
    m_powerCutAt = m_version = std::max<quint64>(m_version, 1);
    for (auto debts = m_debts.begin(); debts != m_debts.end(); ++debts) {
        QList<ObjectKey> removals;
        for (auto &[key, owed] : *debts) {
            const auto record = find(key);
            if (!record || owed.debt < Debt::Stale || owed.debt == Debt::Differs)
                continue;
            if (record->deleted) {
                removals << key;
            } else if (owed.debt == Debt::Stale && !record->digest.isEmpty()) {
                owed.debt = Debt::Suspect;
                saveDebt(key, debts.key(), owed);
            }
        }
        for (const ObjectKey &key : std::as_const(removals))
            endDebt(key, debts.key());
    }
}

void Catalogue::endPowerCut()
{
    if (std::exchange(m_powerCutAt, 0) > 0)
        Q_EMIT powerCutEnded();
}

// ---- the database ----

Status Catalogue::load()
{
    m_loaded = m_clock.wall().count();
    return m_rows.load(
        [this](const ObjectKey &key, const Entry &entry) {
            m_entries.emplace_hint(m_entries.end(), key, entry);
            m_version = std::max({m_version, entry.version, entry.tombstone});
            m_lastChange = std::max(m_lastChange, entry.changed);
        },
        [this](const ObjectKey &key, Members::Number member, const Owed &owed) {
            enterDebt(key, member, owed);
        });
}

void Catalogue::save(const ObjectKey &key, const Entry &entry)
{
    ++m_changes;
    Q_EMIT touched(key);
    m_rows.save(key, entry);
}

void Catalogue::saveDebt(const ObjectKey &key, Members::Number member, const Owed &owed)
{
    ++m_changes;
    Q_EMIT touched(key);
    m_rows.saveDebt(key, member, owed);
}

} // namespace cring::state
