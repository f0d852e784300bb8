// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QByteArray>
#include <QObject>

#include <chrono>
#include <functional>

namespace cring::replica {

/// A token and whose it is; kept in memory only, until it expires.
struct Credentials
{
    QByteArray account;       ///< The charm id.
    QByteArray authorization; ///< The Authorization header's value.
    qint64 expires = 0;       ///< Unix time, s.
    /// Id of the client's request that it is for, which servers are told; empty: the ring's own work.
    QByteArray request = {};

    /// Good for long enough to begin something with it. `now`: wall clock.
    bool lasts(std::chrono::milliseconds now) const { return expires - 60 > now.count() / 1000; }
};

/// Where work that no client waits for gets its tokens. One thread.
class ITokenSource : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    using Done = std::function<void(const Result<Credentials> &)>;

    /// A token for the account, good for a while, or why there is none and what would bring one. `done` is
    /// called once, at once or from the event loop, unless `context` dies first.
    virtual void obtain(const QByteArray &account, QObject *context, Done done) = 0;
    /// As obtain(), for whichever account the person's own identity is: who knows no account yet learns so of
    /// one.
    virtual void obtainOwn(QObject *context, Done done) { obtain({}, context, std::move(done)); }
    /// A client's token seen in passing.
    virtual void offer(const Credentials &credentials) = 0;

Q_SIGNALS:
    /// There may be a token now where there was none; for every account when `account` is empty.
    void available(const QByteArray &account);
};

} // namespace cring::replica
