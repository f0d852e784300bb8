// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/backup/largefile.h"
#include "tests/bench/rclonecopy.h"
#include "tests/integration/backupring.h"
#include "tests/support/spin.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QJsonDocument>
#include <QProcess>

#include <algorithm>
#include <cstdio>

/// How fast a ring brings what a Charm server holds to a new bucket, beside `rclone copy` of that server's
/// folder to another bucket of the same S3 server. The ring finds the files by the server's listings, reads
/// each one twice by HTTP, once to know its digest and once to store it, and writes down what it has done;
/// rclone reads the disk.
namespace {

using namespace cring;
using namespace cring::test;

struct Load
{
    int files = 0;
    qint64 fileBytes = 0;
    qint64 largeBytes = 0; ///< Of one more file; 0: none.
};

constexpr const char *kOtherBucket = "rclone";
constexpr int kInAFolder = 1'000;
constexpr int kEveryMs = 500;
constexpr int kLimitMs = 1'800'000;

bool write(const QString &name, const QByteArray &bytes)
{
    QFile file(name);
    return QDir().mkpath(QFileInfo(name).path()) && file.open(QIODevice::WriteOnly) &&
           file.write(bytes) == bytes.size();
}

QString nameOf(int file)
{
    return QStringLiteral("folder%1/file%2").arg(file / kInAFolder).arg(file);
}

/// What backups stumble over: empty folders, modes, and a key that S3 has no room for.
bool addOddities(const QString &top)
{
    QString deep = top;
    for (int level = 0; level < 5; ++level)
        deep += QLatin1Char('/') + QString(250, QChar(u'a' + level));
    return QDir().mkpath(top + QStringLiteral("/empty")) && write(deep, "deep") &&
           QFile::setPermissions(top + QStringLiteral("/empty"),
                                 QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
}

/// Into the server's folder, as if it had stored them itself.
bool fill(CharmServer &server, const QString &charmId, const Load &load)
{
    const QString top = server.filesDir() + QLatin1Char('/') + charmId;
    bool well = addOddities(top);
    for (int file = 0; well && file < load.files; ++file)
        well = write(top + QLatin1Char('/') + nameOf(file),
                     FaultyRing::content(load.fileBytes, nameOf(file).toUtf8()));
    if (well && load.largeBytes > 0) {
        LargeFiles large;
        well = QFile::rename(large.make(load.largeBytes), top + QStringLiteral("/large")) ||
               QFile::copy(large.make(load.largeBytes), top + QStringLiteral("/large"));
    }
    const QString owner = QStringLiteral("--reference=") + server.dataDir();
    return well && QProcess::execute(QStringLiteral("chown"), {QStringLiteral("-R"), owner, top}) == 0;
}

struct Outcome
{
    double seconds = 0; ///< 0 when it failed.
    qint64 peakKiB = 0;
};

/// `objects`: how many there have to be in the end.
Outcome ours(BackupRing &bench, qint64 objects)
{
    QElapsedTimer timer;
    timer.start();
    // Background work is not throttled, so that what is measured is the program and not its settings.
    const QString unthrottled =
        QStringLiteral("\n[repair]\nfiles_per_second = 0\nbytes_per_second = \"0B\"\n");
    if (const Status started = bench.startRing({}, {}, unthrottled); !started) {
        std::fprintf(stderr, "%s\n", qPrintable(started.error().detail));
        return {};
    }
    bench.ring().get(""); // The ring learns of an account by its first request.
    QElapsedTimer asked;  // Each question is a process, which takes its part of the cores.
    const bool done = spinUntil(
        [&] {
            if (asked.isValid() && asked.elapsed() < kEveryMs)
                return false;
            asked.start();
            const QJsonObject now = bench.status();
            return now.value(QStringLiteral("objects")).toInteger() >= objects &&
                   now.value(QStringLiteral("owed")).toInteger() == 0;
        },
        kLimitMs);
    const double seconds = static_cast<double>(timer.elapsed()) / 1000;
    if (!done) {
        std::fprintf(stderr, "not done: %s\n", QJsonDocument(bench.status()).toJson().constData());
        return {};
    }
    return {seconds, bench.ring().ring().peakKiB()};
}

int measureOnce(const Load &load, int round)
{
    BackupRing bench(1);
    const auto fail = [](const char *what) {
        std::fprintf(stderr, "%s\n", what);
        return 1;
    };
    if (const Status started = bench.startServers(); !started)
        return fail(qPrintable(started.error().detail));
    CharmServer &server = bench.ring().at(0);
    if (!fill(server, bench.ring().cluster().charmId(), load))
        return fail("the server's folder cannot be filled");
    const FilesTree there = server.files();
    const auto objects = there.size() - 1; // The account's own folder is nobody's.
    const auto theirs = [&] {
        return bench::rcloneSeconds(
            bench.s3(),
            {QStringLiteral("copy"), QStringLiteral("--create-empty-src-dirs"), server.filesDir()},
            QLatin1String(kOtherBucket));
    };
    double rclone = round % 2 == 0 ? theirs() : 0;
    const Outcome ring = ours(bench, objects);
    bench.ring().stopRing();
    if (round % 2 != 0)
        rclone = theirs();
    if (rclone <= 0 || ring.seconds <= 0)
        return 1;
    const double megabytes = static_cast<double>(load.files * load.fileBytes + load.largeBytes) / 1e6;
    const auto line = [&](const char *who, double seconds) {
        std::printf("%d: %-11s %7.1f s  %6.0f objects/s  %6.1f MB/s\n", round, who, seconds,
                    static_cast<double>(objects) / seconds, megabytes / seconds);
    };
    line("rclone", rclone);
    line("charmedring", ring.seconds);
    std::printf("%d: %.2f of rclone; the ring's memory at its highest %lld KiB\n", round,
                rclone / ring.seconds, static_cast<long long>(ring.peakKiB));
    std::fflush(stdout);
    return 0;
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    QCommandLineParser parser;
    parser.addHelpOption();
    parser.addOptions(
        {{QStringLiteral("files"), QStringLiteral("Small files."), QStringLiteral("N"),
          QStringLiteral("20000")},
         {QStringLiteral("bytes"), QStringLiteral("In each of them."), QStringLiteral("N"),
          QStringLiteral("4096")},
         {QStringLiteral("large-mib"), QStringLiteral("Size of one large file."), QStringLiteral("N"),
          QStringLiteral("0")},
         {QStringLiteral("rounds"), QStringLiteral("Of each."), QStringLiteral("N"), QStringLiteral("1")}});
    parser.process(application);
    Load load;
    load.files = parser.value(QStringLiteral("files")).toInt();
    load.fileBytes = parser.value(QStringLiteral("bytes")).toLongLong();
    load.largeBytes = parser.value(QStringLiteral("large-mib")).toLongLong() * 1024 * 1024;
    for (int round = 0; round < parser.value(QStringLiteral("rounds")).toInt(); ++round) {
        if (measureOnce(load, round) != 0)
            return 1;
    }
    return 0;
}
