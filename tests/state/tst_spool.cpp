// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/conflicts.h"
#include "core/state/spooldraft.h"
#include "tests/support/smalldisk.h"
#include "tests/support/spin.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

using namespace cring;
using namespace cring::state;
using namespace cring::test;

class TestSpool : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keptBodySurvivesARestart();
    void filesTellNothingInTheirNamesAndAreTheOwnersAlone();
    void bodyIsFoundByPathAndDigest();
    void draftThatIsNotKeptLeavesNothing();
    void draftThatDiesWhileItIsWrittenLeavesNothing();
    void withdrawnBodyIsOffTheDisk();
    void whatWasLeftHalfIsRemoved();
    void fullBudgetAsksForRoomFirst();
    void fullDiskIsSaidAndLeavesItsReserve();
    void readerGoesOnWhenTheBodyIsRemoved();
    void pausedReaderReadsNoFurther();
    void withoutItsDatabaseEveryBodyIsKeptAside();
    void bodiesThatCannotBeKeptAsideStay();
};

namespace {

constexpr int Limit = 5'000;
const QByteArray Key = "account/file";
const QByteArray Digest = "digest-of-sixteen";

struct Run
{
    explicit Run(const QString &directory)
        : spool(clock, directory)
    {
        spool.load();
    }

    Status commit(SpoolDraft &draft, const QByteArray &digest, const QByteArray &key = Key)
    {
        std::optional<Status> status;
        draft.commit(key, digest, 0640, [&](const Status &result) { status = result; });
        (void)spinUntil([&] { return status.has_value(); }, Limit);
        return status.value_or(Error{Code::StateFile, QStringLiteral("no answer")});
    }
    Status keep(const QByteArray &bytes, const QByteArray &digest = Digest, const QByteArray &key = Key)
    {
        const auto draft = spool.begin();
        for (qsizetype at = 0; at < bytes.size(); at += 100'000)
            draft->add(bytes.mid(at, 100'000));
        const Status status = commit(*draft, digest, key);
        if (status)
            draft->keep();
        return status;
    }
    QByteArray bytes(quint64 id)
    {
        QByteArray all;
        bool ended = false;
        const auto reader = spool.read(id);
        QObject::connect(reader.get(), &BodyReader::arrived, reader.get(),
                         [&](const QByteArray &piece) { all += piece; });
        QObject::connect(reader.get(), &BodyReader::finished, reader.get(), [&] { ended = true; });
        QObject::connect(reader.get(), &BodyReader::failed, reader.get(), [&] {
            all = "error";
            ended = true;
        });
        reader->start();
        (void)spinUntil([&] { return ended; }, Limit);
        return ended ? all : "nothing";
    }

    ManualClock clock;
    Spool spool;
};

QStringList filesIn(const QString &directory)
{
    return QDir(directory + QStringLiteral("/spool")).entryList(QDir::Files, QDir::Name);
}

bool becomeFiles(const QTemporaryDir &directory, const QStringList &names)
{
    return spinUntil([&] { return filesIn(directory.path()) == names; }, Limit);
}

QByteArray content(qsizetype size)
{
    QByteArray bytes(size, '\0');
    for (qsizetype i = 0; i < size; ++i)
        bytes[i] = static_cast<char>(i * 31 + i / 251);
    return bytes;
}

} // namespace

void TestSpool::keptBodySurvivesARestart()
{
    const QTemporaryDir directory;
    const QByteArray bytes = content(700'000);
    {
        Run run(directory.path());
        run.clock.setWall(std::chrono::milliseconds(1'234'567));
        QVERIFY(run.keep(bytes).ok());
        QCOMPARE(run.spool.bytes(), bytes.size());
    }
    Run run(directory.path());
    const auto body = run.spool.find(Key, Digest);
    QVERIFY(body);
    QCOMPARE(body->size, bytes.size());
    QCOMPARE(body->mode, 0640u);
    QCOMPARE(body->since, 1'234'567);
    QVERIFY(!body->pending);
    QCOMPARE(run.bytes(body->id), bytes);
    QCOMPARE(run.spool.bytes(), bytes.size());
    // A further one gets a number of its own, and an empty file is a file.
    QVERIFY(run.keep({}, "another-digest--").ok());
    QCOMPARE(run.bytes(body->id), bytes);
    QCOMPARE(run.bytes(run.spool.find(Key, "another-digest--")->id), QByteArray());
}

void TestSpool::filesTellNothingInTheirNamesAndAreTheOwnersAlone()
{
    const QTemporaryDir directory;
    Run run(directory.path());
    QVERIFY(run.keep("bytes").ok());
    const auto others =
        QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther | QFile::ExeOther;
    const QStringList names = filesIn(directory.path());
    QCOMPARE(names, (QStringList{QStringLiteral("1"), QStringLiteral("1.json")}));
    for (const QString &name : names)
        QVERIFY(!(QFile::permissions(directory.filePath(QStringLiteral("spool/")) + name) & others));
    QVERIFY(!(QFile::permissions(directory.filePath(QStringLiteral("spool"))) & others));
}

void TestSpool::bodyIsFoundByPathAndDigest()
{
    const QTemporaryDir directory;
    Run run(directory.path());
    QVERIFY(run.keep("old", "old-digest").ok());
    QVERIFY(run.keep("new", "new-digest").ok());
    QVERIFY(run.keep("other", "new-digest", "account/other").ok());
    QCOMPARE(run.bytes(run.spool.find(Key, "old-digest")->id), "old");
    QCOMPARE(run.bytes(run.spool.find(Key, "new-digest")->id), "new");
    QCOMPARE(run.bytes(run.spool.find("account/other", "new-digest")->id), "other");
    QVERIFY(!run.spool.holds("account/other", "old-digest"));
    QVERIFY(!run.spool.holds(Key, {}));
    run.spool.remove(run.spool.find(Key, "old-digest")->id);
    QVERIFY(!run.spool.holds(Key, "old-digest"));
    QVERIFY(run.spool.holds(Key, "new-digest"));
    QCOMPARE(run.spool.bytes(), 8);
    QVERIFY(becomeFiles(directory, {QStringLiteral("2"), QStringLiteral("2.json"), QStringLiteral("3"),
                                    QStringLiteral("3.json")}));
}

void TestSpool::draftThatIsNotKeptLeavesNothing()
{
    const QTemporaryDir directory;
    Run run(directory.path());
    auto draft = run.spool.begin();
    draft->add("half");
    QVERIFY(becomeFiles(directory, {QStringLiteral("1.part")}));
    QCOMPARE(run.spool.bytes(), 4);
    QVERIFY(run.commit(*draft, Digest).ok());
    QVERIFY(run.spool.find(Key, Digest)->pending);
    QCOMPARE(run.spool.bytes(), 4);
    draft.reset();
    QVERIFY(!run.spool.holds(Key, Digest));
    QVERIFY(becomeFiles(directory, {}));
    QCOMPARE(run.spool.bytes(), 0);
}

void TestSpool::draftThatDiesWhileItIsWrittenLeavesNothing()
{
    const QTemporaryDir directory;
    Run run(directory.path());
    auto draft = run.spool.begin();
    draft->add("bytes");
    draft->commit(Key, Digest, 0640, [](const Status &) { QFAIL("it has died"); });
    draft.reset();
    // In the order of the disk's work: this one's end comes after the other's.
    for (int i = 0; i < 4; ++i)
        QVERIFY(run.keep("more", "digest-" + QByteArray::number(i)).ok());
    QVERIFY(!run.spool.holds(Key, Digest));
    QVERIFY(spinUntil([&] { return filesIn(directory.path()).size() == 8; }, Limit));
    QVERIFY(!filesIn(directory.path()).contains(QStringLiteral("1")));
    QCOMPARE(run.spool.bytes(), 16);
}

void TestSpool::withdrawnBodyIsOffTheDisk()
{
    const QTemporaryDir directory;
    Run run(directory.path());
    const auto draft = run.spool.begin();
    draft->add("bytes");
    QVERIFY(run.commit(*draft, Digest).ok());
    bool done = false;
    draft->withdraw(this, [&] {
        done = true;
        QCOMPARE(filesIn(directory.path()), QStringList());
    });
    QVERIFY(!run.spool.holds(Key, Digest));
    QVERIFY(spinUntil([&] { return done; }, Limit));
}

void TestSpool::whatWasLeftHalfIsRemoved()
{
    const QTemporaryDir directory;
    {
        Run run(directory.path());
        QVERIFY(run.keep("bytes").ok());
    }
    const auto plant = [&](const char *name, const QByteArray &bytes) {
        QFile file(directory.filePath(QStringLiteral("spool/") + QLatin1String(name)));
        return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
    };
    QVERIFY(plant("7.part", "half"));
    QVERIFY(plant("8.json", "{}"));
    QVERIFY(plant("9", "no note"));
    QVERIFY(plant("10", "not of this size"));
    QVERIFY(plant("10.json", R"({"key":"account/file","size":3,"mode":420,"digest":"00"})"));
    const Run run(directory.path());
    QCOMPARE(filesIn(directory.path()), (QStringList{QStringLiteral("1"), QStringLiteral("1.json")}));
    QCOMPARE(run.spool.all().size(), size_t(1));
}

void TestSpool::fullBudgetAsksForRoomFirst()
{
    const QTemporaryDir directory;
    Run run(directory.path());
    run.spool.setBudget(10'000);
    QVERIFY(run.keep(content(6'000), "first").ok());
    const Status full = run.keep(content(6'000), "second");
    QVERIFY(!full.ok());
    QCOMPARE(full.error().code, Code::SpoolFull);
    QCOMPARE(run.spool.all().size(), size_t(1));
    QCOMPARE(run.spool.bytes(), 6'000);
    run.spool.setMakeRoom([&] {
        if (const auto first = run.spool.find(Key, "first"))
            run.spool.remove(first->id);
    });
    QVERIFY(run.keep(content(6'000), "third").ok());
    QCOMPARE(run.spool.all().size(), size_t(1));
    QVERIFY(run.spool.holds(Key, "third"));
    run.spool.setBudget(0);
    QVERIFY(run.spool.holds(Key, "third"));
}

void TestSpool::fullDiskIsSaidAndLeavesItsReserve()
{
    SmallDisk disk(24'000'000);
    QVERIFY2(disk.made().ok(), disk.made().ok() ? "" : qPrintable(disk.made().error().detail));
    Run run(disk.path());
    QVERIFY(run.keep(content(2'000'000), "first").ok());
    const Status full = run.keep(content(12'000'000), "second");
    QVERIFY(!full.ok());
    QCOMPARE(full.error().code, Code::StateFile);
    QVERIFY(full.error().detail.contains(QStringLiteral("full")));
    QCOMPARE(run.spool.bytes(), 2'000'000);
    QVERIFY(spinUntil([&] { return filesIn(disk.path()).size() == 2; }, Limit));
    // Without a byte left, nothing is said to be on the disk that is not.
    disk.fill();
    QVERIFY(!run.keep("third", "third").ok());
    QCOMPARE(run.bytes(run.spool.find(Key, "first")->id), content(2'000'000));
    disk.release();
    QVERIFY(run.keep("fourth", "fourth").ok());
}

void TestSpool::readerGoesOnWhenTheBodyIsRemoved()
{
    const QTemporaryDir directory;
    Run run(directory.path());
    const QByteArray bytes = content(2'000'000);
    QVERIFY(run.keep(bytes).ok());
    const quint64 id = run.spool.find(Key, Digest)->id;
    QByteArray read;
    bool finished = false;
    const auto reader = run.spool.read(id);
    connect(reader.get(), &BodyReader::arrived, this, [&](const QByteArray &piece) {
        if (read.isEmpty())
            run.spool.remove(id);
        read += piece;
    });
    connect(reader.get(), &BodyReader::finished, this, [&] { finished = true; });
    reader->start();
    QVERIFY(spinUntil([&] { return finished; }, Limit));
    QVERIFY(read == bytes);
    QCOMPARE(filesIn(directory.path()), QStringList());
    QCOMPARE(run.bytes(id), "error");
}

void TestSpool::pausedReaderReadsNoFurther()
{
    const QTemporaryDir directory;
    Run run(directory.path());
    QVERIFY(run.keep(content(2'000'000)).ok());
    qsizetype read = 0;
    bool finished = false;
    const auto reader = run.spool.read(run.spool.find(Key, Digest)->id);
    connect(reader.get(), &BodyReader::arrived, this, [&](const QByteArray &piece) {
        read += piece.size();
        reader->setPaused(true);
    });
    connect(reader.get(), &BodyReader::finished, this, [&] { finished = true; });
    reader->start();
    QVERIFY(spinUntil([&] { return read > 0; }, Limit));
    const qsizetype first = read;
    // Another body's way to the disk and back: time enough for a piece.
    for (int i = 0; i < 8; ++i)
        QVERIFY(run.keep("other", QByteArray::number(i)).ok());
    QCOMPARE(read, first);
    QVERIFY(!finished);
    while (!finished) {
        const qsizetype before = read;
        reader->setPaused(false);
        QVERIFY(spinUntil([&] { return read > before || finished; }, Limit));
    }
    QCOMPARE(read, 2'000'000);
}

void TestSpool::withoutItsDatabaseEveryBodyIsKeptAside()
{
    const QTemporaryDir directory;
    {
        Run run(directory.path());
        QVERIFY(run.keep("first", "1").ok());
        QVERIFY(run.keep("second", "2").ok());
    }
    QVERIFY(Spool::giveToConflicts(directory.path()).ok());
    QCOMPARE(filesIn(directory.path()), QStringList());
    ManualClock clock;
    SystemRandom random;
    for (int round = 0; round < 2; ++round) {
        const auto database = std::move(Database::open(directory.path(), clock, random)).value();
        Members members(*database, clock);
        Conflicts conflicts(*database, members, clock, directory.path());
        QVERIFY(members.load().ok());
        QVERIFY(conflicts.load().ok());
        QCOMPARE(conflicts.all().size(), size_t(2));
        for (const auto &[id, version] : conflicts.all()) {
            QCOMPARE(version.key, Key);
            QCOMPARE(version.mode, 0640u);
            QVERIFY(version.digest.isEmpty());
            QVERIFY(version.server.isEmpty());
        }
        QCoreApplication::processEvents();
        QVERIFY(members.all().empty());
    }
}

void TestSpool::bodiesThatCannotBeKeptAsideStay()
{
    const QTemporaryDir directory;
    {
        Run run(directory.path());
        QVERIFY(run.keep("first", "1").ok());
    }
    QFile inTheWay(directory.filePath(QStringLiteral("conflicts")));
    QVERIFY(inTheWay.open(QIODevice::WriteOnly));
    const QStringList before = filesIn(directory.path());
    QVERIFY(!Spool::giveToConflicts(directory.path()).ok());
    QCOMPARE(filesIn(directory.path()), before);
    QVERIFY(inTheWay.remove());
    QVERIFY(Spool::giveToConflicts(directory.path()).ok());
    QCOMPARE(filesIn(directory.path()), QStringList());
}

QTEST_GUILESS_MAIN(TestSpool)
#include "tst_spool.moc"
