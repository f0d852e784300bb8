// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/pool.h"
#include "core/ssh/forwarder.h"
#include "tests/support/charmcluster.h"

#include <QElapsedTimer>
#include <QTest>

using namespace cring;
using namespace cring::test;
using namespace std::chrono_literals;

/// The real charm client, through the forwarder, to real Charm servers.
class TestRealCharm : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void logsIn();
    void aKilledServerIsPassedOver();
    void aHungServerIsPassedOverInTime();

private:
    void startForwarder();
    QString idOf(CharmClient &client);

    SystemClock m_clock;
    SeededRandom m_random{5};
    std::unique_ptr<CharmCluster> m_cluster;
    std::unique_ptr<health::BackendSet> m_backends;
    std::unique_ptr<health::Primary> m_primary;
    std::unique_ptr<ssh::Forwarder> m_forwarder;
};

void TestRealCharm::init()
{
    m_cluster = std::make_unique<CharmCluster>(3);
    CRING_OK(m_cluster->start());
    startForwarder();
}

void TestRealCharm::cleanup()
{
    m_forwarder.reset();
    m_primary.reset();
    m_backends.reset();
    m_cluster.reset();
}

void TestRealCharm::startForwarder()
{
    QList<config::Server> servers;
    for (int i = 0; i < m_cluster->size(); ++i) {
        config::Server server;
        server.name = m_cluster->at(i).name();
        server.id = server.name;
        server.url = m_cluster->at(i).url();
        server.sshPort = m_cluster->at(i).sshPort();
        servers.append(server);
    }
    m_backends = std::make_unique<health::BackendSet>(
        servers, [](const config::Server &) { return std::unique_ptr<http::Pool>(); }, m_clock, m_random);
    m_primary = std::make_unique<health::Primary>(m_clock, QString());
    m_primary->setBackends(*m_backends);
    m_forwarder = std::make_unique<ssh::Forwarder>(*m_primary, config::Timing{}, config::Limits{}, m_clock);
    CRING_OK(m_forwarder->listen(
        QStringLiteral("%1:%2").arg(m_cluster->frontAddress()).arg(m_cluster->frontSshPort())));
}

QString TestRealCharm::idOf(CharmClient &client)
{
    const CharmClient::Output output = client.run({QStringLiteral("id")});
    return output.ok() ? QString::fromUtf8(output.out.trimmed()) : QString::fromUtf8(output.text());
}

void TestRealCharm::logsIn()
{
    QCOMPARE(idOf(m_cluster->client()), m_cluster->charmId());
    QTRY_COMPARE(m_forwarder->stats().open, 0);
    QVERIFY(m_forwarder->stats().bytesToServers > 0);
    QCOMPARE(m_primary->current(), m_backends->all().at(0));
}

void TestRealCharm::aKilledServerIsPassedOver()
{
    m_cluster->at(0).kill9();
    QCOMPARE(idOf(m_cluster->client()), m_cluster->charmId());
    QCOMPARE(m_primary->current(), m_backends->all().at(1));
}

void TestRealCharm::aHungServerIsPassedOverInTime()
{
    m_cluster->at(0).pause();
    m_cluster->at(1).pause();
    QElapsedTimer timer;
    timer.start();
    QCOMPARE(idOf(m_cluster->client()), m_cluster->charmId());
    QVERIFY2(timer.elapsed() < 4'000, qPrintable(QString::number(timer.elapsed())));
    QCOMPARE(m_primary->current(), m_backends->all().at(2));
    timer.start();
    QCOMPARE(idOf(m_cluster->client()), m_cluster->charmId());
    QVERIFY2(timer.elapsed() < 1'500, qPrintable(QString::number(timer.elapsed())));
}

QTEST_GUILESS_MAIN(TestRealCharm)
#include "tst_realcharm.moc"
