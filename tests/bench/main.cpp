// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/interrupt.h"
#include "app/playground/scratchfolder.h"
#include "tests/bench/bench.h"
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

int bench(const BenchOptions &options, bool json)
{
    const ScratchFolder folder(QStringLiteral("charmedring-bench-XXXXXX"));
    const QString ring = QCoreApplication::applicationDirPath() + QStringLiteral("/cring");
    const QString haproxy = findHaproxy();
    if (!folder.isValid())
        return fail(QStringLiteral("cannot make a temporary folder"));
    if (haproxy.isEmpty())
        return fail(QStringLiteral("haproxy is missing: apt-get install haproxy, or use scripts/bench"));

    const auto siteOptions = [&](const QString &name) {
        return Site::Options{folder.path() + QLatin1Char('/') + name, ring, haproxy,
                             blockingWaiter(options.interrupted)};
    };
    // The servers' unprivileged user has to reach its folder through this one.
    QFile::setPermissions(folder.path(),
                          QFile::permissions(folder.path()) | QFile::ExeGroup | QFile::ExeOther);
    CharmSite charm(siteOptions(QStringLiteral("charm")));
    SinkSite sinks(siteOptions(QStringLiteral("sinks")));
    for (Site *site : {static_cast<Site *>(&charm), static_cast<Site *>(&sinks)}) {
        if (cring::Status started = site->start(); !started.ok())
            return fail(started.error().toString());
        say(QStringLiteral("%1: ring is process %2").arg(site->name()).arg(site->ringProcess()));
    }
    Bench bench(options, {&charm, &sinks});
    if (cring::Status ran = bench.run(); !ran.ok())
        return fail(ran.error().toString());
    if (Interrupt::requested())
        return fail(QStringLiteral("interrupted"));
    const Machine machine = Machine::describe(ring, haproxy, folder.path());
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
    parser.addOptions({json, quick, rounds, seconds, only});
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
    return bench(options, parser.isSet(json));
}
