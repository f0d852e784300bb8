// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/models/sample.h"
#include "ui/models/condition.h"

#include <QTest>

using namespace cring;
using namespace cring::models;
using namespace cring::test;
using namespace std::chrono_literals;
using control::Snapshot;
using Link = ServiceLink::State;

class TestCondition : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void namesTheCause_data();
    void namesTheCause();
    void saysHowItStandsWithTheService_data();
    void saysHowItStandsWithTheService();
    void putsTheWorstFirstAndKeepsTheRest();
    void aPauseHidesNoTrouble();
    void believesAServiceThatKnowsOfMore();
    void saysTheTimeThatAJobTakes();
};

namespace {

Condition look(const Snapshot &snapshot)
{
    return condition({Link::Connected, {}, std::make_shared<const Snapshot>(snapshot)});
}

using Change = std::function<void(Snapshot &)>;

} // namespace

Q_DECLARE_METATYPE(Change)

void TestCondition::initTestCase()
{
    QLocale::setDefault(QLocale::c());
}

void TestCondition::namesTheCause_data()
{
    QTest::addColumn<Change>("change");
    QTest::addColumn<QString>("state");
    QTest::addColumn<QString>("line");
    const auto row = [](const char *name, const char *state, const char *line, const Change &change) {
        QTest::newRow(name) << change << QString::fromLatin1(state) << QString::fromLatin1(line);
    };
    row("well", "well", "3 of 3 server(s), every file on 3", [](Snapshot &) {});
    row("not counted yet", "well", "3 of 3 server(s), each upload goes to 3",
        [](Snapshot &s) { s.copies.clear(); });
    row("verified", "well", "3 of 3 server(s), every file on 3. Backup verified 4 min ago", [](Snapshot &s) {
        s.backups.append(idleBackup(QStringLiteral("b")));
        s.backups[0].verifiedMs = s.takenMs - 250'000;
    });
    row("one down", "degraded", "charm2 down for 6 min. Uploads go on",
        [](Snapshot &s) { takeDown(s, 1, 6 * 60'000); });
    row("breaker", "degraded", "charm1 fails requests. Uploads go on",
        [](Snapshot &s) { s.backends[0].breaker = QStringLiteral("open"); });
    row("misconfigured", "degraded", "charm3 is no copy of the others: its issuer differs. Uploads go on",
        [](Snapshot &s) {
            s.backends[2].state = QStringLiteral("misconfigured");
            s.backends[2].reason = QStringLiteral("its issuer differs");
        });
    row("account unknown", "degraded", "charm1 does not know 2 account(s)",
        [](Snapshot &s) { s.backends[0].unknownAccounts = 2; });
    row("findings", "degraded", "2 finding(s) of the last check wait for you",
        [](Snapshot &s) { s.findings = 2; });
    row("no quorum", "refused", "1 of 3 server(s) up: uploads fail", [](Snapshot &s) {
        takeDown(s, 0, 1000);
        takeDown(s, 1, 1000);
        s.writesPossible = false;
    });
    row("just started", "working", "Looking at 2 server(s) for the first time", [](Snapshot &s) {
        s.backends[0].state = s.backends[2].state = QStringLiteral("unknown");
        s.writesPossible = false;
    });
    row("no quorum whatever comes", "refused", "1 of 3 server(s) up: uploads fail", [](Snapshot &s) {
        takeDown(s, 0, 1000);
        takeDown(s, 1, 1000);
        s.backends[2].state = QStringLiteral("unknown");
        s.writesPossible = false;
    });
    row("nobody", "refused", "None of 3 server(s) can be used: uploads and downloads fail", [](Snapshot &s) {
        for (int i = 0; i < 3; ++i)
            takeDown(s, i, 1000);
        s.writesPossible = false;
    });
    row("none configured", "refused", "No servers yet. Add two to start protecting files", [](Snapshot &s) {
        s.backends.clear();
        s.writesPossible = false;
    });
    row("no records", "refused", "Uploads and deletes are refused: the disk is full", [](Snapshot &s) {
        s.recordsProblem = QStringLiteral("the disk is full");
        s.writesPossible = false;
    });
    row("stopping", "refused", "The service is stopping: it finishes what is under way", [](Snapshot &s) {
        s.draining = true;
        s.writesPossible = false;
    });
    row("locked", "locked", "The backup b waits for its keys: unlock the keychain", [](Snapshot &s) {
        s.backups.append(idleBackup(QStringLiteral("b")));
        s.backups[0].state = QStringLiteral("locked");
        s.backups[0].reason = QStringLiteral("unlock the keychain");
    });
    row("overdue", "overdue", "No backup to b for 26 h", [](Snapshot &s) {
        s.backups.append(idleBackup(QStringLiteral("b")));
        s.backups[0].oldestMs = s.takenMs - 26 * 3'600'000LL;
    });
    row("bucket in trouble", "degraded", "No backup to b for 6 min: it refuses the key", [](Snapshot &s) {
        s.backups.append(idleBackup(QStringLiteral("b")));
        s.backups[0].reason = QStringLiteral("it refuses the key");
        s.backups[0].reasonSinceMs = s.takenMs - 6 * 60'000;
    });
    row("bucket in trouble for a moment", "well", "3 of 3 server(s), every file on 3", [](Snapshot &s) {
        s.backups.append(idleBackup(QStringLiteral("b")));
        s.backups[0].reason = QStringLiteral("it refuses the key");
        s.backups[0].reasonSinceMs = s.takenMs - 60'000;
    });
    row("failed drill", "degraded", "The last restore drill of b failed: 1 of 20 files did not come back",
        [](Snapshot &s) {
            s.backups.append(idleBackup(QStringLiteral("b")));
            s.backups[0].drill.problem = QStringLiteral("1 of 20 files did not come back");
        });
    row("held deletes", "degraded", "The backup b holds 9 delete(s) back until you decide", [](Snapshot &s) {
        s.backups.append(idleBackup(QStringLiteral("b")));
        s.backups[0].heldDeletes = 9;
    });
    row("paused", "paused", "Paused until you resume; backup behind by 12 files", [](Snapshot &s) {
        s.paused = true;
        s.backups.append(idleBackup(QStringLiteral("b")));
        s.backups[0].owed = 12;
    });
    row("metered", "paused", "Paused while the network is metered", [](Snapshot &s) {
        s.paused = true;
        s.pausedBy = {QStringLiteral("metered")};
    });
    row("metered and paused", "paused", "Paused until you resume", [](Snapshot &s) {
        s.paused = true;
        s.pausedBy = {QStringLiteral("person"), QStringLiteral("metered")};
    });
    row("job", "working", "Repair: 120 of 340", [](Snapshot &s) {
        s.jobs.append({3, QStringLiteral("repair"), QStringLiteral("running"), {}, 120, 340});
    });
    row("delivery", "working", "Bringing 14 files to charm2", [](Snapshot &s) { s.backends[1].owed = 14; });
    row("first look", "working", "Looking at 1 server(s) for the first time", [](Snapshot &s) {
        s.backends[1].state = QStringLiteral("unknown");
        s.health = control::Health::Degraded;
    });
}

void TestCondition::namesTheCause()
{
    QFETCH(Change, change);
    QFETCH(QString, state);
    QFETCH(QString, line);
    Snapshot snapshot = wellSnapshot();
    change(snapshot);
    const Condition seen = look(snapshot);
    QCOMPARE(seen.firstLine(), line);
    QCOMPARE(trayStateName(seen.state()), state);
    QVERIFY(seen.toolTip().startsWith(line));
}

void TestCondition::saysHowItStandsWithTheService_data()
{
    QTest::addColumn<Link>("link");
    QTest::addColumn<QString>("words");
    QTest::newRow("connecting") << Link::Connecting << QStringLiteral("Looking for the service");
    QTest::newRow("not running") << Link::NotRunning << QStringLiteral("Start it");
    QTest::newRow("hung") << Link::Hung << QStringLiteral("does not answer");
    QTest::newRow("version") << Link::OtherVersion << QStringLiteral("another version");
    QTest::newRow("unusable") << Link::Unusable << QStringLiteral("no permission");
}

void TestCondition::saysHowItStandsWithTheService()
{
    QFETCH(Link, link);
    QFETCH(QString, words);
    // What was known before the service went is no news of it.
    const Condition seen =
        condition({link, QStringLiteral("no permission"), std::make_shared<const Snapshot>(wellSnapshot())});
    QCOMPARE(seen.state(), TrayState::Gone);
    QVERIFY2(seen.firstLine().contains(words), qPrintable(seen.firstLine()));
}

void TestCondition::putsTheWorstFirstAndKeepsTheRest()
{
    Snapshot snapshot = wellSnapshot();
    takeDown(snapshot, 1, 60'000);
    snapshot.paused = true;
    snapshot.backups.append(idleBackup(QStringLiteral("b")));
    snapshot.backups[0].state = QStringLiteral("locked");
    snapshot.backups[0].oldestMs = snapshot.takenMs - 30 * 3'600'000LL;
    const Condition seen = look(snapshot);
    QList<TrayState> states;
    for (const Cause &cause : seen.causes)
        states.append(cause.state);
    QCOMPARE(states, (QList{TrayState::Locked, TrayState::Overdue, TrayState::Degraded, TrayState::Paused}));
    QCOMPARE(seen.toolTip().count(u'\n'), 3);
    QCOMPARE(seen.causes[2].server, QStringLiteral("charm2"));
}

void TestCondition::aPauseHidesNoTrouble()
{
    Snapshot snapshot = wellSnapshot();
    snapshot.paused = true;
    QCOMPARE(look(snapshot).state(), TrayState::Paused);
    takeDown(snapshot, 0, 1000);
    QCOMPARE(look(snapshot).state(), TrayState::Degraded);
    QVERIFY(look(snapshot).toolTip().contains(QStringLiteral("Paused")));
}

void TestCondition::believesAServiceThatKnowsOfMore()
{
    Snapshot snapshot = wellSnapshot();
    snapshot.health = control::Health::Degraded;
    snapshot.verdict = QStringLiteral("The moon is in the way");
    QCOMPARE(look(snapshot).state(), TrayState::Degraded);
    QCOMPARE(look(snapshot).firstLine(), snapshot.verdict);
}

void TestCondition::saysTheTimeThatAJobTakes()
{
    Snapshot snapshot = wellSnapshot();
    snapshot.jobs.append({3, QStringLiteral("repair"), QStringLiteral("running"), {}, 120, 340});
    Sight sight{Link::Connected, {}, std::make_shared<const Snapshot>(snapshot)};
    sight.timeLeft.insert(3, 250s);
    QCOMPARE(condition(sight).firstLine(), QStringLiteral("Repair: 120 of 340, about 4 min"));
}

QTEST_GUILESS_MAIN(TestCondition)
#include "tst_condition.moc"
