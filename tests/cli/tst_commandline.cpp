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
    void saysWhatIsWrong_data();
    void saysWhatIsWrong();

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
                             "backends",
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
                             "queue",
                             "queue list --server charm2",
                             "queue retry",
                             "blobs",
                             "blobs list --account a p",
                             "blobs where a/f",
                             "jobs",
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
                             "conflicts",
                             "conflicts list",
                             "conflicts choose 1",
                             "conflicts choose 1 --dry-run",
                             "conflicts discard 1 --yes",
                             "findings",
                             "findings list",
                             "accounts",
                             "accounts sync",
                             "accounts show anna",
                             "accounts create --key anna.pub --name anna --dry-run",
                             "accounts create --from anna.json",
                             "accounts disable anna --export anna.json --yes",
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
    for (const char *line : {"backends all",
                             "backends show",
                             "log --since yesterday",
                             "log --level loud",
                             "log -n -1",
                             "stop --later",
                             "status charm1",
                             "queue charm1",
                             "blobs where",
                             "jobs watch all",
                             "jobs cancel 0",
                             "pause --for ever",
                             "pause --for 999999d",
                             "backends add charm4",
                             "backends edit charm1",
                             "backends remove",
                             "conflicts choose",
                             "conflicts discard x",
                             "repair --deep",
                             "accounts create",
                             "accounts create --name anna",
                             "accounts create --key a --from b",
                             "accounts show",
                             "accounts disable --yes"})
        QTest::newRow(line) << QString::fromLatin1(line);
}

void TestCommandLine::refusesNonsense()
{
    QFETCH(QString, line);
    QVERIFY_THROWS_EXCEPTION(CLI::ParseError, m_app->parse(line.toStdString()));
    QVERIFY(!m_chosen);
}

void TestCommandLine::saysWhatIsWrong_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<QString>("words");
    const auto row = [](const char *line, const char *words) {
        QTest::newRow(line) << QString::fromLatin1(line) << QString::fromLatin1(words);
    };
    row("jobs show abc", "ID: \"abc\" is no number: write 1, 2 or more, as the list shows it");
    row("conflicts choose 0", "ID: \"0\" is no number: write 1, 2 or more, as the list shows it");
    row("backends edit charm1", "edit: say what to change: --url, --name, --ssh-port, --weight or --data");
    row("backends edit", "NAME is required");
    row("pause --for 999999d", "--for: from 1s to 7d; without --for it lasts until `cring resume`");
}

void TestCommandLine::saysWhatIsWrong()
{
    QFETCH(QString, line);
    QFETCH(QString, words);
    QString said;
    try {
        m_app->parse(line.toStdString());
    } catch (const CLI::ParseError &error) {
        said = QString::fromUtf8(error.what());
    }
    QCOMPARE(said, words);
}

QTEST_GUILESS_MAIN(TestCommandLine)
#include "tst_commandline.moc"
