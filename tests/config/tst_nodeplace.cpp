// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/nodeplace.h"

#include <QTest>

using namespace cring;
using namespace cring::config;

/// Where a server's data directory is: what a person may write, and what is refused in which words.
class TestNodePlace : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void reads_data();
    void reads();
    void refuses_data();
    void refuses();
};

void TestNodePlace::reads_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("user");
    QTest::addColumn<QString>("host");
    QTest::addColumn<int>("port");
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("again");
    const auto row = [](const char *text, const char *user, const char *host, int port, const char *path,
                        const char *again = nullptr) {
        QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(user) << QString::fromUtf8(host)
                            << port << QString::fromUtf8(path) << QString::fromUtf8(again ? again : text);
    };
    row("/srv/charm1", "", "", 22, "/srv/charm1");
    row("/srv//charm 1/./", "", "", 22, "/srv/charm 1", "/srv/charm 1");
    row("/srv/q\"u'o$te", "", "", 22, "/srv/q\"u'o$te");
    row("ssh://me@host/srv/charm1", "me", "host", 22, "/srv/charm1");
    row("ssh://me@host:22/srv/charm1", "me", "host", 22, "/srv/charm1", "ssh://me@host/srv/charm1");
    row("ssh://me@host:2222/srv/charm1/", "me", "host", 2222, "/srv/charm1", "ssh://me@host:2222/srv/charm1");
    row("ssh://me@host/~/charm1", "me", "host", 22, "./charm1");
    row("ssh://me@host/~", "me", "host", 22, ".");
    row("ssh://me@[::1]:22/x", "me", "::1", 22, "/x", "ssh://me@[::1]/x");
    row("ssh://a.b-c@10.0.0.7/x%20y%3Fz", "a.b-c", "10.0.0.7", 22, "/x y?z");
}

void TestNodePlace::reads()
{
    QFETCH(QString, text);
    const auto place = parseNodePlace(text);
    QVERIFY2(place.ok(), place.ok() ? "" : qPrintable(place.error().detail));
    QTEST(place->user, "user");
    QTEST(place->host, "host");
    QTEST(int(place->port), "port");
    QTEST(place->path, "path");
    QTEST(place->toString(), "again");
    const auto again = parseNodePlace(place->toString());
    QVERIFY(again.ok());
    QCOMPARE(*again, *place);
    QCOMPARE(place->isLocal(), place->host.isEmpty());
}

void TestNodePlace::refuses_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("words");
    const auto row = [](const char *text, const char *words) {
        QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(words);
    };
    row("", "does not begin with /");
    row("srv/charm1", "does not begin with /");
    row("~/charm1", "does not begin with /");
    row("/", "the root of the file system");
    row("/srv/../etc", "has \"..\" in it");
    row("/srv/a\nb", "control characters");
    row("sftp://me@host/x", "not sftp");
    row("ssh://host/x", "names no user");
    row("ssh://me@/x", "names no host");
    row("ssh://me@host", "the path is missing");
    row("ssh://me@host/", "the path is missing");
    row("ssh://me@host/%2e%2e/x", "has \"..\" in it");
    row("ssh://me@host/x?y", "a query");
    row("ssh://me@host/x y", "write a blank as %20");
    row("ssh://me:secret@host/x", "a password has no place in it");
    row("ssh://-oProxyCommand=x@host/x", "is no user's name");
    row("ssh://me@host:0/x", "port 0");
    row("ssh://me@host:99999/x", "names no host");
}

void TestNodePlace::refuses()
{
    QFETCH(QString, text);
    QFETCH(QString, words);
    const auto place = parseNodePlace(text);
    QVERIFY(!place.ok());
    QCOMPARE(place.error().code, Code::ConfigBadValue);
    QVERIFY2(place.error().detail.contains(words), qPrintable(place.error().detail));
    QVERIFY(!place.error().detail.contains(QStringLiteral("secret")));
}

QTEST_APPLESS_MAIN(TestNodePlace)
#include "tst_nodeplace.moc"
