// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/bucketledger.h"

#include <algorithm>

namespace cring::state {

namespace {

/// Keys that are compared in one turn of the event loop.
constexpr qsizetype kStep = 1'000;

enum Flag : int {
    Folder = 1,
    Gone = 2,
    Doubtful = 4,
    Kept = 8,
};

int flagsOf(const BucketLedger::Object &object)
{
    return (object.folder ? Folder : 0) | (object.gone ? Gone : 0) | (object.doubtful ? Doubtful : 0) |
           (object.kept ? Kept : 0);
}

BucketLedger::Object objectOf(const Row &row)
{
    BucketLedger::Object object;
    object.version = static_cast<quint64>(row.int64(2));
    object.size = row.int64(3);
    object.etag = row.blob(4);
    object.sha256 = row.blob(5);
    object.stored = row.int64(6);
    object.verified = row.int64(7);
    const auto flags = row.int64(8);
    object.folder = flags & Folder;
    object.gone = flags & Gone;
    object.doubtful = flags & Doubtful;
    object.kept = flags & Kept;
    return object;
}

} // namespace

BucketLedger::BucketLedger(Database &database, const Catalogue &catalogue, const IClock &clock)
    : m_database(database)
    , m_catalogue(catalogue)
    , m_clock(clock)
{
    m_sweep.setInterval(0);
    connect(&m_sweep, &QTimer::timeout, this, &BucketLedger::sweepMore);
    connect(&m_catalogue, &Catalogue::recordChanged, this, &BucketLedger::handleChanged);
}

BucketLedger::~BucketLedger() = default;

Status BucketLedger::load()
{
    Session &session = m_database.session();
    Status loaded =
        session.each(QStringLiteral("SELECT number, id FROM buckets"), {}, [this](const Row &row) {
            const auto number = static_cast<Bucket>(row.int64(0));
            m_numbers.insert(QString::fromUtf8(row.blob(1)), number);
            m_held[number];
        });
    if (loaded)
        loaded = session.each(
            QStringLiteral("SELECT bucket, name, value FROM bucket_facts"), {}, [this](const Row &row) {
                m_held[static_cast<Bucket>(row.int64(0))].facts.insert(row.blob(1), row.blob(2));
            });
    if (loaded)
        loaded = session.each(
            QStringLiteral("SELECT bucket, key, version, size, etag, sha256, stored, verified, flags"
                           " FROM bucket_objects ORDER BY key"),
            {}, [this](const Row &row) {
                Objects &objects = m_held[static_cast<Bucket>(row.int64(0))].objects;
                objects.insert_or_assign(objects.end(), row.blob(1), objectOf(row));
            });
    return loaded;
}

void BucketLedger::configure(const QList<std::pair<QString, QSet<QByteArray>>> &buckets)
{
    m_configured.clear();
    for (auto &[number, held] : m_held) {
        held.debts.clear();
        held.sum = {};
    }
    for (const auto &[id, accounts] : buckets) {
        auto known = m_numbers.constFind(id);
        if (known == m_numbers.constEnd()) {
            const Bucket next = m_held.empty() ? 1 : m_held.rbegin()->first + 1;
            known = m_numbers.insert(id, next);
            m_database.write([next, name = id.toUtf8()](Session &session) {
                return session.run(QStringLiteral("INSERT INTO buckets (number, id) VALUES (?,?)"),
                                   {next, name});
            });
        }
        m_held[*known].accounts = accounts;
        m_configured << *known;
    }
    m_sweeps.clear();
    if (!m_configured.isEmpty())
        beginSweep({});
}

std::optional<BucketLedger::Bucket> BucketLedger::find(const QString &id) const
{
    const auto known = m_numbers.constFind(id);
    return known == m_numbers.constEnd() ? std::nullopt : std::optional(*known);
}

const BucketLedger::Objects &BucketLedger::objects(Bucket bucket) const
{
    return m_held.at(bucket).objects;
}

std::optional<BucketLedger::Object> BucketLedger::object(Bucket bucket, const ObjectKey &key) const
{
    const Objects &objects = m_held.at(bucket).objects;
    const auto it = objects.find(key);
    return it == objects.end() ? std::nullopt : std::optional(it->second);
}

const BucketLedger::Debts &BucketLedger::debts(Bucket bucket) const
{
    return m_held.at(bucket).debts;
}

BucketLedger::Sum BucketLedger::sum(Bucket bucket) const
{
    return m_held.at(bucket).sum;
}

qint64 BucketLedger::oldest(Bucket bucket) const
{
    qint64 oldest = 0;
    for (const auto &[key, owed] : m_held.at(bucket).debts) {
        if (owed.need != Need::Look && (oldest == 0 || owed.since < oldest))
            oldest = owed.since;
    }
    return oldest;
}

bool BucketLedger::isWanted(const ObjectKey &key, const QByteArray &digest) const
{
    if (m_configured.isEmpty())
        return false;
    const auto record = m_catalogue.find(key);
    if (!record || record->deleted || record->folder || record->digest != digest)
        return false;
    return std::ranges::any_of(
        m_configured, [&](Bucket bucket) { return owedFor(m_held.at(bucket), key).need == Need::Store; });
}

bool BucketLedger::hasAtOrBelow(const ObjectKey &key) const
{
    return std::ranges::any_of(m_configured, [&](Bucket bucket) {
        if (!takes(bucket, key))
            return false;
        const Objects &objects = m_held.at(bucket).objects;
        if (const auto own = objects.find(key); own != objects.end() && !own->second.kept)
            return true;
        auto below = objects.lower_bound(key + '/');
        while (below != objects.end() && below->second.kept && isAtOrBelow(below->first, key))
            ++below;
        return below != objects.end() && isAtOrBelow(below->first, key);
    });
}

bool BucketLedger::takes(Bucket bucket, const ObjectKey &key) const
{
    const QSet<QByteArray> &accounts = m_held.at(bucket).accounts;
    return accounts.isEmpty() || accounts.contains(accountOf(key));
}

void BucketLedger::set(Bucket bucket, const ObjectKey &key, const Object &object)
{
    m_held.at(bucket).objects.insert_or_assign(key, object);
    save(bucket, key, object);
    consider(bucket, key);
}

void BucketLedger::distrust(Bucket bucket, const ObjectKey &key)
{
    auto known = object(bucket, key);
    if (!known)
        return;
    known->version = 0;
    known->etag.clear();
    set(bucket, key, *known);
}

void BucketLedger::forget(Bucket bucket, const ObjectKey &key)
{
    m_held.at(bucket).objects.erase(key);
    m_database.write([bucket, key](Session &session) {
        return session.run(QStringLiteral("DELETE FROM bucket_objects WHERE bucket = ? AND key = ?"),
                           {bucket, key});
    });
    consider(bucket, key);
}

QByteArray BucketLedger::fact(Bucket bucket, const QByteArray &name) const
{
    return m_held.at(bucket).facts.value(name);
}

void BucketLedger::setFact(Bucket bucket, const QByteArray &name, const QByteArray &value)
{
    m_held.at(bucket).facts.insert(name, value);
    m_database.write([bucket, name, value](Session &session) {
        return session.run(
            QStringLiteral("INSERT OR REPLACE INTO bucket_facts (bucket, name, value) VALUES (?,?,?)"),
            {bucket, name, value});
    });
}

// ---- what is owed ----

void BucketLedger::handleChanged(const ObjectKey &key)
{
    if (m_configured.isEmpty())
        return;
    consider(key);
    const auto record = m_catalogue.find(key);
    // A folder's delete is one record, and many objects.
    const bool below = (!record || record->deleted) && std::ranges::any_of(m_configured, [&](Bucket bucket) {
                           const Objects &objects = m_held.at(bucket).objects;
                           const auto next = objects.upper_bound(key);
                           return next != objects.end() && next->first.startsWith(key);
                       });
    if (below)
        beginSweep(key);
}

void BucketLedger::beginSweep(const ObjectKey &top)
{
    m_sweeps.push_back({top, top, false});
    m_sweep.start();
}

void BucketLedger::sweepMore()
{
    if (!m_sweeps.empty() && sweepStep(m_sweeps.front()))
        m_sweeps.pop_front();
    if (m_sweeps.empty()) {
        m_sweep.stop();
        Q_EMIT compared();
    }
}

/// True at the end.
bool BucketLedger::sweepStep(Sweep &sweep)
{
    if (sweep.recorded) {
        sweep.after = m_catalogue.walk(
            sweep.after, kStep, [this](const ObjectKey &key, const Catalogue::Holding &) { consider(key); });
        return sweep.after.isEmpty();
    }
    // Of all buckets together: the next keys in order.
    std::vector<ObjectKey> keys;
    for (const Bucket bucket : std::as_const(m_configured)) {
        const Objects &objects = m_held.at(bucket).objects;
        auto it = objects.upper_bound(sweep.after);
        for (qsizetype i = 0; i < kStep && it != objects.end(); ++i, ++it) {
            if (!sweep.top.isEmpty() && !it->first.startsWith(sweep.top))
                break;
            keys.push_back(it->first);
        }
    }
    std::ranges::sort(keys);
    keys.erase(std::ranges::unique(keys).begin(), keys.end());
    if (keys.size() > kStep)
        keys.resize(kStep);
    for (const ObjectKey &key : keys)
        consider(key);
    if (!keys.empty()) {
        sweep.after = keys.back();
        return false;
    }
    if (!sweep.top.isEmpty())
        return true; // each record below it tells of itself
    sweep.after.clear();
    sweep.recorded = true;
    return false;
}

void BucketLedger::consider(const ObjectKey &key)
{
    for (const Bucket bucket : std::as_const(m_configured))
        consider(bucket, key);
}

void BucketLedger::consider(Bucket bucket, const ObjectKey &key)
{
    if (!m_configured.contains(bucket))
        return;
    Held &held = m_held.at(bucket);
    const Owed owed = owedFor(held, key);
    const auto before = held.debts.find(key);
    if (before == held.debts.end() ? owed.need == Need::Nothing : before->second == owed)
        return;
    if (before != held.debts.end()) {
        count(held.sum, before->second, -1);
        if (owed.need == Need::Nothing)
            held.debts.erase(before);
        else
            before->second = owed;
    } else {
        held.debts.emplace(key, owed);
    }
    count(held.sum, owed, +1);
    Q_EMIT owedChanged(bucket);
    Q_EMIT touched(key);
}

BucketLedger::Owed BucketLedger::owedFor(const Held &held, const ObjectKey &key) const
{
    if (!held.accounts.isEmpty() && !held.accounts.contains(accountOf(key)))
        return {};
    const auto it = held.objects.find(key);
    const Object *object = it == held.objects.end() ? nullptr : &it->second;
    const auto record = m_catalogue.find(key);
    if (record && !record->deleted) {
        if (!object || object->gone || object->version != record->version)
            return {Need::Store, record->folder ? 0 : std::max<qint64>(record->size, 0), record->changed};
    } else if (record && object && !object->gone && !object->kept) {
        return {Need::Remove, 0, record->changed};
    }
    if (object && object->doubtful)
        return {Need::Look, 0, std::max(object->stored, object->verified)};
    return {};
}

void BucketLedger::count(Sum &sum, const Owed &owed, int sign)
{
    sum.stores += owed.need == Need::Store ? sign : 0;
    sum.removals += owed.need == Need::Remove ? sign : 0;
    sum.looks += owed.need == Need::Look ? sign : 0;
    sum.bytes += sign * owed.bytes;
}

void BucketLedger::save(Bucket bucket, const ObjectKey &key, const Object &object)
{
    m_database.write([bucket, key, object](Session &session) {
        return session.run(
            QStringLiteral("INSERT OR REPLACE INTO bucket_objects (bucket, key, version, size, etag, sha256,"
                           " stored, verified, flags) VALUES (?,?,?,?,?,?,?,?,?)"),
            {bucket, key, static_cast<qint64>(object.version), object.size, object.etag, object.sha256,
             object.stored, object.verified, flagsOf(object)});
    });
}

} // namespace cring::state
