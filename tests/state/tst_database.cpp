// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/database.h"
#include "tests/support/spin.h"

#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>

using namespace cring;
using namespace cring::state;
using cring::test::spinUntil;

/// Changes, reads and what is called when they are done.
class TestDatabase : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void makesAPrivateDirectory();
    void callsDoneInOrder();

private:
    static constexpr int kLimit = 10'000;

    QString directory() const { return m_folder->filePath(QStringLiteral("state")); }
    std::unique_ptr<Database> opened(Database::Opened *found = nullptr);
    static Database::Change insert(int id);

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
        return session.run(QStringLiteral("INSERT INTO floors (key, value) VALUES (?, ?)"),
                           {QByteArray::number(id), id});
    };
}

void TestDatabase::makesAPrivateDirectory()
{
    Database::Opened found;
    const auto database = opened(&found);
    QVERIFY(found.created);
    QVERIFY(found.setAside.isEmpty());
    QVERIFY(!found.powerCut);
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
    for (int i = 0; i < 2'000; ++i)
        database->write(insert(i), Durability::Process, this, [&order, i] { order.push_back(i); });
    QVERIFY(spinUntil([&] { return order.size() == 2'000; }, kLimit));
    QVERIFY(std::is_sorted(order.begin(), order.end()));
    QCOMPARE(database->pending(), 0);
}

QTEST_GUILESS_MAIN(TestDatabase)
#include "tst_database.moc"
