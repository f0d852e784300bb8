// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/nodefactory.h"
#include "core/base/clock.h"
#include "tests/support/charmcluster.h"
#include "tests/support/smalldisk.h"
#include "tests/support/sshserver.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>
#include <unistd.h>

#include <thread>

using namespace cring;
using namespace cring::accounts;
using namespace cring::test;

/// What every node does, on this machine and behind a real sshd: one suite for both.
class TestNode : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void saysWhatIsThere_data() { both(); }
    void saysWhatIsThere();
    void makesFoldersWithExactlyTheirMode_data() { both(); }
    void makesFoldersWithExactlyTheirMode();
    void writesWholeFilesOverOldOnes_data() { both(); }
    void writesWholeFilesOverOldOnes();
    void leavesTheOldFileWhenTheNewOneFails_data() { both(); }
    void leavesTheOldFileWhenTheNewOneFails();
    void readsNoMoreThanAllowed_data() { both(); }
    void readsNoMoreThanAllowed();
    void removesFilesAndEmptyFolders_data() { both(); }
    void removesFilesAndEmptyFolders();
    void staysInItsFolder_data() { both(); }
    void staysInItsFolder();
    void takesHostileNames_data() { both(); }
    void takesHostileNames();
    void runsPrograms_data() { both(); }
    void runsPrograms();
    void passesMuchThroughAProgram_data() { both(); }
    void passesMuchThroughAProgram();
    void saysWhenAProgramIsMissing_data() { both(); }
    void saysWhenAProgramIsMissing();
    void boundsAProgram_data() { both(); }
    void boundsAProgram();
    void isCalledOff_data() { both(); }
    void isCalledOff();
    void saysThatTheDiskIsFull_data() { both(); }
    void saysThatTheDiskIsFull();
    void saysWhatItMayNot_data() { both(); }
    void saysWhatItMayNot();

private:
    static void both();
    std::unique_ptr<INode> nodeAt(const QString &folder);
    INode &node() { return *m_node; }
    QString path(const char *name) const { return m_root + QLatin1Char('/') + QLatin1String(name); }

    SystemClock m_clock;
    SshServer m_server;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<std::stop_source> m_stop; ///< Anew for each test.
    QString m_root;
    std::unique_ptr<INode> m_node;
};

namespace {

mode_t modeOf(const QString &path)
{
    struct stat info
    {
    };
    return ::stat(QFile::encodeName(path).constData(), &info) == 0 ? info.st_mode & 07777 : 0;
}

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("unreadable");
}

void verifyFails(const Status &status, Code code, const char *words)
{
    QVERIFY(!status.ok());
    QVERIFY2(status.error().code == code && status.error().detail.contains(QString::fromUtf8(words)),
             qPrintable(status.error().toString()));
}

template <typename T>
Status statusOf(const Result<T> &result)
{
    return result.ok() ? Status() : Status(result.error());
}

} // namespace

void TestNode::initTestCase()
{
    CRING_OK(m_server.start());
}

void TestNode::both()
{
    QTest::addColumn<bool>("remote");
    QTest::newRow("local") << false;
    QTest::newRow("ssh") << true;
}

std::unique_ptr<INode> TestNode::nodeAt(const QString &folder)
{
    QFETCH(bool, remote);
    SshAccess access;
    access.knownHosts = {m_server.knownHosts()};
    access.keyFiles = {m_server.keyFile()};
    const auto place = config::parseNodePlace(remote ? m_server.url(folder) : folder);
    return place.ok() ? makeNode(*place, access, m_clock, m_stop->get_token()) : nullptr;
}

void TestNode::init()
{
    m_stop = std::make_unique<std::stop_source>();
    m_node.reset();
    m_folder = std::make_unique<QTemporaryDir>();
    m_root = m_folder->path() + QStringLiteral("/da ta");
    QVERIFY(QDir().mkpath(m_root));
    QVERIFY(
        playground::ChildProcess::giveTreeTo(m_folder->path(), playground::ChildProcess::User::Unprivileged));
    m_node = nodeAt(m_root);
    QVERIFY(m_node);
}

void TestNode::cleanup()
{
    m_node.reset();
    if (QTest::currentTestFailed())
        qWarning("sshd: %s", m_server.log().right(3'000).constData());
}

void TestNode::saysWhatIsThere()
{
    CRING_OK(node().makeFolder(QStringLiteral("folder"), 0700));
    CRING_OK(writeAll(node(), QStringLiteral("file"), "12345", 0640));
    QVERIFY(QFile::link(QStringLiteral("file"), path("link")));
    const auto root = node().stat(QString());
    CRING_OK(root);
    QVERIFY(root->has_value());
    QCOMPARE((*root)->kind, NodeEntry::Kind::Folder);
    const auto file = node().stat(QStringLiteral("file"));
    CRING_OK(file);
    QVERIFY(file->has_value());
    QCOMPARE((*file)->kind, NodeEntry::Kind::File);
    QCOMPARE((*file)->size, 5);
    QCOMPARE((*file)->mode, 0640U);
    QCOMPARE((*file)->name, QStringLiteral("file"));
    const auto absent = node().stat(QStringLiteral("folder/none"));
    CRING_OK(absent);
    QVERIFY(!absent->has_value());
    const auto below = node().stat(QStringLiteral("file/none"));
    QVERIFY(!below.ok() || !below->has_value());
    const auto list = node().list(QString());
    CRING_OK(list);
    QCOMPARE(list->size(), 3);
    QCOMPARE(list->at(0).name, QStringLiteral("file"));
    QCOMPARE(list->at(1).kind, NodeEntry::Kind::Folder);
    QCOMPARE(list->at(2).kind, NodeEntry::Kind::Other);
    const auto followed = node().stat(QStringLiteral("link"));
    CRING_OK(followed);
    QCOMPARE((*followed)->kind, NodeEntry::Kind::File);
    verifyFails(statusOf(node().list(QStringLiteral("none"))), Code::NodeFile, "No such file");
    const auto free = node().freeBytes();
    CRING_OK(free);
    QVERIFY(free->value_or(0) > 0);
}

void TestNode::makesFoldersWithExactlyTheirMode()
{
    const mode_t before = ::umask(0077);
    const Status made = node().makeFolder(QStringLiteral("wide"), 0755);
    ::umask(before);
    CRING_OK(made);
    QCOMPARE(modeOf(path("wide")), 0755U);
    CRING_OK(node().makeFolder(QStringLiteral("wide/narrow"), 0700));
    QCOMPARE(modeOf(path("wide/narrow")), 0700U);
    QVERIFY(!node().makeFolder(QStringLiteral("wide"), 0755).ok());
    verifyFails(node().makeFolder(QStringLiteral("none/below"), 0700), Code::NodeFile, "No such file");
    // A node whose own folder is not there yet.
    m_node = nodeAt(m_root + QStringLiteral("/new"));
    const auto free = node().freeBytes();
    CRING_OK(free);
    QVERIFY(free->value_or(0) > 0);
    CRING_OK(node().makeFolder(QString(), 0700));
    QCOMPARE(modeOf(path("new")), 0700U);
}

void TestNode::writesWholeFilesOverOldOnes()
{
    QByteArray large(1'000'003, '\0');
    for (qsizetype i = 0; i < large.size(); ++i)
        large[i] = static_cast<char>(i * 31 >> 4);
    CRING_OK(writeAll(node(), QStringLiteral("file"), "old", 0644));
    CRING_OK(writeAll(node(), QStringLiteral("file"), large, 0600));
    QCOMPARE(contentOf(path("file")), large);
    QCOMPARE(modeOf(path("file")), 0600U);
    const auto again = readAll(node(), QStringLiteral("file"), large.size());
    CRING_OK(again);
    QCOMPARE(*again, large);
    CRING_OK(writeAll(node(), QStringLiteral("file"), QByteArray(), 0400));
    QCOMPARE(contentOf(path("file")), QByteArray());
    CRING_OK(writeAll(node(), QStringLiteral("file"), "over what may not be written to", 0600));
    QCOMPARE(QDir(m_root).entryList(QDir::Files | QDir::Hidden), QStringList(QStringLiteral("file")));
}

void TestNode::leavesTheOldFileWhenTheNewOneFails()
{
    CRING_OK(writeAll(node(), QStringLiteral("file"), "old", 0600));
    int pieces = 0;
    const auto failing = [&]() -> Result<QByteArray> {
        if (++pieces > 2)
            return Error{Code::NotFound, QStringLiteral("the source ended")};
        return QByteArray(100'000, 'n');
    };
    verifyFails(node().write(QStringLiteral("file"), failing, 0600), Code::NotFound, "the source ended");
    QCOMPARE(contentOf(path("file")), QByteArray("old"));
    QCOMPARE(QDir(m_root).entryList(QDir::Files | QDir::Hidden), QStringList(QStringLiteral("file")));
    // What an earlier attempt left is in nobody's way.
    QFile part(m_root + QLatin1Char('/') + INode::partName(QStringLiteral("file")));
    QVERIFY(part.open(QIODevice::WriteOnly) && part.write("left over, and longer than what comes") > 0);
    part.close();
    CRING_OK(writeAll(node(), QStringLiteral("file"), "new", 0600));
    QCOMPARE(contentOf(path("file")), QByteArray("new"));
    verifyFails(writeAll(node(), QStringLiteral("none/file"), "x", 0600), Code::NodeFile, "No such file");
}

void TestNode::readsNoMoreThanAllowed()
{
    CRING_OK(writeAll(node(), QStringLiteral("file"), QByteArray(5'000, 'x'), 0600));
    CRING_OK(readAll(node(), QStringLiteral("file"), 5'000));
    verifyFails(statusOf(readAll(node(), QStringLiteral("file"), 4'999)), Code::NodeFile, "too large");
    verifyFails(statusOf(readAll(node(), QString())), Code::NodeFile, "cannot be read");
    verifyFails(statusOf(readAll(node(), QStringLiteral("none"))), Code::NodeFile, "No such file");
    QCOMPARE(::mkfifo(QFile::encodeName(path("pipe")).constData(), 0666), 0);
    verifyFails(statusOf(readAll(node(), QStringLiteral("pipe"))), Code::NodeFile, "cannot be read");
    const auto secret = readSecret(node(), QStringLiteral("file"));
    QVERIFY(secret.ok());
    QCOMPARE(secret->size(), 5'000);
}

void TestNode::removesFilesAndEmptyFolders()
{
    CRING_OK(node().makeFolder(QStringLiteral("folder"), 0700));
    CRING_OK(writeAll(node(), QStringLiteral("folder/file"), "x", 0600));
    verifyFails(node().remove(QStringLiteral("folder")), Code::NodeFile, "cannot be removed");
    CRING_OK(node().remove(QStringLiteral("folder/file")));
    CRING_OK(node().remove(QStringLiteral("folder")));
    CRING_OK(node().remove(QStringLiteral("folder")));
    CRING_OK(node().remove(QString()));
    QVERIFY(!QFile::exists(m_root));
}

void TestNode::staysInItsFolder()
{
    for (const char *bad : {"/etc/passwd", "..", "../x", "a/../b", "a//b", ".", "a/", "a\nb"}) {
        const QString name = QString::fromLatin1(bad);
        QCOMPARE(statusOf(node().stat(name)).error().code, Code::NodeFile);
        QCOMPARE(writeAll(node(), name, "x", 0600).error().code, Code::NodeFile);
        QCOMPARE(node().remove(name).error().code, Code::NodeFile);
    }
}

void TestNode::takesHostileNames()
{
    for (const char *hostile :
         {"it's", "two words", "$(touch x)", "`id`", "-rf", "\"", "a;b", "*", "\xc3\xbc"}) {
        const QString name = QString::fromUtf8(hostile);
        CRING_OK(writeAll(node(), name, "old", 0600));
        CRING_OK(writeAll(node(), name, "new", 0600));
        const auto text = readAll(node(), name);
        CRING_OK(text);
        QCOMPARE(*text, QByteArray("new"));
        const auto seen =
            node().run({{QStringLiteral("cat"), QStringLiteral("--"), node().fullPath(name)}, {}});
        CRING_OK(seen);
        QCOMPARE(seen->out, QByteArray("new"));
        CRING_OK(node().remove(name));
    }
    QCOMPARE(node().list(QString())->size(), 0);
}

void TestNode::runsPrograms()
{
    const auto outcome = node().run(
        {{QStringLiteral("sh"), QStringLiteral("-c"), QStringLiteral("cat; echo \"$1\" >&2; exit 3"),
          QStringLiteral("x"), QStringLiteral("it's $HOME")},
         "in\0put"});
    CRING_OK(outcome);
    QCOMPARE(outcome->exitStatus, 3);
    QCOMPARE(outcome->out, QByteArray("in"));
    QCOMPARE(outcome->errors, QByteArray("it's $HOME\n"));
    // One that does not look at its input, and one that says nothing.
    const auto ignoring = node().run({{QStringLiteral("true")}, QByteArray(300'000, 'x')});
    CRING_OK(ignoring);
    QCOMPARE(ignoring->exitStatus, 0);
    const auto killed =
        node().run({{QStringLiteral("sh"), QStringLiteral("-c"), QStringLiteral("kill -9 $$")}, {}});
    CRING_OK(killed);
    QVERIFY(killed->exitStatus != 0);
}

void TestNode::passesMuchThroughAProgram()
{
    const QByteArray much(3'000'000, 'm');
    qsizetype got = 0;
    NodeCommand command{{QStringLiteral("cat")}, much};
    command.sink = [&](QByteArrayView piece) {
        got += piece.size();
        return Status();
    };
    CRING_OK(node().run(command));
    QCOMPARE(got, much.size());
    command.sink = [](QByteArrayView) {
        return Status(Error{Code::NodeFull, QStringLiteral("no room")});
    };
    verifyFails(statusOf(node().run(command)), Code::NodeFull, "no room");
    command.sink = {};
    verifyFails(statusOf(node().run(command)), Code::NodeCommand, "more than");
    // After all that it still works.
    CRING_OK(node().run({{QStringLiteral("true")}, {}}));
}

void TestNode::saysWhenAProgramIsMissing()
{
    verifyFails(statusOf(node().run({{QStringLiteral("cring-no-such-program"), QStringLiteral("x")}, {}})),
                Code::NodeCommand, "the program cring-no-such-program is not there");
}

void TestNode::boundsAProgram()
{
    NodeCommand command{{QStringLiteral("sleep"), QStringLiteral("30")}, {}};
    command.limit = std::chrono::milliseconds(400);
    const auto start = m_clock.steady();
    const Status status = statusOf(node().run(command));
    QVERIFY(!status.ok());
    QCOMPARE(status.error().code, Code::BackendTimeout);
    QVERIFY((m_clock.steady() - start).count() < 5'000);
    CRING_OK(node().stat(QString()));
}

void TestNode::isCalledOff()
{
    CRING_OK(node().stat(QString()));
    const auto start = m_clock.steady();
    // As soon as the program runs.
    NodeCommand command{
        {QStringLiteral("sh"), QStringLiteral("-c"), QStringLiteral("echo go; exec sleep 30")}, {}};
    command.sink = [this](QByteArrayView) {
        m_stop->request_stop();
        return Status();
    };
    QCOMPARE(statusOf(node().run(command)).error().code, Code::JobEnded);
    QVERIFY((m_clock.steady() - start).count() < 5'000);
    QCOMPARE(statusOf(node().stat(QString())).error().code, Code::JobEnded);
}

void TestNode::saysThatTheDiskIsFull()
{
    SmallDisk disk(1'000'000);
    CRING_OK(disk.made());
    // What was mounted after it began it does not see.
    m_server.stop();
    CRING_OK(m_server.start());
    m_node = nodeAt(disk.path());
    CRING_OK(writeAll(node(), QStringLiteral("file"), "old", 0600));
    const Status status = writeAll(node(), QStringLiteral("file"), QByteArray(2'000'000, 'x'), 0600);
    verifyFails(status, Code::NodeFull, "the disk is full");
    QCOMPARE(contentOf(disk.path() + QStringLiteral("/file")), QByteArray("old"));
    QCOMPARE(QDir(disk.path()).entryList(QDir::Files | QDir::Hidden), QStringList(QStringLiteral("file")));
    m_node.reset();
}

void TestNode::saysWhatItMayNot()
{
    QFETCH(bool, remote);
    if (!remote && ::geteuid() == 0) {
        // Root may do all; what it makes belongs to the folder's owner all the same.
        CRING_OK(writeAll(node(), QStringLiteral("file"), "x", 0600));
        CRING_OK(node().makeFolder(QStringLiteral("folder"), 0700));
        QCOMPARE(QFileInfo(path("file")).ownerId(), QFileInfo(m_root).ownerId());
        QCOMPARE(QFileInfo(path("folder")).ownerId(), QFileInfo(m_root).ownerId());
        return;
    }
    QVERIFY(QFile::setPermissions(m_root, QFile::ReadOwner | QFile::ExeOwner));
    verifyFails(writeAll(node(), QStringLiteral("file"), "x", 0600), Code::NodeFile, "Permission denied");
    verifyFails(node().makeFolder(QStringLiteral("folder"), 0700), Code::NodeFile, "Permission denied");
    QVERIFY(QFile::setPermissions(m_root, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
}

QTEST_GUILESS_MAIN(TestNode)
#include "tst_node.moc"
