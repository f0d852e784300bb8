// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/faultyring.h"
#include "tests/support/spin.h"

#include <QTest>

using namespace cring;
using namespace cring::test;

/// A number handed out twice overwrites a commit of somebody's key-value store.
class TestSequences : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void noNumberTwiceWhileServersComeAndGo();
};

void TestSequences::noNumberTwiceWhileServersComeAndGo()
{
    constexpr int Clients = 4;
    constexpr int Wanted = 300;
    constexpr int Every = 6; ///< Rounds between two changes.
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing());
    const QByteArray request = "POST /v1/seq/commits HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n"
                               "Authorization: bearer " +
                               ring.token() + "\r\n\r\n";
    QList<quint64> numbers;
    int refusals = 0;
    int changes = 0;
    int rounds = 0;
    int restarts = 0;
    const auto change = [&] {
        // Dead in turn, back one change later; now and then two at once, and the ring anew.
        for (int index = 0; index < FaultyRing::Servers; ++index) {
            if (!ring.at(index).isRunning())
                CRING_OK(ring.at(index).start());
        }
        ring.at(changes % 3).kill9();
        if (changes % 5 == 4)
            ring.at((changes + 1) % 3).kill9();
        ++changes;
    };
    QElapsedTimer timer;
    timer.start();
    while (numbers.size() < Wanted && timer.elapsed() < 100'000 && !QTest::currentTestFailed()) {
        std::vector<std::unique_ptr<HttpClient>> clients;
        for (int i = 0; i < Clients; ++i) {
            clients.push_back(std::make_unique<HttpClient>(ring.ring().url()));
            clients.back()->send(request);
        }
        // With the requests under way.
        if (rounds++ % Every == 0)
            change();
        for (const auto &client : clients) {
            const HttpResponse response = client->read(10'000);
            if (response.status == 200)
                numbers << static_cast<quint64>(response.json().value(QStringLiteral("seq")).toInteger());
            else
                ++refusals;
        }
        if (numbers.size() >= 100 && restarts == 0) {
            ++restarts;
            for (int index = 0; index < FaultyRing::Servers; ++index) {
                if (!ring.at(index).isRunning())
                    CRING_OK(ring.at(index).start());
            }
            CRING_OK(ring.startRing());
        }
    }
    qInfo("%lld numbers and %d refusals in %lld ms, servers died %d times",
          static_cast<long long>(numbers.size()), refusals, static_cast<long long>(timer.elapsed()), changes);
    QVERIFY(numbers.size() >= Wanted);
    QCOMPARE(QSet<quint64>(numbers.begin(), numbers.end()).size(), numbers.size());
}

QTEST_GUILESS_MAIN(TestSequences)
#include "tst_sequences.moc"
