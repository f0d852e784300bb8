// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/bodyfiles.h"

#include <QDir>
#include <QJsonDocument>
#include <QJsonObject>
#include <QStorageInfo>

#include <fcntl.h>
#include <unistd.h>

namespace cring::state {

namespace {

constexpr auto kOwnerOnly = QFile::ReadOwner | QFile::WriteOwner;
constexpr const char *kPart = ".part"; ///< Bytes that are still coming.
constexpr const char *kNote = ".json";
/// Bytes that are written between two looks at the disk's room.
constexpr qint64 kLook = 1024 * 1024;

Error failure(const QFile &file, const char *what)
{
    return {Code::StateFile, QStringLiteral("cannot %1 %2: %3; check the disk and its permissions")
                                 .arg(QLatin1String(what), file.fileName(), file.errorString())};
}

/// A name that was given is on the disk when its folder is.
bool syncFolder(const QString &folder)
{
    const int descriptor = ::open(QFile::encodeName(folder).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    const bool synced = ::fsync(descriptor) == 0;
    ::close(descriptor);
    return synced;
}

bool sync(QFile &file)
{
    return file.flush() && ::fsync(file.handle()) == 0;
}

QByteArray toJson(const BodyFiles::Note &note)
{
    QJsonObject object{{QStringLiteral("key"), QString::fromLatin1(note.key)},
                       {QStringLiteral("size"), note.size},
                       {QStringLiteral("mode"), static_cast<qint64>(note.mode)},
                       {QStringLiteral("since"), note.since}};
    if (!note.server.isEmpty())
        object.insert(QStringLiteral("server"), note.server);
    if (!note.digest.isEmpty())
        object.insert(QStringLiteral("digest"), QString::fromLatin1(note.digest.toHex()));
    return QJsonDocument(object).toJson();
}

std::optional<BodyFiles::Note> noteFrom(const QByteArray &json)
{
    const QJsonObject object = QJsonDocument::fromJson(json).object();
    BodyFiles::Note note;
    note.key = object.value(QLatin1String("key")).toString().toLatin1();
    note.size = object.value(QLatin1String("size")).toInteger(-1);
    note.mode = static_cast<quint32>(object.value(QLatin1String("mode")).toInteger());
    note.server = object.value(QLatin1String("server")).toString();
    note.since = object.value(QLatin1String("since")).toInteger();
    note.digest = QByteArray::fromHex(object.value(QLatin1String("digest")).toString().toLatin1());
    if (note.key.isEmpty() || note.size < 0)
        return std::nullopt;
    return note;
}

} // namespace

BodyFiles::BodyFiles(const QString &stateDirectory, const QString &name, qint64 reserve)
    : m_folder(stateDirectory.isEmpty() ? QString() : stateDirectory + u'/' + name)
    , m_reserve(reserve)
{
}

QString BodyFiles::path(quint64 id, const char *suffix) const
{
    return m_folder + u'/' + QString::number(id) + QLatin1String(suffix);
}

/// On the disk, or a power cut takes all that is in it.
bool BodyFiles::makeFolder() const
{
    return QDir().mkpath(m_folder) && QFile::setPermissions(m_folder, kOwnerOnly | QFile::ExeOwner) &&
           syncFolder(QFileInfo(m_folder).path());
}

Status BodyFiles::create(QFile &file) const
{
    if (m_folder.isEmpty())
        return Error{Code::StateFile, QStringLiteral("nothing can be kept without a state directory")};
    if (!QDir(m_folder).exists())
        (void)makeFolder();
    if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate) || !file.setPermissions(kOwnerOnly))
        return failure(file, "write");
    return {};
}

QList<BodyFiles::Found> BodyFiles::scan() const
{
    QList<Found> all;
    if (m_folder.isEmpty())
        return all;
    const QDir folder(m_folder);
    const QStringList names = folder.entryList(QDir::Files);
    for (const QString &name : names) {
        bool isBody = false;
        const quint64 id = name.toULongLong(&isBody);
        if (!isBody) {
            // Only the bytes make a version: what has none was being written, or removed.
            const QString bare = name.section(u'.', 0, 0);
            const bool part = name == bare + QLatin1String(kPart);
            const bool lonely = name == bare + QLatin1String(kNote) && !folder.exists(bare);
            if (part || lonely)
                QFile::remove(folder.filePath(name));
            continue;
        }
        Found found{id, {}};
        QFile note(path(id, kNote));
        const qint64 size = QFileInfo(folder.filePath(name)).size();
        if (note.open(QIODevice::ReadOnly))
            found.note = noteFrom(note.readAll());
        if (found.note && found.note->size != size)
            found.note.reset();
        all.append(found);
    }
    return all;
}

void BodyFiles::write(Writing &writing, quint64 id, const QByteArray &piece) const
{
    if (writing.problem)
        return;
    if (!writing.file.isOpen()) {
        writing.file.setFileName(path(id, kPart));
        if (Status created = create(writing.file); !created) {
            writing.problem = created.error();
            return;
        }
        writing.unasked = kLook;
    }
    writing.unasked += piece.size();
    if (m_reserve > 0 && writing.unasked >= kLook) {
        writing.unasked = 0;
        if (QStorageInfo(m_folder).bytesAvailable() < m_reserve) {
            writing.problem =
                Error{Code::StateFile, QStringLiteral("the disk with %1 is full; make room").arg(m_folder)};
            return;
        }
    }
    if (writing.file.write(piece) != piece.size() || !writing.file.flush())
        writing.problem = failure(writing.file, "write");
}

Status BodyFiles::finish(Writing &writing, quint64 id, const Note &note) const
{
    if (!writing.problem && !writing.file.isOpen())
        write(writing, id, {});
    if (writing.problem)
        return *writing.problem;
    if (!sync(writing.file))
        return failure(writing.file, "write");
    QFile described(path(id, kNote));
    if (Status created = create(described); !created)
        return created;
    const QByteArray json = toJson(note);
    if (described.write(json) != json.size() || !sync(described))
        return failure(described, "write");
    // The name comes last: from here on the version is there.
    writing.file.close();
    if (!writing.file.rename(path(id)) || !syncFolder(m_folder))
        return failure(writing.file, "name");
    return {};
}

void BodyFiles::abandon(Writing &writing, quint64 id) const
{
    writing.file.close();
    if (m_folder.isEmpty())
        return;
    // Whatever of finish() was done: the bytes' name first.
    for (const char *suffix : {"", kNote, kPart})
        QFile::remove(path(id, suffix));
}

Result<QByteArray> BodyFiles::read(quint64 id, qint64 offset, qint64 size) const
{
    QFile file(path(id));
    if (!file.open(QIODevice::ReadOnly) || !file.seek(offset))
        return failure(file, "read");
    QByteArray bytes = file.read(size);
    if (bytes.size() < size && !file.atEnd())
        return failure(file, "read");
    return bytes;
}

Status BodyFiles::open(QFile &file, quint64 id) const
{
    file.setFileName(path(id));
    if (!file.open(QIODevice::ReadOnly))
        return failure(file, "read");
    return {};
}

Result<QByteArray> BodyFiles::readNext(QFile &file, qint64 size)
{
    QByteArray bytes = file.read(size);
    if (bytes.size() < size && !file.atEnd())
        return failure(file, "read");
    return bytes;
}

void BodyFiles::removeNote(quint64 id) const
{
    QFile::remove(path(id, kNote));
    syncFolder(m_folder);
}

void BodyFiles::removeBytes(quint64 id) const
{
    QFile::remove(path(id));
}

/// As in finish(): the bytes' name comes last, and while both folders have the note it says the same.
Status BodyFiles::moveTo(const BodyFiles &other, quint64 last) const
{
    const QList<Found> all = scan();
    for (const Found &found : all) {
        if (!found.note)
            continue;
        QFile note(other.path(++last, kNote));
        if (Status created = other.create(note); !created)
            return created;
        const QByteArray json = toJson(*found.note);
        if (note.write(json) != json.size() || !sync(note))
            return failure(note, "write");
        QFile bytes(path(found.id));
        if (!bytes.rename(other.path(last)) || !syncFolder(other.m_folder))
            return failure(bytes, "move");
        QFile::remove(path(found.id, kNote));
    }
    if (!all.isEmpty() && !syncFolder(m_folder))
        return Error{Code::StateFile,
                     QStringLiteral("cannot write %1; check the disk and its permissions").arg(m_folder)};
    return {};
}

} // namespace cring::state
