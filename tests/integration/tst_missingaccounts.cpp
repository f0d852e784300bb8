// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/accountsdatabase.h"
#include "core/accounts/charmfolder.h"
#include "core/accounts/localsql.h"
#include "tests/support/cringprocess.h"
#include "tests/support/httpclient.h"
#include "tests/support/hungdisk.h"
#include "tests/support/sshserver.h"

#include <QDir>
#include <QElapsedTimer>
#include <QScopeGuard>
#include <QTest>

using namespace cring;
using namespace cring::test;

/// An account that a server does not know is brought there while a request of its waits: three real servers
/// behind the ring, which has access to their data directories by SSH (it would see of itself after 15 s that
/// an account is new) or on this machine.
class TestMissingAccounts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void firstUploadReachesAll_data() { localAndSsh(); }
    void firstUploadReachesAll();
    void longFirstUploadReachesAll_data() { localAndSsh(); }
    void longFirstUploadReachesAll();
    void accountThatOneServerLostIsBackAtOnce_data() { localAndSsh(); }
    void accountThatOneServerLostIsBackAtOnce();
    void readsBringTheAccount_data() { localAndSsh(); }
    void readsBringTheAccount();
    void firstSequenceNumberCounts_data() { localAndSsh(); }
    void firstSequenceNumberCounts();
    void firstDeleteGoesToAll_data() { localAndSsh(); }
    void firstDeleteGoesToAll();
    void newPersonsClientWorksAtOnce_data() { localAndSsh(); }
    void newPersonsClientWorksAtOnce();
    void unknownEverywhereIsToldSoon();
    void deadMachineHoldsNobodyUp();
    void hostKeysComeFromTheStateDirectory();
    void diskThatHangsHoldsNobodyUp();

private:
    struct Person
    {
        QByteArray id;
        QByteArray token;
    };

    static void localAndSsh();
    Status start(bool overSsh);
    Person strangerAt(int server);
    Person known() const { return {m_cluster->charmId().toLatin1(), m_cluster->token()}; }
    HttpClient client() const { return HttpClient(m_ring->url()); }
    bool hasAccount(int server, const QByteArray &charmId) const;
    bool isEverywhere(const QByteArray &charmId) const;
    QByteArray onDisk(int server, const Person &person, const QByteArray &path) const;
    bool allHave(const Person &person, const QByteArray &path, const QByteArray &data) const;

    SshServer m_sshd;
    std::unique_ptr<CharmCluster> m_cluster;
    std::unique_ptr<CringProcess> m_ring;
};

namespace {

constexpr int kServers = 3;
/// From the request's begin until everything is where it belongs.
constexpr int kWithin = 3'000;

QString databaseOf(const CharmServer &server)
{
    return server.dataDir() + u'/' + accounts::charmfolder::kDatabase;
}

bool put(const QString &path, const QString &from)
{
    return QFile::copy(from, path) && QFile::setPermissions(path, QFile::ReadOwner | QFile::WriteOwner);
}

} // namespace

void TestMissingAccounts::initTestCase()
{
    CRING_OK(m_sshd.start());
}

void TestMissingAccounts::init()
{
    m_ring.reset();
    m_cluster = std::make_unique<CharmCluster>(kServers);
    CRING_OK(m_cluster->start());
}

void TestMissingAccounts::cleanup()
{
    m_ring.reset();
    m_cluster.reset();
}

void TestMissingAccounts::localAndSsh()
{
    QTest::addColumn<bool>("ssh");
    QTest::newRow("local") << false;
    QTest::newRow("ssh") << true;
}

/// Returns when all servers are up, and their accounts have been looked at.
Status TestMissingAccounts::start(bool overSsh)
{
    m_ring = std::make_unique<CringProcess>(*m_cluster);
    auto &servers = m_ring->options().servers;
    for (int i = 0; i < servers.size(); ++i) {
        const QString folder = m_cluster->at(i).dataDir();
        servers[i].data = overSsh ? m_sshd.url(folder) : folder;
    }
    const QString home = m_ring->options().home + QStringLiteral("/.ssh");
    if (!QDir().mkpath(home) || !put(home + QStringLiteral("/known_hosts"), m_sshd.knownHosts()) ||
        !put(home + QStringLiteral("/id_ed25519"), m_sshd.keyFile()))
        return Error{Code::NodeFile, QStringLiteral("the ring's home could not be made")};
    if (const Status started = m_ring->start(); !started)
        return started;
    const auto isUp = [this] {
        const QByteArray status =
            m_ring->runCommand({QStringLiteral("status"), QStringLiteral("--json")}).out;
        return status.count(R"("state":"up")") + status.count(R"("state": "up")") == kServers;
    };
    if (!spinUntil(isUp, 10'000))
        return Error{Code::BackendUnreachable, QStringLiteral("not all servers are up")};
    const auto synced =
        m_ring->runCommand({QStringLiteral("accounts"), QStringLiteral("sync"), QStringLiteral("--json")});
    return synced.exitCode == 0 && !synced.out.contains("problem")
               ? Status()
               : Error{Code::AccountsFile, QString::fromUtf8(synced.out + synced.err)};
}

/// Somebody whom only that server knows.
TestMissingAccounts::Person TestMissingAccounts::strangerAt(int server)
{
    CharmClient &client = *m_cluster->addStranger();
    const CharmServer &charm = m_cluster->at(server);
    client.pointAt(charm.address(), charm.sshPort(), charm.httpPort());
    Person person;
    person.id = client.run({QStringLiteral("id")}).out.trimmed();
    TokenMinter::Claims claims;
    claims.subject = QString::fromUtf8(person.id);
    claims.issuer = m_cluster->issuer();
    person.token = m_cluster->minter().mint(claims);
    return person;
}

bool TestMissingAccounts::hasAccount(int server, const QByteArray &charmId) const
{
    accounts::LocalSql file(databaseOf(m_cluster->at(server)));
    SystemRandom random;
    const auto reading = accounts::AccountsDatabase(file, m_cluster->at(server).name(), random).read();
    return reading && reading->accounts.contains(charmId);
}

bool TestMissingAccounts::isEverywhere(const QByteArray &charmId) const
{
    return hasAccount(0, charmId) && hasAccount(1, charmId) && hasAccount(2, charmId);
}

QByteArray TestMissingAccounts::onDisk(int server, const Person &person, const QByteArray &path) const
{
    QFile file(m_cluster->at(server).filesDir() + u'/' + QString::fromLatin1(person.id + '/' + path));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("nothing");
}

bool TestMissingAccounts::allHave(const Person &person, const QByteArray &path, const QByteArray &data) const
{
    return onDisk(0, person, path) == data && onDisk(1, person, path) == data &&
           onDisk(2, person, path) == data;
}

/// Also into a folder, which is made beforehand.
void TestMissingAccounts::firstUploadReachesAll()
{
    QFETCH(bool, ssh);
    CRING_OK(start(ssh));
    for (const QByteArray path : {"6f6e65", "666f6c646572/6f6e65"}) {
        const Person person = strangerAt(0);
        QElapsedTimer timer;
        timer.start();
        const HttpResponse stored = client().upload("/v1/fs/" + path, "first words", person.token);
        QVERIFY2(stored.status == 200, stored.text().constData());
        const auto answered = timer.elapsed();
        QVERIFY(spinUntil([&] { return allHave(person, path, "first words"); }, kWithin));
        QVERIFY(timer.elapsed() < kWithin);
        qInfo("answered after %lld ms, on all three after %lld ms", static_cast<long long>(answered),
              static_cast<long long>(timer.elapsed()));
    }
}

/// More than is kept for a second try: the client is held back meanwhile.
void TestMissingAccounts::longFirstUploadReachesAll()
{
    QFETCH(bool, ssh);
    CRING_OK(start(ssh));
    const Person person = strangerAt(0);
    const QByteArray data(8 * 1024 * 1024, 'x');
    QElapsedTimer timer;
    timer.start();
    const HttpResponse stored = client().upload("/v1/fs/6c6f6e67", data, person.token);
    QVERIFY2(stored.status == 200, stored.text().constData());
    QVERIFY(spinUntil([&] { return allHave(person, "6c6f6e67", data); }, kWithin));
    QVERIFY(timer.elapsed() < kWithin);
    qInfo("8 MiB on all three after %lld ms", static_cast<long long>(timer.elapsed()));
}

/// The only account of its database: an empty one has lost it, and deletes it nowhere (ADR 11).
void TestMissingAccounts::accountThatOneServerLostIsBackAtOnce()
{
    QFETCH(bool, ssh);
    CRING_OK(start(ssh));
    const Person person = known();
    accounts::LocalSql file(databaseOf(m_cluster->at(1)));
    const auto deleted = file.run("PRAGMA foreign_keys = ON; DELETE FROM charm_user;",
                                  [](accounts::SqlRow) { return true; }, {});
    CRING_OK(deleted);
    QVERIFY(!hasAccount(1, person.id) || !ssh);
    QElapsedTimer timer;
    timer.start();
    const HttpResponse stored = client().upload("/v1/fs/6f6e65", "words", person.token);
    QVERIFY2(stored.status == 200, stored.text().constData());
    QVERIFY(spinUntil([&] { return allHave(person, "6f6e65", "words"); }, kWithin));
    QVERIFY(timer.elapsed() < kWithin);
    QVERIFY(isEverywhere(person.id));
    qInfo("on all three after %lld ms", static_cast<long long>(timer.elapsed()));
}

/// Who reads is served by the server that knows it, at once; the others learn it.
void TestMissingAccounts::readsBringTheAccount()
{
    QFETCH(bool, ssh);
    CRING_OK(start(ssh));
    for (const QByteArray target : {"/v1/fs/6f6e65", "/v1/fs/"}) {
        const Person person = strangerAt(0);
        HttpClient direct(m_cluster->at(0).url());
        QCOMPARE(direct.upload("/v1/fs/6f6e65", "words", person.token).status, 200);
        QElapsedTimer timer;
        timer.start();
        const HttpResponse read = client().get(target, person.token);
        QVERIFY2(read.status == 200 && read.complete, read.text().constData());
        QVERIFY2(read.body == "words" || read.body.contains(R"("6f6e65")"), read.text().constData());
        QVERIFY(timer.elapsed() < kWithin);
        qInfo("%s after %lld ms", target.constData(), static_cast<long long>(timer.elapsed()));
        if (target == "/v1/fs/")
            QVERIFY(spinUntil([&] { return isEverywhere(person.id); }, kWithin));
    }
}

void TestMissingAccounts::firstSequenceNumberCounts()
{
    QFETCH(bool, ssh);
    CRING_OK(start(ssh));
    const Person person = strangerAt(0);
    QElapsedTimer timer;
    timer.start();
    // The row that the first server has made already may have come to the others with the account.
    int last = -1;
    for (int i = 0; i < 2; ++i) {
        const HttpResponse posted =
            client().request("POST", "/v1/seq/mine", HttpClient::bearer(person.token));
        QVERIFY2(posted.status == 200, posted.text().constData());
        const int number = posted.json().value(QStringLiteral("seq")).toInt(-1);
        QVERIFY2(number > last, posted.text().constData());
        last = number;
        QVERIFY(timer.elapsed() < kWithin);
    }
    qInfo("two numbers after %lld ms", static_cast<long long>(timer.elapsed()));
    QVERIFY(spinUntil([&] { return isEverywhere(person.id); }, kWithin));
}

/// A server without the account may hold its files all the same.
void TestMissingAccounts::firstDeleteGoesToAll()
{
    QFETCH(bool, ssh);
    CRING_OK(start(ssh));
    const Person person = known();
    QCOMPARE(client().upload("/v1/fs/6f6e65", "words", person.token).status, 200);
    QVERIFY(spinUntil([&] { return allHave(person, "6f6e65", "words"); }, kWithin));
    accounts::LocalSql file(databaseOf(m_cluster->at(1)));
    const auto deleted = file.run("PRAGMA foreign_keys = ON; DELETE FROM charm_user;",
                                  [](accounts::SqlRow) { return true; }, {});
    CRING_OK(deleted);
    const HttpResponse removed = client().remove("/v1/fs/6f6e65", person.token);
    QVERIFY2(removed.status == 200, removed.text().constData());
    QVERIFY(spinUntil([&] { return allHave(person, "6f6e65", "nothing"); }, kWithin));
}

/// The real client: it makes an account at the primary with its first command, and goes on at once.
void TestMissingAccounts::newPersonsClientWorksAtOnce()
{
    QFETCH(bool, ssh);
    CRING_OK(start(ssh));
    const QString file = m_cluster->path() + QStringLiteral("/note.txt");
    QFile note(file);
    QVERIFY(note.open(QIODevice::WriteOnly) && note.write("words\n") > 0);
    note.close();
    using Words = QStringList;
    const QString remote = QStringLiteral("charm:note.txt");
    const auto words = [](const char *line) {
        return QString::fromLatin1(line).split(u' ');
    };
    const QList<QList<Words>> lives{
        {words("fs cp") + Words{file, remote}, words("fs cat") + Words{remote}, words("fs ls /")},
        {words("kv set a b"), words("kv get a"), words("kv list")},
    };
    for (const QList<Words> &life : lives) {
        CharmClient &client = *m_cluster->addStranger();
        for (const Words &command : life) {
            const auto output = client.run(command);
            CRING_OK(output);
            QVERIFY2(output.took.count() < kWithin, output.text().constData());
            qInfo("%s: %lld ms", qPrintable(command.mid(0, 2).join(u' ')),
                  static_cast<long long>(output.took.count()));
        }
        const QByteArray id = client.run({QStringLiteral("id")}).out.trimmed();
        QVERIFY(spinUntil([&] { return isEverywhere(id); }, kWithin));
        QVERIFY(spinUntil([&] { return m_cluster->treeDifference().isEmpty(); }, kWithin));
    }
}

void TestMissingAccounts::unknownEverywhereIsToldSoon()
{
    CRING_OK(start(true));
    TokenMinter::Claims claims;
    claims.subject = QStringLiteral("11111111-2222-4333-8444-555555555555");
    claims.issuer = m_cluster->issuer();
    const QByteArray token = m_cluster->minter().mint(claims);
    QElapsedTimer timer;
    timer.start();
    const HttpResponse first = client().get("/v1/fs/6f6e65", token);
    QVERIFY2(first.status == 404 && first.body.contains("missing user"), first.text().constData());
    QVERIFY(timer.elapsed() < kWithin);
    // Nobody is asked again for a while.
    timer.restart();
    const HttpResponse refused = client().upload("/v1/fs/6f6e65", "words", token);
    QVERIFY2(refused.body.contains("missing user") || refused.body.contains("does not know this account"),
             refused.text().constData());
    QVERIFY(refused.status == 404 || refused.status == 503);
    qInfo("told again after %lld ms", static_cast<long long>(timer.elapsed()));
    QVERIFY(timer.elapsed() < 1'000);
}

/// sshd is frozen: connections are accepted, and nobody answers.
void TestMissingAccounts::deadMachineHoldsNobodyUp()
{
    CRING_OK(start(true));
    auto &servers = m_ring->options().servers;
    for (const int local : {0, 1})
        servers[local].data = m_cluster->at(local).dataDir();
    QVERIFY(m_ring->stop() == 0);
    CRING_OK(m_ring->start());
    m_sshd.pause();
    const auto thaw = qScopeGuard([this] { m_sshd.resume(); });
    for (int round = 0; round < 2; ++round) {
        const Person person = strangerAt(0);
        QVERIFY(spinUntil([&] { return hasAccount(1, person.id); }, 5'000));
        QVERIFY(!hasAccount(2, person.id));
        QElapsedTimer timer;
        timer.start();
        const HttpResponse stored = client().upload("/v1/fs/6f6e65", "words", person.token);
        QVERIFY2(stored.status == 200, stored.text().constData());
        qInfo("stored at two after %lld ms", static_cast<long long>(timer.elapsed()));
        QVERIFY(timer.elapsed() < kWithin);
    }
    const auto listed =
        m_ring->runCommand({QStringLiteral("accounts"), QStringLiteral("sync"), QStringLiteral("--json")});
    QVERIFY2(listed.out.contains(m_sshd.host().toUtf8()), listed.out.constData());
}

/// Where a system service, which has no home, has them.
void TestMissingAccounts::hostKeysComeFromTheStateDirectory()
{
    CRING_OK(start(true));
    QCOMPARE(m_ring->stop(), 0);
    const QString home = m_ring->options().home + QStringLiteral("/.ssh/known_hosts");
    const QString state = m_ring->options().home + QStringLiteral("/state/charmedring/known_hosts");
    const auto allTakePart = [this] {
        return m_ring->runCommand({QStringLiteral("accounts"), QStringLiteral("sync")}).exitCode == 0;
    };
    QVERIFY(QFile::rename(home, home + QStringLiteral(".aside")));
    CRING_OK(m_ring->start());
    QVERIFY(!allTakePart());
    QCOMPARE(m_ring->stop(), 0);
    QVERIFY(put(state, m_sshd.knownHosts()));
    CRING_OK(m_ring->start());
    QVERIFY(allTakePart());
}

/// A server's directory is on another machine's disk, and that is gone.
void TestMissingAccounts::diskThatHangsHoldsNobodyUp()
{
    HungDisk disk;
    CRING_OK(disk.made());
    m_ring = std::make_unique<CringProcess>(*m_cluster);
    auto &servers = m_ring->options().servers;
    for (const int local : {0, 1})
        servers[local].data = m_cluster->at(local).dataDir();
    servers[2].data = disk.path() + QStringLiteral("/data");
    CRING_OK(m_ring->start());
    const Person person = strangerAt(0);
    QVERIFY(spinUntil([&] { return hasAccount(1, person.id); }, 5'000));
    QElapsedTimer timer;
    timer.start();
    const HttpResponse stored = client().upload("/v1/fs/6f6e65", "words", person.token);
    QVERIFY2(stored.status == 200, stored.text().constData());
    QVERIFY(timer.elapsed() < kWithin);
    const auto synced = m_ring->runCommand({QStringLiteral("accounts"), QStringLiteral("sync")});
    QCOMPARE(synced.exitCode, 3);
    QVERIFY2(synced.out.contains("has not answered"), synced.out.constData());
    timer.restart();
    QCOMPARE(m_ring->stop(), 0);
    qInfo("stopped after %lld ms", static_cast<long long>(timer.elapsed()));
    QVERIFY(timer.elapsed() < kWithin);
}

QTEST_GUILESS_MAIN(TestMissingAccounts)
#include "tst_missingaccounts.moc"
