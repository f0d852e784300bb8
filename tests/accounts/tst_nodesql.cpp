// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/accountsdatabase.h"
#include "core/accounts/accountsync.h"
#include "core/accounts/charmfolder.h"
#include "core/accounts/localsql.h"
#include "core/accounts/nodefactory.h"
#include "core/accounts/nodesql.h"
#include "core/accounts/remotedatabase.h"
#include "core/base/clock.h"
#include "tests/support/charmcluster.h"
#include "tests/support/sshserver.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

using namespace cring;
using namespace cring::accounts;
using namespace cring::test;

/// What is read and written by the sqlite3 program where a database lives, behind a real sshd and here, is
/// what this process reads and writes itself.
class TestNodeSql : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();

    void readsWhatThisProcessReads_data() { localAndSsh(); }
    void readsWhatThisProcessReads();
    void writesWhatThisProcessReads_data() { localAndSsh(); }
    void writesWhatThisProcessReads();
    void givesWayAtOnce_data() { localAndSsh(); }
    void givesWayAtOnce();
    void changesNothingWhenTheTextEndsEarly_data() { localAndSsh(); }
    void changesNothingWhenTheTextEndsEarly();
    void holdsNoLockWhileTheTextIsOnItsWay_data() { localAndSsh(); }
    void holdsNoLockWhileTheTextIsOnItsWay();
    void changesNothingWhenTheLineIsCut_data() { localAndSsh(); }
    void changesNothingWhenTheLineIsCut();
    void saysWhatIsWrong_data();
    void saysWhatIsWrong();
    void takesPartInARound();
    void countsFilesWhoseFolderIsAwayAsThere();

private:
    static void localAndSsh();
    std::unique_ptr<INode> node();
    bool writeAside() const;
    QStringList leftBehind() const;
    QString database() const { return m_folder->path() + QLatin1Char('/') + charmfolder::kDatabase; }

    SystemClock m_clock;
    SystemRandom m_random;
    SshServer m_sshd;
    QTemporaryDir m_first;
    QString m_seed;
    std::unique_ptr<QTemporaryDir> m_folder;
};

namespace {

const QByteArray kNewcomer = "11111111-2222-4333-8444-555555555555";

/// Texts that a shell, a line or a separator could make something else of.
std::vector<ChangeUnit> hostileChanges()
{
    Change account{Change::Kind::AddAccount, kNewcomer};
    account.bio = "two\nlines | and \xc3\xa4 $HOME `id`\r\n.quit\n";
    Change key{Change::Kind::AddKey, kNewcomer};
    key.key = "ssh-ed25519 AAAA'; DROP TABLE charm_user; -- |x";
    key.createdAt = "2026-01-01 00:00:01";
    return {{account, key}};
}

/// A node whose line brings the first piece of what a program is given, and then stalls: `meanwhile` is
/// called when the program has read that piece, and says whether the rest follows or the line is cut.
class StallingNode final : public INode
{
public:
    static constexpr qsizetype kPiece = 16 * 1024; ///< Of an SSH channel.

    /// scratch: a folder for the program's temporary files, and for the pipe that is its line.
    StallingNode(INode &node, QString scratch, std::function<bool()> meanwhile)
        : m_node(node)
        , m_scratch(std::move(scratch))
        , m_meanwhile(std::move(meanwhile))
    {
    }

    const config::NodePlace &place() const override { return m_node.place(); }
    Result<std::optional<NodeEntry>> stat(const QString &path) override { return m_node.stat(path); }
    Result<QList<NodeEntry>> list(const QString &path) override { return m_node.list(path); }
    Status makeFolder(const QString &path, quint32 mode) override { return m_node.makeFolder(path, mode); }
    Status read(const QString &path, qint64 most, const Sink &sink) override
    {
        return m_node.read(path, most, sink);
    }
    Status write(const QString &path, const Source &source, quint32 mode) override
    {
        return m_node.write(path, source, mode);
    }
    Status remove(const QString &path) override { return m_node.remove(path); }
    Result<std::optional<qint64>> freeBytes() override { return m_node.freeBytes(); }
    Result<NodeOutcome> run(const NodeCommand &command) override
    {
        const QByteArray pipe = QFile::encodeName(m_scratch + QStringLiteral(".pipe"));
        if (::mkfifo(pipe.constData(), 0600) != 0 || ::chmod(pipe.constData(), 0666) != 0)
            return Error{Code::NodeFile, QStringLiteral("the test has no pipe")};
        NodeCommand piped = command;
        piped.argv = QStringList{QStringLiteral("env"),
                                 QStringLiteral("TMPDIR=") + m_scratch,
                                 QStringLiteral("sh"),
                                 QStringLiteral("-c"),
                                 QStringLiteral("p=$1; shift; exec \"$@\" <\"$p\""),
                                 QStringLiteral("sh"),
                                 QFile::decodeName(pipe)} +
                     command.argv;
        piped.input.clear();
        std::thread feeder([&] { feed(pipe, command.input); });
        Result<NodeOutcome> outcome = m_node.run(piped);
        feeder.join();
        ::unlink(pipe.constData());
        return outcome;
    }

private:
    void feed(const QByteArray &pipe, const QByteArray &input)
    {
        const int line = ::open(pipe.constData(), O_WRONLY | O_CLOEXEC); // waits for the program
        const QByteArray piece = input.first(kPiece);
        int unread = ::write(line, piece.constData(), static_cast<size_t>(piece.size())) == kPiece ? 1 : -1;
        while (unread > 0 && ::ioctl(line, FIONREAD, &unread) == 0)
            std::this_thread::yield();
        const QByteArray rest = input.sliced(kPiece);
        if (m_meanwhile())
            (void)!::write(line, rest.constData(), static_cast<size_t>(rest.size()));
        ::close(line);
    }

    INode &m_node;
    const QString m_scratch;
    const std::function<bool()> m_meanwhile;
};

} // namespace

void TestNodeSql::initTestCase()
{
    CRING_OK(m_sshd.start());
    CharmCluster cluster(1, 2);
    CRING_OK(cluster.start());
    cluster.at(0).stop();
    m_seed = m_first.filePath(QStringLiteral("seed.db"));
    QVERIFY(QFile::copy(cluster.at(0).dataDir() + QLatin1Char('/') + charmfolder::kDatabase, m_seed));
}

void TestNodeSql::localAndSsh()
{
    QTest::addColumn<bool>("remote");
    QTest::newRow("local") << false;
    QTest::newRow("ssh") << true;
}

void TestNodeSql::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(QDir().mkpath(QFileInfo(database()).path()));
    QVERIFY(QDir().mkpath(m_folder->filePath(QStringLiteral("scratch"))));
    QVERIFY(QFile::copy(m_seed, database()));
    using playground::ChildProcess;
    QVERIFY(ChildProcess::giveTreeTo(m_folder->path(), ChildProcess::User::Unprivileged));
}

std::unique_ptr<INode> TestNodeSql::node()
{
    const bool remote = QByteArray(QTest::currentDataTag()) != "local";
    SshAccess access;
    access.knownHosts = {m_sshd.knownHosts()};
    access.keyFiles = {m_sshd.keyFile()};
    const auto place = config::parseNodePlace(remote ? m_sshd.url(m_folder->path()) : m_folder->path());
    return makeNode(*place, access, m_clock, {});
}

void TestNodeSql::readsWhatThisProcessReads()
{
    const auto there = node();
    NodeSql program(*there);
    LocalSql library(database());
    const auto one = AccountsDatabase(program, QStringLiteral("one"), m_random).read();
    const auto other = AccountsDatabase(library, QStringLiteral("other"), m_random).read();
    CRING_OK(one);
    CRING_OK(other);
    QCOMPARE(one->accounts.size(), size_t{2});
    QVERIFY(one->accounts == other->accounts);
    QCOMPARE(one->warnings, other->warnings);
    QVERIFY(one->changeCounter != 0);
    QCOMPARE(one->changeCounter, other->changeCounter);
}

void TestNodeSql::writesWhatThisProcessReads()
{
    const auto there = node();
    NodeSql program(*there);
    AccountsDatabase written(program, QStringLiteral("written"), m_random);
    const Applied applied = written.apply(hostileChanges());
    QVERIFY2(!applied.error, applied.error ? qPrintable(applied.error->toString()) : "");
    QCOMPARE(applied.done, (std::vector<bool>{true, true}));
    LocalSql library(database());
    const auto read = AccountsDatabase(library, QStringLiteral("read"), m_random).read();
    CRING_OK(read);
    const Account &account = read->accounts.at(kNewcomer);
    QCOMPARE(account.bio, hostileChanges().at(0).at(0).bio);
    QCOMPARE(account.keys.size(), 1);
    QCOMPARE(account.keys.constFirst().text, hostileChanges().at(0).at(1).key);
    const auto again = written.read();
    CRING_OK(again);
    QVERIFY(again->accounts == read->accounts);
    // A program that came as root made no file that the server cannot use.
    QVERIFY(!QFile::exists(database() + QStringLiteral("-journal")));
}

void TestNodeSql::givesWayAtOnce()
{
    QProcess writer;
    writer.start(QStringLiteral("sqlite3"), {database()});
    QVERIFY2(writer.waitForStarted(), "install sqlite3");
    writer.write("BEGIN EXCLUSIVE;\nSELECT 'locked';\n");
    QVERIFY(
        spinUntil([&] { return writer.canReadLine() || writer.state() == QProcess::NotRunning; }, 10'000));
    const auto there = node();
    CRING_OK(there->stat(QString()));
    NodeSql program(*there);
    const auto start = m_clock.steady();
    const auto ran = program.run("BEGIN IMMEDIATE;\nCOMMIT;\n", [](SqlRow) { return true; }, {});
    QVERIFY(!ran.ok());
    QVERIFY2(ran.error().code == Code::AccountsBusy, qPrintable(ran.error().toString()));
    QVERIFY(m_clock.steady() - start < std::chrono::seconds(2));
    writer.write("COMMIT;\n");
    writer.closeWriteChannel();
    QVERIFY(writer.waitForFinished());
    CRING_OK(program.run("BEGIN IMMEDIATE;\nCOMMIT;\n", [](SqlRow) { return true; }, {}));
}

void TestNodeSql::changesNothingWhenTheTextEndsEarly()
{
    const auto there = node();
    NodeSql program(*there);
    const QByteArray half = "BEGIN IMMEDIATE;\nDELETE FROM charm_user;\n";
    CRING_OK(program.run(half, [](SqlRow) { return true; }, {}));
    const auto wrong =
        program.run(half + "SELECT nonsense FROM charm_user;\nCOMMIT;\n", [](SqlRow) { return true; }, {});
    QVERIFY(!wrong.ok());
    QVERIFY2(wrong.error().code == Code::AccountsForeign, qPrintable(wrong.error().toString()));
    const auto called = program.run("SELECT hex('a');\nSELECT hex('b');\n", [](SqlRow) { return false; }, {});
    QVERIFY(!called.ok());
    QCOMPARE(called.error().code, Code::AccountsStopped);
    const auto read = AccountsDatabase(program, QStringLiteral("read"), m_random).read();
    CRING_OK(read);
    QCOMPARE(read->accounts.size(), size_t{2});
}

/// What a Charm server does meanwhile: it waits for a lock for a while.
bool TestNodeSql::writeAside() const
{
    QProcess writer;
    writer.start(QStringLiteral("sqlite3"),
                 {QStringLiteral("-cmd"), QStringLiteral(".timeout 2000"), database(),
                  QStringLiteral("UPDATE charm_user SET email = 'aside';")});
    return writer.waitForFinished() && writer.exitCode() == 0;
}

QStringList TestNodeSql::leftBehind() const
{
    return QDir(m_folder->filePath(QStringLiteral("scratch")))
        .entryList(QDir::AllEntries | QDir::NoDotAndDotDot);
}

void TestNodeSql::holdsNoLockWhileTheTextIsOnItsWay()
{
    const auto there = node();
    bool written = false;
    StallingNode stalling(*there, m_folder->filePath(QStringLiteral("scratch")), [&] {
        written = writeAside();
        return true;
    });
    NodeSql program(stalling);
    auto changes = hostileChanges();
    changes[0][0].bio = QByteArray(3 * StallingNode::kPiece, 'b');
    const Applied applied = AccountsDatabase(program, QStringLiteral("stalling"), m_random).apply(changes);
    QVERIFY2(!applied.error, applied.error ? qPrintable(applied.error->toString()) : "");
    QVERIFY2(written, "a writer was kept out while the rest of the text was awaited");
    NodeSql other(*there);
    const auto read = AccountsDatabase(other, QStringLiteral("read"), m_random).read();
    CRING_OK(read);
    QCOMPARE(read->accounts.at(kNewcomer).bio.size(), changes[0][0].bio.size());
    QCOMPARE(leftBehind(), QStringList());
}

/// Between two statements, of which the first would hold by itself.
void TestNodeSql::changesNothingWhenTheLineIsCut()
{
    const auto there = node();
    StallingNode cut(*there, m_folder->filePath(QStringLiteral("scratch")), [] { return false; });
    QByteArray text = "UPDATE charm_user SET email = 'cut';\n";
    text += "--" + QByteArray(StallingNode::kPiece - text.size() - 3, '-') + '\n' + "SELECT hex('a');\n";
    const auto ran = NodeSql(cut).run(text, [](SqlRow) { return true; }, {});
    QVERIFY(!ran.ok());
    QVERIFY2(ran.error().code == Code::NodeCommand, qPrintable(ran.error().toString()));
    NodeSql other(*there);
    const auto read = AccountsDatabase(other, QStringLiteral("read"), m_random).read();
    CRING_OK(read);
    for (const auto &[charmId, account] : read->accounts)
        QVERIFY2(account.email != "cut", "half a text was carried out");
    QCOMPARE(leftBehind(), QStringList());
}

void TestNodeSql::saysWhatIsWrong_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<Code>("code");
    QTest::newRow("absent") << QByteArray() << Code::AccountsFile;
    QTest::newRow("no database") << QByteArray(8'192, 'x') << Code::AccountsDamaged;
}

void TestNodeSql::saysWhatIsWrong()
{
    QFETCH(QByteArray, content);
    QFETCH(Code, code);
    QVERIFY(QFile::remove(database()));
    QFile file(database());
    if (!content.isEmpty())
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(content) == content.size());
    file.close();
    const auto there = node();
    NodeSql program(*there);
    const auto read = AccountsDatabase(program, QStringLiteral("charm1"), m_random).read();
    QVERIFY(!read.ok());
    QVERIFY2(read.error().code == code, qPrintable(read.error().toString()));
}

/// One database here, one behind the sshd: a newcomer of either is on both after a round.
void TestNodeSql::takesPartInARound()
{
    QTemporaryDir here;
    const QString file = here.filePath(QStringLiteral("here.db"));
    QVERIFY(QFile::copy(m_seed, file));
    const auto there = node();
    NodeSql program(*there);
    LocalSql library(file);
    CRING_OK(
        Result<bool>(AccountsDatabase(library, QStringLiteral("here"), m_random).apply(hostileChanges()).error
                         ? Result<bool>(Error{Code::AccountsFile, QStringLiteral("not applied")})
                         : Result<bool>(true)));
    Synchronised state;
    AccountSync sync(m_random);
    SyncServer first{"a", QStringLiteral("here"), &library, {}};
    SyncServer second{"b", QStringLiteral("there"), &program, {}};
    for (int i = 0; i < 2; ++i) {
        const RoundOutcome round = sync.round(state, {first, second});
        for (const ServerOutcome &server : round.servers)
            QVERIFY2(!server.error, server.error ? qPrintable(server.error->toString()) : "");
    }
    const auto one = AccountsDatabase(library, QStringLiteral("here"), m_random).read();
    const auto other = AccountsDatabase(program, QStringLiteral("there"), m_random).read();
    CRING_OK(one);
    CRING_OK(other);
    QCOMPARE(one->accounts.size(), size_t{3});
    QVERIFY(one->accounts == other->accounts);
}

void TestNodeSql::countsFilesWhoseFolderIsAwayAsThere()
{
    SshAccess access;
    access.knownHosts = {m_sshd.knownHosts()};
    access.keyFiles = {m_sshd.keyFile()};
    RemoteDatabase database(*config::parseNodePlace(m_sshd.url(m_folder->path())), access, m_clock);
    const FileProbe hasFiles = database.files();
    QVERIFY(hasFiles("absent"));
    QVERIFY(QDir().mkpath(m_folder->filePath(QStringLiteral("files/full/one"))));
    QVERIFY(QDir().mkpath(m_folder->filePath(QStringLiteral("files/empty"))));
    QVERIFY(!hasFiles("absent") && !hasFiles("empty") && hasFiles("full"));
}

QTEST_GUILESS_MAIN(TestNodeSql)
#include "tst_nodesql.moc"
