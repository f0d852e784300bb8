// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/bucketcheck.h"
#include "core/backup/s3settings.h"
#include "tests/integration/backupring.h"
#include "tests/support/spin.h"

#include <QCryptographicHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

#include <algorithm>

using namespace cring;
using namespace cring::test;
using namespace std::chrono_literals;

/// `cring backup check` says in words what a bucket is worth, and so does the service of one that is new.
class TestBackupCheck : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aBucketIsLookedAtAndItsVersioningSwitchedOn();
    void aServerWithoutVersionsSaysSo();
    void whatIsStoredIsLockedWhenAsked();
    void oldVersionsGoWhenAsked();
    void whatIsWrongIsSaid();
    void aCorrectedKeyIsTakenByAReload();
    void aNewBucketIsLookedAtOnce();
    void aBucketIsLookedAtBeforeItIsConfigured();

private:
    using Output = CringProcess::Output;
    static Output check(BackupRing &backup, const QStringList &arguments = {});
    static QMap<QString, QJsonObject> steps(const Output &output);
    QList<backup::ListedVersion> leftOvers(BackupRing &backup);
};

namespace {

constexpr int Limit = 30'000;

QString level(const QMap<QString, QJsonObject> &steps, const char *step)
{
    return steps.value(QLatin1String(step)).value(QLatin1String("level")).toString();
}

QString text(const QMap<QString, QJsonObject> &steps, const char *step)
{
    return steps.value(QLatin1String(step)).value(QLatin1String("text")).toString();
}

} // namespace

TestBackupCheck::Output TestBackupCheck::check(BackupRing &backup, const QStringList &arguments)
{
    return backup.ring().ring().runCommand(
        QStringList{QStringLiteral("backup"), QStringLiteral("check"), QStringLiteral("--json")} + arguments,
        60s);
}

/// As they were told one by one, which is what the summary has, too.
QMap<QString, QJsonObject> TestBackupCheck::steps(const Output &output)
{
    QMap<QString, QJsonObject> steps;
    QJsonArray told;
    for (const QByteArray &line : output.out.trimmed().split('\n')) {
        const QJsonObject object = QJsonDocument::fromJson(line).object();
        if (object.contains(QLatin1String("step"))) {
            steps.insert(object.value(QLatin1String("step")).toString(), object);
            told.append(object);
        } else if (object.value(QLatin1String("summary")).toObject().value(QLatin1String("steps")) != told) {
            return {};
        }
    }
    return steps;
}

QList<backup::ListedVersion> TestBackupCheck::leftOvers(BackupRing &backup)
{
    const auto page = await<backup::VersionPage>([&](backup::Done<backup::VersionPage> done) {
        backup.client().listVersions(backup::BucketCheck::kPrefix, {}, {}, this, std::move(done));
    });
    return page ? page->versions : QList<backup::ListedVersion>{{}};
}

void TestBackupCheck::aBucketIsLookedAtAndItsVersioningSwitchedOn()
{
    BackupRing backup(3);
    CRING_OK(backup.startServers());
    CRING_OK(backup.startRing());
    Output output = check(backup);
    QVERIFY2(output.exitCode == 6, (output.out + output.err).constData());
    auto found = steps(output);
    for (const char *step : {"reachable", "bucket", "list", "write", "read", "delete", "lock"})
        QVERIFY2(level(found, step) == QLatin1String("well"), output.out.constData());
    // Versitygw knows no such rules.
    QCOMPARE(level(found, "lifecycle"), QStringLiteral("unknown"));
    QVERIFY2(text(found, "lifecycle").startsWith(QStringLiteral("the server does not tell")),
             output.out.constData());
    QCOMPARE(level(found, "versioning"), QStringLiteral("danger"));
    QVERIFY2(text(found, "versioning").contains(QStringLiteral("--enable-versioning")),
             output.out.constData());
    QCOMPARE(backup.status().value(QStringLiteral("versioning")).toString(), QStringLiteral("never"));

    // Nobody can be asked here.
    output = check(backup, {QStringLiteral("--enable-versioning")});
    QCOMPARE(output.exitCode, 2);
    output = check(backup, {QString::fromLatin1(BackupRing::kBucket), QStringLiteral("--enable-versioning"),
                            QStringLiteral("--yes")});
    QVERIFY2(output.exitCode == 0, (output.out + output.err).constData());
    found = steps(output);
    QCOMPARE(level(found, "versioning"), QStringLiteral("well"));
    QVERIFY2(text(found, "versioning").startsWith(QStringLiteral("switched on")), output.out.constData());
    const QJsonObject status = backup.status();
    QCOMPARE(status.value(QStringLiteral("versioning")).toString(), QStringLiteral("enabled"));
    QCOMPARE(status.value(QStringLiteral("checkFindings")).toArray(), QJsonArray());
    const auto really = await<backup::Versioning>(
        [&](backup::Done<backup::Versioning> done) { backup.client().versioning(this, std::move(done)); });
    S3_OK(really);
    QCOMPARE(*really, backup::Versioning::Enabled);

    // What was written to look is gone, its versions and delete markers too.
    output = check(backup);
    QVERIFY2(output.exitCode == 0, (output.out + output.err).constData());
    QCOMPARE(level(steps(output), "delete"), QStringLiteral("well"));
    QCOMPARE(leftOvers(backup).size(), 0);
}

void TestBackupCheck::aServerWithoutVersionsSaysSo()
{
    BackupRing backup(3, S3Server::Make::Rclone);
    CRING_OK(backup.startServers());
    CRING_OK(backup.startRing());
    const auto found = steps(check(backup));
    for (const char *step : {"reachable", "bucket", "list", "write", "read", "delete"})
        QCOMPARE(level(found, step), QStringLiteral("well"));
    QCOMPARE(level(found, "versioning"), QStringLiteral("danger"));
    const Output output = check(backup, {QStringLiteral("--enable-versioning"), QStringLiteral("--yes")});
    QCOMPARE(output.exitCode, 6);
    const auto tried = steps(output);
    QCOMPARE(level(tried, "versioning"), QStringLiteral("failed"));
    QVERIFY2(text(tried, "versioning").contains(QStringLiteral("cannot do PutBucketVersioning")),
             output.out.constData());
    QVERIFY(tried.contains(QStringLiteral("lock"))); // the rest is looked at all the same
}

void TestBackupCheck::whatIsStoredIsLockedWhenAsked()
{
    BackupRing backup(3);
    CRING_OK(backup.startServers());
    CRING_OK(backup.startRing());
    const auto lock = [&](int days, const QStringList &more = {}) {
        return check(backup,
                     QStringList{QStringLiteral("--lock"), QString::number(days), QStringLiteral("--yes")} +
                         more);
    };
    // Without versions there is nothing to lock.
    Output output = lock(30);
    QCOMPARE(output.exitCode, 6);
    QVERIFY2(text(steps(output), "lock").contains(QStringLiteral("`--enable-versioning`")),
             output.out.constData());
    output = lock(30, {QStringLiteral("--enable-versioning")});
    QVERIFY2(output.exitCode == 0, (output.out + output.err).constData());
    QVERIFY2(
        text(steps(output), "lock").contains(QStringLiteral("set: on: deletes keep versions, for 30 days")),
        output.out.constData());

    // From now on: a delete hides the object, and its version stays.
    QCOMPARE(backup.ring().upload("kept", "kept").status, 200);
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
    QCOMPARE(backup.ring().remove("kept").status, 200);
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
    const QByteArray key = backup.ring().cluster().charmId().toUtf8() + "/kept";
    const auto page = await<backup::VersionPage>([&](backup::Done<backup::VersionPage> done) {
        backup.client().listVersions(key, {}, {}, this, std::move(done));
    });
    S3_OK(page);
    const auto version =
        std::ranges::find_if(page->versions, [](const auto &one) { return !one.deleteMarker; });
    QVERIFY(version != page->versions.end());
    const auto removed = await<backup::Nothing>([&](backup::Done<backup::Nothing> done) {
        backup.client().remove({key, version->versionId}, this, std::move(done));
    });
    QVERIFY2(!removed, "a locked version was deleted");

    // Longer, never shorter.
    output = lock(20);
    QCOMPARE(output.exitCode, 6);
    QVERIFY2(text(steps(output), "lock").contains(QStringLiteral("is not shortened from here")),
             output.out.constData());
    output = lock(40);
    QVERIFY2(output.exitCode == 0, (output.out + output.err).constData());
    QVERIFY2(text(steps(output), "lock").contains(QStringLiteral("for 40 days")), output.out.constData());
}

/// Versitygw knows no such rules: what it would have to do is played.
void TestBackupCheck::oldVersionsGoWhenAsked()
{
    BackupRing backup(3);
    CRING_OK(backup.startServers());
    CRING_OK(backup.startRing());
    const QStringList keep{QStringLiteral("--keep-versions"), QStringLiteral("90"), QStringLiteral("--yes")};
    Output output = check(backup, keep + QStringList{QStringLiteral("--enable-versioning")});
    QCOMPARE(output.exitCode, 6);
    QVERIFY2(text(steps(output), "lifecycle").startsWith(QStringLiteral("the rule cannot be set")),
             output.out.constData());

    backup.standBetween();
    const QByteArray target = QByteArray("/") + BackupRing::kBucket + "?lifecycle";
    const QByteArray theirs =
        "<LifecycleConfiguration><Rule><ID>logs</ID><Filter><Prefix>logs/</Prefix></Filter>"
        "<Status>Enabled</Status><Expiration><Days>3</Days></Expiration></Rule>"
        "</LifecycleConfiguration>";
    const auto wanted = backup::withOwnRule(theirs, 90);
    QVERIFY(wanted.ok());
    backup.front().on("GET", target, Fault::status(200, *wanted, "application/xml"));
    backup.front().on("PUT", target, Fault::status(200));
    CRING_OK(backup.startRing());
    const auto lookedAt = [&] {
        return backup.status().value(QStringLiteral("checkedMs")).toInteger() > 0;
    };
    QVERIFY(spinUntil(lookedAt, Limit)); // The ring's own look is over.
    backup.front().on("GET", target, Fault::status(200, theirs, "application/xml"), 1);
    output = check(backup, keep);
    QVERIFY2(output.exitCode == 0, (output.out + output.err).constData());
    QVERIFY2(text(steps(output), "lifecycle")
                 .startsWith(QStringLiteral("the rule is set: old versions go after 90 days")),
             output.out.constData());
    const auto sent = backup.front().requests("PUT", target);
    QCOMPARE(sent.size(), 1);
    const QByteArray digest = QCryptographicHash::hash(*wanted, QCryptographicHash::Md5).toBase64();
    QVERIFY2(sent.first().head.contains(digest), sent.first().head.constData());
}

void TestBackupCheck::whatIsWrongIsSaid()
{
    BackupRing backup(3);
    CRING_OK(backup.startServers());
    CRING_OK(backup.startRing(
        {}, QStringLiteral("\n[[backup]]\nname = \"none\"\nurl = \"%1\"\nbucket = \"missing\"\n"
                           "region = \"%2\"\naccess_key = \"file:%3/s3-access\"\n"
                           "secret_key = \"file:%3/s3-secret\"\n"
                           "[[backup]]\nname = \"keys\"\nurl = \"%1\"\nbucket = \"other\"\n"
                           "region = \"%2\"\naccess_key = \"file:%3/s3-access\"\n"
                           "secret_key = \"file:%3/s3-access\"\n"
                           "[[backup]]\nname = \"locked\"\nurl = \"%1\"\nbucket = \"more\"\n"
                           "region = \"%2\"\naccess_key = \"file:%3/nothing\"\n"
                           "secret_key = \"file:%3/s3-secret\"\n")
                .arg(backup.s3().url().toString(), QLatin1String(S3Server::kRegion),
                     backup.ring().cluster().path())));
    QCOMPARE(check(backup).exitCode, 2); // which?
    Output output = check(backup, {QStringLiteral("none")});
    QCOMPARE(output.exitCode, 6);
    auto found = steps(output);
    QCOMPARE(level(found, "reachable"), QStringLiteral("well"));
    QCOMPARE(level(found, "bucket"), QStringLiteral("failed"));
    QVERIFY2(text(found, "bucket").contains(QStringLiteral("no bucket “missing”")), output.out.constData());
    QVERIFY(!found.contains(QStringLiteral("write")));

    output = check(backup, {QStringLiteral("keys")});
    QCOMPARE(output.exitCode, 6);
    found = steps(output);
    QCOMPARE(level(found, "keys"), QStringLiteral("failed"));
    QVERIFY2(text(found, "keys").contains(QStringLiteral("secret key")), output.out.constData());

    output = check(backup, {QStringLiteral("locked")});
    QCOMPARE(output.exitCode, 6);
    QCOMPARE(level(steps(output), "keys"), QStringLiteral("failed"));
    QVERIFY2(!(output.out + output.err).contains(S3Server::kSecretKey), "a secret was printed");

    backup.s3().kill9();
    output = check(backup, {QString::fromLatin1(BackupRing::kBucket)});
    QCOMPARE(output.exitCode, 6);
    found = steps(output);
    QCOMPARE(found.keys(), QStringList{QStringLiteral("reachable")});
    QVERIFY2(text(found, "reachable").contains(QStringLiteral("cannot be reached")), output.out.constData());
}

void TestBackupCheck::aCorrectedKeyIsTakenByAReload()
{
    BackupRing backup(3);
    CRING_OK(backup.startServers());
    CRING_OK(backup.startRing(
        {}, QStringLiteral("\n[[backup]]\nname = \"second\"\nurl = \"%1\"\nbucket = \"missing\"\n"
                           "region = \"%2\"\naccess_key = \"file:%3/s3-access\"\n"
                           "secret_key = \"file:%3/nothing\"\n")
                .arg(backup.s3().url().toString(), QLatin1String(S3Server::kRegion),
                     backup.ring().cluster().path())));
    const QStringList second{QStringLiteral("second")};
    QCOMPARE(level(steps(check(backup, second)), "keys"), QStringLiteral("failed"));
    QFile file(backup.ring().ring().configFile());
    QVERIFY(file.open(QIODevice::ReadWrite));
    const QByteArray corrected = file.readAll().replace("/nothing\"", "/s3-secret\"");
    QVERIFY(file.seek(0) && file.resize(0) && file.write(corrected) == corrected.size());
    file.close();
    const Output reloaded = backup.ring().ring().runCommand({QStringLiteral("reload")}, 60s);
    QVERIFY2(reloaded.exitCode == 0, (reloaded.out + reloaded.err).constData());
    const auto found = steps(check(backup, second));
    QCOMPARE(level(found, "bucket"), QStringLiteral("failed"));
    QVERIFY(!found.contains(QStringLiteral("keys")));
    // The other one has gone on.
    QCOMPARE(backup.ring().upload("after", "after").status, 200);
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
}

void TestBackupCheck::aNewBucketIsLookedAtOnce()
{
    BackupRing backup(3);
    CRING_OK(backup.startServers());
    CRING_OK(backup.startRing());
    const auto checked = [&] {
        return backup.status().value(QStringLiteral("checkedMs")).toInteger();
    };
    QVERIFY(spinUntil([&] { return checked() > 0; }, Limit));
    const qint64 first = checked();
    const QJsonArray findings = backup.status().value(QStringLiteral("checkFindings")).toArray();
    QCOMPARE(findings.size(), 1);
    QVERIFY(findings.first().toString().startsWith(QStringLiteral("versioning: off")));
    const Output shown =
        backup.ring().ring().runCommand({QStringLiteral("backup"), QStringLiteral("status")}, 60s);
    QVERIFY2(shown.out.contains("bucket charm-backup: versioning: off"), shown.out.constData());
    QCOMPARE(leftOvers(backup).size(), 0);

    // The next start asks for the versioning alone.
    CRING_OK(backup.ring().killAndRestartRing());
    QVERIFY(spinUntil(
        [&] {
            return backup.status().value(QStringLiteral("versioning")).toString() == QLatin1String("never");
        },
        Limit));
    QCOMPARE(checked(), first);
}

// By the command alone, with keys from standard input; and then taken into a ring that runs, and out of it.
void TestBackupCheck::aBucketIsLookedAtBeforeItIsConfigured()
{
    BackupRing backup(2);
    CRING_OK(backup.startServers());
    CRING_OK(backup.ring().startRing()); // without a bucket
    const auto run = [&backup](const char *arguments, const QByteArray &secret) {
        auto process =
            backup.ring().ring().command(QString::fromLatin1(arguments).split(u' ') +
                                         QStringList{QStringLiteral("--url"), backup.s3().url().toString()});
        process->start();
        process->write(QByteArray(S3Server::kAccessKey) + '\n' + secret + '\n');
        process->closeWriteChannel();
        spinUntil([&] { return process->state() == QProcess::NotRunning; }, Limit);
        return Output{process->exitCode(), process->readAllStandardOutput(), process->readAllStandardError()};
    };
    const char *check = "backup check --json --bucket charm-backup --region eu-test-1 --secret-stdin";
    const Output wrong = run(check, "wrong");
    QCOMPARE(wrong.exitCode, 6);
    QVERIFY2(!wrong.out.contains("wrong") && !wrong.err.contains("wrong"), wrong.out.constData());
    const Output right = run(check, S3Server::kSecretKey);
    const auto found = steps(right);
    QVERIFY2(level(found, "write") == QStringLiteral("well") &&
                 level(found, "read") == QStringLiteral("well"),
             (right.out + right.err).constData());
    // Where keys are kept in files, as a person without a keychain has it.
    const QString folder = backup.ring().ring().options().home + QStringLiteral("/keys");
    const QString add =
        QStringLiteral("backup add offsite --json --bucket charm-backup --region eu-test-1 "
                       "--secret-stdin --access-key file:%1/access --secret-key file:%1/secret")
            .arg(folder);
    const Output added = run(qPrintable(add), S3Server::kSecretKey);
    QVERIFY2(added.exitCode == 0, (added.out + added.err).constData());
    QVERIFY(spinUntil(
        [&] { return backup.status().value(QLatin1String("state")).toString() == QStringLiteral("idle"); },
        Limit));
    const Output removed =
        backup.ring().ring().runCommand({QStringLiteral("backup"), QStringLiteral("remove"),
                                         QStringLiteral("offsite"), QStringLiteral("--yes")},
                                        60s);
    QVERIFY2(removed.exitCode == 0, (removed.out + removed.err).constData());
    QCOMPARE(backup.status(), QJsonObject());
}

QTEST_GUILESS_MAIN(TestBackupCheck)
#include "tst_backupcheck.moc"
