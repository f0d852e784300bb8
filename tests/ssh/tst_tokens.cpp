// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/pool.h"
#include "core/ssh/tokens.h"
#include "tests/ssh/relay.h"
#include "tests/support/charmcluster.h"
#include "tests/support/httpclient.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QSignalSpy>
#include <QTest>

using namespace cring;
using namespace cring::test;
using namespace std::chrono_literals;
using replica::Credentials;
using ssh::KeyPlaces;
using ssh::Tokens;

namespace {

constexpr int kLimit = 10'000;

/// The machine's clock, put forward by hand.
class TurnedClock final : public IClock
{
public:
    std::chrono::milliseconds steady() const override { return m_system.steady() + m_ahead; }
    std::chrono::milliseconds wall() const override { return m_system.wall() + m_ahead; }
    void advance(std::chrono::milliseconds by) { m_ahead += by; }

private:
    SystemClock m_system;
    std::chrono::milliseconds m_ahead{0};
};

/// A keychain whose person is not there yet; that a real one behaves so shows tst_secretstore.
class SlowKeychain final : public config::ISecretStore
{
public:
    std::map<QString, QByteArray> entries;
    bool locked = false;

    void read(const config::SecretPlace &place, QObject *context, Read done) override
    {
        const auto answer = [this, name = place.name, done] {
            const auto entry = entries.find(name);
            if (locked)
                done(Error{Code::KeychainLocked, QStringLiteral("the keychain is locked")});
            else if (entry == entries.end())
                done(Error{Code::SecretMissing, QStringLiteral("the keychain has no such entry")});
            else
                done(Secret(QByteArray(entry->second.constData(), entry->second.size())));
        };
        QMetaObject::invokeMethod(context, answer, Qt::QueuedConnection);
    }
    void write(const config::SecretPlace &, Secret, QObject *, Done) override {}
    void remove(const config::SecretPlace &, QObject *, Done) override {}
};

QByteArray tokenOf(const Credentials &credentials)
{
    return credentials.authorization.mid(static_cast<qsizetype>(qstrlen("bearer ")));
}

QByteArray contents(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

/// Where background work gets its tokens: from real servers, with real keys.
class TestTokens : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void mintsForEveryAccountWithTheServerKey();
    void thereIsNoneOfADisabledAccount();
    void theServerKeyWaitsForTheServersToBeKnown();
    void refusesAServerKeyThatIsNotTheirs();
    void saysWhyAServerKeyCannotBeRead();
    void makesANewOneBeforeTheOldOneEnds();
    void logsInAsTheClientDoes();
    void saysThatAnotherAccountHasNoToken();
    void triesEveryIdentityForAnAccount();
    void manyAskAndOneLogsIn();
    void handsOutATokenSeenInPassing();
    void logsInOnlyWhenNoTokenIsAtHand();
    void neverHandsOutWhatTheServersWouldRefuse();
    void aFailedLoginIsSaidOnceAndTriedAgainLater();
    void aServerThatIsBackIsAskedAtOnce();
    void neverLogsInAtAnotherServer();
    void leavesAServerThatKnowsTheKeyAsAnotherAccount();
    void usesAKeyOnlyWhereTheClientUsesIt();
    void aKeyOfOneServerMakesNoAccountElsewhere();
    void findsAKeyThatIsMadeLater();
    void aKeyThatOthersCanReadIsNotUsed();
    void aNewConfigurationGoesOnWithWhoWaits();
    void nobodyIsCalledAfterTheirEnd();
    void endsAtOnceWhileALoginHangs();
    void bringsATokenOfThePersonsOwn();
    void takesItsKeysFromTheKeychain();
    void waitsForALockedKeychain();
    void forgetsWhatWasReadForAnotherConfiguration();

private:
    /// The ring's part of the world, in front of the cluster.
    struct Ring
    {
        config::Config config;
        std::unique_ptr<health::BackendSet> backends;
        std::unique_ptr<health::Primary> primary;
        std::unique_ptr<health::Monitor> monitor;
    };
    using Outcome = Result<Credentials>;

    std::unique_ptr<Ring> makeRing(const std::function<void(config::Config &)> &tweak = {});
    /// Its monitor has heard of every server.
    void know(Ring &ring);
    void begin(const std::function<void(config::Config &)> &tweak = {});
    Outcome obtain(const QString &account);
    bool isAccepted(const Credentials &credentials, int server = 0);
    QStringList said(telemetry::Level least = telemetry::Level::Warning) const;
    static void useServerKey(config::Config &config, const QString &path);
    QString copyOfKey(const QString &path, const QString &host);
    QString accountOf(int index) const { return m_cluster->charmId(index); }

    TurnedClock m_clock;
    SeededRandom m_random{7};
    std::unique_ptr<CharmCluster> m_cluster;
    std::unique_ptr<QTemporaryDir> m_charmData;
    std::unique_ptr<telemetry::ActivityLog> m_activity;
    std::unique_ptr<Ring> m_ring;
    std::unique_ptr<config::ISecretStore> m_secrets;
    std::unique_ptr<Tokens> m_tokens;
};

void TestTokens::init()
{
    m_clock = {};
    m_cluster = std::make_unique<CharmCluster>(2, 2);
    CRING_OK(m_cluster->start());
    m_charmData = std::make_unique<QTemporaryDir>();
    m_activity = std::make_unique<telemetry::ActivityLog>(m_clock);
    m_secrets = std::make_unique<config::SecretPlaces>(QProcessEnvironment());
    m_tokens = std::make_unique<Tokens>(KeyPlaces{m_charmData->path(), QString()}, *m_secrets, m_clock,
                                        m_random, *m_activity);
}

void TestTokens::cleanup()
{
    m_tokens.reset();
    m_ring.reset();
    m_cluster.reset();
}

std::unique_ptr<TestTokens::Ring> TestTokens::makeRing(const std::function<void(config::Config &)> &tweak)
{
    auto ring = std::make_unique<Ring>();
    ring->config.address =
        QStringLiteral("%1:%2").arg(m_cluster->frontAddress()).arg(m_cluster->frontHttpPort());
    ring->config.sshAddress = ring->config.address;
    ring->config.timing.probeInterval = 100ms;
    for (int i = 0; i < m_cluster->size(); ++i) {
        const CharmServer &server = m_cluster->at(i);
        ring->config.servers.append({server.name(), server.name(), server.url(), server.sshPort(), 1.0, {}});
    }
    if (tweak)
        tweak(ring->config);
    const auto pool = [](const config::Server &server) {
        http::Origin origin;
        origin.host = server.url.host();
        origin.port = static_cast<quint16>(server.url.port());
        return std::make_unique<http::Pool>(origin);
    };
    ring->backends = std::make_unique<health::BackendSet>(ring->config.servers, pool, m_clock, m_random);
    ring->primary = std::make_unique<health::Primary>(m_clock, QString());
    ring->primary->setBackends(*ring->backends);
    ring->monitor =
        std::make_unique<health::Monitor>(*ring->backends, ring->config.timing, m_clock, m_random, QString());
    return ring;
}

void TestTokens::know(Ring &ring)
{
    ring.monitor->start();
    QVERIFY(spinUntil(
        [&] {
            return std::ranges::all_of(ring.backends->all(), [](const health::Backend *backend) {
                return backend->state() == health::Backend::State::Up;
            });
        },
        kLimit));
}

void TestTokens::begin(const std::function<void(config::Config &)> &tweak)
{
    m_ring = makeRing(tweak);
    know(*m_ring);
    m_tokens->configure(m_ring->config, *m_ring->monitor, *m_ring->primary);
}

TestTokens::Outcome TestTokens::obtain(const QString &account)
{
    QObject context;
    std::optional<Outcome> outcome;
    m_tokens->obtain(account.toLatin1(), &context, [&](const Outcome &result) { outcome = result; });
    if (!spinUntil([&] { return outcome.has_value(); }, kLimit))
        return Error{Code::ControlTimeout, QStringLiteral("nobody was called")};
    return *outcome;
}

bool TestTokens::isAccepted(const Credentials &credentials, int server)
{
    HttpClient http(m_cluster->at(server).url());
    return http.upload("/v1/fs/background", "x", tokenOf(credentials)).status == 200;
}

QStringList TestTokens::said(telemetry::Level least) const
{
    telemetry::EventFilter filter;
    filter.level = least;
    QStringList texts;
    for (const telemetry::Event &event : m_activity->newest(filter, 100))
        texts << event.text;
    return texts;
}

void TestTokens::useServerKey(config::Config &config, const QString &path)
{
    QFile::setPermissions(path, QFileDevice::ReadOwner | QFileDevice::WriteOwner);
    config.identity.serverKey = QStringLiteral("file:") + path;
}

/// The charm client's key, as it lies in its data directory for that host.
QString TestTokens::copyOfKey(const QString &path, const QString &host)
{
    QDir(m_charmData->path()).mkpath(host);
    const QString copy = m_charmData->filePath(host + QStringLiteral("/charm_ed25519"));
    QFile::copy(path, copy);
    QFile::setPermissions(copy, QFileDevice::ReadOwner | QFileDevice::WriteOwner);
    return copy;
}

void TestTokens::mintsForEveryAccountWithTheServerKey()
{
    begin([&](config::Config &config) { useServerKey(config, m_cluster->signingKeyFile()); });
    QCOMPARE(said(), QStringList());
    for (int account = 0; account < 2; ++account) {
        const Outcome token = obtain(accountOf(account));
        CRING_OK(token);
        QCOMPARE(QString::fromLatin1(token->account), accountOf(account));
        QVERIFY(isAccepted(*token, 0) && isAccepted(*token, 1));
        // Kept for the next one.
        QCOMPARE(obtain(accountOf(account))->authorization, token->authorization);
    }
}

void TestTokens::thereIsNoneOfADisabledAccount()
{
    begin([&](config::Config &config) { useServerKey(config, m_cluster->signingKeyFile()); });
    const QByteArray account = accountOf(0).toLatin1();
    bool disabled = false;
    m_tokens->setDisabled([&](const QByteArray &asked) { return disabled && asked == account; });
    CRING_OK(obtain(accountOf(0)));
    disabled = true;
    QSignalSpy available(m_tokens.get(), &Tokens::available);
    m_tokens->handleChanged(account);
    QCOMPARE(available.size(), 1);
    QCOMPARE(available.first().first().toByteArray(), account);
    // Not even the one that is at hand.
    const Outcome none = obtain(accountOf(0));
    QCOMPARE(none.error().code, Code::TokenUnavailable);
    QVERIFY2(none.error().detail.contains(QStringLiteral("disabled")), qPrintable(none.error().detail));
    CRING_OK(obtain(accountOf(1)));
    disabled = false;
    CRING_OK(obtain(accountOf(0)));
}

void TestTokens::theServerKeyWaitsForTheServersToBeKnown()
{
    m_ring = makeRing([&](config::Config &config) { useServerKey(config, m_cluster->signingKeyFile()); });
    m_tokens->configure(m_ring->config, *m_ring->monitor, *m_ring->primary);
    const Outcome early = obtain(accountOf(0));
    QVERIFY(!early.ok());
    QCOMPARE(early.error().code, Code::TokenUnavailable);
    QCOMPARE(m_tokens->serverKeyProblem(), QString());
    QVERIFY2(early.error().detail.contains(QStringLiteral("have not said yet")),
             qPrintable(early.error().detail));
    QSignalSpy available(m_tokens.get(), &Tokens::available);
    know(*m_ring);
    QVERIFY(!available.isEmpty());
    QCOMPARE(available.first().first().toByteArray(), QByteArray());
    CRING_OK(obtain(accountOf(0)));
}

void TestTokens::refusesAServerKeyThatIsNotTheirs()
{
    CharmCluster other(1);
    CRING_OK(other.start());
    begin([&](config::Config &config) { useServerKey(config, other.signingKeyFile()); });
    const Outcome none = obtain(accountOf(0));
    QVERIFY(!none.ok());
    QVERIFY2(none.error().detail.contains(QStringLiteral("not the one that the servers sign with")),
             qPrintable(none.error().detail));
    QVERIFY(!obtain(accountOf(1)).ok());
    QVERIFY(m_tokens->serverKeyProblem().contains(QStringLiteral("CR-1016")));
    QCOMPARE(said().size(), 1);
    QVERIFY2(said().first().contains(QStringLiteral("CR-1016")), qPrintable(said().first()));
}

void TestTokens::saysWhyAServerKeyCannotBeRead()
{
    const QString path = m_charmData->filePath(QStringLiteral("key"));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("nonsense") > 0);
    file.close();
    begin([&](config::Config &config) { useServerKey(config, path); });
    QVERIFY(!obtain(accountOf(0)).ok());
    QCOMPARE(said().size(), 1);
    QVERIFY2(said().first().contains(QStringLiteral("holds no private key")), qPrintable(said().first()));
    QVERIFY(m_tokens->serverKeyProblem().contains(QStringLiteral("holds no private key")));
    QVERIFY2(said().first().contains(QStringLiteral("CR-1015")), qPrintable(said().first()));

    m_ring = makeRing(
        [](config::Config &config) { config.identity.serverKey = QStringLiteral("credential:charm"); });
    m_tokens->configure(m_ring->config, *m_ring->monitor, *m_ring->primary);
    QCOMPARE(said().size(), 2);
    QVERIFY2(said().last().contains(QStringLiteral("CREDENTIALS_DIRECTORY")), qPrintable(said().last()));
}

void TestTokens::makesANewOneBeforeTheOldOneEnds()
{
    begin([&](config::Config &config) { useServerKey(config, m_cluster->signingKeyFile()); });
    const Outcome first = obtain(accountOf(0));
    CRING_OK(first);
    m_clock.advance(3600s - ssh::kGoodFor - 5s);
    QCOMPARE(obtain(accountOf(0))->authorization, first->authorization);
    m_clock.advance(6s);
    const Outcome second = obtain(accountOf(0));
    CRING_OK(second);
    QVERIFY(second->authorization != first->authorization);
    QVERIFY(isAccepted(*second));
}

void TestTokens::logsInAsTheClientDoes()
{
    const QString key = copyOfKey(m_cluster->client(0).keyFile(), m_cluster->frontAddress());
    begin();
    QSignalSpy available(m_tokens.get(), &Tokens::available);
    const Outcome token = obtain(accountOf(0));
    CRING_OK(token);
    QCOMPARE(QString::fromLatin1(token->account), accountOf(0));
    QVERIFY(isAccepted(*token, 0) && isAccepted(*token, 1));
    QVERIFY(spinUntil([&] { return !available.isEmpty(); }, kLimit));
    QCOMPARE(available.first().first().toByteArray(), accountOf(0).toLatin1());
    // At once now.
    std::optional<Outcome> again;
    m_tokens->obtain(accountOf(0).toLatin1(), this, [&](const Outcome &result) { again = result; });
    QVERIFY(again.has_value());
    QCOMPARE((*again)->authorization, token->authorization);
    QCOMPARE(said(telemetry::Level::Info),
             QStringList{QStringLiteral("the identity of file:%1 brings tokens").arg(key)});
}

void TestTokens::saysThatAnotherAccountHasNoToken()
{
    copyOfKey(m_cluster->client(0).keyFile(), m_cluster->frontAddress());
    begin();
    const Outcome none = obtain(accountOf(1));
    QVERIFY(!none.ok());
    QCOMPARE(none.error().code, Code::TokenUnavailable);
    QVERIFY2(none.error().detail.contains(QStringLiteral("nothing in [identity] brings one")),
             qPrintable(none.error().detail));
}

void TestTokens::triesEveryIdentityForAnAccount()
{
    copyOfKey(m_cluster->client(0).keyFile(), m_cluster->frontAddress());
    copyOfKey(m_cluster->client(1).keyFile(), m_cluster->at(1).address());
    begin();
    for (int account = 1; account >= 0; --account) {
        const Outcome token = obtain(accountOf(account));
        CRING_OK(token);
        QCOMPARE(QString::fromLatin1(token->account), accountOf(account));
    }
}

void TestTokens::manyAskAndOneLogsIn()
{
    copyOfKey(m_cluster->client(0).keyFile(), m_cluster->frontAddress());
    Relay relay(m_cluster->at(0).address(), m_cluster->at(0).sshPort());
    begin([&](config::Config &config) { config.servers[0].sshPort = relay.port(); });
    int served = 0;
    for (int i = 0; i < 50; ++i) {
        m_tokens->obtain(accountOf(0).toLatin1(), this,
                         [&](const Outcome &result) { served += result.ok() ? 1 : 0; });
    }
    QVERIFY(spinUntil([&] { return served == 50; }, kLimit));
    QCOMPARE(relay.sessions(), 1);
}

void TestTokens::handsOutATokenSeenInPassing()
{
    begin();
    QVERIFY(!obtain(accountOf(0)).ok());
    QSignalSpy available(m_tokens.get(), &Tokens::available);
    const qint64 expires = QDateTime::currentSecsSinceEpoch() + 3600;
    const Credentials seen{accountOf(0).toLatin1(), "Bearer " + m_cluster->realToken(), expires};
    m_tokens->offer(seen);
    m_tokens->offer(seen);
    QCOMPARE(available.size(), 1);
    QCOMPARE(available.first().first().toByteArray(), seen.account);
    const Outcome token = obtain(accountOf(0));
    CRING_OK(token);
    QCOMPARE(token->authorization, seen.authorization);
    QVERIFY(!obtain(accountOf(1)).ok());
    m_clock.advance(3600s - ssh::kGoodFor + 1s);
    QVERIFY(!obtain(accountOf(0)).ok());
}

void TestTokens::logsInOnlyWhenNoTokenIsAtHand()
{
    copyOfKey(m_cluster->client(0).keyFile(), m_cluster->frontAddress());
    Relay relay(m_cluster->at(0).address(), m_cluster->at(0).sshPort());
    const auto throughRelay = [&](config::Config &config) {
        config.servers[0].sshPort = relay.port();
    };
    begin(throughRelay);
    const qint64 expires = QDateTime::currentSecsSinceEpoch() + 3600;
    const Credentials seen{accountOf(0).toLatin1(), "bearer " + m_cluster->realToken(), expires};
    m_tokens->offer(seen);
    QCOMPARE(obtain(accountOf(0))->authorization, seen.authorization);
    QCOMPARE(relay.sessions(), 0);

    m_ring = makeRing([&](config::Config &config) {
        throughRelay(config);
        useServerKey(config, m_cluster->signingKeyFile());
    });
    know(*m_ring);
    m_tokens->configure(m_ring->config, *m_ring->monitor, *m_ring->primary);
    CRING_OK(obtain(accountOf(1)));
    QCOMPARE(relay.sessions(), 0);
}

void TestTokens::neverHandsOutWhatTheServersWouldRefuse()
{
    begin();
    const qint64 expires = QDateTime::currentSecsSinceEpoch() + 3600;
    for (const Forgery forgery : {Forgery::OtherKey, Forgery::OtherKeyKnownKid, Forgery::OtherIssuer,
                                  Forgery::OtherAudience, Forgery::BrokenSignature, Forgery::Expired}) {
        m_tokens->offer({accountOf(0).toLatin1(), "bearer " + m_cluster->token(0, forgery), expires});
        QVERIFY(!obtain(accountOf(0)).ok());
    }
    // Another account's, under this one's name.
    m_tokens->offer({accountOf(0).toLatin1(), "bearer " + m_cluster->token(1), expires + 1});
    QVERIFY(!obtain(accountOf(0)).ok());
    m_tokens->offer({accountOf(0).toLatin1(), "bearer " + m_cluster->token(0), expires + 2});
    CRING_OK(obtain(accountOf(0)));
}

void TestTokens::aFailedLoginIsSaidOnceAndTriedAgainLater()
{
    copyOfKey(m_cluster->client(0).keyFile(), m_cluster->frontAddress());
    Relay relay(m_cluster->at(0).address(), m_cluster->at(0).sshPort());
    relay.failAfter(0, Relay::End::HangsUp);
    begin([&](config::Config &config) { config.servers[0].sshPort = relay.port(); });
    const Outcome first = obtain(accountOf(0));
    QVERIFY(!first.ok());
    QCOMPARE(first.error().code, Code::TokenUnavailable);
    const Outcome second = obtain(accountOf(0));
    QVERIFY2(second.error().detail.contains(QStringLiteral("closed the SSH connection")),
             qPrintable(second.error().detail));
    QVERIFY2(second.error().detail.contains(QStringLiteral("the next try is in ")),
             qPrintable(second.error().detail));
    QCOMPARE(relay.sessions(), 1);
    m_clock.advance(2 * ssh::IdentityLogin::kFirstPause);
    QVERIFY(!obtain(accountOf(0)).ok());
    QCOMPARE(relay.sessions(), 2);
    QVERIFY2(said().size() == 1, qPrintable(said().join(QLatin1Char('\n'))));
    QVERIFY2(said().first().contains(QStringLiteral("CR-2001")), qPrintable(said().first()));
    relay.failAfter(-1, Relay::End::HangsUp);
    m_clock.advance(3 * ssh::IdentityLogin::kFirstPause);
    CRING_OK(obtain(accountOf(0)));
    QCOMPARE(said(telemetry::Level::Info).size(), 2);
}

void TestTokens::aServerThatIsBackIsAskedAtOnce()
{
    copyOfKey(m_cluster->client(0).keyFile(), m_cluster->frontAddress());
    begin();
    health::Backend *backend = m_ring->backends->all().first();
    m_cluster->at(0).kill9();
    QVERIFY(spinUntil([&] { return backend->state() == health::Backend::State::Down; }, kLimit));
    // Not at the other one: it may not know the key, and would make an account for it.
    const Outcome none = obtain(accountOf(0));
    QVERIFY(!none.ok());
    QVERIFY2(none.error().detail.contains(m_cluster->at(0).name() + QStringLiteral(" is down")),
             qPrintable(none.error().detail));
    QSignalSpy available(m_tokens.get(), &Tokens::available);
    CRING_OK(m_cluster->at(0).start());
    QVERIFY(spinUntil([&] { return !available.isEmpty(); }, kLimit));
    CRING_OK(obtain(accountOf(0)));
}

void TestTokens::neverLogsInAtAnotherServer()
{
    CharmCluster other(1);
    CRING_OK(other.start());
    copyOfKey(m_cluster->client(0).keyFile(), m_cluster->frontAddress());
    // HTTP leads to the right server, and SSH to another one, which would make an account for the key.
    QCOMPARE(other.at(0).address(), m_cluster->at(0).address());
    const QString database = other.at(0).dataDir() + QStringLiteral("/db/charm_sqlite.db");
    const QByteArray before = contents(database);
    QVERIFY(!before.isEmpty());
    begin([&](config::Config &config) { config.servers[0].sshPort = other.at(0).sshPort(); });
    QVERIFY(!obtain(accountOf(0)).ok());
    QCOMPARE(said().size(), 1);
    QVERIFY2(said().first().contains(QStringLiteral("CR-2004")), qPrintable(said().first()));
    QCOMPARE(contents(database), before);
}

void TestTokens::leavesAServerThatKnowsTheKeyAsAnotherAccount()
{
    copyOfKey(m_cluster->client(0).keyFile(), m_cluster->frontAddress());
    auto forgetful = m_cluster->addServer(CharmCluster::Data::Shared);
    CRING_OK(forgetful);
    QVERIFY(QDir((*forgetful)->dataDir() + QStringLiteral("/db")).removeRecursively());
    CRING_OK((*forgetful)->start());
    begin();
    CRING_OK(obtain(accountOf(0)));
    CRING_OK(m_ring->primary->promote((*forgetful)->name()));
    // The old token is of no use any more; the server, by its own clock, makes one that lives a little
    // longer.
    m_clock.advance(3600s - ssh::kGoodFor + 2s);
    QVERIFY(!obtain(accountOf(0)).ok());
    QVERIFY2(said().size() == 1, qPrintable(said().join(QLatin1Char('\n'))));
    QVERIFY2(said().first().contains(QStringLiteral("does not know the account")),
             qPrintable(said().first()));
    // From now on at the one that does, whose clock seems to be an hour behind.
    m_clock.advance(2 * ssh::IdentityLogin::kFirstPause);
    QVERIFY(!obtain(accountOf(0)).ok());
    QCOMPARE(said().size(), 2);
    QVERIFY2(
        said().last().contains(QStringLiteral("charm1 gave the identity a token that is over in a moment")),
        qPrintable(said().last()));
}

void TestTokens::usesAKeyOnlyWhereTheClientUsesIt()
{
    // For another ring, and for the second server.
    copyOfKey(m_cluster->client(0).keyFile(), QStringLiteral("cloud.charm.sh"));
    copyOfKey(m_cluster->client(1).keyFile(), m_cluster->at(1).address());
    Relay first(m_cluster->at(0).address(), m_cluster->at(0).sshPort());
    Relay second(m_cluster->at(1).address(), m_cluster->at(1).sshPort());
    begin([&](config::Config &config) {
        config.servers[0].sshPort = first.port();
        config.servers[1].sshPort = second.port();
    });
    CRING_OK(obtain(accountOf(1)));
    QVERIFY(!obtain(accountOf(0)).ok());
    QCOMPARE(first.sessions(), 0);
    QCOMPARE(second.sessions(), 1);
}

/// It is used with the ring, too, whose primary may not have got the account yet.
void TestTokens::aKeyOfOneServerMakesNoAccountElsewhere()
{
    copyOfKey(m_cluster->client(1).keyFile(), m_cluster->frontAddress());
    copyOfKey(m_cluster->client(1).keyFile(), m_cluster->at(1).address());
    Relay first(m_cluster->at(0).address(), m_cluster->at(0).sshPort());
    begin([&](config::Config &config) { config.servers[0].sshPort = first.port(); });
    m_cluster->at(1).kill9();
    const health::Backend *away = m_ring->backends->all().at(1);
    QVERIFY(spinUntil([&] { return !away->usable(); }, kLimit));
    const Outcome refused = obtain(accountOf(1));
    QVERIFY(!refused.ok());
    QCOMPARE(first.sessions(), 0);
    // With the server, everything is as before.
    CRING_OK(m_cluster->at(1).start());
    m_clock.advance(31s);
    QVERIFY(spinUntil([&] { return obtain(accountOf(1)).ok(); }, kLimit));
    QCOMPARE(first.sessions(), 0);
}

void TestTokens::findsAKeyThatIsMadeLater()
{
    begin();
    QVERIFY(!obtain(accountOf(0)).ok());
    copyOfKey(m_cluster->client(0).keyFile(), m_cluster->frontAddress());
    QVERIFY(!obtain(accountOf(0)).ok());
    m_clock.advance(31s);
    CRING_OK(obtain(accountOf(0)));
}

void TestTokens::aKeyThatOthersCanReadIsNotUsed()
{
    const QString key = copyOfKey(m_cluster->client(0).keyFile(), m_cluster->frontAddress());
    QVERIFY(QFile::setPermissions(key, QFile::permissions(key) | QFileDevice::ReadGroup));
    begin();
    QVERIFY(!obtain(accountOf(0)).ok());
    m_clock.advance(31s);
    QVERIFY(!obtain(accountOf(0)).ok());
    QCOMPARE(said().size(), 1);
    QVERIFY2(said().first().contains(QStringLiteral("chmod 600")), qPrintable(said().first()));
}

void TestTokens::aNewConfigurationGoesOnWithWhoWaits()
{
    copyOfKey(m_cluster->client(0).keyFile(), m_cluster->frontAddress());
    Relay relay(m_cluster->at(0).address(), m_cluster->at(0).sshPort());
    relay.failAfter(200, Relay::End::Stalls);
    begin([&](config::Config &config) { config.servers[0].sshPort = relay.port(); });
    std::optional<Outcome> outcome;
    m_tokens->obtain(accountOf(0).toLatin1(), this, [&](const Outcome &result) { outcome = result; });
    QVERIFY(spinUntil([&] { return relay.sessions() == 1; }, kLimit));
    auto next = makeRing();
    know(*next);
    QVERIFY(!outcome.has_value());
    m_tokens->configure(next->config, *next->monitor, *next->primary);
    m_ring = std::move(next);
    QVERIFY(spinUntil([&] { return outcome.has_value(); }, kLimit));
    CRING_OK(*outcome);
}

void TestTokens::nobodyIsCalledAfterTheirEnd()
{
    copyOfKey(m_cluster->client(0).keyFile(), m_cluster->frontAddress());
    begin();
    bool called = false;
    auto context = std::make_unique<QObject>();
    m_tokens->obtain(accountOf(0).toLatin1(), context.get(), [&](const Outcome &) { called = true; });
    context.reset();
    CRING_OK(obtain(accountOf(0)));
    QVERIFY(!called);
}

void TestTokens::endsAtOnceWhileALoginHangs()
{
    copyOfKey(m_cluster->client(0).keyFile(), m_cluster->frontAddress());
    begin();
    m_cluster->at(0).pause();
    bool called = false;
    m_tokens->obtain(accountOf(0).toLatin1(), this, [&](const Outcome &) { called = true; });
    QElapsedTimer timer;
    timer.start();
    m_tokens.reset();
    QVERIFY2(timer.elapsed() < 500, QByteArray::number(timer.elapsed()).constData());
    QVERIFY(!called);
    m_cluster->at(0).resume();
}

void TestTokens::bringsATokenOfThePersonsOwn()
{
    const auto own = [this] {
        QObject context;
        std::optional<Outcome> outcome;
        m_tokens->obtainOwn(&context, [&](const Outcome &result) { outcome = result; });
        const bool came = spinUntil([&] { return outcome.has_value(); }, kLimit);
        return came ? *outcome : Outcome(Error{Code::ControlTimeout, QStringLiteral("nobody was called")});
    };
    // The server key makes tokens for every account, and says nothing of whose the person's is.
    begin([&](config::Config &config) { useServerKey(config, m_cluster->signingKeyFile()); });
    QVERIFY(!m_tokens->hasOwn());
    QCOMPARE(own().error().code, Code::TokenUnavailable);
    copyOfKey(m_cluster->client(1).keyFile(), m_cluster->frontAddress());
    m_tokens->configure(m_ring->config, *m_ring->monitor, *m_ring->primary);
    QVERIFY(m_tokens->hasOwn());
    for (int round = 0; round < 2; ++round) {
        const Outcome token = own();
        CRING_OK(token);
        QCOMPARE(QString::fromLatin1(token->account), accountOf(1));
    }
}

void TestTokens::takesItsKeysFromTheKeychain()
{
    SlowKeychain keychain;
    keychain.entries[QStringLiteral("identity.key")] = contents(m_cluster->client(0).keyFile());
    m_tokens = std::make_unique<Tokens>(KeyPlaces{}, keychain, m_clock, m_random, *m_activity);
    const auto useKeychain = [](config::Config &config) {
        config.identity.key = QStringLiteral("keychain");
    };
    begin(useKeychain);
    QSignalSpy available(m_tokens.get(), &Tokens::available);
    const Outcome early = obtain(accountOf(0));
    QVERIFY2(early || early.error().detail.contains(QStringLiteral("is being read")),
             early ? "" : qPrintable(early.error().detail));
    QVERIFY(spinUntil([&] { return !available.isEmpty(); }, kLimit));
    const Outcome token = obtain(accountOf(0));
    CRING_OK(token);
    QVERIFY(isAccepted(*token));
    QVERIFY(!obtain(accountOf(1)).ok());

    keychain.entries[QStringLiteral("identity.server_key")] = contents(m_cluster->signingKeyFile());
    m_ring->config.identity.serverKey = QStringLiteral("keychain");
    m_tokens->configure(m_ring->config, *m_ring->monitor, *m_ring->primary);
    QVERIFY(spinUntil([&] { return obtain(accountOf(1)).ok(); }, kLimit));
    QCOMPARE(said(), QStringList());
}

void TestTokens::waitsForALockedKeychain()
{
    SlowKeychain keychain;
    keychain.locked = true;
    keychain.entries[QStringLiteral("identity.key")] = contents(m_cluster->client(0).keyFile());
    keychain.entries[QStringLiteral("identity.server_key")] = contents(m_cluster->signingKeyFile());
    m_tokens = std::make_unique<Tokens>(KeyPlaces{}, keychain, m_clock, m_random, *m_activity);
    begin([](config::Config &config) {
        config.identity = {QStringLiteral("keychain"), QStringLiteral("keychain")};
    });
    QVERIFY(spinUntil([&] { return said().size() == 2; }, kLimit));
    const Outcome none = obtain(accountOf(1));
    QVERIFY(!none.ok());
    QVERIFY2(none.error().detail.contains(QStringLiteral("CR-1032")), qPrintable(none.error().detail));
    QSignalSpy available(m_tokens.get(), &Tokens::available);
    keychain.locked = false;
    QVERIFY(spinUntil([&] { return !available.isEmpty(); }, kLimit));
    CRING_OK(obtain(accountOf(1)));
    // Asked every few seconds, it was said once.
    QCOMPARE(said().size(), 2);
}

void TestTokens::forgetsWhatWasReadForAnotherConfiguration()
{
    SlowKeychain keychain;
    keychain.entries[QStringLiteral("identity.server_key")] = contents(m_cluster->signingKeyFile());
    m_tokens = std::make_unique<Tokens>(KeyPlaces{}, keychain, m_clock, m_random, *m_activity);
    begin([](config::Config &config) { config.identity.serverKey = QStringLiteral("keychain"); });
    // Before the answer has come.
    m_ring->config.identity.serverKey.clear();
    m_tokens->configure(m_ring->config, *m_ring->monitor, *m_ring->primary);
    QCoreApplication::processEvents();
    QVERIFY(!obtain(accountOf(1)).ok());
    QCOMPARE(said(telemetry::Level::Info), QStringList());
}

QTEST_GUILESS_MAIN(TestTokens)
#include "tst_tokens.moc"
