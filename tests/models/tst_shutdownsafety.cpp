// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/models/sample.h"
#include "ui/models/servicewords.h"
#include "ui/models/shutdownsafety.h"

#include <QTest>

using namespace cring;
using namespace cring::models;
using namespace cring::test;
using control::Snapshot;
using State = ShutdownSafety::State;
using Change = std::function<void(Snapshot &)>;

Q_DECLARE_METATYPE(Change)

class TestShutdownSafety : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }
    void saysWhetherItIsSafe_data();
    void saysWhetherItIsSafe();
    void knowsNothingWithoutASnapshot();
    void saysWhatStopsBeingProtected();
    void tellsAShellWhereTheRingIs_data();
    void tellsAShellWhereTheRingIs();
};

void TestShutdownSafety::saysWhetherItIsSafe_data()
{
    QTest::addColumn<Change>("change");
    QTest::addColumn<int>("state");
    QTest::addColumn<QString>("words");
    const auto row = [](const char *name, State state, const char *words, const Change &change) {
        QTest::newRow(name) << change << static_cast<int>(state) << QString::fromLatin1(words);
    };
    row("well", State::Safe, "Safe to shut down: every file has its copies", [](Snapshot &) {});
    row("one is away and owed nothing", State::Safe, "Safe to shut down: every file has its copies",
        [](Snapshot &s) { takeDown(s, 1, 1000); });
    row("an upload", State::Soon, "Not yet safe to shut down: 2 upload(s) under way", [](Snapshot &s) {
        s.requests.append({QStringLiteral("upload"), 0, 0, 0, 0, 2});
    });
    row("a download alone", State::Safe, "Safe to shut down: every file has its copies", [](Snapshot &s) {
        s.requests.append({QStringLiteral("download"), 0, 0, 0, 0, 2});
    });
    row("on the way", State::Soon, "Not yet safe to shut down: 5 files on the way to charm1 and charm3",
        [](Snapshot &s) { s.backends[0].owed = 2, s.backends[2].owed = 3; });
    row("it is away", State::Waiting, "Not safe to shut down: 7 file(s) wait for charm2", [](Snapshot &s) {
        takeDown(s, 1, 1000);
        s.backends[1].owed = 7;
    });
    row("one is away, one is not", State::Soon, "Not yet safe to shut down: 2 files on the way to charm1",
        [](Snapshot &s) {
            takeDown(s, 1, 1000);
            s.backends[1].owed = 7;
            s.backends[0].owed = 2;
        });
    row("it knows no such account", State::Waiting, "Not safe to shut down: 2 file(s) wait for charm1",
        [](Snapshot &s) { s.backends[0].owed = 2, s.backends[0].unknownAccounts = 1; });
    row("paused", State::Waiting, "Not safe to shut down: 2 file(s) wait for charm1",
        [](Snapshot &s) { s.backends[0].owed = 2, s.paused = true; });
    row("here alone", State::Waiting, "Not safe to shut down: 4 file(s) lie on this machine's disk alone",
        [](Snapshot &s) { s.spoolFiles = 4; });
}

void TestShutdownSafety::saysWhetherItIsSafe()
{
    QFETCH(Change, change);
    QFETCH(int, state);
    QFETCH(QString, words);
    Snapshot snapshot = wellSnapshot();
    change(snapshot);
    const ShutdownSafety safety = shutdownSafety(std::make_shared<const Snapshot>(snapshot));
    QCOMPARE(safety.words, words);
    QCOMPARE(static_cast<int>(safety.state), state);
}

void TestShutdownSafety::knowsNothingWithoutASnapshot()
{
    QCOMPARE(shutdownSafety({}).state, State::Unknown);
}

void TestShutdownSafety::saysWhatStopsBeingProtected()
{
    QVERIFY(stopWords({}).contains(QStringLiteral("neither store nor fetch")));
    Snapshot snapshot = wellSnapshot();
    QVERIFY(
        stopWords(std::make_shared<const Snapshot>(snapshot)).contains(QStringLiteral("stays where it is")));
    snapshot.backends[1].owed = 43;
    snapshot.backups.append(idleBackup(QStringLiteral("b")));
    snapshot.backups[0].owed = 12;
    snapshot.jobs.append({3, QStringLiteral("scrub"), QStringLiteral("running"), {}, 1, 2});
    const QString words = stopWords(std::make_shared<const Snapshot>(snapshot));
    for (const char *part :
         {"43 file(s) lack a copy on charm2", "12 file(s) wait for the backup", "1 job(s)"})
        QVERIFY2(words.contains(QString::fromLatin1(part)), qPrintable(words));
}

void TestShutdownSafety::tellsAShellWhereTheRingIs_data()
{
    QTest::addColumn<QString>("http");
    QTest::addColumn<QString>("ssh");
    QTest::addColumn<QString>("settings");
    const auto row = [](const char *http, const char *ssh, const char *settings) {
        QTest::newRow(http) << QString::fromLatin1(http) << QString::fromLatin1(ssh)
                            << QString::fromLatin1(settings);
    };
    const char *here = "export CHARM_HOST=localhost CHARM_SSH_PORT=35353 CHARM_HTTP_PORT=35354";
    row("127.0.0.1:35354", "127.0.0.1:35353", here);
    row("[::1]:35354", "[::1]:35353", here);
    row("0.0.0.0:35354", "0.0.0.0:35353", here);
    row("[::]:35354", "[::]:35353", here);
    row("localhost:35354", "localhost:35353", here);
    row("192.0.2.7:80", "192.0.2.7:22", "export CHARM_HOST=192.0.2.7 CHARM_SSH_PORT=22 CHARM_HTTP_PORT=80");
    row("", "127.0.0.1:35353", "");
}

void TestShutdownSafety::tellsAShellWhereTheRingIs()
{
    QFETCH(QString, http);
    QFETCH(QString, ssh);
    QFETCH(QString, settings);
    Snapshot snapshot;
    snapshot.httpAddress = http;
    snapshot.sshAddress = ssh;
    QCOMPARE(clientSettings(snapshot), settings);
}

QTEST_GUILESS_MAIN(TestShutdownSafety)
#include "tst_shutdownsafety.moc"
