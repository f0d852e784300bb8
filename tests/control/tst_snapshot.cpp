// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/snapshot.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

using namespace cring;
using namespace cring::control;

namespace {

Snapshot full()
{
    Snapshot snapshot;
    snapshot.health = Health::Degraded;
    snapshot.verdict = QStringLiteral("charm2 down for 6 min. Uploads go on");
    snapshot.mode = QStringLiteral("replication");
    snapshot.version = QStringLiteral("0.1.0");
    snapshot.pid = 4711;
    snapshot.startedMs = 1'700'000'000'123;
    snapshot.takenMs = 1'700'000'060'456;
    snapshot.httpAddress = QStringLiteral("127.0.0.1:35354");
    snapshot.sshAddress = QStringLiteral("127.0.0.1:35353");
    snapshot.metricsAddress = QStringLiteral("127.0.0.1:35355");
    snapshot.replicas = 3;
    snapshot.quorum = 2;
    snapshot.writesPossible = true;
    snapshot.draining = true;
    snapshot.paused = true;
    snapshot.pausedUntilMs = 1'700'000'090'000;
    snapshot.pausedBy = {QStringLiteral("person"), QStringLiteral("metered")};
    snapshot.bytesIn = (1LL << 53) + 1; // Past what a double can tell apart.
    snapshot.bytesOut = 2;
    snapshot.failovers = 3;
    snapshot.rollbacks = 4;
    snapshot.inDoubt = 5;
    snapshot.conflicts = 6;
    snapshot.findings = 11;
    snapshot.recordsProblem = QStringLiteral("the disk is full");
    snapshot.localCopy = true;
    snapshot.localCopies = 7;
    snapshot.spoolFiles = 8;
    snapshot.spoolBytes = 9;
    snapshot.spoolBudget = 10;
    snapshot.copies = {0, 1, 20, 300};
    snapshot.countedMs = 1'700'000'050'000;
    snapshot.outlets = {{.name = QStringLiteral("mail"),
                         .target = QStringLiteral("to a@b by c:587"),
                         .problem = QStringLiteral("refused"),
                         .problemSinceMs = 1'700'000'050'001,
                         .lastMs = 1'700'000'050'002,
                         .waiting = 1,
                         .sent = 2,
                         .failed = 3},
                        OutletStatus()};
    snapshot.warnings = QStringList{QStringLiteral("the backup of [[backup]] 1 is not written yet")};
    BackendStatus up{.name = QStringLiteral("charm1"),
                     .id = QStringLiteral("a"),
                     .url = QStringLiteral("http://c:1"),
                     .sshPort = 35353,
                     .weight = 1.5,
                     .state = QStringLiteral("up"),
                     .reason = {},
                     .warning = QStringLiteral("its clock is off"),
                     .sinceMs = 9,
                     .latencyMs = 0,
                     .clockSkewMs = -1'200,
                     .breaker = QStringLiteral("closed"),
                     .primary = true,
                     .outstanding = 2,
                     .requests = 10,
                     .errors = 1,
                     .bytesSent = 11,
                     .bytesReceived = 12,
                     .membership = QStringLiteral("draining"),
                     .owed = 13,
                     .setAside = 18,
                     .unknownAccounts = 17,
                     .files = 14,
                     .missing = 15,
                     .extra = 16,
                     .needed = 0};
    BackendStatus down;
    down.name = QStringLiteral("charm2");
    down.state = QStringLiteral("down");
    down.reason = QStringLiteral("connection refused");
    snapshot.backends = {up, down};
    snapshot.jobs = {{3, QStringLiteral("scrub"), QStringLiteral("running"), QStringLiteral("walking"), 1, 2},
                     {4, QStringLiteral("repair"), QStringLiteral("paused"), {}, 0, {}}};
    snapshot.backups = {{.name = QStringLiteral("offsite"),
                         .id = QStringLiteral("off"),
                         .url = QStringLiteral("https://s3.example.org"),
                         .bucket = QStringLiteral("charm"),
                         .state = QStringLiteral("waiting"),
                         .reason = QStringLiteral("full"),
                         .reasonSinceMs = 31,
                         .objectsProblem = QStringLiteral("1 object cannot be stored"),
                         .versioning = QStringLiteral("enabled"),
                         .objects = 32,
                         .owed = 33,
                         .owedDeletes = 34,
                         .owedBytes = 35,
                         .oldestMs = 36,
                         .heldDeletes = 37,
                         .stored = 38,
                         .storedBytes = 39,
                         .removed = 40,
                         .failed = 41,
                         .lastMs = 42,
                         .verifiedMs = 43,
                         .deepVerifiedMs = 143,
                         .accountsMs = 44,
                         .accountsProblem = QStringLiteral("no recovery kit"),
                         .accountsPending = true,
                         .checkedMs = 47,
                         .checkFindings = {QStringLiteral("versioning: off")},
                         .drill = {48,
                                   49,
                                   50,
                                   51,
                                   52,
                                   QStringLiteral("did not come back"),
                                   {QStringLiteral("a/b: gone")},
                                   QStringLiteral("nothing saved")},
                         .growthWarning = QStringLiteral("12 GB were stored")}};
    snapshot.recoveryKit = {QStringLiteral("K7F3-9QXM"), 45, 46};
    snapshot.standby = {.mode = QStringLiteral("standby"),
                        .problem = QStringLiteral("no accounts have been synchronised yet"),
                        .standingIn = true,
                        .sessions = 21,
                        .logins = 22,
                        .turnedAway = 23,
                        .overLimit = 24,
                        .commands = 25,
                        .tokens = 26};
    snapshot.accounts = {.count = 27,
                         .roundMs = 1'700'000'040'000,
                         .leftOut = {{QStringLiteral("charm3"), QStringLiteral("its key is another")}},
                         .clashes = {QStringLiteral("two accounts have one name")}};
    snapshot.requests = {{QStringLiteral("upload"), 1, 2, 3, 4, 5}};
    return snapshot;
}

} // namespace

class TestSnapshot : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void survivesTheWire();
    void writesEveryField();
    void bearsAnotherRelease();
    void refusesWhatIsNoSnapshot();
};

void TestSnapshot::survivesTheWire()
{
    const Snapshot before = full();
    const QByteArray wire = QJsonDocument(before.toJson()).toJson(QJsonDocument::Compact);
    const Result<Snapshot> after = Snapshot::fromJson(QJsonDocument::fromJson(wire).object());
    QVERIFY(after);
    QVERIFY(*after == before);
    QVERIFY(!after->backends.at(1).latencyMs);
}

void TestSnapshot::writesEveryField()
{
    // A field added to the struct and forgotten in visitFields() would compare equal at its default.
    const QJsonObject object = full().toJson();
    QCOMPARE(object.size(), 41);
    QCOMPARE(object.value(QStringLiteral("backups")).toArray().first().toObject().size(), 29);
    QCOMPARE(object.value(QStringLiteral("backups"))
                 .toArray()
                 .first()
                 .toObject()
                 .value(QStringLiteral("drill"))
                 .toObject()
                 .size(),
             8);
    QCOMPARE(object.value(QStringLiteral("recoveryKit")).toObject().size(), 3);
    QCOMPARE(object.value(QStringLiteral("standby")).toObject().size(), 9);
    QCOMPARE(object.value(QStringLiteral("accounts")).toObject().size(), 4);
    QCOMPARE(object.value(QStringLiteral("jobs")).toArray().at(0).toObject().size(), 6);
    QCOMPARE(object.value(QStringLiteral("backends")).toArray().at(0).toObject().size(), 26);
    QCOMPARE(object.value(QStringLiteral("requests")).toArray().at(0).toObject().size(), 6);
}

void TestSnapshot::bearsAnotherRelease()
{
    QJsonObject object = full().toJson();
    object.insert(QStringLiteral("backup"), QJsonObject{});
    object.remove(QStringLiteral("warnings"));
    object.insert(QStringLiteral("quorum"), QStringLiteral("two"));
    const Result<Snapshot> after = Snapshot::fromJson(object);
    QVERIFY(after);
    QVERIFY(after->warnings.isEmpty());
    QCOMPARE(after->quorum, 0);
    QCOMPARE(after->replicas, 3);
}

void TestSnapshot::refusesWhatIsNoSnapshot()
{
    QVERIFY(!Snapshot::fromJson({}));
    QJsonObject object = full().toJson();
    object.insert(QStringLiteral("health"), QStringLiteral("splendid"));
    QVERIFY(!Snapshot::fromJson(object));
}

QTEST_APPLESS_MAIN(TestSnapshot)
#include "tst_snapshot.moc"
