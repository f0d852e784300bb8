// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/exitcode.h"
#include "app/cring/servicecommands.h"

#include <QTemporaryDir>
#include <QTest>

#include <CLI/CLI.hpp>

using namespace cring::app;

class TestCommandLine : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void choosesACommand_data();
    void choosesACommand();
    void refusesNonsense_data();
    void refusesNonsense();

private:
    std::unique_ptr<CLI::App> m_app;
    ServiceOptions m_options;
    std::function<int()> m_chosen;
};

void TestCommandLine::init()
{
    m_app = std::make_unique<CLI::App>();
    m_options = {};
    m_chosen = {};
    m_app->fallthrough();
    m_app->add_flag("--json", m_options.json);
    addServiceCommands(
        *m_app, [this] { return m_options; }, m_chosen);
}

void TestCommandLine::choosesACommand_data()
{
    QTest::addColumn<QString>("line");
    for (const char *line : {"status",
                             "status --watch --json",
                             "status --exit-code",
                             "backends list --json",
                             "backends show charm1",
                             "backends test charm1",
                             "log",
                             "log -f --since 2h",
                             "log --since 2026-01-31T12:00 --backend charm2 --level warning -n 5",
                             "reload",
                             "drain",
                             "stop",
                             "stop --now",
                             "queue list --server charm2",
                             "queue retry",
                             "blobs list --account a p",
                             "blobs where a/f",
                             "jobs list",
                             "jobs show 3",
                             "jobs watch",
                             "jobs pause",
                             "jobs resume 3",
                             "jobs cancel 3",
                             "verify --deep",
                             "verify --no-wait",
                             "repair a/f a/g --adopt",
                             "rebalance plan",
                             "rebalance apply --dry-run",
                             "conflicts list",
                             "conflicts choose 1",
                             "conflicts discard 1 --yes",
                             "findings list",
                             "pause --for 2h",
                             "pause",
                             "resume",
                             "backends remove charm1 --yes",
                             "backends drain charm1",
                             "backends resume charm1",
                             "backends promote charm1"})
        QTest::newRow(line) << QString::fromLatin1(line);
}

void TestCommandLine::choosesACommand()
{
    QFETCH(QString, line);
    const QTemporaryDir directory;
    m_app->parse((line + QStringLiteral(" --control-socket ") + directory.filePath(QStringLiteral("none")))
                     .toStdString());
    QVERIFY(m_chosen);
    QCOMPARE(m_options.json, line.contains(QStringLiteral("--json")));
    QCOMPARE(m_chosen(), NoService);
}

void TestCommandLine::refusesNonsense_data()
{
    QTest::addColumn<QString>("line");
    for (const char *line :
         {"backends", "backends show", "log --since yesterday", "log --level loud", "log -n -1",
          "stop --later", "status charm1", "queue", "blobs where", "jobs watch all", "jobs cancel 0",
          "pause --for ever", "backends add charm4", "backends edit charm1", "backends remove",
          "conflicts choose", "conflicts discard x", "repair --deep"})
        QTest::newRow(line) << QString::fromLatin1(line);
}

void TestCommandLine::refusesNonsense()
{
    QFETCH(QString, line);
    QVERIFY_THROWS_EXCEPTION(CLI::ParseError, m_app->parse(line.toStdString()));
    QVERIFY(!m_chosen);
}

QTEST_GUILESS_MAIN(TestCommandLine)
#include "tst_commandline.moc"
