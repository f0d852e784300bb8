// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/charm/serverkey.h"
#include "core/charm/token.h"

#include <QTest>

using namespace cring;
using namespace cring::charm;
using namespace std::chrono_literals;

namespace {

constexpr qint64 kNow = 1'795'510'000;
constexpr auto kBase64 = QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals;
const QByteArray kIssuer = "http://charm.example:35354";
const QByteArray kId = "6cf26590-5622-4f90-9d9b-060578c437a9";

/// A key pair made from one repeated byte.
ServerKey signer(char seed)
{
    return ServerKey::fromSeed(QByteArray(32, seed)).value();
}

const QByteArray kHeader = R"({"alg":"EdDSA","kid":"k1","typ":"JWT"})";

const QByteArray kPlainHeader = R"({"alg":"EdDSA"})";

QByteArray payload(const QByteArray &changes = {}, const QByteArray &without = {})
{
    QByteArray out = "{";
    const auto add = [&](const QByteArray &key, const QByteArray &value) {
        if (key != without)
            out += '"' + key + "\":" + value + ',';
    };
    add("iss", '"' + kIssuer + '"');
    add("sub", '"' + kId + '"');
    add("aud", "[\"charm\"]");
    add("exp", QByteArray::number(kNow + 3600));
    out += changes.isEmpty() ? QByteArray("\"x\":1") : changes;
    return out + '}';
}

} // namespace

class TestToken : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void acceptsATokenOfARealServer();
    void acceptsWhatItsKeysSigned();
    void refuses_data();
    void refuses();
    void refusesEveryChangedByte();
    void tellsUnknownKeysApart();
    void bindsEachKeyToItsIssuer();
    void takesEveryKeyWhenTheTokenNamesNone();
    void readsTheHeader_data();
    void readsTheHeader();
    void readsKeySets();
    void readsIssuers();
    void remembersUntilExpiry();
    void forgetsTheOldest();

private:
    QList<VerificationKey> keys() const { return {{"k1", m_signer.publicKey(), kIssuer}}; }

    ServerKey m_signer = signer('a');
};

// Made by a Charm v0.12.6 server for a test; the server is gone.
void TestToken::acceptsATokenOfARealServer()
{
    const QByteArray token =
        "eyJhbGciOiJFZERTQSIsImtpZCI6IjI4NTJmMmY1ZjY1MzU1MjhmNWUyNWMyNGM2OGQ5YmJkYTgyYjk5YzEwZWEwMDA1OTMzYmJm"
        "YmY1MDE0"
        "ZjhkOGYiLCJ0eXAiOiJKV1QifQ."
        "eyJpc3MiOiJodHRwOi8vMTI3LjAuMC43Nzo0NTM1NCIsInN1YiI6IjZjZjI2NTkwLTU2MjItNGY5MC05ZD"
        "liLTA2MDU3OGM0MzdhOSIsImF1ZCI6WyJjaGFybSJdLCJleHAiOjE3OTU1MTIwOTF9."
        "23k2XYIUPmK9EWicB11ENwpxUulG50uNk1T6pJCT6y"
        "8IGSTr8Z4IKaHGIOZYfqLbSw6hZXdo3Kqk1zSDqOLLCQ";
    auto keySet =
        parseJwks(R"({"keys":[{"kty":"OKP","kid":"2852f2f5f6535528f5e25c24c68d9bbda82b99c10ea0005933bbfbf5)"
                  R"(014f8d8f","crv":"Ed25519","alg":"EdDSA","x":"kOOGsVK_AfeXdbUrBSMRoRacRqXWwJvX3ho_pSmQ)"
                  "V-8\"}]}\n");
    QVERIFY(keySet.ok());
    auto issuer = parseIssuer(R"({"issuer":"","authorization_endpoint":"","token_endpoint":"","jwks_uri":)"
                              R"("http://127.0.0.77:45354/v1/public/jwks","userinfo_endpoint":"",)"
                              "\"id_token_signing_alg_values_supported\":null}\n");
    QVERIFY(issuer.ok());
    keySet->first().issuer = *issuer;
    const auto claims = verifyToken(token, *keySet, 1'795'512'090);
    QVERIFY(claims.ok());
    QCOMPARE(claims->subject, kId);
    QCOMPARE(claims->expires, qint64(1'795'512'091));
    const auto late = verifyToken(token, *keySet, 1'795'512'091);
    QVERIFY(!late.ok());
    QCOMPARE(late.error().code, Code::TokenExpired);
}

void TestToken::acceptsWhatItsKeysSigned()
{
    for (const char *aud : {"\"charm\"", "[\"charm\"]", "[\"other\",\"charm\"]"}) {
        const auto claims =
            verifyToken(m_signer.sign(kHeader, payload(QByteArray("\"aud\":") + aud, "aud")), keys(), kNow);
        QVERIFY(claims.ok());
        QCOMPARE(claims->subject, kId);
        QCOMPARE(claims->issuer, kIssuer);
        QVERIFY(claims->audience.contains("charm"));
    }
    const QByteArray now = QByteArray::number(kNow);
    QVERIFY(verifyToken(m_signer.sign(kHeader, payload("\"nbf\":" + now + ",\"iat\":" + now)), keys(), kNow)
                .ok());
}

void TestToken::refuses_data()
{
    QTest::addColumn<QByteArray>("token");
    QTest::addColumn<int>("code");
    const auto row = [](const char *name, const QByteArray &token, Code code) {
        QTest::newRow(name) << token << int(code);
    };
    const auto header = [&](const char *name, const QByteArray &text, Code code) {
        row(name, m_signer.sign(text, payload()), code);
    };
    const auto claims = [&](const char *name, const QByteArray &without, const QByteArray &instead,
                            Code code) {
        row(name, m_signer.sign(kHeader, payload(instead, without)), code);
    };
    header("alg none", R"({"alg":"none","kid":"k1"})", Code::TokenSignature);
    header("alg None", R"({"alg":"None","kid":"k1"})", Code::TokenSignature);
    header("alg HS256", R"({"alg":"HS256","kid":"k1"})", Code::TokenSignature);
    header("alg eddsa", R"({"alg":"eddsa","kid":"k1"})", Code::TokenSignature);
    header("alg absent", R"({"kid":"k1"})", Code::TokenSignature);
    header("alg a number", R"({"alg":1,"kid":"k1"})", Code::TokenSignature);
    header("alg twice", R"({"alg":"EdDSA","alg":"none","kid":"k1"})", Code::TokenMalformed);
    header("crit", R"({"alg":"EdDSA","kid":"k1","crit":["b64"],"b64":false})", Code::TokenMalformed);
    header("kid a number", R"({"alg":"EdDSA","kid":1})", Code::TokenMalformed);
    header("kid unknown", R"({"alg":"EdDSA","kid":"k2"})", Code::TokenUnknownKey);
    header("key sets of its own", R"({"alg":"EdDSA","kid":"k2","jku":"http://evil/","x5u":"http://evil/"})",
           Code::TokenUnknownKey);
    header("header no object", "[]", Code::TokenMalformed);
    header("header empty", "", Code::TokenMalformed);
    claims("expired", "exp", "\"exp\":" + QByteArray::number(kNow - 1), Code::TokenExpired);
    claims("expires now", "exp", "\"exp\":" + QByteArray::number(kNow), Code::TokenExpired);
    claims("never expires", "exp", {}, Code::TokenMalformed);
    claims("expires as text", "exp", "\"exp\":\"9999999999\"", Code::TokenMalformed);
    claims("expires past 64 bits", "exp", "\"exp\":99999999999999999999", Code::TokenMalformed);
    claims("exp twice", "", "\"exp\":9999999999", Code::TokenMalformed);
    claims("not before later", "", "\"nbf\":" + QByteArray::number(kNow + 1), Code::TokenExpired);
    claims("issued later", "", "\"iat\":" + QByteArray::number(kNow + 1), Code::TokenExpired);
    claims("foreign issuer", "iss", "\"iss\":\"http://evil/\"", Code::TokenIssuer);
    claims("no issuer", "iss", {}, Code::TokenIssuer);
    claims("longer issuer", "iss", "\"iss\":\"" + kIssuer + "/\"", Code::TokenIssuer);
    claims("other audience", "aud", "\"aud\":[\"other\"]", Code::TokenAudience);
    claims("no audience", "aud", {}, Code::TokenAudience);
    claims("odd audience", "aud", "\"aud\":[\"charm\",1]", Code::TokenAudience);
    claims("near audience", "aud", "\"aud\":\"charms\"", Code::TokenAudience);
    claims("no subject", "sub", {}, Code::TokenMalformed);
    claims("empty subject", "sub", "\"sub\":\"\"", Code::TokenMalformed);
    claims("subject climbs", "sub", "\"sub\":\"../x\"", Code::TokenMalformed);
    claims("subject with NUL", "sub", "\"sub\":\"a\\u0000b\"", Code::TokenMalformed);
    claims("subject too long", "sub", "\"sub\":\"" + QByteArray(65, 'a') + "\"", Code::TokenMalformed);
    row("claims no object", m_signer.sign(kHeader, "\"x\""), Code::TokenMalformed);
    row("empty", "", Code::TokenMalformed);
    row("dots", "..", Code::TokenMalformed);
    const QByteArray good = m_signer.sign(kHeader, payload());
    row("padding", good + "==", Code::TokenMalformed);
    row("four parts", good + ".e30", Code::TokenMalformed);
    row("two parts", good.left(good.lastIndexOf('.')), Code::TokenMalformed);
    row("no signature", good.left(good.lastIndexOf('.') + 1), Code::TokenSignature);
    row("short signature", good.chopped(2), Code::TokenSignature);
    row("other key", signer('b').sign(kHeader, payload()), Code::TokenSignature);
    row("too long", m_signer.sign(kHeader, payload("\"x\":\"" + QByteArray(kMaxToken, 'x') + "\"")),
        Code::TokenMalformed);
}

void TestToken::refuses()
{
    QFETCH(QByteArray, token);
    QFETCH(int, code);
    const auto claims = verifyToken(token, keys(), kNow);
    QVERIFY(!claims.ok());
    QCOMPARE(int(claims.error().code), code);
    QVERIFY(!claims.error().detail.contains(QLatin1String(kId)));
}

void TestToken::refusesEveryChangedByte()
{
    const QByteArray good = m_signer.sign(kHeader, payload());
    QVERIFY(verifyToken(good, keys(), kNow).ok());
    for (qsizetype i = 0; i < good.size(); ++i) {
        for (const char c : {'A', '-', '.', '='}) {
            QByteArray bad = good;
            if (bad[i] == c)
                continue;
            bad[i] = c;
            QVERIFY2(!verifyToken(bad, keys(), kNow).ok(), bad.constData());
        }
        QVERIFY(!verifyToken(good.first(i), keys(), kNow).ok());
    }
}

void TestToken::tellsUnknownKeysApart()
{
    const auto claims = verifyToken(m_signer.sign(kHeader, payload()), {}, kNow);
    QVERIFY(!claims.ok());
    QCOMPARE(claims.error().code, Code::TokenUnknownKey);
}

void TestToken::bindsEachKeyToItsIssuer()
{
    const ServerKey other = signer('b');
    const QByteArray foreign = "http://other.example:35354";
    const QList<VerificationKey> two{{"k1", m_signer.publicKey(), kIssuer},
                                     {"k2", other.publicKey(), foreign}};
    QVERIFY(verifyToken(m_signer.sign(kHeader, payload()), two, kNow).ok());
    const auto crossed = verifyToken(other.sign(R"({"alg":"EdDSA","kid":"k2"})", payload()), two, kNow);
    QVERIFY(!crossed.ok());
    QCOMPARE(crossed.error().code, Code::TokenIssuer);
    // One key, two issuers: a server that is set up wrongly must not lock out the others' tokens.
    const QList<VerificationKey> shared{{"k1", m_signer.publicKey(), foreign},
                                        {"k1", m_signer.publicKey(), kIssuer}};
    QVERIFY(verifyToken(m_signer.sign(kHeader, payload()), shared, kNow).ok());
    // Where nobody can say which it is, any; and nothing else is let pass.
    const QList<VerificationKey> any{{"k1", m_signer.publicKey(), {}, true}};
    QVERIFY(verifyToken(m_signer.sign(kHeader, payload()), any, kNow).ok());
    QVERIFY(!verifyToken(other.sign(kHeader, payload()), any, kNow).ok());
}

void TestToken::takesEveryKeyWhenTheTokenNamesNone()
{
    const ServerKey other = signer('b');
    const QList<VerificationKey> two{{"k2", other.publicKey(), kIssuer},
                                     {"k1", m_signer.publicKey(), kIssuer}};
    QVERIFY(verifyToken(m_signer.sign(kPlainHeader, payload()), two, kNow).ok());
    QVERIFY(!verifyToken(signer('c').sign(kPlainHeader, payload()), two, kNow).ok());
}

void TestToken::readsTheHeader_data()
{
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<QByteArray>("token");
    QTest::addColumn<int>("code");
    QTest::newRow("Charm's client") << QByteArray("bearer a.b.c") << QByteArray("a.b.c") << 0;
    QTest::newRow("capital") << QByteArray("Bearer a.b.c") << QByteArray("a.b.c") << 0;
    QTest::newRow("spaces") << QByteArray("  BEARER \t a.b.c ") << QByteArray("a.b.c") << 0;
    QTest::newRow("empty") << QByteArray("") << QByteArray() << int(Code::TokenMissing);
    QTest::newRow("blank") << QByteArray("  ") << QByteArray() << int(Code::TokenMissing);
    QTest::newRow("no token") << QByteArray("bearer") << QByteArray() << int(Code::TokenMalformed);
    QTest::newRow("no scheme") << QByteArray("a.b.c") << QByteArray() << int(Code::TokenMalformed);
    QTest::newRow("two tokens") << QByteArray("bearer a.b.c d.e.f") << QByteArray()
                                << int(Code::TokenMalformed);
    QTest::newRow("basic") << QByteArray("basic dXNlcg") << QByteArray() << int(Code::TokenMalformed);
    QTest::newRow("long") << "bearer " + QByteArray(kMaxToken + 1, 'a') << QByteArray()
                          << int(Code::TokenMalformed);
}

void TestToken::readsTheHeader()
{
    QFETCH(QByteArray, value);
    QFETCH(QByteArray, token);
    QFETCH(int, code);
    const auto result = bearerToken(value);
    QCOMPARE(result.ok() ? 0 : int(result.error().code), code);
    if (result)
        QCOMPARE(*result, token);
    // Clients are shown it as it is.
    if (code == int(Code::TokenMissing))
        QVERIFY(result.error().detail.contains(QStringLiteral("(Authorization: bearer …)")));
}

void TestToken::readsKeySets()
{
    const QByteArray x = m_signer.publicKey().toBase64(kBase64);
    const QByteArray good = R"({"kty":"OKP","crv":"Ed25519","kid":"k1","x":")" + x + "\"}";
    const auto mixed = parseJwks(R"({"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"},)" + good + "]}");
    QVERIFY(mixed.ok());
    QCOMPARE(mixed->size(), 1);
    QCOMPARE(mixed->first().publicKey, m_signer.publicKey());
    for (const QByteArray &bad :
         {QByteArray("{}"), QByteArray("[]"), QByteArray(R"({"keys":[]})"), QByteArray(R"({"keys":{}})"),
          QByteArray(R"({"keys":[1]})"),
          R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":")" + x.chopped(3) + "\"}]}",
          R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":")" + x + "=\"}]}",
          R"({"keys":[{"kty":"OKP","crv":"X25519","kid":"k","x":")" + x + "\"}]}",
          "{\"keys\":[" + QByteArray(good + ',').repeated(16) + good + "]}"}) {
        const auto result = parseJwks(bad);
        QVERIFY2(!result.ok(), bad.constData());
        QCOMPARE(result.error().code, Code::BackendProtocol);
    }
}

void TestToken::readsIssuers()
{
    const auto issuer = parseIssuer(R"({"jwks_uri":"https://c.example/charm/v1/public/jwks"})");
    QVERIFY(issuer.ok());
    QCOMPARE(*issuer, QByteArrayLiteral("https://c.example/charm"));
    for (const char *bad : {"{}", "", R"({"jwks_uri":"https://c.example/keys"})",
                            R"({"jwks_uri":"/v1/public/jwks"})", R"({"jwks_uri":null})"})
        QVERIFY(!parseIssuer(bad).ok());
}

void TestToken::remembersUntilExpiry()
{
    ManualClock clock;
    clock.setWall(std::chrono::seconds(kNow));
    TokenCache cache(clock);
    QVERIFY(!cache.find("a.b.c"));
    cache.insert("a.b.c", Claims{kId, kIssuer, {"charm"}, kNow + 10});
    QCOMPARE(cache.find("a.b.c")->subject, kId);
    QVERIFY(!cache.find("a.b.d"));
    clock.advance(9'999ms);
    QVERIFY(cache.find("a.b.c"));
    clock.advance(1ms);
    QVERIFY(!cache.find("a.b.c"));
    QCOMPARE(cache.size(), 0);
    cache.insert("a.b.c", Claims{kId, kIssuer, {"charm"}, kNow + 100});
    cache.clear();
    QVERIFY(!cache.find("a.b.c"));
}

void TestToken::forgetsTheOldest()
{
    ManualClock clock;
    TokenCache cache(clock, 3);
    const auto claims = [](const char *subject) {
        return Claims{subject, kIssuer, {"charm"}, 100};
    };
    cache.insert("1", claims("one"));
    cache.insert("2", claims("two"));
    cache.insert("3", claims("three"));
    cache.insert("1", claims("one again"));
    cache.insert("4", claims("four"));
    QCOMPARE(cache.size(), 3);
    QVERIFY(!cache.find("2"));
    QCOMPARE(cache.find("1")->subject, QByteArrayLiteral("one again"));
    QVERIFY(cache.find("3"));
    QVERIFY(cache.find("4"));
}

QTEST_APPLESS_MAIN(TestToken)
#include "tst_token.moc"
