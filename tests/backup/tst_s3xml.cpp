// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/s3answers.h"
#include "core/backup/s3settings.h"
#include "core/backup/s3xml.h"
#include "core/base/random.h"

#include <QTest>

using namespace cring;
using namespace cring::backup;

class TestS3Xml : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsElements();
    void refusesAttacks_data();
    void refusesAttacks();
    void readsListings();
    void refusesListingsThatLie_data();
    void refusesListingsThatLie();
    void putsDeleteMarkersInTheirPlace();
    void readsBucketSettings();
    void writesWhatItReads();
    void survivesGarbage();
    void errorsAreClear();
    void errorsAreShort();
};

namespace {

QByteArray listing(const QByteArray &content)
{
    return "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" +
           content + "</ListBucketResult>";
}

QByteArray object(const QByteArray &key)
{
    return "<Contents><Key>" + key +
           "</Key><Size>3</Size><ETag>\"e\"</ETag>"
           "<LastModified>2026-11-29T10:00:00.000Z</LastModified></Contents>";
}

} // namespace

void TestS3Xml::readsElements()
{
    const auto root = parseXml("<a x='1'><b>1 &lt; 2 &#228;</b><c/><b><![CDATA[<3>]]></b></a>", kErrorLimits);
    QVERIFY(root);
    QCOMPARE(root->text(u"b"), QStringLiteral("1 < 2 ä"));
    QCOMPARE(root->all(u"b").size(), size_t{2});
    QCOMPARE(root->all(u"b").at(1)->content, QStringLiteral("<3>"));
    QVERIFY(root->child(u"c"));
    QVERIFY(!root->child(u"d"));
}

void TestS3Xml::refusesAttacks_data()
{
    QTest::addColumn<QByteArray>("document");
    QTest::newRow("billion laughs") << QByteArray(
        "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;\">]>"
        "<l>&c;</l>");
    QTest::newRow("file") << QByteArray("<!DOCTYPE l [<!ENTITY f SYSTEM \"file:///etc/passwd\">]><l>&f;</l>");
    QTest::newRow("document type") << QByteArray("<!DOCTYPE l><l/>");
    QTest::newRow("unknown entity") << QByteArray("<l>&nbsp;</l>");
    QTest::newRow("deep") << QByteArray("<a>").repeated(20'000) + QByteArray("</a>").repeated(20'000);
    QTest::newRow("many") << "<l>" + QByteArray("<a/>").repeated(70'000) + "</l>";
    QTest::newRow("large") << "<l>" + QByteArray(9 * 1024 * 1024, 'x') + "</l>";
    QTest::newRow("cut") << QByteArray("<l><a>1</a>");
    QTest::newRow("two roots") << QByteArray("<l/><l/>");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("html") << QByteArray("<html><body><br></body></html>");
    QTest::newRow("json") << QByteArray("{\"message\": \"not here\"}");
}

void TestS3Xml::refusesAttacks()
{
    QFETCH(QByteArray, document);
    const auto root = parseXml(document, kAnswerLimits);
    QVERIFY(!root);
    QCOMPARE(root.error().code, Code::BackupProtocol);
    const auto page = readObjectPage(document, {});
    QVERIFY(!page);
    QCOMPARE(page.error().kind, S3Error::Kind::Protocol);
}

void TestS3Xml::readsListings()
{
    const auto page = readObjectPage(listing("<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"
                                             "<NextContinuationToken>t+/=</NextContinuationToken>" +
                                             object("a%2Bb+c%25%01") + object("b") +
                                             "<CommonPrefixes><Prefix>d%2Fe/</Prefix></CommonPrefixes>"),
                                     {});
    QVERIFY2(page.ok(), page ? "" : qPrintable(page.error().words()));
    QCOMPARE(page->objects.size(), 2);
    QCOMPARE(page->objects.first().key, QByteArray("a+b c%\x01"));
    QCOMPARE(page->objects.first().size, 3);
    QCOMPARE(page->objects.first().modified, std::chrono::milliseconds(1'795'946'400'000));
    QCOMPARE(page->next, QByteArray("t+/="));
    QCOMPARE(page->prefixes, QList<QByteArray>{"d/e/"});
    // Not said to be escaped: as it is.
    QCOMPARE(readObjectPage(listing(object("a%2Bb+c")), {})->objects.first().key, QByteArray("a%2Bb+c"));
}

void TestS3Xml::refusesListingsThatLie_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::newRow("more without a token") << "<IsTruncated>true</IsTruncated>" + object("p/a");
    QTest::newRow("out of order") << object("p/b") + object("p/a");
    QTest::newRow("twice") << object("p/a") + object("p/a");
    QTest::newRow("not asked for") << object("q/a");
    QTest::newRow("no key") << object("");
    QTest::newRow("no size") << QByteArray("<Contents><Key>p/a</Key></Contents>");
    QTest::newRow("size below nothing") << QByteArray("<Contents><Key>p/a</Key><Size>-1</Size></Contents>");
}

void TestS3Xml::refusesListingsThatLie()
{
    QFETCH(QByteArray, content);
    const auto page = readObjectPage(listing(content), "p/");
    QVERIFY(!page);
    QCOMPARE(page.error().kind, S3Error::Kind::Protocol);
}

void TestS3Xml::putsDeleteMarkersInTheirPlace()
{
    const auto entry = [](const char *kind, const char *key, const char *id, const char *latest,
                          const char *time) {
        return QByteArray("<") + kind + "><Key>" + key + "</Key><VersionId>" + id + "</VersionId><IsLatest>" +
               latest + "</IsLatest><Size>1</Size><LastModified>" + time + "</LastModified></" + kind + ">";
    };
    const auto page = readVersionPage(
        "<ListVersionsResult>" + entry("Version", "a", "1", "false", "2026-01-01T00:00:00Z") +
            entry("Version", "a", "3", "false", "2026-01-03T00:00:00Z") +
            entry("Version", "b", "5", "true", "2026-01-01T00:00:00Z") +
            entry("DeleteMarker", "a", "4", "true", "2026-01-03T00:00:00Z") +
            entry("DeleteMarker", "a", "2", "false", "2026-01-02T00:00:00Z") + "</ListVersionsResult>",
        {});
    QVERIFY(page);
    QByteArray order;
    for (const ListedVersion &version : page->versions)
        order += version.versionId;
    QCOMPARE(order, QByteArray("43215"));
    QVERIFY(page->versions.first().deleteMarker);
}

void TestS3Xml::readsBucketSettings()
{
    QCOMPARE(*readVersioning("<VersioningConfiguration/>"), Versioning::Never);
    QCOMPARE(*readVersioning("<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>"),
             Versioning::Suspended);
    QCOMPARE(*readLocation("<LocationConstraint/>"), QByteArray("us-east-1"));
    QCOMPARE(*readLocation("<LocationConstraint>eu-west-1</LocationConstraint>"), QByteArray("eu-west-1"));

    const auto rules = readLifecycle(
        "<LifecycleConfiguration><Rule><ID>old</ID><Filter><And><Prefix>a/</Prefix></And></"
        "Filter><Status>Enabled"
        "</Status><NoncurrentVersionExpiration><NoncurrentDays>30</NoncurrentDays></"
        "NoncurrentVersionExpiration>"
        "</Rule><Rule><Prefix>b/</Prefix><Status>Disabled</Status><Expiration><Days>7</Days></Expiration>"
        "<AbortIncompleteMultipartUpload><DaysAfterInitiation>2</DaysAfterInitiation>"
        "</AbortIncompleteMultipartUpload></Rule></LifecycleConfiguration>");
    QVERIFY(rules);
    QCOMPARE(rules->size(), 2);
    QCOMPARE(rules->at(0).prefix, QByteArray("a/"));
    QVERIFY(rules->at(0).enabled);
    QCOMPARE(rules->at(0).noncurrentDays, std::optional(30));
    QVERIFY(!rules->at(0).expirationDays);
    QCOMPARE(rules->at(1).prefix, QByteArray("b/"));
    QCOMPARE(rules->at(1).expirationDays, std::optional(7));
    QCOMPARE(rules->at(1).abortUploadDays, std::optional(2));

    const auto lock =
        readObjectLock("<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule>"
                       "<DefaultRetention><Mode>GOVERNANCE</Mode><Days>5</Days></DefaultRetention>"
                       "</Rule></ObjectLockConfiguration>");
    QVERIFY(lock);
    QVERIFY(lock->enabled);
    QCOMPARE(lock->mode, QByteArray("GOVERNANCE"));
    QCOMPARE(lock->days, 5);
}

void TestS3Xml::writesWhatItReads()
{
    const auto root = parseXml(writeDelete({{"a&<b>", "v1"}, {"\xc3\xa4 +"}}), kAnswerLimits);
    QVERIFY(root);
    QCOMPARE(root->name, QStringLiteral("Delete"));
    QCOMPARE(root->all(u"Object").size(), size_t{2});
    QCOMPARE(root->all(u"Object").at(0)->text(u"Key"), QStringLiteral("a&<b>"));
    QCOMPARE(root->all(u"Object").at(0)->text(u"VersionId"), QStringLiteral("v1"));
    QVERIFY(!root->all(u"Object").at(1)->child(u"VersionId"));
    const auto parts = parseXml(writeParts({{1, 5, "\"e\"", QByteArray(32, 'x')}}), kAnswerLimits);
    QCOMPARE(parts->all(u"Part").at(0)->text(u"ETag"), QStringLiteral("\"e\""));
}

void TestS3Xml::survivesGarbage()
{
    const QByteArray good = listing("<EncodingType>url</EncodingType>" + object("a") + object("b%20c"));
    SeededRandom random(3);
    int refused = 0;
    for (int i = 0; i < 20'000; ++i) {
        QByteArray bad = good;
        for (quint64 n = 1 + random.below(4); n > 0; --n) {
            const auto at = static_cast<qsizetype>(random.below(static_cast<quint64>(bad.size())));
            if (random.below(2) == 0)
                bad[at] = static_cast<char>(random.below(256));
            else
                bad.remove(at, 1 + static_cast<qsizetype>(random.below(10)));
        }
        if (!readObjectPage(bad, {}))
            ++refused;
    }
    QVERIFY(refused > 1'000);
}

void TestS3Xml::errorsAreClear()
{
    http::Headers headers;
    headers.append("x-amz-request-id", "REQ1");
    S3Error error = readS3Error(
        403, headers,
        "<Error><Code>SignatureDoesNotMatch</Code><Message>The signature does not match.</Message>"
        "<StringToSign>AWS4 top</StringToSign></Error>");
    error.host = QStringLiteral("s3.example.org");
    QCOMPARE(error.kind, S3Error::Kind::Credentials);
    QCOMPARE(error.toError().code, Code::BackupCredentials);
    QVERIFY(error.words().contains(QStringLiteral("s3.example.org knows the access key")));
    QVERIFY(error.words().contains(QStringLiteral("SignatureDoesNotMatch, HTTP 403, request REQ1")));
    QVERIFY(!error.words().contains(QStringLiteral("AWS4 top")));

    QCOMPARE(readS3Error(404, {}, {}).kind, S3Error::Kind::ObjectMissing);
    QCOMPARE(readS3Error(404, {}, "<Error><Code>NoSuchBucket</Code></Error>").kind,
             S3Error::Kind::BucketMissing);
    QCOMPARE(readS3Error(503, {}, "<html>").kind, S3Error::Kind::Busy);
    QCOMPARE(readS3Error(502, {}, "<html>").kind, S3Error::Kind::Server);
    QCOMPARE(readS3Error(400, {}, "<Error><Code>ExpiredToken</Code></Error>").kind,
             S3Error::Kind::TokenExpired);
    QCOMPARE(readS3Error(400, {}, "<Error><Code>Odd</Code></Error>").kind, S3Error::Kind::Refused);
    const S3Error region = readS3Error(
        400, {}, "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>");
    QCOMPARE(region.kind, S3Error::Kind::Region);
    QCOMPARE(region.region, QByteArray("eu-west-1"));
}

void TestS3Xml::errorsAreShort()
{
    http::Headers headers;
    headers.append("retry-after", "999999");
    const S3Error error = readS3Error(503, headers,
                                      "<Error><Code>&#27;[31m</Code><Message>a&#10;b " +
                                          QByteArray(5'000, 'x') + "</Message></Error>");
    QVERIFY(error.code.isEmpty());
    QVERIFY(error.message.size() <= 300);
    QVERIFY(!error.message.contains(u'\n'));
    QVERIFY(error.retryAfter <= 300);
}

QTEST_APPLESS_MAIN(TestS3Xml)
#include "tst_s3xml.moc"
