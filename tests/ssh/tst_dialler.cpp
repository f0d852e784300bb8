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

namespace {

/// A full backlog drops what comes: the kernel of a machine that is switched off answers as little.
class BlackHole
{
public:
    BlackHole(const QHostAddress &address, quint16 port)
        : m_address(address)
    {
        const bool v6 = address.protocol() == QAbstractSocket::IPv6Protocol;
        sockaddr_storage storage{};
        socklen_t size = v6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
        if (v6) {
            auto *in6 = reinterpret_cast<sockaddr_in6 *>(&storage);
            in6->sin6_family = AF_INET6;
            in6->sin6_port = htons(port);
            in6->sin6_addr = in6addr_loopback;
        } else {
            auto *in = reinterpret_cast<sockaddr_in *>(&storage);
            in->sin_family = AF_INET;
            in->sin_port = htons(port);
            in->sin_addr.s_addr = htonl(address.toIPv4Address());
        }
        auto *generic = reinterpret_cast<sockaddr *>(&storage);
        m_full = UniqueFd(::socket(storage.ss_family, SOCK_STREAM, 0));
        if (::bind(m_full.get(), generic, size) != 0 || ::listen(m_full.get(), 0) != 0 ||
            ::getsockname(m_full.get(), generic, &size) != 0)
            qFatal("no black hole at %s", qPrintable(address.toString()));
        // The port stands at the same place in both.
        m_port = ntohs(reinterpret_cast<sockaddr_in *>(&storage)->sin_port);
        for (int i = 0; i < 4; ++i) {
            m_waiting.emplace_back(::socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0));
            (void)::connect(m_waiting.back().get(), generic, size);
        }
    }

    const QHostAddress &address() const { return m_address; }

    quint16 port() const { return m_port; }

private:
    QHostAddress m_address;
    UniqueFd m_full;
    std::vector<UniqueFd> m_waiting;
    quint16 m_port = 0;
};

} // namespace

class TestDialler : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void connectsByAddressAndByName_data();
    void connectsByAddressAndByName();
    void saysWhatWentWrong_data();
    void saysWhatWentWrong();
    void givesUpInTime();
    void oneThatSwallowsCostsAHeadStartOnly();
    void aFamilyThatSwallowsCostsOneHeadStart();
    void aRefusalCostsNothing();
    void allOfThemGetTheirTurnInAShortTime();
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
    const BlackHole hole(QHostAddress(QHostAddress::LocalHost), 0);
    Dialler dialler;
    QSignalSpy failed(&dialler, &Dialler::failed);
    QElapsedTimer timer;
    timer.start();
    dialler.dial(QStringLiteral("127.0.0.1"), hole.port(), 200ms);
    QTRY_COMPARE(failed.count(), 1);
    QVERIFY(timer.elapsed() < 900);
    QCOMPARE(failed.at(0).at(0).toString(), QStringLiteral("did not accept the connection in time"));
}

/// A server whose AAAA record leads nowhere, as seen from here.
void TestDialler::oneThatSwallowsCostsAHeadStartOnly()
{
    const BlackHole hole(QHostAddress(QStringLiteral("127.0.0.2")), 0);
    http::Listener listener;
    connect(&listener, &http::Listener::accepted, this,
            [](qintptr fd) { UniqueFd closed(static_cast<int>(fd)); });
    QVERIFY(listener.listen(QStringLiteral("127.0.0.3:%1").arg(hole.port())).ok());
    Dialler dialler;
    QSignalSpy connected(&dialler, &Dialler::connected);
    QSignalSpy failed(&dialler, &Dialler::failed);
    QElapsedTimer timer;
    timer.start();
    dialler.dial({hole.address(), QHostAddress(QStringLiteral("127.0.0.3"))}, hole.port(), 5s);
    QTRY_COMPARE(connected.count() + failed.count(), 1);
    QCOMPARE(connected.count(), 1);
    QVERIFY2(timer.elapsed() >= 200 && timer.elapsed() < 1'500, qPrintable(QString::number(timer.elapsed())));
    const UniqueFd winner = dialler.takeSocket();
    QVERIFY(winner);
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    QCOMPARE(::getpeername(winner.get(), reinterpret_cast<sockaddr *>(&peer), &size), 0);
    QCOMPARE(ntohl(peer.sin_addr.s_addr), QHostAddress(QStringLiteral("127.0.0.3")).toIPv4Address());
}

void TestDialler::aFamilyThatSwallowsCostsOneHeadStart()
{
    const BlackHole hole(QHostAddress(QHostAddress::LocalHostIPv6), 0);
    http::Listener listener;
    connect(&listener, &http::Listener::accepted, this,
            [](qintptr fd) { UniqueFd closed(static_cast<int>(fd)); });
    QVERIFY(listener.listen(QStringLiteral("127.0.0.3:%1").arg(hole.port())).ok());
    Dialler dialler;
    QSignalSpy connected(&dialler, &Dialler::connected);
    QElapsedTimer timer;
    timer.start();
    QList<QHostAddress> addresses(6, hole.address());
    addresses.append(QHostAddress(QStringLiteral("127.0.0.3")));
    dialler.dial(addresses, hole.port(), 5s);
    QTRY_COMPARE(connected.count(), 1);
    QVERIFY2(timer.elapsed() < 900, qPrintable(QString::number(timer.elapsed())));
}

void TestDialler::aRefusalCostsNothing()
{
    http::Listener listener;
    connect(&listener, &http::Listener::accepted, this,
            [](qintptr fd) { UniqueFd closed(static_cast<int>(fd)); });
    QVERIFY(listener.listen(QStringLiteral("127.0.0.3:0")).ok());
    Dialler dialler;
    QSignalSpy connected(&dialler, &Dialler::connected);
    QElapsedTimer timer;
    timer.start();
    dialler.dial({QHostAddress(QStringLiteral("127.0.0.2")), QHostAddress(QStringLiteral("127.0.0.3"))},
                 listener.port(), 5s);
    QTRY_COMPARE(connected.count(), 1);
    QVERIFY2(timer.elapsed() < 200, qPrintable(QString::number(timer.elapsed())));
}

void TestDialler::allOfThemGetTheirTurnInAShortTime()
{
    const BlackHole hole(QHostAddress(QStringLiteral("127.0.0.2")), 0);
    http::Listener listener;
    connect(&listener, &http::Listener::accepted, this,
            [](qintptr fd) { UniqueFd closed(static_cast<int>(fd)); });
    QVERIFY(listener.listen(QStringLiteral("127.0.0.3:%1").arg(hole.port())).ok());
    QList<QHostAddress> addresses(4, hole.address());
    addresses.append(QHostAddress(QStringLiteral("127.0.0.3")));
    Dialler dialler;
    QSignalSpy connected(&dialler, &Dialler::connected);
    dialler.dial(addresses, hole.port(), 500ms);
    QTRY_COMPARE(connected.count(), 1);
    // And when none answers, it is the time-out's turn.
    Dialler lost;
    QSignalSpy failed(&lost, &Dialler::failed);
    lost.dial(QList<QHostAddress>(4, hole.address()), hole.port(), 300ms);
    QTRY_COMPARE(failed.count(), 1);
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
