// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/accountsync.h"
#include "tests/accounts/charmdatabase.h"
#include "tests/support/charmcluster.h"
#include "tests/support/charmlink.h"
#include "tests/support/httpclient.h"

#include <QTest>

using namespace cring;
using namespace cring::accounts;
using namespace cring::test;

/// What people do with the real client on one of three real servers, and what they find on the others after a
/// round.
class TestSync : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void bringsANewcomerEverywhere();
    void carriesALinkOver();
    void carriesAnUnlinkToAServerThatWasAway();
    void carriesAMergeToAServerThatWasAway();
    void carriesANewNameOver();
    void mergesTheEmptyAccountOfAKeyThatAServerDidNotKnow();
    void refillsAServerThatLostItsDatabase();
    void anotherServersOlderCopyTakesNothingAway();
    void countsAFolderThatCannotBeListedAsFull();
    void leavesAServerOutThatCannotBeRead();
    void endsWhenCalledOff();

private:
    QString database(int server) { return databaseIn(m_cluster->at(server).dataDir()); }
    RoundOutcome round(const std::stop_token &stop = {});
    /// Empty when a round was complete, and left the databases equal.
    QByteArray roundsTrouble();
    /// Empty when the databases say the same, by natural keys.
    QByteArray difference();
    CharmClient &at(CharmClient &client, int server);
    QByteArray idAt(CharmClient &client, int server);
    void link(CharmClient &owner, CharmClient &other, int server);

    std::unique_ptr<CharmCluster> m_cluster;
    SeededRandom m_random{1};
    std::unique_ptr<AccountSync> m_sync;
    Synchronised m_state;
};

void TestSync::init()
{
    m_state = {};
    m_sync = std::make_unique<AccountSync>(m_random);
    m_cluster = std::make_unique<CharmCluster>(3);
    CRING_OK(m_cluster->start());
    QCOMPARE(roundsTrouble(), QByteArray());
}

RoundOutcome TestSync::round(const std::stop_token &stop)
{
    std::vector<std::unique_ptr<LocalSql>> files;
    std::vector<SyncServer> servers;
    for (int i = 0; i < 3; ++i) {
        files.push_back(std::make_unique<LocalSql>(database(i)));
        servers.push_back(
            {QByteArray::number(i), m_cluster->at(i).name(), files.back().get(), filesBeside(database(i))});
    }
    return m_sync->round(m_state, servers, stop);
}

QByteArray TestSync::roundsTrouble()
{
    const RoundOutcome outcome = round();
    for (const ServerOutcome &server : outcome.servers) {
        if (server.error)
            return server.error->toString().toUtf8();
    }
    if (!outcome.clashes.empty())
        return outcome.clashes[0].toString().toUtf8();
    return outcome.isComplete() ? difference() : "something was left for the next round";
}

QByteArray TestSync::difference()
{
    return accountsDifference({database(0), database(1), database(2)});
}

CharmClient &TestSync::at(CharmClient &client, int server)
{
    CharmServer &charm = m_cluster->at(server);
    client.pointAt(charm.address(), charm.sshPort(), charm.httpPort());
    return client;
}

QByteArray TestSync::idAt(CharmClient &client, int server)
{
    return at(client, server).run({QStringLiteral("id")}).out.trimmed();
}

void TestSync::link(CharmClient &owner, CharmClient &other, int server)
{
    const QByteArray charmId = idAt(owner, server);
    at(other, server);
    const QByteArray trouble = linkTrouble(owner, other);
    QVERIFY2(trouble.isEmpty(), trouble.constData());
    QCOMPARE(idAt(other, server), charmId);
}

void TestSync::bringsANewcomerEverywhere()
{
    CharmClient *stranger = m_cluster->addStranger();
    const QString file = m_cluster->path() + QStringLiteral("/letter");
    QFile letter(file);
    QVERIFY(letter.open(QIODevice::WriteOnly) && letter.write("dear ring") == 9);
    letter.close();
    CRING_OK(at(*stranger, 1)
                 .run({QStringLiteral("fs"), QStringLiteral("cp"), file, QStringLiteral("charm:letter")}));
    CRING_OK(stranger->run({QStringLiteral("name"), QStringLiteral("dora")}));
    const QByteArray charmId = idAt(*stranger, 1);
    QCOMPARE(roundsTrouble(), QByteArray());
    for (int server : {0, 2}) {
        QCOMPARE(idAt(*stranger, server), charmId);
        // The encrypt keys are there: names and contents go one way and the other.
        CRING_OK(stranger->run(
            {QStringLiteral("fs"), QStringLiteral("cp"), file, QStringLiteral("charm:letter")}));
    }
    QCOMPARE(at(*stranger, 2)
                 .run({QStringLiteral("fs"), QStringLiteral("cat"), QStringLiteral("charm:letter")})
                 .out,
             QByteArray("dear ring"));
    QCOMPARE(roundsTrouble(), QByteArray());
}

void TestSync::carriesALinkOver()
{
    CharmClient *other = m_cluster->addStranger();
    // It had an account of its own, which goes with the link: MergeUsers.
    QVERIFY(idAt(*other, 0) != m_cluster->charmId().toLatin1());
    link(m_cluster->client(), *other, 0);
    QCOMPARE(roundsTrouble(), QByteArray());
    for (int server : {1, 2})
        QCOMPARE(idAt(*other, server), m_cluster->charmId().toLatin1());
}

void TestSync::carriesAnUnlinkToAServerThatWasAway()
{
    CharmClient *other = m_cluster->addStranger();
    link(m_cluster->client(), *other, 0);
    QCOMPARE(roundsTrouble(), QByteArray());
    // A server that is away is one whose file cannot be reached.
    const QString file = database(2);
    m_cluster->at(2).stop();
    QVERIFY(QFile::rename(file, file + QStringLiteral(".away")));
    const QByteArray keys = other->run({QStringLiteral("keys"), QStringLiteral("-s")}).out;
    const auto reading = CharmDatabase(database(0)).accounts().read();
    CRING_OK(reading);
    const QByteArray charmId = m_cluster->charmId().toLatin1();
    QCOMPARE(reading->accounts.at(charmId).keys.size(), 2);
    // As the server does it for `charm keys`, whose terminal is not worth driving (server/auth.go,
    // api-unlink).
    QByteArray stranger;
    for (const PublicKey &key : reading->accounts.at(charmId).keys) {
        if (!m_state.accounts.at(charmId).keys.isEmpty() && key.createdAt >= stranger)
            stranger = key.text;
    }
    CharmDatabase(database(0))
        .ask("PRAGMA foreign_keys = ON; DELETE FROM public_key WHERE public_key = '" + stranger + "'");
    const RoundOutcome without = round();
    QVERIFY(without.servers[2].error && without.servers[2].error->code == Code::AccountsFile);
    QVERIFY(QFile::rename(file + QStringLiteral(".away"), file));
    CRING_OK(m_cluster->at(2).start());
    QCOMPARE(roundsTrouble(), QByteArray());
    for (int server = 0; server < 3; ++server)
        QCOMPARE(CharmDatabase(database(server)).ask("SELECT count(*) FROM public_key"), QByteArray("1"));
}

void TestSync::carriesAMergeToAServerThatWasAway()
{
    CharmClient *other = m_cluster->addStranger();
    CRING_OK(at(*other, 0).run(
        {QStringLiteral("kv"), QStringLiteral("set"), QStringLiteral("a"), QStringLiteral("b")}));
    QCOMPARE(roundsTrouble(), QByteArray());
    const QString file = database(2);
    m_cluster->at(2).stop();
    QVERIFY(QFile::rename(file, file + QStringLiteral(".away")));
    link(m_cluster->client(), *other, 1);
    QVERIFY(round().servers[2].error);
    QVERIFY(QFile::rename(file + QStringLiteral(".away"), file));
    CRING_OK(m_cluster->at(2).start());
    QCOMPARE(roundsTrouble(), QByteArray());
    QCOMPARE(idAt(*other, 2), m_cluster->charmId().toLatin1());
    QCOMPARE(CharmDatabase(database(2)).ask("SELECT count(*) FROM charm_user"), QByteArray("1"));
    QCOMPARE(CharmDatabase(database(2)).ask("SELECT count(*) FROM named_seq"), QByteArray("0"));
}

void TestSync::carriesANewNameOver()
{
    CRING_OK(at(m_cluster->client(), 2).run({QStringLiteral("name"), QStringLiteral("carl")}));
    QCOMPARE(roundsTrouble(), QByteArray());
    HttpClient http(m_cluster->at(0).url());
    const auto bio = http.get("/v1/bio/carl", m_cluster->token());
    QCOMPARE(bio.json().value(QStringLiteral("charm_id")).toString(), m_cluster->charmId());
}

void TestSync::mergesTheEmptyAccountOfAKeyThatAServerDidNotKnow()
{
    CRING_OK(at(m_cluster->client(), 0).run({QStringLiteral("name"), QStringLiteral("carl")}));
    CharmClient *other = m_cluster->addStranger();
    link(m_cluster->client(), *other, 0);
    // Before a round: the second server does not know the key, and makes an account for it.
    const QByteArray second = idAt(*other, 1);
    QVERIFY(second != m_cluster->charmId().toLatin1());
    QCOMPARE(roundsTrouble(), QByteArray());
    for (int server = 0; server < 3; ++server)
        QCOMPARE(idAt(*other, server), m_cluster->charmId().toLatin1());
    // But not one that has been used.
    CharmClient *third = m_cluster->addStranger();
    link(m_cluster->client(), *third, 0);
    CRING_OK(at(*third, 1).run(
        {QStringLiteral("kv"), QStringLiteral("set"), QStringLiteral("a"), QStringLiteral("b")}));
    const QByteArray used = idAt(*third, 1);
    const RoundOutcome outcome = round();
    QCOMPARE(outcome.clashes.size(), size_t(1));
    QCOMPARE(int(outcome.clashes[0].kind), int(Clash::Kind::KeyInTwoAccounts));
    QCOMPARE(idAt(*third, 1), used);
    QCOMPARE(idAt(*third, 2), m_cluster->charmId().toLatin1());
    // A person makes one of both.
    link(m_cluster->client(), *third, 1);
    QCOMPARE(roundsTrouble(), QByteArray());
    QCOMPARE(idAt(*third, 1), m_cluster->charmId().toLatin1());
}

void TestSync::refillsAServerThatLostItsDatabase()
{
    CharmClient *stranger = m_cluster->addStranger();
    const QByteArray charmId = idAt(*stranger, 0);
    QCOMPARE(roundsTrouble(), QByteArray());
    m_cluster->at(0).stop();
    QVERIFY(QFile::remove(database(0)));
    CRING_OK(m_cluster->at(0).start()); // It makes an empty one.
    QCOMPARE(roundsTrouble(), QByteArray());
    QCOMPARE(idAt(*stranger, 0), charmId);
    QCOMPARE(idAt(at(m_cluster->client(), 0), 0), m_cluster->charmId().toLatin1());
}

void TestSync::anotherServersOlderCopyTakesNothingAway()
{
    // They have other rows on each.
    const QByteArray here = idAt(*m_cluster->addStranger(), 0);
    QVERIFY(!idAt(*m_cluster->addStranger(), 1).isEmpty());
    QCOMPARE(roundsTrouble(), QByteArray());
    const QString copy = m_cluster->path() + QStringLiteral("/copy.db");
    m_cluster->at(0).stop();
    QVERIFY(QFile::copy(database(0), copy));
    const QByteArray key =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGsecondkeyofthesameaccountxxxxxxxxxxxxxxxxxxx";
    CharmDatabase(database(0))
        .ask("INSERT INTO public_key (user_id, public_key) SELECT id, '" + key +
             "' FROM charm_user WHERE charm_id = '" + here + "'");
    QCOMPARE(roundsTrouble(), QByteArray());
    // It was used more than the one whose place it takes.
    while (CharmDatabase(copy).accounts().changeCounter().value() <= m_state.servers.at("1").changeCounter)
        CharmDatabase(copy).ask("INSERT INTO token (pin) VALUES (hex(randomblob(8)))");
    m_cluster->at(1).stop();
    QVERIFY(QFile::remove(database(1)) && QFile::rename(copy, database(1)));
    QCOMPARE(roundsTrouble(), QByteArray());
    for (int server = 0; server < 3; ++server)
        QCOMPARE(CharmDatabase(database(server))
                     .ask("SELECT count(*) FROM public_key WHERE public_key = '" + key + "'"),
                 QByteArray("1"));
}

void TestSync::countsAFolderThatCannotBeListedAsFull()
{
    const FileProbe hasFiles = filesBeside(database(0));
    const QString folder = m_cluster->at(0).dataDir() + QStringLiteral("/files");
    QVERIFY(QDir().mkpath(folder + QStringLiteral("/empty")));
    QVERIFY(QFile::link(folder + QStringLiteral("/round"), folder + QStringLiteral("/round")));
    QVERIFY(!hasFiles("absent") && !hasFiles("empty"));
    QVERIFY(hasFiles("round"));
    // The disk that it is on is not there just now.
    QVERIFY(QDir().rename(folder, folder + QStringLiteral(".away")));
    QVERIFY(hasFiles("absent") && hasFiles("empty"));
    QVERIFY(QDir().rename(folder + QStringLiteral(".away"), folder));
}

void TestSync::leavesAServerOutThatCannotBeRead()
{
    CharmClient *stranger = m_cluster->addStranger();
    m_cluster->at(1).stop();
    QFile file(database(1));
    QVERIFY(file.open(QIODevice::ReadWrite));
    const QByteArray whole = file.readAll();
    QVERIFY(file.resize(0) && file.write("no database at all, but long enough to be looked at") > 0);
    file.close();
    const QByteArray charmId = idAt(*stranger, 0);
    const RoundOutcome outcome = round();
    QVERIFY(outcome.servers[1].error && outcome.servers[1].error->code == Code::AccountsDamaged);
    QVERIFY(!outcome.isComplete());
    QCOMPARE(idAt(*stranger, 2), charmId);
    QVERIFY(file.open(QIODevice::ReadWrite) && file.resize(0) && file.write(whole) == whole.size());
    file.close();
    CRING_OK(m_cluster->at(1).start());
    QCOMPARE(roundsTrouble(), QByteArray());
}

void TestSync::endsWhenCalledOff()
{
    (void)idAt(*m_cluster->addStranger(), 0);
    std::stop_source stop;
    stop.request_stop();
    const Synchronised before = m_state;
    const RoundOutcome outcome = round(stop.get_token());
    QVERIFY(outcome.stopped && !outcome.isComplete());
    QVERIFY(m_state == before);
    QCOMPARE(roundsTrouble(), QByteArray());
}

QTEST_GUILESS_MAIN(TestSync)
#include "tst_sync.moc"
