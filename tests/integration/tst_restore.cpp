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

/// What a bucket has is compared, and comes back: all of it, or what there was at a moment.
class TestRestore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theBucketIsCompared();
    void everythingComesBackToAFolder();
    void aFolderComesBackAsOfAMomentBefore();
    void whatIsOlderThanTheBucketsVersionsComesBack();
    void whatWasNeverThereIsSaid();
    void whatStandsThereIsNotTouchedForNothing();
    void aReadOnlyFileIsReplacedWithoutALoss();
    void versionsAreListed();
    void growthIsShown();

private:
    using Output = CringProcess::Output;
    static Status fill(BackupRing &backup, bool versioned = true);
    static Status setVersioned(BackupRing &backup);
    static Output run(BackupRing &backup, const QStringList &arguments);
    static QJsonObject summary(const Output &output);
    static QByteArray difference(const FilesTree &found, const FilesTree &wanted);
};

namespace {

constexpr int Limit = 30'000;

QByteArray content(const QByteArray &path)
{
    return FaultyRing::content(path.endsWith('5') ? 700'000 : 3'000, path);
}

} // namespace

Status TestRestore::setVersioned(BackupRing &backup)
{
    const auto versions = await<backup::Nothing>([&](backup::Done<backup::Nothing> done) {
        backup.client().setVersioning(true, &backup.client(), std::move(done));
    });
    return versions ? Status() : Status(versions.error().toError());
}

Status TestRestore::fill(BackupRing &backup, bool versioned)
{
    if (Status status = backup.startServers(); !status)
        return status;
    if (Status status = versioned ? setVersioned(backup) : Status(); !status)
        return status;
    if (Status status = backup.startRing(); !status)
        return status;
    for (int i = 0; i < 12; ++i) {
        const QByteArray path = (i % 2 ? "one/f" : "two/deep/f") + QByteArray::number(i);
        if (backup.ring().upload(path, content(path), i % 3 ? 0644 : 0600).status != 200)
            return Error{Code::BackendAnswer, QStringLiteral("an upload failed")};
        // Charm makes the account's own folder with the mode of the first file that comes.
        if (const QByteArray unequal = i == 0 ? backup.ring().differenceAfter(Limit) : QByteArray();
            !unequal.isEmpty())
            return Error{Code::BackendAnswer, QString::fromUtf8(unequal)};
    }
    // One whose path fits into metadata, though not into a key, and one whose path is longer.
    for (const int parts : {5, 6}) {
        const QByteArray path = (QByteArray(210, 'x') + '/').repeated(parts) + "end";
        if (backup.ring().upload(path, content(path)).status != 200)
            return Error{Code::BackendAnswer, QStringLiteral("an upload failed")};
    }
    if (backup.ring().makeFolder("empty").status != 200)
        return Error{Code::BackendAnswer, QStringLiteral("a folder was not made")};
    const QByteArray difference = backup.differenceAfter(Limit);
    return difference.isEmpty() ? Status()
                                : Status(Error{Code::BackendAnswer, QString::fromUtf8(difference)});
}

TestRestore::Output TestRestore::run(BackupRing &backup, const QStringList &arguments)
{
    return backup.ring().ring().runCommand(
        QStringList{QStringLiteral("backup")} + arguments + QStringList{QStringLiteral("--json")}, 60s);
}

/// The lines that only one of them has.
QByteArray TestRestore::difference(const FilesTree &found, const FilesTree &wanted)
{
    QStringList first = playground::toText(found).split(u'\n');
    QStringList second = playground::toText(wanted).split(u'\n');
    for (const QString &line : QStringList(first)) {
        if (second.removeOne(line))
            first.removeOne(line);
    }
    return first.isEmpty() && second.isEmpty()
               ? QByteArray()
               : "found: " + first.join(u'\n').toUtf8() + "\nwanted: " + second.join(u'\n').toUtf8();
}

/// Of the job in the last line.
QJsonObject TestRestore::summary(const Output &output)
{
    return QJsonDocument::fromJson(output.out.trimmed().split('\n').last())
        .object()
        .value(QStringLiteral("summary"))
        .toObject()
        .value(QStringLiteral("summary"))
        .toObject();
}

void TestRestore::theBucketIsCompared()
{
    BackupRing backup(3);
    CRING_OK(fill(backup));
    Output output = run(backup, {QStringLiteral("verify"), QStringLiteral("--deep")});
    QVERIFY2(output.exitCode == 0, (output.out + output.err).constData());
    QCOMPARE(summary(output).value(QStringLiteral("lost")).toInt(), 0);
    QVERIFY(backup.status().value(QStringLiteral("verifiedMs")).toInteger() > 0);

    // One is lost, one has other bytes, one is somebody's.
    const QByteArray account = backup.ring().cluster().client().run({QStringLiteral("id")}).out.trimmed();
    const auto remove = await<backup::Nothing>([&](backup::Done<backup::Nothing> done) {
        backup.client().remove({account + "/one/f1", {}}, this, std::move(done));
    });
    S3_OK(remove);
    for (const QByteArray &key : {account + "/one/f3", account + "/one/stray", QByteArray("notes.txt")}) {
        backup::PutRequest put;
        put.key = key;
        put.body = std::make_shared<backup::BytesSource>("other bytes");
        const auto stored = await<backup::Stored>(
            [&](backup::Done<backup::Stored> done) { backup.client().put(put, this, std::move(done)); });
        S3_OK(stored);
    }
    output = run(backup, {QStringLiteral("verify")});
    QCOMPARE(output.exitCode, 6);
    const QJsonObject found = summary(output);
    QCOMPARE(found.value(QStringLiteral("lostNames")).toArray(),
             QJsonArray{QString::fromLatin1(account + "/one/f1")});
    QCOMPARE(found.value(QStringLiteral("damagedNames")).toArray(),
             QJsonArray{QString::fromLatin1(account + "/one/f3")});
    QCOMPARE(found.value(QStringLiteral("unknownNames")).toArray(),
             QJsonArray{QString::fromLatin1(account + "/one/stray")});
    QCOMPARE(found.value(QStringLiteral("foreignNames")).toArray(), QJsonArray{QStringLiteral("notes.txt")});
    // Both are stored again.
    QVERIFY(spinUntil([&] { return backup.status().value(QStringLiteral("owed")).toInt(-1) == 0; }, Limit));
    output = run(backup, {QStringLiteral("verify"), QStringLiteral("--deep")});
    QVERIFY2(output.exitCode == 0, (output.out + output.err).constData());
    QCOMPARE(backup.difference(), "only in the bucket: " + (account + "/one/stray").right(60) + " 0 11\n");
}

void TestRestore::everythingComesBackToAFolder()
{
    BackupRing backup(3);
    CRING_OK(fill(backup));
    const QString folder = backup.ring().cluster().path() + QStringLiteral("/restored");
    const QStringList to{QStringLiteral("restore"), QStringLiteral("--to"), folder};
    Output output = run(backup, to + QStringList{QStringLiteral("--dry-run")});
    QVERIFY2(output.exitCode == 0, (output.out + output.err).constData());
    QCOMPARE(summary(output).value(QStringLiteral("files")).toInt(), 14);
    QVERIFY(!QDir(folder).exists());
    output = run(backup, to);
    QVERIFY2(output.exitCode == 0, (output.out + output.err).constData());
    FilesTree expected = playground::readTree(backup.ring().at(0).dataDir() + QStringLiteral("/files"));
    FilesTree restored = playground::readTree(folder);
    const QString account = restored.firstKey();
    expected[account].mode = restored[account].mode = 0; // Charm's own
    QCOMPARE(difference(restored, expected), QByteArray());
    // Once more: what is there stays, what was changed is put right.
    QFile changed(folder + u'/' + account + QStringLiteral("/one/f1"));
    QVERIFY(changed.open(QIODevice::WriteOnly) && changed.write("x") == 1);
    changed.close();
    output = run(backup, to);
    QCOMPARE(summary(output).value(QStringLiteral("same")).toInt(), 13);
    restored = playground::readTree(folder);
    restored[account].mode = 0;
    QCOMPARE(difference(restored, expected), QByteArray());
    // Through a link: never.
    QVERIFY(QDir(folder + u'/' + account + QStringLiteral("/one")).removeRecursively());
    QVERIFY(QFile::link(backup.ring().cluster().path(), folder + u'/' + account + QStringLiteral("/one")));
    output = run(backup, to);
    QCOMPARE(output.exitCode, 3);
    QCOMPARE(summary(output).value(QStringLiteral("failed")).toInt(), 7);
    QVERIFY(!QFile::exists(backup.ring().cluster().path() + QStringLiteral("/f1")));
}

void TestRestore::aFolderComesBackAsOfAMomentBefore()
{
    BackupRing backup(3);
    CRING_OK(fill(backup));
    const FilesTree before = playground::readTree(backup.ring().at(0).dataDir() + QStringLiteral("/files"));
    spinUntil([] { return false; }, 1'100); // S3 tells times by the second
    const QString moment = QDateTime::currentDateTimeUtc().toString(Qt::ISODate);
    spinUntil([] { return false; }, 1'100);
    QCOMPARE(backup.ring().upload("one/f1", "written over by mistake").status, 200);
    QCOMPARE(backup.ring().remove("two").status, 200);
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
    const QString account =
        QString::fromLatin1(backup.ring().cluster().client().run({QStringLiteral("id")}).out.trimmed());
    Output output = run(backup, {QStringLiteral("restore"), account + QStringLiteral("/two"),
                                 account + QStringLiteral("/one/f1"), QStringLiteral("--at"), moment,
                                 QStringLiteral("--to-backends"), QStringLiteral("--yes")});
    QVERIFY2(output.exitCode == 0, (output.out + output.err).constData());
    QCOMPARE(backup.ring().get("one/f1").body, content("one/f1"));
    QCOMPARE(backup.ring().get("two/deep/f4").body, content("two/deep/f4"));
    QCOMPARE(backup.ring().differenceAfter(Limit), QByteArray());
    const FilesTree after = playground::readTree(backup.ring().at(0).dataDir() + QStringLiteral("/files"));
    QCOMPARE(difference(after, before), QByteArray());
    // And to a folder.
    const QString folder = backup.ring().cluster().path() + QStringLiteral("/restored");
    output = run(backup,
                 {QStringLiteral("restore"), QStringLiteral("--at"), moment, QStringLiteral("--to"), folder});
    QVERIFY2(output.exitCode == 0, (output.out + output.err).constData());
    FilesTree restored = playground::readTree(folder);
    restored[account] = before[account];
    QCOMPARE(difference(restored, before), QByteArray());
}

/// Versions that S3 calls "null": versitygw denies them to a HEAD.
void TestRestore::whatIsOlderThanTheBucketsVersionsComesBack()
{
    BackupRing backup(3);
    CRING_OK(fill(backup, false));
    QCOMPARE(backup.ring().upload("one/nothing", "").status, 200);
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
    const FilesTree before = playground::readTree(backup.ring().at(0).dataDir() + QStringLiteral("/files"));
    CRING_OK(setVersioned(backup));
    spinUntil([] { return false; }, 1'100);
    const QString moment = QDateTime::currentDateTimeUtc().toString(Qt::ISODate);
    spinUntil([] { return false; }, 1'100);
    QCOMPARE(backup.ring().upload("one/f1", "written over by mistake").status, 200);
    QCOMPARE(backup.ring().upload("one/nothing", "no more").status, 200);
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
    const QString folder = backup.ring().cluster().path() + QStringLiteral("/restored");
    const Output output = run(
        backup, {QStringLiteral("restore"), QStringLiteral("--at"), moment, QStringLiteral("--to"), folder});
    QVERIFY2(output.exitCode == 0, (output.out + output.err).constData());
    FilesTree restored = playground::readTree(folder);
    const QString account = backup.ring().cluster().charmId();
    restored[account] = before[account];
    QCOMPARE(difference(restored, before), QByteArray());
}

void TestRestore::whatWasNeverThereIsSaid()
{
    BackupRing backup(3);
    CRING_OK(fill(backup));
    const QString account = backup.ring().cluster().charmId();
    const QString folder = backup.ring().cluster().path() + QStringLiteral("/restored");
    const auto restore = [&](const QStringList &paths) {
        return run(backup, QStringList{QStringLiteral("restore")} + paths +
                               QStringList{QStringLiteral("--to"), folder});
    };
    const QString never = account + QStringLiteral("/never");
    Output output = restore({never});
    QVERIFY2(output.exitCode == 10, (output.out + output.err).constData());
    QCOMPARE(summary(output).value(QStringLiteral("notFound")).toArray(), QJsonArray{never});
    output = restore({never, account + QStringLiteral("/one/f1")});
    QVERIFY2(output.exitCode == 3, (output.out + output.err).constData());
    QCOMPARE(summary(output).value(QStringLiteral("files")).toInt(), 1);
    output = run(backup, {QStringLiteral("versions"), account});
    QVERIFY2(output.exitCode != 0 && output.err.contains("<charm id>/<path>"), output.err.constData());
}

/// A read-only file gives way to what was read whole before; a folder does not, for what is in it.
void TestRestore::whatStandsThereIsNotTouchedForNothing()
{
    BackupRing backup(3);
    CRING_OK(fill(backup));
    QCOMPARE(backup.ring().upload("sealed", "first", 0444).status, 200);
    QCOMPARE(backup.ring().upload("plain", "first").status, 200);
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
    spinUntil([] { return false; }, 1'100);
    const QString moment = QDateTime::currentDateTimeUtc().toString(Qt::ISODate);
    spinUntil([] { return false; }, 1'100);
    for (const QByteArray &path : {QByteArray("sealed"), QByteArray("plain")})
        QCOMPARE(backup.ring().remove(path).status, 200);
    QCOMPARE(backup.ring().upload("sealed", "second", 0444).status, 200);
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
    // Versitygw keeps versions of "plain" as a file, and has no place for what is below it: that is said.
    QCOMPARE(backup.ring().upload("plain/kept", "newer").status, 200);
    const auto problem = [&] {
        return backup.status().value(QStringLiteral("objectsProblem")).toString();
    };
    QVERIFY2(
        spinUntil([&] { return problem().startsWith(QStringLiteral("1 object cannot be stored")); }, Limit),
        qPrintable(problem()));
    const QString account =
        QString::fromLatin1(backup.ring().cluster().client().run({QStringLiteral("id")}).out.trimmed());
    const auto restore = [&](const char *path) {
        return run(backup, {QStringLiteral("restore"), account + QLatin1String(path), QStringLiteral("--at"),
                            moment, QStringLiteral("--to-backends"), QStringLiteral("--yes")});
    };
    Output output = restore("/sealed");
    QVERIFY2(output.exitCode == 0, (output.out + output.err).constData());
    QCOMPARE(backup.ring().get("sealed").body, QByteArray("first"));
    output = restore("/plain");
    QCOMPARE(output.exitCode, 3);
    QVERIFY2(output.out.contains("a folder stands there"), output.out.constData());
    QCOMPARE(backup.ring().get("plain/kept").body, QByteArray("newer"));
    QCOMPARE(backup.ring().differenceAfter(Limit), QByteArray());
}

/// The bucket keeps no versions, and what it has is not what holds: it is read, the read-only file deleted,
/// which deletes the object as well, and what was read is stored.
void TestRestore::aReadOnlyFileIsReplacedWithoutALoss()
{
    BackupRing backup(3);
    CRING_OK(fill(backup, false));
    QCOMPARE(backup.ring().upload("sealed", "second", 0444).status, 200);
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
    // As somebody else has put it there.
    backup::PutRequest put;
    const QString account = backup.ring().cluster().charmId();
    put.key = account.toLatin1() + "/sealed";
    put.body = std::make_shared<backup::BytesSource>("first");
    put.metadata = {{backup::kModeField, QByteArray::number(0444)}};
    S3_OK(await<backup::Stored>(
        [&](backup::Done<backup::Stored> done) { backup.client().put(put, this, std::move(done)); }));
    const Output output = run(backup, {QStringLiteral("restore"), account + QStringLiteral("/sealed"),
                                       QStringLiteral("--to-backends"), QStringLiteral("--yes")});
    QVERIFY2(output.exitCode == 0, (output.out + output.err).constData());
    QCOMPARE(backup.ring().get("sealed").body, QByteArray("first"));
    QCOMPARE(backup.ring().differenceAfter(Limit), QByteArray());
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
    // Nothing is left aside.
    const Output aside =
        backup.ring().ring().runCommand({QStringLiteral("conflicts"), QStringLiteral("list")}, 60s);
    QVERIFY2(!aside.out.contains("sealed"), aside.out.constData());
}

void TestRestore::versionsAreListed()
{
    BackupRing backup(3);
    CRING_OK(fill(backup));
    QCOMPARE(backup.ring().upload("one/f1", "second").status, 200);
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
    QCOMPARE(backup.ring().remove("one/f1").status, 200);
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
    const QString account =
        QString::fromLatin1(backup.ring().cluster().client().run({QStringLiteral("id")}).out.trimmed());
    const Output output = run(backup, {QStringLiteral("versions"), account + QStringLiteral("/one/f1")});
    QVERIFY2(output.exitCode == 0, (output.out + output.err).constData());
    const QJsonArray versions =
        QJsonDocument::fromJson(output.out).object().value(QStringLiteral("versions")).toArray();
    QCOMPARE(versions.size(), 3);
    QVERIFY(versions[0].toObject().value(QStringLiteral("deleted")).toBool());
    QCOMPARE(versions[1].toObject().value(QStringLiteral("size")).toInt(), 6);
    QCOMPARE(versions[2].toObject().value(QStringLiteral("size")).toInt(), 3'000);
}

/// Of one account and day; older versions as the last deep verification has counted them.
void TestRestore::growthIsShown()
{
    BackupRing backup(3);
    CRING_OK(fill(backup));
    QCOMPARE(backup.ring().upload("one/f1", "second").status, 200);
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
    QCOMPARE(backup.ring().remove("one/f3").status, 200);
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
    Output output = run(backup, {QStringLiteral("verify"), QStringLiteral("--deep")});
    QVERIFY2(output.exitCode == 0, (output.out + output.err).constData());
    output = run(backup, {QStringLiteral("growth")});
    QVERIFY2(output.exitCode == 0, (output.out + output.err).constData());
    const QJsonObject answer = QJsonDocument::fromJson(output.out).object();
    const QJsonArray days = answer.value(QLatin1String("days")).toArray();
    QVERIFY2(days.size() == 1 || days.size() == 2, output.out.constData()); // around midnight
    qint64 storedBytes = 0;
    qint64 removed = 0;
    for (const QJsonValue day : days) {
        const QJsonArray accounts = day.toObject().value(QLatin1String("accounts")).toArray();
        QCOMPARE(accounts.size(), 1);
        storedBytes += accounts[0].toObject().value(QLatin1String("storedBytes")).toInteger();
        removed += accounts[0].toObject().value(QLatin1String("removed")).toInteger();
    }
    QCOMPARE(removed, 1);
    // What is there, what was replaced, what was removed; folders have their paths as bodies.
    const QJsonObject now = days[0].toObject().value(QLatin1String("accounts")).toArray()[0].toObject();
    QVERIFY2(storedBytes >= now.value(QLatin1String("bytes")).toInteger() + 6'000, output.out.constData());
    const QJsonArray old =
        answer.value(QLatin1String("versions")).toObject().value(QLatin1String("accounts")).toArray();
    QCOMPARE(old.size(), 1);
    QCOMPARE(old[0].toObject().value(QLatin1String("versions")).toInt(), 2);
    QCOMPARE(old[0].toObject().value(QLatin1String("bytes")).toInt(), 6'000);
    QCOMPARE(answer.value(QLatin1String("warning")).toString(), QString());
    output = backup.ring().ring().runCommand({QStringLiteral("backup"), QStringLiteral("growth")}, 60s);
    QVERIFY2(output.out.contains("2 older versions besides"), output.out.constData());
}

QTEST_GUILESS_MAIN(TestRestore)
#include "tst_restore.moc"
