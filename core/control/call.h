// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/error.h"

#include <QJsonObject>
#include <QJsonValue>
#include <QObject>
#include <QPointer>

#include <functional>
#include <memory>

namespace cring::control {

class Session;

/// What a client asked to be told of. Owned by its client's session, and dies with it, or when the client
/// asks again for the same topic: use it as the context of the connections that feed it.
class Subscription : public QObject
{
    Q_OBJECT

public:
    explicit Subscription(Session *session);

    /// A client that takes its notifications too slowly is cut off: no queue grows here.
    void notify(const QString &method, const QJsonObject &params);

    /// Nothing goes out from now on, though what feeds it may still come by until it is deleted.
    void end() { m_session = nullptr; }

private:
    Session *m_session; ///< The parent; null once ended.
};

/// One request under way. Answer it once, now or later; a call that is dropped unanswered answers an internal
/// error by itself, so that no client waits for ever. The client may be gone meanwhile: answers then go
/// nowhere.
class Call
{
public:
    Call(Session *session, QJsonValue id, QJsonObject params);
    ~Call();
    Call(const Call &) = delete;
    Call &operator=(const Call &) = delete;

    const QJsonObject &params() const { return m_params; }

    /// False when nobody waits for the answer any more: long work may stop.
    bool isWanted() const;

    void reply(const QJsonObject &result);
    void fail(const Error &error);
    /// A step of long work, before the answer. Carries the request's id as "request".
    void progress(const QString &method, QJsonObject params);

    /// Replaces the client's subscription to this topic. Null when the client is gone.
    Subscription *subscribe(const QString &topic);
    /// False when there was none.
    bool unsubscribe(const QString &topic);

private:
    bool takeAnswer();

    QPointer<Session> m_session;
    QJsonValue m_id;
    QJsonObject m_params;
    bool m_answered = false;
};

/// Copied into whatever answers later.
using CallPtr = std::shared_ptr<Call>;
/// Runs on the server's thread. Must not block.
using Method = std::function<void(const CallPtr &call)>;

} // namespace cring::control
