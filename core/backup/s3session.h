// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/s3endpoint.h"
#include "core/backup/s3error.h"
#include "core/backup/sigv4.h"
#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/base/ratelimit.h"
#include "core/base/workers.h"
#include "core/http/pool.h"

namespace cring::backup {

/// How long things may take, and how often they are tried.
struct S3Limits
{
    std::chrono::milliseconds connect{10'000};
    std::chrono::milliseconds idle{60'000}; ///< While bytes should go or come.
    std::chrono::milliseconds answer{
        300'000};     ///< After the last byte of a request: joining parts takes long.
    int attempts = 5; ///< In all, of what may succeed later.
    std::chrono::milliseconds firstPause{250}; ///< Before the second attempt; twice as long each time.
    std::chrono::milliseconds longestPause{20'000};
};

/// What requests to one bucket share: where it is, with what keys, over which connections, and how far the
/// server's clock is from ours. What one request has learnt (a region, a clock) holds for the next ones.
///
/// Lives on the event loop's thread. Clock, random and workers outlive it.
class S3Session final : public QObject
{
    Q_OBJECT

public:
    S3Session(S3Endpoint endpoint, S3Limits limits, const IClock &clock, IRandom &random, Workers &workers,
              QObject *parent = nullptr);
    ~S3Session() override;

    const S3Endpoint &endpoint() const { return m_endpoint; }

    const S3Limits &limits() const { return m_limits; }

    IRandom &random() { return m_random; }

    Workers &workers() { return m_workers; }

    http::Pool &pool();

    /// From the next attempt on. Requests under way keep the ones that they signed with.
    void setCredentials(Credentials credentials);

    /// Authorization, x-amz-date and x-amz-security-token.
    void sign(const QByteArray &method, const QByteArray &path, const Query &query,
              const QByteArray &payloadHash, http::Headers &headers) const;

    /// Of what was learnt so far: whoever was refused for what is known by now may ask again.
    int lessons() const { return m_lessons; }

    /// Whether the server takes checksums beside the signed digest; not all do.
    bool checksums() const { return m_checksums; }

    /// False: it was known.
    bool learnNoChecksums();

    /// Server's time less ours.
    std::chrono::milliseconds clockOffset() const { return m_clockOffset; }

    /// The server's time, as far as it is known.
    std::chrono::milliseconds serverTime() const { return m_clock.wall() + m_clockOffset; }

    /// What all calls together send and receive of bodies, in bytes a second; 0: no limit.
    void setRates(qint64 sending, qint64 receiving);

    RateLimit &sending() { return m_sending; }

    RateLimit &receiving() { return m_receiving; }

    /// By the Date field of an answer. False: it says nothing, or what is known already.
    bool learnClock(const http::Headers &headers);
    /// False: nothing new, or a place that cannot be trusted.
    bool learnPlace(const S3Error &error, const http::Headers &headers);

    /// With where it has happened, and without secrets.
    S3Error named(S3Error error, const QString &operation) const;

    /// The text without the keys, should a server repeat them.
    QString withoutSecrets(QString text) const;

private:
    S3Endpoint m_endpoint;
    const S3Limits m_limits;
    const IClock &m_clock;
    IRandom &m_random;
    Workers &m_workers;
    Credentials m_credentials;
    std::chrono::milliseconds m_clockOffset{0};
    RateLimit m_sending;
    RateLimit m_receiving;
    int m_lessons = 0;
    bool m_checksums = true;
    /// The last one is for m_endpoint; the others are where requests may still be under way.
    std::vector<std::unique_ptr<http::Pool>> m_pools;
};

} // namespace cring::backup
