// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/cringprocess.h"
#include "tests/support/spin.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace cring;
using namespace cring::test;

namespace {

QStringList words(const char *text)
{
    return QString::fromLatin1(text).split(u' ');
}

} // namespace

/// `cring identity`, with real servers, the real client and its keys.
class TestIdentity : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void afterAdoptionTheRingShowsTheOldFiles();
    void saysWhoKnowsTheAccount();
    void makesNoAccountByLooking();
    void asksTheServerWhoseNameTheKeyHas();
    void worksWithoutTheService();
    void asksBeforeItChangesAnything();
    void givesUpNoKeyWithoutBeingTold();
    void movesTheOtherAccountsDatabasesAside();
    void isContentWithAServerOfTheRingsName();
    void saysWhatToChooseFrom();

private:
    QJsonObject json(const QStringList &arguments, int exitCode = 0);
    QByteArray text(const QStringList &arguments, int exitCode = 0);
    QJsonObject rowOf(const QString &host, int exitCode = 0);
    static QString known(const QJsonObject &row, const QString &server);
    void point(CharmClient &client, int server);
    QString front() const { return m_cluster->frontAddress(); }

    std::unique_ptr<CharmCluster> m_cluster;
    std::unique_ptr<QTemporaryDir> m_home;
    std::unique_ptr<CringProcess> m_ring;
    std::unique_ptr<CharmClient> m_client;
};

void TestIdentity::init()
{
    m_cluster = std::make_unique<CharmCluster>(3);
    CRING_OK(m_cluster->start());
    m_home = std::make_unique<QTemporaryDir>();
    m_ring = std::make_unique<CringProcess>(*m_cluster);
    // The person uses the first server, by its own name, as before there was a ring.
    m_client = std::make_unique<CharmClient>(m_cluster->program(), m_home->path(), spinningWaiter());
    point(*m_client, 0);
    CRING_OK(m_client->adoptKeyOf(m_cluster->client()));
    m_ring->options().environment = QProcessEnvironment::systemEnvironment();
    m_ring->options().environment.insert(QStringLiteral("CHARM_DATA_DIR"), m_client->dataDir());
    CRING_OK(m_ring->start());
}

void TestIdentity::cleanup()
{
    m_ring.reset();
    m_cluster.reset();
}

void TestIdentity::point(CharmClient &client, int server)
{
    const CharmServer &charm = m_cluster->at(server);
    client.pointAt(charm.address(), charm.sshPort(), charm.httpPort());
}

QByteArray TestIdentity::text(const QStringList &arguments, int exitCode)
{
    const auto output = m_ring->runCommand(QStringList(QStringLiteral("identity")) + arguments,
                                           std::chrono::milliseconds(20'000));
    if (output.exitCode != exitCode)
        qWarning().noquote() << arguments << output.exitCode << output.out << output.err;
    return output.exitCode == exitCode ? output.out + output.err : QByteArray();
}

QJsonObject TestIdentity::json(const QStringList &arguments, int exitCode)
{
    return QJsonDocument::fromJson(text(arguments + words("--json"), exitCode)).object();
}

QJsonObject TestIdentity::rowOf(const QString &host, int exitCode)
{
    for (const QJsonValue row : json(words("list"), exitCode).value(QLatin1String("identities")).toArray()) {
        if (row.toObject().value(QLatin1String("hosts")).toArray().contains(host))
            return row.toObject();
    }
    return {};
}

QString TestIdentity::known(const QJsonObject &row, const QString &server)
{
    for (const QJsonValue each : row.value(QLatin1String("servers")).toArray()) {
        if (each.toObject().value(QLatin1String("name")).toString() == server)
            return each.toObject().value(QLatin1String("account")).toString();
    }
    return {};
}

void TestIdentity::afterAdoptionTheRingShowsTheOldFiles()
{
    const QString file = m_home->filePath(QStringLiteral("letter"));
    QFile letter(file);
    QVERIFY(letter.open(QIODevice::WriteOnly) && letter.write("dear diary") > 0);
    letter.close();
    CRING_OK(
        m_client->run({QStringLiteral("fs"), QStringLiteral("cp"), file, QStringLiteral("charm:letter")}));

    const QJsonObject plan = json(words("adopt --dry-run --to") + QStringList(front()));
    QCOMPARE(plan.value(QLatin1String("outcome")).toString(), QStringLiteral("dry-run"));
    const QString key = plan.value(QLatin1String("toFile")).toString();
    QVERIFY(key.contains(front()) && !QFile::exists(key));
    const QJsonObject done = json(words("adopt --yes --to") + QStringList(front()));
    QCOMPARE(done.value(QLatin1String("outcome")).toString(), QStringLiteral("adopted"));
    QVERIFY(QFile::exists(key));
    QVERIFY(QFile::exists(done.value(QLatin1String("fromFile")).toString()));

    m_client->pointAt(front(), m_ring->sshPort(), m_ring->httpPort());
    const auto id = m_client->run({QStringLiteral("id")});
    CRING_OK(id);
    QCOMPARE(QString::fromUtf8(id.out.trimmed()), m_cluster->charmId());
    const auto old =
        m_client->run({QStringLiteral("fs"), QStringLiteral("cat"), QStringLiteral("charm:letter")});
    QCOMPARE(old.out, QByteArray("dear diary"));
    QVERIFY(m_client->run({QStringLiteral("fs"), QStringLiteral("ls"), QStringLiteral("charm:")})
                .out.contains("letter"));
    QCOMPARE(
        json(words("adopt --yes --to") + QStringList(front())).value(QLatin1String("outcome")).toString(),
        QStringLiteral("same"));
}

void TestIdentity::saysWhoKnowsTheAccount()
{
    CRING_OK(m_client->run({QStringLiteral("name"), QStringLiteral("ada")}));
    QJsonObject row = rowOf(m_cluster->at(0).address());
    QCOMPARE(row.value(QLatin1String("account")).toString(), m_cluster->charmId());
    QCOMPARE(row.value(QLatin1String("name")).toString(), QStringLiteral("ada"));
    QCOMPARE(row.value(QLatin1String("askedAt")).toString(), m_cluster->at(0).name());
    for (int i = 0; i < 3; ++i)
        QCOMPARE(known(row, m_cluster->at(i).name()), QStringLiteral("known"));
    const QByteArray table = text(words("list"));
    QVERIFY2(table.contains(m_cluster->charmId().toUtf8()) && table.contains("charm1, charm2, charm3"),
             table.constData());
    QVERIFY2(table.contains("`cring identity adopt`"), table.constData());

    // Another person's, whom the second server alone knows.
    point(*m_client, 1);
    QVERIFY(QFile::remove(m_client->keyFile()) &&
            QFile::remove(m_client->keyFile() + QStringLiteral(".pub")));
    CRING_OK(m_client->run({QStringLiteral("id")}));
    row = rowOf(m_cluster->at(1).address());
    QVERIFY(row.value(QLatin1String("account")).toString() != m_cluster->charmId());
    QCOMPARE(known(row, m_cluster->at(0).name()), QStringLiteral("missing"));
    QCOMPARE(known(row, m_cluster->at(1).name()), QStringLiteral("known"));
    QVERIFY(text(words("list")).contains("different accounts"));
    m_cluster->at(2).kill9();
    QCOMPARE(known(rowOf(m_cluster->at(1).address()), m_cluster->at(2).name()), QStringLiteral("unasked"));
}

// A server makes an account for each key that it is shown: a key is shown where the client shows it itself.
void TestIdentity::makesNoAccountByLooking()
{
    point(*m_client, 1);
    QVERIFY(QFile::remove(m_client->keyFile()) &&
            QFile::remove(m_client->keyFile() + QStringLiteral(".pub")));
    const auto made = m_client->run({QStringLiteral("id")});
    CRING_OK(made);
    // And one of a host that is none of the ring's.
    CRING_OK(m_client->run({QStringLiteral("id")}));
    const QString elsewhere = m_client->dataDir() + QStringLiteral("/cloud.charm.sh");
    QVERIFY(QDir().mkpath(elsewhere));
    QProcess::execute(QStringLiteral("ssh-keygen"),
                      {QStringLiteral("-q"), QStringLiteral("-t"), QStringLiteral("ed25519"),
                       QStringLiteral("-N"), QString(), QStringLiteral("-f"),
                       elsewhere + QStringLiteral("/charm_ed25519")});
    for (int round = 0; round < 2; ++round) {
        QVERIFY(!rowOf(m_cluster->at(1).address()).isEmpty());
        const QJsonObject other = rowOf(QStringLiteral("cloud.charm.sh"));
        QVERIFY(!other.value(QLatin1String("ofTheRing")).toBool(true));
        QCOMPARE(other.value(QLatin1String("account")).toString(), QString());
        QVERIFY(!other.contains(QLatin1String("askedAt")));
    }
    // Had the others been shown the key, their answers would name an account of their own making.
    const QJsonObject row = rowOf(m_cluster->at(1).address());
    QCOMPARE(row.value(QLatin1String("account")).toString(), QString::fromUtf8(made.out.trimmed()));
    for (const int server : {0, 2}) {
        QCOMPARE(known(row, m_cluster->at(server).name()), QStringLiteral("missing"));
        const QByteArray log = m_cluster->at(server).logTail(200);
        QVERIFY2(!log.contains("new user") && !log.contains("Creating user"), log.constData());
    }
    QVERIFY(json(words("list --offline")).value(QLatin1String("identities")).toArray().size() >= 2);
}

// The account is the second server's alone, and its key has the ring's name, too: the first one, the primary,
// is not shown it, and makes none.
void TestIdentity::asksTheServerWhoseNameTheKeyHas()
{
    QCOMPARE(m_ring->stop(), 0);
    point(*m_client, 1);
    QVERIFY(QFile::remove(m_client->keyFile()) &&
            QFile::remove(m_client->keyFile() + QStringLiteral(".pub")));
    const auto made = m_client->run({QStringLiteral("id")});
    CRING_OK(made);
    const QString second = m_cluster->at(1).address();
    QVERIFY(
        !json(words("adopt --yes --from") + QStringList{second, QStringLiteral("--to"), front()}).isEmpty());
    const QJsonObject row = rowOf(front());
    QVERIFY(row.value(QLatin1String("hosts")).toArray().contains(second));
    QCOMPARE(row.value(QLatin1String("askedAt")).toString(), m_cluster->at(1).name());
    QCOMPARE(row.value(QLatin1String("account")).toString(), QString::fromUtf8(made.out.trimmed()));
    QCOMPARE(known(row, m_cluster->at(0).name()), QStringLiteral("missing"));
    // Rather nobody than a server that may not know it.
    m_cluster->at(1).kill9();
    const QJsonObject silent = rowOf(front(), 3);
    QCOMPARE(silent.value(QLatin1String("account")).toString(), QString());
    QVERIFY(silent.value(QLatin1String("problem")).toString().contains(m_cluster->at(1).name()));
    QVERIFY(!silent.contains(QLatin1String("askedAt")));
}

void TestIdentity::worksWithoutTheService()
{
    QCOMPARE(m_ring->stop(), 0);
    const QJsonObject row = rowOf(m_cluster->at(0).address());
    QCOMPARE(row.value(QLatin1String("account")).toString(), m_cluster->charmId());
    QCOMPARE(
        json(words("adopt --yes --to") + QStringList(front())).value(QLatin1String("outcome")).toString(),
        QStringLiteral("adopted"));
    // By both names the same person: one row.
    QCOMPARE(rowOf(front()), rowOf(m_cluster->at(0).address()));
    for (int i = 0; i < 3; ++i)
        m_cluster->at(i).kill9();
    const QJsonObject silent = rowOf(front(), 3);
    QVERIFY(!silent.value(QLatin1String("problem")).toString().isEmpty());
    QCOMPARE(silent.value(QLatin1String("account")).toString(), QString());
}

void TestIdentity::asksBeforeItChangesAnything()
{
    // Nobody is there to be asked.
    const QByteArray said = text(words("adopt --to") + QStringList(front()), 2);
    QVERIFY2(said.contains("--yes"), said.constData());
    QVERIFY(rowOf(front()).isEmpty());
}

void TestIdentity::givesUpNoKeyWithoutBeingTold()
{
    // The client was there before the person knew better: a new account.
    CharmClient early(m_cluster->program(), m_home->filePath(QStringLiteral("early")), spinningWaiter());
    early.pointAt(front(), m_ring->sshPort(), m_ring->httpPort());
    CRING_OK(early.run({QStringLiteral("id")}));
    const QString folder = m_client->dataDir() + QLatin1Char('/') + front();
    QVERIFY(QDir().mkpath(folder));
    QVERIFY(QFile::copy(early.keyFile(), folder + QStringLiteral("/charm_ed25519")));
    const QByteArray said = text(words("adopt --yes --to") + QStringList(front()), 1);
    QVERIFY2(said.contains("CR-1034") && said.contains("--replace"), said.constData());
    const QJsonObject done = json(words("adopt --yes --replace --to") + QStringList(front()));
    QCOMPARE(done.value(QLatin1String("outcome")).toString(), QStringLiteral("adopted"));
    QVERIFY(QFile::exists(done.value(QLatin1String("backup")).toString()));
    m_client->pointAt(front(), m_ring->sshPort(), m_ring->httpPort());
    QCOMPARE(m_client->run({QStringLiteral("id")}).out.trimmed(), m_cluster->charmId().toUtf8());
}

// They are encrypted with a key of the account that made them: the client could open none.
void TestIdentity::movesTheOtherAccountsDatabasesAside()
{
    // Under the second server's name the same machine became a new account, with a database of its own.
    const auto set = [&] {
        return m_client->run(
            {QStringLiteral("kv"), QStringLiteral("set"), QStringLiteral("colour"), QStringLiteral("blue")});
    };
    point(*m_client, 1);
    QVERIFY(QFile::remove(m_client->keyFile()) &&
            QFile::remove(m_client->keyFile() + QStringLiteral(".pub")));
    CRING_OK(set());
    const QStringList adopt =
        words("adopt --replace --yes") + QStringList{QStringLiteral("--from"), m_cluster->at(0).address(),
                                                     QStringLiteral("--to"), m_cluster->at(1).address()};
    const QString kv = QFileInfo(m_client->keyFile()).path() + QStringLiteral("/kv");
    QVERIFY(QFile::exists(kv));
    const QByteArray plan = text(adopt + words("--dry-run"));
    QVERIFY2(plan.contains(kv.toUtf8()) && plan.contains("would be moved aside"), plan.constData());
    QVERIFY(QFile::exists(kv));
    const QJsonObject done = json(adopt);
    QVERIFY(QFile::exists(done.value(QLatin1String("kvBackup")).toString()));
    const auto again = set();
    QVERIFY2(again.ok(), again.text().constData());
    const auto got = m_client->run({QStringLiteral("kv"), QStringLiteral("get"), QStringLiteral("colour")});
    QVERIFY2(got.ok() && got.out.contains("blue"), got.text().constData());
}

void TestIdentity::isContentWithAServerOfTheRingsName()
{
    const QString server = m_cluster->at(0).address();
    const QJsonObject done = json(words("adopt --to") + QStringList(server));
    QCOMPARE(done.value(QLatin1String("outcome")).toString(), QStringLiteral("same"));
    const QByteArray said = text(words("adopt --to") + QStringList(server));
    QVERIFY2(said.contains("has its key already"), said.constData());
}

void TestIdentity::saysWhatToChooseFrom()
{
    point(*m_client, 1);
    QVERIFY(QFile::remove(m_client->keyFile()) &&
            QFile::remove(m_client->keyFile() + QStringLiteral(".pub")));
    CRING_OK(m_client->run({QStringLiteral("id")}));
    const QByteArray said = text(words("adopt --yes --to") + QStringList(front()), 2);
    QVERIFY2(said.contains("--from") && said.contains(m_cluster->at(0).address().toUtf8()) &&
                 said.contains(m_cluster->at(1).address().toUtf8()),
             said.constData());
    QVERIFY(!text(words("adopt --yes --to") +
                  QStringList{front(), QStringLiteral("--from"), m_cluster->at(1).address()})
                 .isEmpty());
    const QByteArray none = text(words("adopt --yes --from nobody --to x"), 10);
    QVERIFY2(none.contains("nobody"), none.constData());
}

QTEST_GUILESS_MAIN(TestIdentity)
#include "tst_identity.moc"
