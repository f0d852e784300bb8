// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/faultyring.h"
#include "tests/integration/statefolder.h"
#include "tests/support/spin.h"

#include <QTest>

using namespace cring;
using namespace cring::test;

/// Two rings in front of the same servers are told to store the same files at the same time: what they end
/// with is one version of each, on all servers and in both catalogues.
class TestTwoRingsAtOnce : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theSameFilesAtOnce();
};

namespace {

constexpr int Limit = 30'000;
const QString Often = QStringLiteral("[repair]\nscrub_interval = \"1s\"\n");

QByteArray numbered(const QByteArray &prefix, int number)
{
    return prefix + QByteArray::number(number);
}

/// A version of a file that nobody else stores.
QByteArray version(const QByteArray &name)
{
    return FaultyRing::content(20'000, name);
}

/// Both rings know the servers' key, and go through all files all the time.
class TwoRings : public FaultyRing
{
public:
    Status start()
    {
        if (const Status servers = startServers(); !servers)
            return servers;
        if (const Status key = useServerKey(); !key)
            return key;
        if (const Status first = startRing({}, Often); !first)
            return first;
        playground::RingOptions options = ring().options();
        options.httpPort = options.sshPort = 0;
        options.metricsPort = 0;
        m_second = std::make_unique<CringProcess>(options);
        return m_second->start();
    }

    CringProcess &second() { return *m_second; }
    HttpClient clientOf(int ring) { return ring == 0 ? client() : HttpClient(m_second->url()); }
    HttpResponse get(int ring, const QByteArray &path) { return clientOf(ring).get(target(path), token()); }
    StateFolder state(int ring) { return StateFolder(ring == 0 ? this->ring() : *m_second); }

    /// Until that ring gives out this.
    bool reads(int ring, const QByteArray &path, const QByteArray &data)
    {
        return spinUntil([&] { return get(ring, path).body == data; }, Limit);
    }
    /// "path server state", one line each, and the findings, for people.
    QByteArray owed(int ring)
    {
        QStringList lines = state(ring).findings();
        const auto rows = state(ring).rows(QStringLiteral("SELECT key, member, state FROM owed"));
        for (const QVariantList &row : rows)
            lines << QStringLiteral("%1 %2 %3")
                         .arg(QString::fromLatin1(row[0].toByteArray()), row[1].toString(),
                              row[2].toString());
        return lines.join(u'\n').toUtf8();
    }
    /// That ring has read every copy, has put right what it could, and finds nothing more to do. Of a file
    /// that no server has what is owed waits for a person.
    bool isRead(int ring)
    {
        CringProcess &process = ring == 0 ? this->ring() : *m_second;
        // One that compares only may be under way.
        const bool read = spinUntil(
            [&] {
                const int exitCode = process
                                         .runCommand({QStringLiteral("verify"), QStringLiteral("--deep")},
                                                     std::chrono::milliseconds(Limit))
                                         .exitCode;
                return exitCode == 0 || exitCode == 6; // 6: something is a person's to decide
            },
            Limit);
        const StateFolder folder = state(ring);
        const qint64 since = QDateTime::currentMSecsSinceEpoch();
        return read &&
               spinUntil(
                   [&] {
                       return folder.summary(QStringLiteral("scrub"), since).has_value() &&
                              folder.number(QStringLiteral("SELECT count(*) FROM owed WHERE key NOT IN"
                                                           " (SELECT key FROM findings)")) == 0;
                   },
                   Limit);
    }

private:
    std::unique_ptr<CringProcess> m_second;
};

} // namespace

/// Which one holds nobody can say, but it is one of them, whole, and the same for all.
void TestTwoRingsAtOnce::theSameFilesAtOnce()
{
    constexpr int files = 8;
    constexpr int rounds = 4;
    TwoRings rings;
    CRING_OK(rings.start());
    QMap<QByteArray, QByteArrayList> last; // Acknowledged in the last round; empty: a delete was.
    for (int round = 0; round < rounds; ++round) {
        last.clear();
        struct Request
        {
            QByteArray path;
            QByteArray data;
            std::unique_ptr<HttpClient> client;
        };
        std::vector<Request> requests;
        for (int i = 0; i < files; ++i) {
            for (int ring : {0, 1}) {
                const QByteArray path = numbered("f", i);
                // Of the last file in every round one is a delete.
                const bool stores = i != files - 1 || ring != round % 2;
                const QByteArray data =
                    stores ? version(path + numbered(" round", round) + numbered(" ring", ring))
                           : QByteArray();
                auto client = std::make_unique<HttpClient>(rings.clientOf(ring));
                const QByteArray body = HttpClient::multipart(data);
                const QByteArray target = FaultyRing::target(path);
                client->send(stores
                                 ? client->uploadHead(target, body.size(), rings.token()) + body
                                 : "DELETE " + target + " HTTP/1.1\r\nHost: ring\r\nAuthorization: bearer " +
                                       rings.token() + "\r\n\r\n");
                requests.push_back({path, data, std::move(client)});
            }
        }
        for (Request &request : requests) {
            const HttpResponse answer = request.client->read();
            QVERIFY2(answer.status == 200 || answer.status == 503, answer.text().constData());
            last[request.path] << request.data; // A refused one may be there, too.
        }
    }
    // Sizes and times are those of the records: only reading finds the others.
    for (int ring : {0, 1})
        QVERIFY2(rings.isRead(ring), rings.owed(ring).constData());
    QVERIFY2(rings.differenceAfter(Limit).isEmpty(), rings.difference().constData());
    QMap<QByteArray, QByteArray> chosen;
    for (auto it = last.cbegin(); it != last.cend(); ++it) {
        const QByteArray holds = rings.onDisk(0, it.key());
        // A null one is the delete of one of them.
        QVERIFY2(it->contains(holds), it.key().constData());
        chosen.insert(it.key(), holds);
        for (int ring : {0, 1}) {
            QVERIFY2(holds.isNull() || rings.reads(ring, it.key(), holds),
                     rings.get(ring, it.key()).text().constData());
        }
    }
    // They agree: neither undoes what the other has done.
    for (int ring : {0, 1})
        QVERIFY2(rings.isRead(ring), rings.owed(ring).constData());
    QVERIFY2(rings.difference().isEmpty(), rings.difference().constData());
    for (auto it = chosen.cbegin(); it != chosen.cend(); ++it)
        QCOMPARE(rings.onDisk(0, it.key()), it.value());
}

QTEST_GUILESS_MAIN(TestTwoRingsAtOnce)
#include "tst_tworingsatonce.moc"
