// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/socketpath.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <unistd.h>

using namespace cring::control;

class TestSocketPath : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void prefersTheRuntimeDirectory();
    void fallsBackToTheUsersRunDirectory();
    void fallsBackToTemporary();
    void systemServiceListensWhereSystemdSays();
    void userUnitIsNoSystemService();
    void clientsTryTheUserThenTheSystem();
    void clientsPassOverADirectoryOfSomebodyElse();
    void clientsPassOverASymbolicLink();

private:
    std::unique_ptr<QTemporaryDir> m_root;
    SocketPlaces m_places;
};

void TestSocketPath::init()
{
    m_root = std::make_unique<QTemporaryDir>();
    m_places = {};
    m_places.uid = ::geteuid();
    m_places.runUser = m_root->filePath(QStringLiteral("run-user"));
    m_places.temporary = m_root->filePath(QStringLiteral("tmp"));
    m_places.system = m_root->filePath(QStringLiteral("system"));
    QVERIFY(QDir().mkpath(m_places.temporary));
}

void TestSocketPath::prefersTheRuntimeDirectory()
{
    m_places.xdgRuntimeDir = QStringLiteral("/run/user/7");
    QCOMPARE(m_places.servicePath(), QStringLiteral("/run/user/7/charmedring/control.sock"));
}

void TestSocketPath::fallsBackToTheUsersRunDirectory()
{
    const QString own = QStringLiteral("%1/%2").arg(m_places.runUser).arg(m_places.uid);
    QVERIFY(QDir().mkpath(own));
    QCOMPARE(m_places.servicePath(), own + QStringLiteral("/charmedring/control.sock"));
}

void TestSocketPath::fallsBackToTemporary()
{
    QCOMPARE(m_places.servicePath(),
             m_places.temporary + QStringLiteral("/charmedring-%1/control.sock").arg(m_places.uid));
}

void TestSocketPath::systemServiceListensWhereSystemdSays()
{
    m_places.xdgRuntimeDir = QStringLiteral("/run/user/0");
    m_places.runtimeDirectory = m_places.system;
    QVERIFY(m_places.isSystemService());
    QCOMPARE(m_places.servicePath(), m_places.system + QStringLiteral("/control.sock"));
}

void TestSocketPath::userUnitIsNoSystemService()
{
    m_places.xdgRuntimeDir = QStringLiteral("/run/user/7");
    m_places.runtimeDirectory = QStringLiteral("/run/user/7/charmedring");
    QVERIFY(!m_places.isSystemService());
    QCOMPARE(m_places.servicePath(), QStringLiteral("/run/user/7/charmedring/control.sock"));
}

void TestSocketPath::clientsTryTheUserThenTheSystem()
{
    m_places.xdgRuntimeDir = m_root->filePath(QStringLiteral("xdg"));
    QCOMPARE(m_places.clientPaths(),
             QStringList({m_places.xdgRuntimeDir + QStringLiteral("/charmedring/control.sock"),
                          m_places.system + QStringLiteral("/control.sock")}));
}

void TestSocketPath::clientsPassOverADirectoryOfSomebodyElse()
{
    QVERIFY(QDir().mkpath(m_places.temporary + QStringLiteral("/charmedring-%1").arg(m_places.uid + 1)));
    m_places.uid += 1; // The directory belongs to the one who runs this test.
    QCOMPARE(m_places.clientPaths(), QStringList(m_places.system + QStringLiteral("/control.sock")));
}

void TestSocketPath::clientsPassOverASymbolicLink()
{
    const QString real = m_root->filePath(QStringLiteral("real"));
    QVERIFY(QFile::link(real, m_places.temporary + QStringLiteral("/charmedring-%1").arg(m_places.uid)));
    const QStringList systemOnly(m_places.system + QStringLiteral("/control.sock"));
    QCOMPARE(m_places.clientPaths(), systemOnly); // It leads nowhere yet.
    QVERIFY(QDir().mkpath(real));
    QCOMPARE(m_places.clientPaths(), systemOnly);
}

QTEST_APPLESS_MAIN(TestSocketPath)
#include "tst_socketpath.moc"
