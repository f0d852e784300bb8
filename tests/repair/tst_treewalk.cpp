// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/charm/trialname.h"
#include "core/repair/treewalk.h"
#include "tests/repair/barering.h"
#include "tests/support/charmcluster.h"
#include "tests/support/faultyserver.h"
#include "tests/support/httpclient.h"

#include <QTest>

using namespace cring;
using namespace cring::repair;
using namespace cring::test;

/// One real server, gone through by its listings.
class TestTreeWalk : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void showsEverythingInTheOrderOfTheKeys();
    void passesOverWhatATestOfTheServerWrites();
    void tellsSizesModesAndTimes();
    void goesOnAfterAnyKey();
    void knowsNothingOfAFolderThatCannotBeListed();
    void asksAgainBeforeItGivesUp();
    void failsWhenTheServerIsGone();
    void failsForAnAccountThatTheServerDoesNotKnow();
    void hasNothingOfAnAccountWithoutAFolder();
    void aLargeFolderIsShownWhole();

private:
    replica::Credentials credentials(const QByteArray &account) const;
    std::unique_ptr<TreeWalk> walk(const ObjectKey &after = {});
    QByteArrayList rest(TreeWalk &walk);
    void upload(const QByteArray &path, const QByteArray &data);

    static constexpr int Limit = 20'000;
    std::unique_ptr<CharmCluster> m_cluster;
    std::unique_ptr<FaultyServer> m_front;
    std::unique_ptr<BareRing> m_ring;
    QByteArray m_account;
    QByteArrayList m_keys; ///< Of what was stored, in order.
};

namespace {

const QByteArrayList Paths{"a",     "a-b", "b/x",  "b/x-y", "b/x.y", "b-c/z", "b/y/deep/deeper",
                           "b0/no", "c",   "c%25", "d/d/d", "+",     "b/y-/q"};

} // namespace

void TestTreeWalk::initTestCase()
{
    m_cluster = std::make_unique<CharmCluster>(1);
    CRING_OK(m_cluster->start());
    m_account = m_cluster->charmId().toLatin1();
    std::set<QByteArray> keys;
    for (const QByteArray &path : Paths) {
        upload(path, "data of " + path);
        for (QByteArray above = path; !above.isEmpty();
             above = above.first(std::max<qsizetype>(0, above.lastIndexOf('/'))))
            keys.insert(m_account + '/' + above);
    }
    m_keys = {keys.begin(), keys.end()};
}

void TestTreeWalk::init()
{
    m_ring.reset();
    m_front = std::make_unique<FaultyServer>();
    m_front->forwardTo(m_cluster->at(0).url());
    config::Server server;
    server.id = server.name = QStringLiteral("charm1");
    server.url = m_front->url();
    m_ring = std::make_unique<BareRing>(QList{server});
}

replica::Credentials TestTreeWalk::credentials(const QByteArray &account) const
{
    TokenMinter::Claims claims;
    claims.subject = QString::fromLatin1(account);
    claims.issuer = m_cluster->issuer();
    return {account, "bearer " + m_cluster->minter().mint(claims), 0};
}

void TestTreeWalk::upload(const QByteArray &path, const QByteArray &data)
{
    const HttpResponse stored =
        HttpClient(m_cluster->at(0).url()).upload("/v1/fs/" + path, data, m_cluster->token());
    QVERIFY2(stored.status == 200, stored.text().constData());
}

std::unique_ptr<TreeWalk> TestTreeWalk::walk(const ObjectKey &after)
{
    auto made =
        std::make_unique<TreeWalk>(m_ring->environment(), *m_ring->environment().backends.all().first(),
                                   credentials(m_account), nullptr);
    made->start(after);
    return made;
}

QByteArrayList TestTreeWalk::rest(TreeWalk &walk)
{
    QByteArrayList keys;
    while (spinUntil([&] { return walk.state() != TreeWalk::State::Listing; }, Limit) &&
           walk.state() == TreeWalk::State::At) {
        keys << walk.entry().key;
        walk.advance();
    }
    return keys;
}

/// "a-b" stands between "a" and "a/…", as in the catalogue.
void TestTreeWalk::showsEverythingInTheOrderOfTheKeys()
{
    const auto all = walk();
    QCOMPARE(rest(*all), m_keys);
    QCOMPARE(all->state(), TreeWalk::State::Ended);
    QVERIFY(all->isComplete() && !all->hasNothing());
}

/// Names that begin so are a client's when they are longer, a folder's, or not at the top.
void TestTreeWalk::passesOverWhatATestOfTheServerWrites()
{
    const QByteArray name = charm::kTrialPrefix.toByteArray() + "0123456789abcdef";
    const QByteArrayList shown{name + "00", "b/" + name};
    for (const QByteArray &path : QByteArrayList{name} + shown)
        upload(path, "x");
    const QByteArrayList keys = [&] {
        const auto all = walk();
        return rest(*all);
    }();
    // As a release before this one has it.
    m_ring->put(m_account + '/' + name, {QStringLiteral("charm1")});
    const auto recorded = walk();
    const QByteArrayList withIt = rest(*recorded);
    HttpClient direct(m_cluster->at(0).url());
    for (const QByteArray &path : QByteArrayList{name} + shown)
        QCOMPARE(direct.remove("/v1/fs/" + path, m_cluster->token()).status, 200);
    for (const QByteArray &path : shown)
        QVERIFY2(keys.contains(m_account + '/' + path), path.constData());
    QVERIFY(!keys.contains(m_account + '/' + name));
    QVERIFY(withIt.contains(m_account + '/' + name));
}

void TestTreeWalk::tellsSizesModesAndTimes()
{
    const auto all = walk(m_account + "/b/x-y");
    QVERIFY(spinUntil([&] { return all->state() == TreeWalk::State::At; }, Limit));
    QCOMPARE(all->entry().key, m_account + "/b/x.y");
    QCOMPARE(all->entry().size, qint64(QByteArray("data of b/x.y").size()));
    QVERIFY(!all->entry().folder);
    QCOMPARE(all->entry().mode & 0777u, 0644u);
    const auto age = m_ring->clock.wall() - all->entry().modified;
    QVERIFY(age >= std::chrono::milliseconds(-1'000) && age < std::chrono::minutes(5));
}

void TestTreeWalk::goesOnAfterAnyKey()
{
    for (qsizetype i = 0; i < m_keys.size(); ++i) {
        const auto later = walk(m_keys[i]);
        QCOMPARE(rest(*later), m_keys.mid(i + 1));
    }
    const auto later = walk(m_account + "/b/nothing"); // of a path that has gone meanwhile
    QCOMPARE(rest(*later).first(), m_account + "/b/x");
}

void TestTreeWalk::knowsNothingOfAFolderThatCannotBeListed()
{
    m_front->on("GET", "/v1/fs/b/y", Fault::status(200, "{\"name\":"));
    m_front->on("GET", "/v1/fs/b/y-", Fault::forward());
    const auto all = walk();
    QByteArrayList expected = m_keys;
    expected.removeIf([&](const QByteArray &key) { return key.startsWith(m_account + "/b/y/"); });
    QCOMPARE(rest(*all), expected);
    QCOMPARE(all->state(), TreeWalk::State::Ended);
    QVERIFY(!all->isComplete());
    QVERIFY(!all->problem().isEmpty());
    QVERIFY(all->speaksFor(m_account + "/b/y"));
    QVERIFY(all->speaksFor(m_account + "/b/y-"));
    QVERIFY(all->speaksFor(m_account + "/b/z"));
    QVERIFY(!all->speaksFor(m_account + "/b/y/deep"));
    QVERIFY(!all->speaksFor(m_account + "/b/y/anything"));
}

void TestTreeWalk::asksAgainBeforeItGivesUp()
{
    m_front->on("GET", "/v1/fs/b", Fault::status(500, "{}"), 2);
    const auto all = walk();
    QCOMPARE(rest(*all), m_keys);
    QVERIFY(all->isComplete());
}

void TestTreeWalk::failsWhenTheServerIsGone()
{
    const auto all = walk();
    QVERIFY(spinUntil([&] { return all->state() == TreeWalk::State::At; }, Limit));
    m_front->stop();
    health::Backend::Health down;
    down.state = health::Backend::State::Down;
    down.reason = QStringLiteral("is gone");
    m_ring->environment().backends.all().first()->setHealth(down);
    const QByteArrayList seen = rest(*all);
    QVERIFY(seen.size() < m_keys.size());
    QCOMPARE(all->state(), TreeWalk::State::Failed);
    QVERIFY(!all->speaksFor(m_account + "/zzz"));
    QVERIFY(!all->problem().isEmpty());
}

void TestTreeWalk::failsForAnAccountThatTheServerDoesNotKnow()
{
    TreeWalk stranger(m_ring->environment(), *m_ring->environment().backends.all().first(),
                      credentials("00000000-0000-4000-8000-000000000000"), nullptr);
    stranger.start({});
    QVERIFY(rest(stranger).isEmpty());
    QCOMPARE(stranger.state(), TreeWalk::State::Failed);
    QCOMPARE(stranger.problem(), QStringLiteral("does not know this account"));
}

void TestTreeWalk::hasNothingOfAnAccountWithoutAFolder()
{
    CharmCluster fresh(1);
    CRING_OK(fresh.start());
    config::Server server;
    server.id = server.name = QStringLiteral("fresh");
    server.url = fresh.at(0).url();
    BareRing ring(QList{server});
    TreeWalk empty(ring.environment(), *ring.environment().backends.all().first(),
                   {fresh.charmId().toLatin1(), "bearer " + fresh.token(), 0}, nullptr);
    empty.start({});
    QVERIFY(rest(empty).isEmpty());
    QCOMPARE(empty.state(), TreeWalk::State::Ended);
    QVERIFY(empty.hasNothing() && empty.isComplete());
    QVERIFY(empty.speaksFor(fresh.charmId().toLatin1() + "/x"));
}

void TestTreeWalk::aLargeFolderIsShownWhole()
{
    constexpr int many = 5'000;
    const QString folder =
        m_cluster->at(0).filesDir() + u'/' + m_cluster->charmId() + QStringLiteral("/large");
    QVERIFY(QDir().mkpath(folder));
    for (int i = 0; i < many; ++i) {
        QFile file(folder + QStringLiteral("/%1").arg(i));
        QVERIFY(file.open(QIODevice::WriteOnly));
    }
    const auto all = walk(m_account + "/large");
    const QByteArrayList keys = rest(*all);
    QVERIFY(QDir(folder).removeRecursively());
    QCOMPARE(keys.size(), qsizetype(many));
    QVERIFY(std::is_sorted(keys.begin(), keys.end()));
}

QTEST_GUILESS_MAIN(TestTreeWalk)
#include "tst_treewalk.moc"
