// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/charmsession.h"
#include "core/backup/fileplace.h"
#include "tests/support/cringprocess.h"
#include "tests/support/httpclient.h"
#include "tests/support/spin.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <sys/stat.h>

#include <csignal>

using namespace cring;
using namespace cring::test;

/// `cring export` against real servers, with files that the real client has written; and `cring import`,
/// whose files the real client reads.
class TestWayOut : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void exportsWhatTheClientWrote();
    void keepsWhatIsThere();
    void exportsOneFolder();
    void saysWhatItWouldDo();
    void leavesOtherVersionsAlone();
    void trustsNoTimes();
    void leavesFoldersAsTheyAre();
    void writesNothingThatAnotherRunWrites();
    void endsWhereItIs_data();
    void endsWhereItIs();
    void refusesNamesThatLeadElsewhere();
    void refusesDamagedFiles();
    void wantsAKey();
    void importsWhatTheClientReads();
    void keepsWhatIsInTheRing();
    void bringsBackWhatItHasTakenOut();

private:
    using Output = CringProcess::Output;

    Output exportTo(const QString &folder, const QStringList &more = {});
    QString fresh() const { return m_folder.path() + u'/' + QLatin1String(QTest::currentTestFunction()); }
    Output importFrom(const QString &folder, const QStringList &more = {});
    QByteArray catOf(const QString &name);
    QByteArray difference(const QString &folder) const;
    int put(const QByteArray &path, const QByteArray &content);
    QByteArray stored(const QByteArray &name);

    CharmCluster m_cluster{3};
    QTemporaryDir m_folder;
    std::unique_ptr<CringProcess> m_ring;
    std::unique_ptr<app::CharmSession> m_session;
    QMap<QString, QByteArray> m_files;
};

namespace {

QByteArray contentOf(qsizetype size)
{
    QByteArray content(size, '\0');
    for (qsizetype i = 0; i < size; ++i)
        content[i] = static_cast<char>(i * 131 + i / 251);
    return content;
}

QByteArray read(const QString &name)
{
    QFile file(name);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("cannot be read");
}

bool write(const QString &name, const QByteArray &content)
{
    QFile file(name);
    return file.open(QIODevice::WriteOnly) && file.write(content) == content.size();
}

QStringList filesIn(const QString &folder)
{
    QStringList names;
    QDirIterator it(folder, QDir::Files | QDir::Hidden | QDir::System, QDirIterator::Subdirectories);
    while (it.hasNext())
        names.append(it.next().mid(folder.size() + 1));
    names.sort();
    return names;
}

QJsonObject summaryOf(const QByteArray &out)
{
    const QByteArrayList lines = out.trimmed().split('\n');
    return QJsonDocument::fromJson(lines.constLast()).object().value(QStringLiteral("summary")).toObject();
}

} // namespace

TestWayOut::Output TestWayOut::exportTo(const QString &folder, const QStringList &more)
{
    return m_ring->runCommand(QStringList{QStringLiteral("export"), folder} + more,
                              playground::milliseconds(60'000));
}

TestWayOut::Output TestWayOut::importFrom(const QString &folder, const QStringList &more)
{
    return m_ring->runCommand(QStringList{QStringLiteral("import"), folder} + more,
                              playground::milliseconds(60'000));
}

/// As the client reads it.
QByteArray TestWayOut::catOf(const QString &name)
{
    const auto output = m_cluster.client().run(
        {QStringLiteral("fs"), QStringLiteral("cat"), QStringLiteral("charm:") + name});
    return output.ok() ? output.out : "refused: " + output.text();
}

QByteArray TestWayOut::difference(const QString &folder) const
{
    const QStringList found = filesIn(folder);
    if (found != m_files.keys())
        return "there are " + found.join(QStringLiteral(", ")).toUtf8();
    for (auto it = m_files.begin(); it != m_files.end(); ++it) {
        if (read(folder + u'/' + it.key()) != it.value())
            return it.key().toUtf8() + " differs";
    }
    return {};
}

int TestWayOut::put(const QByteArray &path, const QByteArray &content)
{
    HttpClient client(m_ring->url());
    return client.upload("/v1/fs/" + path, content, m_cluster.token()).status;
}

/// As the first server has it.
QByteArray TestWayOut::stored(const QByteArray &name)
{
    return read(QStringLiteral("%1/files/%2/%3")
                    .arg(m_cluster.at(0).dataDir(), m_cluster.charmId(),
                         QString::fromLatin1(*m_session->names().sealed(name))));
}

void TestWayOut::initTestCase()
{
    CRING_OK(m_cluster.start());
    CharmClient &client = m_cluster.client();
    m_ring = std::make_unique<CringProcess>(m_cluster);
    m_ring->options().configLines = QStringLiteral("[identity]\nkey = \"file:%1\"\n").arg(client.keyFile());
    CRING_OK(m_ring->start());
    for (const qsizetype size : {0, 1, 65'535, 65'536, 65'537, 10'485'760})
        m_files.insert(QStringLiteral("sizes/%1").arg(size), contentOf(size));
    m_files.insert(QStringLiteral("letters/Ärger 日本 🙂.txt"), "text");
    m_files.insert(QStringLiteral("letters/2026/a b.txt"), "more text");
    m_files.insert(QStringLiteral("top"), "at the top");
    for (auto it = m_files.begin(); it != m_files.end(); ++it) {
        const QString local = client.home() + QStringLiteral("/file");
        QFile::remove(local);
        QFile file(local);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(it.value()) == it.value().size());
        file.close();
        QVERIFY(file.setPermissions(it.key() == QStringLiteral("top") ? QFile::ReadOwner | QFile::WriteOwner
                                                                      : QFile::Permissions(0x6444)));
        CRING_OK(client.run(
            {QStringLiteral("fs"), QStringLiteral("cp"), local, QStringLiteral("charm:") + it.key()}));
    }
    config::Config config;
    config.address = QStringLiteral("%1:%2").arg(m_ring->address()).arg(m_ring->httpPort());
    config.sshAddress = QStringLiteral("%1:%2").arg(m_ring->address()).arg(m_ring->sshPort());
    config.identity.key = QStringLiteral("file:") + client.keyFile();
    m_session = std::make_unique<app::CharmSession>(config, QString());
    std::optional<Status> opened;
    m_session->open([&](const Status &status) { opened = status; });
    QVERIFY(spinUntil([&] { return opened.has_value(); }, 20'000));
    CRING_OK(*opened);
    QCOMPARE(QString::fromLatin1(m_session->account()), m_cluster.charmId());
}

void TestWayOut::exportsWhatTheClientWrote()
{
    const QString folder = fresh() + QStringLiteral("/made");
    const Output output = exportTo(folder, {QStringLiteral("--json")});
    QVERIFY2(output.exitCode == 0, (output.out + output.err).constData());
    const QByteArray difference = this->difference(folder);
    QVERIFY2(difference.isEmpty(), difference.constData());
    const QJsonObject summary = summaryOf(output.out);
    QCOMPARE(summary.value(QStringLiteral("exported")).toInteger(), m_files.size());
    QCOMPARE(summary.value(QStringLiteral("folders")).toInteger(), 3);
    QCOMPARE(summary.value(QStringLiteral("refused")).toInteger(), 0);
    qint64 bytes = 0;
    for (const QByteArray &content : std::as_const(m_files))
        bytes += content.size();
    QCOMPARE(summary.value(QStringLiteral("bytes")).toInteger(), bytes);
    struct stat info = {};
    QCOMPARE(::stat(QFile::encodeName(folder + QStringLiteral("/top")).constData(), &info), 0);
    QCOMPARE(info.st_mode & 07777, 0600U);
    QCOMPARE(::stat(QFile::encodeName(folder + QStringLiteral("/sizes/1")).constData(), &info), 0);
    QCOMPARE(info.st_mode & 07777, 0644U);
}

void TestWayOut::keepsWhatIsThere()
{
    const QString folder = fresh();
    QCOMPARE(exportTo(folder).exitCode, 0);
    Output output = exportTo(folder, {QStringLiteral("--json")});
    QCOMPARE(output.exitCode, 0);
    QCOMPARE(summaryOf(output.out).value(QStringLiteral("kept")).toInteger(), m_files.size());
    QCOMPARE(summaryOf(output.out).value(QStringLiteral("exported")).toInteger(), 0);
    // Of another time, but with the same bytes: seen by reading it.
    QFile touched(folder + QStringLiteral("/sizes/65537"));
    QVERIFY(touched.open(QIODevice::ReadWrite) &&
            touched.setFileTime(QDateTime::fromSecsSinceEpoch(1), QFileDevice::FileModificationTime));
    touched.close();
    output = exportTo(folder, {QStringLiteral("--json")});
    QCOMPARE(output.exitCode, 0);
    QCOMPARE(summaryOf(output.out).value(QStringLiteral("kept")).toInteger(), m_files.size());
    QCOMPARE(difference(folder), QByteArray());
}

void TestWayOut::exportsOneFolder()
{
    const QString folder = fresh();
    QCOMPARE(exportTo(folder, {QStringLiteral("--path"), QStringLiteral("letters/2026/")}).exitCode, 0);
    QCOMPARE(filesIn(folder), QStringList(QStringLiteral("letters/2026/a b.txt")));
    QCOMPARE(exportTo(folder, {QStringLiteral("--path"), QStringLiteral("top")}).exitCode, 0);
    QCOMPARE(filesIn(folder).size(), 2);
    const Output output = exportTo(folder, {QStringLiteral("--path"), QStringLiteral("letter")});
    QCOMPARE(output.exitCode, 10);
    QVERIFY(output.err.contains("there is no \"letter\""));
}

void TestWayOut::saysWhatItWouldDo()
{
    const Output output = exportTo(fresh(), {QStringLiteral("--dry-run"), QStringLiteral("--json")});
    QCOMPARE(output.exitCode, 0);
    QCOMPARE(summaryOf(output.out).value(QStringLiteral("exported")).toInteger(), m_files.size());
    QVERIFY(!QFile::exists(fresh()));
}

void TestWayOut::leavesOtherVersionsAlone()
{
    const QString folder = fresh();
    QCOMPARE(exportTo(folder).exitCode, 0);
    QFile file(folder + QStringLiteral("/top"));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("my own") > 0);
    file.close();
    QVERIFY(QFile::remove(folder + QStringLiteral("/sizes/1")));
    QVERIFY(QFile::link(m_folder.path() + QStringLiteral("/elsewhere"), folder + QStringLiteral("/sizes/1")));
    Output output = exportTo(folder);
    QCOMPARE(output.exitCode, 3);
    QVERIFY2(output.err.contains("top: another version"), output.err.constData());
    QVERIFY2(output.err.contains("sizes/1: something else"), output.err.constData());
    QCOMPARE(read(file.fileName()), QByteArray("my own"));
    QVERIFY(QFile::remove(folder + QStringLiteral("/sizes/1")));
    output = exportTo(folder, {QStringLiteral("--overwrite")});
    QCOMPARE(output.exitCode, 0);
    QCOMPARE(difference(folder), QByteArray());
    QVERIFY(!QFile::exists(m_folder.path() + QStringLiteral("/elsewhere")));
}

/// A server that missed a change of the same length would list the old time.
void TestWayOut::trustsNoTimes()
{
    const QString folder = fresh();
    QCOMPARE(exportTo(folder).exitCode, 0);
    QFile file(folder + QStringLiteral("/top"));
    const QDateTime time = QFileInfo(file).lastModified();
    QVERIFY(file.open(QIODevice::ReadWrite) && file.write("AT THE TOP") == 10 && file.flush() &&
            file.setFileTime(time, QFileDevice::FileModificationTime));
    file.close();
    const Output output = exportTo(folder);
    QCOMPARE(output.exitCode, 3);
    QVERIFY2(output.err.contains("top: another version"), output.err.constData());
}

void TestWayOut::leavesFoldersAsTheyAre()
{
    const QString folder = fresh();
    const QString own = folder + QStringLiteral("/letters");
    QVERIFY(QDir().mkpath(own));
    QCOMPARE(::chmod(QFile::encodeName(own).constData(), 0750), 0);
    QCOMPARE(exportTo(folder).exitCode, 0);
    struct stat info = {};
    QCOMPARE(::stat(QFile::encodeName(own).constData(), &info), 0);
    QCOMPARE(info.st_mode & 07777, 0750U);
    QCOMPARE(difference(folder), QByteArray());
}

void TestWayOut::writesNothingThatAnotherRunWrites()
{
    const QString folder = fresh();
    backup::FilePlace other(QFile::encodeName(folder), {"top"});
    CRING_OK(other.open());
    CRING_OK(other.write("half"));
    const Output output = exportTo(folder);
    QCOMPARE(output.exitCode, 3);
    QVERIFY2(output.err.contains("top: another run writes this file now"), output.err.constData());
    QVERIFY(!QFile::exists(folder + QStringLiteral("/top")));
    // Nor does it give a name that something has by now.
    QVERIFY(write(folder + QStringLiteral("/top"), "my own"));
    QVERIFY(!other.finish(0600, backup::FilePlace::Naming::IsNew));
    QCOMPARE(read(folder + QStringLiteral("/top")), QByteArray("my own"));
}

void TestWayOut::endsWhereItIs_data()
{
    QTest::addColumn<int>("signal");
    QTest::newRow("killed") << SIGKILL;
    QTest::newRow("interrupted") << SIGINT;
}

void TestWayOut::endsWhereItIs()
{
    QFETCH(const int, signal);
    const QString folder = fresh() + QString::number(signal);
    const auto process = m_ring->command({QStringLiteral("export"), folder});
    process->start();
    QVERIFY(spinUntil([&] { return !filesIn(folder).isEmpty(); }, 20'000));
    ::kill(static_cast<pid_t>(process->processId()), signal);
    QVERIFY(spinUntil([&] { return process->state() == QProcess::NotRunning; }, 20'000));
    // Whatever has a name is whole.
    const QStringList found = filesIn(folder);
    int begun = 0;
    for (const QString &name : found) {
        if (name.section(u'/', -1).startsWith(QStringLiteral(".cring-")))
            ++begun;
        else
            QVERIFY2(read(folder + u'/' + name) == m_files.value(name), qPrintable(name));
    }
    if (signal == SIGINT)
        QCOMPARE(begun, 0);
    if (signal == SIGINT && found != m_files.keys())
        QCOMPARE(process->exitCode(), 130);
    const Output output = exportTo(folder);
    QVERIFY2(output.exitCode == 0, output.err.constData());
    QCOMPARE(difference(folder), QByteArray());
}

void TestWayOut::refusesNamesThatLeadElsewhere()
{
    const QByteArray content = stored("top");
    const charm::Names &names = m_session->names();
    const QByteArray inside = *names.seal("hostile") + '/';
    int count = 0;
    for (const QByteArray &name : {QByteArray("."), QByteArray(".."), QByteArray("../../escaped"),
                                   QByteArray("/tmp/escaped"), QByteArray("nul\0nul", 7)}) {
        QCOMPARE(put(inside + *names.seal(name), content), 200);
        ++count;
    }
    QCOMPARE(put(inside + "notencrypted", content), 200);
    QCOMPARE(put(inside + *names.seal("good"), content), 200);
    const QString folder = fresh() + QStringLiteral("/a/b");
    const Output output = exportTo(folder, {QStringLiteral("--json")});
    QCOMPARE(output.exitCode, 3);
    QCOMPARE(summaryOf(output.out).value(QStringLiteral("refused")).toInteger(), count + 1);
    QVERIFY(output.out.contains("hostile/notencrypted"));
    QCOMPARE(read(folder + QStringLiteral("/hostile/good")), QByteArray("at the top"));
    QCOMPARE(filesIn(fresh()).size(), m_files.size() + 1);
    CRING_OK(m_cluster.client().run(
        {QStringLiteral("fs"), QStringLiteral("rm"), QStringLiteral("charm:hostile")}));
}

void TestWayOut::refusesDamagedFiles()
{
    const charm::Names &names = m_session->names();
    const QByteArray good = stored("sizes/65537");
    QByteArray changed = good;
    changed[changed.size() / 2] = static_cast<char>(changed.at(changed.size() / 2) ^ 1);
    const QMap<QByteArray, QByteArray> damaged{{"bad/cut", good.chopped(1)},
                                               {"bad/piece", good.first(155 + 65'536 + 16)},
                                               {"bad/changed", changed},
                                               {"bad/empty", ""},
                                               {"bad/foreign", "no seal at all"}};
    for (auto it = damaged.begin(); it != damaged.end(); ++it)
        QCOMPARE(put(*names.sealed(it.key()), it.value()), 200);
    QCOMPARE(put(*names.sealed("bad/good"), good), 200);
    const QString folder = fresh();
    const Output output = exportTo(folder, {QStringLiteral("--path"), QStringLiteral("bad")});
    QCOMPARE(output.exitCode, 3);
    for (auto it = damaged.begin(); it != damaged.end(); ++it)
        QVERIFY2(output.err.contains(it.key() + ": "), output.err.constData());
    QCOMPARE(filesIn(folder), QStringList(QStringLiteral("bad/good")));
    QCOMPARE(read(folder + QStringLiteral("/bad/good")), m_files.value(QStringLiteral("sizes/65537")));
    CRING_OK(
        m_cluster.client().run({QStringLiteral("fs"), QStringLiteral("rm"), QStringLiteral("charm:bad")}));
}

void TestWayOut::wantsAKey()
{
    const Output output = exportTo(fresh(), {QStringLiteral("--identity"), QStringLiteral("nobody.example")});
    QCOMPARE(output.exitCode, 12);
    QVERIFY2(output.err.contains("no Charm key for nobody.example"), output.err.constData());
    QVERIFY(!QFile::exists(fresh()));
}

void TestWayOut::importsWhatTheClientReads()
{
    const QString folder = fresh();
    QVERIFY(QDir().mkpath(folder + QStringLiteral("/deep/er/est")) &&
            QDir().mkpath(folder + QStringLiteral("/empty")));
    QMap<QString, QByteArray> files;
    for (const qsizetype size : {0, 1, 65'535, 65'536, 65'537, 10'485'760})
        files.insert(QStringLiteral("deep/%1").arg(size), contentOf(size));
    files.insert(QStringLiteral("deep/er/est/Übung 練習 🙂"), "text");
    files.insert(QString(111, u'n'), "a name as long as there can be");
    for (auto it = files.begin(); it != files.end(); ++it)
        QVERIFY(write(folder + u'/' + it.key(), it.value()));
    QVERIFY(write(folder + u'/' + QString(112, u'n'), "too long"));
    QVERIFY(QFile::link(folder, folder + QStringLiteral("/link")));
    QCOMPARE(::mkfifo(QFile::encodeName(folder + QStringLiteral("/pipe")).constData(), 0600), 0);

    const QStringList into{QStringLiteral("--into"), QStringLiteral("came/in"), QStringLiteral("--json")};
    Output output = importFrom(folder, into + QStringList{QStringLiteral("--dry-run")});
    QCOMPARE(output.exitCode, 3);
    QVERIFY(catOf(QStringLiteral("came/in/deep/1")).startsWith("refused"));
    output = importFrom(folder, into);
    QVERIFY2(output.exitCode == 3, output.err.constData());
    const QJsonObject summary = summaryOf(output.out);
    QCOMPARE(summary.value(QStringLiteral("imported")).toInteger(), files.size());
    QCOMPARE(summary.value(QStringLiteral("refused")).toInteger(), 3);
    QCOMPARE(summary.value(QStringLiteral("folders")).toInteger(), 4);
    for (auto it = files.begin(); it != files.end(); ++it)
        QVERIFY2(catOf(QStringLiteral("came/in/") + it.key()) == it.value(), qPrintable(it.key()));
    const auto listed =
        m_cluster.client().run({QStringLiteral("fs"), QStringLiteral("ls"), QStringLiteral("charm:came/in")});
    CRING_OK(listed);
    QVERIFY2(listed.out.contains("empty") && listed.out.contains("deep"), listed.out.constData());
}

void TestWayOut::keepsWhatIsInTheRing()
{
    const QString folder = fresh();
    QVERIFY(QDir().mkpath(folder));
    QVERIFY(write(folder + QStringLiteral("/same"), "the same") &&
            write(folder + QStringLiteral("/other"), "first"));
    const QStringList into{QStringLiteral("--into"), QStringLiteral("kept"), QStringLiteral("--json")};
    QCOMPARE(importFrom(folder, into).exitCode, 0);
    QVERIFY(write(folder + QStringLiteral("/other"), "later")); // Of the same size.
    Output output = importFrom(folder, into);
    QCOMPARE(output.exitCode, 3);
    QCOMPARE(summaryOf(output.out).value(QStringLiteral("kept")).toInteger(), 1);
    QCOMPARE(catOf(QStringLiteral("kept/other")), QByteArray("first"));
    output = importFrom(folder, into + QStringList{QStringLiteral("--overwrite")});
    QCOMPARE(output.exitCode, 0);
    QCOMPARE(summaryOf(output.out).value(QStringLiteral("imported")).toInteger(), 1);
    QCOMPARE(catOf(QStringLiteral("kept/other")), QByteArray("later"));
}

void TestWayOut::bringsBackWhatItHasTakenOut()
{
    const QString folder = fresh();
    QCOMPARE(exportTo(folder + QStringLiteral("/out"), {QStringLiteral("--path"), QStringLiteral("letters")})
                 .exitCode,
             0);
    QCOMPARE(importFrom(folder + QStringLiteral("/out"), {QStringLiteral("--into"), QStringLiteral("again")})
                 .exitCode,
             0);
    QCOMPARE(exportTo(folder + QStringLiteral("/back"), {QStringLiteral("--path"), QStringLiteral("again")})
                 .exitCode,
             0);
    const QString back = folder + QStringLiteral("/back/again/letters/");
    QCOMPARE(filesIn(back.chopped(1)).size(), 2);
    QCOMPARE(read(back + QStringLiteral("2026/a b.txt")), QByteArray("more text"));
}

QTEST_GUILESS_MAIN(TestWayOut)
#include "tst_wayout.moc"
