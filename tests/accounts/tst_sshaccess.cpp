// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/sshnode.h"
#include "core/base/clock.h"
#include "tests/ssh/peer.h"
#include "tests/support/charmcluster.h"
#include "tests/support/sshserver.h"

#include <QFile>
#include <QLocalServer>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <future>

using namespace cring;
using namespace cring::accounts;
using namespace cring::test;
using std::chrono::milliseconds;

/// Whose machine it is, who may log in, and what becomes of one that hangs, lies or goes away: each a clear
/// error within its limit.
class TestSshAccess : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void refusesAHostThatNobodyKnows();
    void refusesAHostWhoseKeyHasChanged();
    void refusesAKeyOfAnotherKind();
    void findsTheHostInAnyOfTheFiles();
    void takesHashedNames();
    void logsInByTheAgent();
    void doesNotWaitForAnAgentThatHangs();
    void usesNoKeyThatIsOpenToOthers();
    void passesOverKeysWithAPassphrase();
    void saysThatNoKeyIsLetIn();
    void saysWhatIsWrongWithTheServer_data();
    void saysWhatIsWrongWithTheServer();
    void saysThatNobodyIsThere();
    void saysThatThereIsNoSftp();
    void isCalledOffWhileItConnects();
    void comesBackAfterAServerThatHung();
    void comesBackAfterAServerThatDied();

private:
    SshNode node(const SshAccess &access) { return nodeOf(QString(), access); }
    SshNode nodeOf(const QString &url, const SshAccess &access);
    Status tryIt(const SshAccess &access);
    QString path(const char *name) const { return m_folder.path() + QLatin1Char('/') + QLatin1String(name); }
    void write(const char *name, const QByteArray &text);
    QByteArray known() const;
    Status newKey(const char *name, const char *passphrase);

    SystemClock m_clock;
    SshServer m_sshd;
    QTemporaryDir m_folder;
    SshAccess m_access; ///< As it is right.
    std::unique_ptr<std::stop_source> m_stop;
};

namespace {

constexpr int kLimit = 20'000;

QByteArray readFile(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void verifyFails(const Status &status, Code code, const char *words)
{
    QVERIFY(!status.ok());
    QVERIFY2(status.error().code == code && status.error().detail.contains(QString::fromUtf8(words)),
             qPrintable(status.error().toString()));
}

bool runs(const QString &program, const QStringList &arguments)
{
    QProcess process;
    process.start(program, arguments);
    return process.waitForFinished() && process.exitCode() == 0;
}

} // namespace

void TestSshAccess::initTestCase()
{
    CRING_OK(m_sshd.start());
}

void TestSshAccess::init()
{
    m_stop = std::make_unique<std::stop_source>();
    m_access = {};
    m_access.knownHosts = {m_sshd.knownHosts()};
    m_access.keyFiles = {m_sshd.keyFile()};
}

void TestSshAccess::cleanup()
{
    if (QTest::currentTestFailed())
        qWarning("sshd: %s", m_sshd.log().right(2'000).constData());
}

SshNode TestSshAccess::nodeOf(const QString &url, const SshAccess &access)
{
    const auto place = config::parseNodePlace(url.isEmpty() ? m_sshd.url(QStringLiteral("/tmp")) : url);
    return SshNode(*place, access, m_clock, m_stop->get_token());
}

Status TestSshAccess::tryIt(const SshAccess &access)
{
    const auto found = node(access).stat(QString());
    return found.ok() ? Status() : Status(found.error());
}

void TestSshAccess::write(const char *name, const QByteArray &text)
{
    QFile file(path(name));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size());
}

QByteArray TestSshAccess::known() const
{
    return readFile(m_sshd.knownHosts());
}

Status TestSshAccess::newKey(const char *name, const char *passphrase)
{
    QFile::remove(path(name));
    return runs(QStringLiteral("ssh-keygen"),
                {QStringLiteral("-q"), QStringLiteral("-t"), QStringLiteral("ed25519"), QStringLiteral("-N"),
                 QString::fromLatin1(passphrase), QStringLiteral("-f"), path(name)})
               ? Status()
               : Status(Error{Code::NotFound, QStringLiteral("ssh-keygen failed")});
}

void TestSshAccess::refusesAHostThatNobodyKnows()
{
    write("empty", "# nobody\n");
    m_access.knownHosts = {path("empty"), path("not there")};
    const Status status = tryIt(m_access);
    verifyFails(status, Code::HostKeyUnknown, "is not known: nothing was sent there");
    // As ssh-keygen shows it, and what to type.
    QProcess keygen;
    keygen.start(QStringLiteral("ssh-keygen"), {QStringLiteral("-lf"), m_sshd.knownHosts()});
    QVERIFY(keygen.waitForFinished());
    const QString fingerprint =
        QString::fromUtf8(keygen.readAllStandardOutput()).section(QLatin1Char(' '), 1, 1);
    QVERIFY(fingerprint.startsWith(QStringLiteral("SHA256:")));
    verifyFails(status, Code::HostKeyUnknown, fingerprint.toUtf8().constData());
    verifyFails(status, Code::HostKeyUnknown,
                QStringLiteral("`ssh -p %1 %2@%3`")
                    .arg(m_sshd.port())
                    .arg(m_sshd.user(), m_sshd.host())
                    .toUtf8()
                    .constData());
    // Nothing was written down either.
    QCOMPARE(readFile(path("empty")), QByteArray("# nobody\n"));
    QVERIFY(!QFile::exists(path("not there")));
}

void TestSshAccess::refusesAHostWhoseKeyHasChanged()
{
    CRING_OK(newKey("other", ""));
    const QByteArray other = known().split(' ').value(0) + ' ' + readFile(path("other.pub"));
    write("changed", other);
    m_access.knownHosts = {path("changed")};
    verifyFails(tryIt(m_access), Code::HostKeyUnknown, "has another host key");
    verifyFails(tryIt(m_access), Code::HostKeyUnknown, qPrintable(path("changed")));
    // In one file is enough, whatever another says.
    m_access.knownHosts = {path("changed"), m_sshd.knownHosts()};
    verifyFails(tryIt(m_access), Code::HostKeyUnknown, "has another host key");
    m_access.knownHosts = {m_sshd.knownHosts(), path("changed")};
    verifyFails(tryIt(m_access), Code::HostKeyUnknown, "has another host key");
    // The server has another one: the old one is known.
    m_access.knownHosts = {m_sshd.knownHosts()};
    SshServer moved;
    CRING_OK(moved.start());
    SshAccess access;
    access.knownHosts = {moved.knownHosts()};
    access.keyFiles = {moved.keyFile()};
    SshNode known = nodeOf(moved.url(QStringLiteral("/tmp")), access);
    CRING_OK(known.stat(QString()));
    moved.stop();
    CRING_OK(moved.changeHostKey());
    CRING_OK(moved.start());
    SshNode changed = nodeOf(moved.url(QStringLiteral("/tmp")), access);
    const auto found = changed.stat(QString());
    verifyFails(found.ok() ? Status() : Status(found.error()), Code::HostKeyUnknown, "has another host key");
}

void TestSshAccess::refusesAKeyOfAnotherKind()
{
    QVERIFY(runs(QStringLiteral("ssh-keygen"),
                 {QStringLiteral("-q"), QStringLiteral("-t"), QStringLiteral("ecdsa"), QStringLiteral("-N"),
                  QString(), QStringLiteral("-f"), path("ecdsa")}));
    write("kind", known().split(' ').value(0) + ' ' + readFile(path("ecdsa.pub")));
    m_access.knownHosts = {path("kind")};
    const Status status = tryIt(m_access);
    QVERIFY(!status.ok());
    QVERIFY2(status.error().code == Code::HostKeyUnknown || status.error().code == Code::BackendProtocol,
             qPrintable(status.error().toString()));
}

void TestSshAccess::findsTheHostInAnyOfTheFiles()
{
    write("empty", "");
    m_access.knownHosts = {path("not there"), path("empty"), m_sshd.knownHosts()};
    CRING_OK(tryIt(m_access));
    m_access.knownHosts = {m_sshd.knownHosts(), path("empty")};
    CRING_OK(tryIt(m_access));
}

void TestSshAccess::takesHashedNames()
{
    write("hashed", known());
    QVERIFY(runs(QStringLiteral("ssh-keygen"),
                 {QStringLiteral("-q"), QStringLiteral("-H"), QStringLiteral("-f"), path("hashed")}));
    QVERIFY(readFile(path("hashed")).startsWith("|1|"));
    m_access.knownHosts = {path("hashed")};
    CRING_OK(tryIt(m_access));
}

void TestSshAccess::logsInByTheAgent()
{
    playground::ChildProcess agent;
    const QString socket = path("agent");
    agent.start(QStringLiteral("ssh-agent"), {QStringLiteral("-D"), QStringLiteral("-a"), socket});
    QVERIFY(agent.waitForStarted() && spinUntil([&] { return QFile::exists(socket); }, kLimit));
    QProcess add;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("SSH_AUTH_SOCK"), socket);
    add.setProcessEnvironment(environment);
    add.start(QStringLiteral("ssh-add"), {QStringLiteral("-q"), m_sshd.keyFile()});
    QVERIFY(add.waitForFinished() && add.exitCode() == 0);
    m_access.keyFiles.clear();
    m_access.agentSocket = socket;
    CRING_OK(tryIt(m_access));
}

void TestSshAccess::doesNotWaitForAnAgentThatHangs()
{
    QLocalServer agent;
    QVERIFY(agent.listen(path("hung")));
    m_access.agentSocket = path("hung");
    m_access.login = milliseconds(1'500);
    const auto start = m_clock.steady();
    const Status status = tryIt(m_access);
    QVERIFY(!status.ok());
    QCOMPARE(status.error().code, Code::BackendTimeout);
    QVERIFY(m_clock.steady() - start < milliseconds(4'000));
    // One that is not there is no agent.
    m_access.agentSocket = path("none");
    CRING_OK(tryIt(m_access));
}

void TestSshAccess::usesNoKeyThatIsOpenToOthers()
{
    write("open", readFile(m_sshd.keyFile()));
    QVERIFY(QFile::setPermissions(path("open"), QFile::ReadOwner | QFile::ReadOther));
    m_access.keyFiles = {path("open")};
    verifyFails(tryIt(m_access), Code::LoginRefused, "lets no key of ours in");
    m_access.keyFiles = {path("open"), path("not there"), m_sshd.keyFile()};
    CRING_OK(tryIt(m_access));
}

void TestSshAccess::passesOverKeysWithAPassphrase()
{
    CRING_OK(newKey("locked", "secret"));
    m_access.keyFiles = {path("locked")};
    verifyFails(tryIt(m_access), Code::LoginRefused, "a key with a passphrase is used through the agent");
    m_access.keyFiles = {path("locked"), m_sshd.keyFile()};
    CRING_OK(tryIt(m_access));
}

void TestSshAccess::saysThatNoKeyIsLetIn()
{
    CRING_OK(newKey("stranger", ""));
    m_access.keyFiles = {path("stranger")};
    const Status status = tryIt(m_access);
    verifyFails(status, Code::LoginRefused, qPrintable(path("stranger")));
    verifyFails(status, Code::LoginRefused, "authorized_keys");
    m_access.keyFiles.clear();
    verifyFails(tryIt(m_access), Code::LoginRefused, "files: none");
}

void TestSshAccess::saysWhatIsWrongWithTheServer_data()
{
    using Manner = FakeSshServer::Manner;
    QTest::addColumn<Manner>("manner");
    QTest::addColumn<Code>("code");
    QTest::addColumn<QString>("words");
    const auto row = [](const char *name, Manner manner, Code code, const char *words) {
        QTest::newRow(name) << manner << code << QString::fromLatin1(words);
    };
    row("says nothing", Manner::Silent, Code::BackendTimeout, "showed no SSH server within");
    row("half a line", Manner::Trickles, Code::BackendTimeout, "showed no SSH server within");
    row("closes", Manner::ClosesAtOnce, Code::BackendProtocol, "is it the SSH port?");
    row("resets", Manner::ResetsAtOnce, Code::BackendProtocol, "is it the SSH port?");
    row("HTTP", Manner::TalksHttp, Code::BackendProtocol, "is it the SSH port?");
    row("nonsense", Manner::TalksNonsense, Code::BackendProtocol, "is it the SSH port?");
    row("hangs after its banner", Manner::Greets, Code::BackendTimeout,
        "did not answer in the SSH key exchange");
    row("hangs up after its banner", Manner::GreetsAndHangsUp, Code::BackendUnreachable,
        "in the SSH key exchange");
    row("nonsense after its banner", Manner::GreetsAndTalksNonsense, Code::BackendProtocol,
        "in the SSH key exchange");
}

void TestSshAccess::saysWhatIsWrongWithTheServer()
{
    QFETCH(FakeSshServer::Manner, manner);
    QFETCH(Code, code);
    QFETCH(QString, words);
    FakeSshServer fake(manner);
    m_access.login = milliseconds(1'200);
    SshNode node = nodeOf(QStringLiteral("ssh://me@127.0.0.1:%1/x").arg(fake.port()), m_access);
    const auto start = m_clock.steady();
    auto result = std::async(std::launch::async, [&] { return node.stat(QString()); });
    QVERIFY(spinUntil([&] { return result.wait_for(milliseconds(0)) == std::future_status::ready; }, kLimit));
    QVERIFY(m_clock.steady() - start < milliseconds(4'000));
    const auto found = result.get();
    QVERIFY(!found.ok());
    qInfo("%s", qPrintable(found.error().toString()));
    // On a busy machine the reset is there before the connection is.
    if (manner == FakeSshServer::Manner::ResetsAtOnce && found.error().code == Code::BackendUnreachable)
        verifyFails(Status(found.error()), Code::BackendUnreachable, "reset by peer");
    else
        verifyFails(Status(found.error()), code, words.toUtf8().constData());
}

void TestSshAccess::saysThatNobodyIsThere()
{
    SshNode refused = nodeOf(QStringLiteral("ssh://me@127.0.0.1:1/x"), m_access);
    auto found = refused.stat(QString());
    verifyFails(Status(found.error()), Code::BackendUnreachable, "refused the SSH connection");
    SshNode nameless = nodeOf(QStringLiteral("ssh://me@no-such-host.invalid/x"), m_access);
    found = nameless.stat(QString());
    QVERIFY(!found.ok());
    QVERIFY2(found.error().detail.contains(QStringLiteral("cannot be found")) ||
                 found.error().code == Code::BackendTimeout,
             qPrintable(found.error().toString()));
}

void TestSshAccess::saysThatThereIsNoSftp()
{
    m_sshd.stop();
    m_sshd.configure({QStringLiteral("Subsystem other internal-sftp")});
    CRING_OK(m_sshd.start());
    verifyFails(tryIt(m_access), Code::BackendProtocol, "has no SFTP");
    // Programs it runs all the same.
    const auto outcome = node(m_access).run({{QStringLiteral("true")}, {}});
    CRING_OK(outcome);
    m_sshd.stop();
    m_sshd.configure({});
    CRING_OK(m_sshd.start());
}

void TestSshAccess::isCalledOffWhileItConnects()
{
    FakeSshServer fake(FakeSshServer::Manner::Silent);
    SshNode node = nodeOf(QStringLiteral("ssh://me@127.0.0.1:%1/x").arg(fake.port()), m_access);
    auto result = std::async(std::launch::async, [&] { return node.stat(QString()); });
    QVERIFY(spinUntil([&] { return fake.sessions() == 1; }, kLimit));
    const auto start = m_clock.steady();
    m_stop->request_stop();
    QVERIFY(spinUntil([&] { return result.wait_for(milliseconds(0)) == std::future_status::ready; }, kLimit));
    QVERIFY(m_clock.steady() - start < milliseconds(1'000));
    verifyFails(Status(result.get().error()), Code::JobEnded, "");
}

void TestSshAccess::comesBackAfterAServerThatHung()
{
    m_access.answer = milliseconds(1'000);
    SshNode node = this->node(m_access);
    CRING_OK(node.stat(QString()));
    m_sshd.pause();
    const auto start = m_clock.steady();
    const auto hung = node.stat(QString());
    QVERIFY(!hung.ok());
    QVERIFY(m_clock.steady() - start < milliseconds(4'000));
    verifyFails(Status(hung.error()), Code::BackendTimeout, "did not answer about");
    m_sshd.resume();
    CRING_OK(node.stat(QString()));
}

void TestSshAccess::comesBackAfterAServerThatDied()
{
    SshNode node = this->node(m_access);
    CRING_OK(node.stat(QString()));
    m_sshd.stop();
    const auto gone = node.stat(QString());
    QVERIFY(!gone.ok());
    QCOMPARE(gone.error().code, Code::BackendUnreachable);
    QVERIFY(!node.stat(QString()).ok());
    CRING_OK(m_sshd.start());
    CRING_OK(node.stat(QString()));
}

QTEST_GUILESS_MAIN(TestSshAccess)
#include "tst_sshaccess.moc"
