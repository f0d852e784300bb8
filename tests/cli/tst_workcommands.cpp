// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/blobscommand.h"
#include "app/cring/findingscommand.h"
#include "app/cring/jobscommand.h"
#include "app/cring/jobwatchcommand.h"
#include "app/cring/logcommand.h"
#include "app/cring/pausecommand.h"
#include "app/cring/queuecommand.h"
#include "app/cring/serverscommand.h"
#include "core/config/load.h"
#include "core/control/server.h"
#include "core/service/handlers.h"
#include "tests/cli/capture.h"

#include <QDateTime>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

#include <unistd.h>

#include <csignal>

using namespace cring;
using namespace cring::app;
using namespace cring::service;

/// The commands for what is owed, files, jobs, findings and the list of servers, against a control server
/// whose parts the test plays.
class TestWorkCommands : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void listsWhatIsOwed();
    void printsAllItemsAsOneDocument();
    void saysWhenNothingIsOwed();
    void endsWellWhenNobodyReads();
    void retries();
    void showsWhereAFileIs();
    void endsWithNotFound();
    void watchesAJobToItsEnd();
    void endsAsTheJobDid_data();
    void endsAsTheJobDid();
    void leavesTheJobRunningWhenInterrupted();
    void onlyStartsWhenNotToWait();
    void listsConflictsAndDiscardsOne();
    void saysBeforehandWhatAChoiceDoes();
    void saysWhatHeldBeforeAChoice_data();
    void saysWhatHeldBeforeAChoice();
    void pausesAndResumes();
    void saysThatBackgroundWorkRests();
    void progressIsCalm();
    void addsAServer();
    void putsTheFileBackWhenTheServiceRefuses();
    void editsAServer();
    void removesAServerWhenAPersonSaysSo();
    void keepsAServerThatHasTheOnlyCopy();
    void onlySaysWhatItWouldDo();
    void cannotChangeAListOfFlags();
    void addsToTheFileWithoutAService();

private:
    void startService();
    ServiceCommandContext context(bool json = false);
    int change(const ServersCommand::Options &options);
    QByteArray file() const;
    JobInfo &job() { return m_jobs.first(); }

    std::unique_ptr<QTemporaryDir> m_directory;
    std::unique_ptr<Capture> m_out;
    std::unique_ptr<Capture> m_err;
    SystemClock m_clock;
    SystemRandom m_random;
    std::unique_ptr<state::Database> m_database;
    std::unique_ptr<state::Members> m_members;
    std::unique_ptr<state::Catalogue> m_catalogue;
    std::unique_ptr<telemetry::ActivityLog> m_log;
    std::unique_ptr<BackgroundPause> m_pause;
    std::unique_ptr<control::Server> m_server;
    std::unique_ptr<Handlers> m_handlers;
    QList<OwedItem> m_owed;
    QList<JobInfo> m_jobs;
    std::function<void(qint64)> m_jobChanged;
    QStringList m_did;
    Result<QStringList> m_reload = QStringList{};
    QString m_origin;
    std::function<bool(const QString &)> m_confirm;
    std::optional<state::Record> m_current; ///< What holds where a version is kept aside.
};

namespace {

constexpr auto kFile = R"(# ours
[[server]]
name = "charm1" # the first
url = "http://charm1:35354"

# the second
[[server]]
name = "charm2"
url = "http://charm2:35354"

[[server]]
name = "charm3"
url = "http://charm3:35354"
weight = 2.0

# the end
[limits]
connections = 5
)";

} // namespace

void TestWorkCommands::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    m_out = std::make_unique<Capture>();
    m_err = std::make_unique<Capture>();
    m_owed.clear();
    m_jobs.clear();
    m_did.clear();
    m_jobChanged = {};
    m_confirm = {};
    m_reload = QStringList{QStringLiteral("4 servers now, 3 before")};
    m_origin = QStringLiteral("file");
    m_current = state::Record{};
    m_database = state::Database::inMemory(m_random);
    m_members = std::make_unique<state::Members>(*m_database, m_clock);
    m_catalogue = std::make_unique<state::Catalogue>(*m_database, *m_members, m_clock);
    QFile config(m_directory->filePath(QStringLiteral("config.toml")));
    QVERIFY(config.open(QIODevice::WriteOnly));
    config.write(kFile);
    config.close();
    startService();
}

void TestWorkCommands::startService()
{
    m_log = std::make_unique<telemetry::ActivityLog>(m_clock);
    m_pause = std::make_unique<BackgroundPause>(m_clock, [](bool) {});
    m_server = std::make_unique<control::Server>(
        control::ServerOptions{.path = m_directory->filePath(QStringLiteral("s")), .serviceVersion = {}});
    HandlerHooks hooks;
    const auto servers = [] {
        return QList<ServerName>{{QStringLiteral("charm1"), QStringLiteral("charm1")},
                                 {QStringLiteral("charm2"), QStringLiteral("charm2")},
                                 {QStringLiteral("charm3"), QStringLiteral("charm3")}};
    };
    hooks.reload = [this] {
        m_did << QStringLiteral("reload");
        return m_reload;
    };
    hooks.pause = m_pause.get();
    hooks.queue.servers = servers;
    hooks.queue.count = [this](const QString &server) {
        return server == QStringLiteral("charm2") ? static_cast<qint64>(m_owed.size()) : 0;
    };
    hooks.queue.items = [this](const QString &server, const QByteArray &after, qsizetype limit) {
        QList<OwedItem> items;
        for (const OwedItem &item : m_owed) {
            if (server == QStringLiteral("charm2") && item.place > after && items.size() < limit)
                items.append(item);
        }
        return items;
    };
    hooks.queue.retry = [this](const QString &server) {
        m_did << QStringLiteral("retry ") + server;
    };
    hooks.blobs = {m_catalogue.get(), servers, [](const state::ObjectKey &) {
                       return QList<QString>{QStringLiteral("charm1"), QStringLiteral("charm2")};
                   }};
    hooks.members.servers = servers;
    hooks.members.catalogue = m_catalogue.get();
    hooks.members.source = [this] {
        return ServersSource{m_directory->filePath(QStringLiteral("config.toml")), m_origin};
    };
    hooks.jobs.list = [this] {
        return m_jobs;
    };
    hooks.jobs.find = [this](qint64 id) {
        return !m_jobs.isEmpty() && id == job().id ? std::optional(job()) : std::nullopt;
    };
    hooks.jobs.start = [this](const QString &kind, const QJsonObject &parameters) -> Result<qint64> {
        JobInfo started;
        started.id = 3;
        started.kind = kind;
        started.parameters = parameters;
        started.state = QStringLiteral("running");
        m_jobs = {started};
        return started.id;
    };
    hooks.jobs.watch = [this](QObject *, std::function<void(qint64)> changed) {
        m_jobChanged = std::move(changed);
    };
    hooks.snapshot = [this] {
        control::Snapshot snapshot;
        snapshot.paused = m_pause->isPaused();
        snapshot.pausedUntilMs = m_pause->untilMs();
        snapshot.takenMs = m_clock.wall().count();
        return snapshot;
    };
    hooks.conflicts.list = [this](const state::ObjectKey &, qsizetype) {
        ConflictInfo conflict;
        conflict.key = "account/f";
        conflict.current = m_current;
        conflict.holders = QStringList{QStringLiteral("charm1"), QStringLiteral("charm2")};
        conflict.kept = {{7, 12, QByteArray(16, 'd'), 0600, QStringLiteral("charm3"), 5}};
        return QList<ConflictInfo>{conflict};
    };
    hooks.conflicts.discard = [this](qint64 id, QObject *, const ConflictHooks::Done &done) {
        m_did << QStringLiteral("discard %1").arg(id);
        done({});
    };
    hooks.conflicts.choose = [this](qint64 id, QObject *, const ConflictHooks::Done &done) {
        m_did << QStringLiteral("choose %1").arg(id);
        done({});
    };
    m_handlers = std::make_unique<Handlers>(*m_server, *m_log, hooks);
    QVERIFY(m_server->listen());
}

void TestWorkCommands::cleanup()
{
    m_server.reset();
    m_handlers.reset();
    m_pause.reset();
    m_log.reset();
    m_catalogue.reset();
    m_members.reset();
    m_database.reset();
}

ServiceCommandContext TestWorkCommands::context(bool json)
{
    ServiceCommandContext context{
        Terminal(m_out->file(), m_err->file(), {}), {m_directory->filePath(QStringLiteral("s"))}, json};
    context.confirm = m_confirm;
    return context;
}

void TestWorkCommands::listsWhatIsOwed()
{
    const QByteArray key = "0123456789abcdef/secretlylongname/another";
    m_owed.append({key, key, QStringLiteral("extra"), QDateTime::currentMSecsSinceEpoch() - 130'000, 3, false,
                   61'000, QStringLiteral("refused\x1b[2J")});
    QueueListCommand command(context(), {});
    QCOMPARE(command.run(), Ok);
    const QString text = m_out->text();
    QVERIFY2(text.contains(QStringLiteral("charm2  extra copy  01234567/secretly…/another")),
             qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral("  2 min      3  in 1 min  refused?[2J\n")), qPrintable(text));
    QVERIFY(
        text.endsWith(QStringLiteral("charm1: has everything\ncharm2: 1 owed\ncharm3: has everything\n")));
}

void TestWorkCommands::printsAllItemsAsOneDocument()
{
    for (int i = 0; i < 1'200; ++i) {
        const QByteArray key = "a/" + QByteArray::number(10'000 + i);
        m_owed.append({key, key, QStringLiteral("copy"), 1, 0, false, {}, {}});
    }
    QueueListCommand command(context(true), QStringLiteral("charm2"));
    QCOMPARE(command.run(), Ok);
    const QJsonObject document = QJsonDocument::fromJson(m_out->text().toUtf8()).object();
    const QJsonArray items = document.value(QLatin1String("items")).toArray();
    QCOMPARE(items.size(), 1'200);
    QCOMPARE(items.last().toObject().value(QLatin1String("path")).toString(), QStringLiteral("11199"));
    QCOMPARE(document.value(QLatin1String("summary")).toObject().value(QLatin1String("items")).toInt(),
             1'200);
    // For tools that go by lines, too.
    QCOMPARE(m_out->text().count(u'\n'), 1'202);
}

void TestWorkCommands::saysWhenNothingIsOwed()
{
    QueueListCommand command(context(), {});
    QCOMPARE(command.run(), Ok);
    QCOMPARE(m_out->text(), QStringLiteral("Nothing is owed to any server.\n"));
}

void TestWorkCommands::endsWellWhenNobodyReads()
{
    m_owed.append({"a/f", "a/f", QStringLiteral("copy"), 1, 0, false, {}, {}});
    std::signal(SIGPIPE, SIG_IGN); // As Qt has it in a program with sockets.
    int ends[2];
    QCOMPARE(::pipe(ends), 0);
    ::close(ends[0]);
    const std::unique_ptr<std::FILE, decltype(&std::fclose)> pipe(::fdopen(ends[1], "w"), std::fclose);
    ServiceCommandContext piped = context();
    piped.terminal = Terminal(pipe.get(), m_err->file(), {});
    QueueListCommand command(piped, {});
    QCOMPARE(command.run(), Ok);
    QVERIFY(Terminal::isClosedPipe(pipe.get()));
    QVERIFY(!Terminal::isClosedPipe(m_out->file()));
    QCOMPARE(m_err->text(), QString());
}

void TestWorkCommands::retries()
{
    m_owed.append({"a/f", "a/f", QStringLiteral("copy"), 1, 0, false, {}, {}});
    QueueRetryCommand command(context(), QStringLiteral("charm2"));
    QCOMPARE(command.run(), Ok);
    QCOMPARE(m_did, QStringList(QStringLiteral("retry charm2")));
    QVERIFY(m_out->text().startsWith(QStringLiteral("1 owed: all of it is tried now")));
}

void TestWorkCommands::showsWhereAFileIs()
{
    state::Record record;
    record.size = 4'096;
    record.mode = 0640;
    (void)m_catalogue->acknowledge("a/f", record, {QStringLiteral("charm1")});
    m_catalogue->mark("a/f", QStringLiteral("charm2"), state::Debt::Stale);
    BlobsWhereCommand command(context(), {}, QStringLiteral("f"));
    QCOMPARE(command.run(), Ok);
    const QString text = m_out->text();
    QVERIFY2(text.contains(QStringLiteral("mode     -rw-r-----\nsize     4.0 KiB\n")), qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral("charm1  yes    holds  -     -\n")), qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral("charm2  yes    stale  copy  0 s\n")), qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral("charm3  no     none   -     -\n")), qPrintable(text));
    m_out = std::make_unique<Capture>();
    BlobsListCommand list(context(), QStringLiteral("a"), {});
    QCOMPARE(list.run(), Ok);
    QVERIFY2(m_out->text().contains(QStringLiteral("on 1  a/f\n")), qPrintable(m_out->text()));
}

void TestWorkCommands::endsWithNotFound()
{
    BlobsWhereCommand command(context(), {}, QStringLiteral("f"));
    QCOMPARE(command.run(), NotFound);
    QVERIFY(m_err->text().contains(QStringLiteral("(CR-5005)")));
}

void TestWorkCommands::watchesAJobToItsEnd()
{
    JobWatchCommand command(context(true), {.id = {},
                                            .kind = QStringLiteral("scrub"),
                                            .parameters = {{QStringLiteral("deep"), true}},
                                            .wait = true});
    QTimer tick;
    connect(&tick, &QTimer::timeout, this, [&] {
        if (!m_jobChanged)
            return;
        job().progress = {QStringLiteral("walking charm1"), job().progress.done + 1, 3, 0};
        if (job().progress.done == 3) {
            job().state = QStringLiteral("done");
            job().summary = {{QStringLiteral("checked"), 3}, {QStringLiteral("findings"), 0}};
            tick.stop();
        }
        m_jobChanged(3);
    });
    tick.start(5);
    QCOMPARE(command.run(), Ok);
    const QStringList lines = m_out->text().split(u'\n', Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 4); // As it began, twice, and the summary.
    const QJsonObject last = QJsonDocument::fromJson(lines.last().toUtf8()).object();
    const QJsonObject summary = last.value(QLatin1String("summary")).toObject();
    QCOMPARE(summary.value(QLatin1String("state")).toString(), QStringLiteral("done"));
    QVERIFY(job().parameters.value(QLatin1String("deep")).toBool());
}

void TestWorkCommands::endsAsTheJobDid_data()
{
    QTest::addColumn<QString>("state");
    QTest::addColumn<QJsonObject>("summary");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("words");
    const auto row = [](const char *name, const char *state, const QJsonObject &summary, int code,
                        const char *words) {
        QTest::newRow(name) << QString::fromLatin1(state) << summary << code << QString::fromLatin1(words);
    };
    const QJsonObject reasons{{QStringLiteral("charm2"), QStringLiteral("down")}};
    row("well", "done", {{QStringLiteral("checked"), 5}}, Ok, "Job 3 (scrub) is done: 5 checked.\n");
    row("findings", "done", {{QStringLiteral("findings"), 2}}, DoneWithFindings, "2 findings");
    row("a server not heard", "done", {{QStringLiteral("unheard"), reasons}}, PartlyDone, "is done.\n");
    row("something left", "done", {{QStringLiteral("left"), 1}}, PartlyDone, "1 left");
    row("cancelled", "cancelled", {}, PartlyDone, "was cancelled; what is done stays done.\n");
    row("failed", "failed", {}, Failed, "");
}

void TestWorkCommands::endsAsTheJobDid()
{
    QFETCH(QString, state);
    QFETCH(QJsonObject, summary);
    QFETCH(int, code);
    QFETCH(QString, words);
    JobInfo ended;
    ended.id = 3;
    ended.kind = QStringLiteral("scrub");
    ended.state = state;
    ended.summary = summary;
    ended.problem = state == QStringLiteral("failed") ? QStringLiteral("the disk is full") : QString();
    m_jobs = {ended};
    JobWatchCommand command(context(), {.id = 3, .kind = {}, .parameters = {}});
    QCOMPARE(command.run(), code);
    QVERIFY2(m_out->text().contains(words), qPrintable(m_out->text()));
    if (code == Failed)
        QVERIFY(m_err->text().contains(QStringLiteral("failed: the disk is full")));
}

void TestWorkCommands::leavesTheJobRunningWhenInterrupted()
{
    JobWatchCommand command(context(), {.id = {}, .kind = QStringLiteral("repair"), .parameters = {}});
    QTimer tick;
    connect(&tick, &QTimer::timeout, this, [&] {
        if (m_jobChanged)
            command.interrupt();
    });
    tick.start(5);
    QCOMPARE(command.run(), Interrupted);
    QVERIFY(m_err->text().contains(QStringLiteral("`cring jobs watch 3`")));
    QCOMPARE(job().state, QStringLiteral("running"));
}

void TestWorkCommands::onlyStartsWhenNotToWait()
{
    JobWatchCommand command(context(),
                            {.id = {}, .kind = QStringLiteral("rebalance"), .parameters = {}, .wait = false});
    QCOMPARE(command.run(), Ok);
    QVERIFY(m_out->text().startsWith(QStringLiteral("Job 3 has begun.")));
    JobsListCommand list(context());
    QCOMPARE(list.run(), Ok);
    QVERIFY(m_out->text().contains(QStringLiteral("  3  rebalance  running")));
}

void TestWorkCommands::listsConflictsAndDiscardsOne()
{
    ConflictsListCommand list(context());
    QCOMPARE(list.run(), Ok);
    const QString text = m_out->text();
    QVERIFY2(text.startsWith(QStringLiteral("account/f\n")), qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral("holds now, on charm1 and charm2")), qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral(" 7  kept from charm3")), qPrintable(text));
    ConflictCommand unsure(context(), {.what = ConflictCommand::What::Discard, .id = 7});
    QCOMPARE(unsure.run(), Usage);
    QVERIFY(m_did.isEmpty());
    QVERIFY(m_err->text().contains(QStringLiteral("--yes")));
    ConflictCommand sure(context(), {.what = ConflictCommand::What::Discard, .id = 7, .yes = true});
    QCOMPARE(sure.run(), Ok);
    QCOMPARE(m_did, QStringList(QStringLiteral("discard 7")));
}

void TestWorkCommands::saysBeforehandWhatAChoiceDoes()
{
    using What = ConflictCommand::What;
    ConflictCommand choose(context(), {.what = What::Choose, .id = 7, .dryRun = true});
    QCOMPARE(choose.run(), Ok);
    ConflictCommand discard(context(), {.what = What::Discard, .id = 7, .dryRun = true});
    QCOMPARE(discard.run(), Ok);
    QCOMPARE(m_out->text(),
             QStringLiteral("Version 7 (12 B) would hold at account/f; what holds there now would be kept "
                            "aside.\nVersion 7 of account/f (12 B) would be gone for good.\n"));
    ConflictCommand unknown(context(), {.what = What::Discard, .id = 8, .dryRun = true});
    QCOMPARE(unknown.run(), NotFound);
    QVERIFY(m_did.isEmpty());
}

void TestWorkCommands::saysWhatHeldBeforeAChoice_data()
{
    QTest::addColumn<bool>("deleted");
    QTest::addColumn<QString>("words");
    QTest::newRow("a file") << false
                            << QStringLiteral("Version 7 holds now. What held before is kept aside: `cring "
                                              "conflicts list` shows it.\n");
    QTest::newRow("a delete") << true << QStringLiteral("Version 7 holds now. Nothing held there before.\n");
}

void TestWorkCommands::saysWhatHeldBeforeAChoice()
{
    QFETCH(bool, deleted);
    QFETCH(QString, words);
    m_current->deleted = deleted;
    ConflictCommand command(context(), {.what = ConflictCommand::What::Choose, .id = 7});
    QCOMPARE(command.run(), Ok);
    QCOMPARE(m_did, QStringList(QStringLiteral("choose 7")));
    QCOMPARE(m_out->text(), words);
}

void TestWorkCommands::saysThatBackgroundWorkRests()
{
    m_owed.append({"a/f", "a/f", QStringLiteral("copy"), 1, 0, false, 0, {}});
    JobInfo scrub;
    scrub.id = 3;
    scrub.kind = QStringLiteral("scrub");
    scrub.state = QStringLiteral("running");
    m_jobs = {scrub};
    m_pause->pause(std::chrono::hours(2));
    const QString rests = QStringLiteral("Background work rests until %1 (`cring resume` ends that)")
                              .arg(untilWords(*m_pause->untilMs(), QDateTime::currentMSecsSinceEpoch()));
    const auto run = [this](const auto &make) {
        m_out = std::make_unique<Capture>();
        m_err = std::make_unique<Capture>();
        return make().run();
    };
    QCOMPARE(run([this] { return QueueRetryCommand(context(), {}); }), Ok);
    QCOMPARE(m_out->text(),
             QStringLiteral("1 owed. ") + rests + QStringLiteral(": nothing of it is tried before.\n"));
    QCOMPARE(run([this] { return QueueListCommand(context(), {}); }), Ok);
    QVERIFY2(m_out->text().contains(QStringLiteral("  paused\n")) && m_out->text().contains(rests),
             qPrintable(m_out->text()));
    QCOMPARE(run([this] { return JobsListCommand(context()); }), Ok);
    QVERIFY2(m_out->text().contains(QStringLiteral("scrub  paused")) && m_out->text().contains(rests) &&
                 !m_out->text().contains(QStringLiteral("running")),
             qPrintable(m_out->text()));
    JobWatchCommand::Options verify;
    verify.kind = QStringLiteral("scrub");
    JobWatchCommand watch(context(), verify);
    QTimer::singleShot(200, &watch, &JobWatchCommand::interrupt);
    QCOMPARE(watch.run(), Interrupted);
    QVERIFY2(m_err->text().contains(rests + QStringLiteral(": job 3 waits for that.")),
             qPrintable(m_err->text()));
    verify.wait = false;
    QCOMPARE(run([&] { return JobWatchCommand(context(), verify); }), Ok);
    QVERIFY2(m_out->text().startsWith(QStringLiteral("Job 3 waits: ") + rests), qPrintable(m_out->text()));
}

void TestWorkCommands::pausesAndResumes()
{
    const auto span = parseSpan(QStringLiteral("2h"));
    QVERIFY(span && *span == std::chrono::hours(2));
    QVERIFY(!parseSpan(QStringLiteral("soon")));
    PauseCommand pause(context(), *span);
    QCOMPARE(pause.run(), Ok);
    QVERIFY(m_pause->isPaused());
    const QString until = untilWords(*m_pause->untilMs(), QDateTime::currentMSecsSinceEpoch());
    QVERIFY(m_out->text().contains(QStringLiteral("rests until ") + until));
    ResumeCommand resume(context());
    QCOMPARE(resume.run(), Ok);
    QVERIFY(!m_pause->isPaused());
    QVERIFY(m_out->text().endsWith(QStringLiteral("Background work goes on.\n")));
}

void TestWorkCommands::progressIsCalm()
{
    using namespace std::chrono_literals;
    ProgressLine line;
    line.add({QStringLiteral("walking"), 0, 1'000}, 0s);
    QCOMPARE(line.text(), QStringLiteral("walking: 0 of 1,000 (0 %)"));
    line.add({QStringLiteral("walking"), 10, 1'000}, 1s);
    QCOMPARE(line.text(), QStringLiteral("walking: 10 of 1,000 (1 %)"));
    line.add({QStringLiteral("walking"), 15, 1'000}, 3s);
    QCOMPARE(line.text(), QStringLiteral("walking: 15 of 1,000 (1 %), 5.0/s, about 4 min left"));
    // A stutter for a while does not throw the estimate about.
    line.add({QStringLiteral("walking"), 15, 1'000}, 6s);
    QCOMPARE(line.text(), QStringLiteral("walking: 15 of 1,000 (1 %), 3.3/s, about 5 min left"));
    line.add({QStringLiteral("walking"), 990, 1'000}, 9s);
    QVERIFY(line.text().endsWith(QStringLiteral("/s, less than a minute left")));
    line.add({QStringLiteral("sweeping"), 1, {}}, 10s);
    QCOMPARE(line.text(), QStringLiteral("sweeping: 1"));
}

// ---- the list of servers ----

int TestWorkCommands::change(const ServersCommand::Options &options)
{
    ServersCommand command(context(), options);
    return command.run();
}

QByteArray TestWorkCommands::file() const
{
    QFile config(m_directory->filePath(QStringLiteral("config.toml")));
    return config.open(QIODevice::ReadOnly) ? config.readAll() : QByteArray();
}

void TestWorkCommands::addsAServer()
{
    ServersCommand::Options options;
    options.name = QStringLiteral("charm4");
    options.change.url = QStringLiteral("http://charm4:35354");
    options.change.weight = QStringLiteral("0.5");
    QCOMPARE(change(options), Ok);
    QCOMPARE(file(), QByteArray(kFile) + "\n[[server]]\nname = \"charm4\"\nurl = \"http://charm4:35354\"\n"
                                         "weight = 0.5\n");
    QCOMPARE(m_did, QStringList(QStringLiteral("reload")));
    QVERIFY(m_out->text().contains(QStringLiteral("charm4 was added to ")));
    QVERIFY(m_out->text().contains(QStringLiteral("- 4 servers now, 3 before\n")));
    QCOMPARE(change(options), BadConfiguration);
    QVERIFY(m_err->text().contains(QStringLiteral("there is a server \"charm4\" already")));
}

void TestWorkCommands::putsTheFileBackWhenTheServiceRefuses()
{
    m_reload = Error{Code::ConfigBadValue, QStringLiteral("no")};
    ServersCommand::Options options;
    options.name = QStringLiteral("charm4");
    options.change.url = QStringLiteral("http://charm4:35354");
    QCOMPARE(change(options), BadConfiguration);
    QCOMPARE(file(), QByteArray(kFile));
    QVERIFY(
        m_err->text().contains(QStringLiteral("the service refused the change: no. The file is as it was")));
}

void TestWorkCommands::editsAServer()
{
    ServersCommand::Options options;
    options.what = ServersCommand::What::Edit;
    options.name = QStringLiteral("charm3");
    options.change.name = QStringLiteral("cellar");
    options.change.weight = QStringLiteral("1.5");
    QCOMPARE(change(options), Ok);
    const config::Loaded loaded = config::loadText(file(), QStringLiteral("f"));
    QVERIFY(loaded.ok());
    QCOMPARE(loaded.config.servers.at(2).name, QStringLiteral("cellar"));
    QCOMPARE(loaded.config.servers.at(2).id, QStringLiteral("charm3"));
    QCOMPARE(loaded.config.servers.at(2).weight, 1.5);
    QVERIFY(file().contains("# the first") && file().contains("# the end\n"));
    options.name = QStringLiteral("charm9");
    QCOMPARE(change(options), NotFound);
}

void TestWorkCommands::removesAServerWhenAPersonSaysSo()
{
    state::Record record;
    record.size = 10;
    (void)m_catalogue->acknowledge("a/f", record, {QStringLiteral("charm2"), QStringLiteral("charm3")});
    ServersCommand::Options options;
    options.what = ServersCommand::What::Remove;
    options.name = QStringLiteral("charm2");
    QCOMPARE(change(options), Usage);
    m_confirm = [](const QString &) {
        return false;
    };
    QCOMPARE(change(options), Failed);
    QCOMPARE(file(), QByteArray(kFile));
    QString asked;
    m_confirm = [&asked](const QString &question) {
        asked = question;
        return true;
    };
    QCOMPARE(change(options), Ok);
    QCOMPARE(asked, QStringLiteral("Remove charm2 from the ring?"));
    QVERIFY(m_err->text().contains(QStringLiteral("1 file would lose a copy with charm2 (10 B)")));
    QByteArray without(kFile);
    without.replace("[[server]]\nname = \"charm2\"\nurl = \"http://charm2:35354\"\n", "");
    QCOMPARE(file(), without);
    QCOMPARE(m_did, QStringList(QStringLiteral("reload")));
}

void TestWorkCommands::keepsAServerThatHasTheOnlyCopy()
{
    state::Record record;
    record.size = 10;
    (void)m_catalogue->acknowledge("a/f", record, {QStringLiteral("charm2")});
    ServersCommand::Options options;
    options.what = ServersCommand::What::Remove;
    options.name = QStringLiteral("charm2");
    options.yes = true;
    QCOMPARE(change(options), Failed);
    QVERIFY(m_err->text().contains(QStringLiteral("the only good copy of 1 file")));
    QCOMPARE(file(), QByteArray(kFile));
    options.force = true;
    QCOMPARE(change(options), Ok);
    QVERIFY(!file().contains("charm2"));
}

void TestWorkCommands::onlySaysWhatItWouldDo()
{
    ServersCommand::Options options;
    options.what = ServersCommand::What::Remove;
    options.name = QStringLiteral("charm2");
    options.dryRun = true;
    QCOMPARE(change(options), Ok);
    QVERIFY(m_out->text().contains(QStringLiteral("charm2 would be removed from ")));
    QCOMPARE(file(), QByteArray(kFile));
    QVERIFY(m_did.isEmpty());
}

void TestWorkCommands::cannotChangeAListOfFlags()
{
    m_origin = QStringLiteral("flag");
    ServersCommand::Options options;
    options.name = QStringLiteral("charm4");
    options.change.url = QStringLiteral("http://charm4:35354");
    QCOMPARE(change(options), BadConfiguration);
    QVERIFY(m_err->text().contains(QStringLiteral("--host")));
    QCOMPARE(file(), QByteArray(kFile));
}

void TestWorkCommands::addsToTheFileWithoutAService()
{
    m_server.reset();
    ServersCommand::Options options;
    options.name = QStringLiteral("charm4");
    options.change.url = QStringLiteral("http://charm4:35354");
    options.file = m_directory->filePath(QStringLiteral("config.toml"));
    QCOMPARE(change(options), Ok);
    QVERIFY(file().contains("charm4"));
    QVERIFY(m_err->text().contains(QStringLiteral("No service is running")));
    options.what = ServersCommand::What::Remove;
    QCOMPARE(change(options), NoService);
    QVERIFY(m_err->text().contains(QStringLiteral("--force")));
}

QTEST_GUILESS_MAIN(TestWorkCommands)
#include "tst_workcommands.moc"
