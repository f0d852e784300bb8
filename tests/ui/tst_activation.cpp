// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charmedring/application.h"
#include "core/base/processend.h"
#include "tests/support/sessionbus.h"
#include "tests/support/spin.h"
#include "ui/desktop/applicationid.h"
#include "ui/window/mainwindow.h"

#include <QApplication>
#include <QDBusConnectionInterface>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusReply>
#include <QDir>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

using namespace cring;
using namespace cring::app;
using namespace cring::test;

namespace {

constexpr int kLimit = 15'000;
constexpr const char *kInterface = "org.freedesktop.Application";

} // namespace

/// What a desktop does with the files of packaging/desktop, on a bus of its own.
class TestActivation : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void bringsTheWindowThatRuns_data();
    void bringsTheWindowThatRuns();
    void isStartedByTheBus();
    void goesOnWhereTheNameIsTaken();
    void filesAreNamedAsTheBusIs();
    void cleanupTestCase();

private:
    QDBusConnection connection(const QString &name) const
    {
        return QDBusConnection::connectToBus(m_bus.address(), name);
    }
    QDBusMessage call(const QString &method, const QVariantList &arguments);

    QTemporaryDir m_folder;
    SessionBus m_bus;
};

void TestActivation::initTestCase()
{
    // What the bus starts inherits them.
    for (const char *name :
         {"XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "HOME"})
        qputenv(name, QFile::encodeName(m_folder.path()));
    const QString services = m_folder.filePath(QStringLiteral("services"));
    QVERIFY(QDir().mkpath(services));
    QFile given(QStringLiteral(CRING_ACTIVATION_FILE));
    QVERIFY2(given.open(QIODevice::ReadOnly), CRING_ACTIVATION_FILE);
    QByteArray text = given.readAll();
    const QByteArray installed = "\nExec=" CRING_INSTALLED_BINDIR "/charmedring --background\n";
    QVERIFY2(text.contains(installed), text.constData());
    text.replace(installed, "\nExec=" + qgetenv("CRING_BIN") + "/charmedring --background\n");
    QFile used(services + QStringLiteral("/charmedring.service"));
    QVERIFY(used.open(QIODevice::WriteOnly) && used.write(text) == text.size());
    used.close();
    const Status started = m_bus.start(m_folder.filePath(QStringLiteral("bus")), services);
    QVERIFY2(started.ok(), started.ok() ? "" : qPrintable(started.error().detail));
}

QDBusMessage TestActivation::call(const QString &method, const QVariantList &arguments)
{
    QDBusMessage message = QDBusMessage::createMethodCall(QString::fromLatin1(ui::applicationId),
                                                          QString::fromLatin1(ui::applicationPath),
                                                          QString::fromLatin1(kInterface), method);
    message.setArguments(arguments);
    QDBusPendingCallWatcher watcher(connection(QStringLiteral("launcher")).asyncCall(message, kLimit));
    spinUntil([&] { return watcher.isFinished(); }, kLimit);
    return watcher.reply();
}

void TestActivation::bringsTheWindowThatRuns_data()
{
    QTest::addColumn<QString>("method");
    QTest::addColumn<QVariantList>("arguments");
    const QVariantMap platform{{QStringLiteral("activation-token"), QStringLiteral("token-1")}};
    QTest::newRow("Activate") << QStringLiteral("Activate") << QVariantList{platform};
    QTest::newRow("Open") << QStringLiteral("Open")
                          << QVariantList{QStringList{QStringLiteral("file:///a")}, platform};
    QTest::newRow("ActivateAction") << QStringLiteral("ActivateAction")
                                    << QVariantList{QStringLiteral("no-such"), QVariantList{}, platform};
}

void TestActivation::bringsTheWindowThatRuns()
{
    QFETCH(const QString, method);
    QFETCH(const QVariantList, arguments);
    qunsetenv("XDG_ACTIVATION_TOKEN");
    ApplicationOptions options{.background = true,
                               .sockets = {m_folder.filePath(QStringLiteral("nowhere"))},
                               .program = {},
                               .logFile = m_folder.filePath(QStringLiteral("serve.log"))};
    options.buses.session = connection(QStringLiteral("window-") + method);
    {
        Application application(options);
        application.start();
        QVERIFY(!application.window().isVisible());
        const QDBusMessage answer = call(method, arguments);
        QVERIFY2(answer.type() == QDBusMessage::ReplyMessage, qPrintable(answer.errorMessage()));
        QVERIFY(spinUntil([&] { return application.window().isVisible(); }, kLimit));
        QCOMPARE(qgetenv("XDG_ACTIVATION_TOKEN"), QByteArray("token-1"));
    }
    QDBusConnection::disconnectFromBus(QStringLiteral("window-") + method);
}

void TestActivation::isStartedByTheBus()
{
    QDBusConnectionInterface *bus = connection(QStringLiteral("launcher")).interface();
    const QString name = QString::fromLatin1(ui::applicationId);
    QVERIFY(!bus->isServiceRegistered(name).value());
    const QDBusMessage answer = call(QStringLiteral("Activate"), {QVariantMap{}});
    QVERIFY2(answer.type() == QDBusMessage::ReplyMessage, qPrintable(answer.errorMessage()));
    const qint64 pid = bus->servicePid(name).value();
    QFile arguments(QStringLiteral("/proc/%1/cmdline").arg(pid));
    QVERIFY(arguments.open(QIODevice::ReadOnly));
    QVERIFY(arguments.readAll().contains("charmedring"));
    // A second call finds it.
    QCOMPARE(call(QStringLiteral("Activate"), {QVariantMap{}}).type(), QDBusMessage::ReplyMessage);
    QCOMPARE(bus->servicePid(name).value(), static_cast<uint>(pid));

    QVERIFY(::kill(static_cast<pid_t>(pid), SIGTERM) == 0);
    QVERIFY(spinUntil([&] { return !bus->isServiceRegistered(name).value(); }, kLimit));
}

void TestActivation::goesOnWhereTheNameIsTaken()
{
    QDBusConnection other = connection(QStringLiteral("other"));
    QVERIFY(other.registerService(QString::fromLatin1(ui::applicationId)));
    ui::Activation activation(connection(QStringLiteral("late")));
    QVERIFY(!activation.hasName());
    QVERIFY(other.unregisterService(QString::fromLatin1(ui::applicationId)));
}

void TestActivation::filesAreNamedAsTheBusIs()
{
    const QString id = QString::fromLatin1(ui::applicationId);
    const QDir folder(QFileInfo(QStringLiteral(CRING_ACTIVATION_FILE)).path());
    const QStringList files = folder.entryList({id + QStringLiteral(".*")}, QDir::Files, QDir::Name);
    QCOMPARE(files, QStringList({id + QStringLiteral(".desktop"), id + QStringLiteral(".metainfo.xml"),
                                 id + QStringLiteral(".service")}));
    QFile service(folder.filePath(id + QStringLiteral(".service")));
    QVERIFY(service.open(QIODevice::ReadOnly));
    QVERIFY(service.readAll().contains("\nName=" + id.toUtf8() + '\n'));
    QFile entry(folder.filePath(id + QStringLiteral(".desktop")));
    QVERIFY(entry.open(QIODevice::ReadOnly));
    const QByteArray text = entry.readAll();
    QVERIFY(text.contains("\nDBusActivatable=true\n"));
    QVERIFY(text.contains("\nStartupWMClass=charmedring\n"));
}

void TestActivation::cleanupTestCase()
{
    for (const char *name : {"launcher", "other", "late"})
        QDBusConnection::disconnectFromBus(QString::fromLatin1(name));
}

QTEST_MAIN(TestActivation)
#include "tst_activation.moc"
