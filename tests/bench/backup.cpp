// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/objectupload.h"
#include "tests/backup/await.h"
#include "tests/backup/largefile.h"
#include "tests/bench/rclonecopy.h"
#include "tests/support/s3server.h"

#include <QCommandLineParser>
#include <QCoreApplication>

#include <algorithm>
#include <cstdio>

/// How fast one large object gets to an S3 server, beside `rclone copyto` to the same one. Both read the file
/// from the page cache, and take turns.
namespace {

using namespace cring;
using namespace cring::backup;
using namespace cring::test;
using namespace std::chrono_literals;

const QByteArray kId = "8e5c6a4e-3f1b-4c1e-9a53-0d9e1f1a2b3c";
const QString kBucket = QStringLiteral("backup-bucket");
constexpr qint64 kMiB = 1024 * 1024;

/// Seconds; 0 when it failed.
using Seconds = double;

Seconds since(std::chrono::milliseconds start)
{
    return static_cast<double>((SystemClock().steady() - start).count()) / 1000;
}

Seconds ours(S3Rig &rig, UploadMemory &memory, const QString &file, qint64 size)
{
    const auto start = SystemClock().steady();
    ObjectUpload upload(rig.client, memory,
                        {*makeObjectName(kId, "large", ObjectKind::File),
                         std::make_shared<FileSource>(rig.workers, file, 0, size),
                         {{kModeField, "420"}}});
    std::optional<bool> well;
    QObject::connect(&upload, &ObjectUpload::finished, &upload, [&] { well = true; });
    QObject::connect(&upload, &ObjectUpload::failed, &upload, [&](const S3Error &error) {
        std::fprintf(stderr, "%s\n", qPrintable(error.words()));
        well = false;
    });
    return spinUntil([&] { return well.has_value(); }, 600'000) && *well ? since(start) : 0;
}

int measure(qint64 size, int rounds)
{
    S3Server server(S3Server::Make::Versitygw);
    if (const Status started = server.start(); !started) {
        std::fprintf(stderr, "%s\n", qPrintable(started.error().detail));
        return 1;
    }
    const std::unique_ptr<S3Rig> rig = std::make_unique<S3Rig>(
        server.url(), kBucket, QLatin1String(S3Server::kRegion), Addressing::Path, S3Limits());
    rig->setKeys(S3Server::kAccessKey, S3Server::kSecretKey);
    (void)await<Nothing>([&](auto done) { rig->client.createBucket(&rig->context, done); });
    const auto database = state::Database::inMemory(rig->random);
    state::BackupUploads uploads(*database);
    UploadMemory memory(uploads, "bench");
    LargeFiles files;
    const QString file = files.make(size);
    const double megabytes = static_cast<double>(size) / 1e6;
    std::vector<double> quotients;
    for (int round = 1; round <= rounds; ++round) {
        const Seconds theirs =
            bench::rcloneSeconds(server, {QStringLiteral("copyto"), QStringLiteral("--ignore-times"), file},
                                 kBucket + QStringLiteral("/rclone"));
        const Seconds mine = ours(*rig, memory, file, size);
        if (theirs <= 0 || mine <= 0)
            return 1;
        quotients.push_back(theirs / mine);
        std::printf("%d: rclone %.0f MB/s, charmedring %.0f MB/s: %.2f\n", round, megabytes / theirs,
                    megabytes / mine, quotients.back());
        std::fflush(stdout);
    }
    std::sort(quotients.begin(), quotients.end());
    std::printf("median %.2f of rclone; memory at its highest %lld KiB\n", quotients[quotients.size() / 2],
                static_cast<long long>(peakMemory(false)));
    return 0;
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    QCommandLineParser parser;
    parser.addHelpOption();
    parser.addOptions(
        {{QStringLiteral("mib"), QStringLiteral("Size of the object."), QStringLiteral("N"),
          QStringLiteral("1024")},
         {QStringLiteral("rounds"), QStringLiteral("Of each."), QStringLiteral("N"), QStringLiteral("3")}});
    parser.process(application);
    return measure(parser.value(QStringLiteral("mib")).toLongLong() * kMiB,
                   std::max(1, parser.value(QStringLiteral("rounds")).toInt()));
}
