// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/connectionquota.h"
#include "core/http/listener.h"

#include <QSignalSpy>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

#include <unistd.h>

using namespace cring;
using http::ConnectionQuota;
using http::Listener;

class TestListener : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void localhostIsEveryLoopbackAddress();
    void noHostIsEveryAddress();
    void anAddressIsThatAddress();
    void saysWhoseAddressIsInUse();
    void takesNoAddressWhenOneIsInUse();
    void refusesWhatIsNoAddress_data();
    void refusesWhatIsNoAddress();
    void closesAndListensAgain();
    void quotaCountsByAddressAndInAll();
};

namespace {

bool hasIpv6()
{
    QTcpServer probe;
    return probe.listen(QHostAddress::LocalHostIPv6);
}

/// Connects from `address` and returns whether the listener handed the connection out.
bool reachable(Listener &listener, const QHostAddress &address)
{
    QSignalSpy accepted(&listener, &Listener::accepted);
    QTcpSocket socket;
    socket.connectToHost(address, listener.port());
    const bool reached = QTest::qWaitFor([&] { return accepted.count() == 1; }, 2'000);
    for (const auto &arguments : accepted)
        ::close(arguments.at(0).toInt());
    return reached;
}

} // namespace

void TestListener::localhostIsEveryLoopbackAddress()
{
    Listener listener;
    QVERIFY(listener.listen(QStringLiteral("localhost:0")).ok());
    QVERIFY(listener.port() != 0);
    QVERIFY(reachable(listener, QHostAddress(QHostAddress::LocalHost)));
    QStringList expected{QStringLiteral("127.0.0.1:%1").arg(listener.port())};
    if (hasIpv6()) {
        QVERIFY(reachable(listener, QHostAddress(QHostAddress::LocalHostIPv6)));
        expected.append(QStringLiteral("[::1]:%1").arg(listener.port()));
    }
    QCOMPARE(listener.endpoints(), expected);
}

void TestListener::noHostIsEveryAddress()
{
    Listener listener;
    QVERIFY(listener.listen(QStringLiteral(":0")).ok());
    QVERIFY(reachable(listener, QHostAddress(QStringLiteral("127.0.0.1"))));
    QVERIFY(reachable(listener, QHostAddress(QStringLiteral("127.0.0.9"))));
    if (hasIpv6())
        QVERIFY(reachable(listener, QHostAddress(QHostAddress::LocalHostIPv6)));
    QCOMPARE(listener.endpoints(), QStringList{QStringLiteral("*:%1").arg(listener.port())});
}

void TestListener::anAddressIsThatAddress()
{
    Listener listener;
    QVERIFY(listener.listen(QStringLiteral("127.0.0.7:0")).ok());
    QVERIFY(reachable(listener, QHostAddress(QStringLiteral("127.0.0.7"))));
    QVERIFY(!reachable(listener, QHostAddress(QStringLiteral("127.0.0.1"))));
}

void TestListener::saysWhoseAddressIsInUse()
{
    Listener first;
    QVERIFY(first.listen(QStringLiteral("127.0.0.1:0")).ok());
    Listener second;
    const Status status = second.listen(QStringLiteral("127.0.0.1:%1").arg(first.port()));
    QVERIFY(!status.ok());
    QCOMPARE(status.error().code, Code::AddressInUse);
    QVERIFY(status.error().detail.startsWith(first.endpoints().constFirst() + QStringLiteral(" is in use")));
    QVERIFY(!second.isListening());
}

void TestListener::takesNoAddressWhenOneIsInUse()
{
    if (!hasIpv6())
        return;
    Listener other;
    QVERIFY(other.listen(QStringLiteral("[::1]:0")).ok());
    Listener listener;
    const Status status = listener.listen(QStringLiteral("localhost:%1").arg(other.port()));
    QCOMPARE(status.error().code, Code::AddressInUse);
    QVERIFY2(status.error().detail.startsWith(QStringLiteral("[::1]:")), qPrintable(status.error().detail));
    QVERIFY(!listener.isListening());
    QTcpServer free;
    QVERIFY(free.listen(QHostAddress::LocalHost, other.port()));
}

void TestListener::refusesWhatIsNoAddress_data()
{
    QTest::addColumn<QString>("endpoint");
    QTest::addColumn<Code>("code");
    QTest::newRow("empty") << QString() << Code::ConfigBadValue;
    QTest::newRow("no port") << QStringLiteral("localhost") << Code::ConfigBadValue;
    QTest::newRow("empty port") << QStringLiteral("localhost:") << Code::ConfigBadValue;
    QTest::newRow("large port") << QStringLiteral("localhost:65536") << Code::ConfigBadValue;
    QTest::newRow("words") << QStringLiteral("localhost:http") << Code::ConfigBadValue;
    QTest::newRow("bare IPv6") << QStringLiteral("::1:35354") << Code::ConfigBadValue;
    QTest::newRow("not ours") << QStringLiteral("192.0.2.1:0") << Code::AddressUnusable;
}

void TestListener::refusesWhatIsNoAddress()
{
    QFETCH(QString, endpoint);
    QFETCH(Code, code);
    Listener listener;
    const Status status = listener.listen(endpoint);
    QVERIFY(!status.ok());
    QCOMPARE(status.error().code, code);
}

void TestListener::closesAndListensAgain()
{
    Listener listener;
    QVERIFY(listener.listen(QStringLiteral("127.0.0.1:0")).ok());
    const quint16 port = listener.port();
    listener.close();
    QVERIFY(!listener.isListening());
    QCOMPARE(listener.port(), quint16(0));
    QVERIFY(listener.listen(QStringLiteral("127.0.0.1:%1").arg(port)).ok());
}

void TestListener::quotaCountsByAddressAndInAll()
{
    const QHostAddress one(QStringLiteral("127.0.0.1"));
    const QHostAddress two(QStringLiteral("127.0.0.2"));
    ConnectionQuota quota(3, 2);
    auto first = quota.admit(one);
    auto second = quota.admit(one);
    QVERIFY(first && second);
    QVERIFY(!quota.admit(one));
    auto third = quota.admit(two);
    QVERIFY(third);
    QVERIFY(!quota.admit(QHostAddress(QStringLiteral("127.0.0.3"))));
    first.reset();
    QCOMPARE(quota.admitted(), 2);
    QVERIFY(quota.admit(two));
    QCOMPARE(quota.admitted(), 2);
}

QTEST_GUILESS_MAIN(TestListener)
#include "tst_listener.moc"
