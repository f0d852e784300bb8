// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/listener.h"
#include "core/ssh/dialler.h"

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <vector>

using namespace cring;
using namespace std::chrono_literals;
using ssh::Dialler;
using ssh::UniqueFd;

class TestDialler : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void connectsByAddressAndByName_data();
    void connectsByAddressAndByName();
    void saysWhatWentWrong_data();
    void saysWhatWentWrong();
    void givesUpInTime();
    void canBeCalledOff();
    void runningOutOfDescriptorsIsNotTheServersFault();
};

void TestDialler::connectsByAddressAndByName_data()
{
    QTest::addColumn<QString>("host");
    QTest::newRow("address") << QStringLiteral("127.0.0.1");
    // Where it is ::1 as well, nothing listens there: the next address is tried.
    QTest::newRow("name") << QStringLiteral("localhost");
}

void TestDialler::connectsByAddressAndByName()
{
    QFETCH(QString, host);
    http::Listener listener;
    connect(&listener, &http::Listener::accepted, this,
            [](qintptr fd) { UniqueFd closed(static_cast<int>(fd)); });
    QVERIFY(listener.listen(QStringLiteral("127.0.0.1:0")).ok());
    Dialler dialler;
    QSignalSpy connected(&dialler, &Dialler::connected);
    dialler.dial(host, listener.port(), 2s);
    QCOMPARE(connected.count(), 0);
    QTRY_COMPARE(connected.count(), 1);
    QVERIFY(dialler.takeSocket());
}

void TestDialler::saysWhatWentWrong_data()
{
    QTest::addColumn<QString>("host");
    QTest::addColumn<QString>("reason");
    QTest::newRow("refused") << QStringLiteral("127.0.0.1") << QStringLiteral("refused the connection");
    QTest::newRow("no such host") << QStringLiteral("charm.invalid")
                                  << QStringLiteral("cannot be found: no such host");
}

void TestDialler::saysWhatWentWrong()
{
    QFETCH(QString, host);
    QFETCH(QString, reason);
    Dialler dialler;
    QSignalSpy failed(&dialler, &Dialler::failed);
    dialler.dial(host, 1, 10s); // nothing listens on tcpmux
    QCOMPARE(failed.count(), 0);
    QTRY_COMPARE_WITH_TIMEOUT(failed.count(), 1, 12'000);
    QCOMPARE(failed.at(0).at(0).toString(), reason);
    QVERIFY(!failed.at(0).at(1).toBool());
}

void TestDialler::givesUpInTime()
{
    // A full backlog drops what comes: the kernel of a machine that is switched off answers as little.
    const UniqueFd full(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto *generic = reinterpret_cast<sockaddr *>(&address);
    QCOMPARE(::bind(full.get(), generic, size), 0);
    QCOMPARE(::listen(full.get(), 0), 0);
    QCOMPARE(::getsockname(full.get(), generic, &size), 0);
    std::vector<UniqueFd> waiting;
    for (int i = 0; i < 4; ++i) {
        waiting.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
        (void)::connect(waiting.back().get(), generic, size);
    }
    Dialler dialler;
    QSignalSpy failed(&dialler, &Dialler::failed);
    QElapsedTimer timer;
    timer.start();
    dialler.dial(QStringLiteral("127.0.0.1"), ntohs(address.sin_port), 200ms);
    QTRY_COMPARE(failed.count(), 1);
    QVERIFY(timer.elapsed() < 900);
    QCOMPARE(failed.at(0).at(0).toString(), QStringLiteral("did not accept the connection in time"));
}

void TestDialler::canBeCalledOff()
{
    for (const char *host : {"127.0.0.1", "charm.invalid", "localhost"}) {
        auto dialler = std::make_unique<Dialler>();
        dialler->dial(QString::fromLatin1(host), 1, 1s);
        dialler.reset();
    }
    QCoreApplication::processEvents();
}

void TestDialler::runningOutOfDescriptorsIsNotTheServersFault()
{
    rlimit limit{};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    Dialler dialler;
    QSignalSpy failed(&dialler, &Dialler::failed);
    dialler.dial(QStringLiteral("127.0.0.1"), 1, 2s);
    const rlimit none{3, limit.rlim_max};
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &none), 0);
    const bool ended = QTest::qWaitFor([&] { return failed.count() == 1; });
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    QVERIFY(ended);
    QCOMPARE(failed.at(0).at(0).toString(),
             QStringLiteral("was not asked: this process has too many connections open"));
    QVERIFY(failed.at(0).at(1).toBool());
}

QTEST_GUILESS_MAIN(TestDialler)
#include "tst_dialler.moc"
