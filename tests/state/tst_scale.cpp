// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/database.h"
#include "tests/support/spin.h"

#include <QCryptographicHash>
#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <unistd.h>

using namespace cring;
using namespace cring::state;
using cring::test::spinUntil;

/// A catalogue of a hundred thousand files. Prints what it measures; its limits are ten times what a laptop
/// needs, so that only a change of kind breaks them.
class TestScale : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void writesAHundredThousandRows();
    void opensAndLoadsThem();
    void checksThemAfterAPowerCut();
    void answersALoneChange_data();
    void answersALoneChange();

private:
    static constexpr int kFiles = 100'000;
    static constexpr int kLimit = 60'000;

    std::unique_ptr<Database> opened(const QString &directory);
    static QByteArray keyOf(int file);
    static qint64 residentKiB();
    QString directory() const { return m_folder.filePath(QStringLiteral("state")); }

    SystemClock m_clock;
    SeededRandom m_random{1};
    QTemporaryDir m_folder;
};

void TestScale::initTestCase()
{
    QVERIFY(m_folder.isValid());
}

std::unique_ptr<Database> TestScale::opened(const QString &directory)
{
    auto database = Database::open(directory, m_clock, m_random);
    if (!database.ok()) {
        QTest::qFail(qPrintable(database.error().toString()), __FILE__, __LINE__);
        return Database::inMemory(m_random);
    }
    return std::move(*database);
}

/// As a client makes them: a charm id, and names in hex of what they are enciphered to.
QByteArray TestScale::keyOf(int file)
{
    return "b8a9d1a3-59e0-4d9c-9c2c-0d3c8f0e6a11/" +
           QCryptographicHash::hash(QByteArray::number(file), QCryptographicHash::Sha256).toHex();
}

qint64 TestScale::residentKiB()
{
    QFile file(QStringLiteral("/proc/self/statm"));
    const QList<QByteArray> fields =
        file.open(QIODevice::ReadOnly) ? file.readAll().split(' ') : QList<QByteArray>();
    return fields.value(1).toLongLong() * ::sysconf(_SC_PAGESIZE) / 1024;
}

void TestScale::writesAHundredThousandRows()
{
    constexpr int Turn = 10;
    const auto database = opened(directory());
    const qint64 before = residentKiB();
    QElapsedTimer timer;
    timer.start();
    for (int i = 0; i < kFiles; ++i) {
        database->write([key = keyOf(i), i](Session &session) {
            return session.run(
                QStringLiteral(
                    "INSERT INTO catalogue (key, version, kind, size, digest, mode, changed, holders)"
                    " VALUES (?, ?, 1, ?, ?, 420, ?, ?)"),
                {key, i, i, key.left(16), qint64(1'700'000'000'000) + i, QByteArray("\1\2\3")});
        });
        // What one turn of the loop has written goes into one transaction.
        if (i % Turn == 0)
            QCoreApplication::sendPostedEvents(database.get());
    }
    bool done = false;
    database->flush(Durability::Power, this, [&] { done = true; });
    QVERIFY(spinUntil([&] { return done; }, kLimit));
    const qint64 took = timer.elapsed();
    qInfo("%d changes in %lld ms, %lld/s; %lld KiB more resident; queue and all", kFiles,
          static_cast<long long>(took), static_cast<long long>(kFiles) * 1000 / std::max<qint64>(took, 1),
          static_cast<long long>(residentKiB() - before));
    database->write(&Database::settle);
}

void TestScale::opensAndLoadsThem()
{
    const qint64 before = residentKiB();
    QElapsedTimer timer;
    timer.start();
    const auto database = opened(directory());
    const qint64 open = timer.restart();
    int rows = 0;
    qsizetype bytes = 0;
    QVERIFY(
        database->session()
            .each(QStringLiteral("SELECT key, version, kind, size, digest, mode, tombstone, changed, holders"
                                 " FROM catalogue"),
                  {},
                  [&](const Row &row) {
                      ++rows;
                      bytes += row.blob(0).size() + row.blob(4).size() + row.blob(8).size() +
                               (row.int64(1) + row.int64(2) + row.int64(3) + row.int64(5) + row.int64(7) > 0);
                  })
            .ok());
    const qint64 load = timer.elapsed();
    QCOMPARE(rows, kFiles);
    qInfo("%d rows (%lld KiB on the disk): opened in %lld ms, read in %lld ms, %lld KiB more resident", rows,
          static_cast<long long>(QFileInfo(directory() + QStringLiteral("/state.db")).size() / 1024),
          static_cast<long long>(open), static_cast<long long>(load),
          static_cast<long long>(residentKiB() - before));
    QVERIFY(open < 500);
    QVERIFY(load < 3'000);
    QVERIFY(residentKiB() - before < 40 * 1024);
}

void TestScale::checksThemAfterAPowerCut()
{
    QFile lock(directory() + QStringLiteral("/lock"));
    QVERIFY(lock.open(QIODevice::WriteOnly));
    lock.write("running another-start\n");
    lock.close();
    QElapsedTimer timer;
    timer.start();
    Database::Opened found;
    const auto database = Database::open(directory(), m_clock, m_random, &found);
    const qint64 took = timer.elapsed();
    QVERIFY(database.ok() && found.powerCut && !found.created);
    qInfo("opened after a power cut in %lld ms", static_cast<long long>(took));
    QVERIFY(took < 3'000);
}

void TestScale::answersALoneChange_data()
{
    QTest::addColumn<Durability>("durability");
    QTest::newRow("committed") << Durability::Process;
    QTest::newRow("on the disk") << Durability::Power;
}

void TestScale::answersALoneChange()
{
    QFETCH(Durability, durability);
    // A disk may take 25 ms for each.
    const size_t changes = durability == Durability::Power ? 200 : 2'000;
    const auto database = opened(directory());
    std::vector<qint64> times;
    for (int i = 0; i < static_cast<int>(changes); ++i) {
        bool done = false;
        QElapsedTimer timer;
        timer.start();
        database->write(
            [key = keyOf(i * 97 % kFiles), i](Session &session) {
                return session.run(QStringLiteral("UPDATE catalogue SET version = version + ? WHERE key = ?"),
                                   {i + 1, key});
            },
            durability, this, [&] { done = true; });
        QVERIFY(spinUntil([&] { return done; }, kLimit));
        times.push_back(timer.nsecsElapsed() / 1000);
    }
    std::sort(times.begin(), times.end());
    qInfo("a lone change: median %lld µs, 99 %% in %lld µs, the longest %lld µs",
          static_cast<long long>(times[changes / 2]), static_cast<long long>(times[changes * 99 / 100]),
          static_cast<long long>(times.back()));
    QVERIFY(durability == Durability::Power || times[changes / 2] < 2'000);
}

QTEST_GUILESS_MAIN(TestScale)
#include "tst_scale.moc"
