// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/database.h"
#include "tests/support/spin.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

using namespace cring;
using namespace cring::state;
using cring::test::spinUntil;

/// A state directory that is not what it was.
class TestDamage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void setsADamagedFileAside_data();
    void setsADamagedFileAside();
    void setsASpoiltLogAside_data();
    void setsASpoiltLogAside();
    void keepsWhatIsSoundAfterADeath_data();
    void keepsWhatIsSoundAfterADeath();
    void findsDamageThatOnlyLoadingMeets();
    void saysWhatTheWorkerMeets();
    void checksEveryPageAfterAPowerCut();
    void leavesANewerDatabaseAsItIs();
    void makesANewSeedWhenTheStateIsLost();

private:
    static constexpr int kRows = 5'000;
    static constexpr int kLimit = 10'000;
    static constexpr qint64 kPage = 4096;

    QString directory() const { return m_folder->filePath(QStringLiteral("state")); }
    QString path(const char *name) const { return directory() + u'/' + QLatin1String(name); }
    Result<std::unique_ptr<Database>> open(Database::Opened *found = nullptr)
    {
        return Database::open(directory(), m_clock, m_random, found);
    }
    void fill(Database &database, int rows);
    bool fillAndClose();
    bool fillAndDie();
    static int rowsIn(Session &session);
    static void overwrite(const QString &path, qint64 at, const QByteArray &bytes);
    /// The number of the page at which the table's tree begins.
    qint64 rootPage(const char *table);

    SystemClock m_clock;
    SeededRandom m_random{1};
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestDamage::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

void TestDamage::fill(Database &database, int rows)
{
    bool done = false;
    for (int i = 0; i < rows; ++i) {
        database.write([i](Session &session) {
            return session.run(QStringLiteral("INSERT INTO catalogue (key, digest) VALUES (?, ?)"),
                               {QByteArray("key") + QByteArray::number(i), QByteArray(100, 'd')});
        });
    }
    database.flush(Durability::Process, this, [&] { done = true; });
    QVERIFY(spinUntil([&] { return done; }, kLimit));
}

bool TestDamage::fillAndClose()
{
    auto database = open();
    if (!database.ok())
        return false;
    fill(**database, kRows);
    (*database)->write(&Database::settle);
    (*database)->close();
    return (*database)->pending() == 0;
}

/// Leaves what a process leaves that is killed with most of it in the log.
bool TestDamage::fillAndDie()
{
    if (!fillAndClose())
        return false;
    auto database = open();
    if (!database.ok())
        return false;
    // Fewer than make the worker copy the log back.
    bool done = false;
    (*database)->write(
        [](Session &session) {
            Status status;
            for (int i = kRows; i < 2 * kRows && status.ok(); ++i)
                status = session.run(QStringLiteral("INSERT INTO catalogue (key) VALUES (?)"),
                                     {QByteArray("key") + QByteArray::number(i)});
            return status;
        },
        Durability::Process, this, [&] { done = true; });
    if (!spinUntil([&] { return done; }, kLimit))
        return false;
    fill(**database, 0);
    const QString image = m_folder->filePath(QStringLiteral("image"));
    bool copied = QDir().mkdir(image);
    for (const char *name : {"state.db", "state.db-wal", "state.db-shm", "lock"})
        copied = copied && QFile::copy(path(name), image + u'/' + QLatin1String(name));
    (*database)->close();
    return copied && QDir(directory()).removeRecursively() && QDir().rename(image, directory());
}

int TestDamage::rowsIn(Session &session)
{
    int rows = -1;
    (void)session.each(QStringLiteral("SELECT count(*) FROM catalogue"), {},
                       [&](const Row &row) { rows = static_cast<int>(row.int64(0)); });
    return rows;
}

void TestDamage::overwrite(const QString &path, qint64 at, const QByteArray &bytes)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.seek(at < 0 ? file.size() + at : at));
    QCOMPARE(file.write(bytes), bytes.size());
}

qint64 TestDamage::rootPage(const char *table)
{
    Session session({path("state.db")});
    qint64 page = 0;
    if (session.open().ok())
        (void)session.each(QStringLiteral("SELECT rootpage FROM sqlite_schema WHERE name = ?"),
                           {QString::fromLatin1(table)}, [&](const Row &row) { page = row.int64(0); });
    return page;
}

void TestDamage::setsADamagedFileAside_data()
{
    using Spoil = std::function<void(const QString &)>;
    QTest::addColumn<Spoil>("spoil");
    const auto row = [](const char *name, Spoil spoil) {
        QTest::newRow(name) << spoil;
    };
    row("another kind of file", [](const QString &path) {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray("It was a dark and stormy night. ").repeated(1'000));
    });
    row("a header overwritten", [](const QString &path) { overwrite(path, 0, QByteArray(100, '\xa5')); });
    row("the schema overwritten",
        [](const QString &path) { overwrite(path, 100, QByteArray(3'900, '\xa5')); });
    row("half of it", [](const QString &path) { QVERIFY(QFile::resize(path, QFileInfo(path).size() / 2)); });
    row("without its last byte",
        [](const QString &path) { QVERIFY(QFile::resize(path, QFileInfo(path).size() - 1)); });
    row("cut in its first page", [](const QString &path) { QVERIFY(QFile::resize(path, 1'000)); });
    row("cut in its header", [](const QString &path) { QVERIFY(QFile::resize(path, 50)); });
}

void TestDamage::setsADamagedFileAside()
{
    using Spoil = std::function<void(const QString &)>;
    QFETCH(Spoil, spoil);
    QVERIFY(fillAndClose());
    spoil(path("state.db"));
    const qint64 size = QFileInfo(path("state.db")).size();

    Database::Opened found;
    auto database = open(&found);
    QVERIFY2(database.ok(), database.ok() ? "" : qPrintable(database.error().toString()));
    QVERIFY(found.created);
    QVERIFY2(!found.problem.isEmpty(), "nothing said");
    QVERIFY(QFileInfo(found.setAside).fileName().startsWith(QStringLiteral("state.db.damaged-")));
    QCOMPARE(QFileInfo(found.setAside).size(), size);
    QCOMPARE(rowsIn((*database)->session()), 0);
    fill(**database, 3);
}

void TestDamage::setsASpoiltLogAside_data()
{
    using Spoil = std::function<void(const QString &)>;
    QTest::addColumn<Spoil>("spoil");
    const auto row = [](const char *name, Spoil spoil) {
        QTest::newRow(name) << spoil;
    };
    row("garbage", [](const QString &path) {
        overwrite(path, 0, QByteArray(static_cast<qsizetype>(QFileInfo(path).size()), '\xa5'));
    });
    row("its header", [](const QString &path) { overwrite(path, 20, "xxxx"); });
    row("its first frame", [](const QString &path) { overwrite(path, 32 + 24 + 1'000, "xxxx"); });
    row("one byte in the middle", [](const QString &path) {
        const qint64 frames = (QFileInfo(path).size() - 32) / (24 + kPage);
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadWrite));
        QVERIFY(file.seek(32 + frames / 2 * (24 + kPage) + 24 + 2'000));
        const char byte = file.peek(1).at(0) ^ 1;
        QVERIFY(file.putChar(byte));
    });
    row("a stretch of it",
        [](const QString &path) { overwrite(path, 32 + 40'000, QByteArray(20'000, '\0')); });
}

void TestDamage::setsASpoiltLogAside()
{
    using Spoil = std::function<void(const QString &)>;
    QFETCH(Spoil, spoil);
    QVERIFY(fillAndDie());
    spoil(path("state.db-wal"));
    const qint64 size = QFileInfo(path("state.db-wal")).size();
    QVERIFY(size > 50 * kPage);

    Database::Opened found;
    auto database = open(&found);
    QVERIFY2(database.ok(), database.ok() ? "" : qPrintable(database.error().toString()));
    QVERIFY(found.created);
    QVERIFY2(found.problem.contains(QStringLiteral("log")), qPrintable(found.problem));
    QCOMPARE(QFileInfo(found.setAside + QStringLiteral("-wal")).size(), size);
    QVERIFY(QFileInfo::exists(found.setAside));
    QCOMPARE(rowsIn((*database)->session()), 0);
}

void TestDamage::keepsWhatIsSoundAfterADeath_data()
{
    using Spoil = std::function<void(const QString &)>;
    QTest::addColumn<Spoil>("spoil");
    const auto row = [](const char *name, Spoil spoil) {
        QTest::newRow(name) << spoil;
    };
    row("as it was", [](const QString &) {});
    row("without the index of the log", [](const QString &directory) {
        QVERIFY(QFile::remove(directory + QStringLiteral("/state.db-shm")));
    });
    row("with garbage as the index of the log", [](const QString &directory) {
        const QString path = directory + QStringLiteral("/state.db-shm");
        overwrite(path, 0, QByteArray(static_cast<qsizetype>(QFileInfo(path).size()), '\xa5'));
    });
    row("killed in the middle of a commit", [](const QString &directory) {
        // The header of a frame is there, its page is not.
        const QString path = directory + QStringLiteral("/state.db-wal");
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray header = file.read(32);
        QFile end(path);
        QVERIFY(end.open(QIODevice::Append));
        end.write(QByteArray("\0\0\0\x05\0\0\0\x07", 8) + header.mid(16, 8) + QByteArray(8, 'x') +
                  QByteArray(500, 'y'));
    });
}

void TestDamage::keepsWhatIsSoundAfterADeath()
{
    using Spoil = std::function<void(const QString &)>;
    QFETCH(Spoil, spoil);
    QVERIFY(fillAndDie());
    spoil(directory());
    Database::Opened found;
    auto database = open(&found);
    QVERIFY2(database.ok(), database.ok() ? "" : qPrintable(database.error().toString()));
    QVERIFY2(found.setAside.isEmpty(), qPrintable(found.problem));
    QVERIFY(!found.created);
    QVERIFY(!found.powerCut);
    QCOMPARE(rowsIn((*database)->session()), 2 * kRows);
}

void TestDamage::findsDamageThatOnlyLoadingMeets()
{
    QVERIFY(fillAndClose());
    // No check of a clean start reads this one.
    overwrite(path("state.db"), (rootPage("catalogue") - 1) * kPage, QByteArray(kPage, '\xa5'));
    {
        Database::Opened found;
        auto database = open(&found);
        QVERIFY(database.ok());
        QVERIFY(found.setAside.isEmpty());
        const Status loaded =
            (*database)->session().each(QStringLiteral("SELECT key FROM catalogue"), {}, [](const Row &) {});
        QVERIFY(!loaded.ok());
        QCOMPARE(loaded.error().code, Code::StateDamaged);
    }
    Database::Opened found;
    auto database = open(&found);
    QVERIFY(database.ok());
    QVERIFY(!found.setAside.isEmpty());
    QCOMPARE(rowsIn((*database)->session()), 0);
}

void TestDamage::saysWhatTheWorkerMeets()
{
    QVERIFY(fillAndClose());
    overwrite(path("state.db"), (rootPage("jobs") - 1) * kPage, QByteArray(kPage, '\xa5'));
    {
        auto database = open();
        QVERIFY(database.ok());
        bool done = false;
        (*database)->write(
            [](Session &session) {
                return session.run(QStringLiteral("INSERT INTO jobs (kind) VALUES ('x')"));
            },
            Durability::Process, this, [&] { done = true; });
        QVERIFY(spinUntil([&] { return !(*database)->problem().isEmpty(); }, kLimit));
        QVERIFY2((*database)->problem().contains(QStringLiteral("damaged")),
                 qPrintable((*database)->problem()));
        QVERIFY(!done);
        // Reading goes on.
        int rows = 0;
        (*database)->read([&](Session &session) { rows = rowsIn(session); }, this, [&] { done = true; });
        QVERIFY(spinUntil([&] { return done; }, kLimit));
        QCOMPARE(rows, kRows);
    }
    Database::Opened found;
    QVERIFY(open(&found).ok());
    QVERIFY(!found.setAside.isEmpty());
}

void TestDamage::checksEveryPageAfterAPowerCut()
{
    QVERIFY(fillAndClose());
    overwrite(path("state.db"), (rootPage("jobs") - 1) * kPage, QByteArray(kPage, '\xa5'));
    {
        Database::Opened found;
        QVERIFY(open(&found).ok());
        QVERIFY(found.setAside.isEmpty());
    }
    overwrite(path("lock"), 0, "running another-start-of-the-machine\n");
    Database::Opened found;
    QVERIFY(open(&found).ok());
    QVERIFY(found.powerCut);
    QVERIFY(!found.setAside.isEmpty());
}

void TestDamage::leavesANewerDatabaseAsItIs()
{
    QVERIFY(fillAndClose());
    {
        Session session({path("state.db")});
        QVERIFY(session.open().ok());
        QVERIFY(session.once(QStringLiteral("PRAGMA user_version = 4711")).ok());
    }
    QVERIFY(QFile::resize(path("lock"), 0));
    overwrite(path("lock"), 0, "running another-start-of-the-machine\n");
    const auto refused = open();
    QVERIFY(!refused.ok());
    QCOMPARE(refused.error().code, Code::StateNewer);
    QCOMPARE(QDir(directory()).entryList({QStringLiteral("*damaged*")}).size(), 0);
    // The release that can read it has to know of the power cut.
    QFile lock(path("lock"));
    QVERIFY(lock.open(QIODevice::ReadOnly));
    QVERIFY(lock.readAll().contains("another"));
}

void TestDamage::makesANewSeedWhenTheStateIsLost()
{
    QVERIFY(fillAndClose());
    quint64 seed = 0;
    for (int i = 0; i < 2; ++i) {
        auto database = open();
        QVERIFY(database.ok());
        QVERIFY(i == 0 || (*database)->digestSeed() == seed);
        seed = (*database)->digestSeed();
    }
    QVERIFY(QFile::remove(path("state.db")));
    Database::Opened found;
    auto database = open(&found);
    QVERIFY(database.ok());
    QVERIFY(found.created);
    QVERIFY((*database)->digestSeed() != seed);
}

QTEST_GUILESS_MAIN(TestDamage)
#include "tst_damage.moc"
