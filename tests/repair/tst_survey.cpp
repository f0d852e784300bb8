// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/survey.h"
#include "tests/repair/barering.h"
#include "tests/support/spin.h"

#include <QTest>

using namespace cring;
using namespace cring::test;
using repair::Survey;
using state::Debt;
using state::Members;

class TestSurvey : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void countsCopiesAgainstThePlacement();
    void owesACopyWhereThereAreTooFew();
    void leavesFilesAtTheWrongPlacesToAPerson();
    void countsNothingThatWasDeleted();
    void drainedServerGivesAwayWhatItHolds();
    void drainedServerWithAnotherVersionIsNeeded();
    void copiesOfAnUntrustedServerAreNotGood();
    void noticesWhatChanges();
    void walksInShortSteps();

private:
    static std::shared_ptr<const Survey::Counts> take(BareRing &ring);
};

std::shared_ptr<const Survey::Counts> TestSurvey::take(BareRing &ring)
{
    bool taken = false;
    QObject context;
    QObject::connect(&ring.shared.survey, &Survey::taken, &context, [&] { taken = true; });
    ring.shared.survey.refresh();
    return spinUntil([&] { return taken; }, 5'000) ? ring.shared.survey.counts() : nullptr;
}

void TestSurvey::countsCopiesAgainstThePlacement()
{
    BareRing ring(5);
    for (int i = 0; i < 50; ++i)
        ring.put(BareRing::key(i), ring.owners(BareRing::key(i)));
    const auto counts = take(ring);
    QVERIFY(counts);
    QCOMPARE(counts->replicas, 3);
    QCOMPARE(counts->all, (Survey::Amount{50, 500}));
    QCOMPARE(counts->copies, (QList<qint64>{0, 0, 0, 50}));
    QCOMPARE(counts->servers.size(), 5);
    qint64 copies = 0;
    for (const Survey::Server &server : counts->servers) {
        QCOMPARE(server.wanted, server.present);
        QCOMPARE(server.missing, Survey::Amount());
        QCOMPARE(server.extra, Survey::Amount());
        copies += server.present.files;
    }
    QCOMPARE(copies, 150);
    QCOMPARE(ring.owed(), 0);
}

void TestSurvey::owesACopyWhereThereAreTooFew()
{
    BareRing ring(5);
    const state::ObjectKey key = BareRing::key(1);
    const QList<QString> owners = ring.owners(key);
    ring.put(key, owners.first(2));
    const auto counts = take(ring);
    QVERIFY(counts);
    QCOMPARE(counts->copies, (QList<qint64>{0, 0, 1, 0}));
    QCOMPARE(counts->servers[owners[2]].missing, (Survey::Amount{1, 10}));
    const auto debt = ring.catalogue().debt(key, owners[2]);
    QVERIFY(debt);
    QCOMPARE(debt->debt, Debt::Stale);
    QCOMPARE(ring.owed(), 1);
    ring.deliver();
    QCOMPARE(take(ring)->copies, (QList<qint64>{0, 0, 0, 1}));
}

void TestSurvey::leavesFilesAtTheWrongPlacesToAPerson()
{
    BareRing ring(6);
    const state::ObjectKey key = BareRing::key(1);
    const QList<QString> owners = ring.owners(key);
    QList<QString> others;
    for (int i = 1; i <= 6; ++i) {
        if (!owners.contains(BareRing::name(i)))
            others << BareRing::name(i);
    }
    ring.put(key, others);
    const auto counts = take(ring);
    QVERIFY(counts);
    QCOMPARE(counts->copies, (QList<qint64>{0, 0, 0, 1}));
    for (const QString &owner : owners)
        QCOMPARE(counts->servers[owner].missing.files, 1);
    for (const QString &other : std::as_const(others)) {
        QCOMPARE(counts->servers[other].extra.files, 1);
        QCOMPARE(counts->servers[other].needed.files, 1);
    }
    QCOMPARE(ring.owed(), 0);
    // A fourth copy is no reason either, though all owners have theirs.
    ring.put(BareRing::key(2), ring.owners(BareRing::key(2))
                                   << ring.environment().placement(BareRing::key(2)).last()->id());
    QCOMPARE(take(ring)->copies, (QList<qint64>{0, 0, 0, 1, 1}));
    QCOMPARE(ring.owed(), 0);
}

void TestSurvey::countsNothingThatWasDeleted()
{
    BareRing ring(3);
    state::Record gone;
    gone.deleted = true;
    state::Record folder;
    folder.folder = true;
    // Between a folder and what is in it, in the order of keys, stands what starts alike.
    for (const char *key : {"account/d/f", "account/d-1", "account/f"})
        ring.put(key, ring.owners(key));
    (void)ring.catalogue().acknowledge("account/d", gone, {});
    (void)ring.catalogue().acknowledge("account/f", gone, {});
    (void)ring.catalogue().acknowledge("account/folder", folder, {});
    const auto counts = take(ring);
    QVERIFY(counts);
    QCOMPARE(counts->all.files, 1);
    QCOMPARE(counts->copies, (QList<qint64>{0, 0, 0, 1}));
}

void TestSurvey::drainedServerGivesAwayWhatItHolds()
{
    BareRing ring(5);
    for (int i = 0; i < 60; ++i)
        ring.put(BareRing::key(i), ring.owners(BareRing::key(i)));
    const QString drained = BareRing::name(4);
    const qint64 held = take(ring)->servers[drained].present.files;
    QVERIFY(held > 0);
    ring.setState(4, Members::State::Draining);
    QCOMPARE(ring.environment().config.effectiveReplicas(), 3);

    auto counts = take(ring);
    QCOMPARE(counts->servers[drained].wanted.files, 0);
    QCOMPARE(counts->servers[drained].needed.files, held);
    QCOMPARE(counts->copies, (QList<qint64>{0, 0, 0, 60}));
    QCOMPARE(ring.owed(), held); // by the new owners
    QCOMPARE(ring.catalogue().debts(drained).size(), size_t(0));
    const auto saidSo = [&] {
        int times = 0;
        for (const telemetry::Event &event : ring.activity.newest({}, 100))
            times +=
                event.backend == drained && event.text.contains(QStringLiteral("can be removed")) ? 1 : 0;
        return times;
    };
    QCOMPARE(saidSo(), 0);

    ring.deliver();
    counts = take(ring);
    QCOMPARE(counts->servers[drained].needed.files, 0);
    QCOMPARE(saidSo(), 1);
    for (const auto &[key, owed] : ring.catalogue().debts(drained))
        QCOMPARE(owed.debt, Debt::Extra);
    QCOMPARE(ring.catalogue().debts(drained).size(), size_t(held));
    ring.deliver();
    counts = take(ring);
    QCOMPARE(counts->servers[drained].present.files, 0);
    QCOMPARE(counts->copies, (QList<qint64>{0, 0, 0, 60}));
    QCOMPARE(saidSo(), 1);
}

void TestSurvey::drainedServerWithAnotherVersionIsNeeded()
{
    BareRing ring(4);
    ring.put("account/f", ring.owners("account/f"));
    ring.setState(2, Members::State::Draining);
    ring.deliver();
    ring.catalogue().mark("account/other", BareRing::name(2), Debt::Differs);
    QVERIFY(take(ring));
    QVERIFY(take(ring));
    const auto told = [&] {
        return ring.activity.newest({}, 100).size();
    };
    const auto before = told();
    ring.catalogue().keptAside("account/other", BareRing::name(2));
    QVERIFY(take(ring));
    QCOMPARE(told(), before + 1);
}

void TestSurvey::copiesOfAnUntrustedServerAreNotGood()
{
    BareRing ring(3);
    ring.put("account/f", ring.owners("account/f"));
    ring.setState(1, Members::State::Returned);
    const auto counts = take(ring);
    QVERIFY(counts);
    QCOMPARE(counts->copies, (QList<qint64>{0, 0, 1, 0}));
    QCOMPARE(counts->servers[BareRing::name(1)].missing.files, 1);
    // It may well have it: who goes through its files says.
    QCOMPARE(ring.owed(), 0);
}

void TestSurvey::noticesWhatChanges()
{
    BareRing ring(3);
    QVERIFY(take(ring));
    ring.put("account/f", ring.owners("account/f"));
    QVERIFY(spinUntil([&] { return ring.shared.survey.counts()->all.files == 1; }, 5'000));
}

void TestSurvey::walksInShortSteps()
{
    BareRing ring(3);
    constexpr int files = 5'000;
    for (int i = 0; i < files; ++i)
        ring.put(BareRing::key(i), ring.owners(BareRing::key(i)));
    int turns = 0;
    QTimer others;
    QObject::connect(&others, &QTimer::timeout, &others, [&] { ++turns; });
    others.start(0);
    const auto counts = take(ring);
    QVERIFY(counts);
    QCOMPARE(counts->all.files, files);
    QVERIFY2(turns >= files / 100, QByteArray::number(turns).constData());
}

QTEST_GUILESS_MAIN(TestSurvey)
#include "tst_survey.moc"
