// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/bucketledger.h"

#include <QSignalSpy>
#include <QTest>

using namespace cring;
using namespace cring::state;

class TestCatalogue : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void versionsRise();
    void acknowledgedHoldersAreTrusted();
    void doubtIsNotLessenedByAMiss();
    void afterAPowerCutNothingOwedIsCertain();
    void folderDeleteHidesWhatIsOlderBelow();
    void fileAfterAFolderDeleteIsAnotherFile();
    void missedFolderDeleteMakesEverythingBelowStale();
    void lateFolderDeleteCastsDoubtOnNewerFiles();
    void whatANewServerHasIsLookedAtFirst();
    void returnedServerOwesAllOfItInShortSteps();
    void whatAReturnedServerWasGivenSinceIsGood();
    void serverThatLeavesUnseenComesBackUnseen();
    void knowsWhatNobodyHasDeleted();
    void tellsWhatLivesBelow();
    void namesThatStartAlikeAreNotBelow();
    void listsDebtsByKey();
    void otherVersionIsWrittenOverOnlyWhenItIsKeptAside();
    void countsItsChanges();
    void knowsWhatLiesBelowAFile();
    void answerEndsNoDoubt();
    void doubtOutlivesAWithdrawal();
    void forgetsWhatLayInADeletedFolder();
    void forgetsTombstonesThatHaveDoneTheirWork();
    void keepsTombstonesThatABucketHasNotFollowed();
};

namespace {

const QString One = QStringLiteral("one");
const QString Two = QStringLiteral("two");

/// Of a service that has just been started for the first time.
struct Known
{
    ManualClock clock;
    SystemRandom random;
    std::unique_ptr<Database> database = Database::inMemory(random);
    Members members{*database, clock};
    Catalogue catalogue{*database, members, clock};
};

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

void TestCatalogue::versionsRise()
{
    Known known;
    Catalogue &copies = known.catalogue;
    const Record first = copies.acknowledge("a/f", file(1), {});
    const Record second = copies.acknowledge("a/g", file(2), {});
    const Record third = copies.acknowledge("a/f", gone(), {});
    QVERIFY(first.version < second.version && second.version < third.version);
    QCOMPARE(copies.find("a/f")->version, third.version);
    QVERIFY(copies.find("a/f")->deleted);
    QCOMPARE(copies.find("a/g")->size, 2);
    QVERIFY(!copies.find("a/other"));
}

void TestCatalogue::acknowledgedHoldersAreTrusted()
{
    Known known;
    Catalogue &copies = known.catalogue;
    copies.mark("a/f", One, Debt::Stale);
    copies.mark("a/f", Two, Debt::InDoubt);
    QCOMPARE(copies.copyState("a/f", One), CopyState::Stale);
    (void)copies.acknowledge("a/f", file(1), {One});
    QCOMPARE(copies.copyState("a/f", One), CopyState::Unknown);
    QCOMPARE(copies.copyState("a/f", Two), CopyState::InDoubt);
    copies.clear("a/f", Two);
    QCOMPARE(copies.copyState("a/f", Two), CopyState::Unknown);
}

void TestCatalogue::doubtIsNotLessenedByAMiss()
{
    Known known;
    Catalogue &copies = known.catalogue;
    copies.mark("a/f", One, Debt::Stale);
    copies.mark("a/f", One, Debt::InDoubt);
    copies.mark("a/f", One, Debt::Stale);
    QCOMPARE(copies.copyState("a/f", One), CopyState::InDoubt);
}

void TestCatalogue::afterAPowerCutNothingOwedIsCertain()
{
    Known known;
    Catalogue &copies = known.catalogue;
    for (const char *key : {"a/gone", "a/d/gone"})
        (void)copies.acknowledge(key, file(1), {One, Two});
    for (const char *key : {"a/gone", "a/d"})
        (void)copies.acknowledge(key, gone(), {});
    Record read = file(1);
    read.digest = "sixteen bytes ab";
    for (const char *key : {"a/f", "a/differs", "a/doubt"})
        (void)copies.acknowledge(key, read, {One});
    for (const char *key : {"a/gone", "a/d", "a/d/gone", "a/f", "a/without"})
        copies.mark(key, Two, Debt::Stale);
    copies.mark("a/differs", Two, Debt::Differs);
    copies.mark("a/doubt", Two, Debt::InDoubt);
    QCOMPARE(copies.powerCutAt(), 0ULL);
    copies.doubtAfterPowerCut();
    QCOMPARE(copies.powerCutAt(), copies.version());
    for (const char *key : {"a/gone", "a/d", "a/d/gone"})
        QVERIFY2(!copies.debt(key, Two), key);
    for (const auto &[key, debt] : {std::pair("a/f", Debt::Suspect),
                                    {"a/differs", Debt::Differs},
                                    {"a/doubt", Debt::InDoubt},
                                    {"a/without", Debt::Stale}})
        QVERIFY2(copies.debt(key, Two) && copies.debt(key, Two)->debt == debt, key);
    QSignalSpy ended(&copies, &Catalogue::powerCutEnded);
    copies.endPowerCut();
    copies.endPowerCut();
    QCOMPARE(ended.size(), 1);
    QCOMPARE(copies.powerCutAt(), 0ULL);
}

void TestCatalogue::folderDeleteHidesWhatIsOlderBelow()
{
    Known known;
    Catalogue &copies = known.catalogue;
    (void)copies.acknowledge("a/d/f", file(1), {One, Two});
    (void)copies.acknowledge("a/d", gone(), {One, Two});
    QVERIFY(copies.find("a/d/f")->deleted);
    QVERIFY(copies.find("a/d/never/seen")->deleted);
    QVERIFY(!copies.find("a/e"));
}

void TestCatalogue::fileAfterAFolderDeleteIsAnotherFile()
{
    Known known;
    Catalogue &copies = known.catalogue;
    (void)copies.acknowledge("a/d", gone(), {One});
    copies.mark("a/d", Two, Debt::Stale);
    (void)copies.acknowledge("a/d/f", file(7), {One, Two});
    QVERIFY(!copies.find("a/d/f")->deleted);
    QCOMPARE(copies.find("a/d/f")->size, 7);
    QCOMPARE(copies.copyState("a/d/f", Two), CopyState::Unknown);
    QVERIFY(copies.find("a/d/g")->deleted);
}

void TestCatalogue::missedFolderDeleteMakesEverythingBelowStale()
{
    Known known;
    Catalogue &copies = known.catalogue;
    (void)copies.acknowledge("a/d/f", file(1), {One, Two});
    (void)copies.acknowledge("a/d", gone(), {One});
    copies.mark("a/d", Two, Debt::Stale);
    QCOMPARE(copies.copyState("a/d/f", Two), CopyState::Stale);
    QCOMPARE(copies.copyState("a/d/unseen", Two), CopyState::Stale);
    QCOMPARE(copies.copyState("a/d/f", One), CopyState::Unknown);
    QCOMPARE(copies.copyState("a/e", Two), CopyState::Unknown);
}

/// It may be carried out after they were stored, and takes them along.
void TestCatalogue::lateFolderDeleteCastsDoubtOnNewerFiles()
{
    Known known;
    Catalogue &copies = known.catalogue;
    copies.acknowledge("a/d/old", file(1), {One, Two});
    copies.acknowledge("a/d", gone(), {One});
    copies.mark("a/d", Two, Debt::InDoubt);
    copies.acknowledge("a/d/new", file(1), {One, Two});
    copies.acknowledge("a/d-other", file(1), {One, Two});
    QCOMPARE(copies.copyState("a/d/new", Two), CopyState::InDoubt);
    QCOMPARE(copies.copyState("a/d/new", One), CopyState::Unknown);
    QCOMPARE(copies.copyState("a/d-other", Two), CopyState::Unknown);
    // When it cannot act any more, what it may have taken is looked at.
    copies.clear("a/d", Two);
    QVERIFY(copies.isSuspect("a/d/new", Two));
    QVERIFY(!copies.debt("a/d/old", Two));
    QVERIFY(!copies.debt("a/d-other", Two));
    QVERIFY(copies.debts(One).empty());
}

void TestCatalogue::whatANewServerHasIsLookedAtFirst()
{
    Known known;
    Catalogue &copies = known.catalogue;
    for (const Members::State state : {Members::State::Joined, Members::State::Returned}) {
        known.members.setState(known.members.number(Two), state);
        copies.acknowledge("a/f", file(1), {One});
        copies.mark("a/f", Two, Debt::Stale);
        QCOMPARE(copies.debt("a/f", Two)->debt, Debt::Differs);
        copies.keptAside("a/f", Two);
        copies.mark("a/f", Two, Debt::Stale); // its version was kept
        QCOMPARE(copies.debt("a/f", Two)->debt, Debt::Stale);
        copies.clear("a/f", Two);
    }
    // What it got from the ring since is nobody else's.
    known.members.setState(known.members.number(Two), Members::State::Joined);
    copies.acknowledge("a/f", file(2), {One, Two});
    copies.acknowledge("a/f", file(3), {One});
    QCOMPARE(copies.debt("a/f", Two)->debt, Debt::Stale);
}

void TestCatalogue::returnedServerOwesAllOfItInShortSteps()
{
    Known known;
    Catalogue &copies = known.catalogue;
    constexpr int files = 3'000;
    copies.acknowledge("a/before", file(1), {One});
    copies.acknowledge("a/owed", file(1), {One});
    copies.mark("a/owed", Two, Debt::Stale); // before it left
    const quint64 left = copies.version();
    for (int i = 0; i < files; ++i)
        copies.acknowledge("a/f" + QByteArray::number(i), file(1), {One});
    known.members.setState(known.members.number(Two), Members::State::Returned);
    copies.oweSince(Two, left);
    const auto first = copies.debts(Two).size();
    QVERIFY2(first > 0 && first < 1'000, QByteArray::number(qulonglong(first)).constData());
    QTRY_COMPARE(copies.debts(Two).size(), size_t(files) + 1);
    QCOMPARE(copies.debt("a/owed", Two)->debt, Debt::Differs);
    QCOMPARE(copies.debt("a/f0", Two)->debt, Debt::Differs);
    QVERIFY(!copies.debt("a/before", Two));
}

/// The member's leftAt is the version at which it left.
void TestCatalogue::whatAReturnedServerWasGivenSinceIsGood()
{
    Known known;
    Catalogue &copies = known.catalogue;
    const auto configure = [&](const QStringList &ids) {
        QList<Members::Configured> servers;
        for (const QString &id : ids)
            servers << Members::Configured{id, id};
        return known.members.configure(servers, copies.version());
    };
    configure({One, Two});
    for (const QString &id : {One, Two})
        known.members.setState(*known.members.find(id), Members::State::Trusted);
    copies.acknowledge("a/before", file(1), {One, Two});
    configure({One});
    copies.acknowledge("a/missed", file(1), {One});
    for (const Members::Number number : configure({One, Two}))
        copies.oweSince(known.members.id(number), known.members.at(number).leftAt);
    copies.acknowledge("a/since", file(1), {One, Two});
    QCOMPARE(copies.copyState("a/since", Two), CopyState::Unknown);
    QCOMPARE(copies.copyState("a/before", Two), CopyState::Stale);
    QVERIFY(copies.mayHold("a/before", Two));
    QCOMPARE(copies.copyState("a/missed", Two), CopyState::Stale);
    QVERIFY(!copies.mayHold("a/missed", Two));
    // It was away once more, before anybody had looked.
    configure({One});
    configure({One, Two});
    QCOMPARE(copies.copyState("a/since", Two), CopyState::Stale);
    QVERIFY(copies.mayHold("a/since", Two));
}

void TestCatalogue::serverThatLeavesUnseenComesBackUnseen()
{
    Known known;
    const auto configure = [&](const QStringList &ids) {
        QList<Members::Configured> servers;
        for (const QString &id : ids)
            servers << Members::Configured{id, id};
        return known.members.configure(servers, 5);
    };
    configure({One, Two});
    QCOMPARE(known.members.unseenSince(Two), std::optional<qint64>(0));
    configure({One});
    configure({One, Two});
    QCOMPARE(known.members.unseenSince(Two), std::optional<qint64>(0)); // it has never been seen
    known.members.setState(*known.members.find(Two), Members::State::Trusted);
    QVERIFY(!known.members.unseenSince(Two));
    known.clock.advance(std::chrono::seconds(5));
    const qint64 left = known.clock.wall().count();
    for (int round = 0; round < 2; ++round) {
        configure({One});
        known.clock.advance(std::chrono::seconds(5));
        QCOMPARE(configure({One, Two}).size(), 1);
        QCOMPARE(known.members.unseenSince(Two), std::optional(left));
    }
}

void TestCatalogue::knowsWhatNobodyHasDeleted()
{
    Known known;
    Catalogue &copies = known.catalogue;
    Record folder;
    folder.folder = true;
    copies.acknowledge("a/d", folder, {});
    QVERIFY(!copies.remadeAbove("a/d/f"));
    copies.acknowledge("a/d", gone(), {});
    QVERIFY(!copies.remadeAbove("a/d/f"));
    known.clock.advance(std::chrono::seconds(5));
    const qint64 made = known.clock.wall().count();
    copies.acknowledge("a/d", folder, {});
    QCOMPARE(copies.remadeAbove("a/d/f"), std::optional(made));
    QVERIFY(!copies.remadeAbove("a/d"));
    known.clock.advance(std::chrono::seconds(5));
    copies.acknowledge("a/d", folder, {}); // it is no younger for that
    QCOMPARE(copies.remadeAbove("a/d/sub/f"), std::optional(made));
    copies.acknowledge("a/d", gone(), {});
    QVERIFY(!copies.remadeAbove("a/d/f"));
}

void TestCatalogue::tellsWhatLivesBelow()
{
    Known known;
    Catalogue &copies = known.catalogue;
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

void TestCatalogue::namesThatStartAlikeAreNotBelow()
{
    Known known;
    Catalogue &copies = known.catalogue;
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

void TestCatalogue::listsDebtsByKey()
{
    Known known;
    Catalogue &copies = known.catalogue;
    for (const char *name : {"a/3", "a/1", "a/2"})
        copies.mark(name, One, Debt::Stale);
    copies.mark("a/2", One, Debt::InDoubt);
    QCOMPARE(copies.debts(Two).size(), size_t(0));
    QList<ObjectKey> keys;
    for (const auto &[key, owed] : copies.debts(One)) {
        keys << key;
        QCOMPARE(owed.debt, key == "a/2" ? Debt::InDoubt : Debt::Stale);
    }
    QCOMPARE(keys, (QList<ObjectKey>{"a/1", "a/2", "a/3"}));
}

void TestCatalogue::otherVersionIsWrittenOverOnlyWhenItIsKeptAside()
{
    Known known;
    Catalogue &copies = known.catalogue;
    copies.mark("a/f", One, Debt::Differs);
    copies.mark("a/f", One, Debt::InDoubt);
    QCOMPARE(copies.debt("a/f", One)->debt, Debt::Differs);
    copies.keptAside("a/f", One);
    QCOMPARE(copies.debt("a/f", One)->debt, Debt::InDoubt);
    copies.mark("a/g", One, Debt::Stale);
    copies.keptAside("a/g", One);
    copies.keptAside("a/h", One);
    QCOMPARE(copies.debt("a/g", One)->debt, Debt::Stale);
    QVERIFY(!copies.debt("a/h", One));
}

void TestCatalogue::countsItsChanges()
{
    Known known;
    Catalogue &copies = known.catalogue;
    quint64 seen = copies.changes();
    const auto changed = [&] {
        return std::exchange(seen, copies.changes()) != seen;
    };
    (void)copies.acknowledge("a/f", file(1), {One});
    QVERIFY(changed());
    copies.mark("a/f", Two, Debt::Stale);
    QVERIFY(changed());
    copies.clear("a/f", Two);
    QVERIFY(changed());
    copies.dropCopy("a/f", Two);
    QVERIFY(changed());
    copies.clear("a/f", One);
    (void)copies.find("a/f");
    QVERIFY(!changed());
}

void TestCatalogue::knowsWhatLiesBelowAFile()
{
    Known known;
    Catalogue &copies = known.catalogue;
    (void)copies.acknowledge("a/f", gone(), {});
    (void)copies.acknowledge("a/f", file(1), {One});
    Record folder;
    folder.folder = true;
    (void)copies.acknowledge("a/d", folder, {});
    QVERIFY(copies.isBelowFile("a/f/x"));
    QVERIFY(copies.isBelowFile("a/f/x/y"));
    QVERIFY(!copies.isBelowFile("a/f"));
    QVERIFY(!copies.isBelowFile("a/d/x"));
    QVERIFY(!copies.isBelowFile("a/fx"));
    (void)copies.acknowledge("a/d/g", file(1), {One});
    (void)copies.acknowledge("a/d", gone(), {});
    QVERIFY(!copies.isBelowFile("a/d/g/x"));
}

void TestCatalogue::answerEndsNoDoubt()
{
    Known known;
    Catalogue &copies = known.catalogue;
    copies.mark("a/f", One, Debt::InDoubt);
    copies.mark("a/f", Two, Debt::Stale);
    const quint64 version = copies.acknowledge("a/f", file(1), {}).version;
    copies.confirm("a/f", One, version);
    copies.confirm("a/f", Two, version);
    QCOMPARE(copies.copyState("a/f", One), CopyState::InDoubt);
    QVERIFY(!copies.holds("a/f", One));
    QVERIFY(copies.holds("a/f", Two));
    copies.confirm("a/f", One, version - 1);
    copies.clearVersion("a/f", One, version - 1);
    QVERIFY(!copies.holds("a/f", One));
    copies.clearVersion("a/f", One, version);
    QVERIFY(copies.holds("a/f", One));
    copies.mark("a/new", One, Debt::Stale);
    copies.clearVersion("a/new", One, version);
    QVERIFY(copies.debt("a/new", One));
}

void TestCatalogue::doubtOutlivesAWithdrawal()
{
    Known known;
    Catalogue &copies = known.catalogue;
    (void)copies.acknowledge("a/f", file(1), {One, Two});
    const Catalogue::Knowledge before = copies.knowledge("a/f");
    (void)copies.acknowledge("a/f", gone(), {});
    copies.mark("a/f", One, Debt::InDoubt);
    copies.restore("a/f", before);
    QVERIFY(!copies.find("a/f")->deleted);
    QCOMPARE(copies.copyState("a/f", One), CopyState::InDoubt);
    QCOMPARE(copies.copyState("a/f", Two), CopyState::Unknown);
}

void TestCatalogue::forgetsWhatLayInADeletedFolder()
{
    Known known;
    Catalogue &copies = known.catalogue;
    (void)copies.acknowledge("a/d/f", file(1), {One});
    (void)copies.acknowledge("a/d/owed", file(1), {One});
    (void)copies.acknowledge("a/d", gone(), {One});
    copies.mark("a/d/owed", Two, Debt::Stale);
    known.clock.advance(std::chrono::hours(1));
    (void)copies.acknowledge("a/d/new", file(1), {One});
    const qint64 now = known.clock.wall().count();
    // Too early: the delete may still be taken back.
    QVERIFY(copies.tidy({}, 100, {now - 7'200'000, 0}).isEmpty());
    QCOMPARE(copies.size(), 4);
    QVERIFY(copies.tidy({}, 100, {now - 1'000, 0}).isEmpty());
    QCOMPARE(copies.size(), 3);
    QVERIFY(copies.find("a/d/f")->deleted);
    QVERIFY(!copies.find("a/d/new")->deleted);
    copies.clear("a/d/owed", Two);
    (void)copies.tidy({}, 100, {now - 1'000, 0});
    QCOMPARE(copies.size(), 2);
}

void TestCatalogue::forgetsTombstonesThatHaveDoneTheirWork()
{
    Known known;
    Catalogue &copies = known.catalogue;
    (void)copies.acknowledge("a/d/f", file(1), {One});
    (void)copies.acknowledge("a/d", gone(), {One});
    (void)copies.acknowledge("a/f", gone(), {One});
    (void)copies.acknowledge("a/owed", gone(), {One});
    copies.mark("a/owed", Two, Debt::Stale);
    known.clock.advance(std::chrono::hours(1));
    (void)copies.acknowledge("a/young", gone(), {One});
    const qint64 before = known.clock.wall().count() - 1'000;
    // In steps, as a service does it.
    ObjectKey after;
    do {
        after = copies.tidy(after, 1, {0, before});
    } while (!after.isEmpty());
    QVERIFY(!copies.find("a/f"));
    QVERIFY(copies.find("a/owed"));
    QVERIFY(copies.find("a/young"));
    // All that hides what lay in it.
    QVERIFY(copies.find("a/d/f")->deleted);
}

void TestCatalogue::keepsTombstonesThatABucketHasNotFollowed()
{
    Known known;
    Catalogue &copies = known.catalogue;
    BucketLedger ledger(*known.database, copies, known.clock);
    ledger.configure({{QStringLiteral("bucket"), {"a"}}});
    const BucketLedger::Bucket bucket = ledger.buckets().first();
    copies.setHeld([&](const ObjectKey &key) { return ledger.hasAtOrBelow(key); });
    for (const char *key : {"a/f", "a/f-1", "a/d", "a/kept", "b/f"})
        (void)copies.acknowledge(key, gone(), {One});
    BucketLedger::Object object;
    for (const char *key : {"a/f", "a/d/deep/f", "b/f"})
        ledger.set(bucket, key, object);
    object.kept = true;
    ledger.set(bucket, "a/kept", object);
    ledger.set(bucket, "a/d/deep", object);
    known.clock.advance(std::chrono::hours(1));
    const Catalogue::Ages ages{0, known.clock.wall().count()};
    (void)copies.tidy({}, 100, ages);
    QVERIFY(copies.find("a/f") && copies.find("a/d"));
    // Of what is not there, is nobody's, or does not go there.
    QCOMPARE(copies.size(), 2);
    ledger.forget(bucket, "a/f");
    ledger.forget(bucket, "a/d/deep/f");
    (void)copies.tidy({}, 100, ages);
    QCOMPARE(copies.size(), 0);
}

QTEST_GUILESS_MAIN(TestCatalogue)
#include "tst_catalogue.moc"
