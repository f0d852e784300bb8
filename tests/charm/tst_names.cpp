// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/workers.h"
#include "core/charm/names.h"
#include "core/charm/sealed.h"
#include "core/ssh/login.h"
#include "tests/support/charmcluster.h"

#include <QDirIterator>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace cring;
using namespace cring::charm;
using namespace cring::test;

/// Against what the real client has made of names, on a real server.
class TestNames : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void opensWhatTheClientHasSealed();
    void readsEveryName();
    void wantsAWholeKey();
    void leavesStrangersNamesAlone();
    void refusesWhatWasChanged();
    void saysNothingOfWhatIsSecret();

private:
    static Secret copyOf(const QByteArray &bytes)
    {
        Secret secret(bytes.size());
        std::copy(bytes.begin(), bytes.end(), secret.data());
        return secret;
    }
    QByteArrayList sealedKeys(const QByteArray &privateKey);
    Names names();

    CharmCluster m_cluster{1};
    QByteArray m_key;
    QByteArrayList m_sealed;
    QStringList m_wanted;
    QByteArrayList m_stored; ///< Paths as the server has them.
};

QByteArrayList TestNames::sealedKeys(const QByteArray &privateKey)
{
    Workers workers;
    CharmServer &server = m_cluster.at(0);
    ssh::Login login(
        workers,
        {server.name(), server.address(), server.sshPort(), copyOf(privateKey), "api-auth", std::nullopt},
        {});
    std::optional<Result<ssh::Login::Answer>> answer;
    connect(&login, &ssh::Login::finished, this, [&](const auto &result) { answer = result; });
    login.start();
    QByteArrayList keys;
    if (!QTest::qWaitFor([&] { return answer.has_value(); }) || !*answer)
        return keys;
    const QJsonArray array =
        QJsonDocument::fromJson((*answer)->out).object().value(QStringLiteral("encrypt_keys")).toArray();
    for (const QJsonValue &key : array)
        keys.append(
            QByteArray::fromBase64(key.toObject().value(QStringLiteral("key")).toString().toLatin1()));
    return keys;
}

void TestNames::initTestCase()
{
    CRING_OK(m_cluster.start());
    CharmClient &client = m_cluster.client();
    client.pointAt(m_cluster.at(0).address(), m_cluster.at(0).sshPort(), m_cluster.at(0).httpPort());
    m_wanted = QStringList{QStringLiteral("a"), QStringLiteral("photos/garden 041.jpg"),
                           QStringLiteral("photos/2026/Ärger-日本-🙂.txt"),
                           QStringLiteral("photos/2026/") + QString(90, u'x')};
    for (const QString &name : std::as_const(m_wanted)) {
        const QString local = client.home() + QStringLiteral("/file");
        QFile file(local);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(name.toUtf8()) > 0);
        file.close();
        const auto output =
            client.run({QStringLiteral("fs"), QStringLiteral("cp"), local, QStringLiteral("charm:") + name});
        QVERIFY2(output.ok(), output.text().constData());
    }
    QFile key(client.keyFile());
    QVERIFY(key.open(QIODevice::ReadOnly));
    m_key = key.readAll();
    m_sealed = sealedKeys(m_key);
    QVERIFY(!m_sealed.isEmpty());
    const QString root = m_cluster.at(0).dataDir() + QStringLiteral("/files/") + m_cluster.charmId();
    QDirIterator it(root, QDir::Files, QDirIterator::Subdirectories);
    while (it.hasNext())
        m_stored.append(it.next().mid(root.size() + 1).toUtf8());
    QCOMPARE(m_stored.size(), m_wanted.size());
}

Names TestNames::names()
{
    Names names;
    for (const QByteArray &sealed : std::as_const(m_sealed)) {
        const Result<Secret> key = openSealed(sealed, m_key);
        if (key)
            names.add(*key);
    }
    return names;
}

void TestNames::opensWhatTheClientHasSealed()
{
    for (const QByteArray &sealed : std::as_const(m_sealed)) {
        const Result<Secret> key = openSealed(sealed, m_key);
        CRING_OK(key);
        QCOMPARE(QByteArray::fromBase64(key->view().toByteArray()).size(), 64);
    }
}

void TestNames::readsEveryName()
{
    const Names names = this->names();
    QStringList read;
    for (const QByteArray &path : std::as_const(m_stored)) {
        const auto plain = names.plain(path);
        QVERIFY2(plain, path.constData());
        read.append(QString::fromUtf8(*plain));
        QCOMPARE(names.sealed(*plain), path);
    }
    read.sort();
    QStringList wanted = m_wanted;
    wanted.sort();
    QCOMPARE(read, wanted);
}

void TestNames::wantsAWholeKey()
{
    Names names;
    QVERIFY(names.isEmpty());
    QVERIFY(!names.plain(m_stored.first()));
    QVERIFY(!names.add(copyOf(QByteArray(31, 'k'))));
    QVERIFY(names.isEmpty());
}

void TestNames::leavesStrangersNamesAlone()
{
    const Names own = names();
    Names other;
    QVERIFY(other.add(copyOf(QByteArray(88, 'k'))));
    for (const QByteArray &path : std::as_const(m_stored)) {
        QVERIFY(!other.plain(path));
        QVERIFY(!own.plain(path + "00"));
        QVERIFY(!own.plain(path + 'z'));
        QVERIFY(!own.plain(path + "/abcd"));
    }
    for (const char *odd : {"", "/", "zz", "ab", "0123456789abcdef0123456789abcdef", "a/b"})
        QVERIFY2(!own.plain(odd), odd);
}

void TestNames::refusesWhatWasChanged()
{
    const QByteArray sealed = m_sealed.first();
    int refused = 0;
    for (qsizetype at = 0; at < sealed.size(); ++at) {
        QByteArray changed = sealed;
        changed[at] = static_cast<char>(changed.at(at) ^ 1);
        refused += openSealed(changed, m_key) ? 0 : 1;
        QVERIFY(!openSealed(sealed.first(at), m_key));
    }
    QCOMPARE(refused, sealed.size());
    // The MAC's last letter has two bits that are of no byte: four spellings, one of them valid.
    const qsizetype last = sealed.indexOf('\n', sealed.indexOf("\n---") + 1) - 1;
    int spellings = 0;
    for (const char letter : QByteArray("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")) {
        QByteArray changed = sealed;
        changed[last] = letter;
        spellings += openSealed(changed, m_key) ? 1 : 0;
    }
    QCOMPARE(spellings, 1);
    CharmClient *stranger = m_cluster.addStranger();
    stranger->pointAt(m_cluster.at(0).address(), m_cluster.at(0).sshPort(), m_cluster.at(0).httpPort());
    QVERIFY(stranger->run({QStringLiteral("id")}).ok());
    QFile key(stranger->keyFile());
    QVERIFY(key.open(QIODevice::ReadOnly));
    const Result<Secret> foreign = openSealed(sealed, key.readAll());
    QVERIFY(!foreign);
    QCOMPARE(foreign.error().code, Code::KeyUnusable);
}

void TestNames::saysNothingOfWhatIsSecret()
{
    const Result<Secret> key = openSealed(m_sealed.first(), m_key.first(m_key.size() / 2));
    QVERIFY(!key);
    QVERIFY(!key.error().detail.contains(QString::fromLatin1(m_key.mid(60, 20))));
}

QTEST_GUILESS_MAIN(TestNames)
#include "tst_names.moc"
