// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/faultyring.h"
#include "tests/support/cringprocess.h"
#include "tests/support/spin.h"

#include <QTest>

using namespace cring;
using namespace cring::test;

/// An account that not every server knows: "missing user" is that server's lack, never an answer while
/// another server knows better, and no reason to do without the server.
class TestAccounts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void unknownAccountDoesNotMoveThePrimary();
    void primaryThatIsDownIsReplaced();
    void filesOfAnAccountThatOneSlowServerKnowsAreRead();
    void theStandbyKnowsNobodyBeforeAccountsAreSynchronised();
};

void TestAccounts::unknownAccountDoesNotMoveThePrimary()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    const FaultyRing::Stranger stranger = ring.strangerAt(1);
    QVERIFY(!stranger.id.isEmpty());
    CRING_OK(ring.startRing());
    const QByteArray known = ring.cluster().charmId().toUtf8();
    QCOMPARE(ring.client().get("/v1/id/" + known, ring.token()).status, 200);
    QCOMPARE(ring.primary(), QStringLiteral("charm1"));
    for (int round = 0; round < 3; ++round) {
        const HttpResponse response = ring.client().get("/v1/id/" + stranger.id, stranger.token);
        QVERIFY2(response.status == 200 && response.body.contains(stranger.id), response.text().constData());
        QCOMPARE(ring.primary(), QStringLiteral("charm1"));
    }
}

void TestAccounts::primaryThatIsDownIsReplaced()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing());
    QCOMPARE(ring.primary(), QStringLiteral("charm1"));
    ring.at(0).kill9();
    const QByteArray id = ring.cluster().charmId().toUtf8();
    const HttpResponse response = ring.client().get("/v1/id/" + id, ring.token());
    QVERIFY2(response.status == 200 && response.body.contains(id), response.text().constData());
    QVERIFY(spinUntil([&] { return ring.primary() != QStringLiteral("charm1"); }, 5'000));
    const QString second = ring.primary();
    QVERIFY2(!second.isEmpty(), "there is no primary");
    // The old one does not know the accounts that were made meanwhile.
    CRING_OK(ring.at(0).start());
    QVERIFY(spinUntil([&] { return ring.isUp(0); }, 10'000));
    QCOMPARE(ring.client().get("/v1/id/" + id, ring.token()).status, 200);
    QCOMPARE(ring.primary(), second);
}

void TestAccounts::filesOfAnAccountThatOneSlowServerKnowsAreRead()
{
    constexpr int slowMs = 600;
    FaultyRing ring;
    CRING_OK(ring.startServers());
    const FaultyRing::Stranger stranger = ring.strangerAt(2);
    QVERIFY(!stranger.id.isEmpty());
    const QByteArray data = FaultyRing::content(1'000, "data");
    HttpClient direct(ring.at(2).url());
    for (const QByteArray path : {"file", "folder/inner"})
        QCOMPARE(direct.upload(FaultyRing::target(path), data, stranger.token).status, 200);
    CRING_OK(ring.startRing({2}));
    const auto slowly = [&](const QByteArray &path, const QByteArray &answer) {
        ring.front(2).on("GET", FaultyRing::target(path), Fault::trickle(answer, answer.size(), slowMs));
    };
    for (const QByteArray path : {"", "folder"}) {
        const HttpResponse listing = direct.get(FaultyRing::target(path), stranger.token);
        QCOMPARE(listing.status, 200);
        slowly(path, Fault::answerBytes(200, listing.body, "application/json\r\nX-File-Mode: 2147484141"));
    }
    slowly("file", Fault::answerBytes(200, data, "application/octet-stream\r\nX-File-Mode: 420"));

    for (int round = 0; round < 4; ++round) {
        const HttpResponse file = ring.client().get("/v1/fs/file", stranger.token);
        QVERIFY2(file.status == 200 && file.complete && file.body == data, file.text().constData());
        const HttpResponse listing = ring.client().get("/v1/fs/folder", stranger.token);
        QVERIFY2(listing.status == 200 && listing.complete && listing.body.contains(R"("inner")"),
                 listing.text().constData());
        const HttpResponse all = ring.client().get("/v1/fs/", stranger.token);
        QVERIFY2(all.status == 200 && all.complete && all.body.contains(R"("file")") &&
                     all.body.contains(R"("folder")"),
                 all.text().constData());
    }
}

void TestAccounts::theStandbyKnowsNobodyBeforeAccountsAreSynchronised()
{
    CharmCluster cluster(2);
    CRING_OK(cluster.start());
    QTemporaryDir keys;
    const Result<QString> key = serverKeyConfig(cluster, keys.path());
    CRING_OK(key);
    CringProcess ring(cluster);
    ring.options().serviceLines = QStringLiteral("accounts = \"standby\"\n");
    ring.options().configLines = *key;
    CRING_OK(ring.start());
    CRING_OK(cluster.client().run({QStringLiteral("id")}));
    cluster.stopAll();
    QVERIFY(!cluster.client().run({QStringLiteral("id")}).ok());
    const QByteArray log = ring.runCommand({QStringLiteral("log")}).out;
    QVERIFY2(log.contains("the standby account server is no help: no accounts have been synchronised yet"),
             log.constData());
}

QTEST_GUILESS_MAIN(TestAccounts)
#include "tst_accounts.moc"
