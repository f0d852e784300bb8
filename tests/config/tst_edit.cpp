// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/edit.h"
#include "core/config/load.h"

#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>

using namespace cring;
using namespace cring::config;

class TestEdit : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void changesTheListOfServers_data();
    void changesTheListOfServers();
    void changesSeveralValuesOfAServer();
    void changesTheListOfBackups();
    void refusesServersThatAreWrittenOtherwise();
    void changesOneValueAndNothingElse_data();
    void changesOneValueAndNothingElse();
    void refuses_data();
    void refuses();
    void doesNotAskForMoreThanItsOwnChange();
    void keepsTheFileOnAnError();
    void makesAFileForTheUserAlone();
    void keepsThePermissionsOfAFile();
};

void TestEdit::changesOneValueAndNothingElse_data()
{
    QTest::addColumn<QByteArray>("before");
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QByteArray>("after");
    const auto row = [](const char *name, const char *before, const char *key, const char *value,
                        const char *after) {
        QTest::newRow(name) << QByteArray(before) << QString(QLatin1String(key))
                            << QString(QLatin1String(value)) << QByteArray(after);
    };
    row("a value", "# top\n[service]\n  replicas  =  2 # why\naddress = \":1\"\n", "service.replicas", "4",
        "# top\n[service]\n  replicas  =  4 # why\naddress = \":1\"\n");
    row("text", "[service]\naddress = ':1'  # \xc3\xa4\n", "service.address", "[::1]:5",
        "[service]\naddress = \"[::1]:5\"  # \xc3\xa4\n");
    row("behind non-ASCII",
        "service = { ca_file = \"\", tls_key = \"\", control_socket = \"/\xc3\xa4\", replicas = 2 }\n",
        "service.replicas", "3",
        "service = { ca_file = \"\", tls_key = \"\", control_socket = \"/\xc3\xa4\", replicas = 3 }\n");
    row("no newline at the end", "[service]\nreplicas = 2", "service.replicas", "3",
        "[service]\nreplicas = 3");
    row("a new key", "[service]\nreplicas = 2 # two\n\n# next\n[limits]\nconnections = 9\n",
        "service.address", ":1",
        "[service]\nreplicas = 2 # two\naddress = \":1\"\n\n# next\n[limits]\nconnections = 9\n");
    row("a new key in an empty section", "[service]\n[limits]\n", "service.replicas", "2",
        "[service]\nreplicas = 2\n[limits]\n");
    row("a new section", "[service]\nreplicas = 2", "timing.probe_interval", "1500ms",
        "[service]\nreplicas = 2\n\n[timing]\nprobe_interval = \"1500ms\"\n");
    row("an empty file", "", "limits.header_bytes", "8KiB", "[limits]\nheader_bytes = \"8KiB\"\n");
    row("carriage returns", "[service]\r\nreplicas = 2\r\n", "service.log_level", "debug",
        "[service]\r\nreplicas = 2\r\nlog_level = \"debug\"\r\n");
    row("of a server", "[[server]]\nurl = \"http://a\"\n[[server]]\nname = \"b.c\"\nurl = \"http://b\"\n",
        "server.b.c.weight", "2.5",
        "[[server]]\nurl = \"http://a\"\n[[server]]\nname = \"b.c\"\nurl = \"http://b\"\nweight = 2.5\n");
    row("of a server by its default name",
        "[[server]]\nurl = \"http://a\"\nssh_port = 1\n[[server]]\nurl = \"http://b\"\n",
        "server.a:35354.ssh_port", "2",
        "[[server]]\nurl = \"http://a\"\nssh_port = 2\n[[server]]\nurl = \"http://b\"\n");
    row("a rename writes the id", "[[server]]\nname = \"charm1\" # old\nurl = \"http://a\"\n",
        "server.charm1.name", "big",
        "[[server]]\nname = \"big\" # old\nurl = \"http://a\"\nid = \"charm1\"\n");
    row("a rename leaves a written id", "[[server]]\nname = \"b\"\nid = \"a\"\nurl = \"http://a\"\n",
        "server.b.name", "c", "[[server]]\nname = \"c\"\nid = \"a\"\nurl = \"http://a\"\n");
    row("a first name writes the id", "[[server]]\nurl = \"http://a\"\n", "server.a:35354.name", "big",
        "[[server]]\nurl = \"http://a\"\nid = \"a:35354\"\nname = \"big\"\n");
    row("the same name changes nothing", "[[server]]\nname = \"a\"\nurl = \"http://a\"\n", "server.a.name",
        "a", "[[server]]\nname = \"a\"\nurl = \"http://a\"\n");
    row("an unnamed server moves", "[[server]]\nurl = \"http://a\"\n", "server.a:35354.url", "http://b:1",
        "[[server]]\nurl = \"http://b:1\"\nid = \"a:35354\"\nname = \"a:35354\"\n");
    row("a named server moves", "[[server]]\nname = \"a\"\nurl = \"http://a\"\n", "server.a.url",
        "http://b:1", "[[server]]\nname = \"a\"\nurl = \"http://b:1\"\n");
    row("a name comes before an id",
        "[[server]]\nname = \"a\"\nid = \"b\"\nurl = \"http://a\"\nweight = 1\n"
        "[[server]]\nname = \"b\"\nid = \"c\"\nurl = \"http://b\"\nweight = 1\n",
        "server.b.weight", "2",
        "[[server]]\nname = \"a\"\nid = \"b\"\nurl = \"http://a\"\nweight = 1\n"
        "[[server]]\nname = \"b\"\nid = \"c\"\nurl = \"http://b\"\nweight = 2.0\n");
}

void TestEdit::changesOneValueAndNothingElse()
{
    QFETCH(QByteArray, before);
    QFETCH(QString, key);
    QFETCH(QString, value);
    QFETCH(QByteArray, after);
    const auto out = withValue(before, key, value);
    QVERIFY2(out.ok(), out.ok() ? "" : qPrintable(out.error().detail));
    QCOMPARE(out.value(), after);
}

void TestEdit::refuses_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("words");
    const auto row = [](const char *name, const char *text, const char *key, const char *value, Code code,
                        const char *words) {
        QTest::newRow(name) << QByteArray(text) << QString(QLatin1String(key))
                            << QString(QLatin1String(value)) << static_cast<int>(code)
                            << QString(QLatin1String(words));
    };
    row("unknown key", "", "service.adress", "x", Code::NotFound, "service.address");
    row("unknown server", "[[server]]\nname=\"a\"\nurl=\"http://a\"\n", "server.b.weight", "1",
        Code::NotFound, "a");
    row("unknown key of a server", "", "server.b.wait", "1", Code::NotFound, ".weight");
    row("bad value", "", "service.replicas", "many", Code::ConfigBadValue, "whole number");
    row("value that clashes", "[service]\nssh_address = \":1\"\n", "service.address", ":1",
        Code::ConfigBadValue, "a port each");
    row("name that is another's id",
        "[[server]]\nname=\"a\"\nid=\"x\"\nurl=\"http://a\"\n[[server]]\nname=\"b\"\nurl=\"http://b\"\n",
        "server.b.name", "x", Code::ConfigBadValue, "another server's id");
    row("file that cannot be read", "[service\n", "service.replicas", "2", Code::ConfigSyntax,
        "cannot be read");
    row("inline table", "service = { replicas = 2 }\n", "service.address", ":1", Code::ConfigFile,
        "in an editor");
}

void TestEdit::refuses()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, key);
    QFETCH(QString, value);
    QFETCH(int, code);
    QFETCH(QString, words);
    const auto out = withValue(text, key, value);
    QVERIFY(!out.ok());
    QCOMPARE(static_cast<int>(out.error().code), code);
    QVERIFY2(out.error().detail.contains(words), qPrintable(out.error().detail));
}

void TestEdit::doesNotAskForMoreThanItsOwnChange()
{
    // One key at a time: the other mistake, and what is still missing, can be mended next.
    const auto out = withValue("[service]\nreplicas = 99\nlog_level = \"loud\"\n",
                               QStringLiteral("service.replicas"), QStringLiteral("2"));
    QVERIFY2(out.ok(), out.ok() ? "" : qPrintable(out.error().detail));
    QVERIFY(withValue(QByteArray(), QStringLiteral("service.tls_cert"), QStringLiteral("/dev/null"))
                .error()
                .code == Code::TlsFiles);
}

void TestEdit::keepsTheFileOnAnError()
{
    QTemporaryDir dir;
    const QString path = dir.filePath(QStringLiteral("c.toml"));
    QVERIFY(setInFile(path, QStringLiteral("service.replicas"), QStringLiteral("2")).ok());
    QVERIFY(!setInFile(path, QStringLiteral("service.replicas"), QStringLiteral("-2")).ok());
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), QByteArrayLiteral("[service]\nreplicas = 2\n"));
}

void TestEdit::makesAFileForTheUserAlone()
{
    QTemporaryDir dir;
    const QString path = dir.filePath(QStringLiteral("new/c.toml"));
    QVERIFY(setInFile(path, QStringLiteral("service.replicas"), QStringLiteral("2")).ok());
    const auto others = QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther;
    QVERIFY(!(QFileInfo(path).permissions() & others));
}

void TestEdit::keepsThePermissionsOfAFile()
{
    QTemporaryDir dir;
    const QString path = dir.filePath(QStringLiteral("c.toml"));
    QVERIFY(setInFile(path, QStringLiteral("service.replicas"), QStringLiteral("2")).ok());
    QVERIFY(QFile::setPermissions(path, QFile::ReadOwner | QFile::WriteOwner | QFile::ReadGroup));
    QVERIFY(setInFile(path, QStringLiteral("service.replicas"), QStringLiteral("3")).ok());
    QVERIFY(QFileInfo(path).permissions() & QFile::ReadGroup);
}

void TestEdit::changesTheListOfBackups()
{
    const QByteArray first = "# mine\n[[backup]]\nurl = \"https://a\" # far\nbucket = \"charm\"\n";
    const QByteArray second = "[[backup]]\nname = \"two\"\nurl = \"https://b\"\nbucket = \"charm\"\n";
    const auto added = withBackup(first, QStringLiteral("two"),
                                  {{QStringLiteral("url"), QStringLiteral("https://b")},
                                   {QStringLiteral("bucket"), QStringLiteral("charm")}});
    QVERIFY2(added.ok(), added.ok() ? "" : qPrintable(added.error().detail));
    QCOMPARE(*added, first + "\n" + second);
    const auto twice = withBackup(*added, QStringLiteral("two"),
                                  {{QStringLiteral("url"), QStringLiteral("https://c")},
                                   {QStringLiteral("bucket"), QStringLiteral("charm")}});
    QCOMPARE(twice.error().code, Code::ConfigBadValue);
    // The name came from the bucket, and what is known of it hangs on the id.
    const auto moved = withBackupChanged(*added, QStringLiteral("charm"),
                                         {{QStringLiteral("bucket"), QStringLiteral("other")},
                                          {QStringLiteral("window"), QStringLiteral("22:00-06:00")}});
    QVERIFY2(moved.ok(), moved.ok() ? "" : qPrintable(moved.error().detail));
    const Loaded loaded = loadText(*moved, QStringLiteral("file"));
    QCOMPARE(loaded.config.backups[0].id, QStringLiteral("charm"));
    QCOMPARE(loaded.config.backups[0].name, QStringLiteral("charm"));
    QCOMPARE(loaded.config.backups[0].bucket, QStringLiteral("other"));
    QVERIFY(moved->contains("# far"));
    const auto removed = withoutBackup(*added, QStringLiteral("charm"));
    QVERIFY2(removed.ok(), removed.ok() ? "" : qPrintable(removed.error().detail));
    QCOMPARE(*removed, "# mine\n\n" + second);
    QCOMPARE(withoutBackup(*added, QStringLiteral("three")).error().code, Code::NotFound);
    const auto value = valueOf(loaded.config, QStringLiteral("backup.two.region"));
    QVERIFY(value.ok());
    QCOMPARE(toPlain(*value), QStringLiteral("us-east-1"));
}

void TestEdit::changesTheListOfServers_data()
{
    QTest::addColumn<QByteArray>("before");
    QTest::addColumn<QByteArray>("without");
    const auto row = [](const char *name, const char *before, const char *without) {
        QTest::newRow(name) << QByteArray(before) << QByteArray(without);
    };
    row("alone", "[[server]]\nname = \"a\"\nurl = \"http://a\"\n", "");
    row("comments around it stay",
        "# of a\n[[server]]\nname = \"a\" # short\n# long\nurl = \"http://a\"\n# of limits\n[limits]\n",
        "# of a\n# of limits\n[limits]\n");
    row("one blank line is enough",
        "[service]\nreplicas = 2\n\n[[server]]\nname = \"a\"\nurl = \"http://a\"\n\n[limits]\n",
        "[service]\nreplicas = 2\n\n[limits]\n");
    row("by its default name", "[[server]]\nurl = \"http://b\"\n[[server]]\nname=\"a\"\nurl = \"http://c\"\n",
        "[[server]]\nurl = \"http://b\"\n");
    row("without a newline at the end", "[service]\n[[server]]\nname = \"a\"\nurl = \"http://a\"",
        "[service]\n");
    row("lines of another system",
        "[service]\r\n\r\n[[server]]\r\nname = \"a\"\r\nurl = \"http://a\"\r\n\r\n[limits]\r\n",
        "[service]\r\n\r\n[limits]\r\n");
}

void TestEdit::changesTheListOfServers()
{
    QFETCH(QByteArray, before);
    QFETCH(QByteArray, without);
    const QString a = QStringLiteral("a");
    const auto out = withoutServer(before, a);
    QVERIFY2(out.ok(), out.ok() ? "" : qPrintable(out.error().detail));
    QCOMPARE(*out, without);
    QCOMPARE(withoutServer(*out, a).error().code, Code::NotFound);
    ServerChange values;
    values.url = QStringLiteral("http://z:9");
    values.sshPort = QStringLiteral("7");
    const auto again = withServer(*out, a, values);
    QVERIFY2(again.ok(), again.ok() ? "" : qPrintable(again.error().detail));
    QVERIFY(again->startsWith(*out));
    const Server server = loadText(*again, QStringLiteral("f")).config.servers.last();
    QCOMPARE(server.name, a);
    QCOMPARE(server.id, a);
    QCOMPARE(server.url, QUrl(QStringLiteral("http://z:9")));
    QCOMPARE(server.sshPort, quint16(7));
    QCOMPARE(withServer(*again, a, values).error().code, Code::ConfigBadValue);
}

void TestEdit::changesSeveralValuesOfAServer()
{
    ServerChange values;
    values.name = QStringLiteral("z");
    values.url = QStringLiteral("http://z:1");
    values.weight = QStringLiteral("2");
    const auto out = withServerChanged("[[server]]\nurl = \"http://a\"\n", QStringLiteral("a:35354"), values);
    QVERIFY2(out.ok(), out.ok() ? "" : qPrintable(out.error().detail));
    const Server server = loadText(*out, QStringLiteral("f")).config.servers.first();
    QCOMPARE(server.name, QStringLiteral("z"));
    QCOMPARE(server.id, QStringLiteral("a:35354"));
    QCOMPARE(server.url.host(), QStringLiteral("z"));
    QCOMPARE(server.weight, 2.0);
    values.weight = QStringLiteral("none");
    QCOMPARE(withServerChanged(*out, QStringLiteral("z"), values).error().code, Code::ConfigBadValue);
}

void TestEdit::refusesServersThatAreWrittenOtherwise()
{
    const QByteArray text(
        "server = [{ name = \"a\", url = \"http://a\" }, { name = \"b\", url = \"http://b\" }]\n");
    QCOMPARE(withoutServer(text, QStringLiteral("a")).error().code, Code::ConfigFile);
    ServerChange values;
    values.url = QStringLiteral("http://c");
    QVERIFY(!withServer(text, QStringLiteral("c"), values));
}

QTEST_APPLESS_MAIN(TestEdit)
#include "tst_edit.moc"
