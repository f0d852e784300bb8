// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/identities.h"
#include "tests/support/charmcluster.h"

#include <QDir>
#include <QFile>
#include <QSysInfo>
#include <QTest>

using namespace cring;
using namespace cring::test;
using ssh::FoundIdentities;
using ssh::KeyPlaces;

/// Where the person's keys are: as the charm client has it.
class TestIdentities : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();

    void looksWhereTheClientDoes_data();
    void looksWhereTheClientDoes();
    void findsTheKeyOfARealClient();
    void findsTheKeyOfARealClientWithoutADataDirectory();
    void knowsTheNamesOfTheRing_data();
    void knowsTheNamesOfTheRing();
    void oneKeyUnderManyNamesIsOneIdentity();
    void neverLooksElsewhere();
    void saysWhatCannotBeUsed();
    void takesTheOneThatIsNamed();
    void takesNoMoreThanAFew();

private:
    QString writeKey(const QString &host, const QByteArray &text);

    std::unique_ptr<QTemporaryDir> m_folder;
    KeyPlaces m_places;
};

void TestIdentities::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_places = {m_folder->path(), QString()};
}

QString TestIdentities::writeKey(const QString &host, const QByteArray &text)
{
    QDir(m_folder->path()).mkpath(host);
    QFile file(m_folder->filePath(host + QStringLiteral("/charm_ed25519")));
    const bool written = file.open(QIODevice::WriteOnly) && file.write(text) > 0 &&
                         file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner);
    return written ? file.fileName() : QString();
}

void TestIdentities::looksWhereTheClientDoes_data()
{
    QTest::addColumn<QStringList>("environment");
    QTest::addColumn<QString>("folder");
    const auto row = [](const char *name, const QStringList &environment, const char *folder) {
        QTest::newRow(name) << environment << QString::fromLatin1(folder);
    };
    row("home", {QStringLiteral("HOME=/h")}, "/h/.local/share/charm");
    row("XDG", {QStringLiteral("HOME=/h"), QStringLiteral("XDG_DATA_HOME=/x")}, "/x/charm");
    row("empty XDG", {QStringLiteral("HOME=/h"), QStringLiteral("XDG_DATA_HOME=")}, "/h/.local/share/charm");
    row("CHARM_DATA_DIR",
        {QStringLiteral("HOME=/h"), QStringLiteral("XDG_DATA_HOME=/x"), QStringLiteral("CHARM_DATA_DIR=/c")},
        "/c");
    row("nobody", {}, "");
}

void TestIdentities::looksWhereTheClientDoes()
{
    QFETCH(QStringList, environment);
    QFETCH(QString, folder);
    QProcessEnvironment variables;
    for (const QString &variable : environment)
        variables.insert(variable.section(QLatin1Char('='), 0, 0), variable.section(QLatin1Char('='), 1));
    QCOMPARE(KeyPlaces::of(variables).charmData, folder);
    QCOMPARE(KeyPlaces::of(variables).credentials, QString());
    variables.insert(QStringLiteral("CREDENTIALS_DIRECTORY"), QStringLiteral("/run/credentials/x"));
    QCOMPARE(KeyPlaces::of(variables).credentials, QStringLiteral("/run/credentials/x"));
}

void TestIdentities::findsTheKeyOfARealClient()
{
    CharmCluster cluster(1);
    CRING_OK(cluster.start());
    QProcessEnvironment variables;
    variables.insert(QStringLiteral("CHARM_DATA_DIR"), cluster.client().dataDir());
    const FoundIdentities found =
        ssh::findIdentities(QStringLiteral("auto"), KeyPlaces::of(variables), {cluster.frontAddress()});
    QCOMPARE(found.problems.size(), 0);
    QCOMPARE(found.identities.size(), 1);
    QCOMPARE(found.identities.first().place, QStringLiteral("file:") + cluster.client().keyFile());
    QCOMPARE(found.identities.first().hosts, QStringList{cluster.frontAddress()});
}

void TestIdentities::findsTheKeyOfARealClientWithoutADataDirectory()
{
    CharmCluster cluster(1);
    CRING_OK(cluster.start());
    CharmClient client(cluster.program(), m_folder->path(), spinningWaiter());
    client.pointAt(cluster.at(0).address(), cluster.at(0).sshPort(), cluster.at(0).httpPort());
    // An empty one is none, for the client and for us.
    client.setVariable(QStringLiteral("CHARM_DATA_DIR"), QString());
    CRING_OK(client.run({QStringLiteral("id")}));
    QProcessEnvironment variables;
    variables.insert(QStringLiteral("CHARM_DATA_DIR"), QString());
    variables.insert(QStringLiteral("HOME"), m_folder->path());
    const FoundIdentities found =
        ssh::findIdentities(QStringLiteral("auto"), KeyPlaces::of(variables), {cluster.at(0).address()});
    QCOMPARE(found.problems.size(), 0);
    QCOMPARE(found.identities.size(), 1);
}

void TestIdentities::knowsTheNamesOfTheRing_data()
{
    QTest::addColumn<QString>("address");
    QTest::addColumn<QByteArray>("issuer");
    QTest::addColumn<QStringList>("hosts");
    const auto names = [](const QString &words) {
        return words.split(QLatin1Char(' '));
    };
    const QString machine = QSysInfo::machineHostName();
    QTest::newRow("default") << QStringLiteral("localhost:35354") << QByteArray()
                             << names(QStringLiteral("localhost 127.0.0.1"));
    QTest::newRow("everywhere") << QStringLiteral(":35354") << QByteArray("https://charm.example:35354")
                                << names(QStringLiteral("localhost 127.0.0.1 %1 charm.example").arg(machine));
    QTest::newRow("IPv4 everywhere") << QStringLiteral("0.0.0.0:1") << QByteArray()
                                     << names(QStringLiteral("localhost 127.0.0.1 %1").arg(machine));
    QTest::newRow("an address") << QStringLiteral("192.0.2.7:1") << QByteArray()
                                << names(QStringLiteral("192.0.2.7"));
    QTest::newRow("loopback") << QStringLiteral("127.0.0.7:1") << QByteArray()
                              << names(QStringLiteral("127.0.0.7"));
    QTest::newRow("IPv6") << QStringLiteral("[2001:db8::1]:1") << QByteArray("http://[2001:db8::2]:35354")
                          << names(QStringLiteral("2001:db8::1 [2001:db8::1] 2001:db8::2 [2001:db8::2]"));
}

void TestIdentities::knowsTheNamesOfTheRing()
{
    QFETCH(QString, address);
    QFETCH(QByteArray, issuer);
    QFETCH(QStringList, hosts);
    config::Config config;
    config.address = config.sshAddress = address;
    QCOMPARE(ssh::ringHosts(config, {issuer}), hosts);
}

void TestIdentities::oneKeyUnderManyNamesIsOneIdentity()
{
    writeKey(QStringLiteral("localhost"), "key 1");
    writeKey(QStringLiteral("charm1"), "key 2");
    writeKey(QStringLiteral("charm2"), "key 1");
    const FoundIdentities found = ssh::findIdentities(QStringLiteral("auto"), m_places,
                                                      {QStringLiteral("localhost"), QStringLiteral("charm1"),
                                                       QStringLiteral("charm2"), QStringLiteral("charm3")});
    QCOMPARE(found.identities.size(), 2);
    QCOMPARE(found.identities.at(0).hosts,
             QStringList({QStringLiteral("localhost"), QStringLiteral("charm2")}));
    QCOMPARE(found.identities.at(1).hosts, QStringList{QStringLiteral("charm1")});
    QCOMPARE(found.problems.size(), 0);
}

void TestIdentities::neverLooksElsewhere()
{
    writeKey(QStringLiteral("cloud.charm.sh"), "key 1");
    writeKey(QStringLiteral("inner/x"), "key 2");
    const FoundIdentities found = ssh::findIdentities(
        QStringLiteral("auto"), {m_folder->filePath(QStringLiteral("inner")), QString()},
        {QStringLiteral("localhost"), QStringLiteral("../cloud.charm.sh"), QStringLiteral(".."), QString()});
    QCOMPARE(found.identities.size(), 0);
    QCOMPARE(found.problems.size(), 0);
    QCOMPARE(ssh::findIdentities(QStringLiteral("auto"), {}, {QStringLiteral("localhost")}).identities.size(),
             0);
}

void TestIdentities::saysWhatCannotBeUsed()
{
    QFile file(writeKey(QStringLiteral("localhost"), "key 1"));
    QVERIFY(file.setPermissions(file.permissions() | QFileDevice::ReadOther));
    const FoundIdentities found =
        ssh::findIdentities(QStringLiteral("auto"), m_places, {QStringLiteral("localhost")});
    QCOMPARE(found.identities.size(), 0);
    QCOMPARE(found.problems.size(), 1);
    QCOMPARE(found.problems.first().code, Code::SecretTooOpen);
    // One that was named has to be there.
    const FoundIdentities named = ssh::findIdentities(QStringLiteral("file:/nonexistent"), m_places, {});
    QCOMPARE(named.problems.size(), 1);
    QCOMPARE(named.problems.first().code, Code::SecretMissing);
}

void TestIdentities::takesTheOneThatIsNamed()
{
    writeKey(QStringLiteral("localhost"), "key 1");
    const QString path = writeKey(QStringLiteral("elsewhere"), "key 2");
    const FoundIdentities found =
        ssh::findIdentities(QStringLiteral("file:") + path, m_places, {QStringLiteral("localhost")});
    QCOMPARE(found.identities.size(), 1);
    QCOMPARE(found.identities.first().place, QStringLiteral("file:") + path);
    QCOMPARE(found.identities.first().hosts, QStringList());
}

void TestIdentities::takesNoMoreThanAFew()
{
    QStringList hosts;
    for (int i = 0; i < 12; ++i) {
        hosts << QStringLiteral("h%1").arg(i);
        writeKey(hosts.last(), "key " + QByteArray::number(i));
    }
    QCOMPARE(ssh::findIdentities(QStringLiteral("auto"), m_places, hosts).identities.size(),
             ssh::kMostIdentities);
}

QTEST_GUILESS_MAIN(TestIdentities)
#include "tst_identities.moc"
