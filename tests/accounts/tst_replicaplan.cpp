// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/replicaplan.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace cring;
using namespace cring::accounts;

/// What is written for a new server means the same to a shell, to systemd and to us.
class TestReplicaPlan : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aShellReadsTheEnvironment();
    void readsTheEnvironmentBack();
    void systemdTakesTheUnit_data();
    void systemdTakesTheUnit();
    void refusesWhatCannotWork();
};

namespace {

ReplicaPlan hostile()
{
    ReplicaPlan plan;
    plan.issuer = "https://charm.example.org:443/a?b=$HOME&c=`id`";
    plan.dataDir = QStringLiteral("/srv/it's a \"charm\" $HOME `id` 100%s \\ \u00fc");
    plan.address = QStringLiteral("127.0.0.7");
    plan.httpPort = 45354;
    plan.userMaxStorage = 5'000'000'000;
    plan.user = QStringLiteral("root");
    plan.program = QStringLiteral("/bin/true");
    return plan;
}

constexpr const char *kUnitName = "charm-test.service";

QByteArray complaintsAbout(const QByteArray &unit)
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(QString::fromLatin1(kUnitName));
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(unit) != unit.size())
        return QByteArray(kUnitName) + ": cannot be written";
    file.close();
    QProcess verify;
    verify.setProcessChannelMode(QProcess::MergedChannels);
    verify.start(QStringLiteral("systemd-analyze"), {QStringLiteral("verify"), QStringLiteral("--man=no"),
                                                     QStringLiteral("--recursive-errors=no"), path});
    if (!verify.waitForStarted() || !verify.waitForFinished())
        return QByteArray(kUnitName) + ": systemd-analyze is missing; install the package systemd";
    return verify.readAll();
}

} // namespace

void TestReplicaPlan::aShellReadsTheEnvironment()
{
    const QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("charm.env"));
    QFile out(file);
    const ReplicaPlan plan = hostile();
    QVERIFY(out.open(QIODevice::WriteOnly) && out.write(environmentText(plan)) > 0);
    out.close();
    QProcess shell;
    shell.start(QStringLiteral("sh"),
                {QStringLiteral("-c"), QStringLiteral("set -a; . \"$1\"; env"), QStringLiteral("sh"), file});
    QVERIFY(shell.waitForFinished());
    const QByteArrayList lines = shell.readAllStandardOutput().split('\n');
    for (const QByteArray &expected :
         {"CHARM_SERVER_PUBLIC_URL=" + plan.issuer, "CHARM_SERVER_DATA_DIR=" + plan.dataDir.toUtf8(),
          QByteArray("CHARM_SERVER_BIND_ADDRESS=127.0.0.7"), QByteArray("CHARM_SERVER_HTTP_PORT=45354"),
          QByteArray("CHARM_SERVER_SSH_PORT=35353"), QByteArray("CHARM_SERVER_USER_MAX_STORAGE=5000000000")})
        QVERIFY2(lines.contains(expected), expected.constData());
}

void TestReplicaPlan::readsTheEnvironmentBack()
{
    const ReplicaPlan plan = hostile();
    const QHash<QByteArray, QString> values = readEnvironment(environmentText(plan));
    QCOMPARE(values.value("PUBLIC_URL").toUtf8(), plan.issuer);
    QCOMPARE(values.value("DATA_DIR"), plan.dataDir);
    QCOMPARE(values.value("BIND_ADDRESS"), plan.address);
    QCOMPARE(values.value("HTTP_PORT"), QStringLiteral("45354"));
    // As people write them.
    const QHash<QByteArray, QString> byHand =
        readEnvironment("# CHARM_SERVER_SSH_PORT=1\nexport CHARM_SERVER_HTTP_PORT=1234\n"
                        "CHARM_SERVER_HTTP_PORT='4321'\nCHARM_SERVER_STATS_PORT=$(id)\"\nOTHER=1\n");
    QCOMPARE(byHand.value("HTTP_PORT"), QStringLiteral("4321"));
    QCOMPARE(byHand.size(), 1);
}

void TestReplicaPlan::systemdTakesTheUnit_data()
{
    QTest::addColumn<QString>("dataDir");
    const QByteArray home = QByteArray("/home") + "/me/charm";
    for (const char *dir : {"/srv/charm1", home.constData(), "/srv/it's a \"charm\" 100%s \\ $HOME"})
        QTest::newRow(dir) << QString::fromUtf8(dir);
}

void TestReplicaPlan::systemdTakesTheUnit()
{
    QFETCH(QString, dataDir);
    ReplicaPlan plan = hostile();
    plan.dataDir = dataDir;
    const QByteArray text = unitText(plan, dataDir + QStringLiteral("/charm.env"));
    const QByteArray said = complaintsAbout(text) + text;
    QVERIFY2(!complaintsAbout(text).contains(kUnitName), said.constData());
    // It would say so.
    QVERIFY(complaintsAbout(text + "[Service]\nProtectSystem=nonsense\n").contains(kUnitName));
}

void TestReplicaPlan::refusesWhatCannotWork()
{
    ReplicaPlan plan = hostile();
    QVERIFY(checkPlan(plan).ok());
    plan.healthPort = plan.httpPort;
    QCOMPARE(checkPlan(plan).error().code, Code::ConfigBadValue);
    plan = hostile();
    plan.dataDir += QLatin1Char('\n');
    QCOMPARE(checkPlan(plan).error().code, Code::ConfigBadValue);
    plan = hostile();
    plan.issuer.clear();
    QVERIFY(checkPlan(plan).error().detail.contains(QStringLiteral("issuer")));
}

QTEST_APPLESS_MAIN(TestReplicaPlan)
#include "tst_replicaplan.moc"
