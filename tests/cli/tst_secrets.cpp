// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/cringprocess.h"
#include "tests/support/desktopkeychain.h"
#include "tests/support/spin.h"

#include <QFile>
#include <QTest>

#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

using namespace cring;
using namespace cring::test;

namespace {

constexpr int kLimit = 20'000;

struct Run
{
    int code = -1;
    QByteArray out;
    QByteArray err;
};

} // namespace

/// `cring config set KEY --secret-stdin`, and a service that takes its key from a real keychain.
class TestSecrets : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();

    void storesInTheKeychainAndSaysSo();
    void storesInAFileWhenToldSo();
    void refusesWhatIsNoKey_data();
    void refusesWhatIsNoKey();
    void tellsThatThereIsNoKeychain();
    void theServiceMintsWithAKeyFromTheKeychain();
    void aCrashLeavesNoDump_data();
    void aCrashLeavesNoDump();

private:
    Run set(const QStringList &arguments, const QByteArray &input,
            const QProcessEnvironment &environment) const;
    QString configFile() const { return m_home->filePath(QStringLiteral("config.toml")); }
    QByteArray configText() const;

    std::unique_ptr<CharmCluster> m_cluster;
    std::unique_ptr<DesktopKeychain> m_desktop;
    std::unique_ptr<QTemporaryDir> m_home;
    QByteArray m_serverKey;
};

void TestSecrets::initTestCase()
{
    m_cluster = std::make_unique<CharmCluster>(2);
    CRING_OK(m_cluster->start());
    QFile key(m_cluster->signingKeyFile());
    QVERIFY(key.open(QIODevice::ReadOnly));
    m_serverKey = key.readAll();
    m_desktop = std::make_unique<DesktopKeychain>();
    CRING_OK(m_desktop->startBus());
    CRING_OK(m_desktop->startKeyring());
}

void TestSecrets::init()
{
    m_home = std::make_unique<QTemporaryDir>();
}

QByteArray TestSecrets::configText() const
{
    QFile file(configFile());
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

Run TestSecrets::set(const QStringList &arguments, const QByteArray &input,
                     const QProcessEnvironment &environment) const
{
    QProcess process;
    process.setProcessEnvironment(environment);
    process.start(CringProcess::program(),
                  QStringList{QStringLiteral("--config"), configFile(), QStringLiteral("config"),
                              QStringLiteral("set"), QStringLiteral("--secret-stdin")} +
                      arguments);
    process.write(input);
    process.closeWriteChannel();
    if (!process.waitForFinished(kLimit))
        return {};
    return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
}

void TestSecrets::storesInTheKeychainAndSaysSo()
{
    const Run run = set({QStringLiteral("identity.server_key")}, m_serverKey, m_desktop->environment());
    QVERIFY2(run.code == 0, run.err.constData());
    QVERIFY(run.err.contains("keychain"));
    QVERIFY2(configText().contains("server_key = \"keychain\""), configText().constData());
    QVERIFY(!configText().contains("PRIVATE"));
    QVERIFY(!run.err.contains("PRIVATE") && !run.out.contains("PRIVATE"));
}

void TestSecrets::storesInAFileWhenToldSo()
{
    const QString path = m_home->filePath(QStringLiteral("keys/server"));
    const Run run = set({QStringLiteral("identity.server_key"), QStringLiteral("file:") + path}, m_serverKey,
                        m_desktop->environment());
    QVERIFY2(run.code == 0, run.err.constData());
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), m_serverKey);
    QCOMPARE(file.permissions() & (QFile::ReadGroup | QFile::ReadOther), QFile::Permissions());
    QVERIFY(configText().contains("file:" + path.toUtf8()));
}

void TestSecrets::refusesWhatIsNoKey_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("input");
    QTest::addColumn<int>("code");
    const auto row = [](const char *name, const char *arguments, const QByteArray &input, int code) {
        QTest::newRow(name) << QString::fromLatin1(arguments).split(u' ') << input << code;
    };
    row("nonsense", "identity.server_key", "hunter2", 12);
    row("nothing", "identity.server_key", "", 12);
    row("endless", "identity.key", QByteArray(100'000, 'x'), 12);
    row("nonsense for a person", "identity.key", "hunter2", 12);
    row("a credential", "identity.key credential:key", "hunter2", 12);
    row("the environment", "identity.key env", "hunter2", 12);
    row("another setting", "service.address", "hunter2", 10);
    row("no setting", "service.adress", "hunter2", 10);
    row("a relative file", "identity.key file:key", "hunter2", 4);
}

void TestSecrets::refusesWhatIsNoKey()
{
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, input);
    QFETCH(int, code);
    const Run run = set(arguments, input, m_desktop->environment());
    QVERIFY2(run.code == code, run.err.constData());
    QVERIFY(!run.err.isEmpty() && !run.err.contains("hunter2"));
    QCOMPARE(configText(), QByteArray());
}

void TestSecrets::tellsThatThereIsNoKeychain()
{
    const DesktopKeychain nothing;
    const Run run = set({QStringLiteral("identity.server_key")}, m_serverKey, nothing.environment());
    QCOMPARE(run.code, 12);
    QVERIFY2(run.err.contains("CR-1031") && run.err.contains("file:PATH"), run.err.constData());
    QCOMPARE(configText(), QByteArray());
}

void TestSecrets::theServiceMintsWithAKeyFromTheKeychain()
{
    const Run run = set({QStringLiteral("identity.server_key")}, m_serverKey, m_desktop->environment());
    QVERIFY2(run.code == 0, run.err.constData());
    CRING_OK(m_desktop->lock());
    CringProcess ring(*m_cluster);
    ring.options().environment = m_desktop->environment();
    ring.options().configLines = QStringLiteral("[identity]\nserver_key = \"keychain\"\n");
    CRING_OK(ring.start());
    const auto says = [&ring](const char *text) {
        return spinUntil([&] { return ring.logTail(400).contains(text); }, kLimit);
    };
    QVERIFY2(says("CR-1032"), ring.logTail().constData());
    // It serves meanwhile, and goes on by itself once the person has unlocked the keychain.
    CRING_OK(m_desktop->unlock());
    QVERIFY2(says("the server key brings tokens for every account"), ring.logTail().constData());
    QVERIFY(!ring.logTail(400).contains("PRIVATE"));
    QCOMPARE(ring.stop(), 0);
}

void TestSecrets::aCrashLeavesNoDump_data()
{
    QTest::addColumn<bool>("asked");
    QTest::newRow("unless it was asked for") << false;
    QTest::newRow("asked for") << true; // so that the other row shows something
}

void TestSecrets::aCrashLeavesNoDump()
{
    QFETCH(bool, asked);
    const QByteArray folder = m_home->path().toUtf8();
    const QByteArray program = CringProcess::program().toUtf8();
    int input[2] = {-1, -1};
    QCOMPARE(::pipe(input), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        rlimit limit{};
        (void)::getrlimit(RLIMIT_CORE, &limit);
        limit.rlim_cur = limit.rlim_max;
        (void)::setrlimit(RLIMIT_CORE, &limit);
        (void)::dup2(input[0], STDIN_FILENO);
        (void)::close(input[1]);
        (void)::setenv("XDG_RUNTIME_DIR", folder.constData(), 1);
        (void)::setenv("HOME", folder.constData(), 1);
        if (asked)
            (void)::setenv("CRING_COREDUMP", "1", 1);
        if (::chdir(folder.constData()) == 0)
            ::execl(program.constData(), "cring", "config", "set", "identity.server_key", "--secret-stdin",
                    static_cast<char *>(nullptr));
        ::_exit(127);
    }
    QVERIFY(child > 0);
    // It has the secret in its memory, and waits for more of it.
    QCOMPARE(::write(input[1], "secret", 6), 6);
    int left = 6;
    QVERIFY(spinUntil([&] { return ::ioctl(input[0], FIONREAD, &left) == 0 && left == 0; }, kLimit));
    QCOMPARE(::kill(child, SIGABRT), 0);
    int status = 0;
    QCOMPARE(::waitpid(child, &status, 0), child);
    QVERIFY(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    ::close(input[0]);
    ::close(input[1]);
    QCOMPARE(bool(WCOREDUMP(status)), asked);
}

QTEST_GUILESS_MAIN(TestSecrets)
#include "tst_secrets.moc"
