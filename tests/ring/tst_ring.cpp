// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ring/ring.h"

#include <QSet>
#include <QTest>

#include <algorithm>
#include <cmath>

using namespace cring::ring;

namespace {

constexpr int kKeys = 100'000;
constexpr int kCopies = 3;

QList<Member> charms(int count)
{
    QList<Member> members;
    for (int i = 1; i <= count; ++i)
        members.append(Member{QStringLiteral("charm%1").arg(i)});
    return members;
}

QByteArray key(int number)
{
    return "5c1f0d9a-2d6e-4b0e-9f7c-0a4b5f3d7e11/" + QByteArray::number(number * 7919) + "/Yw==";
}

QStringList ownerIds(const Ring &ring, int partition)
{
    QStringList ids;
    for (const quint16 index : ring.owners(partition))
        ids.append(ring.members()[index].id);
    return ids;
}

/// Files of each member, by id.
QHash<QString, int> filesOf(const Ring &ring)
{
    QHash<QString, int> files;
    for (int i = 0; i < kKeys; ++i) {
        for (const quint16 index : ring.owners(Ring::partitionOf(key(i))))
            ++files[ring.members()[index].id];
    }
    return files;
}

int movedFiles(const Ring &from, const Ring &to)
{
    int moved = 0;
    for (int i = 0; i < kKeys; ++i) {
        const int partition = Ring::partitionOf(key(i));
        const QStringList before = ownerIds(from, partition);
        for (const QString &id : ownerIds(to, partition))
            moved += before.contains(id) ? 0 : 1;
    }
    return moved;
}

} // namespace

class TestRing : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void placesWhereItAlwaysHas_data();
    void placesWhereItAlwaysHas();
    void hashesAKeyFromItsHalvesToo();
    void doesNotDependOnTheOrderOfMembers();
    void namesEveryMemberOnce();
    void fewerMembersThanCopies();
    void equalMembersMeetTheFigures_data();
    void equalMembersMeetTheFigures();
    void meetsWeights_data();
    void meetsWeights();
    void givesNoMemberTwoCopies();
    void countsWhatMoves();
};

void TestRing::placesWhereItAlwaysHas_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<int>("partition");
    QTest::addColumn<QStringList>("equal");
    QTest::addColumn<QStringList>("weighted");
    // Vectors: files stored by any version are where these say. When one fails, the code is wrong, not the
    // vector.
    // They were computed by a separate program from the description in ring.h.
    const auto row = [](const char *path, int partition, std::initializer_list<const char *> equal,
                        std::initializer_list<const char *> weighted) {
        const auto list = [](std::initializer_list<const char *> words) {
            QStringList out;
            for (const char *word : words)
                out.append(QString(QLatin1String(word)));
            return out;
        };
        QTest::newRow(path) << QByteArray(path) << partition << list(equal) << list(weighted);
    };
    row("5c1f0d9a-2d6e-4b0e-9f7c-0a4b5f3d7e11/Zm9v/YmFy", 1149, {"charm3", "charm5", "charm1"},
        {"charm1", "charm3", "charm5"});
    row("5c1f0d9a-2d6e-4b0e-9f7c-0a4b5f3d7e11/", 114, {"charm4", "charm2", "charm5"},
        {"charm1", "charm4", "charm5"});
    row("a/b", 2734, {"charm2", "charm1", "charm4"}, {"charm1", "charm2", "charm4"});
    row("00000000-0000-0000-0000-000000000000/kv/x/1", 385, {"charm5", "charm2", "charm4"},
        {"charm5", "charm2", "charm1"});
    row("id/na%C3%AFve%20file", 1878, {"charm3", "charm2", "charm5"}, {"charm1", "charm3", "charm5"});
}

void TestRing::placesWhereItAlwaysHas()
{
    QFETCH(QByteArray, path);
    QFETCH(int, partition);
    QFETCH(QStringList, equal);
    QFETCH(QStringList, weighted);
    QCOMPARE(Ring::partitionOf(path), partition);
    QList<Member> members = charms(5);
    QCOMPARE(ownerIds(Ring(members, kCopies), partition), equal);
    members[0].weight = 1.5;
    members[1].weight = 0.5;
    QCOMPARE(ownerIds(Ring(members, kCopies), partition), weighted);
}

void TestRing::hashesAKeyFromItsHalvesToo()
{
    QCOMPARE(Ring::partitionOf("id", "a/b"), Ring::partitionOf("id/a/b"));
    QCOMPARE(Ring::partitionOf("", ""), Ring::partitionOf("/"));
}

void TestRing::doesNotDependOnTheOrderOfMembers()
{
    QList<Member> members = charms(7);
    members[2].weight = 3;
    const Ring ring(members, kCopies);
    std::ranges::reverse(members);
    const Ring reversed(members, kCopies);
    for (int partition = 0; partition < Ring::kPartitions; ++partition)
        QCOMPARE(ownerIds(reversed, partition), ownerIds(ring, partition));
}

void TestRing::namesEveryMemberOnce()
{
    const Ring ring(charms(6), kCopies);
    for (int partition = 0; partition < Ring::kPartitions; ++partition) {
        const auto order = ring.order(partition);
        QCOMPARE(order.size(), size_t(6));
        QCOMPARE(QSet<quint16>(order.begin(), order.end()).size(), 6);
        QVERIFY(std::ranges::equal(ring.owners(partition), order.first(kCopies)));
    }
}

void TestRing::fewerMembersThanCopies()
{
    const Ring two(charms(2), kCopies);
    QCOMPARE(two.copies(), 2);
    QCOMPARE(two.owners(0).size(), size_t(2));
    QCOMPARE(two.targets(), std::vector<double>({1, 1}));
    QCOMPARE(Ring().copies(), 0);
    QCOMPARE(Ring().members().size(), 0);
}

void TestRing::equalMembersMeetTheFigures_data()
{
    QTest::addColumn<int>("count");
    for (int count = 4; count <= 12; ++count)
        QTest::addRow("%d members", count) << count;
}

void TestRing::equalMembersMeetTheFigures()
{
    QFETCH(int, count);
    const Ring ring(charms(count), kCopies);
    const auto files = filesOf(ring);
    const double mean = double(kKeys) * kCopies / count;
    const double fullest = *std::ranges::max_element(files) / mean;

    const Ring larger(charms(count + 1), kCopies);
    const double least = double(kKeys) * kCopies / (count + 1);
    const double joined = movedFiles(ring, larger) / least;
    const double left = movedFiles(larger, ring) / least;
    qInfo("%2d members: fullest %.3f of the mean; join %.3f, leave %.3f of the least", count, fullest, joined,
          left);
    QVERIFY2(fullest <= 1.05, qPrintable(QString::number(fullest)));
    QVERIFY2(joined <= 1.03, qPrintable(QString::number(joined)));
    QVERIFY2(left <= 1.03, qPrintable(QString::number(left)));
}

void TestRing::meetsWeights_data()
{
    QTest::addColumn<QList<double>>("weights");
    QTest::newRow("one of double size") << QList<double>{1, 1, 1, 1, 2};
    QTest::newRow("one of half size") << QList<double>{1, 1, 1, 1, 0.5};
    QTest::newRow("three kinds") << QList<double>{1, 1.5, 2, 1, 1.5, 2};
    // The smallest should own 614 of the 4096 partitions: uncorrected, chance alone is 3 % there.
    QTest::newRow("one to four") << QList<double>{1, 2, 3, 4, 1, 2, 3, 4};
    QTest::newRow("twelve of two kinds") << QList<double>{1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2};
    QTest::newRow("one too large to fill") << QList<double>{1, 1, 1, 10};
}

void TestRing::meetsWeights()
{
    QFETCH(QList<double>, weights);
    QList<Member> members = charms(static_cast<int>(weights.size()));
    for (qsizetype i = 0; i < weights.size(); ++i)
        members[i].weight = weights[i];
    const Ring ring(members, kCopies);
    const auto files = filesOf(ring);
    double worst = 0;
    for (qsizetype i = 0; i < members.size(); ++i) {
        const double wanted = ring.targets()[static_cast<size_t>(i)] * kKeys;
        worst = std::max(worst, std::abs(files[members[i].id] / wanted - 1));
    }
    qInfo("furthest from its weight: %.1f %%", worst * 100);
    QVERIFY2(worst <= 0.05, qPrintable(QString::number(worst)));
}

void TestRing::givesNoMemberTwoCopies()
{
    QList<Member> members = charms(4);
    members[0].weight = 100;
    const Ring ring(members, kCopies);
    QCOMPARE(ring.targets()[0], 1.0);
    for (size_t i = 1; i < 4; ++i)
        QVERIFY(qFuzzyCompare(ring.targets()[i], 2.0 / 3));
    for (int partition = 0; partition < Ring::kPartitions; ++partition)
        QVERIFY(ownerIds(ring, partition).contains(QStringLiteral("charm1")));
}

void TestRing::countsWhatMoves()
{
    const Ring four(charms(4), kCopies);
    QCOMPARE(movedCopies(four, four), 0);
    const Ring five(charms(5), kCopies);
    QVERIFY(qFuzzyCompare(leastMovedCopies(four, five), Ring::kPartitions * 3 / 5.0));
    QVERIFY(std::abs(movedCopies(four, five) / leastMovedCopies(four, five) - 1) < 0.03);
    QCOMPARE(movedCopies(four, five), movedCopies(five, four));
}

QTEST_APPLESS_MAIN(TestRing)
#include "tst_ring.moc"
