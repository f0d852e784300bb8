// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/charmfolder.h"
#include "core/accounts/databasecopy.h"
#include "core/accounts/nodefactory.h"
#include "core/accounts/pause.h"
#include "core/base/clock.h"
#include "tests/support/charmcluster.h"
#include "tests/support/sshserver.h"

#include <QDir>
#include <QFile>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QTest>

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <future>

using namespace cring;
using namespace cring::accounts;
using namespace cring::test;
using std::chrono::milliseconds;

/// A copy of a database under way is one moment of it, whoever writes meanwhile, and however large it is.
class TestDatabaseCopy : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();

    void takesAHundredThousandAccounts_data() { localAndSsh(); }
    void takesAHundredThousandAccounts();
    void isOneMomentOfIt_data() { localAndSsh(); }
    void isOneMomentOfIt();
    void waitsForAWriter_data() { localAndSsh(); }
    void waitsForAWriter();
    void isCalledOffWhileItWaits();
    void saysThatAServerWasKilledInAChange_data() { localAndSsh(); }
    void saysThatAServerWasKilledInAChange();
    void leavesNothingBehindOnTheOtherMachine();

private:
    static void localAndSsh();
    std::unique_ptr<INode> node();
    QString database() const { return m_folder->path() + QLatin1Char('/') + charmfolder::kDatabase; }
    QString copyFile() const { return m_scratch->filePath(QStringLiteral("copy.db")); }

    SystemClock m_clock;
    SshServer m_sshd;
    QTemporaryDir m_first;
    QString m_seed; ///< A database that a real server made.
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<QTemporaryDir> m_scratch;
    std::unique_ptr<std::stop_source> m_stop;
};

namespace {

constexpr int kAccounts = 100'000;
constexpr int kLimit = 30'000;

/// A connection of its own for each thread that asks.
class Sql
{
public:
    explicit Sql(const QString &file)
        : m_name(QStringLiteral("sql%1").arg(reinterpret_cast<quintptr>(this)))
    {
        QSqlDatabase made = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), m_name);
        made.setDatabaseName(file);
        made.setConnectOptions(QStringLiteral("QSQLITE_BUSY_TIMEOUT=20000"));
        m_good = made.open();
    }
    ~Sql() { QSqlDatabase::removeDatabase(m_name); }
    Q_DISABLE_COPY_MOVE(Sql)

    bool run(const QString &statement)
    {
        QSqlQuery query(QSqlDatabase::database(m_name));
        const bool ran = m_good && query.exec(statement);
        if (!ran)
            qWarning("%s: %s", qPrintable(statement), qPrintable(query.lastError().text()));
        return ran;
    }
    QString value(const QString &statement)
    {
        QSqlQuery query(QSqlDatabase::database(m_name));
        return query.exec(statement) && query.next() ? query.value(0).toString() : query.lastError().text();
    }

private:
    const QString m_name;
    bool m_good = false;
};

QString numbers(int count)
{
    return QStringLiteral("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %1) ")
        .arg(count);
}

} // namespace

void TestDatabaseCopy::initTestCase()
{
    CRING_OK(m_sshd.start());
    CharmCluster cluster(1, 1);
    CRING_OK(cluster.start());
    cluster.at(0).stop();
    m_seed = m_first.filePath(QStringLiteral("seed.db"));
    QVERIFY(QFile::copy(cluster.at(0).dataDir() + QLatin1Char('/') + charmfolder::kDatabase, m_seed));
    Sql sql(m_seed);
    QVERIFY(sql.run(QStringLiteral("INSERT INTO token (pin) VALUES ('123456')")));
}

void TestDatabaseCopy::localAndSsh()
{
    QTest::addColumn<bool>("remote");
    QTest::newRow("local") << false;
    QTest::newRow("ssh") << true;
}

void TestDatabaseCopy::init()
{
    m_stop = std::make_unique<std::stop_source>();
    m_folder = std::make_unique<QTemporaryDir>();
    m_scratch = std::make_unique<QTemporaryDir>();
    QVERIFY(QDir().mkpath(QFileInfo(database()).path()));
    QVERIFY(QFile::copy(m_seed, database()));
    using playground::ChildProcess;
    QVERIFY(ChildProcess::giveTreeTo(m_folder->path(), ChildProcess::User::Unprivileged));
}

std::unique_ptr<INode> TestDatabaseCopy::node()
{
    const bool remote = QTest::currentDataTag() && QByteArray(QTest::currentDataTag()) == "ssh";
    SshAccess access;
    access.knownHosts = {m_sshd.knownHosts()};
    access.keyFiles = {m_sshd.keyFile()};
    const auto place = config::parseNodePlace(remote ? m_sshd.url(m_folder->path()) : m_folder->path());
    return makeNode(*place, access, m_clock, m_stop->get_token());
}

void TestDatabaseCopy::takesAHundredThousandAccounts()
{
    {
        Sql sql(database());
        QVERIFY(sql.run(QStringLiteral("BEGIN")));
        QVERIFY(sql.run(
            numbers(kAccounts) +
            QStringLiteral(
                "INSERT INTO charm_user (charm_id, name) SELECT printf('00000000-0000-4000-8000-%012d', i), "
                "'name' || i FROM n")));
        QVERIFY(sql.run(
            QStringLiteral("INSERT INTO public_key (user_id, public_key) SELECT id, 'ssh-ed25519 ' || "
                           "hex(randomblob(34)) FROM charm_user WHERE name LIKE 'name%'")));
        QVERIFY(sql.run(
            QStringLiteral("INSERT INTO encrypt_key (public_key_id, global_id, encrypted_key) SELECT id, "
                           "hex(randomblob(16)), hex(randomblob(100)) FROM public_key")));
        QVERIFY(sql.run(QStringLiteral("COMMIT")));
    }
    const auto source = node();
    CRING_OK(source->stat(QString()));
    const auto start = m_clock.steady();
    const auto copy = copyDatabase(*source, copyFile(), m_stop->get_token());
    const auto took = m_clock.steady() - start;
    CRING_OK(copy);
    qInfo("%lld accounts, %lld bytes: %lld ms", copy->accounts, copy->bytes,
          static_cast<long long>(took.count()));
    QCOMPARE(copy->accounts, kAccounts + 1);
    QCOMPARE(QFileInfo(copyFile()).permissions() & (QFile::ReadGroup | QFile::ReadOther),
             QFile::Permissions());
    Sql sql(copyFile());
    QCOMPARE(sql.value(QStringLiteral("SELECT count(*) FROM token")), QStringLiteral("0"));
    QCOMPARE(sql.value(QStringLiteral("SELECT count(*) FROM encrypt_key")),
             Sql(database()).value(QStringLiteral("SELECT count(*) FROM encrypt_key")));
    // Nothing was done to the source.
    QCOMPARE(Sql(database()).value(QStringLiteral("SELECT count(*) FROM token")), QStringLiteral("1"));
}

/// Two rows that are always changed together are equal in every copy, and the writer goes on meanwhile.
void TestDatabaseCopy::isOneMomentOfIt()
{
    {
        Sql sql(database());
        for (const char *table : {"early", "late"})
            QVERIFY(sql.run(QStringLiteral("CREATE TABLE %1 (value INTEGER)").arg(QLatin1String(table))));
        QVERIFY(sql.run(QStringLiteral("INSERT INTO early VALUES (0)")) &&
                sql.run(QStringLiteral("INSERT INTO late VALUES (0)")));
        QVERIFY(sql.run(
            numbers(20'000) +
            QStringLiteral("INSERT INTO news (subject, body) SELECT i, hex(randomblob(200)) FROM n")));
    }
    std::atomic<bool> end = false;
    std::atomic<qint64> slowest = 0;
    std::atomic<int> writes = 0;
    auto writer = std::async(std::launch::async, [&] {
        Sql sql(database());
        while (!end) {
            const auto start = m_clock.steady();
            if (!sql.run(QStringLiteral("BEGIN IMMEDIATE")) ||
                !sql.run(QStringLiteral("UPDATE early SET value = value + 1")) ||
                !sql.run(QStringLiteral("UPDATE late SET value = value + 1")) ||
                !sql.run(QStringLiteral("COMMIT")))
                return false;
            slowest = std::max<qint64>(slowest, (m_clock.steady() - start).count());
            ++writes;
            // As a server's clients leave gaps: SQLite's locks are not fair.
            pauseFor(milliseconds(4), {});
        }
        return true;
    });
    const auto source = node();
    for (int i = 0; i < 5; ++i) {
        QFile::remove(copyFile());
        const auto copy = copyDatabase(*source, copyFile(), m_stop->get_token());
        if (!copy)
            end = true;
        CRING_OK(copy);
        Sql sql(copyFile());
        QCOMPARE(sql.value(QStringLiteral("SELECT value FROM early")),
                 sql.value(QStringLiteral("SELECT value FROM late")));
    }
    end = true;
    QVERIFY(writer.get());
    qInfo("%d writes meanwhile, the slowest took %lld ms", writes.load(),
          static_cast<long long>(slowest.load()));
    QVERIFY(writes > 10);
}

void TestDatabaseCopy::waitsForAWriter()
{
    Sql sql(database());
    QVERIFY(sql.run(QStringLiteral("BEGIN EXCLUSIVE")));
    const auto source = node();
    auto copy = std::async(std::launch::async,
                           [&] { return copyDatabase(*source, copyFile(), m_stop->get_token()); });
    const auto isReady = [&] {
        return copy.wait_for(milliseconds(0)) == std::future_status::ready;
    };
    QVERIFY(!spinUntil(isReady, 700));
    QVERIFY(sql.run(QStringLiteral("COMMIT")));
    QVERIFY(spinUntil(isReady, kLimit));
    CRING_OK(copy.get());
}

void TestDatabaseCopy::isCalledOffWhileItWaits()
{
    Sql sql(database());
    QVERIFY(sql.run(QStringLiteral("BEGIN EXCLUSIVE")));
    const auto source = node();
    auto copy = std::async(std::launch::async,
                           [&] { return copyDatabase(*source, copyFile(), m_stop->get_token()); });
    m_stop->request_stop();
    QVERIFY(spinUntil([&] { return copy.wait_for(milliseconds(0)) == std::future_status::ready; }, 10'000));
    QCOMPARE(copy.get().error().code, Code::JobEnded);
    QVERIFY(sql.run(QStringLiteral("COMMIT")));
}

void TestDatabaseCopy::saysThatAServerWasKilledInAChange()
{
    const pid_t child = ::fork();
    if (child == 0) {
        Sql sql(database());
        // More than fits in memory: pages are written over in the file, with what they were in the journal.
        sql.run(QStringLiteral("PRAGMA cache_size = 5"));
        sql.run(QStringLiteral("BEGIN"));
        sql.run(QStringLiteral("UPDATE charm_user SET bio = 'changed'"));
        sql.run(numbers(2'000) +
                QStringLiteral("INSERT INTO news (subject, body) SELECT i, hex(randomblob(500)) FROM n"));
        ::raise(SIGKILL);
    }
    int how = 0;
    QCOMPARE(::waitpid(child, &how, 0), child);
    QVERIFY(QFile(database() + QStringLiteral("-journal")).size() > 512);
    const auto source = node();
    const auto copy = copyDatabase(*source, copyFile(), m_stop->get_token());
    // As root, or where the program may write, the change is taken back; never is half of it copied.
    if (copy.ok()) {
        QCOMPARE(
            Sql(copyFile()).value(QStringLiteral("SELECT count(*) FROM charm_user WHERE bio = 'changed'")),
            QStringLiteral("0"));
        return;
    }
    QVERIFY2(copy.error().code == Code::ReplicaSource &&
                 copy.error().detail.contains(QStringLiteral("killed in the middle of a change")),
             qPrintable(copy.error().toString()));
    qInfo("%s", qPrintable(copy.error().toString()));
}

void TestDatabaseCopy::leavesNothingBehindOnTheOtherMachine()
{
    QTemporaryDir there;
    QVERIFY(QFile::setPermissions(there.path(), QFile::Permissions(0x7777)));
    m_sshd.stop();
    m_sshd.configure({QStringLiteral("SetEnv TMPDIR=%1").arg(there.path())});
    CRING_OK(m_sshd.start());
    {
        Sql sql(database());
        QVERIFY(sql.run(
            numbers(100'000) +
            QStringLiteral("INSERT INTO news (subject, body) SELECT i, hex(randomblob(100)) FROM n")));
    }
    SshAccess access;
    access.knownHosts = {m_sshd.knownHosts()};
    access.keyFiles = {m_sshd.keyFile()};
    const auto place = config::parseNodePlace(m_sshd.url(m_folder->path()));
    const auto isEmpty = [&] {
        return QDir(there.path()).isEmpty(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot);
    };
    const auto source = makeNode(*place, access, m_clock, m_stop->get_token());
    // The connection ends in the middle of what comes.
    const auto copy =
        copyDatabase(*source, copyFile(), m_stop->get_token(), [&](qint64) { m_stop->request_stop(); });
    QVERIFY(!copy.ok());
    QCOMPARE(copy.error().code, Code::JobEnded);
    QVERIFY2(spinUntil(isEmpty, kLimit), "a copy was left behind");
    m_sshd.stop();
    m_sshd.configure({});
    CRING_OK(m_sshd.start());
}

QTEST_GUILESS_MAIN(TestDatabaseCopy)
#include "tst_databasecopy.moc"
