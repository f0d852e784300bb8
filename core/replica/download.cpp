// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/download.h"

#include "core/charm/blobpath.h"

#include <algorithm>

namespace cring::replica {

namespace {

constexpr qsizetype kMaxErrorBody = 16 * 1024;

} // namespace

Download::Download(Environment &environment, const Credentials &credentials, const QByteArray &path,
                   const QByteArray &target, QObject *parent)
    : QObject(parent)
    , m_environment(environment)
    , m_credentials(credentials)
    , m_target(target)
    , m_key(objectKey(credentials.account, path))
{
}

Download::~Download() = default;

void Download::start()
{
    // While a tail is on its way to the servers, what they hold is neither old nor new.
    m_environment.locks.whenFree(m_key, this, [this] {
        m_record = m_environment.ledger.find(m_key);
        if (m_record && m_record->deleted && m_environment.ledger.livesBelow(m_key, m_record->version)) {
            // Deleted, and there again as a folder since something was put into it.
            m_done = true;
            Q_EMIT isFolder();
            return;
        }
        if (m_record && m_record->deleted) {
            m_done = true;
            Q_EMIT refused(refusal(404, QStringLiteral("file not found")));
            return;
        }
        order();
        tryNext();
    });
}

/// Owners before the others, those with least under way first; whoever is down comes last, and a copy in
/// doubt never.
void Download::order()
{
    const QList<health::Backend *> placement = m_environment.placement(m_key);
    const int owners = m_environment.config.effectiveReplicas();
    struct Ranked
    {
        health::Backend *backend;
        bool usable;
        bool owner;
        int load;
        quint64 chance;
    };
    std::vector<Ranked> ranked;
    for (qsizetype i = 0; i < placement.size(); ++i) {
        health::Backend *backend = placement[i];
        const CopyState copy = m_environment.ledger.copyState(m_key, backend->id());
        if (copy != CopyState::Unknown || backend->state() == health::Backend::State::Misconfigured) {
            m_reasons << backend->name() + u' ' +
                             (copy == CopyState::Unknown ? backend->unusableReason()
                                                         : QStringLiteral("has not got the last version"));
            continue;
        }
        ranked.push_back(
            {backend, backend->usable(), i < owners, backend->outstanding(), m_environment.random.next()});
    }
    std::sort(ranked.begin(), ranked.end(), [](const Ranked &a, const Ranked &b) {
        return std::tuple(!a.usable, !a.owner, a.load, a.chance) <
               std::tuple(!b.usable, !b.owner, b.load, b.chance);
    });
    for (const Ranked &candidate : ranked)
        m_candidates << candidate.backend;
}

/// Ends the request under way. Later: this may be inside one of its signals.
void Download::dropRequest()
{
    if (!m_request)
        return;
    m_request->disconnect(this);
    m_request.release()->deleteLater();
}

void Download::tryNext()
{
    dropRequest();
    m_reader.release();
    m_load.release();
    m_errorBody.clear();
    if (m_candidates.isEmpty()) {
        giveUp();
        return;
    }
    m_backend = m_candidates.takeFirst();
    m_compared.reset();
    m_load = health::Load(*m_backend);
    m_reader = Readers::Registration(m_environment.readers, m_key, m_backend->id(), [this] { cut(); });
    http::Request request;
    request.method = "GET";
    request.target = m_target;
    request.headers.append("Authorization", m_credentials.authorization);
    const auto wait = m_environment.config.timing.readTimeout;
    m_request = std::make_unique<http::ClientRequest>(m_backend->pool(), request,
                                                      http::ClientRequest::Limits{wait, wait}, nullptr);
    connect(m_request.get(), &http::ClientRequest::headReceived, this, &Download::handleHead);
    connect(m_request.get(), &http::ClientRequest::bodyReceived, this, &Download::handleData);
    connect(m_request.get(), &http::ClientRequest::finished, this, &Download::handleFinished);
    connect(m_request.get(), &http::ClientRequest::failed, this, &Download::handleFailed);
    if (m_paused)
        m_request->pause();
    m_request->start();
}

void Download::setPaused(bool paused)
{
    if (m_paused == paused)
        return;
    m_paused = paused;
    if (m_request && paused)
        m_request->pause();
    else if (m_request)
        m_request->resume();
}

void Download::handleHead(const http::ResponseHead &head)
{
    m_head = head;
    m_backend->breaker().succeeded();
    if (head.status != 200)
        return; // handleFinished() has the body with the reason then
    const QByteArray type = head.headers.value("Content-Type");
    if (type.startsWith("application/json")) {
        if (m_began) {
            lose(QStringLiteral("has a folder where the others have a file"), false);
            return;
        }
        m_done = true;
        dropRequest();
        Q_EMIT isFolder();
        return;
    }
    if (m_began) {
        if (!acceptContinuation(head))
            lose(QStringLiteral("has another version of the file"), false);
        return;
    }
    if (m_record && m_record->size >= 0 && head.framing == http::Framing::Length &&
        head.contentLength != m_record->size) {
        lose(QStringLiteral("has a file of another length"), false);
        return;
    }
    m_began = true;
    for (const char *name : {"Content-Type", "X-File-Mode", "Last-Modified"}) {
        if (const QByteArray value = head.headers.value(name); !value.isEmpty())
            m_sentHeaders.append(name, value);
    }
    m_length = m_record && m_record->size >= 0           ? m_record->size
               : head.framing == http::Framing::Length   ? head.contentLength
               : head.headers.contains("Content-Length") ? 0
                                                         : -1;
    Q_EMIT began(m_sentHeaders, m_length);
}

bool Download::acceptContinuation(const http::ResponseHead &head) const
{
    return head.headers.value("X-File-Mode") == m_sentHeaders.value("X-File-Mode") &&
           (head.framing != http::Framing::Length || m_length < 0 || head.contentLength == m_length);
}

void Download::handleData(const QByteArray &data)
{
    if (m_done || !m_request)
        return;
    if (m_head.status != 200) {
        if (m_errorBody.size() < kMaxErrorBody)
            m_errorBody += data;
        return;
    }
    QByteArrayView rest(data);
    if (m_compared.size() < m_sent.size()) {
        const qint64 behind = m_sent.size() - m_compared.size();
        m_compared.add(rest.first(qMin<qint64>(behind, rest.size())));
        rest = rest.sliced(qMin<qint64>(behind, rest.size()));
        if (m_compared.size() == m_sent.size() && m_compared.value() != m_sent.value()) {
            lose(QStringLiteral("has another version of the file"), false);
            return;
        }
    }
    if (!rest.isEmpty())
        deliver(rest, data);
}

void Download::deliver(QByteArrayView data, const QByteArray &whole)
{
    m_sent.add(data);
    m_compared.add(data);
    if (m_record && m_record->size >= 0 && m_sent.size() > m_record->size) {
        m_candidates.clear(); // what was counted in cannot be told from what was true
        lose(QStringLiteral("sent more than the file holds"), false);
        return;
    }
    const QByteArray piece = data.size() == whole.size() ? whole : data.toByteArray();
    m_environment.counters.bytesOut += static_cast<quint64>(piece.size());
    if (m_record && !m_record->digest.isEmpty()) {
        // The last piece decides whether it was the file at all: it waits for the digest.
        const QByteArray previous = std::exchange(m_last, piece);
        if (!previous.isEmpty())
            Q_EMIT dataReceived(previous);
    } else {
        Q_EMIT dataReceived(piece);
    }
}

bool Download::fitsRecord() const
{
    if (!m_record || m_record->folder)
        return true;
    return (m_record->size < 0 || m_record->size == m_sent.size()) &&
           (m_record->digest.isEmpty() || m_record->digest == m_sent.value());
}

void Download::handleFinished()
{
    if (m_done)
        return;
    dropRequest();
    if (m_head.status != 200) {
        handleError();
        return;
    }
    if (m_compared.size() < m_sent.size()) {
        lose(QStringLiteral("has a shorter file"), false);
        return;
    }
    if (!fitsRecord()) {
        m_environment.ledger.mark(m_key, m_backend->id(), CopyState::Stale);
        m_environment.mending.mend(m_key, m_backend->id(), m_credentials);
        m_candidates.clear();
        lose(QStringLiteral("sent something else than what was stored"), false);
        return;
    }
    m_done = true;
    m_reader.release();
    m_load.release();
    if (!m_last.isEmpty())
        Q_EMIT dataReceived(m_last);
    Q_EMIT completed();
}

/// An answer other than 200: not there, not known, or the server's trouble.
void Download::handleError()
{
    const QByteArray type = m_head.headers.value("Content-Type");
    const QString words = describeAnswer(m_head.status, type, m_errorBody);
    m_reasons << m_backend->name() + u' ' + words;
    if (m_head.status == 404) {
        const bool missingUser = isMissingUser(404, m_errorBody);
        m_missingUsers += missingUser ? 1 : 0;
        ++m_absences;
        if (!m_notFound || !missingUser)
            m_notFound = Outcome{404, type, m_errorBody, {}};
        const bool contradicted = m_record && !m_record->deleted;
        if (!m_began && !contradicted && m_absences >= m_environment.absenceQuorum()) {
            m_done = true;
            Q_EMIT refused(*m_notFound);
            return;
        }
    } else if (m_head.status / 100 == 4) {
        // One server's clock may be off (401); if all say so, the client hears it.
        m_refused = Outcome{m_head.status, type, m_errorBody, words};
    }
    tryNext();
}

void Download::handleFailed(const Error &error)
{
    dropRequest();
    lose(error.detail, true);
}

/// This server is of no more use for this read.
void Download::lose(const QString &reason, bool itsFault)
{
    if (m_done)
        return;
    m_reasons << m_backend->name() + u' ' + reason;
    if (itsFault)
        m_backend->breaker().failed(reason);
    dropRequest();
    m_reader.release();
    ++m_environment.counters.failovers;
    tryNext();
}

void Download::giveUp()
{
    m_done = true;
    if (m_began) {
        Q_EMIT broken(listed(m_reasons));
        return;
    }
    if (m_refused && m_absences == 0) {
        Q_EMIT refused(*m_refused);
        return;
    }
    Q_EMIT refused(refusal(503, QStringLiteral("no server can give the file: %1").arg(listed(m_reasons))));
}

/// Somebody is about to write over what is being read.
void Download::cut()
{
    if (m_done)
        return;
    dropRequest();
    if (!m_began) {
        // Nothing has gone out: the new version will do.
        m_reader.release();
        m_candidates.clear();
        m_reasons.clear();
        start();
        return;
    }
    m_done = true;
    m_reader.release();
    m_load.release();
    Q_EMIT broken(QStringLiteral("the file was changed while it was read"));
}

} // namespace cring::replica
