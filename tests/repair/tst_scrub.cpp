// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/conflictchoice.h"
#include "core/repair/returnlook.h"
#include "core/repair/scrub.h"
#include "tests/repair/workshop.h"

#include <QDir>
#include <QElapsedTimer>
#include <QJsonArray>
#include <QTest>

using namespace cring;
using namespace cring::repair;
using namespace cring::test;
using state::Finding;

/// The scrub as a job: steered, cut off, and gone on with. What it finds is shown in tests/integration.
class TestScrub : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void goesOnFromAnyCursor();
    void makesNoStepWhilePaused();
    void readsNothingWhilePaused();
    void endsWhenItIsCancelled();
    void doesNotReadOnWhenItIsCancelled();
    void beginsWithTheOwnAccount();
    void versionsAreKeptAsideUntilOneIsChosen();
    void serverThatIsBackIsLookedAt();
    void emptiedServersAreRefilledAlsoWhenTheyHaveSomethingAgain();
    void skipsAccountsWithoutAToken();
    void trustsAServerOnlyWhenAllOfItWasSeen();
    void trustsNoServerThatCameWhileItWasUnderWay();
    void withdrawsWhatIsNotSoAnyMore();
    void readsAtItsRate();
    void waitsForWhatIsWrittenMeanwhile();
    void afterAPowerCutAQuorumsVersionHolds();
    void afterAPowerCutAQuorumsModeHolds();

private:
    ReturnLook::Result lookAt(int server);

    std::unique_ptr<CharmCluster> m_cluster;
    std::unique_ptr<Workshop> m_shop;
};

namespace {

constexpr int Limit = 20'000;
const QByteArray Good = "what was stored";

qint64 count(const QJsonObject &summary, const char *name)
{
    return summary.value(QLatin1String(name)).toInteger();
}

} // namespace

void TestScrub::initTestCase()
{
    m_cluster = std::make_unique<CharmCluster>(3);
    CRING_OK(m_cluster->start());
}

void TestScrub::init()
{
    m_shop.reset();
    for (int i = 0; i < m_cluster->size(); ++i)
        QCOMPARE(HttpClient(m_cluster->at(i).url()).remove("/v1/fs/", m_cluster->token()).status, 200);
    m_shop = std::make_unique<Workshop>(*m_cluster);
    m_shop->ring.store->accounts.setImported(m_shop->account);
}

/// However often the service is stopped, every path is seen, and what one server lacks is marked.
void TestScrub::goesOnFromAnyCursor()
{
    constexpr int files = 30;
    for (int i = 0; i < files; ++i) {
        const QByteArray path = "d" + QByteArray::number(i % 3) + "/f" + QByteArray::number(i);
        QVERIFY(m_shop->store(path, Good));
        QVERIFY(QFile::remove(m_shop->diskPath(1, path)));
    }
    m_shop->delivery.stop();
    // Few paths a step, so that there are many cursors.
    m_shop->throttle.setRates({0, 0});
    qint64 checked = 0;
    QByteArray cursor;
    int runs = 0;
    while (checked == 0 && ++runs < 100) {
        Scrub job(m_shop->tools, Scrub::Scope::AllDeeply, {});
        QByteArray last;
        QJsonObject summary;
        QObject context;
        int steps = 0;
        QObject::connect(&job, &Job::progressed, &context, [&](const QByteArray &at) {
            last = at;
            ++steps;
        });
        QObject::connect(&job, &Job::finished, &context,
                         [&](const Result<QJsonObject> &result) { summary = *result; });
        job.start(cursor);
        QVERIFY(spinUntil([&] { return steps >= 2 || !summary.isEmpty(); }, Limit));
        cursor = last;
        checked = count(summary, "checked");
    }
    QVERIFY2(runs > 2, qPrintable(QString::number(runs)));
    QCOMPARE(checked, files + 3); // each once
    QCOMPARE(m_shop->ring.catalogue().debts(m_cluster->at(1).name()).size(), size_t(files));
    QVERIFY(m_shop->ring.catalogue().debts(m_cluster->at(0).name()).empty());
}

void TestScrub::makesNoStepWhilePaused()
{
    for (int i = 0; i < 5; ++i)
        QVERIFY(m_shop->store("f" + QByteArray::number(i), Good));
    Scrub job(m_shop->tools, Scrub::Scope::All, {});
    QSignalSpy progressed(&job, &Job::progressed);
    QSignalSpy finished(&job, &Job::finished);
    job.setPaused(true);
    job.start({});
    QTest::qWait(500); // Nothing but time can tell that nothing happens.
    QVERIFY(progressed.isEmpty() && finished.isEmpty());
    job.setPaused(false);
    QVERIFY(spinUntil([&] { return !finished.isEmpty(); }, Limit));
    QCOMPARE(job.progress().done, 5);
}

void TestScrub::endsWhenItIsCancelled()
{
    QVERIFY(m_shop->store("f", Good));
    Scrub job(m_shop->tools, Scrub::Scope::All, {});
    QSignalSpy finished(&job, &Job::finished);
    job.setPaused(true);
    job.start({});
    job.cancel();
    QVERIFY(spinUntil([&] { return !finished.isEmpty(); }, Limit));
    QCOMPARE(job.progress().done, 0);
}

void TestScrub::readsNothingWhilePaused()
{
    constexpr qint64 size = 4 * 1024 * 1024;
    QVERIFY(m_shop->store("f", QByteArray(size, 'x')));
    m_shop->throttle.setRates({0, 3 * size});
    Scrub job(m_shop->tools, Scrub::Scope::AllDeeply, {});
    QSignalSpy progressed(&job, &Job::progressed);
    QSignalSpy finished(&job, &Job::finished);
    job.start({});
    QVERIFY(spinUntil([&] { return !progressed.isEmpty(); }, Limit));
    job.setPaused(true);
    // What is being read is not done yet.
    QCOMPARE(job.progress().done, 0);
    QCOMPARE(job.progress().total, 1);
    QVERIFY(!spinUntil([&] { return job.progress().done > 0 || !finished.isEmpty(); }, 4'000));
    QCOMPARE(job.progress().bytes, 0);
    job.setPaused(false);
    QVERIFY(spinUntil([&] { return !finished.isEmpty(); }, Limit));
    QCOMPARE(job.progress().done, 1);
    QCOMPARE(job.progress().bytes, 3 * size);
}

void TestScrub::doesNotReadOnWhenItIsCancelled()
{
    constexpr qint64 size = 4 * 1024 * 1024;
    QVERIFY(m_shop->store("f", QByteArray(size, 'x')));
    m_shop->throttle.setRates({0, size / 10});
    Scrub job(m_shop->tools, Scrub::Scope::AllDeeply, {});
    QSignalSpy progressed(&job, &Job::progressed);
    QSignalSpy finished(&job, &Job::finished);
    job.start({});
    QVERIFY(spinUntil([&] { return !progressed.isEmpty(); }, Limit));
    job.cancel();
    QVERIFY(spinUntil([&] { return !finished.isEmpty(); }, 10'000));
    QCOMPARE(job.progress().done, 0);
    QVERIFY(m_shop->ring.store->findings.list().isEmpty());
}

/// The state directory is lost: the servers' files are there, and the person's identity.
void TestScrub::beginsWithTheOwnAccount()
{
    QVERIFY(m_shop->store("f", Good));
    m_shop = std::make_unique<Workshop>(*m_cluster, false);
    {
        Scrub job(m_shop->tools, Scrub::Scope::All, {});
        const QJsonObject summary = runToEnd(job);
        QCOMPARE(count(summary, "checked"), 0);
        const QJsonObject skipped = summary.value(QStringLiteral("skipped")).toObject();
        QCOMPARE(skipped.keys(), QStringList{QString(Scrub::kEveryAccount)});
        QVERIFY(skipped.value(Scrub::kEveryAccount)
                    .toString()
                    .startsWith(QStringLiteral("no account is known yet: ")));
    }
    m_shop->tokens.knowsOwn = true;
    Scrub job(m_shop->tools, Scrub::Scope::All, {});
    const QJsonObject summary = runToEnd(job);
    QCOMPARE(count(summary, "checked"), 1);
    QCOMPARE(count(summary, "adopted"), 1);
    QVERIFY(summary.value(QStringLiteral("skipped")).toObject().isEmpty());
    QVERIFY(m_shop->ring.catalogue().find(m_shop->key("f")));
}

void TestScrub::versionsAreKeptAsideUntilOneIsChosen()
{
    const QByteArrayList versions{"one version", "the other version", "yet another version"};
    for (int server = 0; server < 3; ++server)
        QVERIFY(m_shop->put(server, "f", versions[server]));
    m_shop = std::make_unique<Workshop>(*m_cluster);
    auto &store = *m_shop->ring.store;
    {
        Scrub job(m_shop->tools, Scrub::Scope::New, {});
        QCOMPARE(count(runToEnd(job), "findings"), 3);
    }
    QVERIFY(store.accounts.isImported(m_shop->account));
    QCOMPARE(store.findings.count(Finding::Kind::Conflict), 3);
    QCOMPARE(m_shop->kept(), versions);
    QVERIFY(!m_shop->ring.catalogue().find(m_shop->key("f")));
    // They are what they were found to be, however often they are seen.
    for (const auto scope : {Scrub::Scope::All, Scrub::Scope::AllDeeply}) {
        Scrub job(m_shop->tools, scope, {});
        QCOMPARE(count(runToEnd(job), "findings"), 3);
        QCOMPARE(store.findings.count(Finding::Kind::Conflict), 3);
        QCOMPARE(store.findings.count(), 3);
    }
    quint64 id = 0;
    for (const auto &[number, version] : store.conflicts.all()) {
        if (version.digest == m_shop->recordOf(versions[1]).digest)
            id = number;
    }
    auto *choice =
        new ConflictChoice(m_shop->ring.environment(), store.conflicts, m_shop->tokens, id, nullptr);
    std::optional<Status> chosen;
    connect(choice, &ConflictChoice::finished, this, [&](const Status &status) { chosen = status; });
    QSignalSpy gone(choice, &QObject::destroyed);
    choice->start();
    QVERIFY(spinUntil([&] { return chosen && !gone.isEmpty(); }, Limit));
    CRING_OK(*chosen);
    for (int server = 0; server < 3; ++server)
        QTRY_COMPARE(m_shop->onDisk(server, "f"), versions[1]);
    QCOMPARE(m_shop->kept(), (QByteArrayList{versions[0], versions[2]}));
}

ReturnLook::Result TestScrub::lookAt(int server)
{
    ReturnLook job(m_shop->tools, m_shop->backend(server), nullptr);
    std::optional<ReturnLook::Result> result;
    connect(&job, &ReturnLook::finished, this, [&](ReturnLook::Result one) { result = one; });
    job.start();
    return spinUntil([&] { return result.has_value(); }, Limit) ? *result : ReturnLook::Result::Unknown;
}

void TestScrub::serverThatIsBackIsLookedAt()
{
    for (const char *path : {"0a", "80", "c0/0b", "c0/f1"})
        QVERIFY(m_shop->store(path, Good));
    const auto look = [this] {
        return lookAt(1);
    };
    QCOMPARE(look(), ReturnLook::Result::Complete);
    QVERIFY(QFile::remove(m_shop->diskPath(1, "80")));
    QCOMPARE(look(), ReturnLook::Result::Lacks);
    m_shop->mark(1, "80", state::Debt::Stale); // it is on its way
    QCOMPARE(look(), ReturnLook::Result::Complete);
    QVERIFY(QDir(m_shop->diskPath(1, "")).removeRecursively());
    QCOMPARE(look(), ReturnLook::Result::Lacks);
    m_shop->tokens.closed = true;
    QCOMPARE(look(), ReturnLook::Result::Unknown);
}

/// Two of three: what a quorum lacks is somebody's delete, but not here, whatever clients have stored since.
void TestScrub::emptiedServersAreRefilledAlsoWhenTheyHaveSomethingAgain()
{
    const QByteArrayList paths{"0a", "80", "c0/0b"};
    for (const QByteArray &path : paths)
        QVERIFY(m_shop->store(path, Good));
    for (const int server : {0, 1}) {
        QVERIFY(QDir(m_shop->diskPath(server, "")).removeRecursively());
        QCOMPARE(lookAt(server), ReturnLook::Result::Lacks);
    }
    QVERIFY(m_shop->store("ff", Good));
    for (int round = 0; round < 2; ++round) {
        Scrub job(m_shop->tools, Scrub::Scope::All, {});
        QVERIFY(!runToEnd(job).isEmpty());
        QCOMPARE(m_shop->ring.store->findings.count(), 0);
        for (const QByteArray &path : paths) {
            for (const int server : {0, 1})
                QVERIFY2(spinUntil([&] { return m_shop->onDisk(server, path) == Good; }, Limit),
                         path.constData());
        }
    }
    // From then on what they lack counts again.
    for (const int server : {0, 1})
        QVERIFY(QFile::remove(m_shop->diskPath(server, "80")));
    Scrub job(m_shop->tools, Scrub::Scope::All, {});
    QVERIFY(!runToEnd(job).isEmpty());
    QCOMPARE(m_shop->ring.store->findings.count(state::Finding::Kind::Absence), 2);
}

void TestScrub::skipsAccountsWithoutAToken()
{
    QVERIFY(m_shop->store("f", Good));
    m_shop->ring.store->accounts.see("another");
    Scrub job(m_shop->tools, Scrub::Scope::All, {});
    const QJsonObject summary = runToEnd(job);
    QCOMPARE(summary.value(QStringLiteral("skipped")).toObject().keys(),
             QStringList{QStringLiteral("another")});
    QCOMPARE(count(summary, "checked"), 1);
}

void TestScrub::trustsAServerOnlyWhenAllOfItWasSeen()
{
    using State = state::Members::State;
    QVERIFY(m_shop->store("d/f", Good));
    auto &members = m_shop->ring.store->members;
    const auto number = *members.find(m_cluster->at(1).name());
    members.setState(number, State::Returned);
    m_shop->ring.store->accounts.see("another");
    {
        Scrub job(m_shop->tools, Scrub::Scope::All, {});
        QVERIFY(!runToEnd(job).isEmpty());
        QCOMPARE(members.at(number).state, State::Returned); // an account was skipped
    }
    const QJsonObject one{{QStringLiteral("accounts"), QJsonArray{m_cluster->charmId()}}};
    {
        Scrub job(m_shop->tools, Scrub::Scope::All, one);
        QVERIFY(!runToEnd(job).isEmpty());
        QCOMPARE(members.at(number).state, State::Returned); // others were not asked for
    }
    m_shop = std::make_unique<Workshop>(*m_cluster);
    auto &others = m_shop->ring.store->members;
    const auto same = *others.find(m_cluster->at(1).name());
    others.setState(same, State::Returned);
    Scrub job(m_shop->tools, Scrub::Scope::All, {});
    QVERIFY(!runToEnd(job).isEmpty());
    QCOMPARE(others.at(same).state, State::Trusted);
}

/// Its beginning has not seen the server as it is now, or not at all.
void TestScrub::trustsNoServerThatCameWhileItWasUnderWay()
{
    using State = state::Members::State;
    auto &members = m_shop->ring.store->members;
    for (const char *path : {"a/1", "b/2", "c/3"})
        QVERIFY(m_shop->store(path, Good));
    m_shop->throttle.setRates({0, 0});
    QByteArray cursor;
    {
        Scrub job(m_shop->tools, Scrub::Scope::AllDeeply, {});
        connect(&job, &Job::progressed, this, [&](const QByteArray &at) { cursor = at; });
        job.start({});
        QVERIFY(spinUntil([&] { return !cursor.isEmpty(); }, Limit));
    }
    const auto number = *members.find(m_cluster->at(1).name());
    members.setState(number, State::Joined);
    {
        Scrub job(m_shop->tools, Scrub::Scope::All, {});
        QVERIFY(!runToEnd(job, cursor).isEmpty());
        QCOMPARE(members.at(number).state, State::Joined);
    }
    Scrub job(m_shop->tools, Scrub::Scope::All, {});
    QVERIFY(!runToEnd(job).isEmpty());
    QCOMPARE(members.at(number).state, State::Trusted);
}

void TestScrub::withdrawsWhatIsNotSoAnyMore()
{
    QVERIFY(m_shop->store("m", Good));
    QVERIFY(m_shop->put(0, "stray", Good));
    auto &findings = m_shop->ring.store->findings;
    const QString server = m_cluster->at(0).name();
    for (const char *path : {"a", "m", "stray", "z"})
        findings.report({0, Finding::Kind::Unexplained, m_shop->key(path), server, -1, {}, 0, 0});
    findings.report({0, Finding::Kind::Unexplained, "another/z", server, -1, {}, 0, 0});
    Scrub job(m_shop->tools, Scrub::Scope::All, {});
    QVERIFY(!runToEnd(job).isEmpty());
    QCOMPARE(findings.count(), 2);
    QCOMPARE(findings.at(m_shop->key("stray")).size(), 1);
    QCOMPARE(findings.at("another/z").size(), 1);
}

void TestScrub::readsAtItsRate()
{
    constexpr qint64 rate = 1024 * 1024;
    const QByteArray large(rate, 'x');
    QVERIFY(m_shop->store("large", large));
    m_shop->throttle.setRates({0, rate});
    const auto begun = m_shop->ring.clock.steady();
    Scrub job(m_shop->tools, Scrub::Scope::AllDeeply, {});
    const QJsonObject summary = runToEnd(job);
    const auto took = m_shop->ring.clock.steady() - begun;
    QCOMPARE(count(summary, "read"), 3 * rate);
    qInfo("read at %lld KiB/s", 3 * rate * 1000 / 1024 / took.count());
    QVERIFY2(took > std::chrono::milliseconds(2'000), qPrintable(QString::number(took.count())));
}

/// What somebody is at work on is looked at when that is over, and in the light of what was recorded then.
void TestScrub::waitsForWhatIsWrittenMeanwhile()
{
    constexpr std::chrono::milliseconds held(300);
    for (const char *path : {"coming", "stays"}) {
        for (const int server : {0, 1})
            QVERIFY(m_shop->put(server, path, Good));
    }
    replica::PathLocks::Lease coming;
    replica::PathLocks::Lease stays;
    m_shop->ring.shared.locks.acquire(m_shop->key("coming"), this,
                                      [&](replica::PathLocks::Lease taken) { coming = std::move(taken); });
    m_shop->ring.shared.locks.acquire(m_shop->key("stays"), this,
                                      [&](replica::PathLocks::Lease taken) { stays = std::move(taken); });
    QTimer::singleShot(held, this, [&] {
        state::Record gone;
        gone.deleted = true;
        (void)m_shop->ring.catalogue().acknowledge(m_shop->key("coming"), gone, {});
        coming.release();
        stays.release();
    });
    const auto begun = m_shop->ring.clock.steady();
    Scrub job(m_shop->tools, Scrub::Scope::All, {});
    const QJsonObject summary = runToEnd(job);
    QVERIFY(m_shop->ring.clock.steady() - begun >= held);
    QCOMPARE(count(summary, "adopted"), 1);
    QVERIFY(m_shop->ring.catalogue().find(m_shop->key("coming"))->deleted);
    QVERIFY(m_shop->ring.catalogue().find(m_shop->key("stays")));
    QCOMPARE(m_shop->ring.store->findings.count(), 0);
}

/// The delete survived, and the record of what was stored after it did not.
void TestScrub::afterAPowerCutAQuorumsVersionHolds()
{
    state::Record gone;
    gone.deleted = true;
    for (const char *path : {"same", "different"})
        (void)m_shop->ring.catalogue().acknowledge(m_shop->key(path), gone, {});
    m_shop->ring.catalogue().doubtAfterPowerCut();
    m_shop->delivery.stop();
    for (const int server : {0, 2}) {
        QVERIFY(m_shop->put(server, "same", Good));
        QVERIFY(m_shop->put(server, "different", "bytes of " + QByteArray::number(server)));
    }
    Scrub job(m_shop->tools, Scrub::Scope::All, {});
    QCOMPARE(count(runToEnd(job), "adopted"), 1);
    const auto same = m_shop->ring.catalogue().find(m_shop->key("same"));
    QVERIFY(same && !same->deleted);
    QCOMPARE(same->size, Good.size());
    QCOMPARE(m_shop->ring.catalogue().holders(m_shop->key("same")).size(), 2);
    QVERIFY(m_shop->ring.catalogue().find(m_shop->key("different"))->deleted);
    for (const int server : {0, 2}) {
        const auto owed =
            m_shop->ring.catalogue().debt(m_shop->key("different"), m_cluster->at(server).name());
        QVERIFY(owed && owed->debt == replica::Debt::Differs);
    }
}

/// The same bytes were stored again with another mode.
void TestScrub::afterAPowerCutAQuorumsModeHolds()
{
    constexpr quint32 mode = 0640;
    for (const char *path : {"many", "few"})
        QVERIFY(m_shop->store(path, Good));
    for (const auto &[path, server] : {std::pair("many", 0), {"many", 2}, {"few", 1}}) {
        HttpClient client(m_cluster->at(server).url());
        QCOMPARE(client.upload(QByteArray("/v1/fs/") + path, Good, m_cluster->token(), mode).status, 200);
    }
    const auto othersMayRead = [&](const char *path) {
        int count = 0;
        for (int server = 0; server < 3; ++server)
            count += QFileInfo(m_shop->diskPath(server, path)).permission(QFile::ReadOther) ? 1 : 0;
        return count;
    };
    QCOMPARE(othersMayRead("many"), 1);
    QCOMPARE(othersMayRead("few"), 2);
    m_shop->ring.catalogue().doubtAfterPowerCut();
    Scrub job(m_shop->tools, Scrub::Scope::All, {});
    QVERIFY(!runToEnd(job).isEmpty());
    QCOMPARE(m_shop->ring.catalogue().find(m_shop->key("many"))->mode, mode);
    QTRY_COMPARE(othersMayRead("many"), 0);
    m_shop->ring.catalogue().endPowerCut();
    QTRY_COMPARE(othersMayRead("few"), 3);
}

QTEST_GUILESS_MAIN(TestScrub)
#include "tst_scrub.moc"
