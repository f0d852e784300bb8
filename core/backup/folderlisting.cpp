// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/folderlisting.h"

#include "core/backup/objectname.h"
#include "core/replica/folders.h"

namespace cring::backup {

namespace {

/// About as many as a listing of the largest size that is read has.
constexpr size_t kMaxEntries = 300'000;
constexpr quint32 kFileMode = 0644;

} // namespace

FolderListing::FolderListing(S3Client &client, HashedNames &names, const IClock &clock,
                             const state::ObjectKey &folder, QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_names(names)
    , m_clock(clock)
    , m_account(state::accountOf(folder))
    , m_path(folder.mid(m_account.size() + 1))
    , m_prefix(folder + '/')
{
}

void FolderListing::start()
{
    m_names.get(this, [this](const S3Result<const HashedNames::ByPath *> &names) {
        if (!names) {
            Q_EMIT finished(names.error());
            return;
        }
        take(**names);
        // Where no plain key can be, none is asked for.
        const auto plain =
            makeObjectName(m_account, m_path.isEmpty() ? "f" : m_path + "/f", ObjectKind::File);
        if (plain && plain->key.startsWith(m_prefix)) {
            m_walk = std::make_unique<ObjectWalk>(m_client, m_prefix);
            m_walk->setDelimiter("/");
            nextPage();
        } else {
            conclude();
        }
    });
}

/// What lies in the folder, and what lies deeper: that makes a folder here.
void FolderListing::take(const HashedNames::ByPath &names)
{
    const QByteArray below = m_path.isEmpty() ? QByteArray() : m_path + '/';
    if (const auto self = names.find(m_path); self != names.end() && self->second.folder)
        m_self = self->second;
    for (auto it = names.lower_bound(below); it != names.end() && it->first.startsWith(below); ++it) {
        const QByteArray rest = it->first.sliced(below.size());
        const qsizetype slash = rest.indexOf('/');
        if (slash >= 0)
            add(rest.first(slash), true, {});
        else if (!rest.isEmpty())
            add(rest, it->second.folder, it->second);
    }
}

void FolderListing::nextPage()
{
    m_walk->next([this](const S3Result<QList<ListedObject>> &page) {
        if (!page) {
            Q_EMIT finished(page.error());
            return;
        }
        take(*page);
        if (m_entries.size() > kMaxEntries) {
            S3Error error;
            error.kind = S3Error::Kind::Full;
            error.message = QStringLiteral("more than %1 names in one folder").arg(kMaxEntries);
            Q_EMIT finished(m_client.session().named(std::move(error), QStringLiteral("ListObjectsV2")));
        } else if (m_walk->atEnd()) {
            conclude();
        } else {
            nextPage();
        }
    });
}

void FolderListing::take(const QList<ListedObject> &page)
{
    for (const ListedObject &object : page) {
        const ParsedKey parsed = parseKey(object.key);
        const QByteArray name = object.key.mid(m_prefix.size());
        if (parsed.form == ParsedKey::Form::Plain && !name.contains('/'))
            add(name, false, {false, object.size, kFileMode, object.modified});
    }
    for (const QByteArray &prefix : m_walk->prefixes()) {
        // As a file's in it would be: what is no path of the account's is somebody else's.
        if (prefix.startsWith(m_prefix) && parseKey(prefix + 'f').form == ParsedKey::Form::Plain)
            add(prefix.sliced(m_prefix.size()).chopped(1), true, {});
    }
}

/// A folder wins: what lies in it can then be read.
void FolderListing::add(const QByteArray &name, bool folder, const HashedNames::Named &named)
{
    HashedNames::Named &entry = m_entries[name];
    const bool isKnown = entry.mode != 0;
    if (isKnown && (entry.folder || !folder))
        return;
    entry = named;
    entry.folder = folder;
    if (entry.mode == 0)
        entry.mode = folder ? replica::Folders::modeFor(0) : kFileMode;
}

void FolderListing::conclude()
{
    if (!m_self && m_entries.empty()) {
        Q_EMIT finished(std::optional<charm::Listing>());
        return;
    }
    charm::Listing listing;
    listing.name = m_path.mid(m_path.lastIndexOf('/') + 1);
    listing.mode = m_self && m_self->mode != 0 ? m_self->mode : replica::Folders::modeFor(0);
    const auto time = [this](std::chrono::milliseconds known) {
        return known.count() > 0 ? known.count() : m_clock.wall().count();
    };
    listing.modTime = charm::instantText(time(m_self ? m_self->changed : std::chrono::milliseconds(0)));
    listing.files.reserve(m_entries.size());
    for (const auto &[name, entry] : m_entries)
        listing.files.push_back(charm::makeEntry(name, entry.folder, entry.folder ? 0 : entry.size,
                                                 entry.mode, time(entry.changed)));
    Q_EMIT finished(std::optional<charm::Listing>(std::move(listing)));
}

} // namespace cring::backup
