// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/chaos/content.h"
#include "tests/chaos/oracle.h"

#include <QTest>

using namespace cring::chaos;
using namespace std::chrono_literals;

/// What may be found at a path follows from what was asked and answered; the oracle says no more than that,
/// and no less.
class TestHistory : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void allowsWhatMayBeThere_data();
    void allowsWhatMayBeThere();
    void overlappingReaderMayFindEither();
    void deleteOfAFolderCoversWhatIsBelow();
    void fileMakesTheFoldersAboveIt();
    void fileReplacesAFolderWithAllBelow();
    void accountsDoNotMeet();
    void readsAreJudgedByTheirTime();
    void listingsAreJudgedNameByName();
    void numbersAreHandedOutOnce();
    void aftermathIsJudgedOnEveryDisk_data();
    void aftermathIsJudgedOnEveryDisk();
    void wrongModeIsFoundAtRest();
    void readingThatFailsAfterwardsIsABreach();
    void belowAFileNothingCanBeRead();
    void contentTellsWhatItIsMadeOf();
};

namespace {

constexpr qint64 Size = 100;

/// Client 0's journal: each operation takes 10 ms, the next one begins 10 ms after it.
class Story
{
public:
    Entry &add(Operation::Kind kind, const QByteArray &path, Ending ending, int account = 0)
    {
        Entry entry;
        entry.account = account;
        entry.number = static_cast<int>(m_journal.size());
        entry.operation = {kind, path, kind == Operation::Kind::Upload ? Size : 0, 0644, -1};
        entry.begin = m_now;
        entry.end = m_now + 10ms;
        entry.ending = ending;
        if (kind == Operation::Kind::Upload)
            entry.stored = version(entry.number);
        m_now += 20ms;
        m_journal.push_back(entry);
        return m_journal.back();
    }

    Entry &upload(const QByteArray &path, Ending ending = Ending::Done)
    {
        return add(Operation::Kind::Upload, path, ending);
    }

    Entry &remove(const QByteArray &path, Ending ending = Ending::Done)
    {
        return add(Operation::Kind::Delete, path, ending);
    }

    Entry &read(const QByteArray &path, const Value &seen)
    {
        Entry &entry = add(Operation::Kind::Read, path, Ending::Done);
        entry.seen = seen;
        return entry;
    }

    const Journal &journal() const { return m_journal; }

    /// What the operation of that number stored.
    static Value version(int number) { return Value::file(contentOf(0, number, Size), 0644); }

private:
    Journal m_journal;
    Moment m_now{0};
};

std::vector<Value> allowed(const Story &story, const QByteArray &path, Moment from = EndOfTime,
                           Moment to = EndOfTime)
{
    const Histories histories(story.journal());
    return histories.find({0, path})->allowed(from, to);
}

QByteArrayList names(const std::vector<Breach> &breaches)
{
    QByteArrayList names;
    for (const Breach &breach : breaches)
        names << nameOf(breach.kind);
    return names;
}

QByteArrayList judged(const Story &story)
{
    return names(Oracle(story.journal()).judgeLoad());
}

} // namespace

void TestHistory::allowsWhatMayBeThere_data()
{
    using Step = std::pair<char, Ending>; // U: upload, D: delete
    QTest::addColumn<QList<Step>>("steps");
    QTest::addColumn<QList<int>>("expected"); // operations whose bytes may be there; −1: nothing
    const Step done{'U', Ending::Done};
    const Step deleted{'D', Ending::Done};
    QTest::newRow("acknowledged") << QList<Step>{done} << QList<int>{0};
    QTest::newRow("acknowledged twice") << QList<Step>{done, done} << QList<int>{1};
    QTest::newRow("deleted") << QList<Step>{done, deleted} << QList<int>{-1};
    QTest::newRow("made again") << QList<Step>{done, deleted, done} << QList<int>{2};
    QTest::newRow("unknown") << QList<Step>{{'U', Ending::Unknown}} << QList<int>{-1, 0};
    QTest::newRow("no answer") << QList<Step>{{'U', Ending::NoAnswer}} << QList<int>{-1, 0};
    QTest::newRow("refused") << QList<Step>{done, {'U', Ending::Refused}} << QList<int>{0, 1};
    QTest::newRow("declined") << QList<Step>{done, {'U', Ending::Declined}} << QList<int>{0};
    QTest::newRow("not sent") << QList<Step>{done, {'U', Ending::NotSent}} << QList<int>{0};
    QTest::newRow("unknown delete") << QList<Step>{done, {'D', Ending::Unknown}} << QList<int>{0, -1};
    QTest::newRow("two unknown") << QList<Step>{done, {'U', Ending::Unknown}, {'D', Ending::Refused}}
                                 << QList<int>{0, 1, -1};
    QTest::newRow("unknown, then acknowledged")
        << QList<Step>{done, {'U', Ending::Unknown}, done} << QList<int>{2};
    QTest::newRow("unknown, then deleted") << QList<Step>{{'U', Ending::Unknown}, deleted} << QList<int>{-1};
}

void TestHistory::allowsWhatMayBeThere()
{
    using Step = std::pair<char, Ending>;
    QFETCH(QList<Step>, steps);
    QFETCH(QList<int>, expected);
    Story story;
    for (const auto &[what, ending] : steps)
        what == 'U' ? story.upload("f", ending) : story.remove("f", ending);
    std::vector<Value> values;
    for (const int number : expected)
        values.push_back(number < 0 ? Value::absent() : Story::version(number));
    QVERIFY(allowed(story, "f") == values);
}

void TestHistory::overlappingReaderMayFindEither()
{
    Story story;
    story.upload("f"); // 0 to 10 ms
    story.upload("f"); // 20 to 30 ms
    const Value first = Story::version(0);
    const Value second = Story::version(1);
    QVERIFY(allowed(story, "f", 0ms, 0ms) == (std::vector{Value::absent(), first}));
    QVERIFY(allowed(story, "f", 10ms, 19ms) == std::vector{first});
    QVERIFY(allowed(story, "f", 15ms, 25ms) == (std::vector{first, second}));
    QVERIFY(allowed(story, "f", 25ms, 40ms) == (std::vector{first, second}));
    QVERIFY(allowed(story, "f", 30ms, 40ms) == std::vector{second});
}

void TestHistory::deleteOfAFolderCoversWhatIsBelow()
{
    Story story;
    story.upload("d/a");
    story.upload("d/e/b");
    story.upload("dd");
    story.remove("d");
    for (const QByteArray path : {"d", "d/a", "d/e", "d/e/b"})
        QVERIFY2(allowed(story, path) == std::vector{Value::absent()}, path.constData());
    QVERIFY(allowed(story, "dd") == std::vector{Story::version(2)});
    QVERIFY(allowed(story, "") == std::vector{Value::folder()});
}

void TestHistory::fileMakesTheFoldersAboveIt()
{
    Story story;
    story.upload("d/e/f", Ending::Unknown);
    QVERIFY(allowed(story, "d/e") == (std::vector{Value::absent(), Value::folder()}));
    story.upload("d/e/f");
    for (const QByteArray path : {"", "d", "d/e"})
        QVERIFY2(allowed(story, path) == std::vector{Value::folder()}, path.constData());
    story.remove("d/e/f");
    QVERIFY(allowed(story, "d/e") == std::vector{Value::folder()});
}

void TestHistory::fileReplacesAFolderWithAllBelow()
{
    Story story;
    story.upload("k/f");
    story.upload("k");
    QVERIFY(allowed(story, "k") == std::vector{Story::version(1)});
    QVERIFY(allowed(story, "k/f") == std::vector{Value::absent()});
}

void TestHistory::accountsDoNotMeet()
{
    Story story;
    story.upload("f");
    story.add(Operation::Kind::Delete, "f", Ending::Done, 1);
    QVERIFY(allowed(story, "f") == std::vector{Story::version(0)});
}

void TestHistory::readsAreJudgedByTheirTime()
{
    const auto find = [](const Value &seen) {
        Story story;
        story.upload("f");
        story.upload("f");
        story.remove("g");
        story.upload("g", Ending::Unknown);
        story.remove("h");
        story.read("f", seen);
        return judged(story);
    };
    QCOMPARE(find(Story::version(1)), QByteArrayList());
    QCOMPARE(find(Story::version(0)), QByteArrayList{"old version"});
    QCOMPARE(find(Value::absent()), QByteArrayList{"lost"});
    QCOMPARE(find(Value::folder()), QByteArrayList{"wrong bytes"});
    QCOMPARE(find(Value::file("half of it", 0644)), QByteArrayList{"wrong bytes"});

    Story deleted;
    deleted.upload("f");
    deleted.remove("f");
    deleted.read("f", Story::version(0));
    QCOMPARE(judged(deleted), QByteArrayList{"came back"});

    Story early;
    early.upload("f");
    early.read("f", Story::version(0));
    early.upload("f");
    QCOMPARE(judged(early), QByteArrayList());

    Story nobodys;
    nobodys.read("f", Value::absent());
    QCOMPARE(judged(nobodys), QByteArrayList());
    nobodys.read("f", Value::file("x", 0644));
    QCOMPARE(judged(nobodys), QByteArrayList{"stray"});
}

void TestHistory::listingsAreJudgedNameByName()
{
    const auto find = [](const QByteArrayList &shown) {
        Story story;
        story.upload("d/stays");
        story.upload("d/goes");
        story.remove("d/goes");
        story.upload("d/may", Ending::Unknown);
        story.upload("d/e/f");
        story.read("d", Value::folder()).names = shown;
        return judged(story);
    };
    QCOMPARE(find({"stays", "e"}), QByteArrayList());
    QCOMPARE(find({"e", "may", "stays"}), QByteArrayList());
    QCOMPARE(find({"e"}), QByteArrayList{"listing misses"});
    QCOMPARE(find({"stays"}), QByteArrayList{"listing misses"});
    QCOMPARE(find({"stays", "e", "goes"}), QByteArrayList{"listing shows"});
    QCOMPARE(find({"stays", "e", "other"}), QByteArrayList{"stray"});
}

void TestHistory::numbersAreHandedOutOnce()
{
    Story story;
    const auto number = [&](const QByteArray &name, qint64 value, int account = 0) {
        story.add(Operation::Kind::Number, name, Ending::Done, account).sequence = value;
    };
    number("a", 1);
    number("a", 2);
    number("b", 1);
    number("a", 1, 1);
    QCOMPARE(judged(story), QByteArrayList());
    number("a", 2);
    QCOMPARE(judged(story), QByteArrayList{"number twice"});
}

void TestHistory::aftermathIsJudgedOnEveryDisk_data()
{
    QTest::addColumn<QByteArray>("found");
    QTest::addColumn<QList<int>>("onDisks"); // operations; −1: nothing
    QTest::newRow("as acknowledged") << QByteArray() << QList<int>{1, 1, 1};
    QTest::newRow("gone everywhere") << QByteArray("lost") << QList<int>{-1, -1, -1};
    QTest::newRow("old everywhere") << QByteArray("old version") << QList<int>{0, 0, 0};
    QTest::newRow("old on one") << QByteArray("unequal") << QList<int>{1, 0, 1};
    QTest::newRow("gone from one") << QByteArray("unequal") << QList<int>{1, 1, -1};
}

void TestHistory::aftermathIsJudgedOnEveryDisk()
{
    QFETCH(QByteArray, found);
    QFETCH(QList<int>, onDisks);
    Story story;
    story.upload("f");
    story.upload("f");
    Aftermath aftermath;
    for (const int number : onDisks) {
        Disk disk{"charm" + QByteArray::number(aftermath.disks.size() + 1), {}};
        disk.values[{0, ""}] = Value::folder(0755);
        if (number >= 0)
            disk.values[{0, "f"}] = Story::version(number);
        aftermath.disks.push_back(disk);
    }
    const QByteArrayList expected = found.isEmpty() ? QByteArrayList() : QByteArrayList{found};
    QCOMPARE(names(Oracle(story.journal()).judgeAftermath(aftermath)), expected);
    aftermath.disks.front().values[{0, "planted"}] = Story::version(0);
    QCOMPARE(names(Oracle(story.journal()).judgeAftermath(aftermath)), expected + QByteArrayList{"unequal"});
}

void TestHistory::wrongModeIsFoundAtRest()
{
    Story story;
    story.upload("f");
    Value other = Story::version(0);
    other.mode = 0600;
    story.read("f", other);
    QCOMPARE(judged(story), QByteArrayList());
    Disk disk{"charm1", {{{0, ""}, Value::folder(0755)}, {{0, "f"}, other}}};
    QCOMPARE(names(Oracle(story.journal()).judgeAftermath({{disk, disk}, {}})), QByteArrayList{"wrong mode"});
}

void TestHistory::readingThatFailsAfterwardsIsABreach()
{
    Story story;
    story.upload("f");
    const Disk disk{"charm1", {{{0, ""}, Value::folder(0755)}, {{0, "f"}, Story::version(0)}}};
    Story readings;
    Entry &reading = readings.read("f", Story::version(0));
    reading.begin = reading.end = EndOfTime;
    const auto find = [&] {
        return names(Oracle(story.journal()).judgeAftermath({{disk, disk}, readings.journal()}));
    };
    QCOMPARE(find(), QByteArrayList());
    reading.ending = Ending::Refused;
    QCOMPARE(find(), QByteArrayList{"unreadable"});
    reading.ending = Ending::Done;
    reading.seen = Value::absent();
    QCOMPARE(find(), QByteArrayList{"lost"});
}

void TestHistory::belowAFileNothingCanBeRead()
{
    Story story;
    story.upload("k/f");
    story.remove("k");
    story.upload("k");
    Story readings;
    Entry &reading = readings.read("k/f", Value::absent());
    reading.begin = reading.end = EndOfTime;
    reading.ending = Ending::Refused;
    QVERIFY(Oracle(story.journal()).judgeAftermath({{}, readings.journal()}).empty());
    story.remove("k");
    QCOMPARE(names(Oracle(story.journal()).judgeAftermath({{}, readings.journal()})),
             QByteArrayList{"unreadable"});
}

void TestHistory::contentTellsWhatItIsMadeOf()
{
    const QByteArray one = contentOf(3, 17, 1000);
    const QByteArray other = contentOf(3, 18, 1000);
    QCOMPARE(one.size(), 1000);
    QVERIFY(one != other);
    QCOMPARE(contentOf(3, 17, 1000), one);
    QCOMPARE(contentOf(1, 2, 0), QByteArray());
    QCOMPARE(describeContent(one), QByteArray("client 3's operation 17, whole"));
    QCOMPARE(describeContent(one.left(640)), QByteArray("640 bytes of client 3's operation 17"));
    QCOMPARE(describeContent(one.left(320) + other.mid(320)),
             QByteArray("320 bytes of client 3's operation 17, then 680 bytes of client 3's operation 18"));
    QCOMPARE(describeContent(QByteArray(64, '\0')), QByteArray("64 bytes of something else"));
    QCOMPARE(describeContent({}), QByteArray("no bytes"));
}

QTEST_GUILESS_MAIN(TestHistory)
#include "tst_history.moc"
