// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/digest.h"
#include "core/service/store.h"
#include "tests/integration/faultyring.h"
#include "tests/integration/statefolder.h"
#include "tests/support/spin.h"

#include <QDir>
#include <QTest>

using namespace cring;
using namespace cring::test;

/// What becomes of an upload that a killed ring left between its tails and its record, on a path that had
/// never been recorded: an account whose files lay on the servers before the ring came.
class TestRecovery : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void serversSayWhatHolds_data();
    void serversSayWhatHolds();
    void whatWasStoredSinceHoldsAfterAPowerCut_data();
    void whatWasStoredSinceHoldsAfterAPowerCut();
    void itsFolderIsEverywhere();

private:
    /// As a service that was killed in the middle of that upload leaves it.
    static Status leaveUpload(FaultyRing &ring, const QByteArray &content, const QByteArray &path = "file",
                              bool existed = true);
    static Status put(FaultyRing &ring, int server, const QByteArray &content);
    static void holdsInTheEnd(FaultyRing &ring, const QByteArray &content);
};

namespace {

constexpr int Limit = 20'000;
const QByteArray Old = FaultyRing::content(3'000, "old");
const QByteArray New = FaultyRing::content(5'000, "new");

} // namespace

Status TestRecovery::leaveUpload(FaultyRing &ring, const QByteArray &content, const QByteArray &path,
                                 bool existed)
{
    const SystemClock clock;
    SystemRandom random;
    auto store = service::Store::open(StateFolder(ring.ring()).path(), clock, random);
    if (!store)
        return store.error();
    replica::PayloadDigest digest((*store)->database->digestSeed());
    digest.add(content);
    state::Intent intent;
    intent.key = ring.cluster().charmId().toLatin1() + '/' + path;
    intent.record.size = content.size();
    intent.record.digest = digest.value();
    intent.record.mode = 0644;
    intent.existed = existed;
    for (int server = 0; server < FaultyRing::Servers; ++server)
        intent.targets << ring.at(server).name();
    (*store)->intents.open(intent, state::Durability::Process, nullptr, [] {});
    (*store)->database->close();
    return {};
}

Status TestRecovery::put(FaultyRing &ring, int server, const QByteArray &content)
{
    const HttpResponse stored =
        HttpClient(ring.at(server).url()).upload(FaultyRing::target("file"), content, ring.token());
    if (stored.status == 200)
        return {};
    return Error{Code::BackendAnswer, QString::fromUtf8(stored.text())};
}

void TestRecovery::serversSayWhatHolds_data()
{
    QTest::addColumn<QByteArrayList>("onServers");
    QTest::addColumn<QByteArray>("holds");
    QTest::newRow("nobody got it") << QByteArrayList{Old, Old, Old} << Old;
    QTest::newRow("one has it") << QByteArrayList{Old, New, Old} << New;
    QTest::newRow("only one had the old one") << QByteArrayList{{}, Old, {}} << Old;
    QTest::newRow("two had the old one") << QByteArrayList{Old, Old, {}} << Old;
}

void TestRecovery::serversSayWhatHolds()
{
    QFETCH(QByteArrayList, onServers);
    QFETCH(QByteArray, holds);
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.useServerKey());
    CRING_OK(ring.startRing());
    ring.ring().kill9();
    for (int server = 0; server < FaultyRing::Servers; ++server) {
        if (!onServers[server].isEmpty())
            CRING_OK(put(ring, server, onServers[server]));
    }
    CRING_OK(leaveUpload(ring, New));
    CRING_OK(ring.restartRing());
    holdsInTheEnd(ring, holds);
}

void TestRecovery::whatWasStoredSinceHoldsAfterAPowerCut_data()
{
    QTest::addColumn<QByteArray>("onTheThird");
    QTest::newRow("one server has nothing") << QByteArray();
    QTest::newRow("one server missed what came later") << New;
}

/// An upload was refused or overwritten, and the later one told to be stored: what is left of both is the
/// first one's intent.
void TestRecovery::whatWasStoredSinceHoldsAfterAPowerCut()
{
    QFETCH(QByteArray, onTheThird);
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.useServerKey());
    CRING_OK(ring.startRing());
    ring.ring().kill9();
    for (const int server : {0, 2})
        CRING_OK(put(ring, server, Old));
    if (!onTheThird.isEmpty())
        CRING_OK(put(ring, 1, onTheThird));
    CRING_OK(leaveUpload(ring, New, "file", false));
    QVERIFY(QFile::remove(StateFolder(ring.ring()).path() + QStringLiteral("/lock")));
    CRING_OK(ring.restartRing());
    holdsInTheEnd(ring, Old);
}

void TestRecovery::holdsInTheEnd(FaultyRing &ring, const QByteArray &content)
{
    // Never anything else meanwhile, and that for good.
    HttpResponse response;
    QVERIFY2(spinUntil(
                 [&] {
                     response = ring.get("file");
                     return response.status != 503;
                 },
                 Limit),
             response.text().constData());
    QCOMPARE(response.status, 200);
    QCOMPARE(response.body, content);
    const QByteArray difference = ring.differenceAfter(Limit);
    QVERIFY2(difference.isEmpty(), difference.constData());
    for (int server = 0; server < FaultyRing::Servers; ++server)
        QCOMPARE(ring.onDisk(server, "file"), content);
    QVERIFY(spinUntil(
        [&] { return StateFolder(ring.ring()).number(QStringLiteral("SELECT count(*) FROM owed")) == 0; },
        Limit));
}

/// An upload makes the folder for its file before it stores it.
void TestRecovery::itsFolderIsEverywhere()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.useServerKey());
    CRING_OK(ring.startRing());
    QCOMPARE(ring.upload("other", New).status, 200);
    ring.ring().kill9();
    for (int server = 0; server < 2; ++server) {
        HttpClient direct(ring.at(server).url());
        QCOMPARE(direct.upload(FaultyRing::target("made"), {}, ring.token(), (1U << 31) | 0755).status, 200);
    }
    CRING_OK(leaveUpload(ring, New, "made/file", false));
    CRING_OK(ring.restartRing());
    const QByteArray difference = ring.differenceAfter(Limit);
    QVERIFY2(difference.isEmpty(), difference.constData());
    QVERIFY(ring.names({}).contains(QStringLiteral("made")));
    QCOMPARE(ring.get("made/file").status, 404);
}

QTEST_GUILESS_MAIN(TestRecovery)
#include "tst_recovery.moc"
