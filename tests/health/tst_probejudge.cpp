// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/health/probejudge.h"

#include <QTest>

using namespace cring;
using namespace std::chrono_literals;
using health::KeySet;
using health::ProbeJudge;
using health::TrustedKey;
using State = health::Backend::State;

class TestProbeJudge : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theFirstProbeDecides();
    void threeFailuresTakeItDownAndTwoSuccessesBringItUp();
    void oneLuckyProbeIsNoRecovery();
    void theMajorityDecidesWhoseKeyIsRight();
    void theMajorityHoldsWhileItIsAway();
    void onATieTheFirstServerIsRight();
    void anotherIssuerIsMisconfigured();
    void aKeyWithoutIssuerKeepsTheOneThatWasRead();
    void aCorrectedServerIsBackAtOnce();
    void recalledKeysAreTrustedBeforeTheFirstProbe();
    void misfitsAreNeverTrusted();
    void aClockThatIsOffIsAWarningThenAnError();
    void thisMachinesClockMayBeTheWrongOne();
    void smoothsTheLatency();

private:
    static QList<config::Server> servers(int count);
    static TrustedKey key(char which, const QByteArray &issuer = QByteArrayLiteral("http://charm:35354"));
    static ProbeJudge::Observation good(const TrustedKey &key);
    static ProbeJudge::Observation bad();

    static QString id(int number) { return QStringLiteral("id%1").arg(number); }
};

QList<config::Server> TestProbeJudge::servers(int count)
{
    QList<config::Server> servers;
    for (int i = 1; i <= count; ++i) {
        config::Server server;
        server.id = id(i);
        server.name = QStringLiteral("charm%1").arg(i);
        servers.append(server);
    }
    return servers;
}

TrustedKey TestProbeJudge::key(char which, const QByteArray &issuer)
{
    return {QByteArray(64, which), QByteArray(32, which), issuer};
}

ProbeJudge::Observation TestProbeJudge::good(const TrustedKey &key)
{
    ProbeJudge::Observation observation;
    observation.key = key;
    return observation;
}

ProbeJudge::Observation TestProbeJudge::bad()
{
    ProbeJudge::Observation observation;
    observation.problem = QStringLiteral("refused the connection");
    return observation;
}

void TestProbeJudge::theFirstProbeDecides()
{
    ProbeJudge judge(servers(2));
    QCOMPARE(judge.verdict(id(1)).state, State::Unknown);
    judge.observe(id(1), good(key('a')));
    judge.observe(id(2), bad());
    QCOMPARE(judge.verdict(id(1)).state, State::Up);
    QCOMPARE(judge.verdict(id(2)).state, State::Down);
    QCOMPARE(judge.verdict(id(2)).reason, QStringLiteral("refused the connection"));
}

void TestProbeJudge::threeFailuresTakeItDownAndTwoSuccessesBringItUp()
{
    ProbeJudge judge(servers(1));
    judge.observe(id(1), good(key('a')));
    judge.observe(id(1), bad());
    judge.observe(id(1), bad());
    QCOMPARE(judge.verdict(id(1)).state, State::Up);
    QVERIFY(judge.undecided(id(1)));
    judge.observe(id(1), bad());
    QCOMPARE(judge.verdict(id(1)).state, State::Down);
    QVERIFY(!judge.undecided(id(1)));
    judge.observe(id(1), good(key('a')));
    QCOMPARE(judge.verdict(id(1)).state, State::Down);
    QVERIFY(judge.undecided(id(1)));
    judge.observe(id(1), good(key('a')));
    QCOMPARE(judge.verdict(id(1)).state, State::Up);
}

void TestProbeJudge::oneLuckyProbeIsNoRecovery()
{
    ProbeJudge judge(servers(1));
    judge.observe(id(1), bad());
    for (int i = 0; i < 5; ++i) {
        judge.observe(id(1), good(key('a')));
        judge.observe(id(1), bad());
        QCOMPARE(judge.verdict(id(1)).state, State::Down);
    }
}

void TestProbeJudge::theMajorityDecidesWhoseKeyIsRight()
{
    ProbeJudge judge(servers(3));
    judge.observe(id(1), good(key('x')));
    judge.observe(id(2), good(key('a')));
    judge.observe(id(3), good(key('a')));
    QCOMPARE(judge.verdict(id(1)).state, State::Misconfigured);
    QCOMPARE(judge.verdict(id(1)).reason, QStringLiteral("its signing key differs from charm2's (CR-2004)"));
    QCOMPARE(judge.verdict(id(2)).state, State::Up);
    QCOMPARE(judge.verdict(id(3)).state, State::Up);
}

void TestProbeJudge::theMajorityHoldsWhileItIsAway()
{
    ProbeJudge judge(servers(3));
    judge.observe(id(1), good(key('x')));
    judge.observe(id(2), good(key('a')));
    judge.observe(id(3), good(key('a')));
    for (int i = 0; i < 3; ++i) {
        judge.observe(id(2), bad());
        judge.observe(id(3), bad());
    }
    QCOMPARE(judge.verdict(id(2)).state, State::Down);
    QCOMPARE(judge.verdict(id(1)).state, State::Misconfigured);
}

void TestProbeJudge::onATieTheFirstServerIsRight()
{
    ProbeJudge judge(servers(2));
    judge.observe(id(2), good(key('b')));
    QCOMPARE(judge.verdict(id(2)).state, State::Up);
    judge.observe(id(1), good(key('a')));
    QCOMPARE(judge.verdict(id(1)).state, State::Up);
    QCOMPARE(judge.verdict(id(2)).state, State::Misconfigured);
}

void TestProbeJudge::anotherIssuerIsMisconfigured()
{
    ProbeJudge judge(servers(3));
    judge.observe(id(1), good(key('a')));
    judge.observe(id(2), good(key('a')));
    judge.observe(id(3), good(key('a', QByteArrayLiteral("http://elsewhere:1"))));
    QCOMPARE(judge.verdict(id(3)).state, State::Misconfigured);
    QCOMPARE(
        judge.verdict(id(3)).reason,
        QStringLiteral("its issuer http://elsewhere:1 differs from charm1's, http://charm:35354 (CR-2005)"));
    QCOMPARE(judge.verdict(id(1)).state, State::Up);
}

void TestProbeJudge::aKeyWithoutIssuerKeepsTheOneThatWasRead()
{
    ProbeJudge judge(servers(1));
    judge.observe(id(1), good(key('a')));
    judge.observe(id(1), good(key('a', QByteArray())));
    QCOMPARE(judge.verdict(id(1)).key->issuer, QByteArrayLiteral("http://charm:35354"));
}

void TestProbeJudge::aCorrectedServerIsBackAtOnce()
{
    ProbeJudge judge(servers(2));
    judge.observe(id(1), good(key('a')));
    judge.observe(id(2), good(key('b')));
    QCOMPARE(judge.verdict(id(2)).state, State::Misconfigured);
    judge.observe(id(2), good(key('a')));
    QCOMPARE(judge.verdict(id(2)).state, State::Up);
}

void TestProbeJudge::recalledKeysAreTrustedBeforeTheFirstProbe()
{
    ProbeJudge judge(servers(2));
    judge.recall(id(1), key('a'));
    judge.recall(id(2), key('a'));
    judge.recall(QStringLiteral("gone"), key('z'));
    QCOMPARE(judge.trusted(), KeySet{key('a')});
    QCOMPARE(judge.verdict(id(1)).state, State::Unknown);
}

void TestProbeJudge::misfitsAreNeverTrusted()
{
    ProbeJudge judge(servers(4));
    judge.observe(id(1), good(key('a')));
    judge.observe(id(2), good(key('a')));
    judge.observe(id(3), good(key('x')));
    judge.observe(id(4), good(key('a', QByteArray())));
    QCOMPARE(judge.trusted(), KeySet{key('a')});
    for (int i = 0; i < 3; ++i)
        judge.observe(id(3), bad());
    QCOMPARE(judge.verdict(id(3)).state, State::Down);
    QCOMPARE(judge.trusted(), KeySet{key('a')});
}

void TestProbeJudge::aClockThatIsOffIsAWarningThenAnError()
{
    ProbeJudge judge(servers(2));
    ProbeJudge::Observation observation = good(key('a'));
    observation.clockSkew = 400ms;
    judge.observe(id(1), observation);
    QVERIFY(judge.verdict(id(1)).warning.isEmpty());
    observation.clockSkew = -90s;
    judge.observe(id(2), observation);
    QCOMPARE(judge.verdict(id(2)).state, State::Up);
    QVERIFY2(
        judge.verdict(id(2)).warning.startsWith(QStringLiteral("its clock is 90 s behind this machine's")),
        qPrintable(judge.verdict(id(2)).warning));
    observation.clockSkew = 3h;
    judge.observe(id(2), observation);
    QCOMPARE(judge.verdict(id(2)).state, State::Misconfigured);
    QCOMPARE(judge.verdict(id(2)).reason,
             QStringLiteral("its clock is 3 h ahead of this machine's (CR-2006)"));
}

void TestProbeJudge::thisMachinesClockMayBeTheWrongOne()
{
    ProbeJudge judge(servers(2));
    ProbeJudge::Observation observation = good(key('a'));
    observation.clockSkew = 3h;
    judge.observe(id(1), observation);
    judge.observe(id(2), observation);
    QCOMPARE(judge.verdict(id(1)).state, State::Up);
    QCOMPARE(judge.verdict(id(2)).state, State::Up);
    QVERIFY(!judge.verdict(id(2)).warning.isEmpty());
}

void TestProbeJudge::smoothsTheLatency()
{
    ProbeJudge judge(servers(1));
    ProbeJudge::Observation observation = good(key('a'));
    observation.latency = 10ms;
    judge.observe(id(1), observation);
    QCOMPARE(judge.verdict(id(1)).latency, 10ms);
    observation.latency = 110ms;
    judge.observe(id(1), observation);
    QCOMPARE(judge.verdict(id(1)).latency, 40ms);
}

QTEST_APPLESS_MAIN(TestProbeJudge)
#include "tst_probejudge.moc"
