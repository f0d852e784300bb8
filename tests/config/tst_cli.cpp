// SPDX-License-Identifier: GPL-3.0-or-later
// The built program, as a shell would run it.
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

namespace {

struct Run
{
    int code = -1;
    QByteArray out;
    QByteArray err;
};

QStringList words(const char *line)
{
    return QString(QLatin1String(line)).split(QLatin1Char(' '), Qt::SkipEmptyParts);
}

} // namespace

class TestCli : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void endsWithTheRightCode_data();
    void endsWithTheRightCode();
    void helpIsMadeFromTheTable();
    void everyCommandHasExamplesOfItsOwn();
    void saysHowASettingIsTaken();
    void refusesWhatTheServiceCouldNotStartWith();
    void knowsTheServersKeyFromAnother();
    void showsSettingsAsJson();
    void reportsProblemsAsJson();
    void setsAndGets();
    void locatesPathsFromStandardInput();
    void simulatesAChange();
    void sharesAddUp();
    void keepsDataAndMessagesApart();
    void saysNothingOfDoorsThatAreOpen();
    void renamesAServerAndKeepsItsId();
    void takesAWholeConfiguration();
    void refusesADebugVariableThatIsNoSwitch();
    void noticesThatItsOutputIsLost_data();
    void noticesThatItsOutputIsLost();

private:
    Run cring(const QStringList &arguments, const QByteArray &input = {},
              const QMap<QString, QString> &variables = {}, const QString &outFile = {}) const;

    QTemporaryDir m_home;
};

Run TestCli::cring(const QStringList &arguments, const QByteArray &input,
                   const QMap<QString, QString> &variables, const QString &outFile) const
{
    QProcess process;
    if (!outFile.isEmpty())
        process.setStandardOutputFile(outFile);
    QProcessEnvironment environment;
    environment.insert(QStringLiteral("HOME"), m_home.path());
    environment.insert(QStringLiteral("XDG_CONFIG_HOME"), m_home.path());
    for (const char *kept : {"PATH", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
        if (qEnvironmentVariableIsSet(kept))
            environment.insert(QString(QLatin1String(kept)), qEnvironmentVariable(kept));
    }
    for (auto it = variables.begin(); it != variables.end(); ++it)
        environment.insert(it.key(), it.value());
    process.setProcessEnvironment(environment);
    process.start(qEnvironmentVariable("CRING_BIN") + QStringLiteral("/cring"), arguments);
    process.write(input);
    process.closeWriteChannel();
    if (!process.waitForFinished(20'000) || process.exitStatus() != QProcess::NormalExit)
        return {};
    return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
}

void TestCli::endsWithTheRightCode_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("message");
    const auto row = [](const char *line, int code, const char *message) {
        QTest::newRow(line) << QString(QLatin1String(line)) << code << QString(QLatin1String(message));
    };
    row("", 2, "Usage:");
    row("version", 0, "");
    row("--version", 0, "");
    row("confg show", 2, "did you mean \"config\"");
    row("config shwo", 2, "did you mean \"show\"");
    row("config", 2, "");
    row("serve --adress :1", 2, "did you mean \"--address\"");
    row("config get", 2, "KEY");
    row("--host http://a --host http://b --check", 0, "2 servers");
    row("--json --host http://a --host http://b --check", 0, "2 servers");
    row("serve --host=http://a --host=http://b,http://c --check", 0, "3 servers");
    row("--host http://a --check", 4, "only one server");
    row("--host http://localhost:1 --host http://127.0.0.1:1 --host http://[::1]:1 --check", 4,
        "same server");
    row("--host http://a --host http://b --check", 0,
        "HTTP (localhost:35354) and SSH (localhost:35353) can be reached from this machine alone");
    row("--host http://a --host http://b --address :35354 --check", 0,
        "SSH (localhost:35353) can be reached from this machine alone");
    row("serve --check", 4, "no server is configured");
    row("--host http://a --host http://b --replicas 0 --check", 4, "--replicas: CR-1003");
    row("--host http://a --host a --check", 4, "write \"http://a\"");
    row("serve --host http://a --host http://b --host http://c --address :35354 --ssh-backend-port 35353 "
        "--ssh-proxy-address :35353 --backup-url https://s3.example.org --backup-bucket b --backup-zone "
        "us-east-1 "
        "--debug --check",
        0, "");
    row("--host http://a --address :35354 --backup-url https://s3.example.org --backup-bucket b --check", 0,
        "");
    row("--host http://a --address :35354 --check", 4, "or on one and in a bucket");
    row("--host http://a --host http://b --disable-accounts --check", 4,
        "--disable-accounts: CR-1004: \"closed\" needs the servers' signing key");
    row("--config /nonexistent.toml --host http://a --host http://b --check", 4, "no such file");
    row("config get service.adress", 10, "did you mean \"service.address\"");
    row("config validate --file /nonexistent.toml", 4, "no such file");
    row("ring show", 4, "no server is configured");
}

void TestCli::endsWithTheRightCode()
{
    QFETCH(QString, line);
    QFETCH(int, code);
    QFETCH(QString, message);
    const Run run = cring(line.split(QLatin1Char(' '), Qt::SkipEmptyParts));
    QVERIFY2(run.code == code, (QByteArray::number(run.code) + ": " + run.err).constData());
    QVERIFY2(run.err.contains(message.toUtf8()), run.err.constData());
}

void TestCli::helpIsMadeFromTheTable()
{
    const Run all = cring(words("--help"));
    QCOMPARE(all.code, 0);
    for (const char *command : {"serve", "config", "ring", "version", "Examples:", "--json"})
        QVERIFY2(all.out.contains(command), command);
    const Run serve = cring(words("serve --help"));
    for (const char *piece : {"--address", "localhost:35354", "CRING_SSH_ADDRESS", "--ssh-proxy-address",
                              "--host URL", "--local-copy,--no-local-copy "})
        QVERIFY2(serve.out.contains(piece), piece);
}

void TestCli::everyCommandHasExamplesOfItsOwn()
{
    QStringList waiting{QString()};
    QMap<QByteArray, QString> seen;
    while (!waiting.isEmpty()) {
        const QString command = waiting.takeFirst();
        const Run run = cring(command.split(QLatin1Char(' '), Qt::SkipEmptyParts) + words("--help"));
        QCOMPARE(run.code, 0);
        static const QRegularExpression sub(QStringLiteral("^  ([a-z]+)(?: |$)"),
                                            QRegularExpression::MultilineOption);
        const QString text = QString::fromUtf8(run.out);
        const qsizetype examplesAt = text.indexOf(QStringLiteral("Examples:"));
        QVERIFY2(examplesAt > 0, run.out.constData());
        const QString listed = text.mid(text.indexOf(QStringLiteral("Subcommands:"))).left(examplesAt);
        if (text.contains(QStringLiteral("Subcommands:"))) {
            for (auto match = sub.globalMatch(listed); match.hasNext();) {
                const QString name = match.next().captured(1);
                if (name != QStringLiteral("cring"))
                    waiting.append((command + QLatin1Char(' ') + name).trimmed());
            }
        }
        const QString examples = text.mid(examplesAt);
        QVERIFY2(examples.contains(QStringLiteral("cring ") + command), run.out.constData());
        QVERIFY2(!seen.contains(examples.toUtf8()),
                 qPrintable(command + QStringLiteral(" = ") + seen.value(examples.toUtf8())));
        seen.insert(examples.toUtf8(), command);
        // Nothing is shown that the command does not know.
        static const QRegularExpression flag(QStringLiteral("--[a-z-]+"));
        for (const QString &line : examples.split(QLatin1Char('\n'))) {
            if (command.isEmpty() || !line.contains(QStringLiteral("cring ") + command))
                continue;
            for (auto match = flag.globalMatch(line.section(QStringLiteral("  ("), 0, 0)); match.hasNext();) {
                const QString word = match.next().captured();
                QVERIFY2(text.left(examplesAt).contains(word) || word == QStringLiteral("--json") ||
                             word == QStringLiteral("--quiet") || word == QStringLiteral("--config"),
                         qPrintable(command + QLatin1Char(' ') + word));
            }
        }
    }
    QVERIFY(seen.size() > 50);
}

void TestCli::saysHowASettingIsTaken()
{
    const QString file = m_home.filePath(QStringLiteral("taken.toml"));
    const QStringList set = words("--config") + QStringList{file} + words("config set");
    const Run address = cring(set + words("service.address :4711"));
    QVERIFY2(address.err.contains("when it is started again"), address.err.constData());
    const Run replicas = cring(set + words("service.replicas 2"));
    QVERIFY2(replicas.err.contains("`cring reload`"), replicas.err.constData());
}

void TestCli::refusesWhatTheServiceCouldNotStartWith()
{
    const QString file = m_home.filePath(QStringLiteral("start.toml"));
    const QStringList set = words("--config") + QStringList{file} + words("config set");
    for (const char *mode : {"standby", "closed"}) {
        const Run run = cring(set + QStringList{QStringLiteral("service.accounts"), QLatin1String(mode)});
        QCOMPARE(run.code, 4);
        QVERIFY2(run.err.contains("identity.server_key"), run.err.constData());
    }
    for (const char *setting : {"service.address localhost:0", "service.ssh_address :0"}) {
        const Run run = cring(set + words(setting));
        QCOMPARE(run.code, 4);
        QVERIFY2(run.err.contains("another port with each start"), run.err.constData());
    }
    QVERIFY(!QFile::exists(file));
}

/// By what the servers' data directories on this machine hold.
void TestCli::knowsTheServersKeyFromAnother()
{
    const auto keyOf = [&](const char *name) {
        return m_home.filePath(QLatin1String(name) + QStringLiteral("/.ssh/charm_server_ed25519"));
    };
    for (const char *name : {"one", "other"}) {
        QVERIFY(QDir().mkpath(QFileInfo(keyOf(name)).path()));
        QCOMPARE(QProcess::execute(QStringLiteral("ssh-keygen"),
                                   {QStringLiteral("-q"), QStringLiteral("-t"), QStringLiteral("ed25519"),
                                    QStringLiteral("-N"), QString(), QStringLiteral("-f"), keyOf(name)}),
                 0);
    }
    const QString path = m_home.filePath(QStringLiteral("keys.toml"));
    const QStringList config = words("--config") + QStringList{path};
    const QStringList set = config + words("config set identity.server_key");
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("[[server]]\nurl = \"http://a\"\ndata = \"" + m_home.filePath(QStringLiteral("one")).toUtf8() +
               "\"\n[[server]]\nurl = \"http://b\"\n");
    file.close();
    const Run wrong = cring(set + QStringList(QStringLiteral("file:") + keyOf("other")));
    QCOMPARE(wrong.code, 4);
    QVERIFY2(wrong.err.contains("CR-1016") && wrong.err.contains(keyOf("one").toUtf8()),
             wrong.err.constData());
    QCOMPARE(cring(set + QStringList(QStringLiteral("file:") + keyOf("one"))).code, 0);
    QCOMPARE(cring(config + words("config validate")).code, 0);
    // The file that is named holds another one by now.
    QVERIFY(QFile::remove(keyOf("one")) && QFile::copy(keyOf("other"), keyOf("one")));
    QVERIFY(QFile::setPermissions(keyOf("one"), QFile::ReadOwner | QFile::WriteOwner));
    for (const char *check : {"config validate", "serve --check"}) {
        const Run run = cring(config + words(check));
        QCOMPARE(run.code, 4);
        QVERIFY2(run.err.contains("CR-1016"), run.err.constData());
    }
}

void TestCli::showsSettingsAsJson()
{
    const Run run = cring(words("config show --json"), {},
                          {{QStringLiteral("CRING_HOST"), QStringLiteral("http://a,http://b")},
                           {QStringLiteral("CRING_REPLICAS"), QStringLiteral("2")}});
    QCOMPARE(run.code, 0);
    const QJsonObject shown = QJsonDocument::fromJson(run.out).object();
    const QJsonObject replicas =
        shown[QStringLiteral("settings")].toObject()[QStringLiteral("service.replicas")].toObject();
    QCOMPARE(replicas[QStringLiteral("value")].toInt(), 2);
    QCOMPARE(replicas[QStringLiteral("default")].toInt(), 3);
    QCOMPARE(replicas[QStringLiteral("origin")].toString(), QStringLiteral("environment"));
    QCOMPARE(shown[QStringLiteral("servers")].toArray().size(), 2);
}

void TestCli::reportsProblemsAsJson()
{
    QFile file(m_home.filePath(QStringLiteral("bad.toml")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("[service]\nadress = 1\nreplicas = 0\n");
    file.close();
    const Run run = cring({QStringLiteral("config"), QStringLiteral("validate"), QStringLiteral("--file"),
                           file.fileName(), QStringLiteral("--json")});
    QCOMPARE(run.code, 4);
    const QJsonObject report = QJsonDocument::fromJson(run.out).object();
    QCOMPARE(report[QStringLiteral("valid")].toBool(true), false);
    const QJsonArray problems = report[QStringLiteral("problems")].toArray();
    QCOMPARE(problems.size(), 3);
    QCOMPARE(problems[0][QStringLiteral("code")].toString(), QStringLiteral("CR-1002"));
    QCOMPARE(problems[0][QStringLiteral("line")].toInt(), 2);
}

void TestCli::setsAndGets()
{
    const QString file = m_home.filePath(QStringLiteral("set.toml"));
    const auto with = [&](QStringList arguments) {
        return cring(arguments << QStringLiteral("--config") << file);
    };
    QCOMPARE(with(words("config set timing.probe_interval 1500ms")).code, 0);
    QCOMPARE(with(words("config set timing.probe_interval 1500")).code, 4);
    const Run got = with(words("config get timing.probe_interval"));
    QCOMPARE(got.code, 0);
    QCOMPARE(got.out, QByteArrayLiteral("1500ms\n"));
}

void TestCli::locatesPathsFromStandardInput()
{
    const QMap<QString, QString> hosts{
        {QStringLiteral("CRING_HOST"), QStringLiteral("http://a,http://b,http://c,http://d")}};
    const Run run = cring(words("ring locate - --json"), "id/x\n/id/x\n./id/x\n\nid/y", hosts);
    QVERIFY2(run.code == 0, run.err.constData());
    const QList<QByteArray> lines = run.out.trimmed().split('\n');
    QCOMPARE(lines.size(), 4);
    QCOMPARE(lines[0], lines[1]);
    QCOMPARE(lines[0], lines[2]);
    const QJsonObject last = QJsonDocument::fromJson(lines[3]).object();
    QCOMPARE(last[QStringLiteral("path")].toString(), QStringLiteral("id/y"));
    QCOMPARE(last[QStringLiteral("owners")].toArray().size(), 3);
    QCOMPARE(last[QStringLiteral("handoffs")].toArray().size(), 1);

    const Run wrong = cring(words("ring locate nopath id/x"), {}, hosts);
    QCOMPARE(wrong.code, 2);
    QVERIFY(wrong.out.startsWith("id/x\t"));
}

void TestCli::simulatesAChange()
{
    const QMap<QString, QString> hosts{
        {QStringLiteral("CRING_HOST"), QStringLiteral("http://a,http://b,http://c,http://d")}};
    const Run run = cring(words("ring simulate --add e --json"), {}, hosts);
    QVERIFY2(run.code == 0, run.err.constData());
    const QJsonObject result = QJsonDocument::fromJson(run.out).object();
    QCOMPARE(result[QStringLiteral("least")].toDouble(), 0.2);
    QVERIFY(result[QStringLiteral("moved")].toDouble() < 0.2 * 1.03);
    const Run drained = cring(words("ring simulate --drain a:35354"), {}, hosts);
    QVERIFY2(drained.code == 0 && drained.out.contains(" of all copies move; "), drained.out.constData());
    // "24.9 % of all copies move; the least possible is 25.0 %" cannot be.
    static const QRegularExpression figures(QStringLiteral("^([0-9.]+) %.*is ([0-9.]+) %"));
    const auto match = figures.match(QString::fromUtf8(drained.out));
    QVERIFY(!match.hasMatch() || match.captured(1).toDouble() >= match.captured(2).toDouble());
    QCOMPARE(cring(words("ring simulate --drain nobody"), {}, hosts).code, 10);
    QCOMPARE(cring(words("ring simulate --add e=heavy"), {}, hosts).code, 2);
    QCOMPARE(cring(words("ring simulate"), {}, hosts).code, 2);
}

void TestCli::sharesAddUp()
{
    const Run run =
        cring(words("ring show --json"), {},
              {{QStringLiteral("CRING_HOST"), QStringLiteral("http://a,http://b,http://c,http://d")}});
    double share = 0;
    const QJsonArray members = QJsonDocument::fromJson(run.out).object()[QStringLiteral("members")].toArray();
    for (const QJsonValue member : members)
        share += member[QStringLiteral("share")].toDouble();
    QCOMPARE(members.size(), 4);
    QCOMPARE(share, 1.0);
}

void TestCli::keepsDataAndMessagesApart()
{
    const Run run = cring(words("config show"), {}, {{QStringLiteral("LC_ALL"), QStringLiteral("C")}});
    QVERIFY(run.out.contains("[service]"));
    QVERIFY(!run.out.contains("no server"));
    QVERIFY(!run.out.contains('\033'));
    QVERIFY2(run.err.contains("no server"), run.err.constData());
    QVERIFY2(!run.err.contains("locale"), run.err.constData());
}

void TestCli::saysNothingOfDoorsThatAreOpen()
{
    for (const char *line :
         {"--host http://a --host http://b --address :35354 --ssh-proxy-address :35353 --check",
          "--host http://a --host http://b --address localhost:35354 --ssh-address localhost:35353 "
          "--check"}) {
        const Run run = cring(words(line));
        QCOMPARE(run.code, 0);
        QVERIFY2(!run.err.contains("alone"), run.err.constData());
    }
}

void TestCli::renamesAServerAndKeepsItsId()
{
    const QString file = m_home.filePath(QStringLiteral("rename.toml"));
    QFile text(file);
    QVERIFY(text.open(QIODevice::WriteOnly));
    text.write("[[server]]\nname = \"charm1\"\nurl = \"http://a\"\n[[server]]\nurl = \"http://b\"\n");
    text.close();
    const auto with = [&](QStringList arguments) {
        return cring(arguments << QStringLiteral("--config") << file);
    };
    const Run renamed = with(words("config set server.charm1.name big"));
    QVERIFY2(renamed.code == 0, renamed.err.constData());
    QCOMPARE(with(words("config get server.big.id")).out, QByteArrayLiteral("charm1\n"));
}

void TestCli::takesAWholeConfiguration()
{
    QTemporaryDir folder;
    const auto write = [&folder](const char *name, const QByteArray &text) {
        QFile file(folder.filePath(QLatin1String(name)));
        if (file.open(QIODevice::WriteOnly))
            file.write(text);
        return file.fileName();
    };
    const auto read = [&folder](const char *name) {
        QFile file(folder.filePath(QLatin1String(name)));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    };
    const QByteArray two = "[[server]]\nurl = \"http://a\"\n[[server]]\nurl = \"http://b\"\n";
    const QByteArray other = two + "# mine\n";
    const QString first = write("first.toml", two);
    const QStringList into{QStringLiteral("--config"), folder.filePath(QStringLiteral("c/config.toml")),
                           QStringLiteral("config"), QStringLiteral("import")};
    // What a service could not start with is not taken.
    QCOMPARE(cring(into + QStringList(write("bad.toml", "[[server]]\nurl = \"http://a\"\n"))).code, 4);
    QVERIFY(!QFile::exists(folder.filePath(QStringLiteral("c"))));
    QCOMPARE(cring(into + QStringList(first)).code, 0);
    QCOMPARE(read("c/config.toml"), two);
    QCOMPARE(QFile::permissions(folder.filePath(QStringLiteral("c/config.toml"))) &
                 (QFile::ReadGroup | QFile::ReadOther),
             QFile::Permissions());
    // One that is there stays, unless told otherwise; then it is kept.
    const QString second = write("second.toml", other);
    const Run refused = cring(into + QStringList(second));
    QVERIFY2(refused.code == 4 && refused.err.contains("--replace"), refused.err.constData());
    QCOMPARE(read("c/config.toml"), two);
    const Run replaced =
        cring(into + QStringList{second, QStringLiteral("--replace"), QStringLiteral("--json")});
    QVERIFY2(replaced.code == 0, replaced.err.constData());
    QCOMPARE(read("c/config.toml"), other);
    QCOMPARE(read("c/config.toml.before"), two);
    QVERIFY(QJsonDocument::fromJson(replaced.out)[QLatin1String("before")].toString().endsWith(
        QStringLiteral("config.toml.before")));
}

void TestCli::refusesADebugVariableThatIsNoSwitch()
{
    const QStringList check = words("--host http://a --host http://b --check");
    const Run run = cring(check, {}, {{QStringLiteral("CRING_DEBUG"), QStringLiteral("maybe")}});
    QCOMPARE(run.code, 4);
    QVERIFY2(run.err.contains("CRING_DEBUG: CR-1003"), run.err.constData());
    QCOMPARE(cring(check, {}, {{QStringLiteral("CRING_DEBUG"), QStringLiteral("off")}}).code, 0);
}

void TestCli::noticesThatItsOutputIsLost_data()
{
    QTest::addColumn<QString>("line");
    for (const char *line :
         {"config sample", "config reference", "config show", "config get service.replicas", "version",
          "--help", "config --help", "--version", "config show --json"})
        QTest::newRow(line) << QString::fromLatin1(line);
}

void TestCli::noticesThatItsOutputIsLost()
{
    QFETCH(QString, line);
    const QStringList arguments = line.split(QLatin1Char(' '));
    const Run run = cring(arguments, {}, {}, QStringLiteral("/dev/full"));
    QCOMPARE(run.code, 1);
    QVERIFY2(run.err.contains("the output could not be written"), run.err.constData());
    QCOMPARE(cring(arguments, {}, {}, QStringLiteral("/dev/null")).code, 0);
}

QTEST_GUILESS_MAIN(TestCli)
#include "tst_cli.moc"
