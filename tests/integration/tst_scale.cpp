// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/largering.h"

#include <QElapsedTimer>
#include <QJsonObject>
#include <QTest>

using namespace cring;
using namespace cring::test;

/// A ring that knows a hundred thousand files is as quick as a new one, and fits into a small machine.
class TestScale : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void startsAtOnce();
    void statusIsThereAtOnce();
    void fitsIntoMemory();
    void storesAndListsAsEver();

private:
    static constexpr int Files = 100'000;

    std::unique_ptr<LargeRing> m_large;
    FaultyRing &ring() { return m_large->ring(); }
};

void TestScale::initTestCase()
{
    m_large = std::make_unique<LargeRing>();
    CRING_OK(m_large->start({Files, 0, false}));
}

void TestScale::startsAtOnce()
{
    constexpr int limit = 500;
    // Of some, for the machine may be doing something else.
    auto best = ring().ring().startTook();
    for (int round = 0; round < 2; ++round) {
        QCOMPARE(ring().ring().stop(), 0);
        CRING_OK(ring().restartRing());
        best = std::min(best, ring().ring().startTook());
    }
    qInfo("%lld ms", static_cast<long long>(best.count()));
    QVERIFY2(best.count() < limit, qPrintable(QString::number(best.count())));
}

void TestScale::statusIsThereAtOnce()
{
    constexpr int limit = 50;
    qint64 best = std::numeric_limits<qint64>::max();
    for (int round = 0; round < 5; ++round) {
        QElapsedTimer timer;
        timer.start();
        const auto status = ring().ring().runCommand({QStringLiteral("status"), QStringLiteral("--json")});
        best = std::min(best, timer.elapsed());
        QCOMPARE(status.exitCode, 0);
    }
    qInfo("%lld ms", static_cast<long long>(best));
    QVERIFY2(best < limit, qPrintable(QString::number(best)));
}

void TestScale::fitsIntoMemory()
{
    constexpr qint64 limit = 80 * 1024;
    qInfo("%lld KiB", static_cast<long long>(ring().ring().residentKiB()));
    QVERIFY2(ring().ring().residentKiB() <= limit, qPrintable(QString::number(ring().ring().residentKiB())));
}

void TestScale::storesAndListsAsEver()
{
    QCOMPARE(ring().upload("folder0/new", "new").status, 200);
    QCOMPARE(ring().get("folder0/new").body, "new");
    // What is recorded is listed, whatever the servers have.
    QVERIFY(ring().names("folder0").contains(QStringLiteral("new")));
    QCOMPARE(ring().remove("folder0/new").status, 200);
    QCOMPARE(ring().get("folder0/new").status, 404);
}

QTEST_GUILESS_MAIN(TestScale)
#include "tst_scale.moc"
