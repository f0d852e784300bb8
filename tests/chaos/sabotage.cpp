// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/chaos/sabotage.h"

#include "tests/chaos/content.h"

#include <QDir>
#include <QFile>

#include <sys/stat.h>

#include <algorithm>

namespace cring::chaos {

namespace {

constexpr qint64 EnoughToDamage = 64; ///< Bytes.

/// What an upload sent.
QByteArray bytesOf(const Entry &entry)
{
    return contentOf(entry.client, entry.number, entry.operation.size);
}

QByteArray readFile(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

bool writeFile(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly | QIODevice::Truncate) && file.write(bytes) == bytes.size();
}

/// The servers' user has to read it.
bool writeNewFile(const QString &path, const QByteArray &bytes)
{
    return writeFile(path, bytes) && ::chmod(QFile::encodeName(path).constData(), 0644) == 0;
}

bool isAtOrBelow(const PathKey &key, const PathKey &above)
{
    return key.account == above.account && (key.path == above.path || key.path.startsWith(above.path + '/'));
}

} // namespace

struct Sabotage::Kind
{
    const char *name;
    Breach::Kind expected;
    Path (Sabotage::*commit)();
};

const std::vector<Sabotage::Kind> &Sabotage::all()
{
    using enum Breach::Kind;
    static const std::vector<Kind> kinds = {
        {"lose", Lost, &Sabotage::lose},
        {"lose-folder", Lost, &Sabotage::loseFolder},
        {"old-version", OldVersion, &Sabotage::putBackOldVersion},
        {"resurrect", CameBack, &Sabotage::resurrect},
        {"resurrect-folder", CameBack, &Sabotage::resurrectFolder},
        {"mix", WrongBytes, &Sabotage::mix},
        {"cut-short", WrongBytes, &Sabotage::cutShort},
        {"flip-one-copy", Unequal, &Sabotage::flipOneCopy},
        {"mode", WrongMode, &Sabotage::changeMode},
        {"plant", Stray, &Sabotage::plant},
        {"read-old-version", OldVersion, &Sabotage::readOldVersion},
        {"hide-in-listing", ListingMisses, &Sabotage::hideInListing},
        {"show-in-listing", ListingShows, &Sabotage::showInListing},
        {"number-twice", NumberTwice, &Sabotage::repeatNumber},
        {"no-answer", NoAnswer, &Sabotage::loseAnswer},
    };
    return kinds;
}

QByteArrayList Sabotage::kinds()
{
    QByteArrayList names;
    for (const Kind &kind : all())
        names << kind.name;
    return names;
}

Sabotage::Sabotage(Site &site, Journal &journal, const std::vector<Breach> &before)
    : m_site(site)
    , m_journal(journal)
    , m_histories(journal)
{
    for (const Breach &breach : before) {
        if (breach.path)
            m_before.push_back(*breach.path);
    }
}

Status Sabotage::commit(const QByteArray &kind)
{
    const auto found =
        std::find_if(all().begin(), all().end(), [&](const Kind &one) { return kind == one.name; });
    const Path path = found == all().end() ? Path() : (this->*found->commit)();
    if (!path)
        return Error{Code::NotFound,
                     QStringLiteral("nothing is fit for the sabotage \"%1\"; let the load run "
                                    "for longer")
                         .arg(QString::fromUtf8(kind))};
    m_deeds.push_back({kind, found->expected, *path});
    return {};
}

bool Sabotage::tellsOf(const Breach &breach, const Deed &deed)
{
    return breach.kind == deed.expected && breach.path && isAtOrBelow(*breach.path, deed.path);
}

QByteArrayList Sabotage::proven(const std::vector<Breach> &breaches) const
{
    QByteArrayList words;
    for (const Deed &deed : m_deeds) {
        if (std::any_of(breaches.begin(), breaches.end(),
                        [&](const Breach &breach) { return tellsOf(breach, deed); }))
            words << deed.kind + " of " + deed.path.path + ": " + nameOf(deed.expected);
    }
    return words;
}

QByteArrayList Sabotage::unproven(const std::vector<Breach> &breaches) const
{
    QByteArrayList words;
    for (const Deed &deed : m_deeds) {
        if (std::none_of(breaches.begin(), breaches.end(),
                         [&](const Breach &breach) { return tellsOf(breach, deed); }))
            words << "not found: " + deed.kind + " of " + deed.path.path;
    }
    for (const Breach &breach : breaches) {
        const bool known =
            !breach.path || std::find(m_before.begin(), m_before.end(), *breach.path) != m_before.end() ||
            std::any_of(m_deeds.begin(), m_deeds.end(),
                        [&](const Deed &deed) { return isAtOrBelow(*breach.path, deed.path); });
        if (!known)
            words << QByteArray("nobody's deed: ") + nameOf(breach.kind) + ": " + breach.words;
    }
    return words;
}

Sabotage::Path Sabotage::choose(const std::function<bool(const PathKey &, const PathHistory &)> &fits) const
{
    for (const auto &[key, history] : m_histories.all()) {
        if (!key.path.isEmpty() && !isUsed(key) && fits(key, history))
            return key;
    }
    return {};
}

/// By a deed or a breach at it, above it or below it.
bool Sabotage::isUsed(const PathKey &key) const
{
    const auto meets = [&](const PathKey &used) {
        return isAtOrBelow(key, used) || isAtOrBelow(used, key);
    };
    return std::any_of(m_before.begin(), m_before.end(), meets) ||
           std::any_of(m_deeds.begin(), m_deeds.end(), [&](const Deed &deed) { return meets(deed.path); });
}

/// It is that, whatever may have happened.
bool Sabotage::isCertain(const PathKey &key, Value::Kind kind) const
{
    const PathHistory *history = m_histories.find(key);
    const auto values = history ? history->allowed(EndOfTime, EndOfTime) : std::vector<Value>{{}};
    return values.size() == 1 && values.front().kind == kind;
}

QString Sabotage::place(int server, const PathKey &key) const
{
    return m_site.folder(server, key.account) + u'/' + QString::fromUtf8(key.path);
}

Sabotage::Path Sabotage::everywhere(const Path &key, const Act &act)
{
    for (int server = 0; key && server < Site::Servers; ++server) {
        if (!act(place(server, *key)))
            return {};
    }
    return key;
}

/// A version that was acknowledged before what is there now.
const Change *Sabotage::olderVersion(const PathHistory &history) const
{
    const Value now = history.allowed(EndOfTime, EndOfTime).front();
    const auto &changes = history.changes();
    const auto found = std::find_if(changes.begin(), changes.end(), [&](const Change &change) {
        return change.to.kind == Value::Kind::File && change.entry->ending == Ending::Done &&
               change.to.size >= EnoughToDamage && !change.to.sameBytes(now);
    });
    return found == changes.end() ? nullptr : &*found;
}

Sabotage::Path Sabotage::lose()
{
    return everywhere(
        choose([this](const PathKey &key, const PathHistory &) { return isCertain(key, Value::Kind::File); }),
        [](const QString &path) { return QFile::remove(path); });
}

Sabotage::Path Sabotage::loseFolder()
{
    return everywhere(choose([this](const PathKey &key, const PathHistory &) {
                          const auto inner = m_histories.in(key);
                          return key.path.contains('/') && isCertain(key, Value::Kind::Folder) &&
                                 std::any_of(inner.begin(), inner.end(), [this](const PathKey &one) {
                                     return isCertain(one, Value::Kind::File);
                                 });
                      }),
                      [](const QString &path) { return QDir(path).removeRecursively(); });
}

Sabotage::Path Sabotage::putBackOldVersion()
{
    const Path key = choose([this](const PathKey &one, const PathHistory &history) {
        return isCertain(one, Value::Kind::File) && olderVersion(history);
    });
    if (!key)
        return {};
    const QByteArray bytes = bytesOf(*olderVersion(*m_histories.find(*key))->entry);
    return everywhere(key, [&](const QString &path) { return writeFile(path, bytes); });
}

Sabotage::Path Sabotage::resurrect()
{
    const Path key = choose([this](const PathKey &one, const PathHistory &history) {
        return isCertain(one, Value::Kind::Absent) && olderVersion(history) &&
               isCertain({one.account, folderOf(one.path)}, Value::Kind::Folder);
    });
    if (!key)
        return {};
    const QByteArray bytes = bytesOf(*olderVersion(*m_histories.find(*key))->entry);
    return everywhere(key, [&](const QString &path) { return writeNewFile(path, bytes); });
}

Sabotage::Path Sabotage::resurrectFolder()
{
    Path inner;
    const Path key = choose([&](const PathKey &folder, const PathHistory &) {
        if (!isCertain(folder, Value::Kind::Absent) ||
            !isCertain({folder.account, folderOf(folder.path)}, Value::Kind::Folder))
            return false;
        const auto below = m_histories.in(folder);
        const auto file = std::find_if(below.begin(), below.end(), [this](const PathKey &one) {
            return isCertain(one, Value::Kind::Absent) && olderVersion(*m_histories.find(one));
        });
        if (file != below.end())
            inner = *file;
        return file != below.end();
    });
    if (!key)
        return {};
    const QByteArray bytes = bytesOf(*olderVersion(*m_histories.find(*inner))->entry);
    const QString name = QString::fromUtf8(inner->path.mid(key->path.size()));
    return everywhere(key, [&](const QString &path) {
        return QDir().mkpath(path) && ::chmod(QFile::encodeName(path).constData(), 0755) == 0 &&
               writeNewFile(path + name, bytes);
    });
}

/// The first half is new, the second old.
Sabotage::Path Sabotage::mix()
{
    const Path key = choose([this](const PathKey &one, const PathHistory &history) {
        return isCertain(one, Value::Kind::File) && olderVersion(history) &&
               history.allowed(EndOfTime, EndOfTime).front().size >= EnoughToDamage;
    });
    if (!key)
        return {};
    const QByteArray old = bytesOf(*olderVersion(*m_histories.find(*key))->entry);
    return everywhere(key, [&](const QString &path) {
        const QByteArray now = readFile(path);
        return writeFile(path, now.left(now.size() / 2) + old.mid(now.size() / 2) + old.left(now.size() / 4));
    });
}

Sabotage::Path Sabotage::cutShort()
{
    return everywhere(choose([this](const PathKey &key, const PathHistory &history) {
                          return isCertain(key, Value::Kind::File) &&
                                 history.allowed(EndOfTime, EndOfTime).front().size >= EnoughToDamage;
                      }),
                      [](const QString &path) { return QFile::resize(path, EnoughToDamage / 2); });
}

Sabotage::Path Sabotage::flipOneCopy()
{
    const Path key = choose([this](const PathKey &one, const PathHistory &history) {
        return isCertain(one, Value::Kind::File) &&
               history.allowed(EndOfTime, EndOfTime).front().size >= EnoughToDamage;
    });
    if (!key)
        return {};
    QByteArray bytes = readFile(place(1, *key));
    bytes[EnoughToDamage / 2] = static_cast<char>(bytes[EnoughToDamage / 2] ^ 1);
    return writeFile(place(1, *key), bytes) ? key : Path();
}

Sabotage::Path Sabotage::changeMode()
{
    return everywhere(
        choose([this](const PathKey &key, const PathHistory &history) {
            return isCertain(key, Value::Kind::File) &&
                   history.allowed(EndOfTime, EndOfTime).front().mode != 0600;
        }),
        [](const QString &path) { return ::chmod(QFile::encodeName(path).constData(), 0600) == 0; });
}

Sabotage::Path Sabotage::plant()
{
    Path key = choose(
        [this](const PathKey &one, const PathHistory &) { return isCertain(one, Value::Kind::Folder); });
    if (!key)
        return {};
    key->path += "/planted";
    return everywhere(key, [](const QString &path) { return writeNewFile(path, "nobody's"); });
}

Sabotage::Path Sabotage::readOldVersion()
{
    for (Entry &entry : m_journal) {
        const PathKey key{entry.account, entry.operation.path};
        const PathHistory *history = m_histories.find(key);
        if (entry.operation.kind != Operation::Kind::Read || entry.ending != Ending::Done || !history ||
            entry.seen.kind != Value::Kind::File || isUsed(key))
            continue;
        const auto allowed = history->allowed(entry.begin, entry.end);
        for (const Change &change : history->changes()) {
            if (change.to.kind != Value::Kind::File || change.entry->end > entry.begin ||
                std::any_of(allowed.begin(), allowed.end(),
                            [&](const Value &value) { return value.sameBytes(change.to); }))
                continue;
            entry.seen = change.to;
            return key;
        }
    }
    return {};
}

Sabotage::Path Sabotage::hideInListing()
{
    return changeListing(Value::Kind::File,
                         [](QByteArrayList &names, const QByteArray &name) { names.removeAll(name); });
}

Sabotage::Path Sabotage::showInListing()
{
    return changeListing(Value::Kind::Absent,
                         [](QByteArrayList &names, const QByteArray &name) { names << name; });
}

/// Of a name that was certainly that when somebody listed its folder.
Sabotage::Path Sabotage::changeListing(Value::Kind kind, void (*change)(QByteArrayList &, const QByteArray &))
{
    for (Entry &entry : m_journal) {
        if (!entry.names)
            continue;
        for (const PathKey &key : m_histories.in({entry.account, entry.operation.path})) {
            const auto values = m_histories.find(key)->allowed(entry.begin, entry.end);
            if (isUsed(key) || values.size() != 1 || values.front().kind != kind)
                continue;
            change(*entry.names, key.path.mid(key.path.lastIndexOf('/') + 1));
            return key;
        }
    }
    return {};
}

Sabotage::Path Sabotage::repeatNumber()
{
    const Entry *first = nullptr;
    for (Entry &entry : m_journal) {
        if (entry.sequence < 0)
            continue;
        if (!first) {
            first = &entry;
        } else if (entry.account == first->account) {
            entry.sequence = first->sequence;
            return PathKey{entry.account, entry.operation.path};
        }
    }
    return {};
}

Sabotage::Path Sabotage::loseAnswer()
{
    for (Entry &entry : m_journal) {
        const PathKey key{entry.account, entry.operation.path};
        if (entry.operation.kind == Operation::Kind::Read && entry.ending == Ending::Done && !isUsed(key)) {
            entry.ending = Ending::NoAnswer;
            return key;
        }
    }
    return {};
}

} // namespace cring::chaos
