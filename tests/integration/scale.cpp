// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/largering.h"
#include "tests/integration/statefolder.h"
#include "tests/support/spin.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QJsonDocument>

#include <cstdio>

using namespace cring;
using namespace cring::test;

/// What a ring with many files costs: the figures of docs/state.md, at any size.
namespace {

constexpr int Probes = 400; ///< Uploads whose time is measured.
constexpr int Interval = 250;

struct Options
{
    LargeRing::Counts counts;
    bool scrub = false;
    int limit = 0; ///< Milliseconds.
};

double seconds(qint64 milliseconds)
{
    return static_cast<double>(milliseconds) / 1000;
}

/// Microseconds that half of them were quicker than.
Result<qint64> uploadTime(FaultyRing &ring)
{
    std::vector<qint64> times;
    HttpClient client = ring.client();
    for (int probe = 0; probe < Probes; ++probe) {
        QElapsedTimer timer;
        timer.start();
        const HttpResponse response =
            client.upload("/v1/fs/probe" + QByteArray::number(probe), "a few bytes", ring.token());
        times.push_back(timer.nsecsElapsed() / 1000);
        if (response.status != 200)
            return Error{Code::BackendAnswer, QString::fromUtf8(response.text())};
    }
    std::nth_element(times.begin(), times.begin() + Probes / 2, times.end());
    return times[Probes / 2];
}

QJsonObject json(FaultyRing &ring, const QStringList &arguments)
{
    return QJsonDocument::fromJson(
               ring.ring().runCommand(arguments + QStringList{QStringLiteral("--json")}).out)
        .object();
}

qint64 owed(FaultyRing &ring)
{
    return StateFolder(ring.ring()).number(QStringLiteral("SELECT count(*) FROM owed"));
}

Status drain(FaultyRing &ring, const Options &options)
{
    const qint64 before = ring.ring().residentKiB();
    QElapsedTimer timer;
    timer.start();
    qint64 left = owed(ring);
    const qint64 first = left;
    QElapsedTimer looked;
    looked.start();
    const bool drained = spinUntil(
        [&] {
            if (looked.elapsed() >= Interval) {
                left = owed(ring);
                looked.restart();
            }
            return left == 0;
        },
        options.limit);
    std::printf(
        "%lld of %lld owed paths delivered in %.1f s (%.0f/s); resident %lld KiB before, %lld KiB at most, "
        "%lld KiB after; %lld ms of CPU\n",
        static_cast<long long>(first - left), static_cast<long long>(first), seconds(timer.elapsed()),
        static_cast<double>(first - left) / seconds(timer.elapsed()), static_cast<long long>(before),
        static_cast<long long>(ring.ring().peakKiB()), static_cast<long long>(ring.ring().residentKiB()),
        static_cast<long long>(ring.ring().cpuTime().count()));
    return drained ? Status()
                   : Error{Code::BackendAnswer, QStringLiteral("%1 paths are still owed").arg(left)};
}

Status scrub(FaultyRing &ring, const Options &options)
{
    const qint64 since = QDateTime::currentMSecsSinceEpoch();
    const auto cpu = ring.ring().cpuTime();
    QElapsedTimer timer;
    timer.start();
    const auto started =
        ring.ring().runCommand({QStringLiteral("verify")}, playground::milliseconds(options.limit));
    const auto summary = StateFolder(ring.ring()).summary(QStringLiteral("scrub"), since);
    if (!summary)
        return Error{Code::BackendAnswer, QString::fromUtf8(started.out + started.err)};
    const auto took = timer.elapsed();
    const auto used = ring.ring().cpuTime() - cpu;
    std::printf("scrub: %.1f s, %.0f files/s, %lld ms of CPU (%.0f %%), resident %lld KiB: %s\n",
                seconds(took), options.counts.files / seconds(took), static_cast<long long>(used.count()),
                100.0 * static_cast<double>(used.count()) / static_cast<double>(took),
                static_cast<long long>(ring.ring().residentKiB()),
                QJsonDocument(*summary).toJson(QJsonDocument::Compact).constData());
    return {};
}

Status measure(const Options &options)
{
    for (const bool filled : {false, true}) {
        LargeRing large;
        LargeRing::Counts counts = options.counts;
        if (!filled)
            counts = {};
        if (Status status = large.start(counts); !status)
            return status;
        FaultyRing &ring = large.ring();
        QElapsedTimer timer;
        timer.start();
        (void)json(ring, {QStringLiteral("status")});
        const qint64 status = timer.elapsed();
        std::printf("%d files: started in %lld ms, status in %lld ms, resident %lld KiB\n", counts.files,
                    static_cast<long long>(ring.ring().startTook().count()), static_cast<long long>(status),
                    static_cast<long long>(ring.ring().residentKiB()));
        if (counts.owed > 0) {
            if (Status drained = drain(ring, options); !drained)
                return drained;
        }
        const Result<qint64> upload = uploadTime(ring);
        if (!upload)
            return upload.error();
        std::printf("an upload: %lld us (median of %d)\n", static_cast<long long>(*upload), Probes);
        if (filled && options.scrub) {
            if (Status scrubbed = scrub(ring, options); !scrubbed)
                return scrubbed;
        }
    }
    return {};
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral("What a ring with many files costs"));
    const QCommandLineOption files(QStringLiteral("files"), QStringLiteral("Files (100000)"),
                                   QStringLiteral("N"), QStringLiteral("100000"));
    const QCommandLineOption owedFiles(QStringLiteral("owed"),
                                       QStringLiteral("Of these, owed to one server (0)"),
                                       QStringLiteral("N"), QStringLiteral("0"));
    const QCommandLineOption scrubs(QStringLiteral("scrub"), QStringLiteral("Scrub them, too"));
    const QCommandLineOption limit(QStringLiteral("limit"),
                                   QStringLiteral("For delivery and scrub each (900)"),
                                   QStringLiteral("SECONDS"), QStringLiteral("900"));
    parser.addOptions({files, owedFiles, scrubs, limit});
    parser.addHelpOption();
    parser.process(application);
    Options options;
    options.counts = {parser.value(files).toInt(), parser.value(owedFiles).toInt(), true};
    options.scrub = parser.isSet(scrubs);
    options.limit = parser.value(limit).toInt() * 1000;
    if (options.counts.files <= 0 || options.counts.owed > options.counts.files || options.limit <= 0) {
        std::fprintf(stderr, "error: see --help\n");
        return 2;
    }
    if (qEnvironmentVariableIsEmpty("CRING_BIN"))
        qputenv("CRING_BIN", QFile::encodeName(QCoreApplication::applicationDirPath()));
    const Status measured = measure(options);
    if (!measured)
        std::fprintf(stderr, "error: %s\n", qPrintable(measured.error().toString()));
    return measured ? 0 : 1;
}
