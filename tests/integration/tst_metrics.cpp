// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/loopback.h"
#include "tests/integration/faultyring.h"
#include "tests/support/exposition.h"
#include "tests/support/spin.h"

#include <QDateTime>
#include <QFile>
#include <QJsonDocument>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTcpServer>
#include <QTest>

#include <algorithm>
#include <csignal>

using namespace cring;
using namespace cring::test;

/// What those who watch the ring are told, while it is at work and while things go wrong.
class TestMetrics : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void theDocumentListsEveryMetric();
    void promtoolFindsNothingToMend();
    void theAlertRulesAreSound();
    void countsWhatClientsDo();
    void countsSshSessions();
    void namesNoAccountAndNoPath();
    void followsAServerThatDies();
    void countsWhatTheRingHadToMend();
    void aServerThatLeavesTakesItsSeriesAlong();
    void saysThatItStops();
    void aChosenPortMustBeHad();
    void theDefaultPortNeedNotBeHad();
    void countsCopiesAndWhatIsOwed();
    void followsLongWork();
    void theTokenIsAskedFor();
    void canBeTurnedOff();
    void anotherAddressNeedsANewStart();
    void cleanupTestCase() { m_ring.reset(); }

private:
    Exposition scrape();
    static QByteArray undocumented(const Exposition &text);
    QJsonObject status();
    static QByteArray server(const char *metric, const char *name, const char *state = nullptr);
    /// Waits for a series to have a value; what it has at last.
    std::optional<double> valueWhen(const QByteArray &series, double wanted);

    std::unique_ptr<FaultyRing> m_ring;
};

namespace {

/// A few probes, and what a busy machine adds.
constexpr int ChangeLimit = 10'000;

/// Without those that come and go with the work under way.
qsizetype lastingSeries(const Exposition &text)
{
    const QList<QByteArray> all = text.series();
    return std::ranges::count_if(all, [](const QByteArray &series) {
        for (const char *passing : {"cring_files", "cring_server_files", "cring_server_missing",
                                    "cring_server_extra", "cring_server_oldest", "cring_job_"}) {
            if (series.startsWith(passing))
                return false;
        }
        return true;
    });
}

Result<QString> findPromtool()
{
    QString program = qEnvironmentVariable("CRING_PROMTOOL");
    if (program.isEmpty())
        program = QStandardPaths::findExecutable(QStringLiteral("promtool"));
    if (program.isEmpty())
        program = QStandardPaths::findExecutable(
            QStringLiteral("promtool"),
            {QStandardPaths::writableLocation(QStandardPaths::GenericCacheLocation) +
             QStringLiteral("/charmedring/bin")});
    if (program.isEmpty())
        return Error{
            Code::NotFound,
            QStringLiteral("promtool is missing: scripts/test fetches it, `apt-get install prometheus` "
                           "brings it, or CRING_PROMTOOL names it")};
    return program;
}

/// Its exit code and what it says.
Result<QByteArray> promtool(const QStringList &arguments, const QByteArray &input)
{
    const Result<QString> program = findPromtool();
    if (!program)
        return program.error();
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(*program, arguments);
    process.write(input);
    process.closeWriteChannel();
    (void)spinUntil([&] { return process.state() == QProcess::NotRunning; }, ChangeLimit);
    return QByteArray::number(process.exitCode()) + ' ' + process.readAll();
}

QString textOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

QString document()
{
    return textOf(QStringLiteral(CRING_SOURCE_DIR "/docs/metrics.md"));
}

/// The rows of docs/metrics.md: by name what Exposition says of a metric.
QMap<QByteArray, Exposition::Metric> documented()
{
    static const QRegularExpression row(
        QStringLiteral("^\\| `([a-z_]+)` \\| (counter|gauge|histogram) \\| (.*?) ?\\| (.+) \\|$"),
        QRegularExpression::MultilineOption);
    static const QRegularExpression word(QStringLiteral("`(\\w+)`"));
    QMap<QByteArray, Exposition::Metric> metrics;
    auto rows = row.globalMatch(document());
    while (rows.hasNext()) {
        const auto match = rows.next();
        Exposition::Metric &metric = metrics[match.captured(1).toUtf8()];
        metric.type = match.captured(2).toUtf8();
        metric.help = match.captured(4).toUtf8();
        auto labels = word.globalMatch(match.captured(3));
        while (labels.hasNext())
            metric.labels.insert(labels.next().captured(1).toUtf8());
    }
    return metrics;
}

} // namespace

void TestMetrics::initTestCase()
{
    m_ring = std::make_unique<FaultyRing>();
    CRING_OK(m_ring->startServers());
}

void TestMetrics::init()
{
    CRING_OK(m_ring->startRing());
}

Exposition TestMetrics::scrape()
{
    return Exposition(m_ring->watcher().request("GET", "/metrics").body);
}

QJsonObject TestMetrics::status()
{
    return QJsonDocument::fromJson(
               m_ring->ring().runCommand({QStringLiteral("status"), QStringLiteral("--json")}).out)
        .object();
}

QByteArray TestMetrics::server(const char *metric, const char *name, const char *state)
{
    QByteArray series = QByteArray(metric) + "{server=\"" + name + '"';
    if (state)
        series += QByteArray(",state=\"") + state + '"';
    return series + '}';
}

std::optional<double> TestMetrics::valueWhen(const QByteArray &series, double wanted)
{
    std::optional<double> value;
    (void)spinUntil([&] { return (value = scrape().value(series)) == wanted; }, ChangeLimit);
    return value;
}

/// With its type, its labels and its help, and nothing else.
void TestMetrics::theDocumentListsEveryMetric()
{
    const QMap<QByteArray, Exposition::Metric> documents = documented();
    // A bucket has some of its own, whether it can be reached or not; so have those who are told.
    CRING_OK(m_ring->startRing({}, QStringLiteral("\n[notify]\nwebhook = \"http://127.0.0.1:9/\"\n"
                                                  "\n[[backup]]\nurl = \"http://127.0.0.1:9\"\n"
                                                  "bucket = \"nobody\"\naccess_key = \"env\"\n"
                                                  "secret_key = \"env\"\n")));
    QVERIFY(spinUntil([this] { return scrape().value("cring_files_at_risk").has_value(); }, ChangeLimit));
    const Exposition text = scrape();
    CRING_OK(m_ring->startRing());
    QVERIFY(text.metrics().size() > 60);
    QCOMPARE(undocumented(text), QByteArray());
    for (auto it = documents.cbegin(); it != documents.cend(); ++it) {
        if (!it->help.contains("Not there"))
            QVERIFY2(text.metrics().contains(it.key()), it.key().constData());
    }
}

/// Where a label or a word is another than in the document; empty when none is.
QByteArray TestMetrics::undocumented(const Exposition &text)
{
    static const QMap<QByteArray, Exposition::Metric> documents = documented();
    for (auto it = text.metrics().cbegin(); it != text.metrics().cend(); ++it) {
        const auto row = documents.constFind(it.key());
        if (row == documents.cend() || row->type != it->type || row->labels != it->labels ||
            row->help != it->help)
            return it.key() + ": " + it->help;
    }
    return text.problem();
}

void TestMetrics::countsCopiesAndWhatIsOwed()
{
    const auto owed = [](const char *kind) {
        return QByteArray("cring_server_owed_items{server=\"charm3\",kind=\"") + kind + "\"}";
    };
    const QByteArray oldest = "cring_server_oldest_owed_timestamp_seconds{server=\"charm3\",kind=\"copy\"}";
    QCOMPARE(m_ring->upload("owed/before", "everywhere").status, 200);
    QVERIFY(spinUntil([this] { return scrape().number("cring_files{copies=\"3\"}") >= 1; }, 3 * ChangeLimit));
    QVERIFY(spinUntil([&] { return !scrape().value(oldest); }, ChangeLimit));

    m_ring->at(2).kill9();
    QCOMPARE(valueWhen(server("cring_server_state", "charm3", "down"), 1), 1.0);
    QCOMPARE(m_ring->upload("owed/file", "content").status, 200);
    QCOMPARE(m_ring->remove("owed/before").status, 200);
    QCOMPARE(valueWhen(owed("copy"), 1), 1.0);
    QCOMPARE(valueWhen(owed("delete"), 1), 1.0);
    const double since = scrape().number(oldest);
    const double now = static_cast<double>(QDateTime::currentSecsSinceEpoch());
    QVERIFY2(since > now - 60 && since <= now + 1, QByteArray::number(since, 'f').constData());
    // Counted a while later.
    QVERIFY(spinUntil([this] { return scrape().number("cring_files_at_risk") >= 1; }, 3 * ChangeLimit));
    const Exposition there = scrape();
    QCOMPARE(there.number("cring_files_at_risk"), there.number("cring_files{copies=\"0\"}") +
                                                      there.number("cring_files{copies=\"1\"}") +
                                                      there.number("cring_files{copies=\"2\"}"));
    QVERIFY(there.number(server("cring_server_missing_files", "charm3")) >= 1);
    QCOMPARE(undocumented(there), QByteArray());

    CRING_OK(m_ring->at(2).restart());
    QCOMPARE(valueWhen(owed("copy"), 0), 0.0);
    QCOMPARE(valueWhen(owed("delete"), 0), 0.0);
    QVERIFY(spinUntil([&] { return !scrape().value(oldest); }, ChangeLimit));
    QVERIFY(spinUntil([this] { return scrape().value("cring_files_at_risk") == 0.0; }, 3 * ChangeLimit));
}

void TestMetrics::followsLongWork()
{
    const QByteArray lastDone = "cring_job_last_done_timestamp_seconds{kind=\"scrub\"}";
    // It needs a token, which a client brings.
    QCOMPARE(m_ring->upload("scrubbed", "content").status, 200);
    const auto whole =
        m_ring->ring().runCommand({QStringLiteral("verify")}, playground::milliseconds(3 * ChangeLimit));
    QVERIFY2(whole.exitCode == 0, whole.err.constData());
    QVERIFY(scrape().number(lastDone) > 0);
    QVERIFY(m_ring->ring().runCommand({QStringLiteral("pause")}).exitCode == 0);
    QCOMPARE(valueWhen("cring_background_paused", 1), 1.0);
    const auto started = m_ring->ring().runCommand({QStringLiteral("verify"), QStringLiteral("--no-wait")});
    QVERIFY2(started.exitCode == 0, started.err.constData());
    QCOMPARE(valueWhen("cring_job_under_way{kind=\"scrub\"}", 1), 1.0);
    const Exposition paused = scrape();
    QVERIFY(paused.value("cring_job_done_items{kind=\"scrub\"}"));
    QCOMPARE(undocumented(paused), QByteArray());
    const double before = paused.number(lastDone);
    QVERIFY(m_ring->ring().runCommand({QStringLiteral("resume")}).exitCode == 0);
    QCOMPARE(valueWhen("cring_job_under_way{kind=\"scrub\"}", 0), 0.0);
    const Exposition after = scrape();
    QVERIFY(after.number(lastDone) >= before);
    QVERIFY(!after.value("cring_job_done_items{kind=\"scrub\"}"));
    QCOMPARE(after.value("cring_job_last_failed{kind=\"scrub\"}"), 0.0);
    QCOMPARE(after.value("cring_background_paused"), 0.0);
}

void TestMetrics::theTokenIsAskedFor()
{
    QTemporaryDir folder;
    QFile file(folder.filePath(QStringLiteral("token")));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("m3trics-t0ken\n") > 0 &&
            file.setPermissions(QFile::ReadOwner | QFile::WriteOwner));
    file.close();
    CRING_OK(m_ring->startRing({}, QStringLiteral("metrics_token = \"file:%1\"\n").arg(file.fileName())));
    const auto ask = [this](const char *path, const Headers &headers) {
        return m_ring->watcher().request("GET", path, headers).status;
    };
    QCOMPARE(ask("/metrics", {}), 401);
    QCOMPARE(ask("/metrics", HttpClient::bearer("another")), 401);
    QCOMPARE(ask("/metrics", HttpClient::bearer("m3trics-t0ken")), 200);
    for (const char *path : {"/healthz", "/readyz"})
        QCOMPARE(ask(path, {}), 200);
    const auto said = m_ring->ring().runCommand({QStringLiteral("status")});
    QVERIFY2(!said.out.contains("metrics_token"), said.out.constData());

    // Another one in the same place: a reload reads it.
    const auto rewrite = [&file](const QByteArray &text) {
        return file.open(QIODevice::WriteOnly | QIODevice::Truncate) && file.write(text) == text.size() &&
               file.flush();
    };
    QVERIFY(rewrite("an0ther-t0ken\n"));
    file.close();
    QCOMPARE(m_ring->ring().runCommand({QStringLiteral("reload")}).exitCode, 0);
    QVERIFY(spinUntil([&] { return ask("/metrics", HttpClient::bearer("an0ther-t0ken")) == 200; }, 10'000));
    QCOMPARE(ask("/metrics", HttpClient::bearer("m3trics-t0ken")), 401);
    // An empty one lets nobody in, and that is said.
    QVERIFY(rewrite("\n"));
    file.close();
    (void)m_ring->ring().runCommand({QStringLiteral("reload")});
    QVERIFY(spinUntil([&] { return ask("/metrics", HttpClient::bearer("an0ther-t0ken")) == 401; }, 10'000));
    QVERIFY(spinUntil(
        [&] { return m_ring->ring().runCommand({QStringLiteral("status")}).out.contains("metrics_token"); },
        10'000));
    QVERIFY(!m_ring->ring().logTail(10'000).contains("m3trics"));
    CRING_OK(m_ring->startRing());
    QCOMPARE(ask("/metrics", {}), 200);
}

void TestMetrics::promtoolFindsNothingToMend()
{
    QCOMPARE(m_ring->upload("promtool", "file").status, 200);
    const QByteArray text = m_ring->watcher().request("GET", "/metrics").body;
    const QStringList check{QStringLiteral("check"), QStringLiteral("metrics")};
    const Result<QByteArray> verdict = promtool(check, text);
    CRING_OK(verdict);
    QCOMPARE(*verdict, QByteArray("0 "));
    // It does look.
    const Result<QByteArray> other = promtool(check, text + "# TYPE cring_count counter\ncring_count 1\n");
    CRING_OK(other);
    QVERIFY2(other->startsWith("3 "), other->constData());
}

/// Prometheus can read them, they speak of metrics that there are, and each was seen to fire and to be over.
void TestMetrics::theAlertRulesAreSound()
{
    static const QRegularExpression expression(QStringLiteral("^ +expr: (.*)$"),
                                               QRegularExpression::MultilineOption);
    static const QRegularExpression name(QStringLiteral("\\bcring_[a-z_]+"));
    static const QRegularExpression alert(QStringLiteral("^ +- alert: (\\w+)$"),
                                          QRegularExpression::MultilineOption);
    const QString folder = QStringLiteral(CRING_SOURCE_DIR "/packaging/prometheus/");
    const QString rules = textOf(folder + QStringLiteral("charmedring.rules.yml"));
    const QString tests = textOf(folder + QStringLiteral("charmedring.rules.test.yml"));
    const QMap<QByteArray, Exposition::Metric> metrics = documented();
    auto expressions = expression.globalMatch(rules);
    while (expressions.hasNext()) {
        auto names = name.globalMatch(expressions.next().captured(1));
        while (names.hasNext()) {
            const QString metric = names.next().captured().remove(QStringLiteral("_bucket"));
            QVERIFY2(metrics.contains(metric.toUtf8()), qPrintable(metric));
        }
    }
    // And those of the dashboard's panels.
    auto shown =
        name.globalMatch(textOf(QStringLiteral(CRING_SOURCE_DIR "/packaging/grafana/charmedring.json")));
    QVERIFY(shown.hasNext());
    while (shown.hasNext()) {
        const QString metric = shown.next().captured().remove(QStringLiteral("_bucket"));
        QVERIFY2(metrics.contains(metric.toUtf8()), qPrintable(metric));
    }
    int count = 0;
    auto alerts = alert.globalMatch(rules);
    for (; alerts.hasNext(); ++count) {
        const QString one = alerts.next().captured(1);
        QVERIFY2(tests.contains(QStringLiteral("alertname: %1\n        exp_alerts:\n").arg(one)),
                 qPrintable(one));
        QVERIFY2(document().contains(QStringLiteral("| `%1` |").arg(one)), qPrintable(one));
    }
    QVERIFY(count > 10);
    for (const QStringList &arguments :
         {QStringList{QStringLiteral("check"), QStringLiteral("rules"),
                      folder + QStringLiteral("charmedring.rules.yml")},
          QStringList{QStringLiteral("test"), QStringLiteral("rules"),
                      folder + QStringLiteral("charmedring.rules.test.yml")}}) {
        const Result<QByteArray> verdict = promtool(arguments, {});
        CRING_OK(verdict);
        QVERIFY2(verdict->startsWith("0 "), verdict->constData());
    }
}

void TestMetrics::countsWhatClientsDo()
{
    const Exposition before = scrape();
    const QByteArray data = FaultyRing::content(100'000, "counted");
    QCOMPARE(m_ring->makeFolder("counted").status, 200);
    QCOMPARE(m_ring->upload("counted/file", data).status, 200);
    QCOMPARE(m_ring->get("counted/file").body, data);
    QCOMPARE(m_ring->get("counted/nothing").status, 404);
    QCOMPARE(m_ring->names("counted").size(), 1);
    QCOMPARE(m_ring->remove("counted").status, 200);
    QCOMPARE(m_ring->client().request("POST", "/v1/seq/s", HttpClient::bearer(m_ring->token())).status, 200);
    QCOMPARE(m_ring->client().request("GET", "/v1/public/jwks").status, 200);
    QCOMPARE(m_ring->client().request("GET", "/v1/fs/x").status, 401);
    HttpClient garbage = m_ring->client();
    garbage.send("nonsense\r\n\r\n");
    QCOMPARE(garbage.read().status, 400);

    // A handler goes in a later turn of the loop than its answer.
    QVERIFY(spinUntil([this] { return scrape().sum("cring_requests_in_flight") == 0; }, ChangeLimit));
    const Exposition after = scrape();
    const auto added = [&](const QByteArray &series) {
        return after.number(series) - before.number(series);
    };
    const auto requests = [&](const QByteArray &kind, const QByteArray &outcome) {
        return added("cring_requests_total{kind=\"" + kind + "\",outcome=\"" + outcome + "\"}");
    };
    QCOMPARE(requests("upload", "done"), 2.0);
    QCOMPARE(requests("download", "done"), 2.0); // a truthful 404 is an answer
    QCOMPARE(requests("listing", "done"), 1.0);
    QCOMPARE(requests("delete", "done"), 1.0);
    QCOMPARE(requests("sequence", "done"), 1.0);
    QCOMPARE(requests("account", "done"), 1.0);
    QCOMPARE(requests("other", "refused"), 2.0);
    QVERIFY(added("cring_client_received_bytes_total") >= 100'000);
    QVERIFY(added("cring_client_received_bytes_total") < 102'000);
    QCOMPARE(added("cring_client_sent_bytes_total"), 100'000.0);
    QCOMPARE(added("cring_scrapes_total") > 0, true);

    // Every request that ended has its time, and no more time than passed.
    for (const QByteArray kind :
         {"upload", "download", "listing", "delete", "sequence", "account", "other"}) {
        double ended = 0;
        for (const char *outcome : {"done", "refused", "failed", "abandoned"})
            ended += after.number("cring_requests_total{kind=\"" + kind + "\",outcome=\"" + outcome + "\"}");
        QCOMPARE(after.value("cring_request_duration_seconds_count{kind=\"" + kind + "\"}"), ended);
    }
    const double uploads = added("cring_request_duration_seconds_sum{kind=\"upload\"}");
    QVERIFY2(uploads > 0.000'1 && uploads < 10, QByteArray::number(uploads).constData());

    for (const char *name : {"charm1", "charm2", "charm3"}) {
        QVERIFY(added(server("cring_server_sent_bytes_total", name)) > 100'000);
        QVERIFY(added(server("cring_server_requests_total", name)) >= 3);
        QCOMPARE(added(server("cring_server_errors_total", name)), 0.0);
        QVERIFY(after.value(server("cring_server_probe_duration_seconds", name)));
        QVERIFY(qAbs(*after.value(server("cring_server_clock_offset_seconds", name))) <= 2);
    }
    QCOMPARE(after.sum("cring_server_primary"), 1.0);
    QCOMPARE(after.value("cring_replicas"), 3.0);
    QCOMPARE(after.value("cring_quorum"), 2.0);
}

void TestMetrics::countsSshSessions()
{
    const Exposition before = scrape();
    CRING_OK(m_ring->cluster().client().run({QStringLiteral("id")}));
    const QByteArray done = "cring_ssh_sessions_total{outcome=\"done\"}";
    QVERIFY(spinUntil([&] { return scrape().number(done) > before.number(done); }, ChangeLimit));
    const Exposition after = scrape();
    QVERIFY(after.number("cring_ssh_received_bytes_total") > before.number("cring_ssh_received_bytes_total"));
    QVERIFY(after.number("cring_ssh_sent_bytes_total") > before.number("cring_ssh_sent_bytes_total"));

    QTcpSocket session;
    session.connectToHost(m_ring->ring().address(), m_ring->ring().sshPort());
    QCOMPARE(valueWhen("cring_ssh_sessions", 1), 1.0);
    session.disconnectFromHost();
    QCOMPARE(valueWhen("cring_ssh_sessions", 0), 0.0);

    HttpClient idle = m_ring->client();
    QVERIFY(idle.connectNow());
    QCOMPARE(valueWhen("cring_connections", 1), 1.0);
    idle.close();
    QCOMPARE(valueWhen("cring_connections", 0), 0.0);
}

void TestMetrics::namesNoAccountAndNoPath()
{
    QCOMPARE(m_ring->upload("tell-tale", "content").status, 200);
    QCOMPARE(m_ring->get("tell-tale").status, 200);
    const QByteArray text = m_ring->watcher().request("GET", "/metrics").body;
    QVERIFY(!text.contains("tell-tale"));
    QVERIFY(!text.contains(m_ring->cluster().charmId().toUtf8()));
    QVERIFY(!text.contains(m_ring->ring().address().toUtf8()));
    // Their number does not grow with what clients do.
    const qsizetype series = lastingSeries(scrape());
    for (int i = 0; i < 20; ++i)
        QCOMPARE(m_ring->get("elsewhere" + QByteArray::number(i)).status, 404);
    QCOMPARE(lastingSeries(scrape()), series);
}

void TestMetrics::followsAServerThatDies()
{
    QCOMPARE(valueWhen(server("cring_server_state", "charm2", "up"), 1), 1.0);
    QCOMPARE(m_ring->watcher().request("GET", "/readyz").status, 200);
    const double since = scrape().number(server("cring_server_state_since_timestamp_seconds", "charm2"));

    m_ring->at(1).kill9();
    QCOMPARE(valueWhen(server("cring_server_state", "charm2", "down"), 1), 1.0);
    Exposition now = scrape();
    QCOMPARE(now.value(server("cring_server_state", "charm2", "up")), 0.0);
    QCOMPARE(now.value(server("cring_server_breaker", "charm2", "closed")), 0.0);
    QVERIFY(now.number(server("cring_server_state_since_timestamp_seconds", "charm2")) > since);
    QVERIFY(now.number(server("cring_server_errors_total", "charm2")) > 0);
    QCOMPARE(now.value("cring_writes_possible"), 1.0);
    QCOMPARE(m_ring->watcher().request("GET", "/readyz").status, 200);

    m_ring->at(2).kill9();
    QCOMPARE(valueWhen("cring_writes_possible", 0), 0.0);
    const HttpResponse ready = m_ring->watcher().request("GET", "/readyz");
    QVERIFY2(ready.status == 503 && ready.body.contains("1 of 3 servers up: uploads fail"),
             ready.body.constData());
    QCOMPARE(m_ring->watcher().request("GET", "/healthz").status, 200);
    const QByteArray failures = "cring_quorum_failures_total{kind=\"upload\"}";
    QCOMPARE(scrape().value(failures), 0.0);
    QCOMPARE(m_ring->upload("refused", "nowhere").status, 503);
    now = scrape();
    QCOMPARE(now.value(failures), 1.0);
    QCOMPARE(now.sum("cring_quorum_failures_total"), 1.0);

    CRING_OK(m_ring->at(1).restart());
    CRING_OK(m_ring->at(2).restart());
    QCOMPARE(valueWhen("cring_writes_possible", 1), 1.0);
    QCOMPARE(valueWhen(server("cring_server_state", "charm2", "up"), 1), 1.0);
    QCOMPARE(valueWhen(server("cring_server_breaker", "charm2", "closed"), 1), 1.0);
}

void TestMetrics::countsWhatTheRingHadToMend()
{
    CRING_OK(m_ring->startRing({0, 1}));
    QCOMPARE(scrape().value("cring_rollbacks_total"), 0.0);
    for (const int index : {0, 1})
        m_ring->front(index).on("POST", "/v1/fs/", Fault::loseResponse());
    QCOMPARE(m_ring->upload("lost", "perhaps").status, 503);
    const Exposition now = scrape();
    QCOMPARE(now.value("cring_rollbacks_total"), 1.0);
    QVERIFY(now.number("cring_copies_in_doubt_total") >= 1);
    QVERIFY(now.number(server("cring_server_errors_total", "charm1")) >= 1);
    for (const int index : {0, 1})
        m_ring->front(index).clearRules();
    QVERIFY2(m_ring->differenceAfter(ChangeLimit).isEmpty(), m_ring->difference().constData());

    QCOMPARE(m_ring->upload("whole", FaultyRing::content(100'000, "whole")).status, 200);
    QVERIFY2(m_ring->differenceAfter(ChangeLimit).isEmpty(), m_ring->difference().constData());
    for (const int index : {0, 1})
        m_ring->front(index).on("GET", "/v1/fs/", Fault::cutResponse(10'000));
    QVERIFY(spinUntil(
        [&] { return m_ring->get("whole").status == 200 && scrape().number("cring_failovers_total") > 0; },
        ChangeLimit));
}

void TestMetrics::aServerThatLeavesTakesItsSeriesAlong()
{
    QVERIFY(scrape().value(server("cring_server_requests_total", "charm3")));
    const qsizetype series = scrape().series().size();
    CringProcess &ring = m_ring->ring();
    QByteArray text = ring.configText();
    const qsizetype last = text.lastIndexOf("[[server]]");
    text.remove(last, text.indexOf("\n\n", last) - last);
    QFile file(ring.configFile());
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate) && file.write(text) == text.size());
    file.close();
    const auto reload = ring.runCommand({QStringLiteral("reload")});
    QVERIFY2(reload.exitCode == 0, reload.err.constData());
    const QByteArray body = m_ring->watcher().request("GET", "/metrics").body;
    QVERIFY(!body.contains("charm3"));
    const Exposition now(body);
    QVERIFY(now.value(server("cring_server_requests_total", "charm2")));
    QVERIFY(now.series().size() < series);
    QCOMPARE(now.value("cring_replicas"), 2.0);
}

void TestMetrics::saysThatItStops()
{
    CringProcess &ring = m_ring->ring();
    HttpClient writer = m_ring->client();
    const QByteArray form = HttpClient::multipart(FaultyRing::content(3'000'000, "last"));
    writer.send(writer.uploadHead("/v1/fs/last", form.size(), m_ring->token()) + form.left(1'000'000));
    QVERIFY(writer.flush());
    QCOMPARE(valueWhen("cring_requests_in_flight{kind=\"upload\"}", 1), 1.0);
    ring.sendSignal(SIGTERM);
    HttpResponse ready;
    QVERIFY(spinUntil(
        [&] {
            ready = m_ring->watcher().request("GET", "/readyz");
            return ready.status == 503;
        },
        ChangeLimit));
    QVERIFY2(ready.body.startsWith("Stopping"), ready.body.constData());
    QCOMPARE(scrape().value("cring_writes_possible"), 0.0);
    writer.send(form.mid(1'000'000));
    QCOMPARE(writer.read().status, 200);
    QVERIFY(spinUntil([&] { return !ring.isRunning(); }, ChangeLimit));
    QCOMPARE(ring.process()->exitCode(), 0);
}

void TestMetrics::aChosenPortMustBeHad()
{
    QTcpServer other;
    QVERIFY(other.listen(QHostAddress(m_ring->ring().address())));
    const QString taken = QStringLiteral("%1:%2").arg(m_ring->ring().address()).arg(other.serverPort());
    m_ring->ring().stop();
    const auto refused =
        m_ring->ring().runCommand({QStringLiteral("serve"), QStringLiteral("--config"),
                                   m_ring->ring().configFile(), QStringLiteral("--metrics-address"), taken});
    QCOMPARE(refused.exitCode, 1);
    QVERIFY2(refused.err.contains(QStringLiteral("CR-4002: service.metrics_address: %1 is in use by another "
                                                 "program")
                                      .arg(taken)
                                      .toUtf8()),
             refused.err.constData());
}

void TestMetrics::theDefaultPortNeedNotBeHad()
{
    // Somebody else on this machine may have it; then that is who takes it away.
    QTcpServer other;
    const bool ours = spinUntil([&] { return other.listen(QHostAddress::LocalHost, 35355); }, 3'000);
    qInfo("the default port is taken by %s", ours ? "this test" : "another program");
    CringProcess &ring = m_ring->ring();
    ring.stop();
    QFile file(ring.configFile());
    QVERIFY(file.open(QIODevice::ReadWrite));
    QByteArrayList lines = file.readAll().split('\n');
    QCOMPARE(lines.removeIf([](const QByteArray &line) { return line.startsWith("metrics_address"); }), 1);
    QVERIFY(file.resize(0) && file.seek(0) && file.write(lines.join('\n')) > 0);
    file.close();
    const auto service =
        ring.command({QStringLiteral("serve"), QStringLiteral("--config"), ring.configFile()});
    service->setProcessChannelMode(QProcess::MergedChannels);
    service->start();
    QJsonObject shown;
    QVERIFY(spinUntil(
        [&] {
            shown = status();
            return !shown.isEmpty();
        },
        ChangeLimit));
    const QByteArray warnings =
        QJsonDocument(shown.value(QStringLiteral("warnings")).toArray()).toJson(QJsonDocument::Compact);
    QVERIFY2(warnings.contains("there are no metrics; service.metrics_address: 127.0.0.1:35355 is in use"),
             warnings.constData());
    QCOMPARE(shown.value(QStringLiteral("metricsAddress")).toString(), QString());
    QCOMPARE(HttpClient(ring.url()).get("/v1/public/jwks", {}).status, 200);
    service->stop(playground::milliseconds(8'000));
    QCOMPARE(service->exitCode(), 0);
    const QByteArray log = service->readAll();
    QVERIFY2(log.contains("warn  cring.service: service: there are no metrics"), log.constData());
}

void TestMetrics::canBeTurnedOff()
{
    playground::RingOptions options = CringProcess::optionsFor(m_ring->cluster());
    options.httpPort = options.sshPort = 0;
    CringProcess ring(options);
    CRING_OK(ring.start());
    QVERIFY(ring.configText().contains("metrics_address = \"\"\n"));
    const QJsonObject shown =
        QJsonDocument::fromJson(ring.runCommand({QStringLiteral("status"), QStringLiteral("--json")}).out)
            .object();
    QCOMPARE(shown.value(QStringLiteral("metricsAddress")).toString(), QString());
    QVERIFY(shown.value(QStringLiteral("warnings")).toArray().isEmpty());
}

void TestMetrics::anotherAddressNeedsANewStart()
{
    CringProcess &ring = m_ring->ring();
    const QByteArray shown = ring.runCommand({QStringLiteral("status")}).out;
    const QByteArray at =
        QStringLiteral("metrics %1:%2").arg(ring.address()).arg(ring.metricsPort()).toUtf8();
    QVERIFY2(shown.contains(at), shown.constData());
    QFile file(ring.configFile());
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
    file.write(
        QByteArray(ring.configText())
            .replace("metrics_address = \"" + ring.address().toUtf8(), "metrics_address = \"127.0.0.1"));
    file.close();
    const auto reload = ring.runCommand({QStringLiteral("reload")});
    QVERIFY2(reload.exitCode == 0 && reload.out.contains("service.metrics_address takes effect when"),
             (reload.out + reload.err).constData());
    QCOMPARE(m_ring->watcher().request("GET", "/healthz").status, 200);
}

QTEST_GUILESS_MAIN(TestMetrics)
#include "tst_metrics.moc"
