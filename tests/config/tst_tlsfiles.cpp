// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/edit.h"
#include "core/config/load.h"
#include "core/config/tlsfiles.h"
#include "tests/support/testca.h"

#include <QFile>
#include <QTest>

using namespace cring;
using namespace cring::config;

/// What --check says of certificates and keys; the front and the pools read them by the same functions.
class TestTlsFiles : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void takesAPair();
    void refusesWhatCannotServe_data();
    void refusesWhatCannotServe();
    void takesAuthorities();
    void refusesAKeyWithAPassphrase();
    void takesAChainThatBeginsWithItsOwn();
    void aPairIsReplacedWithTwoCommands();
    void checksTheConfiguration_data();
    void checksTheConfiguration();

private:
    QString write(const char *name, const QByteArray &text) const;
    static QByteArray read(const QString &path);

    QTemporaryDir m_folder;
    test::TestCa m_authority;
    test::TestCa::Pair m_own;
    test::TestCa::Pair m_other;
};

void TestTlsFiles::initTestCase()
{
    for (test::TestCa::Pair *pair : {&m_own, &m_other}) {
        const auto issued = m_authority.issue({QStringLiteral("localhost")});
        QVERIFY(issued.ok());
        *pair = issued.value();
    }
}

QString TestTlsFiles::write(const char *name, const QByteArray &text) const
{
    QFile file(m_folder.filePath(QLatin1String(name)));
    return file.open(QIODevice::WriteOnly) && file.write(text) == text.size() ? file.fileName() : QString();
}

QByteArray TestTlsFiles::read(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void TestTlsFiles::takesAPair()
{
    const auto tls = readServerTls(m_own.cert, m_own.key);
    QVERIFY2(tls.ok(), tls.ok() ? "" : qPrintable(tls.error().detail));
    QCOMPARE(tls.value().localCertificateChain().size(), 1);
    QVERIFY(!tls.value().privateKey().isNull());
}

void TestTlsFiles::refusesWhatCannotServe_data()
{
    QTest::addColumn<QString>("cert");
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("words");
    QTest::newRow("key as certificate") << m_own.key << m_own.key << QStringLiteral("no certificate");
    QTest::newRow("certificate as key") << m_own.cert << m_own.cert << QStringLiteral("private key");
    QTest::newRow("another's key") << m_own.cert << m_other.key << QStringLiteral("does not belong");
    QTest::newRow("missing key") << m_own.cert << QStringLiteral("/nonexistent")
                                 << QStringLiteral("no such file");
    QTest::newRow("folder") << QStringLiteral("/etc") << m_own.key << QStringLiteral("not a file");
    QTest::newRow("nonsense") << m_own.cert << QStringLiteral("/etc/passwd") << QStringLiteral("private key");
}

void TestTlsFiles::refusesWhatCannotServe()
{
    QFETCH(QString, cert);
    QFETCH(QString, key);
    QFETCH(QString, words);
    const auto tls = readServerTls(cert, key);
    QVERIFY(!tls.ok());
    QCOMPARE(tls.error().code, Code::TlsFiles);
    QVERIFY2(tls.error().detail.contains(words), qPrintable(tls.error().detail));
}

void TestTlsFiles::takesAuthorities()
{
    QCOMPARE(readCertificates(m_authority.file()).value().size(), 1);
    const QString two = write("two.pem", read(m_authority.file()) + read(m_own.cert));
    QCOMPARE(readCertificates(two).value().size(), 2);
    QCOMPARE(readCertificates(write("empty.pem", {})).error().code, Code::TlsFiles);
}

void TestTlsFiles::refusesAKeyWithAPassphrase()
{
    const QByteArray locked = readPrivateKey(m_own.key).value().toPem("secret");
    QVERIFY(!locked.isEmpty());
    const auto key = readPrivateKey(write("locked.key", locked));
    QVERIFY(!key.ok());
    QVERIFY2(key.error().detail.contains(QStringLiteral("passphrase")), qPrintable(key.error().detail));
}

void TestTlsFiles::takesAChainThatBeginsWithItsOwn()
{
    const QByteArray own = read(m_own.cert);
    const QByteArray authority = read(m_authority.file());
    QVERIFY(readServerTls(write("chain.pem", own + authority), m_own.key).ok());
    QVERIFY(!readServerTls(write("wrong.pem", authority + own), m_own.key).ok());
}

/// The certificate first: until its key follows, the file is not good, and each command is.
void TestTlsFiles::aPairIsReplacedWithTwoCommands()
{
    const QByteArray old = QStringLiteral("[service]\ntls_cert = \"%1\"\ntls_key = \"%2\"\n")
                               .arg(m_own.cert, m_own.key)
                               .toUtf8();
    const auto halfway = withValue(old, QStringLiteral("service.tls_cert"), m_other.cert);
    QVERIFY2(halfway.ok(), halfway.ok() ? "" : qPrintable(halfway.error().detail));
    QVERIFY(withValue(halfway.value(), QStringLiteral("service.tls_key"), m_other.key).ok());
    QVERIFY(!withValue(old, QStringLiteral("service.tls_cert"), m_other.key).ok());
    const auto wrong = withValue(old, QStringLiteral("service.tls_key"), m_other.key);
    QCOMPARE(wrong.error().code, Code::TlsFiles);
}

void TestTlsFiles::checksTheConfiguration_data()
{
    QTest::addColumn<QString>("lines");
    QTest::addColumn<QString>("key");
    const auto row = [](const char *name, const QString &cert, const QString &keyFile, const char *key) {
        QTest::newRow(name) << QStringLiteral("tls_cert = \"%1\"\ntls_key = \"%2\"\n").arg(cert, keyFile)
                            << QString::fromLatin1(key);
    };
    row("good", m_own.cert, m_own.key, "");
    row("certificate as key", m_own.cert, m_own.cert, "service.tls_key");
    row("key as certificate", m_own.key, m_own.key, "service.tls_cert");
    row("another's key", m_own.cert, m_other.key, "service.tls_key");
    QTest::newRow("good authority") << QStringLiteral("ca_file = \"%1\"\n").arg(m_authority.file())
                                    << QString();
    QTest::newRow("key as authority")
        << QStringLiteral("ca_file = \"%1\"\n").arg(m_own.key) << QStringLiteral("service.ca_file");
}

void TestTlsFiles::checksTheConfiguration()
{
    QFETCH(QString, lines);
    QFETCH(QString, key);
    const Loaded loaded = loadText(
        QByteArrayLiteral("[[server]]\nurl = \"http://a\"\n[[server]]\nurl = \"http://b\"\n[service]\n") +
            lines.toUtf8(),
        QStringLiteral("f"));
    QCOMPARE(loaded.ok(), key.isEmpty());
    if (!key.isEmpty()) {
        QCOMPARE(loaded.problems.size(), 1);
        QCOMPARE(loaded.problems.first().code, Code::TlsFiles);
        QCOMPARE(loaded.problems.first().key, key);
    }
}

QTEST_GUILESS_MAIN(TestTlsFiles)
#include "tst_tlsfiles.moc"
