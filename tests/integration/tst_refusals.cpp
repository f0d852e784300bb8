// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/faultyring.h"
#include "tests/support/smalldisk.h"
#include "tests/support/spin.h"

#include <QDir>
#include <QTest>

using namespace cring;
using namespace cring::test;

/// No quorum can store a file: the client is told so in words, and the file is nowhere, then and later.
class TestRefusals : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void twoServersDown_data();
    void twoServersDown();
    void lostAnswersLeaveOneState_data();
    void lostAnswersLeaveOneState();
    void serverWithoutTheAccountIsNoCopy();
    void twoServersOverQuota();
    void twoFullDisks();
};

namespace {

constexpr int MendLimit = 30'000;
constexpr qint64 WorstMs = 4'000;

/// The message that a 503 carries, or nothing.
QString reasonOf(const HttpResponse &response)
{
    return response.status == 503 && response.complete ? response.message() : QString();
}

} // namespace

void TestRefusals::twoServersDown_data()
{
    QTest::addColumn<int>("left");
    for (const int left : {0, 1, 2})
        QTest::addRow("only server %d is up", left + 1) << left;
}

void TestRefusals::twoServersDown()
{
    QFETCH(int, left);
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing());
    const QByteArray old = FaultyRing::content(20'000, "old");
    QCOMPARE(ring.upload("kept", old).status, 200);
    QDir(ring.cluster().path()).mkpath(QStringLiteral("out"));
    const QString file = ring.cluster().path() + QStringLiteral("/out/file");
    QFile source(file);
    QVERIFY(source.open(QIODevice::WriteOnly) && source.write(FaultyRing::content(30'000, "new")) > 0);
    source.close();
    CharmClient &client = ring.cluster().client();
    CRING_OK(client.run({QStringLiteral("fs"), QStringLiteral("cp"), file, QStringLiteral("charm:before")}));
    const QByteArray settled = ring.differenceAfter(5'000);
    QVERIFY2(settled.isEmpty(), settled.constData());
    const FilesTree before = ring.at(left).files();
    for (int index = 0; index < FaultyRing::Servers; ++index) {
        if (index != left)
            ring.at(index).kill9();
    }

    for (const QByteArray path : {"refused", "kept"}) {
        const HttpResponse refused = ring.upload(path, FaultyRing::content(30'000, "new"));
        for (const char *name : {"charm1", "charm2", "charm3"})
            QVERIFY2(reasonOf(refused).contains(QLatin1String(name)), refused.text().constData());
        QVERIFY2(reasonOf(refused).count(QStringLiteral("refused the connection")) == 2 ||
                     reasonOf(refused).count(QStringLiteral("closed the connection")) > 0,
                 refused.text().constData());
        QVERIFY2(refused.tookMs <= WorstMs, refused.text().constData());
    }
    // The real client shows the same words.
    const CharmClient::Output copied =
        client.run({QStringLiteral("fs"), QStringLiteral("cp"), file, QStringLiteral("charm:refused")});
    QVERIFY2(!copied.ok(), copied.text().constData());
    for (const char *name : {"charm1", "charm2", "charm3", "refused the connection"})
        QVERIFY2(copied.err.contains(name), copied.text().constData());

    const HttpResponse kept = ring.get("kept");
    QVERIFY2(kept.status == 200 && kept.complete && kept.body == old, kept.text().constData());
    const CharmClient::Output cat =
        client.run({QStringLiteral("fs"), QStringLiteral("cat"), QStringLiteral("charm:before")});
    CRING_OK(cat);
    QCOMPARE(cat.out, FaultyRing::content(30'000, "new"));
    QVERIFY(ring.get("refused").status != 200);
    QCOMPARE(ring.at(left).files(), before);

    for (int index = 0; index < FaultyRing::Servers; ++index) {
        if (index != left)
            CRING_OK(ring.at(index).start());
    }
    QVERIFY(spinUntil([&] { return ring.get("refused").status == 404; }, 10'000));
    for (int index = 0; index < FaultyRing::Servers; ++index)
        QCOMPARE(ring.at(index).files(), before);
    QCOMPARE(ring.get("kept").body, old);
}

void TestRefusals::lostAnswersLeaveOneState_data()
{
    QTest::addColumn<int>("stays");
    QTest::addColumn<bool>("existed");
    QTest::addColumn<bool>("known");
    for (const int stays : {0, 2}) {
        QTest::addRow("new, server %d answers", stays + 1) << stays << false << true;
        QTest::addRow("overwrite, server %d answers", stays + 1) << stays << true << true;
        QTest::addRow("overwrite of an unknown one, server %d answers", stays + 1) << stays << true << false;
    }
}

/// Two servers store the file, but the ring never hears of it.
void TestRefusals::lostAnswersLeaveOneState()
{
    QFETCH(int, stays);
    QFETCH(bool, existed);
    QFETCH(bool, known);
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing({0, 1, 2}));
    const QByteArray old = FaultyRing::content(40'000, "old");
    const QByteArray fresh = FaultyRing::content(30'000, "new");
    if (existed)
        QCOMPARE(ring.upload("file", old).status, 200);
    if (!known) {
        QVERIFY(ring.differenceAfter(5'000).isEmpty());
        CRING_OK(ring.startRing({0, 1, 2}));
    }
    for (int index = 0; index < FaultyRing::Servers; ++index) {
        if (index != stays)
            ring.front(index).on("POST", "/v1/fs/file", Fault::loseResponse(), 1);
    }
    const HttpResponse refused = ring.upload("file", fresh);
    QVERIFY2(!reasonOf(refused).isEmpty(), refused.text().constData());

    // One of the two, whole, and always the same; with a short time in which nothing can be said.
    QByteArray seen;
    const auto look = [&] {
        const HttpResponse response = ring.get("file");
        if (response.status == 200 && response.complete) {
            const bool isOld = existed && response.body == old;
            QVERIFY2(isOld || (existed && response.body == fresh), response.text().constData());
            QVERIFY(seen.isEmpty() || seen == response.body);
            seen = response.body;
        } else {
            QVERIFY2(response.cut || response.status == 503 || (response.status == 404 && !existed),
                     response.text().constData());
        }
    };
    look();
    (void)spinUntil(
        [&] {
            look();
            return QTest::currentTestFailed() ||
                   (ring.difference().isEmpty() &&
                    (existed ? !seen.isEmpty() : !ring.holds(0, QStringLiteral("file"))));
        },
        MendLimit);
    look();
    // While it is mended a copy may be gone for an instant.
    const QByteArray difference = ring.differenceAfter(MendLimit);
    QVERIFY2(difference.isEmpty(), difference.constData());
    QVERIFY(!existed || !seen.isEmpty());
    QCOMPARE(ring.holds(stays, QStringLiteral("file")), existed);
}

void TestRefusals::serverWithoutTheAccountIsNoCopy()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    // Somebody makes an account at the first server alone, and later at a second one.
    CharmServer &first = ring.at(0);
    CharmClient &stranger = *ring.cluster().addStranger();
    stranger.pointAt(first.address(), first.sshPort(), first.httpPort());
    const QByteArray id = stranger.run({QStringLiteral("id")}).out.trimmed();
    QVERIFY(!id.isEmpty());
    TokenMinter::Claims claims;
    claims.subject = QString::fromUtf8(id);
    claims.issuer = ring.cluster().issuer();
    const QByteArray token = ring.cluster().minter().mint(claims);
    CRING_OK(ring.startRing());

    const QByteArray data = FaultyRing::content(20'000, "data");
    const auto holders = [&] {
        QList<int> list;
        for (int index = 0; index < FaultyRing::Servers; ++index) {
            if (ring.at(index).files().contains(claims.subject + QStringLiteral("/file")))
                list << index;
        }
        return list;
    };
    HttpResponse refused = ring.client().upload("/v1/fs/file", data, token);
    QVERIFY2(reasonOf(refused).contains(QStringLiteral("charm2 does not know this account")) &&
                 reasonOf(refused).contains(QStringLiteral("charm3 does not know this account")),
             refused.text().constData());
    QCOMPARE(holders(), QList<int>());
    QVERIFY(ring.client().get("/v1/fs/file", token).status != 200);

    first.stop();
    ring.at(1).stop();
    const QString database = QStringLiteral("/db/charm_sqlite.db");
    QVERIFY(QFile::remove(ring.at(1).dataDir() + database));
    QVERIFY(QFile::copy(first.dataDir() + database, ring.at(1).dataDir() + database));
    CRING_OK(first.start());
    CRING_OK(ring.at(1).start());
    CRING_OK(ring.startRing());
    HttpResponse stored = ring.client().upload("/v1/fs/file", data, token);
    QVERIFY2(stored.status == 200, stored.text().constData());
    QCOMPARE(holders(), QList<int>({0, 1}));
    QCOMPARE(ring.client().get("/v1/fs/file", token).body, data);

    ring.at(1).kill9();
    refused = ring.client().upload("/v1/fs/file", FaultyRing::content(20'000, "other"), token);
    QVERIFY2(reasonOf(refused).contains(QStringLiteral("charm2")) &&
                 reasonOf(refused).contains(QStringLiteral("charm3 does not know this account")),
             refused.text().constData());
    QCOMPARE(ring.client().get("/v1/fs/file", token).body, data);
}

void TestRefusals::twoServersOverQuota()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing());
    const QByteArray old = FaultyRing::content(2'000, "old");
    QCOMPARE(ring.upload("kept", old).status, 200);
    QVERIFY(ring.differenceAfter(5'000).isEmpty());
    for (const int index : {1, 2}) {
        ring.at(index).options().userMaxStorage = 50'000;
        CRING_OK(ring.at(index).restart());
    }
    const FilesTree before = ring.at(0).files();
    for (const QByteArray path : {"refused", "kept"}) {
        const HttpResponse refused = ring.upload(path, FaultyRing::content(100'000, "new"));
        QVERIFY2(reasonOf(refused).count(QStringLiteral("no room left for this account")) == 2,
                 refused.text().constData());
        QVERIFY2(reasonOf(refused).contains(QStringLiteral("charm2")) &&
                     reasonOf(refused).contains(QStringLiteral("charm3")),
                 refused.text().constData());
        const HttpResponse read = ring.get(path);
        QVERIFY2(path == "kept" ? read.status == 200 && read.body == old : read.status == 404,
                 read.text().constData());
    }
    const QByteArray difference = ring.differenceAfter(MendLimit);
    QVERIFY2(difference.isEmpty(), difference.constData());
    QCOMPARE(ring.at(0).files(), before);
    QCOMPARE(ring.get("kept").body, old);
}

/// Charm truncates before it writes, and its 500 comes after that: what two full disks had is lost. The file
/// is then the old one or the new one, everywhere.
void TestRefusals::twoFullDisks()
{
    SmallDisk second(20'000'000);
    SmallDisk third(20'000'000);
    CRING_OK(second.made());
    CRING_OK(third.made());
    FaultyRing ring;
    CRING_OK(ring.startServers([&](int index, CharmServerOptions &options) {
        if (index > 0)
            options.dataDir = (index == 1 ? second : third).path() + QStringLiteral("/data");
    }));
    CRING_OK(ring.startRing());
    const QByteArray old = FaultyRing::content(20'000, "old");
    const QByteArray fresh = FaultyRing::content(1'000'000, "new");
    QCOMPARE(ring.upload("kept", old).status, 200);
    QVERIFY(ring.differenceAfter(5'000).isEmpty());
    second.fill();
    third.fill();
    HttpResponse refused = ring.upload("refused", fresh);
    QVERIFY2(reasonOf(refused).contains(QStringLiteral("charm2 answered 500")) &&
                 reasonOf(refused).contains(QStringLiteral("charm3 answered 500")),
             refused.text().constData());
    QVERIFY(!ring.holds(0, QStringLiteral("refused")));
    QCOMPARE(ring.get("refused").status, 404);

    refused = ring.upload("kept", fresh);
    QVERIFY2(!reasonOf(refused).isEmpty(), refused.text().constData());
    const HttpResponse during = ring.get("kept");
    QVERIFY2(during.status == 503 || (during.complete && (during.body == old || during.body == fresh)),
             during.text().constData());

    second.release();
    third.release();
    const QByteArray difference = ring.differenceAfter(MendLimit);
    QVERIFY2(difference.isEmpty(), difference.constData());
    QVERIFY(!ring.holds(0, QStringLiteral("refused")));
    const HttpResponse after = ring.get("kept");
    QVERIFY2(after.status == 200 && (after.body == old || after.body == fresh), after.text().constData());
    QVERIFY(during.status != 200 || during.body == after.body);
}

QTEST_GUILESS_MAIN(TestRefusals)
#include "tst_refusals.moc"
