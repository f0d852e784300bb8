// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/accounts/simring.h"

#include <QRegularExpression>
#include <QTest>

using namespace cring::accounts;
using namespace cring::test;

/// What becomes of what happened on three servers since they were last equal.
class TestMerge : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void makesServersEqual_data();
    void makesServersEqual();
    void reportsWhatAPersonHasToDecide_data();
    void reportsWhatAPersonHasToDecide();
    void takesADecisionAfterAClash();
    void keepsAClashWhileOneSideIsAway();
    void freesANameForItsNewOwner();
    void understandsWhatAServerLost_data();
    void understandsWhatAServerLost();
    void refillsAnOlderCopy();
    void keepsADeletionOnAnOldCopy();
    void letsAKeyBeLinkedAgain();
    void givesAReplacedServerEverything();
    void losesNothingWithoutItsMemory();
    void takesAnAccountOnlyWithItsKeys();
    void doesAsTheOperatorSays();
    void whatWasDisabledIsRevivedByNobody();
};

void TestMerge::makesServersEqual_data()
{
    QTest::addColumn<QByteArray>("before");
    QTest::addColumn<QByteArray>("a"); // "" = as before.
    QTest::addColumn<QByteArray>("b");
    QTest::addColumn<QByteArray>("c");
    QTest::addColumn<QByteArray>("after");
    const auto row = [](const char *name, const QByteArray &before, const QByteArray &a, const QByteArray &b,
                        const QByteArray &c, const QByteArray &after) {
        QTest::newRow(name) << before << a << b << c << after;
    };
    row("nothing happened", "X k1", "", "", "", "X k1");
    row("a new account", "X k1", "X k1; Y k2@3", "", "", "X k1; Y k2@3");
    row("three new accounts", "", "X k1", "Y k2", "Z k3", "X k1; Y k2; Z k3");
    row("the first round of all", "", "X name=carl k1+e1 s=4", "X name=carl k1 s=7", "",
        "X name=carl k1+e1 s=7");
    row("a key was linked", "X k1", "X k1 k2@5", "", "", "X k1 k2@5");
    row("two servers, a key each", "X k1", "X k1 k2@5", "X k1 k3@6", "", "X k1 k2@5 k3@6");
    row("the same key twice", "X k1", "X k1 k2@6", "X k1 k2@5", "", "X k1 k2@5");
    row("a key was unlinked", "X k1 k2", "X k1", "", "", "X k1");
    row("unlinked here, linked there", "X k1 k2", "X k1", "X k1 k2 k3@5", "", "X k1 k3@5");
    row("each unlinked another", "X k1 k2 k3; Y k4", "X k1 k3; Y k4", "X k1 k2; Y k4", "", "X k1; Y k4");
    row("the last key was unlinked", "X k1 s=3; Y k2", "Y k2", "", "", "Y k2");
    row("both keys, on different servers", "X k1 k2; Y k3", "X k1; Y k3", "X k2; Y k3", "", "Y k3");
    row("the last key here, a new one there", "X k1 s=3; Y k2", "Y k2", "X k1 k5@5 s=3; Y k2", "",
        "X k5@5 s=3; Y k2");
    row("logged in again after the last key went", "X k1 s=3; Y k2", "Y k2; Z made=5 k1@5",
        "X k1 k9@6 s=3; Y k2", "", "X k9@6 s=3; Y k2; Z made=5 k1@5");
    row("unlinked and linked again in between", "X k1+e1 k2@2+e1+e2", "X k1+e1 k2@5+e1", "", "",
        "X k1+e1 k2@5+e1");
    row("accounts were merged", "X k1 s=2; Y k2 t=9", "X k1 k2 s=2", "", "", "X k1 k2 s=2");
    row("merged here, a key linked there", "X k1; Y k2", "X k1 k2", "X k1; Y k2 k3@5", "", "X k1 k2 k3@5");
    row("merged here, a number drawn there", "X k1; Y k2 s=3", "X k1 k2", "X k1; Y k2 s=4", "", "X k1 k2");
    row("merged here, unlinked there", "X k1; Y k2 k3", "X k1 k2 k3", "X k1; Y k3", "", "X k1 k3");
    row("merged crosswise", "X k1; Y k2", "X k1 k2", "Y k1 k2", "", "X k1 k2");
    row("three became one", "X k1; Y k2; Z k3", "X k1 k2; Z k3", "X k1; Y k2 k3", "", "X k1 k2 k3");
    row("a key moved by hand", "X k1 k2; Y k3", "X k1; Y k2 k3", "", "", "X k1; Y k2 k3");
    row("a name", "X k1", "X name=carl k1", "", "", "X name=carl k1");
    row("a new name", "X name=carl k1", "X name=dora k1", "", "", "X name=dora k1");
    row("names swapped", "X name=carl k1; Y name=dora k2", "X name=dora k1; Y name=carl k2", "", "",
        "X name=dora k1; Y name=carl k2");
    row("a name handed on", "X name=carl k1; Y k2", "X name=old k1; Y name=carl k2", "", "",
        "X name=old k1; Y name=carl k2");
    row("the name of one who left", "X name=carl k1; Y k2", "Y name=carl k2", "", "", "Y name=carl k2");
    row("in other letters", "X name=carl k1", "X name=Carl k1", "", "", "X name=Carl k1");
    row("renamed twice, equally", "X k1", "X name=carl k1", "X name=carl k1", "", "X name=carl k1");
    row("a name went missing", "X name=carl k1", "X k1", "", "", "X name=carl k1");
    row("a bio", "X k1", "X bio=x k1", "", "", "X bio=x k1");
    row("the larger number", "X k1 s=4", "X k1 s=6", "X k1 s=5", "", "X k1 s=6");
    row("a new sequence at 0", "X k1", "X k1 s=0", "", "", "X k1 s=0");
    row("an encrypt key", "X k1", "X k1+e1", "", "", "X k1+e1");
    row("an encrypt key each", "X k1", "X k1+e1", "X k1+e2", "", "X k1+e1+e2");
    row("an encrypt key went missing", "X k1+e1", "X k1", "", "", "X k1+e1");
    row("its earliest time", "X k1", "X k1+e1@5", "X k1+e1@3", "", "X k1+e1@3");
    row("its first known time", "X k1+e1@5", "", "X k1+e1@3", "", "X k1+e1@5");
    row("a time filled in", "X k1", "X k1+e1@", "X k1+e1@4", "", "X k1+e1@4");
    row("no key at all", "X k1", "X k1; Y name=dora", "", "", "X k1; Y name=dora");
    row("an empty account gives way", "X name=carl k1 s=4", "X name=carl k1 k2@3 s=4",
        "X name=carl k1 s=4; Y k2@4+e2", "", "X name=carl k1 k2@3+e2 s=4");
    row("of two empty ones the older stays", "", "X made=3 k1", "Y made=2 k1", "", "Y made=2 k1");
    row("the one that was used stays", "", "X made=3 k1 s=1", "Y made=2 k1 k2", "", "X made=3 k1 k2 s=1");
}

/// The first that was known stays, so times depend on who came late.
static QByteArray withoutTimes(const QByteArray &words)
{
    static const QRegularExpression time(QStringLiteral("@\\d\\d"));
    return QString::fromUtf8(words).remove(time).toUtf8();
}

void TestMerge::makesServersEqual()
{
    QFETCH(QByteArray, before);
    QFETCH(QByteArray, a);
    QFETCH(QByteArray, b);
    QFETCH(QByteArray, c);
    QFETCH(QByteArray, after);
    // Whoever comes back late must not make a difference.
    for (const QByteArray late : {"", "a", "b", "c"}) {
        SimRing ring(3);
        if (!before.isEmpty()) {
            for (SimServer &server : ring.servers)
                server.set(accountsFrom(before));
        }
        ring.round();
        QCOMPARE(ring.changes, size_t(0));
        const QByteArrayList happened{a, b, c};
        for (size_t i = 0; i < 3; ++i) {
            if (!happened.at(static_cast<qsizetype>(i)).isEmpty())
                ring.servers[i].set(accountsFrom(happened.at(static_cast<qsizetype>(i))));
        }
        ring.away = late.isEmpty() ? QSet<QByteArray>() : QSet<QByteArray>{late};
        if (!late.isEmpty())
            QVERIFY(ring.settle() >= 0);
        ring.away.clear();
        QVERIFY(ring.settle() >= 0);
        QVERIFY(ring.isRemembered);
        // Which came first decides some things; that they are equal does not depend on it.
        for (const SimServer &server : ring.servers)
            QCOMPARE(wordsOf(server.accounts()), wordsOf(ring.servers[0].accounts()));
        const auto compared = [&](const AccountSet &accounts) {
            const QByteArray words = wordsOf(accounts);
            return late.isEmpty() ? words : withoutTimes(words);
        };
        if (late != "a" || qstrcmp(QTest::currentDataTag(), "merged crosswise") != 0)
            QCOMPARE(compared(ring.servers[0].accounts()), compared(accountsFrom(after)));
        QVERIFY(ring.last.clashes.empty());
    }
}

void TestMerge::reportsWhatAPersonHasToDecide_data()
{
    QTest::addColumn<QByteArray>("before");
    QTest::addColumn<QByteArray>("a");
    QTest::addColumn<QByteArray>("b");
    QTest::addColumn<int>("kind");
    QTest::addColumn<QByteArray>("afterA");
    QTest::addColumn<QByteArray>("afterB");
    QTest::addColumn<QByteArray>("afterC");
    const auto row = [](const char *name, const QByteArray &before, const QByteArray &a, const QByteArray &b,
                        Clash::Kind kind, const QByteArray &afterA, const QByteArray &afterB,
                        const QByteArray &afterC) {
        QTest::newRow(name) << before << a << b << int(kind) << afterA << afterB << afterC;
    };
    using Kind = Clash::Kind;
    row("a name taken by two", "X k1; Y k2", "X name=carl k1; Y k2", "X k1; Y name=Carl k2", Kind::NameTaken,
        "X name=carl k1; Y k2", "X k1; Y name=Carl k2", "X name=carl k1; Y k2");
    row("a name that somebody has", "X name=carl k1", "", "X k1; Y name=carl k2", Kind::NameTaken,
        "X name=carl k1; Y k2", "X k1; Y name=carl k2", "X name=carl k1; Y k2");
    row("renamed to what somebody has", "X name=carl k1; Y name=dora k2", "X name=emil k1; Y name=dora k2",
        "X name=carl k1; Y name=emil k2", Kind::NameTaken, "X name=emil k1; Y name=dora k2",
        "X name=carl k1; Y name=emil k2", "X name=emil k1; Y name=dora k2");
    row("renamed twice", "X name=carl k1", "X name=dora k1", "X name=emil k1", Kind::ChangedTwice,
        "X name=dora k1", "X name=emil k1", "X name=carl k1");
    row("a bio changed twice", "X bio=x k1", "X bio=y k1", "X bio=z k1", Kind::ChangedTwice, "X bio=y k1",
        "X bio=z k1", "X bio=x k1");
    row("a key of two used accounts", "X k1 s=4", "X k1 k2@3 s=4", "X k1 s=4; Y k2@4 t=1",
        Kind::KeyInTwoAccounts, "X k1 k2@3 s=4; Y t=1", "X k1 s=4; Y k2@4 t=1", "X k1 k2@3 s=4; Y t=1");
    row("split from the first day", "", "X k1 s=4", "Y k1 s=7", Kind::KeyInTwoAccounts, "X k1 s=4; Y s=7",
        "X s=4; Y k1 s=7", "X k1 s=4; Y s=7");
}

void TestMerge::reportsWhatAPersonHasToDecide()
{
    QFETCH(QByteArray, before);
    QFETCH(QByteArray, a);
    QFETCH(QByteArray, b);
    QFETCH(int, kind);
    QFETCH(QByteArray, afterA);
    QFETCH(QByteArray, afterB);
    QFETCH(QByteArray, afterC);
    SimRing ring(3);
    for (SimServer &server : ring.servers)
        server.set(accountsFrom(before));
    ring.round();
    if (!a.isEmpty())
        ring.servers[0].set(accountsFrom(a));
    ring.servers[1].set(accountsFrom(b));
    QVERIFY(ring.settle() >= 0);
    // And still so two rounds later, reported each time.
    for (int again = 0; again < 2; ++again) {
        QCOMPARE(wordsOf(ring.servers[0].accounts()), wordsOf(accountsFrom(afterA)));
        QCOMPARE(wordsOf(ring.servers[1].accounts()), wordsOf(accountsFrom(afterB)));
        QCOMPARE(wordsOf(ring.servers[2].accounts()), wordsOf(accountsFrom(afterC)));
        QCOMPARE(ring.last.clashes.size(), size_t(1));
        QCOMPARE(int(ring.last.clashes.front().kind), kind);
        QVERIFY(!ring.last.clashes.front().toString().contains(QStringLiteral("%")));
        ring.round();
        QCOMPARE(ring.changes, size_t(0));
    }
}

void TestMerge::takesADecisionAfterAClash()
{
    SimRing ring(3);
    for (SimServer &server : ring.servers)
        server.set(accountsFrom("X name=carl k1"));
    ring.round();
    ring.servers[0].rename("X", "dora");
    ring.servers[1].rename("X", "emil");
    ring.settle();
    QCOMPARE(ring.last.clashes.size(), size_t(1));
    // Through the ring, a person reaches one server only.
    ring.servers[0].rename("X", "fritz");
    QVERIFY(ring.settle() >= 0);
    QVERIFY(ring.last.clashes.empty());
    for (const SimServer &server : ring.servers)
        QCOMPARE(wordsOf(server.accounts()), wordsOf(accountsFrom("X name=fritz k1")));
}

void TestMerge::keepsAClashWhileOneSideIsAway()
{
    SimRing ring(3);
    for (SimServer &server : ring.servers)
        server.set(accountsFrom("X name=carl k1"));
    ring.round();
    ring.servers[0].rename("X", "dora");
    ring.servers[1].rename("X", "emil");
    ring.settle();
    ring.away = {"b"};
    QVERIFY(ring.settle() >= 0);
    QCOMPARE(ring.last.clashes.size(), size_t(1));
    QCOMPARE(wordsOf(ring.servers[2].accounts()), wordsOf(accountsFrom("X name=carl k1")));
    ring.away.clear();
    QVERIFY(ring.settle() >= 0);
    QCOMPARE(ring.last.clashes.size(), size_t(1));
    QCOMPARE(wordsOf(ring.servers[1].accounts()), wordsOf(accountsFrom("X name=emil k1")));
}

void TestMerge::freesANameForItsNewOwner()
{
    SimRing ring(2);
    for (SimServer &server : ring.servers)
        server.set(accountsFrom("X k1; Y k2"));
    ring.round();
    ring.servers[0].rename("X", "carl");
    ring.servers[1].rename("Y", "carl");
    ring.settle();
    QCOMPARE(ring.last.clashes.size(), size_t(1));
    ring.servers[0].rename("X", "dora");
    QVERIFY(ring.settle() >= 0);
    QVERIFY(ring.last.clashes.empty());
    for (const SimServer &server : ring.servers)
        QCOMPARE(wordsOf(server.accounts()), wordsOf(accountsFrom("X name=dora k1; Y name=carl k2")));
}

void TestMerge::understandsWhatAServerLost_data()
{
    QTest::addColumn<QByteArray>("seen");
    QTest::addColumn<QByteArray>("now");
    QTest::addColumn<int>("steps"); // Of the file change counter.
    QTest::addColumn<int>("trust");
    const auto row = [](const char *name, const QByteArray &seen, const QByteArray &now, int steps,
                        Trust trust) {
        QTest::newRow(name) << seen << now << steps << int(trust);
    };
    const QByteArray all = "X k1@1; Y k2@2 k3@3; Z made=4 k4@4 s=5";
    row("nothing", all, all, 0, Trust::Continued);
    row("nothing, in many writes", all, all, 9, Trust::Continued);
    row("a key", all, "X k1@1; Y k2@2; Z k4@4 s=5", 1, Trust::Continued);
    row("the newest account", all, "X k1@1; Y k2@2 k3@3", 1, Trust::Continued);
    row("an account in the middle", all, "X k1@1; Z k4@4 s=5", 1, Trust::Continued);
    row("a key, in no write", all, "X k1@1; Y k2@2; Z k4@4 s=5", 0, Trust::SetBack);
    row("a key, and writes", all, "X k1@1; Y k2@2; Z k4@4 s=5", -3, Trust::SetBack);
    row("nothing but writes", all, all, -1, Trust::SetBack);
    row("everything", all, "", 1, Trust::SetBack);
    row("the newest of two people", all, "X k1@1; Y k2@2", 1, Trust::SetBack);
    row("numbers", all, "X k1@1; Y k2@2 k3@3; Z k4@4 s=4", 1, Trust::SetBack);
    row("a sequence", all, "X k1@1; Y k2@2 k3@3; Z k4@4", 1, Trust::SetBack);
    row("half of all", "A k1@9; B k2; C k3; D k4; E k5; F k6; G k7; H k8", "A k1@9; F k6; G k7; H k8", 1,
        Trust::SetBack);
    row("two of many", "A k1@9; B k2; C k3; D k4; E k5; F k6; G k7; H k8",
        "A k1@9; D k4; E k5; F k6; G k7; H k8", 1, Trust::Continued);
}

void TestMerge::understandsWhatAServerLost()
{
    QFETCH(QByteArray, seen);
    QFETCH(QByteArray, now);
    QFETCH(int, steps);
    QFETCH(int, trust);
    const Seen before{100, accountsFrom(seen)};
    QCOMPARE(int(judge({"a", accountsFrom(now), static_cast<quint32>(100 + steps)}, &before)), trust);
    QCOMPARE(int(judge({"a", accountsFrom(now), 100}, nullptr)), int(Trust::New));
}

void TestMerge::refillsAnOlderCopy()
{
    SimRing ring(3);
    for (SimServer &server : ring.servers)
        server.set(accountsFrom("X name=carl k1 s=3"));
    ring.round();
    const SimServer old = ring.servers[0];
    ring.servers[1].link("X", "k2", "2026-01-01 00:00:05");
    ring.servers[1].logIn("k3", "Y", "2026-01-01 00:00:06");
    ring.servers[2].rename("X", "dora");
    QVERIFY(ring.settle() >= 0);
    const QByteArray everything = wordsOf(ring.servers[0].accounts());
    for (const bool empty : {false, true}) {
        if (empty)
            ring.servers[0].set({});
        else
            ring.servers[0].restore(old);
        QVERIFY(ring.settle() >= 0);
        QVERIFY(ring.last.clashes.empty());
        for (const SimServer &server : ring.servers)
            QCOMPARE(wordsOf(server.accounts()), everything);
    }
}

void TestMerge::keepsADeletionOnAnOldCopy()
{
    SimRing ring(3);
    for (SimServer &server : ring.servers)
        server.set(accountsFrom("X k1 k2; Y k3 s=3; Z k4"));
    ring.round();
    const SimServer old = ring.servers[2];
    ring.servers[0].unlink("k2");
    ring.servers[1].merge("Z", "Y");
    QVERIFY(ring.settle() >= 0);
    ring.servers[2].restore(old);
    QVERIFY(ring.settle() >= 0);
    // Also when it is the memory of that server that was lost.
    ring.servers[2].restore(old);
    ring.state.servers.erase("c");
    QVERIFY(ring.settle() >= 0);
    for (const SimServer &server : ring.servers)
        QCOMPARE(wordsOf(server.accounts()), wordsOf(accountsFrom("X k1; Z k3 k4")));
}

void TestMerge::letsAKeyBeLinkedAgain()
{
    SimRing ring(3);
    for (SimServer &server : ring.servers)
        server.set(accountsFrom("X k1 k2@2"));
    ring.round();
    ring.servers[0].unlink("k2");
    QVERIFY(ring.settle() >= 0);
    ring.servers[1].link("X", "k2", "2026-01-01 00:00:09");
    QVERIFY(ring.settle() >= 0);
    for (const SimServer &server : ring.servers)
        QCOMPARE(wordsOf(server.accounts()), wordsOf(accountsFrom("X k1 k2@9")));
}

void TestMerge::givesAReplacedServerEverything()
{
    SimRing ring(3);
    for (SimServer &server : ring.servers)
        server.set(accountsFrom("X name=carl k1+e1 s=3; Y k2"));
    ring.round();
    ring.servers.emplace_back("d");
    QVERIFY(ring.settle() >= 0);
    QCOMPARE(wordsOf(ring.servers[3].accounts()), wordsOf(ring.servers[0].accounts()));
}

void TestMerge::losesNothingWithoutItsMemory()
{
    SimRing ring(2);
    ring.servers[0].set(accountsFrom("X k1 s=3; Y k2"));
    ring.servers[1].set(accountsFrom("X k1 k3@4 s=5"));
    QVERIFY(ring.settle() >= 0);
    for (const SimServer &server : ring.servers)
        QCOMPARE(wordsOf(server.accounts()), wordsOf(accountsFrom("X k1 k3@4 s=5; Y k2")));
}

void TestMerge::takesAnAccountOnlyWithItsKeys()
{
    SimRing ring(2);
    ring.servers[0].set(accountsFrom("X k1+e1 k2 s=3; Y k3"));
    ring.round();
    QCOMPARE(ring.last.plans[1].units.size(), size_t(2));
    for (const ChangeUnit &unit : ring.last.plans[1].units) {
        for (const Change &change : unit)
            QCOMPARE(change.charmId, unit.front().charmId);
    }
}

void TestMerge::doesAsTheOperatorSays()
{
    SimRing ring(3);
    for (SimServer &server : ring.servers)
        server.set(accountsFrom("X name=carl k1 k2"));
    ring.round();
    // The only account: what a server loses would be given back, what the operator takes away is not.
    const SimServer old = ring.servers[2];
    ring.away = {"c"};
    QVERIFY(ring.state.takeAway("X"));
    QVERIFY(!ring.state.takeAway("nobody"));
    ring.state.accounts["Y"] = accountsFrom("Y name=carl k3").at("Y");
    QVERIFY(ring.settle() >= 0);
    ring.away.clear();
    QVERIFY(ring.settle() >= 0);
    ring.servers[2].restore(old);
    QVERIFY(ring.settle() >= 0);
    for (const SimServer &server : ring.servers)
        QCOMPARE(wordsOf(server.accounts()), wordsOf(accountsFrom("Y name=carl k3")));
}

/// Whose last key was unlinked lives on with a key that another server has got meanwhile. Who was disabled
/// does not, whatever is linked to it at a server that had not heard of it.
void TestMerge::whatWasDisabledIsRevivedByNobody()
{
    SimRing ring(3);
    for (SimServer &server : ring.servers)
        server.set(accountsFrom("X k1; Y k2; Z k3"));
    ring.round();
    ring.away = {"c"};
    QVERIFY(ring.state.takeAway("X"));
    QVERIFY(ring.settle() >= 0);
    QVERIFY(ring.state.gone.isDisabled("X"));
    QVERIFY(!ring.state.gone.isDisabled("Y"));
    ring.away.clear();
    // A new key, and the account of another person who linked to it.
    ring.servers[2].set(accountsFrom("X k1 k2 k9; Z k3"));
    QVERIFY(ring.settle() >= 0);
    for (const SimServer &server : ring.servers)
        QCOMPARE(wordsOf(server.accounts()), wordsOf(accountsFrom("Y k2; Z k3")));
    QVERIFY(ring.isRemembered);
}

QTEST_APPLESS_MAIN(TestMerge)
#include "tst_merge.moc"
