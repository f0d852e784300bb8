// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/directorylock.h"
#include "tests/state/writerprocess.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace cring;
using namespace cring::state;
using cring::playground::ChildProcess;
using cring::test::WriterProcess;

class TestDirectoryLock : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void keepsASecondServiceOut();
    void letsGoWhenItsProcessIsKilled();
    void remembersHowTheLastOneEnded();
    void leavesNoTraceOfAStartThatCameToNothing();
    void cannotTellFromAMarkThatIsNone_data();
    void cannotTellFromAMarkThatIsNone();
    void saysThatTheDirectoryCannotBeUsed_data();
    void saysThatTheDirectoryCannotBeUsed();

private:
    QString directory() const { return m_folder->filePath(QStringLiteral("deep/state")); }
    DirectoryLock::Before before();
    void setMark(const QByteArray &mark);

    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestDirectoryLock::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

DirectoryLock::Before TestDirectoryLock::before()
{
    const auto lock = DirectoryLock::take(directory());
    return lock.ok() ? (*lock)->before() : DirectoryLock::Before();
}

void TestDirectoryLock::setMark(const QByteArray &mark)
{
    QFile file(directory() + QStringLiteral("/lock"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(mark), mark.size());
}

void TestDirectoryLock::keepsASecondServiceOut()
{
    WriterProcess other;
    other.begin({QStringLiteral("hold"), directory()});
    QVERIFY(other.waitForLine("open"));
    const auto refused = DirectoryLock::take(directory());
    QVERIFY(!refused.ok());
    QCOMPARE(refused.error().code, Code::StateLocked);
    QVERIFY2(refused.error().detail.contains(directory()), qPrintable(refused.error().detail));
    WriterProcess third;
    third.begin({QStringLiteral("try"), directory()});
    QVERIFY(third.waitForLine("error CR-1011"));
}

void TestDirectoryLock::letsGoWhenItsProcessIsKilled()
{
    WriterProcess other;
    other.begin({QStringLiteral("hold"), directory()});
    QVERIFY(other.waitForLine("open"));
    other.kill9();
    const auto lock = DirectoryLock::take(directory());
    QVERIFY2(lock.ok(), lock.ok() ? "" : qPrintable(lock.error().toString()));
    QVERIFY(!(*lock)->before().closed);
    QVERIFY(!(*lock)->before().powerCut);
}

void TestDirectoryLock::remembersHowTheLastOneEnded()
{
    const auto end = [this](const std::function<void(DirectoryLock &)> &how) {
        const auto lock = DirectoryLock::take(directory());
        return lock.ok() && (*lock)->markRunning().ok() && (how(**lock), true);
    };
    QVERIFY(before().closed); // Nobody was there.
    QVERIFY(end([](DirectoryLock &) {}));
    QVERIFY(!before().closed && !before().powerCut && !before().suspect);
    QVERIFY(end([](DirectoryLock &lock) { lock.markClosed(); }));
    QVERIFY(before().closed && !before().powerCut && !before().suspect);
    // Who has met damage and ends in order has met damage.
    QVERIFY(end([](DirectoryLock &lock) {
        lock.markSuspect();
        lock.markClosed();
    }));
    QVERIFY(!before().closed && !before().powerCut && before().suspect);
}

void TestDirectoryLock::leavesNoTraceOfAStartThatCameToNothing()
{
    before();
    setMark("running another-start\n");
    QVERIFY(before().powerCut);
    QVERIFY(before().powerCut);
}

void TestDirectoryLock::cannotTellFromAMarkThatIsNone_data()
{
    QTest::addColumn<QByteArray>("mark");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("garbage") << QByteArray(3'000, '\xa5');
    QTest::newRow("half a word") << QByteArray("clos");
    QTest::newRow("another start of the machine") << QByteArray("running 3b1ff1d8-0000\n");
}

void TestDirectoryLock::cannotTellFromAMarkThatIsNone()
{
    QFETCH(QByteArray, mark);
    before();
    QFile database(directory() + QStringLiteral("/state.db"));
    QVERIFY(database.open(QIODevice::WriteOnly));
    setMark(mark);
    QVERIFY(!before().closed);
    QVERIFY(before().powerCut);
}

void TestDirectoryLock::saysThatTheDirectoryCannotBeUsed_data()
{
    QTest::addColumn<bool>("exists");
    QTest::newRow("it cannot be made") << false;
    QTest::newRow("it cannot be written to") << true;
}

void TestDirectoryLock::saysThatTheDirectoryCannotBeUsed()
{
    QFETCH(bool, exists);
    QVERIFY(QDir().mkpath(exists ? directory() : QFileInfo(directory()).path()));
    const auto open = QFile::ReadOwner | QFile::ExeOwner | QFile::ReadOther | QFile::ExeOther;
    for (const QString &path : {directory(), QFileInfo(directory()).path(), m_folder->path()}) {
        if (QFile::exists(path))
            QVERIFY(QFile::setPermissions(path, open));
    }
    WriterProcess writer(ChildProcess::User::Unprivileged);
    writer.begin({QStringLiteral("try"), directory()});
    QVERIFY2(writer.waitForLine("error CR-1008"), writer.lines().join('\n').constData());
    QVERIFY(writer.lines().constFirst().contains("XDG_STATE_HOME"));
    QVERIFY(QFile::setPermissions(m_folder->path(), open | QFile::WriteOwner));
    QVERIFY(QFile::setPermissions(QFileInfo(directory()).path(), open | QFile::WriteOwner));
}

QTEST_GUILESS_MAIN(TestDirectoryLock)
#include "tst_directorylock.moc"
