// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/charm/sealed.h"

#include "core/charm/sealedform.h"
#include "core/charm/serverkey.h"

#include <QCryptographicHash>
#include <QtEndian>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <memory>

namespace cring::charm {

using namespace sealedform;

namespace {

constexpr QByteArrayView kLabel("charm.sh/v1/ssh-ed25519");
constexpr qsizetype kKeyBytes = 32;
constexpr qsizetype kMostSealed = 16 * 1024;

unsigned char *bytes(Secret &secret)
{
    return reinterpret_cast<unsigned char *>(secret.data());
}

const unsigned char *bytes(QByteArrayView view)
{
    return reinterpret_cast<const unsigned char *>(view.data());
}

Error unusable(const char *why)
{
    return Error{Code::KeyUnusable, QString::fromLatin1(why)};
}

/// RFC 7748; empty when the result would be zero, or OpenSSL fails.
Secret x25519(QByteArrayView scalar, QByteArrayView point)
{
    using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
    const Key own(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, bytes(scalar), kKeyBytes),
                  EVP_PKEY_free);
    const Key peer(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, bytes(point), kKeyBytes),
                   EVP_PKEY_free);
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
        own ? EVP_PKEY_CTX_new(own.get(), nullptr) : nullptr, EVP_PKEY_CTX_free);
    Secret shared(kKeyBytes);
    size_t size = kKeyBytes;
    const bool good = context && peer && EVP_PKEY_derive_init(context.get()) == 1 &&
                      EVP_PKEY_derive_set_peer(context.get(), peer.get()) == 1 &&
                      EVP_PKEY_derive(context.get(), bytes(shared), &size) == 1;
    return good ? std::move(shared) : Secret();
}

QByteArray publicOf(QByteArrayView scalar)
{
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, bytes(scalar), kKeyBytes), EVP_PKEY_free);
    QByteArray point(kKeyBytes, '\0');
    size_t size = kKeyBytes;
    const bool good = key && EVP_PKEY_get_raw_public_key(
                                 key.get(), reinterpret_cast<unsigned char *>(point.data()), &size) == 1;
    return good ? point : QByteArray();
}

QByteArray sshBlob(const QByteArray &publicKey)
{
    QByteArray blob;
    for (const QByteArray &field : {QByteArray("ssh-ed25519"), publicKey}) {
        const quint32 size = qToBigEndian(static_cast<quint32>(field.size()));
        blob += QByteArray(reinterpret_cast<const char *>(&size), sizeof size) + field;
    }
    return blob;
}

QByteArray fingerprintOf(const QByteArray &blob)
{
    constexpr qsizetype kShown = 8;
    return QCryptographicHash::hash(blob, QCryptographicHash::Sha256)
        .first(kShown)
        .toBase64(QByteArray::OmitTrailingEquals);
}

/// The key that the payload is sealed with; empty when the stanza is not of this key.
Secret fileKeyOf(const Stanza &stanza, const ServerKey &key)
{
    const QByteArray blob = sshBlob(key.publicKey());
    if (stanza.words.size() != 3 || stanza.words.at(0) != "ssh-ed25519" ||
        stanza.words.at(1) != fingerprintOf(blob))
        return {};
    const QByteArray ephemeral = decoded(stanza.words.at(2));
    if (ephemeral.size() != kKeyBytes)
        return {};
    // The Ed25519 key as one of X25519: the first half of its seed's SHA-512.
    Secret scalar(2 * kKeyBytes);
    const Secret seed = key.seed();
    EVP_Digest(seed.text(), static_cast<size_t>(seed.size()), bytes(scalar), nullptr, EVP_sha512(), nullptr);
    scalar.truncate(kKeyBytes);
    const Secret tweak = hkdf({}, blob, kLabel);
    const Secret shared = x25519(scalar.view(), ephemeral);
    if (tweak.isEmpty() || shared.isEmpty())
        return {};
    const Secret tweaked = x25519(tweak.view(), shared.view());
    if (tweaked.isEmpty())
        return {};
    const Secret wrapping = hkdf(tweaked.view(), ephemeral + publicOf(scalar.view()), kLabel);
    return aeadOpen(wrapping, QByteArray(kAeadNonceBytes, '\0'), stanza.body).value_or(Secret());
}

} // namespace

Result<Secret> openSealed(QByteArrayView sealed, QByteArrayView privateKey)
{
    const Result<ServerKey> key = ServerKey::parse(privateKey);
    if (!key)
        return key.error();
    const auto header = sealed.size() <= kMostSealed ? parse(sealed) : std::nullopt;
    if (!header)
        return unusable("cannot open what is damaged, or sealed in another form");
    for (const Stanza &stanza : header->stanzas) {
        const Secret fileKey = fileKeyOf(stanza, *key);
        if (fileKey.size() != kFileKeyBytes)
            continue;
        if (!isGenuine(*header, fileKey) || header->payload.size() <= kNonceBytes)
            break;
        // One piece, the last one: a key is short.
        const Secret stream = hkdf(fileKey.view(), header->payload.first(kNonceBytes), "payload");
        auto plain = aeadOpen(stream, QByteArray(kAeadNonceBytes - 1, '\0') + '\1',
                              header->payload.sliced(kNonceBytes));
        if (plain && !plain->isEmpty())
            return std::move(*plain);
        break;
    }
    return unusable("is not the one that it was sealed to");
}

} // namespace cring::charm
