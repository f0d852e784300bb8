// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/charm/sealedform.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <memory>

namespace cring::charm::sealedform {

namespace {

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

constexpr qsizetype kKeyBytes = 32;

unsigned char *bytes(Secret &secret)
{
    return reinterpret_cast<unsigned char *>(secret.data());
}

const unsigned char *bytes(QByteArrayView view)
{
    return reinterpret_cast<const unsigned char *>(view.data());
}

} // namespace

Secret hmac(QByteArrayView key, QByteArrayView text)
{
    Secret mac(kKeyBytes);
    size_t size = 0;
    const bool good =
        EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, key.data(), static_cast<size_t>(key.size()),
                  bytes(text), static_cast<size_t>(text.size()), bytes(mac), kKeyBytes, &size) != nullptr;
    return good ? std::move(mac) : Secret();
}

Secret hkdf(QByteArrayView secret, QByteArrayView salt, QByteArrayView info)
{
    const QByteArray zeros(kKeyBytes, '\0');
    const Secret extracted = hmac(salt.isEmpty() ? QByteArrayView(zeros) : salt, secret);
    return extracted.isEmpty() ? Secret() : hmac(extracted.view(), info.toByteArray() + '\1');
}

std::optional<Secret> aeadOpen(const Secret &key, QByteArrayView nonce, QByteArrayView box)
{
    if (key.isEmpty() || box.size() < kTagBytes)
        return std::nullopt;
    const Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
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
    return good ? std::optional(std::move(plain)) : std::nullopt;
}

QByteArray aeadSeal(const Secret &key, QByteArrayView nonce, QByteArrayView plain)
{
    const Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    QByteArray box(plain.size() + kTagBytes, '\0');
    auto *out = reinterpret_cast<unsigned char *>(box.data());
    int size = 0;
    int rest = 0;
    const bool good =
        !key.isEmpty() && context &&
        EVP_EncryptInit_ex(context.get(), EVP_chacha20_poly1305(), nullptr, bytes(key.view()),
                           bytes(nonce)) == 1 &&
        EVP_EncryptUpdate(context.get(), out, &size, bytes(plain), static_cast<int>(plain.size())) == 1 &&
        EVP_EncryptFinal_ex(context.get(), out + size, &rest) == 1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, out + plain.size()) == 1;
    return good ? box : QByteArray();
}

QByteArray decoded(QByteArrayView text)
{
    const auto result = QByteArray::fromBase64Encoding(
        text.toByteArray(), QByteArray::Base64Encoding | QByteArray::AbortOnBase64DecodingErrors);
    // Qt ignores the bits of the last letter that no byte has.
    return result && (*result).toBase64(QByteArray::OmitTrailingEquals) == text ? *result : QByteArray();
}

std::optional<Header> parse(QByteArrayView text)
{
    if (!text.startsWith(kIntro))
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

Secret macOf(QByteArrayView signedPart, const Secret &fileKey)
{
    return hmac(hkdf(fileKey.view(), {}, "header").view(), signedPart);
}

bool isGenuine(const Header &header, const Secret &fileKey)
{
    const Secret mac = macOf(header.signedPart, fileKey);
    return header.mac.size() == mac.size() && !mac.isEmpty() &&
           CRYPTO_memcmp(header.mac.constData(), mac.text(), static_cast<size_t>(mac.size())) == 0;
}

} // namespace cring::charm::sealedform
