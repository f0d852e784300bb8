// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QObject>
#include <QString>

#include <functional>

namespace cring::replica {

/// Is told that a server does not know an account, and brings it there when it can. One thread.
class IAccountBringer
{
public:
    using Done = std::function<void(bool isThere)>;

    virtual ~IAccountBringer() = default;

    /// `server` (a backend's id) has answered that it does not know the account, whose token is good. `done`
    /// is called once, at once or from the event loop, unless `context` dies first: true when a request there
    /// is worth a second try. It takes so little time that a client can wait for it.
    virtual void bring(const QString &server, const QByteArray &account, QObject *context, Done done) = 0;

    /// A server has just been told something new of an account: a name, an encrypt key. `done` is called
    /// once, from the event loop, unless `context` dies first: when whoever answers logins in the servers'
    /// place knows it, too, or that takes too long.
    virtual void learn(QObject *context, std::function<void()> done) = 0;
};

} // namespace cring::replica
