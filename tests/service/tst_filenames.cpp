// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/pool.h"
#include "core/service/filenames.h"
#include "tests/support/charmcluster.h"
#include "tests/support/spin.h"

#include <QFile>
#include <QSignalSpy>
#include <QTest>

using namespace cring;
using namespace cring::test;
using namespace std::chrono_literals;

namespace {

constexpr int Limit = 20'000;

/// The machine's clock, put forward by hand.
class TurnedClock final : public IClock
{
public:
    std::chrono::milliseconds steady() const override { return m_system.steady() + ahead; }
    std::chrono::milliseconds wall() const override { return m_system.wall() + ahead; }

    std::chrono::milliseconds ahead{0};

private:
    SystemClock m_system;
};

/// A keychain that one of its readers can find locked.
class Keychain final : public config::ISecretStore
{
public:
    QByteArray key;
    const QObject *lockedFor = nullptr;
    int refused = 0;

    void read(const config::SecretPlace &, QObject *context, Read done) override
    {
        const auto answer = [this, context, done] {
            if (context == lockedFor) {
                ++refused;
                done(Error{Code::KeychainLocked, QStringLiteral("the keychain is locked")});
                return;
            }
            done(Secret(QByteArray(key.constData(), key.size())));
        };
        QMetaObject::invokeMethod(context, answer, Qt::QueuedConnection);
    }
    void write(const config::SecretPlace &, Secret, QObject *, Done) override {}
    void remove(const config::SecretPlace &, QObject *, Done) override {}
};

QByteArray contents(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

/// Whose names are told, and for how long: with a real server, and the keys that a real client has made.
class TestFileNames : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void aKeyThatCouldNotBeReadIsReadLater();
    void namesGoWithTheIdentity();
    void namesStayWithTheIdentity();
    void namesGoWithTheAccountAndComeBack();

private:
    /// What a configuration brings.
    struct Ring
    {
        std::unique_ptr<health::BackendSet> backends;
        std::unique_ptr<health::Primary> primary;
        std::unique_ptr<health::Monitor> monitor;
    };

    void configure(const QString &key);
    bool tellsNames() { return m_names->accounts() == QStringList(m_cluster.charmId()); }
    /// Of a file that nobody has stored.
    state::ObjectKey hidden() const { return state::objectKey(m_cluster.charmId().toLatin1(), "00ff"); }

    CharmCluster m_cluster{1};
    TurnedClock m_clock;
    SeededRandom m_random{3};
    telemetry::ActivityLog m_activity{m_clock};
    Keychain m_keychain;
    std::vector<std::unique_ptr<Ring>> m_rings; ///< Those before the last one go later, as in a service.
    std::unique_ptr<ssh::Tokens> m_tokens;
    std::unique_ptr<service::FileNames> m_names;
};

void TestFileNames::initTestCase()
{
    CRING_OK(m_cluster.start());
    CharmClient &client = m_cluster.client();
    client.pointAt(m_cluster.at(0).address(), m_cluster.at(0).sshPort(), m_cluster.at(0).httpPort());
    QFile file(client.home() + QStringLiteral("/file"));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("text") > 0);
    file.close();
    const auto stored = client.run(
        {QStringLiteral("fs"), QStringLiteral("cp"), file.fileName(), QStringLiteral("charm:file")});
    QVERIFY2(stored.ok(), stored.text().constData());
}

void TestFileNames::init()
{
    m_keychain.key = contents(m_cluster.client().keyFile());
    m_keychain.lockedFor = nullptr;
    m_keychain.refused = 0;
    m_tokens = std::make_unique<ssh::Tokens>(ssh::KeyPlaces(), m_keychain, m_clock, m_random, m_activity);
    m_names = std::make_unique<service::FileNames>(*m_tokens, m_keychain, m_clock);
    configure(QStringLiteral("keychain"));
}

void TestFileNames::cleanup()
{
    m_names.reset();
    m_tokens.reset();
    m_rings.clear();
}

void TestFileNames::configure(const QString &key)
{
    config::Config config;
    config.timing.probeInterval = 100ms;
    config.identity.key = key;
    const CharmServer &server = m_cluster.at(0);
    config.servers.append({server.name(), server.name(), server.url(), server.sshPort(), 1.0, {}});
    const auto pool = [](const config::Server &one) {
        http::Origin origin;
        origin.host = one.url.host();
        origin.port = static_cast<quint16>(one.url.port());
        return std::make_unique<http::Pool>(origin);
    };
    auto ring = std::make_unique<Ring>();
    ring->backends = std::make_unique<health::BackendSet>(config.servers, pool, m_clock, m_random);
    ring->primary = std::make_unique<health::Primary>(m_clock, QString());
    ring->primary->setBackends(*ring->backends);
    ring->monitor =
        std::make_unique<health::Monitor>(*ring->backends, config.timing, m_clock, m_random, QString());
    ring->monitor->start();
    const health::Backend *backend = ring->backends->all().first();
    QVERIFY(spinUntil([&] { return backend->state() == health::Backend::State::Up; }, Limit));
    m_tokens->configure(config, *ring->monitor, *ring->primary);
    m_rings.push_back(std::move(ring));
}

/// As one that was locked in that moment.
void TestFileNames::aKeyThatCouldNotBeReadIsReadLater()
{
    m_keychain.lockedFor = m_names.get();
    m_names->want();
    QVERIFY(spinUntil([this] { return m_keychain.refused > 0 && !m_names->problem().isEmpty(); }, Limit));
    QVERIFY2(m_names->problem().contains(QStringLiteral("locked")), qPrintable(m_names->problem()));
    QVERIFY(!tellsNames());
    m_keychain.lockedFor = nullptr;
    m_clock.ahead += service::FileNames::kAskAgain;
    QVERIFY(!m_names->plain(hidden())); // Somebody looks again.
    QVERIFY2(spinUntil([this] { return tellsNames(); }, Limit), qPrintable(m_names->problem()));
}

void TestFileNames::namesGoWithTheIdentity()
{
    m_names->want();
    QVERIFY2(spinUntil([this] { return tellsNames(); }, Limit), qPrintable(m_names->problem()));
    QSignalSpy changed(m_names.get(), &service::FileNames::changed);
    configure(QStringLiteral("auto")); // There is none.
    QCOMPARE(m_names->accounts(), QStringList());
    QVERIFY(!changed.isEmpty());
}

/// A reload that leaves it alone takes no name away for longer than it takes to log in.
void TestFileNames::namesStayWithTheIdentity()
{
    m_names->want();
    QVERIFY2(spinUntil([this] { return tellsNames(); }, Limit), qPrintable(m_names->problem()));
    configure(QStringLiteral("keychain"));
    QVERIFY2(spinUntil([this] { return tellsNames(); }, Limit), qPrintable(m_names->problem()));
    const QString file = QStringLiteral("file:") + m_cluster.client().keyFile();
    configure(file);
    QVERIFY2(spinUntil([this] { return tellsNames(); }, Limit), qPrintable(m_names->problem()));
    configure(file);
    QVERIFY(tellsNames()); // The very same file: not even for a moment.
}

void TestFileNames::namesGoWithTheAccountAndComeBack()
{
    const QByteArray account = m_cluster.charmId().toLatin1();
    bool isDisabled = false;
    m_tokens->setDisabled([&](const QByteArray &asked) { return isDisabled && asked == account; });
    m_names->want();
    QVERIFY2(spinUntil([this] { return tellsNames(); }, Limit), qPrintable(m_names->problem()));
    isDisabled = true;
    m_tokens->handleChanged(account);
    QCOMPARE(m_names->accounts(), QStringList());
    isDisabled = false;
    m_tokens->handleChanged(account);
    QVERIFY2(spinUntil([this] { return tellsNames(); }, Limit), qPrintable(m_names->problem()));
}

QTEST_GUILESS_MAIN(TestFileNames)
#include "tst_filenames.moc"
