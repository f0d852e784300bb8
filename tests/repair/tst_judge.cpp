// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/judge.h"
#include "tests/repair/barering.h"

#include <QTest>

using namespace cring;
using namespace cring::repair;
using cring::test::BareRing;
using replica::Debt;
using state::Finding;
using What = Sight::What;

/// What follows from what the servers show, by the catalogue.
class TestJudge : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void whatIsRightNeedsNothing();
    void oneMissingCopyIsBroughtBack();
    void whatAQuorumHasLostIsToldOnly();
    void aServerThatMissedItIsNoEvidence();
    void emptiedServersAreRefilled();
    void allCopiesGoneIsALoss();
    void anotherSizeIsLookedInto();
    void olderThanTheRecordIsRead();
    void writtenUnseenIsRead();
    void newerRecordsAreNotJudged();
    void lockedPathsAreNotJudged();
    void deletedFilesAreDeletedAgain();
    void deletedFilesAtAQuorumAreKeptAsideFirst();
    void deletedFilesWaitForEveryServer();
    void onlyOwnersMakeAQuorumOfWhatWasDeleted();
    void deletedFolderAtAQuorumTakesNothingAlongUnseen();
    void afterAPowerCutTheDeleteMayBeTheOlder();
    void deletedFolderWithSomethingNewerStays();
    void strayFilesAreUnexplained();
    void whatAQuorumHasIsRead();
    void importingReadsWhateverThereIs();
    void strayFoldersAreUnexplained();
    void foldersOfRecordedFilesAreNoFindings();
    void oldFolderInPlaceOfAFileGoes();
    void foreignFolderInPlaceOfAFileIsTold();
    void handoffsAreExtraOnceAllOwnersHold();
    void otherBytesOfAnUnknownServerAreKeptAside();
    void deepReadsEveryCopy();

private:
    /// `shown` one for each server, owners first: 'F' the file, 'x' one of another size, '0' an empty one,
    /// 'd' a folder, '-' nothing, '~' an emptied server, '?' no answer.
    Sight seen(const ObjectKey &key, const QByteArray &shown) const;
    Verdict judged(const ObjectKey &key, const QByteArray &shown);
    void record(const ObjectKey &key, const QList<int> &holders);
    void recordFolder(const ObjectKey &key);
    void recordDelete(const ObjectKey &key);
    /// By place: 'S'tale, 's'uspect, 'D'iffers, 'E'xtra, '-'.
    QByteArray marks(const ObjectKey &key, const Verdict &verdict) const;
    QString server(const ObjectKey &key, int place) const;

    static constexpr qint64 Size = 100;
    std::unique_ptr<BareRing> m_ring;
    Rules m_rules;
    std::chrono::milliseconds m_modified{0};
};

namespace {

const QByteArray File = "account/folder/file";

QList<Finding::Kind> kinds(const Verdict &verdict)
{
    QList<Finding::Kind> list;
    for (const Finding &finding : verdict.findings)
        list << finding.kind;
    return list;
}

bool isAllWell(const Verdict &verdict)
{
    return verdict.marks.isEmpty() && verdict.findings.isEmpty() && !verdict.inspect;
}

} // namespace

void TestJudge::init()
{
    m_ring = std::make_unique<BareRing>(4);
    m_rules = {};
    m_modified = m_ring->clock.wall();
}

QString TestJudge::server(const ObjectKey &key, int place) const
{
    return m_ring->environment().placement(key).at(place)->id();
}

Sight TestJudge::seen(const ObjectKey &key, const QByteArray &shown) const
{
    Sight sight;
    sight.key = key;
    sight.record = m_ring->catalogue().find(key);
    const QList<health::Backend *> placement = m_ring->environment().placement(key);
    for (int place = 0; place < placement.size(); ++place) {
        const char one = shown.at(place);
        Sight::Copy copy{placement.at(place)};
        copy.what = one == '?'                 ? What::Unheard
                    : one == '-' || one == '~' ? What::Absent
                    : one == 'd'               ? What::Folder
                                               : What::File;
        copy.emptied = one == '~';
        copy.size = one == 'F' ? Size : one == 'x' ? Size + 1 : one == '0' ? 0 : -1;
        copy.modified = m_modified;
        sight.copies << copy;
    }
    return sight;
}

Verdict TestJudge::judged(const ObjectKey &key, const QByteArray &shown)
{
    Rules rules = m_rules;
    if (rules.asOf == 0)
        rules.asOf = m_ring->catalogue().version();
    return Judge(m_ring->environment(), m_ring->store->members, rules).judge(seen(key, shown));
}

void TestJudge::record(const ObjectKey &key, const QList<int> &holders)
{
    state::Record record;
    record.size = Size;
    record.digest = QByteArray(16, 'd');
    QStringList ids;
    for (const int place : holders)
        ids << server(key, place);
    (void)m_ring->catalogue().acknowledge(key, record, ids);
}

void TestJudge::recordFolder(const ObjectKey &key)
{
    state::Record record;
    record.folder = true;
    (void)m_ring->catalogue().acknowledge(key, record, {});
}

void TestJudge::recordDelete(const ObjectKey &key)
{
    state::Record record;
    record.deleted = true;
    (void)m_ring->catalogue().acknowledge(key, record, {});
    for (const health::Backend *backend : m_ring->environment().backends.all())
        m_ring->catalogue().dropCopy(key, backend->id()); // all have carried it out
}

QByteArray TestJudge::marks(const ObjectKey &key, const Verdict &verdict) const
{
    QByteArray text(4, '-');
    for (const Verdict::Mark &mark : verdict.marks) {
        for (int place = 0; place < text.size(); ++place) {
            if (server(key, place) == mark.server)
                text[place] = mark.debt == Debt::Stale     ? 'S'
                              : mark.debt == Debt::Suspect ? 's'
                              : mark.debt == Debt::Differs ? 'D'
                                                           : 'E';
        }
    }
    return text;
}

void TestJudge::whatIsRightNeedsNothing()
{
    record(File, {0, 1, 2});
    QVERIFY(isAllWell(judged(File, "FFF-")));
    QVERIFY(isAllWell(judged(File, "FF?-")));
}

void TestJudge::oneMissingCopyIsBroughtBack()
{
    record(File, {0, 1, 2});
    QCOMPARE(marks(File, judged(File, "FF--")), QByteArray("--s-"));
    QCOMPARE(marks(File, judged(File, "?F--")), QByteArray("--s-"));
    m_ring->catalogue().mark(File, server(File, 2), Debt::Stale);
    QVERIFY(isAllWell(judged(File, "FF--"))); // known already
}

void TestJudge::whatAQuorumHasLostIsToldOnly()
{
    record(File, {0, 1, 2});
    for (const QByteArray &shown : {QByteArray("F---"), QByteArray("?---")}) {
        const Verdict verdict = judged(File, shown);
        QVERIFY(verdict.marks.isEmpty());
        QCOMPARE(kinds(verdict), (QList{Finding::Kind::Absence, Finding::Kind::Absence}));
        QStringList servers{verdict.findings[0].server, verdict.findings[1].server};
        QStringList expected{server(File, 1), server(File, 2)};
        servers.sort();
        expected.sort();
        QCOMPARE(servers, expected);
    }
    // Where nobody has it any more there is nothing to bring back.
    const Verdict verdict = judged(File, "----");
    QVERIFY(verdict.marks.isEmpty());
    QCOMPARE(kinds(verdict), QList{Finding::Kind::Lost});
    QCOMPARE(verdict.findings.first().server, QString());
}

void TestJudge::aServerThatMissedItIsNoEvidence()
{
    record(File, {0, 1});
    m_ring->catalogue().mark(File, server(File, 2), Debt::Stale);
    QCOMPARE(marks(File, judged(File, "F---")), QByteArray("-s--"));
    record(File, {0, 1, 2});
    m_ring->store->members.setState(*m_ring->store->members.find(server(File, 2)),
                                    state::Members::State::Returned);
    QCOMPARE(marks(File, judged(File, "F---")), QByteArray("-ss-"));
}

void TestJudge::emptiedServersAreRefilled()
{
    record(File, {0, 1, 2});
    QCOMPARE(marks(File, judged(File, "FF~-")), QByteArray("--S-"));
    QCOMPARE(marks(File, judged(File, "~F~-")), QByteArray("S-S-"));
    QVERIFY(judged(File, "~F~-").findings.isEmpty());
}

void TestJudge::allCopiesGoneIsALoss()
{
    record(File, {0, 1, 2});
    QCOMPARE(kinds(judged(File, "~~~-")), QList{Finding::Kind::Lost});
    QCOMPARE(kinds(judged(File, "000-")), QList{Finding::Kind::Lost});
    QVERIFY(judged(File, "~~?-").findings.isEmpty());
}

void TestJudge::anotherSizeIsLookedInto()
{
    record(File, {0, 1, 2});
    QCOMPARE(marks(File, judged(File, "FxF-")), QByteArray("-s--"));
    QCOMPARE(marks(File, judged(File, "Fx0-")), QByteArray("-ss-"));
}

void TestJudge::olderThanTheRecordIsRead()
{
    record(File, {0, 1, 2});
    m_modified -= std::chrono::minutes(4);
    QVERIFY(isAllWell(judged(File, "FFF-")));
    m_modified -= std::chrono::minutes(2);
    const Verdict verdict = judged(File, "FFF-");
    QVERIFY(verdict.inspect);
    QCOMPARE(verdict.looks.size(), 3);
}

void TestJudge::writtenUnseenIsRead()
{
    record(File, {0, 1, 2});
    m_rules.unseenTo = m_ring->clock.wall() + std::chrono::hours(1);
    m_rules.unseenFrom = m_ring->clock.wall() + std::chrono::minutes(30);
    QVERIFY(isAllWell(judged(File, "FFF-")));
    m_modified += std::chrono::minutes(40);
    QCOMPARE(judged(File, "FFF-").looks.size(), 3);
    m_modified += std::chrono::hours(1);
    QVERIFY(isAllWell(judged(File, "FFF-")));
}

void TestJudge::newerRecordsAreNotJudged()
{
    record("account/before", {0, 1, 2});
    m_rules.asOf = m_ring->catalogue().version();
    record(File, {0, 1, 2});
    QVERIFY(judged(File, "FF--").unsettled);
    QVERIFY(isAllWell(judged(File, "FF--")));
}

void TestJudge::lockedPathsAreNotJudged()
{
    record(File, {0, 1, 2});
    replica::PathLocks::Lease lease;
    m_ring->shared.locks.acquire(File, this,
                                 [&](replica::PathLocks::Lease taken) { lease = std::move(taken); });
    QVERIFY(judged(File, "FF--").unsettled);
    lease.release();
    QVERIFY(!judged(File, "FF--").unsettled);
}

void TestJudge::deletedFilesAreDeletedAgain()
{
    record(File, {0, 1, 2});
    recordDelete("account/folder");
    QCOMPARE(marks(File, judged(File, "F---")), QByteArray("S---"));
    QCOMPARE(marks(File, judged(File, "---F")), QByteArray("---S"));
    QVERIFY(isAllWell(judged(File, "----")));
    m_ring->catalogue().mark("account/folder", server(File, 0), Debt::Stale);
    QVERIFY(isAllWell(judged(File, "F---"))); // goes with the folder
}

void TestJudge::deletedFilesAtAQuorumAreKeptAsideFirst()
{
    record(File, {0, 1, 2});
    recordDelete(File);
    QCOMPARE(marks(File, judged(File, "FF--")), QByteArray("DD--"));
    QCOMPARE(marks(File, judged(File, "F0--")), QByteArray("DS--"));
}

/// The one that is not heard may be the one that makes a quorum.
void TestJudge::deletedFilesWaitForEveryServer()
{
    record(File, {0, 1, 2});
    recordDelete(File);
    for (const QByteArray &shown : {QByteArray("F?--"), QByteArray("FF?-"), QByteArray("F--?")}) {
        const Verdict verdict = judged(File, shown);
        QVERIFY2(verdict.marks.isEmpty() && verdict.findings.isEmpty(), shown.constData());
    }
}

void TestJudge::onlyOwnersMakeAQuorumOfWhatWasDeleted()
{
    record(File, {0, 1, 2});
    recordDelete(File);
    QCOMPARE(marks(File, judged(File, "F--F")), QByteArray("S--S"));
    QCOMPARE(marks(File, judged(File, "FF-F")), QByteArray("DD-D"));
}

void TestJudge::deletedFolderAtAQuorumTakesNothingAlongUnseen()
{
    recordDelete("account/folder");
    QCOMPARE(marks("account/folder", judged("account/folder", "dd--")), QByteArray("----"));
    QCOMPARE(marks("account/folder", judged("account/folder", "d?--")), QByteArray("----"));
    QCOMPARE(marks(File, judged(File, "FF--")), QByteArray("DD--"));
}

void TestJudge::afterAPowerCutTheDeleteMayBeTheOlder()
{
    record(File, {0, 1, 2});
    recordDelete(File);
    recordDelete("account/folder");
    m_rules.powerCutAt = m_ring->catalogue().version();
    const Verdict verdict = judged(File, "FF?-");
    QVERIFY(verdict.inspect && verdict.marks.isEmpty());
    QCOMPARE(verdict.looks.size(), 2);
    QVERIFY(judged("account/folder", "dd-d").inspect);
    QCOMPARE(marks(File, judged(File, "F---")), QByteArray("D---"));
    m_modified -= std::chrono::minutes(6); // it has only come back
    QCOMPARE(marks(File, judged(File, "FF--")), QByteArray("DD--"));
    QCOMPARE(marks(File, judged(File, "F---")), QByteArray("S---"));
    QVERIFY(!judged("account/folder", "dd-d").inspect);
    m_modified += std::chrono::minutes(6);
    recordDelete(File); // since then
    QCOMPARE(marks(File, judged(File, "FF--")), QByteArray("DD--"));
}

void TestJudge::deletedFolderWithSomethingNewerStays()
{
    recordDelete("account/folder");
    QCOMPARE(marks("account/folder", judged("account/folder", "d---")), QByteArray("S---"));
    record(File, {0, 1, 2});
    QVERIFY(isAllWell(judged("account/folder", "dddd")));
}

void TestJudge::strayFilesAreUnexplained()
{
    const Verdict verdict = judged(File, "F---");
    QVERIFY(verdict.marks.isEmpty() && !verdict.inspect);
    QCOMPARE(kinds(verdict), QList{Finding::Kind::Unexplained});
    QCOMPARE(verdict.findings.first().server, server(File, 0));
    QCOMPARE(verdict.findings.first().size, Size);
    QCOMPARE(judged(File, "Fx--").findings.size(), 2);
    QVERIFY(!judged(File, "---F").inspect);
}

void TestJudge::whatAQuorumHasIsRead()
{
    const Verdict verdict = judged(File, "FF-F");
    QVERIFY(verdict.inspect);
    QCOMPARE(verdict.looks.size(), 3);
    QVERIFY(verdict.findings.isEmpty());
    m_ring->catalogue().mark(File, server(File, 0), Debt::InDoubt);
    QVERIFY(judged(File, "FF--").unsettled); // an upload, for one
}

void TestJudge::importingReadsWhateverThereIs()
{
    m_rules.importing = true;
    QCOMPARE(judged(File, "F---").looks.size(), 1);
    QCOMPARE(judged(File, "Fx0-").looks.size(), 3);
    QVERIFY(judged("account/folder", "--d-").inspect);
    QCOMPARE(kinds(judged(File, "Fd--")), (QList{Finding::Kind::OtherKind, Finding::Kind::OtherKind}));
}

void TestJudge::strayFoldersAreUnexplained()
{
    QCOMPARE(kinds(judged("account/folder", "d---")), QList{Finding::Kind::Unexplained});
    QVERIFY(judged("account/folder", "ddd-").inspect);
}

void TestJudge::foldersOfRecordedFilesAreNoFindings()
{
    record(File, {0, 1, 2});
    QVERIFY(isAllWell(judged("account/folder", "dd--")));
}

void TestJudge::oldFolderInPlaceOfAFileGoes()
{
    recordFolder(File);
    recordDelete(File);
    record(File, {0, 1});
    QCOMPARE(marks(File, judged(File, "FFd-")), QByteArray("--S-"));
    recordDelete(File);
    recordFolder(File);
    QCOMPARE(marks(File, judged(File, "dddF")), QByteArray("---S"));
}

void TestJudge::foreignFolderInPlaceOfAFileIsTold()
{
    record(File, {0, 1, 2});
    const Verdict verdict = judged(File, "FFd-");
    QVERIFY(verdict.marks.isEmpty());
    QCOMPARE(kinds(verdict), QList{Finding::Kind::OtherKind});
}

void TestJudge::handoffsAreExtraOnceAllOwnersHold()
{
    record(File, {0, 1, 3});
    QCOMPARE(marks(File, judged(File, "FF-F")), QByteArray("----")); // others move it to where it belongs
    QCOMPARE(marks(File, judged(File, "F--F")), QByteArray("-sS-"));
    m_ring->catalogue().clear(File, server(File, 2));
    QCOMPARE(marks(File, judged(File, "FFFF")), QByteArray("---E"));
    QCOMPARE(judged(File, "FFF-").dropped, QList{server(File, 3)});
}

void TestJudge::otherBytesOfAnUnknownServerAreKeptAside()
{
    record(File, {0, 1, 2});
    m_ring->store->members.setState(*m_ring->store->members.find(server(File, 1)),
                                    state::Members::State::Joined);
    QCOMPARE(marks(File, judged(File, "FxF-")), QByteArray("-D--"));
    QCOMPARE(marks(File, judged(File, "F0F-")), QByteArray("-S--"));
    QCOMPARE(marks(File, judged(File, "FFFx")), QByteArray("---D"));
    const QByteArray other = "account/other";
    m_ring->store->members.setState(*m_ring->store->members.find(server(other, 0)),
                                    state::Members::State::Joined);
    QCOMPARE(judged(other, "F---").looks.size(), 1); // nobody else can have an opinion on it
}

void TestJudge::deepReadsEveryCopy()
{
    record(File, {0, 1, 2});
    m_rules.deep = true;
    QCOMPARE(judged(File, "FFF-").looks.size(), 3);
    const Verdict verdict = judged(File, "FxF-");
    QCOMPARE(verdict.looks.size(), 2);
    QCOMPARE(marks(File, verdict), QByteArray("-s--"));
    QCOMPARE(kinds(verdict), QList{Finding::Kind::Damage});
}

QTEST_GUILESS_MAIN(TestJudge)
#include "tst_judge.moc"
