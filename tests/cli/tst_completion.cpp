// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/completion.h"
#include "app/cring/manual.h"
#include "app/cring/servicecommands.h"

#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryFile>
#include <QTest>

#include <CLI/CLI.hpp>

using namespace cring::app;
using Source = Completion::Source;

Q_DECLARE_METATYPE(Completion::Source)

/// What may stand where, from the commands alone.
class TestCompletion : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void offersWords_data();
    void offersWords();
    void knowsWhereNamesComeFrom_data();
    void knowsWhereNamesComeFrom();
    void everyNameOfSomethingKnownIsAskedFor();
    void takesFileAndSocketOfTheLine();
    void explainsWhatItOffers();
    void theManualHasEveryCommandAndOption();
    void theManualIsWellFormed();

private:
    QStringList words(const QString &line) const;
    void visit(const CLI::App &parent, const std::function<void(const CLI::App &)> &look) const;

    bool m_json = false;
    std::string m_config;
    std::unique_ptr<CLI::App> m_app;
    std::function<int()> m_run;
};

void TestCompletion::init()
{
    m_app = std::make_unique<CLI::App>("A ring.", "cring");
    m_app->fallthrough();
    m_app->add_flag("--json", m_json, "As JSON");
    m_app->add_option("--config", m_config)->type_name("FILE");
    addServiceCommands(
        *m_app, [] { return ServiceOptions(); }, m_run);
    m_app->add_subcommand("hidden", "")->group("");
}

QStringList TestCompletion::words(const QString &line) const
{
    QStringList offered;
    for (const auto &candidate : complete(*m_app, line.split(u' ')).candidates)
        offered << candidate.word;
    return offered;
}

void TestCompletion::offersWords_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<QStringList>("offered");
    const auto row = [](const char *line, const QStringList &offered) {
        QTest::newRow(line) << QString::fromLatin1(line) << offered;
    };
    row("sta", {QStringLiteral("status")});
    row("hid", {});
    row("--js", {QStringLiteral("--json")});
    row("--json stat", {QStringLiteral("status")});
    row("status --wat", {QStringLiteral("--watch")});
    row("status --js", {QStringLiteral("--json")});
    row("status x", {});
    row("jobs c", {QStringLiteral("cancel")});
    row("log --level w", {QStringLiteral("warning")});
    row("log --level=", {QStringLiteral("--level=debug"), QStringLiteral("--level=info"),
                         QStringLiteral("--level=warning"), QStringLiteral("--level=error")});
    row("log --level=e", {QStringLiteral("--level=error")});
    row("log -n ", {});
    row("verify --no-w", {QStringLiteral("--no-wait")});
    row("verify -- --no-w", {});
    row("nonsense ", {});
    row("queue list --server charm1 --js", {QStringLiteral("--json")});
}

void TestCompletion::offersWords()
{
    QFETCH(const QString, line);
    QTEST(words(line), "offered");
}

void TestCompletion::knowsWhereNamesComeFrom_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<Source>("source");
    QTest::addColumn<QString>("prefix");
    QTest::addColumn<QString>("typed");
    const auto row = [](const char *line, Source source, const char *prefix = "", const char *typed = "") {
        QTest::newRow(line) << QString::fromLatin1(line) << source << QString::fromLatin1(prefix)
                            << QString::fromLatin1(typed);
    };
    row("backends show ", Source::Servers);
    row("backends show ch", Source::Servers, "", "ch");
    row("backends show charm1 ", Source::Words);
    row("backends add ", Source::Words);
    row("backends drain ", Source::Servers);
    row("log --backend ", Source::Servers);
    row("log --backend=ch", Source::Servers, "--backend=", "ch");
    row("queue retry --server ", Source::Servers);
    row("jobs watch ", Source::Jobs);
    row("jobs cancel 1", Source::Jobs, "", "1");
    row("conflicts choose ", Source::Conflicts);
    row("accounts show ", Source::Accounts);
    row("accounts disable x --export ", Source::Files);
    row("blobs list --account ", Source::Accounts);
    row("backup run --backup ", Source::Backups);
    row("backup edit ", Source::Backups);
    row("backup add ", Source::Words);
    row("backup restore --to ", Source::Folders);
    row("--config ", Source::Files);
    row("status --config=", Source::Files, "--config=");
    row("status --control-socket ", Source::Files);
}

void TestCompletion::knowsWhereNamesComeFrom()
{
    QFETCH(const QString, line);
    const Completion found = complete(*m_app, line.split(u' '));
    QTEST(found.source, "source");
    QTEST(found.prefix, "prefix");
    if (found.source != Source::Words)
        QTEST(found.typed, "typed");
}

void TestCompletion::visit(const CLI::App &parent, const std::function<void(const CLI::App &)> &look) const
{
    for (const CLI::App *command : shownCommands(parent)) {
        look(*command);
        visit(*command, look);
    }
}

/// A new command that takes a server by its name completes it, or a row says why not.
void TestCompletion::everyNameOfSomethingKnownIsAskedFor()
{
    const QStringList known{QStringLiteral("NAME"), QStringLiteral("ACCOUNT"), QStringLiteral("ID")};
    const QStringList made{QStringLiteral("cring backends add"), QStringLiteral("cring backup add")};
    int looked = 0;
    visit(*m_app, [&](const CLI::App &command) {
        QString full;
        for (const CLI::App *at = &command; at; at = at->get_parent())
            full = QString::fromStdString(at->get_name()) + (full.isEmpty() ? QString() : u' ' + full);
        for (const CLI::Option *option : command.get_options()) {
            const QString name = QString::fromStdString(option->get_single_name());
            if (!option->get_positional() || !known.contains(name) || made.contains(full))
                continue;
            const QString line = full.section(u' ', 1) + u' ';
            QVERIFY2(complete(*m_app, line.split(u' ')).source != Source::Words, qPrintable(line + name));
            ++looked;
        }
    });
    QVERIFY(looked > 10);
}

void TestCompletion::takesFileAndSocketOfTheLine()
{
    const Completion found = complete(
        *m_app, {QStringLiteral("--config=/etc/ring.toml"), QStringLiteral("jobs"), QStringLiteral("show"),
                 QStringLiteral("--control-socket"), QStringLiteral("/run/a b"), QString()});
    QCOMPARE(found.source, Source::Jobs);
    QCOMPARE(found.configFile, QStringLiteral("/etc/ring.toml"));
    QCOMPARE(found.controlSocket, QStringLiteral("/run/a b"));
}

void TestCompletion::explainsWhatItOffers()
{
    const Completion found = complete(*m_app, {QString()});
    QVERIFY(found.candidates.size() > 10);
    for (const auto &candidate : found.candidates)
        QVERIFY2(!candidate.help.isEmpty(), qPrintable(candidate.word));
}

void TestCompletion::theManualHasEveryCommandAndOption()
{
    const QString page = manualPage(*m_app, QStringLiteral("1.2.3"));
    QVERIFY(page.contains(QStringLiteral(".TH CRING 1 \"\" \"Charmed Ring 1.2.3\"")));
    QVERIFY(!page.contains(QStringLiteral("hidden")));
    visit(*m_app, [&](const CLI::App &command) {
        QString full;
        for (const CLI::App *at = &command; at; at = at->get_parent())
            full = QString::fromStdString(at->get_name()) + (full.isEmpty() ? QString() : u' ' + full);
        const QString heading = QStringLiteral(".SS ") + QString(full).replace(u'-', QStringLiteral("\\-"));
        const qsizetype at = page.indexOf(heading + u'\n');
        QVERIFY2(at >= 0, qPrintable(heading));
        const QString part = page.mid(at, page.indexOf(QStringLiteral("\n.S"), at) - at);
        for (const CLI::Option *option : command.get_options()) {
            for (const std::string &name : option->get_lnames()) {
                if (name == "help" || name == "control-socket")
                    continue;
                const QString shown = QStringLiteral("--%1")
                                          .arg(QString::fromStdString(name))
                                          .replace(u'-', QStringLiteral("\\-"));
                QVERIFY2(part.contains(shown), qPrintable(full + u' ' + shown));
            }
        }
    });
}

/// groff says of everything that it does not understand.
void TestCompletion::theManualIsWellFormed()
{
    QVERIFY2(!QStandardPaths::findExecutable(QStringLiteral("groff")).isEmpty(),
             "apt-get install groff-base");
    QTemporaryFile file;
    QVERIFY(file.open());
    file.write(manualPage(*m_app, QStringLiteral("1.2.3")).toUtf8());
    file.close();
    QProcess groff;
    groff.start(QStringLiteral("groff"),
                {QStringLiteral("-man"), QStringLiteral("-Tutf8"), QStringLiteral("-Kutf8"),
                 QStringLiteral("-ww"), QStringLiteral("-z"), file.fileName()});
    QVERIFY(groff.waitForFinished());
    QCOMPARE(groff.exitCode(), 0);
    QCOMPARE(groff.readAllStandardError(), QByteArray());
}

QTEST_GUILESS_MAIN(TestCompletion)
#include "tst_completion.moc"
