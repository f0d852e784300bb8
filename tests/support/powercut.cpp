// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/powercut.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace cring::test {

namespace {

constexpr qsizetype kSector = 512;

QByteArray encoded(const QString &path)
{
    return QFile::encodeName(path);
}

QByteArray bytesOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

Status writeFile(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    if (file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() && file.flush())
        return {};
    return Error{Code::StateFile, QStringLiteral("cannot write %1: %2").arg(path, file.errorString())};
}

Status failed(const QString &what)
{
    return Error{Code::StateFile, QStringLiteral("%1: %2").arg(what, qt_error_string(errno))};
}

QString inodeOf(const QString &path)
{
    struct stat status = {};
    return ::lstat(encoded(path).constData(), &status) == 0 ? QString::number(status.st_ino) : QString();
}

/// Mode and owner.
Status likeTheOther(const QString &path, const QString &other)
{
    struct stat status = {};
    if (::lstat(encoded(other).constData(), &status) != 0)
        return {}; // Only its bytes are left.
    if (::chmod(encoded(path).constData(), status.st_mode & 07777) != 0 ||
        ::lchown(encoded(path).constData(), status.st_uid, status.st_gid) != 0)
        return failed(path);
    return {};
}

} // namespace

PowerCut::PowerCut(const QString &directory, quint64 seed)
    : m_directory(QDir(directory).canonicalPath())
    , m_shadow(QFileInfo(m_directory).path() + QStringLiteral("/powercut-XXXXXX"))
    , m_random(seed)
{
}

Status PowerCut::prepare()
{
    for (const char *name : {"held", "content", "tree"}) {
        const QString folder = shadow(QLatin1String(name));
        if (!QDir(folder).removeRecursively() || !QDir().mkpath(folder))
            return failed(folder);
    }
    // The program may run as another user.
    for (const char *name : {".", "held", "content", "tree"})
        ::chmod(encoded(shadow(QLatin1String(name))).constData(), 0777);
    QFile::remove(shadow(QStringLiteral("syncs")));
    const QByteArray boot =
        "00000000-0000-4000-8000-" + QByteArray::number(m_boot).rightJustified(12, '0') + '\n';
    if (Status written = writeFile(shadow(QStringLiteral("boot_id")), boot); !written.ok())
        return written;
    return rememberFolder(QStringLiteral("."));
}

QProcessEnvironment PowerCut::environment() const
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("LD_PRELOAD"), QStringLiteral(CRING_POWERCUT_LIBRARY));
    environment.insert(QStringLiteral("CRING_POWERCUT_WATCH"), m_directory);
    environment.insert(QStringLiteral("CRING_POWERCUT_SHADOW"), m_shadow.path());
    // A sanitizer wants to be the first library otherwise.
    const QString asan = QStringLiteral("ASAN_OPTIONS");
    environment.insert(asan, environment.value(asan) + QStringLiteral(":verify_asan_link_order=0"));
    return environment;
}

Status PowerCut::cut(Keep keep)
{
    const QString fresh = m_shadow.filePath(QStringLiteral("fresh"));
    const QString old = m_shadow.filePath(QStringLiteral("old"));
    if (!QDir().mkpath(fresh))
        return failed(fresh);
    if (Status built = rebuild(QStringLiteral("."), inodeOf(m_directory), fresh, keep); !built.ok())
        return built;
    if (Status like = likeTheOther(fresh, m_directory); !like.ok())
        return like;
    if (::rename(encoded(m_directory).constData(), encoded(old).constData()) != 0 ||
        ::rename(encoded(fresh).constData(), encoded(m_directory).constData()) != 0)
        return failed(m_directory);
    QDir(old).removeRecursively();
    ++m_boot;
    return prepare();
}

QStringList PowerCut::syncs() const
{
    return QString::fromUtf8(bytesOf(shadow(QStringLiteral("syncs")))).split(u'\n', Qt::SkipEmptyParts);
}

QString PowerCut::treeFile(const QString &folder) const
{
    return shadow(QStringLiteral("tree/%")) + QString(folder).replace(u'/', u'%');
}

/// As the library does it.
Status PowerCut::rememberFolder(const QString &folder)
{
    QByteArray tree = inodeOf(m_directory + u'/' + folder).toLatin1() + '\n';
    const QList<Entry> entries = entriesNow(folder);
    for (const Entry &entry : entries) {
        tree += (entry.folder ? "d " : "f ") + entry.inode.toLatin1() + ' ' + encoded(entry.name) + '\n';
        const QString name = folder == u'.' ? entry.name : folder + u'/' + entry.name;
        const QString path = m_directory + u'/' + name;
        if (entry.folder) {
            if (Status remembered = rememberFolder(name); !remembered.ok())
                return remembered;
            continue;
        }
        const QString copy = shadow(QStringLiteral("content/")) + entry.inode;
        if (Status copied = writeFile(copy, bytesOf(path)); !copied.ok())
            return copied;
        ::chmod(encoded(copy).constData(), 0666);
        if (::link(encoded(path).constData(),
                   encoded(shadow(QStringLiteral("held/")) + entry.inode).constData()) != 0)
            return failed(path);
    }
    const QString file = treeFile(folder);
    Status written = writeFile(file, tree);
    ::chmod(encoded(file).constData(), 0666);
    return written;
}

QList<PowerCut::Entry> PowerCut::entriesNow(const QString &folder) const
{
    QList<Entry> entries;
    QDirIterator walk(m_directory + u'/' + folder,
                      QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot);
    while (walk.hasNext()) {
        const QString path = walk.next();
        entries.append({walk.fileInfo().isDir(), inodeOf(path), walk.fileName()});
    }
    return entries;
}

QList<PowerCut::Entry> PowerCut::entriesSynced(const QString &folder, const QString &inode) const
{
    QList<QByteArray> lines = bytesOf(treeFile(folder)).split('\n');
    // Of a directory that had this name before.
    if (QString::fromLatin1(lines.takeFirst()) != inode)
        return {};
    QList<Entry> entries;
    for (const QByteArray &line : std::as_const(lines)) {
        const QList<QByteArray> words = line.split(' ');
        if (words.size() >= 3)
            entries.append({words[0] == "d", QString::fromLatin1(words[1]),
                            QFile::decodeName(line.mid(words[0].size() + words[1].size() + 2))});
    }
    return entries;
}

Status PowerCut::rebuild(const QString &folder, const QString &inode, const QString &target, Keep keep)
{
    const bool newer = keep == Keep::Some && coin();
    const QList<Entry> entries = newer ? entriesNow(folder) : entriesSynced(folder, inode);
    for (const Entry &entry : entries) {
        const QString name = folder == u'.' ? entry.name : folder + u'/' + entry.name;
        const QString path = target + u'/' + entry.name;
        Status made;
        if (entry.folder) {
            if (!QDir().mkpath(path))
                return failed(path);
            made = rebuild(name, entry.inode, path, keep);
            if (made.ok())
                made = likeTheOther(path, m_directory + u'/' + name);
        } else {
            made = writeFile(path, content(entry, name, keep));
            if (made.ok())
                made = likeTheOther(path, shadow(QStringLiteral("held/")) + entry.inode);
        }
        if (!made.ok())
            return made;
    }
    return {};
}

QByteArray PowerCut::content(const Entry &entry, const QString &name, Keep keep)
{
    const QByteArray synced = bytesOf(shadow(QStringLiteral("content/")) + entry.inode);
    if (keep == Keep::Nothing)
        return synced;
    // One that was never synced, nor its folder since it is there, is not held.
    const QString held = shadow(QStringLiteral("held/")) + entry.inode;
    const QByteArray now = bytesOf(QFile::exists(held) ? held : m_directory + u'/' + name);
    QByteArray mixed = coin() ? now : synced;
    for (qsizetype at = 0; at < mixed.size(); at += kSector) {
        const qsizetype size = std::min(kSector, mixed.size() - at);
        QByteArray sector = (coin() ? now : synced).mid(at, size);
        sector.append(size - sector.size(), '\0'); // A hole.
        mixed.replace(at, size, sector);
    }
    return mixed;
}

} // namespace cring::test
