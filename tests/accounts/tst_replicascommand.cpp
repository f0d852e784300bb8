// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/loopback.h"
#include "tests/support/charmcluster.h"
#include "tests/support/httpclient.h"
#include "tests/support/sshserver.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <functional>

using namespace cring;
using namespace cring::test;
using playground::ChildProcess;

/// `cring replicas` as a person types it: from one real server to three, one of them behind a real sshd.
class TestReplicasCommand : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();

    void makesThreeServersOfOne();
    void saysWhatIsWrong_data();
    void saysWhatIsWrong();
    void checksWhatItIsGiven();
    void knowsWhereTheRingListens();
    void isCalledOffByCtrlC();

private:
    struct Run
    {
        int exitCode = -1;
        QByteArray out;
        QByteArray err;
    };

    Run cring(const QStringList &arguments, const std::function<void(QProcess &)> &meanwhile = {}) const;
    QString path(const QString &name) const { return m_folder.path() + QLatin1Char('/') + name; }
    Status startAsTold(ChildProcess &process, const QString &dataDir, const QUrl &url) const;
    void writeConfig(const QByteArray &more = {});
    /// What the front of a ring with that configuration serves, put there by clients of the first server.
    Status putFiles(int count);
    void fillsThem();

    QTemporaryDir m_folder;
    std::unique_ptr<CharmCluster> m_cluster;
    SshServer m_sshd;
    QString m_charm; ///< The program that the servers run.
};

namespace {

constexpr int kLimit = 30'000;
constexpr int kFiles = 200;

#define VERIFY_EXIT(run, code)                                                                               \
    do {                                                                                                     \
        const auto ended = (run);                                                                            \
        const QByteArray said = ended.out + ended.err;                                                       \
        QVERIFY2(ended.exitCode == (code), said.constData());                                                \
    } while (false)

bool put(const QString &path, const QByteArray &text)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(text) == text.size() &&
           file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
}

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QJsonObject lastObject(const QByteArray &lines)
{
    return QJsonDocument::fromJson(lines.trimmed().split('\n').last()).object();
}

} // namespace

void TestReplicasCommand::initTestCase()
{
    m_cluster = std::make_unique<CharmCluster>(1, 1);
    CRING_OK(m_cluster->start());
    m_charm = m_cluster->at(0).options().program;
    CRING_OK(m_sshd.start());
    QVERIFY(QDir().mkpath(path(QStringLiteral("home/.ssh"))));
    QVERIFY(QDir().mkpath(path(QStringLiteral("servers"))));
    QVERIFY(ChildProcess::giveTo(path(QStringLiteral("servers")), ChildProcess::User::Unprivileged));
    QVERIFY(QFile::setPermissions(m_folder.path(), QFile::Permissions(0x7755)));
    QVERIFY(put(path(QStringLiteral("home/.ssh/known_hosts")), contentOf(m_sshd.knownHosts())));
    QVERIFY(put(path(QStringLiteral("home/.ssh/id_ed25519")), contentOf(m_sshd.keyFile())));
    writeConfig();
}

void TestReplicasCommand::cleanup()
{
    if (QTest::currentTestFailed())
        qWarning("sshd: %s", m_sshd.log().right(2'000).constData());
}

void TestReplicasCommand::writeConfig(const QByteArray &more)
{
    CharmServer &first = m_cluster->at(0);
    const auto endpoint = [this](quint16 port) {
        return m_cluster->frontAddress().toUtf8() + ':' + QByteArray::number(port);
    };
    QVERIFY(put(path(QStringLiteral("config.toml")),
                "[service]\ncontrol_socket = \"" + path(QStringLiteral("ring.sock")).toUtf8() +
                    "\"\naddress = \"" + endpoint(m_cluster->frontHttpPort()) + "\"\nssh_address = \"" +
                    endpoint(m_cluster->frontSshPort()) +
                    "\"\nmetrics_address = \"\"\n\n[[server]]\nname = \"charm1\"\nurl = \"" +
                    first.url().toString().toUtf8() +
                    "\"\nssh_port = " + QByteArray::number(first.sshPort()) + "\ndata = \"" +
                    first.dataDir().toUtf8() + "\"\n" + more));
}

TestReplicasCommand::Run TestReplicasCommand::cring(const QStringList &arguments,
                                                    const std::function<void(QProcess &)> &meanwhile) const
{
    QProcess process;
    QProcessEnvironment environment;
    for (const char *kept : {"PATH", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
        if (qEnvironmentVariableIsSet(kept))
            environment.insert(QLatin1String(kept), qEnvironmentVariable(kept));
    }
    environment.insert(QStringLiteral("HOME"), path(QStringLiteral("home")));
    environment.insert(QStringLiteral("XDG_STATE_HOME"), path(QStringLiteral("home/state")));
    process.setProcessEnvironment(environment);
    process.start(qEnvironmentVariable("CRING_BIN") + QStringLiteral("/cring"),
                  QStringList{QStringLiteral("--config"), path(QStringLiteral("config.toml"))} + arguments);
    if (meanwhile)
        meanwhile(process);
    const bool ended = spinUntil([&] { return process.state() == QProcess::NotRunning; }, kLimit) &&
                       process.exitStatus() == QProcess::NormalExit;
    return {ended ? process.exitCode() : -1, process.readAllStandardOutput(), process.readAllStandardError()};
}

/// As the advice has it, by the environment file.
Status TestReplicasCommand::startAsTold(ChildProcess &process, const QString &dataDir, const QUrl &url) const
{
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.setStandardOutputFile(path(QStringLiteral("server.log")), QIODevice::Append);
    process.start(QStringLiteral("sh"),
                  {QStringLiteral("-c"), QStringLiteral("set -a; . \"$1\"; exec \"$2\" serve"),
                   QStringLiteral("sh"), dataDir + QStringLiteral("/charm.env"), m_charm});
    const QUrl keys(url.toString() + QStringLiteral("/v1/public/jwks"));
    const auto answers = [&] {
        const auto answer = playground::fetch(keys, std::chrono::milliseconds(500));
        return answer.ok() && answer->contains(" 200 ");
    };
    if (spinUntil([&] { return process.state() == QProcess::NotRunning || answers(); }, kLimit) && answers())
        return {};
    return Error{Code::BackendUnreachable, QString::fromUtf8(contentOf(path(QStringLiteral("server.log"))))};
}

Status TestReplicasCommand::putFiles(int count)
{
    HttpClient client(m_cluster->at(0).url());
    for (int i = 0; i < count; ++i) {
        const QByteArray number = QByteArray::number(i);
        const HttpResponse answer =
            client.upload("/v1/fs/folder" + number.right(1) + "/file" + number,
                          QByteArray(i * 37, 'a' + static_cast<char>(i % 26)), m_cluster->token());
        if (answer.status != 200)
            return Error{Code::BackendAnswer, QString::fromUtf8(answer.text())};
    }
    return {};
}

/// The ring is started with the configuration as it is now; one request of the account's client is enough.
void TestReplicasCommand::fillsThem()
{
    const FilesTree wanted = playground::readTree(m_cluster->at(0).dataDir() + QStringLiteral("/files"));
    QVERIFY(wanted.size() > kFiles);
    HttpClient client(QUrl(m_cluster->issuer()));
    const Run served = cring({QStringLiteral("serve")}, [&](QProcess &process) {
        QVERIFY(spinUntil([&] { return client.get("/v1/fs/", m_cluster->token()).status == 200; }, kLimit));
        for (const QString &name : {QStringLiteral("charm2"), QStringLiteral("charm3")}) {
            const QString files = path(QStringLiteral("servers/") + name + QStringLiteral("/files"));
            (void)spinUntil([&] { return playground::readTree(files) == wanted; }, kLimit);
            QCOMPARE(playground::toText(playground::readTree(files)).split(u'\n'),
                     playground::toText(wanted).split(u'\n'));
        }
        process.terminate();
    });
    VERIFY_EXIT(served, 0);
}

void TestReplicasCommand::makesThreeServersOfOne()
{
    CRING_OK(putFiles(kFiles));
    QList<QUrl> urls;
    std::vector<std::unique_ptr<ChildProcess>> servers;
    for (const int number : {2, 3}) {
        const QString name = QStringLiteral("charm%1").arg(number);
        const QString folder = path(QStringLiteral("servers/") + name);
        const QString place = number == 2 ? folder : m_sshd.url(folder);
        const QString address = playground::ownLoopbackAddress(number - 1);
        QStringList ports;
        for (const char *port : {"--http-port", "--ssh-port", "--stats-port", "--health-port"})
            ports += {QLatin1String(port), QString::number(playground::freePort(address))};
        const QUrl url(QStringLiteral("http://%1:%2").arg(address, ports.at(1)));
        urls.append(url);
        servers.push_back(std::make_unique<ChildProcess>(ChildProcess::User::Unprivileged));
        const QStringList init = QStringList{QStringLiteral("replicas"),  QStringLiteral("init"),
                                             QStringLiteral("--from"),    QStringLiteral("charm1"),
                                             QStringLiteral("--to"),      place,
                                             QStringLiteral("--address"), address} +
                                 ports;
        // The server is started when the command says so, as a person would.
        Status started;
        const Run made =
            cring(init + QStringList{QStringLiteral("--join"), name, QStringLiteral("--url"), url.toString()},
                  [&](QProcess &process) {
                      QByteArray said;
                      (void)spinUntil(
                          [&] {
                              process.setReadChannel(QProcess::StandardError);
                              said += process.peek(10'000);
                              return said.contains("Waiting for") || process.state() == QProcess::NotRunning;
                          },
                          kLimit);
                      started = startAsTold(*servers.back(), folder, url);
                  });
        CRING_OK(started);
        VERIFY_EXIT(made, 0);
        QVERIFY2(made.out.contains("it answers with that key"), made.out.constData());
        QVERIFY2(made.out.contains(name.toUtf8() + " was added to"), made.out.constData());
        QVERIFY2(made.out.contains("Made the data directory of a new server"), made.out.constData());
        // Once more is no harm.
        const Run again =
            cring({QStringLiteral("--json"), QStringLiteral("replicas"), QStringLiteral("init"),
                   QStringLiteral("--from"), QStringLiteral("charm1"), QStringLiteral("--to"), place});
        VERIFY_EXIT(again, 0);
        QCOMPARE(lastObject(again.out)
                     .value(QLatin1String("summary"))
                     .toObject()
                     .value(QLatin1String("made"))
                     .toBool(true),
                 false);
    }
    // Made already, started already, in the ring already: nothing to do. Its own settings say where it
    // listens.
    VERIFY_EXIT(
        cring({QStringLiteral("replicas"), QStringLiteral("init"), QStringLiteral("--from"),
               QStringLiteral("charm1"), QStringLiteral("--to"), path(QStringLiteral("servers/charm2")),
               QStringLiteral("--join"), QStringLiteral("charm2")}),
        0);
    fillsThem();
    const Run check = cring({QStringLiteral("--json"), QStringLiteral("replicas"), QStringLiteral("check")});
    VERIFY_EXIT(check, 0);
    QVERIFY(
        lastObject(check.out).value(QLatin1String("summary")).toObject().value(QLatin1String("ok")).toBool());
    QCOMPARE(check.out.count("\"what\":\"server\""), 3);
    QCOMPARE(check.out.count("\"ok\":false"), 0);
    const Run shown = cring({QStringLiteral("replicas"), QStringLiteral("check"), QStringLiteral("charm3")});
    VERIFY_EXIT(shown, 0);
    QVERIFY2(shown.out.contains("1 account,"), shown.out.constData());
    // One that goes away is told of.
    servers.front()->kill9();
    const Run dead = cring({QStringLiteral("replicas"), QStringLiteral("check"), QStringLiteral("charm2")});
    VERIFY_EXIT(dead, 6);
    QVERIFY2(dead.out.contains("failed"), dead.out.constData());
    writeConfig();
}

void TestReplicasCommand::saysWhatIsWrong_data()
{
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("words");
    const auto row = [](const char *name, const char *from, const char *to, int code, const char *words) {
        QTest::newRow(name) << QString::fromLatin1(from) << QString::fromLatin1(to) << code
                            << QString::fromLatin1(words);
    };
    row("no such server", "charm9", "/nowhere/x", 10, "there is no server \"charm9\"");
    row("a bad place", "charm1", "ssh://host/x", 4, "names no user");
    row("no folder above", "charm1", "/nowhere/at/all", 1, "No such file or directory");
    row("no issuer", "/nowhere/charm", "/nowhere/x", 4, "--issuer");
    row("nobody there", "charm1", "ssh://me@127.0.0.1:1/x", 1, "refused the SSH connection");
}

void TestReplicasCommand::saysWhatIsWrong()
{
    QFETCH(QString, from);
    QFETCH(QString, to);
    QFETCH(int, code);
    QFETCH(QString, words);
    const Run run = cring({QStringLiteral("replicas"), QStringLiteral("init"), QStringLiteral("--from"), from,
                           QStringLiteral("--to"), to});
    VERIFY_EXIT(run, code);
    QVERIFY2(run.err.contains(words.toUtf8()), run.err.constData());
    QCOMPARE(run.out, QByteArray());
}

void TestReplicasCommand::checksWhatItIsGiven()
{
    const QString folder = path(QStringLiteral("servers/loose"));
    VERIFY_EXIT(cring({QStringLiteral("replicas"), QStringLiteral("init"), QStringLiteral("--from"),
                       m_cluster->at(0).dataDir(), QStringLiteral("--to"), folder, QStringLiteral("--issuer"),
                       QStringLiteral("https://charm.example.org")}),
                0);
    VERIFY_EXIT(
        cring({QStringLiteral("replicas"), QStringLiteral("check"), QStringLiteral("charm1"), folder}), 0);
    const QString key = folder + QStringLiteral("/.ssh/charm_server_ed25519");
    QVERIFY(QFile::setPermissions(key, QFile::ReadOwner | QFile::ReadOther));
    const Run open = cring({QStringLiteral("replicas"), QStringLiteral("check"), folder});
    VERIFY_EXIT(open, 6);
    QVERIFY2(open.out.contains("chmod 600"), open.out.constData());
    QVERIFY(put(key, "no key"));
    const Run broken = cring({QStringLiteral("replicas"), QStringLiteral("check"), folder});
    VERIFY_EXIT(broken, 6);
    QVERIFY2(broken.out.contains("holds no private key"), broken.out.constData());
    VERIFY_EXIT(cring({QStringLiteral("replicas"), QStringLiteral("check"), path(QStringLiteral("none"))}),
                6);
}

/// It is the ring's own address that a server must not have, and not the one that a ring has by default.
void TestReplicasCommand::knowsWhereTheRingListens()
{
    const auto init = [&](const char *folder, const QString &address, quint16 port) {
        return QStringList{QStringLiteral("replicas"),    QStringLiteral("init"),
                           QStringLiteral("--from"),      QStringLiteral("charm1"),
                           QStringLiteral("--to"),        path(QLatin1String(folder)),
                           QStringLiteral("--join"),      QStringLiteral("charm9"),
                           QStringLiteral("--address"),   address,
                           QStringLiteral("--http-port"), QString::number(port)};
    };
    const Run refused = cring(init("servers/itself", m_cluster->frontAddress(), m_cluster->frontHttpPort()));
    VERIFY_EXIT(refused, 4);
    QVERIFY2(refused.err.contains("leads to this service itself"), refused.err.constData());
    QVERIFY(!QFile::exists(path(QStringLiteral("servers/itself"))));
    // Nobody starts it: it is waited for, until somebody has enough of that.
    const Run waits = cring(init("servers/other", QStringLiteral("127.0.0.1"), 35354), [](QProcess &process) {
        QByteArray said;
        (void)spinUntil(
            [&] {
                process.setReadChannel(QProcess::StandardError);
                said = process.peek(10'000);
                return said.contains("Waiting for") || process.state() == QProcess::NotRunning;
            },
            kLimit);
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    });
    QVERIFY2(!waits.err.contains("leads to this service"), waits.err.constData());
    QVERIFY2(waits.out.contains("Made the data directory"), waits.out.constData());
}

/// While the other machine hangs.
void TestReplicasCommand::isCalledOffByCtrlC()
{
    m_sshd.pause();
    const QString folder = path(QStringLiteral("servers/late"));
    const QStringList line{QStringLiteral("--json"), QStringLiteral("replicas"), QStringLiteral("init"),
                           QStringLiteral("--from"), QStringLiteral("charm1"),   QStringLiteral("--to"),
                           m_sshd.url(folder)};
    // Its first word comes when it looks at the two places.
    const Run run = cring(line, [](QProcess &process) {
        QVERIFY(spinUntil([&] { return process.canReadLine(); }, kLimit));
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    });
    m_sshd.resume();
    VERIFY_EXIT(run, 130);
    QVERIFY2(run.err.contains("called off"), run.err.constData());
    QVERIFY(!QFile::exists(folder));
}

QTEST_GUILESS_MAIN(TestReplicasCommand)
#include "tst_replicascommand.moc"
