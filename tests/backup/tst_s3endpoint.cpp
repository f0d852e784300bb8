// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/s3endpoint.h"

#include <QTest>

using namespace cring;
using namespace cring::backup;
using namespace std::chrono_literals;

class TestS3Endpoint : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void namesTheBucketInPathOrHost_data();
    void namesTheBucketInPathOrHost();
    void refusesWhatIsNoEndpoint_data();
    void refusesWhatIsNoEndpoint();
    void followsToTheRightRegion_data();
    void followsToTheRightRegion();
    void followsNobodyElsewhere_data();
    void followsNobodyElsewhere();
};

namespace {

Result<S3Endpoint> make(const QString &url, const QString &bucket = QStringLiteral("bucket"),
                        Addressing addressing = Addressing::Auto)
{
    return S3Endpoint::make(QUrl(url), bucket, QStringLiteral("us-east-1"), addressing, {}, 1s);
}

} // namespace

void TestS3Endpoint::namesTheBucketInPathOrHost_data()
{
    QTest::addColumn<QString>("url");
    QTest::addColumn<QString>("bucket");
    QTest::addColumn<int>("addressing");
    QTest::addColumn<QByteArray>("host");
    QTest::addColumn<QByteArray>("path");

    const auto row = [](const char *name, const char *url, const char *bucket, Addressing addressing,
                        const char *host, const char *path) {
        QTest::newRow(name) << QString::fromLatin1(url) << QString::fromLatin1(bucket)
                            << static_cast<int>(addressing) << QByteArray(host) << QByteArray(path);
    };
    row("path elsewhere", "https://s3.example.org", "bucket", Addressing::Auto, "s3.example.org",
        "/bucket/a%20b/c%2525");
    row("a port", "http://s3.example.org:9000", "bucket", Addressing::Auto, "s3.example.org:9000",
        "/bucket/a%20b/c%2525");
    row("the scheme's port", "https://s3.example.org:443", "bucket", Addressing::Auto, "s3.example.org",
        "/bucket/a%20b/c%2525");
    row("amazon", "https://s3.eu-west-1.amazonaws.com", "bucket", Addressing::Auto,
        "bucket.s3.eu-west-1.amazonaws.com", "/a%20b/c%2525");
    row("amazon with dots", "https://s3.amazonaws.com", "a.bucket", Addressing::Auto, "s3.amazonaws.com",
        "/a.bucket/a%20b/c%2525");
    row("as wanted", "http://s3.example.org:81", "bucket", Addressing::VirtualHost,
        "bucket.s3.example.org:81", "/a%20b/c%2525");
    row("path at amazon", "https://s3.amazonaws.com", "bucket", Addressing::Path, "s3.amazonaws.com",
        "/bucket/a%20b/c%2525");
    row("IPv6", "http://[::1]:9000", "bucket", Addressing::Auto, "[::1]:9000", "/bucket/a%20b/c%2525");
}

void TestS3Endpoint::namesTheBucketInPathOrHost()
{
    QFETCH(QString, url);
    QFETCH(QString, bucket);
    QFETCH(int, addressing);
    QFETCH(QByteArray, host);
    QFETCH(QByteArray, path);
    const auto endpoint = make(url, bucket, static_cast<Addressing>(addressing));
    QVERIFY(endpoint);
    QCOMPARE(endpoint->hostField(), host);
    QCOMPARE(endpoint->path("a b/c%25"), path);
}

void TestS3Endpoint::refusesWhatIsNoEndpoint_data()
{
    QTest::addColumn<QString>("url");
    QTest::addColumn<QString>("bucket");
    QTest::newRow("scheme") << QStringLiteral("ftp://host") << QStringLiteral("bucket");
    QTest::newRow("path") << QStringLiteral("https://host/bucket") << QStringLiteral("bucket");
    QTest::newRow("keys") << QStringLiteral("https://AK:sec@host") << QStringLiteral("bucket");
    QTest::newRow("query") << QStringLiteral("https://host?a") << QStringLiteral("bucket");
    QTest::newRow("short bucket") << QStringLiteral("https://host") << QStringLiteral("ab");
    QTest::newRow("climbing bucket") << QStringLiteral("https://host") << QStringLiteral("a..b");
    QTest::newRow("slash in bucket") << QStringLiteral("https://host") << QStringLiteral("abc/d");
}

void TestS3Endpoint::refusesWhatIsNoEndpoint()
{
    QFETCH(QString, url);
    QFETCH(QString, bucket);
    const auto endpoint = make(url, bucket);
    QVERIFY(!endpoint);
    QCOMPARE(endpoint.error().code, Code::ConfigBadValue);
    QVERIFY(!endpoint.error().toString().contains(QStringLiteral("sec")));
}

void TestS3Endpoint::followsToTheRightRegion_data()
{
    QTest::addColumn<QString>("url");
    QTest::addColumn<QByteArray>("region");
    QTest::addColumn<QString>("location");
    QTest::addColumn<QByteArray>("host");
    const QByteArray frankfurt = "eu-central-1";
    QTest::newRow("region alone, amazon") << QStringLiteral("https://s3.amazonaws.com") << frankfurt
                                          << QString() << QByteArray("bucket.s3.eu-central-1.amazonaws.com");
    QTest::newRow("endpoint with the bucket") << QStringLiteral("https://s3.amazonaws.com") << frankfurt
                                              << QStringLiteral("//bucket.s3.eu-central-1.amazonaws.com")
                                              << QByteArray("bucket.s3.eu-central-1.amazonaws.com");
    QTest::newRow("region alone, elsewhere")
        << QStringLiteral("https://s3.example.org") << frankfurt << QString() << QByteArray("s3.example.org");
    QTest::newRow("location") << QStringLiteral("https://s3.example.org") << QByteArray()
                              << QStringLiteral("https://eu.example.org:8443/bucket/key")
                              << QByteArray("eu.example.org:8443");
}

void TestS3Endpoint::followsToTheRightRegion()
{
    QFETCH(QString, url);
    QFETCH(QByteArray, region);
    QFETCH(QString, location);
    QFETCH(QByteArray, host);
    const auto there = make(url)->redirected(region, QUrl(location));
    QVERIFY(there);
    QCOMPARE(there->hostField(), host);
    QCOMPARE(there->region(), region.isEmpty() ? QByteArray("us-east-1") : region);
    QVERIFY(!there->redirected(region, QUrl(location))); // Once is enough.
}

void TestS3Endpoint::followsNobodyElsewhere_data()
{
    QTest::addColumn<QString>("url");
    QTest::addColumn<QString>("location");
    QTest::newRow("another domain") << QStringLiteral("https://s3.example.org")
                                    << QStringLiteral("https://s3.example.com/");
    QTest::newRow("without TLS") << QStringLiteral("https://s3.example.org")
                                 << QStringLiteral("http://s3.example.org/");
    QTest::newRow("another address") << QStringLiteral("http://127.0.0.1:9000")
                                     << QStringLiteral("http://10.0.0.1:9000/");
    QTest::newRow("nothing new") << QStringLiteral("https://s3.example.org") << QString();
}

void TestS3Endpoint::followsNobodyElsewhere()
{
    QFETCH(QString, url);
    QFETCH(QString, location);
    QVERIFY(!make(url)->redirected({}, QUrl(location)));
}

QTEST_APPLESS_MAIN(TestS3Endpoint)
#include "tst_s3endpoint.moc"
