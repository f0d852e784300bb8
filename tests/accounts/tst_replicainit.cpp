// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/loopback.h"
#include "core/accounts/charmfolder.h"
#include "core/accounts/nodefactory.h"
#include "core/accounts/replicainit.h"
#include "core/base/clock.h"
#include "core/charm/token.h"
#include "tests/accounts/dyingnode.h"
#include "tests/support/charmcluster.h"
#include "tests/support/smalldisk.h"
#include "tests/support/sshserver.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

using namespace cring;
using namespace cring::accounts;
using namespace cring::test;
using playground::ChildProcess;

/// New data directories from a real Charm server's, here and over a real sshd: whole or gone, whatever
/// happens in between, and a real server started from one stands for the first.
class TestReplicaInit : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void aServerStartedFromItStandsForTheFirst_data();
    void aServerStartedFromItStandsForTheFirst();
    void goesOnAfterItWasKilledAnywhere_data() { localAndSsh(); }
    void goesOnAfterItWasKilledAnywhere();
    void goesOnAfterTheConnectionWasLostAnywhere();
    void takesAwayWhatFailsForGood();
    void leavesNothingOnADiskThatFillsUp_data() { localAndSsh(); }
    void leavesNothingOnADiskThatFillsUp();
    void refuses_data();
    void refuses();
    void doesNothingWhereAllIsThere();
    void refusesAnUnfinishedFolderThatAServerHasUsed();
    void saysWhatTheSourceLacks();
    void saysThatSqliteIsMissing();

private:
    static void localAndSsh();
    std::unique_ptr<INode> nodeAt(const QString &folder, bool remote);
    Result<InitReport> copy(INode &source, INode &target, const ReplicaInit::Progress &progress = {});
    ReplicaPlan plan() const;
    QString path(const QString &name) const { return m_folder->path() + QLatin1Char('/') + name; }
    QByteArrayList differences(const QString &target) const;

    SystemClock m_clock;
    std::unique_ptr<CharmCluster> m_cluster; ///< One server with two accounts.
    SshServer m_sshd;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<std::stop_source> m_stop;
};

namespace {

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

mode_t modeOf(const QString &path)
{
    struct stat info
    {
    };
    return ::stat(QFile::encodeName(path).constData(), &info) == 0 ? info.st_mode & 07777 : 0;
}

/// All rows of a table, as text; the table named token is empty in a copy.
QByteArrayList rowsOf(const QString &database, const QString &sql)
{
    QByteArrayList rows;
    {
        QSqlDatabase connection =
            QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("rows"));
        connection.setDatabaseName(database);
        connection.setConnectOptions(QStringLiteral("QSQLITE_OPEN_READONLY"));
        QSqlQuery query(connection);
        if (!connection.open() || !query.exec(sql))
            rows += "error: " + query.lastError().text().toUtf8();
        while (query.next()) {
            QByteArrayList columns;
            for (int i = 0; i < 6; ++i)
                columns += query.value(i).toString().toUtf8();
            rows += columns.join('|');
        }
    }
    QSqlDatabase::removeDatabase(QStringLiteral("rows"));
    return rows;
}

QStringList everythingIn(const QString &folder)
{
    return QDir(folder).entryList(QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot);
}

void verifyFails(const Result<InitReport> &result, Code code, const char *words)
{
    QVERIFY(!result.ok());
    QVERIFY2(result.error().code == code && result.error().detail.contains(QString::fromUtf8(words)),
             qPrintable(result.error().toString()));
}

} // namespace

void TestReplicaInit::initTestCase()
{
    m_cluster = std::make_unique<CharmCluster>(1, 2);
    CRING_OK(m_cluster->start());
    CRING_OK(m_sshd.start());
}

void TestReplicaInit::localAndSsh()
{
    QTest::addColumn<bool>("remote");
    QTest::newRow("local") << false;
    QTest::newRow("ssh") << true;
}

void TestReplicaInit::init()
{
    m_stop = std::make_unique<std::stop_source>();
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(ChildProcess::giveTreeTo(m_folder->path(), ChildProcess::User::Unprivileged));
}

void TestReplicaInit::cleanup()
{
    if (QTest::currentTestFailed())
        qWarning("sshd: %s", m_sshd.log().right(2'000).constData());
}

std::unique_ptr<INode> TestReplicaInit::nodeAt(const QString &folder, bool remote)
{
    SshAccess access;
    access.knownHosts = {m_sshd.knownHosts()};
    access.keyFiles = {m_sshd.keyFile()};
    const auto place = config::parseNodePlace(remote ? m_sshd.url(folder) : folder);
    return place.ok() ? makeNode(*place, access, m_clock, m_stop->get_token()) : nullptr;
}

ReplicaPlan TestReplicaInit::plan() const
{
    ReplicaPlan plan;
    plan.issuer = m_cluster->at(0).issuer().toUtf8();
    return plan;
}

Result<InitReport> TestReplicaInit::copy(INode &source, INode &target, const ReplicaInit::Progress &progress)
{
    return ReplicaInit(source, target, plan(), QDir::tempPath(), m_stop->get_token(), progress).run();
}

/// What is not as it has to be in a finished directory.
QByteArrayList TestReplicaInit::differences(const QString &target) const
{
    QByteArrayList wrong;
    const QString source = m_cluster->at(0).dataDir();
    const auto check = [&wrong](bool good, const QString &what) {
        if (!good)
            wrong += what.toUtf8();
    };
    for (const QString &key : {charmfolder::kKey, charmfolder::kPublicKey}) {
        const QString there = target + QLatin1Char('/') + key;
        check(contentOf(there) == contentOf(source + QLatin1Char('/') + key),
              key + QStringLiteral(" differs"));
        check(modeOf(there) == 0600, key + QStringLiteral(" has another mode"));
    }
    for (const QString &folder : {QString(), charmfolder::kSsh, charmfolder::kDb, charmfolder::kFiles})
        check(modeOf(target + QLatin1Char('/') + folder) == 0700,
              folder + QStringLiteral("/ has another mode"));
    const QString from = source + QLatin1Char('/') + charmfolder::kDatabase;
    const QString to = target + QLatin1Char('/') + charmfolder::kDatabase;
    for (const char *table : {"charm_user", "public_key", "encrypt_key", "named_seq", "news", "news_tag"}) {
        const QString sql = QStringLiteral("SELECT * FROM %1 ORDER BY id").arg(QLatin1String(table));
        check(rowsOf(from, sql) == rowsOf(to, sql), QLatin1String(table) + QStringLiteral(" differs"));
    }
    check(rowsOf(to, QStringLiteral("SELECT * FROM token")).isEmpty(), QStringLiteral("there are tokens"));
    QStringList expected{QStringLiteral(".ssh"), QStringLiteral("charm.env"), QStringLiteral("charm.service"),
                         QStringLiteral("db"), QStringLiteral("files")};
    check(everythingIn(target) == expected, everythingIn(target).join(QLatin1Char(' ')));
    check(everythingIn(target + QStringLiteral("/db")).size() == 1, QStringLiteral("more in db/"));
    check(everythingIn(target + QStringLiteral("/.ssh")).size() == 2, QStringLiteral("more in .ssh/"));
    return wrong;
}

#define VERIFY_NONE(lines)                                                                                   \
    do {                                                                                                     \
        const QByteArrayList none = (lines);                                                                 \
        QVERIFY2(none.isEmpty(), none.join('\n').constData());                                               \
    } while (false)

void TestReplicaInit::aServerStartedFromItStandsForTheFirst_data()
{
    QTest::addColumn<bool>("fromRemote");
    QTest::addColumn<bool>("toRemote");
    QTest::newRow("local to local") << false << false;
    QTest::newRow("local to ssh") << false << true;
    QTest::newRow("ssh to local") << true << false;
    QTest::newRow("ssh to ssh") << true << true;
}

void TestReplicaInit::aServerStartedFromItStandsForTheFirst()
{
    QFETCH(bool, fromRemote);
    QFETCH(bool, toRemote);
    CharmServer &first = m_cluster->at(0);
    CharmClient &client = m_cluster->client();
    client.pointAt(first.address(), first.sshPort(), first.httpPort());
    // Load on the source while it is copied: sequences and names are rows of its database.
    std::vector<std::unique_ptr<ChildProcess>> load;
    for (int i = 0; i < 3; ++i)
        load.push_back(client.launch({QStringLiteral("kv"), QStringLiteral("set"),
                                      QStringLiteral("key%1").arg(i), QStringLiteral("value")}));
    const auto source = nodeAt(first.dataDir(), fromRemote);
    const QString folder = path(QStringLiteral("charm 2"));
    const auto target = nodeAt(folder, toRemote);
    const auto report = copy(*source, *target);
    CRING_OK(report);
    QCOMPARE(report->outcome, InitReport::Outcome::Made);
    QCOMPARE(report->kid, m_cluster->minter().kid());
    QCOMPARE(report->accounts, 2);
    QVERIFY(report->unit.contains("ExecStart="));
    for (const auto &process : load)
        QVERIFY(spinUntil([&] { return process->state() == QProcess::NotRunning; }, 20'000));

    CharmServerOptions options = first.options();
    options.dataDir = folder;
    options.logFile = path(QStringLiteral("charm2.log"));
    options.publicUrl = first.issuer();
    options.httpPort = options.sshPort = options.healthPort = options.statsPort = 0;
    CharmServer second(options);
    CRING_OK(second.start());
    const auto keys = playground::fetch(QUrl(second.url().toString() + QStringLiteral("/v1/public/jwks")),
                                        std::chrono::milliseconds(3'000));
    CRING_OK(keys);
    QVERIFY(keys->contains(report->kid));
    // The account works there, and it is the same one.
    client.pointAt(second.address(), second.sshPort(), second.httpPort());
    const auto id = client.run({QStringLiteral("id")});
    CRING_OK(id);
    QCOMPARE(QString::fromUtf8(id.out).trimmed(), m_cluster->charmId());
    const QString note = path(QStringLiteral("note"));
    QFile file(note);
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("hello") == 5);
    file.close();
    CRING_OK(client.run({QStringLiteral("fs"), QStringLiteral("cp"), note, QStringLiteral("charm:note")}));
    const auto read = client.run({QStringLiteral("fs"), QStringLiteral("cat"), QStringLiteral("charm:note")});
    CRING_OK(read);
    QVERIFY(read.out.contains("hello"));
    second.stop();
    client.pointAt(first.address(), first.sshPort(), first.httpPort());
}

/// The kernel ends it at each instant that it tells of, one after the other.
void TestReplicaInit::goesOnAfterItWasKilledAnywhere()
{
    QFETCH(bool, remote);
    const QString folder = path(QStringLiteral("data"));
    int kills = 0;
    for (int instant = 1;; ++instant) {
        const pid_t child = ::fork();
        if (child == 0) {
            const auto source = nodeAt(m_cluster->at(0).dataDir(), false);
            const auto target = nodeAt(folder, remote);
            int told = 0;
            const auto report = copy(*source, *target, [&](const InitProgress &) {
                if (++told == instant)
                    ::raise(SIGKILL);
            });
            ::_exit(report.ok() ? 0 : 1);
        }
        int how = 0;
        QCOMPARE(::waitpid(child, &how, 0), child);
        if (WIFEXITED(how)) {
            QCOMPARE(WEXITSTATUS(how), 0);
            break;
        }
        QCOMPARE(WTERMSIG(how), SIGKILL);
        ++kills;
        QVERIFY(kills < 50);
    }
    QVERIFY(kills >= 6);
    VERIFY_NONE(differences(folder));
}

/// Every change of the target is the last one once: it fails before, or right after it was made.
void TestReplicaInit::goesOnAfterTheConnectionWasLostAnywhere()
{
    int cuts = 0;
    bool finished = false;
    for (int at = 1; !finished; ++at) {
        for (const bool after : {false, true}) {
            const QString folder = path(QStringLiteral("data%1%2").arg(at).arg(after));
            const auto source = nodeAt(m_cluster->at(0).dataDir(), false);
            const auto real = nodeAt(folder, false);
            DyingNode dying(*real, at, after);
            const auto broken = copy(*source, dying);
            if (broken.ok()) {
                finished = true;
                break;
            }
            QCOMPARE(broken.error().code, Code::BackendUnreachable);
            ++cuts;
            const auto report = copy(*source, *real);
            CRING_OK(report);
            VERIFY_NONE(differences(folder));
        }
    }
    QVERIFY(cuts > 16);
}

/// Every change of the target fails once as only a disk does: nothing stays.
void TestReplicaInit::takesAwayWhatFailsForGood()
{
    for (const bool isThere : {false, true}) {
        int failures = 0;
        for (int at = 1;; ++at) {
            const QString folder = path(QStringLiteral("data%1").arg(isThere));
            if (isThere) {
                QVERIFY(QDir().mkpath(folder));
                QVERIFY(ChildProcess::giveTo(folder, ChildProcess::User::Unprivileged));
            }
            const auto source = nodeAt(m_cluster->at(0).dataDir(), false);
            const auto real = nodeAt(folder, false);
            DyingNode failing(*real, at, false, DyingNode::Death::FailsOnce);
            const auto report = copy(*source, failing);
            if (report.ok())
                break;
            ++failures;
            QCOMPARE(report.error().code, Code::NodeFull);
            QCOMPARE(QFile::exists(folder), isThere);
            QCOMPARE(everythingIn(folder), QStringList());
        }
        QVERIFY(failures > 6);
    }
}

void TestReplicaInit::leavesNothingOnADiskThatFillsUp()
{
    QFETCH(bool, remote);
    const qint64 database = QFile(m_cluster->at(0).dataDir() + QStringLiteral("/db/charm_sqlite.db")).size();
    // Enough for what is asked before, and taken away by somebody else then.
    SmallDisk disk(database + 6 * 1024 * 1024);
    CRING_OK(disk.made());
    m_sshd.stop();
    CRING_OK(m_sshd.start());
    const auto source = nodeAt(m_cluster->at(0).dataDir(), false);
    const QString folder = disk.path() + QStringLiteral("/data");
    const auto target = nodeAt(folder, remote);
    const auto report = copy(*source, *target, [&](const InitProgress &progress) {
        if (progress.phase == InitProgress::Phase::Sending && progress.done == 0)
            disk.fill();
    });
    verifyFails(report, Code::NodeFull, "the disk is full");
    QVERIFY(!QFile::exists(folder));
    // And one that is too small from the beginning is left as it is.
    const auto small = copy(*source, *target);
    verifyFails(small, Code::NodeFull, "make room");
    QVERIFY(!QFile::exists(folder));
    disk.release();
    const auto good = copy(*source, *target);
    CRING_OK(good);
    VERIFY_NONE(differences(folder));
}

void TestReplicaInit::refuses_data()
{
    QTest::addColumn<QString>("what");
    QTest::addColumn<QString>("words");
    QTest::newRow("other files") << "files"
                                 << "is not empty (photo.jpg)";
    QTest::newRow("a file") << "file"
                            << "is there and no folder";
    QTest::newRow("another cluster") << "cluster"
                                     << "belongs to another cluster";
    QTest::newRow("another cluster's beginning") << "beginning"
                                                 << "the beginning of a server for another cluster";
    QTest::newRow("a marker of something else") << "marker"
                                                << "was begun by something else";
    QTest::newRow("the source itself") << "itself"
                                       << "is the server that is to be copied";
}

void TestReplicaInit::refuses()
{
    QFETCH(QString, what);
    QFETCH(QString, words);
    QString folder = path(QStringLiteral("data"));
    const auto put = [&](const QString &name, const QByteArray &text) {
        const QString full = folder + QLatin1Char('/') + name;
        QDir().mkpath(QFileInfo(full).path());
        QFile file(full);
        return file.open(QIODevice::WriteOnly) && file.write(text) == text.size();
    };
    InitMarker marker;
    marker.publicKey = QByteArray(32, 'k');
    if (what == QLatin1String("files"))
        QVERIFY(put(QStringLiteral("photo.jpg"), "x"));
    if (what == QLatin1String("file")) {
        QFile file(folder);
        QVERIFY(file.open(QIODevice::WriteOnly));
    }
    if (what == QLatin1String("cluster"))
        QVERIFY(put(charmfolder::kPublicKey, "ssh-ed25519 " + QByteArray(51, 'k').toBase64() + " other\n"));
    if (what == QLatin1String("beginning"))
        QVERIFY(put(InitMarker::kName, marker.toJson()));
    if (what == QLatin1String("marker"))
        QVERIFY(put(InitMarker::kName, "{\"version\": 7}"));
    if (what == QLatin1String("itself"))
        folder = m_cluster->at(0).dataDir();
    const QStringList before = everythingIn(folder);
    const auto source = nodeAt(m_cluster->at(0).dataDir(), false);
    const auto target = nodeAt(folder, false);
    verifyFails(copy(*source, *target), Code::ReplicaTarget, words.toUtf8().constData());
    QCOMPARE(everythingIn(folder), before);
}

void TestReplicaInit::doesNothingWhereAllIsThere()
{
    const auto source = nodeAt(m_cluster->at(0).dataDir(), false);
    const QString folder = path(QStringLiteral("data"));
    const auto target = nodeAt(folder, false);
    CRING_OK(copy(*source, *target));
    const QByteArray database = contentOf(folder + QStringLiteral("/db/charm_sqlite.db"));
    const auto again = copy(*source, *target);
    CRING_OK(again);
    QCOMPARE(again->outcome, InitReport::Outcome::AlreadyThere);
    QCOMPARE(contentOf(folder + QStringLiteral("/db/charm_sqlite.db")), database);
}

void TestReplicaInit::refusesAnUnfinishedFolderThatAServerHasUsed()
{
    const auto source = nodeAt(m_cluster->at(0).dataDir(), false);
    const QString folder = path(QStringLiteral("data"));
    const auto target = nodeAt(folder, false);
    CRING_OK(copy(*source, *target));
    InitMarker marker;
    marker.publicKey = m_cluster->minter().publicKey();
    const QByteArray database = contentOf(folder + QStringLiteral("/db/charm_sqlite.db"));
    marker.databaseDigest = QCryptographicHash::hash(database + "used", QCryptographicHash::Sha256).toHex();
    CRING_OK(writeAll(*target, InitMarker::kName, marker.toJson(), 0600));
    verifyFails(copy(*source, *target), Code::ReplicaTarget, "a server has written to");
    QCOMPARE(contentOf(folder + QStringLiteral("/db/charm_sqlite.db")), database);
    // As it was left: the next run goes on.
    marker.databaseDigest = QCryptographicHash::hash(database, QCryptographicHash::Sha256).toHex();
    CRING_OK(writeAll(*target, InitMarker::kName, marker.toJson(), 0600));
    const auto resumed = copy(*source, *target);
    CRING_OK(resumed);
    QCOMPARE(resumed->outcome, InitReport::Outcome::Resumed);
    VERIFY_NONE(differences(folder));
}

void TestReplicaInit::saysWhatTheSourceLacks()
{
    const QString folder = path(QStringLiteral("data"));
    const auto target = nodeAt(folder, false);
    const QString broken = path(QStringLiteral("broken"));
    const auto source = nodeAt(broken, false);
    verifyFails(copy(*source, *target), Code::ReplicaSource, "is not there: is that the data directory");
    CRING_OK(copy(*nodeAt(m_cluster->at(0).dataDir(), false), *source));
    CRING_OK(writeAll(*source, charmfolder::kDatabase, "SQLite format 3, but not really", 0600));
    verifyFails(copy(*source, *target), Code::ReplicaSource, "");
    CRING_OK(writeAll(*source, charmfolder::kDatabase, QByteArray(), 0600));
    verifyFails(copy(*source, *target), Code::ReplicaSource, "no database of a Charm server");
    CRING_OK(writeAll(*source, charmfolder::kKey, "no key", 0600));
    verifyFails(copy(*source, *target), Code::ReplicaSource, "holds no private key");
    QVERIFY(!QFile::exists(folder));
    ReplicaPlan unknown = plan();
    unknown.issuer.clear();
    const auto report = ReplicaInit(*nodeAt(m_cluster->at(0).dataDir(), false), *target, unknown,
                                    QDir::tempPath(), m_stop->get_token(), {})
                            .run();
    verifyFails(report, Code::ConfigBadValue, "the issuer of the other servers is not known");
}

void TestReplicaInit::saysThatSqliteIsMissing()
{
    // A machine that has a shell and next to nothing else.
    const QString bin = path(QStringLiteral("bin"));
    QVERIFY(QDir().mkpath(bin));
    for (const char *program : {"sh", "dirname", "basename", "mktemp", "cat", "rm"}) {
        const QString name = QLatin1String(program);
        QVERIFY(QFile::link(QStandardPaths::findExecutable(name), bin + QLatin1Char('/') + name));
    }
    m_sshd.stop();
    m_sshd.configure({QStringLiteral("SetEnv PATH=%1").arg(bin)});
    CRING_OK(m_sshd.start());
    const auto source = nodeAt(m_cluster->at(0).dataDir(), true);
    const QString folder = path(QStringLiteral("data"));
    const auto target = nodeAt(folder, false);
    verifyFails(copy(*source, *target), Code::NodeCommand, "install the package sqlite3 there");
    QVERIFY(!QFile::exists(folder));
    m_sshd.stop();
    m_sshd.configure({});
    CRING_OK(m_sshd.start());
}

QTEST_GUILESS_MAIN(TestReplicaInit)
#include "tst_replicainit.moc"
