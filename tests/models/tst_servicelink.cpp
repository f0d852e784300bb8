// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/protocol.h"
#include "tests/support/charmcluster.h"
#include "tests/support/cringprocess.h"
#include "ui/models/condition.h"
#include "ui/models/eventsfeed.h"
#include "ui/models/jobsfeed.h"
#include "ui/models/serversmodel.h"

#include <QElapsedTimer>
#include <QLocalServer>
#include <QLocalSocket>
#include <QSignalSpy>
#include <QTest>

#include <csignal>

using namespace cring;
using namespace cring::models;
using namespace cring::test;
using namespace std::chrono_literals;
using State = ServiceLink::State;

namespace {

constexpr int kLimit = 10'000;
const LinkTiming kFast{.interval = 250ms, .silence = 1'500ms, .firstRetry = 50ms, .longestRetry = 200ms};

} // namespace

/// Against the real service, in front of three real Charm servers; fakes only where the real one cannot be
/// had.
class TestServiceLink : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void followsARealService();
    void saysWhenItHangsAndWhenItGoesOn();
    void findsAServiceThatStartsLater();
    void connectsAgainAfterItsDeath();
    void saysThatItIsAnotherVersion();
    void saysThatNobodyAnswers();
    void doesNotTurnRoundInCircles();
    void showsTheDeathOfAServerWithinTenSeconds();
    void bringsEventsAndJobs();

private:
    QString socket() const
    {
        return m_ring->options().home + QStringLiteral("/run/charmedring/control.sock");
    }

    std::unique_ptr<ServiceLink> link(const QString &path)
    {
        return std::make_unique<ServiceLink>([path] { return QStringList{path}; }, m_random, kFast);
    }

    static bool reaches(ServiceLink &link, State state)
    {
        return spinUntil([&] { return link.state() == state; }, kLimit);
    }

    SeededRandom m_random{1};
    std::unique_ptr<CharmCluster> m_cluster;
    std::unique_ptr<CringProcess> m_ring;
};

void TestServiceLink::initTestCase()
{
    m_cluster = std::make_unique<CharmCluster>();
    CRING_OK(m_cluster->start());
    m_ring = std::make_unique<CringProcess>(*m_cluster);
    CRING_OK(m_ring->start());
}

void TestServiceLink::init()
{
    if (!m_ring->isRunning())
        CRING_OK(m_ring->start());
}

void TestServiceLink::followsARealService()
{
    const auto one = link(socket());
    QSignalSpy snapshots(one.get(), &ServiceLink::snapshotChanged);
    QCOMPARE(one->state(), State::Connecting);
    QVERIFY(!one->snapshot());
    one->start();
    QVERIFY(reaches(*one, State::Connected));
    QVERIFY(!one->problem());
    QCOMPARE(one->snapshot()->backends.size(), 3);
    QCOMPARE(one->service().pid, m_ring->processId());
    QCOMPARE(one->snapshot()->pid, m_ring->processId());
    const SnapshotPtr first = one->snapshot();
    QTRY_VERIFY(snapshots.size() >= 3);
    QVERIFY(one->snapshot() != first); // Whoever held it still has the same one.
    QCOMPARE(first->backends.size(), 3);
    std::optional<QJsonObject> answer;
    one->call(QStringLiteral("pause"), {{QStringLiteral("forMs"), 60'000}}, this,
              [&](const Result<QJsonObject> &result) { answer = result ? *result : QJsonObject(); });
    QTRY_VERIFY(answer && answer->contains(QStringLiteral("untilMs")));
    QTRY_VERIFY(one->snapshot()->paused);
    one->call(QStringLiteral("resume"), {}, this, [](const Result<QJsonObject> &) {});
    QTRY_VERIFY(!one->snapshot()->paused);
}

void TestServiceLink::saysWhenItHangsAndWhenItGoesOn()
{
    const auto one = link(socket());
    one->start();
    QVERIFY(reaches(*one, State::Connected));
    m_ring->sendSignal(SIGSTOP);
    const bool hung = reaches(*one, State::Hung);
    const bool told = one->problem().has_value();
    m_ring->sendSignal(SIGCONT);
    QVERIFY(hung);
    QVERIFY(told);
    QVERIFY(one->snapshot());
    QVERIFY(reaches(*one, State::Connected));
    QVERIFY(!one->problem());
}

void TestServiceLink::findsAServiceThatStartsLater()
{
    m_ring->stop();
    const auto one = link(socket());
    one->start();
    QVERIFY(reaches(*one, State::NotRunning));
    CRING_OK(m_ring->start());
    QVERIFY(reaches(*one, State::Connected));
}

void TestServiceLink::connectsAgainAfterItsDeath()
{
    const auto one = link(socket());
    one->start();
    QVERIFY(reaches(*one, State::Connected));
    const qint64 before = one->service().pid;
    m_ring->kill9();
    QVERIFY(reaches(*one, State::NotRunning));
    QVERIFY(one->snapshot()); // What was known last.
    QCOMPARE(condition({one->state(), {}, one->snapshot()}).state(), TrayState::Gone);
    CRING_OK(m_ring->start());
    QVERIFY(reaches(*one, State::Connected));
    QVERIFY(one->service().pid != before);
}

void TestServiceLink::saysThatItIsAnotherVersion()
{
    QTemporaryDir folder;
    QLocalServer other;
    QVERIFY(other.listen(folder.filePath(QStringLiteral("s"))));
    connect(&other, &QLocalServer::newConnection, this, [&other] {
        QLocalSocket *socket = other.nextPendingConnection();
        connect(socket, &QLocalSocket::readyRead, socket, [socket] {
            socket->readAll();
            socket->write(
                control::encodeError(1, control::RpcCode::ServerError,
                                     {Code::ControlVersion, QStringLiteral("I speak version 2 only")}));
        });
    });
    const auto one = link(folder.filePath(QStringLiteral("s")));
    one->start();
    QVERIFY(reaches(*one, State::OtherVersion));
    QVERIFY(one->problem()->detail.contains(QStringLiteral("version 2")));
}

void TestServiceLink::saysThatNobodyAnswers()
{
    QTemporaryDir folder;
    QLocalServer mute;
    QVERIFY(mute.listen(folder.filePath(QStringLiteral("s"))));
    const auto one = link(folder.filePath(QStringLiteral("s")));
    one->start();
    QVERIFY(reaches(*one, State::Hung));
}

void TestServiceLink::doesNotTurnRoundInCircles()
{
    QTemporaryDir folder;
    int attempts = 0;
    ServiceLink one(
        [&] {
            ++attempts;
            return QStringList{folder.filePath(QStringLiteral("none"))};
        },
        m_random, kFast);
    QElapsedTimer time;
    time.start();
    one.start();
    QVERIFY(spinUntil([&] { return attempts == 6; }, kLimit));
    // 50, 100, 200, 200 and 200 ms, each less a tenth.
    QVERIFY2(time.elapsed() >= 670, qPrintable(QString::number(time.elapsed())));
    QCOMPARE(one.state(), State::NotRunning);
}

void TestServiceLink::showsTheDeathOfAServerWithinTenSeconds()
{
    const auto one = link(socket());
    one->start();
    ServersModel model;
    connect(one.get(), &ServiceLink::snapshotChanged, this, [&] { model.setSnapshot(*one->snapshot()); });
    const auto see = [&] {
        return condition({one->state(), {}, one->snapshot()});
    };
    QVERIFY(spinUntil([&] { return model.rowCount() == 3 && see().state() < TrayState::Degraded; }, kLimit));
    m_cluster->at(1).kill9();
    QVERIFY(spinUntil([&] { return see().state() == TrayState::Degraded; }, kLimit));
    QCOMPARE(model.rowAt(1)->tone(), Tone::Bad);
    QVERIFY2(see().firstLine().startsWith(model.rowAt(1)->backend.name), qPrintable(see().firstLine()));
    CRING_OK(m_cluster->at(1).start());
    QVERIFY(spinUntil([&] { return see().state() < TrayState::Degraded; }, kLimit));
    QCOMPARE(model.rowAt(1)->tone(), Tone::Good);
}

void TestServiceLink::bringsEventsAndJobs()
{
    const auto one = link(socket());
    EventsModel events;
    JobsModel jobs;
    EventsFeed eventsFeed(*one, events);
    JobsFeed jobsFeed(*one, jobs);
    one->start();
    QVERIFY(spinUntil([&] { return events.rowCount() > 0; }, kLimit));
    qint64 id = 0;
    one->call(QStringLiteral("jobs.start"), {{QStringLiteral("kind"), QStringLiteral("scrub")}}, this,
              [&](const Result<QJsonObject> &result) {
                  QVERIFY(result.ok());
                  id =
                      result->value(QStringLiteral("job")).toObject().value(QStringLiteral("id")).toInteger();
              });
    QVERIFY(spinUntil(
        [&] {
            return jobs.rowCount() > 0 && id > 0 && jobs.rowAt(0)->id == id && !jobs.rowAt(0)->isUnderWay();
        },
        kLimit));
    QCOMPARE(jobs.rowAt(0)->state, QStringLiteral("done"));

    // Over the death of the service nothing is lost, and nothing comes twice.
    const qint64 before = events.lastSeq();
    m_ring->kill9();
    CRING_OK(m_ring->start());
    QVERIFY(spinUntil([&] { return events.lastSeq() > before; }, kLimit));
    QVERIFY(spinUntil([&] { return one->state() == State::Connected; }, kLimit));
    QSet<qint64> seqs;
    for (int row = 0; row < events.rowCount(); ++row)
        seqs.insert(events.rowAt(row)->seq);
    QCOMPARE(seqs.size(), events.rowCount());
    QVERIFY(seqs.contains(before));
}

QTEST_GUILESS_MAIN(TestServiceLink)
#include "tst_servicelink.moc"
