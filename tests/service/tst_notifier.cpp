// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/notifier.h"
#include "tests/support/notifysocket.h"
#include "tests/support/spin.h"

#include <QTemporaryDir>
#include <QTest>

#include <time.h>
#include <unistd.h>

using namespace cring;
using namespace cring::service;
using namespace cring::test;
using namespace std::chrono_literals;

/// What a service manager hears, on a socket as it has one.
class TestNotifier : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void saysWhereItStands();
    void aStatusIsOneLine();
    void reloadingCarriesTheClockOfTheManager();
    void stoppingAsksForItsTime();
    void beatsTwiceInTheManagersPatience();
    void beatsForItsOwnProcessAlone();
    void saysHowTheRingIsWhenThatHasChanged();
    void tellsNobodyWhereThereIsNoManager();

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<NotifySocket> m_manager;
};

void TestNotifier::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_manager = std::make_unique<NotifySocket>();
    const Status opened = m_manager->open(m_folder->filePath(QStringLiteral("notify")));
    QVERIFY2(opened.ok(), opened.ok() ? "" : qPrintable(opened.error().toString()));
    qputenv("NOTIFY_SOCKET", QFile::encodeName(m_manager->path()));
}

void TestNotifier::cleanup()
{
    for (const char *name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
        qunsetenv(name);
}

void TestNotifier::saysWhereItStands()
{
    Heartbeat([] { return QString(); }).tellReady(QStringLiteral("HTTP on 127.0.0.1:35354"));
    QVERIFY(spinUntil([this] { return m_manager->messages().size() == 1; }, 5'000));
    QCOMPARE(m_manager->messages().first(), QByteArray("READY=1\nSTATUS=HTTP on 127.0.0.1:35354"));
}

/// What comes from a file or a server could else say more than it should.
void TestNotifier::aStatusIsOneLine()
{
    Heartbeat([] { return QString(); }).tellReady(QStringLiteral("bad\nSTOPPING=1\r\n100 %s of it"));
    QVERIFY(spinUntil([this] { return m_manager->messages().size() == 1; }, 5'000));
    QCOMPARE(m_manager->count("STOPPING=1"), 0);
    QCOMPARE(m_manager->last("STATUS"), QByteArray("bad STOPPING=1 100 %s of it"));
}

void TestNotifier::reloadingCarriesTheClockOfTheManager()
{
    const auto now = [] {
        timespec time{};
        clock_gettime(CLOCK_MONOTONIC, &time);
        return qlonglong{time.tv_sec} * 1'000'000 + time.tv_nsec / 1000;
    };
    const qlonglong before = now();
    notifyReloading();
    const qlonglong after = now();
    QVERIFY(spinUntil([this] { return m_manager->count("RELOADING=1") == 1; }, 5'000));
    const qlonglong said = m_manager->last("MONOTONIC_USEC").toLongLong();
    QVERIFY(said >= before && said <= after);
}

void TestNotifier::stoppingAsksForItsTime()
{
    notifyStopping(45s);
    QVERIFY(spinUntil([this] { return m_manager->count("STOPPING=1") == 1; }, 5'000));
    QCOMPARE(m_manager->last("EXTEND_TIMEOUT_USEC"), QByteArray("45000000"));
}

void TestNotifier::beatsTwiceInTheManagersPatience()
{
    qputenv("WATCHDOG_USEC", "200000");
    qputenv("WATCHDOG_PID", QByteArray::number(::getpid()));
    Heartbeat heartbeat([] { return QStringLiteral("well"); });
    QCOMPARE(heartbeat.interval(), 100ms);
    heartbeat.start();
    QVERIFY(spinUntil([this] { return m_manager->count("WATCHDOG=1") >= 5; }, 5'000));

    qputenv("WATCHDOG_USEC", "3600000000");
    QCOMPARE(heartbeat.interval(), Heartbeat::statusInterval);
}

/// A program that the service starts inherits the variables, and is not what is watched.
void TestNotifier::beatsForItsOwnProcessAlone()
{
    qputenv("WATCHDOG_USEC", "200000");
    qputenv("WATCHDOG_PID", QByteArray::number(::getppid()));
    Heartbeat heartbeat([] { return QStringLiteral("well"); });
    QCOMPARE(heartbeat.interval(), Heartbeat::statusInterval);
}

void TestNotifier::saysHowTheRingIsWhenThatHasChanged()
{
    qputenv("WATCHDOG_USEC", "20000");
    QString verdict = QStringLiteral("3 of 3 servers");
    Heartbeat heartbeat([&verdict] { return verdict; });
    heartbeat.start();
    QVERIFY(spinUntil([this] { return m_manager->count("WATCHDOG=1") >= 5; }, 5'000));
    QCOMPARE(m_manager->count("STATUS=3 of 3 servers"), 1);
    verdict = QStringLiteral("charm2 is down");
    QVERIFY(spinUntil([this] { return m_manager->count("STATUS=charm2 is down") == 1; }, 5'000));
    // What a reload says covers it.
    heartbeat.tellReady(QStringLiteral("HTTP on 127.0.0.1:35354"));
    QVERIFY(spinUntil([this] { return m_manager->count("STATUS=charm2 is down") == 2; }, 5'000));
}

void TestNotifier::tellsNobodyWhereThereIsNoManager()
{
    qunsetenv("NOTIFY_SOCKET");
    qputenv("WATCHDOG_USEC", "20000");
    Heartbeat heartbeat([] { return QStringLiteral("well"); });
    QCOMPARE(heartbeat.interval(), 0ms);
    heartbeat.start();
    heartbeat.tellReady(QStringLiteral("well"));
    QTest::qWait(100); // Whatever was said would be there now.
    QVERIFY(m_manager->messages().isEmpty());
}

QTEST_GUILESS_MAIN(TestNotifier)
#include "tst_notifier.moc"
