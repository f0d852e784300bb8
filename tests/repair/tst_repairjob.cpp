// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/repairjob.h"
#include "tests/repair/workshop.h"

#include <QDir>
#include <QJsonArray>
#include <QTest>

using namespace cring;
using namespace cring::repair;
using namespace cring::test;
using state::Finding;

/// A repair that a person asks for, with real servers.
class TestRepairJob : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void putsEverythingRight();
    void touchesOnlyWhatItWasAskedFor();
    void takesWhatLiesBelowAFolder();
    void bringsBackWhatAQuorumHasLost();
    void tellsStrayFilesAndLeavesThem();
    void adoptsStrayFilesWhenItIsTold();
    void adoptsNothingOfSeveralVersions();
    void doesNotWaitForAServerThatIsDown();
    void saysWhichServersItCouldNotAsk();
    void saysWhichPathsNobodyKnows();
    void endsWhenItIsCancelled();
    void leavesWhatIsLookedAtAgainInDoubt();
    void doesNotWaitForTheEndOfAPowerCut();
    void saysWhichAccountsItCouldNotEnter();
    void pathsNeedAnAccountWhenThereAreSeveral();
    void takesNoPathThatNothingCanHave();

private:
    QJsonObject repair(const QByteArrayList &paths, bool adopt = false);

    std::unique_ptr<CharmCluster> m_cluster;
    std::unique_ptr<Workshop> m_shop;
};

namespace {

constexpr int Limit = 20'000;
const QByteArray Good = "what was stored";
const QByteArray Bad = "what was stoned";

qint64 count(const QJsonObject &summary, const char *name)
{
    return summary.value(QLatin1String(name)).toInteger();
}

} // namespace

void TestRepairJob::initTestCase()
{
    m_cluster = std::make_unique<CharmCluster>(3);
    CRING_OK(m_cluster->start());
}

void TestRepairJob::init()
{
    m_shop.reset();
    for (int i = 0; i < m_cluster->size(); ++i) {
        if (!m_cluster->at(i).isRunning())
            CRING_OK(m_cluster->at(i).start());
        QCOMPARE(HttpClient(m_cluster->at(i).url()).remove("/v1/fs/", m_cluster->token()).status, 200);
    }
    m_shop = std::make_unique<Workshop>(*m_cluster);
}

QJsonObject TestRepairJob::repair(const QByteArrayList &paths, bool adopt)
{
    QJsonArray keys;
    for (const QByteArray &path : paths)
        keys.append(QString::fromLatin1(m_shop->key(path)));
    const auto roots = RepairJob::rootsOf({{QStringLiteral("paths"), keys}}, m_shop->ring.store->accounts);
    if (!roots)
        return {};
    RepairJob job(m_shop->tools, *roots, adopt);
    return runToEnd(job);
}

void TestRepairJob::putsEverythingRight()
{
    for (const char *path : {"right", "flipped", "absent"})
        QVERIFY(m_shop->store(path, Good));
    QVERIFY(m_shop->put(1, "flipped", Bad));
    QVERIFY(QFile::remove(m_shop->diskPath(2, "absent")));
    const QJsonObject summary = repair({});
    QCOMPARE(count(summary, "checked"), 3);
    QCOMPARE(count(summary, "repaired"), 2);
    QCOMPARE(count(summary, "findings"), 0);
    for (int server = 0; server < 3; ++server) {
        for (const char *path : {"right", "flipped", "absent"})
            QCOMPARE(m_shop->onDisk(server, path), Good);
    }
    QCOMPARE(m_shop->ring.store->findings.count(), 0);
}

void TestRepairJob::touchesOnlyWhatItWasAskedFor()
{
    for (const char *path : {"one", "two"}) {
        QVERIFY(m_shop->store(path, Good));
        QVERIFY(m_shop->put(1, path, Bad));
    }
    QCOMPARE(count(repair({"one"}), "repaired"), 1);
    QCOMPARE(m_shop->onDisk(1, "one"), Good);
    QCOMPARE(m_shop->onDisk(1, "two"), Bad);
}

void TestRepairJob::takesWhatLiesBelowAFolder()
{
    for (const char *path : {"d/one", "d/e/two", "d-three"}) {
        QVERIFY(m_shop->store(path, Good));
        QVERIFY(m_shop->put(2, path, Bad));
    }
    QCOMPARE(count(repair({"d", "d/e"}), "repaired"), 2);
    QCOMPARE(m_shop->onDisk(2, "d/one"), Good);
    QCOMPARE(m_shop->onDisk(2, "d/e/two"), Good);
    QCOMPARE(m_shop->onDisk(2, "d-three"), Bad);
}

void TestRepairJob::bringsBackWhatAQuorumHasLost()
{
    QVERIFY(m_shop->store("file", Good));
    for (const int server : {0, 1})
        QVERIFY(QFile::remove(m_shop->diskPath(server, "file")));
    QCOMPARE(count(repair({"file"}), "repaired"), 2);
    for (int server = 0; server < 3; ++server)
        QCOMPARE(m_shop->onDisk(server, "file"), Good);
}

void TestRepairJob::tellsStrayFilesAndLeavesThem()
{
    QVERIFY(m_shop->put(1, "stray", Good));
    const QJsonObject summary = repair({"stray"});
    QCOMPARE(count(summary, "adopted"), 0);
    QCOMPARE(m_shop->ring.store->findings.count(Finding::Kind::Unexplained), 1);
    QCOMPARE(m_shop->onDisk(1, "stray"), Good);
    QVERIFY(m_shop->onDisk(0, "stray").isNull());
}

void TestRepairJob::adoptsStrayFilesWhenItIsTold()
{
    QVERIFY(m_shop->put(1, "stray", Good));
    m_shop->ring.store->findings.report(
        {0, Finding::Kind::Unexplained, m_shop->key("stray"), m_cluster->at(1).name(), -1, {}, 0, 0});
    const QJsonObject summary = repair({}, true);
    QCOMPARE(count(summary, "adopted"), 1);
    QCOMPARE(count(summary, "repaired"), 2);
    for (int server = 0; server < 3; ++server)
        QCOMPARE(m_shop->onDisk(server, "stray"), Good);
    QVERIFY(m_shop->ring.catalogue().find(m_shop->key("stray")));
    QCOMPARE(m_shop->ring.store->findings.count(), 0);
}

void TestRepairJob::adoptsNothingOfSeveralVersions()
{
    QVERIFY(m_shop->put(1, "stray", Good));
    QVERIFY(m_shop->put(2, "stray", Bad));
    QCOMPARE(count(repair({"stray"}, true), "adopted"), 0);
    QCOMPARE(m_shop->onDisk(1, "stray"), Good);
    QCOMPARE(m_shop->onDisk(2, "stray"), Bad);
    QCOMPARE(m_shop->ring.store->findings.count(Finding::Kind::Conflict), 2);
}

void TestRepairJob::doesNotWaitForAServerThatIsDown()
{
    QVERIFY(m_shop->store("file", Good));
    QVERIFY(m_shop->put(0, "file", Bad));
    m_shop->ring.catalogue().mark(m_shop->key("file"), m_cluster->at(2).name(), state::Debt::Stale);
    health::Backend::Health down;
    down.state = health::Backend::State::Down;
    m_shop->ring.environment().backends.all().at(2)->setHealth(down);
    const QJsonObject summary = repair({"file"});
    QCOMPARE(count(summary, "repaired"), 1);
    QCOMPARE(m_shop->onDisk(0, "file"), Good);
}

/// A late write could still land on a copy that is read.
void TestRepairJob::leavesWhatIsLookedAtAgainInDoubt()
{
    QVERIFY(m_shop->store("file", Good));
    m_shop->mark(0, "file", state::Debt::InDoubt);
    const auto isToBeSeenAgain = [this] {
        const auto items = m_shop->delivery.items(m_cluster->at(0).name(), {}, 1);
        return items.size() == 1 && items.first().problem.contains(QStringLiteral("is looked at again"));
    };
    QVERIFY(spinUntil(isToBeSeenAgain, Limit));
    QVERIFY(m_shop->store("other", Good));
    QVERIFY(!repair({"other"}).isEmpty());
    QVERIFY(isToBeSeenAgain());
    QCOMPARE(m_shop->debt(0, "file"), state::Debt::InDoubt);
}

void TestRepairJob::doesNotWaitForTheEndOfAPowerCut()
{
    state::Record deleted;
    deleted.deleted = true;
    m_shop->acknowledge("file", deleted);
    QVERIFY(m_shop->put(0, "file", Good));
    m_shop->ring.store->accounts.setImported(m_shop->account);
    m_shop->ring.catalogue().doubtAfterPowerCut();
    const QJsonObject summary = repair({"file"});
    QVERIFY(!summary.isEmpty());
    QCOMPARE(count(summary, "left"), 1);
    QCOMPARE(m_shop->onDisk(0, "file"), Good);
}

void TestRepairJob::saysWhichServersItCouldNotAsk()
{
    QVERIFY(m_shop->store("file", Good));
    QVERIFY(repair({"file"}).value(QStringLiteral("unheard")).toObject().isEmpty());
    health::Backend::Health down;
    down.state = health::Backend::State::Down;
    down.reason = QStringLiteral("refused the connection");
    health::Backend &backend = *m_shop->ring.environment().backends.all().at(2);
    backend.setHealth(down);
    const QJsonObject expected{{backend.name(), backend.unusableReason()}};
    for (const QByteArrayList &paths : {QByteArrayList{}, QByteArrayList{"file"}, QByteArrayList{"nosuch"}}) {
        const QJsonObject summary = repair(paths);
        QCOMPARE(summary.value(QStringLiteral("unheard")).toObject(), expected);
        // It may have it.
        QVERIFY(summary.value(QStringLiteral("notFound")).toArray().isEmpty());
    }
}

void TestRepairJob::saysWhichPathsNobodyKnows()
{
    const auto notFound = [this](const QByteArrayList &paths, bool adopt = false) {
        QByteArrayList list;
        const QJsonArray keys = repair(paths, adopt).value(QStringLiteral("notFound")).toArray();
        for (const QJsonValue key : keys)
            list << key.toString().toLatin1();
        return list;
    };
    QVERIFY(m_shop->store("d/file", Good));
    QVERIFY(m_shop->put(1, "stray", Good));
    QVERIFY(m_shop->put(1, "empty", {}));
    QVERIFY(QDir().mkpath(m_shop->diskPath(1, "folder")));
    QCOMPARE(notFound({"nosuch"}), QByteArrayList{m_shop->key("nosuch")});
    QCOMPARE(notFound({"d/nosuch", "d/file"}), QByteArrayList{m_shop->key("d/nosuch")});
    for (const char *path : {"d", "d/file", "stray", "empty", "folder"})
        QCOMPARE(notFound({path}), QByteArrayList());
    QCOMPARE(notFound({"nosuch"}, true), QByteArrayList{m_shop->key("nosuch")});
    QCOMPARE(notFound({"stray"}, true), QByteArrayList());
}

void TestRepairJob::endsWhenItIsCancelled()
{
    for (int i = 0; i < 20; ++i)
        QVERIFY(m_shop->store("file" + QByteArray::number(i), Good));
    m_shop->throttle.setRates({1, 0});
    RepairJob job(m_shop->tools, {}, false);
    QObject::connect(&job, &Job::progressed, &job, [&job] { job.cancel(); });
    const QJsonObject summary = runToEnd(job);
    QVERIFY(count(summary, "checked") > 0 && count(summary, "checked") < 20);
}

void TestRepairJob::saysWhichAccountsItCouldNotEnter()
{
    QVERIFY(m_shop->store("file", Good));
    m_shop->tokens.closed = true;
    const QJsonObject summary = repair({});
    QCOMPARE(summary.value(QStringLiteral("skipped")).toObject().keys(), QStringList{m_cluster->charmId()});
    QCOMPARE(count(summary, "checked"), 0);
}

void TestRepairJob::pathsNeedAnAccountWhenThereAreSeveral()
{
    auto &accounts = m_shop->ring.store->accounts;
    const auto roots = [&](const QByteArray &path) {
        const QJsonArray paths{QString::fromLatin1(path)};
        return RepairJob::rootsOf({{QStringLiteral("paths"), paths}}, accounts);
    };
    const std::set<state::ObjectKey> expected{m_shop->key("d/f")};
    QVERIFY(*roots("d/f") == expected);
    QVERIFY(*roots(m_shop->key("d/f")) == expected);
    accounts.see("another");
    QVERIFY(*roots(m_shop->key("d/f")) == expected);
    QCOMPARE(roots("d/f").error().code, Code::ControlBadParams);
}

void TestRepairJob::takesNoPathThatNothingCanHave()
{
    for (const char *path : {"", "/", "../../../etc/passwd", "a/../b", "a//b", "."}) {
        const QJsonArray paths{QString::fromLatin1(path)};
        const auto roots =
            RepairJob::rootsOf({{QStringLiteral("paths"), paths}}, m_shop->ring.store->accounts);
        QVERIFY2(!roots, path);
        QCOMPARE(roots.error().code, Code::NotFound);
    }
}

QTEST_GUILESS_MAIN(TestRepairJob)
#include "tst_repairjob.moc"
