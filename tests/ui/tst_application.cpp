// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charmedring/application.h"
#include "core/control/socketpath.h"
#include "tests/support/cringprocess.h"
#include "tests/support/spin.h"
#include "ui/tray/tray.h"
#include "ui/window/mainwindow.h"

#include <QApplication>
#include <QFile>
#include <QSignalSpy>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

using namespace cring;
using namespace cring::app;
using namespace cring::test;
using State = models::ServiceLink::State;

namespace {

constexpr int kLimit = 15'000;

QByteArray freeAddress()
{
    QTcpServer server;
    server.listen(QHostAddress::LocalHost);
    return "127.0.0.1:" + QByteArray::number(server.serverPort());
}

} // namespace

/// With the real service, which the window starts.
class TestApplication : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void startsAServiceThatOutlivesIt();
    void tellsTheDeathOfTheServiceAndStartsItWhenAsked();
    void takesAServiceThatRuns();
    void saysWhyTheServiceCannotStart();
    void saysThatThereIsNoProgram();
    void thereIsOnlyOne();
    void takesThePlaceOfOneThatWasKilled();
    void refusesAFolderOfSomebodyElse();
    void staysTheOnlyOneWhenItsFolderIsGone();

private:
    ApplicationOptions options() const;
    void writeConfig(const QByteArray &text) const;
    static bool reaches(Application &application, State state);
    bool isAlive(qint64 pid) const { return pid > 0 && ::kill(static_cast<pid_t>(pid), 0) == 0; }

    std::unique_ptr<QTemporaryDir> m_folder;
    qint64 m_pid = 0; ///< Of the service that runs.
};

void TestApplication::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    // The service that is started inherits them.
    for (const char *name : {"XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "HOME"})
        qputenv(name, QFile::encodeName(m_folder->path()));
    writeConfig("[service]\naddress = \"" + freeAddress() + "\"\nssh_address = \"" + freeAddress() +
                "\"\nmetrics_address = \"\"\n"
                "[[server]]\nname = \"charm1\"\nurl = \"http://127.0.0.1:9\"\n"
                "[[server]]\nname = \"charm2\"\nurl = \"http://127.0.0.2:9\"\n");
}

void TestApplication::cleanup()
{
    if (isAlive(m_pid)) {
        ::kill(static_cast<pid_t>(m_pid), SIGKILL);
        ProcessEnd end(m_pid);
        QSignalSpy ended(&end, &ProcessEnd::ended);
        if (end.isWatching())
            spinUntil([&] { return !ended.isEmpty(); }, kLimit);
    }
    m_pid = 0;
}

void TestApplication::writeConfig(const QByteArray &text) const
{
    QFile file(m_folder->filePath(QStringLiteral("config.toml")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(text);
}

ApplicationOptions TestApplication::options() const
{
    return {.background = true,
            .configFile = m_folder->filePath(QStringLiteral("config.toml")),
            .program = CringProcess::program(),
            .logFile = m_folder->filePath(QStringLiteral("logs/serve.log"))};
}

bool TestApplication::reaches(Application &application, State state)
{
    return spinUntil([&] { return application.ring().link.state() == state; }, kLimit);
}

void TestApplication::startsAServiceThatOutlivesIt()
{
    auto application = std::make_unique<Application>(options());
    application->start();
    QVERIFY(reaches(*application, State::Connected));
    m_pid = application->ring().link.service().pid;
    QVERIFY(isAlive(m_pid));
    application.reset();
    QVERIFY(isAlive(m_pid));
    // It still answers.
    Application second(options());
    second.start();
    QVERIFY(reaches(second, State::Connected));
    QCOMPARE(second.ring().link.service().pid, m_pid);
}

void TestApplication::tellsTheDeathOfTheServiceAndStartsItWhenAsked()
{
    Application application(options());
    application.start();
    QVERIFY(reaches(application, State::Connected));
    m_pid = application.ring().link.service().pid;
    const auto isGone = [&] {
        return application.ring().tray().state() == models::TrayState::Gone;
    };
    QVERIFY(spinUntil([&] { return !isGone(); }, kLimit));
    ::kill(static_cast<pid_t>(m_pid), SIGKILL);
    QVERIFY(spinUntil(isGone, kLimit));
    // A person may have stopped it: it is not started behind their back.
    QCOMPARE(application.ring().link.state(), State::NotRunning);
    Q_EMIT application.tray().serviceStartWanted();
    QVERIFY(reaches(application, State::Connected));
    const qint64 before = std::exchange(m_pid, application.ring().link.service().pid);
    QVERIFY(m_pid != before);
    QVERIFY(spinUntil([&] { return !isGone(); }, kLimit));
}

void TestApplication::takesAServiceThatRuns()
{
    {
        Application first(options());
        first.start();
        QVERIFY(reaches(first, State::Connected));
        m_pid = first.ring().link.service().pid;
    }
    ApplicationOptions without = options();
    without.program = QStringLiteral("/nonexistent");
    Application application(without);
    application.start();
    QVERIFY(reaches(application, State::Connected));
    QCOMPARE(application.ring().link.service().pid, m_pid);
}

void TestApplication::saysWhyTheServiceCannotStart()
{
    writeConfig("[service]\nreplica = 3\n");
    const ApplicationOptions with = options();
    ServiceStarter starter(with.program, {QStringLiteral("--config"), with.configFile}, with.logFile);
    QSignalSpy failed(&starter, &ServiceStarter::failed);
    starter.start();
    QVERIFY(spinUntil([&] { return !failed.isEmpty(); }, kLimit));
    const QString words = failed.at(0).at(0).toString();
    QVERIFY2(words.contains(QStringLiteral("replica")), qPrintable(words));
    QVERIFY(!starter.isStarting());
}

void TestApplication::saysThatThereIsNoProgram()
{
    ServiceStarter starter(QString(), {}, m_folder->filePath(QStringLiteral("log")));
    QSignalSpy failed(&starter, &ServiceStarter::failed);
    starter.start();
    QCOMPARE(failed.size(), 1);
    QVERIFY(failed.at(0).at(0).toString().contains(QStringLiteral("cring")));
}

void TestApplication::thereIsOnlyOne()
{
    const QString folder = m_folder->filePath(QStringLiteral("run/charmedring"));
    SingleInstance first(folder);
    const auto role = first.take();
    QVERIFY(role.ok());
    QCOMPARE(*role, SingleInstance::Role::First);
    SingleInstance second(folder);
    const auto other = second.take();
    QVERIFY(other.ok());
    QCOMPARE(*other, SingleInstance::Role::Second);
    QSignalSpy wanted(&first, &SingleInstance::windowWanted);
    std::optional<bool> heard;
    second.callFirst(this, [&](bool answer) { heard = answer; });
    QVERIFY(spinUntil([&] { return heard.has_value(); }, kLimit));
    QVERIFY(*heard);
    QCOMPARE(wanted.size(), 1);
}

void TestApplication::takesThePlaceOfOneThatWasKilled()
{
    const QString folder = m_folder->filePath(QStringLiteral("c"));
    QVERIFY(QDir().mkpath(folder));
    // What a killed one leaves: a socket that nobody listens at.
    QFile left(folder + QStringLiteral("/window.sock"));
    QVERIFY(left.open(QIODevice::WriteOnly));
    left.close();
    SingleInstance next(folder);
    const auto role = next.take();
    QVERIFY(role.ok());
    QCOMPARE(*role, SingleInstance::Role::First);
}

void TestApplication::refusesAFolderOfSomebodyElse()
{
    const QString elsewhere = m_folder->filePath(QStringLiteral("elsewhere"));
    QVERIFY(QDir().mkpath(elsewhere));
    const QString link = m_folder->filePath(QStringLiteral("link"));
    QVERIFY(QFile::link(elsewhere, link));
    SingleInstance instance(link);
    const auto role = instance.take();
    QVERIFY(!role.ok());
    QCOMPARE(role.error().code, Code::ControlSocket);
}

void TestApplication::staysTheOnlyOneWhenItsFolderIsGone()
{
    const QString folder = m_folder->filePath(QStringLiteral("g/charmedring"));
    SingleInstance first(folder, std::chrono::milliseconds(20));
    QVERIFY(first.take().ok());
    QVERIFY(QDir(folder).removeRecursively());
    QVERIFY(spinUntil([&] { return QFile::exists(folder + QStringLiteral("/window.sock")); }, kLimit));
    SingleInstance second(folder);
    const auto role = second.take();
    QVERIFY(role.ok());
    QCOMPARE(*role, SingleInstance::Role::Second);
    QSignalSpy wanted(&first, &SingleInstance::windowWanted);
    second.callFirst(this, [](bool) {});
    QVERIFY(spinUntil([&] { return !wanted.isEmpty(); }, kLimit));
}

QTEST_MAIN(TestApplication)
#include "tst_application.moc"
