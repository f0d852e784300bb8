// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/database.h"
#include "tests/support/smalldisk.h"
#include "tests/support/spin.h"

#include <QSignalSpy>
#include <QTest>

using namespace cring;
using namespace cring::state;
using cring::test::SmallDisk;
using cring::test::spinUntil;

/// A disk without room.
class TestFullDisk : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void keepsWhatWaitsUntilThereIsRoom();
    void tellsThoseThatCannotWait();
    void readsWhatIsRecordedMeanwhile();
    void endsWithoutRoomAndLosesNothingThatWasDone();
    void saysThatItCannotBegin();

private:
    static constexpr qint64 kDisk = 8'000'000;
    static constexpr int kLimit = 30'000;

    QString directory() const { return m_disk->path() + QStringLiteral("/state"); }
    Result<std::unique_ptr<Database>> open(Database::Opened *found = nullptr)
    {
        return Database::open(directory(), m_clock, m_random, found);
    }
    void write(Database &database, int count);

    SystemClock m_clock;
    SeededRandom m_random{1};
    std::unique_ptr<SmallDisk> m_disk;
    QList<int> m_done;
    int m_next = 0;
    std::atomic<int> m_runs = 0;
};

void TestFullDisk::init()
{
    m_disk = std::make_unique<SmallDisk>(kDisk);
    QVERIFY2(m_disk->made().ok(), m_disk->made().ok() ? "" : qPrintable(m_disk->made().error().toString()));
    m_done.clear();
    m_next = 0;
    m_runs = 0;
}

void TestFullDisk::write(Database &database, int count)
{
    for (int i = 0; i < count; ++i) {
        const int id = ++m_next;
        database.write(
            [id, this](Session &session) {
                ++m_runs;
                return session.run(QStringLiteral("INSERT INTO jobs (id, cursor) VALUES (?, zeroblob(1000))"),
                                   {id});
            },
            Durability::Process, this, [id, this] { m_done << id; });
    }
}

void TestFullDisk::keepsWhatWaitsUntilThereIsRoom()
{
    constexpr int Before = 100;
    constexpr int After = 1'000;
    auto database = open();
    QVERIFY2(database.ok(), database.ok() ? "" : qPrintable(database.error().toString()));
    QSignalSpy changes(database->get(), &Database::problemChanged);
    write(**database, Before);
    QVERIFY(spinUntil([&] { return m_done.size() == Before; }, kLimit));

    m_disk->fill();
    write(**database, After);
    QVERIFY(spinUntil([&] { return !(*database)->problem().isEmpty(); }, kLimit));
    QVERIFY2((*database)->problem().contains(QStringLiteral("disk is full")),
             qPrintable((*database)->problem()));
    // What found room behind the earlier rows may be done.
    const auto room = m_done.size() - Before;
    QCOMPARE((*database)->pending(), After - room);
    const int runs = m_runs;
    QVERIFY(spinUntil([&] { return m_runs > runs; }, kLimit)); // It tries again.

    m_disk->release();
    QVERIFY(spinUntil([&] { return (*database)->pending() == 0; }, kLimit));
    QVERIFY((*database)->problem().isEmpty());
    QCOMPARE(changes.count(), 2);
    QCOMPARE(m_done.size(), Before + After);
    QVERIFY(std::is_sorted(m_done.begin(), m_done.end()));
}

void TestFullDisk::tellsThoseThatCannotWait()
{
    auto database = open();
    QVERIFY2(database.ok(), database.ok() ? "" : qPrintable(database.error().toString()));
    QStringList told;
    int done = 0;
    const auto flush = [&] {
        (*database)->flush(
            Durability::Power, this, [&] { ++done; }, [&](const QString &problem) { told << problem; });
    };
    flush();
    QVERIFY(spinUntil([&] { return done == 1; }, kLimit));
    QVERIFY(told.isEmpty());
    m_disk->fill();
    write(**database, 1'000);
    flush();
    QVERIFY(spinUntil([&] { return told.size() == 1; }, kLimit));
    QVERIFY2(told.first().contains(QStringLiteral("disk is full")), qPrintable(told.first()));
    // Who comes while it is full hears of it, too.
    flush();
    QVERIFY(spinUntil([&] { return told.size() == 2; }, kLimit));
    QCOMPARE(done, 1);
    m_disk->release();
    QVERIFY(spinUntil([&] { return (*database)->pending() == 0; }, kLimit));
    QCOMPARE(m_done.size(), 1'000);
    QCOMPARE(done, 1);
}

void TestFullDisk::readsWhatIsRecordedMeanwhile()
{
    auto database = open();
    QVERIFY(database.ok());
    write(**database, 10);
    QVERIFY(spinUntil([&] { return m_done.size() == 10; }, kLimit));
    m_disk->fill();
    write(**database, 2'000);
    QVERIFY(spinUntil([&] { return !(*database)->problem().isEmpty(); }, kLimit));
    const auto recorded = m_done.size();
    qint64 rows = 0;
    bool read = false;
    (*database)->read(
        [&](Session &session) {
            (void)session.each(QStringLiteral("SELECT count(*) FROM jobs"), {},
                               [&](const Row &row) { rows = row.int64(0); });
        },
        this, [&] { read = true; });
    QVERIFY(spinUntil([&] { return read; }, kLimit));
    QCOMPARE(rows, recorded);
    QVERIFY(!(*database)->problem().isEmpty());
}

void TestFullDisk::endsWithoutRoomAndLosesNothingThatWasDone()
{
    constexpr int Patience = 8'000;
    {
        auto database = open();
        QVERIFY(database.ok());
        write(**database, 50);
        QVERIFY(spinUntil([&] { return m_done.size() == 50; }, kLimit));
        m_disk->fill();
        write(**database, 2'000);
        QElapsedTimer timer;
        timer.start();
        (*database)->close();
        QVERIFY2(timer.elapsed() < Patience, qPrintable(QString::number(timer.elapsed())));
        QVERIFY((*database)->pending() > 0);
    }
    m_disk->release();
    Database::Opened found;
    auto database = open(&found);
    QVERIFY2(database.ok(), database.ok() ? "" : qPrintable(database.error().toString()));
    QVERIFY2(!found.closed, "an end that lost something is no clean one");
    QList<int> there;
    QVERIFY((*database)
                ->session()
                .each(QStringLiteral("SELECT id FROM jobs ORDER BY id"), {},
                      [&](const Row &row) { there << static_cast<int>(row.int64(0)); })
                .ok());
    QCOMPARE(there, m_done);
}

void TestFullDisk::saysThatItCannotBegin()
{
    m_disk->fill();
    const auto refused = open();
    QVERIFY(!refused.ok());
    QVERIFY2(refused.error().detail.contains(QStringLiteral("full")) ||
                 refused.error().detail.contains(QStringLiteral("No space")),
             qPrintable(refused.error().toString()));
    m_disk->release();
    const auto database = open();
    QVERIFY2(database.ok(), database.ok() ? "" : qPrintable(database.error().toString()));
}

QTEST_GUILESS_MAIN(TestFullDisk)
#include "tst_fulldisk.moc"
