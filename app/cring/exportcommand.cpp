// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/exportcommand.h"

#include "core/charm/blobpath.h"

#include <QDir>
#include <QFile>

#include <sys/stat.h>

#include <algorithm>
#include <climits>

namespace cring::app {
using backup::FilePlace;

namespace {

/// Of what the servers say: nobody signs that, and others must not write into what was exported.
constexpr quint32 kModes = 0755;

timespec timeOf(const QByteArray &text)
{
    const auto instant = charm::parseInstant(text);
    return instant ? timespec{static_cast<time_t>(instant->seconds), instant->nanoseconds}
                   : timespec{0, UTIME_OMIT};
}

/// Why a name can be none on this machine; "" when it can.
QString troubleWith(const QByteArray &name)
{
    if (name.isEmpty() || name == "." || name == ".." || name.contains('/') || name.contains('\0'))
        return QStringLiteral("its name would lead elsewhere; another program than the charm client made it");
    if (name.size() > NAME_MAX)
        return QStringLiteral("its name is too long for this machine");
    return {};
}

} // namespace

ExportCommand::ExportCommand(ServiceCommandContext context, config::Config configured, Options options)
    : FilesCommand(std::move(context), std::move(configured), options.host, "export", options.dryRun)
    , m_options(std::move(options))
    , m_folder(QFile::encodeName(QDir::cleanPath(QDir::current().absoluteFilePath(m_options.folder))))
    , m_wanted(partsOf(m_options.path))
    , m_download(nullptr, [](PlainDownload *download) { download->deleteLater(); })
{
}

void ExportCommand::begin()
{
    enter({}, {}, nullptr);
}

void ExportCommand::drop()
{
    m_download.reset();
    m_place.reset();
}

// ---- folders ----

void ExportCommand::enter(QByteArray path, QByteArrayList names, const charm::Entry *folder, bool isNew)
{
    auto level = std::make_shared<Level>();
    level->path = std::move(path);
    level->names = std::move(names);
    level->mode = folder ? folder->mode : 0755;
    level->modTime = folder ? folder->modTime : QByteArray();
    level->isNew = isNew;
    list(level->path, [this, level](const Result<charm::Listing> &listing) {
        const bool isRoot = level->path.isEmpty();
        if (listing) {
            level->items = itemsOf(*listing);
            m_levels.push_back(std::move(*level));
            goOn();
        } else if (!isRoot) {
            handleRefusal(level->names, listing.error());
        } else if (listing.error().code == Code::NotFound) {
            conclude(m_wanted.isEmpty() ? Ok : NotFound); // Nothing was ever stored.
        } else {
            fail(listing.error());
        }
    });
}

/// With names; those of the first key come first, for the client finds these alone when two are the same.
std::vector<ExportCommand::Item> ExportCommand::itemsOf(const charm::Listing &listing) const
{
    std::vector<Item> items;
    for (const charm::Entry &entry : listing.files) {
        Item item{entry, {}, 0};
        if (auto part = session().names().open(entry.name)) {
            item.name = std::move(part->text);
            item.key = part->key;
            item.problem = troubleWith(item.name);
        } else {
            item.problem = QStringLiteral("its name is not of your keys, or damaged");
        }
        if (!item.problem.isEmpty())
            item.name.clear();
        items.push_back(std::move(item));
    }
    std::ranges::stable_sort(items, {}, &Item::key);
    QSet<QByteArray> seen;
    for (Item &item : items) {
        if (!item.name.isEmpty() && seen.contains(item.name)) {
            item.problem = QStringLiteral("another file there has the same name, with another of your keys");
            item.name.clear();
        }
        seen.insert(item.name);
    }
    return items;
}

/// It is what --path names, in it, or on the way there.
bool ExportCommand::isWanted(const QByteArrayList &names, bool folder) const
{
    const qsizetype common = std::min(names.size(), m_wanted.size());
    return names.first(common) == m_wanted.first(common) && (names.size() >= m_wanted.size() || folder);
}

void ExportCommand::step()
{
    if (m_levels.empty()) {
        if (m_wanted.isEmpty() || m_found) {
            conclude();
            return;
        }
        terminal().complain(QStringLiteral("there is no \"%1\" in the ring").arg(plain(m_options.path)));
        conclude(NotFound);
        return;
    }
    Level &level = m_levels.back();
    if (level.next == level.items.size()) {
        leaveFolder();
        return;
    }
    takeItem(Item(level.items[level.next++]));
}

void ExportCommand::takeItem(const Item &item)
{
    const Level &level = m_levels.back();
    if (item.name.isEmpty()) {
        if (level.names.size() >= m_wanted.size())
            refuseItem(item, item.problem);
        goOn();
        return;
    }
    const QByteArrayList names = namesOf(item);
    if (!isWanted(names, item.entry.isDir)) {
        goOn();
        return;
    }
    m_found = m_found || names.size() >= m_wanted.size();
    if (item.entry.isDir)
        enterFolder(item);
    else
        look(item);
}

void ExportCommand::enterFolder(const Item &item)
{
    const QByteArrayList names = namesOf(item);
    QByteArray path = m_levels.back().path;
    path += (path.isEmpty() ? "" : "/") + item.entry.name;
    if (path.size() > charm::kMaxPath) {
        refuseItem(item, QStringLiteral("it lies too deep"));
        goOn();
        return;
    }
    if (m_options.dryRun) {
        countFolder();
        enter(path, names, &item.entry);
        return;
    }
    m_place = std::make_shared<FilePlace>(m_folder, names);
    const auto isNew = std::make_shared<bool>(false);
    work(
        [place = m_place, isNew] {
            const Result<bool> opened = place->openFolder();
            *isNew = opened && *opened;
            return opened ? Status() : Status(opened.error());
        },
        [this, item, path, names, isNew](const Status &made) {
            if (!made) {
                handleFailure(item, made.error());
                return;
            }
            countFolder();
            enter(path, names, &item.entry, *isNew);
        });
}

/// With its own mode and time only now: both change while something is put into it.
void ExportCommand::leaveFolder()
{
    const Level level = std::move(m_levels.back());
    m_levels.pop_back();
    if (!level.isNew) { // A person's own folder keeps what it has.
        goOn();
        return;
    }
    m_place = std::make_shared<FilePlace>(m_folder, level.names);
    work(
        [place = m_place, mode = level.mode & kModes, time = timeOf(level.modTime)] {
            const Status made = place->makeFolder(mode);
            return made ? place->setFolderTime(time) : made;
        },
        [this, names = level.names](const Status &status) {
            if (!status)
                refuse(names, status.error().detail);
            goOn();
        });
}

// ---- files ----

void ExportCommand::look(const Item &item)
{
    m_place = std::make_shared<FilePlace>(m_folder, namesOf(item));
    const auto sight = std::make_shared<FilePlace::Sight>();
    work(
        [place = m_place, sight] {
            *sight = place->look();
            return Status();
        },
        [this, item, sight](const Status &) { handleSight(item, *sight); });
}

void ExportCommand::handleSight(const Item &item, const FilePlace::Sight &sight)
{
    const bool exists = sight.what != FilePlace::There::Nothing;
    if (exists && m_levels.back().there.contains({sight.device, sight.inode})) {
        refuseItem(item, QStringLiteral("this disk takes its name for that of another file there"));
        goOn();
        return;
    }
    if (exists && sight.what != FilePlace::There::File) {
        refuseItem(item, QStringLiteral("something else has its name here"));
        goOn();
        return;
    }
    const auto size = charm::ContentsSealer::plainSize(item.entry.size);
    if (m_options.dryRun) {
        noteDone(namesOf(item), size.value_or(0));
        goOn();
        return;
    }
    download(item, exists);
}

void ExportCommand::download(const Item &item, bool exists)
{
    QByteArray path = m_levels.back().path;
    path += (path.isEmpty() ? "" : "/") + item.entry.name;
    work([place = m_place] { return place->open(); },
         [this, item, path, exists](const Status &opened) {
             if (!opened) {
                 handleFailure(item, opened.error());
                 return;
             }
             m_download.reset(new PlainDownload(
                 session(), path, [place = m_place](QByteArrayView piece) { return place->write(piece); }));
             connect(m_download.get(), &PlainDownload::finished, this,
                     [this, item, exists](const Status &status) {
                         m_download.reset();
                         if (status)
                             place(item, exists);
                         else
                             handleFailure(item, status.error());
                     });
             m_download->start();
         });
}

/// All of it has come and was opened.
void ExportCommand::place(const Item &item, bool exists)
{
    struct Outcome
    {
        bool same = false;
        bool kept = false; ///< Another file has the name, and keeps it.
        FilePlace::Sight sight;
    };
    const auto outcome = std::make_shared<Outcome>();
    work(
        [place = m_place, outcome, exists, overwrite = m_options.overwrite, mode = item.entry.mode & kModes,
         time = timeOf(item.entry.modTime)] {
            outcome->same = exists && place->isAsWritten();
            outcome->kept = exists && !outcome->same && !overwrite;
            if (outcome->kept)
                return Status();
            // The same bytes get the name, too: with them come mode and time, which the next run looks at.
            Status status = place->setTime(time);
            if (status)
                status = place->finish(mode, exists ? FilePlace::Naming::Replaces : FilePlace::Naming::IsNew);
            if (status)
                outcome->sight = place->look();
            return status;
        },
        [this, item, outcome](const Status &status) {
            if (!status) {
                handleFailure(item, status.error());
                return;
            }
            m_place.reset();
            if (outcome->kept) {
                refuseItem(item, QStringLiteral("another version is here already: --overwrite replaces it"));
            } else {
                m_levels.back().there.insert({outcome->sight.device, outcome->sight.inode});
                if (outcome->same)
                    noteKept(namesOf(item));
                else
                    noteDone(namesOf(item), outcome->sight.size);
            }
            goOn();
        });
}

void ExportCommand::handleFailure(const Item &item, const Error &error)
{
    const bool full = m_place && m_place->isDiskFull();
    m_place.reset(); // And what was begun.
    handleRefusal(namesOf(item), error, full);
}

/// Without a name of its own it is told by the servers'.
void ExportCommand::refuseItem(const Item &item, const QString &why)
{
    refuse(m_levels.back().names + QByteArrayList{item.name.isEmpty() ? item.entry.name : item.name}, why);
}

QByteArrayList ExportCommand::namesOf(const Item &item) const
{
    return m_levels.back().names + QByteArrayList{item.name};
}

} // namespace cring::app
