// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/accounts/charmdatabase.h"
#include "tests/integration/faultyring.h"
#include "tests/support/charmkv.h"
#include "tests/support/charmlink.h"
#include "tests/support/openssh.h"

#include <QDir>
#include <QFile>
#include <QJsonObject>
#include <QTest>

using namespace cring;
using namespace cring::test;

namespace {

constexpr int kEqualMs = 30'000;
constexpr quint16 kDeadPort = 9; // "discard": nobody listens there.

} // namespace

/// What people do with the real client through the ring while a machine with one of the servers is gone, its
/// disk and all, and what all servers know when it is back.
class TestAccountLife : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup() { m_ring.reset(); }
    void everythingWorksWithoutTheFirstServer();
    void whatWasChangedReachesAServerThatWasAway();
    void whatIsOwedToAServerThatTakesNoPartStaysOwed();
    void filesComeWithoutTheirPerson();
    void whereLoginsAreClosedTheFirstFilesCanBeReadAgain();
    void theStandbyOpensFilesWhenNoServerAnswersBySsh();

private:
    CharmCluster &cluster() { return m_ring->cluster(); }
    QString folder(int server) { return cluster().at(server).dataDir(); }
    void takeAway(int server);
    void giveBack(int server);
    /// Waits until the servers hold the same accounts and the same files; else in what they differ.
    QByteArray difference();
    QString letter(const QByteArray &text);
    QByteArray idAt(const CharmClient &client, int server);

    std::unique_ptr<FaultyRing> m_ring;
};

/// The client's output, for what is expected to go well.
#define CHARM(client, ...)                                                                                   \
    do {                                                                                                     \
        const CharmClient::Output charmOutput = (client).run(QStringList{__VA_ARGS__});                      \
        QVERIFY2(charmOutput.ok(), charmOutput.text().constData());                                          \
    } while (false)

void TestAccountLife::init()
{
    m_ring = std::make_unique<FaultyRing>();
    CRING_OK(m_ring->startServers());
    CRING_OK(m_ring->useServerKey());
    m_ring->shareData();
    CRING_OK(m_ring->startRing());
}

void TestAccountLife::takeAway(int server)
{
    m_ring->at(server).kill9();
    QVERIFY(QDir().rename(folder(server), folder(server) + QStringLiteral(".away")));
}

void TestAccountLife::giveBack(int server)
{
    QVERIFY(QDir().rename(folder(server) + QStringLiteral(".away"), folder(server)));
    CRING_OK(m_ring->at(server).start());
}

QByteArray TestAccountLife::difference()
{
    QByteArray trouble;
    const auto none = [&] {
        trouble = accountsDifference({databaseIn(folder(0)), databaseIn(folder(1)), databaseIn(folder(2))});
        return trouble.isEmpty();
    };
    return spinUntil(none, kEqualMs) ? m_ring->differenceAfter(kEqualMs) : trouble;
}

QString TestAccountLife::letter(const QByteArray &text)
{
    const QString path = cluster().path() + QStringLiteral("/letter");
    QFile file(path);
    // Charm gives an account's own folder the mode that belongs to what is first put there: that of the
    // client's key-value files, whichever of the two is first.
    return file.open(QIODevice::WriteOnly | QIODevice::Truncate) && file.write(text) == text.size() &&
                   file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ReadGroup)
               ? path
               : QString();
}

QByteArray TestAccountLife::idAt(const CharmClient &client, int server)
{
    return openSsh(client, m_ring->at(server).address(), m_ring->at(server).sshPort(), "id").trimmed();
}

void TestAccountLife::everythingWorksWithoutTheFirstServer()
{
    CharmClient &person = cluster().client();
    CHARM(person, QStringLiteral("fs"), QStringLiteral("cp"), letter("before"),
          QStringLiteral("charm:before"));
    CHARM(person, QStringLiteral("kv"), QStringLiteral("set"), QStringLiteral("colour"),
          QStringLiteral("red"));
    takeAway(0);

    CHARM(person, QStringLiteral("id"));
    QCOMPARE(person.run({QStringLiteral("fs"), QStringLiteral("cat"), QStringLiteral("charm:before")}).out,
             QByteArray("before"));
    CHARM(person, QStringLiteral("fs"), QStringLiteral("cp"), letter("after"), QStringLiteral("charm:after"));
    QVERIFY(person.run({QStringLiteral("fs"), QStringLiteral("ls"), QStringLiteral("charm:")})
                .out.contains("after"));
    CRING_OK(storeValue(person, QStringLiteral("colour"), QStringLiteral("blue")));

    CharmClient &machine = *cluster().addStranger();
    const QByteArray trouble = linkTrouble(person, machine);
    QVERIFY2(trouble.isEmpty(), trouble.constData());
    QCOMPARE(QString::fromUtf8(machine.run({QStringLiteral("id")}).out.trimmed()), cluster().charmId());
    QCOMPARE(machine.run({QStringLiteral("fs"), QStringLiteral("cat"), QStringLiteral("charm:after")}).out,
             QByteArray("after"));
    CHARM(machine, QStringLiteral("kv"), QStringLiteral("sync"));
    QCOMPARE(
        machine.run({QStringLiteral("kv"), QStringLiteral("get"), QStringLiteral("colour")}).out.trimmed(),
        QByteArray("blue"));

    CharmClient &newcomer = *cluster().addStranger();
    CHARM(newcomer, QStringLiteral("name"), QStringLiteral("nina"));
    CHARM(newcomer, QStringLiteral("fs"), QStringLiteral("cp"), letter("new"), QStringLiteral("charm:new"));
    CHARM(newcomer, QStringLiteral("kv"), QStringLiteral("set"), QStringLiteral("a"), QStringLiteral("b"));
    const QByteArray newId = newcomer.run({QStringLiteral("id")}).out.trimmed();

    giveBack(0);
    const QByteArray differs = difference();
    QVERIFY2(differs.isEmpty(), differs.constData());
    QCOMPARE(idAt(newcomer, 0), newId);
    QCOMPARE(QString::fromUtf8(idAt(machine, 0)), cluster().charmId());
    CharmDatabase first(databaseIn(folder(0)));
    QCOMPARE(first.ask("SELECT charm_id FROM charm_user WHERE name = 'nina'"), newId);
    QCOMPARE(first.ask("SELECT count(*) FROM named_seq WHERE seq > 0"), QByteArray("2"));
}

void TestAccountLife::whatWasChangedReachesAServerThatWasAway()
{
    CharmClient &person = cluster().client();
    CharmClient &old = *cluster().addStranger();
    const QByteArray trouble = linkTrouble(person, old);
    QVERIFY2(trouble.isEmpty(), trouble.constData());
    CharmClient &other = *cluster().addStranger();
    CHARM(other, QStringLiteral("id"));
    CHARM(other, QStringLiteral("kv"), QStringLiteral("set"), QStringLiteral("a"), QStringLiteral("b"));
    CHARM(person, QStringLiteral("name"), QStringLiteral("carl"));
    QByteArray differs = difference();
    QVERIFY2(differs.isEmpty(), differs.constData());
    takeAway(2);

    // An unlinked key, as the client says it (client/auth.go); two accounts made one; another name.
    QFile publicKey(old.keyFile() + QStringLiteral(".pub"));
    QVERIFY(publicKey.open(QIODevice::ReadOnly));
    const QByteArray key = publicKey.readAll().simplified().split(' ').mid(0, 2).join(' ');
    QCOMPARE(openSsh(person, m_ring->ring().address(), m_ring->ring().sshPort(), "api-unlink",
                     "{\"key\":\"" + key + "\"}\n"),
             QByteArray());
    const QByteArray merging = linkTrouble(person, other);
    QVERIFY2(merging.isEmpty(), merging.constData());
    CHARM(person, QStringLiteral("name"), QStringLiteral("carla"));

    giveBack(2);
    differs = difference();
    QVERIFY2(differs.isEmpty(), differs.constData());
    CharmDatabase third(databaseIn(folder(2)));
    QCOMPARE(third.ask("SELECT name FROM charm_user WHERE name <> ''"), QByteArray("carla"));
    QCOMPARE(third.ask("SELECT count(*) FROM public_key WHERE public_key LIKE '" + key + "%'"),
             QByteArray("0"));
    QCOMPARE(QString::fromUtf8(idAt(other, 2)), cluster().charmId());
    // What was owed to it, a key for what is unlinked by now among that, has come by the round.
    QVERIFY(spinUntil(
        [this] {
            return m_ring->ring()
                .runCommand({QStringLiteral("queue"), QStringLiteral("list")})
                .out.startsWith("Nothing is owed");
        },
        kEqualMs));
}

/// A round of the two whose databases can be reached brings the third nothing.
void TestAccountLife::whatIsOwedToAServerThatTakesNoPartStaysOwed()
{
    QList<playground::RingServer> servers = m_ring->ring().options().servers;
    servers[2].data.clear();
    CRING_OK(m_ring->configure(servers, true));
    CharmClient &person = cluster().client();
    CHARM(person, QStringLiteral("id"));
    m_ring->at(2).kill9();
    CHARM(person, QStringLiteral("name"), QStringLiteral("carl"));
    for (int round = 0; round < 2; ++round)
        QCOMPARE(m_ring->ring().runCommand({QStringLiteral("accounts"), QStringLiteral("sync")}).exitCode, 0);
    const QByteArray owed = m_ring->ring().runCommand({QStringLiteral("queue"), QStringLiteral("list")}).out;
    QVERIFY2(owed.contains(m_ring->at(2).name().toUtf8()) && owed.contains("name"), owed.constData());
    CRING_OK(m_ring->at(2).start());
    const auto named = [this] {
        return CharmDatabase(databaseIn(folder(2)))
            .ask("SELECT count(*) FROM charm_user WHERE name = 'carl'");
    };
    QVERIFY(spinUntil([&] { return named() == "1"; }, kEqualMs));
}

/// The servers' key brings tokens for everybody whom the databases know: nobody has to come first.
void TestAccountLife::filesComeWithoutTheirPerson()
{
    const FaultyRing::Stranger stranger = m_ring->strangerAt(0);
    QCOMPARE(HttpClient(m_ring->at(0).url()).upload("/v1/fs/old", "old", stranger.token).status, 200);
    QVERIFY(spinUntil([&] { return !m_ring->at(2).files().isEmpty(); }, kEqualMs));
    const QByteArray differs = difference();
    QVERIFY2(differs.isEmpty(), differs.constData());
    QVERIFY(QFile::exists(m_ring->at(1).filesDir() + u'/' + QString::fromLatin1(stranger.id) +
                          QStringLiteral("/old")));
}

/// Each command of a client is a login of its own. One that does not know the encrypt key of the command
/// before makes another, and what was encrypted with it is lost to the others.
void TestAccountLife::whereLoginsAreClosedTheFirstFilesCanBeReadAgain()
{
    m_ring->ring().options().serviceLines = QStringLiteral("accounts = \"closed\"\n");
    CRING_OK(m_ring->configure(m_ring->ring().options().servers, true));
    CharmClient &newcomer = *cluster().addStranger();
    QVERIFY(!newcomer.run({QStringLiteral("id")}).ok()); // It makes the key that it shows.
    QCOMPARE(m_ring->ring()
                 .runCommand({QStringLiteral("accounts"), QStringLiteral("create"), QStringLiteral("--key"),
                              newcomer.keyFile() + QStringLiteral(".pub")})
                 .exitCode,
             0);
    for (const char *name : {"a", "b", "c"})
        CHARM(newcomer, QStringLiteral("fs"), QStringLiteral("cp"), letter(name),
              QStringLiteral("charm:") + QLatin1String(name));
    CHARM(newcomer, QStringLiteral("kv"), QStringLiteral("set"), QStringLiteral("k"), QStringLiteral("v"));
    for (const char *name : {"a", "b", "c"})
        QCOMPARE(newcomer
                     .run({QStringLiteral("fs"), QStringLiteral("cat"),
                           QStringLiteral("charm:") + QLatin1String(name)})
                     .out,
                 QByteArray(name));
    QCOMPARE(newcomer.run({QStringLiteral("kv"), QStringLiteral("get"), QStringLiteral("k")}).out.trimmed(),
             QByteArray("v"));
}

void TestAccountLife::theStandbyOpensFilesWhenNoServerAnswersBySsh()
{
    CharmClient &person = cluster().client();
    CHARM(person, QStringLiteral("fs"), QStringLiteral("cp"), letter("kept"), QStringLiteral("charm:kept"));
    QCOMPARE(m_ring->ring().runCommand({QStringLiteral("accounts"), QStringLiteral("sync")}).exitCode, 0);
    m_ring->ring().options().serviceLines = QStringLiteral("accounts = \"standby\"\n");
    QList<playground::RingServer> servers = m_ring->ring().options().servers;
    for (playground::RingServer &server : servers)
        server.sshPort = kDeadPort;
    CRING_OK(m_ring->configure(servers, true));

    const CharmClient::Output listing =
        person.run({QStringLiteral("fs"), QStringLiteral("ls"), QStringLiteral("charm:")});
    QVERIFY2(listing.ok() && listing.out.contains("kept"), listing.text().constData());
    QCOMPARE(person.run({QStringLiteral("fs"), QStringLiteral("cat"), QStringLiteral("charm:kept")}).out,
             QByteArray("kept"));
    CharmClient &stranger = *cluster().addStranger();
    const CharmClient::Output refused = stranger.run({QStringLiteral("id")});
    QVERIFY2(!refused.ok() && refused.err.contains("belonged to no account"), refused.text().constData());
    for (int server = 0; server < 3; ++server)
        QCOMPARE(CharmDatabase(databaseIn(folder(server))).ask("SELECT count(*) FROM charm_user"),
                 QByteArray("2"));
}

QTEST_GUILESS_MAIN(TestAccountLife)
#include "tst_accountlife.moc"
