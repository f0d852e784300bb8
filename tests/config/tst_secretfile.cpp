// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/secretfile.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>

using namespace cring;
using namespace cring::config;

/// Files with keys: each way in which one cannot be used is told apart.
class TestSecretFile : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsWhatIsForItsOwnerAlone_data();
    void readsWhatIsForItsOwnerAlone();
    void tellsWhyNot_data();
    void tellsWhyNot();
    void followsALinkAndJudgesWhatItLeadsTo();
    void neverWaitsForAPipe();
    void takesTheLongestKey();
    void readsWhatASettingPointsAt();
    void aCredentialMayBeReadableForTheGroup();
    void wipesWhatItHeld();

private:
    QString write(const QByteArray &text, uint mode) const;

    QTemporaryDir m_folder;
};

QString TestSecretFile::write(const QByteArray &text, uint mode) const
{
    const QString path = m_folder.filePath(QStringLiteral("key"));
    QFile::remove(path);
    QFile file(path);
    const bool written = file.open(QIODevice::WriteOnly) && file.write(text) == text.size();
    file.close();
    return written && ::chmod(QFile::encodeName(path).constData(), mode) == 0 ? path : QString();
}

void TestSecretFile::readsWhatIsForItsOwnerAlone_data()
{
    QTest::addColumn<uint>("mode");
    for (const uint mode : {0600U, 0400U, 0700U})
        QTest::addRow("%o", mode) << mode;
}

void TestSecretFile::readsWhatIsForItsOwnerAlone()
{
    QFETCH(uint, mode);
    const auto secret = readSecretFile(write(QByteArray("a\0key\n", 6), mode));
    QVERIFY2(secret.ok(), secret.ok() ? "" : qPrintable(secret.error().toString()));
    QCOMPARE(secret->view().toByteArray(), QByteArray("a\0key\n", 6));
    QCOMPARE(secret->text()[6], '\0');
}

void TestSecretFile::tellsWhyNot_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<uint>("mode");
    QTest::addColumn<QString>("path");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("words");
    const auto open = [](const char *name, uint mode, const char *words) {
        QTest::newRow(name) << QByteArray("key") << mode << QString() << int(Code::SecretTooOpen)
                            << QString::fromLatin1(words);
    };
    open("group reads", 0640, "(mode 0640), so the key in it is not used: chmod 600 it");
    open("group writes", 0620, "0620");
    open("group runs", 0610, "0610");
    open("all read", 0644, "0644");
    open("others write", 0602, "0602");
    open("others run", 0601, "0601");
    const auto other = [](const char *name, const QByteArray &text, const char *path, Code code,
                          const char *words) {
        QTest::newRow(name) << text << 0600U << QString::fromLatin1(path) << int(code)
                            << QString::fromLatin1(words);
    };
    other("absent", {}, "/nonexistent/key", Code::SecretMissing, "\"/nonexistent/key\" is not there");
    other("below a file", {}, "/etc/passwd/key", Code::SecretMissing, "not there");
    other("folder", {}, "/etc", Code::SecretUnreadable, "not a file");
    other("device", {}, "/dev/zero", Code::SecretUnreadable, "not a file");
    other("empty", {}, "", Code::SecretUnreadable, "is empty");
    other("too long", QByteArray(kLongestSecret + 1, 'x'), "", Code::SecretUnreadable,
          "has 32769 bytes: that is no key");
}

void TestSecretFile::tellsWhyNot()
{
    QFETCH(QByteArray, text);
    QFETCH(uint, mode);
    QFETCH(QString, path);
    QFETCH(int, code);
    QFETCH(QString, words);
    const auto secret = readSecretFile(path.isEmpty() ? write(text, mode) : path);
    QVERIFY(!secret.ok());
    QCOMPARE(int(secret.error().code), code);
    QVERIFY2(secret.error().detail.contains(words), qPrintable(secret.error().detail));
}

void TestSecretFile::followsALinkAndJudgesWhatItLeadsTo()
{
    const QString link = m_folder.filePath(QStringLiteral("link"));
    QVERIFY(QFile::link(write("key", 0600), link));
    QVERIFY(readSecretFile(link).ok());
    write("key", 0604);
    QCOMPARE(readSecretFile(link).error().code, Code::SecretTooOpen);
    QVERIFY(QFile::remove(m_folder.filePath(QStringLiteral("key"))));
    QCOMPARE(readSecretFile(link).error().code, Code::SecretMissing);
}

void TestSecretFile::neverWaitsForAPipe()
{
    const QString path = m_folder.filePath(QStringLiteral("pipe"));
    QCOMPARE(::mkfifo(QFile::encodeName(path).constData(), 0600), 0);
    const auto secret = readSecretFile(path);
    QVERIFY(!secret.ok());
    QVERIFY2(secret.error().detail.contains(QStringLiteral("not a file")), qPrintable(secret.error().detail));
}

void TestSecretFile::takesTheLongestKey()
{
    const auto secret = readSecretFile(write(QByteArray(kLongestSecret, 'x'), 0600));
    QVERIFY(secret.ok());
    QCOMPARE(secret->size(), kLongestSecret);
}

void TestSecretFile::readsWhatASettingPointsAt()
{
    const QString path = write("key", 0600);
    QVERIFY(readSecret(QStringLiteral("file:") + path, QString()).ok());
    QVERIFY(readSecret(QStringLiteral("credential:key"), m_folder.path()).ok());
    QCOMPARE(secretPath(QStringLiteral("credential:key"), m_folder.path()), path);
    QCOMPARE(readSecret(QStringLiteral("credential:other"), m_folder.path()).error().code,
             Code::SecretMissing);
    const auto none = readSecret(QStringLiteral("credential:key"), QString());
    QVERIFY(!none.ok());
    QCOMPARE(none.error().code, Code::SecretMissing);
    QVERIFY2(none.error().detail.contains(QStringLiteral("CREDENTIALS_DIRECTORY")),
             qPrintable(none.error().detail));
    for (const char *place : {"", "auto", "keychain"}) {
        QCOMPARE(readSecret(QLatin1String(place), m_folder.path()).error().code, Code::ConfigBadValue);
        QCOMPARE(secretPath(QLatin1String(place), m_folder.path()), QString());
    }
}

// As systemd 252 makes them for a unit with User=: owned by root, with an entry for the user.
void TestSecretFile::aCredentialMayBeReadableForTheGroup()
{
    write("key", 0440);
    QVERIFY(readSecret(QStringLiteral("credential:key"), m_folder.path()).ok());
    for (const uint mode : {0460U, 0444U, 0450U}) {
        write("key", mode);
        QCOMPARE(readSecret(QStringLiteral("credential:key"), m_folder.path()).error().code,
                 Code::SecretTooOpen);
    }
}

void TestSecretFile::wipesWhatItHeld()
{
    Secret secret(QByteArray("abcdef"));
    const char *at = secret.text();
    secret.truncate(2);
    QCOMPARE(QByteArray(at, 6), QByteArray("ab\0\0\0\0", 6));
    Secret other = std::move(secret);
    QCOMPARE(other.text(), at);
    QVERIFY(secret.isEmpty());
    other = Secret();
    QVERIFY(other.isEmpty());
}

QTEST_APPLESS_MAIN(TestSecretFile)
#include "tst_secretfile.moc"
