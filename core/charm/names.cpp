// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/charm/names.h"

#include <QStringDecoder>

#include <openssl/evp.h>

namespace cring::charm {

namespace {

constexpr qsizetype kKeyBytes = 32;
constexpr qsizetype kTagBytes = 16;

const unsigned char *bytes(QByteArrayView view)
{
    return reinterpret_cast<const unsigned char *>(view.data());
}

/// What a person can read: no NUL, nothing that is no UTF-8.
bool isText(const QByteArray &plain)
{
    QStringDecoder decoder(QStringDecoder::Utf8);
    const QString text = decoder(plain);
    return !decoder.hasError() && !text.contains(QChar::Null);
}

} // namespace

class Names::Cipher
{
public:
    explicit Cipher(QByteArrayView key)
        : m_key(key.size())
        , m_cipher(EVP_CIPHER_fetch(nullptr, "AES-128-SIV", nullptr), EVP_CIPHER_free)
        , m_context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free)
    {
        std::copy(key.begin(), key.end(), m_key.data());
    }

    std::optional<QByteArray> open(QByteArrayView box) const
    {
        if (!m_cipher || !m_context || box.size() <= kTagBytes)
            return std::nullopt;
        const QByteArrayView tag = box.first(kTagBytes);
        const QByteArrayView body = box.sliced(kTagBytes);
        QByteArray plain(body.size(), '\0');
        int size = 0;
        const bool good = EVP_DecryptInit_ex2(m_context.get(), m_cipher.get(), bytes(m_key.view()), nullptr,
                                              nullptr) == 1 &&
                          EVP_CIPHER_CTX_ctrl(m_context.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes,
                                              const_cast<char *>(tag.data())) == 1 &&
                          EVP_DecryptUpdate(m_context.get(), reinterpret_cast<unsigned char *>(plain.data()),
                                            &size, bytes(body), static_cast<int>(body.size())) == 1;
        return good && size == plain.size() ? std::optional(plain) : std::nullopt;
    }

    QByteArray seal(QByteArrayView text) const
    {
        if (!m_cipher || !m_context)
            return {};
        QByteArray box(kTagBytes + text.size(), '\0');
        auto *out = reinterpret_cast<unsigned char *>(box.data());
        int size = 0;
        const bool good = EVP_EncryptInit_ex2(m_context.get(), m_cipher.get(), bytes(m_key.view()), nullptr,
                                              nullptr) == 1 &&
                          EVP_EncryptUpdate(m_context.get(), out + kTagBytes, &size, bytes(text),
                                            static_cast<int>(text.size())) == 1 &&
                          EVP_CIPHER_CTX_ctrl(m_context.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, out) == 1;
        return good ? box : QByteArray();
    }

private:
    Secret m_key;
    std::unique_ptr<EVP_CIPHER, decltype(&EVP_CIPHER_free)> m_cipher;
    std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> m_context;
};

Names::Names() = default;
Names::~Names() = default;
Names::Names(Names &&) noexcept = default;
Names &Names::operator=(Names &&) noexcept = default;

bool Names::add(const Secret &encryptKey)
{
    if (encryptKey.size() < kKeyBytes)
        return false;
    m_keys.push_back(std::make_unique<Cipher>(encryptKey.view().first(kKeyBytes)));
    m_folder.clear();
    return true;
}

bool Names::isEmpty() const
{
    return m_keys.empty();
}

std::optional<Names::Part> Names::open(QByteArrayView part) const
{
    const QByteArray box = QByteArray::fromHex(part.toByteArray());
    if (part.size() % 2 != 0 || box.size() != part.size() / 2) // fromHex() passes over what is no hex.
        return std::nullopt;
    for (std::size_t key = 0; key < m_keys.size(); ++key) {
        if (const auto text = m_keys[key]->open(box))
            return Part{*text, key};
    }
    return std::nullopt;
}

std::optional<QByteArray> Names::seal(QByteArrayView part) const
{
    const QByteArray box = m_keys.empty() ? QByteArray() : m_keys.front()->seal(part);
    return box.isEmpty() ? std::nullopt : std::optional(box.toHex());
}

std::optional<QByteArray> Names::sealed(const QByteArray &path) const
{
    QByteArrayList parts;
    const QByteArrayList plain = path.split('/');
    for (const QByteArray &part : plain) {
        const auto box = part.isEmpty() ? std::optional(QByteArray()) : seal(part);
        if (!box)
            return std::nullopt;
        parts.append(*box);
    }
    return parts.join('/');
}

std::optional<QByteArray> Names::plainPart(QByteArrayView part) const
{
    const auto opened = open(part);
    return opened && isText(opened->text) ? std::optional(opened->text) : std::nullopt;
}

std::optional<QByteArray> Names::plain(const QByteArray &path) const
{
    const qsizetype slash = path.lastIndexOf('/');
    const QByteArray folder = path.left(std::max<qsizetype>(slash, 0));
    QByteArray begin;
    if (!folder.isEmpty() && folder == m_folder) {
        begin = m_plainFolder;
    } else if (!folder.isEmpty()) {
        QByteArrayList parts;
        const QByteArrayList sealed = folder.split('/');
        for (const QByteArray &part : sealed) {
            const auto plain = plainPart(part);
            if (!plain)
                return std::nullopt;
            parts.append(*plain);
        }
        begin = parts.join('/');
        m_folder = folder;
        m_plainFolder = begin;
    }
    const auto last = plainPart(QByteArrayView(path).sliced(slash + 1));
    if (!last)
        return std::nullopt;
    return folder.isEmpty() ? *last : begin + '/' + *last;
}

} // namespace cring::charm
