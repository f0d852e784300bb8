// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/readorder.h"
#include "tests/repair/barering.h"

#include <QTest>

using namespace cring;
using namespace cring::test;
using state::Members;

/// Which servers are asked for a file, and in what order.
class TestReadOrder : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void returnedServersComeLastWhenTheyMayHoldIt();
    void whatAReturnedServerMissedIsNotReadThere();
    void nobodyIsBelievedWithoutADigest();

private:
    /// They were taken out of the configuration for a while.
    static void takeAway(BareRing &ring, const QList<int> &servers);
    static QStringList orderOf(BareRing &ring, const state::ObjectKey &key);
};

void TestReadOrder::takeAway(BareRing &ring, const QList<int> &servers)
{
    QList<Members::Configured> all;
    QList<Members::Configured> rest;
    for (const config::Server &server : std::as_const(ring.config.servers)) {
        all << Members::Configured{server.id, server.name};
        const auto is = [&](int number) {
            return BareRing::name(number) == server.id;
        };
        if (std::ranges::none_of(servers, is))
            rest << all.last();
    }
    ring.store->members.configure(rest, ring.catalogue().version());
    ring.store->members.configure(all, ring.catalogue().version());
}

QStringList TestReadOrder::orderOf(BareRing &ring, const state::ObjectKey &key)
{
    QStringList names;
    const auto order = replica::readOrder(ring.environment(), key, ring.catalogue().find(key));
    for (const health::Backend *backend : order.servers)
        names << (backend ? backend->id() : QStringLiteral("spool"));
    return names;
}

void TestReadOrder::returnedServersComeLastWhenTheyMayHoldIt()
{
    BareRing ring(3);
    const state::ObjectKey key = BareRing::key(1);
    ring.put(key, {BareRing::name(1), BareRing::name(2), BareRing::name(3)});
    takeAway(ring, {1, 2});
    const QStringList order = orderOf(ring, key);
    QCOMPARE(order.size(), 3);
    QCOMPARE(order.first(), BareRing::name(3));
    takeAway(ring, {3});
    QCOMPARE(orderOf(ring, key).size(), 3); // better than nothing
    // What they are given from now on is as good as ever.
    ring.put(key, {BareRing::name(2), BareRing::name(3)});
    QCOMPARE(orderOf(ring, key).size(), 2);
}

void TestReadOrder::whatAReturnedServerMissedIsNotReadThere()
{
    BareRing ring(3);
    const state::ObjectKey key = BareRing::key(1);
    ring.put(key, {BareRing::name(2), BareRing::name(3)});
    takeAway(ring, {1});
    QVERIFY(!orderOf(ring, key).contains(BareRing::name(1)));
    ring.catalogue().mark(key, BareRing::name(2), state::Debt::Stale);
    takeAway(ring, {2});
    QCOMPARE(orderOf(ring, key), QStringList{BareRing::name(3)});
}

/// A reader could not tell an older version from the last one.
void TestReadOrder::nobodyIsBelievedWithoutADigest()
{
    BareRing ring(2);
    const state::ObjectKey key = BareRing::key(1);
    state::Record record;
    record.size = 10;
    (void)ring.catalogue().acknowledge(key, record, {BareRing::name(1), BareRing::name(2)});
    takeAway(ring, {1, 2});
    QCOMPARE(orderOf(ring, key), QStringList());
}

QTEST_GUILESS_MAIN(TestReadOrder)
#include "tst_readorder.moc"
