// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/privatekey.h"

#include <libssh/libssh.h>

#include <memory>

namespace cring::ssh {

namespace {

struct Free
{
    void operator()(ssh_key key) const { ssh_key_free(key); }
    void operator()(char *text) const { ssh_string_free_char(text); }
    void operator()(unsigned char *hash) const { ssh_clean_pubkey_hash(&hash); }
};

using Key = std::unique_ptr<ssh_key_struct, Free>;
using Text = std::unique_ptr<char, Free>;

/// Called when a key has a passphrase.
int notePassphrase(const char *, char *, size_t, int, int, void *asked)
{
    *static_cast<bool *>(asked) = true;
    return -1;
}

Error unusable(const char *why)
{
    return Error{Code::KeyUnusable, QString::fromLatin1(why)};
}

} // namespace

Result<PublicHalf> publicHalf(const Secret &privateKey)
{
    bool asked = false;
    ssh_key raw = nullptr;
    if (ssh_pki_import_privkey_base64(privateKey.text(), nullptr, notePassphrase, &asked, &raw) != SSH_OK)
        return unusable(asked ? "is protected by a passphrase; charm clients take no such key"
                              : "holds no private key, or a damaged one");
    const Key key(raw);
    ssh_key rawPublic = nullptr;
    if (ssh_pki_export_privkey_to_pubkey(key.get(), &rawPublic) != SSH_OK)
        return unusable("holds a key without a public half");
    const Key publicKey(rawPublic);
    char *rawText = nullptr;
    unsigned char *rawHash = nullptr;
    size_t size = 0;
    if (ssh_pki_export_pubkey_base64(publicKey.get(), &rawText) != SSH_OK ||
        ssh_get_publickey_hash(publicKey.get(), SSH_PUBLICKEY_HASH_SHA256, &rawHash, &size) != SSH_OK)
        return unusable("holds a key of a kind that is not known here");
    const Text text(rawText);
    const std::unique_ptr<unsigned char, Free> hash(rawHash);
    const Text fingerprint(ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash.get(), size));
    return PublicHalf{QByteArray(ssh_key_type_to_char(ssh_key_type(publicKey.get()))) + ' ' + text.get(),
                      QString::fromLatin1(fingerprint.get())};
}

} // namespace cring::ssh
