// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/cringprocess.h"
#include "tests/support/spin.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace cring;
using namespace cring::test;

namespace {

constexpr int kLimit = 20'000;

QStringList words(const char *text)
{
    return QString::fromLatin1(text).split(u' ');
}

bool makeKey(const QString &file)
{
    return QProcess::execute(QStringLiteral("ssh-keygen"),
                             {QStringLiteral("-q"), QStringLiteral("-t"), QStringLiteral("ed25519"),
                              QStringLiteral("-N"), QString(), QStringLiteral("-f"), file}) == 0;
}

} // namespace

/// What commands say of a ring of real servers whose data directories it knows, and what they leave behind.
class TestRingCommands : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void cleanupTestCase() { m_cluster.reset(); }

    void stopsSoThatAnotherCanStart();
    void remembersTheServersAcrossAReload();
    void triesTheDataDirectory();
    void saysThatTheServerKeyIsAnothers();
    void saysWhoseNameIsOwed();
    void findsClashesOfAccounts();
    void knowsWhoseAKeyIsWhileAllServersAreAway();

private:
    QByteArray text(const QStringList &arguments, int exitCode = 0);
    QJsonObject json(const QStringList &arguments, int exitCode = 0)
    {
        return QJsonDocument::fromJson(text(arguments + words("--json"), exitCode)).object();
    }
    QJsonObject backend(int server);
    bool allUp();

    QTemporaryDir m_folder;
    std::unique_ptr<CharmCluster> m_cluster;
    std::unique_ptr<CringProcess> m_ring;
};

void TestRingCommands::initTestCase()
{
    m_cluster = std::make_unique<CharmCluster>(3, 2);
    CRING_OK(m_cluster->start());
}

void TestRingCommands::init()
{
    m_ring = std::make_unique<CringProcess>(*m_cluster);
    m_ring->options().environment.insert(QStringLiteral("CHARM_DATA_DIR"), m_cluster->client().dataDir());
    for (int i = 0; i < m_cluster->size(); ++i) {
        m_ring->options().servers[i].data = m_cluster->at(i).dataDir();
        if (!m_cluster->at(i).isRunning())
            CRING_OK(m_cluster->at(i).start());
    }
    CRING_OK(m_ring->start());
    QVERIFY(spinUntil([this] { return allUp(); }, kLimit));
}

void TestRingCommands::cleanup()
{
    m_ring.reset();
}

QByteArray TestRingCommands::text(const QStringList &arguments, int exitCode)
{
    const auto output = m_ring->runCommand(arguments, std::chrono::milliseconds(kLimit));
    if (output.exitCode != exitCode)
        qWarning().noquote() << arguments << output.exitCode << output.out << output.err;
    return output.exitCode != exitCode                    ? QByteArray()
           : arguments.contains(QStringLiteral("--json")) ? output.out
                                                          : output.out + output.err;
}

QJsonObject TestRingCommands::backend(int server)
{
    return json(words("backends show") + QStringList(m_cluster->at(server).name()));
}

bool TestRingCommands::allUp()
{
    for (int i = 0; i < m_cluster->size(); ++i) {
        if (backend(i).value(QLatin1String("state")).toString() != QStringLiteral("up"))
            return false;
    }
    return true;
}

void TestRingCommands::stopsSoThatAnotherCanStart()
{
    for (int round = 0; round < 5; ++round) {
        QVERIFY2(text(words("stop")).contains("has stopped"), m_ring->logTail().constData());
        CRING_OK(m_ring->start());
    }
}

void TestRingCommands::remembersTheServersAcrossAReload()
{
    m_cluster->at(2).kill9();
    QVERIFY(spinUntil(
        [this] { return backend(2).value(QLatin1String("state")).toString() == QStringLiteral("down"); },
        kLimit));
    const QJsonObject down = backend(2);
    const QJsonObject up = backend(0);
    QVERIFY(down.value(QLatin1String("errors")).toInt() > 0);
    QVERIFY(!text(words("config set timing.read_timeout 21s --config") + QStringList(m_ring->configFile()))
                 .isEmpty());
    QVERIFY2(text(words("reload")).contains("new settings"), m_ring->logTail().constData());
    for (const auto &[before, after] : {std::pair(down, backend(2)), std::pair(up, backend(0))}) {
        QCOMPARE(after.value(QLatin1String("state")), before.value(QLatin1String("state")));
        QCOMPARE(after.value(QLatin1String("sinceMs")), before.value(QLatin1String("sinceMs")));
        for (const char *count : {"errors", "requests", "bytesReceived"})
            QVERIFY2(after.value(QLatin1String(count)).toInt() >= before.value(QLatin1String(count)).toInt(),
                     count);
    }
    // One that is elsewhere by now has no past there.
    CRING_OK(m_cluster->at(2).start());
}

void TestRingCommands::triesTheDataDirectory()
{
    const QString name = m_cluster->at(1).name();
    const QStringList test = words("backends test") + QStringList(name);
    const QByteArray good = text(test);
    QVERIFY2(good.contains("can be worked with: 2 accounts"), good.constData());
    const QString nowhere = m_folder.filePath(QStringLiteral("nowhere"));
    const QByteArray edited =
        text(words("backends edit") + QStringList{name, QStringLiteral("--data"), nowhere});
    QVERIFY2(edited.contains("the settings of " + name.toUtf8() + " are new"), edited.constData());
    const QByteArray bad = text(test, 6);
    QVERIFY2(bad.simplified().contains("data failed") && bad.contains(nowhere.toUtf8()), bad.constData());
    // A directory of another cluster.
    const QString foreign = m_folder.filePath(QStringLiteral("foreign"));
    const QString key = foreign + QStringLiteral("/.ssh/charm_server_ed25519");
    QCOMPARE(
        QProcess::execute(QStringLiteral("cp"), {QStringLiteral("-r"), m_cluster->at(1).dataDir(), foreign}),
        0);
    QVERIFY(QFile::remove(key) && QFile::remove(key + QStringLiteral(".pub")));
    QVERIFY(makeKey(key));
    QVERIFY(!text(words("backends edit") + QStringList{name, QStringLiteral("--data"), foreign}).isEmpty());
    const QByteArray said = text(test, 6);
    QVERIFY2(said.contains("it is another server's"), said.constData());
}

void TestRingCommands::saysThatTheServerKeyIsAnothers()
{
    const QString key = m_folder.filePath(QStringLiteral("other"));
    QVERIFY(makeKey(key));
    QVERIFY(!text(words("status")).contains("CR-1016"));
    // As an editor writes it: the command would refuse it.
    QFile file(m_ring->configFile());
    QVERIFY(file.open(QIODevice::Append));
    QVERIFY(file.write("\n[identity]\nserver_key = \"file:" + key.toUtf8() + "\"\n") > 0);
    file.close();
    QVERIFY(!text(words("reload")).isEmpty());
    QByteArray status;
    QVERIFY2(spinUntil(
                 [&] {
                     status = text(words("status"));
                     return status.contains("Warning: the server key in identity.server_key is not the one");
                 },
                 kLimit),
             status.constData());
}

void TestRingCommands::saysWhoseNameIsOwed()
{
    m_cluster->at(2).kill9();
    QVERIFY(spinUntil(
        [this] { return backend(2).value(QLatin1String("state")).toString() == QStringLiteral("down"); },
        kLimit));
    CharmClient &client = m_cluster->client();
    CRING_OK(client.run({QStringLiteral("name"), QStringLiteral("ada")}));
    QJsonObject item;
    QVERIFY(spinUntil(
        [&] {
            item = json(words("queue list")).value(QLatin1String("items")).toArray().at(0).toObject();
            return item.value(QLatin1String("kind")).toString() == QStringLiteral("name");
        },
        kLimit));
    QCOMPARE(item.value(QLatin1String("account")).toString(), m_cluster->charmId());
    QVERIFY(text(words("queue list")).contains(m_cluster->charmId().left(8).toUtf8()));
    CRING_OK(m_cluster->at(2).start());
}

void TestRingCommands::findsClashesOfAccounts()
{
    QVERIFY2(text(words("findings")).contains("Nothing was found"), m_ring->logTail().constData());
    QCOMPARE(m_ring->stop(), 0);
    for (int person = 0; person < 2; ++person) {
        const CharmServer &server = m_cluster->at(person);
        CharmClient &client = m_cluster->client(person);
        client.pointAt(server.address(), server.sshPort(), server.httpPort());
        CRING_OK(client.run({QStringLiteral("name"), QStringLiteral("twin")}));
        client.pointAt(m_cluster->frontAddress(), m_cluster->frontSshPort(), m_cluster->frontHttpPort());
    }
    CRING_OK(m_ring->start());
    QByteArray found;
    QVERIFY2(spinUntil(
                 [&] {
                     found = text(words("findings"));
                     return found.contains("Accounts: ") && found.contains("twin");
                 },
                 kLimit),
             found.constData());
    QVERIFY(!found.contains("Nothing was found"));
    const QJsonObject summary = json(words("findings")).value(QLatin1String("summary")).toObject();
    QVERIFY(!summary.value(QLatin1String("clashes")).toArray().isEmpty());
}

void TestRingCommands::knowsWhoseAKeyIsWhileAllServersAreAway()
{
    QVERIFY(
        spinUntil([&] { return text(words("accounts")).contains(m_cluster->charmId().toUtf8()); }, kLimit));
    for (int i = 0; i < m_cluster->size(); ++i)
        m_cluster->at(i).kill9();
    const QJsonArray rows = json(words("identity list")).value(QLatin1String("identities")).toArray();
    QCOMPARE(rows.at(0).toObject().value(QLatin1String("account")).toString(), m_cluster->charmId());
    QVERIFY(rows.at(0).toObject().value(QLatin1String("byService")).toBool());
    const QByteArray table = text(words("identity list"));
    QVERIFY2(table.contains("as the service last saw it"), table.constData());
    QCOMPARE(m_ring->stop(), 0);
    const QByteArray alone = text(words("identity list"), 3);
    QVERIFY2(alone.contains(" ? "), alone.constData());
}

QTEST_GUILESS_MAIN(TestRingCommands)
#include "tst_ringcommands.moc"
