// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/accountedit.h"
#include "core/accounts/accountkeeper.h"
#include "core/accounts/localsql.h"
#include "core/charm/serverkey.h"
#include "tests/accounts/charmdatabase.h"
#include "tests/support/charmcluster.h"
#include "tests/support/hungdisk.h"
#include "tests/support/spin.h"
#include "tests/support/sshserver.h"

#include <QElapsedTimer>
#include <QScopeGuard>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

#include <sys/stat.h>
#include <unistd.h>

using namespace cring;
using namespace cring::accounts;
using namespace cring::test;

/// Real servers that know nothing of one another but their key, and the real client at one of them.
class TestKeeper : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void newAccountReachesAllWithinSeconds();
    void answersForTheAccountsAfterARestart();
    void unlinkedKeyGoesEverywhere();
    void lastKeyStays();
    void damagedFileIsSetAside();
    void serverOfAnotherClusterIsLeftOut();
    void nothingIsWrittenWhileNothingChanges();
    void serversBehindSshTakePart();
    void accountMadeBehindSshIsSeenByItself();
    void connectionIsKeptAndMadeAgain();
    void machineThatDoesNotAnswerHoldsNobodyUp();
    void serverOfAnotherClusterBehindSshIsLeftOut();
    void aloneAtFirstMixesNothing();
    void wrongDirectoryOfTheOnlyServerMixesNothing();
    void directoryOfAnotherThanTheServerMixesNothing();
    void serverThatMovesInTheMiddleOfALookTakesNoPart();
    void unreadableKeyOutvotesNobody();
    void timeIsOfARoundWithAServer();
    void fileThatCannotBeReadNowIsKept();
    void diskThatHangsHoldsNobodyUp();
    void diskThatHangsAfterTheLookHoldsNobodyUp();
    void whatCouldNotBeSyncedIsNotInTheFile();

private:
    std::unique_ptr<AccountKeeper> keeper();
    /// These servers are reached by SSH.
    std::unique_ptr<AccountKeeper> keeperOverSsh(const QList<int> &remote);
    SshAccess access() const;
    AccountKeeper::Server entry(const CharmServer &server, bool overSsh) const;
    QByteArray newcomerAt(int server);
    bool has(int server, const QByteArray &charmId) const;
    std::optional<AccountKeeper::Report> roundOf(AccountKeeper &keeping);
    bool isEverywhere(const QByteArray &charmId) const;

    SshServer m_sshd;
    std::unique_ptr<CharmCluster> m_cluster;
    std::unique_ptr<QTemporaryDir> m_state;
    SystemClock m_clock;
    telemetry::ActivityLog m_activity{m_clock};
};

namespace {

constexpr int Limit = 15'000;

} // namespace

void TestKeeper::init()
{
    m_state = std::make_unique<QTemporaryDir>();
    m_cluster = std::make_unique<CharmCluster>(3);
    CRING_OK(m_cluster->start());
}

std::unique_ptr<AccountKeeper> TestKeeper::keeper()
{
    auto keeper = std::make_unique<AccountKeeper>(m_state->path(), m_clock, m_activity);
    keeper->load();
    QList<AccountKeeper::Server> servers;
    for (int i = 0; i < m_cluster->size(); ++i) {
        const CharmServer &server = m_cluster->at(i);
        config::NodePlace place;
        place.path = server.dataDir();
        servers.append({server.name(), server.name(), place});
    }
    keeper->configure(servers);
    return keeper;
}

SshAccess TestKeeper::access() const
{
    SshAccess access;
    access.knownHosts = {m_sshd.knownHosts()};
    access.keyFiles = {m_sshd.keyFile()};
    return access;
}

AccountKeeper::Server TestKeeper::entry(const CharmServer &server, bool overSsh) const
{
    const auto place = config::parseNodePlace(overSsh ? m_sshd.url(server.dataDir()) : server.dataDir());
    return {server.dataDir(), server.name(), place ? std::optional(*place) : std::nullopt};
}

std::unique_ptr<AccountKeeper> TestKeeper::keeperOverSsh(const QList<int> &remote)
{
    auto keeper = std::make_unique<AccountKeeper>(m_state->path(), m_clock, m_activity, access());
    QList<AccountKeeper::Server> servers;
    for (int i = 0; i < m_cluster->size(); ++i)
        servers.append(entry(m_cluster->at(i), remote.contains(i)));
    keeper->configure(servers);
    return keeper;
}

QByteArray TestKeeper::newcomerAt(int server)
{
    CharmClient *stranger = m_cluster->addStranger();
    const CharmServer &charm = m_cluster->at(server);
    stranger->pointAt(charm.address(), charm.sshPort(), charm.httpPort());
    return stranger->run({QStringLiteral("id")}).out.trimmed();
}

/// Nothing when it has not ended in time.
std::optional<AccountKeeper::Report> TestKeeper::roundOf(AccountKeeper &keeping)
{
    std::optional<AccountKeeper::Report> report;
    QObject context;
    keeping.sync(&context, [&](const Result<AccountKeeper::Report> &result) { report = *result; });
    (void)spinUntil([&] { return report.has_value(); }, Limit);
    return report;
}

bool TestKeeper::has(int server, const QByteArray &charmId) const
{
    LocalSql file(m_cluster->at(server).dataDir() + QStringLiteral("/db/charm_sqlite.db"));
    SystemRandom random;
    const auto reading = AccountsDatabase(file, m_cluster->at(server).name(), random).read();
    return reading && reading->accounts.contains(charmId);
}

bool TestKeeper::isEverywhere(const QByteArray &charmId) const
{
    for (int i = 0; i < m_cluster->size(); ++i) {
        if (!has(i, charmId))
            return false;
    }
    return true;
}

void TestKeeper::newAccountReachesAllWithinSeconds()
{
    const auto keeping = keeper();
    QVERIFY(spinUntil([&] { return keeping->report().has_value(); }, Limit));
    CharmClient *stranger = m_cluster->addStranger();
    stranger->pointAt(m_cluster->at(1).address(), m_cluster->at(1).sshPort(), m_cluster->at(1).httpPort());
    const auto id = stranger->run({QStringLiteral("id")});
    CRING_OK(id);
    QElapsedTimer timer;
    timer.start();
    QVERIFY(spinUntil([&] { return isEverywhere(id.out.trimmed()); }, Limit));
    qInfo("on all three after %lld ms", static_cast<long long>(timer.elapsed()));
    QVERIFY(spinUntil([&] { return keeping->accounts()->contains(id.out.trimmed()); }, Limit));
}

void TestKeeper::answersForTheAccountsAfterARestart()
{
    QByteArray key;
    {
        const auto keeping = keeper();
        QVERIFY(spinUntil([&] { return keeping->report().has_value(); }, Limit));
        const auto all = keeping->accounts();
        QCOMPARE(all->size(), size_t(1));
        key = all->begin()->second.keys.first().text;
    }
    for (int i = 0; i < m_cluster->size(); ++i)
        m_cluster->at(i).kill9();
    AccountKeeper later(m_state->path(), m_clock, m_activity);
    later.load();
    QVERIFY(later.synchronisedAt().has_value());
    const auto found = later.find(key);
    QVERIFY(found);
    QCOMPARE(found->charmId, m_cluster->charmId().toLatin1());
    QVERIFY(!later.find(key + 'x'));
    QCOMPARE(QFile::permissions(m_state->filePath(QStringLiteral("accounts"))) &
                 ~(QFile::ReadUser | QFile::WriteUser),
             QFile::ReadOwner | QFile::WriteOwner);
}

void TestKeeper::unlinkedKeyGoesEverywhere()
{
    const auto keeping = keeper();
    QVERIFY(spinUntil([&] { return keeping->report().has_value(); }, Limit));
    // A second key of the same account, written past the servers.
    const QByteArray second =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGsecondkeyofthesameaccountxxxxxxxxxxxxxxxxxxx";
    const QByteArray charmId = m_cluster->charmId().toLatin1();
    LocalSql file(m_cluster->at(0).dataDir() + QStringLiteral("/db/charm_sqlite.db"));
    Change add{Change::Kind::AddKey, charmId, second};
    add.createdAt = "2026-01-01 00:00:00";
    SystemRandom random;
    QVERIFY(!AccountsDatabase(file, QStringLiteral("charm1"), random).apply({{add}}).error);
    const auto isAt = [&](int server) {
        LocalSql there(m_cluster->at(server).dataDir() + QStringLiteral("/db/charm_sqlite.db"));
        const auto reading = AccountsDatabase(there, QStringLiteral("a server"), random).read();
        return reading && findKey(reading->accounts.at(charmId).keys, second);
    };
    QVERIFY(spinUntil([&] { return isAt(1) && isAt(2) && keeping->find(second); }, Limit));
    std::optional<Status> unlinked;
    keeping->unlink(charmId, second, this, [&](const Status &status) { unlinked = status; });
    QVERIFY(spinUntil([&] { return unlinked.has_value(); }, Limit));
    CRING_OK(*unlinked);
    QVERIFY(!keeping->find(second));
    // Whoever asked has been told that it is done: it holds though the service should be killed now.
    AccountKeeper later(m_state->path(), m_clock, m_activity);
    later.load();
    QVERIFY(!later.find(second) && later.accounts()->contains(charmId));
    QVERIFY(spinUntil([&] { return !isAt(0) && !isAt(1) && !isAt(2); }, Limit));
    QVERIFY(!keeping->find(second));
}

void TestKeeper::lastKeyStays()
{
    const auto keeping = keeper();
    QVERIFY(spinUntil([&] { return keeping->report().has_value(); }, Limit));
    const QByteArray charmId = m_cluster->charmId().toLatin1();
    const QByteArray key = keeping->accounts()->at(charmId).keys.first().text;
    std::optional<Status> unlinked;
    keeping->unlink(charmId, key, this, [&](const Status &status) { unlinked = status; });
    QVERIFY(spinUntil([&] { return unlinked.has_value(); }, Limit));
    QVERIFY(!unlinked->ok());
    QVERIFY(keeping->find(key));
}

void TestKeeper::damagedFileIsSetAside()
{
    QFile file(m_state->filePath(QStringLiteral("accounts")));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("no such thing") > 0);
    file.close();
    const auto keeping = keeper();
    QVERIFY(m_activity.lastSeq() > 0);
    QCOMPARE(QDir(m_state->path()).entryList({QStringLiteral("accounts.damaged-*")}, QDir::Files).size(), 1);
    QVERIFY(spinUntil([&] { return keeping->accounts()->size() == 1; }, Limit));
}

/// And one against one, for whoever remembers nothing: nobody can say whose accounts they are.
void TestKeeper::serverOfAnotherClusterIsLeftOut()
{
    CharmCluster other(1);
    CRING_OK(other.start());
    QList<AccountKeeper::Server> servers;
    for (const CharmServer *server : {&m_cluster->at(0), &m_cluster->at(1), &other.at(0)}) {
        config::NodePlace place;
        place.path = server->dataDir();
        servers.append({server->dataDir(), server->name(), place});
    }
    for (const int leftOut : {1, 2}) {
        AccountKeeper keeping(QString(), m_clock, m_activity);
        keeping.configure(servers);
        std::optional<AccountKeeper::Report> report;
        keeping.sync(this, [&](const Result<AccountKeeper::Report> &result) { report = *result; });
        QVERIFY(spinUntil([&] { return report.has_value(); }, Limit));
        const auto &outcomes = report->outcome.servers;
        QCOMPARE(std::count_if(outcomes.begin(), outcomes.end(),
                               [](const ServerOutcome &server) { return server.error.has_value(); }),
                 leftOut);
        QVERIFY(!keeping.accounts()->contains(other.charmId().toLatin1()));
        servers.removeFirst();
    }
}

void TestKeeper::nothingIsWrittenWhileNothingChanges()
{
    const auto keeping = keeper();
    const auto round = [&] {
        bool ended = false;
        keeping->sync(this, [&](const Result<AccountKeeper::Report> &) { ended = true; });
        return spinUntil([&] { return ended; }, Limit);
    };
    QVERIFY(round() && round());
    const QString file = m_state->filePath(QStringLiteral("accounts"));
    QVERIFY(QFile::remove(file));
    QVERIFY(round());
    QVERIFY(!QFile::exists(file));
}

void TestKeeper::serversBehindSshTakePart()
{
    CRING_OK(m_sshd.start());
    const auto keeping = keeperOverSsh({0, 1, 2});
    const auto first = roundOf(*keeping);
    QVERIFY(first);
    for (const ServerOutcome &server : first->outcome.servers)
        QVERIFY2(!server.error, qPrintable(server.problem()));
    // To and from each of them, at once when asked.
    for (const int server : {0, 1, 2}) {
        const QByteArray id = newcomerAt(server);
        QVERIFY(!id.isEmpty());
        QElapsedTimer timer;
        timer.start();
        const auto report = roundOf(*keeping);
        QVERIFY(report);
        QVERIFY2(report->outcome.isComplete(), "not all servers hold the same");
        qInfo("a round over SSH took %lld ms", static_cast<long long>(timer.elapsed()));
        QVERIFY(isEverywhere(id));
        QVERIFY(keeping->accounts()->contains(id));
    }
}

/// Nobody asks for a round: a poll finds it.
void TestKeeper::accountMadeBehindSshIsSeenByItself()
{
    CRING_OK(m_sshd.start());
    const auto keeping = keeperOverSsh({1, 2});
    QVERIFY(roundOf(*keeping));
    const QByteArray id = newcomerAt(2);
    QElapsedTimer timer;
    timer.start();
    const auto longest = static_cast<int>((RemoteServers::kPoll + std::chrono::seconds(5)).count());
    QVERIFY(spinUntil([&] { return isEverywhere(id); }, longest));
    qInfo("on all three after %lld ms", static_cast<long long>(timer.elapsed()));
}

void TestKeeper::connectionIsKeptAndMadeAgain()
{
    CRING_OK(m_sshd.start());
    const auto keeping = keeperOverSsh({1});
    const auto logins = [this] {
        return m_sshd.log().count("Accepted publickey");
    };
    const auto before = logins();
    for (int round = 0; round < 4; ++round)
        QVERIFY(roundOf(*keeping));
    QCOMPARE(logins(), before + 1);
    m_sshd.stop();
    const QByteArray id = newcomerAt(0);
    const auto without = roundOf(*keeping);
    QVERIFY(without);
    QVERIFY(has(2, id) && !has(1, id));
    const auto &servers = without->outcome.servers;
    const auto lost = std::find_if(servers.begin(), servers.end(),
                                   [](const ServerOutcome &server) { return server.error.has_value(); });
    QVERIFY(lost != servers.end());
    QVERIFY2(lost->problem().contains(m_sshd.host()), qPrintable(lost->problem()));
    CRING_OK(m_sshd.start());
    // A round does not wait for one that was out of reach, and another one follows when it is back.
    QVERIFY(roundOf(*keeping));
    QVERIFY(spinUntil([&] { return has(1, id); }, Limit));
}

/// The kernel accepts connections, and nobody speaks.
void TestKeeper::machineThatDoesNotAnswerHoldsNobodyUp()
{
    CRING_OK(m_sshd.start());
    const auto keeping = keeperOverSsh({1});
    QVERIFY(roundOf(*keeping));
    m_sshd.pause();
    qint64 longest = 0;
    for (int round = 0; round < 3; ++round) {
        const QByteArray id = newcomerAt(0);
        QElapsedTimer timer;
        timer.start();
        const auto report = roundOf(*keeping);
        QVERIFY(report);
        longest = std::max(longest, round == 0 ? 0 : timer.elapsed());
        QVERIFY2(timer.elapsed() < (RemoteServers::kPatience + std::chrono::seconds(1)).count(),
                 "the others waited");
        QVERIFY(has(2, id));
        const auto &servers = report->outcome.servers;
        QVERIFY(std::any_of(servers.begin(), servers.end(), [this](const ServerOutcome &server) {
            return server.error && server.problem().contains(m_sshd.host());
        }));
    }
    qInfo("after the first, a round took %lld ms at most", static_cast<long long>(longest));
    QVERIFY2(longest < RemoteServers::kPatience.count() / 2, "one that is known to be gone was waited for");
    m_sshd.resume();
    QVERIFY(spinUntil(
        [&] {
            const QByteArray id = m_cluster->charmId().toLatin1();
            return has(1, id) && keeping->report() &&
                   std::none_of(keeping->report()->outcome.servers.begin(),
                                keeping->report()->outcome.servers.end(),
                                [](const ServerOutcome &server) { return server.error.has_value(); });
        },
        40'000));
}

void TestKeeper::serverOfAnotherClusterBehindSshIsLeftOut()
{
    CRING_OK(m_sshd.start());
    CharmCluster other(1);
    CRING_OK(other.start());
    AccountKeeper keeping(m_state->path(), m_clock, m_activity, access());
    keeping.configure(
        {entry(m_cluster->at(0), false), entry(m_cluster->at(1), true), entry(other.at(0), true)});
    const auto report = roundOf(keeping);
    QVERIFY(report);
    int leftOut = 0;
    for (const ServerOutcome &server : report->outcome.servers) {
        if (!server.error)
            continue;
        ++leftOut;
        QCOMPARE(server.error->code, Code::BackendKeyDiffers);
        QVERIFY2(server.problem().contains(other.at(0).dataDir()), qPrintable(server.problem()));
    }
    QCOMPARE(leftOut, 1);
    QVERIFY(!keeping.accounts()->contains(other.charmId().toLatin1()));
}

/// The others, which would outvote it, have never been reached.
void TestKeeper::aloneAtFirstMixesNothing()
{
    CRING_OK(m_sshd.start());
    m_sshd.stop();
    CharmCluster other(1);
    CRING_OK(other.start());
    AccountKeeper keeping(m_state->path(), m_clock, m_activity, access());
    keeping.configure(
        {entry(other.at(0), false), entry(m_cluster->at(0), true), entry(m_cluster->at(1), true)});
    QVERIFY(roundOf(keeping));
    QVERIFY(keeping.accounts()->empty());
    CRING_OK(m_sshd.start());
    (void)roundOf(keeping);
    QVERIFY(spinUntil([&] { return keeping.accounts()->contains(m_cluster->charmId().toLatin1()); }, Limit));
    QVERIFY(!keeping.accounts()->contains(other.charmId().toLatin1()));
}

/// It took part before, under the same id and with its own directory.
void TestKeeper::wrongDirectoryOfTheOnlyServerMixesNothing()
{
    CharmCluster other(1);
    CRING_OK(other.start());
    const QByteArray ours = m_cluster->charmId().toLatin1();
    const QByteArray theirs = other.charmId().toLatin1();
    config::NodePlace place;
    for (const bool isWrong : {false, true, false}) {
        AccountKeeper keeping(m_state->path(), m_clock, m_activity);
        keeping.load();
        place.path = isWrong ? other.at(0).dataDir() : m_cluster->at(0).dataDir();
        keeping.configure({{QStringLiteral("one"), QStringLiteral("charm1"), place}});
        const auto report = roundOf(keeping);
        QVERIFY(report);
        const std::optional<Error> &error = report->outcome.servers.at(0).error;
        QCOMPARE(error.has_value(), isWrong);
        QVERIFY(!isWrong || (error->code == Code::BackendKeyDiffers && error->detail.contains(place.path)));
        QVERIFY(keeping.accounts()->contains(ours) && !keeping.accounts()->contains(theirs));
    }
    const auto there = CharmDatabase(databaseIn(other.at(0).dataDir())).accounts().read();
    CRING_OK(there);
    QVERIFY(there->accounts.contains(theirs) && !there->accounts.contains(ours));
}

/// At first contact, when nothing but the server itself can say which is its own; and who has the right one
/// takes part all the same.
void TestKeeper::directoryOfAnotherThanTheServerMixesNothing()
{
    CharmCluster other(1);
    CRING_OK(other.start());
    QFile file(m_cluster->signingKeyFile());
    QVERIFY(file.open(QIODevice::ReadOnly));
    const auto key = charm::ServerKey::parse(file.readAll());
    CRING_OK(key);
    const QList<AccountKeeper::Server> servers{entry(other.at(0), false), entry(m_cluster->at(0), false)};
    for (const int count : {1, 2}) {
        AccountKeeper keeping(QString(), m_clock, m_activity);
        keeping.configure(servers.first(count), AccountKeeper::kKeepGone,
                          [&](const QString &) { return key->publicKey(); });
        const auto report = roundOf(keeping);
        QVERIFY(report);
        const auto &outcomes = report->outcome.servers;
        QCOMPARE(outcomes.size(), static_cast<size_t>(count));
        for (const ServerOutcome &server : outcomes) {
            const bool isWrong = server.id == servers.first().id.toUtf8();
            QVERIFY2(server.error.has_value() == isWrong, qPrintable(server.problem()));
            QVERIFY(!isWrong || server.error->code == Code::BackendKeyDiffers);
            QVERIFY2(!isWrong || server.problem().contains(u"the server itself"),
                     qPrintable(server.problem()));
        }
        QVERIFY(!keeping.accounts()->contains(other.charmId().toLatin1()));
        QCOMPARE(keeping.accounts()->contains(m_cluster->charmId().toLatin1()), count == 2);
    }
}

/// It was the only one that was waited for.
void TestKeeper::serverThatMovesInTheMiddleOfALookTakesNoPart()
{
    CRING_OK(m_sshd.start());
    AccountKeeper keeping(QString(), m_clock, m_activity, access());
    keeping.configure({entry(m_cluster->at(0), false)});
    std::optional<AccountKeeper::Report> report;
    keeping.sync(this, [&](const Result<AccountKeeper::Report> &result) { report = *result; });
    keeping.configure({entry(m_cluster->at(0), true)});
    QVERIFY(spinUntil([&] { return report.has_value(); }, Limit));
    const QString problem = report->outcome.servers.at(0).problem();
    QVERIFY2(problem.contains(u"not been looked at yet"), qPrintable(problem));
    QVERIFY(spinUntil([&] { return !keeping.accounts()->empty(); }, Limit));
}

void TestKeeper::unreadableKeyOutvotesNobody()
{
    const auto keyFile = [this](int server) {
        return m_cluster->at(server).dataDir() + QStringLiteral("/.ssh/charm_server_ed25519.pub");
    };
    for (const int server : {1, 2})
        QVERIFY(QFile::remove(keyFile(server)));
    const auto alone = roundOf(*keeper());
    QVERIFY(alone);
    const std::optional<Error> &error = alone->outcome.servers.at(0).error;
    QVERIFY(error && error->detail.contains(m_cluster->at(1).name()));
    for (const ServerOutcome &server : alone->outcome.servers)
        QVERIFY(server.error);
    QVERIFY(QFile::copy(keyFile(0), keyFile(1)));
    const auto two = roundOf(*keeper());
    QVERIFY(two);
    int tookPart = 0;
    for (const ServerOutcome &server : two->outcome.servers)
        tookPart += server.error ? 0 : 1;
    QCOMPARE(tookPart, 2);
}

void TestKeeper::timeIsOfARoundWithAServer()
{
    config::NodePlace nowhere;
    nowhere.path = m_state->filePath(QStringLiteral("nowhere"));
    const QList<AccountKeeper::Server> servers{{QStringLiteral("one"), QStringLiteral("charm1"), nowhere}};
    {
        AccountKeeper fresh(m_state->path(), m_clock, m_activity);
        fresh.configure(servers);
        QVERIFY(roundOf(fresh) && fresh.report());
        QVERIFY(!fresh.synchronisedAt());
    }
    std::optional<std::chrono::milliseconds> time;
    {
        const auto keeping = keeper();
        QVERIFY(roundOf(*keeping));
        time = keeping->synchronisedAt();
        QVERIFY(time);
    }
    AccountKeeper later(m_state->path(), m_clock, m_activity);
    later.load();
    const auto kept = later.synchronisedAt();
    QVERIFY(kept && *kept <= *time);
    later.configure(servers);
    QVERIFY(roundOf(later));
    QVERIFY(later.synchronisedAt() == kept);
}

/// A folder in its place stands for a disk that fails for a while.
void TestKeeper::fileThatCannotBeReadNowIsKept()
{
    const QString file = m_state->filePath(QStringLiteral("accounts"));
    QVERIFY(roundOf(*keeper()));
    QVERIFY(QFile::rename(file, file + QStringLiteral(".elsewhere")));
    QVERIFY(QDir().mkdir(file));
    const auto keeping = keeper();
    const auto without = roundOf(*keeping);
    QVERIFY(without);
    for (const ServerOutcome &server : without->outcome.servers)
        QVERIFY(server.error && server.error->code == Code::NodeFile);
    QCOMPARE(QDir(m_state->path()).entryList({QStringLiteral("accounts.damaged-*")}).size(), 0);
    QVERIFY(keeping->accounts()->empty());
    QVERIFY(QDir().rmdir(file) && QFile::rename(file + QStringLiteral(".elsewhere"), file));
    const auto with = roundOf(*keeping);
    QVERIFY(with && with->outcome.isComplete());
    QCOMPARE(keeping->accounts()->size(), size_t(1));
}

/// Nor the event loop, nor the end.
void TestKeeper::diskThatHangsHoldsNobodyUp()
{
    HungDisk disk;
    CRING_OK(disk.made());
    config::NodePlace place;
    place.path = disk.path() + QStringLiteral("/data");
    auto keeping = std::make_unique<AccountKeeper>(m_state->path(), m_clock, m_activity);
    keeping->configure({entry(m_cluster->at(0), false),
                        {QStringLiteral("hung"), QStringLiteral("charm9"), place},
                        entry(m_cluster->at(2), false)});
    qint64 longestTurn = 0;
    QElapsedTimer turn;
    turn.start();
    QTimer ticks;
    connect(&ticks, &QTimer::timeout, &ticks, [&] { longestTurn = std::max(longestTurn, turn.restart()); });
    ticks.start(10);
    const auto problem = [&] {
        const auto &servers = keeping->report()->outcome.servers;
        const auto hung = std::find_if(servers.begin(), servers.end(),
                                       [](const ServerOutcome &server) { return server.id == "hung"; });
        return hung == servers.end() ? QStringLiteral("it took part") : hung->problem();
    };
    for (int round = 0; round < 2; ++round) {
        const QByteArray id = newcomerAt(0);
        QElapsedTimer timer;
        timer.start();
        QVERIFY(roundOf(*keeping));
        const auto most = round == 0 ? LocalServers::kPatience : LocalServers::kPatience / 2;
        QVERIFY2(timer.elapsed() < (most + std::chrono::milliseconds(900)).count(), "the others waited");
        QVERIFY(has(2, id));
        QVERIFY2(problem().contains(u"has not answered"), qPrintable(problem()));
    }
    qInfo("the event loop's longest turn: %lld ms", static_cast<long long>(longestTurn));
    QVERIFY(longestTurn < 500);
    QElapsedTimer end;
    end.start();
    auto other = std::make_unique<AccountKeeper>(QString(), m_clock, m_activity);
    other->configure({{QStringLiteral("hung"), QStringLiteral("charm9"), place}});
    QVERIFY(roundOf(*other));
    end.restart();
    other.reset();
    QVERIFY2(end.elapsed() < AccountKeeper::kGrace.count(), "the end waited");
    // It answers again, with an error, and is looked at once more by itself.
    disk.release();
    QVERIFY(spinUntil([&] { return !problem().contains(u"has not answered"); }, Limit));
}

/// SQLite looks for a journal, which is on a disk that hangs. Nor is there a second thread in it.
void TestKeeper::diskThatHangsAfterTheLookHoldsNobodyUp()
{
    HungDisk disk;
    CRING_OK(disk.made());
    m_cluster->at(1).stop();
    const QString hung = m_cluster->at(1).dataDir();
    const QString journal = databaseIn(hung) + QStringLiteral("-journal");
    QVERIFY(QFile::link(disk.path() + QStringLiteral("/journal"), journal));
    const auto patience = std::chrono::milliseconds(300);
    AccountBook book(m_state->path(), m_clock, patience);
    QList<AccountBook::Source> sources;
    const QByteArray key = "ssh-ed25519 AAAA";
    for (int i = 0; i < m_cluster->size(); ++i)
        sources.append({entry(m_cluster->at(i), false), {}, LocalServers::Access{key, key}});
    const auto round = [&](const std::stop_token &stop = {}) {
        return book.round(sources, 3, AccountKeeper::kKeepGone, stop).round.servers;
    };
    for (const int number : {1, 2}) {
        const QByteArray id = newcomerAt(0);
        const auto begun = m_clock.steady();
        const auto servers = round();
        const auto took = m_clock.steady() - begun;
        QVERIFY2(took < (number == 1 ? 2 * patience : patience), "a thread that hangs was waited for again");
        QVERIFY(!servers.at(0).error && !servers.at(2).error);
        QVERIFY2(servers.at(1).problem().contains(u"has not answered"), qPrintable(servers.at(1).problem()));
        QCOMPARE(servers.at(1).error->code, Code::AccountsFile);
        QVERIFY(has(2, id) && book.state().accounts.contains(id));
    }
    CRING_OK(book.edit([](Synchronised &) { return Status(); }).status);
    disk.release();
    QVERIFY(QFile::remove(journal));
    QVERIFY(spinUntil([&] { return !round().at(1).error; }, Limit));
    QVERIFY(isEverywhere(m_cluster->charmId().toLatin1()));
}

/// The folder cannot be opened, which is what syncs it, once the file has taken its name. For root there is
/// no such folder.
void TestKeeper::whatCouldNotBeSyncedIsNotInTheFile()
{
    constexpr uid_t kNobody = 65'534;
    const bool isRoot = ::geteuid() == 0;
    const QByteArray folder = QFile::encodeName(m_state->path());
    if (isRoot)
        QVERIFY(::chown(folder.constData(), kNobody, kNobody) == 0 && ::seteuid(kNobody) == 0);
    const auto back = qScopeGuard([&] {
        if (isRoot)
            (void)!::seteuid(0);
        ::chmod(folder.constData(), 0700);
    });
    AccountBook book(m_state->path(), m_clock);
    const auto make = [&book](const QByteArray &charmId, const QByteArray &key) {
        return book.edit([&](Synchronised &state) {
            return edit::create(state, charmId, key, {}, "2026-01-01 00:00:00");
        });
    };
    CRING_OK(make("first", "ssh-ed25519 AAAA1").status);
    QCOMPARE(::chmod(folder.constData(), 0300), 0);
    const AccountBook::Edited refused = make("second", "ssh-ed25519 AAAA2");
    QVERIFY(!refused.status && !refused.known);
    QCOMPARE(book.state().accounts.size(), size_t(1));
    QCOMPARE(::chmod(folder.constData(), 0700), 0);
    AccountBook again(m_state->path(), m_clock);
    CRING_OK(again.load());
    QCOMPARE(again.state().accounts.size(), size_t(1));
    QVERIFY(again.state().accounts.contains("first"));
}

QTEST_GUILESS_MAIN(TestKeeper)
#include "tst_keeper.moc"
