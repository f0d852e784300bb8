// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/charm/serverkey.h"

#include "core/base/secret.h"
#include "core/charm/json.h"

#include <QtEndian>

#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace cring::charm {

namespace {

constexpr qsizetype kSeedBytes = 32;
constexpr qsizetype kPublicBytes = 32;
constexpr qsizetype kSignatureBytes = 64;
constexpr QByteArrayView kBegin("-----BEGIN OPENSSH PRIVATE KEY-----");
constexpr QByteArrayView kEnd("-----END OPENSSH PRIVATE KEY-----");
constexpr QByteArrayView kMagic("openssh-key-v1\0", 15);
constexpr QByteArrayView kEd25519("ssh-ed25519");

Error unusable(const QString &why)
{
    return Error{Code::KeyUnusable, why};
}

Error damaged()
{
    return unusable(QStringLiteral("is cut off or damaged: copy it again"));
}

Error noOpenSshKey(QByteArrayView text)
{
    if (text.startsWith("ssh-"))
        return unusable(
            QStringLiteral("is the public half of a key; the private one is in the file without .pub"));
    if (text.contains("PRIVATE KEY-----"))
        return unusable(
            QStringLiteral("holds a private key in another form than OpenSSH's, which is the only one "
                           "that Charm servers take"));
    return unusable(QStringLiteral("holds no private key in OpenSSH's format"));
}

/// Walks over the fields of RFC 4251, section 5. Past an error there are only empty ones.
class Fields
{
public:
    explicit Fields(QByteArrayView bytes)
        : m_rest(bytes)
    {
    }

    bool skip(QByteArrayView expected)
    {
        const bool there = m_good && m_rest.startsWith(expected);
        take(there ? expected.size() : m_rest.size() + 1);
        return there;
    }
    quint32 number()
    {
        const QByteArrayView bytes = take(sizeof(quint32));
        return bytes.isEmpty() ? 0 : qFromBigEndian<quint32>(bytes.data());
    }
    QByteArrayView string() { return take(number()); }
    QByteArrayView rest() const { return m_rest; }
    bool good() const { return m_good; }

private:
    QByteArrayView take(qsizetype size)
    {
        m_good = m_good && size <= m_rest.size();
        const QByteArrayView taken = m_good ? m_rest.first(size) : QByteArrayView();
        m_rest = m_good ? m_rest.sliced(size) : QByteArrayView();
        return taken;
    }

    QByteArrayView m_rest;
    bool m_good = true;
};

/// The bytes between the first and last line, without the copies that joining and decoding would leave
/// behind.
Secret decoded(QByteArrayView text)
{
    const qsizetype begin = text.indexOf(kBegin);
    const qsizetype end = begin < 0 ? -1 : text.indexOf(kEnd, begin);
    if (end < 0)
        return {};
    const QByteArrayView lines = text.sliced(begin + kBegin.size(), end - begin - kBegin.size());
    Secret joined(lines.size());
    const char *last = std::copy_if(lines.begin(), lines.end(), joined.data(),
                                    [](char c) { return c != '\n' && c != '\r'; });
    // EVP_DecodeBlock() counts the padding as bytes.
    const qsizetype length = last - joined.text();
    const QByteArrayView base64 = joined.view().first(length);
    const qsizetype padding = base64.endsWith("==") ? 2 : base64.endsWith('=') ? 1 : 0;
    Secret bytes(length / 4 * 3);
    const int size = length % 4 != 0 ? -1
                                     : EVP_DecodeBlock(reinterpret_cast<unsigned char *>(bytes.data()),
                                                       reinterpret_cast<const unsigned char *>(base64.data()),
                                                       static_cast<int>(length));
    if (size < padding)
        return {};
    bytes.truncate(size - padding);
    return bytes;
}

QString kindOf(QByteArrayView publicBlob)
{
    const QByteArrayView type = Fields(publicBlob).string();
    for (const char *known : {"ssh-rsa", "ssh-dss", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
                              "ecdsa-sha2-nistp521", "sk-ssh-ed25519@openssh.com"}) {
        if (type == QByteArrayView(known))
            return QStringLiteral("is a key of the kind %1").arg(QLatin1String(known));
    }
    return QStringLiteral("is a key of a kind that is not known here");
}

struct KeyParts
{
    QByteArrayView seed;
    QByteArrayView publicKey;
};

/// Views into what was decoded.
Result<KeyParts> partsOf(QByteArrayView bytes)
{
    Fields file(bytes);
    if (!file.skip(kMagic))
        return damaged();
    const QByteArrayView cipher = file.string();
    file.string(); // The name of the key derivation,
    file.string(); // and its options.
    const quint32 keys = file.number();
    const QByteArrayView publicBlob = file.string();
    const QByteArrayView privatePart = file.string();
    if (!file.good() || !file.rest().isEmpty() || keys != 1)
        return damaged();
    if (cipher != QByteArrayView("none"))
        return unusable(
            QStringLiteral("is protected by a passphrase, and nobody is there to type it; Charm servers "
                           "take no such key either"));
    Fields key(privatePart);
    const quint32 check = key.number();
    if (key.number() != check || !key.good())
        return damaged();
    if (const QByteArrayView type = key.string(); type != kEd25519)
        return key.good() ? unusable(kindOf(publicBlob) + QStringLiteral("; Charm servers sign with Ed25519"))
                          : damaged();
    const QByteArrayView publicKey = key.string();
    const QByteArrayView privateKey = key.string();
    key.string(); // The comment; what follows fills up a block with 1, 2, 3 …
    const QByteArrayView padding = key.rest();
    bool whole = key.good() && publicKey.size() == kPublicBytes &&
                 privateKey.size() == kSeedBytes + kPublicBytes && privateKey.sliced(kSeedBytes) == publicKey;
    for (qsizetype i = 0; i < padding.size(); ++i)
        whole = whole && padding[i] == static_cast<char>(i + 1);
    if (!whole)
        return damaged();
    return KeyParts{privateKey.first(kSeedBytes), publicKey};
}

const unsigned char *bytesOf(QByteArrayView view)
{
    return reinterpret_cast<const unsigned char *>(view.data());
}

/// Writes the fields of RFC 4251, section 5, one behind the other.
class FieldWriter
{
public:
    explicit FieldWriter(Secret &into)
        : m_at(into.data())
    {
    }

    void raw(QByteArrayView bytes) { m_at = std::copy(bytes.begin(), bytes.end(), m_at); }
    void number(quint32 value)
    {
        qToBigEndian(value, m_at);
        m_at += sizeof value;
    }
    void string(QByteArrayView bytes)
    {
        number(static_cast<quint32>(bytes.size()));
        raw(bytes);
    }

private:
    char *m_at;
};

/// What stands between the first and last line of the file (openssh/PROTOCOL.key).
Secret privateKeyFile(QByteArrayView seed, QByteArrayView publicKey)
{
    constexpr QByteArrayView kPadding("\1\2\3\4\5", 5);
    constexpr qsizetype kNumber = sizeof(quint32);
    constexpr qsizetype kPublicPart = kNumber + kEd25519.size() + kNumber + kPublicBytes;
    // Two check numbers, the public part, the private key, no comment, and filled up to a multiple of 8.
    constexpr qsizetype kPrivatePart =
        2 * kNumber + kPublicPart + kNumber + kSeedBytes + kPublicBytes + kNumber + kPadding.size();
    static_assert(kPrivatePart % 8 == 0);
    Secret file(kMagic.size() + 2 * (kNumber + 4) + 2 * kNumber + kNumber + kPublicPart + kNumber +
                kPrivatePart);
    FieldWriter write(file);
    write.raw(kMagic);
    write.string("none");
    write.string("none");
    write.string({});
    write.number(1);
    write.number(kPublicPart);
    write.string(kEd25519);
    write.string(publicKey);
    write.number(kPrivatePart);
    write.number(0);
    write.number(0);
    write.string(kEd25519);
    write.string(publicKey);
    write.number(kSeedBytes + kPublicBytes);
    write.raw(seed);
    write.raw(publicKey);
    write.string({});
    write.raw(kPadding);
    return file;
}

QByteArray base64Url(QByteArrayView bytes)
{
    return QByteArray::fromRawData(bytes.data(), bytes.size())
        .toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
}

} // namespace

Result<ServerKey> ServerKey::parse(QByteArrayView text)
{
    text = text.trimmed();
    if (!text.startsWith(kBegin))
        return noOpenSshKey(text);
    const Secret bytes = decoded(text);
    const Result<KeyParts> parts = partsOf(bytes.view());
    if (!parts)
        return parts.error();
    Result<ServerKey> key = fromSeed(parts->seed);
    if (key && key->publicKey() != parts->publicKey)
        return damaged();
    return key;
}

Result<ServerKey> ServerKey::fromSeed(QByteArrayView seed)
{
    ServerKey made;
    made.m_key = std::shared_ptr<EVP_PKEY>(
        seed.size() == kSeedBytes
            ? EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytesOf(seed), kSeedBytes)
            : nullptr,
        EVP_PKEY_free);
    made.m_publicKey = QByteArray(kPublicBytes, '\0');
    size_t size = kPublicBytes;
    if (!made.m_key ||
        EVP_PKEY_get_raw_public_key(made.m_key.get(),
                                    reinterpret_cast<unsigned char *>(made.m_publicKey.data()), &size) != 1)
        return unusable(QStringLiteral("holds no Ed25519 key"));
    Secret whole(kSeedBytes + kPublicBytes);
    std::copy(made.m_publicKey.begin(), made.m_publicKey.end(),
              std::copy(seed.begin(), seed.end(), whole.data()));
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    EVP_Digest(whole.text(), static_cast<size_t>(whole.size()), digest.data(), &length, EVP_sha256(),
               nullptr);
    made.m_kid = QByteArray(reinterpret_cast<const char *>(digest.data()), length).toHex();
    return made;
}

QByteArray ServerKey::mint(QByteArrayView account, QByteArrayView issuer, qint64 nowSeconds,
                           std::chrono::seconds life) const
{
    return mintWith(R"("charm")", account, issuer, nowSeconds + std::min(life, kLife).count());
}

QByteArray ServerKey::mintFor(const QList<QByteArray> &audience, QByteArrayView account,
                              QByteArrayView issuer, qint64 nowSeconds) const
{
    QByteArrayList names;
    for (const QByteArray &name : audience)
        names.append(json::quotedAsGo(name));
    return mintWith(names.join(','), account, issuer, nowSeconds + kLife.count());
}

QByteArray ServerKey::mintWith(const QByteArray &audience, QByteArrayView account, QByteArrayView issuer,
                               qint64 expires) const
{
    return sign(R"({"alg":"EdDSA","kid":")" + m_kid + R"(","typ":"JWT"})",
                R"({"iss":)" + json::quoted(issuer) + R"(,"sub":)" + json::quoted(account) + R"(,"aud":[)" +
                    audience + R"(],"exp":)" + QByteArray::number(expires) + '}');
}

Secret ServerKey::seed() const
{
    Secret seed(kSeedBytes);
    size_t size = kSeedBytes;
    const bool good =
        EVP_PKEY_get_raw_private_key(m_key.get(), reinterpret_cast<unsigned char *>(seed.data()), &size) == 1;
    return good ? std::move(seed) : Secret();
}

Secret ServerKey::openSsh() const
{
    const Secret seed = this->seed();
    if (seed.isEmpty())
        return {};
    Secret bytes = privateKeyFile(seed.view(), m_publicKey);
    // EVP_EncodeBlock() ends its text with a NUL of its own, which a Secret has room for.
    Secret text(kBegin.size() + 1 + (bytes.size() + 2) / 3 * 4 + 1 + kEnd.size() + 1);
    char *at = std::copy(kBegin.begin(), kBegin.end(), text.data());
    *at++ = '\n';
    at += EVP_EncodeBlock(reinterpret_cast<unsigned char *>(at),
                          reinterpret_cast<const unsigned char *>(bytes.text()),
                          static_cast<int>(bytes.size()));
    *at++ = '\n';
    at = std::copy(kEnd.begin(), kEnd.end(), at);
    *at = '\n';
    return text;
}

QByteArray ServerKey::sign(QByteArrayView header, QByteArrayView payload) const
{
    const QByteArray text = base64Url(header) + '.' + base64Url(payload);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    std::array<unsigned char, kSignatureBytes> signature{};
    size_t size = signature.size();
    if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, m_key.get()) != 1 ||
        EVP_DigestSign(context.get(), signature.data(), &size, bytesOf(text),
                       static_cast<size_t>(text.size())) != 1)
        return {};
    return text + '.' + base64Url(QByteArrayView(signature.data(), static_cast<qsizetype>(size)));
}

} // namespace cring::charm
