// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/database.h"
#include "tests/support/spin.h"

#include <QDir>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace cring;
using namespace cring::state;
using cring::test::spinUntil;

/// A state directory that goes away under a running service: SQLite goes on without an error, in files that
/// have no names any more.
class TestLostDirectory : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void commitsNothingUntilItIsBack();
    void noticesWithoutAnythingToWrite_data();
    void noticesWithoutAnythingToWrite();

private:
    static constexpr int kLimit = 10'000;

    QString directory() const { return m_folder->filePath(QStringLiteral("state")); }
    QString elsewhere() const { return m_folder->filePath(QStringLiteral("elsewhere")); }

    SystemClock m_clock;
    SeededRandom m_random{1};
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Database> m_database;
};

void TestLostDirectory::init()
{
    m_database.reset();
    m_folder = std::make_unique<QTemporaryDir>();
    auto opened = Database::open(directory(), m_clock, m_random);
    QVERIFY2(opened.ok(), opened.ok() ? "" : qPrintable(opened.error().toString()));
    m_database = std::move(*opened);
}

void TestLostDirectory::commitsNothingUntilItIsBack()
{
    int done = 0;
    QString problem;
    const auto write = [&](Durability durability) {
        m_database->write(
            [](Session &session) { return session.run(QStringLiteral("INSERT INTO jobs DEFAULT VALUES")); },
            durability, this, [&] { ++done; }, [&](const QString &words) { problem = words; });
    };
    write(Durability::Power);
    QVERIFY(spinUntil([&] { return done == 1; }, kLimit));
    QVERIFY(QDir().rename(directory(), elsewhere()));
    for (const auto durability : {Durability::Process, Durability::Power}) {
        problem.clear();
        write(durability);
        QVERIFY(spinUntil([&] { return !problem.isEmpty(); }, kLimit));
        QVERIFY2(problem.contains(directory()) && problem.contains(QStringLiteral("deleted or replaced")),
                 qPrintable(problem));
    }
    // A new one of the same name is not it.
    QVERIFY(QDir().mkpath(directory()));
    QVERIFY(QFile::copy(elsewhere() + QStringLiteral("/lock"), directory() + QStringLiteral("/lock")));
    QCOMPARE(done, 1);
    QVERIFY(QDir(directory()).removeRecursively());
    QVERIFY(QDir().rename(elsewhere(), directory()));
    QVERIFY(spinUntil([&] { return m_database->pending() == 0; }, kLimit));
    QVERIFY(m_database->problem().isEmpty());
    qint64 rows = 0;
    bool counted = false;
    m_database->read(
        [&](Session &session) {
            (void)session.each(QStringLiteral("SELECT count(*) FROM jobs"), {},
                               [&](const Row &row) { rows = row.int64(0); });
        },
        this, [&] { counted = true; });
    QVERIFY(spinUntil([&] { return counted; }, kLimit));
    QCOMPARE(rows, 3);
}

void TestLostDirectory::noticesWithoutAnythingToWrite_data()
{
    QTest::addColumn<QString>("removed");
    QTest::newRow("the directory") << QString();
    QTest::newRow("the database alone") << QStringLiteral("/state.db");
}

void TestLostDirectory::noticesWithoutAnythingToWrite()
{
    QFETCH(QString, removed);
    m_database->write([](Session &) { return Status(); });
    QVERIFY(spinUntil([&] { return m_database->pending() == 0; }, kLimit));
    const QSignalSpy changes(m_database.get(), &Database::problemChanged);
    QVERIFY(removed.isEmpty() ? QDir(directory()).removeRecursively() : QFile::remove(directory() + removed));
    QVERIFY(spinUntil([&] { return changes.size() == 1; }, kLimit));
    QVERIFY2(m_database->problem().contains(directory()), qPrintable(m_database->problem()));
    // The end is not held up, and nothing is made where it was.
    m_database->close();
    QVERIFY(!QFile::exists(directory() + QStringLiteral("/state.db")));
}

QTEST_GUILESS_MAIN(TestLostDirectory)
#include "tst_lostdirectory.moc"
