// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/bucketcheck.h"
#include "core/backup/objectdownload.h"
#include "core/backup/s3walk.h"
#include "core/backup/snapshotsearch.h"
#include "core/http/datefield.h"
#include "tests/backup/await.h"
#include "tests/support/charmcluster.h"
#include "tests/support/faultyserver.h"

#include <QCryptographicHash>
#include <QLoggingCategory>
#include <QScopeGuard>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

using namespace cring;
using namespace cring::backup;
using namespace cring::test;
using namespace std::chrono_literals;
using Kind = S3Error::Kind;

/// What a good S3 server cannot be brought to do.
class TestS3Faults : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void waitsAndTriesAgain_data();
    void waitsAndTriesAgain();
    void givesUpAfterAWhile();
    void heedsRetryAfter();
    void doesNotRepeatARefusal();
    void learnsTheClock();
    void learnsTheClockOnce();
    void learnsTheRegion();
    void severalLearnTogether();
    void doesWithoutChecksums();
    void followsARedirect();
    void followsNoRedirectElsewhere();
    void isNotSentInACircle();
    void aCutUploadIsRepeated();
    void aLostAnswerIsRepeated();
    void aSilentServerIsLeft();
    void aSlowServerIsNot();
    void anEarlyRefusalEndsTheUpload();
    void bodiesWaitForTheServersWord();
    void bodiesDoNotWaitForLong();
    void aCutDownloadGoesOn();
    void aLostEndIsNoLoss();
    void aCutDownloadOfAnotherVersionEnds();
    void goesOnWithoutRanges();
    void aWrongDigestIsTold();
    void aPausedDownloadReadsNothing();
    void listingsThatLieEnd_data();
    void listingsThatLieEnd();
    void versionsThatLieEnd_data();
    void versionsThatLieEnd();
    void lockedLeftoversDoNotHideOthers();
    void aSnapshotIsNoLongerThanAny();
    void attacksEndInErrors_data();
    void attacksEndInErrors();
    void errorsIn200AreErrors();
    void namesNoSecret();
    void canBeCancelled();
    void nobodyIsToldAfterTheContextDied();
    void credentialsMayChange();
};

namespace {

const QByteArray kToken = "SESSIONTOKENSESSIONTOKEN";
const QByteArray kSecret = "VERYSECRETVERYSECRETVERY";

QByteArray errorBody(const QByteArray &code, const QByteArray &more = {})
{
    return "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>said the server</Message>" +
           more + "</Error>";
}

Fault errorAnswer(int status, const QByteArray &code, const QByteArray &more = {})
{
    return Fault::status(status, errorBody(code, more), "application/xml");
}

Fault good(const QByteArray &body, const QByteArray &headers = {}, const QByteArray &status = "200 OK")
{
    return Fault::raw("HTTP/1.1 " + status + "\r\nContent-Length: " + QByteArray::number(body.size()) +
                      "\r\n" + headers + "\r\n" + body);
}

QByteArray listPage(const QList<QByteArray> &keys, const QByteArray &next)
{
    QByteArray out = "<ListBucketResult><IsTruncated>" + QByteArray(next.isEmpty() ? "false" : "true") +
                     "</IsTruncated><NextContinuationToken>" + next + "</NextContinuationToken>";
    for (const QByteArray &key : keys)
        out += "<Contents><Key>" + key + "</Key><Size>1</Size></Contents>";
    return out + "</ListBucketResult>";
}

QByteArray field(const FaultyServer::Request &request, const QByteArray &name)
{
    for (const QByteArray &line : request.head.split('\n')) {
        if (line.toLower().startsWith(name.toLower() + ':'))
            return line.mid(name.size() + 1).trimmed();
    }
    return {};
}

/// A server, and a client with keys for it.
struct Setup
{
    explicit Setup(S3Limits limits = S3Rig::quick())
        : rig(server.url(), QStringLiteral("backup-bucket"), QStringLiteral("us-east-1"), Addressing::Path,
              limits)
    {
        rig.setKeys("AKIATEST", kSecret, kToken);
    }

    S3Result<Stored> put(const QByteArray &bytes, const QByteArray &key = "a/b")
    {
        return await<Stored>([&](auto done) {
            rig.client.put({key, std::make_shared<BytesSource>(bytes)}, &rig.context, done);
        });
    }

    S3Result<Nothing> headBucket()
    {
        return await<Nothing>([&](auto done) { rig.client.headBucket(&rig.context, done); });
    }

    FaultyServer server;
    S3Rig rig;
};

/// A download to its end.
struct Download
{
    Download(Setup &setup, const GetRequest &request = {"a/b"})
        : download(setup.rig.client, request)
    {
        QObject::connect(&download, &ObjectDownload::bodyReceived, &download,
                         [this](const QByteArray &data) { bytes += data; });
        QObject::connect(&download, &ObjectDownload::finished, &download, [this] { finished = true; });
        QObject::connect(&download, &ObjectDownload::failed, &download,
                         [this](const S3Error &failure) { error = failure; });
    }

    bool wait()
    {
        return spinUntil([this] { return finished || error; }, 20'000);
    }

    ObjectDownload download;
    QByteArray bytes;
    bool finished = false;
    std::optional<S3Error> error;
};

QByteArray digestFields(const QByteArray &body)
{
    return "ETag: \"e1\"\r\nx-amz-meta-sha256: " +
           QCryptographicHash::hash(body, QCryptographicHash::Sha256).toHex() + "\r\n";
}

const QByteArray kAddress = "/backup-bucket";

} // namespace

void TestS3Faults::waitsAndTriesAgain_data()
{
    QTest::addColumn<Fault>("fault");
    QTest::newRow("SlowDown") << errorAnswer(503, "SlowDown");
    QTest::newRow("500") << errorAnswer(500, "InternalError");
    QTest::newRow("429") << Fault::status(429, "slow");
    QTest::newRow("502 of a proxy") << Fault::status(502, "<html>", "text/html");
    QTest::newRow("request time-out") << errorAnswer(400, "RequestTimeout");
    QTest::newRow("closed") << Fault::cutResponse(0);
    QTest::newRow("no HTTP") << Fault::raw("garbage\r\n\r\n");
}

void TestS3Faults::waitsAndTriesAgain()
{
    QFETCH(Fault, fault);
    Setup setup;
    setup.server.on("PUT", "", good({}, "ETag: \"x\"\r\n"));
    setup.server.on("PUT", "", fault, 2);
    const auto stored = setup.put("hello");
    S3_OK(stored);
    QCOMPARE(stored->etag, QByteArray("\"x\""));
    const auto requests = setup.server.requests("PUT");
    QCOMPARE(requests.size(), 3);
    for (const auto &request : requests)
        QCOMPARE(request.bodySize, 5);
}

void TestS3Faults::givesUpAfterAWhile()
{
    Setup setup;
    setup.server.on("", "", errorAnswer(503, "SlowDown"));
    const auto stored = setup.put("hello");
    QVERIFY(!stored);
    QCOMPARE(stored.error().kind, Kind::Busy);
    QCOMPARE(setup.server.requests().size(), 4);
    QVERIFY(stored.error().words().contains(QStringLiteral("SlowDown, HTTP 503")));
    setup.server.stop();
    const auto unreachable = setup.put("hello");
    QVERIFY(!unreachable);
    QCOMPARE(unreachable.error().kind, Kind::Unreachable);
    QVERIFY(unreachable.error().words().contains(QStringLiteral("refused the connection")));
}

void TestS3Faults::heedsRetryAfter()
{
    Setup setup;
    setup.server.on("PUT", "", good({}));
    setup.server.on("PUT", "",
                    Fault::raw("HTTP/1.1 503 Slow Down\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"), 1);
    const auto before = SystemClock().steady();
    S3_OK(setup.put("x"));
    QVERIFY(SystemClock().steady() - before >= 950ms);
}

void TestS3Faults::doesNotRepeatARefusal()
{
    for (const char *code : {"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "NoSuchBucket",
                             "ExpiredToken", "EntityTooLarge"}) {
        Setup setup;
        setup.server.on("", "", errorAnswer(403, code));
        QVERIFY(!setup.put("x"));
        QCOMPARE(setup.server.requests().size(), 1);
    }
}

void TestS3Faults::learnsTheClock()
{
    Setup setup;
    setup.rig.clock.offset = -20min;
    const QByteArray date = "Date: " + http::DateField::textOf(SystemClock().wall()) + "\r\n";
    setup.server.on("", "", good({}));
    setup.server.on("", "", good(errorBody("RequestTimeTooSkewed"), date, "403 Forbidden"), 1);
    S3_OK(setup.put("x"));
    const auto requests = setup.server.requests();
    QCOMPARE(requests.size(), 2);
    QVERIFY(field(requests[0], "x-amz-date") < field(requests[1], "x-amz-date"));
    QVERIFY(std::chrono::abs(setup.rig.client.session().clockOffset() - 20min) < 5s);
    // Also where there is no body that could say so.
    setup.rig.clock.offset = 40min;
    setup.server.on("HEAD", "", Fault::raw("HTTP/1.1 403 Forbidden\r\n" + date + "\r\n"), 1);
    S3_OK(setup.headBucket());
    QVERIFY(std::chrono::abs(setup.rig.client.session().clockOffset() + 40min) < 10s);
}

void TestS3Faults::learnsTheClockOnce()
{
    Setup setup;
    setup.server.on(
        "", "",
        good(errorBody("RequestTimeTooSkewed"), "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n", "403 Forbidden"));
    const auto stored = setup.put("x");
    QVERIFY(!stored);
    QCOMPARE(stored.error().kind, Kind::Clock);
    QCOMPARE(setup.server.requests().size(), 2);
}

void TestS3Faults::learnsTheRegion()
{
    Setup setup;
    setup.server.on("", "", good({}));
    setup.server.on("", "", errorAnswer(400, "AuthorizationHeaderMalformed", "<Region>eu-west-3</Region>"),
                    1);
    S3_OK(setup.put("x"));
    S3_OK(setup.put("y"));
    const auto requests = setup.server.requests();
    QCOMPARE(requests.size(), 3);
    QVERIFY(field(requests[0], "authorization").contains("/us-east-1/s3/"));
    QVERIFY(field(requests[1], "authorization").contains("/eu-west-3/s3/"));
    QVERIFY(field(requests[2], "authorization").contains("/eu-west-3/s3/"));
}

void TestS3Faults::severalLearnTogether()
{
    Setup setup;
    setup.server.on("", "", good({}));
    setup.server.on("", "", errorAnswer(400, "AuthorizationHeaderMalformed", "<Region>eu-west-3</Region>"),
                    3);
    int stored = 0;
    for (const char *key : {"a", "b", "c"})
        setup.rig.client.put({key, std::make_shared<BytesSource>("x")}, &setup.rig.context,
                             [&](const S3Result<Stored> &result) { stored += result ? 1 : 100; });
    QVERIFY(spinUntil([&] { return stored >= 3; }, 10'000));
    QCOMPARE(stored, 3);
    QCOMPARE(setup.server.requests().size(), 6);
}

void TestS3Faults::doesWithoutChecksums()
{
    Setup setup;
    setup.server.on("", "", good({}, "ETag: \"x\"\r\n"));
    setup.server.on("", "", errorAnswer(501, "NotImplemented"), 1);
    S3_OK(setup.put("x"));
    S3_OK(setup.put("y"));
    const auto requests = setup.server.requests();
    QCOMPARE(requests.size(), 3);
    QVERIFY(requests[0].head.contains("x-amz-checksum-sha256"));
    QVERIFY(!requests[1].head.contains("x-amz-checksum-sha256"));
    QVERIFY(!requests[2].head.contains("x-amz-checksum-sha256"));
    QVERIFY(requests[2].head.contains("x-amz-content-sha256"));
}

void TestS3Faults::followsARedirect()
{
    Setup setup;
    FaultyServer there;
    there.on("", "", good({}, "ETag: \"there\"\r\n"));
    setup.server.on("", "",
                    good(errorBody("TemporaryRedirect"),
                         "Location: " + there.url().toString().toUtf8() +
                             "/backup-bucket/a/b\r\n"
                             "x-amz-bucket-region: eu-south-1\r\n",
                         "307 Temporary Redirect"));
    const auto stored = setup.put("x");
    S3_OK(stored);
    QCOMPARE(stored->etag, QByteArray("\"there\""));
    QCOMPARE(there.requests().first().target, kAddress + "/a/b");
    QVERIFY(field(there.requests().first(), "authorization").contains("/eu-south-1/s3/"));
    S3_OK(setup.put("y")); // At once to the right place.
    QCOMPARE(setup.server.requests().size(), 1);
}

void TestS3Faults::followsNoRedirectElsewhere()
{
    Setup setup;
    setup.server.on("", "",
                    good(errorBody("TemporaryRedirect"), "Location: http://192.0.2.1/backup-bucket/a/b\r\n",
                         "307 Temporary Redirect"));
    const auto stored = setup.put("x");
    QVERIFY(!stored);
    QCOMPARE(stored.error().kind, Kind::Region);
    QCOMPARE(setup.server.requests().size(), 1);
}

void TestS3Faults::isNotSentInACircle()
{
    Setup setup;
    FaultyServer there;
    const auto to = [](const FaultyServer &server) {
        return good({}, "Location: " + server.url().toString().toUtf8() + "/\r\n", "307 Temporary Redirect");
    };
    setup.server.on("", "", to(there));
    there.on("", "", to(setup.server));
    const auto stored = setup.put("x");
    QVERIFY(!stored);
    QCOMPARE(stored.error().kind, Kind::Region);
    QVERIFY(setup.server.requests().size() + there.requests().size() <= 5);
}

void TestS3Faults::aCutUploadIsRepeated()
{
    Setup setup;
    const QByteArray bytes(3'000'000, 'u');
    setup.server.on("PUT", "", good({}));
    setup.server.on("PUT", "", Fault::cutRequest(1'000'000).reset(), 1);
    setup.server.on("PUT", "", Fault::cutRequest(0), 1);
    const auto stored = setup.put(bytes);
    S3_OK(stored);
    QCOMPARE(stored->sha256, QCryptographicHash::hash(bytes, QCryptographicHash::Sha256));
    QCOMPARE(setup.server.requests("PUT").last().bodySize, bytes.size());
}

void TestS3Faults::aLostAnswerIsRepeated()
{
    Setup setup;
    setup.server.on("PUT", "", good({}));
    S3_OK(setup.put("x"));
    setup.server.on("PUT", "", Fault::loseResponse(), 1); // On the connection that was kept.
    S3_OK(setup.put("y"));
    QCOMPARE(setup.server.requests("PUT").size(), 3);
}

void TestS3Faults::aSilentServerIsLeft()
{
    S3Limits limits = S3Rig::quick();
    limits.idle = limits.answer = 300ms;
    Setup setup(limits);
    setup.server.on("", "", good({}));
    setup.server.on("", "", Fault::silent(), 1);
    setup.server.on("", "", Fault::trickle("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 10, 5), 1);
    S3_OK(setup.put("hello"));
    QCOMPARE(setup.server.requests().size(), 3);
    QVERIFY(spinUntil([&] { return setup.server.openConnections() <= 1; }, 5'000));
}

void TestS3Faults::aSlowServerIsNot()
{
    S3Limits limits = S3Rig::quick();
    limits.idle = 400ms;
    Setup setup(limits);
    const QByteArray body(40, 'x');
    setup.server.on(
        "GET", "",
        Fault::trickle("HTTP/1.1 200 OK\r\n" + digestFields(body) + "Content-Length: 40\r\n\r\n" + body, 4,
                       20));
    Download download(setup);
    QVERIFY(download.wait());
    QVERIFY(download.finished);
    QVERIFY(download.download.verified());
    QCOMPARE(download.bytes, body);
    QCOMPARE(setup.server.requests().size(), 1);
}

void TestS3Faults::anEarlyRefusalEndsTheUpload()
{
    Setup setup;
    setup.server.on("PUT", "", Fault::early(403, errorBody("AccessDenied")));
    const auto stored = setup.put(QByteArray(32'000'000, 'u'));
    QVERIFY(!stored);
    QCOMPARE(stored.error().kind, Kind::Denied);
    QVERIFY(setup.server.requests().first().bodySize < 32'000'000);
    QCOMPARE(setup.server.requests().size(), 1);
}

void TestS3Faults::bodiesWaitForTheServersWord()
{
    Setup setup;
    setup.server.on("PUT", "", good({}));
    S3_OK(setup.put(QByteArray(2'000'000, 'u')));
    S3_OK(setup.put(QByteArray(1'000, 'u')));
    QCOMPARE(field(setup.server.requests().at(0), "expect"), QByteArray("100-continue"));
    QVERIFY(field(setup.server.requests().at(1), "expect").isEmpty());
    QVERIFY(!field(setup.server.requests().at(0), "authorization").contains("expect"));
}

void TestS3Faults::bodiesDoNotWaitForLong()
{
    // A server that has never heard of Expect.
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    constexpr qsizetype kSize = 1'500'000;
    qsizetype received = 0;
    connect(&server, &QTcpServer::newConnection, &server, [&] {
        QTcpSocket *client = server.nextPendingConnection();
        connect(client, &QTcpSocket::readyRead, client, [&received, client] {
            received += client->readAll().size();
            if (received > kSize)
                client->write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        });
    });
    QUrl url(QStringLiteral("http://127.0.0.1"));
    url.setPort(server.serverPort());
    S3Rig rig(url);
    rig.setKeys("AKIATEST", kSecret);
    const auto before = rig.clock.steady();
    S3_OK(await<Stored>([&](auto done) {
        rig.client.put({"a", std::make_shared<BytesSource>(QByteArray(kSize, 'x'))}, &rig.context, done);
    }));
    QVERIFY(rig.clock.steady() - before < 3s);
}

void TestS3Faults::aCutDownloadGoesOn()
{
    Setup setup;
    QByteArray body;
    for (int i = 0; body.size() < 100'000; ++i)
        body += QByteArray::number(i);
    const QByteArray whole = "HTTP/1.1 200 OK\r\n" + digestFields(body) +
                             "Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body;
    Fault cut = Fault::cutResponse(60'000);
    cut.bytes = whole;
    const QByteArray rest = body.mid(60'000);
    setup.server.on("GET", "",
                    good(rest,
                         digestFields(body) + "Content-Range: bytes 60000-" +
                             QByteArray::number(body.size() - 1) + "/" + QByteArray::number(body.size()) +
                             "\r\n",
                         "206 Partial Content"));
    setup.server.on("GET", "", cut, 1);
    Download download(setup);
    QVERIFY(download.wait());
    QVERIFY2(download.finished, download.error ? qPrintable(download.error->words()) : "");
    QVERIFY(download.bytes == body);
    QVERIFY(download.download.verified());
    const auto again = setup.server.requests().at(1);
    QCOMPARE(field(again, "range"), QByteArray("bytes=60000-"));
    QCOMPARE(field(again, "if-match"), QByteArray("\"e1\""));
}

void TestS3Faults::aLostEndIsNoLoss()
{
    Setup setup;
    const QByteArray body = "0123456789";
    Fault cut = Fault::cutResponse(15); // Behind the chunk, before the last one.
    cut.bytes = "HTTP/1.1 200 OK\r\n" + digestFields(body) +
                "x-amz-meta-a: 1\r\nTransfer-Encoding: chunked\r\n\r\na\r\n" + body + "\r\n0\r\n\r\n";
    setup.server.on("GET", "", errorAnswer(416, "InvalidRange"));
    setup.server.on("GET", "", cut, 1);
    Download download(setup);
    QVERIFY(download.wait());
    QVERIFY2(download.finished, download.error ? qPrintable(download.error->words()) : "");
    QVERIFY(download.download.verified());
}

void TestS3Faults::aCutDownloadOfAnotherVersionEnds()
{
    Setup setup;
    Fault cut = Fault::cutResponse(5);
    cut.bytes = "HTTP/1.1 200 OK\r\nETag: \"e1\"\r\nContent-Length: 10\r\n\r\n0123456789";
    setup.server.on("GET", "", errorAnswer(412, "PreconditionFailed"));
    setup.server.on("GET", "", cut, 1);
    Download download(setup);
    QVERIFY(download.wait());
    QVERIFY(download.error);
    QCOMPARE(download.error->kind, Kind::Precondition);

    setup.server.clearRules(); // And from a server that does not look at If-Match.
    setup.server.on("GET", "",
                    good("56789", "ETag: \"e2\"\r\nContent-Range: bytes 5-9/10\r\n", "206 Partial"));
    setup.server.on("GET", "", cut, 1);
    Download other(setup);
    QVERIFY(other.wait());
    QVERIFY(other.error);
    QCOMPARE(other.error->kind, Kind::Protocol);
}

void TestS3Faults::goesOnWithoutRanges()
{
    Setup setup;
    const QByteArray body = "0123456789";
    Fault cut = Fault::cutResponse(4);
    cut.bytes = "HTTP/1.1 200 OK\r\n" + digestFields(body) + "Content-Length: 10\r\n\r\n" + body;
    setup.server.on("GET", "", good(body, digestFields(body)));
    setup.server.on("GET", "", cut, 1);
    Download download(setup);
    QVERIFY(download.wait());
    QVERIFY(download.finished);
    QCOMPARE(download.bytes, body);

    GetRequest part{"a/b"};
    part.start = 2;
    part.end = 5;
    Download range(setup, part);
    QVERIFY(range.wait());
    QVERIFY(range.finished);
    QCOMPARE(range.bytes, QByteArray("2345"));
}

void TestS3Faults::aWrongDigestIsTold()
{
    Setup setup;
    setup.server.on("GET", "", good("tampered", digestFields("original")));
    Download download(setup);
    QVERIFY(download.wait());
    QVERIFY(download.error);
    QCOMPARE(download.error->kind, Kind::Digest);
    QVERIFY(!download.download.verified());

    setup.server.on("GET", "",
                    good("any", "x-amz-checksum-sha256: " +
                                    QCryptographicHash::hash("other", QCryptographicHash::Sha256).toBase64() +
                                    "\r\n"));
    Download other(setup);
    QVERIFY(other.wait());
    QVERIFY(other.error);
}

void TestS3Faults::aPausedDownloadReadsNothing()
{
    S3Limits limits = S3Rig::quick();
    limits.idle = limits.answer = 200ms;
    Setup setup(limits);
    const QByteArray body(2'000'000, 'p');
    setup.server.on("GET", "", good(body, digestFields(body)));
    Download download(setup);
    qsizetype paused = -1;
    connect(&download.download, &ObjectDownload::bodyReceived, &setup.rig.context, [&] {
        if (paused < 0) {
            download.download.pause();
            paused = download.bytes.size();
        }
    });
    QVERIFY(spinUntil([&] { return paused >= 0; }, 5'000));
    QTest::qWait(400); // A paused download neither goes on nor times out: only time can tell.
    QVERIFY(download.bytes.size() <= paused + 128 * 1024);
    QVERIFY(!download.error);
    download.download.resume();
    QVERIFY(download.wait());
    QVERIFY(download.finished);
    QVERIFY(download.bytes == body);
}

void TestS3Faults::listingsThatLieEnd_data()
{
    QTest::addColumn<QList<QByteArray>>("pages");
    using Pages = QList<QByteArray>;
    QTest::newRow("the same token") << Pages{listPage({"a"}, "t"), listPage({"b"}, "t")};
    QTest::newRow("the same page") << Pages{listPage({"a", "b"}, "t"), listPage({"a", "b"}, "u")};
    QTest::newRow("back") << Pages{listPage({"c"}, "t"), listPage({"b"}, "u")};
    QTest::newRow("nothing for ever") << Pages{listPage({}, "t"), listPage({}, "u")};
    QTest::newRow("more without a token") << Pages{"<ListBucketResult><IsTruncated>true</IsTruncated>"
                                                   "</ListBucketResult>"};
}

void TestS3Faults::listingsThatLieEnd()
{
    QFETCH(QList<QByteArray>, pages);
    Setup setup;
    ObjectWalk walk(setup.rig.client, {});
    for (int asked = 0; asked < 200; ++asked) {
        setup.server.on("GET", "", good(pages.at(asked % pages.size())), 1);
        const auto page = await<QList<ListedObject>>([&](auto done) { walk.next(done); });
        if (!page) {
            QCOMPARE(page.error().kind, Kind::Protocol);
            QVERIFY(page.error().words().contains(QStringLiteral("ListObjectsV2")));
            return;
        }
        QVERIFY(!walk.atEnd());
    }
    QFAIL("the walk goes in a circle");
}

void TestS3Faults::versionsThatLieEnd_data()
{
    QTest::addColumn<QList<int>>("markers");
    QTest::newRow("the same") << QList<int>{1, 1};
    QTest::newRow("two in turn") << QList<int>{1, 2, 1};
    QList<int> ever;
    for (int i = 0; i < 12'000; ++i)
        ever << i;
    QTest::newRow("a new one for ever") << ever;
}

void TestS3Faults::versionsThatLieEnd()
{
    QFETCH(QList<int>, markers);
    WalkPlace place;
    const char *wrong = nullptr;
    for (qsizetype i = 0; i < markers.size() && !wrong; ++i) {
        wrong = place.advance("a", "a", QByteArray::number(markers[i]));
        QVERIFY(!wrong == (i < std::min<qsizetype>(markers.size() - 1, 10'000)));
    }
    QVERIFY(wrong);
    // The same markers of another key are others.
    QVERIFY(!WalkPlace(place).advance("a", "b", "1"));

    Setup setup;
    const auto page = [](const QByteArray &marker) {
        return good("<ListVersionsResult><IsTruncated>true</IsTruncated><NextKeyMarker>a</NextKeyMarker>"
                    "<NextVersionIdMarker>" +
                    marker +
                    "</NextVersionIdMarker><Version><Key>a</Key><VersionId>1</VersionId><Size>1</Size>"
                    "</Version></ListVersionsResult>");
    };
    VersionWalk walk(setup.rig.client, {});
    for (const char *marker : {"1", "2"}) {
        setup.server.on("GET", "", page(marker));
        S3_OK(await<QList<ListedVersion>>([&](auto done) { walk.next(done); }));
    }
    setup.server.on("GET", "", page("1"));
    const auto again = await<QList<ListedVersion>>([&](auto done) { walk.next(done); });
    QVERIFY(!again);
    QCOMPARE(again.error().kind, Kind::Protocol);
}

/// Of looks at the bucket that were cut off: what can go does, behind a page of what cannot.
void TestS3Faults::lockedLeftoversDoNotHideOthers()
{
    Setup setup;
    const auto page = [](const QByteArray &key, const QByteArray &next) {
        return good("<ListVersionsResult><IsTruncated>" + QByteArray(next.isEmpty() ? "false" : "true") +
                    "</IsTruncated><NextKeyMarker>" + next + "</NextKeyMarker><NextVersionIdMarker>v" +
                    "</NextVersionIdMarker><Version><Key>" + key +
                    "</Key><VersionId>v</VersionId><Size>1</Size>"
                    "<LastModified>2020-01-01T00:00:00.000Z</LastModified></Version></ListVersionsResult>");
    };
    const QByteArray prefix = BucketCheck::kPrefix;
    const QByteArray first = kAddress + "?encoding-type=url&max-keys";
    const QByteArray next = kAddress + "?encoding-type=url&key-marker";
    setup.server.on("", "", errorAnswer(404, "NoSuchKey"));
    setup.server.on("HEAD", "", good({}));
    setup.server.on("GET", kAddress + "?encoding-type=url&list-type", good(listPage({}, {})));
    setup.server.on("PUT", "", good({}, "ETag: \"x\"\r\nx-amz-version-id: v\r\n"));
    setup.server.on("DELETE", "", good({}));
    setup.server.on("POST", "", good("<DeleteResult></DeleteResult>"));
    setup.server.on("GET", next, page(prefix + "b", {}));
    setup.server.on("GET", first, page(prefix + "a", prefix + "a"));
    setup.server.on("GET", first, good("<ListVersionsResult/>"), 1);
    BucketCheck check(setup.rig.client, setup.rig.clock, {});
    bool finished = false;
    connect(&check, &BucketCheck::finished, this, [&] { finished = true; });
    check.start();
    QVERIFY(spinUntil([&] { return finished; }, 20'000));
    QCOMPARE(setup.server.requests("GET", first).size(), 2);
    QCOMPARE(setup.server.requests("GET", next).size(), 1);
    QCOMPARE(setup.server.requests("POST", kAddress + "?delete").size(), 2);
}

void TestS3Faults::aSnapshotIsNoLongerThanAny()
{
    Setup setup;
    const QByteArray kit(32, 'k');
    const QByteArray key = AccountSnapshot::keyFor(1, kit, 1);
    setup.server.on("GET", "", good(QByteArray(100'000, 's')));
    setup.server.on("GET", kAddress + "?", good(listPage({key}, {})));
    qsizetype seen = -1;
    SnapshotSearch search(
        setup.rig.client, kit,
        [&](const QByteArray &sealed) -> Status {
            seen = sealed.size();
            return {};
        },
        50'000);
    QStringList passed;
    connect(&search, &SnapshotSearch::passedOver, this,
            [&](const QByteArray &, const QString &why) { passed << why; });
    bool failed = false;
    connect(&search, &SnapshotSearch::failed, this, [&] { failed = true; });
    search.start();
    QVERIFY(spinUntil([&] { return failed; }, 20'000));
    QCOMPARE(seen, -1);
    QCOMPARE(passed, QStringList(QStringLiteral("it is longer than any that is made")));
    // Of one that is not, what is looked at.
    setup.server.on("GET", kAddress + "/", good(QByteArray(40'000, 's')));
    SnapshotSearch shorter(
        setup.rig.client, kit,
        [&](const QByteArray &sealed) -> Status {
            seen = sealed.size();
            return {};
        },
        50'000);
    bool found = false;
    connect(&shorter, &SnapshotSearch::found, this, [&] { found = true; });
    shorter.start();
    QVERIFY(spinUntil([&] { return found; }, 20'000));
    QCOMPARE(seen, AccountSnapshot::kHeader);
}

void TestS3Faults::attacksEndInErrors_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::newRow("bomb") << QByteArray("<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\">]>"
                                        "<ListBucketResult>&b;</ListBucketResult>");
    QTest::newRow("deep") << QByteArray("<a>").repeated(100'000);
    QTest::newRow("large") << "<ListBucketResult>" + QByteArray(12 * 1024 * 1024, ' ') +
                                  "</ListBucketResult>";
    QTest::newRow("cut") << QByteArray("<ListBucketResult><IsTruncated>fal");
    QTest::newRow("another document") << QByteArray("<CopyObjectResult/>");
    QTest::newRow("html") << QByteArray("<!DOCTYPE html><html><head></head></html>");
    QTest::newRow("empty") << QByteArray();
}

void TestS3Faults::attacksEndInErrors()
{
    QFETCH(QByteArray, body);
    Setup setup;
    setup.server.on("GET", "", good(body));
    const auto page =
        await<ObjectPage>([&](auto done) { setup.rig.client.list({}, &setup.rig.context, done); });
    QVERIFY(!page);
    QCOMPARE(page.error().kind, Kind::Protocol);
    QCOMPARE(setup.server.requests().size(), 1);
    // The same as the body of an error.
    setup.server.on("PUT", "", good(body, {}, "403 Forbidden"));
    const auto stored = setup.put("x");
    QVERIFY(!stored);
}

void TestS3Faults::errorsIn200AreErrors()
{
    Setup setup;
    setup.server.on("POST", "",
                    good("<CompleteMultipartUploadResult><ETag>\"j\"</ETag>"
                         "</CompleteMultipartUploadResult>"));
    setup.server.on("POST", "", good(" \n " + errorBody("InternalError").mid(21)), 1);
    const auto stored = await<Stored>([&](auto done) {
        setup.rig.client.completeUpload("a", "u", {{1, 5, "\"e\"", {}}}, &setup.rig.context, done);
    });
    S3_OK(stored);
    QCOMPARE(stored->etag, QByteArray("\"j\""));
    QCOMPARE(setup.server.requests("POST").size(), 2);
}

void TestS3Faults::namesNoSecret()
{
    static QString logged;
    logged.clear();
    QLoggingCategory::setFilterRules(QStringLiteral("*.debug=true"));
    const auto before = qInstallMessageHandler(
        [](QtMsgType, const QMessageLogContext &, const QString &message) { logged += message + u'\n'; });
    const auto restore = qScopeGuard([before] {
        qInstallMessageHandler(before);
        QLoggingCategory::setFilterRules(QString());
    });
    Setup setup;
    setup.server.on("", "",
                    Fault::status(503,
                                  "<Error><Code>SlowDown</Code><Message>" + kSecret + " and " + kToken +
                                      " and AKIATEST</Message></Error>",
                                  "application/xml"));
    const auto stored = setup.put("x");
    QVERIFY(!stored);
    QVERIFY(logged.contains(QStringLiteral("PutObject")));
    for (const QString &text : {stored.error().words(), stored.error().toError().toString(), logged}) {
        for (const QByteArray &secret : {kSecret, kToken, QByteArray("AKIATEST")})
            QVERIFY(!text.contains(QString::fromLatin1(secret)));
    }
    const QByteArray head = setup.server.requests().first().head;
    QVERIFY(!head.contains(kSecret));
    QVERIFY(head.contains("x-amz-security-token: " + kToken));
    QVERIFY(field(setup.server.requests().first(), "authorization").contains("x-amz-security-token"));
}

void TestS3Faults::canBeCancelled()
{
    Setup setup;
    setup.server.on("", "", Fault::silent());
    bool told = false;
    QPointer<S3Call> call =
        setup.rig.client.headBucket(&setup.rig.context, [&](const S3Result<Nothing> &) { told = true; });
    QVERIFY(spinUntil([&] { return setup.server.requests().size() == 1; }, 5'000));
    call->cancel();
    QVERIFY(spinUntil([&] { return !call && setup.server.openConnections() == 0; }, 5'000));
    QVERIFY(!told);
}

void TestS3Faults::nobodyIsToldAfterTheContextDied()
{
    Setup setup;
    setup.server.on("", "", Fault::silent());
    auto context = std::make_unique<QObject>();
    bool told = false;
    QPointer<S3Call> call = setup.rig.client.put({"a", std::make_shared<BytesSource>("x")}, context.get(),
                                                 [&](const S3Result<Stored> &) { told = true; });
    QVERIFY(spinUntil([&] { return setup.server.requests().size() == 1; }, 5'000));
    context.reset();
    QVERIFY(spinUntil([&] { return !call && setup.server.openConnections() == 0; }, 5'000));
    QVERIFY(!told);
}

void TestS3Faults::credentialsMayChange()
{
    Setup setup;
    setup.server.on("", "", good({}));
    S3_OK(setup.headBucket());
    setup.rig.setKeys("AKIANEW", "other");
    S3_OK(setup.headBucket());
    QVERIFY(field(setup.server.requests().at(0), "authorization").contains("AKIATEST"));
    QVERIFY(field(setup.server.requests().at(1), "authorization").contains("AKIANEW"));
    QVERIFY(!setup.server.requests().at(1).head.contains("x-amz-security-token"));
}

QTEST_GUILESS_MAIN(TestS3Faults)
#include "tst_s3faults.moc"
