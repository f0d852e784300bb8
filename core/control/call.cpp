// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/call.h"

#include "core/control/protocol.h"
#include "core/control/session.h"

namespace cring::control {

Subscription::Subscription(Session *session)
    : QObject(session)
    , m_session(session)
{
}

void Subscription::notify(const QString &method, const QJsonObject &params)
{
    if (m_session)
        m_session->sendNotification(encodeNotification(method, params));
}

Call::Call(Session *session, QJsonValue id, QJsonObject params)
    : m_session(session)
    , m_id(std::move(id))
    , m_params(std::move(params))
{
}

Call::~Call()
{
    if (m_answered || !m_session)
        return;
    const Error error{Code::ControlProtocol,
                      QStringLiteral("the service dropped the request; its log may say why")};
    m_session->sendAnswer(m_id, encodeError(m_id, RpcCode::InternalError, error));
}

bool Call::isWanted() const
{
    return m_session && !m_session->isClosing();
}

bool Call::takeAnswer()
{
    return !std::exchange(m_answered, true) && m_session;
}

void Call::reply(const QJsonObject &result)
{
    Q_ASSERT(!m_answered);
    if (!takeAnswer())
        return;
    QByteArray answer = encodeResult(m_id, result);
    if (answer.size() > maxMessageBytes) {
        answer = encodeError(
            m_id, RpcCode::InternalError,
            {Code::ControlProtocol, QStringLiteral("the answer is too long; ask for less at once")});
    }
    m_session->sendAnswer(m_id, answer);
}

void Call::fail(const Error &error)
{
    Q_ASSERT(!m_answered);
    if (takeAnswer())
        m_session->sendAnswer(m_id, encodeError(m_id, rpcCodeFor(error.code), error));
}

void Call::progress(const QString &method, QJsonObject params)
{
    if (!isWanted() || m_answered || m_id.isUndefined())
        return;
    params.insert(QStringLiteral("request"), m_id);
    m_session->sendNotification(encodeNotification(method, params));
}

Subscription *Call::subscribe(const QString &topic)
{
    return isWanted() ? m_session->subscribe(topic) : nullptr;
}

bool Call::unsubscribe(const QString &topic)
{
    return m_session && m_session->unsubscribe(topic);
}

} // namespace cring::control
