// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/accountsdatabase.h"
#include "core/accounts/localsql.h"
#include "core/backup/accountsnapshot.h"
#include "core/backup/objectname.h"
#include "core/backup/s3walk.h"
#include "tests/integration/backupring.h"
#include "tests/support/charmkv.h"
#include "tests/support/spin.h"

#include <QDir>
#include <QDirIterator>
#include <QJsonDocument>
#include <QTest>

using namespace cring;
using namespace cring::test;
using namespace std::chrono_literals;

/// Everything is gone but the bucket, the recovery kit and the clients' keys.
class TestFire : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void accountsAreSavedWhenTheyChange();
    void aNewKitDoesNotComeByItself();
    void withoutNodeAccessYourOwnAccountComesBack();
    void noSecretIsLeftAnywhere();
    void clientsAreKnownFromBucketAndKitAlone();
    void newServersHaveAccountsKeysAndFiles();

private:
    using Output = CringProcess::Output;
    static Status begin(BackupRing &backup);
    static QString kitFile(BackupRing &backup);
    static QList<backup::ListedObject> objects(BackupRing &backup, const QByteArray &prefix);
    static QList<QByteArray> snapshots(BackupRing &backup);
    static QMap<QByteArray, qint64> largeObjects(BackupRing &backup);
    static bool isSaved(BackupRing &backup);
    static QStringList place(BackupRing &backup);
    static Output runWith(const QByteArray &input, CringProcess &ring, const QStringList &arguments);
    static playground::RingOptions optionsAfter(BackupRing &backup);
};

namespace {

constexpr int Limit = 30'000;
const QString kKit = QStringLiteral("recovery-kit");

QJsonObject jsonOf(const QByteArray &text)
{
    return QJsonDocument::fromJson(text).object();
}

Result<accounts::AccountSet> accountsOf(const QString &dataDir)
{
    accounts::LocalSql sql(dataDir + QStringLiteral("/db/charm_sqlite.db"));
    SystemRandom random;
    auto reading = accounts::AccountsDatabase(sql, dataDir, random).read();
    if (!reading)
        return reading.error();
    return reading->accounts;
}

} // namespace

/// A ring whose accounts are known here, with a kit that was made and checked.
Status TestFire::begin(BackupRing &backup)
{
    if (Status status = backup.startServers(); !status)
        return status;
    backup.ring().shareData();
    if (Status status = backup.startRing(); !status)
        return status;
    CringProcess &ring = backup.ring().ring();
    for (const QStringList &arguments :
         {QStringList{QStringLiteral("create"), QStringLiteral("--out"), kitFile(backup)},
          QStringList{QStringLiteral("check"), kitFile(backup)}}) {
        const Output output = ring.runCommand(QStringList{QStringLiteral("identity"), kKit} + arguments);
        if (output.exitCode != 0)
            return Error{Code::RecoveryKitInvalid, QString::fromUtf8(output.out + output.err)};
    }
    if (!spinUntil([&] { return isSaved(backup); }, Limit))
        return Error{Code::SnapshotInvalid, QString::fromUtf8(QJsonDocument(backup.status()).toJson())};
    return {};
}

QString TestFire::kitFile(BackupRing &backup)
{
    return backup.ring().cluster().path() + QStringLiteral("/kit.txt");
}

QList<backup::ListedObject> TestFire::objects(BackupRing &backup, const QByteArray &prefix)
{
    QList<backup::ListedObject> objects;
    backup::ObjectWalk walk(backup.client(), prefix);
    while (!walk.atEnd()) {
        const auto page = await<QList<backup::ListedObject>>(
            [&](backup::Done<QList<backup::ListedObject>> done) { walk.next(std::move(done)); });
        if (!page)
            return {};
        objects += *page;
    }
    return objects;
}

QList<QByteArray> TestFire::snapshots(BackupRing &backup)
{
    QList<QByteArray> keys;
    for (const backup::ListedObject &object : objects(backup, backup::AccountSnapshot::kPrefix))
        keys.append(object.key);
    return keys;
}

/// Of clients, and when they were stored.
QMap<QByteArray, qint64> TestFire::largeObjects(BackupRing &backup)
{
    QMap<QByteArray, qint64> large;
    for (const backup::ListedObject &object : objects(backup, {})) {
        if (object.size > 300'000 && !object.key.startsWith(backup::kOwnPrefix))
            large.insert(object.key, object.modified.count());
    }
    return large;
}

bool TestFire::isSaved(BackupRing &backup)
{
    const QJsonObject status = backup.status();
    return status.value(QStringLiteral("accountsMs")).toInteger() > 0 &&
           status.value(QStringLiteral("accountsProblem")).toString().isEmpty();
}

QStringList TestFire::place(BackupRing &backup)
{
    return {QStringLiteral("backup"),   QStringLiteral("recover"),
            QStringLiteral("--kit"),    kitFile(backup),
            QStringLiteral("--url"),    backup.s3().url().toString(),
            QStringLiteral("--bucket"), QLatin1String(BackupRing::kBucket),
            QStringLiteral("--region"), QLatin1String(S3Server::kRegion)};
}

TestFire::Output TestFire::runWith(const QByteArray &input, CringProcess &ring, const QStringList &arguments)
{
    const auto process = ring.command(arguments);
    process->start();
    process->write(input);
    process->closeWriteChannel();
    Output output;
    if (spinUntil([&] { return process->state() == QProcess::NotRunning; }, Limit))
        output.exitCode = process->exitCode();
    output.out = process->readAllStandardOutput();
    output.err = process->readAllStandardError();
    return output;
}

/// Of a new machine, where clients look for the ring as before.
playground::RingOptions TestFire::optionsAfter(BackupRing &backup)
{
    playground::RingOptions options = CringProcess::optionsFor(backup.ring().cluster());
    options.servers.clear();
    options.metricsPort = 0;
    options.environment.insert(QStringLiteral("AWS_ACCESS_KEY_ID"), QLatin1String(S3Server::kAccessKey));
    options.environment.insert(QStringLiteral("AWS_SECRET_ACCESS_KEY"), QLatin1String(S3Server::kSecretKey));
    return options;
}

void TestFire::accountsAreSavedWhenTheyChange()
{
    BackupRing backup(2);
    CRING_OK(backup.startServers());
    backup.ring().shareData();
    CRING_OK(backup.startRing());
    CringProcess &ring = backup.ring().ring();
    const auto said = [&](const QStringList &arguments) {
        const Output output = ring.runCommand(arguments);
        return output.out + output.err;
    };
    const QStringList status{QStringLiteral("backup"), QStringLiteral("status")};
    QVERIFY2(said(status).contains("accounts: never: no recovery kit"), said(status).constData());
    QVERIFY2(said(status).contains("there is no recovery kit"), said(status).constData());
    QVERIFY(said({QStringLiteral("status")}).contains("there is no recovery kit"));
    QCOMPARE(snapshots(backup), QList<QByteArray>());

    const QStringList kit{QStringLiteral("identity"), kKit};
    QCOMPARE(ring.runCommand(kit + QStringList{QStringLiteral("show-status")}).exitCode, 6);
    const Output made = ring.runCommand(
        kit + QStringList{QStringLiteral("create"), QStringLiteral("--out"), kitFile(backup)});
    QVERIFY2(made.exitCode == 0, made.err.constData());
    QVERIFY(spinUntil([&] { return isSaved(backup); }, Limit));
    QCOMPARE(snapshots(backup).size(), 1);
    QVERIFY2(said(status).contains("accounts: saved "), said(status).constData());
    QVERIFY2(said(status).contains("was never checked"), said(status).constData());
    QCOMPARE(ring.runCommand(kit + QStringList{QStringLiteral("check"), kitFile(backup)}).exitCode, 0);
    QVERIFY(!said(status).contains("recovery kit"));
    QCOMPARE(ring.runCommand(kit + QStringList{QStringLiteral("show-status")}).exitCode, 0);

    // A new account is one more snapshot; nothing new is none.
    const auto known = [&] {
        return jsonOf(said({QStringLiteral("status"), QStringLiteral("--json")}))
            .value(QStringLiteral("accounts"))
            .toObject()
            .value(QStringLiteral("count"))
            .toInt();
    };
    const int before = known();
    const QStringList now{QStringLiteral("backup"), QStringLiteral("run")};
    QCOMPARE(ring.runCommand(now).exitCode, 0);
    CharmClient &stranger = *backup.ring().cluster().addStranger();
    CRING_OK(stranger.run({QStringLiteral("id")}));
    QVERIFY(spinUntil([&] { return known() == before + 1; }, Limit));
    QCOMPARE(ring.runCommand(now).exitCode, 0);
    QVERIFY(spinUntil([&] { return snapshots(backup).size() == 2; }, Limit));
    QCOMPARE(ring.runCommand(now).exitCode, 0);
    CRING_OK(backup.ring().killAndRestartRing());
    QVERIFY(spinUntil([&] { return isSaved(backup); }, Limit));
    QCOMPARE(snapshots(backup).size(), 2);
}

void TestFire::aNewKitDoesNotComeByItself()
{
    BackupRing backup(2);
    CRING_OK(begin(backup));
    CringProcess &ring = backup.ring().ring();
    const QStringList kit{QStringLiteral("identity"), kKit};
    const QString other = backup.ring().cluster().path() + QStringLiteral("/other.txt");
    const QStringList create = kit + QStringList{QStringLiteral("create"), QStringLiteral("--out")};
    // Nobody can be asked, and a file that is there stays.
    QCOMPARE(ring.runCommand(create + QStringList{other}).exitCode, 2);
    QVERIFY(!QFile::exists(other));
    QVERIFY(ring.runCommand(create + QStringList{kitFile(backup), QStringLiteral("--yes")}).exitCode != 0);
    QCOMPARE(ring.runCommand(create + QStringList{other, QStringLiteral("--yes")}).exitCode, 0);
    QCOMPARE(ring.runCommand(kit + QStringList{QStringLiteral("check"), kitFile(backup)}).exitCode, 12);
    QCOMPARE(ring.runCommand(kit + QStringList{QStringLiteral("check"), other}).exitCode, 0);
    QVERIFY(spinUntil([&] { return snapshots(backup).size() == 2; }, Limit));
    QCOMPARE(QFileInfo(other).permissions() & QFileDevice::Permissions(0x0077), QFileDevice::Permissions());
    // Without a service, the same is known.
    QCOMPARE(ring.stop(), 0);
    QCOMPARE(ring.runCommand(kit + QStringList{QStringLiteral("check"), kitFile(backup)}).exitCode, 12);
    QCOMPARE(ring.runCommand(kit + QStringList{QStringLiteral("check"), other}).exitCode, 0);
}

/// No server's data directory is within reach: what the person's own key is told by SSH is saved.
void TestFire::withoutNodeAccessYourOwnAccountComesBack()
{
    BackupRing backup(2);
    CRING_OK(backup.startServers());
    CharmClient &client = backup.ring().cluster().client();
    CRING_OK(backup.startRing());
    CringProcess &old = backup.ring().ring();
    // The ring is the client's user's.
    old.options().environment.insert(QStringLiteral("CHARM_DATA_DIR"),
                                     QFileInfo(QFileInfo(client.keyFile()).absolutePath()).absolutePath());
    (void)old.stop();
    CRING_OK(old.start());
    const QString file = client.home() + QStringLiteral("/text");
    QFile text(file);
    QVERIFY(text.open(QIODevice::WriteOnly) && text.write("what was there") > 0);
    text.close();
    CRING_OK(client.run({QStringLiteral("fs"), QStringLiteral("cp"), file, QStringLiteral("charm:text")}));
    const QByteArray id = client.run({QStringLiteral("id")}).out.trimmed();
    const Output made = old.runCommand({QStringLiteral("identity"), kKit, QStringLiteral("create"),
                                        QStringLiteral("--out"), kitFile(backup)});
    QVERIFY2(made.exitCode == 0, made.err.constData());
    const auto saved = [&] {
        return backup.status().value(QStringLiteral("accountsMs")).toInteger() > 0;
    };
    QVERIFY2(spinUntil(saved, Limit), QJsonDocument(backup.status()).toJson().constData());
    QVERIFY(backup.status()
                .value(QStringLiteral("accountsProblem"))
                .toString()
                .startsWith(QStringLiteral("your own account alone")));
    (void)old.runCommand({QStringLiteral("backup"), QStringLiteral("run")}, 30s);
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
    backup.ring().stopRing();
    backup.ring().cluster().stopAll();

    CringProcess ring(optionsAfter(backup));
    const Output recovered = ring.runCommand(place(backup) + QStringList{QStringLiteral("--write-config")});
    QVERIFY2(recovered.exitCode == 0, recovered.err.constData());
    QFile written(ring.configFile());
    QVERIFY(written.open(QIODevice::ReadOnly));
    const QString lines = QString::fromUtf8(written.readAll());
    ring.options().serviceLines = QStringLiteral("accounts = \"closed\"\n");
    ring.options().configLines = lines.mid(lines.indexOf(QStringLiteral("[identity]")));
    CRING_OK(ring.start());
    const CharmClient::Output known = client.run({QStringLiteral("id")});
    CRING_OK(known);
    QCOMPARE(known.out.trimmed(), id);
    const CharmClient::Output content =
        client.run({QStringLiteral("fs"), QStringLiteral("cat"), QStringLiteral("charm:text")});
    QVERIFY2(content.out == "what was there", content.text().constData());
}

void TestFire::noSecretIsLeftAnywhere()
{
    BackupRing backup(1);
    CRING_OK(begin(backup));
    CringProcess &ring = backup.ring().ring();
    QFile kit(kitFile(backup));
    QVERIFY(kit.open(QIODevice::ReadOnly));
    QFile serverKey(backup.ring().cluster().signingKeyFile());
    QVERIFY(serverKey.open(QIODevice::ReadOnly));
    QList<QByteArray> secrets{serverKey.readAll().split('\n').at(3), S3Server::kSecretKey};
    for (const QByteArray &line : kit.readAll().split('\n')) {
        if (line.trimmed().startsWith("1:") || line.trimmed().startsWith("2:"))
            secrets << line.trimmed().mid(3, 19) << line.trimmed().mid(3, 19).replace(' ', "");
    }
    QCOMPARE(secrets.size(), 6);
    const auto search = [&](const QByteArray &where, const QByteArray &text) {
        for (const QByteArray &secret : secrets)
            QVERIFY2(secret.size() > 10 && !text.contains(secret), where.constData());
    };
    QFile cmdline(QStringLiteral("/proc/%1/cmdline").arg(ring.processId()));
    QVERIFY(cmdline.open(QIODevice::ReadOnly));
    search("the command line", cmdline.readAll());
    search("the events", ring.runCommand({QStringLiteral("log"), QStringLiteral("--json")}).out);
    search("the status", ring.runCommand({QStringLiteral("status"), QStringLiteral("--json")}).out);
    int files = 0;
    QDirIterator walk(QFileInfo(ring.configFile()).absolutePath() + QStringLiteral("/../.."),
                      QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (walk.hasNext()) {
        QFile file(walk.next());
        QVERIFY(file.open(QIODevice::ReadOnly));
        search(file.fileName().toUtf8(), file.readAll());
        ++files;
    }
    QVERIFY(files > 4);
    // Nor has the bucket any of it in the clear.
    for (const QByteArray &key : snapshots(backup)) {
        QFile file(backup.s3().bucketFolder(QLatin1String(BackupRing::kBucket)) + u'/' +
                   QString::fromUtf8(key));
        QVERIFY(file.open(QIODevice::ReadOnly));
        search(key, file.readAll());
    }
}

void TestFire::clientsAreKnownFromBucketAndKitAlone()
{
    BackupRing backup(2);
    CRING_OK(begin(backup));
    CharmClient &client = backup.ring().cluster().client();
    const QByteArray id = client.run({QStringLiteral("id")}).out.trimmed();
    QVERIFY(!id.isEmpty());
    const QStringList cat{QStringLiteral("fs"), QStringLiteral("cat"), QStringLiteral("charm:folder/text")};
    QFile text(client.home() + QStringLiteral("/text"));
    QVERIFY(text.open(QIODevice::WriteOnly) && text.write("what was there") > 0);
    text.close();
    CRING_OK(client.run({QStringLiteral("fs"), QStringLiteral("cp"), text.fileName(), cat.last()}));
    CRING_OK(storeValue(client, QStringLiteral("name@notes"), QStringLiteral("value")));
    QCOMPARE(backup.ring().ring().runCommand({QStringLiteral("backup"), QStringLiteral("run")}, 30s).exitCode,
             0);
    // One that is not whole, newer than all others.
    backup::PutRequest damaged;
    damaged.key = backup::AccountSnapshot::keyFor(4'000'000'000'000, {}, 1);
    damaged.body = std::make_shared<backup::BytesSource>("charmedring accounts\nnot whole");
    S3_OK(await<backup::Stored>([&](backup::Done<backup::Stored> done) {
        backup.client().put(damaged, &backup.client(), std::move(done));
    }));
    backup.ring().stopRing();
    backup.ring().cluster().stopAll();
    for (int i = 0; i < 2; ++i)
        QVERIFY(QDir(backup.ring().at(i).dataDir()).removeRecursively());

    CringProcess ring(optionsAfter(backup));
    const Output recovered = ring.runCommand(place(backup) + QStringList{QStringLiteral("--write-config")});
    QVERIFY2(recovered.exitCode == 0, recovered.err.constData());
    QVERIFY2(recovered.err.contains("is passed over"), recovered.err.constData());
    QVERIFY(QFile::exists(ring.configFile()));
    const Output valid = ring.runCommand({QStringLiteral("config"), QStringLiteral("validate")});
    QVERIFY2(valid.exitCode == 0, (valid.out + valid.err).constData());
    // Nothing is put over it.
    const Output again = ring.runCommand(place(backup));
    QVERIFY2(again.exitCode == 1 && again.err.contains("is in use"), again.err.constData());

    QFile written(ring.configFile());
    QVERIFY(written.open(QIODevice::ReadOnly));
    QString lines = QString::fromUtf8(written.readAll());
    ring.options().serviceLines = QStringLiteral("accounts = \"closed\"\n");
    ring.options().configLines = lines.mid(lines.indexOf(QStringLiteral("[identity]")));
    CRING_OK(ring.start());
    const CharmClient::Output known = client.run({QStringLiteral("id")});
    CRING_OK(known);
    QCOMPARE(known.out.trimmed(), id);
    // Every file, from the bucket alone; another machine of the person's gets the keys and values, too.
    const CharmClient::Output content = client.run(cat);
    QVERIFY2(content.out == "what was there", content.text().constData());
    // A look at no servers does not tell that the files are gone.
    const Output looked = ring.runCommand({QStringLiteral("verify")}, 30s);
    QVERIFY2(looked.exitCode == 10 && looked.err.contains("no server is configured"), looked.err.constData());
    const CharmClient::Output listing =
        client.run({QStringLiteral("fs"), QStringLiteral("tree"), QStringLiteral("charm:")});
    QVERIFY2(listing.ok() && listing.out.contains("text"), listing.text().constData());
    CharmClient &machine = *backup.ring().cluster().addStranger();
    CRING_OK(machine.adoptKeyOf(client));
    CRING_OK(machine.run({QStringLiteral("kv"), QStringLiteral("sync"), QStringLiteral("@notes")}));
    const CharmClient::Output value =
        machine.run({QStringLiteral("kv"), QStringLiteral("get"), QStringLiteral("name@notes")});
    QVERIFY2(value.out.trimmed() == "value", value.text().constData());
    const CharmClient::Output token = client.run({QStringLiteral("jwt")});
    CRING_OK(token);
    HttpClient http(ring.url());
    // Its token is a good one, and there is nowhere to write to.
    const HttpResponse refused = http.upload("/v1/fs/file", "data", token.out.trimmed());
    QVERIFY2(refused.status == 503, refused.text().constData());
    QVERIFY2(refused.body.contains("no server"), refused.text().constData());
    const Output status = ring.runCommand({QStringLiteral("status")});
    QVERIFY2(status.exitCode == 0 && status.out.contains("No server is configured"), status.out.constData());
    // A key that was stolen in the fire is locked out.
    const Output disabled = ring.runCommand({QStringLiteral("accounts"), QStringLiteral("disable"),
                                             QString::fromUtf8(id), QStringLiteral("--yes")});
    QVERIFY2(disabled.exitCode == 0, disabled.err.constData());
    QVERIFY(!client.run({QStringLiteral("id")}).ok());
    QVERIFY(ring.isRunning());
    QCOMPARE(ring.stop(), 0);
}

void TestFire::newServersHaveAccountsKeysAndFiles()
{
    BackupRing backup(3);
    CRING_OK(begin(backup));
    CharmClient &client = backup.ring().cluster().client();
    const QByteArray id = client.run({QStringLiteral("id")}).out.trimmed();
    CRING_OK(storeValue(client, QStringLiteral("name@notes"), QStringLiteral("value")));
    const QString file = client.home() + QStringLiteral("/text");
    QFile text(file);
    QVERIFY(text.open(QIODevice::WriteOnly) && text.write("what was there") > 0);
    text.close();
    CRING_OK(client.run({QStringLiteral("fs"), QStringLiteral("cp"), file, QStringLiteral("charm:text")}));
    QVERIFY(text.open(QIODevice::WriteOnly) && text.write(FaultyRing::content(400'000, "large")) > 0);
    text.close();
    CRING_OK(client.run({QStringLiteral("fs"), QStringLiteral("cp"), file, QStringLiteral("charm:large")}));
    CringProcess &old = backup.ring().ring();
    QCOMPARE(old.runCommand({QStringLiteral("backup"), QStringLiteral("run")}, 30s).exitCode, 0);
    QVERIFY(backup.status().value(QStringLiteral("objects")).toInt() >= 3);
    const auto large = largeObjects(backup);
    QCOMPARE(large.size(), 1);
    const auto accounts = [&](int server) {
        return accountsOf(backup.ring().at(server).dataDir());
    };
    // The encrypt key of the first file, and the sequence, have come to what is saved.
    const auto areEqual = [&] {
        return accounts(0) && accounts(1) && accounts(2) && *accounts(0) == *accounts(1) &&
               *accounts(1) == *accounts(2);
    };
    QVERIFY(spinUntil(areEqual, Limit));
    CRING_OK(client.run({QStringLiteral("name"), QStringLiteral("ada")}));
    QVERIFY(spinUntil(areEqual, Limit));
    // One run brings all of it to the bucket.
    QCOMPARE(old.runCommand({QStringLiteral("backup"), QStringLiteral("run")}, 30s).exitCode, 0);
    const QByteArray keys = QByteArray(S3Server::kAccessKey) + '\n' + S3Server::kSecretKey + '\n';
    const auto before = accounts(0);
    CRING_OK(before);
    const FilesTree files = backup.ring().at(0).files();
    backup.ring().stopRing();
    backup.ring().cluster().stopAll();
    for (int i = 0; i < 3; ++i)
        QVERIFY(QDir(backup.ring().at(i).dataDir()).removeRecursively());

    CringProcess ring(optionsAfter(backup));
    QStringList recover = place(backup);
    for (int i = 0; i < 3; ++i)
        recover << QStringLiteral("--server-data") << backup.ring().at(i).dataDir();
    // The keys are nowhere but on standard input.
    const QProcessEnvironment withKeys = std::exchange(ring.options().environment, QProcessEnvironment());
    QCOMPARE(ring.runCommand(recover).exitCode, 12);
    Output recovered = runWith(keys, ring, recover + QStringList{QStringLiteral("--secret-stdin")});
    ring.options().environment = withKeys;
    QVERIFY2(recovered.exitCode == 0, recovered.err.constData());
    QVERIFY(recovered.out.contains(backup.ring().cluster().issuer().toUtf8()));
    QVERIFY(ring.runCommand(recover).exitCode != 0); // they are there now
    for (int i = 0; i < 3; ++i) {
        const auto made = accounts(i);
        CRING_OK(made);
        QVERIFY(*made == *before);
        CRING_OK(backup.ring().at(i).start());
    }
    // The kit as somebody types it.
    QFile kit(kitFile(backup));
    QVERIFY(kit.open(QIODevice::ReadOnly));
    QByteArray typed;
    for (const QByteArray &line : kit.readAll().split('\n')) {
        if (line.trimmed().startsWith("1:") || line.trimmed().startsWith("2:"))
            typed += line.trimmed().mid(3).toLower() + '\n';
    }
    QStringList fromPaper = place(backup) + QStringList{QStringLiteral("--json")};
    fromPaper.replace(3, QStringLiteral("-"));
    QByteArray wrong = typed;
    wrong[0] = wrong[0] == '7' ? '8' : '7';
    recovered = runWith(wrong, ring, fromPaper);
    QVERIFY2(recovered.exitCode == 12 && recovered.err.contains("line 1 "), recovered.err.constData());
    recovered = runWith(typed, ring, fromPaper);
    QVERIFY2(recovered.exitCode == 0, recovered.err.constData());
    ring.options() = [&] {
        playground::RingOptions options = ring.options();
        options.servers = CringProcess::optionsFor(backup.ring().cluster()).servers;
        for (int i = 0; i < 3; ++i)
            options.servers[i].data = backup.ring().at(i).dataDir();
        options.serviceLines = QStringLiteral("accounts = \"standby\"\n");
        const QString lines = jsonOf(recovered.out).value(QStringLiteral("configuration")).toString();
        options.configLines = lines.mid(lines.indexOf(QStringLiteral("[identity]")));
        return options;
    }();
    CRING_OK(ring.start());
    QCOMPARE(client.run({QStringLiteral("id")}).out.trimmed(), id);
    const Output restored = ring.runCommand({QStringLiteral("backup"), QStringLiteral("restore"),
                                             QStringLiteral("--to-backends"), QStringLiteral("--yes")},
                                            60s);
    QVERIFY2(restored.exitCode == 0, (restored.out + restored.err).constData());
    for (int i = 0; i < 3; ++i)
        QVERIFY(spinUntil([&] { return backup.ring().at(i).files() == files; }, Limit));
    const CharmClient::Output read =
        client.run({QStringLiteral("fs"), QStringLiteral("cat"), QStringLiteral("charm:text")});
    CRING_OK(read);
    QCOMPARE(read.out, QByteArray("what was there"));
    // What is in the bucket is not sent there once more.
    QCOMPARE(ring.runCommand({QStringLiteral("backup"), QStringLiteral("run")}, 30s).exitCode, 0);
    QVERIFY(largeObjects(backup) == large);
    CRING_OK(client.run({QStringLiteral("kv"), QStringLiteral("reset"), QStringLiteral("@notes")}));
    const CharmClient::Output value =
        client.run({QStringLiteral("kv"), QStringLiteral("get"), QStringLiteral("name@notes")});
    CRING_OK(value);
    QCOMPARE(value.out.trimmed(), QByteArray("value"));
    QVERIFY(spinUntil([&] { return accounts(0) && *accounts(0) == *before; }, Limit));
}

QTEST_GUILESS_MAIN(TestFire)
#include "tst_fire.moc"
