// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/client.h"
#include "tests/integration/faultyring.h"
#include "tests/support/spin.h"

#include <QSignalSpy>
#include <QTest>

using namespace cring;
using namespace cring::test;

/// What the control API says of clients' uploads and downloads while they are under way.
class TestTransfers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void showsAnUploadFromItsBeginningToItsLastCopy();
    void saysWhatBecameOfAnAbandonedOne();
    void showsADownload();
    void tellsThoseWhoSubscribed();
    void cleanupTestCase() { m_ring.reset(); }

private:
    QJsonObject list();
    QJsonObject transfer(const QString &path);
    static QStringList copies(const QJsonObject &transfer);

    std::unique_ptr<FaultyRing> m_ring;
    std::unique_ptr<control::Client> m_client;
};

namespace {

constexpr int Limit = 15'000;

QString text(const QJsonObject &object, const char *name)
{
    return object.value(QLatin1String(name)).toString();
}

} // namespace

void TestTransfers::initTestCase()
{
    m_ring = std::make_unique<FaultyRing>();
    CRING_OK(m_ring->startServers());
}

void TestTransfers::init()
{
    m_client = std::make_unique<control::Client>();
    CRING_OK(m_ring->startRing({2}));
    QSignalSpy opened(m_client.get(), &control::Client::opened);
    m_client->open({m_ring->ring().options().home + QStringLiteral("/run/charmedring/control.sock")});
    QVERIFY(spinUntil([&] { return !opened.isEmpty(); }, Limit));
}

QJsonObject TestTransfers::list()
{
    std::optional<QJsonObject> answer;
    m_client->call(QStringLiteral("transfers.list"), {}, this, [&](const Result<QJsonObject> &result) {
        answer = result ? *result : QJsonObject{{QStringLiteral("error"), result.error().detail}};
    });
    spinUntil([&] { return answer.has_value(); }, Limit);
    return answer.value_or(QJsonObject());
}

QJsonObject TestTransfers::transfer(const QString &path)
{
    const QJsonArray all = list().value(QLatin1String("transfers")).toArray();
    for (const QJsonValue one : all) {
        if (text(one.toObject(), "path") == path)
            return one.toObject();
    }
    return {};
}

QStringList TestTransfers::copies(const QJsonObject &transfer)
{
    QStringList states;
    for (const QJsonValue copy : transfer.value(QLatin1String("copies")).toArray())
        states.append(text(copy.toObject(), "state"));
    states.sort();
    return states;
}

void TestTransfers::showsAnUploadFromItsBeginningToItsLastCopy()
{
    const QByteArray body = HttpClient::multipart(FaultyRing::content(2'000'000, "up"));
    m_ring->front(2).on("POST", "/v1/fs/up", Fault::delayEnd(1'500), 1); // One server is late.
    HttpClient client = m_ring->client();
    client.send(client.uploadHead("/v1/fs/up", body.size(), m_ring->token()) + body.left(1'000'000));
    QVERIFY(client.flush());
    const QString path = QStringLiteral("up");
    QVERIFY(
        spinUntil([&] { return transfer(path).value(QLatin1String("bytes")).toInteger() > 500'000; }, Limit));
    const QJsonObject begun = transfer(path);
    QCOMPARE(text(begun, "kind"), QStringLiteral("upload"));
    QCOMPARE(text(begun, "state"), QStringLiteral("receiving"));
    QCOMPARE(begun.value(QLatin1String("total")).toInteger(), body.size());
    QVERIFY(begun.value(QLatin1String("startedMs")).toInteger() > 0);
    QCOMPARE(copies(begun),
             QStringList({QStringLiteral("taking"), QStringLiteral("taking"), QStringLiteral("taking")}));
    QCOMPARE(list().value(QLatin1String("count")).toInt(), 1);
    client.send(body.mid(1'000'000));
    QCOMPARE(client.read().status, 200);
    // The client has its answer, and one copy is still on its way.
    QVERIFY(spinUntil([&] { return text(transfer(path), "state") == QStringLiteral("answered"); }, Limit));
    QCOMPARE(copies(transfer(path)).filter(QStringLiteral("stored")).size(), 2);
    QVERIFY(spinUntil([&] { return text(transfer(path), "state") == QStringLiteral("done"); }, Limit));
    QCOMPARE(copies(transfer(path)).filter(QStringLiteral("stored")).size(), 3);
    QVERIFY(transfer(path).contains(QLatin1String("endedMs")));
    QCOMPARE(list().value(QLatin1String("count")).toInt(), 0);
}

void TestTransfers::saysWhatBecameOfAnAbandonedOne()
{
    const QByteArray body = HttpClient::multipart(FaultyRing::content(2'000'000, "gone"));
    HttpClient client = m_ring->client();
    client.send(client.uploadHead("/v1/fs/gone", body.size(), m_ring->token()) + body.left(1'000'000));
    QVERIFY(client.flush());
    const QString path = QStringLiteral("gone");
    QVERIFY(spinUntil([&] { return !transfer(path).isEmpty(); }, Limit));
    client.reset();
    QVERIFY(spinUntil([&] { return text(transfer(path), "state") == QStringLiteral("abandoned"); }, Limit));
}

void TestTransfers::showsADownload()
{
    const QByteArray data = FaultyRing::content(20'000'000, "down");
    QCOMPARE(m_ring->upload("down", data).status, 200);
    HttpClient client = m_ring->client();
    client.socket().setReadBufferSize(64 * 1024); // It takes its time.
    client.send("GET /v1/fs/down HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + m_ring->token() +
                "\r\n\r\n");
    QJsonObject now;
    QVERIFY(spinUntil(
        [&] {
            const QJsonArray all = list().value(QLatin1String("transfers")).toArray();
            for (const QJsonValue one : all) {
                if (text(one.toObject(), "kind") == QStringLiteral("download"))
                    now = one.toObject();
            }
            return now.value(QLatin1String("bytes")).toInteger() > 0;
        },
        Limit));
    QCOMPARE(text(now, "state"), QStringLiteral("sending"));
    QCOMPARE(now.value(QLatin1String("total")).toInteger(), data.size());
    QVERIFY(now.value(QLatin1String("bytes")).toInteger() < data.size());
    QCOMPARE(copies(now), QStringList{QStringLiteral("source")});
    client.reset();
    QVERIFY(spinUntil([&] { return list().value(QLatin1String("count")).toInt() == 0; }, Limit));
}

void TestTransfers::tellsThoseWhoSubscribed()
{
    QSignalSpy notified(m_client.get(), &control::Client::notified);
    bool isRefused = false;
    m_client->call(QStringLiteral("transfers.subscribe"), {{QStringLiteral("intervalMs"), 10}}, this,
                   [&](const Result<QJsonObject> &result) { isRefused = !result; });
    QVERIFY(spinUntil([&] { return isRefused; }, Limit));
    m_client->call(QStringLiteral("transfers.subscribe"), {{QStringLiteral("intervalMs"), 250}}, this,
                   [](const Result<QJsonObject> &) {});
    QVERIFY(spinUntil([&] { return notified.size() == 1; }, Limit)); // At once.
    QCOMPARE(m_ring->upload("told", FaultyRing::content(1'000, "told")).status, 200);
    QVERIFY(spinUntil(
        [&] {
            const QJsonObject params = notified.last().at(1).toJsonObject();
            const QJsonArray all = params.value(QLatin1String("transfers")).toArray();
            return text(all.last().toObject(), "path") == QStringLiteral("told");
        },
        Limit));
}

QTEST_GUILESS_MAIN(TestTransfers)
#include "tst_transfers.moc"
