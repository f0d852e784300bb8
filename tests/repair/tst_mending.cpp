// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/copymending.h"
#include "core/repair/extraremoval.h"
#include "core/repair/repairjob.h"
#include "core/repair/scrub.h"
#include "core/replica/download.h"
#include "tests/repair/workshop.h"

#include <QTest>

using namespace cring;
using namespace cring::repair;
using namespace cring::test;
using state::Finding;
using state::Members;

/// What a mending may take away from one server, and what it may not.
class TestMending : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void fileInTheWayOfAFolderIsKeptAside();
    void folderInTheWayOfAFileKeepsWhatNobodyDeleted();
    void deletedFolderMakesWayForAFile();
    void whatNobodyDeletedStaysInAFolderThatWasMadeAgain();
    void deletesWaitForTheEndOfAPowerCut();
    void whatAQuorumHasHoldsAfterAPowerCut();
    void whatServersKeptWhileTheyWereAwayIsNoNewerVersion();
    void sourceThatIsShorterThanItsListingIsNone();
    void joinedServersVersionIsKeptAside();
    void returnedServersFolderDeleteTakesNothingUnseen();
    void drainedServerThatLeftGivesItsOnlyCopyWhenItIsBack();
    void onlyOwnersAreCountedForAVersion();
    void whatNobodyHasIsReplacedByNothingOlder_data();
    void whatNobodyHasIsReplacedByNothingOlder();
    void extraCopyStaysWhenTheOwnersChangedMeanwhile();
    void targetIsMarkedBeforeItIsReplaced();
    void sameBytesWithOtherRightsAreMended();
    void readOwesACopyThatFewLack();
    void readOwesNothingWhereAQuorumLacksIt();

private:
    bool isDelivered(int server, const QByteArray &path);
    QString problemOf(int server, const QByteArray &path);
    bool read(const QByteArray &path);
    void setState(int server, Members::State state);

    std::unique_ptr<CharmCluster> m_cluster;
    std::unique_ptr<Workshop> m_shop;
};

namespace {

constexpr int Limit = 20'000;
const QByteArray Good = "what was stored";
const QByteArray Other = "what somebody else has stored";

state::Record folder()
{
    state::Record record;
    record.folder = true;
    record.mode = 0755;
    return record;
}

state::Record deleted()
{
    state::Record record;
    record.deleted = true;
    return record;
}

QDateTime later()
{
    return QDateTime::currentDateTime().addSecs(3600);
}

} // namespace

void TestMending::initTestCase()
{
    m_cluster = std::make_unique<CharmCluster>(4);
    CRING_OK(m_cluster->start());
}

void TestMending::init()
{
    m_shop.reset();
    for (int i = 0; i < m_cluster->size(); ++i)
        QCOMPARE(HttpClient(m_cluster->at(i).url()).remove("/v1/fs/", m_cluster->token()).status, 200);
    m_shop = std::make_unique<Workshop>(*m_cluster);
    m_shop->ring.store->accounts.setImported(m_shop->account);
}

/// It was done once; a second look may be still to come.
bool TestMending::isDelivered(int server, const QByteArray &path)
{
    return spinUntil(
        [&] {
            const auto items = m_shop->delivery.items(m_cluster->at(server).name(), {}, 100);
            return std::none_of(items.begin(), items.end(), [&](const Delivery::Item &item) {
                const bool again = item.problem.contains(QStringLiteral("is looked at again"));
                return item.key == m_shop->key(path) && !again;
            });
        },
        Limit);
}

QString TestMending::problemOf(int server, const QByteArray &path)
{
    QString problem;
    (void)spinUntil(
        [&] {
            const auto items = m_shop->delivery.items(m_cluster->at(server).name(), {}, 100);
            for (const Delivery::Item &item : items) {
                if (item.key == m_shop->key(path))
                    problem = item.problem;
            }
            return !problem.isEmpty();
        },
        Limit);
    return problem;
}

bool TestMending::read(const QByteArray &path)
{
    bool ended = false;
    bool whole = false;
    replica::Download download(m_shop->ring.environment(), m_shop->credentials(), path, "/v1/fs/" + path,
                               replica::Download::Want::File, nullptr);
    const auto end = [&](bool well) {
        ended = true;
        whole = well;
    };
    connect(&download, &replica::Download::completed, this, [&] { end(true); });
    connect(&download, &replica::Download::refused, this, [&] { end(false); });
    connect(&download, &replica::Download::broken, this, [&] { end(false); });
    download.start();
    return spinUntil([&] { return ended; }, Limit) && whole;
}

void TestMending::setState(int server, Members::State state)
{
    Members &members = m_shop->ring.store->members;
    members.setState(members.number(m_cluster->at(server).name()), state);
}

void TestMending::fileInTheWayOfAFolderIsKeptAside()
{
    QVERIFY(m_shop->put(2, "f", Other));
    m_shop->acknowledge("f", folder(), {0, 1, 3});
    m_shop->mark(2, "f", state::Debt::Stale);
    QVERIFY(spinUntil([&] { return QFileInfo(m_shop->diskPath(2, "f")).isDir(); }, Limit));
    QCOMPARE(m_shop->kept(), QByteArrayList{Other});
    // Also one that was put there after the path had been deleted and made again.
    m_shop->acknowledge("g", deleted());
    m_shop->acknowledge("g", folder(), {0, 1, 3});
    QVERIFY(m_shop->put(2, "g", Other + "again"));
    m_shop->mark(2, "g", state::Debt::Stale);
    QVERIFY(spinUntil([&] { return QFileInfo(m_shop->diskPath(2, "g")).isDir(); }, Limit));
    QCOMPARE(m_shop->kept(), (QByteArrayList{Other, Other + "again"}));
}

void TestMending::folderInTheWayOfAFileKeepsWhatNobodyDeleted()
{
    const QList<int> owners = m_shop->placement("f");
    const int lacking = owners[2];
    QVERIFY(m_shop->put(owners[0], "f", Good) && m_shop->put(owners[1], "f", Good));
    QVERIFY(m_shop->put(lacking, "f/theirs", Other));
    m_shop->acknowledge("f", m_shop->recordOf(Good), owners.first(2));
    m_shop->mark(lacking, "f", state::Debt::Stale);
    QVERIFY(problemOf(lacking, "f").contains(QStringLiteral("nobody has deleted")));
    QCOMPARE(m_shop->onDisk(lacking, "f/theirs"), Other);
}

void TestMending::deletedFolderMakesWayForAFile()
{
    const QList<int> owners = m_shop->placement("f");
    const int lacking = owners[2];
    QVERIFY(m_shop->put(lacking, "f/sub/old", Other));
    m_shop->acknowledge("f/sub/old", m_shop->recordOf(Other), {lacking});
    m_shop->acknowledge("f", deleted());
    QVERIFY(m_shop->put(owners[0], "f", Good) && m_shop->put(owners[1], "f", Good));
    m_shop->acknowledge("f", m_shop->recordOf(Good), owners.first(2));
    m_shop->mark(lacking, "f", state::Debt::Stale);
    QVERIFY(spinUntil([&] { return m_shop->onDisk(lacking, "f") == Good; }, Limit));
    QVERIFY(m_shop->kept().isEmpty());
}

void TestMending::whatNobodyDeletedStaysInAFolderThatWasMadeAgain()
{
    QVERIFY(m_shop->put(2, "d/old", Other) && m_shop->put(2, "d/sub/old", Other));
    QVERIFY(m_shop->put(2, "d/unknown", Other)); // deleted with its folder
    QVERIFY(m_shop->setTime(2, "d/unknown", QDateTime::currentDateTime().addSecs(-3600)));
    m_shop->acknowledge("d/old", m_shop->recordOf(Other), {2});
    m_shop->acknowledge("d", deleted());
    m_shop->acknowledge("d", folder(), {0, 1, 3});
    for (const char *path : {"d/stray", "d/sub/stray"}) {
        QVERIFY(m_shop->put(2, path, Other));
        QVERIFY(m_shop->setTime(2, path, later()));
    }
    m_shop->mark(2, "d", state::Debt::Stale);
    QVERIFY(spinUntil([&] { return !m_shop->debt(2, "d"); }, Limit));
    const QStringList left = QDir(m_shop->diskPath(2, "d")).entryList(QDir::Files);
    QCOMPARE(left, QStringList{QStringLiteral("stray")});
    QCOMPARE(QDir(m_shop->diskPath(2, "d/sub")).entryList(QDir::Files), left);

    // Nor does the scrub take it: a person is told, and can have it taken over.
    for (const int server : {0, 1, 3}) {
        QVERIFY(m_shop->put(server, "d/gone", Other));
        QCOMPARE(HttpClient(m_cluster->at(server).url()).remove("/v1/fs/d/gone", m_cluster->token()).status,
                 200);
    }
    Scrub job(m_shop->tools, Scrub::Scope::All, {});
    QVERIFY(!runToEnd(job).isEmpty());
    for (const char *path : {"d/stray", "d/sub/stray"}) {
        const QList<Finding> findings = m_shop->ring.store->findings.at(m_shop->key(path));
        QCOMPARE(findings.size(), 1);
        QCOMPARE(findings.first().kind, Finding::Kind::Unexplained);
        QVERIFY(!m_shop->debt(2, path));
    }
    {
        RepairJob look(m_shop->tools, {m_shop->key("d/stray")}, RepairJob::Wish::Mend);
        (void)runToEnd(look);
        QVERIFY(!m_shop->debt(2, "d/stray"));
    }
    RepairJob adopt(m_shop->tools, {m_shop->key("d/stray")}, RepairJob::Wish::AdoptAnyName);
    QCOMPARE(runToEnd(adopt).value(QStringLiteral("adopted")).toInteger(), 1);
    QCOMPARE(m_shop->onDisk(m_shop->placement("d/stray").first(), "d/stray"), Other);
}

/// What was stored after them lost its record. What a folder that was made again has in it waits, and the
/// folder does not.
void TestMending::deletesWaitForTheEndOfAPowerCut()
{
    state::Catalogue &catalogue = m_shop->ring.catalogue();
    m_shop->acknowledge("f", deleted());
    m_shop->acknowledge("d", deleted());
    m_shop->acknowledge("d", folder(), {0, 1});
    for (const char *path : {"f", "d/f"})
        QVERIFY(m_shop->put(2, path, Good));
    catalogue.doubtAfterPowerCut();
    m_shop->mark(2, "f", state::Debt::Stale);
    m_shop->mark(2, "d", state::Debt::Stale);
    QVERIFY2(problemOf(2, "f").contains(QStringLiteral("power cut")), qPrintable(problemOf(2, "f")));
    QVERIFY(isDelivered(2, "d"));
    for (const char *path : {"f", "d/f"})
        QCOMPARE(m_shop->onDisk(2, path), Good);
    // What is deleted from now on goes.
    QVERIFY(m_shop->put(2, "g", Good));
    m_shop->acknowledge("g", deleted());
    m_shop->mark(2, "g", state::Debt::Stale);
    QVERIFY(spinUntil([&] { return !QFileInfo::exists(m_shop->diskPath(2, "g")); }, Limit));
    QCOMPARE(m_shop->onDisk(2, "f"), Good);
    catalogue.endPowerCut();
    QVERIFY(spinUntil([&] { return !QFileInfo::exists(m_shop->diskPath(2, "f")); }, Limit));
}

/// Also where the last that is known of its copies is a doubt, or a miss.
void TestMending::whatAQuorumHasHoldsAfterAPowerCut()
{
    const QList<int> owners = m_shop->placement("f").first(3);
    for (const int owner : owners)
        QVERIFY(m_shop->put(owner, "f", owner == owners[2] ? Good : Other));
    m_shop->acknowledge("f", m_shop->recordOf(Good), owners);
    m_shop->ring.catalogue().doubtAfterPowerCut();
    m_shop->mark(owners[0], "f", state::Debt::InDoubt);
    m_shop->mark(owners[1], "f", state::Debt::Stale);
    const auto digest = [&] {
        return m_shop->ring.catalogue().find(m_shop->key("f"))->digest;
    };
    QVERIFY(spinUntil([&] { return digest() == m_shop->recordOf(Other).digest; }, Limit));
    QVERIFY(spinUntil([&] { return m_shop->onDisk(owners[2], "f") == Other; }, Limit));
    for (const int owner : owners)
        QCOMPARE(m_shop->onDisk(owner, "f"), Other);
    QCOMPARE(m_shop->kept(), QByteArrayList{Good});
}

/// Two owners were away when it was overwritten: a stand-in has it, and after a power cut they have a voice.
void TestMending::whatServersKeptWhileTheyWereAwayIsNoNewerVersion()
{
    const QList<int> order = m_shop->placement("f");
    for (const int server : order)
        QVERIFY(m_shop->put(server, "f", server == order[0] || server == order[1] ? Other : Good));
    for (const int away : order.first(2))
        QVERIFY(m_shop->setTime(away, "f", QDateTime::currentDateTime().addSecs(-60)));
    m_shop->acknowledge("f", m_shop->recordOf(Good), order.last(2));
    for (const int away : order.first(2))
        m_shop->mark(away, "f", state::Debt::Stale);
    m_shop->ring.catalogue().doubtAfterPowerCut();
    m_shop->delivery.hurry();
    for (const int away : order.first(2))
        QVERIFY(spinUntil([&] { return m_shop->onDisk(away, "f") == Good; }, Limit));
    QCOMPARE(m_shop->ring.catalogue().find(m_shop->key("f"))->digest, m_shop->recordOf(Good).digest);
    QCOMPARE(m_shop->kept(), QByteArrayList());
}

/// Charm ends a file that it cannot read on with an error text, under a 200.
void TestMending::sourceThatIsShorterThanItsListingIsNone()
{
    const QList<int> owners = m_shop->placement("f").first(3);
    QVERIFY(m_shop->put(owners[0], "f", Good) && m_shop->put(owners[1], "f", Other));
    m_shop->delivery.stop();
    FolderTimes times;
    // Before it is read, its listing says less than it gives.
    QFile file(m_shop->diskPath(owners[0], "f"));
    std::optional<FolderTimes::File> listed;
    times.ask(m_shop->ring.environment(), m_shop->backend(owners[0]), m_shop->key("f"), m_shop->credentials(),
              this, [&](const Result<FolderTimes::File> &found) { listed = *found; });
    QVERIFY(spinUntil([&] { return listed.has_value(); }, Limit));
    QCOMPARE(listed->size, Good.size());
    QVERIFY(file.open(QIODevice::Append) && file.write("{\"message\":\"internal error\"}") > 0);
    file.close();
    m_shop->mark(owners[1], "f", state::Debt::InDoubt);
    CopyMending mending(m_shop->ring.environment(), times, m_shop->backend(owners[1]), m_shop->key("f"),
                        m_shop->credentials(), CopyMending::Task::Mend, nullptr);
    std::optional<CopyMending::Result> ended;
    connect(&mending, &CopyMending::finished, this, [&](CopyMending::Result result) { ended = result; });
    mending.start();
    QVERIFY(spinUntil([&] { return ended.has_value(); }, Limit));
    QVERIFY(*ended != CopyMending::Result::Mended);
    QCOMPARE(m_shop->onDisk(owners[1], "f"), Other);
}

void TestMending::joinedServersVersionIsKeptAside()
{
    const QList<int> owners = m_shop->placement("f");
    const int joined = owners[2];
    QVERIFY(m_shop->put(owners[0], "f", Good) && m_shop->put(owners[1], "f", Good));
    QVERIFY(m_shop->put(joined, "f", Other));
    setState(joined, Members::State::Joined);
    m_shop->acknowledge("f", m_shop->recordOf(Good), owners.first(2));
    m_shop->mark(joined, "f", state::Debt::Stale); // as the survey does
    QVERIFY(spinUntil([&] { return m_shop->onDisk(joined, "f") == Good; }, Limit));
    QCOMPARE(m_shop->kept(), QByteArrayList{Other});
}

void TestMending::returnedServersFolderDeleteTakesNothingUnseen()
{
    const QDateTime before = QDateTime::currentDateTime().addSecs(-3600);
    QVERIFY(m_shop->put(2, "d/old", Good) && m_shop->setTime(2, "d/old", before));
    QVERIFY(m_shop->put(2, "d/sub/theirs", Other) && m_shop->setTime(2, "d/sub/theirs", later()));
    m_shop->acknowledge("d/old", m_shop->recordOf(Good), {2});
    const quint64 left = m_shop->ring.catalogue().version();
    m_shop->acknowledge("d", deleted());
    setState(2, Members::State::Returned);
    m_shop->ring.catalogue().oweSince(m_cluster->at(2).name(), left);
    QVERIFY(spinUntil([&] { return !QFileInfo::exists(m_shop->diskPath(2, "d")); }, Limit));
    QCOMPARE(m_shop->kept(), QByteArrayList{Other});
}

void TestMending::drainedServerThatLeftGivesItsOnlyCopyWhenItIsBack()
{
    constexpr int drained = 3;
    QVERIFY(m_shop->put(drained, "f", Good));
    m_shop->acknowledge("f", m_shop->recordOf(Good), {drained});
    setState(drained, Members::State::Draining);
    BareRing &ring = m_shop->ring;
    const config::Server server = ring.config.servers.takeLast();
    const auto build = [&] {
        ring.build();
        m_shop->delivery.setEnvironment(ring.environment());
        m_shop->tools.environment = &ring.environment();
        Scrub job(m_shop->tools, Scrub::Scope::All, {});
        return !runToEnd(job).isEmpty();
    };
    QVERIFY(build());
    const QList<Finding> findings = ring.store->findings.at(m_shop->key("f"));
    QCOMPARE(findings.size(), 1);
    QCOMPARE(findings.first().kind, Finding::Kind::Lost);
    ring.config.servers << server;
    QVERIFY(build());
    QVERIFY(ring.store->findings.at(m_shop->key("f")).isEmpty());
    QVERIFY(spinUntil(
        [&] {
            const QList<int> owners = m_shop->placement("f").first(3);
            return std::all_of(owners.begin(), owners.end(),
                               [&](int owner) { return m_shop->onDisk(owner, "f") == Good; });
        },
        Limit));
}

void TestMending::whatNobodyHasIsReplacedByNothingOlder_data()
{
    QTest::addColumn<bool>("older");
    QTest::newRow("others have replaced it") << false;
    QTest::newRow("an older version is left") << true;
}

/// The owners have the same, nobody has what was stored, and something is held against every copy.
void TestMending::whatNobodyHasIsReplacedByNothingOlder()
{
    QFETCH(bool, older);
    const QList<int> owners = m_shop->placement("f").first(3);
    m_shop->delivery.stop();
    m_shop->acknowledge("f", m_shop->recordOf(Good), owners);
    for (const int server : owners) {
        QVERIFY(m_shop->put(server, "f", Other));
        if (older)
            QVERIFY(m_shop->setTime(server, "f", QDateTime::currentDateTime().addSecs(-3600)));
        m_shop->mark(server, "f", server == owners[0] ? state::Debt::Suspect : state::Debt::Stale);
    }
    FolderTimes times;
    CopyMending mending(m_shop->ring.environment(), times, m_shop->backend(owners[1]), m_shop->key("f"),
                        m_shop->credentials(), CopyMending::Task::Mend, nullptr);
    std::optional<CopyMending::Result> ended;
    connect(&mending, &CopyMending::finished, this, [&](CopyMending::Result result) { ended = result; });
    mending.start();
    QVERIFY(spinUntil([&] { return ended.has_value(); }, Limit));
    QCOMPARE(*ended, older ? CopyMending::Result::NoSource : CopyMending::Result::Adopted);
    const auto record = m_shop->ring.catalogue().find(m_shop->key("f"));
    QCOMPARE(record->digest == m_shop->recordOf(Good).digest, older);
}

/// One owner and a server that is none have the same; nobody has what was stored.
void TestMending::onlyOwnersAreCountedForAVersion()
{
    const QList<int> order = m_shop->placement("f");
    m_shop->delivery.stop();
    QVERIFY(m_shop->put(order[0], "f", Other) && m_shop->put(order[3], "f", Other));
    QVERIFY(m_shop->put(order[1], "f", "another") && m_shop->put(order[2], "f", "a third"));
    m_shop->acknowledge("f", m_shop->recordOf(Good), order.first(3));
    for (const int server : order)
        m_shop->mark(server, "f", state::Debt::InDoubt);
    const quint64 version = m_shop->ring.catalogue().version();
    FolderTimes times;
    CopyMending mending(m_shop->ring.environment(), times, m_shop->backend(order[3]), m_shop->key("f"),
                        m_shop->credentials(), CopyMending::Task::Mend, nullptr);
    std::optional<CopyMending::Result> ended;
    connect(&mending, &CopyMending::finished, this, [&](CopyMending::Result result) { ended = result; });
    mending.start();
    QVERIFY(spinUntil([&] { return ended.has_value(); }, Limit));
    QCOMPARE(*ended, CopyMending::Result::NoSource);
    QCOMPARE(m_shop->ring.catalogue().version(), version);
}

void TestMending::extraCopyStaysWhenTheOwnersChangedMeanwhile()
{
    const QList<int> order = m_shop->placement("f");
    QVERIFY(m_shop->store("f", Good));
    m_shop->delivery.stop();
    m_shop->mark(order[3], "f", state::Debt::Extra);
    replica::PathLocks::Lease lease;
    m_shop->ring.shared.locks.acquire(m_shop->key("f"), this,
                                      [&](replica::PathLocks::Lease taken) { lease = std::move(taken); });
    ExtraRemoval removal(m_shop->ring.environment(), m_shop->backend(order[3]), m_shop->key("f"),
                         m_shop->credentials(), nullptr);
    std::optional<QString> ended;
    connect(&removal, &ExtraRemoval::finished, this, [&](const QString &problem) { ended = problem; });
    removal.start();
    QVERIFY(spinUntil(
        [&] {
            return std::none_of(order.begin(), order.end(), [&](int server) {
                return m_shop->ring.shared.readers.isRead(m_shop->key("f"), m_cluster->at(server).name());
            });
        },
        Limit));
    m_shop->mark(order[0], "f", state::Debt::Suspect);
    lease.release();
    QVERIFY(spinUntil([&] { return ended.has_value(); }, Limit));
    QVERIFY(!ended->isEmpty());
    QCOMPARE(m_shop->onDisk(order[3], "f"), Good);
}

void TestMending::targetIsMarkedBeforeItIsReplaced()
{
    const QList<int> order = m_shop->placement("f");
    QVERIFY(m_shop->store("f", Good));
    QVERIFY(m_shop->put(order[0], "f", Other));
    m_shop->delivery.stop();
    m_shop->mark(order[0], "f", state::Debt::Suspect);
    FolderTimes times;
    CopyMending mending(m_shop->ring.environment(), times, m_shop->backend(order[0]), m_shop->key("f"),
                        m_shop->credentials(), CopyMending::Task::Mend, nullptr);
    QByteArray whenMarked;
    connect(&m_shop->ring.catalogue(), &state::Catalogue::owed, this, [&] {
        if (m_shop->debt(order[0], "f") == state::Debt::Stale)
            whenMarked = m_shop->onDisk(order[0], "f");
    });
    std::optional<CopyMending::Result> ended;
    connect(&mending, &CopyMending::finished, this, [&](CopyMending::Result result) { ended = result; });
    mending.start();
    QVERIFY(spinUntil([&] { return ended.has_value(); }, Limit));
    QCOMPARE(*ended, CopyMending::Result::Mended);
    QCOMPARE(m_shop->onDisk(order[0], "f"), Good);
    QCOMPARE(whenMarked, Other);
}

void TestMending::sameBytesWithOtherRightsAreMended()
{
    QVERIFY(m_shop->store("f", Good));
    const int missed = m_shop->placement("f").first();
    HttpClient direct(m_shop->cluster.at(missed).url());
    QCOMPARE(direct.upload("/v1/fs/f", Good, m_shop->cluster.token(), 0600).status, 200);
    const auto permissions = [&] {
        return QFile::permissions(m_shop->diskPath(missed, "f"));
    };
    QVERIFY(!permissions().testFlag(QFile::ReadOther));
    m_shop->ring.catalogue().mark(m_shop->key("f"), m_shop->cluster.at(missed).name(), state::Debt::InDoubt);
    QVERIFY(spinUntil([&] { return permissions().testFlag(QFile::ReadOther); }, Limit));
    QCOMPARE(m_shop->onDisk(missed, "f"), Good);
}

void TestMending::readOwesACopyThatFewLack()
{
    QVERIFY(m_shop->store("f", Good));
    const int lacking = m_shop->placement("f").first();
    QVERIFY(QFile::remove(m_shop->diskPath(lacking, "f")));
    QVERIFY(spinUntil([&] { return read("f") && m_shop->onDisk(lacking, "f") == Good; }, Limit));
}

void TestMending::readOwesNothingWhereAQuorumLacksIt()
{
    QVERIFY(m_shop->store("f", Good));
    const QList<int> order = m_shop->placement("f");
    for (const int server : order.first(2))
        QVERIFY(QFile::remove(m_shop->diskPath(server, "f")));
    for (int round = 0; round < 10; ++round)
        QVERIFY(read("f"));
    QTest::qWait(500); // Nothing but time can tell that nothing happens.
    for (const int server : order)
        QVERIFY(!m_shop->debt(server, "f"));
    QCOMPARE(m_shop->onDisk(order[2], "f"), Good);
    QVERIFY(m_shop->onDisk(order[0], "f").isNull());
}

QTEST_GUILESS_MAIN(TestMending)
#include "tst_mending.moc"
