// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/sigv4.h"
#include "core/base/random.h"

#include <QCryptographicHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QRegularExpression>
#include <QSet>
#include <QTest>

using namespace cring;
using namespace cring::backup;

/// Signatures against what Amazon has published, and against its own signer.
class TestSigV4 : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void signsAmazonsExamples_data();
    void signsAmazonsExamples();
    void signsTheTestSuite_data();
    void signsTheTestSuite();
    void escapesAsAmazonDoes();
    void saysTheTime();
    void everyPartCounts();
    void signsAsBotocoreDoes();
};

namespace {

Credentials credentials(const QByteArray &access, const QByteArray &secret, const QByteArray &token = {})
{
    return {access, Secret(QByteArray(secret)), Secret(QByteArray(token))};
}

http::Headers headersOf(const QList<QPair<QByteArray, QByteArray>> &fields)
{
    http::Headers headers;
    for (const auto &[name, value] : fields)
        headers.append(name, value);
    return headers;
}

using Fields = QList<QPair<QByteArray, QByteArray>>;

} // namespace

// Amazon S3 API reference, "Authenticating Requests: Using the Authorization Header (AWS Signature Version
// 4)", "Examples: Signature calculations".
void TestSigV4::signsAmazonsExamples_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<Query>("query");
    QTest::addColumn<Fields>("fields");
    QTest::addColumn<QByteArray>("payload");
    QTest::addColumn<QByteArray>("signature");

    const QByteArray empty = kEmptyPayload;
    QTest::newRow("GET Object") << QByteArray("GET") << QByteArray("test.txt") << Query()
                                << Fields{{"Range", "bytes=0-9"}} << empty
                                << QByteArray(
                                       "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    QTest::newRow("PUT Object")
        << QByteArray("PUT") << QByteArray("test$file.text") << Query()
        << Fields{{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}}
        << QByteArray("44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072")
        << QByteArray("98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    QTest::newRow("GET Bucket Lifecycle")
        << QByteArray("GET") << QByteArray() << Query{{"lifecycle", ""}} << Fields() << empty
        << QByteArray("fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    QTest::newRow("Get Bucket (List Objects)")
        << QByteArray("GET") << QByteArray() << Query{{"prefix", "J"}, {"max-keys", "2"}} << Fields() << empty
        << QByteArray("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

void TestSigV4::signsAmazonsExamples()
{
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, key);
    QFETCH(Query, query);
    QFETCH(Fields, fields);
    QFETCH(QByteArray, payload);
    QFETCH(QByteArray, signature);

    SigningInput input{method, '/' + uriEncode(key, true), query, headersOf(fields), payload};
    input.headers.append("Host", "examplebucket.s3.amazonaws.com");
    input.headers.append("x-amz-date", "20130524T000000Z");
    input.headers.append("x-amz-content-sha256", payload);
    const Signature made =
        sign(input, credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
             {"us-east-1"}, "20130524T000000Z");
    QCOMPARE(made.hex, signature);
    QVERIFY(made.authorization.startsWith(
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/"
        "aws4_request,SignedHeaders="));
    QVERIFY(!made.authorization.contains("wJalr"));
}

// aws-sig-v4-test-suite, the cases that are no matter of normalising paths: S3 does not.
void TestSigV4::signsTheTestSuite_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<Query>("query");
    QTest::addColumn<Fields>("fields");
    QTest::addColumn<QByteArray>("signature");

    const QByteArray get = "GET";
    QTest::newRow("get-vanilla") << get << QByteArray("/") << Query() << Fields()
                                 << QByteArray(
                                        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    QTest::newRow("get-vanilla-query-order-key-case")
        << get << QByteArray("/") << Query{{"Param2", "value2"}, {"Param1", "value1"}} << Fields()
        << QByteArray("b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
    QTest::newRow("post-vanilla") << QByteArray("POST") << QByteArray("/") << Query() << Fields()
                                  << QByteArray(
                                         "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
    QTest::newRow("get-header-value-trim")
        << get << QByteArray("/") << Query()
        << Fields{{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}}
        << QByteArray("acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
    QTest::newRow("get-unreserved")
        << get << QByteArray("/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") << Query()
        << Fields() << QByteArray("07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f");
    QTest::newRow("get-utf8") << get << '/' + uriEncode("\xe1\x88\xb4", true) << Query() << Fields()
                              << QByteArray(
                                     "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85");
}

void TestSigV4::signsTheTestSuite()
{
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, path);
    QFETCH(Query, query);
    QFETCH(Fields, fields);
    QFETCH(QByteArray, signature);

    SigningInput input{method, path, query, headersOf(fields), kEmptyPayload};
    input.headers.append("Host", "example.amazonaws.com");
    input.headers.append("X-Amz-Date", "20150830T123600Z");
    const Signature made = sign(input, credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
                                {"us-east-1", "service"}, "20150830T123600Z");
    QVERIFY2(made.hex == signature, made.canonicalRequest.constData());
}

void TestSigV4::escapesAsAmazonDoes()
{
    QCOMPARE(uriEncode("a b+c%d/e~f?g#h\xc3\xa4", true), QByteArray("a%20b%2Bc%25d/e~f%3Fg%23h%C3%A4"));
    QCOMPARE(uriEncode("a/b", false), QByteArray("a%2Fb"));
    QCOMPARE(queryText({{"b", "2"}, {"a", "x y"}, {"a", "+"}, {"uploads", ""}}),
             QByteArray("a=%2B&a=x%20y&b=2&uploads="));
}

void TestSigV4::saysTheTime()
{
    QCOMPARE(amzDate(std::chrono::milliseconds(1'369'353'600'999)), QByteArray("20130524T000000Z"));
}

void TestSigV4::everyPartCounts()
{
    const auto signature = [](const QByteArray &method, const QByteArray &path, const Query &query,
                              const QByteArray &host, const QByteArray &payload, const char *secret,
                              const char *region) {
        SigningInput input{method, path, query, headersOf({{"host", host}}), payload};
        return sign(input, credentials("A", secret), {region}, "20150830T123600Z").hex;
    };
    const QList<QByteArray> all{
        signature("GET", "/", {}, "h", kEmptyPayload, "s", "r"),
        signature("PUT", "/", {}, "h", kEmptyPayload, "s", "r"),
        signature("GET", "/a", {}, "h", kEmptyPayload, "s", "r"),
        signature("GET", "/", {{"a", ""}}, "h", kEmptyPayload, "s", "r"),
        signature("GET", "/", {}, "i", kEmptyPayload, "s", "r"),
        signature("GET", "/", {}, "h", kUnsignedPayload, "s", "r"),
        signature("GET", "/", {}, "h", kEmptyPayload, "t", "r"),
        signature("GET", "/", {}, "h", kEmptyPayload, "s", "q"),
    };
    QCOMPARE(QSet<QByteArray>(all.begin(), all.end()).size(), all.size());
}

namespace {

/// Requests of all kinds, the odd ones more often than a person would make them.
class RequestMaker
{
public:
    QString text(int most, bool printable = false)
    {
        static const QString kOdd = QStringLiteral("  ++%%//..~~??##&&==:;,@$!'()*[]{}|\\\"<>^`äß漢字\t");
        QString out;
        const auto size = static_cast<int>(m_random.below(static_cast<quint64>(most)));
        while (out.size() < size) {
            const quint64 choice = m_random.below(3);
            if (choice == 0 && !printable)
                out += kOdd.at(static_cast<qsizetype>(m_random.below(static_cast<quint64>(kOdd.size()))));
            else
                out += QChar::fromLatin1(static_cast<char>('0' + m_random.below(75)));
        }
        if (!printable && m_random.below(4) == 0)
            out += QStringLiteral("🙂");
        return printable ? out.remove(QRegularExpression(QStringLiteral("[^A-Za-z0-9]"))) : out;
    }

    QJsonObject request()
    {
        static const QStringList kMethods{QStringLiteral("GET"), QStringLiteral("PUT"),
                                          QStringLiteral("POST"), QStringLiteral("DELETE"),
                                          QStringLiteral("HEAD")};
        QJsonArray query;
        QSet<QString> names;
        for (quint64 i = m_random.below(5); i > 0; --i)
            query.append(QJsonArray{text(8), text(20)});
        QJsonArray headers;
        for (quint64 i = m_random.below(5); i > 0; --i) {
            const QString name = QStringLiteral("x-amz-meta-") + text(8, true).toLower();
            if (!names.contains(name))
                headers.append(
                    QJsonArray{name, QStringLiteral("v") + text(20, true) + QStringLiteral("  w ")});
            names.insert(name);
        }
        return {{QStringLiteral("method"), kMethods.at(static_cast<qsizetype>(m_random.below(5)))},
                {QStringLiteral("host"), text(10, true).toLower() + QStringLiteral("x.example.org")},
                {QStringLiteral("key"), text(60)},
                {QStringLiteral("query"), query},
                {QStringLiteral("headers"), headers},
                {QStringLiteral("body"), text(50)},
                {QStringLiteral("unsigned"), m_random.below(4) == 0},
                {QStringLiteral("access"), QStringLiteral("AK") + text(20, true)},
                {QStringLiteral("secret"), QStringLiteral("S") + text(40)},
                {QStringLiteral("token"),
                 m_random.below(2) == 0 ? QStringLiteral("T/") + text(60, true) : QString()},
                {QStringLiteral("region"), QStringLiteral("r-") + text(10, true).toLower()},
                {QStringLiteral("time"), QString::fromLatin1(amzDate(std::chrono::seconds(
                                             static_cast<qint64>(m_random.below(2'000'000'000)))))}};
    }

private:
    SeededRandom m_random{20261130};
};

QByteArray bytes(const QJsonObject &object, const char *name)
{
    return object.value(QLatin1String(name)).toString().toUtf8();
}

QByteArray signatureOf(const QJsonObject &wanted)
{
    SigningInput input{bytes(wanted, "method"), '/' + uriEncode(bytes(wanted, "key"), true)};
    for (const QJsonValue &pair : wanted.value(QStringLiteral("query")).toArray())
        input.query.append(
            {pair.toArray().at(0).toString().toUtf8(), pair.toArray().at(1).toString().toUtf8()});
    for (const QJsonValue &pair : wanted.value(QStringLiteral("headers")).toArray())
        input.headers.append(pair.toArray().at(0).toString().toUtf8(),
                             pair.toArray().at(1).toString().toUtf8());
    input.payloadHash =
        wanted.value(QStringLiteral("unsigned")).toBool()
            ? QByteArray(kUnsignedPayload)
            : QCryptographicHash::hash(bytes(wanted, "body"), QCryptographicHash::Sha256).toHex();
    const QByteArray time = bytes(wanted, "time");
    input.headers.append("Host", bytes(wanted, "host"));
    input.headers.append("X-Amz-Date", time);
    input.headers.append("X-Amz-Content-SHA256", input.payloadHash);
    if (!bytes(wanted, "token").isEmpty())
        input.headers.append("X-Amz-Security-Token", bytes(wanted, "token"));
    return sign(input, credentials(bytes(wanted, "access"), bytes(wanted, "secret"), bytes(wanted, "token")),
                {bytes(wanted, "region")}, time)
        .hex;
}

} // namespace

void TestSigV4::signsAsBotocoreDoes()
{
    constexpr int kRequests = 4'000;
    RequestMaker maker;
    QList<QJsonObject> requests;
    QByteArray input;
    for (int i = 0; i < kRequests; ++i) {
        requests.append(maker.request());
        input += QJsonDocument(requests.last()).toJson(QJsonDocument::Compact) + '\n';
    }
    QProcess python;
    python.start(QStringLiteral("/usr/bin/python3"), {QFINDTESTDATA("signer.py")});
    QVERIFY2(python.waitForStarted(), "python3 is missing; install the package python3-botocore");
    python.write(input);
    python.closeWriteChannel();
    QVERIFY(python.waitForFinished(40'000));
    const QByteArray said = python.readAllStandardError();
    QVERIFY2(python.exitCode() == 0,
             said.contains("No module") ? "install the package python3-botocore" : said.constData());
    const QList<QByteArray> signatures = python.readAllStandardOutput().split('\n');
    QCOMPARE(signatures.size(), kRequests + 1);
    for (int i = 0; i < kRequests; ++i) {
        QVERIFY2(signatureOf(requests.at(i)) == signatures.at(i),
                 QJsonDocument(requests.at(i)).toJson(QJsonDocument::Compact).constData());
    }
}

QTEST_GUILESS_MAIN(TestSigV4)
#include "tst_sigv4.moc"
