// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/secret.h"

#include <QByteArray>
#include <QByteArrayView>

#include <memory>
#include <optional>
#include <vector>

namespace cring::charm {

/// Reads and writes the names of one account's files: what the charm client makes of a path is each part for
/// itself, in AES-SIV (RFC 5297) with the first 32 bytes of an encrypt key, in hex (crypt/crypt.go,
/// EncryptLookupField). Plaintext is never to be written down anywhere (P10). Some microseconds a part; one
/// thread.
class Names final
{
public:
    Names();
    ~Names();
    Names(Names &&) noexcept;
    Names &operator=(Names &&) noexcept;

    /// One of the account's encrypt keys, as the client has it: the base64 text itself. False when it is too
    /// short to be one.
    bool add(const Secret &encryptKey);
    bool isEmpty() const;

    /// A path as the servers have it. Nothing when a part of it is of no key that was added, or is not UTF-8.
    std::optional<QByteArray> plain(const QByteArray &path) const;

    struct Part
    {
        QByteArray text; ///< Any bytes: whoever uses it as a name looks at it first.
        std::size_t key; ///< Which of the keys, from 0.
    };
    /// One part of a path, whatever it says. Nothing when it is of no key that was added.
    std::optional<Part> open(QByteArrayView part) const;
    /// One part as the servers are to have it, with the first key; nothing without one.
    std::optional<QByteArray> seal(QByteArrayView part) const;
    /// A path as the servers are to have it, with the first key: what the client makes of it. Nothing without
    /// a key.
    std::optional<QByteArray> sealed(const QByteArray &path) const;

private:
    class Cipher;

    std::optional<QByteArray> plainPart(QByteArrayView part) const;

    std::vector<std::unique_ptr<Cipher>> m_keys;
    /// Of the last path: files of one folder come one after the other.
    mutable QByteArray m_folder;
    mutable QByteArray m_plainFolder;
};

} // namespace cring::charm
