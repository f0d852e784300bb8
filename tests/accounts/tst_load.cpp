// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/accountsync.h"
#include "core/base/workers.h"
#include "core/ssh/login.h"
#include "tests/accounts/charmdatabase.h"
#include "tests/accounts/loadclient.h"
#include "tests/accounts/simserver.h"
#include "tests/support/charmcluster.h"

#include <QElapsedTimer>
#include <QLoggingCategory>
#include <QTest>

#include <thread>

using namespace cring;
using namespace cring::accounts;
using namespace cring::test;
using namespace std::chrono_literals;

/// Rounds, one right after the other, while clients of all servers write to the same databases. Prints what
/// it measures, with and without rounds. A thousand rounds: tst_accounts_load "disturbsNoClient:1000 rounds".
class TestLoad : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void disturbsNoClient_data();
    void disturbsNoClient();

private:
    Load underLoad(const std::function<void()> &work);
    void logIn(int server);
    RoundOutcome round();

    static constexpr int kServers = 3;
    static constexpr auto kLongest = 500ms;

    std::unique_ptr<CharmCluster> m_cluster;
    std::unique_ptr<Workers> m_workers;
    std::map<QByteArray, Account> m_accounts;
    SeededRandom m_random{1};
    std::unique_ptr<AccountSync> m_sync;
    Synchronised m_state;
    std::unique_ptr<ssh::Login> m_login;
    Load m_load; ///< Of logins.
    bool m_over = false;
};

RoundOutcome TestLoad::round()
{
    std::vector<std::unique_ptr<LocalSql>> files;
    std::vector<SyncServer> servers;
    for (int i = 0; i < kServers; ++i) {
        const QString database = databaseIn(m_cluster->at(i).dataDir());
        files.push_back(std::make_unique<LocalSql>(database));
        servers.push_back(
            {QByteArray::number(i), m_cluster->at(i).name(), files.back().get(), filesBeside(database)});
    }
    return m_sync->round(m_state, servers);
}

/// One login after the other, on whichever server's turn it is.
void TestLoad::logIn(int server)
{
    if (m_over)
        return;
    CharmServer &charm = m_cluster->at(server);
    QFile key(m_cluster->client().keyFile());
    QVERIFY(key.open(QIODevice::ReadOnly));
    ssh::Login::Request request;
    request.name = charm.name();
    request.host = charm.address();
    request.port = charm.sshPort();
    request.key = Secret(key.readAll());
    request.command = "api-auth";
    m_login = std::make_unique<ssh::Login>(*m_workers, std::move(request), ssh::Login::Times{});
    QElapsedTimer timer;
    timer.start();
    connect(m_login.get(), &ssh::Login::finished, this,
            [this, server, timer](const Result<ssh::Login::Answer> &answer) {
                const bool knows = answer.ok() && answer->out.contains(m_cluster->charmId().toLatin1());
                m_load["login"].add(std::chrono::microseconds(timer.nsecsElapsed() / 1000),
                                    knows         ? QByteArray()
                                    : answer.ok() ? answer->out
                                                  : words(answer));
                // A login is not to be destroyed, nor replaced, within its signal.
                QMetaObject::invokeMethod(
                    this, [this, server] { logIn((server + 1) % kServers); }, Qt::QueuedConnection);
            });
    m_login->start();
}

/// What clients meet until `work`, on a thread of its own, is over.
Load TestLoad::underLoad(const std::function<void()> &work)
{
    std::vector<std::jthread> threads;
    std::vector<Load> loads(kServers);
    for (int i = 0; i < kServers; ++i) {
        const QByteArray charmId = m_cluster->charmId(i).toLatin1();
        const LoadClient::Account account{m_cluster->token(i), m_accounts[charmId].keys.first().text,
                                          "name" + QByteArray(1, static_cast<char>('a' + i))};
        threads.emplace_back([&loads, i, account, url = m_cluster->at(i).url()](const std::stop_token &stop) {
            loads[static_cast<size_t>(i)] = LoadClient(url, account).run(stop);
        });
    }
    m_load.clear();
    m_over = false;
    logIn(0);
    std::atomic<bool> worked = false;
    std::thread worker([&] {
        work();
        worked = true;
    });
    spinUntil([&] { return worked.load(); }, 1'200'000);
    worker.join();
    m_over = true;
    spinUntil([&] { return m_login->step() == ssh::Login::Step::Over; }, 20'000);
    m_login.reset();
    for (std::jthread &thread : threads) {
        thread.request_stop();
        thread.join();
    }
    Load all = m_load;
    for (const Load &load : loads) {
        for (const auto &[kind, times] : load)
            all[kind].add(times);
    }
    return all;
}

void TestLoad::disturbsNoClient_data()
{
    QTest::addColumn<int>("rounds");
    QTest::newRow("50 rounds") << 50;
    QTest::newRow("1000 rounds") << 1'000;
}

void TestLoad::disturbsNoClient()
{
    QFETCH(int, rounds);
    QLoggingCategory::setFilterRules(QStringLiteral("cring.*=false"));
    m_state = {};
    m_sync = std::make_unique<AccountSync>(m_random);
    m_cluster = std::make_unique<CharmCluster>(kServers, kServers);
    m_workers = std::make_unique<Workers>();
    CRING_OK(m_cluster->start());
    QVERIFY(round().isComplete());
    m_accounts = m_state.accounts;

    QElapsedTimer timer;
    timer.start();
    std::mutex mutex;
    std::condition_variable condition;
    // As long as the rounds take, about: the rarest outlier wants its chance with and without them.
    const Load alone = underLoad([&] {
        std::unique_lock lock(mutex);
        condition.wait_for(lock, rounds * 60ms, [] { return false; });
    });
    int failures = 0;
    int refusals = 0;
    int transactions = 0;
    size_t clashes = 0;
    timer.restart();
    const Load disturbed = underLoad([&] {
        for (int i = 0; i < rounds; ++i) {
            const RoundOutcome outcome = round();
            for (const ServerOutcome &server : outcome.servers) {
                failures += server.error.has_value();
                refusals += server.refusals;
                transactions += server.transactions;
            }
            clashes += outcome.clashes.size();
        }
    });
    qInfo("%d rounds in %.1f s: %d transactions, %d times locked, %d given up, %d clashes", rounds,
          static_cast<double>(timer.elapsed()) / 1000, transactions, refusals, failures,
          static_cast<int>(clashes));
    for (const auto &[kind, times] : alone)
        qInfo("without rounds, %s: %s", kind.constData(), times.text().constData());
    for (const auto &[kind, times] : disturbed)
        qInfo("with rounds, %s: %s", kind.constData(), times.text().constData());
    for (const auto &[kind, times] : disturbed)
        QVERIFY2(times.failed == 0, (kind + ": " + times.firstFailure).constData());
    QCOMPARE(failures, 0);
    QCOMPARE(clashes, size_t(0));
    for (const auto &[kind, times] : disturbed) {
        // A login is arithmetic above all, and takes what the machine has left, with or without rounds.
        const auto own = kind == "login" ? alone.at(kind).longest : 0ms;
        QVERIFY2(times.longest < kLongest + own, (kind + ": " + times.text()).constData());
    }
    QVERIFY(round().isComplete());
    QVERIFY(round().isComplete());
    const auto first = CharmDatabase(databaseIn(m_cluster->at(0).dataDir())).accounts().read();
    for (int i = 0; i < kServers; ++i) {
        CharmDatabase database(databaseIn(m_cluster->at(i).dataDir()));
        QCOMPARE(database.integrity(), QByteArray("ok"));
        QVERIFY(database.accounts().read().value().accounts == first.value().accounts);
    }
}

QTEST_GUILESS_MAIN(TestLoad)
#include "tst_load.moc"
