// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/s3call.h"

#include "core/backup/bodydigest.h"
#include "core/backup/objectname.h"

#include <QLoggingCategory>

namespace cring::backup {

Q_LOGGING_CATEGORY(lcCall, "cring.backup.call", QtInfoMsg)

namespace {

using namespace std::chrono_literals;
using Kind = S3Error::Kind;

/// Read at a time, and on their way to the kernel at most.
constexpr qint64 kPiece = 256 * 1024;
constexpr qint64 kWindow = 512 * 1024;
/// A body of this size waits for the server's word: a redirect or a refusal then costs nothing.
constexpr qint64 kExpectFrom = 1024 * 1024;
/// Not every server gives it (RFC 9110 §10.1.1).
constexpr auto kExpectTime = 1s;
/// Of an answer that is not streamed: a page of a listing has 1,000 keys of 1,024 bytes, each escaped.
constexpr qsizetype kMaxAnswer = 8 * 1024 * 1024;
/// A server that teaches more than this teaches nothing.
constexpr int kMaxCorrections = 6;
/// No pause is the same as another's, so that those who failed together do not come back together.
constexpr double kSpread = 0.5;
/// With a limit many share little: small pieces, so that each call gets one before the server's patience
/// ends.
constexpr qint64 kSmallestPiece = 4 * 1024;

qint64 pieceAt(qint64 rate)
{
    return rate == 0 ? kPiece : std::clamp(rate / 10, kSmallestPiece, kPiece);
}

} // namespace

S3Call::S3Call(S3Session &session, CallSpec spec, QObject *context, Done<http::Response> done)
    : QObject(&session)
    , m_session(session)
    , m_spec(std::move(spec))
    , m_context(context)
    , m_done(std::move(done))
{
    connect(context, &QObject::destroyed, this, &S3Call::cancel);
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &S3Call::handleTimeout);
    // Whoever made it has yet to connect.
    QMetaObject::invokeMethod(this, &S3Call::prepare, Qt::QueuedConnection);
}

S3Call::~S3Call()
{
    dropConnection();
}

void S3Call::cancel()
{
    setState(State::Ended);
    m_done = nullptr;
    m_timer.stop();
    dropConnection();
    deleteLater();
}

void S3Call::setState(State state)
{
    if (state == m_state)
        return;
    qCDebug(lcCall) << m_spec.operation << m_attempt << m_state << "->" << state;
    m_state = state;
}

void S3Call::prepare()
{
    if (m_state == State::Ended)
        return;
    if (!m_spec.body || !m_spec.sha256.isEmpty()) {
        attempt();
        return;
    }
    new BodyDigest(
        Hash::Sha256, m_spec.body, 0, m_session.workers(),
        [this](const Result<BodyDigest::Digests> &digests) {
            if (m_state == State::Ended)
                return;
            if (!digests) {
                fail(local(Kind::Source, digests.error().detail));
                return;
            }
            m_spec.sha256 = digests->whole;
            attempt();
        },
        this);
}

void S3Call::attempt()
{
    ++m_attempt;
    m_sent = m_pendingSeen = m_skip = 0;
    m_reading = m_headSeen = m_streaming = false;
    m_lessons = m_session.lessons();
    m_head = {};
    m_answer = {};
    const http::RequestHead head = makeHead();
    const auto want = std::exchange(m_fresh, false) ? http::Pool::Want::Fresh : http::Pool::Want::Any;
    m_connection = m_session.pool().take(want);
    m_connection->begin(this, serialise(head), m_spec.method == "HEAD");
    for (int i = 0; i < m_pauses; ++i)
        m_connection->pauseReading();
    if (head.headers.contains("Expect")) {
        setState(State::Expecting);
        m_timer.start(kExpectTime);
    } else {
        beginBody();
    }
}

http::RequestHead S3Call::makeHead() const
{
    const S3Endpoint &endpoint = m_session.endpoint();
    const qint64 size = m_spec.body ? m_spec.body->size() : 0;
    const QByteArray path = endpoint.path(m_spec.key);
    const QByteArray query = queryText(m_spec.query);
    http::RequestHead head;
    head.method = m_spec.method;
    head.target = query.isEmpty() ? path : path + '?' + query;
    head.headers = m_spec.headers;
    head.headers.set("Host", endpoint.hostField());
    head.headers.set("User-Agent", "charmedring");
    if (m_spec.body || m_spec.method == "POST" || m_spec.method == "PUT")
        head.headers.set("Content-Length", QByteArray::number(size));
    if (!m_session.checksums())
        head.headers.remove("x-amz-checksum-algorithm");
    else if (m_spec.sendChecksum)
        head.headers.set("x-amz-checksum-sha256", m_spec.sha256.toBase64());
    if (m_spec.sha256Metadata)
        head.headers.set(QByteArray("x-amz-meta-") + kSha256Field, m_spec.sha256.toHex());
    if (size >= kExpectFrom)
        head.headers.set("Expect", "100-continue");
    addRange(head.headers);
    m_session.sign(m_spec.method, path, m_spec.query, m_spec.body ? m_spec.sha256.toHex() : kEmptyPayload,
                   head.headers);
    return head;
}

void S3Call::addRange(http::Headers &headers) const
{
    const qint64 start = m_spec.rangeStart + m_delivered;
    if (!m_spec.streamed || (start == 0 && m_spec.rangeEnd < 0))
        return;
    const QByteArray end = m_spec.rangeEnd < 0 ? QByteArray() : QByteArray::number(m_spec.rangeEnd);
    headers.set("Range", "bytes=" + QByteArray::number(start) + '-' + end);
    // The rest of another version would be no rest.
    if (m_streamBegun && !m_etag.isEmpty())
        headers.set("If-Match", m_etag);
}

void S3Call::beginBody()
{
    if (!m_spec.body || m_spec.body->size() == 0) {
        m_connection->endRequest();
        setState(State::Answering);
    } else {
        setState(State::Sending);
        pump();
    }
    touch();
}

void S3Call::pump()
{
    if (m_state != State::Sending || m_reading || !m_connection || m_connection->pending() >= kWindow)
        return;
    m_reading = true;
    RateLimit &limit = m_session.sending();
    const qint64 wanted = std::min(pieceAt(limit.rate()), m_spec.body->size() - m_sent);
    if (limit.unlimited())
        readPiece(m_attempt, wanted);
    else
        limit.take(wanted, this, [this, number = m_attempt, wanted] { readPiece(number, wanted); });
}

void S3Call::readPiece(int number, qint64 wanted)
{
    if (number != m_attempt || m_state != State::Sending)
        return;
    m_spec.body->read(m_sent, wanted, this,
                      [this, number](Result<QByteArray> piece) { handlePiece(number, std::move(piece)); });
}

void S3Call::handlePiece(int number, Result<QByteArray> piece)
{
    if (number != m_attempt || m_state != State::Sending || !m_connection)
        return;
    m_reading = false;
    if (!piece) {
        fail(local(Kind::Source, piece.error().detail));
        return;
    }
    m_connection->write(*piece);
    m_sent += piece->size();
    if (m_sent == m_spec.body->size()) {
        setState(State::Answering);
        m_connection->endRequest();
    }
    touch();
    Q_EMIT bodyAdvanced(m_sent);
    pump();
}

void S3Call::handleContinue()
{
    if (m_state == State::Expecting)
        beginBody();
}

void S3Call::handleWritable()
{
    touch();
    pump();
}

void S3Call::handleHead(const http::ResponseHead &head)
{
    m_headSeen = true;
    m_head = head;
    m_answer.status = head.status;
    m_answer.headers = head.headers;
    touch();
    m_streaming = m_spec.streamed && head.status / 100 == 2;
    if (m_streaming && !streamBegins())
        giveUpAttempt(
            local(Kind::Protocol, QStringLiteral("the rest that came is not the rest of what was read")));
}

/// False when this answer does not go on where the last one was cut.
bool S3Call::streamBegins()
{
    const bool partial = m_head.status == 206;
    const qint64 wanted = m_spec.rangeStart + m_delivered;
    if (partial &&
        !m_head.headers.value("content-range").startsWith("bytes " + QByteArray::number(wanted) + '-'))
        return false;
    if (!partial)
        m_skip = wanted;
    if (m_streamBegun)
        return m_etag == m_head.headers.value("etag");
    m_streamBegun = true;
    m_etag = m_head.headers.value("etag");
    Q_EMIT headReceived(m_head);
    return true;
}

void S3Call::handleBody(const QByteArray &data)
{
    touch();
    if (m_streaming) {
        stream(data);
        return;
    }
    if (m_answer.body.size() + data.size() > kMaxAnswer) {
        fail(local(Kind::Protocol, QStringLiteral("the answer is larger than %1 bytes").arg(kMaxAnswer)));
        return;
    }
    m_answer.body += data;
}

void S3Call::stream(const QByteArray &data)
{
    const qint64 skipped = std::min<qint64>(m_skip, data.size());
    m_skip -= skipped;
    QByteArray rest = skipped == 0 ? data : data.mid(skipped);
    // A server without ranges goes on behind the end, too.
    if (m_spec.rangeEnd >= 0)
        rest.truncate(std::max<qint64>(0, m_spec.rangeEnd + 1 - m_spec.rangeStart - m_delivered));
    if (rest.isEmpty())
        return;
    m_delivered += rest.size();
    if (m_session.receiving().spend(rest.size())) {
        pause();
        m_session.receiving().take(0, this, [this] { resume(); });
    }
    Q_EMIT bodyReceived(rest);
}

void S3Call::handleFinished()
{
    m_timer.stop();
    for (int i = 0; m_connection && i < m_pauses; ++i)
        m_connection->resumeReading();
    // Answered before it was asked to the end: the rest is not worth its way.
    if (m_connection && m_state != State::Answering)
        m_connection->abort();
    m_connection = nullptr;
    judge();
}

void S3Call::judge()
{
    // The end was cut off behind the last byte.
    if (m_streamBegun && m_answer.status == 416) {
        succeed();
        return;
    }
    if (m_answer.status / 100 != 2) {
        giveUpAttempt(readS3Error(m_answer.status, m_answer.headers, m_answer.body));
        return;
    }
    if (m_spec.errorIn200 && m_answer.body.contains("<Error")) {
        S3Error error = readS3Error(m_answer.status, m_answer.headers, m_answer.body);
        // A 200 was sent before the work; what went wrong in it may go well.
        if (error.code == "InternalError")
            error.kind = Kind::Server;
        giveUpAttempt(std::move(error));
        return;
    }
    if (m_state != State::Answering) {
        giveUpAttempt(local(Kind::Protocol, QStringLiteral("it was done before it was asked to the end")));
        return;
    }
    succeed();
}

void S3Call::handleFailed(const Error &error)
{
    m_timer.stop();
    const bool stale = m_connection && m_connection->reused() && !m_connection->answered();
    m_connection = nullptr;
    if (stale) { // The server had closed it meanwhile: nothing to do with this request.
        m_fresh = true;
        attempt();
        return;
    }
    giveUpAttempt(local(error.code == Code::BackendTls ? Kind::Tls : Kind::Unreachable, error.detail));
}

void S3Call::handleTimeout()
{
    if (m_state == State::Waiting) {
        attempt();
        return;
    }
    if (m_state == State::Expecting && m_connection) {
        // The server's time begins when there is a connection; that one has a limit of its own.
        if (m_connection->state() == http::ClientConnection::State::Connecting)
            m_timer.start(kExpectTime);
        else
            beginBody();
        return;
    }
    // Slow, but it goes on; or it is this side that has let it wait.
    const bool idle = m_state == State::Sending && m_reading && m_connection && m_connection->pending() == 0;
    if (idle || (m_connection && m_connection->pending() < m_pendingSeen)) {
        touch();
        return;
    }
    const QString what = m_headSeen                    ? QStringLiteral("stopped in the middle of its answer")
                         : m_state == State::Answering ? QStringLiteral("did not answer")
                                                       : QStringLiteral("stopped taking what was sent");
    if (m_connection)
        m_connection->giveUp();
    m_connection = nullptr;
    giveUpAttempt(local(Kind::Unreachable, what));
}

void S3Call::touch()
{
    if (m_pauses > 0 || m_state == State::Ended || m_state == State::Expecting)
        return;
    m_pendingSeen = m_connection ? m_connection->pending() : 0;
    const bool waits = m_state == State::Answering && !m_headSeen && m_pendingSeen == 0;
    m_timer.start(waits ? m_session.limits().answer : m_session.limits().idle);
}

void S3Call::pause()
{
    ++m_pauses;
    if (m_connection)
        m_connection->pauseReading();
    if (m_state != State::Waiting && m_state != State::Expecting)
        m_timer.stop();
}

void S3Call::resume()
{
    Q_ASSERT(m_pauses > 0);
    --m_pauses;
    if (m_connection) {
        m_connection->resumeReading();
        touch();
    }
}

void S3Call::dropConnection()
{
    if (m_connection) {
        m_connection->detach();
        m_connection->abort();
    }
    m_connection = nullptr;
}

void S3Call::giveUpAttempt(S3Error error)
{
    m_timer.stop();
    dropConnection();
    if (!tryAgain(error))
        fail(std::move(error));
}

/// True when the error tells something about the server that makes another attempt a better one.
bool S3Call::learnt(const S3Error &error)
{
    // HEAD has no body that could say why.
    const bool clock = error.kind == Kind::Clock || (error.status == 403 && error.code.isEmpty());
    const bool place = error.kind == Kind::Region;
    const bool checksum = error.kind == Kind::Unsupported &&
                          (m_spec.sendChecksum || m_spec.headers.contains("x-amz-checksum-algorithm"));
    if (!clock && !place && !checksum)
        return false;
    // Another call has learnt something while this one was under way: that may be it.
    if (m_lessons != m_session.lessons())
        return true;
    if (clock)
        return !std::exchange(m_clockTried, true) && m_session.learnClock(m_answer.headers);
    return place ? m_session.learnPlace(error, m_answer.headers) : m_session.learnNoChecksums();
}

/// True when another attempt is under way or planned.
bool S3Call::tryAgain(const S3Error &error)
{
    if (m_corrections < kMaxCorrections && learnt(error)) {
        ++m_corrections;
        attempt();
        return true;
    }
    if (!error.transient() || ++m_failures >= m_session.limits().attempts)
        return false;
    setState(State::Waiting);
    m_fresh = error.kind == Kind::Unreachable;
    const auto pause = pauseBefore(error);
    qCDebug(lcCall).noquote() << m_spec.operation << "again in" << pause.count()
                              << "ms:" << m_session.named(error, m_spec.operation).words();
    m_timer.start(pause);
    return true;
}

std::chrono::milliseconds S3Call::pauseBefore(const S3Error &error) const
{
    const S3Limits &limits = m_session.limits();
    const auto doubled = limits.firstPause * (1LL << std::min(m_failures - 1, 20));
    const auto jittered = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::min<std::chrono::milliseconds>(doubled, limits.longestPause) *
        m_session.random().jitter(kSpread));
    return std::max<std::chrono::milliseconds>(jittered, std::chrono::seconds(std::max(0, error.retryAfter)));
}

S3Error S3Call::local(Kind kind, const QString &message) const
{
    S3Error error;
    error.kind = kind;
    error.message = message;
    return error;
}

void S3Call::succeed()
{
    end(std::move(m_answer));
}

void S3Call::fail(S3Error error)
{
    end(m_session.named(std::move(error), m_spec.operation));
}

void S3Call::end(S3Result<http::Response> result)
{
    setState(State::Ended);
    m_timer.stop();
    dropConnection();
    const auto done = std::exchange(m_done, nullptr);
    deleteLater();
    if (done && m_context)
        done(std::move(result));
}

} // namespace cring::backup
