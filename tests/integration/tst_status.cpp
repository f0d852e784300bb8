// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/faultyring.h"
#include "tests/integration/statefolder.h"
#include "tests/support/spin.h"

#include <QDir>
#include <QJsonDocument>
#include <QTest>

using namespace cring;
using namespace cring::test;

/// `cring status` while every server is up: it is not well as long as something waits for a person, a server
/// takes nothing of an account, or nothing can be written down.
class TestStatus : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void showsFindings();
    void showsAServerWithoutTheAccount();
    void refusesWhatALostStateDirectoryCannotKeep();
    void saysThatAFileIsInTheSpool();

private:
    struct Shown
    {
        int exitCode = -1;
        QByteArray text;
    };

    static Shown status(FaultyRing &ring);
    static QString verdict(FaultyRing &ring);
};

namespace {

constexpr int Limit = 20'000;

QStringList words(const char *text)
{
    return QString::fromLatin1(text).split(u' ');
}

} // namespace

TestStatus::Shown TestStatus::status(FaultyRing &ring)
{
    const auto output = ring.ring().runCommand(words("status --exit-code"));
    return {output.exitCode, output.out + output.err};
}

QString TestStatus::verdict(FaultyRing &ring)
{
    const auto output = ring.ring().runCommand(words("status --json"));
    return QJsonDocument::fromJson(output.out).object().value(QLatin1String("verdict")).toString();
}

void TestStatus::showsFindings()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.useServerKey());
    CRING_OK(ring.startRing());
    QCOMPARE(ring.upload("known", "bytes").status, 200);
    QCOMPARE(ring.ring().runCommand(words("verify")).exitCode, 0);
    QVERIFY(spinUntil([&] { return status(ring).exitCode == 0; }, Limit));
    // Past the ring: nobody recorded it, and one server is no quorum.
    HttpClient direct(ring.at(1).url());
    for (const QByteArray path : {"stray", "stray2"})
        QCOMPARE(direct.upload(FaultyRing::target(path), "bytes", ring.token()).status, 200);
    QCOMPARE(ring.ring().runCommand(words("verify")).exitCode, 6);
    const Shown shown = status(ring);
    QVERIFY2(shown.exitCode == 6 && shown.text.contains("2 findings wait for a person") &&
                 shown.text.contains("`cring findings list`"),
             shown.text.constData());
}

void TestStatus::showsAServerWithoutTheAccount()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    ring.at(2).kill9();
    // It makes a new one, without any account.
    QVERIFY(QDir(ring.at(2).dataDir() + QStringLiteral("/db")).removeRecursively());
    CRING_OK(ring.at(2).start());
    CRING_OK(ring.startRing());
    for (const QByteArray path : {"one", "two", "three"})
        QCOMPARE(ring.upload(path, "bytes").status, 200);
    QVERIFY(spinUntil([&] { return status(ring).exitCode == 6; }, Limit));
    QVERIFY2(spinUntil(
                 [&] {
                     return verdict(ring) ==
                            QStringLiteral("charm3 does not know 1 account (3 owed). Uploads go on");
                 },
                 Limit),
             qPrintable(verdict(ring)));
    QVERIFY(ring.allUp());
    const Shown shown = status(ring);
    QVERIFY2(shown.text.contains("Accounts: charm3 does not know 1 account") &&
                 shown.text.contains("Owed: 3 to charm3"),
             shown.text.constData());
}

void TestStatus::refusesWhatALostStateDirectoryCannotKeep()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing());
    QCOMPARE(ring.upload("kept", "old").status, 200);
    QCOMPARE(ring.upload("other", "old").status, 200);
    QVERIFY(spinUntil([&] { return ring.onDisk(2, "kept") == "old" && ring.onDisk(2, "other") == "old"; },
                      Limit));
    QVERIFY(StateFolder(ring.ring()).remove());
    const HttpResponse refusals[] = {
        ring.upload("kept", "new"), ring.upload("fresh", "new"), ring.remove("kept"),
        ring.makeFolder("folder"),
        ring.client().request("POST", "/v1/seq/name", HttpClient::bearer(ring.token()))};
    for (const HttpResponse &refused : refusals)
        QVERIFY2(refused.status == 507 && refused.message().contains(QStringLiteral("deleted or replaced")),
                 refused.text().constData());
    QCOMPARE(ring.get("kept").body, QByteArray("old"));
    for (int server = 0; server < FaultyRing::Servers; ++server)
        QCOMPARE(ring.onDisk(server, "kept"), QByteArray("old"));
    QVERIFY(spinUntil([&] { return status(ring).exitCode == 7; }, Limit));
    const Shown shown = status(ring);
    QVERIFY2(shown.text.startsWith("Uploads and deletes are refused: the state directory "),
             shown.text.constData());
    const auto log = ring.ring().runCommand(words("log"));
    QVERIFY2(log.out.contains("deleted or replaced"), log.out.constData());
    // It ends in its time, and a new one begins with what the servers have.
    QCOMPARE(ring.ring().stop(), 0);
    CRING_OK(ring.restartRing());
    QCOMPARE(ring.get("kept").body, QByteArray("old"));
    QVERIFY(spinUntil([&] { return ring.upload("kept", "new").status == 200; }, Limit));
    QCOMPARE(ring.get("kept").body, QByteArray("new"));
}

void TestStatus::saysThatAFileIsInTheSpool()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing({}, QStringLiteral("local_copy = true\n")));
    QCOMPARE(ring.upload("everywhere", "bytes").status, 200);
    ring.at(1).kill9();
    ring.at(2).kill9();
    QVERIFY(spinUntil([&] { return !ring.isUp(1) && !ring.isUp(2); }, Limit));
    QCOMPARE(ring.upload("file", "bytes").status, 200);
    const auto shown = ring.ring().runCommand(words("blobs where file"));
    QVERIFY2(shown.exitCode == 0 && shown.out.contains("in the spool on this machine"),
             shown.out.constData());
    const auto other = ring.ring().runCommand(words("blobs where everywhere"));
    QVERIFY2(other.exitCode == 0 && !other.out.contains("spool"), other.out.constData());
}

QTEST_GUILESS_MAIN(TestStatus)
#include "tst_status.moc"
