// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/charm/blobpath.h"

#include <QTest>

using namespace cring;
using namespace cring::charm;

class TestBlobpath : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void storesWhatCharmStores_data();
    void storesWhatCharmStores();
    void refuses_data();
    void refuses();
    void routesAsCharmDoes_data();
    void routesAsCharmDoes();
    void keepsTheQueryApart();
    void boundsNamesAndPaths();
    void readsModesAsCharmDoes_data();
    void readsModesAsCharmDoes();
    void walksUp();
};

// Each row was sent, as written, to a Charm v0.12.6 server as POST …?mode=420; the second column is the name
// of the file that then lay below files/<charm id>/.
void TestBlobpath::storesWhatCharmStores_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("stored");
    const auto row = [](const char *target, const char *stored) {
        QTest::addRow("%s", target) << QByteArray(target) << QByteArray(stored);
    };
    row("/v1/fs/abc", "abc");
    row("/v1/fs/a/b/c", "a/b/c");
    row("/v1/fs/a//b", "a/b");
    row("/v1/fs//a", "a");
    row("/v1/fs/a/./b", "a/b");
    row("/v1/fs/a/../b", "b");
    row("/v1/fs/a/", "a");
    row("/v1/fs/a/b/..", "a");
    row("/v1/fs/./a", "a");
    row("/v1/fs/...", "...");
    row("/v1/fs/..a", "..a");
    row("/v1/fs/q\"q", "q%22q");
    row("/v1/fs/a%41", "a%41");
    row("/v1/fs/a%41\"", "aA%22");
    row("/v1/fs/a%2Fb", "a%2Fb");
    row("/v1/fs/a%2fb", "a%2fb");
    row("/v1/fs/a%2Fb\"", "a/b%22");
    row("/v1/fs/\xc3\xa9", "%C3%A9");
    row("/v1/fs/%C3%A9", "%C3%A9");
    row("/v1/fs/%c3%a9", "%c3%a9");
    row("/v1/fs/\xff", "%FF");
    row("/v1/fs/a\\b", "a%5Cb");
    row("/v1/fs/..\\b", "..%5Cb");
    row("/v1/fs/!$&'()*+,;=:@[]-_.~", "!$&'()*+,;=:@[]-_.~");
    row("/v1/fs/!$&'()*+,;=:@[]-_.~\"", "%21$&%27%28%29%2A+,;=:@%5B%5D-_.~%22");
    row("/v1/fs/a%20b", "a%20b");
    row("/v1/fs/a+b", "a+b");
    row("/v1/fs/a|b", "a%7Cb");
    row("/v1/fs/{x}^`<y>", "%7Bx%7D%5E%60%3Cy%3E");
    row("/v1/fs/a%23b", "a%23b");
    row("/v1/fs/a%3Fb", "a%3Fb");
    row("/v1/fs/a%25b", "a%25b");
    row("/v1/fs/a%2541b", "a%2541b");
    row("/v1/fs/%7Ea", "%7Ea");
    row("/v1/fs/%7ea\"", "~a%22");
    row("/v1/%66s/a\"", "a%22");
    row("/v1/fs%2Fa\"", "a%22");
}

void TestBlobpath::storesWhatCharmStores()
{
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, stored);
    const Result<Route> route = parseTarget(target + "?mode=420");
    QVERIFY2(route.ok(), route.ok() ? "" : qPrintable(route.error().toString()));
    QCOMPARE(route->kind, Route::Kind::File);
    QCOMPARE(route->path, stored);
    QCOMPARE(route->query, QByteArrayLiteral("mode=420"));

    // What a listing of the servers' disk names must be found again under the same name.
    const Result<Route> again = parseTarget("/v1/fs/" + stored);
    QVERIFY(again.ok());
    QCOMPARE(again->path, stored);
}

void TestBlobpath::refuses_data()
{
    QTest::addColumn<QByteArray>("target");
    const auto row = [](const char *name, const QByteArray &target) {
        QTest::addRow("%s", name) << target;
    };
    row("empty", "");
    row("absolute form", "http://x/v1/fs/a");
    row("asterisk form", "*");
    row("no slash", "v1/fs/a");
    row("fragment", "/v1/fs/a#b");
    row("fragment in the query", "/v1/fs/a?mode=420#b");
    row("space", "/v1/fs/a b");
    row("raw NUL", QByteArray("/v1/fs/a\0b", 10));
    row("escaped NUL", "/v1/fs/a%00b");
    row("raw control", "/v1/fs/a\x01"
                       "b");
    row("raw DEL", "/v1/fs/a\x7f"
                   "b");
    row("tab in the query", "/v1/fs/a?mode=\t420");
    row("escaped newline", "/v1/fs/a%0Ab");
    row("escaped DEL", "/v1/fs/a%7fb");
    row("cut escape 1", "/v1/fs/a%");
    row("cut escape 2", "/v1/fs/a%4");
    row("bad escape", "/v1/fs/a%zz");
    row("climbs", "/v1/fs/../x");
    row("climbs later", "/v1/fs/a/../../x");
    row("climbs at the end", "/v1/fs/..");
    row("climbs to another account", "/v1/fs/../6cf26590-5622-4f90-9d9b-060578c437a9/x");
    row("%2e%2e", "/v1/fs/%2e%2e/x");
    row("%2E%2E at the end", "/v1/fs/%2E%2E");
    row(".%2e", "/v1/fs/.%2e/x");
    row("%2e.", "/v1/fs/%2e./x");
    row("..%2f", "/v1/fs/..%2fx");
    row("%2e%2e%2f", "/v1/fs/%2e%2e%2fx");
    row("a%2f..", "/v1/fs/a%2f..");
    row("a%2f..%2fb", "/v1/fs/a%2f..%2fb");
    row("%2e", "/v1/fs/%2e/x");
    row("re-escaped by Charm to ..", "/v1/fs/%2e%2e/x\"");
    row("re-escaped by Charm to .. below", "/v1/fs/y/%2e%2e/x\"");
    row("twice escaped", "/v1/fs/%252e%252e/x");
    row("three times escaped", "/v1/fs/%25252e%25252e/x");
    row("endlessly escaped", "/v1/fs/%" + QByteArray("25").repeated(5000));
    row("hidden in a sequence's name", "/v1/seq/%2e%2e");
}

void TestBlobpath::refuses()
{
    QFETCH(QByteArray, target);
    const Result<Route> route = parseTarget(target);
    QVERIFY(!route.ok());
    QCOMPARE(route.error().code, Code::PathInvalid);
    // P10: the words must not carry the path.
    QVERIFY(!route.error().detail.contains(QStringLiteral("6cf26590")));
}

// Again a Charm server's own answers: Unknown is where it had a 404 from its router.
void TestBlobpath::routesAsCharmDoes_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<int>("kind");
    QTest::addColumn<QByteArray>("name");
    const auto row = [](const char *target, Route::Kind kind, const char *name = "") {
        QTest::addRow("%s", target) << QByteArray(target) << int(kind) << QByteArray(name);
    };
    using Kind = Route::Kind;
    row("/v1/fs/", Kind::File);
    row("/v1/fs//", Kind::File);
    row("/v1/fs/a/..", Kind::File);
    row("/v1/fs", Kind::Unknown);
    row("/V1/fs/a", Kind::Unknown);
    row("/v1/%66s/a", Kind::Unknown);
    row("/v1/fs%2Fa", Kind::Unknown);
    row("/v1//fs/a", Kind::Unknown);
    row("//v1/fs/a", Kind::Unknown);
    row("/v1/./fs/a", Kind::Unknown);
    row("/x/../v1/fs/a", Kind::Unknown);
    row("/", Kind::Unknown);
    row("/v1/seq/a", Kind::Seq, "a");
    row("/v1/seq/%61", Kind::Seq, "a");
    row("/v1/seq/a%2Fb", Kind::Seq, "a%2Fb");
    row("/v1/seq/a%2fb", Kind::Seq, "a%2Fb");
    row("/v1/seq/q\"", Kind::Seq, "q%22");
    row("/v1/seq/q%22", Kind::Seq, "q%22");
    row("/v1/seq/a.b;c,d", Kind::Seq, "a.b%3Bc%2Cd");
    row("/v1/seq/..", Kind::Seq, "..");
    row("/v1/s%65q/a\"", Kind::Seq, "a%22");
    row("/v1/s%65q/a", Kind::Unknown);
    row("/v1/seq/a%2Fb\"", Kind::Unknown);
    row("/v1/seq/a/", Kind::Unknown);
    row("/v1/seq/a/b", Kind::Unknown);
    row("/v1/seq/", Kind::Unknown);
    row("/v1/seq", Kind::Unknown);
    row("/v1/id/x", Kind::Id, "x");
    row("/v1/id/", Kind::Unknown);
    row("/v1/bio", Kind::Bio);
    row("/v1/bio/x", Kind::Bio, "x");
    row("/v1/bio/", Kind::Unknown);
    row("/v1/encrypt-key", Kind::EncryptKey);
    row("/v1/encrypt-key/", Kind::Unknown);
    row("/v1/news", Kind::News);
    row("/v1/news/1", Kind::News, "1");
    row("/v1/news/", Kind::Unknown);
    row("/v1/public/jwks", Kind::Public);
    row("/v1/public/jwks/", Kind::Unknown);
    row("/v1/public/x", Kind::Unknown);
    row("/v1/public/../fs/a", Kind::Unknown);
    row("/.well-known/openid-configuration", Kind::Public);
}

void TestBlobpath::routesAsCharmDoes()
{
    QFETCH(QByteArray, target);
    QFETCH(int, kind);
    QFETCH(QByteArray, name);
    const Result<Route> route = parseTarget(target);
    QVERIFY(route.ok());
    QCOMPARE(int(route->kind), kind);
    QCOMPARE(route->name, name);
    QCOMPARE(route->path, QByteArray());
}

void TestBlobpath::keepsTheQueryApart()
{
    const Result<Route> route = parseTarget("/v1/fs/a?x=%zz?/../b");
    QVERIFY(route.ok());
    QCOMPARE(route->path, QByteArrayLiteral("a"));
    QCOMPARE(route->query, QByteArrayLiteral("x=%zz?/../b"));
    QCOMPARE(parseTarget("/v1/fs/a?")->query, QByteArray());
}

void TestBlobpath::boundsNamesAndPaths()
{
    QVERIFY(parseTarget("/v1/fs/" + QByteArray(255, 'n')).ok());
    QVERIFY(!parseTarget("/v1/fs/" + QByteArray(256, 'n')).ok());
    // The stored form counts: 85 quotes are 255 bytes on the disk.
    QVERIFY(parseTarget("/v1/fs/" + QByteArray(85, '"')).ok());
    QVERIFY(!parseTarget("/v1/fs/" + QByteArray(86, '"')).ok());
    const QByteArray deep = QByteArray("ab/").repeated(1365);
    QVERIFY(parseTarget("/v1/fs/" + deep + "c").ok());
    QVERIFY(!parseTarget("/v1/fs/" + deep + "cde").ok());
    // A long spelling of a short path is none of ours to refuse.
    QVERIFY(parseTarget("/v1/fs/" + QByteArray("./").repeated(4000) + "a").ok());
}

// The mode with which a Charm server stored the file; -1 is its 500.
void TestBlobpath::readsModesAsCharmDoes_data()
{
    QTest::addColumn<QByteArray>("query");
    QTest::addColumn<qint64>("mode");
    const auto row = [](const char *query, qint64 mode) {
        QTest::addRow("?%s", query) << QByteArray(query) << mode;
    };
    row("mode=420", 420);
    row("mode=0644", 644);
    row("mode=0", 0);
    row("mode=2147484141", 2147484141);
    row("mode=4294967295", 4294967295);
    row("mode=4294967296", -1);
    row("mode=99999999999999999999999999", -1);
    row("mode=", -1);
    row("", -1);
    row("mode", -1);
    row("mode=+420", -1);
    row("mode=-1", -1);
    row("mode=4_20", -1);
    row("mode=0x1a4", -1);
    row("mode=%34%32%30", 420);
    row("m%6fde=420", 420);
    row("mode=420&mode=1", 420);
    row("mode=1&mode=420", 1);
    row("mode=&mode=420", -1);
    row("a;b&mode=420", -1);
    row("mode=420;x", -1);
    row("x=%zz&mode=420", -1);
    row("mode=%zz&mode=420", -1);
    row("&&mode=420", 420);
    row("mode=420&", 420);
    row("Mode=420", -1);
    row("mode=420+", -1);
    row("mode=%20420", -1);
    row("x?mode=420&mode=420", 420);
    row("mode=420=", -1);
}

void TestBlobpath::readsModesAsCharmDoes()
{
    QFETCH(QByteArray, query);
    QFETCH(qint64, mode);
    const Result<quint32> parsed = parseMode(query);
    QCOMPARE(parsed.ok() ? qint64(*parsed) : -1, mode);
}

void TestBlobpath::walksUp()
{
    QCOMPARE(ancestors("a/b/c"), (QList<QByteArrayView>{"a", "a/b"}));
    QVERIFY(ancestors("a").isEmpty());
    QVERIFY(ancestors("").isEmpty());
    QCOMPARE(parentOf("a/b/c"), QByteArrayView("a/b"));
    QCOMPARE(parentOf("a"), QByteArrayView(""));
    QCOMPARE(parentOf(""), QByteArrayView(""));
}

QTEST_APPLESS_MAIN(TestBlobpath)
#include "tst_blobpath.moc"
