// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/missedwrites.h"

#include "tests/support/spin.h"

#include <QDir>
#include <QSet>

namespace cring::test {

namespace {

constexpr qsizetype Connections = 24;
constexpr int FilesInFolder = 4;    ///< Of a folder that is deleted.
constexpr int UploadsInFolder = 50; ///< Of those that are new.
constexpr qsizetype MaxWrong = 20;  ///< Lines.
constexpr int AnswerLimit = 30'000;

} // namespace

MissedWrites::MissedWrites(FaultyRing &ring, const Counts &counts)
    : m_ring(ring)
    , m_counts(counts)
{
}

QByteArray MissedWrites::numbered(const char *prefix, int number)
{
    return prefix + QByteArray::number(number);
}

/// Between 1 and 3,000 bytes.
QByteArray MissedWrites::contentOf(const QByteArray &path, const char *version)
{
    const auto size = static_cast<qsizetype>(1 + qHash(path + version, 0) % 3'000);
    return FaultyRing::content(size, version + path);
}

Status MissedWrites::prepare()
{
    QList<Change> changes;
    for (int number = 0; number < m_counts.overwrites; ++number) {
        const QByteArray path = numbered("overwritten/f", number);
        changes << Change{path, contentOf(path, "old")};
    }
    for (int number = 0; number < m_counts.deletes; ++number) {
        const QByteArray path = numbered("deleted/d", number);
        if (!isFolder(number))
            changes << Change{path, contentOf(path, "old")};
        for (int inner = 0; isFolder(number) && inner < FilesInFolder; ++inner) {
            const QByteArray file = path + numbered("/f", inner);
            changes << Change{file, contentOf(file, "old")};
        }
    }
    return carryOut(changes);
}

void MissedWrites::planDeletes(QList<Change> &deletes, QList<Change> &again) const
{
    for (int number = 0; number < m_counts.deletes; ++number) {
        const QByteArray path = numbered("deleted/d", number);
        deletes << Change{path, {}};
        if (isFolder(number) && number % 2 == 0)
            again << Change{path + "/again", contentOf(path, "again")};
    }
}

Status MissedWrites::write()
{
    QList<Change> changes;
    for (int number = 0; number < m_counts.uploads; ++number) {
        const QByteArray path = numbered("new", number / UploadsInFolder) + numbered("/f", number);
        changes << Change{path, contentOf(path, "new")};
    }
    for (int number = 0; number < m_counts.overwrites; ++number) {
        const QByteArray path = numbered("overwritten/f", number);
        changes << Change{path, contentOf(path, "new")};
    }
    QList<Change> again;
    planDeletes(changes, again);
    const Status written = carryOut(changes);
    return written.ok() ? carryOut(again) : written;
}

/// A request on each connection at a time: two changes of one call must not hang on one another.
Status MissedWrites::carryOut(const QList<Change> &changes)
{
    std::vector<HttpClient> clients;
    for (qsizetype i = 0; i < Connections; ++i)
        clients.push_back(m_ring.client());
    const QByteArray token = m_ring.token();
    for (qsizetype first = 0; first < changes.size(); first += Connections) {
        const auto batch = changes.mid(first, Connections);
        for (qsizetype i = 0; i < batch.size(); ++i) {
            HttpClient &client = clients[static_cast<size_t>(i)];
            const QByteArray target = FaultyRing::target(batch[i].path);
            const QByteArray body =
                batch[i].content ? HttpClient::multipart(*batch[i].content) : QByteArray();
            client.send(batch[i].content ? client.uploadHead(target, body.size(), token) + body
                                         : "DELETE " + target + " HTTP/1.1\r\nHost: ring\r\nAuthorization: " +
                                               "bearer " + token + "\r\n\r\n");
        }
        for (qsizetype i = 0; i < batch.size(); ++i) {
            const HttpResponse response = clients[static_cast<size_t>(i)].read(AnswerLimit);
            if (response.status != 200 || !response.complete)
                return Error{Code::BackendAnswer, QString::fromUtf8(batch[i].path + ": " + response.text())};
            if (batch[i].content)
                m_expected[batch[i].path] = *batch[i].content;
            else
                m_expected.removeIf([&](QMap<QByteArray, QByteArray>::iterator file) {
                    return file.key() == batch[i].path || file.key().startsWith(batch[i].path + '/');
                });
        }
    }
    return {};
}

QByteArray MissedWrites::wrong(int server)
{
    QByteArrayList lines;
    const QString root = m_ring.diskPath(server, {});
    QSet<QString> folders;
    for (auto file = m_expected.begin(); file != m_expected.end() && lines.size() < MaxWrong; ++file) {
        const QByteArray found = m_ring.onDisk(server, file.key());
        if (found.isNull())
            lines << "no " + file.key();
        else if (found != *file)
            lines << file.key() + " starts with " + found.left(20);
        for (QString above = QString::fromUtf8(file.key()); above.contains(u'/');) {
            above.truncate(above.lastIndexOf(u'/'));
            folders << above;
        }
    }
    // Reading a whole tree costs something: what is missing says enough.
    const FilesTree tree = lines.isEmpty() ? playground::readTree(root) : FilesTree();
    for (auto entry = tree.begin(); entry != tree.end() && lines.size() < MaxWrong; ++entry) {
        const bool expected =
            entry->isDir ? folders.contains(entry.key()) : m_expected.contains(entry.key().toUtf8());
        if (!expected)
            lines << entry.key().toUtf8() + " should not be there";
    }
    for (QByteArray &line : lines)
        line.prepend(m_ring.at(server).name().toUtf8() + ": ");
    return lines.join('\n');
}

QByteArray MissedWrites::wrongAfter(int server, int limit)
{
    // Looking all the time would take the machine from those who work.
    constexpr int interval = 100;
    QByteArray lines = wrong(server);
    QElapsedTimer looked;
    looked.start();
    (void)spinUntil(
        [&] {
            if (lines.isEmpty() || looked.elapsed() < interval)
                return lines.isEmpty();
            lines = wrong(server);
            looked.restart();
            return lines.isEmpty();
        },
        limit);
    return lines;
}

} // namespace cring::test
