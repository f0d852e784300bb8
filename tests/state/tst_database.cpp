// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/database.h"
#include "tests/support/spin.h"

#include <QEvent>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QtEndian>

#include <future>

using namespace cring;
using namespace cring::state;
using cring::test::spinUntil;

namespace {

/// How many messages the loop brings to an object.
class Messages : public QObject
{
public:
    explicit Messages(QObject &object) { object.installEventFilter(this); }

    bool eventFilter(QObject *, QEvent *event) override
    {
        count += event->type() == QEvent::MetaCall ? 1 : 0;
        return false;
    }

    int count = 0;
};

/// Holds the worker up until it is told to go on, so that a test decides what waits together.
class Gate
{
public:
    explicit Gate(Database &database)
    {
        database.write([open = m_open.get_future().share()](Session &) {
            open.wait();
            return Status();
        });
    }

    ~Gate() { m_open.set_value(); }

private:
    std::promise<void> m_open;
};

} // namespace

/// Changes, reads, and what is called when they are done.
class TestDatabase : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void makesAPrivateDirectory();
    void callsDoneInOrder();
    void commitsALoneChangeAtOnce();
    void commitsWhatWaitsTogetherWithOneMessage();
    void boundsATransaction();
    void commitsATurnTogether();
    void callsNobodyWhoHasDied();
    void readsAfterWhatWasWrittenBefore();
    void flushesWhatWasWrittenBefore_data();
    void flushesWhatWasWrittenBefore();
    void leavesOutWhatCanNeverBeRecorded();
    void commitsEverythingWhenItCloses();
    void copiesTheLogBackWhenItGrows();
    void tellsOfItsBeginningUntilSomethingCameOfIt();
    void tellsOfAPowerCutUntilItWasNoticed();
    void tellsOfForeignFoldersUntilTheyAreClaimed();
    void worksInMemory();

private:
    static constexpr int kLimit = 10'000;

    QString directory() const { return m_folder->filePath(QStringLiteral("state")); }
    std::unique_ptr<Database> opened(Database::Opened *found = nullptr);
    static Database::Change insert(int id);
    static QList<int> ids(Session &session);
    int commitsInTheLog() const;

    SystemClock m_clock;
    SeededRandom m_random{1};
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestDatabase::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

std::unique_ptr<Database> TestDatabase::opened(Database::Opened *found)
{
    auto database = Database::open(directory(), m_clock, m_random, found);
    if (!database.ok()) {
        QTest::qFail(qPrintable(database.error().toString()), __FILE__, __LINE__);
        return Database::inMemory(m_random);
    }
    return std::move(*database);
}

Database::Change TestDatabase::insert(int id)
{
    return [id](Session &session) {
        return session.run(QStringLiteral("INSERT INTO jobs (id) VALUES (?)"), {id});
    };
}

QList<int> TestDatabase::ids(Session &session)
{
    QList<int> found;
    (void)session.each(QStringLiteral("SELECT id FROM jobs ORDER BY id"), {},
                       [&](const Row &row) { found << static_cast<int>(row.int64(0)); });
    return found;
}

/// Each transaction ends with a frame that says how large the database is then.
int TestDatabase::commitsInTheLog() const
{
    constexpr qsizetype Header = 32;
    constexpr qsizetype Frame = 24 + 4096;
    QFile file(directory() + QStringLiteral("/state.db-wal"));
    const QByteArray log = file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    int commits = 0;
    for (qsizetype at = Header; at + Frame <= log.size(); at += Frame)
        commits += qFromBigEndian<quint32>(log.constData() + at + 4) != 0 ? 1 : 0;
    return commits;
}

void TestDatabase::makesAPrivateDirectory()
{
    const auto database = opened();
    const auto others = QFile::ReadGroup | QFile::WriteGroup | QFile::ExeGroup | QFile::ReadOther |
                        QFile::WriteOther | QFile::ExeOther;
    for (const char *name : {"", "/state.db", "/state.db-wal", "/state.db-shm", "/lock"}) {
        const QString path = directory() + QLatin1String(name);
        QVERIFY2(QFile::exists(path), qPrintable(path));
        QVERIFY2(!(QFile::permissions(path) & others), qPrintable(path));
    }
}

void TestDatabase::callsDoneInOrder()
{
    const auto database = opened();
    std::vector<int> order;
    for (int i = 0; i < 2'000; ++i) {
        const Durability durability = i % 100 == 0 ? Durability::Power : Durability::Process;
        database->write(insert(i), durability, this, [&order, i] { order.push_back(i); });
    }
    QCOMPARE(database->pending(), 2'000);
    QVERIFY(order.empty());
    QVERIFY(spinUntil([&] { return order.size() == 2'000; }, kLimit));
    QVERIFY(std::is_sorted(order.begin(), order.end()));
    QCOMPARE(database->pending(), 0);
}

void TestDatabase::commitsALoneChangeAtOnce()
{
    const auto database = opened();
    const int before = commitsInTheLog();
    for (int i = 0; i < 20; ++i) {
        bool done = false;
        database->write(insert(i), Durability::Process, this, [&] { done = true; });
        QVERIFY(spinUntil([&] { return done; }, kLimit));
        QCOMPARE(commitsInTheLog(), before + i + 1);
    }
}

void TestDatabase::commitsWhatWaitsTogetherWithOneMessage()
{
    constexpr int Changes = 300;
    const auto database = opened();
    const int before = commitsInTheLog();
    Messages messages(*database);
    int done = 0;
    {
        const Gate gate(*database);
        for (int i = 0; i < Changes; ++i)
            database->write(insert(i), Durability::Process, this, [&] { ++done; });
    }
    QVERIFY(spinUntil([&] { return done == Changes; }, kLimit));
    // The gate stands in a transaction alone, which changes nothing, or with some of the others.
    QVERIFY2(commitsInTheLog() - before <= 2, qPrintable(QString::number(commitsInTheLog() - before)));
    QVERIFY2(messages.count <= 2, qPrintable(QString::number(messages.count)));
}

void TestDatabase::boundsATransaction()
{
    constexpr int Changes = 2'000;
    const auto database = opened();
    const int before = commitsInTheLog();
    int done = 0;
    std::promise<void> worked;
    {
        const Gate gate(*database);
        for (int i = 0; i < Changes; ++i) {
            database->write(insert(i), Durability::Process, this, [&] { ++done; });
            QCoreApplication::processEvents(); // each in a turn of its own
        }
        database->read([&](Session &) { worked.set_value(); }, nullptr, {});
    }
    // The loop stands still meanwhile: it is told of all of them at once.
    worked.get_future().wait();
    Messages messages(*database);
    QVERIFY(spinUntil([&] { return done == Changes; }, kLimit));
    QVERIFY2(messages.count <= 2, qPrintable(QString::number(messages.count)));
    const int commits = commitsInTheLog() - before;
    QVERIFY2(commits >= 3 && commits <= 8, qPrintable(QString::number(commits)));
}

/// However many there are: half a decision is none.
void TestDatabase::commitsATurnTogether()
{
    constexpr int Changes = 2'000;
    const auto database = opened();
    QCoreApplication::processEvents();
    const int before = commitsInTheLog();
    int done = 0;
    for (int i = 0; i < Changes; ++i)
        database->write(insert(i), Durability::Process, this, [&] { ++done; });
    QVERIFY(spinUntil([&] { return done == Changes; }, kLimit));
    QCOMPARE(commitsInTheLog() - before, 1);
}

void TestDatabase::callsNobodyWhoHasDied()
{
    const auto database = opened();
    auto context = std::make_unique<QObject>();
    bool called = false;
    bool done = false;
    database->write(insert(1), Durability::Process, context.get(), [&] { called = true; });
    context.reset();
    database->write(insert(2), Durability::Process, nullptr, [&] { done = true; });
    QVERIFY(spinUntil([&] { return done; }, kLimit));
    QVERIFY(!called);
}

void TestDatabase::readsAfterWhatWasWrittenBefore()
{
    const auto database = opened();
    QList<QList<int>> seen(3);
    QList<int> order;
    QThread *thread = nullptr;
    for (int i = 0; i < 3; ++i) {
        database->write(insert(i), Durability::Process, this, [&order, i] { order << i; });
        database->read(
            [&, i](Session &session) {
                seen[i] = ids(session);
                thread = QThread::currentThread();
            },
            this, [&order, i] { order << 10 + i; });
    }
    QVERIFY(spinUntil([&] { return order.size() == 6; }, kLimit));
    QCOMPARE(seen, (QList<QList<int>>{{0}, {0, 1}, {0, 1, 2}}));
    QCOMPARE(order, (QList<int>{0, 10, 1, 11, 2, 12}));
    QVERIFY(thread != QThread::currentThread());
}

void TestDatabase::flushesWhatWasWrittenBefore_data()
{
    QTest::addColumn<Durability>("durability");
    QTest::newRow("against the process's death") << Durability::Process;
    QTest::newRow("against a power cut") << Durability::Power;
}

void TestDatabase::flushesWhatWasWrittenBefore()
{
    QFETCH(Durability, durability);
    const auto database = opened();
    int before = 0;
    int done = 0;
    for (int i = 0; i < 1'500; ++i)
        database->write(insert(i), Durability::Process, this, [&] { ++done; });
    bool flushed = false;
    database->flush(durability, this, [&] {
        flushed = true;
        before = done;
    });
    QVERIFY(spinUntil([&] { return flushed; }, kLimit));
    QCOMPARE(before, 1'500);
}

void TestDatabase::leavesOutWhatCanNeverBeRecorded()
{
    const auto database = opened();
    const QSignalSpy refusals(database.get(), &Database::changeRefused);
    QStringList done;
    const auto note = [&](const char *word) {
        return [&done, word] {
            done << QLatin1String(word);
        };
    };
    {
        const Gate gate(*database);
        database->write(insert(1), Durability::Process, this, note("first"));
        // Its first half must go with it.
        database->write(
            [](Session &session) {
                Status status = insert(2)(session);
                return status.ok() ? insert(1)(session) : status;
            },
            Durability::Process, this, note("twice"));
        database->write(
            [](Session &) {
                return Error{Code::NotFound, QStringLiteral("of its own")};
            },
            Durability::Process, this, note("own"));
        database->write(insert(3), Durability::Process, this, note("last"));
    }
    QVERIFY(spinUntil([&] { return done.contains(QStringLiteral("last")); }, kLimit));
    QCOMPARE(done, (QStringList{QStringLiteral("first"), QStringLiteral("last")}));
    QCOMPARE(refusals.count(), 2);
    QVERIFY(refusals.at(0).at(0).toString().contains(QStringLiteral("could not be recorded")));
    QVERIFY(database->problem().isEmpty());
    QCOMPARE(database->pending(), 0);
    bool read = false;
    QList<int> there;
    database->read([&](Session &session) { there = ids(session); }, this, [&] { read = true; });
    QVERIFY(spinUntil([&] { return read; }, kLimit));
    QCOMPARE(there, (QList<int>{1, 3}));
}

void TestDatabase::commitsEverythingWhenItCloses()
{
    {
        const auto database = opened();
        int done = 0;
        for (int i = 0; i < 3'000; ++i)
            database->write(insert(i), Durability::Process, this, [&] { ++done; });
        database->close();
        QCOMPARE(done, 3'000);
        QCOMPARE(database->pending(), 0);
    }
    // Copied back, and its other files gone.
    QVERIFY(!QFile::exists(directory() + QStringLiteral("/state.db-wal")));
    Database::Opened found;
    const auto database = opened(&found);
    QVERIFY(!found.powerCut);
    QCOMPARE(ids(database->session()).size(), 3'000);
}

void TestDatabase::copiesTheLogBackWhenItGrows()
{
    const auto database = opened();
    const QString log = directory() + QStringLiteral("/state.db-wal");
    qint64 largest = 0;
    for (int round = 0; round < 20; ++round) {
        bool done = false;
        for (int i = 0; i < 1'000; ++i)
            database->write([](Session &session) {
                return session.run(QStringLiteral("INSERT INTO jobs (cursor) VALUES (zeroblob(1000))"));
            });
        database->flush(Durability::Process, this, [&] { done = true; });
        QVERIFY(spinUntil([&] { return done; }, kLimit));
        largest = std::max(largest, QFileInfo(log).size());
    }
    // 20 MB went through it.
    QVERIFY2(largest < 12'000'000, qPrintable(QString::number(largest)));
}

void TestDatabase::tellsOfItsBeginningUntilSomethingCameOfIt()
{
    Database::Opened found;
    opened(&found)->close();
    QVERIFY(found.created);
    {
        const auto database = opened(&found);
        QVERIFY(found.created);
        database->write(&Database::settle);
    }
    opened(&found)->close();
    QVERIFY(!found.created);
}

void TestDatabase::tellsOfAPowerCutUntilItWasNoticed()
{
    opened()->close();
    const auto cutPower = [this] {
        QFile lock(directory() + QStringLiteral("/lock"));
        return lock.open(QIODevice::WriteOnly | QIODevice::Truncate) &&
               lock.write("running another-start\n") > 0;
    };
    QVERIFY(cutPower());
    for (const bool noticed : {false, true}) {
        Database::Opened found;
        const auto database = opened(&found);
        QVERIFY(found.powerCut);
        QCOMPARE(found.powerCutAt, 0ULL);
        if (noticed)
            database->noticePowerCut(7);
    }
    for (int start = 0; start < 2; ++start) {
        Database::Opened found;
        const auto database = opened(&found);
        QVERIFY(!found.powerCut);
        QCOMPARE(found.powerCutAt, 7ULL);
    }
    // Another one before that was over.
    QVERIFY(cutPower());
    Database::Opened found;
    {
        const auto database = opened(&found);
        QVERIFY(found.powerCut);
        QCOMPARE(found.powerCutAt, 0ULL);
        database->write([](Session &session) { return Database::settle(session); }, Durability::Process);
    }
    const auto database = opened(&found);
    QVERIFY(!found.powerCut);
    QCOMPARE(found.powerCutAt, 0ULL);
}

void TestDatabase::tellsOfForeignFoldersUntilTheyAreClaimed()
{
    Database::Opened found;
    for (int start = 0; start < 2; ++start) {
        const auto database = opened(&found);
        QVERIFY(found.unclaimed);
        if (start == 1)
            QVERIFY(database->claimed().ok());
    }
    const auto database = opened(&found);
    QVERIFY(!found.unclaimed);
    QVERIFY(found.created);
}

void TestDatabase::worksInMemory()
{
    const auto one = Database::inMemory(m_random);
    const auto two = Database::inMemory(m_random);
    QVERIFY(one->digestSeed() != two->digestSeed());
    QList<int> there{7};
    bool done = false;
    one->write(insert(1), Durability::Power);
    two->read([&](Session &session) { there = ids(session); }, this, [&] { done = true; });
    QVERIFY(spinUntil([&] { return done; }, kLimit));
    QVERIFY(there.isEmpty());
    done = false;
    one->read([&](Session &session) { there = ids(session); }, this, [&] { done = true; });
    QVERIFY(spinUntil([&] { return done; }, kLimit));
    QCOMPARE(there, QList<int>{1});
}

QTEST_GUILESS_MAIN(TestDatabase)
#include "tst_database.moc"
