// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/s3session.h"

#include <QDateTime>
#include <QLocale>
#include <QLoggingCategory>

namespace cring::backup {

Q_LOGGING_CATEGORY(lcSession, "cring.backup.s3")

namespace {

using namespace std::chrono_literals;

/// Less is the way of the answer, and seconds cut off.
constexpr auto kClockGrain = 5s;
/// A bucket does not move; who is sent on more often is sent in a circle.
constexpr size_t kMaxPlaces = 5;

} // namespace

S3Session::S3Session(S3Endpoint endpoint, S3Limits limits, const IClock &clock, IRandom &random,
                     Workers &workers, QObject *parent)
    : QObject(parent)
    , m_endpoint(std::move(endpoint))
    , m_limits(limits)
    , m_clock(clock)
    , m_random(random)
    , m_workers(workers)
    , m_sending(clock)
    , m_receiving(clock)
{
    m_pools.push_back(std::make_unique<http::Pool>(m_endpoint.origin()));
}

S3Session::~S3Session() = default;

http::Pool &S3Session::pool()
{
    return *m_pools.back();
}

void S3Session::setCredentials(Credentials credentials)
{
    m_credentials = std::move(credentials);
}

void S3Session::sign(const QByteArray &method, const QByteArray &path, const Query &query,
                     const QByteArray &payloadHash, http::Headers &headers) const
{
    const QByteArray time = amzDate(serverTime());
    SigningInput input{method, path, query, {}, payloadHash};
    input.headers.append("host", m_endpoint.hostField());
    headers.set("x-amz-date", time);
    headers.set("x-amz-content-sha256", payloadHash);
    if (!m_credentials.sessionToken.isEmpty())
        headers.set("x-amz-security-token", m_credentials.sessionToken.view().toByteArray());
    for (const http::Headers::Field &field : headers.fields()) {
        // The rest may be changed by what stands between, and is nobody's harm.
        const QByteArray name = field.name.toLower();
        if (name.startsWith("x-amz-") || name == "content-md5" || name == "content-type")
            input.headers.append(name, field.value);
    }
    headers.set("Authorization",
                backup::sign(input, m_credentials, {m_endpoint.region()}, time).authorization);
}

void S3Session::setRates(qint64 sending, qint64 receiving)
{
    m_sending.setRate(sending);
    m_receiving.setRate(receiving);
}

bool S3Session::learnClock(const http::Headers &headers)
{
    const QDateTime there = QLocale::c().toDateTime(QString::fromLatin1(headers.value("date")),
                                                    QStringLiteral("ddd, dd MMM yyyy HH:mm:ss 'GMT'"));
    if (!there.isValid())
        return false;
    QDateTime utc = there;
    utc.setTimeSpec(Qt::UTC);
    const auto offset = std::chrono::milliseconds(utc.toMSecsSinceEpoch()) - m_clock.wall();
    if (std::chrono::abs(offset - m_clockOffset) < kClockGrain)
        return false;
    m_clockOffset = std::chrono::abs(offset) < kClockGrain ? 0ms : offset;
    ++m_lessons;
    qCWarning(lcSession).noquote() << QStringLiteral(
                                          "The clock of %1 is %2 s off from this machine's; requests "
                                          "are dated by it")
                                          .arg(m_endpoint.name())
                                          .arg(m_clockOffset.count() / 1000);
    return true;
}

bool S3Session::learnPlace(const S3Error &error, const http::Headers &headers)
{
    if (m_pools.size() >= kMaxPlaces)
        return false;
    QUrl location(QString::fromLatin1(headers.value("location")));
    if (location.host().isEmpty() && !error.endpoint.isEmpty())
        location = QUrl(QStringLiteral("//") + error.endpoint);
    const auto there = m_endpoint.redirected(error.region, location);
    if (!there)
        return false;
    qCInfo(lcSession).noquote() << QStringLiteral("The bucket “%1” is at %2 in the region %3")
                                       .arg(there->bucket(), there->name(),
                                            QString::fromLatin1(there->region()));
    m_endpoint = *there;
    ++m_lessons;
    m_pools.push_back(std::make_unique<http::Pool>(m_endpoint.origin()));
    return true;
}

bool S3Session::learnNoChecksums()
{
    ++m_lessons;
    return std::exchange(m_checksums, false);
}

S3Error S3Session::named(S3Error error, const QString &operation) const
{
    error.operation = operation;
    error.host = m_endpoint.name();
    error.bucket = m_endpoint.bucket();
    error.message = withoutSecrets(error.message);
    return error;
}

QString S3Session::withoutSecrets(QString text) const
{
    const auto hide = [&text](QByteArrayView secret) {
        if (!secret.isEmpty())
            text.replace(QString::fromUtf8(secret), QStringLiteral("[redacted]"));
    };
    hide(m_credentials.secretKey.view());
    hide(m_credentials.sessionToken.view());
    hide(m_credentials.accessKey);
    return text;
}

} // namespace cring::backup
