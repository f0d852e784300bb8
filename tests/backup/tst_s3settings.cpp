// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/s3settings.h"

#include <QTest>

using namespace cring::backup;

/// What is written into a bucket's settings, and what stays of what others have set.
class TestS3Settings : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void ourRuleIsAdded();
    void rulesOfOthersStay();
    void ourOwnIsReplaced();
    void oldRulesGetAnOldOne();
    void whatIsNoRulesIsRefused();
    void locksAreReadAsTheyAreWritten();
};

namespace {

QByteArray rules(const QByteArray &content)
{
    return R"(<?xml version="1.0"?><LifecycleConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">)" +
           content + "</LifecycleConfiguration>";
}

const QByteArray
    kOthers("<Rule><ID>logs &amp; more</ID><Filter><And><Prefix>logs/&lt;x&gt;</Prefix><Tag><Key>a</Key>"
            "<Value> b </Value></Tag></And></Filter><Status>Enabled</Status><Transition><Days>30</Days>"
            "<StorageClass>GLACIER</StorageClass></Transition></Rule>");

QList<LifecycleRule> readBack(const QByteArray &document)
{
    const auto read = readLifecycle(document);
    return read ? *read : QList<LifecycleRule>();
}

} // namespace

void TestS3Settings::ourRuleIsAdded()
{
    const auto document = withOwnRule({}, 90);
    QVERIFY(document.ok());
    QVERIFY(document->contains("http://s3.amazonaws.com/doc/2006-03-01/"));
    const auto read = readBack(*document);
    QCOMPARE(read.size(), 1);
    QCOMPARE(read.first().id, QLatin1String(kOwnRule));
    QVERIFY(read.first().enabled && !read.first().tagged && read.first().prefix.isEmpty());
    QCOMPARE(read.first().noncurrentDays, std::optional(90));
    QCOMPARE(read.first().abortUploadDays, std::optional(7));
    // Nothing that is current goes.
    QVERIFY(!read.first().expirationDays && read.first().expirationDate.isEmpty());
    QVERIFY(read.first().moves.isEmpty());
}

void TestS3Settings::rulesOfOthersStay()
{
    const auto document = withOwnRule(rules(kOthers), 30);
    QVERIFY(document.ok());
    QVERIFY2(document->contains(kOthers), document->constData());
    QCOMPARE(readBack(*document).size(), 2);
}

void TestS3Settings::ourOwnIsReplaced()
{
    const auto first = withOwnRule(rules(kOthers), 30);
    QVERIFY(first.ok());
    const auto second = withOwnRule(*first, 60);
    QVERIFY(second.ok());
    const auto read = readBack(*second);
    QCOMPARE(read.size(), 2);
    QVERIFY(second->contains(kOthers));
    QCOMPARE(read.last().noncurrentDays, std::optional(60));
}

void TestS3Settings::oldRulesGetAnOldOne()
{
    const auto document =
        withOwnRule(rules("<Rule><ID>a</ID><Prefix>logs/</Prefix><Status>Enabled</Status><Expiration>"
                          "<Days>1</Days></Expiration></Rule>"),
                    30);
    QVERIFY(document.ok());
    QVERIFY2(!document->contains("Filter"), document->constData());
    QCOMPARE(readBack(*document).size(), 2);
}

void TestS3Settings::whatIsNoRulesIsRefused()
{
    for (const QByteArray &answer :
         {QByteArray("<ListBucketResult/>"), QByteArray("no rules"), rules("<Rule>"),
          QByteArray("<!DOCTYPE x [<!ENTITY a \"b\">]>") + rules({})}) {
        const auto document = withOwnRule(answer, 30);
        QVERIFY2(!document, answer.constData());
        QCOMPARE(document.error().kind, S3Error::Kind::Protocol);
    }
}

void TestS3Settings::locksAreReadAsTheyAreWritten()
{
    for (const ObjectLock &lock :
         {ObjectLock{true, "GOVERNANCE", 30, 0}, ObjectLock{true, "COMPLIANCE", 0, 2}}) {
        const auto read = readObjectLock(writeObjectLock(lock));
        QVERIFY(read.ok());
        QVERIFY(read->enabled);
        QCOMPARE(read->mode, lock.mode);
        QCOMPARE(read->days, lock.days);
        QCOMPARE(read->years, lock.years);
    }
}

QTEST_GUILESS_MAIN(TestS3Settings)
#include "tst_s3settings.moc"
