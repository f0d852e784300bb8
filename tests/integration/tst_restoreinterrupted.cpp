// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/objectname.h"
#include "tests/integration/backupring.h"
#include "tests/support/spin.h"

#include <QDateTime>
#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

using namespace cring;
using namespace cring::test;
using namespace std::chrono_literals;

/// What comes between a restore to the servers and its end: kill -9, a reload, somebody who has thought
/// better of it.
class TestRestoreInterrupted : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup() { m_backup.reset(); }
    void goesOnWhereItWasAfterAKill();
    void goesOnAfterAReload();
    void cancelledItEndsAtOnceAndKeepsWhatItBrought();
    void aReadOnlyFileOutlivesAKillAtAnyMoment();
    void aLineThatBreaksIsTriedAgain();
    void whatAClientWritesMeanwhileStays_data();
    void whatAClientWritesMeanwhileStays();

private:
    using Output = CringProcess::Output;

    FaultyRing &ring() { return m_backup->ring(); }
    QString account() { return ring().cluster().charmId(); }
    Output run(const QStringList &arguments);
    /// The last restore, as `cring jobs list` has it.
    QJsonObject job();
    bool jobIs(const QString &state);
    /// So many files that the restore is not done at once are deleted, and are asked for as of before.
    void beginRestore();
    qsizetype held() { return QDir(ring().diskPath(0, "many")).entryList(QDir::Files).size(); }
    static QByteArray content(int file) { return FaultyRing::content(3'000, QByteArray::number(file)); }

    std::unique_ptr<BackupRing> m_backup;
};

namespace {

constexpr int kLimit = 30'000;
constexpr int kFiles = 200;
/// What was replaced by a reload is gone by then.
constexpr int kRetired = 6'000;

} // namespace

void TestRestoreInterrupted::init()
{
    m_backup = std::make_unique<BackupRing>(3);
    CRING_OK(m_backup->startServers());
}

TestRestoreInterrupted::Output TestRestoreInterrupted::run(const QStringList &arguments)
{
    return ring().ring().runCommand(arguments, 60s);
}

QJsonObject TestRestoreInterrupted::job()
{
    const QByteArray out =
        run({QStringLiteral("jobs"), QStringLiteral("list"), QStringLiteral("--json")}).out;
    QJsonObject last;
    for (const QByteArray &line : out.trimmed().split('\n')) {
        const QJsonObject object = QJsonDocument::fromJson(line).object();
        for (const QJsonValue one : object.value(QStringLiteral("jobs")).toArray()) {
            if (one[QStringLiteral("kind")] == QStringLiteral("backup-restore") &&
                one[QStringLiteral("id")].toInteger() > last.value(QStringLiteral("id")).toInteger())
                last = one.toObject();
        }
    }
    return last;
}

bool TestRestoreInterrupted::jobIs(const QString &state)
{
    return spinUntil([&] { return job().value(QStringLiteral("state")) == state; }, kLimit);
}

void TestRestoreInterrupted::beginRestore()
{
    S3_OK(await<backup::Nothing>([&](backup::Done<backup::Nothing> done) {
        m_backup->client().setVersioning(true, &m_backup->client(), std::move(done));
    }));
    CRING_OK(m_backup->startRing());
    for (int file = 0; file < kFiles; ++file)
        QCOMPARE(ring().upload("many/" + QByteArray::number(file), content(file)).status, 200);
    QCOMPARE(m_backup->differenceAfter(kLimit), QByteArray());
    spinUntil([] { return false; }, 1'100); // S3 tells times by the second
    const QString moment = QDateTime::currentDateTimeUtc().toString(Qt::ISODate);
    spinUntil([] { return false; }, 1'100);
    QCOMPARE(ring().remove("many").status, 200);
    QCOMPARE(m_backup->differenceAfter(kLimit), QByteArray());
    const Output output =
        run({QStringLiteral("backup"), QStringLiteral("restore"), account() + QStringLiteral("/many"),
             QStringLiteral("--at"), moment, QStringLiteral("--to-backends"), QStringLiteral("--yes"),
             QStringLiteral("--no-wait")});
    QVERIFY2(output.exitCode == 0, (output.out + output.err).constData());
    QVERIFY(spinUntil([&] { return held() > 3; }, kLimit));
}

void TestRestoreInterrupted::goesOnWhereItWasAfterAKill()
{
    beginRestore();
    CRING_OK(ring().killAndRestartRing());
    QVERIFY2(jobIs(QStringLiteral("done")), QJsonDocument(job()).toJson().constData());
    // Each is counted once, whatever was met twice; their folder, too.
    const QJsonValue summary = job().value(QStringLiteral("summary"));
    QCOMPARE(summary[QStringLiteral("files")].toInteger(), kFiles);
    QCOMPARE(summary[QStringLiteral("brought")].toInteger() + summary[QStringLiteral("same")].toInteger(),
             kFiles + 1);
    for (int file = 0; file < kFiles; ++file)
        QCOMPARE(ring().get("many/" + QByteArray::number(file)).body, content(file));
    QCOMPARE(job().value(QStringLiteral("summary"))[QStringLiteral("failed")].toInt(-1), 0);
    QCOMPARE(m_backup->differenceAfter(kLimit), QByteArray());
}

/// With another configuration: everything that worked with the old one goes, as soon as nobody uses it.
void TestRestoreInterrupted::goesOnAfterAReload()
{
    beginRestore();
    const QString id = QString::number(job().value(QStringLiteral("id")).toInteger());
    QCOMPARE(run({QStringLiteral("jobs"), QStringLiteral("pause"), id}).exitCode, 0);
    QVERIFY(held() < kFiles);
    const Output set = run({QStringLiteral("config"), QStringLiteral("set"),
                            QStringLiteral("repair.scrub_interval"), QStringLiteral("23h")});
    QVERIFY2(set.exitCode == 0, set.err.constData());
    const Output reloaded = run({QStringLiteral("reload")});
    QVERIFY2(reloaded.exitCode == 0 && (reloaded.out + reloaded.err).contains("new settings"),
             (reloaded.out + reloaded.err).constData());
    const qsizetype before = held();
    spinUntil([] { return false; }, kRetired);
    QVERIFY2(held() <= before + 8, QByteArray::number(held()).constData());
    QCOMPARE(run({QStringLiteral("jobs"), QStringLiteral("resume"), id}).exitCode, 0);
    QVERIFY2(jobIs(QStringLiteral("done")), QJsonDocument(job()).toJson().constData());
    QCOMPARE(held(), kFiles);
    QCOMPARE(job().value(QStringLiteral("summary"))[QStringLiteral("failed")].toInt(-1), 0);
    QCOMPARE(m_backup->differenceAfter(kLimit), QByteArray());
}

void TestRestoreInterrupted::cancelledItEndsAtOnceAndKeepsWhatItBrought()
{
    beginRestore();
    QVERIFY(held() < kFiles);
    const QString id = QString::number(job().value(QStringLiteral("id")).toInteger());
    QCOMPARE(run({QStringLiteral("jobs"), QStringLiteral("cancel"), id}).exitCode, 0);
    QVERIFY2(jobIs(QStringLiteral("cancelled")), QJsonDocument(job()).toJson().constData());
    // Files on their way when it was said are not torn.
    QCOMPARE(ring().differenceAfter(kLimit), QByteArray());
    const qsizetype kept = held();
    QVERIFY2(kept > 3 && kept < kFiles, QByteArray::number(kept).constData());
    // And their folder.
    QCOMPARE(job().value(QStringLiteral("summary"))[QStringLiteral("brought")].toInteger(), kept + 1);
    QCOMPARE(m_backup->differenceAfter(kLimit), QByteArray());
}

/// What has to go before the other can come is never all that there is.
void TestRestoreInterrupted::aReadOnlyFileOutlivesAKillAtAnyMoment()
{
    CRING_OK(m_backup->startRing());
    QCOMPARE(ring().upload("sealed", "there now", 0444).status, 200);
    QCOMPARE(m_backup->differenceAfter(kLimit), QByteArray());
    const QByteArray wanted = FaultyRing::content(700'000, "as it was");
    for (const int moment : {0, 20, 40, 60, 80, 120}) {
        // As somebody else has put it into the bucket.
        backup::PutRequest put;
        put.key = account().toLatin1() + "/sealed";
        put.body = std::make_shared<backup::BytesSource>(wanted + QByteArray::number(moment));
        put.metadata = {{backup::kModeField, QByteArray::number(0444)}};
        S3_OK(await<backup::Stored>(
            [&](backup::Done<backup::Stored> done) { m_backup->client().put(put, this, std::move(done)); }));
        const Output begun =
            run({QStringLiteral("backup"), QStringLiteral("restore"), account() + QStringLiteral("/sealed"),
                 QStringLiteral("--to-backends"), QStringLiteral("--yes"), QStringLiteral("--no-wait")});
        QVERIFY2(begun.exitCode == 0, (begun.out + begun.err).constData());
        spinUntil([] { return false; }, moment);
        CRING_OK(ring().killAndRestartRing());
        QVERIFY2(jobIs(QStringLiteral("done")), QJsonDocument(job()).toJson().constData());
        QCOMPARE(job().value(QStringLiteral("summary"))[QStringLiteral("failed")].toInt(-1), 0);
        const QByteArray told = "after " + QByteArray::number(moment) +
                                " ms: " + QJsonDocument(job()).toJson() +
                                run({QStringLiteral("conflicts"), QStringLiteral("list")}).out;
        QVERIFY2(ring().get("sealed").body == wanted + QByteArray::number(moment), told.constData());
        QCOMPARE(m_backup->differenceAfter(kLimit), QByteArray());
    }
}

void TestRestoreInterrupted::aLineThatBreaksIsTriedAgain()
{
    m_backup->standBetween();
    CRING_OK(m_backup->startRing());
    QCOMPARE(ring().upload("letter", "as it stands").status, 200);
    QCOMPARE(m_backup->differenceAfter(kLimit), QByteArray());
    const QByteArray key = account().toLatin1() + "/letter";
    const QByteArray wanted = FaultyRing::content(700'000, "from the bucket");
    backup::PutRequest put;
    put.key = key;
    put.body = std::make_shared<backup::BytesSource>(wanted);
    S3_OK(await<backup::Stored>(
        [&](backup::Done<backup::Stored> done) { m_backup->client().put(put, this, std::move(done)); }));
    m_backup->front().on("GET", "/" + QByteArray(BackupRing::kBucket) + "/" + key,
                         Fault::cutResponse(300'000), 2);
    const Output output = run({QStringLiteral("backup"), QStringLiteral("restore"), QString::fromLatin1(key),
                               QStringLiteral("--to-backends"), QStringLiteral("--yes")});
    QVERIFY2(output.exitCode == 0, (output.out + output.err).constData());
    QCOMPARE(ring().get("letter").body, wanted);
    QCOMPARE(job().value(QStringLiteral("summary"))[QStringLiteral("brought")].toInt(), 1);
}

void TestRestoreInterrupted::whatAClientWritesMeanwhileStays_data()
{
    QTest::addColumn<int>("mode");
    QTest::newRow("written over") << 0644;
    QTest::newRow("deleted first, being read-only") << 0444;
}

/// The bucket answers at the fourth time of asking; the client's write is acknowledged before they are all
/// there.
void TestRestoreInterrupted::whatAClientWritesMeanwhileStays()
{
    QFETCH(const int, mode);
    m_backup->standBetween();
    CRING_OK(m_backup->startRing());
    QCOMPARE(ring().upload("letter", "as it stands", mode).status, 200);
    QCOMPARE(m_backup->differenceAfter(kLimit), QByteArray());
    const QByteArray key = account().toLatin1() + "/letter";
    backup::PutRequest put;
    put.key = key;
    put.body = std::make_shared<backup::BytesSource>(FaultyRing::content(700'000, "from the bucket"));
    put.metadata = {{backup::kModeField, QByteArray::number(mode)}};
    S3_OK(await<backup::Stored>(
        [&](backup::Done<backup::Stored> done) { m_backup->client().put(put, this, std::move(done)); }));
    const QByteArray target = "/" + QByteArray(BackupRing::kBucket) + "/" + key;
    const qsizetype before = m_backup->front().requests("GET", target).size();
    m_backup->front().on("GET", target, Fault::loseResponse(), 3);
    const Output begun =
        run({QStringLiteral("backup"), QStringLiteral("restore"), QString::fromLatin1(key),
             QStringLiteral("--to-backends"), QStringLiteral("--yes"), QStringLiteral("--no-wait")});
    QVERIFY2(begun.exitCode == 0, (begun.out + begun.err).constData());
    QVERIFY(spinUntil([&] { return m_backup->front().requests("GET", target).size() > before; }, kLimit));
    if (mode == 0444)
        QCOMPARE(ring().remove("letter").status, 200);
    QCOMPARE(ring().upload("letter", "by a client", 0644).status, 200);
    QVERIFY2(jobIs(QStringLiteral("done")), QJsonDocument(job()).toJson().constData());
    QCOMPARE(ring().get("letter").body, QByteArray("by a client"));
    const QJsonValue summary = job().value(QStringLiteral("summary"));
    QCOMPARE(summary[QStringLiteral("failed")].toInt(), 1);
    QVERIFY2(QJsonDocument(job()).toJson().contains("written to after the restore had begun"),
             QJsonDocument(job()).toJson().constData());
    QCOMPARE(m_backup->differenceAfter(kLimit), QByteArray());
}

QTEST_GUILESS_MAIN(TestRestoreInterrupted)
#include "tst_restoreinterrupted.moc"
