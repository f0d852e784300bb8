// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/telemetry/metrics.h"
#include "core/telemetry/processmetrics.h"
#include "core/telemetry/requestmetrics.h"
#include "tests/support/exposition.h"

#include <QDateTime>
#include <QDir>
#include <QTest>

#include <csignal>

using namespace cring;
using namespace cring::telemetry;
using cring::test::Exposition;
using namespace std::chrono_literals;

/// From the parts' numbers to the text that Prometheus reads.
class TestMetrics : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void saysWhatItIs();
    void countsItsOwnScrapes();
    void samplesOfAMetricStandTogether();
    void escapesWhatAPersonChose();
    void keepsLargeAndSmallNumbersExact();
    void writesAHistogramAsPrometheusWantsIt();
    void oneStateHolds();
    void givesEveryKindItsRequests();
    void knowsItsProcess();
};

namespace {

constexpr Metric Things{"cring_things", MetricType::Gauge, "Things."};
constexpr Metric Others{"cring_others_total", MetricType::Counter, "Other things."};
constexpr Metric Times{"cring_times_seconds", MetricType::Histogram, "Times."};

class Collector final : public ICollector
{
public:
    explicit Collector(std::function<void(Samples &)> collect)
        : m_collect(std::move(collect))
    {
    }

    void collect(Samples &samples) const override { m_collect(samples); }

private:
    std::function<void(Samples &)> m_collect;
};

Exposition scraped(std::function<void(Samples &)> collect)
{
    Metrics metrics(QStringLiteral("1.2.3"));
    metrics.add(std::make_unique<Collector>(std::move(collect)));
    return Exposition(metrics.text());
}

} // namespace

void TestMetrics::saysWhatItIs()
{
    const Exposition text(Metrics(QStringLiteral("1.2.3")).text());
    QCOMPARE(text.problem(), QByteArray());
    QCOMPARE(text.number(QByteArray("cring_build_info{qt=\"") + qVersion() + "\",version=\"1.2.3\"}"), 1.0);
}

void TestMetrics::countsItsOwnScrapes()
{
    const Metrics metrics(QStringLiteral("1"));
    QCOMPARE(Exposition(metrics.text()).number("cring_scrapes_total"), 1.0);
    QCOMPARE(Exposition(metrics.text()).number("cring_scrapes_total"), 2.0);
}

/// In whatever order, and by whichever collector, they were given: the format asks for it.
void TestMetrics::samplesOfAMetricStandTogether()
{
    Metrics metrics(QStringLiteral("1"));
    for (const char *name : {"a", "b"})
        metrics.add(std::make_unique<Collector>([name](Samples &samples) {
            samples.add(Things, 1, {{"name", QString::fromLatin1(name)}});
            samples.add(Others, 2, {{"name", QString::fromLatin1(name)}});
        }));
    const Exposition text(metrics.text());
    QCOMPARE(text.problem(), QByteArray());
    QCOMPARE(text.metrics().value("cring_things").series, 2);
    QCOMPARE(text.metrics().value("cring_things").type, QByteArray("gauge"));
    QCOMPARE(text.metrics().value("cring_others_total").type, QByteArray("counter"));
    QCOMPARE(text.metrics().value("cring_others_total").help, QByteArray("Other things."));
    QCOMPARE(text.number("cring_others_total{name=\"b\"}"), 2.0);
}

void TestMetrics::escapesWhatAPersonChose()
{
    const Exposition text = scraped([](Samples &samples) {
        samples.add(Things, 5, {{"name", QStringLiteral("a \"b\" \\ c} 1\nü")}});
    });
    QCOMPARE(text.problem(), QByteArray());
    QCOMPARE(text.number("cring_things{name=\"a \\\"b\\\" \\\\ c} 1\\n\u00fc\"}"), 5.0);
}

void TestMetrics::keepsLargeAndSmallNumbersExact()
{
    const double bytes = 9'007'199'254'740'991.0;
    const double fraction = 0.000'5;
    const Exposition text = scraped([&](Samples &samples) {
        samples.add(Others, bytes);
        samples.add(Things, fraction);
    });
    QCOMPARE(text.number("cring_others_total"), bytes);
    QCOMPARE(text.number("cring_things"), fraction);
}

void TestMetrics::writesAHistogramAsPrometheusWantsIt()
{
    LatencyHistogram histogram;
    for (const auto time : {400us, 500us, 3'000us, 400'000'000us})
        histogram.observe(time);
    const Exposition text = scraped([&](Samples &samples) {
        samples.add(Times, histogram, {{"kind", QStringLiteral("x")}});
    });
    QCOMPARE(text.problem(), QByteArray());
    QCOMPARE(text.metrics().value("cring_times_seconds").type, QByteArray("histogram"));
    QCOMPARE(text.number("cring_times_seconds_count{kind=\"x\"}"), 4.0);
    QCOMPARE(text.number("cring_times_seconds_sum{kind=\"x\"}"), 400.0039);
    // Cumulative, in seconds, the bound included.
    QCOMPARE(text.value("cring_times_seconds_bucket{kind=\"x\",le=\"0.0005\"}"), 2.0);
    QCOMPARE(text.value("cring_times_seconds_bucket{kind=\"x\",le=\"0.0025\"}"), 2.0);
    QCOMPARE(text.value("cring_times_seconds_bucket{kind=\"x\",le=\"0.005\"}"), 3.0);
    QCOMPARE(text.value("cring_times_seconds_bucket{kind=\"x\",le=\"300\"}"), 3.0);
    QCOMPARE(text.value("cring_times_seconds_bucket{kind=\"x\",le=\"+Inf\"}"), 4.0);
}

void TestMetrics::oneStateHolds()
{
    const Exposition text = scraped([](Samples &samples) {
        samples.addState(Things, QStringLiteral("open"), {"closed", "open"}, {"name", QStringLiteral("a")});
    });
    QCOMPARE(text.value("cring_things{name=\"a\",state=\"open\"}"), 1.0);
    QCOMPARE(text.value("cring_things{name=\"a\",state=\"closed\"}"), 0.0);
}

void TestMetrics::givesEveryKindItsRequests()
{
    ManualClock clock;
    Counters counters;
    {
        RequestTally tally(counters, clock, Kind::Upload);
        tally.countQuorumFailure();
        clock.advance(20ms);
        tally.setOutcome(Outcome::Failed);
    }
    const RequestTally underWay(counters, clock, Kind::Listing);
    counters.bytesIn = 5;
    counters.inDoubt = 6;
    Metrics metrics(QStringLiteral("1"));
    metrics.add(std::make_unique<RequestMetrics>(counters));
    const Exposition text(metrics.text());
    QCOMPARE(text.problem(), QByteArray());
    QCOMPARE(text.value("cring_requests_total{kind=\"upload\",outcome=\"failed\"}"), 1.0);
    QCOMPARE(text.value("cring_requests_total{kind=\"upload\",outcome=\"done\"}"), 0.0);
    QCOMPARE(text.value("cring_requests_in_flight{kind=\"listing\"}"), 1.0);
    QCOMPARE(text.value("cring_quorum_failures_total{kind=\"upload\"}"), 1.0);
    QCOMPARE(text.value("cring_request_duration_seconds_sum{kind=\"upload\"}"), 0.02);
    QCOMPARE(text.value("cring_client_received_bytes_total"), 5.0);
    QCOMPARE(text.value("cring_copies_in_doubt_total"), 6.0);
    // All kinds but the SSH sessions, under all outcomes, from the start: a rate needs the zero before the
    // one.
    QCOMPARE(text.metrics().value("cring_requests_total").series,
             static_cast<int>((kindCount - 1) * outcomeCount));
}

void TestMetrics::knowsItsProcess()
{
    Metrics metrics(QStringLiteral("1"));
    metrics.add(std::make_unique<ProcessMetrics>());
    const Exposition before(metrics.text());
    QCOMPARE(before.problem(), QByteArray());
    QCOMPARE(before.metrics().size(), 6 + 2);
    const double now = static_cast<double>(QDateTime::currentMSecsSinceEpoch()) / 1000;
    const double started = before.number("process_start_time_seconds");
    QVERIFY2(started > now - 120 && started < now + 2, QByteArray::number(now - started).constData());
    QVERIFY(before.number("process_resident_memory_bytes") > 1e6);
    QVERIFY(before.number("process_virtual_memory_bytes") > before.number("process_resident_memory_bytes"));
    QVERIFY(before.number("process_max_fds") >= before.number("process_open_fds"));

    const std::array files{std::tmpfile(), std::tmpfile(), std::tmpfile()};
    const Exposition after(metrics.text());
    for (FILE *file : files)
        std::fclose(file);
    QCOMPARE(after.number("process_open_fds"), before.number("process_open_fds") + 3);

    const std::clock_t begin = std::clock();
    while (std::clock() - begin < CLOCKS_PER_SEC / 20) {
    }
    const double used = Exposition(metrics.text()).number("process_cpu_seconds_total") -
                        after.number("process_cpu_seconds_total");
    QVERIFY2(used >= 0.05 && used < 1, QByteArray::number(used).constData());
}

QTEST_APPLESS_MAIN(TestMetrics)
#include "tst_metrics.moc"
