// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/charm/listing.h"

#include <QElapsedTimer>
#include <QJsonDocument>
#include <QTest>

#include <random>

using namespace cring;
using namespace cring::charm;

namespace {

QByteArray entry(const QByteArray &name, const QByteArray &modTime = "2026-11-24T10:08:28+01:00",
                 bool dir = false, const QByteArray &size = "5")
{
    return "{\"name\":\"" + name + "\",\"is_dir\":" + (dir ? "true" : "false") + ",\"size\":" + size +
           ",\"modtime\":\"" + modTime + "\",\"mode\":" + (dir ? "2147484141" : "420") + "}";
}

QByteArray folder(const QList<QByteArray> &entries, const QByteArray &modTime = "2026-11-24T10:08:28+01:00",
                  const QByteArray &mode = "2147484141")
{
    QByteArray out =
        "{\"name\":\"d\",\"is_dir\":true,\"size\":0,\"modtime\":\"" + modTime + "\",\"mode\":" + mode;
    if (!entries.isEmpty())
        out += ",\"files\":[" + entries.join(',') + ']';
    return out + "}\n";
}

Listing parsed(const QByteArray &json)
{
    Result<Listing> result = parseListing(json);
    return result.ok() ? std::move(result).value() : Listing{"broken", {}, 0, {}};
}

QByteArray merged(const QList<QByteArray> &listings)
{
    std::vector<Listing> all;
    for (const QByteArray &json : listings)
        all.push_back(parsed(json));
    return serialise(merge(all));
}

} // namespace

class TestListing : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void givesBackWhatAServerSaid_data();
    void givesBackWhatAServerSaid();
    void readsEntries();
    void takesAbsentFilesForNone();
    void refuses_data();
    void refuses();
    void readsInstants();
    void refusesInstants_data();
    void refusesInstants();
    void unitesByName();
    void letsTheNewestWin();
    void letsFoldersWin();
    void mergesTheSameInAnyOrder();
    void readsALargeFolder();
};

// What a Charm v0.12.6 server in Berlin answered, byte for byte.
void TestListing::givesBackWhatAServerSaid_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::newRow("folder") << QByteArray(
        R"({"name":"d","is_dir":true,"size":0,"modtime":"2026-11-24T10:08:28.154164386+01:00",)"
        R"("mode":2147484141,"files":[{"name":"q%22q\u0026a","is_dir":false,"size":5,)"
        R"("modtime":"2026-11-24T10:08:28.149760096+01:00","mode":420},{"name":"sub","is_dir":true,)"
        R"("size":4096,"modtime":"2026-11-24T10:08:28.154164386+01:00","mode":2147484141}]})"
        "\n");
    QTest::newRow("empty folder") << QByteArray(
        R"({"name":"e","is_dir":true,"size":0,"modtime":"2026-11-24T10:08:28.154164386+01:00",)"
        "\"mode\":2147484141}\n");
}

void TestListing::givesBackWhatAServerSaid()
{
    QFETCH(QByteArray, json);
    const Result<Listing> listing = parseListing(json);
    QVERIFY(listing.ok());
    QCOMPARE(serialise(*listing), json);
    QCOMPARE(serialise(merge(std::span(&*listing, 1))), json);
}

void TestListing::readsEntries()
{
    const Listing listing =
        parsed(folder({entry("q%22q\\u0026a"), entry("sub", "2026-11-24T09:08:28.5Z", true)}));
    QCOMPARE(listing.name, QByteArrayLiteral("d"));
    QCOMPARE(listing.mode, 2147484141u);
    QCOMPARE(listing.files.size(), size_t(2));
    QCOMPARE(listing.files[0].name, QByteArrayLiteral("q%22q&a"));
    QCOMPARE(listing.files[0].size, qint64(5));
    QCOMPARE(listing.files[0].mode, 420u);
    QVERIFY(!listing.files[0].isDir);
    QVERIFY(listing.files[1].isDir);
    QCOMPARE(listing.files[1].modTime, QByteArrayLiteral("2026-11-24T09:08:28.5Z"));
    QCOMPARE(listing.files[1].raw, entry("sub", "2026-11-24T09:08:28.5Z", true));
}

void TestListing::takesAbsentFilesForNone()
{
    QVERIFY(parsed(folder({})).files.empty());
    const QByteArray bare = folder({}).trimmed().chopped(1);
    for (const char *files : {",\"files\":null}", ",\"files\":[]}"}) {
        const Result<Listing> listing = parseListing(bare + files);
        QVERIFY(listing.ok());
        QVERIFY(listing->files.empty());
    }
}

void TestListing::refuses_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("an error") << QByteArray("{\"message\":\"internal error\"}");
    QTest::newRow("cut off") << folder({entry("a")}).chopped(4);
    QTest::newRow("an error behind") << folder({entry("a")}) + "{\"message\":\"internal error\"}\n";
    QTest::newRow("a file") << entry("a");
    QTest::newRow("files no array") << folder({}).trimmed().chopped(1) + ",\"files\":{}}";
    QTest::newRow("entry no object") << folder({"1"});
    QTest::newRow("name twice") << folder({entry("a"), entry("a")});
    QTest::newRow("name twice, escaped") << folder({entry("a"), entry("\\u0061")});
    QTest::newRow("key twice") << folder({entry("a").chopped(1) + ",\"name\":\"b\"}"});
    QTest::newRow("other case") << folder({entry("a").replace("name", "Name")});
    QTest::newRow("no mode") << folder({entry("a").replace(",\"mode\":420", "")});
    QTest::newRow("mode of 33 bits") << folder({entry("a").replace("420", "4294967296")});
    QTest::newRow("size a fraction") << folder({entry("a", "2026-11-24T10:08:28Z", false, "5.5")});
    QTest::newRow("size below 0") << folder({entry("a", "2026-11-24T10:08:28Z", false, "-5")});
    QTest::newRow("size of 64 bits") << folder(
        {entry("a", "2026-11-24T10:08:28Z", false, "9223372036854775808")});
    QTest::newRow("no time") << folder({entry("a", "yesterday")});
    QTest::newRow("long name") << folder({entry(QByteArray(256, 'a'))});
    for (const char *name : {"", ".", "..", "a/b", "../x", "a\\u0000b", "a\\u002fb"})
        QTest::addRow("name '%s'", name) << folder({entry(name)});
    QTest::newRow("too deep") << folder({entry("a").chopped(1) + ",\"x\":" + QByteArray(100'000, '[') + '}'});
}

void TestListing::refuses()
{
    QFETCH(QByteArray, json);
    const Result<Listing> listing = parseListing(json);
    QVERIFY(!listing.ok());
    QCOMPARE(listing.error().code, Code::ListingMalformed);
}

void TestListing::readsInstants()
{
    QCOMPARE(parseInstant("1970-01-01T00:00:00Z"), std::optional(Instant{0, 0}));
    QCOMPARE(parseInstant("2026-11-24T10:08:28.154164386+01:00"),
             std::optional(Instant{1'795'511'308, 154'164'386}));
    QCOMPARE(parseInstant("2026-11-24T03:38:28.5-05:30"), std::optional(Instant{1'795'511'308, 500'000'000}));
    QCOMPARE(parseInstant("2024-02-29T23:59:59Z"), std::optional(Instant{1'709'251'199, 0}));
    QCOMPARE(parseInstant("0001-01-01T00:00:00Z"), std::optional(Instant{-62'135'596'800, 0}));
    QVERIFY(parseInstant("2026-11-24T10:08:28.09+01:00") < parseInstant("2026-11-24T10:08:28.1+01:00"));
}

void TestListing::refusesInstants_data()
{
    QTest::addColumn<QByteArray>("text");
    for (const char *text :
         {"", "2026-11-24", "2026-11-24T10:08:28", "2026-11-24 10:08:28Z", "2026-13-24T10:08:28Z",
          "2026-02-30T10:08:28Z", "2026-11-24T24:08:28Z", "2026-11-24T10:60:28Z", "2026-11-24T10:08:60Z",
          "2026-11-24T10:08:28.Z", "2026-11-24T10:08:28.1234567890Z", "2026-11-24T10:08:28+24:00",
          "2026-11-24T10:08:28+0100", "2026-11-24T10:08:28Zx", "+026-11-24T10:08:28Z",
          "2026-11-24T10:08:28z"})
        QTest::addRow("%s", text) << QByteArray(text);
}

void TestListing::refusesInstants()
{
    QFETCH(QByteArray, text);
    QVERIFY(!parseInstant(text));
}

void TestListing::unitesByName()
{
    QCOMPARE(merged({folder({entry("c"), entry("a")}), folder({entry("b")}), folder({})}),
             folder({entry("a"), entry("b"), entry("c")}));
    // By bytes, as the servers' file systems know names, not by anyone's alphabet.
    QCOMPARE(merged({folder({entry("b"), entry("B"), entry("%"), entry("a")})}),
             folder({entry("%"), entry("B"), entry("a"), entry("b")}));
    QVERIFY(merge({}).files.empty());
}

void TestListing::letsTheNewestWin()
{
    // Later by the letters, earlier in truth: zones differ.
    const QByteArray berlin = entry("a", "2026-11-24T10:30:00+01:00", false, "1");
    const QByteArray london = entry("a", "2026-11-24T09:45:00Z", false, "2");
    QCOMPARE(merged({folder({berlin}), folder({london})}), folder({london}));
    const QByteArray early = entry("a", "2026-11-24T09:45:00.09Z", false, "3");
    const QByteArray late = entry("a", "2026-11-24T09:45:00.1Z", false, "4");
    QCOMPARE(merged({folder({late}), folder({early})}), folder({late}));
    // The folder's own mode and time go together.
    QCOMPARE(
        merged({folder({}, "2026-11-24T09:00:00Z", "2147484096"), folder({}, "2026-11-24T09:30:00+01:00")}),
        folder({}, "2026-11-24T09:00:00Z", "2147484096"));
}

void TestListing::letsFoldersWin()
{
    const QByteArray dir = entry("a", "2020-01-01T00:00:00Z", true);
    QCOMPARE(merged({folder({entry("a")}), folder({dir})}), folder({dir}));
    QCOMPARE(merged({folder({dir}), folder({entry("a")})}), folder({dir}));
}

void TestListing::mergesTheSameInAnyOrder()
{
    std::mt19937 random(3);
    for (int round = 0; round < 500; ++round) {
        QList<QByteArray> listings;
        for (int i = 0; i < 4; ++i) {
            QList<QByteArray> entries;
            for (const char *name : {"a", "b", "c", "d"}) {
                if (random() % 2)
                    entries << entry(name,
                                     random() % 2 ? "2026-11-24T09:00:00Z" : "2026-11-24T10:00:00+01:00",
                                     random() % 4 == 0, QByteArray::number(static_cast<uint>(random() % 3)));
            }
            listings << folder(entries);
        }
        const QByteArray first = merged(listings);
        std::shuffle(listings.begin(), listings.end(), random);
        QCOMPARE(merged(listings), first);
        QCOMPARE(merged({first, first}), first);
    }
}

// Prints; a slow machine is no failure.
void TestListing::readsALargeFolder()
{
    QList<QByteArray> entries;
    for (int i = 0; i < 20'000; ++i)
        entries << entry(QByteArray::number(i).rightJustified(64, '0'));
    const QByteArray json = folder(entries);
    QElapsedTimer timer;
    timer.start();
    const QByteArray out = merged({json, json, json});
    qInfo("three listings of 20,000 names merged in %lld ms", timer.elapsed());
    QCOMPARE(out, json);
}

QTEST_APPLESS_MAIN(TestListing)
#include "tst_listing.moc"
