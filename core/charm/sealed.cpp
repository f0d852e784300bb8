// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/charm/sealed.h"

#include "core/charm/serverkey.h"

#include <QCryptographicHash>
#include <QtEndian>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <memory>

namespace cring::charm {

namespace {

constexpr QByteArrayView kIntro("charm.sh/v1\n");
constexpr QByteArrayView kLabel("charm.sh/v1/ssh-ed25519");
constexpr qsizetype kKeyBytes = 32;
constexpr qsizetype kFileKeyBytes = 16;
constexpr qsizetype kNonceBytes = 16;
constexpr qsizetype kTagBytes = 16;
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

Secret hmac(QByteArrayView key, QByteArrayView text)
{
    Secret mac(kKeyBytes);
    size_t size = 0;
    const bool good =
        EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, key.data(), static_cast<size_t>(key.size()),
                  bytes(text), static_cast<size_t>(text.size()), bytes(mac), kKeyBytes, &size) != nullptr;
    return good ? std::move(mac) : Secret();
}

/// 32 bytes of RFC 5869 with SHA-256; empty when OpenSSL fails.
Secret hkdf(QByteArrayView secret, QByteArrayView salt, QByteArrayView info)
{
    const QByteArray zeros(kKeyBytes, '\0');
    const Secret extracted = hmac(salt.isEmpty() ? QByteArrayView(zeros) : salt, secret);
    return extracted.isEmpty() ? Secret() : hmac(extracted.view(), info.toByteArray() + '\1');
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

/// ChaCha20-Poly1305 (RFC 8439); empty when it was not made with this key.
Secret aeadOpen(const Secret &key, QByteArrayView nonce, QByteArrayView box)
{
    if (key.isEmpty() || box.size() <= kTagBytes)
        return {};
    const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(EVP_CIPHER_CTX_new(),
                                                                                  EVP_CIPHER_CTX_free);
    const QByteArrayView tag = box.last(kTagBytes);
    const QByteArrayView body = box.chopped(kTagBytes);
    Secret plain(body.size());
    int size = 0;
    int rest = 0;
    const bool good = context &&
                      EVP_DecryptInit_ex(context.get(), EVP_chacha20_poly1305(), nullptr, bytes(key.view()),
                                         bytes(nonce)) == 1 &&
                      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes,
                                          const_cast<char *>(tag.data())) == 1 &&
                      EVP_DecryptUpdate(context.get(), bytes(plain), &size, bytes(body),
                                        static_cast<int>(body.size())) == 1 &&
                      EVP_DecryptFinal_ex(context.get(), bytes(plain) + size, &rest) == 1;
    return good ? std::move(plain) : Secret();
}

/// Base64 without padding, in one form only.
QByteArray decoded(QByteArrayView text)
{
    const auto result = QByteArray::fromBase64Encoding(
        text.toByteArray(), QByteArray::Base64Encoding | QByteArray::AbortOnBase64DecodingErrors);
    // Qt ignores the bits of the last letter that no byte has.
    return result && (*result).toBase64(QByteArray::OmitTrailingEquals) == text ? *result : QByteArray();
}

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
    QByteArrayView payload;
};

std::optional<Header> parse(QByteArrayView text)
{
    if (!text.startsWith(kIntro) || text.size() > kMostSealed)
        return std::nullopt;
    Header header;
    QByteArray base64;
    qsizetype at = kIntro.size();
    for (;;) {
        const qsizetype end = text.indexOf('\n', at);
        if (end < 0)
            return std::nullopt;
        const QByteArrayView line = text.sliced(at, end - at);
        const bool ends = line.startsWith("---");
        if ((ends || line.startsWith("-> ")) && !header.stanzas.isEmpty())
            header.stanzas.last().body = decoded(std::exchange(base64, {}));
        if (ends) {
            header.signedPart = text.first(at + 3);
            header.mac = decoded(line.sliced(3).trimmed());
            header.payload = text.sliced(end + 1);
            return header;
        }
        if (line.startsWith("-> "))
            header.stanzas.append({line.sliced(3).toByteArray().split(' '), {}});
        else if (header.stanzas.isEmpty())
            return std::nullopt;
        else
            base64 += line;
        at = end + 1;
    }
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
    return aeadOpen(wrapping, QByteArray(12, '\0'), stanza.body);
}

bool isGenuine(const Header &header, const Secret &fileKey)
{
    const Secret mac = hmac(hkdf(fileKey.view(), {}, "header").view(), header.signedPart);
    return header.mac.size() == mac.size() && !mac.isEmpty() &&
           CRYPTO_memcmp(header.mac.constData(), mac.text(), static_cast<size_t>(mac.size())) == 0;
}

} // namespace

Result<Secret> openSealed(QByteArrayView sealed, QByteArrayView privateKey)
{
    const Result<ServerKey> key = ServerKey::parse(privateKey);
    if (!key)
        return key.error();
    const auto header = parse(sealed);
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
        Secret plain = aeadOpen(stream, QByteArray(11, '\0') + '\1', header->payload.sliced(kNonceBytes));
        if (!plain.isEmpty())
            return plain;
        break;
    }
    return unusable("is not the one that it was sealed to");
}

} // namespace cring::charm
