// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/verdict.h"

#include <QTest>

using namespace cring;
using namespace cring::control;

class TestVerdict : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void localCopyStandsInForOneServer();
    void saysWhatAllServersUpDoNotShow();
    void refusesWhatCannotBeRecorded();
    void readsFromTheBucketWithoutServers();
    void saysWhatABucketDoesNotTake();
    void saysThatADrillFailed();
    void saysItInOneSentence_data();
    void saysItInOneSentence();
};

namespace {

Snapshot threeUp()
{
    Snapshot snapshot;
    snapshot.replicas = 3;
    snapshot.quorum = 2;
    snapshot.takenMs = 1'000'000;
    for (int i = 1; i <= 3; ++i) {
        BackendStatus backend;
        backend.name = QStringLiteral("charm%1").arg(i);
        backend.state = QStringLiteral("up");
        backend.breaker = QStringLiteral("closed");
        snapshot.backends.append(backend);
    }
    return snapshot;
}

} // namespace

void TestVerdict::saysWhatAllServersUpDoNotShow()
{
    Snapshot snapshot = threeUp();
    snapshot.findings = 6;
    service::judge(snapshot);
    QCOMPARE(healthName(snapshot.health), QStringLiteral("degraded"));
    QVERIFY(snapshot.writesPossible);
    QCOMPARE(snapshot.verdict,
             QStringLiteral("3 of 3 servers up; each upload goes to 3. 6 findings wait for a person"));
    snapshot.findings = 1;
    snapshot.backends[2].unknownAccounts = 2;
    snapshot.backends[2].owed = 12;
    service::judge(snapshot);
    QCOMPARE(healthName(snapshot.health), QStringLiteral("degraded"));
    QCOMPARE(snapshot.verdict, QStringLiteral("charm3 does not know 2 accounts (12 owed). Uploads go on. 1 "
                                              "finding waits for a person"));
    snapshot.findings = 0;
    snapshot.backends[2].unknownAccounts = 0;
    snapshot.accounts.clashes = QStringList{QStringLiteral("two accounts have one name")};
    service::judge(snapshot);
    QCOMPARE(healthName(snapshot.health), QStringLiteral("degraded"));
    QCOMPARE(snapshot.verdict, QStringLiteral("3 of 3 servers up; each upload goes to 3. 1 clash of accounts "
                                              "waits for a person"));
    snapshot.accounts.clashes.clear();
    service::judge(snapshot);
    QCOMPARE(healthName(snapshot.health), QStringLiteral("well"));
}

void TestVerdict::refusesWhatCannotBeRecorded()
{
    Snapshot snapshot = threeUp();
    snapshot.recordsProblem = QStringLiteral("the disk is full");
    service::judge(snapshot);
    QCOMPARE(healthName(snapshot.health), QStringLiteral("refusing"));
    QVERIFY(!snapshot.writesPossible);
    QCOMPARE(snapshot.verdict, QStringLiteral("Uploads and deletes are refused: the disk is full"));
}

void TestVerdict::localCopyStandsInForOneServer()
{
    Snapshot snapshot;
    snapshot.replicas = 3;
    snapshot.quorum = 2;
    snapshot.takenMs = 1'000'000;
    snapshot.localCopy = true;
    snapshot.spoolBudget = 1'000;
    for (const char *state : {"up", "down", "down"}) {
        BackendStatus backend;
        backend.name = QStringLiteral("charm%1").arg(snapshot.backends.size() + 1);
        backend.state = QLatin1String(state);
        backend.sinceMs = snapshot.takenMs - 6 * 60'000;
        backend.breaker = QStringLiteral("closed");
        snapshot.backends.append(backend);
    }
    service::judge(snapshot);
    QVERIFY(snapshot.writesPossible);
    QCOMPARE(healthName(snapshot.health), QStringLiteral("degraded"));
    QCOMPARE(snapshot.verdict,
             QStringLiteral("charm2 down for 6 min and charm3 down for 6 min. Uploads go on, "
                            "with a copy on this machine's disk"));
    // Not without room for it, and never for the last server.
    snapshot.spoolBytes = 1'000;
    service::judge(snapshot);
    QVERIFY(!snapshot.writesPossible);
    snapshot.spoolBytes = 0;
    snapshot.backends.first().state = QStringLiteral("down");
    service::judge(snapshot);
    QVERIFY(!snapshot.writesPossible);
}

void TestVerdict::readsFromTheBucketWithoutServers()
{
    Snapshot snapshot = threeUp();
    for (BackendStatus &backend : snapshot.backends) {
        backend.state = QStringLiteral("down");
        backend.sinceMs = snapshot.takenMs - 6 * 60'000;
    }
    const QString servers =
        QStringLiteral("charm1 down for 6 min, charm2 down for 6 min and charm3 down for 6 min");
    BackupStatus photos;
    photos.name = QStringLiteral("photos");
    photos.reason = QStringLiteral("s3.example cannot be reached.");
    BackupStatus home;
    home.name = QStringLiteral("home");
    home.objectsProblem = QStringLiteral("1 object cannot be stored");
    snapshot.backups = {photos, home};
    service::judge(snapshot);
    QCOMPARE(snapshot.verdict,
             QStringLiteral("No server can be reached: read-only, from the bucket home. ") + servers);
    QCOMPARE(healthName(snapshot.health), QStringLiteral("refusing"));
    QVERIFY(!snapshot.writesPossible);
    snapshot.backups.removeLast();
    service::judge(snapshot);
    QCOMPARE(snapshot.verdict,
             QStringLiteral("No server can be used: uploads and downloads fail. The bucket photos "
                            "is in trouble, too: s3.example cannot be reached. ") +
                 servers);
}

void TestVerdict::saysWhatABucketDoesNotTake()
{
    Snapshot snapshot = threeUp();
    BackupStatus photos;
    photos.name = QStringLiteral("photos");
    photos.objectsProblem = QStringLiteral("1 object cannot be stored: refused");
    photos.oldestMs = snapshot.takenMs - 4 * 60'000; // it may be put right by itself
    snapshot.backups = {photos};
    service::judge(snapshot);
    QCOMPARE(healthName(snapshot.health), QStringLiteral("well"));
    snapshot.backups.first().oldestMs = snapshot.takenMs - 6 * 60'000;
    service::judge(snapshot);
    QCOMPARE(snapshot.verdict,
             QStringLiteral("3 of 3 servers up; each upload goes to 3. No backup of all to photos "
                            "for 6 min: 1 object cannot be stored: refused"));
    QCOMPARE(healthName(snapshot.health), QStringLiteral("degraded"));
}

void TestVerdict::saysThatADrillFailed()
{
    Snapshot snapshot = threeUp();
    BackupStatus photos;
    photos.name = QStringLiteral("photos");
    photos.drill.atMs = snapshot.takenMs - 60'000;
    photos.drill.restored = 20;
    snapshot.backups = {photos};
    service::judge(snapshot);
    QCOMPARE(healthName(snapshot.health), QStringLiteral("well"));
    snapshot.backups.first().drill.problem = QStringLiteral("1 of 20 files did not come back as they were");
    service::judge(snapshot);
    QCOMPARE(
        snapshot.verdict,
        QStringLiteral("3 of 3 servers up; each upload goes to 3. The last restore drill of photos failed: "
                       "1 of 20 files did not come back as they were"));
    QCOMPARE(healthName(snapshot.health), QStringLiteral("degraded"));
}

void TestVerdict::saysItInOneSentence_data()
{
    QTest::addColumn<QString>(
        "states"); // u: up, d: down, m: misconfigured, ?: unknown, b: up with an open breaker
    QTest::addColumn<bool>("draining");
    QTest::addColumn<QString>("health");
    QTest::addColumn<QString>("verdict");
    const auto row = [](const char *states, const char *health, const char *verdict, bool draining = false) {
        QTest::newRow(draining ? "draining" : states)
            << QString::fromLatin1(states) << draining << QString::fromLatin1(health)
            << QString::fromUtf8(verdict);
    };
    row("uuu", "well", "3 of 3 servers up; each upload goes to 3");
    row("udu", "degraded", "charm2 down for 6 min. Uploads go on");
    row("umu", "degraded", "charm2 misconfigured (its key differs). Uploads go on");
    row("ubu", "degraded", "charm2 fails requests. Uploads go on");
    row("u??", "degraded", "Looking at 2 of 3 servers for the first time");
    row("udd", "refusing",
        "1 of 3 servers up: uploads fail. charm2 down for 6 min and charm3 down for 6 min");
    row("umd", "refusing",
        "1 of 3 servers up: uploads fail. charm2 misconfigured (its key differs) and charm3 down for 6 min");
    row("ddd", "refusing",
        "No server can be used: uploads and downloads fail. charm1 down for 6 min, charm2 down for 6 min and "
        "charm3 "
        "down for 6 min");
    row("uuu", "refusing", "Stopping: finishing what is under way, taking nothing new", true);
}

void TestVerdict::saysItInOneSentence()
{
    QFETCH(QString, states);
    QFETCH(bool, draining);
    QFETCH(QString, health);
    QFETCH(QString, verdict);
    Snapshot snapshot;
    snapshot.replicas = 3;
    snapshot.quorum = 2;
    snapshot.takenMs = 1'000'000;
    snapshot.draining = draining;
    for (const QChar state : states) {
        BackendStatus backend;
        backend.name = QStringLiteral("charm%1").arg(snapshot.backends.size() + 1);
        backend.sinceMs = snapshot.takenMs - 6 * 60'000;
        backend.state = state == u'd'   ? QStringLiteral("down")
                        : state == u'm' ? QStringLiteral("misconfigured")
                        : state == u'?' ? QStringLiteral("unknown")
                                        : QStringLiteral("up");
        backend.breaker = state == u'b' ? QStringLiteral("open") : QStringLiteral("closed");
        if (state == u'm')
            backend.reason = QStringLiteral("its key differs");
        snapshot.backends.append(backend);
    }
    service::judge(snapshot);
    QCOMPARE(snapshot.verdict, verdict);
    QCOMPARE(healthName(snapshot.health), health);
    QCOMPARE(snapshot.writesPossible, health != QStringLiteral("refusing"));
}

QTEST_APPLESS_MAIN(TestVerdict)
#include "tst_verdict.moc"
