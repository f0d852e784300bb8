// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/ownerstream.h"

#include "core/base/log.h"
#include "core/replica/answers.h"
#include "core/replica/requests.h"

#include <QLoggingCategory>
#include <QMetaEnum>

namespace cring::replica {

Q_LOGGING_CATEGORY(lcStream, "cring.upload")

OwnerStream::OwnerStream(Environment &environment, health::Backend &backend, ObjectKey key, QObject *parent)
    : QObject(parent)
    , m_environment(environment)
    , m_backend(backend)
    , m_key(std::move(key))
    , m_load(backend)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &OwnerStream::handleTimeout);
}

OwnerStream::~OwnerStream()
{
    letGo();
}

void OwnerStream::setState(State state)
{
    if (m_state == state)
        return;
    if (lcStream().isDebugEnabled()) {
        const log::Field request(log::Field::kRequest, QString::fromLatin1(m_requestId));
        const log::Field server(log::Field::kServer, m_backend.name());
        const auto nameOf = [](State one) {
            return QMetaEnum::fromType<State>().valueToKey(static_cast<int>(one));
        };
        qCDebug(lcStream).noquote() << m_backend.name() << nameOf(m_state) << "->" << nameOf(state)
                                    << m_reason;
    }
    m_state = state;
    if (settled()) {
        m_timer.stop();
        m_replay.clear();
        m_tail.reset();
        m_lane.release();
        m_load.release();
    }
    Q_EMIT changed();
}

void OwnerStream::letGo(bool itsFault)
{
    if (m_connection) {
        m_connection->detach();
        itsFault ? m_connection->giveUp() : m_connection->abort();
        m_connection = nullptr;
    }
}

void OwnerStream::start(const http::RequestHead &head)
{
    http::RequestHead own = head;
    own.headers.set("Host", m_backend.pool().origin().authority());
    own.headers.set("Expect", "100-continue");
    m_requestId = own.headers.value(http::kRequestIdField);
    m_head = http::serialise(own);
    m_timer.start(m_environment.config.timing.continueTimeout);
    connectAndSend(http::Pool::Want::Any);
}

void OwnerStream::connectAndSend(http::Pool::Want want)
{
    m_connection = m_backend.pool().take(want);
    m_connection->begin(this, m_head);
    for (const QByteArray &data : std::as_const(m_replay))
        m_connection->write(data);
}

void OwnerStream::offer(const QByteArray &data)
{
    if (m_state > State::Open || (!m_connection && !m_bringing))
        return;
    if (m_state == State::Preparing) {
        m_replay.append(data);
        m_replayBytes += data.size();
    }
    if (m_connection)
        m_connection->write(data);
}

bool OwnerStream::ready() const
{
    return m_state == State::Open && m_connection &&
           m_connection->pending() <= http::ClientConnection::kLowWater;
}

bool OwnerStream::blocked() const
{
    if (m_state == State::Preparing)
        return m_replayBytes >= kWindow;
    return m_state == State::Open && m_connection && m_connection->pending() >= kWindow;
}

void OwnerStream::release(const QByteArray &tail, std::chrono::milliseconds answerTimeout)
{
    if (!beforeTail() || m_tail)
        return;
    m_tail = tail;
    m_answerTimeout = answerTimeout;
    m_environment.lanes.acquire(m_backend.id(), m_key, this, [this](Lanes::Hold lane) {
        if (!beforeTail())
            return; // let go of meanwhile
        m_lane = std::move(lane);
        sendTailIfReady();
    });
}

void OwnerStream::sendTailIfReady()
{
    if (!m_tail || !m_lane || !ready())
        return;
    m_environment.readers.cut(m_key, m_backend.id());
    m_timer.start(m_answerTimeout);
    m_connection->write(*m_tail);
    m_connection->endRequest();
    setState(State::TailSent);
}

void OwnerStream::drop(const QString &reason, bool itsFault)
{
    if (!beforeTail())
        return;
    if (m_bringing) {
        handleBrought(false); // it had answered
        return;
    }
    m_reason = reason;
    if (itsFault)
        m_backend.breaker().failed(reason);
    else
        m_backend.breaker().abandoned();
    letGo(itsFault);
    setState(State::Failed);
}

void OwnerStream::handleContinue()
{
    if (m_state != State::Preparing)
        return;
    // Not a success yet: a server may agree to every upload and answer none.
    m_timer.stop();
    m_replay.clear();
    m_replayBytes = 0;
    setState(State::Open);
    sendTailIfReady();
}

void OwnerStream::handleHead(const http::ResponseHead &head)
{
    m_status = head.status;
    m_contentType = head.headers.value("Content-Type");
    m_early = beforeTail();
    if (lcStream().isDebugEnabled()) {
        const log::Field request(log::Field::kRequest, QString::fromLatin1(m_requestId));
        const log::Field server(log::Field::kServer, m_backend.name());
        qCDebug(lcStream).noquote() << m_backend.name() << "answered" << m_status;
    }
}

void OwnerStream::handleBody(const QByteArray &data)
{
    if (m_body.size() < kMaxErrorBody)
        m_body += data.first(qMin(data.size(), kMaxErrorBody - m_body.size()));
}

void OwnerStream::handleFinished()
{
    const bool complete = !m_early;
    if (beforeTail())
        letGo(); // its request was never completed: the connection is good for nothing else
    m_connection = nullptr;
    m_backend.breaker().succeeded();
    if (m_status / 100 == 2) {
        // A 2xx before the body was complete is no receipt for it.
        m_reason = complete ? QString() : QStringLiteral("answered before the body was sent");
        setState(complete ? State::Stored : State::Failed);
        return;
    }
    m_reason = describeAnswer(m_status, m_contentType, m_body);
    if (m_state == State::Preparing && !m_wasBrought && isMissingUser(m_status, m_body)) {
        bringAccount();
        return;
    }
    // Charm looks at the quota before it touches the file and answers 4xx; its 500 says nothing
    // (server/http.go:303).
    setState(complete && m_status / 100 == 5 ? State::InDoubt : State::Refused);
}

void OwnerStream::bringAccount()
{
    m_wasBrought = m_bringing = true;
    m_timer.stop();
    m_environment.bringer.bring(m_backend.id(), accountOf(m_key), this,
                                [this](bool isThere) { handleBrought(isThere); });
}

/// The whole request once more, as far as the body has come; or what the server has said holds.
void OwnerStream::handleBrought(bool isThere)
{
    if (!std::exchange(m_bringing, false))
        return; // let go of meanwhile
    if (!isThere || !m_backend.usable() || !m_backend.breaker().allows()) {
        setState(State::Refused);
        return;
    }
    m_reason.clear();
    m_body.clear();
    m_status = 0;
    m_timer.start(m_environment.config.timing.continueTimeout);
    connectAndSend(http::Pool::Want::Any);
}

void OwnerStream::handleWritable()
{
    Q_EMIT changed();
    sendTailIfReady();
}

void OwnerStream::handleFailed(const Error &error)
{
    const bool stale =
        m_state == State::Preparing && m_connection && m_connection->reused() && !m_connection->answered();
    m_connection = nullptr;
    if (stale) {
        connectAndSend(http::Pool::Want::Fresh);
        return;
    }
    m_reason = error.detail;
    m_backend.breaker().failed(error.detail);
    setState(beforeTail() ? State::Failed : State::InDoubt);
}

void OwnerStream::handleTimeout()
{
    if (m_state == State::Late) {
        letGo(); // dead without a word, or as good as dead
        setState(State::InDoubt);
        return;
    }
    const auto waited =
        m_state == State::Preparing ? m_environment.config.timing.continueTimeout : m_answerTimeout;
    m_reason = QStringLiteral("did not answer within %1 s").arg(static_cast<double>(waited.count()) / 1000.0);
    m_backend.breaker().failed(m_reason);
    if (m_state == State::TailSent) {
        m_timer.start(kUntilDead);
        setState(State::Late);
    } else if (beforeTail()) {
        letGo(true);
        setState(State::Failed);
    }
}

} // namespace cring::replica
