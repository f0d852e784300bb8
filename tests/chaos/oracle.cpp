// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/chaos/oracle.h"

#include <QSet>

#include <algorithm>
#include <set>

namespace cring::chaos {

namespace {

bool mayBeAbsent(const std::vector<Value> &values)
{
    return std::any_of(values.begin(), values.end(),
                       [](const Value &value) { return value.kind == Value::Kind::Absent; });
}

bool mustBeAbsent(const std::vector<Value> &values)
{
    return std::all_of(values.begin(), values.end(),
                       [](const Value &value) { return value.kind == Value::Kind::Absent; });
}

QByteArray wordsOf(const std::vector<Value> &values)
{
    QByteArrayList words;
    for (const Value &value : values) {
        if (const QByteArray one = value.words(); !words.contains(one))
            words << one;
    }
    return words.join(", or ");
}

Breach::Kind kindOf(const Value &value, const std::vector<Value> &allowed, const PathHistory &history)
{
    if (value.kind == Value::Kind::Absent)
        return Breach::Kind::Lost;
    if (!history.find(value))
        return Breach::Kind::WrongBytes;
    return mustBeAbsent(allowed) ? Breach::Kind::CameBack : Breach::Kind::OldVersion;
}

QByteArray shown(const QByteArray &path)
{
    return path.isEmpty() ? QByteArray("/") : path;
}

} // namespace

const char *nameOf(Breach::Kind kind)
{
    switch (kind) {
    case Breach::Kind::Lost:
        return "lost";
    case Breach::Kind::OldVersion:
        return "old version";
    case Breach::Kind::CameBack:
        return "came back";
    case Breach::Kind::WrongBytes:
        return "wrong bytes";
    case Breach::Kind::WrongMode:
        return "wrong mode";
    case Breach::Kind::Stray:
        return "stray";
    case Breach::Kind::Unequal:
        return "unequal";
    case Breach::Kind::ListingMisses:
        return "listing misses";
    case Breach::Kind::ListingShows:
        return "listing shows";
    case Breach::Kind::NumberTwice:
        return "number twice";
    case Breach::Kind::NoAnswer:
        return "no answer";
    case Breach::Kind::Unreadable:
        return "unreadable";
    case Breach::Kind::Ended:
        break;
    }
    return "ended";
}

Oracle::Oracle(const Journal &journal)
    : m_journal(journal)
    , m_histories(journal)
{
}

std::vector<Breach> Oracle::judgeLoad(bool powerCuts) const
{
    std::vector<Breach> breaches;
    for (const Entry &entry : m_journal) {
        if (entry.ending == Ending::NoAnswer)
            breaches.push_back(
                {Breach::Kind::NoAnswer, entry.toText(), PathKey{entry.account, entry.operation.path}});
        else if (entry.operation.kind == Operation::Kind::Read && entry.ending == Ending::Done)
            judgeRead(entry, breaches);
    }
    if (powerCuts) {
        std::erase_if(breaches, [](const Breach &breach) {
            return breach.kind == Breach::Kind::Lost || breach.kind == Breach::Kind::OldVersion ||
                   breach.kind == Breach::Kind::ListingMisses;
        });
    }
    judgeNumbers(breaches);
    return breaches;
}

std::vector<Breach> Oracle::judgeAftermath(const Aftermath &aftermath) const
{
    std::set<PathKey> keys;
    for (const auto &[key, history] : m_histories.all())
        keys.insert(key);
    for (const Disk &disk : aftermath.disks) {
        for (const auto &[key, value] : disk.values)
            keys.insert(key);
    }
    std::vector<Breach> onDisks;
    for (const PathKey &key : keys)
        judgePath(key, aftermath, onDisks);
    std::vector<Breach> breaches = onDisks;
    for (const Entry &reading : aftermath.readings)
        judgeReading(reading, aftermath, onDisks, breaches);
    return breaches;
}

void Oracle::judgePath(const PathKey &key, const Aftermath &aftermath, std::vector<Breach> &breaches) const
{
    QByteArrayList found;
    std::vector<Value> values;
    for (const Disk &disk : aftermath.disks) {
        const auto at = disk.values.find(key);
        values.push_back(at == disk.values.end() ? Value::absent() : at->second);
        found << disk.server + " has " + values.back().words();
    }
    if (values.empty())
        return;
    const bool equal = std::all_of(values.begin(), values.end(),
                                   [&](const Value &value) { return value.alike(values.front()); });
    if (!equal && mayDiffer(key, values, aftermath))
        return;
    if (!equal) {
        const PathHistory *history = m_histories.find(key);
        const QByteArray expected =
            history ? wordsOf(history->allowed(EndOfTime, EndOfTime)) : QByteArray("nothing");
        breaches.push_back({Breach::Kind::Unequal,
                            shown(key.path) + ": " + found.join(", ") + "; it should be " + expected, key});
    } else if (auto breach = judge(key, values.front(), EndOfTime, EndOfTime)) {
        breach->words = "on every server's disk, " + breach->words;
        breaches.push_back(*breach);
    }
}

bool Oracle::mayDiffer(const PathKey &key, const std::vector<Value> &values, const Aftermath &aftermath) const
{
    return aftermath.told.count(key) > 0 &&
           std::none_of(values.begin(), values.end(),
                        [&](const Value &value) { return judge(key, value, EndOfTime, EndOfTime); });
}

/// What the disks have tells more: a path that is wrong there is told of once.
void Oracle::judgeReading(const Entry &reading, const Aftermath &aftermath,
                          const std::vector<Breach> &onDisks, std::vector<Breach> &breaches) const
{
    const PathKey key{reading.account, reading.operation.path};
    if (reading.ending != Ending::Done && mayBeToldAsGone(key, aftermath))
        return;
    const bool told = std::any_of(onDisks.begin(), onDisks.end(), [&](const Breach &breach) {
        return breach.path && breach.path->account == key.account &&
               (*breach.path == key || folderOf(breach.path->path) == key.path);
    });
    if (told)
        return;
    if (reading.ending == Ending::Done)
        judgeRead(reading, breaches);
    else if (!mayBeBelowAFile(key))
        breaches.push_back({Breach::Kind::Unreadable, reading.toText(), key});
}

/// The ring does not know what became of a delete that nobody was told of, and says so.
bool Oracle::mayBeToldAsGone(const PathKey &key, const Aftermath &aftermath) const
{
    const PathHistory *history = m_histories.find(key);
    return aftermath.told.count(key) > 0 && history && mayBeAbsent(history->allowed(EndOfTime, EndOfTime));
}

/// There a Charm server answers with 500, whatever it is asked.
bool Oracle::mayBeBelowAFile(const PathKey &key) const
{
    const PathHistory *history = m_histories.find({key.account, folderOf(key.path)});
    const auto values = history ? history->allowed(EndOfTime, EndOfTime) : std::vector<Value>();
    return std::any_of(values.begin(), values.end(),
                       [](const Value &value) { return value.kind == Value::Kind::File; });
}

void Oracle::judgeRead(const Entry &read, std::vector<Breach> &breaches) const
{
    const PathKey key{read.account, read.operation.path};
    if (auto breach = judge(key, read.seen, read.begin, read.end)) {
        breach->words += "; " + read.toText();
        breaches.push_back(*breach);
    } else if (read.names) {
        judgeListing(read, breaches);
    }
}

void Oracle::judgeListing(const Entry &listing, std::vector<Breach> &breaches) const
{
    const PathKey folder{listing.account, listing.operation.path};
    const QSet<QByteArray> names(listing.names->begin(), listing.names->end());
    const QByteArray prefix = folder.path.isEmpty() ? QByteArray() : folder.path + '/';
    for (const PathKey &key : m_histories.in(folder)) {
        const auto values = m_histories.find(key)->allowed(listing.begin, listing.end);
        const bool is = names.contains(key.path.mid(prefix.size()));
        if (!is && !mayBeAbsent(values))
            breaches.push_back(
                {Breach::Kind::ListingMisses, key.path + " is not in it; " + listing.toText(), key});
        if (is && mustBeAbsent(values))
            breaches.push_back(
                {Breach::Kind::ListingShows, key.path + " is in it; " + listing.toText(), key});
    }
    for (const QByteArray &name : *listing.names) {
        const PathKey key{folder.account, prefix + name};
        if (!m_histories.find(key))
            breaches.push_back({Breach::Kind::Stray, key.path + " is in it; " + listing.toText(), key});
    }
}

void Oracle::judgeNumbers(std::vector<Breach> &breaches) const
{
    std::map<std::pair<PathKey, qint64>, const Entry *> given;
    for (const Entry &entry : m_journal) {
        if (entry.sequence < 0)
            continue;
        const auto [at, isNew] =
            given.try_emplace({{entry.account, entry.operation.path}, entry.sequence}, &entry);
        if (!isNew)
            breaches.push_back({Breach::Kind::NumberTwice, at->second->toText() + "; and " + entry.toText(),
                                PathKey{entry.account, entry.operation.path}});
    }
}

std::optional<Breach> Oracle::judge(const PathKey &key, const Value &value, Moment from, Moment to) const
{
    const PathHistory *history = m_histories.find(key);
    if (!history) {
        if (value.kind == Value::Kind::Absent)
            return {};
        return Breach{Breach::Kind::Stray, shown(key.path) + " is " + value.words(), key};
    }
    const std::vector<Value> allowed = history->allowed(from, to);
    const auto same = [&](const Value &one) {
        return one.sameBytes(value);
    };
    if (std::none_of(allowed.begin(), allowed.end(), same))
        return Breach{kindOf(value, allowed, *history),
                      shown(key.path) + " is " + value.words() + ", and should be " + wordsOf(allowed), key};
    // While a copy is written its bytes come before its mode: only what is at rest tells.
    const bool tells = from == EndOfTime && value.kind == Value::Kind::File;
    if (tells && std::find(allowed.begin(), allowed.end(), value) == allowed.end())
        return Breach{Breach::Kind::WrongMode,
                      shown(key.path) + " is " + value.words() + ", and should be " + wordsOf(allowed), key};
    return {};
}

} // namespace cring::chaos
