// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/bucketfindings.h"
#include "core/backup/bucketrecord.h"
#include "core/backup/s3settings.h"

#include <QTest>

using namespace cring::backup;
using Level = BucketFinding::Level;
using Kind = S3Error::Kind;

/// What a bucket's settings mean for a backup, in words.
class TestBucketFindings : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void versioning_data();
    void versioning();
    void rules_data();
    void rules();
    void oldVersionsInAnArchive();
    void whatIsNotTold();
    void aRefusedWishIsNotOfTheBucket();
    void looksThatWriteAndFailGrowRare();
    void locks();
};

namespace {

S3Error errorOf(Kind kind)
{
    S3Error error;
    error.kind = kind;
    return error;
}

QByteArray rule(const QByteArray &content, const QByteArray &status = "Enabled")
{
    return "<Rule><ID>mine</ID><Status>" + status + "</Status>" + content + "</Rule>";
}

const QByteArray kWhole("<Filter><Prefix></Prefix></Filter>");
const QByteArray kDays("<Expiration><Days>30</Days></Expiration>");
const QByteArray kOldOnes("<NoncurrentVersionExpiration><NoncurrentDays>90</NoncurrentDays>"
                          "</NoncurrentVersionExpiration>");

} // namespace

void TestBucketFindings::versioning_data()
{
    QTest::addColumn<Versioning>("answer");
    QTest::addColumn<Level>("level");
    QTest::addColumn<QString>("word");
    QTest::newRow("on") << Versioning::Enabled << Level::Well << QStringLiteral("on: ");
    QTest::newRow("suspended") << Versioning::Suspended << Level::Danger
                               << QStringLiteral("--enable-versioning");
    QTest::newRow("never") << Versioning::Never << Level::Danger << QStringLiteral("--enable-versioning");
}

void TestBucketFindings::versioning()
{
    QFETCH(Versioning, answer);
    QFETCH(Level, level);
    QFETCH(QString, word);
    const BucketFinding finding = judgeVersioning(answer);
    QCOMPARE(finding.step, QStringLiteral("versioning"));
    QCOMPARE(finding.level, level);
    QVERIFY2(finding.text.contains(word), qPrintable(finding.text));
    QVERIFY(knownVersioning(answer) == answer);
}

void TestBucketFindings::rules_data()
{
    QTest::addColumn<QByteArray>("rules");
    QTest::addColumn<Level>("level");
    QTest::addColumn<QString>("word");
    const auto row = [](const char *name, const QByteArray &rules, Level level, const char *word) {
        QTest::newRow(name) << rules << level << QString::fromUtf8(word);
    };
    row("none", {}, Level::Hint, "the bucket grows");
    row("current objects", rule(kWhole + kDays), Level::Danger,
        "the rule “mine” deletes objects after 30 days, current ones too");
    row("at a date", rule(kWhole + "<Expiration><Date>2027-01-01T00:00:00Z</Date></Expiration>"),
        Level::Danger, "on 2027-01-01");
    row("as older servers write it", rule("<Prefix></Prefix>" + kDays), Level::Danger, "after 30 days");
    row("old versions", rule(kWhole + kOldOnes), Level::Well, "old versions go after 90 days");
    row("the soonest counts",
        rule(kWhole + kOldOnes) + rule(kWhole + QByteArray(kOldOnes).replace("90", "7")), Level::Well,
        "after 7 days");
    row("delete markers alone",
        rule(kWhole + "<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>" +
             kOldOnes),
        Level::Well, "after 90 days");
    row("switched off", rule(kWhole + kDays, "Disabled"), Level::Hint, "grows");
    row("another's folder", rule("<Filter><Prefix>logs/</Prefix></Filter>" + kDays), Level::Hint, "grows");
    row("an account's",
        rule("<Filter><Prefix>0b5f2c1e-8a43-4a6e-9b7d-1c5d0c0b3f11/</Prefix></Filter>" + kDays),
        Level::Danger, "after 30 days");
    row("the snapshots'", rule("<Filter><Prefix>.charmedring/accounts/</Prefix></Filter>" + kDays),
        Level::Danger, "after 30 days");
    row("of tags",
        rule("<Filter><And><Prefix></Prefix><Tag><Key>a</Key><Value>b</Value></Tag></And></Filter>" + kDays),
        Level::Hint, "grows");
    row("to an archive",
        rule(kWhole + "<Transition><Days>60</Days><StorageClass>DEEP_ARCHIVE</StorageClass></Transition>"),
        Level::Danger, "DEEP_ARCHIVE after 60 days");
    row("to a cheaper class",
        rule(kWhole + "<Transition><Days>60</Days><StorageClass>STANDARD_IA</StorageClass></Transition>"),
        Level::Hint, "grows");
}

void TestBucketFindings::rules()
{
    QFETCH(QByteArray, rules);
    QFETCH(Level, level);
    QFETCH(QString, word);
    const auto read = readLifecycle("<LifecycleConfiguration>" + rules + "</LifecycleConfiguration>");
    QVERIFY(read.ok());
    const BucketFinding finding = judgeLifecycle(read, true);
    QVERIFY2(finding.text.contains(QString(word).replace(QStringLiteral("â\x80\x9c"), QStringLiteral("“"))),
             qPrintable(finding.text));
    QCOMPARE(finding.level, level);
    // Without versions there are no old ones to wonder about.
    const BucketFinding unversioned = judgeLifecycle(read, false);
    QCOMPARE(unversioned.level, level == Level::Danger ? Level::Danger : Level::Well);
}

void TestBucketFindings::oldVersionsInAnArchive()
{
    const auto judged = [](const QByteArray &storageClass, bool versioned) {
        const auto read =
            readLifecycle("<LifecycleConfiguration>" +
                          rule(kWhole + kOldOnes +
                               "<NoncurrentVersionTransition><NoncurrentDays>30</NoncurrentDays>"
                               "<StorageClass>" +
                               storageClass + "</StorageClass></NoncurrentVersionTransition>") +
                          "</LifecycleConfiguration>");
        return judgeLifecycle(read, versioned);
    };
    const BucketFinding finding = judged("GLACIER", true);
    QCOMPARE(finding.level, Level::Danger);
    QVERIFY2(finding.text.contains(QStringLiteral("moves old versions to GLACIER after 30 days")),
             qPrintable(finding.text));
    QCOMPARE(judged("GLACIER", false).level, Level::Well);
    QCOMPARE(judged("STANDARD_IA", true).level, Level::Well);
}

void TestBucketFindings::whatIsNotTold()
{
    for (const Kind kind : {Kind::Unsupported, Kind::Protocol, Kind::Denied}) {
        const S3Error error = errorOf(kind);
        for (const BucketFinding &finding :
             {judgeVersioning(error), judgeLifecycle(error, true), judgeLock(error)}) {
            QCOMPARE(finding.level, Level::Unknown);
            QVERIFY2(finding.text.contains(kind == Kind::Denied ? QStringLiteral("give them the right s3:Get")
                                                                : QStringLiteral("the server does not tell")),
                     qPrintable(finding.text));
        }
        QVERIFY(knownVersioning(error) == Versioning::Never);
    }
    QCOMPARE(judgeVersioning(errorOf(Kind::Unreachable)).level, Level::Failed);
    QVERIFY(!knownVersioning(errorOf(Kind::Unreachable)));
}

void TestBucketFindings::locks()
{
    QVERIFY(judgeLock(ObjectLock()).text.startsWith(QStringLiteral("off")));
    QVERIFY(judgeLock(ObjectLock{true, {}, 0, 0}).text.startsWith(QStringLiteral("on, without a time")));
    const QString days = judgeLock(ObjectLock{true, "GOVERNANCE", 30, 0}).text;
    QVERIFY2(days.contains(QStringLiteral("for 30 days each (GOVERNANCE: a special right")),
             qPrintable(days));
    const QString years = judgeLock(ObjectLock{true, "COMPLIANCE", 0, 1}).text;
    QVERIFY2(years.contains(QStringLiteral("for 1 year each (COMPLIANCE: nobody")), qPrintable(years));
}

void TestBucketFindings::aRefusedWishIsNotOfTheBucket()
{
    BucketFinding well{QStringLiteral("versioning"), Level::Well, QStringLiteral("on")};
    BucketFinding danger{QStringLiteral("lock"), Level::Danger, QStringLiteral("no")};
    BucketFinding refused{QStringLiteral("lock"), Level::Failed, QStringLiteral("nothing was changed")};
    refused.refusal = true;
    const cring::config::Backup config;
    const BucketRecord first = BucketRecord::of({well, refused}, config, 1, {});
    QVERIFY(!first.failed && first.findings.isEmpty());
    // What was known stays.
    const BucketRecord known = BucketRecord::of({well, danger}, config, 2, first);
    QCOMPARE(known.findings, QStringList(QStringLiteral("lock: no")));
    const BucketRecord after = BucketRecord::of({well, refused}, config, 3, known);
    QVERIFY(!after.failed);
    QCOMPARE(after.findings, known.findings);
    danger.level = Level::Failed;
    QVERIFY(BucketRecord::of({well, refused}, config, 5, BucketRecord::of({danger}, config, 4, {})).failed);
}

void TestBucketFindings::looksThatWriteAndFailGrowRare()
{
    const BucketFinding list{QStringLiteral("list"), Level::Failed, QStringLiteral("denied")};
    const BucketFinding write{QStringLiteral("write"), Level::Well, QStringLiteral("stored")};
    const cring::config::Backup config;
    qint64 now = 1'000'000;
    std::optional<BucketRecord> record;
    int looks = 0;
    for (; now < 30LL * 24 * 3'600'000; ++looks) {
        record = BucketRecord::parse(BucketRecord::of({list, write}, config, now, record).toBytes(), config);
        QVERIFY(record && !record->isDue(now) && record->isDue(now - 1));
        now += record->pause().count();
        QVERIFY(record->isDue(now) && !record->isDue(now - 1));
    }
    QVERIFY2(looks > 30 && looks < 45, qPrintable(QString::number(looks)));
    QCOMPARE(record->pause(), std::chrono::hours(24));
    // Without writing it costs nothing; and a good one ends it.
    QCOMPARE(BucketRecord::of({list}, config, now, record).pause(), std::chrono::minutes(1));
    QVERIFY(!BucketRecord::of({write}, config, now, record).isDue(now + 1'000'000'000));
}

QTEST_GUILESS_MAIN(TestBucketFindings)
#include "tst_bucketfindings.moc"
