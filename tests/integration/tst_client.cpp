// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/childprocess.h"
#include "tests/integration/faultyring.h"
#include "tests/support/charmlink.h"
#include "tests/support/spin.h"

#include <QCryptographicHash>
#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>

using namespace cring;
using namespace cring::test;

/// The real charm client through the ring: all of its commands, and afterwards three servers that are equal,
/// byte for byte and mode for mode.
class TestClient : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void copiesFilesOfAllKinds_data();
    void copiesFilesOfAllKinds();
    void copiesFolders();
    void overwritesAndRemoves();
    void copiesALargeFile();
    void keepsAndSyncsKeys();
    void saysWhoItIs();
    void encryptsAndDecrypts();
    void linksAnotherMachine();
    void takesAReadOnlyFileAsTheFirstOfAnAccount();
    void cleanupTestCase() { m_ring.reset(); }

private:
    CharmClient::Output charm(const QStringList &arguments, const QByteArray &input = {})
    {
        return m_ring->cluster().client().run(arguments, input);
    }
    QString local(const QString &name) const { return m_files.filePath(name); }
    void write(const QString &name, const QByteArray &data, QFile::Permissions permissions = {});

    std::unique_ptr<FaultyRing> m_ring;
    QTemporaryDir m_files;
};

void TestClient::initTestCase()
{
    m_ring = std::make_unique<FaultyRing>();
    CRING_OK(m_ring->startServers());
    CRING_OK(m_ring->startRing());
}

/// After each: stragglers are done, and the servers hold the same.
void TestClient::cleanup()
{
    const QByteArray difference = m_ring->differenceAfter(10'000);
    QVERIFY2(difference.isEmpty(), difference.constData());
}

void TestClient::write(const QString &name, const QByteArray &data, QFile::Permissions permissions)
{
    QVERIFY(QDir().mkpath(QFileInfo(local(name)).path()));
    QFile file(local(name));
    QVERIFY2(file.open(QIODevice::WriteOnly), qPrintable(file.errorString()));
    QCOMPARE(file.write(data), data.size());
    file.close();
    if (permissions)
        QVERIFY(file.setPermissions(permissions));
}

void TestClient::copiesFilesOfAllKinds_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("data");
    QTest::addColumn<int>("mode");
    QTest::newRow("plain") << QStringLiteral("plain.txt") << QByteArray("hello\n") << 0644;
    QTest::newRow("spaces") << QStringLiteral("with some spaces.txt") << QByteArray("a b c") << 0644;
    QTest::newRow("non-ASCII") << QStringLiteral("naïve ☂ ファイル.txt") << QByteArray("ü") << 0600;
    QTest::newRow("percent") << QStringLiteral("100%25 %41.txt") << QByteArray("%") << 0644;
    QTest::newRow("empty") << QStringLiteral("empty") << QByteArray() << 0644;
    QTest::newRow("binary") << QStringLiteral("binary") << FaultyRing::content(1'000'003, "binary") << 0664;
    QTest::newRow("executable") << QStringLiteral("run.sh") << QByteArray("#!/bin/sh\n") << 0755;
    QTest::newRow("read-only") << QStringLiteral("ro.txt") << QByteArray("read me") << 0444;
    QTest::newRow("owner's alone, read-only") << QStringLiteral("secret.txt") << QByteArray("mine") << 0400;
}

void TestClient::copiesFilesOfAllKinds()
{
    QFETCH(QString, name);
    QFETCH(QByteArray, data);
    QFETCH(int, mode);
    write(name, data);
    QCOMPARE(::chmod(QFile::encodeName(local(name)).constData(), static_cast<mode_t>(mode)), 0);
    const QString remote = QStringLiteral("charm:kinds/") + name;
    CRING_OK(charm({QStringLiteral("fs"), QStringLiteral("cp"), local(name), remote}));
    const auto cat = charm({QStringLiteral("fs"), QStringLiteral("cat"), remote});
    CRING_OK(cat);
    QCOMPARE(cat.out, data);
    const auto list = charm({QStringLiteral("fs"), QStringLiteral("ls"), QStringLiteral("charm:kinds")});
    CRING_OK(list);
    QVERIFY2(list.out.contains(name.toUtf8()), list.out.constData());
    const QString copy = local(QStringLiteral("copy"));
    QFile::remove(copy);
    CRING_OK(charm({QStringLiteral("fs"), QStringLiteral("cp"), remote, copy}));
    QFile back(copy);
    QVERIFY(back.open(QIODevice::ReadOnly));
    QCOMPARE(back.readAll(), data);
}

void TestClient::copiesFolders()
{
    write(QStringLiteral("tree/a.txt"), "a");
    write(QStringLiteral("tree/deep er/b ü.txt"), "b");
    write(QStringLiteral("tree/deep er/still/c"), "c");
    write(QStringLiteral("tree/locked/ro.txt"), "ro", QFile::ReadOwner | QFile::ReadGroup | QFile::ReadOther);
    QCOMPARE(::chmod(QFile::encodeName(local(QStringLiteral("tree/locked"))).constData(), 0555), 0);
    CRING_OK(charm({QStringLiteral("fs"), QStringLiteral("cp"), QStringLiteral("-r"),
                    local(QStringLiteral("tree")), QStringLiteral("charm:folders")}));
    QCOMPARE(::chmod(QFile::encodeName(local(QStringLiteral("tree/locked"))).constData(), 0755), 0);
    const auto tree = charm({QStringLiteral("fs"), QStringLiteral("tree"), QStringLiteral("charm:folders")});
    CRING_OK(tree);
    for (const char *name : {"a.txt", "deep er", "b ü.txt", "still/c", "locked/ro.txt"})
        QVERIFY2(tree.out.contains(name), tree.out.constData());
}

void TestClient::overwritesAndRemoves()
{
    const QString remote = QStringLiteral("charm:twice/file.txt");
    for (const QByteArray &data : {QByteArray("first"), QByteArray("second, longer"), QByteArray("3")}) {
        write(QStringLiteral("file.txt"), data);
        CRING_OK(
            charm({QStringLiteral("fs"), QStringLiteral("cp"), local(QStringLiteral("file.txt")), remote}));
        QCOMPARE(charm({QStringLiteral("fs"), QStringLiteral("cat"), remote}).out, data);
    }
    CRING_OK(charm({QStringLiteral("fs"), QStringLiteral("rm"), remote}));
    QVERIFY(!charm({QStringLiteral("fs"), QStringLiteral("cat"), remote}).ok());
    CRING_OK(charm({QStringLiteral("fs"), QStringLiteral("cp"), local(QStringLiteral("file.txt")), remote}));
    CRING_OK(charm({QStringLiteral("fs"), QStringLiteral("rm"), QStringLiteral("charm:twice")}));
    QVERIFY(!charm({QStringLiteral("fs"), QStringLiteral("cat"), remote}).ok());
}

void TestClient::copiesALargeFile()
{
    constexpr qint64 size = 300 * 1024 * 1024;
    QCryptographicHash sent(QCryptographicHash::Sha256);
    {
        QFile file(local(QStringLiteral("large")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        for (qint64 at = 0; at < size; at += 1024 * 1024) {
            const QByteArray piece = FaultyRing::content(1024 * 1024, "large " + QByteArray::number(at));
            sent.addData(piece);
            QCOMPARE(file.write(piece), piece.size());
        }
    }
    CRING_OK(charm({QStringLiteral("fs"), QStringLiteral("cp"), local(QStringLiteral("large")),
                    QStringLiteral("charm:large")}));
    QVERIFY(QFile::remove(local(QStringLiteral("large"))));
    CRING_OK(charm({QStringLiteral("fs"), QStringLiteral("cp"), QStringLiteral("charm:large"),
                    local(QStringLiteral("back"))}));
    QFile back(local(QStringLiteral("back")));
    QVERIFY(back.open(QIODevice::ReadOnly));
    QCryptographicHash got(QCryptographicHash::Sha256);
    QVERIFY(got.addData(&back));
    QCOMPARE(got.result(), sent.result());
    QCOMPARE(back.size(), size);
    QVERIFY(back.remove());
    CRING_OK(charm({QStringLiteral("fs"), QStringLiteral("rm"), QStringLiteral("charm:large")}));
}

void TestClient::keepsAndSyncsKeys()
{
    const auto kv = [this](const QStringList &arguments) {
        return charm(QStringList(QStringLiteral("kv")) + arguments);
    };
    CRING_OK(kv({QStringLiteral("set"), QStringLiteral("colour"), QStringLiteral("blue")}));
    CRING_OK(kv({QStringLiteral("set"), QStringLiteral("size"), QStringLiteral("large")}));
    QCOMPARE(kv({QStringLiteral("get"), QStringLiteral("colour")}).out, QByteArray("blue"));
    CRING_OK(kv({QStringLiteral("delete"), QStringLiteral("size")}));
    const auto list = kv({QStringLiteral("list")});
    CRING_OK(list);
    QVERIFY(list.out.contains("colour"));
    QVERIFY(!list.out.contains("size"));
    // All of it comes back from the servers.
    CRING_OK(kv({QStringLiteral("reset")}));
    CRING_OK(kv({QStringLiteral("sync")}));
    QCOMPARE(kv({QStringLiteral("get"), QStringLiteral("colour")}).out, QByteArray("blue"));
}

void TestClient::saysWhoItIs()
{
    const auto id = charm({QStringLiteral("id")});
    CRING_OK(id);
    QCOMPARE(QString::fromLatin1(id.out.trimmed()), m_ring->cluster().charmId());
    const auto keys = charm({QStringLiteral("keys"), QStringLiteral("--simple")});
    CRING_OK(keys);
    QVERIFY2(keys.out.contains("ssh-ed25519"), keys.out.constData());
    const auto jwt = charm({QStringLiteral("jwt")});
    CRING_OK(jwt);
    QCOMPARE(jwt.out.trimmed().count('.'), 2);
    CRING_OK(charm({QStringLiteral("name"), QStringLiteral("ringbearer")}));
}

void TestClient::encryptsAndDecrypts()
{
    const auto sealed = charm({QStringLiteral("crypt"), QStringLiteral("encrypt")}, "for my eyes");
    CRING_OK(sealed);
    QVERIFY(!sealed.out.contains("for my eyes"));
    const auto opened = charm({QStringLiteral("crypt"), QStringLiteral("decrypt")}, sealed.out);
    CRING_OK(opened);
    QCOMPARE(opened.out, QByteArray("for my eyes"));
}

/// Both ends of a link meet in the memory of one server: the forwarder has to bring them to the same one.
void TestClient::linksAnotherMachine()
{
    write(QStringLiteral("shared.txt"), "for both machines");
    CRING_OK(charm({QStringLiteral("fs"), QStringLiteral("cp"), local(QStringLiteral("shared.txt")),
                    QStringLiteral("charm:shared.txt")}));
    CharmClient *other = m_ring->cluster().addStranger();

    const QByteArray trouble = linkTrouble(m_ring->cluster().client(), *other);
    QVERIFY2(trouble.isEmpty(), trouble.constData());
    const auto id = other->run({QStringLiteral("id")});
    CRING_OK(id);
    QCOMPARE(QString::fromLatin1(id.out.trimmed()), m_ring->cluster().charmId());
    const auto cat =
        other->run({QStringLiteral("fs"), QStringLiteral("cat"), QStringLiteral("charm:shared.txt")});
    CRING_OK(cat);
    QCOMPARE(cat.out, QByteArray("for both machines"));
}

/// Charm would make the account's own folder read-only after it, and nothing else could be stored.
void TestClient::takesAReadOnlyFileAsTheFirstOfAnAccount()
{
    const QByteArray token = m_ring->cluster().token(1);
    HttpClient client = m_ring->client();
    QCOMPARE(client.upload("/v1/fs/ab", "first", token, 0400).status, 200);
    QCOMPARE(client.upload("/v1/fs/cd", "second", token, 0644).status, 200);
    QCOMPARE(client.get("/v1/fs/ab", token).body, QByteArray("first"));
    QCOMPARE(client.get("/v1/fs/cd", token).body, QByteArray("second"));
}

QTEST_GUILESS_MAIN(TestClient)
#include "tst_client.moc"
