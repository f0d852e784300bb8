// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/serverquestion.h"

#include "core/charm/token.h"

namespace cring::accounts {

namespace {

constexpr qint64 kMostBytes = 64 * 1024;

} // namespace

ServerQuestion::ServerQuestion(const http::Origin &origin, QObject *parent)
    : QObject(parent)
    , m_pool(origin)
{
}

void ServerQuestion::ask()
{
    get("/v1/public/jwks", &ServerQuestion::handleKeys);
}

void ServerQuestion::get(const char *target, void (ServerQuestion::*handler)(const QByteArray &body))
{
    const http::Request request{QByteArrayLiteral("GET"), target, {}, {}};
    m_pool.exchange(request, kTime, kMostBytes, this, [this, handler](const Result<http::Response> &result) {
        if (!result)
            Q_EMIT answered(result.error());
        else if (result->status != 200)
            fail(QStringLiteral("answered %1: is it a Charm server, v0.12 or later?").arg(result->status));
        else
            (this->*handler)(result->body);
    });
}

void ServerQuestion::fail(const QString &what)
{
    Q_EMIT answered(Error{Code::BackendAnswer, what});
}

void ServerQuestion::handleKeys(const QByteArray &body)
{
    const auto keys = charm::parseJwks(body);
    if (!keys) {
        fail(QStringLiteral("showed no signing key: is it a Charm server, v0.12 or later?"));
        return;
    }
    m_answer.kid = keys->constFirst().kid;
    get("/.well-known/openid-configuration", &ServerQuestion::handleIssuer);
}

void ServerQuestion::handleIssuer(const QByteArray &body)
{
    const auto issuer = charm::parseIssuer(body);
    if (!issuer) {
        fail(QStringLiteral("showed no issuer: is it a Charm server, v0.12 or later?"));
        return;
    }
    m_answer.issuer = *issuer;
    Q_EMIT answered(m_answer);
}

} // namespace cring::accounts
