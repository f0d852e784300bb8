// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/faultyring.h"
#include "tests/integration/statefolder.h"
#include "tests/support/powercut.h"
#include "tests/support/spin.h"

#include <QSet>
#include <QTest>

using namespace cring;
using namespace cring::test;

/// The machine that the ring runs on loses its power, and with it whatever the ring had not brought to the
/// disk, while a server is away. What was acknowledged is there, what was deleted stays deleted, what is owed
/// is delivered, and no number comes twice. `cring_chaos --power-cuts` does it under load.
class TestPowerCuts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void atRestNothingIsForgotten_data() { waysToLose(); }
    void atRestNothingIsForgotten();
    void whatWasForgottenIsFoundAgain_data() { waysToLose(); }
    void whatWasForgottenIsFoundAgain();
    void whatIsOwedTakesNothingAway();

private:
    static void waysToLose();
};

namespace {

constexpr int Away = 2; ///< The server that is.
constexpr int HealLimit = 40'000;
constexpr int DownLimit = 5'000;
constexpr int Files = 8; ///< Of each kind.
const QByteArray Old = FaultyRing::content(2'000, "old");
const QByteArray New = FaultyRing::content(3'000, "new");

QByteArray numbered(const char *prefix, int number)
{
    return prefix + QByteArray::number(number);
}

/// A life with one server away, and what the others have been told of it.
class DarkRing : public FaultyRing
{
public:
    Status start(const QList<int> &faulty = {})
    {
        if (const Status servers = startServers(); !servers)
            return servers;
        if (const Status key = useServerKey(); !key)
            return key;
        if (const Status started = startRing(faulty); !started)
            return started;
        (void)ring().stop();
        m_power.emplace(state().path());
        if (const Status prepared = m_power->prepare(); !prepared)
            return prepared;
        ring().options().environment = m_power->environment();
        if (const Status started = restartRing(); !started)
            return started;
        // What is on its way while an account is gone through for the first time leaves it open.
        (void)get({});
        if (!spinUntil([this] { return isImported(); }, HealLimit))
            return Error{Code::NoQuorum, QStringLiteral("the account was not imported")};
        for (int i = 0; i < Files; ++i) {
            for (const char *prefix : {"over/f", "gone/f", "again/f", "once/folder/f", "twice/folder/f"})
                store(numbered(prefix, i), Old);
        }
        if (!differenceAfter(HealLimit).isEmpty())
            return Error{Code::NoQuorum, QStringLiteral("the servers are not equal")};
        return {};
    }

    void leave()
    {
        at(Away).kill9();
        QVERIFY(spinUntil([this] { return !isUp(Away); }, DownLimit));
    }

    /// Deletes first: each brings to the disk what was before it.
    void live()
    {
        for (int i = 0; i < Files; ++i) {
            erase(numbered("gone/f", i));
            erase(numbered("again/f", i));
        }
        erase("once/folder");
        erase("twice/folder");
        draw();
        sync();
        QCOMPARE(makeFolder("made/empty").status, 200);
        QCOMPARE(makeFolder("twice/folder").status, 200);
        for (int i = 0; i < Files; ++i) {
            for (const char *prefix : {"over/f", "again/f", "new/f", "twice/folder/g"})
                store(numbered(prefix, i), New);
        }
    }

    /// What comes then is not on the disk within a second, and is to be done in less.
    void sync()
    {
        const auto syncs = m_power->syncs().size();
        QCOMPARE(upload("before", Old).status, 200);
        QVERIFY(spinUntil([&] { return m_power->syncs().size() > syncs; }, DownLimit));
        m_syncs = m_power->syncs().size();
    }

    void draw()
    {
        for (const QByteArray name : {"one", "two"}) {
            for (int i = 0; i < 3; ++i) {
                const HttpResponse answer =
                    client().request("POST", "/v1/seq/" + name, HttpClient::bearer(token()));
                QCOMPARE(answer.status, 200);
                const qint64 number = answer.json().value(QStringLiteral("seq")).toInteger();
                QVERIFY2(!m_numbers[name].contains(number), answer.text().constData());
                m_numbers[name].insert(number);
            }
        }
    }

    Status cutPower(PowerCut::Keep keep)
    {
        ring().kill9();
        m_forgets = keep == PowerCut::Keep::Nothing && m_power->syncs().size() == m_syncs;
        if (keep == PowerCut::Keep::Nothing && !m_forgets)
            qInfo("what came last was on the disk already");
        return m_power->cut(keep);
    }

    /// What came after sync() is lost: on a machine with much to do the ring may have brought it to the disk
    /// before the power was cut.
    bool forgets() const { return m_forgets; }

    StateFolder state() { return StateFolder(ring()); }

    qint64 recorded(const QByteArray &path)
    {
        const QByteArray key = cluster().charmId().toUtf8() + '/' + path;
        return state().number(QStringLiteral("SELECT size FROM catalogue WHERE key = ? AND kind = 0"), {key});
    }

    /// Those that are not as they were told to be.
    QByteArrayList wrong()
    {
        QByteArrayList lines;
        for (auto it = m_files.cbegin(); it != m_files.cend(); ++it) {
            const HttpResponse answer = get(it.key());
            if (it->isNull() ? answer.status != 404 : answer.status != 200 || answer.body != *it)
                lines << it.key() + ": " + answer.text();
        }
        return lines;
    }

    /// In what a server's disk differs from that.
    QByteArrayList wrongOn(int server)
    {
        QByteArrayList lines;
        for (auto it = m_files.cbegin(); it != m_files.cend(); ++it) {
            if (onDisk(server, it.key()) != *it)
                lines << at(server).name().toUtf8() + ' ' + it.key();
        }
        return lines;
    }

    void store(const QByteArray &path, const QByteArray &data)
    {
        QCOMPARE(upload(path, data).status, 200);
        m_files[path] = data;
    }

    void erase(const QByteArray &path)
    {
        QCOMPARE(remove(path).status, 200);
        for (auto it = m_files.begin(); it != m_files.end(); ++it) {
            if (it.key() == path || it.key().startsWith(path + '/'))
                *it = QByteArray();
        }
    }

private:
    bool isImported()
    {
        return state().number(QStringLiteral("SELECT count(*) FROM accounts WHERE state = 1")) == 1;
    }

    std::optional<PowerCut> m_power;
    qsizetype m_syncs = 0; ///< Until what comes is not to be on the disk.
    bool m_forgets = false;
    QMap<QByteArray, QByteArray> m_files; ///< Null: deleted.
    QMap<QByteArray, QSet<qint64>> m_numbers;
};

#define VERIFY_RIGHT(ring)                                                                                   \
    do {                                                                                                     \
        QByteArrayList lines = (ring).wrong();                                                               \
        for (int server = 0; server < FaultyRing::Servers; ++server)                                         \
            lines += (ring).wrongOn(server);                                                                 \
        QVERIFY2(lines.isEmpty(), lines.join('\n').constData());                                             \
    } while (false)

} // namespace

void TestPowerCuts::waysToLose()
{
    QTest::addColumn<PowerCut::Keep>("keep");
    QTest::newRow("all that was not synced is lost") << PowerCut::Keep::Nothing;
    QTest::newRow("sectors of it are left") << PowerCut::Keep::Some;
}

/// Everything is on the disk soon after, whether somebody waited for it or not. The server comes back when
/// the others have been gone through: it is heard then.
void TestPowerCuts::atRestNothingIsForgotten()
{
    QFETCH(PowerCut::Keep, keep);
    DarkRing ring;
    CRING_OK(ring.start());
    ring.leave();
    ring.live();
    QTest::qWait(2'500); // There is nothing to wait for: nobody does anything.
    CRING_OK(ring.cutPower(keep));
    QCOMPARE(ring.recorded("new/f0"), New.size());
    const qint64 start = QDateTime::currentMSecsSinceEpoch();
    CRING_OK(ring.ring().start());
    const QString scrub = QStringLiteral("scrub");
    QVERIFY(spinUntil([&] { return ring.state().summary(scrub, start).has_value(); }, HealLimit));
    const QByteArrayList wrong = ring.wrong();
    QVERIFY2(wrong.isEmpty(), wrong.join('\n').constData());
    CRING_OK(ring.at(Away).start());
    QElapsedTimer back;
    back.start();
    const QByteArray difference = ring.differenceAfter(HealLimit);
    QVERIFY2(difference.isEmpty(), difference.constData());
    qInfo("equal %.1f s after the server was back", static_cast<double>(back.elapsed()) / 1000);
    VERIFY_RIGHT(ring);
    ring.draw();
    QCOMPARE(ring.state().findings(), QStringList());
}

/// The last records are lost: the servers know better.
void TestPowerCuts::whatWasForgottenIsFoundAgain()
{
    QFETCH(PowerCut::Keep, keep);
    DarkRing ring;
    CRING_OK(ring.start());
    ring.leave();
    ring.live();
    CRING_OK(ring.cutPower(keep));
    if (ring.forgets()) {
        QCOMPARE(ring.recorded("new/f7"), -1);
        QCOMPARE(ring.recorded("over/f7"), Old.size());
    }
    CRING_OK(ring.ring().start());
    CRING_OK(ring.at(Away).start());
    QElapsedTimer back;
    back.start();
    const QByteArray difference = ring.differenceAfter(HealLimit);
    QVERIFY2(difference.isEmpty(), difference.constData());
    qInfo("equal %.1f s after the start", static_cast<double>(back.elapsed()) / 1000);
    VERIFY_RIGHT(ring);
    for (int server = 0; server < FaultyRing::Servers; ++server)
        QVERIFY(ring.holds(server, QStringLiteral("made/empty")));
    ring.draw();
    QCOMPARE(ring.state().findings(), QStringList());
}

/// A server owes a delete, and is one of the two that have what was stored after it.
void TestPowerCuts::whatIsOwedTakesNothingAway()
{
    constexpr int other = 0;
    DarkRing ring;
    CRING_OK(ring.start({other, Away}));
    ring.front(Away).on("DELETE", FaultyRing::target("again/f"), Fault::status(500));
    for (int i = 0; i < Files; ++i)
        ring.erase(numbered("again/f", i));
    ring.sync();
    ring.front(other).on("POST", FaultyRing::target("again/f"), Fault::status(500));
    for (int i = 0; i < Files; ++i)
        ring.store(numbered("again/f", i), New);
    CRING_OK(ring.cutPower(PowerCut::Keep::Nothing));
    if (ring.forgets()) {
        QCOMPARE(ring.recorded("again/f7"), -1);
        QCOMPARE(ring.state().number(QStringLiteral("SELECT count(*) FROM owed")), Files);
    }
    for (const int server : {other, Away})
        ring.front(server).clearRules();
    CRING_OK(ring.ring().start());
    const auto isFound = [&] {
        return ring.recorded("again/f7") == New.size();
    };
    QVERIFY(spinUntil(isFound, HealLimit));
    const QByteArray difference = ring.differenceAfter(HealLimit);
    QVERIFY2(difference.isEmpty(), difference.constData());
    VERIFY_RIGHT(ring);
    QCOMPARE(ring.state().findings(), QStringList());
    QCOMPARE(ring.state().keptVersions(), QByteArrayList());
}

QTEST_GUILESS_MAIN(TestPowerCuts)
#include "tst_powercut.moc"
