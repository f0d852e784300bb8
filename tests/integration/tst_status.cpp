// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/faultyring.h"
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

QTEST_GUILESS_MAIN(TestStatus)
#include "tst_status.moc"
