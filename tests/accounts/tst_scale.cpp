// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/accountsync.h"
#include "tests/accounts/charmdatabase.h"
#include "tests/support/charmcluster.h"

#include <QElapsedTimer>
#include <QTest>

#include <ctime>

using namespace cring;
using namespace cring::accounts;
using namespace cring::test;

/// A server with a hundred thousand accounts, a thousand times what it is made for. Prints what it measures.
class TestScale : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void holdsAHundredThousandAccounts();

private:
    static qint64 peakKiB();

    QTemporaryDir m_folder;
    QString m_database; ///< As a server made it, and then filled.
};

void TestScale::initTestCase()
{
    CharmCluster cluster(1);
    CRING_OK(cluster.start());
    cluster.stopAll();
    m_database = m_folder.filePath(QStringLiteral("full.db"));
    QVERIFY(QFile::copy(databaseIn(cluster.at(0).dataDir()), m_database));
    QVERIFY(QFile::setPermissions(m_database, QFile::ReadOwner | QFile::WriteOwner));
}

qint64 TestScale::peakKiB()
{
    QFile status(QStringLiteral("/proc/self/status"));
    if (!status.open(QIODevice::ReadOnly))
        return 0;
    const QByteArray text = status.readAll();
    const qsizetype at = text.indexOf("VmHWM:");
    return text.mid(at + 6, text.indexOf("kB", at) - at - 6).trimmed().toLongLong();
}

namespace {

/// Wall time says little on a machine that has much else to do.
class Stopwatch
{
public:
    Stopwatch() { m_timer.start(); }

    QByteArray lap()
    {
        const std::clock_t now = std::clock();
        const auto used = (now - std::exchange(m_used, now)) * 1000 / CLOCKS_PER_SEC;
        return QByteArray::number(m_timer.restart()) + " ms (" +
               QByteArray::number(static_cast<qint64>(used)) + " ms of CPU)";
    }

private:
    QElapsedTimer m_timer;
    std::clock_t m_used = std::clock();
};

} // namespace

void TestScale::holdsAHundredThousandAccounts()
{
    constexpr int kAccounts = 100'000;
    const QString &full = m_database;
    // As a server writes them: a key and an encrypt key each, of their usual sizes, and every third with a
    // name.
    QCOMPARE(
        CharmDatabase(full).ask("PRAGMA synchronous = OFF; BEGIN;"
                                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
                                QByteArray::number(kAccounts) +
                                ") "
                                "INSERT INTO charm_user (charm_id, name) SELECT "
                                "printf('%08x-1111-4111-8111-%012x', i * 40503 % 4294967291, i), "
                                "CASE WHEN i % 3 = 0 THEN 'name' || i END FROM n;"
                                "INSERT INTO public_key (user_id, public_key) SELECT id, 'ssh-ed25519 ' || "
                                "hex(randomblob(34)) FROM charm_user WHERE id > 1;"
                                "INSERT INTO encrypt_key (public_key_id, global_id, encrypted_key) SELECT "
                                "id, printf('%036x', id), hex(randomblob(240)) FROM "
                                "public_key WHERE id > 1;"
                                "INSERT INTO named_seq (user_id, name, seq) SELECT id, 'kv', id % 50 FROM "
                                "charm_user WHERE id > 1; COMMIT"),
        QByteArray());
    const QString lacking = full + QStringLiteral(".lacking");
    QVERIFY(QFile::copy(full, lacking));
    QCOMPARE(CharmDatabase(lacking).ask(
                 "PRAGMA synchronous = OFF; BEGIN; DELETE FROM encrypt_key WHERE public_key_id > 99000; "
                 "DELETE FROM public_key WHERE id > 99000; DELETE FROM named_seq WHERE user_id > 99000; "
                 "DELETE FROM charm_user WHERE id > 99000; COMMIT"),
             QByteArray());
    SeededRandom random(1);
    LocalSql fullSql(full);
    LocalSql lackingSql(lacking);
    const qint64 before = peakKiB();
    Stopwatch watch;
    {
        CharmDatabase database(full);
        const auto reading = database.accounts().read();
        CRING_OK(reading);
        QCOMPARE(reading->accounts.size(), size_t(kAccounts + 1));
        qInfo("read in %s, with %lld MiB; a file of %lld MiB", watch.lap().constData(),
              static_cast<long long>((peakKiB() - before) / 1024),
              static_cast<long long>(QFileInfo(full).size() / 1'048'576));
    }
    Synchronised state;
    const std::vector<SyncServer> servers{{"a", QStringLiteral("charm1"), &fullSql, {}},
                                          {"b", QStringLiteral("charm2"), &lackingSql, {}}};
    AccountSync sync(random);
    const RoundOutcome first = sync.round(state, servers);
    QVERIFY2(first.isComplete(),
             first.servers[1].error ? qPrintable(first.servers[1].error->toString()) : "");
    qInfo("a thousand accounts carried over in %s: %zu changes in %d transactions", watch.lap().constData(),
          first.servers[1].changes, first.servers[1].transactions);
    for (const char *round : {"second", "third"}) {
        const RoundOutcome outcome = sync.round(state, servers);
        QVERIFY(outcome.isComplete());
        QCOMPARE(outcome.servers[0].changes + outcome.servers[1].changes, size_t(0));
        qInfo("the %s round, without changes, in %s", round, watch.lap().constData());
    }
    const QByteArray bytes = state.toBytes();
    const auto back = Synchronised::fromBytes(bytes);
    QVERIFY(back.ok() && *back == state);
    qInfo("remembered in %lld MiB, %s; %lld MiB at most in all",
          static_cast<long long>(bytes.size() / 1'048'576), watch.lap().constData(),
          static_cast<long long>((peakKiB() - before) / 1024));
    QVERIFY(peakKiB() - before < 1'200 * 1024);
}

QTEST_GUILESS_MAIN(TestScale)
#include "tst_scale.moc"
