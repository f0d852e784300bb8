// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/tworings.h"
#include "tests/support/spin.h"

#include <QTest>

using namespace cring;
using namespace cring::test;

/// Somebody else writes to the same servers: another ring, or a client that talks to a server directly. What
/// becomes of the promises then is in docs/mending.md; nothing that somebody was told is stored is lost.
class TestTwoRings : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void eachItsOwnFiles();
    void theSameFilesInTurn();
    void deletedByOneAndStoredByTheOther();
    void theSameFilesAtOnce();
    void clientPastTheRing();
};

namespace {

constexpr int Limit = TwoRings::Limit;
const QByteArray Old = FaultyRing::content(20'000, "old");
const QByteArray New = FaultyRing::content(20'000, "new");

} // namespace

/// Each learns of the other's files, and of their newer versions. What the other has deleted is gone for
/// both, and told.
void TestTwoRings::eachItsOwnFiles()
{
    constexpr int files = 8;
    TwoRings rings;
    CRING_OK(rings.start());
    const QByteArray prefixes[] = {"a/f", "b/f"};
    for (int i = 0; i < files; ++i) {
        for (int ring : {0, 1})
            QCOMPARE(rings.upload(ring, TwoRings::numbered(prefixes[ring], i), Old).status, 200);
    }
    // Each has taken the other's in before those change.
    for (int ring : {0, 1})
        QVERIFY(rings.reads(ring, TwoRings::numbered(prefixes[1 - ring], files - 1), Old) &&
                rings.isAtRest(ring));
    QStringList gone[2];
    for (int i = 0; i < files; i += 2) {
        for (int ring : {0, 1}) {
            QCOMPARE(rings.upload(ring, TwoRings::numbered(prefixes[ring], i), New).status, 200);
            QCOMPARE(rings.remove(ring, TwoRings::numbered(prefixes[ring], i + 1)).status, 200);
            gone[1 - ring] << QStringLiteral("lost ") +
                                  QString::fromLatin1(TwoRings::numbered(prefixes[ring], i + 1));
        }
    }
    for (int ring : {0, 1}) {
        for (int i = 0; i < files; i += 2) {
            QVERIFY2(rings.reads(ring, TwoRings::numbered(prefixes[1 - ring], i), New),
                     rings.get(ring, TwoRings::numbered(prefixes[1 - ring], i)).text().constData());
        }
        gone[ring].sort();
        QVERIFY(spinUntil([&] { return rings.state(ring).findings() == gone[ring]; }, Limit));
    }
    for (int ring : {0, 1})
        QVERIFY(rings.isAtRest(ring));
    for (int ring : {0, 1}) {
        for (int i = 0; i < files; i += 2) {
            for (const QByteArray &prefix : prefixes) {
                QCOMPARE(rings.get(ring, TwoRings::numbered(prefix, i)).body, New);
                const HttpResponse answer = rings.get(ring, TwoRings::numbered(prefix, i + 1));
                QVERIFY2(answer.status == 404 || answer.status == 503, answer.text().constData());
                QVERIFY(rings.isNowhere(TwoRings::numbered(prefix, i + 1)));
            }
        }
        QCOMPARE(rings.state(ring).findings(), gone[ring]);
        // Of what was overwritten no server had the older version any more.
        QCOMPARE(rings.state(ring).keptVersions(), QByteArrayList());
    }
    QVERIFY2(rings.differenceAfter(Limit).isEmpty(), rings.difference().constData());
}

void TestTwoRings::theSameFilesInTurn()
{
    TwoRings rings;
    CRING_OK(rings.start());
    for (int round = 0; round < 4; ++round) {
        const int ring = round % 2;
        const QByteArray data = TwoRings::version(TwoRings::numbered("round", round));
        QCOMPARE(rings.upload(ring, "file", data).status, 200);
        QCOMPARE(rings.get(ring, "file").body, data);
        QVERIFY2(rings.reads(1 - ring, "file", data), rings.get(1 - ring, "file").text().constData());
        QVERIFY(spinUntil([&] { return rings.copies("file", data) == 3; }, Limit));
        QCOMPARE(rings.get(ring, "file").body, data);
    }
    for (int ring : {0, 1}) {
        QVERIFY(rings.isAtRest(ring));
        QCOMPARE(rings.state(ring).findings(), QStringList());
    }
}

/// One has it on record as deleted, the other as stored after that. It is kept aside by the one that deletes
/// it again, and told by the other.
void TestTwoRings::deletedByOneAndStoredByTheOther()
{
    TwoRings rings;
    CRING_OK(rings.start());
    QCOMPARE(rings.upload(0, "file", Old).status, 200);
    QVERIFY(rings.reads(1, "file", Old));
    QVERIFY(rings.isAtRest(1));
    QCOMPARE(rings.remove(0, "file").status, 200);
    const QStringList lost{QStringLiteral("lost file")};
    QVERIFY(spinUntil([&] { return rings.state(1).findings() == lost; }, Limit));
    QVERIFY(rings.isNowhere("file"));
    QCOMPARE(rings.upload(1, "file", New).status, 200);
    const auto isKept = [&] {
        return rings.state(0).keptVersions().contains(New) || rings.copies("file", New) >= 2;
    };
    // At every moment from now on.
    QVERIFY(!spinUntil([&] { return !isKept(); }, 5'000));
    for (int ring : {0, 1})
        QVERIFY(rings.isAtRest(ring));
    QVERIFY(isKept());
    QVERIFY2(rings.differenceAfter(Limit).isEmpty(), rings.difference().constData());
    if (rings.isNowhere("file")) {
        // A person brings it back through the ring that has it aside, and both have it.
        QVERIFY(rings.state(0).keptVersions().contains(New));
        QVERIFY(spinUntil([&] { return rings.state(1).findings() == lost; }, Limit));
        const qint64 id = rings.state(0).number(QStringLiteral("SELECT max(id) FROM conflicts"));
        const auto chosen = rings.ring().runCommand(
            {QStringLiteral("conflicts"), QStringLiteral("choose"), QString::number(id)});
        QVERIFY2(chosen.exitCode == 0, chosen.err.constData());
    }
    for (int ring : {0, 1})
        QVERIFY2(rings.reads(ring, "file", New), rings.get(ring, "file").text().constData());
    QVERIFY(spinUntil([&] { return rings.copies("file", New) == 3; }, Limit));
    QVERIFY(spinUntil([&] { return rings.state(1).findings().isEmpty(); }, Limit));
}

/// New, changed and deleted, on one server and on a quorum.
void TestTwoRings::clientPastTheRing()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.useServerKey());
    CRING_OK(ring.startRing({}, TwoRings::Often));
    const StateFolder state(ring.ring());
    const QByteArrayList known = {"changed1", "changed2", "deleted1", "deleted2"};
    for (const QByteArray &path : known)
        QCOMPARE(ring.upload(path, Old).status, 200);
    QVERIFY(spinUntil(
        [&] { return state.number(QStringLiteral("SELECT count(*) FROM accounts WHERE state = 1")) == 1; },
        Limit));
    QVERIFY2(ring.differenceAfter(Limit).isEmpty(), ring.difference().constData());
    for (const auto &[suffix, servers] : {std::pair<QByteArray, QList<int>>("1", {1}), {"2", {0, 1}}}) {
        for (const int server : servers) {
            HttpClient client(ring.at(server).url());
            const auto target = [&, suffix = suffix](const char *name) {
                return FaultyRing::target(name + suffix);
            };
            QCOMPARE(client.upload(target("made"), New, ring.token()).status, 200);
            QCOMPARE(client.upload(target("changed"), New, ring.token()).status, 200);
            QCOMPARE(client.remove(target("deleted"), ring.token()).status, 200);
        }
    }
    // What a quorum was told holds, or is told; what one alone was told is a person's, or damage.
    const QStringList told{QStringLiteral("absence deleted2 charm1"),
                           QStringLiteral("absence deleted2 charm2"),
                           QStringLiteral("unexplained made1 charm2")};
    const auto copies = [&](const QByteArray &path, const QByteArray &data) {
        int count = 0;
        for (int server = 0; server < FaultyRing::Servers; ++server)
            count += ring.onDisk(server, path) == data ? 1 : 0;
        return count;
    };
    QVERIFY(spinUntil(
        [&] {
            // Size and time are those of the record: only reading finds the others.
            for (const QByteArray path : {"changed1", "changed2"})
                (void)ring.get(path);
            return copies("made2", New) == 3 && copies("changed1", Old) == 3 &&
                   copies("changed2", New) == 3 && copies("deleted1", Old) == 3 && state.findings() == told;
        },
        Limit));
    QCOMPARE(copies("made1", New), 1);
    QCOMPARE(copies("deleted2", Old), 1);
    QCOMPARE(state.keptVersions(), QByteArrayList{Old}); // Of changed2.
    QCOMPARE(ring.get("made2").body, New);
    QCOMPARE(ring.get("changed1").body, Old);
    QCOMPARE(ring.get("changed2").body, New);
    QCOMPARE(ring.get("deleted1").body, Old);
    QCOMPARE(ring.names(""),
             (QStringList{QStringLiteral("changed1"), QStringLiteral("changed2"), QStringLiteral("deleted1"),
                          QStringLiteral("deleted2"), QStringLiteral("made2")}));
}

/// Which one holds nobody can say, but it is one of them, whole, and the same for all.
void TestTwoRings::theSameFilesAtOnce()
{
    constexpr int files = 8;
    constexpr int rounds = 4;
    TwoRings rings;
    CRING_OK(rings.start());
    QMap<QByteArray, QByteArrayList> possible; // Of each path; null: a delete.
    for (int round = 0; round < rounds; ++round) {
        struct Request
        {
            QByteArray path;
            QByteArray data;
            std::unique_ptr<HttpClient> client;
        };
        std::vector<Request> requests;
        for (int i = 0; i < files; ++i) {
            for (int ring : {0, 1}) {
                const QByteArray path = TwoRings::numbered("f", i);
                // Of the last file in every round one is a delete.
                const bool stores = i != files - 1 || ring != round % 2;
                const QByteArray data = stores
                                            ? TwoRings::version(path + TwoRings::numbered(" round", round) +
                                                                TwoRings::numbered(" ring", ring))
                                            : QByteArray();
                auto client = std::make_unique<HttpClient>(rings.clientOf(ring));
                const QByteArray body = HttpClient::multipart(data);
                const QByteArray target = FaultyRing::target(path);
                client->send(stores
                                 ? client->uploadHead(target, body.size(), rings.token()) + body
                                 : "DELETE " + target + " HTTP/1.1\r\nHost: ring\r\nAuthorization: bearer " +
                                       rings.token() + "\r\n\r\n");
                requests.push_back({path, data, std::move(client)});
            }
        }
        QMap<QByteArray, QByteArrayList> asked;
        QSet<QByteArray> acknowledged;
        for (Request &request : requests) {
            const HttpResponse answer = request.client->read();
            QVERIFY2(answer.status == 200 || answer.status == 503, answer.text().constData());
            asked[request.path] << request.data; // A refused one may be there, too.
            if (answer.status == 200)
                acknowledged << request.path;
        }
        // What was there before holds where both were refused.
        for (auto it = asked.cbegin(); it != asked.cend(); ++it) {
            if (acknowledged.contains(it.key()))
                possible[it.key()].clear();
            possible[it.key()] += *it;
        }
    }
    // Sizes and times are those of the records: only reading finds the others.
    for (int ring : {0, 1})
        QVERIFY2(rings.isRead(ring), rings.owed(ring).constData());
    QVERIFY2(rings.differenceAfter(Limit).isEmpty(), rings.difference().constData());
    QMap<QByteArray, QByteArray> chosen;
    for (auto it = possible.cbegin(); it != possible.cend(); ++it) {
        const QByteArray holds = rings.onDisk(0, it.key());
        // A null one is the delete of one of them.
        QVERIFY2(it->contains(holds), it.key().constData());
        chosen.insert(it.key(), holds);
        for (int ring : {0, 1}) {
            QVERIFY2(holds.isNull() || rings.reads(ring, it.key(), holds),
                     rings.get(ring, it.key()).text().constData());
        }
    }
    // They agree: neither undoes what the other has done.
    for (int ring : {0, 1})
        QVERIFY2(rings.isRead(ring), rings.owed(ring).constData());
    QVERIFY2(rings.difference().isEmpty(), rings.difference().constData());
    for (auto it = chosen.cbegin(); it != chosen.cend(); ++it)
        QCOMPARE(rings.onDisk(0, it.key()), it.value());
}

QTEST_GUILESS_MAIN(TestTwoRings)
#include "tst_tworings.moc"
