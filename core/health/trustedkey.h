// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QList>
#include <QString>

namespace cring::health {

/// What one server signs its tokens with, read from /v1/public/jwks and /.well-known/openid-configuration.
struct TrustedKey
{
    QByteArray kid;       ///< Lower-case hex SHA-256 of the private key (server/jwk.go:20).
    QByteArray publicKey; ///< Ed25519, 32 bytes.
    QString issuer;       ///< The `iss` of its tokens, exactly; empty until it has been read.

    bool operator==(const TrustedKey &) const = default;
};

/// The keys that tokens are checked against: one entry for each distinct (kid, key, issuer).
using KeySet = QList<TrustedKey>;

} // namespace cring::health
