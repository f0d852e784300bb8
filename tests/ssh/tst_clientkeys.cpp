// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/secretfile.h"
#include "core/ssh/clientkeys.h"
#include "core/ssh/privatekey.h"
#include "tests/support/charmcluster.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTest>

#include <sys/stat.h>

using namespace cring;
using namespace cring::test;
using ssh::Adoption;
using ssh::KeyPlaces;
using State = ssh::Adoption::State;

namespace {

constexpr std::chrono::milliseconds kNow{1'700'000'000'000};

mode_t modeOf(const QString &path)
{
    struct stat info
    {
    };
    return ::stat(QFile::encodeName(path).constData(), &info) == 0 ? info.st_mode & 07777U : 0;
}

QByteArray contents(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

/// The charm client's keys, host by host, and giving one to another host.
class TestClientKeys : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();

    void listsWhatTheClientHas();
    void namesAKeyAsSshKeygenDoes();
    void copiesAndNeverMoves();
    void isDoneOnce();
    void neverWritesOverAnotherKey();
    void keepsWhatItReplaces();
    void movesTheOtherAccountsDatabasesAside();
    void leavesTheDatabasesWhenItFails();
    void writesOverNoKeyThatCannotBeRead();
    void refusesWhatIsNoKey_data();
    void refusesWhatIsNoKey();
    void refusesNamesThatAreNone();
    void leavesNothingWhenItCannotWrite();

private:
    /// A new key, made as the client makes it.
    QString makeKey(const QString &host) const;
    QString fileOf(const QString &host) const { return ssh::clientKeyFile(m_places, host); }

    std::unique_ptr<QTemporaryDir> m_folder;
    KeyPlaces m_places;
};

void TestClientKeys::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_places = {m_folder->path(), QString()};
}

QString TestClientKeys::makeKey(const QString &host) const
{
    QDir(m_folder->path()).mkpath(host);
    QProcess::execute(QStringLiteral("ssh-keygen"),
                      {QStringLiteral("-q"), QStringLiteral("-t"), QStringLiteral("ed25519"),
                       QStringLiteral("-N"), QString(), QStringLiteral("-f"), fileOf(host)});
    return fileOf(host);
}

void TestClientKeys::listsWhatTheClientHas()
{
    makeKey(QStringLiteral("charm1"));
    CRING_OK(ssh::adopt(m_places, QStringLiteral("charm1"), QStringLiteral("charm2"), false, kNow));
    QDir(m_folder->path()).mkpath(QStringLiteral("empty"));
    QFile::setPermissions(makeKey(QStringLiteral("open")), QFile::ReadOwner | QFile::ReadOther);
    const auto keys = ssh::clientKeys(m_places);
    QCOMPARE(keys.size(), 3);
    QCOMPARE(keys.at(0).host, QStringLiteral("charm1"));
    QCOMPARE(keys.at(0).digest, keys.at(1).digest);
    QVERIFY(keys.at(0).fingerprint.startsWith(QStringLiteral("SHA256:")));
    QCOMPARE(keys.at(2).host, QStringLiteral("open"));
    QCOMPARE(keys.at(2).problem->code, Code::SecretTooOpen);
    QCOMPARE(ssh::clientKeys({}).size(), 0);
    QCOMPARE(ssh::clientKeys({QStringLiteral("/nonexistent"), QString()}).size(), 0);
}

void TestClientKeys::namesAKeyAsSshKeygenDoes()
{
    const QString file = makeKey(QStringLiteral("charm1"));
    QProcess keygen;
    keygen.start(QStringLiteral("ssh-keygen"), {QStringLiteral("-lf"), file + QStringLiteral(".pub")});
    QVERIFY(keygen.waitForFinished());
    const auto half = ssh::publicHalf(*config::readSecretFile(file));
    CRING_OK(half);
    QVERIFY(keygen.readAllStandardOutput().contains(half->fingerprint.toUtf8()));
    QVERIFY(contents(file + QStringLiteral(".pub")).startsWith(half->text));
}

void TestClientKeys::copiesAndNeverMoves()
{
    const QString from = makeKey(QStringLiteral("charm1"));
    const QByteArray key = contents(from);
    const auto plan = ssh::planAdoption(m_places, QStringLiteral("charm1"), QStringLiteral("localhost"));
    CRING_OK(plan);
    QCOMPARE(plan->state, State::Missing);
    QVERIFY(!QFile::exists(fileOf(QStringLiteral("localhost"))));
    const auto done =
        ssh::adopt(m_places, QStringLiteral("charm1"), QStringLiteral("localhost"), false, kNow);
    CRING_OK(done);
    QCOMPARE(contents(from), key);
    QCOMPARE(contents(done->toFile), key);
    QCOMPARE(modeOf(done->toFile), mode_t(0600));
    QCOMPARE(modeOf(m_folder->filePath(QStringLiteral("localhost"))), mode_t(0700));
    QVERIFY(contents(from + QStringLiteral(".pub"))
                .startsWith(contents(done->toFile + QStringLiteral(".pub")).trimmed()));
    QCOMPARE(done->backup, QString());
    QCOMPARE(
        QDir(m_folder->filePath(QStringLiteral("localhost"))).entryList(QDir::Files | QDir::Hidden).size(),
        2);
}

void TestClientKeys::isDoneOnce()
{
    makeKey(QStringLiteral("charm1"));
    CRING_OK(ssh::adopt(m_places, QStringLiteral("charm1"), QStringLiteral("localhost"), false, kNow));
    for (const bool replace : {false, true}) {
        const auto again =
            ssh::adopt(m_places, QStringLiteral("charm1"), QStringLiteral("localhost"), replace, kNow);
        CRING_OK(again);
        QCOMPARE(again->state, State::Same);
        QCOMPARE(again->backup, QString());
    }
    // To itself.
    QCOMPARE(ssh::planAdoption(m_places, QStringLiteral("charm1"), QStringLiteral("charm1"))->state,
             State::Same);
}

void TestClientKeys::neverWritesOverAnotherKey()
{
    makeKey(QStringLiteral("charm1"));
    const QByteArray other = contents(makeKey(QStringLiteral("localhost")));
    QCOMPARE(ssh::planAdoption(m_places, QStringLiteral("charm1"), QStringLiteral("localhost"))->state,
             State::Different);
    const auto refused =
        ssh::adopt(m_places, QStringLiteral("charm1"), QStringLiteral("localhost"), false, kNow);
    QVERIFY(!refused);
    QCOMPARE(refused.error().code, Code::KeyExists);
    QCOMPARE(contents(fileOf(QStringLiteral("localhost"))), other);
}

void TestClientKeys::keepsWhatItReplaces()
{
    const QByteArray key = contents(makeKey(QStringLiteral("charm1")));
    QByteArray other = contents(makeKey(QStringLiteral("localhost")));
    QStringList kept;
    for (int round = 0; round < 3; ++round) {
        const auto done =
            ssh::adopt(m_places, QStringLiteral("charm1"), QStringLiteral("localhost"), true, kNow);
        CRING_OK(done);
        QCOMPARE(contents(done->toFile), key);
        QCOMPARE(contents(done->backup), other);
        QCOMPARE(modeOf(done->backup), mode_t(0600));
        // Nothing that the client would take for a key of its own.
        QVERIFY(!QFileInfo(done->backup).fileName().startsWith(QStringLiteral("charm_")));
        QVERIFY(!kept.contains(done->backup));
        kept << done->backup;
        QFile::remove(done->toFile);
        QFile::remove(done->toFile + QStringLiteral(".pub"));
        other = contents(makeKey(QStringLiteral("localhost")));
    }
}

void TestClientKeys::movesTheOtherAccountsDatabasesAside()
{
    makeKey(QStringLiteral("charm1"));
    const QString to = QStringLiteral("localhost");
    const QString kv = m_folder->filePath(to + QStringLiteral("/kv"));
    QStringList kept;
    for (const bool withKey : {true, true, false}) {
        QFile::remove(fileOf(to));
        QFile::remove(fileOf(to) + QStringLiteral(".pub"));
        if (withKey)
            makeKey(to);
        QVERIFY(QDir(m_folder->path()).mkpath(kv + QStringLiteral("/db")));
        QCOMPARE(ssh::planAdoption(m_places, QStringLiteral("charm1"), to)->kvFolder, kv);
        const auto done = ssh::adopt(m_places, QStringLiteral("charm1"), to, true, kNow);
        CRING_OK(done);
        QVERIFY(!QFile::exists(kv));
        QVERIFY(QFile::exists(done->kvBackup + QStringLiteral("/db")) && !kept.contains(done->kvBackup));
        kept << done->kvBackup;
    }
    // The right account's stay.
    QVERIFY(QDir(m_folder->path()).mkpath(kv));
    CRING_OK(ssh::adopt(m_places, QStringLiteral("charm1"), to, true, kNow));
    QVERIFY(QFile::exists(kv));
    for (const QString &folder : kept)
        QVERIFY(QFile::exists(folder + QStringLiteral("/db")));
}

void TestClientKeys::leavesTheDatabasesWhenItFails()
{
    makeKey(QStringLiteral("charm1"));
    const QString kv = m_folder->filePath(QStringLiteral("localhost/kv"));
    QVERIFY(QDir(m_folder->path()).mkpath(kv + QStringLiteral("/db")));
    makeKey(QStringLiteral("localhost"));
    QVERIFY(!ssh::adopt(m_places, QStringLiteral("charm1"), QStringLiteral("localhost"), false, kNow));
    QVERIFY(QFile::exists(kv + QStringLiteral("/db")));
    // A folder where the key should be: it can be neither linked nor written over.
    QVERIFY(QFile::remove(fileOf(QStringLiteral("localhost"))) &&
            QDir(m_folder->path()).mkpath(fileOf(QStringLiteral("localhost"))));
    QVERIFY(!ssh::adopt(m_places, QStringLiteral("charm1"), QStringLiteral("localhost"), true, kNow));
    QVERIFY(QFile::exists(kv + QStringLiteral("/db")));
}

void TestClientKeys::writesOverNoKeyThatCannotBeRead()
{
    makeKey(QStringLiteral("charm1"));
    QFile::setPermissions(makeKey(QStringLiteral("localhost")), QFile::ReadOwner | QFile::ReadGroup);
    const auto refused =
        ssh::adopt(m_places, QStringLiteral("charm1"), QStringLiteral("localhost"), false, kNow);
    QCOMPARE(refused.error().code, Code::KeyExists);
}

void TestClientKeys::refusesWhatIsNoKey_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("code");
    QTest::newRow("nonsense") << QByteArray("hello") << int(Code::KeyUnusable);
    QTest::newRow("empty") << QByteArray() << int(Code::SecretUnreadable);
    QTest::newRow("absent") << QByteArray("-") << int(Code::NotFound);
    QTest::newRow("passphrase") << QByteArray("+") << int(Code::KeyUnusable);
}

void TestClientKeys::refusesWhatIsNoKey()
{
    QFETCH(QByteArray, text);
    QFETCH(int, code);
    const QString host = QStringLiteral("charm1");
    QDir(m_folder->path()).mkpath(host);
    if (text == "+") {
        QProcess::execute(QStringLiteral("ssh-keygen"),
                          {QStringLiteral("-q"), QStringLiteral("-t"), QStringLiteral("ed25519"),
                           QStringLiteral("-N"), QStringLiteral("secret"), QStringLiteral("-f"),
                           fileOf(host)});
    } else if (text != "-") {
        QFile file(fileOf(host));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size());
        QVERIFY(file.setPermissions(QFile::ReadOwner | QFile::WriteOwner));
    }
    const auto refused = ssh::adopt(m_places, host, QStringLiteral("localhost"), true, kNow);
    QVERIFY(!refused);
    QCOMPARE(int(refused.error().code), code);
    QVERIFY(!QFile::exists(fileOf(QStringLiteral("localhost"))));
}

void TestClientKeys::refusesNamesThatAreNone()
{
    makeKey(QStringLiteral("charm1"));
    for (const char *name : {"", ".", "..", "a/b", "../x"}) {
        QCOMPARE(ssh::adopt(m_places, QStringLiteral("charm1"), QLatin1String(name), true, kNow).error().code,
                 Code::ConfigBadValue);
        QCOMPARE(
            ssh::adopt(m_places, QLatin1String(name), QStringLiteral("localhost"), true, kNow).error().code,
            Code::ConfigBadValue);
    }
    QCOMPARE(ssh::adopt({}, QStringLiteral("charm1"), QStringLiteral("localhost"), true, kNow).error().code,
             Code::NotFound);
}

void TestClientKeys::leavesNothingWhenItCannotWrite()
{
    makeKey(QStringLiteral("charm1"));
    // A file where the folder should be.
    QFile file(m_folder->filePath(QStringLiteral("localhost")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    const auto refused =
        ssh::adopt(m_places, QStringLiteral("charm1"), QStringLiteral("localhost"), true, kNow);
    QVERIFY(!refused);
    QCOMPARE(QDir(m_folder->path()).entryList(QDir::AllEntries | QDir::NoDotAndDotDot).size(), 2);
}

QTEST_GUILESS_MAIN(TestClientKeys)
#include "tst_clientkeys.moc"
