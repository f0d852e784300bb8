// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/leaks.h"

#include "tests/support/s3server.h"

#include <QDirIterator>
#include <QFile>

namespace cring::test {

namespace {

struct Sign
{
    QByteArray bytes;
    const char *what;
};

const QList<Sign> &signs()
{
    static const QList<Sign> all{
        {"eyJhbGciOiJFZERTQSI", "a token"}, // {"alg":"EdDSA" as a JWT begins with it.
        {"PRIVATE KEY-----", "a private key"},
        {S3Server::kSecretKey, "the secret key of the S3 server"},
    };
    return all;
}

} // namespace

QStringList leaksInFile(const QString &name)
{
    QFile file(name);
    if (!file.open(QIODevice::ReadOnly) || file.size() == 0)
        return {};
    // A service may still write to it, or take it away: that is no reason to copy it.
    const uchar *bytes = file.map(0, file.size());
    if (!bytes)
        return {};
    const QByteArray text = QByteArray::fromRawData(reinterpret_cast<const char *>(bytes), file.size());
    QStringList found;
    for (const Sign &sign : signs()) {
        if (text.contains(sign.bytes))
            found << QStringLiteral("%1 has %2").arg(name, QLatin1String(sign.what));
    }
    return found;
}

QStringList leaksIn(const QString &folder)
{
    QStringList found;
    QDirIterator files(folder, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        const QString file = files.next();
        if (!file.endsWith(QLatin1String("/charm_server_ed25519")))
            found += leaksInFile(file);
    }
    return found;
}

} // namespace cring::test
