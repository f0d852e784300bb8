// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/bucketfindings.h"
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
    void whatIsNotTold();
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

QTEST_GUILESS_MAIN(TestBucketFindings)
#include "tst_bucketfindings.moc"
