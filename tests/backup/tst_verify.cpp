// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/verifyjob.h"
#include "tests/backup/vault.h"

#include <QTest>

using namespace cring;
using namespace cring::backup;
using namespace cring::test;
using namespace std::chrono_literals;
using State = jobs::Jobs::State;

/// Comparisons of a bucket, and when they are begun.
class TestVerify : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void aFailedOneGoesOnWhereItStopped();
    void oneThatGoesOnStandsForNoListing();
    void whatIsNotGivenIsNamedAndPassedOver();
    void bytesAreComparedWithWhatIsKnownHere();
    void bytesWithoutADigestAreNotVerified();
    void aClockThatWasAheadHidesNoLoss();
    void whatNobodyKnowsIsNamed();
    void aDeleteIsRememberedUntilTheBucketFollows();
    void aFailedOneLetsOthersHaveTheirTurn();
    void aCancelledOneIsNotBegunAgain();
    void whatCannotBeStoredStopsNoComparison();
    void anEndInTheFutureIsNone();

private:
    static QStringList names(int count);

    S3Server m_server{S3Server::Make::Versitygw};
};

namespace {

constexpr int Limit = 30'000;
const Fault Denied = Fault::status(403, "<Error><Code>InvalidObjectState</Code></Error>", "application/xml");

QStringList namesIn(const jobs::Jobs::Info &info, const char *kind)
{
    return info.summary.value(QLatin1String(kind) + QStringLiteral("Names")).toVariant().toStringList();
}

qint64 countIn(const jobs::Jobs::Info &info, const char *kind)
{
    return info.summary.value(QLatin1String(kind)).toInteger(-1);
}

struct Schedule
{
    explicit Schedule(const Vault &vault)
        : schedule(vault.store->jobs, const_cast<Vault &>(vault).shared.backups, vault.store->bucketLedger,
                   vault.clock, {5ms, 20ms, 5ms})
    {
    }

    BackupSchedule schedule;
};

} // namespace

void TestVerify::initTestCase()
{
    CRING_OK(m_server.start());
}

QStringList TestVerify::names(int count)
{
    static int made = 0;
    QStringList names;
    for (int i = 0; i < count; ++i)
        names << QStringLiteral("vault-%1").arg(++made);
    return names;
}

void TestVerify::aFailedOneGoesOnWhereItStopped()
{
    Vault vault(m_server, names(1));
    for (const char *path : {"f1", "f2", "f3", "f4"})
        QVERIFY(vault.put(path, QByteArray("content of ") + path));
    QVERIFY(spinUntil([&] { return vault.isReady(); }, Limit));
    vault.proxy.on("GET", vault.target("f3"), Denied);
    vault.proxy.on("GET", vault.listing(), Denied);
    vault.proxy.on("GET", vault.listing(), Fault::forward(), 1);
    QCOMPARE(vault.verify(true).state, State::Failed);
    QCOMPARE(vault.fact(VerifyJob::kDeepVerified), QByteArray());
    vault.proxy.clearRules();
    const qint64 before = vault.clock.wall().count();
    const auto done = vault.verify(true);
    QCOMPARE(done.state, State::Done);
    QCOMPARE(countIn(done, "verified"), 4);
    QCOMPARE(vault.reads("f1"), 1);
    QCOMPARE(vault.reads("f2"), 1);
    QCOMPARE(vault.reads("f3"), 2);
    QCOMPARE(vault.reads("f4"), 1);
    // Of the first one's begin.
    const qint64 began = vault.fact(VerifyJob::kDeepVerified).toLongLong();
    QVERIFY(began > 0 && began <= before);
    // That was it: the next one reads all of it.
    QCOMPARE(countIn(vault.verify(true), "verified"), 4);
    QCOMPARE(vault.reads("f1"), 2);
}

/// What was lost since its first half is found by the next look, which is not put off.
void TestVerify::oneThatGoesOnStandsForNoListing()
{
    Vault vault(m_server, names(1));
    for (const char *path : {"f1", "f2", "f3"})
        QVERIFY(vault.put(path, QByteArray("content of ") + path));
    QVERIFY(spinUntil([&] { return vault.isReady(); }, Limit));
    vault.proxy.on("GET", vault.target("f2"), Denied);
    vault.proxy.on("GET", vault.listing(), Denied);
    vault.proxy.on("GET", vault.listing(), Fault::forward(), 1);
    QCOMPARE(vault.verify(true).state, State::Failed);
    vault.proxy.clearRules();
    vault.clock.offset += 1h;
    QCOMPARE(vault.verify(false).state, State::Done);
    const QByteArray verified = vault.fact(VerifyJob::kVerified);
    QVERIFY(vault.remove("f1"));
    const Schedule schedule(vault);
    QVERIFY(spinUntil([&] { return !vault.fact(VerifyJob::kDeepVerified).isEmpty(); }, Limit));
    QVERIFY(vault.fact(VerifyJob::kDeepVerified).toLongLong() < verified.toLongLong());
    QCOMPARE(vault.fact(VerifyJob::kVerified), verified);
    const QStringList lost{QString::fromLatin1(vault.key("f1"))};
    const auto isFound = [&] {
        return std::ranges::any_of(vault.verifications(),
                                   [&](const auto &info) { return namesIn(info, "lost") == lost; });
    };
    QVERIFY(spinUntil(isFound, 5'000));
}

void TestVerify::whatIsNotGivenIsNamedAndPassedOver()
{
    Vault vault(m_server, names(1));
    for (const char *path : {"f1", "f2", "f3"})
        QVERIFY(vault.put(path, QByteArray("content of ") + path));
    QVERIFY(spinUntil([&] { return vault.isReady(); }, Limit));
    vault.proxy.on("GET", vault.target("f1"), Denied);
    // Once more, and then it is passed over, too.
    vault.proxy.on("GET", vault.target("f2"), Fault::status(501));
    const auto done = vault.verify(true);
    QCOMPARE(done.state, State::Done);
    QCOMPARE(namesIn(done, "unread"),
             QStringList({QString::fromLatin1(vault.key("f1")), QString::fromLatin1(vault.key("f2"))}));
    QCOMPARE(countIn(done, "verified"), 1);
    QCOMPARE(vault.reads("f1"), 1);
    QCOMPARE(vault.reads("f2"), 2);
    // They are listed as they were stored, and nobody has seen all of the bytes.
    QVERIFY(!vault.fact(VerifyJob::kVerified).isEmpty());
    QCOMPARE(vault.fact(VerifyJob::kDeepVerified), QByteArray());
}

/// A store that has lost what it was told of the object, and some of its bytes.
void TestVerify::bytesAreComparedWithWhatIsKnownHere()
{
    Vault vault(m_server, names(1));
    QVERIFY(vault.put("f1", "content"));
    QVERIFY(spinUntil([&] { return vault.isReady(); }, Limit));
    vault.proxy.on("GET", vault.target("f1"),
                   Fault::raw("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\ncontenT"));
    const auto done = vault.verify(true);
    QCOMPARE(namesIn(done, "damaged"), QStringList(QString::fromLatin1(vault.key("f1"))));
    QCOMPARE(countIn(done, "verified"), 0);
    QCOMPARE(vault.fact(VerifyJob::kDeepVerified), QByteArray());
}

void TestVerify::bytesWithoutADigestAreNotVerified()
{
    Vault vault(m_server, names(1));
    QVERIFY(vault.put("f1", "content"));
    state::BucketLedger::Object object = vault.object("f1");
    object.sha256.clear();
    vault.set("f1", object);
    QVERIFY(spinUntil([&] { return vault.isReady(); }, Limit));
    vault.proxy.on("GET", vault.target("f1"),
                   Fault::raw("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\ncontenT"));
    const auto done = vault.verify(true);
    QCOMPARE(countIn(done, "uncompared"), 1);
    QCOMPARE(countIn(done, "verified"), 0);
    QVERIFY(!vault.fact(VerifyJob::kVerified).isEmpty());
    QCOMPARE(vault.fact(VerifyJob::kDeepVerified), QByteArray());
}

void TestVerify::aClockThatWasAheadHidesNoLoss()
{
    Vault vault(m_server, names(1));
    const qint64 ahead = vault.clock.wall().count() + 3'600'000;
    for (const char *path : {"stored", "verified"}) {
        QVERIFY(vault.put(path, "content"));
        state::BucketLedger::Object object = vault.object(path);
        (QByteArray(path) == "stored" ? object.stored : object.verified) = ahead;
        vault.set(path, object);
    }
    QVERIFY(vault.put("there", "content"));
    QVERIFY(spinUntil([&] { return vault.isReady(); }, Limit));
    QVERIFY(vault.remove("stored") && vault.remove("verified"));
    const auto done = vault.verify(false);
    QCOMPARE(namesIn(done, "lost"), QStringList({QString::fromLatin1(vault.key("stored")),
                                                 QString::fromLatin1(vault.key("verified"))}));
    QCOMPARE(vault.fact(VerifyJob::kVerified), QByteArray());
}

/// Its delete was forgotten before the bucket was told of it.
void TestVerify::whatNobodyKnowsIsNamed()
{
    Vault vault(m_server, names(1));
    QVERIFY(vault.put("known", "content"));
    QVERIFY(vault.put("forgotten", "content", false));
    QVERIFY(vault.put("gone", "content", false));
    QVERIFY(spinUntil([&] { return vault.isReady(); }, Limit));
    QVERIFY(vault.remove("gone"));
    const auto done = vault.verify(true);
    QCOMPARE(namesIn(done, "unknown"), QStringList(QString::fromLatin1(vault.key("forgotten"))));
    QCOMPARE(countIn(done, "verified"), 1);
    QCOMPARE(countIn(done, "lost"), 0);
    QVERIFY(!vault.store->bucketLedger.object(vault.number(0), vault.key("gone")));
}

void TestVerify::aDeleteIsRememberedUntilTheBucketFollows()
{
    Vault vault(m_server, names(1));
    QVERIFY(vault.put("f", "content"));
    QVERIFY(spinUntil([&] { return vault.isReady(); }, Limit));
    vault.shared.backups.setPaused(true);
    state::Record gone;
    gone.deleted = true;
    (void)vault.store->catalogue.acknowledge(vault.key("f"), gone, {QStringLiteral("charm1")});
    const state::Catalogue::Ages ages{0, (vault.clock.wall() + 1h).count()};
    (void)vault.store->catalogue.tidy({}, 100, ages);
    QVERIFY(vault.store->catalogue.find(vault.key("f")));
    vault.shared.backups.setPaused(false);
    QVERIFY(spinUntil([&] { return vault.store->bucketLedger.objects(vault.number(0)).empty(); }, Limit));
    (void)vault.store->catalogue.tidy({}, 100, ages);
    QVERIFY(!vault.store->catalogue.find(vault.key("f")));
}

void TestVerify::aFailedOneLetsOthersHaveTheirTurn()
{
    Vault vault(m_server, names(2));
    QVERIFY(vault.put("f", "content", true, 0));
    QVERIFY(vault.put("f", "content", true, 1));
    QVERIFY(spinUntil([&] { return vault.isReady(); }, Limit));
    vault.proxy.on("GET", vault.listing(0), Denied);
    const auto haveFailed = [&](qsizetype count) {
        const auto all = vault.verifications(0);
        return all.size() == count && all.first().ended();
    };
    const Schedule schedule(vault);
    QVERIFY(spinUntil([&] { return !vault.fact(VerifyJob::kDeepVerified, 1).isEmpty(); }, Limit));
    // All of it, then the listing alone; and then it waits.
    QVERIFY(spinUntil([&] { return haveFailed(2); }, Limit));
    vault.clock.offset += 25h;
    QVERIFY(spinUntil([&] { return vault.verifications(1).size() == 2; }, Limit));
    QVERIFY(spinUntil([&] { return haveFailed(4); }, Limit));
    // Twice as long as the first time.
    vault.clock.offset += 6min;
    QVERIFY(!spinUntil([&] { return vault.verifications(0).size() > 4; }, 300));
    vault.clock.offset += 6min;
    vault.proxy.clearRules();
    QVERIFY(spinUntil([&] { return !vault.fact(VerifyJob::kDeepVerified, 0).isEmpty(); }, Limit));
    QCOMPARE(vault.verifications(0).size(), 5);
}

void TestVerify::aCancelledOneIsNotBegunAgain()
{
    Vault vault(m_server, names(2));
    QVERIFY(vault.put("f", "content", true, 0));
    QVERIFY(vault.put("f", "content", true, 1));
    QVERIFY(spinUntil([&] { return vault.isReady(); }, Limit));
    vault.store->jobs.setAllPaused(true);
    const Schedule schedule(vault);
    QVERIFY(spinUntil([&] { return vault.verifications(0).size() == 1; }, Limit));
    CRING_OK(vault.store->jobs.cancel(vault.verifications(0).first().id));
    vault.store->jobs.setAllPaused(false);
    QVERIFY(spinUntil([&] { return !vault.fact(VerifyJob::kDeepVerified, 1).isEmpty(); }, Limit));
    QVERIFY(!spinUntil([&] { return vault.verifications(0).size() > 1; }, 300));
    vault.clock.offset += 24h;
    QVERIFY(spinUntil([&] { return !vault.fact(VerifyJob::kDeepVerified, 0).isEmpty(); }, Limit));
}

void TestVerify::whatCannotBeStoredStopsNoComparison()
{
    Vault vault(m_server, names(1));
    QVERIFY(vault.put("f", "content"));
    QVERIFY(spinUntil([&] { return vault.isReady(); }, Limit));
    (void)vault.acknowledge("on no server", 10);
    const auto &mirror = vault.shared.backups.all().front()->mirror();
    QVERIFY(spinUntil([&] { return mirror.state() == Mirror::State::Working; }, Limit));
    const Schedule schedule(vault);
    QVERIFY(spinUntil([&] { return !vault.fact(VerifyJob::kDeepVerified).isEmpty(); }, Limit));
    QVERIFY(mirror.state() != Mirror::State::Idle);
}

void TestVerify::anEndInTheFutureIsNone()
{
    Vault vault(m_server, names(1));
    QVERIFY(vault.put("f", "content"));
    QVERIFY(spinUntil([&] { return vault.isReady(); }, Limit));
    const QByteArray ahead = QByteArray::number((vault.clock.wall() + 240h).count());
    for (const char *name : {"verify_ended", "deep_verify_ended", "deep_verify_again"})
        vault.store->bucketLedger.setFact(vault.number(0), name, ahead);
    const Schedule schedule(vault);
    QVERIFY(spinUntil([&] { return !vault.fact(VerifyJob::kDeepVerified).isEmpty(); }, Limit));
}

QTEST_GUILESS_MAIN(TestVerify)
#include "tst_verify.moc"
