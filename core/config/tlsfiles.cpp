// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/tlsfiles.h"

#include <QFile>
#include <QFileInfo>
#include <QSslSocket>

#include <openssl/evp.h>
#include <openssl/x509.h>

namespace cring::config {

namespace {

/// Far above any chain or bundle of authorities: a wrong path does not fill the memory.
constexpr qint64 kLargestFile = 4 << 20;

struct Free
{
    void operator()(EVP_PKEY *key) const { EVP_PKEY_free(key); }

    void operator()(X509 *certificate) const { X509_free(certificate); }
};

Error refused(const QString &text)
{
    return Error{Code::TlsFiles, text};
}

Result<QByteArray> readPem(const QString &path)
{
    QFile file(path);
    const bool isFile = QFileInfo(path).isFile();
    if (!isFile || !file.open(QIODevice::ReadOnly))
        return refused(QStringLiteral("cannot read \"%1\": %2")
                           .arg(path, isFile                    ? file.errorString()
                                      : QFileInfo::exists(path) ? QStringLiteral("it is not a file")
                                                                : QStringLiteral("there is no such file")));
    const QByteArray pem = file.read(kLargestFile + 1);
    if (pem.size() > kLargestFile)
        return refused(QStringLiteral("\"%1\" is larger than 4 MiB: no PEM file").arg(path));
    return pem;
}

/// Qt has no such question, so its parts go to OpenSSL, which it stands on.
bool belongTogether(const QSslCertificate &certificate, const QSslKey &key)
{
    const QByteArray certificateDer = certificate.toDer();
    const QByteArray keyDer = key.toDer();
    const auto *at = reinterpret_cast<const unsigned char *>(certificateDer.constData());
    const std::unique_ptr<X509, Free> x509(d2i_X509(nullptr, &at, certificateDer.size()));
    at = reinterpret_cast<const unsigned char *>(keyDer.constData());
    const std::unique_ptr<EVP_PKEY, Free> pkey(d2i_AutoPrivateKey(nullptr, &at, keyDer.size()));
    return x509 && pkey && X509_check_private_key(x509.get(), pkey.get()) == 1;
}

} // namespace

Result<QList<QSslCertificate>> readCertificates(const QString &path)
{
    const auto pem = readPem(path);
    if (!pem)
        return pem.error();
    const QList<QSslCertificate> certificates = QSslCertificate::fromData(pem.value(), QSsl::Pem);
    if (certificates.isEmpty())
        return refused(QStringLiteral("\"%1\" holds no certificate in PEM form").arg(path));
    return certificates;
}

Result<QSslKey> readPrivateKey(const QString &path)
{
    const auto pem = readPem(path);
    if (!pem)
        return pem.error();
    for (const QSsl::KeyAlgorithm algorithm : {QSsl::Rsa, QSsl::Ec}) {
        const QSslKey key(pem.value(), algorithm, QSsl::Pem);
        if (!key.isNull())
            return key;
    }
    return refused(
        QStringLiteral("\"%1\" holds no RSA or EC private key in PEM form without a passphrase").arg(path));
}

Result<QSslConfiguration> readServerTls(const QString &certificates, const QString &key)
{
    const auto chain = readCertificates(certificates);
    if (!chain)
        return chain.error();
    const auto own = readPrivateKey(key);
    if (!own)
        return own.error();
    if (!belongTogether(chain.value().first(), own.value()))
        return refused(QStringLiteral("the key in \"%1\" does not belong to the first certificate in \"%2\"")
                           .arg(key, certificates));
    QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
    tls.setLocalCertificateChain(chain.value());
    tls.setPrivateKey(own.value());
    tls.setPeerVerifyMode(QSslSocket::VerifyNone);
    return tls;
}

} // namespace cring::config
