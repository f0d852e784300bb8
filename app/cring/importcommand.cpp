// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/importcommand.h"

#include "core/charm/blobpath.h"

#include <QDir>
#include <QFile>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace cring::app {

namespace {

/// hex(tag and name) is a name on the servers' disks.
constexpr qsizetype kMostName = charm::kMaxComponent / 2 - 16;
constexpr quint32 kOwnerAll = 0700;

Error failure(const char *what)
{
    return Error{Code::RestoreFailed, QStringLiteral("%1: %2").arg(
                                          QLatin1String(what), QString::fromLocal8Bit(std::strerror(errno)))};
}

/// As the sink of a download: good as long as the file has the same bytes.
class Comparison
{
public:
    explicit Comparison(std::shared_ptr<backup::Descriptor> file)
        : m_file(std::move(file))
    {
    }

    Status operator()(QByteArrayView piece) const
    {
        QByteArray found(piece.size(), '\0');
        qsizetype at = 0;
        while (at < found.size()) {
            const ssize_t count =
                ::read(m_file->get(), found.data() + at, static_cast<size_t>(found.size() - at));
            if (count < 0 && errno == EINTR)
                continue;
            if (count <= 0)
                break;
            at += count;
        }
        return found == piece ? Status() : Status(Error{Code::FileChanged, QStringLiteral("differs")});
    }

private:
    std::shared_ptr<backup::Descriptor> m_file;
};

} // namespace

ImportCommand::ImportCommand(ServiceCommandContext context, config::Config configured, Options options)
    : FilesCommand(std::move(context), std::move(configured), options.host, "import", options.dryRun)
    , m_options(std::move(options))
    , m_folder(QFile::encodeName(QDir::cleanPath(QDir::current().absoluteFilePath(m_options.folder))))
    , m_into(partsOf(m_options.into))
    , m_download(nullptr, [](PlainDownload *download) { download->deleteLater(); })
    , m_upload(nullptr, [](SealedUpload *upload) { upload->deleteLater(); })
{
}

void ImportCommand::begin()
{
    if (session().keys()->empty()) {
        fail(Error{Code::KeyUnusable,
                   QStringLiteral("this account has no encrypt key yet: the charm client makes it when it is "
                                  "first used for files, `charm fs ls charm:` will do")});
        return;
    }
    descend(0, {}, true);
}

void ImportCommand::drop()
{
    m_download.reset();
    m_upload.reset();
}

// ---- folders ----

/// To the folder that everything is to go into, which is made where it is not there.
void ImportCommand::descend(qsizetype part, QByteArray path, bool exists)
{
    if (part == m_into.size()) {
        enter({}, path, exists);
        return;
    }
    const auto goDown = [this, part, path](const QHash<QByteArray, charm::Entry> &there) {
        const QByteArray name = m_into.at(part);
        const auto found = there.constFind(name);
        const bool isThere = found != there.constEnd();
        if (name == "." || name == ".." || name.size() > kMostName || (isThere && !found->isDir)) {
            fail(Error{
                Code::PathInvalid,
                QStringLiteral("there can be no folder \"%1\" in the ring").arg(plain(m_options.into))});
            return;
        }
        const QByteArray below =
            path + (path.isEmpty() ? "" : "/") + (isThere ? found->name : *session().names().seal(name));
        if (isThere || m_options.dryRun) {
            descend(part + 1, below, isThere);
            return;
        }
        makeFolder(below, 0755, [this, part, below](const Status &made) {
            if (made)
                descend(part + 1, below, false);
            else
                fail(made.error());
        });
    };
    if (!exists) {
        goDown({});
        return;
    }
    list(path, [this, goDown](const Result<charm::Listing> &listing) {
        if (listing || listing.error().code == Code::NotFound)
            goDown(listing ? byName(*listing) : QHash<QByteArray, charm::Entry>());
        else
            fail(listing.error());
    });
}

Result<std::vector<ImportCommand::Local>> ImportCommand::read(const QByteArray &folder)
{
    const backup::Descriptor at(::open(folder.constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const std::unique_ptr<DIR, int (*)(DIR *)> entries(at.isOpen() ? ::fdopendir(::dup(at.get())) : nullptr,
                                                       ::closedir);
    if (!entries)
        return failure("the folder cannot be read");
    std::vector<Local> items;
    for (;;) {
        errno = 0;
        const dirent *entry = ::readdir(entries.get());
        if (!entry)
            break;
        Local item;
        item.name = entry->d_name;
        if (item.name == "." || item.name == ".." || backup::FilePlace::isPart(item.name))
            continue;
        struct stat info = {};
        if (::fstatat(at.get(), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno == ENOENT)
                continue; // It has gone.
            item.problem = failure("it cannot be looked at").detail;
        }
        item.kind = S_ISREG(info.st_mode)   ? Local::Kind::File
                    : S_ISDIR(info.st_mode) ? Local::Kind::Folder
                                            : Local::Kind::Other;
        item.size = info.st_size;
        item.mode = info.st_mode & 0777;
        items.push_back(std::move(item));
    }
    if (errno != 0)
        return failure("the folder cannot be read");
    std::ranges::sort(items, {}, &Local::name);
    return items;
}

void ImportCommand::enter(QByteArrayList names, QByteArray path, bool exists)
{
    const auto level = std::make_shared<Level>(Level{path, names, {}, {}, 0});
    const auto readHere = [this, level] {
        const auto items = std::make_shared<Result<std::vector<Local>>>(std::vector<Local>());
        work(
            [items, folder = localPath(level->names)] {
                *items = read(folder);
                return *items ? Status() : Status(items->error());
            },
            [this, level, items](const Status &status) {
                if (!status && level->names.isEmpty()) {
                    fail(status.error());
                    return;
                }
                if (status) {
                    level->items = std::move(**items);
                    m_levels.push_back(std::move(*level));
                } else {
                    refuse(level->names, status.error().detail);
                }
                goOn();
            });
    };
    if (!exists) {
        readHere();
        return;
    }
    list(path, [this, level, readHere](const Result<charm::Listing> &listing) {
        if (listing) {
            level->there = byName(*listing);
        } else if (listing.error().code != Code::NotFound) {
            handleRefusal(level->names, listing.error());
            return;
        }
        readHere();
    });
}

/// Of two with one name that whose key comes first, as the client has it.
QHash<QByteArray, charm::Entry> ImportCommand::byName(const charm::Listing &listing) const
{
    QHash<QByteArray, charm::Entry> entries;
    QHash<QByteArray, std::size_t> keys;
    for (const charm::Entry &entry : listing.files) {
        const auto part = session().names().open(entry.name);
        if (!part || (keys.contains(part->text) && keys.value(part->text) <= part->key))
            continue;
        keys.insert(part->text, part->key);
        entries.insert(part->text, entry);
    }
    return entries;
}

Result<QByteArray> ImportCommand::pathFor(const Level &level, const QByteArray &name) const
{
    if (name.size() > kMostName)
        return Error{
            Code::PathInvalid,
            QStringLiteral("its name is longer than the %1 bytes that a Charm server has room for when "
                           "it is encrypted")
                .arg(kMostName)};
    const auto there = level.there.constFind(name);
    const QByteArray sealed =
        there != level.there.constEnd() ? there->name : session().names().seal(name).value_or(QByteArray());
    const QByteArray path = level.path + (level.path.isEmpty() ? "" : "/") + sealed;
    if (sealed.isEmpty() || path.size() > charm::kMaxPath)
        return Error{Code::PathInvalid, QStringLiteral("it lies too deep for a Charm server")};
    return path;
}

void ImportCommand::step()
{
    while (!m_levels.empty() && m_levels.back().next == m_levels.back().items.size())
        m_levels.pop_back();
    if (m_levels.empty()) {
        conclude();
        return;
    }
    Level &level = m_levels.back();
    const Local item = level.items[level.next++];
    if (!item.problem.isEmpty()) {
        refuse(namesOf(item), item.problem);
        goOn();
        return;
    }
    const auto path = pathFor(level, item.name);
    if (item.kind == Local::Kind::Other || !path) {
        refuse(namesOf(item), path ? QStringLiteral("it is no file and no folder (a link, a pipe, a device)")
                                   : path.error().detail);
        goOn();
        return;
    }
    const auto found = level.there.constFind(item.name);
    const auto there =
        found == level.there.constEnd() ? std::optional<charm::Entry>() : std::optional(*found);
    if (there && there->isDir != (item.kind == Local::Kind::Folder)) {
        refuse(namesOf(item), there->isDir ? QStringLiteral("a folder has its name in the ring")
                                           : QStringLiteral("a file has its name in the ring"));
        goOn();
    } else if (item.kind == Local::Kind::Folder) {
        takeFolder(item, *path, there ? &*there : nullptr);
    } else {
        takeFile(item, *path, there ? &*there : nullptr);
    }
}

void ImportCommand::takeFolder(const Local &item, const QByteArray &path, const charm::Entry *there)
{
    const QByteArrayList names = namesOf(item);
    countFolder();
    if (there || m_options.dryRun) {
        enter(names, path, there != nullptr);
        return;
    }
    makeFolder(path, item.mode, [this, names, path](const Status &made) {
        if (made)
            enter(names, path, false);
        else
            handleRefusal(names, made.error());
    });
}

/// Explicitly: the client's way, by its first file, gives a folder that file's mode.
void ImportCommand::makeFolder(const QByteArray &path, quint32 mode, std::function<void(const Status &)> then)
{
    m_upload.reset(new SealedUpload(session(), path, charm::kDirBit | mode | kOwnerAll, nullptr, 0));
    connect(m_upload.get(), &SealedUpload::finished, this,
            [this, then = std::move(then)](const Status &status) {
                m_upload.reset();
                then(status);
            });
    m_upload->start();
}

// ---- files ----

void ImportCommand::takeFile(const Local &item, const QByteArray &path, const charm::Entry *there)
{
    const auto file = std::make_shared<backup::Descriptor>();
    const auto info = std::make_shared<struct stat>();
    const auto thereSize = there ? charm::ContentsSealer::plainSize(there->size) : std::nullopt;
    work(
        [file, info, name = localPath(namesOf(item))] {
            *file =
                backup::Descriptor(::open(name.constData(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
            const bool isRead = file->isOpen() && ::fstat(file->get(), info.get()) == 0;
            if (isRead && !S_ISREG(info->st_mode))
                return Status(Error{Code::RestoreFailed, QStringLiteral("it is no file any more")});
            return isRead ? Status() : Status(failure("it cannot be read"));
        },
        [this, listed = item, path, file, info, thereSize, exists = there != nullptr](const Status &opened) {
            // As it is now: the folder was read a while ago.
            Local now = listed;
            now.size = info->st_size;
            now.mode = info->st_mode & 0777;
            if (!opened)
                handleRefusal(namesOf(now), opened.error());
            else if (thereSize == now.size)
                compare(now, path, file);
            else if (exists)
                handleDifference(now, path, file);
            else
                upload(now, path, file);
        });
}

void ImportCommand::compare(const Local &item, const QByteArray &path,
                            const std::shared_ptr<backup::Descriptor> &file)
{
    m_download.reset(new PlainDownload(session(), path, Comparison(file)));
    connect(m_download.get(), &PlainDownload::finished, this, [this, item, path, file](const Status &status) {
        m_download.reset();
        const Code code = status ? Code::FileChanged : status.error().code;
        if (status) {
            checkEnd(item, path, file);
        } else if (code == Code::FileChanged || code == Code::RestoreFailed) { // Or it cannot be opened.
            handleDifference(item, path, file);
        } else {
            handleRefusal(namesOf(item), status.error());
        }
    });
    m_download->start();
}

/// The ring has the same as far as it goes; here there may be more by now.
void ImportCommand::checkEnd(const Local &item, const QByteArray &path,
                             const std::shared_ptr<backup::Descriptor> &file)
{
    work(
        [file] {
            char more = 0;
            return ::read(file->get(), &more, 1) == 0
                       ? Status()
                       : Status(Error{Code::FileChanged, QStringLiteral("it goes on")});
        },
        [this, item, path, file](const Status &ended) {
            if (!ended) {
                handleDifference(item, path, file);
                return;
            }
            noteKept(namesOf(item));
            goOn();
        });
}

void ImportCommand::handleDifference(const Local &item, const QByteArray &path,
                                     const std::shared_ptr<backup::Descriptor> &file)
{
    if (m_options.overwrite) {
        upload(item, path, file);
        return;
    }
    refuse(namesOf(item), QStringLiteral("another version is in the ring already: --overwrite replaces it"));
    goOn();
}

void ImportCommand::upload(const Local &item, const QByteArray &path,
                           const std::shared_ptr<backup::Descriptor> &file)
{
    if (m_options.dryRun) {
        noteDone(namesOf(item), item.size);
        goOn();
        return;
    }
    (void)::lseek(file->get(), 0, SEEK_SET); // It was compared.
    m_upload.reset(new SealedUpload(session(), path, item.mode, file, item.size));
    connect(m_upload.get(), &SealedUpload::finished, this, [this, item](const Status &status) {
        m_upload.reset();
        if (!status) {
            handleRefusal(namesOf(item), status.error());
            return;
        }
        noteDone(namesOf(item), item.size);
        goOn();
    });
    m_upload->start();
}

QByteArray ImportCommand::localPath(const QByteArrayList &names) const
{
    return names.isEmpty() ? m_folder : m_folder + '/' + names.join('/');
}

QByteArrayList ImportCommand::namesOf(const Local &item) const
{
    return m_levels.back().names + QByteArrayList{item.name};
}

} // namespace cring::app
