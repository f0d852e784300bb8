// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/database.h"
#include "tests/state/writerprocess.h"
#include "tests/support/powercut.h"
#include "tests/support/spin.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

using namespace cring;
using namespace cring::state;
using cring::test::PowerCut;
using cring::test::spinUntil;
using cring::test::WriterProcess;

/// A process that writes, and is killed, or loses its power.
class TestCrash : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void keepsWhatWasDoneWhenItIsKilled();
    void keepsWhatIsOnTheDiskThroughAPowerCut_data();
    void keepsWhatIsOnTheDiskThroughAPowerCut();
    void powerCutTakesWhatWasNotSynced();
    void syncsOnlyForWhatAsksForIt();
    void syncsTheRestWithinASecond();
    void syncsAChangeThatChangesNothing();
    void tellsAPowerCutFromADeath();

private:
    struct Found
    {
        qint64 rows = 0;
        qint64 highest = 0;
        qint64 noted = 0; ///< What the change of the last row noted as the highest.
        Database::Opened opened;
    };

    QString directory() const { return m_folder->filePath(QStringLiteral("state")); }
    Found look();

    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestCrash::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(QDir().mkdir(directory()));
}

TestCrash::Found TestCrash::look()
{
    Found found;
    const SystemClock clock;
    SystemRandom random;
    auto database = Database::open(directory(), clock, random, &found.opened);
    if (!database.ok()) {
        QTest::qFail(qPrintable(database.error().toString()), __FILE__, __LINE__);
        return found;
    }
    Session &session = (*database)->session();
    Status read =
        session.each(QStringLiteral("SELECT count(*), max(seq) FROM events"), {}, [&](const Row &row) {
            found.rows = row.int64(0);
            found.highest = row.int64(1);
        });
    if (read.ok())
        read = session.each(QStringLiteral("SELECT value FROM floors"), {},
                            [&](const Row &row) { found.noted = row.int64(0); });
    if (!read.ok())
        QTest::qFail(qPrintable(read.error().toString()), __FILE__, __LINE__);
    return found;
}

void TestCrash::keepsWhatWasDoneWhenItIsKilled()
{
    constexpr int Rounds = 30;
    const quint64 seed = SystemRandom().next();
    qInfo("seed %llu", static_cast<unsigned long long>(seed));
    SeededRandom random(seed);
    for (int round = 0; round < Rounds; ++round) {
        WriterProcess writer;
        writer.begin({QStringLiteral("stream"), directory(), QString::number(random.next())});
        // Its first lines, too: it may die while it opens.
        QVERIFY(writer.waitForLines(static_cast<qsizetype>(random.below(2'000))));
        writer.kill9();
        const Found found = look();
        QVERIFY2(
            found.highest >= writer.highest(false),
            qPrintable(
                QStringLiteral("%1 was done, %2 is there").arg(writer.highest(false)).arg(found.highest)));
        QCOMPARE(found.rows, found.highest);
        QCOMPARE(found.noted, found.highest);
        QVERIFY(found.opened.setAside.isEmpty());
        QVERIFY(!found.opened.powerCut);
    }
}

void TestCrash::keepsWhatIsOnTheDiskThroughAPowerCut_data()
{
    QTest::addColumn<PowerCut::Keep>("keep");
    QTest::newRow("nothing unsynced is left") << PowerCut::Keep::Nothing;
    QTest::newRow("sectors are left") << PowerCut::Keep::Some;
}

void TestCrash::keepsWhatIsOnTheDiskThroughAPowerCut()
{
    constexpr int Rounds = 15;
    QFETCH(PowerCut::Keep, keep);
    const quint64 seed = SystemRandom().next();
    qInfo("seed %llu", static_cast<unsigned long long>(seed));
    SeededRandom random(seed);
    PowerCut power(directory(), seed);
    for (int round = 0; round < Rounds; ++round) {
        QVERIFY(power.prepare().ok());
        WriterProcess writer;
        writer.setProcessEnvironment(power.environment());
        writer.begin({QStringLiteral("stream"), directory(), QString::number(random.next())});
        QVERIFY(writer.waitForLines(static_cast<qsizetype>(random.below(2'000))));
        writer.kill9();
        const Status cut = power.cut(keep);
        QVERIFY2(cut.ok(), cut.ok() ? "" : qPrintable(cut.error().toString()));
        const Found found = look();
        QVERIFY2(found.highest >= writer.highest(true),
                 qPrintable(QStringLiteral("%1 was on the disk, %2 is there")
                                .arg(writer.highest(true))
                                .arg(found.highest)));
        QCOMPARE(found.rows, found.highest);
        QCOMPARE(found.noted, found.highest);
        QVERIFY2(found.opened.setAside.isEmpty(), qPrintable(found.opened.problem));
        QVERIFY(found.opened.powerCut || writer.lines().isEmpty());
    }
}

/// Else the test before would prove nothing.
void TestCrash::powerCutTakesWhatWasNotSynced()
{
    PowerCut power(directory());
    QVERIFY(power.prepare().ok());
    WriterProcess writer;
    writer.setProcessEnvironment(power.environment());
    writer.begin({QStringLiteral("lone"), directory(), QStringLiteral("100"), QStringLiteral("d")});
    QVERIFY(writer.waitForLine("end"));
    writer.kill9();
    QCOMPARE(writer.highest(false), 100);
    QVERIFY(power.cut(PowerCut::Keep::Nothing).ok());
    QCOMPARE(look().highest, 0);
}

void TestCrash::syncsOnlyForWhatAsksForIt()
{
    constexpr int Changes = 50;
    for (const bool onDisk : {false, true}) {
        PowerCut power(directory());
        QVERIFY(power.prepare().ok());
        WriterProcess writer;
        writer.setProcessEnvironment(power.environment());
        writer.begin({QStringLiteral("lone"), directory(), QString::number(Changes),
                      onDisk ? QStringLiteral("p") : QStringLiteral("d")});
        QVERIFY(writer.waitForLine("open"));
        QVERIFY(writer.waitForLine("end"));
        const auto logs = power.syncs().count(QStringLiteral("state.db-wal"));
        if (onDisk)
            QVERIFY2(logs >= Changes, qPrintable(QString::number(logs)));
        else
            QVERIFY2(logs < 3, qPrintable(power.syncs().join(u' ')));
        writer.kill9();
    }
}

void TestCrash::syncsTheRestWithinASecond()
{
    constexpr int Limit = 5'000;
    PowerCut power(directory());
    QVERIFY(power.prepare().ok());
    WriterProcess writer;
    writer.setProcessEnvironment(power.environment());
    writer.begin({QStringLiteral("lone"), directory(), QStringLiteral("100"), QStringLiteral("d")});
    QVERIFY(writer.waitForLine("open"));
    const auto logs = [&] {
        return power.syncs().count(QStringLiteral("state.db-wal"));
    };
    const auto before = logs();
    QVERIFY(writer.waitForLine("end"));
    QVERIFY(spinUntil([&] { return logs() > before; }, Limit));
    writer.kill9();
    QVERIFY(power.cut(PowerCut::Keep::Nothing).ok());
    QCOMPARE(look().highest, 100);
}

/// What it asks for may have been committed before, and not be on the disk.
void TestCrash::syncsAChangeThatChangesNothing()
{
    PowerCut power(directory());
    QVERIFY(power.prepare().ok());
    WriterProcess writer;
    writer.setProcessEnvironment(power.environment());
    writer.begin({QStringLiteral("again"), directory()});
    QVERIFY(writer.waitForLine("end"));
    writer.kill9();
    QVERIFY(power.cut(PowerCut::Keep::Nothing).ok());
    QCOMPARE(look().noted, 7);
}

void TestCrash::tellsAPowerCutFromADeath()
{
    PowerCut power(directory());
    const auto run = [&](bool ends) {
        WriterProcess writer;
        writer.setProcessEnvironment(power.environment());
        writer.begin({ends ? QStringLiteral("try") : QStringLiteral("hold"), directory()});
        const bool opened = writer.waitForLine("open");
        if (ends && opened)
            writer.waitForFinished();
        writer.kill9();
        return opened ? writer.lines().constFirst() : QByteArray();
    };
    QVERIFY(power.prepare().ok());
    QCOMPARE(run(false), "open created"); // And killed.
    QCOMPARE(run(true), "open created");
    QVERIFY(power.cut(PowerCut::Keep::Nothing).ok());
    QCOMPARE(run(false), "open created"); // It had closed, whatever happened to the machine then.
    QVERIFY(power.cut(PowerCut::Keep::Nothing).ok());
    QCOMPARE(run(true), "open created powercut");
    // Nobody has done anything about it.
    QCOMPARE(run(true), "open created powercut");
}

QTEST_GUILESS_MAIN(TestCrash)
#include "tst_crash.moc"
