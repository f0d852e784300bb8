// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/missedwrites.h"
#include "tests/support/spin.h"

#include <QCommandLineParser>
#include <QCoreApplication>

#include <cstdio>

using namespace cring;
using namespace cring::test;

/// How healing takes longer with what is owed: the test of it (tst_healing.cpp) at any size.
namespace {

constexpr int Away = 2; ///< The server that is.
constexpr int DownLimit = 10'000;
constexpr int EqualLimit = 60'000;

double seconds(const QElapsedTimer &timer)
{
    return static_cast<double>(timer.elapsed()) / 1000;
}

struct Options
{
    MissedWrites::Counts counts;
    bool kill = false;
    bool serverKey = false;
    int limit = 0; ///< Milliseconds.
};

Status heal(const Options &options)
{
    FaultyRing ring;
    if (Status started = ring.startServers(); !started)
        return started;
    if (Status key = options.serverKey ? ring.useServerKey() : Status(); !key)
        return key;
    if (Status started = ring.startRing({}, {}, FaultyRing::Pace::Default); !started)
        return started;
    MissedWrites writes(ring, options.counts);
    if (Status prepared = writes.prepare(); !prepared)
        return prepared;
    if (const QByteArray difference = ring.differenceAfter(EqualLimit); !difference.isEmpty())
        return Error{Code::BackendAnswer, QString::fromUtf8(difference)};
    ring.at(Away).kill9();
    (void)spinUntil([&] { return !ring.isUp(Away); }, DownLimit);

    QElapsedTimer timer;
    timer.start();
    if (Status written = writes.write(); !written)
        return written;
    std::printf("written in %.1f s\n", seconds(timer));
    if (options.kill)
        ring.ring().kill9();
    if (Status back = ring.at(Away).start(); !back)
        return back;
    timer.restart();
    if (Status back = options.kill ? ring.killAndRestartRing() : Status(); !back)
        return back;
    const QByteArray wrong = writes.wrongAfter(Away, options.limit);
    if (!wrong.isEmpty())
        return Error{Code::BackendAnswer, QStringLiteral("not healed within %1 s:\n%2")
                                              .arg(options.limit / 1000)
                                              .arg(QString::fromUtf8(wrong))};
    std::printf("healed in %.1f s, %lld ms of the ring's CPU, %lld KiB of its memory at most\n",
                seconds(timer), static_cast<long long>(ring.ring().cpuTime().count()),
                static_cast<long long>(ring.ring().peakKiB()));
    return {};
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    QCommandLineParser parser;
    parser.setApplicationDescription(
        QStringLiteral("How long a server that was away takes to become equal again"));
    const QCommandLineOption files(QStringLiteral("files"),
                                   QStringLiteral("Uploads that it misses (10000); overwrites and deletes: a "
                                                  "tenth of it each"),
                                   QStringLiteral("N"), QStringLiteral("10000"));
    const QCommandLineOption limit(QStringLiteral("limit"), QStringLiteral("For healing (600)"),
                                   QStringLiteral("SECONDS"), QStringLiteral("600"));
    const QCommandLineOption kill(QStringLiteral("kill"),
                                  QStringLiteral("The ring is killed before the server is back"));
    const QCommandLineOption serverKey(QStringLiteral("server-key"),
                                       QStringLiteral("Give the ring the operator's server key"));
    parser.addOptions({files, limit, kill, serverKey});
    parser.addHelpOption();
    parser.process(application);
    const int count = parser.value(files).toInt();
    Options options{{count, count / 10, count / 10},
                    parser.isSet(kill),
                    parser.isSet(serverKey),
                    parser.value(limit).toInt() * 1000};
    if (count < 10 || options.limit <= 0) {
        std::fprintf(stderr, "error: see --help\n");
        return 2;
    }
    if (qEnvironmentVariableIsEmpty("CRING_BIN"))
        qputenv("CRING_BIN", QFile::encodeName(QCoreApplication::applicationDirPath()));
    const Status healed = heal(options);
    if (!healed)
        std::fprintf(stderr, "error: %s\n", qPrintable(healed.error().toString()));
    return healed ? 0 : 1;
}
