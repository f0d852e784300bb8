// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/secret.h"

#include <QByteArrayList>
#include <QByteArrayView>
#include <QList>

#include <optional>

/// The form of all that the charm client seals (muesli/sasquatch, a relative of age): a header with the file
/// key, sealed once for each recipient, and a payload. docs/charm-protocol.md has it. OpenSSL does the
/// arithmetic; any thread.
namespace cring::charm::sealedform {

inline constexpr QByteArrayView kIntro("charm.sh/v1\n");
inline constexpr qsizetype kNonceBytes = 16; ///< Before the payload.
inline constexpr qsizetype kTagBytes = 16;
inline constexpr qsizetype kAeadNonceBytes = 12;
inline constexpr qsizetype kFileKeyBytes = 16;

/// With SHA-256; empty when OpenSSL fails.
Secret hmac(QByteArrayView key, QByteArrayView text);
/// 32 bytes of RFC 5869 with SHA-256; empty when OpenSSL fails.
Secret hkdf(QByteArrayView secret, QByteArrayView salt, QByteArrayView info);
/// ChaCha20-Poly1305 (RFC 8439); nothing when it was not made with this key.
std::optional<Secret> aeadOpen(const Secret &key, QByteArrayView nonce, QByteArrayView box);
/// Empty when OpenSSL fails: there is a tag in any case.
QByteArray aeadSeal(const Secret &key, QByteArrayView nonce, QByteArrayView plain);

/// Base64 without padding, in one form only.
QByteArray decoded(QByteArrayView text);

struct Stanza
{
    QByteArrayList words; ///< The kind and its arguments.
    QByteArray body;
};

struct Header
{
    QList<Stanza> stanzas;
    QByteArrayView signedPart; ///< That the MAC is of.
    QByteArray mac;
    QByteArrayView payload; ///< As far as the text goes.
};

/// Nothing when it is none, or not all of it is there. Views point into the text.
std::optional<Header> parse(QByteArrayView text);
/// Empty when OpenSSL fails.
Secret macOf(QByteArrayView signedPart, const Secret &fileKey);
bool isGenuine(const Header &header, const Secret &fileKey);

} // namespace cring::charm::sealedform
