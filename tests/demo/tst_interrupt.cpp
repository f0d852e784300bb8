// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/childprocess.h"
#include "tests/support/spin.h"

#include <QTest>

#include <csignal>

using namespace cring;
using namespace cring::test;

/// Ctrl-C in the demo: what a script sees of it.
class TestInterrupt : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void beforeTheEndItIsAnInterruption_data();
    void beforeTheEndItIsAnInterruption();
    void whileItStaysUpItIsTheEnd();
    void helpSaysSo();

private:
    /// Starts the demo and sends a signal once its output holds `mark`.
    static int codeAfter(const QByteArray &mark, int signal, const QStringList &arguments = {});
};

namespace {

constexpr int StartLimit = 40'000;
constexpr int EndLimit = 20'000;

} // namespace

int TestInterrupt::codeAfter(const QByteArray &mark, int signal, const QStringList &arguments)
{
    playground::ChildProcess demo;
    demo.setProcessChannelMode(QProcess::MergedChannels);
    demo.start(qEnvironmentVariable("CRING_BIN") + QStringLiteral("/cring"),
               QStringList{QStringLiteral("demo")} + arguments);
    QByteArray said;
    const auto shown = [&] {
        said += demo.readAll();
        return said.contains(mark);
    };
    if (!spinUntil(shown, StartLimit)) {
        qWarning().noquote() << said;
        return -1;
    }
    ::kill(static_cast<pid_t>(demo.processId()), signal);
    if (!spinUntil([&] { return demo.state() == QProcess::NotRunning; }, EndLimit) ||
        demo.exitStatus() != QProcess::NormalExit)
        return -2;
    return demo.exitCode();
}

void TestInterrupt::beforeTheEndItIsAnInterruption_data()
{
    QTest::addColumn<QByteArray>("mark");
    QTest::addColumn<QStringList>("arguments");
    const QStringList check{QStringLiteral("--check")};
    QTest::newRow("at the start") << QByteArray("1. ") << QStringList();
    QTest::newRow("in the middle") << QByteArray("3. Copying") << QStringList();
    QTest::newRow("in the middle of a check") << QByteArray("3. Copying") << check;
}

void TestInterrupt::beforeTheEndItIsAnInterruption()
{
    QFETCH(QByteArray, mark);
    QFETCH(QStringList, arguments);
    QCOMPARE(codeAfter(mark, SIGINT, arguments), 130);
}

void TestInterrupt::whileItStaysUpItIsTheEnd()
{
    QCOMPARE(codeAfter("Ctrl-C ends all of it", SIGINT), 0);
}

void TestInterrupt::helpSaysSo()
{
    playground::ChildProcess help;
    help.start(qEnvironmentVariable("CRING_BIN") + QStringLiteral("/cring"),
               {QStringLiteral("demo"), QStringLiteral("--help")});
    QVERIFY(spinUntil([&] { return help.state() == QProcess::NotRunning; }, EndLimit));
    QVERIFY(help.readAllStandardOutput().contains("130 Ctrl-C before everything was shown"));
}

QTEST_GUILESS_MAIN(TestInterrupt)
#include "tst_interrupt.moc"
