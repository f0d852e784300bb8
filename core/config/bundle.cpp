// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/bundle.h"

#include "core/config/settings.h"

#include <QDataStream>
#include <QIODevice>

#include <sodium.h>

namespace cring::config {

namespace {

constexpr QByteArrayView kFirstLine("charmedring-config-1\n");
constexpr qsizetype kLineLength = 76;
constexpr qsizetype kSaltSize = crypto_pwhash_argon2id_SALTBYTES;
constexpr qsizetype kNonceSize = crypto_secretbox_NONCEBYTES;
constexpr qsizetype kMacSize = crypto_secretbox_MACBYTES;
constexpr quint32 kMostSecrets = 1'000;

const unsigned char *bytesOf(QByteArrayView bytes)
{
    return reinterpret_cast<const unsigned char *>(bytes.data());
}

unsigned char *bytesOf(Secret &secret)
{
    return reinterpret_cast<unsigned char *>(secret.data());
}

Error cannotOpen()
{
    return {Code::KeyUnusable,
            QStringLiteral("the passphrase does not open it, or the file was changed or cut off")};
}

Result<Secret> keyFrom(const Secret &passphrase, QByteArrayView salt)
{
    Secret key(crypto_secretbox_KEYBYTES);
    if (passphrase.isEmpty())
        return Error{Code::KeyUnusable, QStringLiteral("the passphrase is empty")};
    if (::sodium_init() < 0 ||
        crypto_pwhash(bytesOf(key), static_cast<unsigned long long>(key.size()), passphrase.text(),
                      static_cast<unsigned long long>(passphrase.size()), bytesOf(salt),
                      crypto_pwhash_argon2id_OPSLIMIT_MODERATE, crypto_pwhash_argon2id_MEMLIMIT_MODERATE,
                      crypto_pwhash_ALG_ARGON2ID13) != 0)
        return Error{Code::KeyUnusable,
                     QStringLiteral("no key can be made from the passphrase: it takes 256 MiB of memory")};
    return key;
}

Secret serialised(const Bundle &bundle)
{
    QByteArray plain;
    // At once, so that no part of it is left where it grew.
    qsizetype size = bundle.text.size() + 64;
    for (const Bundle::Kept &kept : bundle.secrets)
        size += kept.secret.size() + 4 * (kept.place.place.size() + kept.place.name.size()) + 64;
    plain.reserve(size);
    QDataStream stream(&plain, QIODevice::WriteOnly);
    stream.setVersion(QDataStream::Qt_6_0);
    stream << bundle.text << static_cast<quint32>(bundle.secrets.size());
    for (const Bundle::Kept &kept : bundle.secrets)
        stream << kept.place.place << kept.place.name
               << QByteArray::fromRawData(kept.secret.text(), kept.secret.size());
    return Secret(std::move(plain));
}

Result<Bundle> deserialised(const Secret &plain)
{
    QDataStream stream(QByteArray::fromRawData(plain.text(), plain.size()));
    stream.setVersion(QDataStream::Qt_6_0);
    Bundle bundle;
    quint32 count = 0;
    stream >> bundle.text >> count;
    for (quint32 i = 0; i < std::min(count, kMostSecrets) && stream.status() == QDataStream::Ok; ++i) {
        SecretPlace place;
        QByteArray bytes;
        stream >> place.place >> place.name >> bytes;
        bundle.secrets.push_back({place, Secret(std::move(bytes))});
    }
    if (stream.status() != QDataStream::Ok || !stream.atEnd())
        return cannotOpen();
    return bundle;
}

} // namespace

QList<SecretPlace> secretPlaces(const Config &config)
{
    QList<SecretPlace> places;
    const auto add = [&places](const QString &place, const QString &name) {
        if (place == QLatin1String("keychain") || place.startsWith(QLatin1String("file:")) ||
            place.startsWith(QLatin1String("credential:")))
            places.append({place, name});
    };
    for (const auto &row : settings()) {
        if (row.type == Type::KeyFile || row.type == Type::Web)
            add(toPlain(row.read(config)), row.key());
    }
    for (const Backup &backup : config.backups) {
        add(backup.accessKey, secretName(backup, "access_key"));
        add(backup.secretKey, secretName(backup, "secret_key"));
        add(backup.sessionToken, secretName(backup, "session_token"));
    }
    return places;
}

Result<QByteArray> sealBundle(const Bundle &bundle, const Secret &passphrase)
{
    QByteArray sealed(kSaltSize + kNonceSize, '\0');
    if (::sodium_init() < 0)
        return cannotOpen();
    ::randombytes_buf(sealed.data(), static_cast<size_t>(sealed.size()));
    const auto key = keyFrom(passphrase, QByteArrayView(sealed).first(kSaltSize));
    if (!key)
        return key.error();
    const Secret plain = serialised(bundle);
    QByteArray box(plain.size() + kMacSize, '\0');
    crypto_secretbox_easy(reinterpret_cast<unsigned char *>(box.data()), bytesOf(plain.view()),
                          static_cast<unsigned long long>(plain.size()),
                          bytesOf(QByteArrayView(sealed).sliced(kSaltSize)), bytesOf(key->view()));
    const QByteArray letters = (sealed + box).toBase64();
    QByteArray text = kFirstLine.toByteArray();
    for (qsizetype at = 0; at < letters.size(); at += kLineLength)
        text += letters.mid(at, kLineLength) + '\n';
    return text;
}

bool isSealedBundle(QByteArrayView text)
{
    return text.startsWith(kFirstLine);
}

Result<Bundle> openBundle(QByteArrayView text, const Secret &passphrase)
{
    if (!isSealedBundle(text))
        return cannotOpen();
    QByteArray letters = text.sliced(kFirstLine.size()).toByteArray();
    letters.replace('\n', "").replace('\r', "");
    const auto decoded = QByteArray::fromBase64Encoding(letters, QByteArray::AbortOnBase64DecodingErrors);
    if (!decoded || decoded->size() < kSaltSize + kNonceSize + kMacSize)
        return cannotOpen();
    const QByteArrayView sealed(*decoded);
    const auto key = keyFrom(passphrase, sealed.first(kSaltSize));
    if (!key)
        return key.error();
    const QByteArrayView box = sealed.sliced(kSaltSize + kNonceSize);
    Secret plain(box.size() - kMacSize);
    if (crypto_secretbox_open_easy(bytesOf(plain), bytesOf(box), static_cast<unsigned long long>(box.size()),
                                   bytesOf(sealed.sliced(kSaltSize)), bytesOf(key->view())) != 0)
        return cannotOpen();
    return deserialised(plain);
}

} // namespace cring::config
