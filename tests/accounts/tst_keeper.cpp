// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/accountkeeper.h"
#include "core/accounts/localsql.h"
#include "tests/support/charmcluster.h"
#include "tests/support/spin.h"

#include <QTemporaryDir>
#include <QTest>

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

private:
    std::unique_ptr<AccountKeeper> keeper();
    bool isEverywhere(const QByteArray &charmId) const;

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

bool TestKeeper::isEverywhere(const QByteArray &charmId) const
{
    for (int i = 0; i < m_cluster->size(); ++i) {
        LocalSql file(m_cluster->at(i).dataDir() + QStringLiteral("/db/charm_sqlite.db"));
        SystemRandom random;
        const auto reading = AccountsDatabase(file, m_cluster->at(i).name(), random).read();
        if (!reading || !reading->accounts.contains(charmId))
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

/// And one against one: nobody can say whose accounts they are.
void TestKeeper::serverOfAnotherClusterIsLeftOut()
{
    CharmCluster other(1);
    CRING_OK(other.start());
    AccountKeeper keeping(m_state->path(), m_clock, m_activity);
    QList<AccountKeeper::Server> servers;
    for (const CharmServer *server : {&m_cluster->at(0), &m_cluster->at(1), &other.at(0)}) {
        config::NodePlace place;
        place.path = server->dataDir();
        servers.append({server->dataDir(), server->name(), place});
    }
    for (const int leftOut : {1, 2}) {
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

QTEST_GUILESS_MAIN(TestKeeper)
#include "tst_keeper.moc"
