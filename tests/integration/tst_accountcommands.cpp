// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/cringprocess.h"
#include "tests/support/httpclient.h"
#include "tests/support/openssh.h"
#include "tests/support/spin.h"

#include <QDateTime>
#include <QDir>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLocalSocket>
#include <QTest>

using namespace cring;
using namespace cring::test;

/// What an operator does to accounts, with real servers, a ring with a standby, and the real client.
class TestAccountCommands : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void anAccountMadeFromAKeyIsTheClients();
    void refusesWhatIsTaken();
    void aDisabledAccountIsLockedOutAndComesBack();
    void theFileHoldsWhatWasWrittenAMomentAgo();
    void onlyWhatWasExportedIsTakenAway();
    void whatIsOwedOfADisabledAccountRests();
    void aServerThatIsAwayFollowsWhenItIsBack();
    void theStandbyUnlinksAKeyEverywhere();
    void statusAndMetricsTellOfTheStandby();

private:
    struct Answer
    {
        int exit = -1;
        QJsonObject json;
        QByteArray text;
    };

    Answer cring(const QStringList &arguments);
    Answer accounts(const QStringList &arguments)
    {
        return cring(QStringList{QStringLiteral("accounts")} + arguments);
    }
    /// As a client of the control API.
    QJsonObject call(const QString &method, const QJsonObject &params);
    /// The next number of a name, drawn at a server.
    qint64 drawAt(int server, const QByteArray &token);
    CharmClient &client() { return m_cluster->client(); }
    /// What `charm id` says at a server, or through the ring with -1; "" when it fails.
    QString idAt(CharmClient &client, int server);
    int statusAt(int server, const QByteArray &token);
    void store(CharmClient &client, const QByteArray &content);
    /// A key that no server has seen, as ssh-keygen makes it; the file with its public half.
    QString makeKey(const QString &file);
    QByteArray ssh(const CharmClient &person, const QByteArray &command, const QByteArray &input = {});
    QString path(const QString &name) const { return m_folder->filePath(name); }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<CharmCluster> m_cluster;
    std::unique_ptr<CringProcess> m_ring;
};

namespace {

constexpr std::chrono::milliseconds kLimit{30'000};
constexpr int kSpin = 20'000;
const QString kYes = QStringLiteral("--yes");

QString idIn(const QJsonObject &answer)
{
    return answer.value(QLatin1String("account")).toObject().value(QLatin1String("id")).toString();
}

} // namespace

void TestAccountCommands::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_cluster = std::make_unique<CharmCluster>(3);
    CRING_OK(m_cluster->start());
    const Result<QString> key = serverKeyConfig(*m_cluster, m_folder->path());
    CRING_OK(key);
    m_ring = std::make_unique<CringProcess>(*m_cluster);
    m_ring->options().serviceLines = QStringLiteral("accounts = \"standby\"\n");
    m_ring->options().configLines = *key;
    m_ring->options().metricsPort = 0;
    for (int i = 0; i < 2; ++i)
        m_ring->options().servers[i].data = m_cluster->at(i).dataDir();
    CRING_OK(m_ring->start());
    const CharmServer &last = m_cluster->at(2);
    const Answer edited = cring({QStringLiteral("backends"), QStringLiteral("edit"), last.name(),
                                 QStringLiteral("--data"), last.dataDir()});
    QVERIFY2(edited.exit == 0, edited.text.constData());
    const Answer synced = accounts({QStringLiteral("sync")});
    QVERIFY2(synced.exit == 0, synced.text.constData());
}

void TestAccountCommands::cleanup()
{
    m_ring.reset();
    m_cluster.reset();
}

TestAccountCommands::Answer TestAccountCommands::cring(const QStringList &arguments)
{
    const auto output = m_ring->runCommand(arguments + QStringList(QStringLiteral("--json")), kLimit);
    return {output.exitCode, QJsonDocument::fromJson(output.out).object(), output.out + output.err};
}

QString TestAccountCommands::idAt(CharmClient &client, int server)
{
    if (server < 0)
        client.pointAt(m_cluster->frontAddress(), m_cluster->frontSshPort(), m_cluster->frontHttpPort());
    else
        client.pointAt(m_cluster->at(server).address(), m_cluster->at(server).sshPort(),
                       m_cluster->at(server).httpPort());
    const auto output = client.run({QStringLiteral("id")});
    return output.ok() ? QString::fromLatin1(output.out.trimmed()) : QString();
}

int TestAccountCommands::statusAt(int server, const QByteArray &token)
{
    HttpClient http(server < 0 ? m_ring->url() : m_cluster->at(server).url());
    const HttpResponse response = http.get("/v1/fs/", token);
    return response.status == 404 && !response.body.contains("missing user") ? 200 : response.status;
}

QJsonObject TestAccountCommands::call(const QString &method, const QJsonObject &params)
{
    QLocalSocket socket;
    socket.connectToServer(m_ring->options().home + QStringLiteral("/run/charmedring/control.sock"));
    socket.write(QJsonDocument(QJsonObject{{QStringLiteral("jsonrpc"), QStringLiteral("2.0")},
                                           {QStringLiteral("id"), 1},
                                           {QStringLiteral("method"), method},
                                           {QStringLiteral("params"), params}})
                     .toJson(QJsonDocument::Compact) +
                 '\n');
    spinUntil([&] { return socket.canReadLine(); }, kSpin);
    return QJsonDocument::fromJson(socket.readLine()).object();
}

qint64 TestAccountCommands::drawAt(int server, const QByteArray &token)
{
    HttpClient http(m_cluster->at(server).url());
    const HttpResponse response = http.request("POST", "/v1/seq/late", HttpClient::bearer(token));
    return QJsonDocument::fromJson(response.body).object().value(QLatin1String("seq")).toInteger(-1);
}

void TestAccountCommands::store(CharmClient &client, const QByteArray &content)
{
    QFile file(path(QStringLiteral("note")));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(content) == content.size());
    file.close();
    CRING_OK(client.run(
        {QStringLiteral("fs"), QStringLiteral("cp"), file.fileName(), QStringLiteral("charm:note")}));
}

QString TestAccountCommands::makeKey(const QString &file)
{
    QDir().mkpath(QFileInfo(file).path());
    playground::ChildProcess keygen;
    keygen.start(QStringLiteral("ssh-keygen"),
                 {QStringLiteral("-q"), QStringLiteral("-t"), QStringLiteral("ed25519"), QStringLiteral("-N"),
                  QString(), QStringLiteral("-C"), QStringLiteral("anna@desk"), QStringLiteral("-f"), file});
    spinUntil([&] { return keygen.state() == QProcess::NotRunning; }, kSpin);
    return file + QStringLiteral(".pub");
}

QByteArray TestAccountCommands::ssh(const CharmClient &person, const QByteArray &command,
                                    const QByteArray &input)
{
    return openSsh(person, m_ring->address(), m_ring->sshPort(), command, input);
}

void TestAccountCommands::anAccountMadeFromAKeyIsTheClients()
{
    CharmClient *anna = m_cluster->addStranger();
    const QString key = makeKey(anna->keyFile());
    const Answer would =
        accounts({QStringLiteral("create"), QStringLiteral("--key"), key, QStringLiteral("--name"),
                  QStringLiteral("anna"), QStringLiteral("--dry-run")});
    QVERIFY2(would.exit == 0, would.text.constData());
    QCOMPARE(accounts({QStringLiteral("show"), QStringLiteral("anna")}).exit, 10);
    const Answer made = accounts({QStringLiteral("create"), QStringLiteral("--key"), key,
                                  QStringLiteral("--name"), QStringLiteral("anna")});
    QVERIFY2(made.exit == 0, made.text.constData());
    const QString id = idIn(made.json);
    QCOMPARE(id.size(), 36);
    for (int server = -1; server < 3; ++server)
        QCOMPARE(idAt(*anna, server), id);

    // It is a whole account: what one machine stores is read through another server.
    QCOMPARE(idAt(*anna, -1), id);
    store(*anna, "hers");
    QVERIFY(spinUntil([&] { return accounts({QStringLiteral("sync")}).exit == 0; }, kSpin));
    QCOMPARE(idAt(*anna, 2), id);
    QCOMPARE(anna->run({QStringLiteral("fs"), QStringLiteral("cat"), QStringLiteral("charm:note")}).out,
             QByteArray("hers"));
    const Answer shown = accounts({QStringLiteral("show"), QStringLiteral("ANNA")});
    QVERIFY2(shown.exit == 0, shown.text.constData());
    QCOMPARE(idIn(shown.json), id);
    QCOMPARE(shown.json.value(QLatin1String("files")).toInteger(), 1);
    QCOMPARE(shown.json.value(QLatin1String("servers")).toArray().size(), 3);
    QVERIFY(!shown.text.contains("AAAAC3"));
}

void TestAccountCommands::refusesWhatIsTaken()
{
    const QString first = makeKey(path(QStringLiteral("one")));
    const QString second = makeKey(path(QStringLiteral("two")));
    const auto create = [&](const QString &key, const QString &name) {
        return accounts(
            {QStringLiteral("create"), QStringLiteral("--key"), key, QStringLiteral("--name"), name});
    };
    QCOMPARE(create(first, QStringLiteral("anna")).exit, 0);
    const Answer again = create(first, QStringLiteral("berta"));
    QVERIFY2(again.exit == 1 && again.text.contains("CR-7008"), again.text.constData());
    const Answer name = create(second, QStringLiteral("Anna"));
    QVERIFY2(name.exit == 1 && name.text.contains("CR-7008"), name.text.constData());
    QCOMPARE(create(second, QStringLiteral("an na")).exit, 2);
    const Answer secret = create(path(QStringLiteral("two")), QStringLiteral("carla"));
    QVERIFY2(secret.exit == 12 && secret.text.contains(".pub"), secret.text.constData());
    QCOMPARE(accounts({QStringLiteral("create")}).exit, 2);
    QCOMPARE(create(second, QStringLiteral("berta")).exit, 0);
}

void TestAccountCommands::aDisabledAccountIsLockedOutAndComesBack()
{
    const QString id = m_cluster->charmId();
    idAt(client(), -1);
    store(client(), "kept");
    const QByteArray token = m_cluster->realToken();
    QCOMPARE(statusAt(-1, token), 200);
    const QString file = path(QStringLiteral("gone.json"));
    const QStringList disable{QStringLiteral("disable"), id, QStringLiteral("--export"), file};
    // Nobody can be asked here, and a dry run changes nothing.
    QCOMPARE(accounts(disable).exit, 2);
    QCOMPARE(accounts(disable + QStringList(QStringLiteral("--dry-run"))).exit, 0);
    QVERIFY(!QFileInfo::exists(file));
    QCOMPARE(statusAt(-1, token), 200);
    const Answer done = accounts(disable + QStringList(kYes));
    QVERIFY2(done.exit == 0, done.text.constData());
    QCOMPARE(QFile::permissions(file) &
                 (QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther),
             QFile::Permissions());
    QCOMPARE(accounts(disable + QStringList(kYes)).exit, 10);

    // A token that is good for an hour yet.
    QCOMPARE(statusAt(-1, token), 401);
    for (int server = 0; server < 3; ++server)
        QCOMPARE(statusAt(server, token), 404);
    QVERIFY(QFileInfo::exists(m_cluster->at(1).filesDir() + u'/' + id));
    // The standby, which stands in for all.
    m_cluster->stopAll();
    QCOMPARE(idAt(client(), -1), QString());
    const auto refused = client().run({QStringLiteral("id")});
    QVERIFY2(refused.text().contains("no account"), refused.text().constData());
    for (int server = 0; server < 3; ++server)
        CRING_OK(m_cluster->at(server).start());

    // A Charm server makes an account for every key that it does not know: another one, and empty. Its times
    // are whole seconds: a key that comes in the second when it went is the one that went.
    const qint64 gone = QDateTime::currentSecsSinceEpoch();
    QVERIFY(spinUntil([&] { return QDateTime::currentSecsSinceEpoch() > gone; }, kSpin));
    for (int server = 0; server < 3; ++server) {
        const QString other = idAt(client(), server);
        QVERIFY2(!other.isEmpty() && other != id, qPrintable(other));
        QVERIFY(spinUntil([&] { return accounts({QStringLiteral("sync")}).exit == 0; }, kSpin));
    }
    const QStringList back{QStringLiteral("create"), QStringLiteral("--from"), file};
    QCOMPARE(accounts(back).exit, 1); // Its key opens the other one.
    QCOMPARE(accounts({QStringLiteral("disable"), idAt(client(), 0), kYes}).exit, 0);
    const Answer restored = accounts(back);
    QVERIFY2(restored.exit == 0, restored.text.constData());
    QCOMPARE(idIn(restored.json), id);
    for (int server = -1; server < 3; ++server)
        QCOMPARE(idAt(client(), server), id);
    QCOMPARE(client().run({QStringLiteral("fs"), QStringLiteral("cat"), QStringLiteral("charm:note")}).out,
             QByteArray("kept"));
    QCOMPARE(statusAt(-1, token), 200);
}

/// Nobody needs to wait for a round before: what the servers have is in the file.
void TestAccountCommands::theFileHoldsWhatWasWrittenAMomentAgo()
{
    const QString id = m_cluster->charmId();
    const QString file = path(QStringLiteral("gone.json"));
    const QByteArray token = m_cluster->realToken();
    qint64 drawn = 0;
    for (int i = 0; i < 3; ++i)
        drawn = drawAt(1, token);
    QCOMPARE(drawn, 2);
    const Answer done = accounts({QStringLiteral("disable"), id, QStringLiteral("--export"), file, kYes});
    QVERIFY2(done.exit == 0, done.text.constData());
    QFile exported(file);
    QVERIFY(exported.open(QIODevice::ReadOnly));
    const QJsonObject account = QJsonDocument::fromJson(exported.readAll()).object();
    QCOMPARE(account.value(QLatin1String("sequences")).toObject().value(QLatin1String("late")).toInteger(),
             drawn);
    QCOMPARE(accounts({QStringLiteral("create"), QStringLiteral("--from"), file}).exit, 0);
    QCOMPARE(drawAt(2, token), drawn + 1);
}

/// While the person was asked, a client has written.
void TestAccountCommands::onlyWhatWasExportedIsTakenAway()
{
    const QString id = m_cluster->charmId();
    const QByteArray token = m_cluster->realToken();
    QJsonObject params{{QStringLiteral("account"), id}};
    const auto exportedDigest = [&] {
        const QJsonObject exported = call(QStringLiteral("accounts.export"), params);
        return exported.value(QLatin1String("result")).toObject().value(QLatin1String("digest")).toString();
    };
    params.insert(QStringLiteral("digest"), exportedDigest());
    QCOMPARE(params.value(QLatin1String("digest")).toString().size(), 64);
    QCOMPARE(drawAt(1, token), 0);
    const QJsonObject refused = call(QStringLiteral("accounts.disable"), params);
    QVERIFY2(QJsonDocument(refused).toJson().contains("CR-7009"),
             QJsonDocument(refused).toJson().constData());
    QCOMPARE(statusAt(-1, token), 200);
    QCOMPARE(statusAt(1, token), 200);
    params.remove(QStringLiteral("digest"));
    params.insert(QStringLiteral("digest"), exportedDigest());
    QVERIFY(call(QStringLiteral("accounts.disable"), params).contains(QLatin1String("result")));
    QCOMPARE(statusAt(-1, token), 401);
}

void TestAccountCommands::aServerThatIsAwayFollowsWhenItIsBack()
{
    const QString id = m_cluster->charmId();
    const QByteArray token = m_cluster->realToken();
    CharmServer &away = m_cluster->at(2);
    away.kill9();
    const QString database = away.dataDir() + QStringLiteral("/db");
    QVERIFY(QDir().rename(database, database + QStringLiteral("-away")));
    const Answer done = accounts({QStringLiteral("disable"), id, kYes});
    QVERIFY2(done.exit == 3, done.text.constData());
    QCOMPARE(statusAt(-1, token), 401);
    QCOMPARE(statusAt(0, token), 404);
    QVERIFY(QDir().rename(database + QStringLiteral("-away"), database));
    CRING_OK(away.start());
    QVERIFY(spinUntil([&] { return statusAt(2, token) == 404; }, kSpin));
}

void TestAccountCommands::whatIsOwedOfADisabledAccountRests()
{
    const QString id = m_cluster->charmId();
    const QString file = path(QStringLiteral("gone.json"));
    QCOMPARE(m_ring->stop(), 0);
    m_ring->options().serviceLines += QStringLiteral("local_copy = true\n");
    m_ring->options().servers[2].data = m_cluster->at(2).dataDir();
    CRING_OK(m_ring->start());
    idAt(client(), -1);
    for (const int server : {1, 2})
        m_cluster->at(server).kill9();
    store(client(), "owed");
    const auto owed = [&] {
        const QJsonObject answer = call(QStringLiteral("queue.list"), {});
        return answer.value(QLatin1String("result")).toObject().value(QLatin1String("items")).toArray();
    };
    QVERIFY(spinUntil([&] { return !owed().isEmpty(); }, kSpin));
    const auto status = [&] {
        return cring({QStringLiteral("status")}).json;
    };
    const auto backend = [&](int server) {
        return status().value(QLatin1String("backends")).toArray().at(server).toObject();
    };
    const auto third = [&] {
        return backend(2);
    };
    const auto number = [](const QJsonObject &object, const char *name) {
        return object.value(QLatin1String(name)).toInteger();
    };
    // A quorum has the file, and the third server's copy waits in the spool.
    CRING_OK(m_cluster->at(1).start());
    QVERIFY(spinUntil([&] { return number(backend(1), "owed") == 0 && number(third(), "owed") > 0; }, kSpin));
    QVERIFY(spinUntil([&] { return number(third(), "missing") > 0; }, kSpin));
    QVERIFY2(number(status(), "spoolBytes") > 0, QJsonDocument(status()).toJson().constData());
    const Answer done = accounts({QStringLiteral("disable"), id, QStringLiteral("--export"), file, kYes});
    QVERIFY2(done.exit == 0, done.text.constData());
    QVERIFY(spinUntil([&] { return number(status(), "spoolBytes") == 0; }, kSpin));
    CRING_OK(m_cluster->at(2).start());
    const auto isUp = [&] {
        return third().value(QLatin1String("state")).toString() == QLatin1String("up");
    };
    QVERIFY(spinUntil(isUp, kSpin));

    // Nobody can do anything about it, so nobody is told of it as of something to be done.
    QCOMPARE(owed().size(), 0);
    QVERIFY(spinUntil([&] { return number(third(), "missing") == 0; }, kSpin));
    QCOMPARE(number(third(), "owed"), 0);
    QVERIFY(number(third(), "setAside") > 0);
    const QByteArray queue = m_ring->runCommand({QStringLiteral("queue"), QStringLiteral("list")}).out;
    QVERIFY2(queue.contains("set aside: their account is disabled"), queue.constData());
    const auto verified = m_ring->runCommand({QStringLiteral("verify")}, kLimit);
    QVERIFY2(verified.exitCode == 0, (verified.out + verified.err).constData());
    QVERIFY2(verified.out.contains("1 disabled account left alone: " + id.left(8).toLatin1() + ".\n"),
             verified.out.constData());
    const auto list = m_ring->runCommand({QStringLiteral("accounts"), QStringLiteral("list")});
    QVERIFY2(list.out.contains(id.toLatin1()) && list.out.contains("disabled"), list.out.constData());
    const Answer again = accounts({QStringLiteral("disable"), id, kYes});
    QVERIFY2(again.exit == 10 && again.text.contains("is disabled, and no server has it"),
             again.text.constData());

    QCOMPARE(accounts({QStringLiteral("create"), QStringLiteral("--from"), file}).exit, 0);
    QVERIFY2(spinUntil([&] { return owed().isEmpty(); }, kSpin), QJsonDocument(owed()).toJson().constData());
    QCOMPARE(idAt(client(), 2), id);
    QCOMPARE(client().run({QStringLiteral("fs"), QStringLiteral("cat"), QStringLiteral("charm:note")}).out,
             QByteArray("owed"));
}

/// All servers are down: what the standby has said yes to is carried out once they are back.
void TestAccountCommands::theStandbyUnlinksAKeyEverywhere()
{
    // A second machine of the same account, as the operator brings it: exported, and back with one key more.
    const CharmClient &second = *m_cluster->addStranger();
    QFile publicKey(makeKey(second.keyFile()));
    QVERIFY(publicKey.open(QIODevice::ReadOnly));
    const QByteArray text = publicKey.readAll().simplified().split(' ').mid(0, 2).join(' ');
    const QString file = path(QStringLiteral("account.json"));
    const QString id = m_cluster->charmId();
    QCOMPARE(accounts({QStringLiteral("disable"), id, QStringLiteral("--export"), file, kYes}).exit, 0);
    QFile exported(file);
    QVERIFY(exported.open(QIODevice::ReadWrite));
    QJsonObject account = QJsonDocument::fromJson(exported.readAll()).object();
    QJsonArray keys = account.value(QLatin1String("keys")).toArray();
    keys.append(QJsonObject{{QStringLiteral("key"), QString::fromLatin1(text)},
                            {QStringLiteral("createdAt"), QStringLiteral("2026-01-01 00:00:00")}});
    account.insert(QStringLiteral("keys"), keys);
    QVERIFY(exported.resize(0) && exported.seek(0) && exported.write(QJsonDocument(account).toJson()) > 0);
    exported.close();
    QCOMPARE(accounts({QStringLiteral("create"), QStringLiteral("--from"), file}).exit, 0);

    m_cluster->stopAll();
    QCOMPARE(ssh(second, "id").trimmed(), id.toLatin1());
    idAt(client(), -1);
    QCOMPARE(ssh(client(), "api-unlink", "{\"key\":\"" + text + "\"}\n"), QByteArray());
    const QByteArray refused = ssh(second, "id");
    QVERIFY2(refused.contains("no account"), refused.constData());
    for (int server = 0; server < 3; ++server)
        CRING_OK(m_cluster->at(server).start());
    QVERIFY(spinUntil([&] { return accounts({QStringLiteral("sync")}).exit == 0; }, kSpin));
    const Answer shown = accounts({QStringLiteral("show"), id});
    QVERIFY2(shown.exit == 0, shown.text.constData());
    QCOMPARE(
        shown.json.value(QLatin1String("account")).toObject().value(QLatin1String("keys")).toArray().size(),
        1);
    QCOMPARE(idAt(client(), 1), id);
}

void TestAccountCommands::statusAndMetricsTellOfTheStandby()
{
    m_cluster->stopAll();
    QCOMPARE(idAt(client(), -1), m_cluster->charmId());
    const QJsonObject status = cring({QStringLiteral("status")}).json;
    const QJsonObject standby = status.value(QLatin1String("standby")).toObject();
    QCOMPARE(standby.value(QLatin1String("mode")).toString(), QStringLiteral("standby"));
    QCOMPARE(standby.value(QLatin1String("problem")).toString(), QString());
    QVERIFY(standby.value(QLatin1String("standingIn")).toBool());
    QVERIFY(standby.value(QLatin1String("logins")).toInteger() >= 1);
    const QJsonObject known = status.value(QLatin1String("accounts")).toObject();
    QCOMPARE(known.value(QLatin1String("count")).toInteger(), 1);
    QVERIFY(known.value(QLatin1String("roundMs")).toInteger() > 0);
    const QByteArray page = m_ring->runCommand({QStringLiteral("status")}).out;
    QVERIFY2(page.contains("Standby: no server takes SSH sessions"), page.constData());
    HttpClient http(QUrl(QStringLiteral("http://%1:%2").arg(m_ring->address()).arg(m_ring->metricsPort())));
    const QByteArray metrics = http.request("GET", "/metrics").body;
    for (const char *line : {"cring_standby_ready 1", "cring_standby_standing_in 1", "cring_accounts 1",
                             "cring_accounts_clashes 0", "cring_accounts_servers_left_out 0"})
        QVERIFY2(metrics.contains(line), metrics.constData());
}

QTEST_GUILESS_MAIN(TestAccountCommands)
#include "tst_accountcommands.moc"
