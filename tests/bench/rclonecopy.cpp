// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/rclonecopy.h"

#include <QElapsedTimer>
#include <QProcess>

#include <cstdio>

namespace cring::bench {

using test::S3Server;

namespace {

constexpr int kLimitMs = 1'800'000;

QProcessEnvironment environmentFor(const S3Server &server)
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const auto &[name, value] :
         {std::pair{"TYPE", QStringLiteral("s3")}, std::pair{"PROVIDER", QStringLiteral("Other")},
          std::pair{"ACCESS_KEY_ID", QString::fromLatin1(S3Server::kAccessKey)},
          std::pair{"SECRET_ACCESS_KEY", QString::fromLatin1(S3Server::kSecretKey)},
          std::pair{"REGION", QString::fromLatin1(S3Server::kRegion)},
          std::pair{"ENDPOINT", server.url().toString()}})
        environment.insert(QStringLiteral("RCLONE_CONFIG_BENCH_") + QLatin1String(name), value);
    environment.insert(QStringLiteral("RCLONE_CONFIG"), QStringLiteral("/dev/null"));
    return environment;
}

} // namespace

double rcloneSeconds(const S3Server &server, const QStringList &arguments, const QString &target)
{
    const Result<QString> program = S3Server::program(S3Server::Make::Rclone);
    if (!program) {
        std::fprintf(stderr, "%s\n", qPrintable(program.error().detail));
        return 0;
    }
    QProcess process;
    process.setProcessEnvironment(environmentFor(server));
    process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    QElapsedTimer timer;
    timer.start();
    process.start(*program, arguments + QStringList{QStringLiteral("bench:") + target});
    const bool well = process.waitForFinished(kLimitMs) && process.exitCode() == 0;
    return well ? static_cast<double>(timer.elapsed()) / 1000 : 0;
}

} // namespace cring::bench
