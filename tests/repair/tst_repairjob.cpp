// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/repairjob.h"
#include "core/repair/scrub.h"
#include "tests/repair/workshop.h"

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
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
    void adoptsNoNameThatNobodyCanRead();
    void forgetsWhatIsGone();
    void keepsAsideWhatItForgets();
    void doesNotForgetWhatIsThere();
    void endsANameThatNobodyCanRead();
    void forgetsOnlyWhatIsNamed();
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
    using Wish = RepairJob::Wish;
    QJsonObject repair(const QByteArrayList &paths, Wish wish = Wish::Mend);
    void reportStray(const QByteArray &path);

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

QJsonObject TestRepairJob::repair(const QByteArrayList &paths, Wish wish)
{
    QJsonArray keys;
    for (const QByteArray &path : paths)
        keys.append(QString::fromLatin1(m_shop->key(path)));
    const auto roots = RepairJob::rootsOf({{QStringLiteral("paths"), keys}}, m_shop->ring.store->accounts);
    if (!roots)
        return {};
    RepairJob job(m_shop->tools, *roots, wish);
    return runToEnd(job);
}

void TestRepairJob::reportStray(const QByteArray &path)
{
    m_shop->ring.store->findings.report(
        {0, Finding::Kind::Unexplained, m_shop->key(path), m_cluster->at(1).name(), -1, {}, 0, 0});
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
    QVERIFY(m_shop->put(1, "57a4", Good));
    reportStray("57a4");
    const QJsonObject summary = repair({}, Wish::Adopt);
    QCOMPARE(count(summary, "adopted"), 1);
    QCOMPARE(count(summary, "repaired"), 2);
    for (int server = 0; server < 3; ++server)
        QCOMPARE(m_shop->onDisk(server, "57a4"), Good);
    QVERIFY(m_shop->ring.catalogue().find(m_shop->key("57a4")));
    QCOMPARE(m_shop->ring.store->findings.count(), 0);
}

/// One of them, and a client's whole listing fails.
void TestRepairJob::adoptsNoNameThatNobodyCanRead()
{
    for (const char *name : {"planted", "ABCD", "abc", "ab/cd.txt"}) {
        QVERIFY(m_shop->put(1, name, Good));
        reportStray(name);
    }
    const QJsonObject summary = repair({}, Wish::Adopt);
    QCOMPARE(count(summary, "adopted"), 0);
    QCOMPARE(summary.value(QStringLiteral("skipped")).toObject().size(), 4);
    QCOMPARE(m_shop->ring.store->findings.count(Finding::Kind::Unexplained), 4);
    QCOMPARE(count(repair({"planted"}, Wish::AdoptAnyName), "adopted"), 1);
    QCOMPARE(m_shop->onDisk(0, "planted"), Good);
}

void TestRepairJob::forgetsWhatIsGone()
{
    QVERIFY(m_shop->store("d0/f1", Good));
    for (int server = 0; server < 3; ++server)
        QVERIFY(QFile::remove(m_shop->diskPath(server, "d0/f1")));
    m_shop->ring.store->findings.report(
        {0, Finding::Kind::Lost, m_shop->key("d0/f1"), QString(), -1, {}, 0, 0});
    const QJsonObject summary = repair({"d0/f1"}, Wish::Forget);
    QCOMPARE(count(summary, "forgotten"), 1);
    QCOMPARE(count(summary, "findings"), 0);
    const auto record = m_shop->ring.catalogue().find(m_shop->key("d0/f1"));
    QVERIFY(record && record->deleted);
    // A server that has it still brings nothing back.
    QVERIFY(m_shop->put(1, "d0/f1", Good));
    m_shop->ring.store->accounts.setImported(m_shop->account);
    Scrub scrub(m_shop->tools, Scrub::Scope::All, {});
    QVERIFY(!runToEnd(scrub).isEmpty());
    QVERIFY(spinUntil([&] { return m_shop->onDisk(1, "d0/f1").isNull(); }, Limit));
}

void TestRepairJob::keepsAsideWhatItForgets()
{
    QVERIFY(m_shop->store("f1", Good));
    for (const int server : {0, 1})
        QVERIFY(QFile::remove(m_shop->diskPath(server, "f1")));
    QCOMPARE(count(repair({"f1"}, Wish::Forget), "forgotten"), 1);
    QVERIFY(m_shop->onDisk(2, "f1").isNull());
    QCOMPARE(m_shop->kept(), QByteArrayList{Good});
    // The same of what has no record.
    QVERIFY(m_shop->put(1, "f2", Bad));
    reportStray("f2");
    QCOMPARE(count(repair({"f2"}, Wish::Forget), "forgotten"), 1);
    QVERIFY(m_shop->onDisk(1, "f2").isNull());
    QCOMPARE(m_shop->kept(), (QByteArrayList{Bad, Good}));
}

void TestRepairJob::doesNotForgetWhatIsThere()
{
    QVERIFY(m_shop->store("f1", Good));
    const QJsonObject summary = repair({"f1"}, Wish::Forget);
    QCOMPARE(count(summary, "forgotten"), 0);
    QCOMPARE(summary.value(QStringLiteral("skipped")).toObject().keys(),
             QStringList{QString::fromLatin1(m_shop->key("f1"))});
    QCOMPARE(m_shop->onDisk(2, "f1"), Good);
    // Nor what a server that is away may have.
    for (int server = 0; server < 3; ++server)
        QVERIFY(QFile::remove(m_shop->diskPath(server, "f1")));
    health::Backend::Health down;
    down.state = health::Backend::State::Down;
    m_shop->backend(2).setHealth(down);
    QCOMPARE(count(repair({"f1"}, Wish::Forget), "forgotten"), 0);
    QVERIFY(!m_shop->ring.catalogue().find(m_shop->key("f1"))->deleted);
}

void TestRepairJob::endsANameThatNobodyCanRead()
{
    QVERIFY(m_shop->store("planted", Good));
    QCOMPARE(count(repair({"planted"}, Wish::Forget), "forgotten"), 1);
    for (int server = 0; server < 3; ++server)
        QVERIFY(m_shop->onDisk(server, "planted").isNull());
    QCOMPARE(m_shop->kept(), QByteArrayList{Good});
}

void TestRepairJob::forgetsOnlyWhatIsNamed()
{
    const auto wish = [](const QByteArray &json) {
        return RepairJob::wishOf(QJsonDocument::fromJson(json).object());
    };
    QVERIFY(*wish("{}") == Wish::Mend);
    QVERIFY(*wish(R"({"adopt": true, "any_name": true})") == Wish::AdoptAnyName);
    QVERIFY(*wish(R"({"forget": true, "paths": ["a"]})") == Wish::Forget);
    for (const char *bad : {R"({"forget": true})", R"({"forget": true, "paths": ["a"], "adopt": true})",
                            R"({"any_name": true})"})
        QCOMPARE(wish(bad).error().code, Code::ControlBadParams);
}

void TestRepairJob::adoptsNothingOfSeveralVersions()
{
    QVERIFY(m_shop->put(1, "stray", Good));
    QVERIFY(m_shop->put(2, "stray", Bad));
    for (const Wish wish : {Wish::AdoptAnyName, Wish::Mend}) {
        QCOMPARE(count(repair({"stray"}, wish), "adopted"), 0);
        QCOMPARE(m_shop->onDisk(1, "stray"), Good);
        QCOMPARE(m_shop->onDisk(2, "stray"), Bad);
        QCOMPARE(m_shop->ring.store->findings.count(Finding::Kind::Conflict), 2);
        QCOMPARE(m_shop->ring.store->findings.count(), 2);
    }
    QCOMPARE(m_shop->kept(), (QByteArrayList{Bad, Good}));
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
    const auto notFound = [this](const QByteArrayList &paths, Wish wish = Wish::Mend) {
        QByteArrayList list;
        const QJsonArray keys = repair(paths, wish).value(QStringLiteral("notFound")).toArray();
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
    QCOMPARE(notFound({"nosuch"}, Wish::AdoptAnyName), QByteArrayList{m_shop->key("nosuch")});
    QCOMPARE(notFound({"stray"}, Wish::AdoptAnyName), QByteArrayList());
}

void TestRepairJob::endsWhenItIsCancelled()
{
    for (int i = 0; i < 20; ++i)
        QVERIFY(m_shop->store("file" + QByteArray::number(i), Good));
    m_shop->throttle.setRates({1, 0});
    RepairJob job(m_shop->tools, {}, Wish::Mend);
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
