// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/charm/contents.h"

#include "core/charm/sealedform.h"

#include <QtEndian>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cstring>
#include <limits>

namespace cring::charm {

using namespace sealedform;

namespace {

constexpr QByteArrayView kLabel("charm.sh/v1/scrypt");
constexpr qsizetype kPiece = 64 * 1024;
constexpr qsizetype kSealedPiece = kPiece + kTagBytes;
constexpr qsizetype kSaltBytes = 16;
constexpr qsizetype kKeyBytes = 32;
constexpr int kWork = 8; ///< As the client has it: N = 256.
constexpr quint64 kBlock = 8;
constexpr quint64 kMostMemory = quint64(256) * 1024 * 1024;
/// One stanza of the client's has 139 bytes.
constexpr qsizetype kMostHeader = 4 * 1024;
constexpr qsizetype kHeaderBytes = 139;

constexpr const char *kStrange = "is damaged, or was not written by the charm client";

/// RFC 7914; empty when OpenSSL fails.
Secret scrypt(const Secret &key, QByteArrayView salt, int work)
{
    const QByteArray salted = kLabel.toByteArray() + salt.toByteArray();
    Secret derived(kKeyBytes);
    const bool good =
        EVP_PBE_scrypt(key.text(), static_cast<size_t>(key.size()),
                       reinterpret_cast<const unsigned char *>(salted.constData()),
                       static_cast<size_t>(salted.size()), quint64(1) << work, kBlock, 1, kMostMemory,
                       reinterpret_cast<unsigned char *>(derived.data()), kKeyBytes) == 1;
    return good ? std::move(derived) : Secret();
}

QByteArray nonceOf(quint64 piece, bool last)
{
    QByteArray nonce(kAeadNonceBytes, '\0');
    const quint64 number = qToBigEndian(piece);
    std::memcpy(nonce.data() + kAeadNonceBytes - 1 - sizeof number, &number, sizeof number);
    nonce.back() = last ? '\1' : '\0';
    return nonce;
}

/// The end of the header in what has come so far, behind its line break; 0: not yet.
qsizetype headerEnd(const QByteArray &text)
{
    const qsizetype footer = text.indexOf("\n---");
    return footer < 0 ? 0 : text.indexOf('\n', footer + 1) + 1;
}

QByteArray randomBytes(qsizetype size)
{
    QByteArray bytes(size, '\0');
    return RAND_bytes(reinterpret_cast<unsigned char *>(bytes.data()), static_cast<int>(size)) == 1
               ? bytes
               : QByteArray();
}

QByteArray base64(QByteArrayView bytes)
{
    return bytes.toByteArray().toBase64(QByteArray::OmitTrailingEquals);
}

} // namespace

// ---- opening ----

ContentsOpener::ContentsOpener(EncryptKeys keys)
    : m_keys(std::move(keys))
{
}

bool ContentsOpener::fail(const char *why)
{
    m_problem = QString::fromLatin1(why);
    return false;
}

bool ContentsOpener::open()
{
    const auto header = parse(m_buffer);
    if (!header || header->stanzas.size() != 1 || header->stanzas.first().words.size() != 3 ||
        header->stanzas.first().words.first() != "scrypt")
        return fail(kStrange);
    const Stanza &stanza = header->stanzas.first();
    const QByteArray salt = decoded(stanza.words.at(1));
    bool isNumber = false;
    const int work = stanza.words.at(2).toInt(&isNumber);
    if (salt.size() != kSaltBytes || !isNumber || work <= 0 || work > kMostWork)
        return fail(kStrange);
    for (const Secret &key : *m_keys) {
        const auto fileKey =
            aeadOpen(scrypt(key, salt, work), QByteArray(kAeadNonceBytes, '\0'), stanza.body);
        if (!fileKey || fileKey->size() != kFileKeyBytes)
            continue;
        if (!isGenuine(*header, *fileKey))
            return fail("was changed by somebody without your keys");
        m_stream = hkdf(fileKey->view(), header->payload.first(kNonceBytes), "payload");
        m_buffer = header->payload.sliced(kNonceBytes).toByteArray();
        return true;
    }
    return fail("is damaged, or was written with a key that is none of yours");
}

bool ContentsOpener::openPiece(QByteArrayView box, bool last, QByteArray &plain)
{
    const auto piece = aeadOpen(m_stream, nonceOf(m_piece, last), box);
    if (!piece)
        return fail("was cut off, or changed by somebody without your keys");
    ++m_piece;
    plain += piece->view();
    return true;
}

std::optional<QByteArray> ContentsOpener::add(QByteArrayView sealed)
{
    m_buffer += sealed;
    if (m_stream.isEmpty()) {
        const qsizetype end = headerEnd(m_buffer);
        if (end > kMostHeader || (end == 0 && m_buffer.size() > kMostHeader)) {
            fail(kStrange);
            return std::nullopt;
        }
        if (end == 0 || m_buffer.size() < end + kNonceBytes)
            return QByteArray();
        if (!open())
            return std::nullopt;
    }
    QByteArray plain;
    qsizetype at = 0;
    // A piece that something follows is not the last one.
    while (m_buffer.size() - at > kSealedPiece) {
        if (!openPiece(QByteArrayView(m_buffer).sliced(at, kSealedPiece), false, plain))
            return std::nullopt;
        at += kSealedPiece;
    }
    m_buffer.remove(0, at);
    return plain;
}

std::optional<QByteArray> ContentsOpener::finish()
{
    QByteArray plain;
    const bool good = m_stream.isEmpty() ? fail("was cut off, or was not written by the charm client")
                                         : openPiece(m_buffer, true, plain);
    return good ? std::optional(plain) : std::nullopt;
}

// ---- sealing ----

ContentsSealer::ContentsSealer(const EncryptKeys &keys)
    : m_keys(keys)
{
}

Result<QByteArray> ContentsSealer::begin()
{
    const Error failed{Code::KeyUnusable, QStringLiteral("there is no key to encrypt with")};
    if (m_keys->empty())
        return failed;
    const QByteArray salt = randomBytes(kSaltBytes);
    const QByteArray nonce = randomBytes(kNonceBytes);
    const Secret fileKey(randomBytes(kFileKeyBytes));
    if (salt.isEmpty() || nonce.isEmpty() || fileKey.isEmpty())
        return failed;
    const QByteArray wrapped =
        aeadSeal(scrypt(m_keys->front(), salt, kWork), QByteArray(kAeadNonceBytes, '\0'), fileKey.view());
    const QByteArray header = kIntro.toByteArray() + "-> scrypt " + base64(salt) + ' ' +
                              QByteArray::number(kWork) + '\n' + base64(wrapped) + "\n---";
    const Secret mac = macOf(header, fileKey);
    m_stream = hkdf(fileKey.view(), nonce, "payload");
    if (wrapped.isEmpty() || mac.isEmpty() || m_stream.isEmpty())
        return failed;
    return header + ' ' + base64(mac.view()) + '\n' + nonce;
}

QByteArray ContentsSealer::sealPiece(QByteArrayView plain, bool last)
{
    return aeadSeal(m_stream, nonceOf(m_piece++, last), plain);
}

QByteArray ContentsSealer::add(QByteArrayView plain)
{
    m_buffer += plain;
    QByteArray sealed;
    qsizetype at = 0;
    // As the client does: a full piece waits until something follows, for it may be the last one.
    for (; m_buffer.size() - at > kPiece; at += kPiece)
        sealed += sealPiece(QByteArrayView(m_buffer).sliced(at, kPiece), false);
    m_buffer.remove(0, at);
    return sealed;
}

QByteArray ContentsSealer::finish()
{
    return sealPiece(m_buffer, true);
}

qint64 ContentsSealer::sealedSize(qint64 plain)
{
    const qint64 pieces = std::max<qint64>(1, (plain + kPiece - 1) / kPiece);
    return kHeaderBytes + kNonceBytes + plain + pieces * kTagBytes;
}

std::optional<qint64> ContentsSealer::plainSize(qint64 sealed)
{
    constexpr qint64 kMost = std::numeric_limits<qint64>::max() / 2; // of what a server may say
    if (sealed < 0 || sealed > kMost)
        return std::nullopt;
    const qint64 payload = sealed - kHeaderBytes - kNonceBytes;
    const qint64 pieces = (payload + kSealedPiece - 1) / kSealedPiece;
    const qint64 plain = payload - pieces * kTagBytes;
    return payload >= kTagBytes && sealedSize(plain) == sealed ? std::optional(plain) : std::nullopt;
}

} // namespace cring::charm
