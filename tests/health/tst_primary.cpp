// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/health/primary.h"
#include "core/http/pool.h"

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace cring;
using namespace std::chrono_literals;
using health::Backend;
using health::BackendSet;
using health::Load;
using health::Primary;

class TestPrimary : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void isTheFirstServerAtFirst();
    void candidatesArePrimaryThenTheUsableOthersInOrder();
    void staysAfterAFailover();
    void anOpenSessionHoldsItWhileItWorks();
    void holdsForThreeMinutesAfterTheLastSession();
    void aDeadPrimaryMovesUnderOpenSessions();
    void isRememberedAcrossRestarts();
    void forgetsAServerThatIsNotConfigured();
    void promotionIsImmediateAndChecked();
    void aBreakerTakesAServerOutOfTheCandidates();
    void countsLoadsUntilTheyEnd();

private:
    static BackendSet::PoolMaker noPools();
    static QList<config::Server> servers(int first, int last);
    void setDown(int index);
    QStringList candidates(const Primary &primary) const;

    ManualClock m_clock;
    SeededRandom m_random{1};
    std::unique_ptr<BackendSet> m_backends;
};

BackendSet::PoolMaker TestPrimary::noPools()
{
    return [](const config::Server &) {
        return std::unique_ptr<http::Pool>();
    };
}

QList<config::Server> TestPrimary::servers(int first, int last)
{
    QList<config::Server> servers;
    for (int i = first; i <= last; ++i) {
        config::Server server;
        server.id = QStringLiteral("id%1").arg(i);
        server.name = QStringLiteral("charm%1").arg(i);
        servers.append(server);
    }
    return servers;
}

void TestPrimary::setDown(int index)
{
    Backend::Health health;
    health.state = Backend::State::Down;
    health.reason = QStringLiteral("refused the connection");
    m_backends->all().at(index)->setHealth(health);
}

QStringList TestPrimary::candidates(const Primary &primary) const
{
    QStringList names;
    for (const Backend *backend : primary.candidates())
        names.append(backend->name());
    return names;
}

void TestPrimary::init()
{
    m_backends = std::make_unique<BackendSet>(servers(1, 3), noPools(), m_clock, m_random);
}

void TestPrimary::isTheFirstServerAtFirst()
{
    Primary primary(m_clock, QString());
    primary.setBackends(*m_backends);
    QCOMPARE(primary.current()->name(), QStringLiteral("charm1"));
    QCOMPARE(candidates(primary),
             QStringList({QStringLiteral("charm1"), QStringLiteral("charm2"), QStringLiteral("charm3")}));
}

void TestPrimary::candidatesArePrimaryThenTheUsableOthersInOrder()
{
    Primary primary(m_clock, QString());
    primary.setBackends(*m_backends);
    QVERIFY(primary.promote(QStringLiteral("id3")).ok());
    QCOMPARE(candidates(primary),
             QStringList({QStringLiteral("charm3"), QStringLiteral("charm1"), QStringLiteral("charm2")}));
    setDown(0);
    QCOMPARE(candidates(primary), QStringList({QStringLiteral("charm3"), QStringLiteral("charm2")}));
    setDown(2);
    QCOMPARE(candidates(primary), QStringList{QStringLiteral("charm2")});
    QCOMPARE(primary.current()->name(), QStringLiteral("charm3"));
}

void TestPrimary::staysAfterAFailover()
{
    Primary primary(m_clock, QString());
    primary.setBackends(*m_backends);
    QSignalSpy changed(&primary, &Primary::changed);
    setDown(0);
    primary.failedOver(m_backends->all().at(1));
    QCOMPARE(primary.current()->name(), QStringLiteral("charm2"));
    QCOMPARE(changed.count(), 1);
    m_backends->all().at(0)->setHealth({});
    QCOMPARE(candidates(primary).constFirst(), QStringLiteral("charm2"));
}

void TestPrimary::anOpenSessionHoldsItWhileItWorks()
{
    Primary primary(m_clock, QString());
    primary.setBackends(*m_backends);
    primary.sessionOpened(m_backends->all().at(0));
    QVERIFY(primary.held());
    primary.failedOver(m_backends->all().at(1));
    QCOMPARE(primary.current()->name(), QStringLiteral("charm1"));
}

void TestPrimary::holdsForThreeMinutesAfterTheLastSession()
{
    Primary primary(m_clock, QString());
    primary.setBackends(*m_backends);
    primary.sessionOpened(m_backends->all().at(0));
    primary.sessionClosed(m_backends->all().at(0));
    m_clock.advance(179s);
    primary.failedOver(m_backends->all().at(1));
    QCOMPARE(primary.current()->name(), QStringLiteral("charm1"));
    m_clock.advance(1s);
    QVERIFY(!primary.held());
    primary.failedOver(m_backends->all().at(1));
    QCOMPARE(primary.current()->name(), QStringLiteral("charm2"));
}

void TestPrimary::aDeadPrimaryMovesUnderOpenSessions()
{
    Primary primary(m_clock, QString());
    primary.setBackends(*m_backends);
    primary.sessionOpened(m_backends->all().at(0));
    setDown(0);
    primary.failedOver(m_backends->all().at(2));
    QCOMPARE(primary.current()->name(), QStringLiteral("charm3"));
}

void TestPrimary::isRememberedAcrossRestarts()
{
    QTemporaryDir state;
    {
        Primary primary(m_clock, state.path());
        primary.setBackends(*m_backends);
        primary.failedOver(m_backends->all().at(1));
    }
    Primary again(m_clock, state.path());
    again.setBackends(*m_backends);
    QCOMPARE(again.current()->name(), QStringLiteral("charm2"));
    QFile file(state.filePath(QStringLiteral("primary")));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), QByteArrayLiteral("id2\n"));
}

void TestPrimary::forgetsAServerThatIsNotConfigured()
{
    QTemporaryDir state;
    {
        Primary before(m_clock, state.path());
        before.setBackends(*m_backends);
        QVERIFY(before.promote(QStringLiteral("id1")).ok());
    }
    BackendSet others(servers(4, 5), noPools(), m_clock, m_random);
    Primary primary(m_clock, state.path());
    primary.setBackends(others);
    QCOMPARE(primary.current()->name(), QStringLiteral("charm4"));
}

void TestPrimary::promotionIsImmediateAndChecked()
{
    Primary primary(m_clock, QString());
    primary.setBackends(*m_backends);
    primary.sessionOpened(m_backends->all().at(0));
    QVERIFY(primary.promote(QStringLiteral("id2")).ok());
    QCOMPARE(primary.current()->name(), QStringLiteral("charm2"));
    const Status unknown = primary.promote(QStringLiteral("id9"));
    QVERIFY(!unknown.ok());
    QCOMPARE(unknown.error().code, Code::NotFound);
}

void TestPrimary::aBreakerTakesAServerOutOfTheCandidates()
{
    Primary primary(m_clock, QString());
    primary.setBackends(*m_backends);
    Backend *first = m_backends->all().at(0);
    for (int i = 0; i < 3; ++i)
        first->breaker().failed(QStringLiteral("timed out"));
    QCOMPARE(candidates(primary), QStringList({QStringLiteral("charm2"), QStringLiteral("charm3")}));
    QCOMPARE(first->unusableReason(), QStringLiteral("is being left alone for a moment: it timed out"));
    m_clock.advance(2s);
    QCOMPARE(candidates(primary).constFirst(), QStringLiteral("charm1"));
}

void TestPrimary::countsLoadsUntilTheyEnd()
{
    Backend *first = m_backends->all().at(0);
    Load kept;
    {
        const Load one(*first);
        Load two(*first);
        QCOMPARE(first->outstanding(), 2);
        kept = std::move(two);
    }
    QCOMPARE(first->outstanding(), 1);
    kept.release();
    kept.release();
    QCOMPARE(first->outstanding(), 0);
    kept = Load(*first);
    m_backends.reset();
}

QTEST_APPLESS_MAIN(TestPrimary)
#include "tst_primary.moc"
