// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/conflictdraft.h"
#include "tests/support/spin.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

using namespace cring;
using namespace cring::state;
using namespace cring::test;

class TestConflicts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keptVersionSurvivesARestart();
    void filesAreTheOwnersAlone();
    void sameVersionIsKeptOnce();
    void fullBudgetKeepsNothingMore();
    void abandonedDraftLeavesNothing();
    void draftThatDiesWhileItIsCommittedTellsNobody();
    void versionIsFoundAgainWithoutTheDatabase();
    void whatWasLeftHalfIsRemoved();
    void discardedVersionStaysAway();
    void discardThatWasCutShortIsNoLoss();
    void diskThatCannotBeWrittenIsSaid();
    void fastWriterIsToldToWait();
};

namespace {

constexpr int Limit = 5'000;
const QByteArray Key = "account/file";
const QString Server = QStringLiteral("charm2");

/// What the service has of it, over one run.
struct Run
{
    explicit Run(const QString &directory)
        : database(std::move(Database::open(directory, clock, random)).value())
        , conflicts(*database, members, clock, directory)
    {
        loaded = members.load().ok() && conflicts.load().ok();
    }

    Status keep(const QByteArray &bytes, const QByteArray &digest, const QByteArray &key = Key)
    {
        const auto draft = conflicts.begin();
        for (qsizetype at = 0; at < bytes.size(); at += 1000)
            draft->add(bytes.mid(at, 1000));
        std::optional<Status> status;
        Conflicts::Version version;
        version.key = key;
        version.digest = digest;
        version.mode = 0640;
        version.server = Server;
        draft->commit(version, [&](const Status &result) { status = result; });
        (void)spinUntil([&] { return status.has_value(); }, Limit);
        return status.value_or(Error{Code::StateFile, QStringLiteral("no answer")});
    }
    QByteArray bytes(quint64 id)
    {
        std::optional<QByteArray> read;
        QObject context;
        conflicts.read(id, 0, 1'000'000, &context, [&](const Result<QByteArray> &result) {
            read = result ? *result : QByteArray("error");
        });
        (void)spinUntil([&] { return read.has_value(); }, Limit);
        return read.value_or("nothing");
    }
    bool discard(quint64 id)
    {
        bool done = false;
        QObject context;
        conflicts.discard(id, &context, [&] { done = true; });
        return spinUntil([&] { return done; }, Limit);
    }

    ManualClock clock;
    SystemRandom random;
    std::unique_ptr<Database> database;
    Members members{*database, clock};
    Conflicts conflicts;
    bool loaded = false;
};

QStringList filesIn(const QTemporaryDir &directory)
{
    return QDir(directory.filePath(QStringLiteral("conflicts"))).entryList(QDir::Files, QDir::Name);
}

/// Files are removed behind the callbacks.
bool becomeFiles(const QTemporaryDir &directory, const QStringList &names)
{
    return spinUntil([&] { return filesIn(directory) == names; }, Limit);
}

QByteArray content(qsizetype size)
{
    QByteArray bytes(size, '\0');
    for (qsizetype i = 0; i < size; ++i)
        bytes[i] = static_cast<char>(i * 31 + i / 251);
    return bytes;
}

} // namespace

void TestConflicts::keptVersionSurvivesARestart()
{
    const QTemporaryDir directory;
    const QByteArray bytes = content(5'500);
    {
        Run run(directory.path());
        run.clock.setWall(std::chrono::milliseconds(1'234'567));
        QVERIFY(run.keep(bytes, "digest-of-sixteen").ok());
        QCOMPARE(run.conflicts.bytes(), bytes.size());
    }
    Run run(directory.path());
    QVERIFY(run.loaded);
    QCOMPARE(run.conflicts.all().size(), size_t(1));
    const Conflicts::Version version = run.conflicts.all().begin()->second;
    QCOMPARE(version.key, Key);
    QCOMPARE(version.size, bytes.size());
    QCOMPARE(version.digest, "digest-of-sixteen");
    QCOMPARE(version.mode, 0640u);
    QCOMPARE(version.server, Server);
    QCOMPARE(version.since, 1'234'567);
    QCOMPARE(run.bytes(version.id), bytes);
    QCOMPARE(run.conflicts.bytes(), bytes.size());
    // A further one gets a number of its own.
    QVERIFY(run.keep("other", "other").ok());
    QCOMPARE(run.bytes(version.id), bytes);
}

void TestConflicts::filesAreTheOwnersAlone()
{
    const QTemporaryDir directory;
    Run run(directory.path());
    QVERIFY(run.keep("bytes", "digest").ok());
    const auto others =
        QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther | QFile::ExeOther;
    const QStringList names = filesIn(directory);
    QCOMPARE(names.size(), 2);
    for (const QString &name : names)
        QVERIFY(!(QFile::permissions(directory.filePath(QStringLiteral("conflicts/")) + name) & others));
    QVERIFY(!(QFile::permissions(directory.filePath(QStringLiteral("conflicts"))) & others));
}

void TestConflicts::sameVersionIsKeptOnce()
{
    const QTemporaryDir directory;
    Run run(directory.path());
    QVERIFY(run.keep("bytes", "digest").ok());
    QVERIFY(run.keep("bytes", "digest").ok());
    QCOMPARE(run.conflicts.all().size(), size_t(1));
    QCOMPARE(run.conflicts.bytes(), 5);
    QVERIFY(run.conflicts.keeps(Key, "digest"));
    QVERIFY(!run.conflicts.keeps("account/other", "digest"));
    QVERIFY(run.keep("bytes", "digest", "account/other").ok());
    QVERIFY(run.keep("other", "digest2").ok());
    QCOMPARE(run.conflicts.all().size(), size_t(3));
}

void TestConflicts::fullBudgetKeepsNothingMore()
{
    const QTemporaryDir directory;
    Run run(directory.path());
    run.conflicts.setBudget(10'000);
    QVERIFY(run.keep(content(6'000), "first").ok());
    const Status full = run.keep(content(6'000), "second");
    QVERIFY(!full.ok());
    QCOMPARE(full.error().code, Code::ConflictsFull);
    QCOMPARE(run.conflicts.all().size(), size_t(1));
    QCOMPARE(run.conflicts.bytes(), 6'000);
    QVERIFY(becomeFiles(directory, {QStringLiteral("1"), QStringLiteral("1.json")}));
    QVERIFY(run.keep(content(4'000), "third").ok());
    run.conflicts.setBudget(0);
    QCOMPARE(run.conflicts.all().size(), size_t(2));
}

void TestConflicts::abandonedDraftLeavesNothing()
{
    const QTemporaryDir directory;
    Run run(directory.path());
    auto draft = run.conflicts.begin();
    draft->add("half");
    QVERIFY(becomeFiles(directory, {QStringLiteral("1.part")}));
    QCOMPARE(run.conflicts.bytes(), 4);
    draft.reset();
    QVERIFY(becomeFiles(directory, {}));
    QCOMPARE(run.conflicts.bytes(), 0);
}

/// It is kept all the same: the file is on the disk by then.
void TestConflicts::draftThatDiesWhileItIsCommittedTellsNobody()
{
    const QTemporaryDir directory;
    Run run(directory.path());
    auto draft = run.conflicts.begin();
    draft->add("whole");
    bool told = false;
    Conflicts::Version version;
    version.key = "account/file";
    version.server = Server;
    draft->commit(version, [&](const Status &) { told = true; });
    draft.reset();
    QVERIFY(spinUntil([&] { return run.conflicts.all().size() == 1; }, Limit));
    bool written = false;
    QObject context;
    run.database->flush(Durability::Process, &context, [&] { written = true; }, {});
    QVERIFY(spinUntil([&] { return written; }, Limit));
    QVERIFY(!told);
}

void TestConflicts::versionIsFoundAgainWithoutTheDatabase()
{
    const QTemporaryDir directory;
    {
        Run run(directory.path());
        QVERIFY(run.keep("bytes", "digest").ok());
    }
    for (const QString &name : QDir(directory.path()).entryList({QStringLiteral("state.db*")}))
        QVERIFY(QFile::remove(directory.filePath(name)));
    for (int round = 0; round < 2; ++round) {
        Run run(directory.path());
        QCOMPARE(run.conflicts.all().size(), size_t(1));
        const Conflicts::Version version = run.conflicts.all().begin()->second;
        QCOMPARE(version.key, Key);
        QCOMPARE(version.server, Server);
        QCOMPARE(version.mode, 0640u);
        QVERIFY(version.digest.isEmpty()); // another installation's seed
        QCOMPARE(run.bytes(version.id), "bytes");
    }
}

void TestConflicts::whatWasLeftHalfIsRemoved()
{
    const QTemporaryDir directory;
    {
        Run run(directory.path());
        QVERIFY(run.keep("bytes", "digest").ok());
    }
    const auto plant = [&](const char *name, const QByteArray &bytes) {
        QFile file(directory.filePath(QStringLiteral("conflicts/") + QLatin1String(name)));
        return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
    };
    QVERIFY(plant("7.part", "half"));
    QVERIFY(plant("8.json", "{}"));
    QVERIFY(plant("9", "no note"));
    Run run(directory.path());
    QCOMPARE(filesIn(directory), (QStringList{QStringLiteral("1"), QStringLiteral("1.json")}));
    QCOMPARE(run.conflicts.all().size(), size_t(1));
}

void TestConflicts::discardedVersionStaysAway()
{
    const QTemporaryDir directory;
    {
        Run run(directory.path());
        QVERIFY(run.keep("bytes", "digest").ok());
        QVERIFY(run.discard(1));
        QVERIFY(run.discard(1));
        QCOMPARE(run.conflicts.all().size(), size_t(0));
        QCOMPARE(run.conflicts.bytes(), 0);
        QVERIFY(becomeFiles(directory, {}));
    }
    Run run(directory.path());
    QCOMPARE(run.conflicts.all().size(), size_t(0));
}

void TestConflicts::discardThatWasCutShortIsNoLoss()
{
    const QTemporaryDir directory;
    {
        Run run(directory.path());
        QVERIFY(run.keep("first", "1").ok());
        QVERIFY(run.keep("second", "2").ok());
    }
    // Only the note has gone: it is still there.
    QVERIFY(QFile::remove(directory.filePath(QStringLiteral("conflicts/1.json"))));
    {
        Run run(directory.path());
        QCOMPARE(run.conflicts.all().size(), size_t(2));
        QCOMPARE(run.bytes(1), "first");
        QVERIFY(run.discard(1));
        QVERIFY(becomeFiles(directory, {QStringLiteral("2"), QStringLiteral("2.json")}));
    }
    Run run(directory.path());
    QCOMPARE(run.conflicts.all().size(), size_t(1));
}

void TestConflicts::diskThatCannotBeWrittenIsSaid()
{
    const QTemporaryDir directory;
    Run run(directory.path());
    QFile inTheWay(directory.filePath(QStringLiteral("conflicts")));
    QVERIFY(inTheWay.open(QIODevice::WriteOnly));
    const Status status = run.keep("bytes", "digest");
    QVERIFY(!status.ok());
    QCOMPARE(status.error().code, Code::StateFile);
    QVERIFY(status.error().detail.contains(inTheWay.fileName()));
    QCOMPARE(run.conflicts.all().size(), size_t(0));
}

void TestConflicts::fastWriterIsToldToWait()
{
    const QTemporaryDir directory;
    Run run(directory.path());
    const auto draft = run.conflicts.begin();
    QList<bool> told;
    connect(draft.get(), &ConflictDraft::behindChanged, draft.get(), [&](bool behind) { told << behind; });
    const QByteArray piece = content(600'000);
    draft->add(piece);
    QVERIFY(!draft->behind());
    draft->add(piece);
    QVERIFY(draft->behind());
    QVERIFY(spinUntil([&] { return !draft->behind(); }, Limit));
    QCOMPARE(told, (QList<bool>{true, false}));
}

QTEST_GUILESS_MAIN(TestConflicts)
#include "tst_conflicts.moc"
