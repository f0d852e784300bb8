// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/s3client.h"
#include "tests/support/spin.h"

#include <optional>

namespace cring::test {

/// What an operation comes to. `start` gets the `done` that it is to be given.
template <typename T>
backup::S3Result<T> await(const std::function<void(backup::Done<T>)> &start, int limit = 20'000)
{
    const auto out = std::make_shared<std::optional<backup::S3Result<T>>>();
    start([out](backup::S3Result<T> result) { *out = std::move(result); });
    if (!spinUntil([&] { return out->has_value(); }, limit)) {
        backup::S3Error error;
        error.message = QStringLiteral("(the test has waited long enough)");
        return error;
    }
    return std::move(**out);
}

template <typename T>
QByteArray words(const backup::S3Result<T> &result)
{
    return result.ok() ? QByteArray() : result.error().words().toUtf8();
}

/// What a client needs, with a clock that can be set.
struct S3Rig
{
    explicit S3Rig(const QUrl &url, const QString &bucket = QStringLiteral("backup-bucket"),
                   const QString &region = QStringLiteral("eu-test-1"),
                   backup::Addressing addressing = backup::Addressing::Path,
                   backup::S3Limits limits = quick(), const QSslConfiguration &ssl = {})
        : client(*backup::S3Endpoint::make(url, bucket, region, addressing, ssl, limits.connect), limits,
                 clock, random, workers)
    {
    }

    void setKeys(const QByteArray &access, const QByteArray &secret, const QByteArray &token = {})
    {
        client.setCredentials({access, Secret(QByteArray(secret)), Secret(QByteArray(token))});
    }

    static backup::S3Limits quick()
    {
        using namespace std::chrono_literals;
        return {2'000ms, 3'000ms, 5'000ms, 4, 10ms, 100ms};
    }

    /// The system's, and so much off.
    class Clock final : public IClock
    {
    public:
        std::chrono::milliseconds steady() const override { return m_system.steady(); }

        std::chrono::milliseconds wall() const override { return m_system.wall() + offset; }

        std::chrono::milliseconds offset{0};

    private:
        SystemClock m_system;
    };

    QObject context;
    Clock clock;
    SeededRandom random{1};
    Workers workers;
    backup::S3Client client;
};

} // namespace cring::test

/// Fails the test with the error's words.
#define S3_OK(...)                                                                                           \
    do {                                                                                                     \
        const auto &s3Ok = (__VA_ARGS__);                                                                    \
        QVERIFY2(s3Ok.ok(), cring::test::words(s3Ok).constData());                                           \
    } while (false)
