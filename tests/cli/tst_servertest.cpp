// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/accounttrial.h"
#include "tests/support/cringprocess.h"
#include "tests/support/httpclient.h"
#include "tests/support/spin.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace cring;
using namespace cring::test;

namespace {

constexpr std::chrono::milliseconds kLimit{30'000};

QStringList words(const char *text)
{
    return QString::fromLatin1(text).split(u' ');
}

} // namespace

/// `cring backends test NAME` with a running ring, real servers and the person's real identity.
class TestServerTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void aGoodServerPassesEveryStep();
    void nothingIsLeftAnywhere();
    void whatATestWritesIsNotCopiedAbout();
    void nothingIsLeftThatTheRingHasRecorded();
    void withoutAnIdentityNothingIsWritten();
    void saysThatTheAccountIsNotKnownThere();
    void saysThatAnotherServerHasTheSshPort();
    void saysThatTheServerCannotWrite();
    void triesAServerThatIsNotInTheRing();

private:
    /// "name+ http+ key-", and the texts.
    QString run(int server, int exitCode = 0);
    Status startRing(bool withIdentity = true);
    /// Until nobody goes through the servers' files: then a test may write.
    bool comesToRest();
    void leaveTwoFiles();
    QStringList filesAt(int server) const;
    QByteArray command(const QStringList &arguments);

    std::unique_ptr<CharmCluster> m_cluster;
    std::unique_ptr<CringProcess> m_ring;
    QStringList m_texts;
};

void TestServerTest::init()
{
    m_cluster = std::make_unique<CharmCluster>(3);
    CRING_OK(m_cluster->start());
    m_ring = std::make_unique<CringProcess>(*m_cluster);
}

void TestServerTest::cleanup()
{
    m_ring.reset();
    m_cluster.reset();
}

Status TestServerTest::startRing(bool withIdentity)
{
    m_ring->options().environment = QProcessEnvironment::systemEnvironment();
    if (withIdentity)
        m_ring->options().environment.insert(QStringLiteral("CHARM_DATA_DIR"), m_cluster->client().dataDir());
    const Status status = m_ring->start();
    if (!status || comesToRest())
        return status;
    return Error{Code::JobUnderWay, QStringLiteral("the ring does not come to rest")};
}

bool TestServerTest::comesToRest()
{
    return spinUntil([this] { return !command(words("jobs list")).contains("running"); }, 15'000);
}

QString TestServerTest::run(int server, int exitCode)
{
    const auto output =
        m_ring->runCommand(words("backends test --json") + QStringList(m_cluster->at(server).name()), kLimit);
    if (output.exitCode != exitCode)
        qWarning().noquote() << output.exitCode << output.out << output.err;
    QStringList steps;
    m_texts.clear();
    for (const QByteArray &line : output.out.split('\n')) {
        const QJsonObject step = QJsonDocument::fromJson(line).object();
        if (!step.contains(QLatin1String("step")))
            continue;
        steps << step.value(QLatin1String("step")).toString() +
                     (step.value(QLatin1String("ok")).toBool() ? u'+' : u'-');
        m_texts << step.value(QLatin1String("text")).toString();
    }
    return output.exitCode == exitCode ? steps.join(u' ') : QStringLiteral("exit %1").arg(output.exitCode);
}

QStringList TestServerTest::filesAt(int server) const
{
    return QDir(m_cluster->at(server).filesDir() + u'/' + m_cluster->charmId())
        .entryList(QDir::AllEntries | QDir::NoDotAndDotDot);
}

QByteArray TestServerTest::command(const QStringList &arguments)
{
    const auto output = m_ring->runCommand(arguments, kLimit);
    return output.out + output.err;
}

void TestServerTest::aGoodServerPassesEveryStep()
{
    CRING_OK(startRing());
    for (int server = 0; server < 3; ++server) {
        QCOMPARE(run(server),
                 QStringLiteral(
                     "name+ http+ key+ issuer+ scheme+ clock+ ssh+ hostkey+ account+ write+ read+ delete+"));
        QVERIFY2(m_texts.at(8).contains(m_cluster->charmId()), qPrintable(m_texts.at(8)));
    }
    const QByteArray page =
        command({QStringLiteral("backends"), QStringLiteral("test"), m_cluster->at(0).name()});
    QVERIFY2(page.contains("All is well with"), page.constData());
}

/// What a test that was killed has left, and a file of the person's.
void TestServerTest::leaveTwoFiles()
{
    HttpClient http(m_cluster->at(1).url());
    const QByteArray token = m_cluster->token();
    const QByteArray left = service::AccountTrial::kPrefix.toByteArray() + "0123456789abcdef";
    QCOMPARE(http.upload("/v1/fs/" + left, "x", token).status, 200);
    QCOMPARE(http.upload("/v1/fs/706c616e", "x", token).status, 200);
}

void TestServerTest::nothingIsLeftAnywhere()
{
    CRING_OK(startRing());
    leaveTwoFiles();
    QVERIFY2(run(1).endsWith(QStringLiteral("delete+")), qPrintable(m_texts.join(u'\n')));
    run(2);
    QVERIFY(spinUntil([&] { return filesAt(1) == QStringList(QStringLiteral("706c616e")); }, 5'000));
    QCOMPARE(filesAt(2), QStringList());
    QVERIFY(command(words("queue list")).startsWith("Nothing is owed"));
}

// Also not by a ring that sees it when it goes through an account for the first time.
void TestServerTest::whatATestWritesIsNotCopiedAbout()
{
    leaveTwoFiles();
    CRING_OK(startRing());
    // Its first request brings the token for that.
    HttpClient front(m_ring->url());
    QCOMPARE(front.get("/v1/fs/706c616e", m_cluster->token()).status, 200);
    const QStringList own(QStringLiteral("706c616e"));
    QVERIFY(spinUntil([&] { return filesAt(0).contains(own.first()) && filesAt(2).contains(own.first()); },
                      15'000));
    QVERIFY(comesToRest());
    QVERIFY(command(words("queue list")).startsWith("Nothing is owed"));
    QCOMPARE(filesAt(0), own);
    QCOMPARE(filesAt(1).size(), 2);
    QCOMPARE(filesAt(2), own);
    const HttpResponse listing = front.get("/v1/fs/", m_cluster->token());
    QVERIFY2(listing.body.contains("706c616e") &&
                 !listing.body.contains(service::AccountTrial::kPrefix.toByteArray()),
             listing.text().constData());
    QVERIFY2(run(1).endsWith(QStringLiteral("delete+")), qPrintable(m_texts.join(u'\n')));
    QVERIFY(spinUntil([&] { return filesAt(1) == own; }, 5'000));
}

// An earlier release has taken such a file for the person's.
void TestServerTest::nothingIsLeftThatTheRingHasRecorded()
{
    CRING_OK(startRing());
    HttpClient front(m_ring->url());
    const QByteArray left = service::AccountTrial::kPrefix.toByteArray() + "0123456789abcdef";
    for (const QByteArray &name : {left, QByteArray("706c616e")})
        QCOMPARE(front.upload("/v1/fs/" + name, "x", m_cluster->token()).status, 200);
    QVERIFY(spinUntil([&] { return filesAt(0).size() == 2 && filesAt(2).size() == 2; }, 15'000));
    QVERIFY(comesToRest());
    QVERIFY2(run(1).endsWith(QStringLiteral("delete+")), qPrintable(m_texts.join(u'\n')));
    const QStringList own(QStringLiteral("706c616e"));
    for (int server = 0; server < 3; ++server)
        QVERIFY(spinUntil([&] { return filesAt(server) == own; }, 10'000));
    QVERIFY(spinUntil([&] { return command(words("queue list")).startsWith("Nothing is owed"); }, 10'000));
}

void TestServerTest::withoutAnIdentityNothingIsWritten()
{
    CRING_OK(startRing(false));
    QCOMPARE(run(0), QStringLiteral("name+ http+ key+ issuer+ scheme+ clock+ ssh+ hostkey+"));
    QCOMPARE(filesAt(0), QStringList());
}

void TestServerTest::saysThatTheAccountIsNotKnownThere()
{
    // A person whom the second server alone knows: the client has the key under that server's name.
    CharmClient &stranger = *m_cluster->addStranger();
    const CharmServer &home = m_cluster->at(1);
    stranger.pointAt(home.address(), home.sshPort(), home.httpPort());
    CRING_OK(stranger.run({QStringLiteral("id")}));
    m_ring->options().environment = QProcessEnvironment::systemEnvironment();
    m_ring->options().environment.insert(QStringLiteral("CHARM_DATA_DIR"), stranger.dataDir());
    CRING_OK(m_ring->start());
    QVERIFY(comesToRest());
    QVERIFY2(run(1).endsWith(QStringLiteral("account+ write+ read+ delete+")),
             qPrintable(m_texts.join(u'\n')));
    QVERIFY2(run(0, 6).endsWith(QStringLiteral("hostkey+ account-")), qPrintable(m_texts.join(u'\n')));
    QVERIFY2(m_texts.last().contains(QStringLiteral("cring accounts sync")), qPrintable(m_texts.last()));
}

void TestServerTest::saysThatAnotherServerHasTheSshPort()
{
    const auto other = m_cluster->addServer(CharmCluster::Data::Fresh, [this](CharmServerOptions &options) {
        options.address = m_cluster->at(2).address();
    });
    CRING_OK(other);
    CRING_OK((*other)->start());
    m_ring->options().servers[2].sshPort = (*other)->sshPort();
    CRING_OK(startRing());
    QVERIFY2(run(2, 6).contains(QStringLiteral("ssh+ hostkey-")), qPrintable(m_texts.join(u'\n')));
    QVERIFY2(m_texts.at(7).contains(QStringLiteral("Check ssh_port")), qPrintable(m_texts.at(7)));
    // The service has seen it by itself.
    const QByteArray status = command(QStringList(QStringLiteral("status")));
    QVERIFY2(status.contains("another SSH host key"), status.constData());
}

void TestServerTest::saysThatTheServerCannotWrite()
{
    CRING_OK(startRing());
    QVERIFY(run(0).endsWith(QStringLiteral("delete+")));
    const QString folder = m_cluster->at(0).filesDir() + u'/' + m_cluster->charmId();
    QVERIFY(QFile::setPermissions(folder, QFile::ReadOwner | QFile::ExeOwner));
    QVERIFY2(run(0, 6).contains(QStringLiteral("account+ write-")), qPrintable(m_texts.join(u'\n')));
    QVERIFY2(m_texts.at(9).contains(QStringLiteral("may `charm serve` write")), qPrintable(m_texts.at(9)));
    QVERIFY(QFile::setPermissions(folder, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
}

// Before it is configured, with and without a service that knows the others.
void TestServerTest::triesAServerThatIsNotInTheRing()
{
    const auto stranger = m_cluster->addServer(playground::CharmCluster::Data::Fresh);
    CRING_OK(stranger);
    CRING_OK((*stranger)->start());
    m_ring->options().servers.removeLast();
    CRING_OK(startRing());
    const auto tried = [this](const CharmServer &server) {
        const auto output =
            m_ring->runCommand(words("--json backends test new --url") +
                                   QStringList{server.url().toString(), QStringLiteral("--ssh-port"),
                                               QString::number(server.sshPort()), QStringLiteral("--config"),
                                               m_ring->configFile()},
                               kLimit);
        QStringList steps;
        for (const QByteArray &line : output.out.split('\n')) {
            const QJsonObject step = QJsonDocument::fromJson(line).object();
            if (step.contains(QLatin1String("step")))
                steps << step.value(QLatin1String("step")).toString() +
                             (step.value(QLatin1String("ok")).toBool() ? u'+' : u'-');
        }
        return steps.join(u' ') + QString::fromUtf8(output.err);
    };
    const QString good =
        QStringLiteral("name+ http+ key+ issuer+ scheme+ clock+ ssh+ hostkey+ account+ write+ read+ delete+");
    QCOMPARE(tried(m_cluster->at(2)), good);
    const QString other = tried(**stranger);
    QVERIFY2(other.startsWith(QStringLiteral("name+ http+ key-")), qPrintable(other));
    QCOMPARE(filesAt(2), QStringList());
    m_ring->stop();
    QCOMPARE(tried(m_cluster->at(2)), good);
}

QTEST_GUILESS_MAIN(TestServerTest)
#include "tst_servertest.moc"
