// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/interrupt.h"
#include "app/playground/scratchfolder.h"
#include "tests/bench/bench.h"
#include "tests/bench/metricscost.h"
#include "tests/bench/report.h"
#include "tests/bench/sink.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QStandardPaths>

#include <cmath>
#include <cstdio>

namespace {

using namespace cring::bench;
using namespace cring::playground;

constexpr int Interrupted = 130;

QString findHaproxy()
{
    const QString name = QStringLiteral("haproxy");
    const QString found = QStandardPaths::findExecutable(name);
    // Not every user has it in PATH.
    return found.isEmpty() ? QStandardPaths::findExecutable(name, {QStringLiteral("/usr/sbin")}) : found;
}

void say(const QString &words)
{
    std::fprintf(stderr, "%s\n", qPrintable(words));
}

int fail(const QString &words)
{
    say(QStringLiteral("error: ") + words);
    return Interrupt::requested() ? Interrupted : 1;
}

/// cring_bench --sink ADDRESS PORT KEYS ISSUER, which it starts itself.
int sink(const QStringList &arguments)
{
    if (arguments.size() != 6)
        return 2;
    return runSink({arguments[2].toStdString(), arguments[3].toUShort(), arguments[4].toStdString(),
                    arguments[5].toStdString()});
}

/// The folder that sites are made in, and the programs.
struct Ground
{
    Ground()
    {
        // The servers' unprivileged user has to reach its folder through this one.
        QFile::setPermissions(folder.path(),
                              QFile::permissions(folder.path()) | QFile::ExeGroup | QFile::ExeOther);
    }

    QString problem() const
    {
        if (!folder.isValid())
            return QStringLiteral("cannot make a temporary folder");
        return haproxy.isEmpty()
                   ? QStringLiteral("haproxy is missing: apt-get install haproxy, or use scripts/bench")
                   : QString();
    }

    Site::Options site(const QString &name, bool metrics = false) const
    {
        return {folder.path() + QLatin1Char('/') + name, ring, haproxy, blockingWaiter(&Interrupt::requested),
                metrics};
    }

    const ScratchFolder folder{QStringLiteral("charmedring-bench-XXXXXX")};
    const QString ring = QCoreApplication::applicationDirPath() + QStringLiteral("/cring");
    const QString haproxy = findHaproxy();
};

cring::Status start(const std::vector<Site *> &sites)
{
    for (Site *site : sites) {
        if (cring::Status started = site->start(); !started.ok())
            return started;
        say(QStringLiteral("%1: ring is process %2").arg(site->name()).arg(site->ringProcess()));
    }
    return {};
}

int metricsCost(const BenchOptions &options)
{
    const Ground ground;
    if (const QString problem = ground.problem(); !problem.isEmpty())
        return fail(problem);
    SinkSite watched(ground.site(QStringLiteral("watched"), true));
    SinkSite without(ground.site(QStringLiteral("without")));
    if (cring::Status started = start({&watched, &without}); !started.ok())
        return fail(started.error().toString());
    const auto cost = measureMetrics(watched, without, options.rounds, options.time, options.interrupted);
    if (!cost)
        return fail(cost.error().toString());
    if (Interrupt::requested())
        return fail(QStringLiteral("interrupted"));
    for (size_t i = 0; i < cost->watched.size(); ++i) {
        const Turn &with = cost->watched[i];
        std::printf(
            "%zu: watched %.0f/s, %.4f ms of CPU each, slowest scrape %.1f ms; without %.0f/s, %.4f ms\n",
            i + 1, with.rate, with.cpuMs, with.slowestScrape, cost->without[i].rate, cost->without[i].cpuMs);
    }
    std::printf("metrics cost %.1f %% of the requests a second (median of %zu turns)\n", 100 * cost->share(),
                cost->watched.size());
    return 0;
}

int bench(const BenchOptions &options, bool json)
{
    const Ground ground;
    if (const QString problem = ground.problem(); !problem.isEmpty())
        return fail(problem);
    CharmSite charm(ground.site(QStringLiteral("charm")));
    SinkSite sinks(ground.site(QStringLiteral("sinks")));
    if (cring::Status started = start({&charm, &sinks}); !started.ok())
        return fail(started.error().toString());
    Bench bench(options, {&charm, &sinks});
    if (cring::Status ran = bench.run(); !ran.ok())
        return fail(ran.error().toString());
    if (Interrupt::requested())
        return fail(QStringLiteral("interrupted"));
    const Machine machine = Machine::describe(ground.ring, ground.haproxy, ground.folder.path());
    const QByteArray report =
        json ? toJson(machine, bench.results()) : toTable(machine, bench.results()).toUtf8();
    std::fwrite(report.constData(), 1, static_cast<size_t>(report.size()), stdout);
    return bench.results().clean() ? 0 : 1;
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.value(1) == QLatin1String("--sink"))
        return sink(arguments);

    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral(
        "Measures the ring beside one Charm server, a client that sends to three itself, and HAProxy"));
    const QCommandLineOption json(QStringLiteral("json"), QStringLiteral("Print JSON, with every round"));
    const QCommandLineOption quick(QStringLiteral("quick"),
                                   QStringLiteral("One round of half a second each: to see that it works"));
    const QCommandLineOption rounds(QStringLiteral("rounds"), QStringLiteral("How often (3)"),
                                    QStringLiteral("N"), QStringLiteral("3"));
    const QCommandLineOption seconds(QStringLiteral("seconds"), QStringLiteral("Of each measurement (2)"),
                                     QStringLiteral("S"), QStringLiteral("2"));
    const QCommandLineOption only(
        QStringLiteral("only"),
        QStringLiteral("Measurements that match, such as 'Charm.*4 KiB upload.*ring'"),
        QStringLiteral("EXPRESSION"));
    const QCommandLineOption metrics(
        QStringLiteral("metrics"),
        QStringLiteral("Measure nothing but what metrics cost that somebody asks for each second"));
    parser.addOptions({json, quick, rounds, seconds, only, metrics});
    parser.addHelpOption();
    parser.process(application);

    const Interrupt interrupt;
    BenchOptions options;
    options.rounds = parser.isSet(quick) && !parser.isSet(rounds) ? 1 : parser.value(rounds).toInt();
    options.time = std::chrono::milliseconds(parser.isSet(quick) && !parser.isSet(seconds)
                                                 ? 500
                                                 : std::lround(parser.value(seconds).toDouble() * 1000));
    options.only.setPattern(parser.value(only));
    options.interrupted = &Interrupt::requested;
    options.progress = say;
    if (options.rounds < 1 || options.time.count() < 1 || !options.only.isValid())
        return fail(QStringLiteral("see --help"));
    if (parser.isSet(metrics) && (parser.isSet(json) || parser.isSet(only)))
        return fail(QStringLiteral("--metrics has no --json and no --only"));
    return parser.isSet(metrics) ? metricsCost(options) : bench(options, parser.isSet(json));
}
