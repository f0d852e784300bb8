// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/sqltext.h"
#include "tests/accounts/charmdatabase.h"
#include "tests/accounts/simserver.h"
#include "tests/support/charmcluster.h"
#include "tests/support/httpclient.h"

#include <QJsonDocument>
#include <QProcess>
#include <QTest>
#include <QTimer>

#include <thread>

using namespace cring;
using namespace cring::accounts;
using namespace cring::test;

/// A real Charm server's database, read and written while the server runs.
class TestDatabase : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void readsWhatTheServerWrote();
    void writesWhatTheServerReads();
    void leavesTheRestAlone();
    void doesAsTheSimulationDoes_data();
    void doesAsTheSimulationDoes();
    void keepsRowsThatHaveBecomeOthers();
    void movesAKeyToWhoeverHasItTwice();
    void leavesOutWhatTheTablesRefuse();
    void givesWayToAWriter();
    void givesUpInTheEnd();
    void endsWhenCalledOff();
    void runsInTheCommandLineToo();

private:
    QString copyOfTheEmptyOne(const QString &name);
    static QByteArray uuid(int number);

    std::unique_ptr<CharmCluster> m_cluster;
    QTemporaryDir m_folder;
    QString m_empty; ///< As a server made it, without an account.
};

void TestDatabase::initTestCase()
{
    m_cluster = std::make_unique<CharmCluster>(1);
    CRING_OK(m_cluster->start());
    auto empty = m_cluster->addServer(CharmCluster::Data::Fresh);
    CRING_OK(empty);
    CRING_OK((*empty)->start());
    (*empty)->stop();
    m_empty = databaseIn((*empty)->dataDir());
    QVERIFY(QFile::exists(m_empty));
    CharmServer &server = m_cluster->at(0);
    m_cluster->client().pointAt(server.address(), server.sshPort(), server.httpPort());
}

QString TestDatabase::copyOfTheEmptyOne(const QString &name)
{
    const QString path = m_folder.filePath(name);
    QFile::remove(path);
    return QFile::copy(m_empty, path) && QFile::setPermissions(path, QFile::ReadOwner | QFile::WriteOwner)
               ? path
               : QString();
}

QByteArray TestDatabase::uuid(int number)
{
    return "00000000-0000-4000-8000-" + QByteArray::number(number, 16).rightJustified(12, '0');
}

void TestDatabase::readsWhatTheServerWrote()
{
    CharmClient &client = m_cluster->client();
    CRING_OK(client.run({QStringLiteral("name"), QStringLiteral("carl")}));
    CRING_OK(
        client.run({QStringLiteral("kv"), QStringLiteral("set"), QStringLiteral("a"), QStringLiteral("b")}));
    CharmDatabase database(databaseIn(m_cluster->at(0).dataDir()));
    const auto reading = database.accounts().read();
    CRING_OK(reading);
    QVERIFY2(reading->warnings.isEmpty(), qPrintable(reading->warnings.join(u'\n')));
    QVERIFY(reading->changeCounter > 0);
    const auto found = reading->accounts.find(m_cluster->charmId().toLatin1());
    QVERIFY(found != reading->accounts.end());
    const Account &account = found->second;
    QCOMPARE(account.name, QByteArray("carl"));
    QCOMPARE(account.keys.size(), 1);
    QVERIFY(account.keys.first().text.startsWith("ssh-ed25519 "));
    QVERIFY(fingerprint(account.keys.first().text).startsWith("SHA256:"));
    QVERIFY(!account.createdAt.isEmpty() && !account.keys.first().createdAt.isEmpty());
    QCOMPARE(account.keys.first().encryptKeys.size(), 1);
    QCOMPARE(account.keys.first().encryptKeys.first().globalId.size(), 36);
    QCOMPARE(account.sequences.size(), size_t(1));
}

void TestDatabase::writesWhatTheServerReads()
{
    CharmServer &server = m_cluster->at(0);
    CharmDatabase database(databaseIn(server.dataDir()));
    const QByteArray charmId = uuid(0xabc);
    CharmClient *stranger = m_cluster->addStranger();
    stranger->pointAt(server.address(), server.sshPort(), server.httpPort());
    const QByteArray own = stranger->run({QStringLiteral("id")}).out.trimmed();
    const auto before = database.accounts().read();
    CRING_OK(before);
    const QByteArray key = before->accounts.at(own).keys.first().text;
    // The account that the server made becomes another one, under the client's feet.
    Change add{Change::Kind::AddAccount, charmId};
    Change move{Change::Kind::MoveKey, charmId};
    move.key = key;
    move.from = own;
    Change name{Change::Kind::SetName, charmId};
    name.to = "dora";
    Change raise{Change::Kind::RaiseSequence, charmId};
    raise.to = "s";
    raise.sequence = 41;
    const Applied applied =
        database.accounts().apply({{add, move, {Change::Kind::RemoveAccount, own}, name, raise}});
    QVERIFY2(!applied.error, applied.error ? qPrintable(applied.error->toString()) : "");
    QCOMPARE(applied.done, std::vector<bool>(5, true));
    QCOMPARE(applied.transactions, 1);
    QCOMPARE(stranger->run({QStringLiteral("id")}).out.trimmed(), charmId);
    HttpClient http(server.url());
    const QByteArray token = m_cluster->minter().mint({QString::fromLatin1(charmId), m_cluster->issuer()});
    const auto next = http.request("POST", "/v1/seq/s", HttpClient::bearer(token));
    QCOMPARE(next.json().value(QStringLiteral("seq")).toInt(), 42);
    QCOMPARE(http.get("/v1/bio/dora", token).json().value(QStringLiteral("charm_id")).toString().toLatin1(),
             charmId);
    QCOMPARE(database.integrity(), QByteArray("ok"));
}

void TestDatabase::leavesTheRestAlone()
{
    CharmDatabase database(copyOfTheEmptyOne(QStringLiteral("rest.db")));
    database.ask("INSERT INTO news (subject, body) VALUES ('s', 'b'); INSERT INTO token (pin) VALUES ('p')");
    const QByteArray schema = database.ask("SELECT * FROM sqlite_master");
    SimServer sim("a");
    QVERIFY(!database.accounts().apply({{{Change::Kind::AddAccount, uuid(1)}}}).error);
    QCOMPARE(database.ask("SELECT subject, body FROM news"), QByteArray("s|b"));
    QCOMPARE(database.ask("SELECT pin FROM token"), QByteArray("p"));
    QCOMPARE(database.ask("SELECT * FROM sqlite_master"), schema);
    QCOMPARE(database.ask("PRAGMA user_version"), QByteArray("0"));
    QVERIFY(!QFile::exists(database.path() + QStringLiteral("-journal")));
}

namespace {

/// Any change to anything, most of which fits something.
class AnyChange
{
public:
    AnyChange(quint64 seed, QByteArray (*uuid)(int))
        : m_random(seed)
        , m_uuid(uuid)
    {
    }

    std::vector<Change> several()
    {
        std::vector<Change> changes;
        const quint64 count = 1 + m_random.below(12);
        for (quint64 i = 0; i < count; ++i)
            changes.push_back(one());
        return changes;
    }

private:
    QByteArray any(const QByteArrayList &of)
    {
        return of.at(static_cast<qsizetype>(m_random.below(static_cast<quint64>(of.size()))));
    }

    QByteArray account() { return m_uuid(static_cast<int>(m_random.below(4))); }

    Change one()
    {
        // Names differ by their case alone, and hold what SQL and LIKE have a meaning for.
        const QByteArrayList names{"", "carl", "Carl", "d'ora", "d_ora", "100%"};
        const QByteArrayList times{"", "2026-01-01 00:00:01", "2026-01-01 00:00:02.5 +0000 UTC"};
        const QByteArrayList keys{"ssh-ed25519 k1", "ssh-ed25519 'k2'", "k\n3\xc3\xa4",
                                  "k4; DROP TABLE token;--"};
        Change change{static_cast<Change::Kind>(m_random.below(13)), account()};
        const bool isName = change.kind == Change::Kind::SetName;
        const bool isTime = change.kind == Change::Kind::SetCreatedAt ||
                            change.kind == Change::Kind::SetKeyTime ||
                            change.kind == Change::Kind::SetEncryptKeyTime;
        change.key = any(keys);
        change.globalId = any({"g1", "g2", "7"});
        change.sealed = any({"sealed", "se'aled"});
        change.from = change.kind == Change::Kind::MoveKey ? account()
                      : isName                             ? any(names)
                      : isTime                             ? any(times)
                                                           : any({"", "x"});
        change.to = isName ? any(names) : isTime ? any(times.mid(1)) : any({"x", "y\\n"});
        change.createdAt = any(times.mid(1));
        change.email = any({"", "x"});
        change.bio = any({"", "x"});
        change.sequence = m_random.below(4);
        const bool concernsKey =
            change.kind == Change::Kind::MoveKey || change.kind == Change::Kind::RemoveKey ||
            change.kind == Change::Kind::AddKey || change.kind == Change::Kind::SetKeyTime ||
            change.kind == Change::Kind::AddEncryptKey || change.kind == Change::Kind::SetEncryptKeyTime;
        if (!concernsKey)
            change.key.clear();
        return change;
    }

    SeededRandom m_random;
    QByteArray (*m_uuid)(int);
};

/// No two changes of a transaction are to contradict each other: then the order within a kind would count.
bool contradict(const std::vector<Change> &changes)
{
    QSet<QByteArray> renamed;
    for (const Change &change : changes) {
        if (change.kind != Change::Kind::SetName)
            continue;
        if (renamed.contains(change.charmId))
            return true;
        renamed.insert(change.charmId);
    }
    return false;
}

} // namespace

void TestDatabase::doesAsTheSimulationDoes_data()
{
    QTest::addColumn<int>("seed");
    for (int seed = 1; seed <= 6; ++seed)
        QTest::addRow("seed %d", seed) << seed;
}

void TestDatabase::doesAsTheSimulationDoes()
{
    QFETCH(int, seed);
    CharmDatabase database(copyOfTheEmptyOne(QStringLiteral("sim.db")));
    SimServer sim("a");
    AnyChange any(static_cast<quint64>(seed), &TestDatabase::uuid);
    quint32 counter = 0;
    for (int step = 0; step < 50; ++step) {
        const std::vector<Change> changes = any.several();
        if (contradict(changes))
            continue;
        const Applied applied = database.accounts().apply({changes});
        QVERIFY2(!applied.error, applied.error ? qPrintable(applied.error->toString()) : "");
        const std::vector<bool> done = sim.apply(changes);
        const auto reading = database.accounts().read();
        CRING_OK(reading);
        QCOMPARE(wordsOf(reading->accounts), wordsOf(sim.accounts()));
        if (reading->accounts != sim.accounts())
            QFAIL("they differ in what the words leave out");
        QCOMPARE(applied.done, done);
        QVERIFY(reading->changeCounter >= counter);
        counter = reading->changeCounter;
    }
    QCOMPARE(database.integrity(), QByteArray("ok"));
    QCOMPARE(database.ask("PRAGMA foreign_key_check"), QByteArray());
}

void TestDatabase::keepsRowsThatHaveBecomeOthers()
{
    CharmDatabase database(copyOfTheEmptyOne(QStringLiteral("others.db")));
    Change add{Change::Kind::AddAccount, uuid(1)};
    Change key{Change::Kind::AddKey, uuid(1)};
    key.key = "k1";
    key.createdAt = "2026-01-01 00:00:01";
    QVERIFY(!database.accounts().apply({{add, key}}).error);
    // What was to be removed was linked anew; whose account was to go has got a key.
    database.ask("UPDATE public_key SET created_at = '2026-01-01 00:00:02'");
    Change remove{Change::Kind::RemoveKey, uuid(1)};
    remove.key = "k1";
    remove.createdAt = "2026-01-01 00:00:01";
    const Applied applied = database.accounts().apply({{remove, {Change::Kind::RemoveAccount, uuid(1)}}});
    QCOMPARE(applied.done, std::vector<bool>({false, false}));
    QCOMPARE(database.ask("SELECT count(*) FROM public_key"), QByteArray("1"));
}

/// A login between the two transactions of Charm's LinkGen: the key is in two accounts, and the first row
/// counts.
void TestDatabase::movesAKeyToWhoeverHasItTwice()
{
    CharmDatabase database(copyOfTheEmptyOne(QStringLiteral("twin.db")));
    database.ask("INSERT INTO charm_user (id, charm_id) VALUES (1, '" + uuid(1) + "'), (2, '" + uuid(2) +
                 "'); INSERT INTO public_key (id, user_id, public_key) VALUES (5, 1, 'k'), (10, 2, 'k'); "
                 "INSERT INTO encrypt_key (public_key_id, global_id, encrypted_key) VALUES "
                 "(5, 'g1', 's1'), (10, 'g1', 's1b'), (10, 'g2', 's2')");
    Change move{Change::Kind::MoveKey, uuid(2)};
    move.key = "k";
    move.from = uuid(1);
    Change seal{Change::Kind::AddEncryptKey, uuid(2)};
    seal.key = "k";
    seal.globalId = "g2";
    seal.sealed = "s2c";
    const Applied applied = database.accounts().apply({{move, seal, {Change::Kind::RemoveAccount, uuid(1)}}});
    QVERIFY2(!applied.error, applied.error ? qPrintable(applied.error->toString()) : "");
    QCOMPARE(applied.done, std::vector<bool>(3, true));
    QCOMPARE(database.ask("SELECT id, user_id FROM public_key"), QByteArray("5|2"));
    QCOMPARE(database.ask("SELECT public_key_id, encrypted_key FROM encrypt_key ORDER BY global_id"),
             QByteArray("5|s1\n5|s2"));
    // Where the move does not fit, the twin stays.
    database.ask("INSERT INTO charm_user (id, charm_id) VALUES (3, '" + uuid(3) +
                 "'); INSERT INTO public_key (id, user_id, public_key) VALUES (11, 3, 'k')");
    move.charmId = uuid(3);
    QVERIFY(!database.accounts().apply({{move}}).error);
    QCOMPARE(database.ask("SELECT id, user_id FROM public_key"), QByteArray("5|2\n11|3"));
}

void TestDatabase::leavesOutWhatTheTablesRefuse()
{
    CharmDatabase database(copyOfTheEmptyOne(QStringLiteral("refusing.db")));
    QCOMPARE(database.ask("ALTER TABLE charm_user ADD COLUMN rule CHECK (bio IS NOT 'bad')"), QByteArray());
    std::vector<ChangeUnit> units;
    for (int number = 1; number <= 4; ++number) {
        Change add{Change::Kind::AddAccount, uuid(number)};
        add.bio = number == 2 ? "bad" : "good";
        units.push_back({add, {Change::Kind::RaiseSequence, uuid(number), {}, {}, {}, {}, "s"}});
    }
    const Applied applied = database.accounts().apply(units);
    QCOMPARE(applied.done, std::vector<bool>({true, true, false, false, true, true, true, true}));
    QCOMPARE(applied.leftOut, 1);
    QVERIFY(applied.error);
    QCOMPARE(applied.error->code, Code::AccountsForeign);
    const QString said = applied.error->detail + applied.error->cause->detail;
    QVERIFY2(said.contains(QString::fromLatin1(uuid(2))) && !said.contains(QString::fromLatin1(uuid(1))) &&
                 said.contains(QStringLiteral("rules that no Charm server makes")),
             qPrintable(said));
    // A database that refuses everything is left for the next round.
    database.ask("DELETE FROM named_seq; DELETE FROM charm_user");
    const std::vector<ChangeUnit> bad(100, units[1]);
    const Applied refused = database.accounts().apply(bad);
    QCOMPARE(refused.done, std::vector<bool>(200, false));
    QCOMPARE(refused.leftOut, AccountsDatabase::kMostLeftOut + 1);
}

void TestDatabase::givesWayToAWriter()
{
    CharmDatabase database(copyOfTheEmptyOne(QStringLiteral("busy.db")));
    QProcess writer;
    writer.start(QStringLiteral("sqlite3"), {database.path()});
    QVERIFY2(writer.waitForStarted(), "install sqlite3");
    writer.write("BEGIN EXCLUSIVE; SELECT 'held';\n");
    QVERIFY(writer.waitForReadyRead());
    QTimer::singleShot(300, &writer, [&] { writer.write("COMMIT;\n"); });
    std::optional<Applied> applied;
    std::atomic<bool> over = false;
    std::thread worker([&] {
        applied = database.accounts().apply({{{Change::Kind::AddAccount, uuid(1)}}});
        over = true;
    });
    const bool ended = spinUntil([&] { return over.load(); }, 20'000);
    worker.join();
    QVERIFY(ended);
    QVERIFY(applied && !applied->error);
    QVERIFY(applied->refusals > 2);
    QCOMPARE(applied->done, std::vector<bool>{true});
    writer.closeWriteChannel();
    QVERIFY(writer.waitForFinished());
}

void TestDatabase::givesUpInTheEnd()
{
    CharmDatabase database(copyOfTheEmptyOne(QStringLiteral("held.db")));
    QProcess writer;
    writer.start(QStringLiteral("sqlite3"), {database.path()});
    QVERIFY2(writer.waitForStarted(), "install sqlite3");
    writer.write("BEGIN EXCLUSIVE; SELECT 'held';\n");
    QVERIFY(writer.waitForReadyRead());
    QElapsedTimer timer;
    timer.start();
    const Applied applied = database.accounts().apply({{{Change::Kind::AddAccount, uuid(1)}}});
    QVERIFY(applied.error && applied.error->code == Code::AccountsBusy);
    QCOMPARE(applied.done, std::vector<bool>{false});
    QVERIFY(timer.elapsed() < 20'000);
    writer.closeWriteChannel();
    QVERIFY(writer.waitForFinished());
    CRING_OK(database.accounts().read());
}

void TestDatabase::endsWhenCalledOff()
{
    CharmDatabase database(copyOfTheEmptyOne(QStringLiteral("stopped.db")));
    QProcess writer;
    writer.start(QStringLiteral("sqlite3"), {database.path()});
    QVERIFY2(writer.waitForStarted(), "install sqlite3");
    writer.write("BEGIN EXCLUSIVE; SELECT 'held';\n");
    QVERIFY(writer.waitForReadyRead());
    std::stop_source stop;
    std::optional<Applied> applied;
    std::thread worker([&] {
        applied = database.accounts().apply({{{Change::Kind::AddAccount, uuid(1)}}}, stop.get_token());
    });
    QElapsedTimer timer;
    timer.start();
    stop.request_stop();
    worker.join();
    QVERIFY(timer.elapsed() < 1'000);
    QVERIFY(applied && applied->error && applied->error->code == Code::AccountsStopped);
    writer.closeWriteChannel();
    QVERIFY(writer.waitForFinished());
}

/// Node access will run the same texts where the server lives.
void TestDatabase::runsInTheCommandLineToo()
{
    CharmDatabase database(copyOfTheEmptyOne(QStringLiteral("shell.db")));
    Change add{Change::Kind::AddAccount, uuid(1)};
    add.bio = "two\nlines, and \xc3\xa4 'quote'";
    Change key{Change::Kind::AddKey, uuid(1)};
    key.key = "k\n.quit\n1";
    key.createdAt = "2026-01-01 00:00:01";
    const std::vector<Change> changes{add, key};
    const auto shell = [&](const QByteArray &text) {
        QProcess process;
        process.start(QStringLiteral("sqlite3"),
                      {QStringLiteral("-batch"), QStringLiteral("-bail"), database.path()});
        process.write(text);
        process.closeWriteChannel();
        return process.waitForFinished() && process.exitCode() == 0
                   ? process.readAllStandardOutput()
                   : "failed: " + process.readAllStandardError();
    };
    QCOMPARE(shell(sqltext::transaction(changes)), QByteArray("done|0|1\ndone|1|1\n"));
    const auto reading = database.accounts().read();
    CRING_OK(reading);
    QCOMPARE(reading->accounts.at(uuid(1)).bio, add.bio);
    QCOMPARE(reading->accounts.at(uuid(1)).keys.first().text, key.key);
    const QByteArray rows = shell(sqltext::reading(ISqlRunner::Cells::Hex));
    QVERIFY2(rows.contains(QByteArray("key").toHex().toUpper() + '|'), rows.constData());
    QVERIFY2(rows.contains('|' + add.bio.toHex().toUpper() + '|'), rows.constData());
}

QTEST_GUILESS_MAIN(TestDatabase)
#include "tst_database.moc"
