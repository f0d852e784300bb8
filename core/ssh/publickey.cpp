// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/publickey.h"

#include <libssh/libssh.h>

#include <memory>

namespace cring::ssh {

namespace {

/// Of a public_key column (server/db/sqlite/sql.go).
constexpr qsizetype kLongestText = 2048;

struct Free
{
    void operator()(ssh_key key) const { ssh_key_free(key); }
    void operator()(char *text) const { ssh_string_free_char(text); }
};

Error unusable(const QString &why)
{
    return Error{Code::KeyUnusable, why};
}

QByteArrayList keyLines(const QByteArray &file)
{
    QByteArrayList lines;
    for (const QByteArray &line : file.split('\n')) {
        const QByteArray text = line.simplified();
        if (!text.isEmpty() && !text.startsWith('#'))
            lines.append(text);
    }
    return lines;
}

} // namespace

Result<QByteArray> publicKeyText(const QByteArray &file)
{
    if (file.contains("PRIVATE KEY"))
        return unusable(QStringLiteral("is a private key, which nobody else should ever see: give the public "
                                       "one, of the file that ends in .pub"));
    const QByteArrayList lines = keyLines(file);
    if (lines.size() != 1)
        return unusable(lines.isEmpty() ? QStringLiteral("holds no key")
                                        : QStringLiteral("holds several lines: one key makes an account"));
    const QByteArrayList words = lines.first().split(' ');
    const ssh_keytypes_e type = ssh_key_type_from_name(words.first().constData());
    if (type != SSH_KEYTYPE_ED25519 && type != SSH_KEYTYPE_RSA)
        return unusable(QStringLiteral("does not begin with ssh-ed25519 or ssh-rsa: charm clients use such "
                                       "keys, and options before one mean nothing to a Charm server"));
    ssh_key raw = nullptr;
    if (words.size() < 2 || ssh_pki_import_pubkey_base64(words.at(1).constData(), type, &raw) != SSH_OK)
        return unusable(QStringLiteral("holds a damaged key"));
    const std::unique_ptr<ssh_key_struct, Free> key(raw);
    char *rawText = nullptr;
    if (ssh_pki_export_pubkey_base64(key.get(), &rawText) != SSH_OK)
        return unusable(QStringLiteral("holds a damaged key"));
    const std::unique_ptr<char, Free> base64(rawText);
    const QByteArray text = QByteArray(ssh_key_type_to_char(ssh_key_type(key.get()))) + ' ' + base64.get();
    if (text != words.first() + ' ' + words.at(1) || text.size() > kLongestText)
        return unusable(QStringLiteral("holds a key of another kind than its first word says"));
    return text;
}

} // namespace cring::ssh
