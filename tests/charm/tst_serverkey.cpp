// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/charm/json.h"
#include "core/charm/serverkey.h"
#include "core/charm/token.h"
#include "tests/support/charmcluster.h"
#include "tests/support/httpclient.h"

#include <QDateTime>
#include <QFile>
#include <QTest>

using namespace cring;
using namespace cring::charm;
using namespace cring::test;
using namespace std::chrono_literals;

namespace {

// Made by ssh-keygen for this test; they open nothing.
const QByteArray kPlain = "-----BEGIN OPENSSH PRIVATE KEY-----\n"
                          "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n"
                          "QyNTUxOQAAACAQMIx8Oray8wmX6UmH85KYqaqSEfyUCGxOj6pytp6mHgAAAIhBEbcQQRG3\n"
                          "EAAAAAtzc2gtZWQyNTUxOQAAACAQMIx8Oray8wmX6UmH85KYqaqSEfyUCGxOj6pytp6mHg\n"
                          "AAAEA1UBbYUgcpkxyG2VBHSIHsFkLa3CmUhBw2XVP1uhYA7RAwjHw6trLzCZfpSYfzkpip\n"
                          "qpIR/JQIbE6PqnK2nqYeAAAABHRlc3QB\n"
                          "-----END OPENSSH PRIVATE KEY-----\n";
const QByteArray kPlainKid = "52840eab29a81bb9ec4b9086913145ee4c62496fd89b104800d9b84870ce5ed9";
const QByteArray kPlainX = "EDCMfDq2svMJl-lJh_OSmKmqkhH8lAhsTo-qcraeph4";
const QByteArray kLocked = "-----BEGIN OPENSSH PRIVATE KEY-----\n"
                           "b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABAgCs6dxx\n"
                           "zzOrXbIFIUCP+mAAAAEAAAAAEAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIFxkg21rdck0LrhG\n"
                           "t3Naj85YSKxYBEkAx8DIgiEUcFrIAAAAkCofwYiSYWaz1NsFcRiCx9kHSXmCycK0ZsvsUX\n"
                           "adt92MWjXAQt/sHGRbcwzZaQ6BhP/5oOD+qW1BonJg6t5rRm8bIeuxwUTrDjGcbj/Kx4RH\n"
                           "axFA+HRGMG2Tnrfbw3P7HsyZBp/i9WkD5h9XR7qPjd7eX5I+LXcChyrnr+QOJvXIrTWhzg\n"
                           "jguw3Xf+LUEkeVzg==\n"
                           "-----END OPENSSH PRIVATE KEY-----\n";
const QByteArray kEcdsa = "-----BEGIN OPENSSH PRIVATE KEY-----\n"
                          "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAaAAAABNlY2RzYS\n"
                          "1zaGEyLW5pc3RwMjU2AAAACG5pc3RwMjU2AAAAQQRlazKuGzSa1XbTgMtignFsLU9Bt1/F\n"
                          "/bXJB2aBMtkyuduj97N5+roYnXPJum9a5XThammGsWnUokYcS/YVw2mPAAAAoCoHnJwqB5\n"
                          "ycAAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBGVrMq4bNJrVdtOA\n"
                          "y2KCcWwtT0G3X8X9tckHZoEy2TK526P3s3n6uhidc8m6b1rldOFqaYaxadSiRhxL9hXDaY\n"
                          "8AAAAgbfzSIfJQmj+WetHSh/8wSLSU4U4iVaJE+AV+RlF8AngAAAAEdGVzdAECAwQ=\n"
                          "-----END OPENSSH PRIVATE KEY-----\n";

constexpr qint64 kNow = 1'795'510'000;
const QByteArray kIssuer = "http://charm.example:35354";
const QByteArray kId = "6cf26590-5622-4f90-9d9b-060578c437a9";
constexpr auto kBase64 = QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals;

/// A key file with these bytes inside.
QByteArray armoured(const QByteArray &bytes)
{
    return "-----BEGIN OPENSSH PRIVATE KEY-----\n" + bytes.toBase64() +
           "\n-----END OPENSSH PRIVATE KEY-----\n";
}

QByteArray inner(const QByteArray &file)
{
    QByteArray base64;
    for (const QByteArray &line : file.split('\n')) {
        if (!line.startsWith('-'))
            base64 += line;
    }
    return QByteArray::fromBase64(base64);
}

} // namespace

/// The servers' key: what it takes, and that real servers take what it makes.
class TestServerKey : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsAnOpenSshKey();
    void refuses_data();
    void refuses();
    void refusesAKeyCutOffAnywhere();
    void neverTakesAChangedByteForTheSameKey();
    void mintsWhatTheVerifierTakes();
    void neverMintsForLongerThanAnHour();
    void escapesWhatItIsGiven();
    void mintsForOtherAudiences();
    void writesWhatItReads();
    void mintsTheVeryBytesOfARealServer();
    void aRealServerTakesWhatItMints();

private:
    CharmCluster m_cluster{1};
};

void TestServerKey::readsAnOpenSshKey()
{
    QByteArray windows = kPlain;
    windows.replace("\n", "\r\n");
    for (const QByteArray &text : {kPlain, kPlain.trimmed(), "\n  " + kPlain + "\n\n", windows}) {
        const auto key = ServerKey::parse(text);
        CRING_OK(key);
        QCOMPARE(key->kid(), kPlainKid);
        QCOMPARE(key->publicKey().toBase64(kBase64), kPlainX);
    }
}

void TestServerKey::refuses_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("words");
    const auto row = [](const char *name, const QByteArray &text, const char *words) {
        QTest::newRow(name) << text << QString::fromLatin1(words);
    };
    const auto changed = [&](const char *name, const QByteArray &from, const QByteArray &to,
                             const char *words) {
        QByteArray bytes = inner(kPlain);
        QVERIFY(bytes.contains(from));
        row(name, armoured(bytes.replace(from, to)), words);
    };
    row("empty", "", "no private key");
    row("garbage", QByteArray(1000, '\xff'), "no private key");
    row("with a passphrase", kLocked, "passphrase");
    row("another kind", kEcdsa, "ecdsa-sha2-nistp256; Charm servers sign with Ed25519");
    row("the public half", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA x", "without .pub");
    row("PKCS #8", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "another form");
    row("PKCS #1", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n", "another form");
    row("a certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "no private key");
    row("nothing inside", armoured({}), "damaged");
    row("garbage inside", armoured(QByteArray(300, '\xff')), "damaged");
    row("no base64 inside", QByteArray(kPlain).replace("b3Bl", "*3Bl"), "damaged");
    row("something behind", armoured(inner(kPlain) + 'x'), "damaged");
    row("lengths past the end", armoured(QByteArray("openssh-key-v1\0", 15) + QByteArray(8, '\xff')),
        "damaged");
    changed("another magic", "openssh-key-v1", "openssh-key-v2", "damaged");
    changed("check numbers that differ", QByteArray::fromHex("884111b710"), QByteArray::fromHex("884111b711"),
            "damaged");
    changed("two keys", QByteArray::fromHex("00000000000000010000003300"),
            QByteArray::fromHex("00000000000000020000003300"), "damaged");
}

void TestServerKey::refuses()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, words);
    const auto key = ServerKey::parse(text);
    QVERIFY(!key.ok());
    QCOMPARE(key.error().code, Code::KeyUnusable);
    QVERIFY2(key.error().detail.contains(words), qPrintable(key.error().detail));
}

void TestServerKey::refusesAKeyCutOffAnywhere()
{
    const QByteArray whole = kPlain.trimmed();
    QVERIFY(ServerKey::parse(whole).ok());
    for (qsizetype length = 0; length < whole.size(); ++length)
        QVERIFY2(!ServerKey::parse(whole.first(length)).ok(), whole.first(length).constData());
    const QByteArray bytes = inner(kPlain);
    QVERIFY(ServerKey::parse(armoured(bytes)).ok());
    for (qsizetype length = 0; length < bytes.size(); ++length)
        QVERIFY2(!ServerKey::parse(armoured(bytes.first(length))).ok(),
                 QByteArray::number(length).constData());
}

void TestServerKey::neverTakesAChangedByteForTheSameKey()
{
    const QByteArray bytes = inner(kPlain);
    for (qsizetype i = 0; i < bytes.size(); ++i) {
        for (const char change : {'\x01', '\x80'}) {
            QByteArray other = bytes;
            other[i] = static_cast<char>(other[i] ^ change);
            const auto key = ServerKey::parse(armoured(other));
            // Kind and comment may change; the key may not, unseen.
            QVERIFY2(!key || key->kid() == kPlainKid, QByteArray::number(i).constData());
        }
    }
}

void TestServerKey::mintsWhatTheVerifierTakes()
{
    const auto key = ServerKey::parse(kPlain);
    CRING_OK(key);
    const QList<VerificationKey> keys{{key->kid(), key->publicKey(), kIssuer}};
    const auto claims = verifyToken(key->mint(kId, kIssuer, kNow), keys, kNow);
    CRING_OK(claims);
    QCOMPARE(claims->subject, kId);
    QCOMPARE(claims->issuer, kIssuer);
    QCOMPARE(claims->audience, QList<QByteArray>{"charm"});
    QCOMPARE(claims->expires, kNow + 3600);
    // A server whose clock is behind takes it, too.
    CRING_OK(verifyToken(key->mint(kId, kIssuer, kNow), keys, kNow - 600));
}

void TestServerKey::neverMintsForLongerThanAnHour()
{
    const auto key = ServerKey::parse(kPlain);
    CRING_OK(key);
    const QList<VerificationKey> keys{{key->kid(), key->publicKey(), kIssuer}};
    QCOMPARE(verifyToken(key->mint(kId, kIssuer, kNow, 24h), keys, kNow)->expires, kNow + 3600);
    QCOMPARE(verifyToken(key->mint(kId, kIssuer, kNow, 10s), keys, kNow)->expires, kNow + 10);
}

void TestServerKey::escapesWhatItIsGiven()
{
    const auto key = ServerKey::parse(kPlain);
    CRING_OK(key);
    const QList<VerificationKey> keys{{key->kid(), key->publicKey(), kIssuer}};
    const QByteArray smuggled = kId + "\",\"exp\":9999999999,\"x\":\"";
    const auto claims = verifyToken(key->mint(smuggled, kIssuer, kNow), keys, kNow);
    QVERIFY(!claims.ok());
    QCOMPARE(claims.error().code, Code::TokenMalformed);
}

void TestServerKey::mintsForOtherAudiences()
{
    const auto key = ServerKey::parse(kPlain);
    CRING_OK(key);
    const QList<VerificationKey> keys{{key->kid(), key->publicKey(), kIssuer}};
    const QByteArray odd = "a\",\"sub\":\"<b>";
    const auto claims = verifyToken(key->mintFor({"charm", odd}, kId, kIssuer, kNow), keys, kNow);
    CRING_OK(claims);
    QCOMPARE(claims->subject, kId);
    QCOMPARE(claims->audience, (QList<QByteArray>{"charm", odd}));
    QCOMPARE(verifyToken(key->mintFor({"other"}, kId, kIssuer, kNow), keys, kNow).error().code,
             Code::TokenAudience);
    QCOMPARE(key->mintFor({"charm"}, kId, kIssuer, kNow), key->mint(kId, kIssuer, kNow));
}

void TestServerKey::writesWhatItReads()
{
    const auto key = ServerKey::parse(kPlain);
    CRING_OK(key);
    const Secret text = key->openSsh();
    const auto again = ServerKey::parse(text.view());
    CRING_OK(again);
    QCOMPARE(again->kid(), key->kid());
    QCOMPARE(again->publicKey(), key->publicKey());
}

void TestServerKey::mintsTheVeryBytesOfARealServer()
{
    CRING_OK(m_cluster.start());
    QFile file(m_cluster.signingKeyFile());
    QVERIFY(file.open(QIODevice::ReadOnly));
    const auto key = ServerKey::parse(file.readAll());
    CRING_OK(key);
    HttpClient http(m_cluster.at(0).url());
    const auto keySet = parseJwks(http.request("GET", "/v1/public/jwks").body);
    CRING_OK(keySet);
    QCOMPARE(key->kid(), keySet->first().kid);
    QCOMPARE(key->publicKey(), keySet->first().publicKey);
    const QByteArray real = m_cluster.realToken();
    const auto members = json::members(QByteArray::fromBase64(real.split('.').at(1), kBase64));
    QVERIFY(members);
    const qint64 expires = json::integer(*json::find(*members, "exp")).value();
    // Ed25519 signatures are deterministic (RFC 8032): the same claims in the same order are the same token.
    QCOMPARE(key->mint(m_cluster.charmId().toLatin1(), m_cluster.issuer().toLatin1(), expires - 3600), real);
}

void TestServerKey::aRealServerTakesWhatItMints()
{
    QFile file(m_cluster.signingKeyFile());
    QVERIFY(file.open(QIODevice::ReadOnly));
    const auto key = ServerKey::parse(file.readAll());
    CRING_OK(key);
    const qint64 now = QDateTime::currentSecsSinceEpoch();
    const auto mint = [&](const QByteArray &issuer) {
        return key->mint(m_cluster.charmId().toLatin1(), issuer, now);
    };
    HttpClient http(m_cluster.at(0).url());
    const QByteArray token = mint(m_cluster.issuer().toLatin1());
    QCOMPARE(http.upload("/v1/fs/minted", "data", token).status, 200);
    QCOMPARE(http.get("/v1/fs/minted", token).body, QByteArray("data"));
    QCOMPARE(http.get("/v1/fs/minted", mint("http://other.example")).status, 401);
}

QTEST_GUILESS_MAIN(TestServerKey)
#include "tst_serverkey.moc"
