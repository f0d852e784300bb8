// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/faultyring.h"
#include "tests/integration/statefolder.h"
#include "tests/support/spin.h"

#include <QTest>

using namespace cring;
using namespace cring::test;

/// Somebody puts yesterday's copy of the state directory back, from a time when a server was away: what it
/// owed then it has got since, and newer things beside. None of them is undone.
class TestOldState : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void nothingNewIsUndone_data();
    void nothingNewIsUndone();
    void newestOfOneServerIsKeptAside();
    void ordinaryRestartKeepsNothingAside_data();
    void ordinaryRestartKeepsNothingAside();
    void numbersGoOn();
};

namespace {

constexpr int Limit = 30'000;
constexpr int ClocksDiffer = 4'000; ///< ms; more than the ring takes for an error of the clocks.
constexpr int Away = 2;             ///< The server that was away yesterday.
const QString Often = QStringLiteral("[repair]\nscrub_interval = \"1s\"\n");
const QByteArray First = FaultyRing::content(20'000, "first");
const QByteArray Second = FaultyRing::content(20'000, "second");
const QByteArray Third = FaultyRing::content(20'000, "third");

class RestoredRing : public FaultyRing
{
public:
    Status start()
    {
        if (const Status servers = startServers(); !servers)
            return servers;
        if (const Status key = useServerKey(); !key)
            return key;
        if (const Status started = startRing({}, Often); !started)
            return started;
        for (const char *path : {"over", "gone", "folder/gone", "kept", "read"}) {
            if (upload(path, First).status != 200)
                return Error{Code::NoQuorum, QStringLiteral("a file was not stored")};
        }
        const bool imported = spinUntil(
            [this] {
                return state().number(QStringLiteral("SELECT count(*) FROM accounts WHERE state = 1")) == 1;
            },
            Limit);
        if (!imported || !differenceAfter(Limit).isEmpty())
            return Error{Code::NoQuorum, QStringLiteral("the account was not gone through")};
        return {};
    }

    StateFolder state() { return StateFolder(ring()); }
    QString copy() const { return m_backup.filePath(QStringLiteral("state")); }

    bool isDown(int server)
    {
        at(server).kill9();
        return spinUntil([&] { return !isUp(server); }, Limit);
    }
    bool isBack(int server)
    {
        return at(server).start().ok() && spinUntil([&] { return isUp(server); }, Limit);
    }
    int copies(const QByteArray &path, const QByteArray &data)
    {
        int count = 0;
        for (int server = 0; server < Servers; ++server)
            count += onDisk(server, path) == data ? 1 : 0;
        return count;
    }
    /// The whole version is somewhere.
    bool exists(const QByteArray &path, const QByteArray &data)
    {
        return copies(path, data) > 0 || state().keptVersions().contains(data);
    }
    bool isGoneThrough()
    {
        const qint64 since = QDateTime::currentMSecsSinceEpoch();
        return spinUntil(
            [&] {
                return state().summary(QStringLiteral("scrub"), since).has_value() &&
                       state().number(QStringLiteral("SELECT count(*) FROM owed")) == 0;
            },
            Limit);
    }

private:
    QTemporaryDir m_backup;
};

/// What differs by less may be the clocks.
bool waitedForToday()
{
    QElapsedTimer timer;
    timer.start();
    return spinUntil([&] { return timer.hasExpired(ClocksDiffer); }, Limit);
}

} // namespace

void TestOldState::nothingNewIsUndone_data()
{
    QTest::addColumn<int>("missed");
    QTest::newRow("all servers have the newest") << -1;
    for (int server = 0; server < FaultyRing::Servers; ++server)
        QTest::addRow("server %d has missed the newest", server + 1) << server;
}

void TestOldState::nothingNewIsUndone()
{
    QFETCH(int, missed);
    RestoredRing ring;
    CRING_OK(ring.start());
    // Yesterday.
    QVERIFY(ring.isDown(Away));
    QCOMPARE(ring.upload("over", Second).status, 200);
    QCOMPARE(ring.upload("read", Second).status, 200);
    QCOMPARE(ring.remove("gone").status, 200);
    QCOMPARE(ring.remove("folder").status, 200);
    QCOMPARE(ring.ring().stop(), 0);
    QVERIFY(ring.state().copyTo(ring.copy()));
    // Since.
    CRING_OK(ring.ring().start());
    QVERIFY(ring.isBack(Away));
    QVERIFY2(ring.differenceAfter(Limit).isEmpty(), ring.difference().constData());
    QVERIFY(ring.isGoneThrough());
    QVERIFY(waitedForToday());
    if (missed >= 0)
        QVERIFY(ring.isDown(missed));
    for (const char *path : {"over", "gone", "folder/gone", "new"})
        QCOMPARE(ring.upload(path, Third).status, 200);
    QCOMPARE(ring.remove("kept").status, 200);
    if (missed < 0)
        QVERIFY2(ring.differenceAfter(Limit).isEmpty(), ring.difference().constData());
    QCOMPARE(ring.ring().stop(), 0);

    QVERIFY(ring.state().replaceBy(ring.copy()));
    if (missed >= 0)
        CRING_OK(ring.at(missed).start());
    CRING_OK(ring.ring().start());
    const auto lost = [&]() -> QByteArray {
        for (const char *path : {"over", "gone", "folder/gone", "new"}) {
            if (!ring.exists(path, Third))
                return path;
        }
        return ring.copies("read", Second) < FaultyRing::Servers - 1 ? "read" : "";
    };
    // At every moment from now on. The copy of "read" is younger by less than the clocks: it may be written
    // anew.
    QVERIFY2(!spinUntil([&] { return !lost().isEmpty(); }, 5'000), lost().constData());
    QVERIFY(ring.isGoneThrough());
    QCOMPARE(lost(), QByteArray());
    for (const char *path : {"over", "new"}) {
        QCOMPARE(ring.copies(path, Third), FaultyRing::Servers);
        QCOMPARE(ring.get(path).body, Third);
    }
    QCOMPARE(ring.copies("read", Second), FaultyRing::Servers);
    QCOMPARE(ring.get("read").body, Second);
    // What was deleted since is the record's still, and told: nobody can say that it was no accident.
    const QString told = ring.state().findings().join(QStringLiteral(", "));
    QVERIFY2(told.contains(QStringLiteral("absence kept")) || told.contains(QStringLiteral("lost kept")),
             qPrintable(told));
}

/// A version that was acknowledged since is left on the one server that the old state has something against:
/// it does not hold, and is not lost.
void TestOldState::newestOfOneServerIsKeptAside()
{
    RestoredRing ring;
    CRING_OK(ring.start());
    QVERIFY(ring.isDown(Away));
    QCOMPARE(ring.upload("over", Second).status, 200);
    QCOMPARE(ring.ring().stop(), 0);
    QVERIFY(ring.state().copyTo(ring.copy()));
    CRING_OK(ring.ring().start());
    QVERIFY(ring.isBack(Away));
    QVERIFY2(ring.differenceAfter(Limit).isEmpty(), ring.difference().constData());
    QVERIFY(waitedForToday());
    QVERIFY(ring.isDown(0));
    QCOMPARE(ring.upload("over", Third).status, 200);
    QCOMPARE(ring.ring().stop(), 0);
    QFile other(ring.diskPath(1, "over"));
    QVERIFY(other.open(QIODevice::WriteOnly) && other.write(Second) == Second.size());
    other.close();

    QVERIFY(ring.state().replaceBy(ring.copy()));
    CRING_OK(ring.at(0).start());
    CRING_OK(ring.ring().start());
    QVERIFY(!spinUntil([&] { return !ring.exists("over", Third); }, 3'000));
    QVERIFY(ring.isGoneThrough());
    QVERIFY2(ring.differenceAfter(Limit).isEmpty(), ring.difference().constData());
    QCOMPARE(ring.get("over").body, Second);
    QCOMPARE(ring.state().keptVersions(), QByteArrayList{Third});
}

void TestOldState::ordinaryRestartKeepsNothingAside_data()
{
    QTest::addColumn<bool>("killed");
    QTest::newRow("stopped") << false;
    QTest::newRow("killed") << true;
}

/// Its own state directory: what a server owes is older there than the debt.
void TestOldState::ordinaryRestartKeepsNothingAside()
{
    QFETCH(bool, killed);
    RestoredRing ring;
    CRING_OK(ring.start());
    QVERIFY(waitedForToday());
    QVERIFY(ring.isDown(Away));
    for (const char *path : {"over", "new"})
        QCOMPARE(ring.upload(path, Second).status, 200);
    for (const char *path : {"gone", "folder"})
        QCOMPARE(ring.remove(path).status, 200);
    if (killed)
        ring.ring().kill9();
    else
        QCOMPARE(ring.ring().stop(), 0);
    CRING_OK(ring.ring().start());
    QVERIFY(ring.isBack(Away));
    QVERIFY2(ring.differenceAfter(Limit).isEmpty(), ring.difference().constData());
    QVERIFY(ring.isGoneThrough());
    for (const char *path : {"over", "new"})
        QCOMPARE(ring.copies(path, Second), FaultyRing::Servers);
    QCOMPARE(ring.state().keptVersions(), QByteArrayList());
    QCOMPARE(ring.state().findings(), QStringList());
}

/// The servers' own rows say how far they are.
void TestOldState::numbersGoOn()
{
    RestoredRing ring;
    CRING_OK(ring.start());
    const auto draw = [&] {
        const HttpResponse answer = ring.client().request(
            "POST", "/v1/seq/name", {{"Content-Length", "0"}, {"Authorization", "bearer " + ring.token()}});
        return answer.status == 200 ? answer.json().value(QStringLiteral("seq")).toInteger() : -1;
    };
    QCOMPARE(draw(), 0); // Charm's first number
    QCOMPARE(ring.ring().stop(), 0);
    QVERIFY(ring.state().copyTo(ring.copy()));
    CRING_OK(ring.restartRing());
    qint64 highest = 0;
    for (int i = 0; i < 5; ++i)
        highest = std::max(highest, draw());
    QVERIFY(ring.isDown(Away));
    for (int i = 0; i < 5; ++i)
        highest = std::max(highest, draw());
    QCOMPARE(ring.ring().stop(), 0);
    QVERIFY(ring.state().replaceBy(ring.copy()));
    // Another one is away now: of the two that are left one has missed the last numbers.
    CRING_OK(ring.at(Away).start());
    CRING_OK(ring.restartRing());
    QVERIFY(ring.isDown(0));
    const qint64 next = draw();
    QVERIFY2(next > highest, qPrintable(QStringLiteral("%1 after %2").arg(next).arg(highest)));
}

QTEST_GUILESS_MAIN(TestOldState)
#include "tst_oldstate.moc"
