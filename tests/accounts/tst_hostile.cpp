// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/synchronised.h"
#include "tests/accounts/charmdatabase.h"
#include "tests/accounts/simserver.h"
#include "tests/support/charmcluster.h"
#include "tests/support/smalldisk.h"

#include <QCryptographicHash>
#include <QProcess>
#include <QTest>

#include <sys/stat.h>

using namespace cring;
using namespace cring::accounts;
using namespace cring::test;

namespace {

/// Bytes of a memory without the servers' key and the time, and without the row numbers of its one server.
constexpr qsizetype kAddedByThree = 4 + 8 + 4;
/// Of one that nobody has noted any time in: two counts.
constexpr qsizetype kAddedByFour = 4 + 4;

/// A database that stays locked, on a machine that takes its time.
class SlowLock final : public ISqlRunner
{
public:
    Cells cells() const override { return Cells::Raw; }
    Result<Ran> run(const QByteArray &, const std::function<bool(SqlRow)> &, const std::stop_token &) override
    {
        ++tries;
        clock.advance(std::chrono::seconds(2));
        return Error{Code::AccountsBusy, QStringLiteral("locked")};
    }

    ManualClock clock;
    int tries = 0;
};

} // namespace

/// Files that are no Charm server's database, or a strange one; remembered bytes that were cut or changed;
/// and disks that do not take what is written.
class TestHostile : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void saysWhatIsWrong_data();
    void saysWhatIsWrong();
    void leavesForeignTablesAlone();
    void leavesOutWhatCharmNeverWrote();
    void putsRightANumberThatIsNone();
    void readsAndWritesAnOldServersTables();
    void says_data();
    void says();
    void takesItBackOnAFullDisk();
    void waitsForNobodysPipe();
    void waitsBriefForALockFarAway();
    void rememberedBytesAreLookedAt_data();
    void rememberedBytesAreLookedAt();
    void earlierReleasesMemoryIsRead();

private:
    QString copy(const QString &folder);
    static QByteArray uuid(int number);

    QTemporaryDir m_folder;
    std::unique_ptr<CharmCluster> m_cluster;
    QString m_model; ///< As a server left it, with one account.
};

void TestHostile::initTestCase()
{
    m_cluster = std::make_unique<CharmCluster>(1);
    CRING_OK(m_cluster->start());
    CharmServer &server = m_cluster->at(0);
    m_cluster->client().pointAt(server.address(), server.sshPort(), server.httpPort());
    CRING_OK(m_cluster->client().run(
        {QStringLiteral("kv"), QStringLiteral("set"), QStringLiteral("a"), QStringLiteral("b")}));
    server.stop();
    m_model = databaseIn(server.dataDir());
    QVERIFY(CharmDatabase(m_model).accounts().read().ok());
}

QString TestHostile::copy(const QString &folder)
{
    static int number = 0;
    const QString path = folder + QStringLiteral("/%1.db").arg(++number);
    return QFile::copy(m_model, path) && QFile::setPermissions(path, QFile::ReadOwner | QFile::WriteOwner)
               ? path
               : QString();
}

QByteArray TestHostile::uuid(int number)
{
    return "00000000-0000-4000-8000-" + QByteArray::number(number, 16).rightJustified(12, '0');
}

void TestHostile::saysWhatIsWrong_data()
{
    QTest::addColumn<QByteArray>("damage"); // SQL, done to a copy.
    QTest::addColumn<QString>("words");
    QTest::newRow("a table is missing")
        << QByteArray("DROP TABLE encrypt_key") << QStringLiteral("has no encrypt_key");
    QTest::newRow("a column is missing")
        << QByteArray("ALTER TABLE charm_user DROP COLUMN bio") << QStringLiteral("has no charm_user.bio");
    QTest::newRow("a column is called otherwise")
        << QByteArray("ALTER TABLE named_seq RENAME COLUMN seq TO number")
        << QStringLiteral("has no named_seq.seq");
    QTest::newRow("another schema version")
        << QByteArray("PRAGMA user_version = 7") << QStringLiteral("schema version 7");
    QTest::newRow("a view in place of a table")
        << QByteArray("ALTER TABLE named_seq RENAME TO hidden; CREATE VIEW named_seq AS SELECT * FROM hidden")
        << QStringLiteral("view named_seq");
    QTest::newRow("a trigger")
        << QByteArray("CREATE TRIGGER t AFTER INSERT ON public_key BEGIN DELETE FROM charm_user; END")
        << QStringLiteral("trigger t");
    QTest::newRow("nothing in it")
        << QByteArray("DROP TABLE charm_user; DROP TABLE public_key; DROP TABLE encrypt_key; "
                      "DROP TABLE named_seq; DROP TABLE news; DROP TABLE news_tag; DROP TABLE token")
        << QStringLiteral("has no charm_user");
}

void TestHostile::saysWhatIsWrong()
{
    QFETCH(QByteArray, damage);
    QFETCH(QString, words);
    CharmDatabase database(copy(m_folder.path()));
    QCOMPARE(database.ask("PRAGMA foreign_keys = OFF; " + damage), QByteArray());
    const auto reading = database.accounts().read();
    QVERIFY(!reading.ok());
    QCOMPARE(int(reading.error().code), int(Code::AccountsForeign));
    QVERIFY2(reading.error().toString().contains(words), qPrintable(reading.error().toString()));
}

void TestHostile::leavesForeignTablesAlone()
{
    CharmDatabase database(copy(m_folder.path()));
    database.ask("CREATE TABLE \"my\ntable\" (x); CREATE TABLE other (x); INSERT INTO other VALUES (1); "
                 "CREATE INDEX i ON public_key (public_key); "
                 "ALTER TABLE charm_user ADD COLUMN colour");
    const auto reading = database.accounts().read();
    CRING_OK(reading);
    QCOMPARE(reading->accounts.size(), size_t(1));
    QVERIFY2(reading->warnings.join(u' ').contains(QStringLiteral("other")),
             qPrintable(reading->warnings.join(u' ')));
    QVERIFY(!reading->warnings.join(u' ').contains(u'\n'));
    const Applied applied = database.accounts().apply({{{Change::Kind::AddAccount, uuid(1)}}});
    QVERIFY(!applied.error && applied.done == std::vector<bool>{true});
    QCOMPARE(database.ask("SELECT x FROM other"), QByteArray("1"));
}

void TestHostile::leavesOutWhatCharmNeverWrote()
{
    CharmDatabase database(copy(m_folder.path()));
    database.ask(
        "INSERT INTO charm_user (charm_id) VALUES ('../../etc'), ('" + uuid(7).toUpper().replace('0', 'A') +
        "'), (42), (x'00ff'), ('" + uuid(1) +
        "');"
        "INSERT INTO public_key (user_id, public_key) VALUES ('text', 'k1'), (9999, 'k2'), (1.5, 'k3');"
        "INSERT INTO public_key (user_id, public_key) SELECT u.id, k.public_key FROM charm_user u, "
        "public_key k "
        "WHERE u.charm_id = '" +
        uuid(1) +
        "' AND k.id = 1;"
        "INSERT INTO encrypt_key (public_key_id, global_id, encrypted_key) VALUES ('text', 'g', 'e'), (1, "
        "'', 'e');"
        "INSERT INTO named_seq (user_id, name, seq) VALUES ('text', 'n', 4), (1, 'long', 4), (1, 'word', "
        "'abc'), "
        "(1, 'real', 1.5), (1, 'minus', -4);"
        "UPDATE named_seq SET name = CAST(zeroblob(2000000) AS TEXT) WHERE name = 'long'");
    const auto reading = database.accounts().read();
    CRING_OK(reading);
    const auto original = CharmDatabase(m_model).accounts().read();
    AccountSet expected = original->accounts;
    QCOMPARE(reading->accounts.size(), size_t(2));
    QCOMPARE(reading->accounts.begin()->first, uuid(1));
    QVERIFY(reading->accounts.at(uuid(1)).keys.isEmpty());
    QVERIFY(reading->accounts.at(expected.begin()->first) == expected.begin()->second);
    QCOMPARE(reading->warnings.size(), 4);
}

void TestHostile::putsRightANumberThatIsNone()
{
    CharmDatabase database(copy(m_folder.path()));
    const QByteArray charmId = m_cluster->charmId().toLatin1();
    const QByteArray name = database.ask("SELECT name FROM named_seq");
    database.ask("UPDATE named_seq SET seq = 'abc'");
    Change raise{Change::Kind::RaiseSequence, charmId};
    raise.to = name;
    raise.sequence = 17;
    QCOMPARE(database.accounts().apply({{raise}}).done, std::vector<bool>{true});
    QCOMPARE(database.ask("SELECT typeof(seq), seq FROM named_seq"), QByteArray("integer|17"));
}

/// Of before Charm's migration 0001: without cascades.
void TestHostile::readsAndWritesAnOldServersTables()
{
    const QString path = m_folder.filePath(QStringLiteral("old.db"));
    CharmDatabase database(path);
    database.ask("CREATE TABLE charm_user (id INTEGER NOT NULL PRIMARY KEY, charm_id uuid UNIQUE NOT NULL, "
                 "name varchar(50) UNIQUE, "
                 "email varchar(254), bio varchar(1000), created_at timestamp default current_timestamp);"
                 "CREATE TABLE public_key (id INTEGER NOT NULL PRIMARY KEY, user_id integer NOT NULL, "
                 "public_key varchar(2048) NOT "
                 "NULL, created_at timestamp default current_timestamp, UNIQUE (user_id, public_key), "
                 "FOREIGN KEY (user_id) "
                 "REFERENCES charm_user (id));"
                 "CREATE TABLE encrypt_key (id INTEGER NOT NULL PRIMARY KEY, public_key_id integer NOT NULL, "
                 "global_id uuid NOT NULL, "
                 "created_at timestamp default current_timestamp, encrypted_key varchar(2048) NOT NULL, "
                 "FOREIGN KEY (public_key_id) "
                 "REFERENCES public_key (id));"
                 "CREATE TABLE named_seq (id INTEGER NOT NULL PRIMARY KEY, user_id integer NOT NULL, seq "
                 "integer NOT NULL DEFAULT 0, "
                 "name varchar(1024) NOT NULL, UNIQUE (user_id, name), FOREIGN KEY (user_id) REFERENCES "
                 "charm_user (id));"
                 "INSERT INTO charm_user (charm_id) VALUES ('" +
                 uuid(1) +
                 "'); INSERT INTO public_key (user_id, public_key, created_at) VALUES (1, 'k', 't');"
                 "INSERT INTO encrypt_key (public_key_id, global_id, encrypted_key) VALUES (1, 'g', 'e');"
                 "INSERT INTO named_seq (user_id, name) VALUES (1, 's')");
    CRING_OK(database.accounts().read());
    Change remove{Change::Kind::RemoveKey, uuid(1)};
    remove.key = "k";
    remove.createdAt = "t";
    const Applied applied = database.accounts().apply({{remove, {Change::Kind::RemoveAccount, uuid(1)}}});
    QVERIFY2(!applied.error, applied.error ? qPrintable(applied.error->toString()) : "");
    QCOMPARE(applied.done, std::vector<bool>(2, true));
    QCOMPARE(database.ask("SELECT (SELECT count(*) FROM encrypt_key) + (SELECT count(*) FROM named_seq)"),
             QByteArray("0"));
}

void TestHostile::says_data()
{
    QTest::addColumn<QByteArray>("bytes"); // "" = a whole copy, cut to a number of bytes.
    QTest::addColumn<int>("size");
    QTest::addColumn<int>("code");
    QTest::newRow("not a database") << QByteArray(5'000, 'x') << -1 << int(Code::AccountsDamaged);
    QTest::newRow("an empty file") << QByteArray() << 0 << int(Code::AccountsForeign);
    QTest::newRow("the head alone") << QByteArray() << 100 << int(Code::AccountsDamaged);
    QTest::newRow("one page") << QByteArray() << 4'096 << int(Code::AccountsDamaged);
    QTest::newRow("cut off in the middle") << QByteArray() << 20'000 << int(Code::AccountsDamaged);
}

void TestHostile::says()
{
    QFETCH(QByteArray, bytes);
    QFETCH(int, size);
    QFETCH(int, code);
    const QString path = copy(m_folder.path());
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(size < 0 ? file.resize(0) && file.write(bytes) == bytes.size() : file.resize(size));
    file.close();
    CharmDatabase database(path);
    const auto reading = database.accounts().read();
    QVERIFY(!reading.ok());
    QVERIFY2(int(reading.error().code) == code, qPrintable(reading.error().toString()));
    const Applied applied = database.accounts().apply({{{Change::Kind::AddAccount, uuid(1)}}});
    QVERIFY(applied.error);
    QCOMPARE(QFileInfo(path).size(), size < 0 ? bytes.size() : size);
}

void TestHostile::takesItBackOnAFullDisk()
{
    SmallDisk disk(4'000'000);
    CRING_OK(disk.made());
    CharmDatabase database(copy(disk.path()));
    const auto before = database.accounts().read();
    CRING_OK(before);
    disk.fill();
    std::vector<ChangeUnit> units;
    for (int i = 1; i <= 400; ++i) {
        Change key{Change::Kind::AddKey, uuid(i)};
        key.key = "key " + QByteArray::number(i) + QByteArray(300, 'x');
        units.push_back({{Change::Kind::AddAccount, uuid(i)}, key});
    }
    const Applied full = database.accounts().apply(units);
    QVERIFY(full.error && full.error->code == Code::AccountsFile);
    QVERIFY2(full.error->toString().contains(QStringLiteral("full")), qPrintable(full.error->toString()));
    QCOMPARE(full.done, std::vector<bool>(800, false));
    disk.release();
    const auto after = database.accounts().read();
    CRING_OK(after);
    QVERIFY(after->accounts == before->accounts);
    QCOMPARE(database.integrity(), QByteArray("ok"));
    const Applied applied = database.accounts().apply(units);
    QVERIFY(!applied.error);
    QCOMPARE(applied.done, std::vector<bool>(800, true));
    QCOMPARE(applied.transactions, 2);
    // A disk that takes nothing at all still lets the accounts be read.
    QProcess mount;
    mount.start(QStringLiteral("mount"), {QStringLiteral("-o"), QStringLiteral("remount,ro"), disk.path()});
    QVERIFY(mount.waitForFinished() && mount.exitCode() == 0);
    QCOMPARE(database.accounts().read().value().accounts.size(), before->accounts.size() + 400);
    const Applied refused = database.accounts().apply({{{Change::Kind::AddAccount, uuid(1'000)}}});
    QVERIFY(refused.error && refused.error->code == Code::AccountsFile);
}

void TestHostile::waitsForNobodysPipe()
{
    const QString path = m_folder.filePath(QStringLiteral("pipe"));
    QCOMPARE(::mkfifo(QFile::encodeName(path).constData(), 0600), 0);
    for (const QString &name : {path, m_folder.path(), m_folder.filePath(QStringLiteral("absent"))}) {
        const auto reading = CharmDatabase(name).accounts().read();
        QVERIFY(!reading.ok());
        QCOMPARE(int(reading.error().code), int(Code::AccountsFile));
    }
    QVERIFY(!QFile::exists(m_folder.filePath(QStringLiteral("absent"))));
}

void TestHostile::waitsBriefForALockFarAway()
{
    SlowLock lock;
    SeededRandom random(1);
    AccountsDatabase database(lock, QStringLiteral("charm1"), random, &lock.clock);
    const auto reading = database.read();
    QVERIFY(!reading.ok() && reading.error().code == Code::AccountsBusy);
    QCOMPARE(lock.tries, 4);
}

void TestHostile::rememberedBytesAreLookedAt_data()
{
    QTest::addColumn<QByteArray>("bytes");
    Synchronised state;
    state.accounts = accountsFrom("X name=carl k1+e1 s=4; Y k2");
    state.servers["a"] = {7, state.accounts};
    state.servers["b"] = {8, accountsFrom("X name=dora k1")};
    state.gone.keys[{"X", "k9"}] = "t";
    state.gone.accounts["Z"] = {"X", {{"s", 3}}};
    state.disputedNames["X"]["a"] = "carl";
    state.serverKey = "ssh-ed25519 AAAA";
    state.servers["a"].rows = {{"X", 4}};
    state.servers["b"].rows = {{"X", 1LL << 40}};
    const QByteArray whole = state.toBytes();
    const auto back = Synchronised::fromBytes(whole);
    QVERIFY(back.ok() && *back == state);
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("garbage") << QByteArray(1'000, '\xee');
    QTest::newRow("one byte too many") << whole + 'x';
    QByteArray newer = whole;
    newer[15] = 9;
    QTest::newRow("another version") << newer;
    for (qsizetype size : {1, 15, 16, 60})
        QTest::addRow("cut to %lld", static_cast<long long>(size)) << whole.left(size);
    for (qsizetype at = 0; at < whole.size(); at += 7) {
        QByteArray flipped = whole;
        flipped[at] = static_cast<char>(flipped.at(at) ^ 0x10);
        QTest::addRow("a bit at %lld", static_cast<long long>(at)) << flipped;
    }
}

void TestHostile::rememberedBytesAreLookedAt()
{
    QFETCH(QByteArray, bytes);
    const auto read = Synchronised::fromBytes(bytes);
    QVERIFY(!read.ok());
    QCOMPARE(int(read.error().code), int(Code::AccountsSeen));
}

/// Each release has only added to the end, or to what was taken away.
void TestHostile::earlierReleasesMemoryIsRead()
{
    Synchronised state;
    state.accounts = accountsFrom("X name=carl k1+e1 s=4; Y k2");
    state.servers["a"] = {7, state.accounts};
    state.gone.keys[{"X", "k9"}] = "t";
    const QByteArray whole = state.toBytes();
    QByteArray third = whole.chopped(32 + kAddedByFour);
    QByteArray second = third.chopped(kAddedByThree);
    third[15] = 3;
    // Behind the one key that is gone stand the numbers of accounts, of disabled ones and of returned keys:
    // all none.
    const QByteArray gone = QByteArray("\0\0\0\1t", 5) + QByteArray(12, '\0');
    const qsizetype at = second.indexOf(gone);
    QVERIFY(at > 0);
    second.remove(at + 13, 4);
    second[15] = 2;
    QByteArray first = second;
    first.remove(at + 9, 4);
    first[15] = 1;
    for (QByteArray bytes : {first, second, third}) {
        bytes += QCryptographicHash::hash(bytes, QCryptographicHash::Sha256);
        const auto read = Synchronised::fromBytes(bytes);
        CRING_OK(read);
        QVERIFY(*read == state);
    }
}

QTEST_GUILESS_MAIN(TestHostile)
#include "tst_hostile.moc"
