// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/replicacheck.h"
#include "core/http/pool.h"

#include <QObject>

namespace cring::accounts {

/// Asks a running Charm server for its key and issuer, without credentials. On the event loop; destroying it
/// calls it off.
class ServerQuestion final : public QObject
{
    Q_OBJECT

public:
    static constexpr std::chrono::milliseconds kTime{5'000}; ///< For each of the two requests.

    explicit ServerQuestion(const http::Origin &origin, QObject *parent = nullptr);

    void ask();

Q_SIGNALS:
    /// Once. BackendUnreachable, BackendTimeout, BackendProtocol, BackendTls, BackendAnswer; the text follows
    /// "the server".
    void answered(const cring::Result<cring::accounts::ServerAnswer> &answer);

private:
    void get(const char *target, void (ServerQuestion::*handler)(const QByteArray &body));
    void handleKeys(const QByteArray &body);
    void handleIssuer(const QByteArray &body);
    void fail(const QString &what);

    http::Pool m_pool;
    ServerAnswer m_answer;
};

} // namespace cring::accounts
