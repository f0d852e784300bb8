// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/tworings.h"

#include "tests/support/spin.h"

namespace cring::test {

const QString TwoRings::Often = QStringLiteral("[repair]\nscrub_interval = \"1s\"\n");

Status TwoRings::start()
{
    if (const Status servers = startServers(); !servers)
        return servers;
    if (const Status key = useServerKey(); !key)
        return key;
    if (const Status first = startRing({}, Often); !first)
        return first;
    playground::RingOptions options = ring().options();
    options.httpPort = options.sshPort = 0;
    options.metricsPort = 0;
    m_second = std::make_unique<CringProcess>(options);
    return m_second->start();
}

HttpResponse TwoRings::upload(int ring, const QByteArray &path, const QByteArray &data)
{
    return clientOf(ring).upload(target(path), data, token());
}

HttpResponse TwoRings::get(int ring, const QByteArray &path)
{
    return clientOf(ring).get(target(path), token());
}

HttpResponse TwoRings::remove(int ring, const QByteArray &path)
{
    return clientOf(ring).remove(target(path), token());
}

bool TwoRings::reads(int ring, const QByteArray &path, const QByteArray &data)
{
    return spinUntil([&] { return get(ring, path).body == data; }, Limit);
}

int TwoRings::copies(const QByteArray &path, const QByteArray &data)
{
    int count = 0;
    for (int server = 0; server < Servers; ++server)
        count += onDisk(server, path) == data ? 1 : 0;
    return count;
}

bool TwoRings::settles(int ring, const QString &owed)
{
    const StateFolder folder = state(ring);
    const qint64 since = QDateTime::currentMSecsSinceEpoch();
    return spinUntil(
        [&] {
            return folder.summary(QStringLiteral("scrub"), since).has_value() && folder.number(owed) == 0;
        },
        Limit);
}

bool TwoRings::isAtRest(int ring)
{
    return settles(ring, QStringLiteral("SELECT count(*) FROM owed"));
}

bool TwoRings::isRead(int ring)
{
    // One that compares only may be under way.
    const bool read = spinUntil(
        [&] {
            const int exitCode = process(ring)
                                     .runCommand({QStringLiteral("verify"), QStringLiteral("--deep")},
                                                 std::chrono::milliseconds(Limit))
                                     .exitCode;
            return exitCode == 0 || exitCode == 6; // 6: something is a person's to decide
        },
        Limit);
    return read && settles(ring, QStringLiteral("SELECT count(*) FROM owed WHERE key NOT IN"
                                                " (SELECT key FROM findings)"));
}

QByteArray TwoRings::owed(int ring)
{
    QStringList lines = state(ring).findings();
    const auto rows = state(ring).rows(QStringLiteral("SELECT key, member, state FROM owed"));
    for (const QVariantList &row : rows)
        lines << QStringLiteral("%1 %2 %3")
                     .arg(QString::fromLatin1(row[0].toByteArray()), row[1].toString(), row[2].toString());
    return lines.join(u'\n').toUtf8();
}

} // namespace cring::test
