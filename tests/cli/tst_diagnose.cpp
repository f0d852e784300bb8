// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/redaction.h"
#include "tests/support/cringprocess.h"
#include "tests/support/spin.h"

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QSysInfo>
#include <QTemporaryDir>
#include <QTest>
#include <QUrl>

using namespace cring;
using namespace cring::test;

/// `cring diagnose`, of a ring of real servers.
class TestDiagnose : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void writesOneArchiveThatNamesNobody();
    void printsAllOfItAndWritesNothing();
    void asksSomebodyFirst();
    void writesOverNothing();
    void worksWithoutAService();
    void leavesNothingHalfWritten();
    void tellsNobodyWhoIsTold();
    void givesTheSameNameTheSameStandIn();
    void cleanupTestCase();

private:
    CringProcess::Output run(const QStringList &arguments)
    {
        return m_ring->runCommand(QStringList{QStringLiteral("diagnose")} + arguments);
    }
    QString path(const char *name) const { return m_folder.filePath(QLatin1String(name)); }
    /// File name to text.
    QMap<QString, QByteArray> unpacked(const QString &archive) const;

    const QTemporaryDir m_folder;
    std::unique_ptr<CharmCluster> m_cluster;
    std::unique_ptr<CringProcess> m_ring;
};

void TestDiagnose::initTestCase()
{
    m_cluster = std::make_unique<CharmCluster>(3);
    CRING_OK(m_cluster->start());
    m_ring = std::make_unique<CringProcess>(*m_cluster);
    CRING_OK(m_ring->start());
    QFile file(path("private-name"));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("private words") > 0);
    file.close();
    CRING_OK(m_cluster->client().run(
        {QStringLiteral("fs"), QStringLiteral("cp"), file.fileName(), QStringLiteral("charm:private-name")}));
    m_cluster->at(1).kill9();
    QVERIFY(spinUntil([this] { return m_ring->runCommand({QStringLiteral("log")}).out.contains("is down"); },
                      20'000));
}

void TestDiagnose::cleanupTestCase()
{
    m_ring.reset();
    m_cluster.reset();
}

QMap<QString, QByteArray> TestDiagnose::unpacked(const QString &archive) const
{
    const QTemporaryDir folder(m_folder.filePath(QStringLiteral("unpacked-XXXXXX")));
    if (QProcess::execute(QStringLiteral("tar"),
                          {QStringLiteral("-xzf"), archive, QStringLiteral("-C"), folder.path()}) != 0)
        return {};
    QMap<QString, QByteArray> files;
    const QStringList tops = QDir(folder.path()).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    if (tops != QStringList{QFileInfo(archive).fileName().section(u'.', 0, 0)})
        return {};
    const QDir inside(folder.filePath(tops.first()));
    const QStringList names = inside.entryList(QDir::Files);
    for (const QString &name : names) {
        QFile file(inside.filePath(name));
        if (file.open(QIODevice::ReadOnly))
            files.insert(name, file.readAll());
    }
    return files;
}

void TestDiagnose::writesOneArchiveThatNamesNobody()
{
    const QString archive = path("report.tar.gz");
    const auto done = run({QStringLiteral("--out"), archive, QStringLiteral("--yes")});
    QVERIFY2(done.exitCode == 0, (done.out + done.err).constData());
    QCOMPARE(QFile::permissions(archive) & (QFile::ReadGroup | QFile::ReadOther), QFile::Permissions());
    const QMap<QString, QByteArray> files = unpacked(archive);
    for (const char *name :
         {"program.txt", "config.toml", "problems.txt", "environment.txt", "state.txt", "service.txt",
          "status.json", "servers.json", "jobs.json", "queue.json", "findings.json", "events.json"}) {
        QVERIFY2(files.contains(QLatin1String(name)), name);
        QVERIFY2(done.out.contains(name), done.out.constData()); // Said before.
    }
    for (const char *name :
         {"status.json", "servers.json", "jobs.json", "queue.json", "findings.json", "events.json"})
        QVERIFY2(QJsonDocument::fromJson(files.value(QLatin1String(name))).isObject(), name);
    QVERIFY2(files.value(QStringLiteral("events.json")).contains("is down"),
             files.value(QStringLiteral("events.json")).constData());
    QVERIFY(files.value(QStringLiteral("state.txt")).contains("state.db"));
    QVERIFY(files.value(QStringLiteral("program.txt")).contains(qVersion()));
    const QByteArrayList secrets{m_cluster->charmId().toUtf8(),

                                 "private-name", "private words", QSysInfo::machineHostName().toUtf8() + ':',
                                 "eyJ"};
    for (const auto &[name, text] : files.asKeyValueRange()) {
        for (const QByteArray &secret : secrets)
            QVERIFY2(!text.contains(secret),
                     qPrintable(name + QStringLiteral(" has ") + QString::fromUtf8(secret)));
    }
}

void TestDiagnose::printsAllOfItAndWritesNothing()
{
    const auto shown = run({QStringLiteral("--show"), QStringLiteral("--out"), path("shown.tar.gz")});
    QCOMPARE(shown.exitCode, 0);
    QVERIFY2(shown.out.contains("==> status.json <==") && shown.out.contains("\"backends\""),
             shown.out.constData());
    QVERIFY(!shown.out.contains(m_cluster->charmId().toUtf8()));
    QVERIFY(!QFile::exists(path("shown.tar.gz")));
}

void TestDiagnose::asksSomebodyFirst()
{
    const auto asked = run({QStringLiteral("--out"), path("asked.tar.gz")});
    QVERIFY2(asked.exitCode == 2 && asked.err.contains("--yes"), (asked.out + asked.err).constData());
    QVERIFY(!QFile::exists(path("asked.tar.gz")));
}

void TestDiagnose::writesOverNothing()
{
    QFile mine(path("mine"));
    QVERIFY(mine.open(QIODevice::WriteOnly) && mine.write("mine") == 4);
    mine.close();
    const auto refused = run({QStringLiteral("--out"), mine.fileName(), QStringLiteral("--yes")});
    QVERIFY2(refused.exitCode == 1 && refused.err.contains("CR-1034"), refused.err.constData());
    QVERIFY(mine.open(QIODevice::ReadOnly));
    QCOMPARE(mine.readAll(), "mine");
}

void TestDiagnose::worksWithoutAService()
{
    const QString socket = path("nobody.sock");
    const auto done = run({QStringLiteral("--out"), path("alone.tar.gz"), QStringLiteral("--yes"),
                           QStringLiteral("--json"), QStringLiteral("--control-socket"), socket});
    QVERIFY2(done.exitCode == 0, done.err.constData());
    const QJsonObject summary = QJsonDocument::fromJson(done.out).object();
    QCOMPARE(summary.value(QStringLiteral("file")).toString(), path("alone.tar.gz"));
    const QMap<QString, QByteArray> files = unpacked(path("alone.tar.gz"));
    QCOMPARE(files.size(), summary.value(QStringLiteral("files")).toArray().size());
    QVERIFY2(files.value(QStringLiteral("service.txt")).contains("CR-5001"),
             files.value(QStringLiteral("service.txt")).constData());
    QVERIFY(files.value(QStringLiteral("config.toml")).contains("[service]"));
}

void TestDiagnose::leavesNothingHalfWritten()
{
    // A disk that is full: nothing fits into the folder but its name.
    const auto failed =
        run({QStringLiteral("--out"), QStringLiteral("/proc/no.tar.gz"), QStringLiteral("--yes")});
    QVERIFY2(failed.exitCode == 1 && failed.err.contains("cannot be written"), failed.err.constData());
    QVERIFY(!QFile::exists(QStringLiteral("/proc/no.tar.gz")));
}

/// Whoever has a webhook's address can write there.
void TestDiagnose::tellsNobodyWhoIsTold()
{
    QFile file(m_ring->configFile());
    const QByteArray text =
        m_ring->configText() +
        "[notify]\nwebhook = \"https://hooks.example.org/services/T0/secret-path\"\n"
        "deadman = \"http://watch.example.net/ping/secret-uuid\"\nsmtp_server = \"mail.example.com\"\n"
        "smtp_user = \"ada-lovelace\"\nmail_from = \"ring@example.com\"\nmail_to = \"ada@example.com\"\n";
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate) && file.write(text) == text.size());
    file.close();
    m_ring->options().environment.insert(QStringLiteral("CRING_NOTIFY_DEADMAN"),
                                         QStringLiteral("https://other.example.net/ping/secret-too"));
    const auto shown = run({QStringLiteral("--show")});
    QVERIFY2(shown.exitCode == 0 && shown.out.contains("[notify]"), (shown.out + shown.err).constData());
    for (const char *secret :
         {"secret-path", "secret-too", "example.org", "example.net", "example.com", "ada-lovelace", "ada@"})
        QVERIFY2(!shown.out.contains(secret), secret);
}

void TestDiagnose::givesTheSameNameTheSameStandIn()
{
    config::Config config;
    config::Server server;
    server.url = QUrl(QStringLiteral("http://files.example.org:35354"));
    server.data = QStringLiteral("ssh://ada@files.example.org/srv/charm");
    config.servers.append(server);
    server.url = QUrl(QStringLiteral("http://10.9.8.7:35354"));
    server.data.clear();
    config.servers.append(server);
    config::Backup backup;
    backup.url = QStringLiteral("https://s3.example.org");
    backup.bucket = QStringLiteral("files");
    config.backups.append(backup);
    app::Redaction redaction(config);
    const QString text = redaction.cleaned(QStringLiteral(
        "http://files.example.org:35354 is down, Files.Example.org. too; 10.9.8.7:35354 answers, 10.9.8.70 "
        "does not\nssh://ada@files.example.org/srv/charm, https://me:pass@s3.example.org\n"
        "{\"files\": 10, \"bucket\": \"files\", \"account\": \"7f5b7a0e-8a43-4a6e-9b7d-1c5d0c0b3f11\"}\n"
        "7F5B7A0E-8A43-4a6e-9b7d-1c5d0c0b3f11 and 00000000-8a43-4a6e-9b7d-1c5d0c0b3f11, localhost\n"
        "its issuer https://charm.ada.example:1 differs, ask ada@example.org"));
    QCOMPARE(text, QStringLiteral(
                       "http://host-1:35354 is down, host-1. too; host-2:35354 answers, 10.9.8.70 does not\n"
                       "ssh://[redacted]@host-1/folder-1, https://[redacted]@host-3\n"
                       "{\"files\": 10, \"bucket\": \"bucket-1\", \"account\": \"account-1\"}\n"
                       "account-1 and account-2, localhost\n"
                       "its issuer https://host-4:1 differs, ask mailbox-1"));
}

QTEST_GUILESS_MAIN(TestDiagnose)
#include "tst_diagnose.moc"
