// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/recentcopies.h"

#include <QTest>

using namespace cring::replica;

class TestRecentCopies : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void versionsRise();
    void acknowledgedHoldersAreTrusted();
    void doubtIsNotLessenedByAMiss();
    void folderDeleteHidesWhatIsOlderBelow();
    void fileAfterAFolderDeleteIsAnotherFile();
    void missedFolderDeleteMakesEverythingBelowStale();
    void tellsWhatLivesBelow();
    void namesThatStartAlikeAreNotBelow();
    void forgetsTheOldestButNotWhatIsMarked();
    void trustsNoCopyOfAServerWithTooManyMarks();
    void listsMarksUpToALimit();
};

namespace {

const QString One = QStringLiteral("one");
const QString Two = QStringLiteral("two");

Record file(qint64 size)
{
    Record record;
    record.size = size;
    return record;
}

Record gone()
{
    Record record;
    record.deleted = true;
    return record;
}

} // namespace

void TestRecentCopies::versionsRise()
{
    RecentCopies copies;
    const Record first = copies.acknowledge("a/f", file(1), {});
    const Record second = copies.acknowledge("a/g", file(2), {});
    const Record third = copies.acknowledge("a/f", gone(), {});
    QVERIFY(first.version < second.version && second.version < third.version);
    QCOMPARE(copies.find("a/f")->version, third.version);
    QVERIFY(copies.find("a/f")->deleted);
    QCOMPARE(copies.find("a/g")->size, 2);
    QVERIFY(!copies.find("a/other"));
}

void TestRecentCopies::acknowledgedHoldersAreTrusted()
{
    RecentCopies copies;
    copies.mark("a/f", One, CopyState::Stale);
    copies.mark("a/f", Two, CopyState::InDoubt);
    QCOMPARE(copies.copyState("a/f", One), CopyState::Stale);
    (void)copies.acknowledge("a/f", file(1), {One});
    QCOMPARE(copies.copyState("a/f", One), CopyState::Unknown);
    QCOMPARE(copies.copyState("a/f", Two), CopyState::InDoubt);
    copies.clear("a/f", Two);
    QCOMPARE(copies.copyState("a/f", Two), CopyState::Unknown);
}

void TestRecentCopies::doubtIsNotLessenedByAMiss()
{
    RecentCopies copies;
    copies.mark("a/f", One, CopyState::Stale);
    copies.mark("a/f", One, CopyState::InDoubt);
    copies.mark("a/f", One, CopyState::Stale);
    QCOMPARE(copies.copyState("a/f", One), CopyState::InDoubt);
}

void TestRecentCopies::folderDeleteHidesWhatIsOlderBelow()
{
    RecentCopies copies;
    (void)copies.acknowledge("a/d/f", file(1), {One, Two});
    (void)copies.acknowledge("a/d", gone(), {One, Two});
    QVERIFY(copies.find("a/d/f")->deleted);
    QVERIFY(copies.find("a/d/never/seen")->deleted);
    QVERIFY(!copies.find("a/e"));
}

void TestRecentCopies::fileAfterAFolderDeleteIsAnotherFile()
{
    RecentCopies copies;
    (void)copies.acknowledge("a/d", gone(), {One});
    copies.mark("a/d", Two, CopyState::Stale);
    (void)copies.acknowledge("a/d/f", file(7), {One, Two});
    QVERIFY(!copies.find("a/d/f")->deleted);
    QCOMPARE(copies.find("a/d/f")->size, 7);
    QCOMPARE(copies.copyState("a/d/f", Two), CopyState::Unknown);
    QVERIFY(copies.find("a/d/g")->deleted);
}

void TestRecentCopies::missedFolderDeleteMakesEverythingBelowStale()
{
    RecentCopies copies;
    (void)copies.acknowledge("a/d/f", file(1), {One, Two});
    (void)copies.acknowledge("a/d", gone(), {One});
    copies.mark("a/d", Two, CopyState::Stale);
    QCOMPARE(copies.copyState("a/d/f", Two), CopyState::Stale);
    QCOMPARE(copies.copyState("a/d/unseen", Two), CopyState::Stale);
    QCOMPARE(copies.copyState("a/d/f", One), CopyState::Unknown);
    QCOMPARE(copies.copyState("a/e", Two), CopyState::Unknown);
}

void TestRecentCopies::tellsWhatLivesBelow()
{
    RecentCopies copies;
    const Record before = copies.acknowledge("a/d/old", file(1), {});
    const Record folder = copies.acknowledge("a/d", gone(), {});
    QVERIFY(!copies.livesBelow("a/d", folder.version));
    (void)copies.acknowledge("a/d/new", gone(), {});
    QVERIFY(!copies.livesBelow("a/d", folder.version));
    (void)copies.acknowledge("a/d/sub/new", file(2), {});
    QVERIFY(copies.livesBelow("a/d", folder.version));
    QVERIFY(copies.livesBelow("a", before.version));
    QVERIFY(copies.livesBelow("a/d/sub/new", folder.version));
    QVERIFY(!copies.livesBelow("a/d/old", folder.version));
}

void TestRecentCopies::namesThatStartAlikeAreNotBelow()
{
    RecentCopies copies;
    (void)copies.acknowledge("a/d", gone(), {});
    // '-' and '.' sort before '/', 'x' after it.
    for (const char *name : {"a/d-1", "a/d.1", "a/dx"}) {
        (void)copies.acknowledge(name, file(1), {});
        QVERIFY(!copies.find(name)->deleted);
    }
    QVERIFY(!copies.livesBelow("a/d", 0));
    (void)copies.acknowledge("a/d/f", file(1), {});
    QVERIFY(copies.livesBelow("a/d", 0));
}

void TestRecentCopies::forgetsTheOldestButNotWhatIsMarked()
{
    RecentCopies copies(3, 10);
    (void)copies.acknowledge("a/marked", file(1), {});
    copies.mark("a/marked", One, CopyState::Stale);
    for (int i = 0; i < 5; ++i)
        (void)copies.acknowledge("a/" + QByteArray::number(i), file(i), {});
    QVERIFY(copies.find("a/marked"));
    QVERIFY(!copies.find("a/0"));
    QVERIFY(copies.find("a/4"));
    copies.clear("a/marked", One);
    for (int i = 5; i < 9; ++i)
        (void)copies.acknowledge("a/" + QByteArray::number(i), file(i), {});
    QVERIFY(!copies.find("a/marked"));
}

/// What cannot be remembered must not turn into trust.
void TestRecentCopies::trustsNoCopyOfAServerWithTooManyMarks()
{
    RecentCopies copies(100, 2);
    for (const char *name : {"a/1", "a/2"})
        copies.mark(name, One, CopyState::Stale);
    QCOMPARE(copies.copyState("a/4", One), CopyState::Unknown);
    copies.mark("a/3", One, CopyState::Stale);
    QCOMPARE(copies.copyState("a/3", One), CopyState::Stale);
    QCOMPARE(copies.copyState("a/4", One), CopyState::Stale);
    QCOMPARE(copies.copyState("a/4", Two), CopyState::Unknown);
    copies.clear("a/1", One);
    QCOMPARE(copies.copyState("a/3", One), CopyState::Stale);
}

void TestRecentCopies::listsMarksUpToALimit()
{
    RecentCopies copies;
    for (const char *name : {"a/1", "a/2", "a/3"})
        copies.mark(name, One, CopyState::Stale);
    copies.mark("a/2", One, CopyState::InDoubt);
    QCOMPARE(copies.markedCount(One), 3);
    QCOMPARE(copies.markedCount(Two), 0);
    QCOMPARE(copies.marked(One, 2).size(), 2);
    const auto all = copies.marked(One, 10);
    QCOMPARE(all.size(), 3);
    QCOMPARE(all[1].key, "a/2");
    QCOMPARE(all[1].state, CopyState::InDoubt);
    QVERIFY(copies.marked(Two, 10).isEmpty());
}

QTEST_APPLESS_MAIN(TestRecentCopies)
#include "tst_recentcopies.moc"
