// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/listeningsocket.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

using namespace cring;
using namespace cring::control;

namespace {

mode_t modeOf(const QString &path)
{
    struct stat info = {};
    return ::lstat(QFile::encodeName(path).constData(), &info) == 0 ? info.st_mode & 07777 : 0;
}

} // namespace

class TestListeningSocket : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void opensForItsOwnerOnly();
    void opensForItsGroupDespiteTheUmask();
    void refusesToRunTwiceAndNamesTheOther();
    void replacesTheSocketOfADeadService();
    void findsALivingServiceWithoutItsLockFile();
    void leavesAFileThatIsNoSocketAlone();
    void removesItsSocketAtTheEnd();
    void refusesADirectoryThatOthersMayChange();
    void refusesADirectoryThatItsGroupMayChange();
    void refusesASymbolicLink();
    void refusesAPathThatIsTooLong();
    void letsInItsOwnerAndRoot();

private:
    std::unique_ptr<QTemporaryDir> m_directory;
    QString m_path;
};

void TestListeningSocket::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    m_path = m_directory->filePath(QStringLiteral("a/b/control.sock"));
}

void TestListeningSocket::opensForItsOwnerOnly()
{
    ListeningSocket socket;
    QVERIFY(socket.open(m_path, false));
    QCOMPARE(modeOf(m_path), mode_t(0600));
    QCOMPARE(modeOf(m_directory->filePath(QStringLiteral("a/b"))), mode_t(0700));
    QCOMPARE(modeOf(m_path + QStringLiteral(".lock")), mode_t(0600));
}

void TestListeningSocket::opensForItsGroupDespiteTheUmask()
{
    const mode_t before = ::umask(077);
    ListeningSocket socket;
    const Status status = socket.open(m_path, true);
    ::umask(before);
    QVERIFY(status);
    QCOMPARE(modeOf(m_path), mode_t(0660));
}

void TestListeningSocket::refusesToRunTwiceAndNamesTheOther()
{
    ListeningSocket first;
    QVERIFY(first.open(m_path, false));
    ListeningSocket second;
    const Status status = second.open(m_path, false);
    QVERIFY(!status);
    QCOMPARE(status.error().code, Code::ControlAlreadyRunning);
    QVERIFY(status.error().detail.contains(QStringLiteral("pid %1").arg(::getpid())));
    QVERIFY(QFile::exists(m_path)); // The failed one took nothing with it.
    first.close();
    QVERIFY(second.open(m_path, false));
}

void TestListeningSocket::replacesTheSocketOfADeadService()
{
    int ready[2];
    QCOMPARE(::pipe(ready), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ListeningSocket socket;
        const char ok = socket.open(m_path, false).ok() ? 'y' : 'n';
        if (::write(ready[1], &ok, 1) == 1)
            ::pause();
        ::_exit(1);
    }
    char ok = 0;
    QCOMPARE(::read(ready[0], &ok, 1), ssize_t(1));
    QCOMPARE(ok, 'y');
    ListeningSocket socket;
    const Status whileAlive = socket.open(m_path, false);
    QVERIFY(!whileAlive);
    QVERIFY2(whileAlive.error().detail.contains(QString::number(child)),
             qPrintable(whileAlive.error().detail));
    QCOMPARE(::kill(child, SIGKILL), 0);
    QCOMPARE(::waitpid(child, nullptr, 0), child);
    QVERIFY(QFile::exists(m_path));
    QVERIFY(socket.open(m_path, false));
    ::close(ready[0]);
    ::close(ready[1]);
}

void TestListeningSocket::findsALivingServiceWithoutItsLockFile()
{
    ListeningSocket first;
    QVERIFY(first.open(m_path, false));
    QVERIFY(QFile::remove(m_path + QStringLiteral(".lock")));
    ListeningSocket second;
    const Status status = second.open(m_path, false);
    QVERIFY(!status);
    QCOMPARE(status.error().code, Code::ControlAlreadyRunning);
}

void TestListeningSocket::leavesAFileThatIsNoSocketAlone()
{
    QFile file(m_directory->filePath(QStringLiteral("precious")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("data");
    file.close();
    ListeningSocket socket;
    const Status status = socket.open(file.fileName(), false);
    QVERIFY(!status);
    QCOMPARE(status.error().code, Code::ControlSocket);
    QCOMPARE(file.size(), 4);
}

void TestListeningSocket::removesItsSocketAtTheEnd()
{
    {
        ListeningSocket socket;
        QVERIFY(socket.open(m_path, false));
    }
    QVERIFY(!QFile::exists(m_path));
}

void TestListeningSocket::refusesADirectoryThatOthersMayChange()
{
    const QString open = m_directory->filePath(QStringLiteral("open"));
    QVERIFY(QDir().mkpath(open));
    QCOMPARE(::chmod(QFile::encodeName(open).constData(), 0777), 0);
    ListeningSocket socket;
    QVERIFY(!socket.open(open + QStringLiteral("/control.sock"), false));
    QCOMPARE(::chmod(QFile::encodeName(open).constData(), 01777), 0); // As /tmp.
    QVERIFY(socket.open(open + QStringLiteral("/control.sock"), false));
}

void TestListeningSocket::refusesADirectoryThatItsGroupMayChange()
{
    const QString shared = m_directory->filePath(QStringLiteral("shared"));
    QVERIFY(QDir().mkpath(shared));
    QCOMPARE(::chmod(QFile::encodeName(shared).constData(), 0770), 0);
    ListeningSocket socket;
    const Status status = socket.open(shared + QStringLiteral("/control.sock"), false);
    QVERIFY(!status);
    QVERIFY2(status.error().detail.contains(QStringLiteral("chmod go-w")), qPrintable(status.error().detail));
    QCOMPARE(::chmod(QFile::encodeName(shared).constData(), 0750), 0);
    QVERIFY(socket.open(shared + QStringLiteral("/control.sock"), false));
}

/// Planted in /tmp, it would lead to a folder of the planter's choice.
void TestListeningSocket::refusesASymbolicLink()
{
    const QString own = m_directory->filePath(QStringLiteral("own"));
    const QString link = m_directory->filePath(QStringLiteral("link"));
    QVERIFY(QDir().mkpath(own));
    QCOMPARE(::chmod(QFile::encodeName(own).constData(), 0700), 0);
    QVERIFY(QFile::link(own, link));
    for (const char *way : {"/control.sock", "//control.sock", "/./control.sock"}) {
        ListeningSocket socket;
        const Status status = socket.open(link + QLatin1String(way), false);
        QVERIFY2(!status, way);
        QVERIFY2(status.error().detail.contains(QStringLiteral("symbolic link")),
                 qPrintable(status.error().detail));
    }
    QVERIFY(QDir(own).isEmpty());
    ListeningSocket socket;
    QVERIFY(socket.open(own + QStringLiteral("/control.sock"), false));
}

void TestListeningSocket::refusesAPathThatIsTooLong()
{
    ListeningSocket socket;
    const Status status = socket.open(m_directory->filePath(QString(120, u'x')), false);
    QVERIFY(!status);
    QVERIFY(status.error().detail.contains(QStringLiteral("too long")));
}

void TestListeningSocket::letsInItsOwnerAndRoot()
{
    QVERIFY(isPeerAllowed(1000, 1000, false));
    QVERIFY(isPeerAllowed(0, 1000, false));
    QVERIFY(!isPeerAllowed(1001, 1000, false));
    QVERIFY(!isPeerAllowed(1000, 0, false));
    QVERIFY(isPeerAllowed(1001, 1000, true));
    QVERIFY(!isPeerAllowed(PeerCredentials{}.uid, 1000, true));
}

QTEST_APPLESS_MAIN(TestListeningSocket)
#include "tst_listeningsocket.moc"
