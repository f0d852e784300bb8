// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/bundle.h"
#include "core/config/load.h"
#include "tests/support/charmcluster.h"
#include "tests/support/cringprocess.h"
#include "tests/support/desktopkeychain.h"
#include "tests/support/spin.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace cring;
using namespace cring::test;

namespace {

constexpr auto kPassphrase = "correct horse battery staple";
constexpr auto kAccessKey = "AKIAEXAMPLE";
constexpr auto kS3Key = "a-secret-key-of-the-bucket";

struct Run
{
    int exitCode = -1;
    QByteArray out;
    QByteArray err;

    QByteArray text() const { return out + err; }
};

} // namespace

/// `cring config export` and `import`, with a real keychain on either side.
class TestConfigTransfer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();

    void opensWithThePassphraseAlone();
    void findsEveryPlaceOfASecret();
    void printsTheFileAsItIs();
    void takesAllSecretsToAnotherMachine();
    void asksOnATerminalWithoutShowingIt();
    void refusesWhatItCannotTakeAlong();
    void refusesAWrongPassphraseAndADamagedFile();
    void writesOverNothingUnlessToldTo();
    void takesBackWhatItHasStoredWhenItFails();

private:
    /// `config`: another file than this home's.
    Run cring(const QStringList &arguments, const QByteArray &input = {}, const QString &config = {}) const;
    QString path(const char *name) const { return m_home->filePath(QLatin1String(name)); }
    QByteArray read(const QString &file) const;
    bool write(const QString &file, const QByteArray &text) const;
    /// Of the bucket, in the keychain.
    Run storeKeys(const QByteArray &secret) const
    {
        return cring({QStringLiteral("backup"), QStringLiteral("edit"), QStringLiteral("charm"),
                      QStringLiteral("--secret-stdin")},
                     QByteArray(kAccessKey) + '\n' + secret + '\n');
    }
    Run exportSealed() const
    {
        return cring({QStringLiteral("config"), QStringLiteral("export"), QStringLiteral("--with-secrets"),
                      QStringLiteral("--out"), path("sealed"), QStringLiteral("--passphrase-stdin")},
                     QByteArray(kPassphrase) + '\n');
    }
    Run import(const QByteArray &passphrase, const QStringList &more = {}) const
    {
        return cring(QStringList{QStringLiteral("config"), QStringLiteral("import"), path("sealed"),
                                 QStringLiteral("--passphrase-stdin")} +
                         more,
                     passphrase + '\n');
    }

    std::unique_ptr<CharmCluster> m_cluster;
    std::unique_ptr<DesktopKeychain> m_desktop;
    std::unique_ptr<QTemporaryDir> m_home;
    QByteArray m_serverKey;
    QByteArray m_text;
};

void TestConfigTransfer::initTestCase()
{
    m_cluster = std::make_unique<CharmCluster>(2);
    CRING_OK(m_cluster->start());
    m_serverKey = read(m_cluster->signingKeyFile());
    QVERIFY(!m_serverKey.isEmpty());
    m_desktop = std::make_unique<DesktopKeychain>();
    CRING_OK(m_desktop->startBus());
}

void TestConfigTransfer::init()
{
    m_home = std::make_unique<QTemporaryDir>();
    CRING_OK(m_desktop->wipe());
    m_text = "# mine\n[service]\nreplicas = 2\n[identity]\nkey = \"auto\"\nserver_key = \"file:" +
             path("server.key").toUtf8() + "\"\n";
    for (int server = 0; server < 2; ++server)
        m_text += "[[server]]\nname = \"charm" + QByteArray::number(server + 1) + "\"\nurl = \"" +
                  m_cluster->at(server).url().toString().toUtf8() + "\"\n";
    m_text += "[[backup]]\nurl = \"https://s3.example.org\"\nbucket = \"charm\"\n";
    QVERIFY(write(path("config.toml"), m_text));
    QVERIFY(write(path("server.key"), m_serverKey));
    const Run stored = storeKeys(kS3Key);
    QVERIFY2(stored.exitCode == 0, stored.text().constData());
    m_text = read(path("config.toml"));
}

Run TestConfigTransfer::cring(const QStringList &arguments, const QByteArray &input,
                              const QString &config) const
{
    QProcess process;
    QProcessEnvironment environment = m_desktop->environment();
    environment.insert(QStringLiteral("XDG_STATE_HOME"), path("state"));
    process.setProcessEnvironment(environment);
    process.start(CringProcess::program(),
                  QStringList{QStringLiteral("--config"), config.isEmpty() ? path("config.toml") : config} +
                      arguments);
    process.write(input);
    process.closeWriteChannel();
    Run run;
    if (process.waitForFinished(60'000) && process.exitStatus() == QProcess::NormalExit)
        run.exitCode = process.exitCode();
    run.out = process.readAllStandardOutput();
    run.err = process.readAllStandardError();
    return run;
}

QByteArray TestConfigTransfer::read(const QString &file) const
{
    QFile one(file);
    return one.open(QIODevice::ReadOnly) ? one.readAll() : QByteArray();
}

bool TestConfigTransfer::write(const QString &file, const QByteArray &text) const
{
    QFile one(file);
    return one.open(QIODevice::WriteOnly | QIODevice::Truncate) && one.write(text) == text.size() &&
           one.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
}

void TestConfigTransfer::opensWithThePassphraseAlone()
{
    config::Bundle bundle{"[service]\n", {}};
    bundle.secrets.push_back({{QStringLiteral("keychain"), QStringLiteral("backup.a.secret_key")},
                              Secret(QByteArray("\0\xff raw", 6))});
    const Secret passphrase((QByteArray(kPassphrase)));
    const auto sealed = config::sealBundle(bundle, passphrase);
    QVERIFY(sealed && config::isSealedBundle(*sealed) && !sealed->contains("service"));
    const auto again = config::sealBundle(bundle, passphrase);
    QVERIFY(again && *again != *sealed); // Another salt and nonce.
    const auto opened = config::openBundle(*sealed, passphrase);
    QVERIFY(opened);
    QCOMPARE(opened->text, bundle.text);
    QCOMPARE(opened->secrets.size(), size_t(1));
    QCOMPARE(opened->secrets.front().place.name, QStringLiteral("backup.a.secret_key"));
    QVERIFY(opened->secrets.front().secret.view() == bundle.secrets.front().secret.view());
    QVERIFY(!config::openBundle(*sealed, Secret(QByteArray("Correct horse battery staple"))));
    QVERIFY(!config::sealBundle(bundle, Secret()));
    QByteArray changed = *sealed;
    changed[changed.size() / 2] = changed[changed.size() / 2] == 'A' ? 'B' : 'A';
    QVERIFY(!config::openBundle(changed, passphrase));
    QVERIFY(!config::openBundle(sealed->first(sealed->size() / 2), passphrase));
}

/// What is added to the settings is not forgotten here: every setting that can name a place is tried.
void TestConfigTransfer::findsEveryPlaceOfASecret()
{
    const auto loaded = config::loadText(
        "[service]\nmetrics_token = \"keychain\"\n[identity]\nkey = \"file:/k\"\nserver_key = "
        "\"credential:s\"\n"
        "[notify]\nwebhook = \"keychain\"\nwebhook_token = \"keychain\"\nsmtp_server = "
        "\"mail.example.org\"\nsmtp_user = \"u\"\n"
        "smtp_password = \"keychain\"\nmail_to = \"a@example.org\"\ndeadman = \"https://example.org/x\"\n"
        "[[backup]]\nname = \"b\"\nurl = \"https://s3.example.org\"\nbucket = \"b\"\naccess_key = \"env\"\n",
        QStringLiteral("f"));
    QStringList names;
    const QList<config::SecretPlace> places = config::secretPlaces(loaded.config);
    for (const config::SecretPlace &place : places)
        names << place.name + u' ' + place.place;
    QCOMPARE(names, (QStringList{QStringLiteral("service.metrics_token keychain"),
                                 QStringLiteral("identity.key file:/k"),
                                 QStringLiteral("identity.server_key credential:s"),
                                 QStringLiteral("notify.webhook keychain"),
                                 QStringLiteral("notify.webhook_token keychain"),
                                 QStringLiteral("notify.smtp_password keychain"),
                                 QStringLiteral("backup.b.secret_key keychain")}));
}

void TestConfigTransfer::printsTheFileAsItIs()
{
    const Run printed = cring({QStringLiteral("config"), QStringLiteral("export")});
    QVERIFY2(printed.exitCode == 0, printed.err.constData());
    QCOMPARE(printed.out, m_text);
    QVERIFY2(printed.err.contains("backup.charm.secret_key") && !printed.text().contains(kS3Key),
             printed.err.constData());
}

void TestConfigTransfer::takesAllSecretsToAnotherMachine()
{
    const Run exported = exportSealed();
    QVERIFY2(exported.exitCode == 0, exported.text().constData());
    QCOMPARE(QFile::permissions(path("sealed")) & (QFile::ReadGroup | QFile::ReadOther),
             QFile::Permissions());
    const QByteArray sealed = read(path("sealed"));
    QVERIFY(!sealed.contains(kS3Key) && !sealed.contains("PRIVATE KEY") && !sealed.contains("bucket"));

    // The other machine: nothing of it is there.
    CRING_OK(m_desktop->wipe());
    QVERIFY(QFile::remove(path("config.toml")) && QFile::remove(path("server.key")));
    const Run imported = import(kPassphrase);
    QVERIFY2(imported.exitCode == 0, imported.text().constData());
    QVERIFY(!imported.text().contains(kS3Key));
    QCOMPARE(read(path("config.toml")), m_text);
    QCOMPARE(read(path("server.key")), m_serverKey);
    QVERIFY(QFile::remove(path("sealed")));
    const Run again = exportSealed();
    QVERIFY2(again.exitCode == 0, again.text().constData());
    const auto opened = config::openBundle(read(path("sealed")), Secret(QByteArray(kPassphrase)));
    QVERIFY(opened);
    QCOMPARE(opened->secrets.size(), size_t(3));
    QVERIFY(opened->secrets.at(1).secret.view() == QByteArrayView(kAccessKey));
    QVERIFY(opened->secrets.at(2).secret.view() == QByteArrayView(kS3Key));
}

/// script(1) gives it a terminal of its own.
void TestConfigTransfer::asksOnATerminalWithoutShowingIt()
{
    QProcess process;
    QProcessEnvironment environment = m_desktop->environment();
    environment.insert(QStringLiteral("XDG_STATE_HOME"), path("state"));
    process.setProcessEnvironment(environment);
    process.start(QStringLiteral("script"),
                  {QStringLiteral("-qec"),
                   QStringLiteral("%1 --config %2 config export --with-secrets --out %3")
                       .arg(CringProcess::program(), path("config.toml"), path("sealed")),
                   QStringLiteral("/dev/null")});
    QByteArray seen;
    for (const char *question : {"Passphrase: ", "And again: "}) {
        QVERIFY2(spinUntil(
                     [&] {
                         seen += process.readAllStandardOutput();
                         return seen.contains(question);
                     },
                     20'000),
                 seen.constData());
        process.write(QByteArray(kPassphrase) + '\n');
    }
    QVERIFY(process.waitForFinished(60'000));
    seen += process.readAllStandardOutput();
    QVERIFY2(process.exitCode() == 0 && !seen.contains(kPassphrase), seen.constData());
    QVERIFY(config::openBundle(read(path("sealed")), Secret(QByteArray(kPassphrase))));
}

void TestConfigTransfer::refusesWhatItCannotTakeAlong()
{
    QVERIFY(QFile::remove(path("server.key")));
    const Run refused = exportSealed();
    QVERIFY2(refused.exitCode == 4 && refused.err.contains("server.key"), refused.text().constData());
    QVERIFY(!QFile::exists(path("sealed")));
    QVERIFY(write(path("server.key"), m_serverKey));
    CRING_OK(m_desktop->wipe());
    const Run missing = exportSealed();
    QVERIFY2(missing.exitCode == 12 && missing.err.contains("backup.charm.access_key"),
             missing.text().constData());
    QVERIFY(!QFile::exists(path("sealed")));
}

void TestConfigTransfer::refusesAWrongPassphraseAndADamagedFile()
{
    QCOMPARE(exportSealed().exitCode, 0);
    QVERIFY(QFile::remove(path("config.toml")));
    const Run wrong = import("another one");
    QVERIFY2(wrong.exitCode != 0 && wrong.err.contains("passphrase"), wrong.text().constData());
    QVERIFY(!QFile::exists(path("config.toml")));
    const QByteArray sealed = read(path("sealed"));
    QVERIFY(write(path("sealed"), sealed.first(sealed.size() - 40)));
    const Run damaged = import(kPassphrase);
    QVERIFY2(damaged.exitCode != 0, damaged.text().constData());
    QVERIFY(!QFile::exists(path("config.toml")));
}

void TestConfigTransfer::writesOverNothingUnlessToldTo()
{
    QCOMPARE(exportSealed().exitCode, 0);
    const QByteArray sealed = read(path("sealed"));
    QVERIFY2(exportSealed().exitCode != 0, "the file was there");
    QCOMPARE(read(path("sealed")), sealed);
    QVERIFY2(import(kPassphrase).exitCode != 0, "a configuration was there");

    QCOMPARE(storeKeys("another key").exitCode, 0);
    QVERIFY(QFile::remove(path("config.toml")));
    const Run refused = import(kPassphrase);
    QVERIFY2(refused.exitCode != 0 && refused.err.contains("backup.charm.secret_key"),
             refused.text().constData());
    QVERIFY(!QFile::exists(path("config.toml")));
    const Run replaced = import(kPassphrase, {QStringLiteral("--replace")});
    QVERIFY2(replaced.exitCode == 0, replaced.text().constData());
    QCOMPARE(read(path("config.toml")), m_text);

    // A file is never written over, and then nothing else is changed either.
    QVERIFY(QFile::remove(path("config.toml")) && storeKeys("a third key").exitCode != 0);
    QVERIFY(write(path("config.toml"), m_text));
    QCOMPARE(storeKeys("a third key").exitCode, 0);
    QVERIFY(write(path("server.key"), "not the same"));
    const Run refusedFile = import(kPassphrase, {QStringLiteral("--replace")});
    QVERIFY2(refusedFile.exitCode != 0 && refusedFile.err.contains("server.key"),
             refusedFile.text().constData());
    QCOMPARE(read(path("server.key")), "not the same");
    QVERIFY(write(path("server.key"), m_serverKey) && QFile::remove(path("sealed")));
    QCOMPARE(exportSealed().exitCode, 0);
    const auto after = config::openBundle(read(path("sealed")), Secret(QByteArray(kPassphrase)));
    QVERIFY(after && after->secrets.at(2).secret.view() == "a third key");
}

/// Where the configuration cannot be written in the end, the keys are as they were.
void TestConfigTransfer::takesBackWhatItHasStoredWhenItFails()
{
    QCOMPARE(exportSealed().exitCode, 0);
    QCOMPARE(storeKeys("the key of before").exitCode, 0);
    QVERIFY(QFile::remove(path("server.key")));
    // No file can be made there, and root may write to any folder that has no right for it.
    const Run failed = cring({QStringLiteral("config"), QStringLiteral("import"), path("sealed"),
                              QStringLiteral("--passphrase-stdin"), QStringLiteral("--replace")},
                             QByteArray(kPassphrase) + '\n', QStringLiteral("/proc/nowhere/config.toml"));
    QVERIFY2(failed.exitCode != 0 && failed.err.contains("nowhere"), failed.text().constData());
    QVERIFY(!QFile::exists(path("server.key")));
    QVERIFY(write(path("server.key"), m_serverKey) && QFile::remove(path("sealed")));
    QCOMPARE(exportSealed().exitCode, 0);
    const auto after = config::openBundle(read(path("sealed")), Secret(QByteArray(kPassphrase)));
    QVERIFY(after && after->secrets.at(2).secret.view() == "the key of before");
}

QTEST_GUILESS_MAIN(TestConfigTransfer)
#include "tst_configtransfer.moc"
