// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/jobs.h"
#include "tests/support/spin.h"

#include <QPointer>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace cring;
using namespace cring::jobs;
using cring::test::spinUntil;

/// Jobs that run, are steered, end, and are there again after a restart of the service.
class TestJobs : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void runsToItsEnd();
    void tellsWhyItFailed();
    void onlyOneOfAKindIsUnderWay();
    void unknownKindsAndBadParametersAreRefused();
    void pausesResumesAndCancels();
    void pausingAllLeavesEachItsOwnState();
    void goesOnFromItsCursorAfterAKill();
    void goesOnFromItsCursorAfterAnEndInGoodOrder();
    void staysPausedAcrossARestart();
    void goesOnInNewHands();
    void ofAKindThatIsGoneFails();
    void forgetsTheOldestButNotTheLastOfAKind();
};

namespace {

constexpr int Limit = 5'000;

/// Counts as far as it is told to.
class Counting final : public Job
{
    Q_OBJECT

public:
    explicit Counting(const QJsonObject &parameters)
        : m_until(parameters.value(QStringLiteral("until")).toInteger(-1))
    {
        newest = this;
    }

    void start(const QByteArray &cursor) override
    {
        startedAt = cursor;
        m_progress.done = cursor.toLongLong();
        if (m_until >= 0)
            QMetaObject::invokeMethod(this, &Counting::finish, Qt::QueuedConnection);
    }
    void setPaused(bool now) override { paused = now; }
    void cancel() override { QMetaObject::invokeMethod(this, &Counting::finish, Qt::QueuedConnection); }
    JobProgress progress() const override { return m_progress; }

    void reach(qint64 number)
    {
        m_progress.done = number;
        Q_EMIT progressed(QByteArray::number(number));
    }
    void finish() { Q_EMIT finished(QJsonObject{{QStringLiteral("checked"), m_progress.done}}); }
    void fail() { Q_EMIT finished(Error{Code::NoQuorum, QStringLiteral("nobody is there")}); }

    static inline QPointer<Counting> newest;
    QByteArray startedAt;
    bool paused = false;

private:
    qint64 m_until;
    JobProgress m_progress;
};

/// A service's jobs, in a directory that outlives it.
struct Run
{
    explicit Run(const QString &directory)
        : database(std::move(state::Database::open(directory, clock, random)).value())
        , jobs(*database, clock)
    {
        for (const QString &kind : {QStringLiteral("count"), QStringLiteral("recount")})
            jobs.add(kind, [](const QJsonObject &parameters) -> Result<std::unique_ptr<Job>> {
                if (parameters.contains(QStringLiteral("wrong")))
                    return Error{Code::ControlBadParams, QStringLiteral("that is no number")};
                return std::unique_ptr<Job>(std::make_unique<Counting>(parameters));
            });
        if (!jobs.load())
            qFatal("the jobs cannot be loaded");
        jobs.renew();
    }

    /// Everything that was written is in the database.
    bool written() const
    {
        return spinUntil([this] { return database->pending() == 0; }, Limit);
    }

    SystemClock clock;
    SystemRandom random;
    std::unique_ptr<state::Database> database;
    Jobs jobs;
};

struct Folder
{
    QTemporaryDir folder;
    QString path() const { return folder.filePath(QStringLiteral("state")); }
};

} // namespace

void TestJobs::runsToItsEnd()
{
    const Folder folder;
    Run run(folder.path());
    QSignalSpy ended(&run.jobs, &Jobs::ended);
    const auto id = run.jobs.start(QStringLiteral("count"), {{QStringLiteral("until"), 3}});
    QVERIFY(id.ok());
    QCOMPARE(run.jobs.find(*id)->state, Jobs::State::Running);
    QVERIFY(spinUntil([&] { return !ended.isEmpty(); }, Limit));
    QCOMPARE(ended.first().first().toLongLong(), *id);
    QCOMPARE(run.jobs.find(*id)->state, Jobs::State::Done);
    QCOMPARE(run.jobs.find(*id)->summary.value(QStringLiteral("checked")).toInteger(-1), 0);
    QCOMPARE(run.jobs.lastDone(QStringLiteral("count"))->id, *id);
    QVERIFY(spinUntil([] { return Counting::newest.isNull(); }, Limit));
}

void TestJobs::tellsWhyItFailed()
{
    const Folder folder;
    Run run(folder.path());
    const auto id = run.jobs.start(QStringLiteral("count"));
    QVERIFY(id.ok());
    Counting::newest->fail();
    QCOMPARE(run.jobs.find(*id)->state, Jobs::State::Failed);
    QCOMPARE(run.jobs.find(*id)->problem, QStringLiteral("nobody is there"));
    QVERIFY(!run.jobs.lastDone(QStringLiteral("count")));
}

void TestJobs::onlyOneOfAKindIsUnderWay()
{
    const Folder folder;
    Run run(folder.path());
    QVERIFY(run.jobs.start(QStringLiteral("count")).ok());
    const auto second = run.jobs.start(QStringLiteral("count"));
    QVERIFY(!second.ok());
    QCOMPARE(second.error().code, Code::JobUnderWay);
    QVERIFY(run.jobs.start(QStringLiteral("recount")).ok());
    QCOMPARE(run.jobs.list().size(), 2);
}

void TestJobs::unknownKindsAndBadParametersAreRefused()
{
    const Folder folder;
    Run run(folder.path());
    QCOMPARE(run.jobs.start(QStringLiteral("dance")).error().code, Code::NotFound);
    const auto wrong = run.jobs.start(QStringLiteral("count"), {{QStringLiteral("wrong"), true}});
    QCOMPARE(wrong.error().code, Code::ControlBadParams);
    QVERIFY(run.jobs.list().isEmpty());
    QCOMPARE(run.jobs.pause(7).error().code, Code::NotFound);
}

void TestJobs::pausesResumesAndCancels()
{
    const Folder folder;
    Run run(folder.path());
    const qint64 id = *run.jobs.start(QStringLiteral("count"));
    QVERIFY(run.jobs.pause(id).ok());
    QVERIFY(Counting::newest->paused);
    QCOMPARE(run.jobs.find(id)->state, Jobs::State::Paused);
    QVERIFY(run.jobs.resume(id).ok());
    QVERIFY(!Counting::newest->paused);
    QVERIFY(run.jobs.cancel(id).ok());
    QVERIFY(spinUntil([&] { return run.jobs.find(id)->ended(); }, Limit));
    QCOMPARE(run.jobs.find(id)->state, Jobs::State::Cancelled);
    QCOMPARE(run.jobs.resume(id).error().code, Code::JobEnded);
}

void TestJobs::pausingAllLeavesEachItsOwnState()
{
    const Folder folder;
    Run run(folder.path());
    const qint64 id = *run.jobs.start(QStringLiteral("count"));
    run.jobs.setAllPaused(true);
    QVERIFY(Counting::newest->paused);
    QCOMPARE(run.jobs.find(id)->state, Jobs::State::Running);
    QVERIFY(run.jobs.pause(id).ok());
    run.jobs.setAllPaused(false);
    QVERIFY(Counting::newest->paused);
    QVERIFY(run.jobs.resume(id).ok());
    QVERIFY(!Counting::newest->paused);
}

void TestJobs::goesOnFromItsCursorAfterAKill()
{
    const Folder folder;
    qint64 id = 0;
    {
        Run run(folder.path());
        id = *run.jobs.start(QStringLiteral("count"), {{QStringLiteral("name"), QStringLiteral("x")}});
        QSignalSpy changed(&run.jobs, &Jobs::changed);
        // The cursor is written a second after the one before at the earliest.
        QVERIFY(spinUntil(
            [&] {
                Counting::newest->reach(42);
                return changed.size() >= 6;
            },
            Limit));
        QVERIFY(run.written());
        // Nobody says goodbye: what the database has is all there is.
        run.jobs.disconnect();
    }
    Run run(folder.path());
    QCOMPARE(run.jobs.find(id)->state, Jobs::State::Running);
    QCOMPARE(run.jobs.find(id)->parameters.value(QStringLiteral("name")).toString(), QStringLiteral("x"));
    QCOMPARE(Counting::newest->startedAt, QByteArray("42"));
    QCOMPARE(run.jobs.find(id)->progress.done, 42);
}

void TestJobs::goesOnFromItsCursorAfterAnEndInGoodOrder()
{
    const Folder folder;
    {
        Run run(folder.path());
        QVERIFY(run.jobs.start(QStringLiteral("count")).ok());
        Counting::newest->reach(7);
        run.jobs.stop();
        QVERIFY(!run.jobs.start(QStringLiteral("recount")).ok());
    }
    Run run(folder.path());
    QCOMPARE(Counting::newest->startedAt, QByteArray("7"));
    QCOMPARE(run.jobs.list().size(), 1);
}

void TestJobs::staysPausedAcrossARestart()
{
    const Folder folder;
    qint64 id = 0;
    {
        Run run(folder.path());
        id = *run.jobs.start(QStringLiteral("count"));
        QVERIFY(run.jobs.pause(id).ok());
        run.jobs.stop();
    }
    Run run(folder.path());
    QCOMPARE(run.jobs.find(id)->state, Jobs::State::Paused);
    QVERIFY(Counting::newest->paused);
}

/// A new configuration: the job goes on, in another object.
void TestJobs::goesOnInNewHands()
{
    const Folder folder;
    Run run(folder.path());
    QVERIFY(run.jobs.start(QStringLiteral("count")).ok());
    const QPointer<Counting> before = Counting::newest;
    before->reach(5);
    run.jobs.renew();
    QVERIFY(Counting::newest != before);
    QCOMPARE(Counting::newest->startedAt, QByteArray("5"));
    QVERIFY(spinUntil([&] { return before.isNull(); }, Limit));
    QCOMPARE(run.jobs.list().size(), 1);
}

void TestJobs::ofAKindThatIsGoneFails()
{
    const Folder folder;
    {
        Run run(folder.path());
        run.jobs.add(QStringLiteral("dance"), [](const QJsonObject &parameters) {
            return Result<std::unique_ptr<Job>>(std::make_unique<Counting>(parameters));
        });
        QVERIFY(run.jobs.start(QStringLiteral("dance")).ok());
        run.jobs.stop();
    }
    Run run(folder.path());
    QCOMPARE(run.jobs.list().first().state, Jobs::State::Failed);
    QVERIFY(!run.jobs.list().first().problem.isEmpty());
}

void TestJobs::forgetsTheOldestButNotTheLastOfAKind()
{
    constexpr int many = 230;
    constexpr int kept = 200;
    const Folder folder;
    {
        Run run(folder.path());
        const qint64 last = *run.jobs.start(QStringLiteral("recount"));
        Counting::newest->finish();
        for (int i = 0; i < many; ++i) {
            QVERIFY(run.jobs.start(QStringLiteral("count")).ok());
            Counting::newest->finish();
        }
        QCOMPARE(run.jobs.list().size(), kept + 1);
        QVERIFY(run.jobs.find(last));
        QVERIFY(run.written());
    }
    Run run(folder.path());
    QCOMPARE(run.jobs.list().size(), kept + 1);
    QVERIFY(run.jobs.lastDone(QStringLiteral("recount")));
}

QTEST_GUILESS_MAIN(TestJobs)
#include "tst_jobs.moc"
