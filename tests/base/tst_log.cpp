// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/log.h"

#include <QDateTime>
#include <QDir>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTemporaryFile>
#include <QTest>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

using namespace cring;

Q_LOGGING_CATEGORY(lcTest, "cring.test")

namespace {

/// What reaches stderr while it runs.
QByteArray whatIsWritten(const std::function<void()> &work)
{
    QTemporaryFile file;
    if (!file.open())
        return "no temporary file";
    const QtMessageHandler before = qInstallMessageHandler(nullptr);
    const int kept = ::dup(STDERR_FILENO);
    ::dup2(file.handle(), STDERR_FILENO);
    work();
    std::fflush(stderr);
    ::dup2(kept, STDERR_FILENO);
    ::close(kept);
    qInstallMessageHandler(before);
    file.seek(0);
    return file.readAll();
}

} // namespace

class TestLog : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void redactsSecrets_data();
    void redactsSecrets();
    void leavesPlainWordsAlone();
    void letsNobodyForgeALineOrSteerATerminal();
    void writesDebugMessagesWhenAskedTo();
    void keepsTwoFilesOfABoundedSize();
    void saysThatAFileCannotBeOpened();
    void writesAnObjectALine();
    void showsWhichRequestItIs();
    void asksTheJournalOnlyWhereStderrIsOne();

private:
    void cleanup();
};

void TestLog::cleanup()
{
    log::setFormat(log::Format::Auto);
}

void TestLog::writesAnObjectALine()
{
    const QByteArray written = whatIsWritten([] {
        log::install(log::Level::Info, log::Format::Json);
        const log::Field server(log::Field::kServer, QStringLiteral("charm2"));
        {
            const log::Field request(log::Field::kRequest, QStringLiteral("1f-2"));
            const log::Field none("nothing", {});
            qCWarning(lcTest) << "bearer abc.def \"quoted\"\nand a second line";
        }
        qCInfo(lcTest) << "news";
        qInfo("of nobody");
    });
    const QByteArrayList lines = written.split('\n');
    QCOMPARE(lines.size(), 4);
    const QJsonObject first = QJsonDocument::fromJson(lines.at(0)).object();
    QVERIFY(
        QDateTime::fromString(first.value(QStringLiteral("time")).toString(), Qt::ISODateWithMs).isValid());
    QCOMPARE(first.value(QStringLiteral("level")).toString(), QStringLiteral("warning"));
    QCOMPARE(first.value(QStringLiteral("category")).toString(), QStringLiteral("cring.test"));
    QCOMPARE(first.value(QStringLiteral("server")).toString(), QStringLiteral("charm2"));
    QCOMPARE(first.value(QStringLiteral("request")).toString(), QStringLiteral("1f-2"));
    QVERIFY(!first.contains(QStringLiteral("nothing")));
    const QString message = first.value(QStringLiteral("message")).toString();
    QVERIFY2(message.contains(QStringLiteral("bearer [redacted]")) && !message.contains(u'\n'),
             qPrintable(message));
    const QJsonObject second = QJsonDocument::fromJson(lines.at(1)).object();
    QCOMPARE(second.value(QStringLiteral("level")).toString(), QStringLiteral("info"));
    QVERIFY(second.contains(QStringLiteral("server")) && !second.contains(QStringLiteral("request")));
    QVERIFY(!QJsonDocument::fromJson(lines.at(2)).object().contains(QStringLiteral("category")));
}

void TestLog::showsWhichRequestItIs()
{
    const QByteArray written = whatIsWritten([] {
        log::install(log::Level::Info);
        const log::Field server(log::Field::kServer, QStringLiteral("charm2"));
        const log::Field request(log::Field::kRequest, QStringLiteral("1f-2"));
        qCInfo(lcTest) << "charm2 answered";
    });
    QVERIFY2(written.endsWith("cring.test: charm2 answered [request 1f-2]\n"), written.constData());
}

/// systemd's variable is passed on to whatever a service starts, whose stderr may be a file.
void TestLog::asksTheJournalOnlyWhereStderrIsOne()
{
    const QByteArray elsewhere = whatIsWritten([] {
        qputenv("JOURNAL_STREAM", "1:1");
        log::install(log::Level::Info);
        qCInfo(lcTest) << "news";
    });
    QVERIFY2(elsewhere.contains(" info  cring.test: news"), elsewhere.constData());
    const QByteArray there = whatIsWritten([] {
        struct stat info = {};
        ::fstat(STDERR_FILENO, &info);
        qputenv("JOURNAL_STREAM", QByteArray::number(qulonglong(info.st_dev)) + ':' +
                                      QByteArray::number(qulonglong(info.st_ino)));
        log::install(log::Level::Info, log::Format::Text);
        qCInfo(lcTest) << "news";
    });
    qunsetenv("JOURNAL_STREAM");
    QCOMPARE(there, "<6>cring.test: news\n");
}

void TestLog::redactsSecrets_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("secret");
    QTest::newRow("bearer") << QStringLiteral("Authorization: bearer abc.def.ghi")
                            << QStringLiteral("abc.def");
    QTest::newRow("jwt alone") << QStringLiteral("got eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ4In0.c2ln here")
                               << QStringLiteral("eyJzdWIi");
    QTest::newRow("key") << QStringLiteral("secret_key=wJalrXUtnFEMI") << QStringLiteral("wJalr");
}

void TestLog::redactsSecrets()
{
    QFETCH(QString, text);
    QFETCH(QString, secret);
    QVERIFY(text.contains(secret));
    QVERIFY2(!log::redacted(text).contains(secret), qPrintable(log::redacted(text)));
}

void TestLog::leavesPlainWordsAlone()
{
    const QString text = QStringLiteral("charm2 is down: connection refused (3 probes in a row)");
    QCOMPARE(log::redacted(text), text);
    QCOMPARE(log::oneLine(text), text);
    QCOMPARE(log::oneLine(QStringLiteral("Größe – 10 µs 🙂")),
             QStringLiteral("Größe – 10 µs 🙂"));
}

void TestLog::letsNobodyForgeALineOrSteerATerminal()
{
    const QString hostile =
        QStringLiteral("a server said: no\n2026-01-01T00:00:00.000 error forged\r\x1b[2J\x9b"
                       "31m"
                       "\x7f\u202e\u2028");
    QCOMPARE(log::oneLine(hostile),
             QStringLiteral("a server said: no\\x0a2026-01-01T00:00:00.000 error forged\\x0d\\x1b[2J\\x9b31m"
                            "\\x7f\\u202e\\u2028"));
    const QByteArray written = whatIsWritten([&] {
        log::install(log::Level::Warning);
        qCWarning(lcTest).noquote() << hostile;
    });
    QCOMPARE(written.count('\n'), 1);
    QVERIFY2(written.contains("cring.test: a server said: no\\x0a2026") && !written.contains('\x1b'),
             written.constData());
}

/// --debug is promised for every build.
void TestLog::writesDebugMessagesWhenAskedTo()
{
    const auto all = [] {
        qCDebug(lcTest) << "a detail";
        qCInfo(lcTest) << "news";
    };
    const QByteArray debug = whatIsWritten([&] {
        log::install(log::Level::Debug);
        all();
    });
    QVERIFY2(debug.contains("a detail") && debug.contains("news"), debug.constData());
    const QByteArray info = whatIsWritten([&] {
        log::install(log::Level::Info);
        all();
    });
    QVERIFY2(!info.contains("a detail") && info.contains("news"), info.constData());
}

void TestLog::keepsTwoFilesOfABoundedSize()
{
    constexpr qint64 kLargest = 10'000;
    constexpr int kLines = 1'000;
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("serve.log"));
    const pid_t child = ::fork(); // Its streams are others from then on.
    if (child == 0) {
        log::install(log::Level::Info);
        if (!log::toFile(path, kLargest))
            ::_exit(1);
        std::fputs("what is printed\n", stdout);
        std::fflush(stdout);
        for (int line = 0; line < kLines; ++line)
            qCInfo(lcTest) << "line" << line;
        ::_exit(0);
    }
    int status = -1;
    QCOMPARE(::waitpid(child, &status, 0), child);
    QCOMPARE(status, 0);
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files),
             (QStringList{QStringLiteral("serve.log"), QStringLiteral("serve.log.1")}));
    QByteArray text;
    for (const QString &name : {path + QStringLiteral(".1"), path}) {
        QFile file(name);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(file.size() <= kLargest + 200);
        QCOMPARE(file.permissions() & (QFile::ReadGroup | QFile::ReadOther), QFile::Permissions());
        text += file.readAll();
    }
    // The newest are all there, each once.
    QVERIFY(text.endsWith("line 999\n"));
    const qsizetype lines = text.count('\n');
    QVERIFY(lines > kLargest / 100);
    for (qsizetype line = kLines - lines; line < kLines; ++line)
        QCOMPARE(text.count("line " + QByteArray::number(line) + '\n'), 1);
}

void TestLog::saysThatAFileCannotBeOpened()
{
    const Status status = log::toFile(QStringLiteral("/nowhere/serve.log"));
    QVERIFY(!status);
    QVERIFY2(status.error().detail.contains(QStringLiteral("/nowhere/serve.log")),
             qPrintable(status.error().detail));
}

QTEST_APPLESS_MAIN(TestLog)
#include "tst_log.moc"
