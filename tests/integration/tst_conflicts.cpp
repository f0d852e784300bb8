// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/localring.h"
#include "tests/support/spin.h"

#include <QTest>

using namespace cring;
using namespace cring::test;
using service::Upkeep;

/// Somebody writes to the servers past the ring: what a quorum has holds, what another server has is kept
/// aside before it is written over, and a person can have it back.
class TestConflicts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void olderVersionIsKeptAndCanBeChosen();
    void chosenVersionReplacesNothingThatIsNotKept();
    void deletedFileComesBackByChoice();
    void nothingIsWrittenOverWhenThereIsNoRoom();
    void keptVersionsOutliveTheRing();
    void choiceThatCannotBeMadeChangesNothing();
};

namespace {

constexpr int Limit = 20'000;
const QList<int> All = {0, 1, 2};
const QByteArray Old = QByteArray("the version that the ring stored. ").repeated(2'000);
const QByteArray New = QByteArray("what somebody wrote past the ring. ").repeated(2'500);

bool isEverywhere(LocalRing &ring, const QByteArray &bytes)
{
    return spinUntil(
        [&] {
            return std::all_of(All.begin(), All.end(),
                               [&](int server) { return ring.onDisk(server, "file") == bytes; });
        },
        Limit);
}

/// Old is stored, and two of three servers have New instead; somebody reads.
void writePast(LocalRing &ring)
{
    QCOMPARE(ring.upload("file", Old, 0640).status, 200);
    QVERIFY(isEverywhere(ring, Old));
    // Until then what servers have is kept aside, however many have it.
    QVERIFY(spinUntil([&] { return ring.store().accounts.isImported(ring.cluster().charmId().toLatin1()); },
                      Limit));
    for (const int server : {0, 1})
        QCOMPARE(ring.uploadTo(server, "file", New).status, 200);
    QVERIFY(spinUntil([&] { return ring.get("file").body == New; }, Limit));
}

QList<state::Conflicts::Version> keptVersions(LocalRing &ring)
{
    const QList<Upkeep::Conflict> list = ring.upkeep().conflicts({}, 10);
    return list.isEmpty() ? QList<state::Conflicts::Version>() : list.first().kept;
}

Status choose(LocalRing &ring, quint64 id)
{
    std::optional<Status> status;
    QObject context;
    ring.upkeep().choose(id, &context, [&](const Status &result) { status = result; });
    (void)spinUntil([&] { return status.has_value(); }, Limit);
    return status.value_or(Error{Code::ControlTimeout, QStringLiteral("no answer")});
}

} // namespace

void TestConflicts::olderVersionIsKeptAndCanBeChosen()
{
    LocalRing ring(3);
    CRING_OK(ring.start(All));
    writePast(ring);
    QVERIFY(isEverywhere(ring, New));
    QList<Upkeep::Conflict> list = ring.upkeep().conflicts({}, 10);
    QCOMPARE(list.size(), 1);
    QCOMPARE(list[0].key, ring.cluster().charmId().toLatin1() + "/file");
    QVERIFY(list[0].current && list[0].current->size == New.size());
    QCOMPARE(list[0].kept.size(), 1);
    const state::Conflicts::Version old = list[0].kept[0];
    QCOMPARE(old.size, Old.size());
    QCOMPARE(old.mode, 0640u);
    QCOMPARE(old.server, ring.at(2).name());
    QVERIFY(old.since > 0);
    QCOMPARE(ring.get("file").body, New);

    CRING_OK(choose(ring, old.id));
    QCOMPARE(ring.get("file").body, Old);
    QVERIFY(isEverywhere(ring, Old));
    // What held before is kept in its turn.
    const auto kept = keptVersions(ring);
    QCOMPARE(kept.size(), 1);
    QCOMPARE(kept[0].size, New.size());
    QCOMPARE(choose(ring, old.id).error().code, Code::NotFound);
    CRING_OK(choose(ring, kept[0].id));
    QVERIFY(isEverywhere(ring, New));
    const auto again = keptVersions(ring);
    QCOMPARE(again.size(), 1);
    QCOMPARE(again[0].size, Old.size());

    std::optional<Status> discarded;
    QObject context;
    ring.upkeep().discard(again[0].id, &context, [&](const Status &result) { discarded = result; });
    QVERIFY(spinUntil([&] { return discarded.has_value(); }, Limit));
    CRING_OK(*discarded);
    QVERIFY(ring.upkeep().conflicts({}, 10).isEmpty());
    QCOMPARE(ring.get("file").body, New);
}

/// Somebody writes through the ring while the choice is made: their version is kept too, or holds.
void TestConflicts::chosenVersionReplacesNothingThatIsNotKept()
{
    LocalRing ring(3);
    CRING_OK(ring.start(All));
    writePast(ring);
    QVERIFY(isEverywhere(ring, New));
    const quint64 id = keptVersions(ring).first().id;
    std::optional<Status> status;
    QObject context;
    ring.upkeep().choose(id, &context, [&](const Status &result) { status = result; });
    QByteArrayList written;
    while (!status && written.size() < 200) {
        const QByteArray bytes = "meanwhile " + QByteArray::number(written.size());
        QCOMPARE(ring.upload("file", bytes).status, 200);
        written << bytes;
    }
    QVERIFY(spinUntil([&] { return status.has_value(); }, Limit));
    const auto kept = keptVersions(ring);
    const QByteArray now = ring.get("file").body;
    if (*status) {
        // The one that was replaced by the choice: the last before it, or the one it was made after.
        QVERIFY(std::any_of(kept.begin(), kept.end(), [](const auto &version) {
            return version.size < 1'000 || version.size == New.size();
        }));
        QVERIFY(now == Old || now == written.last());
    } else {
        QCOMPARE(status->error().code, Code::FileChanged);
        QCOMPARE(now, written.last());
        QVERIFY(std::any_of(kept.begin(), kept.end(), [&](const auto &version) { return version.id == id; }));
    }
}

void TestConflicts::deletedFileComesBackByChoice()
{
    LocalRing ring(3);
    CRING_OK(ring.start(All));
    writePast(ring);
    QVERIFY(isEverywhere(ring, New));
    QCOMPARE(ring.client().remove("/v1/fs/file", ring.token()).status, 200);
    QCOMPARE(ring.get("file").status, 404);
    CRING_OK(choose(ring, keptVersions(ring).first().id));
    QCOMPARE(ring.get("file").body, Old);
    QVERIFY(isEverywhere(ring, Old));
    QVERIFY(ring.upkeep().conflicts({}, 10).isEmpty());
}

void TestConflicts::nothingIsWrittenOverWhenThereIsNoRoom()
{
    LocalRing ring(3);
    ring.config().repair.conflictBytes = Old.size() - 1;
    CRING_OK(ring.start(All));
    writePast(ring);
    const QString third = ring.at(2).name();
    const state::ObjectKey key = ring.cluster().charmId().toLatin1() + "/file";
    // It has been tried, and stays as it is.
    QVERIFY(!spinUntil([&] { return ring.onDisk(2, "file") != Old; }, 3'000));
    QCOMPARE(ring.store().catalogue.debt(key, third)->debt, state::Debt::Differs);
    QVERIFY(ring.upkeep().conflicts({}, 10).isEmpty());
    QCOMPARE(ring.get("file").body, New);
    ring.config().repair.conflictBytes = Old.size();
    CRING_OK(ring.reload());
    QVERIFY(isEverywhere(ring, New));
    QCOMPARE(keptVersions(ring).size(), 1);
}

void TestConflicts::keptVersionsOutliveTheRing()
{
    LocalRing ring(3);
    CRING_OK(ring.start(All));
    writePast(ring);
    QVERIFY(isEverywhere(ring, New));
    const auto before = keptVersions(ring);
    CRING_OK(ring.restart());
    QCOMPARE(ring.get("file").body, New);
    const auto after = keptVersions(ring);
    QCOMPARE(after.size(), 1);
    QCOMPARE(after[0].id, before[0].id);
    CRING_OK(choose(ring, after[0].id));
    QCOMPARE(ring.get("file").body, Old);
}

void TestConflicts::choiceThatCannotBeMadeChangesNothing()
{
    LocalRing ring(3);
    CRING_OK(ring.start(All));
    writePast(ring);
    QVERIFY(isEverywhere(ring, New));
    const quint64 id = keptVersions(ring).first().id;
    ring.at(0).kill9();
    ring.at(1).kill9();
    const Status refused = choose(ring, id);
    QVERIFY(!refused.ok());
    QCOMPARE(refused.error().code, Code::NoQuorum);
    QCOMPARE(ring.onDisk(2, "file"), New);
    CRING_OK(ring.at(0).start());
    CRING_OK(ring.at(1).start());
    QVERIFY(spinUntil([&] { return ring.get("file").body == New; }, Limit));
    Status chosen;
    QVERIFY(spinUntil(
        [&] {
            chosen = choose(ring, id);
            return chosen.ok();
        },
        Limit));
    QVERIFY(isEverywhere(ring, Old));
    // The one that held is kept once, however often it was tried.
    QCOMPARE(keptVersions(ring).size(), 1);
}

QTEST_GUILESS_MAIN(TestConflicts)
#include "tst_conflicts.moc"
