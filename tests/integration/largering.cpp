// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/largering.h"

#include "core/replica/digest.h"
#include "core/service/store.h"
#include "tests/integration/statefolder.h"

#include <QCryptographicHash>
#include <QDir>

namespace cring::test {

namespace {

constexpr int FilesInFolder = 1'000;
constexpr quint32 FileMode = 0644;
constexpr quint32 FolderMode = (1u << 31) | 0755; // Go's fs.ModeDir.

QByteArray folderName(int file)
{
    return "folder" + QByteArray::number(file / FilesInFolder);
}

} // namespace

LargeRing::LargeRing()
    : m_ring(3)
{
}

/// Names as long as a client's encrypted ones.
QByteArray LargeRing::path(int file)
{
    return folderName(file) + '/' +
           QCryptographicHash::hash(QByteArray::number(file), QCryptographicHash::Sha256).toHex();
}

QByteArray LargeRing::content(int file)
{
    return "the content of file " + QByteArray::number(file);
}

Status LargeRing::start(const Counts &counts)
{
    if (Status status = m_ring.startServers(); !status)
        return status;
    if (Status status = m_ring.useServerKey(); !status)
        return status;
    // Once empty: what a first start does is done then.
    if (Status status = m_ring.startRing({}, {}, FaultyRing::Pace::Default); !status)
        return status;
    (void)m_ring.ring().stop();
    for (int server = 0; counts.onDisk && server < FaultyRing::Servers; ++server) {
        const bool behind = server + 1 == FaultyRing::Servers;
        if (Status status = write(server, behind ? counts.owed : 0, counts.files); !status)
            return status;
    }
    if (Status status = fill(counts); !status)
        return status;
    return m_ring.restartRing();
}

/// As the server would.
Status LargeRing::write(int server, int from, int to)
{
    const QString root = m_ring.diskPath(server, {});
    for (int file = from; file < to; ++file) {
        if (file == from || file % FilesInFolder == 0)
            QDir().mkpath(root + QString::fromLatin1(folderName(file)));
        QFile on(root + QString::fromLatin1(path(file)));
        const QByteArray bytes = content(file);
        if (!on.open(QIODevice::WriteOnly) || on.write(bytes) != bytes.size())
            return Error{Code::StateFile, QStringLiteral("cannot write %1").arg(on.fileName())};
    }
    if (!playground::ChildProcess::giveTreeTo(root, playground::ChildProcess::User::Unprivileged))
        return Error{Code::StateFile, QStringLiteral("cannot give %1 to the server").arg(root)};
    return {};
}

Status LargeRing::fill(const Counts &counts)
{
    const SystemClock clock;
    SystemRandom random;
    auto store = service::Store::open(StateFolder(m_ring.ring()).path(), clock, random);
    if (!store)
        return store.error();
    QList<QString> all;
    for (int server = 0; server < FaultyRing::Servers; ++server)
        all << m_ring.at(server).name();
    const QByteArray account = m_ring.cluster().charmId().toLatin1();
    (*store)->accounts.see(account);
    (*store)->accounts.setImported(account);
    replica::PayloadDigest digest((*store)->database->digestSeed());
    for (int file = 0; file < counts.files; ++file) {
        const bool behind = file < counts.owed;
        if (file % FilesInFolder == 0) {
            state::Record folder;
            folder.folder = true;
            folder.mode = FolderMode;
            const state::ObjectKey key = account + '/' + folderName(file);
            (*store)->catalogue.acknowledge(key, folder, behind ? all.first(2) : all);
            if (behind)
                (*store)->catalogue.mark(key, all.last(), state::Debt::Stale);
        }
        const QByteArray bytes = content(file);
        digest.reset();
        digest.add(bytes);
        state::Record record;
        record.size = bytes.size();
        record.mode = FileMode;
        record.digest = digest.value();
        const state::ObjectKey key = account + '/' + path(file);
        (*store)->catalogue.acknowledge(key, record, behind ? all.first(2) : all);
        if (behind)
            (*store)->catalogue.mark(key, all.last(), state::Debt::Stale);
    }
    (*store)->database->close();
    return {};
}

} // namespace cring::test
