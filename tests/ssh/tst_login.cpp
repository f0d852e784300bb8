// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/workers.h"
#include "core/charm/token.h"
#include "core/ssh/login.h"
#include "tests/ssh/peer.h"
#include "tests/ssh/relay.h"
#include "tests/support/charmcluster.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace cring;
using namespace cring::test;
using namespace std::chrono_literals;
using ssh::Login;
using Manner = FakeSshServer::Manner;

namespace {

// Made by ssh-keygen for this test, its passphrase is "secret"; it opens nothing.
const QByteArray kLocked = "-----BEGIN OPENSSH PRIVATE KEY-----\n"
                           "b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABAgCs6dxx\n"
                           "zzOrXbIFIUCP+mAAAAEAAAAAEAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIFxkg21rdck0LrhG\n"
                           "t3Naj85YSKxYBEkAx8DIgiEUcFrIAAAAkCofwYiSYWaz1NsFcRiCx9kHSXmCycK0ZsvsUX\n"
                           "adt92MWjXAQt/sHGRbcwzZaQ6BhP/5oOD+qW1BonJg6t5rRm8bIeuxwUTrDjGcbj/Kx4RH\n"
                           "axFA+HRGMG2Tnrfbw3P7HsyZBp/i9WkD5h9XR7qPjd7eX5I+LXcChyrnr+QOJvXIrTWhzg\n"
                           "jguw3Xf+LUEkeVzg==\n"
                           "-----END OPENSSH PRIVATE KEY-----\n";

/// For servers that fail anyhow.
constexpr Login::Times kShort{500ms, 150ms, 150ms, 150ms, 150ms, 2'000ms};
constexpr int kLimit = 10'000;

qsizetype entries(const QString &folder)
{
    return QDir(folder).entryList(QDir::AllEntries | QDir::NoDotAndDotDot | QDir::System).size();
}

qsizetype threads()
{
    return entries(QStringLiteral("/proc/self/task"));
}

qsizetype descriptors()
{
    return entries(QStringLiteral("/proc/self/fd"));
}

QByteArray contents(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

/// Logins to a real Charm server with a real client's key, and to servers that fail at any place.
class TestLogin : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();

    void runsTheCommandsOfACharmServer();
    void handsOutTheHostKey();
    void looksAtTheHostKeyWithoutLoggingIn();
    void neverShowsItsKeyToAnotherServer();
    void anUnknownKeyBecomesAnAccount();
    void saysWhenItsKeyIsNotLetIn();
    void saysWhatIsWrongWithAKey_data();
    void saysWhatIsWrongWithAKey();
    void saysWhatTheServerDid_data();
    void saysWhatTheServerDid();
    void saysThatNobodyListens();
    void aStoppedServerIsLeftInTime();
    void takesNoMoreOutputThanItWants();
    void aServerThatStallsAnywhereIsLeftInTime();
    void aServerThatHangsUpAnywhereIsNoticedAtOnce();
    void canBeCalledOffInEveryStep();
    void waitsForAWorkerAndNotForLong();
    void manyLoginsShareFewThreads();

private:
    using Outcome = Result<Login::Answer>;

    Login::Request request(const QByteArray &command);
    Outcome run(Login::Request request, const Login::Times &times = {});

    CharmCluster m_cluster{1};
    QByteArray m_key;
    std::unique_ptr<Workers> m_workers;
};

void TestLogin::initTestCase()
{
    CRING_OK(m_cluster.start());
    m_key = contents(m_cluster.client().keyFile());
    QVERIFY(!m_key.isEmpty());
    m_workers = std::make_unique<Workers>();
}

Login::Request TestLogin::request(const QByteArray &command)
{
    CharmServer &server = m_cluster.at(0);
    return {server.name(),    server.address(),
            server.sshPort(), Secret(QByteArray(m_key.constData(), m_key.size())),
            command,          std::nullopt};
}

TestLogin::Outcome TestLogin::run(Login::Request request, const Login::Times &times)
{
    Login login(*m_workers, std::move(request), times);
    std::optional<Outcome> outcome;
    connect(&login, &Login::finished, this, [&](const Outcome &result) { outcome = result; });
    login.start();
    if (!spinUntil([&] { return outcome.has_value(); }, kLimit))
        return Error{Code::ControlTimeout, QStringLiteral("finished() did not come")};
    return *outcome;
}

void TestLogin::runsTheCommandsOfACharmServer()
{
    const Outcome id = run(request("id"));
    CRING_OK(id);
    QCOMPARE(QString::fromUtf8(id->out), m_cluster.charmId());
    QCOMPARE(id->errors, QByteArray());
    QCOMPARE(id->exitStatus, 0);

    const Outcome jwt = run(request("jwt"));
    CRING_OK(jwt);
    const TokenMinter &minter = m_cluster.minter();
    const QList<charm::VerificationKey> keys{{minter.kid(), minter.publicKey(), m_cluster.issuer().toUtf8()}};
    const auto claims = charm::verifyToken(jwt->out, keys, QDateTime::currentSecsSinceEpoch());
    CRING_OK(claims);
    QCOMPARE(QString::fromUtf8(claims->subject), m_cluster.charmId());

    const Outcome all = run(request("api-auth"));
    CRING_OK(all);
    const QJsonObject auth = QJsonDocument::fromJson(all->out).object();
    QCOMPARE(auth.value(QStringLiteral("charm_id")).toString(), m_cluster.charmId());
    QVERIFY(auth.value(QStringLiteral("encrypt_keys")).isArray());

    const Outcome list = run(request("api-keys"));
    CRING_OK(list);
    QVERIFY2(list->out.contains("ssh-ed25519 "), list->out.constData());
}

void TestLogin::handsOutTheHostKey()
{
    const Outcome answer = run(request("id"));
    CRING_OK(answer);
    QCOMPARE(answer->hostKey, m_cluster.minter().publicKey());
    Login::Request asked = request("id");
    asked.hostKey = m_cluster.minter().publicKey();
    CRING_OK(run(std::move(asked)));
}

void TestLogin::looksAtTheHostKeyWithoutLoggingIn()
{
    Login::Request look = request(QByteArray());
    look.key = Secret();
    const Outcome seen = run(std::move(look));
    CRING_OK(seen);
    QCOMPARE(seen->hostKey, m_cluster.minter().publicKey());
    QCOMPARE(seen->out, QByteArray());
    // Whatever key there is, nobody looks at it.
    Login::Request strange = request(QByteArray());
    strange.key = Secret(QByteArray(kLocked.constData(), kLocked.size()));
    CRING_OK(run(std::move(strange)));
}

void TestLogin::neverShowsItsKeyToAnotherServer()
{
    CharmCluster other(1);
    CRING_OK(other.start());
    // A key of nobody: a login would make an account for it.
    Login::Request asked = request("id");
    asked.key = Secret(contents(other.signingKeyFile()));
    asked.hostKey = other.minter().publicKey();
    const QByteArray database = m_cluster.at(0).dataDir().toUtf8() + "/db/charm_sqlite.db";
    const QByteArray before = contents(QString::fromUtf8(database));
    const Outcome answer = run(std::move(asked));
    QVERIFY(!answer.ok());
    QCOMPARE(answer.error().code, Code::BackendKeyDiffers);
    QVERIFY2(answer.error().detail.startsWith(m_cluster.at(0).name()), qPrintable(answer.error().detail));
    QVERIFY(!before.isEmpty());
    QCOMPARE(contents(QString::fromUtf8(database)), before);
}

// Why nothing but a charm client's own key may be used: there is no command that only asks.
void TestLogin::anUnknownKeyBecomesAnAccount()
{
    Login::Request asked = request("id");
    asked.key = Secret(contents(m_cluster.signingKeyFile()));
    const Outcome answer = run(std::move(asked));
    CRING_OK(answer);
    QVERIFY(!answer->out.isEmpty());
    QVERIFY(QString::fromUtf8(answer->out) != m_cluster.charmId());
}

void TestLogin::saysWhenItsKeyIsNotLetIn()
{
    auto server = m_cluster.addServer(CharmCluster::Data::Shared);
    CRING_OK(server);
    QFile keys((*server)->dataDir() + QStringLiteral("/.ssh/authorized_keys"));
    QVERIFY(keys.open(QIODevice::WriteOnly));
    keys.write("# nobody\n");
    keys.close();
    CRING_OK((*server)->start());
    Login::Request asked = request("id");
    asked.port = (*server)->sshPort();
    asked.host = (*server)->address();
    const Outcome answer = run(std::move(asked));
    QVERIFY(!answer.ok());
    QCOMPARE(answer.error().code, Code::LoginRefused);
    (*server)->stop();
}

void TestLogin::saysWhatIsWrongWithAKey_data()
{
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<QString>("words");
    QTest::newRow("with a passphrase") << kLocked << QStringLiteral("passphrase");
    QTest::newRow("empty") << QByteArray() << QStringLiteral("no private key");
    QTest::newRow("garbage") << QByteArray(1000, '\xff') << QStringLiteral("no private key");
    QTest::newRow("cut off") << contents(m_cluster.client().keyFile()).first(200)
                             << QStringLiteral("damaged");
}

void TestLogin::saysWhatIsWrongWithAKey()
{
    QFETCH(QByteArray, key);
    QFETCH(QString, words);
    Login::Request asked = request("id");
    asked.key = Secret(QByteArray(key.constData(), key.size()));
    const Outcome answer = run(std::move(asked));
    QVERIFY(!answer.ok());
    QCOMPARE(answer.error().code, Code::KeyUnusable);
    QVERIFY2(answer.error().detail.contains(words), qPrintable(answer.error().detail));
}

void TestLogin::saysWhatTheServerDid_data()
{
    QTest::addColumn<int>("manner");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("words");
    const auto row = [](const char *name, Manner manner, Code code, const char *words) {
        QTest::newRow(name) << int(manner) << int(code) << QString::fromLatin1(words);
    };
    row("hangs after the connect", Manner::Silent, Code::BackendTimeout, "said nothing within");
    row("half a banner", Manner::Trickles, Code::BackendTimeout, "said nothing within");
    row("hangs after the banner", Manner::Greets, Code::BackendTimeout, "stalled in the SSH key exchange");
    row("closes at once", Manner::ClosesAtOnce, Code::BackendUnreachable,
        "closed the SSH connection without a word");
    // Before or after our connection has been told that it is one.
    row("resets at once", Manner::ResetsAtOnce, Code::BackendUnreachable, "closed the ");
    row("HTTP", Manner::TalksHttp, Code::BackendProtocol, "does not speak SSH there");
    row("nonsense", Manner::TalksNonsense, Code::BackendProtocol, "does not speak SSH there");
    row("closes after the banner", Manner::GreetsAndHangsUp, Code::BackendUnreachable,
        "during the key exchange");
    row("nonsense after the banner", Manner::GreetsAndTalksNonsense, Code::BackendProtocol,
        "during the key exchange");
}

void TestLogin::saysWhatTheServerDid()
{
    QFETCH(int, manner);
    QFETCH(int, code);
    QFETCH(QString, words);
    CRING_OK(run(request("id"))); // Whatever stays open from the first login on is open now.
    const qsizetype before = descriptors();
    auto server = std::make_unique<FakeSshServer>(Manner(manner));
    Login::Request asked = request("id");
    asked.name = QStringLiteral("fake");
    asked.host = QStringLiteral("127.0.0.1");
    asked.port = server->port();
    QElapsedTimer timer;
    timer.start();
    const Outcome answer = run(std::move(asked), kShort);
    QVERIFY(!answer.ok());
    QVERIFY2(answer.error().detail.startsWith(QStringLiteral("fake ")), qPrintable(answer.error().detail));
    QVERIFY2(answer.error().detail.contains(words), qPrintable(answer.error().detail));
    QCOMPARE(int(answer.error().code), code);
    QVERIFY2(timer.elapsed() < 1'500, QByteArray::number(timer.elapsed()).constData());
    server.reset();
    QVERIFY(spinUntil([&] { return descriptors() <= before; }, kLimit));
}

void TestLogin::saysThatNobodyListens()
{
    Login::Request asked = request("id");
    {
        const FakeSshServer gone(Manner::Greets);
        asked.host = QStringLiteral("127.0.0.1");
        asked.port = gone.port();
    }
    const Outcome refused = run(std::move(asked));
    QVERIFY(!refused.ok());
    QCOMPARE(refused.error().code, Code::BackendUnreachable);
    QVERIFY2(refused.error().detail.contains(QStringLiteral("refused the connection")),
             qPrintable(refused.error().detail));
    asked = request("id");
    asked.host = QStringLiteral("no-such-host.invalid");
    const Outcome unknown = run(std::move(asked));
    QVERIFY(!unknown.ok());
    QCOMPARE(unknown.error().code, Code::BackendUnreachable);
}

void TestLogin::aStoppedServerIsLeftInTime()
{
    m_cluster.at(0).pause();
    QElapsedTimer timer;
    timer.start();
    const Outcome answer = run(request("id"));
    m_cluster.at(0).resume();
    QVERIFY(!answer.ok());
    QCOMPARE(answer.error().code, Code::BackendTimeout);
    QVERIFY2(timer.elapsed() < 2'500, QByteArray::number(timer.elapsed()).constData());
    CRING_OK(run(request("id")));
}

void TestLogin::takesNoMoreOutputThanItWants()
{
    Login::Request asked = request("jwt");
    asked.mostOutput = 10;
    const Outcome answer = run(std::move(asked));
    QVERIFY(!answer.ok());
    QCOMPARE(answer.error().code, Code::BackendProtocol);
    QVERIFY2(answer.error().detail.contains(QStringLiteral("more than 10 bytes")),
             qPrintable(answer.error().detail));
}

void TestLogin::aServerThatStallsAnywhereIsLeftInTime()
{
    Relay relay(m_cluster.at(0).address(), m_cluster.at(0).sshPort());
    const auto throughRelay = [&] {
        Login::Request asked = request("id");
        asked.port = relay.port();
        return asked;
    };
    CRING_OK(run(throughRelay()));
    const qint64 whole = relay.passed();
    QVERIFY2(whole > 1'000, QByteArray::number(whole).constData());
    QSet<QString> reasons;
    for (qint64 bytes = 0; bytes < whole; bytes += whole / 24) {
        relay.failAfter(bytes, Relay::End::Stalls);
        QElapsedTimer timer;
        timer.start();
        const Outcome answer = run(throughRelay(), kShort);
        // The very end is not needed: the server's word that the channel is closed.
        if (answer.ok()) {
            QVERIFY2(bytes > whole - 200, QByteArray::number(bytes).constData());
            continue;
        }
        QCOMPARE(answer.error().code, Code::BackendTimeout);
        reasons << answer.error().detail;
        QVERIFY2(timer.elapsed() < 2'500, QByteArray::number(timer.elapsed()).constData());
    }
    // Every step was met.
    QCOMPARE(reasons.size(), 4);
}

void TestLogin::aServerThatHangsUpAnywhereIsNoticedAtOnce()
{
    Relay relay(m_cluster.at(0).address(), m_cluster.at(0).sshPort());
    const auto throughRelay = [&] {
        Login::Request asked = request("id");
        asked.port = relay.port();
        return asked;
    };
    CRING_OK(run(throughRelay()));
    const qint64 whole = relay.passed();
    for (qint64 bytes = 0; bytes < whole; bytes += whole / 24) {
        relay.failAfter(bytes, Relay::End::HangsUp);
        QElapsedTimer timer;
        timer.start();
        const Outcome answer = run(throughRelay());
        if (answer.ok()) {
            QVERIFY2(bytes > whole - 200, QByteArray::number(bytes).constData());
            continue;
        }
        QVERIFY2(answer.error().code == Code::BackendUnreachable, qPrintable(answer.error().toString()));
        QVERIFY2(timer.elapsed() < 900, QByteArray::number(timer.elapsed()).constData());
    }
}

void TestLogin::canBeCalledOffInEveryStep()
{
    Relay relay(m_cluster.at(0).address(), m_cluster.at(0).sshPort());
    Login::Request whole = request("id");
    whole.port = relay.port();
    CRING_OK(run(std::move(whole)));
    const qint64 bytes = relay.passed();
    const qsizetype before = descriptors();
    QSet<Login::Step> met;
    for (qint64 after = 0; after < bytes; after += bytes / 24) {
        relay.failAfter(after, Relay::End::Stalls);
        auto workers = std::make_unique<Workers>();
        Login::Request asked = request("id");
        asked.port = relay.port();
        auto login = std::make_unique<Login>(*workers, std::move(asked), Login::Times{});
        bool finished = false;
        connect(login.get(), &Login::finished, this, [&] { finished = true; });
        login->start();
        // Until nothing moves on any more: as far as the server lets it come.
        QVERIFY(spinUntil(
            [&] { return finished || (relay.passed() == after && login->step() >= Login::Step::Greeting); },
            kLimit));
        met << login->step();
        QElapsedTimer timer;
        timer.start();
        login.reset();
        workers.reset();
        QVERIFY2(timer.elapsed() < 500, QByteArray::number(timer.elapsed()).constData());
    }
    QVERIFY2(met.size() >= 4, QByteArray::number(met.size()).constData());
    QVERIFY(spinUntil([&] { return descriptors() <= before; }, kLimit));
}

void TestLogin::waitsForAWorkerAndNotForLong()
{
    FakeSshServer hung(Manner::Silent);
    std::vector<std::unique_ptr<Login>> logins;
    QStringList said;
    for (int i = 0; i < Workers::kThreads + 1; ++i) {
        Login::Request asked = request("id");
        asked.name = QString::number(i);
        asked.host = QStringLiteral("127.0.0.1");
        asked.port = hung.port();
        Login::Times times;
        times.banner = 10s;
        times.all = i < Workers::kThreads ? 10s : 300ms;
        logins.push_back(std::make_unique<Login>(*m_workers, std::move(asked), times));
        connect(logins.back().get(), &Login::finished, this,
                [&](const Outcome &outcome) { said << outcome.error().detail; });
        logins.back()->start();
        QVERIFY(spinUntil([&] { return logins.back()->step() != Login::Step::Connecting; }, kLimit));
    }
    QCOMPARE(logins.back()->step(), Login::Step::Waiting);
    QVERIFY(spinUntil([&] { return !said.isEmpty(); }, kLimit));
    QCOMPARE(said, QStringList{QStringLiteral("2 was not asked: other logins take too long")});
    logins.clear();
    CRING_OK(run(request("id")));
}

void TestLogin::manyLoginsShareFewThreads()
{
    CRING_OK(run(request("id")));
    const qsizetype threadsBefore = threads();
    const qsizetype descriptorsBefore = descriptors();
    std::vector<std::unique_ptr<Login>> logins;
    int good = 0;
    int over = 0;
    for (int i = 0; i < 40; ++i) {
        logins.push_back(std::make_unique<Login>(*m_workers, request("id"), Login::Times{}));
        connect(logins.back().get(), &Login::finished, this, [&](const Outcome &outcome) {
            ++over;
            good += outcome.ok() ? 1 : 0;
        });
        logins.back()->start();
    }
    qsizetype most = 0;
    QVERIFY(spinUntil(
        [&] {
            most = std::max(most, threads());
            return over == 40;
        },
        2 * kLimit));
    QCOMPARE(good, 40);
    // One of the workers was there before.
    QVERIFY2(most < threadsBefore + Workers::kThreads, QByteArray::number(most - threadsBefore).constData());
    logins.clear();
    QVERIFY(spinUntil([&] { return descriptors() <= descriptorsBefore; }, kLimit));
}

QTEST_GUILESS_MAIN(TestLogin)
#include "tst_login.moc"
