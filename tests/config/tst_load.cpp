// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/load.h"
#include "core/config/notifysettings.h"

#include <QTemporaryDir>
#include <QTest>

using namespace cring;
using namespace cring::config;
using namespace std::chrono_literals;

namespace {

const QByteArray kTwoServers = QByteArrayLiteral("[[server]]\nname = \"a\"\nurl = \"http://a\"\n"
                                                 "[[server]]\nname = \"b\"\nurl = \"http://b\"\n");

Sources twoHosts()
{
    Sources sources;
    sources.file = QString();
    sources.environment.insert(QStringLiteral("XDG_CONFIG_HOME"), QStringLiteral("/nonexistent"));
    sources.hosts = {QStringLiteral("http://10.0.0.1"), QStringLiteral("http://10.0.0.2:4000")};
    return sources;
}

} // namespace

class TestLoad : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsEveryKindOfValue();
    void defaultsAreThoseOfTheStruct();
    void flagsBeatTheEnvironmentAndThatTheFile();
    void readsWhereTheKeysAre();
    void readsWhoIsTold();
    void hostsReplaceTheServersOfTheFile();
    void hostsComeFromTheEnvironmentToo();
    void takesTheOriginalsCommandLine();
    void fillsInNamesIdsAndPorts();
    void reportsProblems_data();
    void reportsProblems();
    void reportsAllProblemsInTheOrderOfTheFile();
    void anOverriddenValueDoesNotHurt();
    void aNamedFileMustBeThere();
    void aSyntaxErrorIsTheOnlyMessage();
    void neverRepeatsCredentials();
    void warnsOfMisspeltVariables();
    void loopbackAddressesOfTheirOwnAreServersOfTheirOwn();
    void debugHasItsPlaceInThePrecedence_data();
    void debugHasItsPlaceInThePrecedence();
    void disablingAccountsClosesThem_data();
    void disablingAccountsClosesThem();
    void aSwitchTakesATruthValue();
    void warnsOfAnIdleTimeThatCutsWaitingClients();
    void theMetricsCanBeTurnedOff();
    void theDefaultForMetricsGivesWay();
    void comparesByValue();
    void aBucketStandsAloneOnlyWhereTheServiceAnswersLogins();
};

void TestLoad::readsEveryKindOfValue()
{
    const auto loaded = loadText(
        QByteArrayLiteral("[service]\naddress = \":8080\"\nreplicas = 2\nlog_level = \"debug\"\n"
                          "[limits]\nheader_bytes = \"8KiB\"\nbody_bytes = 1000\nconnections = 7\n"
                          "[timing]\nconnect_timeout = \"250ms\"\nssh_idle_time = \"1h30m\"\n"
                          "[[server]]\nurl = \"https://A.example\"\nssh_port = 22\nweight = 2\n"
                          "[[server]]\nurl = \"http://[::1]:99/\"\nid = \"x\"\nssh_port = 9\nweight = 0.5\n"),
        QStringLiteral("f"));
    QVERIFY2(loaded.ok(), qPrintable(loaded.problemText()));
    const Config &config = loaded.config;
    QCOMPARE(config.address, QStringLiteral(":8080"));
    QCOMPARE(config.replicas, 2);
    QCOMPARE(config.logLevel, QStringLiteral("debug"));
    QCOMPARE(config.limits.headerBytes, 8192);
    QCOMPARE(config.limits.bodyBytes, 1000);
    QCOMPARE(config.limits.connections, 7);
    QCOMPARE(config.timing.connectTimeout, 250ms);
    QCOMPARE(config.timing.sshIdleTime, 90min);
    QCOMPARE(config.servers.size(), 2);
    QCOMPARE(config.servers[0].url.toString(), QStringLiteral("https://a.example:443"));
    QCOMPARE(config.servers[0].sshPort, quint16(22));
    QCOMPARE(config.servers[0].weight, 2.0);
    QCOMPARE(config.servers[1].name, QStringLiteral("[::1]:99"));
    QCOMPARE(config.servers[1].id, QStringLiteral("x"));
    QCOMPARE(loaded.originOf(QStringLiteral("service.replicas")), Origin::File);
    QCOMPARE(loaded.originOf(QStringLiteral("server")), Origin::File);
    QCOMPARE(loaded.originOf(QStringLiteral("service.ca_file")), Origin::Default);
}

void TestLoad::defaultsAreThoseOfTheStruct()
{
    auto loaded = loadText(kTwoServers, QStringLiteral("f"));
    QVERIFY2(loaded.ok(), qPrintable(loaded.problemText()));
    loaded.config.servers.clear();
    QCOMPARE(loaded.config, Config{});
}

void TestLoad::flagsBeatTheEnvironmentAndThatTheFile()
{
    QTemporaryDir home;
    QVERIFY(QDir(home.path()).mkdir(QStringLiteral("charmedring")));
    QFile file(home.filePath(QStringLiteral("charmedring/config.toml")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("[service]\naddress = \":1\"\nssh_address = \":2\"\nreplicas = 2\n" + kTwoServers);
    file.close();

    Sources sources;
    sources.environment.insert(QStringLiteral("XDG_CONFIG_HOME"), home.path());
    sources.environment.insert(QStringLiteral("CRING_SSH_ADDRESS"), QStringLiteral(":22"));
    sources.environment.insert(QStringLiteral("CRING_REPLICAS"), QStringLiteral("4"));
    sources.environment.insert(QStringLiteral("CRING_LIMITS_HEADER_BYTES"), QStringLiteral("32KiB"));
    sources.flags.insert(QStringLiteral("service.replicas"), QStringLiteral("5"));
    const auto loaded = load(sources);
    QVERIFY2(loaded.ok(), qPrintable(loaded.problemText()));
    QCOMPARE(loaded.file, file.fileName());
    QCOMPARE(loaded.config.address, QStringLiteral(":1"));
    QCOMPARE(loaded.config.sshAddress, QStringLiteral(":22"));
    QCOMPARE(loaded.config.replicas, 5);
    QCOMPARE(loaded.config.limits.headerBytes, 32 * 1024);
    QCOMPARE(loaded.originOf(QStringLiteral("service.address")), Origin::File);
    QCOMPARE(loaded.originOf(QStringLiteral("service.ssh_address")), Origin::Environment);
    QCOMPARE(loaded.originOf(QStringLiteral("service.replicas")), Origin::Flag);
}

void TestLoad::readsWhereTheKeysAre()
{
    Sources sources = twoHosts();
    sources.environment.insert(QStringLiteral("CRING_IDENTITY_KEY"), QStringLiteral("credential:charm.key"));
    sources.environment.insert(QStringLiteral("CRING_IDENTITY_SERVER_KEY"),
                               QStringLiteral("credential:server"));
    const auto loaded = load(sources);
    QVERIFY2(loaded.ok(), qPrintable(loaded.problemText()));
    QCOMPARE(loaded.config.identity.key, QStringLiteral("credential:charm.key"));
    QCOMPARE(loaded.config.identity.serverKey, QStringLiteral("credential:server"));
    QCOMPARE(
        loadText(kTwoServers + "[identity]\nkey = \"auto\"\nserver_key = \"\"\n", QStringLiteral("f")).config,
        loadText(kTwoServers, QStringLiteral("f")).config);
}

void TestLoad::readsWhoIsTold()
{
    const auto loaded =
        loadText(kTwoServers + "[notify]\nwebhook = \"http://hooks.lan/t0ken\"\ndeadman = \"credential:d\"\n"
                               "smtp_server = \"127.0.0.1\"\nsmtp_security = \"none\"\nsmtp_user = \"a\"\n"
                               "smtp_password = \"keychain\"\nmail_to = \"a@b.c,d@e.f\"\ndegraded = false\n",
                 QStringLiteral("f"));
    QVERIFY2(loaded.ok(), qPrintable(loaded.problemText()));
    const Notify &notify = loaded.config.notify;
    QCOMPARE(mailServerOf(notify)->toString(), QStringLiteral("127.0.0.1:25"));
    QCOMPARE(recipientsOf(notify), (QStringList{QStringLiteral("a@b.c"), QStringLiteral("d@e.f")}));
    QVERIFY(!notify.degraded && notify.writesRefused && notify.isUsed());
    // What goes in clear is said, without the address.
    QCOMPARE(loaded.warnings.size(), 1);
    QVERIFY2(loaded.warnings.first().startsWith(QStringLiteral("notify.webhook is called without TLS")),
             qPrintable(loaded.warnings.first()));
    QVERIFY(!loaded.warnings.first().contains(QStringLiteral("t0ken")));
    QVERIFY(!Config{}.notify.isUsed());
    QCOMPARE(shownWebAddress(notify.webhook), QStringLiteral("http://hooks.lan/..."));
    QCOMPARE(shownWebAddress(QStringLiteral("https://a:8443/?k=v")), QStringLiteral("https://a:8443/..."));
    QCOMPARE(shownWebAddress(QStringLiteral("https://a/")), QStringLiteral("https://a"));
    QCOMPARE(shownWebAddress(notify.deadman), QStringLiteral("credential:d"));
}

void TestLoad::hostsReplaceTheServersOfTheFile()
{
    QTemporaryDir dir;
    QFile file(dir.filePath(QStringLiteral("c.toml")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    // A bad entry of the file is replaced too, and nobody has to mend it.
    file.write(kTwoServers + "[[server]]\nurl = \"nonsense\"\n");
    file.close();
    Sources sources = twoHosts();
    sources.file = file.fileName();
    const auto loaded = load(sources);
    QVERIFY2(loaded.ok(), qPrintable(loaded.problemText()));
    QCOMPARE(loaded.config.servers.size(), 2);
    QCOMPARE(loaded.config.servers[0].name, QStringLiteral("10.0.0.1:35354"));
    QCOMPARE(loaded.config.servers[0].id, QStringLiteral("10.0.0.1:35354"));
    QCOMPARE(loaded.config.servers[1].url.toString(), QStringLiteral("http://10.0.0.2:4000"));
    QCOMPARE(loaded.originOf(QStringLiteral("server")), Origin::Flag);
}

void TestLoad::hostsComeFromTheEnvironmentToo()
{
    Sources sources = twoHosts();
    sources.hosts.clear();
    sources.environment.insert(QStringLiteral("CRING_HOST"),
                               QStringLiteral("http://one, http://two,http://three"));
    sources.environment.insert(QStringLiteral("CRING_SSH_BACKEND_PORT"), QStringLiteral("2222"));
    const auto loaded = load(sources);
    QVERIFY2(loaded.ok(), qPrintable(loaded.problemText()));
    QCOMPARE(loaded.config.servers.size(), 3);
    QCOMPARE(loaded.config.servers[2].name, QStringLiteral("three:35354"));
    QCOMPARE(loaded.config.servers[2].sshPort, quint16(2222));
}

void TestLoad::takesTheOriginalsCommandLine()
{
    Sources sources = twoHosts();
    sources.flags.insert(QStringLiteral("service.address"), QStringLiteral(":35354"));
    sources.flags.insert(QStringLiteral("service.ssh_address"), QStringLiteral(":35353"));
    sources.sshBackendPort = QStringLiteral("2200");
    sources.backupUrl = QStringLiteral("s3.example.org");
    sources.backupBucket = QStringLiteral("charm");
    sources.backupZone = QStringLiteral("us-east-1");
    sources.debug = true;
    const auto loaded = load(sources);
    QVERIFY2(loaded.ok(), qPrintable(loaded.problemText()));
    QCOMPARE(loaded.config.logLevel, QStringLiteral("debug"));
    QCOMPARE(loaded.config.servers[1].sshPort, quint16(2200));
    QCOMPARE(loaded.config.backups.size(), 1);
    QCOMPARE(loaded.config.backups[0].url, QStringLiteral("https://s3.example.org"));
    QCOMPARE(loaded.config.backups[0].accessKey, QStringLiteral("env"));
    QCOMPARE(loaded.config.backups[0].name, QStringLiteral("charm"));
    QCOMPARE(loaded.config.backups[0].id, QStringLiteral("charm"));
    QCOMPARE(loaded.warnings, QStringList());
}

void TestLoad::fillsInNamesIdsAndPorts()
{
    const auto loaded = loadText(QByteArrayLiteral("[[server]]\nurl = \"http://h1\"\n"
                                                   "[[server]]\nname = \"two\"\nurl = \"https://h2:1\"\n"),
                                 QStringLiteral("f"));
    QVERIFY2(loaded.ok(), qPrintable(loaded.problemText()));
    QCOMPARE(loaded.config.servers[0].name, QStringLiteral("h1:35354"));
    QCOMPARE(loaded.config.servers[0].id, QStringLiteral("h1:35354"));
    QCOMPARE(loaded.config.servers[1].id, QStringLiteral("two"));
}

void TestLoad::reportsProblems_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("place");
    QTest::addColumn<QString>("words");
    const auto row = [](const char *name, const char *text, Code code, const char *place, const char *words) {
        QTest::newRow(name) << kTwoServers + text << static_cast<int>(code) << QString(QLatin1String(place))
                            << QString(QLatin1String(words));
    };
    row("two backups in one bucket",
        "[[server]]\nurl = \"http://h1\"\n[[backup]]\nurl = \"http://s\"\nbucket = \"b\"\n"
        "[[backup]]\nname = \"c\"\nurl = \"http://s\"\nbucket = \"b\"\n",
        Code::ConfigBadValue, "f:15:1", "each needs its own");
    row("a window without length",
        "[[server]]\nurl = \"http://h1\"\n[[backup]]\nurl = \"http://s\"\nbucket = \"b\"\n"
        "window = \"22:00-22:00\"\n",
        Code::ConfigBadValue, "f:12:1", "22:00-06:00");
    row("unknown key", "[service]\nadress = \":1\"\n", Code::ConfigUnknownKey, "f:8:1",
        "did you mean \"address\"");
    row("unknown section", "[timings]\nx = 1\n", Code::ConfigUnknownKey, "f:7:2", "did you mean [timing]");
    row("key of another section", "[service]\nheader_bytes = 1\n", Code::ConfigUnknownKey, "f:8:1",
        "belongs in [limits]");
    row("unknown in a server", "[[server]]\nurl=\"http://c\"\n  wieght = 2\n", Code::ConfigUnknownKey,
        "f:9:3", "\"weight\"");
    row("data on nowhere", "[[server]]\nurl=\"http://c\"\ndata = \"x\"\n", Code::ConfigBadValue, "f:9:8",
        "does not begin with /");
    row("data with a password", "[[server]]\nurl=\"http://c\"\ndata = \"ssh://me:pw@c/x\"\n",
        Code::ConfigBadValue, "f:9:8", "a password has no place in it");
    row("accounts of no kind", "[service]\naccounts = \"open\"\n", Code::ConfigBadValue, "f:8:12",
        "forward | standby | closed");
    row("standby without a key", "[service]\naccounts = \"standby\"\n", Code::ConfigIncomplete, "f:8:1",
        "identity.server_key");
    row("a webhook that is no address", "[notify]\nwebhook = \"hooks.example.org/x\"\n", Code::ConfigBadValue,
        "f:8:11", "https://HOST/PATH");
    row("a webhook of another kind", "[notify]\nwebhook = \"ftp://a/x\"\n", Code::ConfigBadValue, "f:8:11",
        "https://HOST/PATH");
    row("a dead-man's address with a password", "[notify]\ndeadman = \"https://a:b@c/x\"\n",
        Code::ConfigBadValue, "f:8:11", "without credentials");
    row("a password itself", "[notify]\nsmtp_password = \"hunter2\"\n", Code::ConfigBadValue, "f:8:17",
        "never the key itself");
    row("mail without a server", "[notify]\nmail_to = \"a@b.c\"\n", Code::ConfigIncomplete, "f:8:1",
        "smtp_server");
    row("mail to nobody", "[notify]\nsmtp_server = \"m\"\n", Code::ConfigIncomplete, "f:8:1", "mail_to");
    row("no mail address", "[notify]\nsmtp_server = \"m\"\nmail_to = \"a@b.c, Ada <a@b.c>\"\n",
        Code::ConfigBadValue, "f:9:1", "NAME@HOST");
    row("no mail server", "[notify]\nsmtp_server = \"smtp://m\"\nmail_to = \"a@b.c\"\n", Code::ConfigBadValue,
        "f:8:1", "HOST:PORT");
    row("a login without a password",
        "[notify]\nsmtp_server = \"m\"\nmail_to = \"a@b.c\"\nsmtp_user = \"a\"\n", Code::ConfigIncomplete,
        "f:10:1", "smtp_password");
    row("a password in clear",
        "[notify]\nsmtp_server = \"m\"\nmail_to = \"a@b.c\"\nsmtp_user = \"a\"\n"
        "smtp_password = \"keychain\"\nsmtp_security = \"none\"\n",
        Code::ConfigBadValue, "f:12:1", "starttls or tls");
    row("a token for nothing", "[notify]\nwebhook_token = \"keychain\"\n", Code::ConfigIncomplete, "f:8:1",
        "no webhook");
    row("no identity", "[identity]\nkey = \"\"\n", Code::ConfigBadValue, "f:8:7",
        "auto | keychain | file:PATH | credential:NAME");
    row("auto server key", "[identity]\nserver_key = \"auto\"\n", Code::ConfigBadValue, "f:8:14",
        "\"\" | keychain | file:PATH | credential:NAME");
    row("relative key file", "[identity]\nkey = \"file:~/key\"\n", Code::ConfigBadValue, "f:8:7", "absolute");
    row("credential elsewhere", "[identity]\nkey = \"credential:../key\"\n", Code::ConfigBadValue, "f:8:7",
        "without /");
    row("credential without a name", "[identity]\nkey = \"credential:\"\n", Code::ConfigBadValue, "f:8:7",
        "the name of a file");
    row("a key itself", "[identity]\nserver_key = \"wJalr\"\n", Code::ConfigBadValue, "f:8:14",
        "never the key itself");
    row("no key file", "[identity]\nkey = \"file:/nonexistent\"\n", Code::SecretMissing, "f:8:1",
        "not there");
    row("key file for all", "[identity]\nserver_key = \"file:/etc/passwd\"\n", Code::SecretTooOpen, "f:8:1",
        "chmod 600");
    row("wrong type", "[service]\nreplicas = \"3\"\n", Code::ConfigBadValue, "f:8:12",
        "whole number from 1 to 16");
    row("out of range", "[service]\nreplicas = 0\n", Code::ConfigBadValue, "f:8:12", "not 0");
    row("not a choice", "[service]\nlog_level = \"loud\"\n", Code::ConfigBadValue, "f:8:13", "debug | info");
    row("number as duration", "[timing]\nconnect_timeout = 2\n", Code::ConfigBadValue, "f:8:19", "its unit");
    row("nonsense as duration", "[timing]\nconnect_timeout = \"2 s\"\n", Code::ConfigBadValue, "f:8:19",
        "\"1500ms\"");
    row("short ssh idle time", "[timing]\nssh_idle_time = \"1m\"\n", Code::ConfigBadValue, "f:8:17",
        "from 3m");
    row("bad address", "[service]\naddress = \"35354\"\n", Code::ConfigBadValue, "f:8:11", "no port");
    row("no address", "[service]\naddress = \"\"\n", Code::ConfigBadValue, "f:8:11", "no port");
    row("bad metrics address", "[service]\nmetrics_address = \"x\"\n", Code::ConfigBadValue, "f:8:19",
        "no port");
    row("metrics where the front is", "[service]\naddress = \":1\"\nmetrics_address = \":1\"\n",
        Code::ConfigBadValue, "f:9:1", "address and metrics_address are both :1");
    row("metrics where SSH is", "[service]\nssh_address = \":1\"\nmetrics_address = \":1\"\n",
        Code::ConfigBadValue, "f:9:1", "ssh_address and metrics_address are both :1");
    row("bad port", "[[server]]\nurl=\"http://c\"\nssh_port = 70000\n", Code::ConfigBadValue, "f:9:12",
        "65535");
    row("bad weight", "[[server]]\nurl=\"http://c\"\nweight = 0\n", Code::ConfigBadValue, "f:9:10",
        "number from");
    row("infinite weight", "[[server]]\nurl=\"http://c\"\nweight = inf\n", Code::ConfigBadValue, "f:9:10",
        "number from");
    row("url without scheme", "[[server]]\nurl=\"c:35354\"\n", Code::ConfigBadValue, "f:8:5",
        "write \"http://c:35354\"");
    row("url with path", "[[server]]\nurl=\"http://c/x\"\n", Code::ConfigBadValue, "f:8:5", "has a path");
    row("url with query", "[[server]]\nurl=\"http://c?x\"\n", Code::ConfigBadValue, "f:8:5", "has a query");
    row("url without host", "[[server]]\nurl=\"http://\"\n", Code::ConfigBadValue, "f:8:5", "no host");
    row("ftp", "[[server]]\nurl=\"ftp://c\"\n", Code::ConfigBadValue, "f:8:5", "not ftp");
    row("no url", "[[server]]\nname=\"c\"\n", Code::ConfigIncomplete, "f:7:1", "has no url");
    row("url twice", "[[server]]\nname=\"c\"\nurl=\"http://A:35354\"\n", Code::ConfigBadValue, "f:9:1",
        "there twice");
    row("name twice", "[[server]]\nname=\"a\"\nid=\"c\"\nurl=\"http://c\"\n", Code::ConfigBadValue, "f:8:1",
        "the name \"a\"");
    row("id twice", "[[server]]\nname=\"c\"\nid=\"b\"\nurl=\"http://c\"\n", Code::ConfigBadValue, "f:9:1",
        "the id \"b\"");
    const auto twins = QStringLiteral("[[server]]\nname=\"c\"\nurl=\"http://%1:9\"\nssh_port=9\n"
                                      "[[server]]\nname=\"d\"\nurl=\"http://%2:9\"\nssh_port=8\n");
    for (const auto &[one, other] :
         {std::pair("localhost", "127.0.0.1"), std::pair("127.0.0.1", "[::1]"),
          std::pair("[::1]", "LOCALHOST"), std::pair("localhost.", "[::ffff:127.0.0.1]"),
          std::pair("0.0.0.0", "localhost")}) {
        const QString text = twins.arg(QLatin1String(one), QLatin1String(other));
        row(qPrintable(QStringLiteral("%1 is %2").arg(QLatin1String(one), QLatin1String(other))),
            text.toLatin1().constData(), Code::ConfigBadValue, "f:13:1", "same server");
    }
    row("one address in two forms",
        "[[server]]\nname=\"c\"\nurl=\"http://10.0.0.1:9\"\n[[server]]\nname=\"d\"\nurl=\"http://"
        "[::ffff:10.0.0.1]:9\"\n",
        Code::ConfigBadValue, "f:12:1", "there twice");
    row("name that is an id",
        "[[server]]\nname=\"c\"\nid=\"x\"\nurl=\"http://c\"\n[[server]]\nid=\"y\"\nname=\"x\"\nurl=\"http://"
        "d\"\n",
        Code::ConfigBadValue, "f:13:1", "another server's id");
    row("id that is a name",
        "[[server]]\nname=\"c\"\nid=\"x\"\nurl=\"http://c\"\n[[server]]\nid=\"c\"\nname=\"y\"\nurl=\"http://"
        "d\"\n",
        Code::ConfigBadValue, "f:12:1", "another server's name");
    row("itself", "[[server]]\nurl=\"http://localhost\"\n", Code::ConfigBadValue, "f:8:1",
        "this service itself");
    row("its own SSH side", "[[server]]\nname=\"c\"\nurl=\"http://localhost:9\"\n", Code::ConfigBadValue,
        "f:7:1", "the SSH port 35353 of c leads to this service itself");
    row("single brackets", "[limits]\nconnections = [1]\n", Code::ConfigBadValue, "f:8:15", "not a list");
    row("half of TLS", "[service]\ntls_cert = \"/dev/null\"\n", Code::ConfigIncomplete, "f:8:1",
        "tls_key is not");
    row("no CA file", "[service]\nca_file = \"/nonexistent\"\n", Code::TlsFiles, "f:8:1", "no such file");
    row("no certificate in the CA file", "[service]\nca_file = \"/etc/passwd\"\n", Code::TlsFiles, "f:8:1",
        "no certificate");
    row("relative socket", "[service]\ncontrol_socket = \"x\"\n", Code::ConfigBadValue, "f:8:1", "absolute");
    row("same fronts", "[service]\naddress=\":1\"\nssh_address=\":1\"\n", Code::ConfigBadValue, "f:9:1",
        "a port each");
    row("backup without bucket", "[[backup]]\nurl=\"https://s3\"\n", Code::ConfigIncomplete, "f:7:1",
        "no bucket");
    row("backup with path", "[[backup]]\nurl=\"https://s3/x\"\nbucket=\"b\"\n", Code::ConfigBadValue, "f:8:1",
        "S3 endpoint");
    row("secret in the file", "[[backup]]\nsecret_key=\"wJalr\"\n", Code::ConfigBadValue, "f:8:12",
        "never the secret");
}

void TestLoad::reportsProblems()
{
    QFETCH(QByteArray, text);
    QFETCH(int, code);
    QFETCH(QString, place);
    QFETCH(QString, words);
    const auto loaded = loadText(text, QStringLiteral("f"));
    QVERIFY(!loaded.ok());
    const Problem &first = loaded.problems.first();
    QCOMPARE(static_cast<int>(first.code), code);
    QCOMPARE(first.place.toString(), place);
    QVERIFY2(first.detail.contains(words), qPrintable(first.toString()));
    QVERIFY2(!loaded.problemText().contains(QStringLiteral("wJalr")), "a secret was repeated");
}

void TestLoad::reportsAllProblemsInTheOrderOfTheFile()
{
    const auto loaded =
        loadText(QByteArrayLiteral("[timing]\nprobe_interval = 3\n[service]\nreplicaz = 3\nreplicas = -1\n"
                                   "[[server]]\nurl = \"http://only\"\n"),
                 QStringLiteral("f"));
    QStringList places;
    for (const Problem &problem : loaded.problems)
        places.append(problem.place.toString());
    QCOMPARE(places, QStringList({QStringLiteral("f:2:18"), QStringLiteral("f:4:1"), QStringLiteral("f:5:12"),
                                  QStringLiteral("f")}));
    QCOMPARE(loaded.problems.last().code, Code::ConfigIncomplete);
    QVERIFY(loaded.problems.last().detail.contains(QStringLiteral("another --host")));
}

void TestLoad::anOverriddenValueDoesNotHurt()
{
    QTemporaryDir dir;
    QFile file(dir.filePath(QStringLiteral("c.toml")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("[service]\nreplicas = 99\n");
    file.close();
    Sources sources = twoHosts();
    sources.file = file.fileName();
    QVERIFY(!load(sources).ok());
    sources.flags.insert(QStringLiteral("service.replicas"), QStringLiteral("2"));
    const auto loaded = load(sources);
    QVERIFY2(loaded.ok(), qPrintable(loaded.problemText()));
    sources.flags.insert(QStringLiteral("service.replicas"), QStringLiteral("many"));
    QCOMPARE(load(sources).problems.first().place.toString(), QStringLiteral("--replicas"));
}

void TestLoad::aNamedFileMustBeThere()
{
    Sources sources = twoHosts();
    sources.file = QStringLiteral("/nonexistent/c.toml");
    const auto loaded = load(sources);
    QCOMPARE(loaded.problems.size(), 1);
    QCOMPARE(loaded.problems.first().code, Code::ConfigFile);
    QVERIFY(load(twoHosts()).ok());
}

void TestLoad::aSyntaxErrorIsTheOnlyMessage()
{
    const auto loaded = loadText(QByteArrayLiteral("[service]\nreplicas = = 3\n"), QStringLiteral("f"));
    QCOMPARE(loaded.problems.size(), 1);
    QCOMPARE(loaded.problems.first().code, Code::ConfigSyntax);
    QVERIFY2(loaded.problems.first().place.toString().startsWith(QStringLiteral("f:2:")),
             qPrintable(loaded.problemText()));
}

void TestLoad::neverRepeatsCredentials()
{
    const auto loaded =
        loadText(kTwoServers + "[[server]]\nurl=\"http://me:hunter2@c\"\n[[backup]]\nbucket=\"b\"\n"
                               "url=\"https://me:hunter2@s3\"\n",
                 QStringLiteral("f"));
    QCOMPARE(loaded.problems.size(), 2);
    QVERIFY2(!loaded.problemText().contains(QStringLiteral("hunter2")), qPrintable(loaded.problemText()));
}

void TestLoad::warnsOfMisspeltVariables()
{
    Sources sources = twoHosts();
    sources.environment.insert(QStringLiteral("CRING_ADRESS"), QStringLiteral(":1"));
    sources.environment.insert(QStringLiteral("CRING_BIN"), QStringLiteral("/usr/bin"));
    const auto loaded = load(sources);
    QVERIFY(loaded.ok());
    QCOMPARE(loaded.warnings, QStringList(QStringLiteral(
                                  "CRING_ADRESS is set and means nothing; did you mean CRING_ADDRESS?")));
}

void TestLoad::loopbackAddressesOfTheirOwnAreServersOfTheirOwn()
{
    Sources sources = twoHosts();
    sources.hosts = {QStringLiteral("http://localhost:9"), QStringLiteral("http://127.0.0.2:9"),
                     QStringLiteral("http://127.0.0.3:9"), QStringLiteral("http://127.0.0.1:10")};
    sources.sshBackendPort = QStringLiteral("9");
    const auto loaded = load(sources);
    QVERIFY2(loaded.ok(), qPrintable(loaded.problemText()));
}

void TestLoad::debugHasItsPlaceInThePrecedence_data()
{
    QTest::addColumn<QString>("variable");
    QTest::addColumn<QString>("levelVariable");
    QTest::addColumn<QString>("levelFlag");
    QTest::addColumn<bool>("flag");
    QTest::addColumn<QString>("level");
    QTest::addColumn<Origin>("origin");
    const auto row = [](const char *name, const char *variable, const char *levelVariable,
                        const char *levelFlag, bool flag, const char *level, Origin origin) {
        QTest::newRow(name) << QString::fromLatin1(variable) << QString::fromLatin1(levelVariable)
                            << QString::fromLatin1(levelFlag) << flag << QString::fromLatin1(level) << origin;
    };
    row("nothing", "", "", "", false, "info", Origin::Default);
    row("variable", "1", "", "", false, "debug", Origin::Environment);
    row("variable in words", "Yes", "", "", false, "debug", Origin::Environment);
    row("variable over variable", "on", "error", "", false, "debug", Origin::Environment);
    row("flag over variable", "1", "", "error", false, "error", Origin::Flag);
    row("off", "0", "", "", false, "info", Origin::Default);
    row("off leaves the other variable", "false", "error", "", false, "error", Origin::Environment);
    row("--debug over off", "no", "", "", true, "debug", Origin::Flag);
    row("--debug over --log-level", "", "", "error", true, "debug", Origin::Flag);
}

void TestLoad::debugHasItsPlaceInThePrecedence()
{
    QFETCH(QString, variable);
    QFETCH(QString, levelVariable);
    QFETCH(QString, levelFlag);
    QFETCH(bool, flag);
    Sources sources = twoHosts();
    sources.environment.insert(QStringLiteral("CRING_DEBUG"), variable);
    sources.environment.insert(QStringLiteral("CRING_LOG_LEVEL"), levelVariable);
    if (!levelFlag.isEmpty())
        sources.flags.insert(QStringLiteral("service.log_level"), levelFlag);
    sources.debug = flag;
    const auto loaded = load(sources);
    QVERIFY2(loaded.ok(), qPrintable(loaded.problemText()));
    QTEST(loaded.config.logLevel, "level");
    QTEST(loaded.originOf(QStringLiteral("service.log_level")), "origin");
}

void TestLoad::disablingAccountsClosesThem_data()
{
    QTest::addColumn<QString>("variable");
    QTest::addColumn<QString>("accountsFlag");
    QTest::addColumn<bool>("flag");
    QTest::addColumn<QString>("accounts");
    QTest::addColumn<Origin>("origin");
    QTest::newRow("nothing") << QString() << QString() << false << QStringLiteral("forward")
                             << Origin::Default;
    QTest::newRow("variable") << QStringLiteral("1") << QString() << false << QStringLiteral("closed")
                              << Origin::Environment;
    QTest::newRow("off") << QStringLiteral("no") << QString() << false << QStringLiteral("forward")
                         << Origin::Default;
    QTest::newRow("flag over variable") << QStringLiteral("1") << QStringLiteral("standby") << false
                                        << QStringLiteral("standby") << Origin::Flag;
    QTest::newRow("--disable-accounts over --accounts")
        << QString() << QStringLiteral("standby") << true << QStringLiteral("closed") << Origin::Flag;
}

void TestLoad::disablingAccountsClosesThem()
{
    QFETCH(QString, variable);
    QFETCH(QString, accountsFlag);
    QFETCH(bool, flag);
    Sources sources = twoHosts();
    sources.environment.insert(QStringLiteral("CRING_DISABLE_ACCOUNTS"), variable);
    sources.environment.insert(QStringLiteral("CRING_IDENTITY_SERVER_KEY"),
                               QStringLiteral("credential:server"));
    if (!accountsFlag.isEmpty())
        sources.flags.insert(QStringLiteral("service.accounts"), accountsFlag);
    sources.disableAccounts = flag;
    const auto loaded = load(sources);
    QVERIFY2(loaded.ok(), qPrintable(loaded.problemText()));
    QTEST(loaded.config.accounts, "accounts");
    QTEST(loaded.originOf(QStringLiteral("service.accounts")), "origin");
}

void TestLoad::aSwitchTakesATruthValue()
{
    Sources sources = twoHosts();
    sources.environment.insert(QStringLiteral("CRING_DEBUG"), QStringLiteral("maybe"));
    const auto loaded = load(sources);
    QCOMPARE(loaded.problems.size(), 1);
    QCOMPARE(loaded.problems.first().place.toString(), QStringLiteral("CRING_DEBUG"));
    QVERIFY2(loaded.problemText().contains(QStringLiteral("not \"maybe\"")),
             qPrintable(loaded.problemText()));
    sources.flags.insert(QStringLiteral("service.log_level"), QStringLiteral("warning"));
    QVERIFY(load(sources).ok()); // What is overridden does not hurt.
}

void TestLoad::warnsOfAnIdleTimeThatCutsWaitingClients()
{
    const auto warnings = [](const char *lines) {
        return loadText(kTwoServers + lines, QStringLiteral("f")).warnings;
    };
    QVERIFY(warnings("[limits]\nidle_time = \"4s\"\n").isEmpty());
    const QStringList both = warnings("[limits]\nidle_time = \"1s\"\n");
    QCOMPARE(both.size(), 2);
    QVERIFY2(both[0].contains(QStringLiteral("timing.answer_timeout (3s)")), qPrintable(both[0]));
    QVERIFY2(both[1].contains(QStringLiteral("timing.read_timeout (1500ms)")), qPrintable(both[1]));
    QCOMPARE(warnings("[limits]\nidle_time = \"3s\"\n").size(), 1);
}

void TestLoad::theMetricsCanBeTurnedOff()
{
    const auto loaded = loadText("[service]\nmetrics_address = \"\"\n" + kTwoServers, QStringLiteral("f"));
    QVERIFY2(loaded.ok(), qPrintable(loaded.problemText()));
    QCOMPARE(loaded.config.metricsAddress, QString());
    Sources sources = twoHosts();
    sources.flags.insert(QStringLiteral("service.metrics_address"), QString());
    QCOMPARE(load(sources).config.metricsAddress, QString());
}

/// A configuration from before there were metrics stays good.
void TestLoad::theDefaultForMetricsGivesWay()
{
    const auto loaded =
        loadText("[service]\naddress = \"localhost:35355\"\n" + kTwoServers, QStringLiteral("f"));
    QVERIFY2(loaded.ok(), qPrintable(loaded.problemText()));
    QCOMPARE(loaded.originOf(QStringLiteral("service.metrics_address")), Origin::Default);
}

void TestLoad::comparesByValue()
{
    auto a = loadText(kTwoServers, QStringLiteral("f")).config;
    auto b = loadText(kTwoServers + "[timing]\nprobe_interval = \"5s\"\n", QStringLiteral("g")).config;
    QCOMPARE(a, b);
    b.servers[0].weight = 3;
    QVERIFY(!(a == b));
}

/// As `cring backup recover` leaves it.
void TestLoad::aBucketStandsAloneOnlyWhereTheServiceAnswersLogins()
{
    const QTemporaryDir folder;
    QFile key(folder.filePath(QStringLiteral("key")));
    QVERIFY(key.open(QIODevice::WriteOnly) && key.write("key") > 0);
    QVERIFY(key.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner));
    key.close();
    const auto isGood = [&](const QByteArray &accounts, bool withBackup) {
        const QByteArray text = "[service]\naccounts = \"" + accounts +
                                "\"\n[identity]\nserver_key = \"file:" + key.fileName().toUtf8() + "\"\n" +
                                (withBackup ? "[[backup]]\nurl = \"https://s3\"\nbucket = \"b\"\n" : "");
        const auto loaded = loadText(text, QStringLiteral("f"));
        return loaded.ok() || !loaded.problemText().contains(QStringLiteral("no server is configured"));
    };
    QVERIFY(isGood("closed", true));
    QVERIFY(!isGood("closed", false));
    QVERIFY(!isGood("standby", true));
    QVERIFY(!isGood("forward", true));
}

QTEST_GUILESS_MAIN(TestLoad)
#include "tst_load.moc"
