// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/cringprocess.h"
#include "tests/support/spin.h"
#include "ui/models/cringcommand.h"

#include <QFile>
#include <QFileInfo>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

using namespace cring;
using namespace cring::models;
using namespace cring::test;
using namespace std::chrono_literals;
using End = CringOutcome::End;

namespace {

constexpr int kLimit = 15'000;

QStringList words(const char *text)
{
    return QString::fromLatin1(text).split(u' ', Qt::SkipEmptyParts);
}

} // namespace

/// The real cring as a child; other programs only where a child has to misbehave.
class TestCringCommand : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void readsComplaints_data();
    void readsComplaints();
    void givesADocument();
    void changesAFileWithoutAService();
    void saysWhichFieldIsWrong_data();
    void saysWhichFieldIsWrong();
    void handsOverSecretsByStandardInput();
    void forgetsKeysOnlyWhenToldTo();
    void tellsStepsAsTheyCome();
    void canBeCalledOff();
    void endsWhatDoesNotListen();
    void endsWhatTakesTooLong();
    void takesItsChildAlong();
    void saysThatThereIsNoProgram();

private:
    Cring cring() const { return Cring(CringProcess::program(), m_config); }
    static CringOutcome outcomeOf(CringCommand *command);
    CringOutcome run(const QStringList &arguments, const QByteArray &input = {});
    QByteArray config() const;

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_config;
};

void TestCringCommand::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    for (const char *name : {"XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "HOME"})
        qputenv(name, QFile::encodeName(m_folder->path()));
    m_config = m_folder->filePath(QStringLiteral("c/config.toml"));
}

CringOutcome TestCringCommand::outcomeOf(CringCommand *command)
{
    std::optional<CringOutcome> outcome;
    QObject context;
    connect(command, &CringCommand::finished, &context, [&](const CringOutcome &ended) { outcome = ended; });
    command->start();
    spinUntil([&] { return outcome.has_value(); }, kLimit);
    return outcome.value_or(CringOutcome{End::TimedOut, -1, {}, {QStringLiteral("nothing came"), {}, {}}});
}

CringOutcome TestCringCommand::run(const QStringList &arguments, const QByteArray &input)
{
    CringCommand *command = cring().command(arguments, this);
    command->setInput(Secret(QByteArray(input)));
    return outcomeOf(command);
}

QByteArray TestCringCommand::config() const
{
    QFile file(m_config);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void TestCringCommand::readsComplaints_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("said");
    QTest::addColumn<QString>("code");
    QTest::addColumn<QString>("field");
    const auto row = [](const char *name, const char *text, const char *said, const char *code,
                        const char *field) {
        QTest::newRow(name) << QByteArray(text) << QString::fromLatin1(said) << QString::fromLatin1(code)
                            << QString::fromLatin1(field);
    };
    row("of a service", "cring: the service is not running (CR-5001)\n",
        "The service is not running (CR-5001)", "CR-5001", "");
    row("with a place", "cring: error: /a b/config.toml:3:1: CR-1003: expected a port\nwarning: more\n",
        "expected a port (CR-1003)", "CR-1003", "");
    row("of a key", "cring: error: CR-1003: server.my.name.ssh_port: expected a port\n",
        "expected a port (CR-1003)", "CR-1003", "ssh_port");
    row("of a field", "cring: url: no path, please (CR-1003)\n", "No path, please (CR-1003)", "CR-1003",
        "url");
    row("of a flag", "cring: error: --ssh-port: Value x not in range\nTry `cring --help`.\n",
        "Value x not in range", "", "ssh_port");
    row("after advice", "Two files wait.\ncring: the disk is full (CR-1005)\n", "The disk is full (CR-1005)",
        "CR-1005", "");
    row("of nobody", "Segmentation fault\n", "Segmentation fault", "", "");
    row("none", "", "", "", "");
}

void TestCringCommand::readsComplaints()
{
    QFETCH(QByteArray, text);
    const Complaint complaint = complaintOf(text);
    QTEST(complaint.words, "said");
    QTEST(complaint.code, "code");
    QTEST(complaint.field, "field");
}

void TestCringCommand::givesADocument()
{
    QVERIFY(run(words("config set service.replicas 2")).ok());
    const CringOutcome outcome = run(words("config show"));
    QVERIFY2(outcome.ok(), qPrintable(outcome.complaint.words));
    const QJsonObject address = outcome.answer.value(QStringLiteral("settings"))
                                    .toObject()
                                    .value(QStringLiteral("service.address"))
                                    .toObject();
    QCOMPARE(address.value(QStringLiteral("value")).toString(), QStringLiteral("localhost:35354"));
    QCOMPARE(address.value(QStringLiteral("origin")).toString(), QStringLiteral("default"));
    QCOMPARE(address.value(QStringLiteral("needsRestart")).toBool(), true);
}

void TestCringCommand::changesAFileWithoutAService()
{
    const CringOutcome added = run(words("backends add charm1 --url http://a:1 --weight 2"));
    QVERIFY2(added.ok(), qPrintable(added.complaint.words));
    QCOMPARE(added.answer.value(QStringLiteral("reloaded")), QJsonValue(false));
    QCOMPARE(config(), QByteArray("[[server]]\nname = \"charm1\"\nurl = \"http://a:1\"\nweight = 2.0\n"));
    const CringOutcome set = run(words("config set repair.scrub_interval 12h"));
    QVERIFY2(set.ok(), qPrintable(set.complaint.words));
    QVERIFY(config().contains("scrub_interval = \"12h\""));
}

void TestCringCommand::saysWhichFieldIsWrong_data()
{
    QTest::addColumn<QString>("arguments");
    QTest::addColumn<QString>("field");
    const auto row = [](const char *arguments, const char *field) {
        QTest::newRow(arguments) << QString::fromLatin1(arguments) << QString::fromLatin1(field);
    };
    row("backends add b --url ftp://b", "url");
    row("backends add b --url http://b --ssh-port 0", "ssh_port");
    row("backends add b --url http://b --weight -1", "weight");
    row("backends add b --url http://b --data ssh://", "data");
    row("backends edit a --weight none", "weight");
    row("backends add b --url http://a:1", "url");
    row("backends test b --url nowhere/at/all", "url");
    row("backup add o --url s3 --bucket b", "url");
    row("backup add o --url https://s3 --bucket b --addressing maybe", "addressing");
}

void TestCringCommand::saysWhichFieldIsWrong()
{
    QVERIFY(run(words("backends add a --url http://a:1")).ok());
    const QByteArray before = config();
    QFETCH(QString, arguments);
    const CringOutcome outcome = run(arguments.split(u' '));
    QVERIFY(!outcome.ok());
    QTEST(outcome.complaint.field, "field");
    QVERIFY(!outcome.complaint.words.isEmpty());
    QCOMPARE(config(), before);
}

void TestCringCommand::handsOverSecretsByStandardInput()
{
    const QString access = m_folder->filePath(QStringLiteral("keys/access"));
    const QString secret = m_folder->filePath(QStringLiteral("keys/secret"));
    const CringOutcome outcome =
        run(words("backup add offsite --url https://s3.example.org --bucket charm --secret-stdin") +
                QStringList{QStringLiteral("--access-key"), QStringLiteral("file:") + access,
                            QStringLiteral("--secret-key"), QStringLiteral("file:") + secret},
            "AKIA\nhush/hush\n");
    QVERIFY2(outcome.ok(), qPrintable(outcome.complaint.words));
    QFile file(secret);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), QByteArray("hush/hush"));
    QCOMPARE(file.permissions() & (QFile::ReadGroup | QFile::ReadOther), QFile::Permissions());
    QVERIFY2(config().contains("bucket = \"charm\"") && !config().contains("hush"), config().constData());
    // What cannot become part of the configuration stores nothing.
    const QString other = m_folder->filePath(QStringLiteral("keys/other"));
    QVERIFY(!run(words("backup add offsite --url https://s3.example.org --bucket other --secret-stdin") +
                     QStringList{QStringLiteral("--access-key"), QStringLiteral("file:") + other,
                                 QStringLiteral("--secret-key"), QStringLiteral("file:") + other},
                 "AKIA\nhush\n")
                 .ok());
    QVERIFY(!QFileInfo::exists(other));
}

void TestCringCommand::forgetsKeysOnlyWhenToldTo()
{
    const auto add = [this](const char *name, const QStringList &files) {
        return run(words("backup add --url https://s3.example.org --secret-stdin") +
                       QStringList{QLatin1String(name), QStringLiteral("--bucket"), QLatin1String(name),
                                   QStringLiteral("--access-key"), QStringLiteral("file:") + files[0],
                                   QStringLiteral("--secret-key"), QStringLiteral("file:") + files[1]},
                   "AKIA\nhush/hush\n")
            .ok();
    };
    const QString access = m_folder->filePath(QStringLiteral("keys/access"));
    const QStringList secrets{m_folder->filePath(QStringLiteral("keys/one")),
                              m_folder->filePath(QStringLiteral("keys/two"))};
    QVERIFY(add("one", {access, secrets[0]}));
    QVERIFY(run(words("backup remove one --yes")).ok());
    QVERIFY(QFileInfo::exists(access) && QFileInfo::exists(secrets[0]));
    // They are read again, and two backups may share one.
    QVERIFY(run(words("backup add one --url https://s3.example.org --bucket one") +
                QStringList{QStringLiteral("--access-key"), QStringLiteral("file:") + access,
                            QStringLiteral("--secret-key"), QStringLiteral("file:") + secrets[0]})
                .ok());
    QVERIFY(run(words("backup add two --url https://s3.example.org --bucket two --secret-key env") +
                QStringList{QStringLiteral("--access-key"), QStringLiteral("file:") + access})
                .ok());
    QVERIFY(run(words("backup remove one --yes --forget-keys --dry-run")).ok());
    QVERIFY(QFileInfo::exists(secrets[0]));
    QVERIFY(run(words("backup remove one --yes --forget-keys")).ok());
    QVERIFY(QFileInfo::exists(access) && !QFileInfo::exists(secrets[0]));
    QVERIFY(run(words("backup remove two --yes --forget-keys")).ok());
    QVERIFY(!QFileInfo::exists(access));
}

void TestCringCommand::tellsStepsAsTheyCome()
{
    CringCommand *command = cring().command(words("backends test b --url http://127.0.0.1:9"), this);
    QStringList steps;
    connect(command, &CringCommand::progressed, this,
            [&](const QJsonObject &step) { steps << step.value(QStringLiteral("step")).toString(); });
    const CringOutcome outcome = outcomeOf(command);
    QCOMPARE(outcome.exitCode, 6);
    QCOMPARE(steps.value(0), QStringLiteral("name"));
    QCOMPARE(steps.value(1), QStringLiteral("http"));
    QVERIFY(!outcome.answer.value(QStringLiteral("ok")).toBool(true));
    QVERIFY(outcome.answer.contains(QStringLiteral("steps")));
}

void TestCringCommand::canBeCalledOff()
{
    // Its pipe is never closed: it waits for the rest of a secret.
    auto *command = new CringCommand(QStringLiteral("/bin/sleep"), {QStringLiteral("60")}, this);
    QMetaObject::invokeMethod(command, &CringCommand::cancel, Qt::QueuedConnection);
    const CringOutcome outcome = outcomeOf(command);
    QCOMPARE(outcome.end, End::Cancelled);
    QVERIFY(!outcome.complaint.words.isEmpty());
}

void TestCringCommand::endsWhatDoesNotListen()
{
    auto *command = new CringCommand(
        QStringLiteral("/bin/sh"),
        {QStringLiteral("-c"), QStringLiteral("trap '' TERM; echo '{\"step\":1}'; exec sleep 60")}, this);
    connect(command, &CringCommand::progressed, command, &CringCommand::cancel);
    QCOMPARE(outcomeOf(command).end, End::Cancelled);
}

void TestCringCommand::endsWhatTakesTooLong()
{
    auto *command = new CringCommand(QStringLiteral("/bin/sleep"), {QStringLiteral("60")}, this);
    command->setTimeLimit(100ms);
    QCOMPARE(outcomeOf(command).end, End::TimedOut);
}

void TestCringCommand::takesItsChildAlong()
{
    auto *command = new CringCommand(
        QStringLiteral("/bin/sh"),
        {QStringLiteral("-c"), QStringLiteral("echo \"{\\\"pid\\\":$$}\"; exec sleep 60")}, this);
    pid_t pid = 0;
    connect(command, &CringCommand::progressed, this, [&](const QJsonObject &line) {
        pid = static_cast<pid_t>(line.value(QStringLiteral("pid")).toInt());
    });
    command->start();
    QVERIFY(spinUntil([&] { return pid > 0; }, kLimit));
    delete command;
    QVERIFY(spinUntil([&] { return ::kill(pid, 0) != 0; }, kLimit));
}

void TestCringCommand::saysThatThereIsNoProgram()
{
    for (const char *program : {"", "/nonexistent/cring"}) {
        const CringOutcome outcome = outcomeOf(Cring(QString::fromLatin1(program)).command({}, this));
        QCOMPARE(outcome.end, End::NotStarted);
        QVERIFY(outcome.complaint.words.contains(QStringLiteral("cring")));
    }
}

QTEST_GUILESS_MAIN(TestCringCommand)
#include "tst_cringcommand.moc"
