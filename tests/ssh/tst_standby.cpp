// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/workers.h"
#include "core/charm/token.h"
#include "core/http/pool.h"
#include "core/ssh/forwarder.h"
#include "core/ssh/login.h"
#include "tests/ssh/memorydirectory.h"
#include "tests/support/charmcluster.h"
#include "tests/support/openssh.h"

#include <QFile>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTest>

using namespace cring;
using namespace cring::test;
using namespace std::chrono_literals;
using playground::ChildProcess;
using ssh::Login;
using ssh::StandbyServer;

namespace {

constexpr int kLimit = 15'000;
/// Nobody listens there.
constexpr quint16 kDeadPort = 1;

QByteArray contents(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// Without what differs between two answers of one server: tokens, and rows of its database.
QByteArray comparable(QByteArray answer)
{
    QString text = QString::fromUtf8(answer);
    text.replace(QRegularExpression(QStringLiteral("\"jwt\":\"[^\"]*\"")), QStringLiteral("\"jwt\":\"…\""));
    text.replace(QRegularExpression(QStringLiteral("\"id\":\\d+")), QStringLiteral("\"id\":0"));
    return text.toUtf8();
}

} // namespace

/// The real charm client, through the forwarder, to the standby account server, while real Charm servers can
/// be reached by HTTP alone.
class TestStandby : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void answersAsARealServerDoes();
    void itsTokensOpenFilesOnARealServer();
    void anOldRsaKeyLogsInToo();
    void aStrangerIsToldWhy();
    void aStrangerIsToldWhyWhereAccountsAreClosed();
    void isNotAskedWhileAServerAnswers();
    void aClosedOneAnswersThoughServersDo();
    void refusesToLinkInWords();
    void unlinksAKey();
    void saysWhyAKeyIsNotUnlinked();
    void saysWhyItIsNoHelp();

private:
    void begin(quint16 sshPort, bool closed = false);
    Login::Answer ask(const QByteArray &command, quint16 port, const CharmClient &client);
    Login::Answer askStandby(const QByteArray &command);
    QByteArray openSsh(const QByteArray &command, const QByteArray &input)
    {
        return test::openSsh(m_cluster->client(), server().address(), m_forwarder->port(), command, input);
    }
    CharmServer &server() { return m_cluster->at(0); }
    void point(CharmClient &client);
    QByteArray ownKey();

    SystemClock m_clock;
    SeededRandom m_random{5};
    std::unique_ptr<CharmCluster> m_cluster;
    std::unique_ptr<MemoryDirectory> m_directory;
    Result<ssh::Signer> m_signer = Error{Code::TokenUnavailable, QStringLiteral("there is no key")};
    std::unique_ptr<StandbyServer> m_standby;
    std::unique_ptr<health::BackendSet> m_backends;
    std::unique_ptr<health::Primary> m_primary;
    std::unique_ptr<ssh::Forwarder> m_forwarder;
    std::unique_ptr<Workers> m_workers;
};

void TestStandby::init()
{
    m_cluster = std::make_unique<CharmCluster>(1);
    CRING_OK(m_cluster->start());
    // Makes the account's first encrypt key.
    const QString file = m_cluster->path() + QStringLiteral("/first");
    QFile first(file);
    QVERIFY(first.open(QIODevice::WriteOnly) && first.write("kept from the beginning") > 0);
    first.close();
    m_cluster->client().pointAt(server().address(), server().sshPort(), server().httpPort());
    CRING_OK(m_cluster->client().run(
        {QStringLiteral("fs"), QStringLiteral("cp"), file, QStringLiteral("charm:first")}));
    m_directory = std::make_unique<MemoryDirectory>();
    CRING_OK(m_directory->addFrom(server().dataDir()));
    m_directory->setSynchronisedAt(m_clock.wall() - 185s);
    const auto key = charm::ServerKey::parse(contents(m_cluster->signingKeyFile()));
    CRING_OK(key);
    m_signer = ssh::Signer{*key, m_cluster->issuer().toUtf8()};
    m_workers = std::make_unique<Workers>();
}

void TestStandby::cleanup()
{
    m_workers.reset();
    m_forwarder.reset();
    m_primary.reset();
    m_backends.reset();
    m_standby.reset();
    m_directory.reset();
    m_cluster.reset();
}

void TestStandby::begin(quint16 sshPort, bool closed)
{
    StandbyServer::Options options;
    options.closed = closed;
    m_standby = std::make_unique<StandbyServer>(
        *m_directory, [this] { return m_signer; }, m_clock, options);
    config::Server one;
    one.name = server().name();
    one.id = one.name;
    one.url = server().url();
    one.sshPort = sshPort;
    m_backends = std::make_unique<health::BackendSet>(
        QList<config::Server>{one}, [](const config::Server &) { return std::unique_ptr<http::Pool>(); },
        m_clock, m_random);
    m_primary = std::make_unique<health::Primary>(m_clock, QString());
    m_primary->setBackends(*m_backends);
    m_forwarder = std::make_unique<ssh::Forwarder>(*m_primary, config::Timing{}, config::Limits{}, m_clock);
    m_forwarder->setStandby(m_standby.get());
    CRING_OK(m_forwarder->listen(server().address() + QStringLiteral(":0")));
    point(m_cluster->client());
}

/// SSH at the forwarder, HTTP at the server: the host name is the same.
void TestStandby::point(CharmClient &client)
{
    client.pointAt(server().address(), m_forwarder->port(), server().httpPort());
}

QByteArray TestStandby::ownKey()
{
    const QByteArrayList parts =
        contents(m_cluster->client().keyFile() + QStringLiteral(".pub")).trimmed().split(' ');
    return parts.mid(0, 2).join(' ');
}

Login::Answer TestStandby::ask(const QByteArray &command, quint16 port, const CharmClient &client)
{
    Login::Request request;
    request.name = QStringLiteral("it");
    request.host = server().address();
    request.port = port;
    request.key = Secret(contents(client.keyFile()));
    request.command = command;
    request.hostKey = m_signer->key.publicKey();
    Login login(*m_workers, std::move(request), Login::Times{});
    std::optional<Result<Login::Answer>> result;
    connect(&login, &Login::finished, this, [&](const auto &answer) { result = answer; });
    login.start();
    if (!spinUntil([&] { return result.has_value(); }, kLimit))
        return {{}, "nothing came", -1, {}};
    return *result ? **result : Login::Answer{{}, result->error().toString().toUtf8(), -1, {}};
}

Login::Answer TestStandby::askStandby(const QByteArray &command)
{
    return ask(command, m_forwarder->port(), m_cluster->client());
}

void TestStandby::answersAsARealServerDoes()
{
    begin(kDeadPort);
    for (const char *command : {"api-auth", "id", "api-keys", "  'id' and more", "nonsense", "api-auth x"}) {
        const Login::Answer real = ask(command, server().sshPort(), m_cluster->client());
        const Login::Answer own = askStandby(command);
        QCOMPARE(comparable(own.out), comparable(real.out));
        QCOMPARE(own.errors, real.errors);
        QCOMPARE(own.exitStatus, real.exitStatus);
        QCOMPARE(own.hostKey, real.hostKey);
    }
    QCOMPARE(askStandby("id").out, m_cluster->charmId().toUtf8());
    QVERIFY(askStandby("api-auth").out.contains("\"encrypt_keys\":["));
    // The same second gives the same token, of any audience.
    for (const char *command : {"jwt", "jwt one 'two & three'"}) {
        const auto same = [&] {
            return askStandby(command).out == ask(command, server().sshPort(), m_cluster->client()).out;
        };
        QVERIFY(same() || same() || same() || same());
    }
    QCOMPARE(m_forwarder->stats().stoodIn, m_standby->stats().loggedIn);
    QTRY_COMPARE(m_standby->stats().open, 0);
    QTRY_COMPARE(m_forwarder->stats().open + m_forwarder->stats().pending, 0);
}

void TestStandby::itsTokensOpenFilesOnARealServer()
{
    begin(kDeadPort);
    CharmClient &client = m_cluster->client();
    QCOMPARE(QString::fromUtf8(client.run({QStringLiteral("id")}).out.trimmed()), m_cluster->charmId());
    const CharmClient::Output listing =
        client.run({QStringLiteral("fs"), QStringLiteral("ls"), QStringLiteral("charm:")});
    CRING_OK(listing);
    QVERIFY2(listing.out.contains("first"), listing.text().constData());
    const CharmClient::Output file =
        client.run({QStringLiteral("fs"), QStringLiteral("cat"), QStringLiteral("charm:first")});
    CRING_OK(file);
    QCOMPARE(file.out, QByteArray("kept from the beginning"));
    QVERIFY(m_standby->stats().loggedIn >= 3);
}

void TestStandby::anOldRsaKeyLogsInToo()
{
    CharmClient *client = m_cluster->addStranger();
    client->setVariable(QStringLiteral("CHARM_KEY_TYPE"), QStringLiteral("rsa"));
    client->pointAt(server().address(), server().sshPort(), server().httpPort());
    const CharmClient::Output id = client->run({QStringLiteral("id")});
    CRING_OK(id);
    m_directory->clear();
    CRING_OK(m_directory->addFrom(server().dataDir()));
    begin(kDeadPort);
    point(*client);
    const CharmClient::Output again = client->run({QStringLiteral("id")});
    CRING_OK(again);
    QCOMPARE(again.out, id.out);
    QCOMPARE(m_standby->stats().loggedIn, 1);
}

void TestStandby::aStrangerIsToldWhy()
{
    begin(kDeadPort);
    CharmClient *stranger = m_cluster->addStranger();
    point(*stranger);
    for (const QStringList &command :
         {QStringList{QStringLiteral("id")},
          QStringList{QStringLiteral("fs"), QStringLiteral("ls"), QStringLiteral("charm:")}}) {
        const CharmClient::Output output = stranger->run(command);
        QVERIFY(!output.ok());
        QVERIFY2(output.text().contains("no Charm server answers, and this key belonged to no account when "
                                        "they last did, 3 min ago: try again when one is back"),
                 output.text().constData());
    }
    QCOMPARE(m_standby->stats().loggedIn, 0);
    QCOMPARE(m_standby->stats().turnedAway, 2);
    QTRY_COMPARE(m_forwarder->stats().open + m_forwarder->stats().pending, 0);
}

void TestStandby::aStrangerIsToldWhyWhereAccountsAreClosed()
{
    begin(server().sshPort(), true);
    CharmClient *stranger = m_cluster->addStranger();
    point(*stranger);
    const CharmClient::Output output = stranger->run({QStringLiteral("id")});
    QVERIFY(!output.ok());
    QVERIFY2(output.text().contains("this key belongs to no account, and none is made here"),
             output.text().constData());
    MemoryDirectory now;
    CRING_OK(now.addFrom(server().dataDir()));
    const QByteArrayList parts = contents(stranger->keyFile() + QStringLiteral(".pub")).trimmed().split(' ');
    QVERIFY(!now.find(parts.mid(0, 2).join(' ')));
}

void TestStandby::isNotAskedWhileAServerAnswers()
{
    begin(server().sshPort());
    QSignalSpy began(m_forwarder.get(), &ssh::Forwarder::standbyBegan);
    QSignalSpy ended(m_forwarder.get(), &ssh::Forwarder::standbyEnded);
    CRING_OK(m_cluster->client().run({QStringLiteral("id")}));
    QCOMPARE(m_standby->stats().admitted, 0);
    server().pause();
    CRING_OK(m_cluster->client().run({QStringLiteral("id")}));
    CRING_OK(m_cluster->client().run({QStringLiteral("id")}));
    QCOMPARE(m_standby->stats().loggedIn, 2);
    QCOMPARE(began.size(), 1);
    QVERIFY2(began.first().first().toString().contains(QStringLiteral("said nothing for")),
             qPrintable(began.first().first().toString()));
    QVERIFY(ended.isEmpty());
    server().resume();
    const auto isBack = [&] {
        return m_cluster->client().run({QStringLiteral("id")}).ok() && ended.size() == 1;
    };
    QVERIFY(spinUntil(isBack, kLimit));
}

void TestStandby::aClosedOneAnswersThoughServersDo()
{
    begin(server().sshPort(), true);
    CRING_OK(m_cluster->client().run({QStringLiteral("id")}));
    QCOMPARE(m_standby->stats().loggedIn, 1);
    QCOMPARE(m_forwarder->stats().stoodIn, 1);
}

void TestStandby::refusesToLinkInWords()
{
    begin(kDeadPort);
    for (const char *command : {"api-link", "api-link ABCDEF"}) {
        const Login::Answer answer = askStandby(command);
        QVERIFY2(answer.out.contains("\"status\":9"), answer.out.constData());
        QVERIFY2(answer.out.contains("\"message\":\"linking needs a Charm server"), answer.out.constData());
        QVERIFY2(answer.errors.startsWith("linking needs a Charm server"), answer.errors.constData());
        QCOMPARE(answer.exitStatus, 1);
    }
    const auto asking = m_cluster->client().launchOnTerminal({QStringLiteral("link")});
    QByteArray shown;
    const bool told = spinUntil(
        [&] {
            shown += asking->readAll();
            return shown.contains("there’s been an error");
        },
        kLimit);
    QVERIFY2(told, shown.constData());
    asking->kill9();
}

void TestStandby::unlinksAKey()
{
    // Another machine of the same person.
    const QByteArray other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOther";
    ssh::DirectoryAccount account = *m_directory->find(ownKey());
    account.keys.append({other, "2026-11-29 20:00:00", {}});
    m_directory->clear();
    m_directory->add(account);
    begin(kDeadPort);
    QVERIFY(askStandby("api-keys").out.contains(other));
    const QByteArray line = "{\"id\":0,\"key\":\"" + other + "\",\"created_at\":null}\n";
    QCOMPARE(openSsh("api-unlink", line), QByteArray());
    QCOMPARE(m_directory->unlinked().size(), 1);
    QCOMPARE(m_directory->unlinked().first(), qMakePair(account.charmId, other));
    QVERIFY(!askStandby("api-keys").out.contains(other));
}

void TestStandby::saysWhyAKeyIsNotUnlinked()
{
    begin(kDeadPort);
    QCOMPARE(openSsh("api-unlink", "{}\n"), QByteArray("{\"message\":\"missing key\"}\n"));
    QVERIFY(openSsh("api-unlink", "").startsWith("{\"message\":\"Error unlinking account: "));
    QVERIFY(openSsh("api-unlink", QByteArray(40'000, 'x'))
                .startsWith("{\"message\":\"Error unlinking account: "));
    m_directory->setProblem(QStringLiteral("it is the last one"));
    const QByteArray last = "{\"key\":\"" + ownKey() + "\"}";
    QCOMPARE(openSsh("api-unlink", last),
             QByteArray("{\"message\":\"Error unlinking account: it is the last one\"}\n"));
    QVERIFY(m_directory->unlinked().isEmpty());
}

void TestStandby::saysWhyItIsNoHelp()
{
    begin(kDeadPort);
    QSignalSpy unserved(m_forwarder.get(), &ssh::Forwarder::unserved);
    m_directory->setSynchronisedAt({});
    QVERIFY(!m_cluster->client().run({QStringLiteral("id")}).ok());
    QCOMPARE(unserved.size(), 1);
    QVERIFY2(unserved.takeFirst().first().toString().contains(
                 QStringLiteral("no accounts have been synchronised yet")),
             "");
    m_signer = Error{Code::TokenUnavailable, QStringLiteral("the key is lost")};
    QVERIFY(!m_cluster->client().run({QStringLiteral("id")}).ok());
    QVERIFY(unserved.takeFirst().first().toString().contains(QStringLiteral("the key is lost")));
    QCOMPARE(m_standby->stats().admitted, 0);
}

QTEST_GUILESS_MAIN(TestStandby)
#include "tst_standby.moc"
