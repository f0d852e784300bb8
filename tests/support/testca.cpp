// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/testca.h"

#include <QFile>
#include <QHostAddress>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace cring::test {

namespace {

struct Free
{
    void operator()(EVP_PKEY *key) const { EVP_PKEY_free(key); }

    void operator()(X509 *certificate) const { X509_free(certificate); }

    void operator()(X509_EXTENSION *extension) const { X509_EXTENSION_free(extension); }

    void operator()(BIO *bio) const { BIO_free(bio); }
};

using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;

void addExtension(X509 *certificate, X509 *issuer, int nid, const QByteArray &value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, Free> extension(
        X509V3_EXT_conf_nid(nullptr, &context, nid, value.constData()));
    X509_add_ext(certificate, extension.get(), -1);
}

Certificate newCertificate(EVP_PKEY *key, const QByteArray &name, long serial, long lifetime)
{
    constexpr long Day = 24 * 3600;
    Certificate certificate(X509_new());
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -Day);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), lifetime);
    X509_set_pubkey(certificate.get(), key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char *>(name.constData()), -1, -1, 0);
    return certificate;
}

bool writePem(const QString &path, const std::function<int(BIO *)> &write)
{
    const std::unique_ptr<BIO, Free> bio(BIO_new_file(QFile::encodeName(path).constData(), "w"));
    if (!bio || write(bio.get()) != 1)
        return false;
    // The servers' unprivileged user reads it; nothing hangs on this key.
    return QFile::setPermissions(path,
                                 QFile::ReadOwner | QFile::WriteOwner | QFile::ReadGroup | QFile::ReadOther);
}

} // namespace

struct TestCa::Authority
{
    Key key;
    Certificate certificate;
};

TestCa::TestCa()
    : m_authority(std::make_unique<Authority>())
{
    QFile::setPermissions(m_folder.path(),
                          QFile::permissions(m_folder.path()) | QFile::ExeGroup | QFile::ExeOther);
    Key key(EVP_EC_gen("P-256"));
    Certificate certificate = newCertificate(key.get(), "Charmed Ring test authority", 1, 24L * 3600);
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
    addExtension(certificate.get(), certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
    addExtension(certificate.get(), certificate.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    writePem(file(), [&](BIO *bio) { return PEM_write_bio_X509(bio, certificate.get()); });
    m_authority->key = std::move(key);
    m_authority->certificate = std::move(certificate);
}

TestCa::~TestCa() = default;

QString TestCa::file() const
{
    return m_folder.path() + QStringLiteral("/ca.pem");
}

Result<TestCa::Pair> TestCa::issue(const QStringList &names, long lifetime)
{
    X509 *issuer = m_authority->certificate.get();
    const Key key(EVP_EC_gen("P-256"));
    const int serial = ++m_issued + 1;
    const Certificate certificate = newCertificate(key.get(), names.value(0).toUtf8(), serial, lifetime);
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer));
    QStringList alternatives;
    for (const QString &name : names)
        alternatives += (QHostAddress(name).isNull() ? QStringLiteral("DNS:") : QStringLiteral("IP:")) + name;
    addExtension(certificate.get(), issuer, NID_subject_alt_name,
                 alternatives.join(QLatin1Char(',')).toUtf8());
    X509_sign(certificate.get(), m_authority->key.get(), EVP_sha256());

    const QString stem = QStringLiteral("%1/%2").arg(m_folder.path()).arg(serial);
    const Pair pair{stem + QStringLiteral(".pem"), stem + QStringLiteral(".key")};
    const bool written =
        writePem(pair.cert, [&](BIO *bio) { return PEM_write_bio_X509(bio, certificate.get()); }) &&
        writePem(pair.key, [&](BIO *bio) {
            return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
        });
    if (!written)
        return Error{Code::TlsFiles, QStringLiteral("cannot write %1").arg(pair.cert)};
    return pair;
}

} // namespace cring::test
