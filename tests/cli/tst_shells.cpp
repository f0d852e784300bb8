// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/cringprocess.h"
#include "tests/support/sessionbus.h"
#include "tests/support/spin.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace cring;
using namespace cring::test;

/// The completion of real shells, in front of a real service.
class TestShells : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void bashCompletes_data() { rows(); }
    void bashCompletes();
    void fishCompletes_data() { rows(); }
    void fishCompletes();
    void zshCompletes();
    void completesWithoutAService();
    void doesNotWaitForAServiceThatHangs();
    void cleanupTestCase();

private:
    static void rows();
    /// What the shell's program prints, line by line, sorted.
    QStringList run(const QString &program, const QStringList &arguments);
    QString script(const QString &shell);
    QStringList bash(const QString &line);
    QString file(const QString &name, const QByteArray &text);

    QTemporaryDir m_folder;
    std::unique_ptr<CharmCluster> m_cluster;
    std::unique_ptr<CringProcess> m_ring;
};

namespace {

constexpr int kLimit = 20'000;

/// bash itself calls the function with these three, which it makes from the line.
constexpr const char *kBash = R"(
. "$1"
COMP_LINE=$2 COMP_POINT=${#2}
# As readline breaks it.
broken=$(sed -E 's/([=:]+)/ \1 /g' <<<"$2")
read -ra COMP_WORDS <<<"$broken"
case $broken in *' ') COMP_WORDS+=('') ;; esac
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
compopt() { :; }
_cring
printf '%s\n' "${COMPREPLY[@]}"
)";

} // namespace

void TestShells::initTestCase()
{
    for (const char *shell : {"bash", "fish", "zsh"})
        CRING_OK(wantProgram(QString::fromLatin1(shell), QString::fromLatin1(shell)));
    m_cluster = std::make_unique<CharmCluster>(3);
    CRING_OK(m_cluster->start());
    m_ring = std::make_unique<CringProcess>(*m_cluster);
    CRING_OK(m_ring->start());
    for (const char *shell : {"bash", "fish", "zsh"}) {
        const auto printed = m_ring->runCommand({QStringLiteral("completion"), QString::fromLatin1(shell)});
        QCOMPARE(printed.exitCode, 0);
        file(QStringLiteral("cring.") + QString::fromLatin1(shell), printed.out);
    }
    file(QStringLiteral("driver.bash"), kBash);
    file(QStringLiteral("a file"), "x");
    QVERIFY(QDir(m_folder.path()).mkdir(QStringLiteral("a folder")));
}

QString TestShells::file(const QString &name, const QByteArray &text)
{
    QFile file(m_folder.filePath(name));
    if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
        return {};
    return file.fileName();
}

QString TestShells::script(const QString &shell)
{
    return m_folder.filePath(QStringLiteral("cring.") + shell);
}

QStringList TestShells::run(const QString &program, const QStringList &arguments)
{
    // The same folders as the service's commands have.
    const auto command = m_ring->command({});
    QProcess shell;
    QProcessEnvironment environment = command->processEnvironment();
    environment.insert(QStringLiteral("PATH"),
                       qEnvironmentVariable("CRING_BIN") + u':' + qEnvironmentVariable("PATH"));
    environment.insert(QStringLiteral("TERM"), QStringLiteral("dumb"));
    shell.setProcessEnvironment(environment);
    shell.setWorkingDirectory(m_folder.path());
    shell.setStandardInputFile(QProcess::nullDevice());
    shell.start(program, arguments);
    if (!shell.waitForFinished(kLimit))
        return {QStringLiteral("it does not end")};
    const QByteArray err = shell.readAllStandardError();
    if (!err.isEmpty())
        return {QString::fromUtf8(err)};
    QStringList lines = QString::fromUtf8(shell.readAllStandardOutput()).split(u'\n', Qt::SkipEmptyParts);
    lines.sort();
    return lines;
}

void TestShells::rows()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<QStringList>("words");
    QTest::newRow("a command") << QStringLiteral("cring stat") << QStringList{QStringLiteral("status")};
    QTest::newRow("an option") << QStringLiteral("cring status --wat")
                               << QStringList{QStringLiteral("--watch")};
    QTest::newRow("servers") << QStringLiteral("cring backends show ")
                             << QStringList{QStringLiteral("charm1"), QStringLiteral("charm2"),
                                            QStringLiteral("charm3")};
    QTest::newRow("one server") << QStringLiteral("cring log --backend charm2")
                                << QStringList{QStringLiteral("charm2")};
    QTest::newRow("nothing") << QStringLiteral("cring backends show nobody") << QStringList{};
    QTest::newRow("files") << QStringLiteral("cring config validate --file dri")
                           << QStringList{QStringLiteral("driver.bash")};
}

QStringList TestShells::bash(const QString &line)
{
    return run(QStringLiteral("bash"),
               {QStringLiteral("--norc"), m_folder.filePath(QStringLiteral("driver.bash")),
                script(QStringLiteral("bash")), line});
}

void TestShells::bashCompletes()
{
    QFETCH(const QString, line);
    QTEST(bash(line), "words");
    // It breaks words at =, and wants only what follows.
    QCOMPARE(bash(QStringLiteral("cring log --backend=charm")),
             QStringList({QStringLiteral("charm1"), QStringLiteral("charm2"), QStringLiteral("charm3")}));
}

void TestShells::fishCompletes()
{
    QFETCH(const QString, line);
    const QStringList found =
        run(QStringLiteral("fish"),
            {QStringLiteral("--no-config"), QStringLiteral("-c"),
             QStringLiteral("source '%1'; complete -C '%2'").arg(script(QStringLiteral("fish")), line)});
    QStringList words;
    for (const QString &one : found)
        words << one.section(u'\t', 0, 0);
    QTEST(words, "words");
}

/// On a terminal of its own, with the key that a person presses.
void TestShells::zshCompletes()
{
    // Keys are pressed before it is ready for them: a tab is no text. What was completed is printed, and does
    // not run.
    file(QStringLiteral("inner.zsh"), R"(PS1='PROMPT>' PS2=
unset zle_bracketed_paste
zstyle ':completion:*' insert-tab false
autoload -Uz compinit
compinit -u -D
source ./cring.zsh
cring() { if [[ $1 = completion ]]; then command cring "$@"; else print -r -- "RAN $*."; fi }
)");
    const QByteArray outer = R"(
zmodload zsh/zpty
zpty inner zsh -f -i
waitfor() { local piece; zpty -r inner piece "*$1*"; }
zpty -w inner 'source ./inner.zsh'
waitfor 'PROMPT>'
try() {
    zpty -w -n inner "$1"$'\n'
    waitfor "RAN $2."
    waitfor 'PROMPT>'
}
try $'cring sta\t' 'status'
try $'cring backends sho\tc\t2' 'backends show charm2'
try $'cring log --backe\tc\t3' 'log --backend charm3'
try $'cring log --level=w\t' 'log --level=warning'
try $'cring config validate --file a\\ fi\t' 'config validate --file a file'
zpty -d inner
print ok
)";
    const QString path = file(QStringLiteral("outer.zsh"), outer);
    QCOMPARE(run(QStringLiteral("zsh"), {QStringLiteral("-f"), path}), QStringList{QStringLiteral("ok")});
}

void TestShells::completesWithoutAService()
{
    QCOMPARE(m_ring->stop(), 0);
    // The configuration knows them.
    QCOMPARE(bash(QStringLiteral("cring --config %1 backends show charm3").arg(m_ring->configFile())),
             QStringList{QStringLiteral("charm3")});
    QCOMPARE(bash(QStringLiteral("cring jobs show ")), QStringList{});
    CRING_OK(m_ring->start());
}

void TestShells::doesNotWaitForAServiceThatHangs()
{
    m_ring->process()->pause();
    QElapsedTimer timer;
    timer.start();
    const QStringList found = bash(QStringLiteral("cring backends show charm1"));
    const qint64 took = timer.elapsed();
    m_ring->process()->resume();
    QCOMPARE(found, QStringList{QStringLiteral("charm1")});
    QVERIFY2(took < 3'000, qPrintable(QString::number(took)));
}

void TestShells::cleanupTestCase()
{
    m_ring.reset();
    m_cluster.reset();
}

QTEST_GUILESS_MAIN(TestShells)
#include "tst_shells.moc"
