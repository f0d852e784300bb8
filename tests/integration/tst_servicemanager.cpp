// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/cringprocess.h"
#include "tests/support/notifysocket.h"
#include "tests/support/spin.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <csignal>
#include <memory>

using namespace cring;
using namespace cring::test;

/// What the real service tells a service manager, in the order of its life.
class TestServiceManager : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void isToldOfTheWholeLife();
    void hearsNothingOfAServiceThatHangs();
    void cleanup();

private:
    static constexpr int Limit = 15'000;

    CharmCluster m_cluster{3};
    const QTemporaryDir m_folder;
    std::unique_ptr<NotifySocket> m_manager;
    std::unique_ptr<CringProcess> m_ring;
};

void TestServiceManager::initTestCase()
{
    CRING_OK(m_cluster.start());
}

void TestServiceManager::init()
{
    m_manager = std::make_unique<NotifySocket>();
    CRING_OK(m_manager->open(m_folder.filePath(QLatin1String(QTest::currentTestFunction()))));
    m_ring = std::make_unique<CringProcess>(m_cluster);
    QProcessEnvironment &environment = m_ring->options().environment;
    environment.insert(QStringLiteral("NOTIFY_SOCKET"), m_manager->path());
    // As short as a test wants it. Without WATCHDOG_PID it is for whoever was started.
    environment.insert(QStringLiteral("WATCHDOG_USEC"), QStringLiteral("200000"));
    m_ring->options().configLines += QStringLiteral("[timing]\nprobe_interval = \"200ms\"\n");
    CRING_OK(m_ring->start());
}

void TestServiceManager::cleanup()
{
    m_ring.reset();
    m_manager.reset();
}

void TestServiceManager::isToldOfTheWholeLife()
{
    NotifySocket &manager = *m_manager;
    CringProcess &ring = *m_ring;
    QVERIFY(spinUntil([&] { return manager.count("READY=1") == 1; }, Limit));
    QVERIFY(manager.last("STATUS").startsWith("HTTP on "));
    QVERIFY(spinUntil([&] { return manager.count("WATCHDOG=1") >= 3; }, Limit));
    QVERIFY(spinUntil([&] { return manager.last("STATUS").contains("3 of 3"); }, Limit));

    m_cluster.at(1).kill9();
    QVERIFY2(spinUntil([&] { return manager.last("STATUS").contains("down"); }, Limit),
             manager.last("STATUS").constData());

    ring.sendSignal(SIGHUP);
    QVERIFY(spinUntil([&] { return manager.count("READY=1") == 2; }, Limit));
    QCOMPARE(manager.count("RELOADING=1"), 1);

    QFile file(ring.configFile());
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Append));
    file.write("no_such_key = 1\n");
    file.close();
    ring.sendSignal(SIGHUP);
    QVERIFY(spinUntil([&] { return manager.count("READY=1") == 3; }, Limit));
    const auto saysBad = [](const QByteArray &message) {
        return message.contains("the old one stays");
    };
    QVERIFY(std::ranges::any_of(manager.messages(), saysBad));

    QCOMPARE(ring.stop(), 0);
    QVERIFY(spinUntil([&] { return manager.count("STOPPING=1") == 1; }, Limit));
    // As long as requests under way may take, and then some.
    QVERIFY(manager.last("EXTEND_TIMEOUT_USEC").toLongLong() > 30'000'000);
}

/// That it is then ended and started again is the manager's part.
void TestServiceManager::hearsNothingOfAServiceThatHangs()
{
    NotifySocket &manager = *m_manager;
    CringProcess &ring = *m_ring;
    QVERIFY(spinUntil([&] { return manager.count("WATCHDOG=1") >= 3; }, Limit));
    ring.process()->pause();
    QTest::qWait(50); // What it had said already is read by now.
    manager.clear();
    QTest::qWait(600); // Only time tells that nothing comes: six beats long.
    QCOMPARE(manager.count("WATCHDOG=1"), 0);
    ring.process()->resume();
    QVERIFY(spinUntil([&] { return manager.count("WATCHDOG=1") >= 1; }, Limit));
}

QTEST_GUILESS_MAIN(TestServiceManager)
#include "tst_servicemanager.moc"
