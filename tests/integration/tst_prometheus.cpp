// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/loopback.h"
#include "tests/integration/faultyring.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTest>

using namespace cring;
using namespace cring::test;

/// A real Prometheus asks the ring, with its token, and raises the alarms of our rules and ends them. Of
/// those the times that something has to last are shortened to two seconds; nothing else of them is touched.
class TestPrometheus : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void readsTheRing();
    void raisesTheAlarmsAndEndsThem();
    void missesARingThatIsGone();
    void cleanupTestCase();

private:
    Status startPrometheus();
    QJsonObject ask(const QByteArray &target);
    /// The value of the first sample; nothing when there is none.
    std::optional<double> query(const QByteArray &expression);
    /// "CharmedRingServerAway charm2", of those that fire.
    QStringList firing();
    bool fires(const QString &alert, bool wanted = true);

    FaultyRing m_ring;
    QTemporaryDir m_folder;
    QString m_address;
    quint16 m_port = 0;
    std::unique_ptr<playground::ChildProcess> m_prometheus;
};

namespace {

constexpr int kLimit = 40'000;

bool write(const QString &path, const QByteArray &text)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(text) == text.size() &&
           file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
}

QString findPrometheus()
{
    const QString named = qEnvironmentVariable("CRING_PROMETHEUS");
    if (!named.isEmpty())
        return named;
    const QString name = QStringLiteral("prometheus");
    const QString found = QStandardPaths::findExecutable(name);
    return found.isEmpty()
               ? QStandardPaths::findExecutable(
                     name, {QStandardPaths::writableLocation(QStandardPaths::GenericCacheLocation) +
                            QStringLiteral("/charmedring/bin")})
               : found;
}

} // namespace

void TestPrometheus::initTestCase()
{
    CRING_OK(m_ring.startServers());
    QVERIFY(write(m_folder.filePath(QStringLiteral("token")), "a-token-of-the-test\n"));
    CRING_OK(m_ring.startRing(
        {}, QStringLiteral("metrics_token = \"file:%1\"\n").arg(m_folder.filePath(QStringLiteral("token")))));
    CRING_OK(startPrometheus());
}

Status TestPrometheus::startPrometheus()
{
    const QString program = findPrometheus();
    if (program.isEmpty())
        return Error{Code::NotFound, QStringLiteral("prometheus is missing: scripts/test fetches it, or "
                                                    "CRING_PROMETHEUS names it")};
    QFile rules(QStringLiteral(CRING_SOURCE_DIR "/packaging/prometheus/charmedring.rules.yml"));
    if (!rules.open(QIODevice::ReadOnly))
        return Error{Code::NotFound, rules.fileName()};
    static const QRegularExpression lasting(QStringLiteral("^( +for:) \\w+$"),
                                            QRegularExpression::MultilineOption);
    const QString shortened = QString::fromUtf8(rules.readAll()).replace(lasting, QStringLiteral("\\1 2s"));
    const QString config = QStringLiteral("global: {scrape_interval: 500ms, scrape_timeout: 500ms, "
                                          "evaluation_interval: 500ms}\n"
                                          "rule_files: [rules.yml]\n"
                                          "scrape_configs:\n"
                                          "  - job_name: charmedring\n"
                                          "    authorization: {credentials_file: token}\n"
                                          "    static_configs: [{targets: [\"%1:%2\"]}]\n")
                               .arg(m_ring.ring().address())
                               .arg(m_ring.ring().metricsPort());
    if (!write(m_folder.filePath(QStringLiteral("rules.yml")), shortened.toUtf8()) ||
        !write(m_folder.filePath(QStringLiteral("prometheus.yml")), config.toUtf8()))
        return Error{Code::StateFile, m_folder.path()};
    m_address = playground::ownLoopbackAddress(1);
    m_port = playground::freePort(m_address);
    m_prometheus = std::make_unique<playground::ChildProcess>();
    m_prometheus->setProcessChannelMode(QProcess::ForwardedErrorChannel);
    m_prometheus->start(
        program, {QStringLiteral("--config.file=") + m_folder.filePath(QStringLiteral("prometheus.yml")),
                  QStringLiteral("--storage.tsdb.path=") + m_folder.filePath(QStringLiteral("data")),
                  QStringLiteral("--web.listen-address=%1:%2").arg(m_address).arg(m_port),
                  QStringLiteral("--log.level=error")});
    const bool ready = spinUntil(
        [this] {
            return HttpClient(m_address, m_port).request("GET", "/-/ready", {}, {}, 1'000).status == 200;
        },
        kLimit);
    return ready ? Status() : Status(Error{Code::NotFound, QStringLiteral("Prometheus does not run")});
}

QJsonObject TestPrometheus::ask(const QByteArray &target)
{
    return HttpClient(m_address, m_port).request("GET", target).json();
}

std::optional<double> TestPrometheus::query(const QByteArray &expression)
{
    const QJsonArray result = ask("/api/v1/query?query=" + expression.toPercentEncoding())
                                  .value(QLatin1String("data"))
                                  .toObject()
                                  .value(QLatin1String("result"))
                                  .toArray();
    if (result.isEmpty())
        return std::nullopt;
    return result.first().toObject().value(QLatin1String("value")).toArray().at(1).toString().toDouble();
}

QStringList TestPrometheus::firing()
{
    QStringList list;
    const QJsonArray alerts = ask("/api/v1/alerts")
                                  .value(QLatin1String("data"))
                                  .toObject()
                                  .value(QLatin1String("alerts"))
                                  .toArray();
    for (const QJsonValue one : alerts) {
        const QJsonObject labels = one.toObject().value(QLatin1String("labels")).toObject();
        if (one.toObject().value(QLatin1String("state")).toString() == QStringLiteral("firing"))
            list.append((labels.value(QLatin1String("alertname")).toString() + u' ' +
                         labels.value(QLatin1String("server")).toString())
                            .trimmed());
    }
    return list;
}

bool TestPrometheus::fires(const QString &alert, bool wanted)
{
    const bool is = spinUntil([&] { return firing().contains(alert) == wanted; }, kLimit);
    if (!is)
        qWarning() << "firing:" << firing();
    return is;
}

void TestPrometheus::readsTheRing()
{
    QVERIFY(spinUntil([this] { return query("up{job=\"charmedring\"}") == 1.0; }, kLimit));
    QVERIFY(spinUntil([this] { return query("sum(cring_server_state{state=\"up\"})") == 3.0; }, kLimit));
    const HttpResponse targets = HttpClient(m_address, m_port).request("GET", "/api/v1/targets");
    QVERIFY2(targets.body.contains("\"lastError\":\"\""), targets.body.constData());
    // All rules have been tried, and none is wrong.
    const HttpResponse rules = HttpClient(m_address, m_port).request("GET", "/api/v1/rules");
    QVERIFY(rules.body.contains("CharmedRingQueueStuck"));
    QVERIFY(spinUntil(
        [this] {
            const QByteArray body = HttpClient(m_address, m_port).request("GET", "/api/v1/rules").body;
            return !body.contains("\"health\":\"unknown\"") && !body.contains("\"health\":\"err\"");
        },
        kLimit));
}

void TestPrometheus::raisesTheAlarmsAndEndsThem()
{
    QCOMPARE(m_ring.upload("before", "content").status, 200);
    m_ring.at(1).kill9();
    QVERIFY(fires(QStringLiteral("CharmedRingServerAway charm2")));
    QVERIFY(!firing().contains(QStringLiteral("CharmedRingRefusesWrites")));
    QCOMPARE(m_ring.upload("meanwhile", "content").status, 200);
    QVERIFY(fires(QStringLiteral("CharmedRingFilesAtRisk")));
    m_ring.at(2).kill9();
    QVERIFY(fires(QStringLiteral("CharmedRingServerAway charm3")));
    QVERIFY(fires(QStringLiteral("CharmedRingRefusesWrites")));

    CRING_OK(m_ring.at(1).restart());
    CRING_OK(m_ring.at(2).restart());
    for (const char *alert : {"CharmedRingRefusesWrites", "CharmedRingServerAway charm2",
                              "CharmedRingServerAway charm3", "CharmedRingFilesAtRisk"})
        QVERIFY2(fires(QLatin1String(alert), false), alert);
}

void TestPrometheus::missesARingThatIsGone()
{
    m_ring.ring().kill9();
    QVERIFY(fires(QStringLiteral("CharmedRingGone")));
    CRING_OK(m_ring.restartRing());
    QVERIFY(fires(QStringLiteral("CharmedRingGone"), false));
}

void TestPrometheus::cleanupTestCase()
{
    m_prometheus.reset();
    m_ring.stopRing();
}

QTEST_GUILESS_MAIN(TestPrometheus)
#include "tst_prometheus.moc"
