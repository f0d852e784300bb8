// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/faultyring.h"
#include "tests/support/spin.h"

#include <QFile>
#include <QJsonDocument>
#include <QTest>

using namespace cring;
using namespace cring::test;

/// What a person sees and does with a running ring in front of real servers, through the command line.
class TestOperations : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void showsWhatAStoppedServerMissesUntilItHasIt();
    void pauseKeepsItOwed();
    void tellsWhereAFileIs();
    void addsAndRemovesAServer();
    void keepsServersThatCameFromFlags();
    void promotesAServer();
    void repairsOnlyWhatIsKnown();

private:
    /// `cring ARGUMENTS`, which has to end with that code; its lines as JSON.
    static QList<QJsonObject> lines(FaultyRing &ring, const QStringList &arguments, int exitCode = 0);
    static QByteArray text(FaultyRing &ring, const QStringList &arguments, int exitCode = 0);
    /// Of `queue list`: how much is owed to a server.
    static qint64 owed(FaultyRing &ring, const QString &server);
    static QStringList servers(FaultyRing &ring);
};

namespace {

constexpr int Limit = 20'000;

QStringList words(const char *text)
{
    return QString::fromLatin1(text).split(u' ');
}

} // namespace

QByteArray TestOperations::text(FaultyRing &ring, const QStringList &arguments, int exitCode)
{
    const auto output = ring.ring().runCommand(arguments, std::chrono::milliseconds(Limit));
    if (output.exitCode != exitCode)
        qWarning().noquote() << arguments << output.exitCode << output.out << output.err;
    return output.exitCode == exitCode ? output.out + output.err : QByteArray();
}

QList<QJsonObject> TestOperations::lines(FaultyRing &ring, const QStringList &arguments, int exitCode)
{
    const auto output = ring.ring().runCommand(arguments + words("--json"), std::chrono::milliseconds(Limit));
    if (output.exitCode != exitCode)
        qWarning().noquote() << arguments << output.exitCode << output.out << output.err;
    QList<QJsonObject> list;
    if (output.exitCode != exitCode)
        return list;
    // One document, unless it is long work.
    if (const QJsonDocument document = QJsonDocument::fromJson(output.out); document.isObject())
        return {document.object()};
    for (const QByteArray &line : output.out.split('\n')) {
        if (!line.isEmpty())
            list.append(QJsonDocument::fromJson(line).object());
    }
    return list;
}

qint64 TestOperations::owed(FaultyRing &ring, const QString &server)
{
    const QJsonArray servers = lines(ring, words("queue list"))
                                   .value(0)
                                   .value(QLatin1String("summary"))
                                   .toObject()
                                   .value(QLatin1String("servers"))
                                   .toArray();
    if (servers.isEmpty())
        return -1;
    for (const QJsonValue each : servers) {
        if (each.toObject().value(QLatin1String("name")).toString() == server)
            return each.toObject().value(QLatin1String("owed")).toInteger();
    }
    return -1;
}

QStringList TestOperations::servers(FaultyRing &ring)
{
    QStringList names;
    const QList<QJsonObject> answer = lines(ring, words("backends list"));
    for (const QJsonValue each : answer.value(0).value(QLatin1String("backends")).toArray())
        names.append(each.toObject().value(QLatin1String("name")).toString());
    return names;
}

void TestOperations::showsWhatAStoppedServerMissesUntilItHasIt()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing());
    const QString name = servers(ring).value(2);
    QVERIFY(text(ring, words("queue list")).startsWith("Nothing is owed"));
    ring.at(2).kill9();
    QVERIFY(spinUntil([&] { return !ring.isUp(2); }, Limit));
    QCOMPARE(ring.upload("kept", "bytes").status, 200);
    QCOMPARE(ring.makeFolder("folder").status, 200);
    QVERIFY(spinUntil([&] { return owed(ring, name) == 2; }, Limit));
    QStringList kinds;
    const QList<QJsonObject> queue = lines(
        ring, QStringList{QStringLiteral("queue"), QStringLiteral("list"), QStringLiteral("--server"), name});
    QCOMPARE(queue.size(), 1);
    for (const QJsonValue value : queue.first().value(QLatin1String("items")).toArray()) {
        const QJsonObject item = value.toObject();
        kinds << item.value(QLatin1String("path")).toString() + u' ' +
                     item.value(QLatin1String("kind")).toString();
    }
    kinds.sort();
    QCOMPARE(kinds, (QStringList{QStringLiteral("folder folder"), QStringLiteral("kept copy")}));
    QVERIFY(text(ring, words("status")).contains("Owed: 2 to " + name.toUtf8()));
    CRING_OK(ring.at(2).start());
    QVERIFY(spinUntil([&] { return ring.isUp(2); }, Limit));
    QVERIFY(!text(ring, words("queue retry")).isEmpty());
    QVERIFY(spinUntil([&] { return owed(ring, name) == 0; }, Limit));
    QCOMPARE(ring.onDisk(2, "kept"), QByteArray("bytes"));
}

void TestOperations::pauseKeepsItOwed()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing());
    const QString name = servers(ring).value(1);
    ring.at(1).kill9();
    QVERIFY(spinUntil([&] { return !ring.isUp(1); }, Limit));
    QVERIFY(text(ring, words("pause --for 1h")).contains("Background work rests until"));
    QVERIFY(text(ring, words("status")).contains("Paused: background work rests until"));
    QCOMPARE(ring.upload("kept", "bytes").status, 200);
    CRING_OK(ring.at(1).start());
    QVERIFY(spinUntil([&] { return ring.isUp(1); }, Limit));
    // A later upload goes to all three: the ring works, and only the debt rests.
    QCOMPARE(ring.upload("later", "bytes").status, 200);
    QVERIFY(spinUntil([&] { return ring.onDisk(1, "later") == "bytes"; }, Limit));
    QCOMPARE(owed(ring, name), 1);
    QVERIFY(ring.onDisk(1, "kept").isNull());
    QVERIFY(text(ring, words("resume")).contains("goes on"));
    QVERIFY(spinUntil([&] { return owed(ring, name) == 0; }, Limit));
    QCOMPARE(ring.onDisk(1, "kept"), QByteArray("bytes"));
}

void TestOperations::tellsWhereAFileIs()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing());
    QCOMPARE(ring.upload("folder/file", "bytes").status, 200);
    const auto copies = [&] {
        QStringList words;
        const QList<QJsonObject> answer =
            lines(ring, QStringList{QStringLiteral("blobs"), QStringLiteral("where"),
                                    QStringLiteral("folder/file")});
        for (const QJsonValue server : answer.value(0).value(QLatin1String("servers")).toArray())
            words << server.toObject().value(QLatin1String("copy")).toString();
        return words;
    };
    const QStringList everywhere(3, QStringLiteral("holds"));
    QVERIFY(spinUntil([&] { return copies() == everywhere; }, Limit));
    qint64 size = -1;
    const QJsonArray blobs =
        lines(ring, words("blobs list folder")).value(0).value(QLatin1String("blobs")).toArray();
    for (const QJsonValue value : blobs) {
        const QJsonObject blob = value.toObject();
        if (blob.value(QLatin1String("path")).toString() == QStringLiteral("folder/file"))
            size = blob.value(QLatin1String("size")).toInteger();
    }
    QCOMPARE(size, 5);
    QVERIFY(!text(ring, words("blobs list elsewhere")).contains("folder"));
    QVERIFY(!text(ring, words("blobs where nowhere"), 10).isEmpty());
}

void TestOperations::addsAndRemovesAServer()
{
    FaultyRing ring(4);
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing());
    const QStringList all = servers(ring);
    QCOMPARE(all.size(), 4);
    const QString last = all.last();
    const QByteArray before = ring.ring().configText();
    for (int i = 0; i < 6; ++i)
        QCOMPARE(ring.upload("file" + QByteArray::number(i), "bytes").status, 200);
    const QByteArray unsure = text(ring, words("backends remove") + QStringList(last), 2);
    QVERIFY2(unsure.contains("--yes"), unsure.constData());
    QCOMPARE(servers(ring), all);
    const QByteArray removed = text(ring, words("backends remove --yes") + QStringList(last));
    QVERIFY2(removed.contains("3 servers now, 4 before"), removed.constData());
    QCOMPARE(servers(ring), all.first(3));
    QFile file(ring.ring().configFile());
    QVERIFY(file.open(QIODevice::ReadOnly));
    QVERIFY(!file.readAll().contains('"' + last.toUtf8() + '"'));
    file.close();
    QVERIFY(before.contains('"' + last.toUtf8() + '"'));
    QCOMPARE(ring.upload("without", "bytes").status, 200);

    const QStringList back{QStringLiteral("backends"),
                           QStringLiteral("add"),
                           last,
                           QStringLiteral("--url"),
                           ring.at(3).url().toString(),
                           QStringLiteral("--ssh-port"),
                           QString::number(ring.at(3).sshPort())};
    QVERIFY(text(ring, back).contains("4 servers now, 3 before"));
    QVERIFY(spinUntil([&] { return servers(ring) == all && ring.allUp(); }, Limit));
    QCOMPARE(ring.upload("with", "bytes").status, 200);

    // Placement hangs on its id, and people know it by its name.
    QVERIFY(text(ring, words("backends edit --name renamed") + QStringList(last)).contains("was changed in"));
    const QJsonArray plan =
        lines(ring, words("rebalance plan")).value(0).value(QLatin1String("servers")).toArray();
    QStringList names;
    for (const QJsonValue server : plan)
        names << server.toObject().value(QLatin1String("name")).toString();
    QVERIFY2(names.contains(QStringLiteral("renamed")) && !names.contains(last),
             qPrintable(names.join(u' ')));
}

void TestOperations::keepsServersThatCameFromFlags()
{
    CharmCluster cluster;
    CRING_OK(cluster.start());
    playground::RingOptions options = CringProcess::optionsFor(cluster);
    for (const playground::RingServer &server : std::as_const(options.servers))
        options.arguments << QStringLiteral("--host") << server.url.toString();
    CringProcess ring(options);
    CRING_OK(ring.start());
    const QByteArray before = ring.configText();
    const auto output =
        ring.runCommand({QStringLiteral("backends"), QStringLiteral("add"), QStringLiteral("more"),
                         QStringLiteral("--url"), QStringLiteral("http://127.0.0.1:1")},
                        std::chrono::milliseconds(Limit));
    QCOMPARE(output.exitCode, 4);
    QVERIFY2(output.err.contains("--host"), output.err.constData());
    QFile file(ring.configFile());
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), before);
}

void TestOperations::promotesAServer()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing());
    const QString other = servers(ring).value(1);
    QVERIFY(ring.primary() != other);
    QVERIFY(text(ring, words("backends promote") + QStringList(other)).contains("is the primary now"));
    QCOMPARE(ring.primary(), other);
    QVERIFY(!text(ring, words("backends promote nobody"), 10).isEmpty());
}

void TestOperations::repairsOnlyWhatIsKnown()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.useServerKey());
    CRING_OK(ring.startRing());
    QCOMPARE(ring.upload("file", "bytes").status, 200);
    const auto repair = [&](const QStringList &arguments) {
        return ring.ring().runCommand(words("repair") + arguments, std::chrono::milliseconds(Limit));
    };
    const QString known = ring.cluster().charmId() + QStringLiteral("/file");
    const QString unknown = ring.cluster().charmId() + QStringLiteral("/nosuch");
    QCOMPARE(repair({QStringLiteral("file")}).exitCode, 0);
    for (const QStringList &arguments : {QStringList(QStringLiteral("nosuch")), QStringList(QString()),
                                         QStringList(QStringLiteral("../../../etc/passwd")),
                                         QStringList{QStringLiteral("--adopt"), unknown}}) {
        const auto output = repair(arguments);
        QVERIFY2(output.exitCode == 10 && !output.err.isEmpty(), (output.out + output.err).constData());
    }
    const auto some = repair({known, unknown});
    QVERIFY2(some.exitCode == 3 && some.err.contains(unknown.toUtf8() + " is not known"),
             (some.out + some.err).constData());
    ring.at(2).kill9();
    QVERIFY(spinUntil([&] { return !ring.isUp(2); }, Limit));
    for (const QStringList &arguments : {QStringList(), QStringList(known), QStringList(unknown)}) {
        const auto output = repair(arguments);
        QVERIFY2(output.exitCode == 3 && output.err.contains("charm3 was left out"),
                 (output.out + output.err).constData());
    }
}

QTEST_GUILESS_MAIN(TestOperations)
#include "tst_operations.moc"
