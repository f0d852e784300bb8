// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/drilljob.h"
#include "core/backup/restorejob.h"
#include "core/backup/verifyjob.h"
#include "core/base/random.h"
#include "core/telemetry/activitylog.h"
#include "tests/models/mirror.h"
#include "tests/models/sample.h"
#include "ui/models/backupsmodel.h"
#include "ui/models/eventsmodel.h"
#include "ui/models/jobsmodel.h"
#include "ui/models/serversmodel.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace cring;
using namespace cring::models;
using namespace cring::test;
using control::Snapshot;

namespace {

constexpr int kRounds = 400;

Snapshot randomSnapshot(IRandom &random, int round)
{
    static const QStringList states{QStringLiteral("up"), QStringLiteral("down"),
                                    QStringLiteral("misconfigured"), QStringLiteral("unknown"),
                                    QStringLiteral("of tomorrow")};
    static const QStringList bucketStates{QStringLiteral("idle"), QStringLiteral("working"),
                                          QStringLiteral("waiting"), QStringLiteral("locked"),
                                          QStringLiteral("of tomorrow")};
    Snapshot snapshot;
    snapshot.takenMs = sampleMs + round * 1000LL;
    for (int i = 0; i < 6; ++i) {
        if (pick(random, 4) == 0)
            continue;
        control::BackendStatus backend = upServer(QStringLiteral("charm%1").arg(i));
        backend.state = states.at(pick(random, 8) < 5 ? 0 : pick(random, 5));
        backend.sinceMs = sampleMs - pick(random, 100'000);
        backend.latencyMs = pick(random, 3) == 0 ? std::nullopt : std::optional<qint64>(pick(random, 30));
        backend.owed = pick(random, 3);
        if (pick(random, 2) == 0)
            backend.files = pick(random, 1000);
        snapshot.backends.append(backend);
        if (i < 3) {
            control::BackupStatus backup = idleBackup(QStringLiteral("bucket%1").arg(i));
            backup.state = bucketStates.at(pick(random, 5));
            backup.owed = pick(random, 3);
            if (pick(random, 2) == 0)
                backup.oldestMs = sampleMs - pick(random, 100'000);
            snapshot.backups.append(backup);
        }
    }
    if (pick(random, 5) == 0)
        shuffle(snapshot.backends, random);
    if (pick(random, 5) == 0)
        shuffle(snapshot.backups, random);
    return snapshot;
}

JobRow randomJob(IRandom &random, int round)
{
    static const QStringList states{QStringLiteral("running"), QStringLiteral("paused"),
                                    QStringLiteral("done"), QStringLiteral("failed")};
    JobRow job;
    job.id = 1 + pick(random, 260);
    job.kind = QStringLiteral("repair");
    job.state = states.at(pick(random, 4));
    job.done = pick(random, 100);
    if (pick(random, 3) > 0)
        job.total = 100;
    job.createdMs = sampleMs;
    job.changedMs = sampleMs + round * 100LL;
    return job;
}

} // namespace

class TestTables : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }

    void serversFollowAnyStream();
    void backupsFollowAnyStream();
    void jobsFollowAnyStream();
    void eventsFollowAnyStream();
    void tellsOnlyTheCellThatChanged();
    void keepsASelectionThroughChanges();
    void keepsLatenciesOfAMinute();
    void learnsHowLongAJobTakes();
    void keepsTheNewestEvents();
    void survivesARepeatedId();
    void everyCellHasWordsForAScreenReader();
    void everyKindOfEventAndJobHasWords();
};

/// A name of the control API that shows through was forgotten here.
void TestTables::everyKindOfEventAndJobHasWords()
{
    using telemetry::Category;
    for (int i = 0; i <= static_cast<int>(Category::Backup); ++i) {
        const QString name = telemetry::categoryName(static_cast<Category>(i));
        QVERIFY2(models::categoryWords(name) != name, qPrintable(name));
    }
    for (const char *name : {"scrub", "import", "repair", "rebalance", backup::VerifyJob::kKind,
                             backup::DrillJob::kKind, backup::RestoreJob::kKind}) {
        const QString kind = QLatin1String(name);
        QVERIFY2(models::jobKindWords(kind) != kind, name);
    }
}

void TestTables::serversFollowAnyStream()
{
    ServersModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    Mirror mirror(model);
    SeededRandom random(7);
    for (int round = 0; round < kRounds; ++round) {
        const Snapshot snapshot = randomSnapshot(random, round);
        model.setSnapshot(snapshot);
        QVERIFY2(mirror.isTrue(), qPrintable(QStringLiteral("round %1").arg(round)));
        QCOMPARE(model.rowCount(), snapshot.backends.size());
        for (int row = 0; row < model.rowCount(); ++row)
            QCOMPARE(model.rowAt(row)->backend.id, snapshot.backends.at(row).id);
    }
    QCOMPARE(mirror.resets, 0);
}

void TestTables::backupsFollowAnyStream()
{
    BackupsModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    Mirror mirror(model);
    SeededRandom random(8);
    for (int round = 0; round < kRounds; ++round) {
        model.setSnapshot(randomSnapshot(random, round));
        QVERIFY2(mirror.isTrue(), qPrintable(QStringLiteral("round %1").arg(round)));
    }
    QCOMPARE(mirror.resets, 0);
}

void TestTables::jobsFollowAnyStream()
{
    JobsModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    Mirror mirror(model);
    SeededRandom random(9);
    for (int round = 0; round < kRounds; ++round) {
        if (pick(random, 40) == 0) {
            QList<JobRow> jobs;
            for (int i = 0; i < 230; ++i)
                jobs.append(randomJob(random, round));
            model.setJobs(jobs);
        } else {
            model.upsert(randomJob(random, round));
        }
        QVERIFY2(mirror.isTrue(), qPrintable(QStringLiteral("round %1").arg(round)));
        QVERIFY(model.rowCount() <= JobsModel::maxRows);
        for (int row = 1; row < model.rowCount(); ++row)
            QVERIFY(model.rowAt(row - 1)->id > model.rowAt(row)->id);
    }
    QCOMPARE(mirror.resets, 0);
}

void TestTables::eventsFollowAnyStream()
{
    EventsModel model(50);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    Mirror mirror(model);
    SeededRandom random(10);
    qint64 seq = 0;
    for (int round = 0; round < kRounds; ++round) {
        QList<EventRow> batch;
        for (int i = pick(random, 70); i > 0; --i)
            batch.append({++seq,
                          sampleMs + seq,
                          QStringLiteral("info"),
                          QStringLiteral("backend"),
                          {},
                          {},
                          QStringLiteral("e%1").arg(seq)});
        if (pick(random, 60) == 0) {
            model.clear();
            seq = 0;
        } else {
            model.append(batch);
            model.append(batch); // Once more: it has seen them.
        }
        QVERIFY2(mirror.isTrue(), qPrintable(QStringLiteral("round %1").arg(round)));
        QVERIFY(model.rowCount() <= 50);
    }
    QCOMPARE(mirror.resets, 0);
}

void TestTables::tellsOnlyTheCellThatChanged()
{
    ServersModel model;
    Snapshot snapshot = wellSnapshot();
    model.setSnapshot(snapshot);
    model.setSnapshot(snapshot);
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    snapshot.backends[1].owed = 4;
    model.setSnapshot(snapshot);
    QList<QPair<int, int>> cells;
    for (const QList<QVariant> &signal : changed)
        cells.append({signal.at(0).toModelIndex().row(), signal.at(0).toModelIndex().column()});
    // The latencies' history grows with each snapshot.
    QCOMPARE(cells, (QList<QPair<int, int>>{{0, ServersModel::Latency},
                                            {1, ServersModel::Latency},
                                            {1, ServersModel::Owed},
                                            {2, ServersModel::Latency}}));
    QCOMPARE(inserted.size(), 0);
}

void TestTables::keepsASelectionThroughChanges()
{
    ServersModel model;
    Snapshot snapshot = wellSnapshot();
    model.setSnapshot(snapshot);
    const QPersistentModelIndex charm3 = model.index(2, 0);
    snapshot.backends.swapItemsAt(0, 2);
    snapshot.backends.remove(1);
    snapshot.backends.prepend(upServer(QStringLiteral("nas")));
    model.setSnapshot(snapshot);
    QVERIFY(charm3.isValid());
    QCOMPARE(charm3.row(), 1);
    QCOMPARE(charm3.data().toString(), QStringLiteral("charm3"));
}

void TestTables::keepsLatenciesOfAMinute()
{
    ServersModel model;
    Snapshot snapshot = wellSnapshot();
    for (int i = 0; i < 100; ++i) {
        snapshot.backends[0].latencyMs = i;
        if (i == 99)
            takeDown(snapshot, 0, 1);
        model.setSnapshot(snapshot);
    }
    const auto latencies = model.index(0, 0).data(ServersModel::LatenciesRole).value<QList<qint64>>();
    QCOMPARE(latencies.size(), ServersModel::historyLength);
    QCOMPARE(latencies.last(), -1);
    QCOMPARE(latencies.at(latencies.size() - 2), 98);
}

void TestTables::learnsHowLongAJobTakes()
{
    JobsModel model;
    JobRow job;
    job.id = 3;
    job.state = QStringLiteral("running");
    job.total = 1000;
    for (int second = 0; second <= 10; ++second) {
        job.done = second * 20;
        job.changedMs = sampleMs + second * 1000;
        model.upsert(job);
    }
    QCOMPARE(model.timeLeftOf(3), std::chrono::milliseconds(40'000)); // 800 to do at 20 a second.
    job.state = QStringLiteral("paused");
    model.upsert(job);
    QVERIFY(!model.timeLeftOf(3));
    QVERIFY(!model.timeLeftOf(4));
    QCOMPARE(model.underWayCount(), 1);
}

void TestTables::keepsTheNewestEvents()
{
    EventsModel model(3);
    QList<EventRow> events;
    for (qint64 seq = 1; seq <= 5; ++seq)
        events.append({seq, sampleMs, QStringLiteral("warning"), {}, {}, {}, QString::number(seq)});
    model.append(events);
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(model.index(0, EventsModel::Text).data().toString(), QStringLiteral("5"));
    QCOMPARE(model.index(2, EventsModel::Text).data().toString(), QStringLiteral("3"));
    QCOMPARE(model.lastSeq(), 5);
    QCOMPARE(model.index(0, 0).data(EventsModel::SeverityRole).toInt(), 2);
}

void TestTables::survivesARepeatedId()
{
    Snapshot snapshot = wellSnapshot();
    snapshot.backends[1].id = QStringLiteral("charm1");
    ServersModel model;
    model.setSnapshot(snapshot);
    QCOMPARE(model.rowCount(), 2);
}

void TestTables::everyCellHasWordsForAScreenReader()
{
    SeededRandom random(11);
    ServersModel servers;
    BackupsModel backups;
    JobsModel jobs;
    EventsModel events;
    servers.setSnapshot(wellSnapshot());
    Snapshot snapshot = wellSnapshot();
    snapshot.backups.append(idleBackup(QStringLiteral("b")));
    backups.setSnapshot(snapshot);
    jobs.upsert(randomJob(random, 1));
    events.append({{1, sampleMs, QStringLiteral("info"), {}, {}, {}, QStringLiteral("x")}});
    for (QAbstractItemModel *model : QList<QAbstractItemModel *>{&servers, &backups, &jobs, &events}) {
        for (int column = 0; column < model->columnCount(); ++column) {
            const QString header = model->headerData(column, Qt::Horizontal).toString();
            QVERIFY(!header.isEmpty());
            QVERIFY(model->index(0, column).data(Qt::AccessibleTextRole).toString().startsWith(header));
        }
    }
}

QTEST_GUILESS_MAIN(TestTables)
#include "tst_tables.moc"
