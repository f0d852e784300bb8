// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/standbyserver.h"
#include "tests/ssh/baressh.h"
#include "tests/ssh/memorydirectory.h"
#include "tests/support/charmcluster.h"

#include <QDir>
#include <QElapsedTimer>
#include <QTest>

using namespace cring;
using namespace cring::test;
using namespace std::chrono_literals;
using ssh::StandbyServer;

namespace {

constexpr quint8 kDisconnect = 1;
constexpr quint8 kServiceAccept = 6;
constexpr quint8 kAuthFailure = 51;
constexpr quint8 kAuthSuccess = 52;
constexpr quint8 kKeyOk = 60;
constexpr quint8 kChannelConfirmation = 91;
constexpr quint8 kChannelFailure = 92;
constexpr quint8 kChannelData = 94;
constexpr quint8 kRequestSuccess = 99;
constexpr quint8 kRequestFailure = 100;
constexpr quint32 kFirstChannel = 43;
constexpr const char *kId = "7f4d1c5e-0000-4000-8000-000000000001";

qsizetype descriptors()
{
    return QDir(QStringLiteral("/proc/self/fd"))
        .entryList(QDir::AllEntries | QDir::NoDotAndDotDot | QDir::System)
        .size();
}

} // namespace

/// Clients that no SSH library would be, at the standby server: what they get, and that nobody else suffers.
class TestStandbyHostile : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void letsInWhoProvesAKeyOfAnAccount();
    void neverTellsWhichKeysHaveAccounts();
    void takesNoProofOfAnotherConversation();
    void takesNoOtherWayIn_data();
    void takesNoOtherWayIn();
    void doesNothingBeforeTheLogin_data();
    void doesNothingBeforeTheLogin();
    void runsNothingButItsCommands_data();
    void runsNothingButItsCommands();
    void oneCommandAChannelAndFewChannels();
    void opensChannelsWhileACommandReads();
    void hangsUpOnNonsense_data();
    void hangsUpOnNonsense();
    void sendsAwayWhoTakesTooLong_data();
    void sendsAwayWhoTakesTooLong();
    void sendsAwayWhoTalksTooMuch();
    void othersAreServedMeanwhile();
    void takesNoMoreThanItsNumber();
    void endsAtOnceWithSessionsOpen();

private:
    void begin(const StandbyServer::Options &options = {});
    ssh::UniqueFd connectTo(const QString &address = QStringLiteral("192.0.2.1"));
    /// As far as the login.
    std::unique_ptr<BareSsh> handshaken();
    std::unique_ptr<BareSsh> loggedIn();

    SystemClock m_clock;
    MemoryDirectory m_directory;
    SshKey m_known;
    SshKey m_unknown;
    std::optional<ssh::Signer> m_signer;
    std::unique_ptr<StandbyServer> m_standby;
    std::vector<http::ConnectionQuota::Ticket> m_tickets;
};

void TestStandbyHostile::init()
{
    m_directory.clear();
    m_directory.add({kId, "ann", {{m_known.text(), "2026-11-29 20:00:00", {}}}});
    const auto key = charm::ServerKey::fromSeed(QByteArray(32, 'k'));
    CRING_OK(key);
    m_signer = ssh::Signer{*key, "http://charm.example:35354"};
    begin();
}

void TestStandbyHostile::cleanup()
{
    m_tickets.clear();
    m_standby.reset();
}

void TestStandbyHostile::begin(const StandbyServer::Options &options)
{
    m_tickets.clear();
    m_standby = std::make_unique<StandbyServer>(
        m_directory, [this]() -> Result<ssh::Signer> { return *m_signer; }, m_clock, options);
}

ssh::UniqueFd TestStandbyHostile::connectTo(const QString &address)
{
    Result<StandbyServer::Place> place = m_standby->admit(QHostAddress(address));
    if (!place)
        return {};
    m_tickets.push_back(std::move(place->ticket));
    return std::move(place->socket);
}

std::unique_ptr<BareSsh> TestStandbyHostile::handshaken()
{
    auto client = std::make_unique<BareSsh>(connectTo());
    if (!client->shakeHands() || !client->sendPacket(BareSsh::serviceRequest()) ||
        !client->readUntil(kServiceAccept))
        return nullptr;
    return client;
}

std::unique_ptr<BareSsh> TestStandbyHostile::loggedIn()
{
    auto client = handshaken();
    if (!client || !client->sendPacket(client->proveKey(m_known)) || !client->readUntil(kAuthSuccess))
        return nullptr;
    return client;
}

void TestStandbyHostile::letsInWhoProvesAKeyOfAnAccount()
{
    const auto client = loggedIn();
    QVERIFY(client);
    const auto channel = client->openChannel();
    QVERIFY(channel);
    QVERIFY(client->sendPacket(BareSsh::execute("id", *channel)));
    const auto data = client->readUntil(kChannelData);
    QVERIFY(data);
    QCOMPARE(data->mid(9), QByteArray(kId));
    QCOMPARE(m_standby->stats().loggedIn, 1);
    QCOMPARE(m_standby->stats().commands, 1);
}

void TestStandbyHostile::neverTellsWhichKeysHaveAccounts()
{
    const auto client = handshaken();
    QVERIFY(client);
    for (const SshKey *key : {&m_known, &m_unknown}) {
        QVERIFY(client->sendPacket(BareSsh::askForKey(*key)));
        const auto answer = client->readPacket();
        QVERIFY(answer);
        QCOMPARE(static_cast<quint8>(answer->front()), kKeyOk);
    }
    QVERIFY(client->sendPacket(client->proveKey(m_unknown)));
    const auto end = client->readPacket();
    QVERIFY(end);
    QCOMPARE(static_cast<quint8>(end->front()), kDisconnect);
    QVERIFY2(client->farewell().contains("this key belonged to no account"), client->farewell().constData());
    QVERIFY(client->waitForEnd());
    QCOMPARE(m_standby->stats().loggedIn, 0);
    QCOMPARE(m_standby->stats().turnedAway, 1);
}

void TestStandbyHostile::takesNoProofOfAnotherConversation()
{
    const auto other = handshaken();
    const auto client = handshaken();
    QVERIFY(other && client);
    QVERIFY(client->sendPacket(other->proveKey(m_known)));
    QVERIFY(!client->readUntil(kAuthSuccess, 500));
    QCOMPARE(m_standby->stats().loggedIn, 0);
}

void TestStandbyHostile::takesNoOtherWayIn_data()
{
    QTest::addColumn<QByteArray>("packet");
    const auto request = [](const char *method) {
        return SshPayload(50).string("charm").string("ssh-connection").string(method);
    };
    QTest::newRow("none") << request("none").bytes();
    QTest::newRow("password") << request("password").byte(0).string("secret").bytes();
    QTest::newRow("keyboard") << request("keyboard-interactive").string("").string("").bytes();
    QTest::newRow("gssapi") << request("gssapi-with-mic").number(0).bytes();
    QTest::newRow("success of its own") << SshPayload(52).bytes(); // CVE-2018-10933
    QTest::newRow("signature of nothing")
        << request("publickey").byte(1).string("ssh-ed25519").string(m_known.blob()).string("").bytes();
    QTest::newRow("signature of zeros")
        << request("publickey")
               .byte(1)
               .string("ssh-ed25519")
               .string(m_known.blob())
               .string(SshPayload(0).string("ssh-ed25519").string(QByteArray(64, '\0')).bytes().mid(1))
               .bytes();
    QTest::newRow("another's signature") << request("publickey")
                                                .byte(1)
                                                .string("ssh-ed25519")
                                                .string(m_known.blob())
                                                .string(m_unknown.sign("anything"))
                                                .bytes();
}

void TestStandbyHostile::takesNoOtherWayIn()
{
    QFETCH(QByteArray, packet);
    const auto client = handshaken();
    QVERIFY(client);
    QVERIFY(client->sendPacket(packet));
    const auto answer = client->readPacket(500);
    if (answer)
        QVERIFY(answer->front() == static_cast<char>(kAuthFailure) ||
                answer->front() == static_cast<char>(kDisconnect) || answer->front() == 3);
    // Nor has anything changed behind its back.
    if (client->sendPacket(BareSsh::openSession()))
        QVERIFY(!client->readUntil(kChannelConfirmation, 300));
    QCOMPARE(m_standby->stats().loggedIn, 0);
}

void TestStandbyHostile::doesNothingBeforeTheLogin_data()
{
    QTest::addColumn<QByteArray>("packet");
    QTest::newRow("channel") << BareSsh::openSession();
    QTest::newRow("command") << BareSsh::execute("api-auth", 43);
    QTest::newRow("data") << SshPayload(94).number(0).string("data").bytes();
    QTest::newRow("window") << SshPayload(93).number(0).number(0xFFFFFFFF).bytes();
    QTest::newRow("global request")
        << SshPayload(80).string("tcpip-forward").byte(1).string("").number(2222).bytes();
    QTest::newRow("new keys") << SshPayload(21).bytes();
    QTest::newRow("key exchange reply") << SshPayload(31).string("a").string("b").string("c").bytes();
    QTest::newRow("service accepted") << SshPayload(6).string("ssh-userauth").bytes();
    QTest::newRow("unknown") << SshPayload(200).bytes();
    QTest::newRow("empty") << QByteArray();
}

void TestStandbyHostile::doesNothingBeforeTheLogin()
{
    QFETCH(QByteArray, packet);
    for (const bool encrypted : {false, true}) {
        const auto client = encrypted ? handshaken() : std::make_unique<BareSsh>(connectTo());
        QVERIFY(client && (encrypted || client->greet()));
        QVERIFY(client->sendPacket(packet));
        while (const auto answer = client->readPacket(200)) {
            QVERIFY(answer->front() != static_cast<char>(kChannelConfirmation));
            QVERIFY(answer->front() != static_cast<char>(kRequestSuccess));
            QVERIFY(answer->front() != 81);
        }
    }
    QCOMPARE(m_standby->stats().loggedIn, 0);
    QCOMPARE(m_standby->stats().commands, 0);
    QVERIFY(loggedIn());
}

void TestStandbyHostile::runsNothingButItsCommands_data()
{
    QTest::addColumn<QByteArray>("packet");
    QTest::addColumn<quint8>("refusal");
    // The first number that libssh gives to a channel.
    const auto request = [](const char *type) {
        return SshPayload(98).number(kFirstChannel).string(type).byte(1);
    };
    QTest::newRow("shell") << request("shell").bytes() << kRequestFailure;
    QTest::newRow("terminal")
        << request("pty-req").string("xterm").number(80).number(24).number(0).number(0).string("").bytes()
        << kRequestFailure;
    QTest::newRow("environment") << request("env").string("LD_PRELOAD").string("x").bytes()
                                 << kRequestFailure;
    QTest::newRow("subsystem") << request("subsystem").string("sftp").bytes() << kRequestFailure;
    QTest::newRow("x11")
        << request("x11-req").byte(0).string("MIT-MAGIC-COOKIE-1").string("0").number(0).bytes()
        << kRequestFailure;
    QTest::newRow("agent") << request("auth-agent-req@openssh.com").bytes() << kRequestFailure;
    QTest::newRow("forwarding to us")
        << SshPayload(80).string("tcpip-forward").byte(1).string("").number(2222).bytes() << quint8(82);
    QTest::newRow("forwarding from us") << SshPayload(90)
                                               .string("direct-tcpip")
                                               .number(1)
                                               .number(65'536)
                                               .number(32'768)
                                               .string("127.0.0.1")
                                               .number(22)
                                               .string("127.0.0.1")
                                               .number(1)
                                               .bytes()
                                        << kChannelFailure;
}

void TestStandbyHostile::runsNothingButItsCommands()
{
    QFETCH(QByteArray, packet);
    QFETCH(quint8, refusal);
    const auto client = loggedIn();
    QVERIFY(client);
    QCOMPARE(client->openChannel(), std::optional(kFirstChannel));
    QVERIFY(client->sendPacket(packet));
    const auto answer = client->readPacket();
    QVERIFY(answer);
    QCOMPARE(static_cast<quint8>(answer->front()), refusal);
    // And it goes on.
    QVERIFY(client->sendPacket(BareSsh::execute("id", kFirstChannel)));
    QVERIFY(client->readUntil(kChannelData));
}

void TestStandbyHostile::oneCommandAChannelAndFewChannels()
{
    const auto client = loggedIn();
    QVERIFY(client);
    for (quint32 channel = 0; channel < 8; ++channel)
        QCOMPARE(client->openChannel(channel), std::optional(kFirstChannel + channel));
    QVERIFY(client->sendPacket(BareSsh::openSession(8)));
    QVERIFY(client->readUntil(kChannelFailure));
    QVERIFY(client->sendPacket(BareSsh::execute("api-unlink", kFirstChannel)));
    QVERIFY(client->readUntil(kRequestSuccess));
    QVERIFY(client->sendPacket(BareSsh::execute("id", kFirstChannel)));
    QVERIFY(client->readUntil(kRequestFailure));
    QCOMPARE(m_standby->stats().commands, 1);
}

/// Whenever libssh reads or writes for one command it takes packets that begin others.
void TestStandbyHostile::opensChannelsWhileACommandReads()
{
    for (int round = 0; round < 20; ++round) {
        const auto client = loggedIn();
        QVERIFY(client);
        QCOMPARE(client->openChannel(), std::optional(kFirstChannel));
        QVERIFY(client->sendPacket(BareSsh::execute("api-unlink", kFirstChannel)));
        for (quint32 channel = 1; channel < 8; ++channel) {
            for (int i = 0; i < 20; ++i)
                QVERIFY(client->sendPacket(SshPayload(94).number(kFirstChannel).string("[")));
            QVERIFY(client->sendPacket(BareSsh::openSession(channel)));
        }
        for (quint32 channel = 1; channel < 8; ++channel)
            QVERIFY(client->readUntil(kChannelConfirmation));
    }
}

void TestStandbyHostile::hangsUpOnNonsense_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("HTTP") << QByteArray("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    QTest::newRow("endless line") << QByteArray(100'000, 'A');
    QTest::newRow("zeros") << QByteArray(5'000, '\0');
    QTest::newRow("an old protocol") << QByteArray("SSH-1.5-Old\r\n");
    QTest::newRow("a huge packet") << QByteArray("SSH-2.0-Go\r\n\x7F\xFF\xFF\xFF\x04", 17) +
                                          QByteArray(100, 'A');
    QTest::newRow("an empty packet") << QByteArray("SSH-2.0-Go\r\n\0\0\0\0\0\0\0\0", 20);
    QTest::newRow("more padding than packet")
        << QByteArray("SSH-2.0-Go\r\n\0\0\0\x0C\xFF\x14\0\0\0\0\0\0\0\0\0\0", 28);
}

void TestStandbyHostile::hangsUpOnNonsense()
{
    QFETCH(QByteArray, bytes);
    // The first one warms up: the standby's thread has descriptors of its own.
    {
        BareSsh first(connectTo());
        QVERIFY(first.sendRaw("nonsense\n") && first.waitForEnd());
    }
    const qsizetype before = descriptors();
    {
        BareSsh client(connectTo());
        (void)client.sendRaw(bytes);
        QVERIFY(client.waitForEnd(5'000));
    }
    QCOMPARE(m_standby->stats().loggedIn, 0);
    QTRY_COMPARE(descriptors(), before);
    QVERIFY(loggedIn());
}

void TestStandbyHostile::sendsAwayWhoTakesTooLong_data()
{
    QTest::addColumn<int>("steps");
    QTest::newRow("says nothing") << 0;
    QTest::newRow("hangs after its first line") << 1;
    QTest::newRow("hangs in the key exchange") << 2;
    QTest::newRow("hangs before the login") << 3;
    QTest::newRow("hangs after the login") << 4;
    QTest::newRow("hangs in its command") << 5;
}

void TestStandbyHostile::sendsAwayWhoTakesTooLong()
{
    QFETCH(int, steps);
    StandbyServer::Options options;
    options.times = {500ms, 500ms, 500ms, 200ms};
    begin(options);
    auto client = steps == 4 || steps == 5 ? loggedIn()
                  : steps == 3             ? handshaken()
                                           : std::make_unique<BareSsh>(connectTo());
    QVERIFY(client);
    if (steps == 1 || steps == 2)
        QVERIFY(client->greet());
    if (steps == 2)
        QVERIFY(client->sendPacket(BareSsh::keyExchangeInit()));
    if (steps == 5)
        QVERIFY(client->openChannel() && client->sendPacket(BareSsh::execute("api-unlink", kFirstChannel)));
    QElapsedTimer timer;
    timer.start();
    QVERIFY(client->waitForEnd(10'000));
    QVERIFY2(timer.elapsed() < 2'000, qPrintable(QString::number(timer.elapsed())));
    if (steps == 3)
        QCOMPARE(client->farewell(), QByteArray("the login took too long"));
    if (steps > 3)
        QCOMPARE(client->farewell(), QByteArray("the session is over"));
}

void TestStandbyHostile::sendsAwayWhoTalksTooMuch()
{
    const auto client = handshaken();
    QVERIFY(client);
    for (int i = 0; i < 3'000 && client->sendPacket(SshPayload(2).string("ignore this")); ++i)
        ;
    QVERIFY(client->waitForEnd());
    QCOMPARE(client->farewell(), QByteArray("this is more than a charm client has to say"));
    const auto second = handshaken();
    QVERIFY(second);
    for (int i = 0; i < 100 && second->sendPacket(BareSsh::askForKey(m_known)); ++i)
        ;
    QVERIFY(second->waitForEnd());
    QCOMPARE(second->farewell(), QByteArray("too many tries to log in"));
}

void TestStandbyHostile::othersAreServedMeanwhile()
{
    std::vector<std::unique_ptr<BareSsh>> idle;
    for (int i = 0; i < 60; ++i) {
        idle.push_back(std::make_unique<BareSsh>(connectTo()));
        if (i % 2 == 0)
            QVERIFY(idle.back()->sendRaw("SSH-2.0-"));
    }
    QElapsedTimer timer;
    timer.start();
    QVERIFY(loggedIn());
    QVERIFY2(timer.elapsed() < 3'000, qPrintable(QString::number(timer.elapsed())));
}

void TestStandbyHostile::takesNoMoreThanItsNumber()
{
    StandbyServer::Options options;
    options.sessions = 6;
    options.sessionsPerAddress = 4;
    begin(options);
    std::vector<ssh::UniqueFd> open;
    for (int i = 0; i < 4; ++i)
        open.push_back(connectTo());
    QVERIFY(!connectTo());
    open.push_back(connectTo(QStringLiteral("192.0.2.2")));
    open.push_back(connectTo(QStringLiteral("192.0.2.2")));
    QVERIFY(open.back());
    QVERIFY(!connectTo(QStringLiteral("192.0.2.3")));
    QCOMPARE(m_standby->stats().overLimit, 2);
    QCOMPARE(m_standby->stats().open, 6);
    m_tickets.pop_back();
    QVERIFY(connectTo(QStringLiteral("192.0.2.3")));
}

void TestStandbyHostile::endsAtOnceWithSessionsOpen()
{
    std::vector<std::unique_ptr<BareSsh>> open;
    for (int i = 0; i < 10; ++i)
        open.push_back(i % 2 == 0 ? std::make_unique<BareSsh>(connectTo()) : handshaken());
    QElapsedTimer timer;
    timer.start();
    m_standby.reset();
    QVERIFY2(timer.elapsed() < 500, qPrintable(QString::number(timer.elapsed())));
    for (const auto &client : open)
        QVERIFY(client->waitForEnd(10'000));
}

QTEST_GUILESS_MAIN(TestStandbyHostile)
#include "tst_standbyhostile.moc"
