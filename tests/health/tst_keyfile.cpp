// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/health/keyfile.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace cring;
using health::TrustedKey;
namespace keyfile = health::keyfile;

class TestKeyFile : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void givesBackWhatWasWritten();
    void isReadableByTheOwnerAlone();
    void forgetsServersThatMovedOrAreGone();
    void isEmptyWhenItCannotBeUnderstood_data();
    void isEmptyWhenItCannotBeUnderstood();
    void saysWhereItCannotWrite();
    void whatWasRecoveredStaysUntilServersAreSeen();
    void whatAllHadOutlivesTheirConfiguration();

private:
    static QList<config::Server> servers();

    QString path() const { return m_folder.filePath(QStringLiteral("keys.json")); }

    QTemporaryDir m_folder;
    const TrustedKey m_key{QByteArray(64, 'a'), QByteArray(32, '\xff'),
                           QByteArrayLiteral("http://charm:35354")};
};

QList<config::Server> TestKeyFile::servers()
{
    config::Server one;
    one.id = QStringLiteral("charm1");
    one.url = QUrl(QStringLiteral("http://one:35354"));
    config::Server two = one;
    two.id = QStringLiteral("charm2");
    two.url = QUrl(QStringLiteral("http://two:35354"));
    return {one, two};
}

void TestKeyFile::givesBackWhatWasWritten()
{
    QVERIFY(keyfile::write(path(), servers(), {{QStringLiteral("charm2"), m_key}}).ok());
    const auto keys = keyfile::read(path(), servers());
    QCOMPARE(keys.size(), 1);
    QVERIFY(keys.value(QStringLiteral("charm2")) == m_key);
}

void TestKeyFile::isReadableByTheOwnerAlone()
{
    for (int i = 0; i < 2; ++i) {
        QVERIFY(keyfile::write(path(), servers(), {{QStringLiteral("charm1"), m_key}}).ok());
        const auto others = QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther;
        QVERIFY(!(QFile::permissions(path()) & others));
    }
}

void TestKeyFile::forgetsServersThatMovedOrAreGone()
{
    QVERIFY(keyfile::write(path(), servers(),
                           {{QStringLiteral("charm1"), m_key}, {QStringLiteral("charm2"), m_key}})
                .ok());
    QList<config::Server> others = servers();
    others[0].url = QUrl(QStringLiteral("http://elsewhere:35354"));
    others[1].id = QStringLiteral("charm3");
    QVERIFY(keyfile::read(path(), others).isEmpty());
}

void TestKeyFile::isEmptyWhenItCannotBeUnderstood_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("no JSON") << QByteArrayLiteral("{\"format\":1,");
    QTest::newRow("another format") << QByteArray("{\"format\":2,\"servers\":[]}");
    QTest::newRow("short key") << QByteArray(
        "{\"format\":1,\"servers\":[{\"id\":\"charm1\",\"url\":\"http://one:35354\","
        "\"kid\":\"a\",\"public_key\":\"YQ==\",\"issuer\":\"i\"}]}");
    QTest::newRow("no list") << QByteArray("{\"format\":1,\"servers\":7}");
}

void TestKeyFile::isEmptyWhenItCannotBeUnderstood()
{
    QFETCH(QByteArray, content);
    QFile file(path());
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
    QCOMPARE(file.write(content), content.size());
    file.close();
    QVERIFY(keyfile::read(path(), servers()).isEmpty());
    QVERIFY(keyfile::read(path() + QStringLiteral(".absent"), servers()).isEmpty());
}

void TestKeyFile::saysWhereItCannotWrite()
{
    const QString nowhere = m_folder.filePath(QStringLiteral("absent/keys.json"));
    const Status status = keyfile::write(nowhere, servers(), {});
    QVERIFY(!status.ok());
    QCOMPARE(status.error().code, Code::StateFile);
    QVERIFY(status.error().detail.contains(nowhere));
}

void TestKeyFile::whatWasRecoveredStaysUntilServersAreSeen()
{
    QVERIFY(!keyfile::readRecovered(path()));
    QVERIFY(keyfile::writeRecovered(path(), m_key).ok());
    QVERIFY(keyfile::readRecovered(path()) == m_key);
    QVERIFY(keyfile::read(path(), servers()).isEmpty());
    QVERIFY(keyfile::write(path(), servers(), {{QStringLiteral("charm1"), m_key}}).ok());
    QVERIFY(!keyfile::readRecovered(path()));
}

void TestKeyFile::whatAllHadOutlivesTheirConfiguration()
{
    (void)QFile::remove(path());
    QVERIFY(!keyfile::readLast(path()));
    QHash<QString, TrustedKey> keys{{QStringLiteral("charm1"), m_key}, {QStringLiteral("charm2"), m_key}};
    QVERIFY(keyfile::write(path(), servers(), keys).ok());
    QVERIFY(keyfile::readLast(path()) == m_key);
    keys[QStringLiteral("charm2")].issuer = "https://another.example";
    QVERIFY(keyfile::write(path(), servers(), keys).ok());
    QVERIFY(!keyfile::readLast(path()));
}

QTEST_APPLESS_MAIN(TestKeyFile)
#include "tst_keyfile.moc"
