// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/traystate.h"

#include <QTest>

using namespace cring;
using namespace cring::models;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

Condition of(TrayState state, const QString &text = {})
{
    return {{{state, text.isEmpty() ? trayStateName(state) : text, {}}}};
}

QList<TrayState> allStates()
{
    QList<TrayState> states;
    for (int i = 0; i < trayStateCount; ++i)
        states.append(static_cast<TrayState>(i));
    return states;
}

/// A tray and its clock, looked at as the program does: at each condition and when it asks for it.
class Player
{
public:
    explicit Player(TrayState first) { see(of(first)); }

    void see(const Condition &condition)
    {
        m_now = condition;
        tray = next(tray, m_now, at);
    }

    /// The time that the tray took to show this state, looking when it wants to be looked at; −1: never.
    qint64 timeTo(TrayState state)
    {
        const milliseconds begin = at.steady;
        while (tray.state() != state) {
            const auto wake = wakeAt(tray, m_now);
            if (!wake)
                return -1;
            pass(std::max(*wake - at.steady, 0ms));
        }
        return (at.steady - begin).count();
    }

    void pass(milliseconds time)
    {
        at.steady += time;
        at.wall += time;
        tray = next(tray, m_now, at);
    }

    void suspend(milliseconds time)
    {
        at.wall += time;
        tray = next(tray, m_now, at);
    }

    Tray tray;
    Moment at{1000s, 1'767'225'600s};

private:
    Condition m_now;
};

} // namespace

class TestTrayState : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void goesFromEachStateToEachOther_data();
    void goesFromEachStateToEachOther();
    void showsTheFirstStateAtOnce();
    void holdsAStateForTwoSeconds();
    void doesNotFlicker();
    void staysQuietWhileAServiceRestarts();
    void givesServersTimeAfterASleep();
    void tellsABadStateFromBeforeTheSleep();
    void alwaysShowsTheNewestWords();
    void anotherWorseStateDoesNotDelayTheFirst();
    void isAFunction();
};

void TestTrayState::goesFromEachStateToEachOther_data()
{
    QTest::addColumn<int>("from");
    QTest::addColumn<int>("to");
    QTest::addColumn<int>("ms");
    for (const TrayState from : allStates()) {
        for (const TrayState to : allStates()) {
            if (from == to)
                continue;
            int ms = 3000; // Better: it has to hold.
            if (to > from)
                ms = to == TrayState::Working || to == TrayState::Gone ? 1500 : 0;
            QTest::addRow("%s to %s", qPrintable(trayStateName(from)), qPrintable(trayStateName(to)))
                << static_cast<int>(from) << static_cast<int>(to) << ms;
        }
    }
}

void TestTrayState::goesFromEachStateToEachOther()
{
    QFETCH(int, from);
    QFETCH(int, to);
    QFETCH(int, ms);
    Player player(static_cast<TrayState>(from));
    player.pass(10s);
    player.see(of(static_cast<TrayState>(to)));
    QCOMPARE(player.timeTo(static_cast<TrayState>(to)), ms);
    QCOMPARE(player.tray.firstLine(), trayStateName(static_cast<TrayState>(to)));
    QVERIFY(!wakeAt(player.tray, of(static_cast<TrayState>(to))));
}

void TestTrayState::showsTheFirstStateAtOnce()
{
    QVERIFY(Tray().firstLine().isEmpty());
    QCOMPARE(Player(TrayState::Refused).tray.state(), TrayState::Refused);
    QCOMPARE(Player(TrayState::Working).tray.state(), TrayState::Working);
}

void TestTrayState::holdsAStateForTwoSeconds()
{
    Player player(TrayState::Well);
    player.pass(10s);
    player.see(of(TrayState::Degraded));
    QCOMPARE(player.tray.state(), TrayState::Degraded);
    player.pass(500ms);
    player.see(of(TrayState::Refused));
    QCOMPARE(player.tray.state(), TrayState::Degraded);
    QCOMPARE(player.timeTo(TrayState::Refused), 1500);
}

void TestTrayState::doesNotFlicker()
{
    Player player(TrayState::Degraded);
    player.pass(10s);
    for (int i = 0; i < 20; ++i) {
        player.see(of(i % 2 ? TrayState::Degraded : TrayState::Well));
        player.pass(1s);
        QCOMPARE(player.tray.state(), TrayState::Degraded);
    }
    player.see(of(TrayState::Well));
    QCOMPARE(player.timeTo(TrayState::Well), 3000);
}

void TestTrayState::staysQuietWhileAServiceRestarts()
{
    Player player(TrayState::Well);
    player.pass(10s);
    player.see(of(TrayState::Gone));
    player.pass(1400ms);
    QCOMPARE(player.tray.state(), TrayState::Well);
    player.see(of(TrayState::Well));
    player.pass(10s);
    QCOMPARE(player.tray.state(), TrayState::Well);
}

void TestTrayState::givesServersTimeAfterASleep()
{
    Player player(TrayState::Well);
    player.pass(10s);
    player.suspend(8h);
    for (const TrayState state :
         {TrayState::Refused, TrayState::Degraded, TrayState::Overdue, TrayState::Gone}) {
        player.see(of(state));
        QCOMPARE(player.tray.state(), TrayState::Well);
        QVERIFY(player.tray.firstLine().contains(QStringLiteral("woken")));
        QVERIFY(player.tray.toolTip().contains(QStringLiteral("woken")));
    }
    player.see(of(TrayState::Well));
    QCOMPARE(player.tray.firstLine(), QStringLiteral("well"));
    player.see(of(TrayState::Locked)); // That does not pass by itself.
    QCOMPARE(player.tray.state(), TrayState::Locked);

    Player other(TrayState::Well);
    other.pass(10s);
    other.suspend(15s);
    other.see(of(TrayState::Refused));
    QCOMPARE(other.timeTo(TrayState::Refused), 20'000);
    QCOMPARE(other.tray.firstLine(), QStringLiteral("refused"));
}

void TestTrayState::tellsABadStateFromBeforeTheSleep()
{
    Player player(TrayState::Degraded);
    player.pass(10s);
    player.suspend(8h);
    QCOMPARE(player.tray.state(), TrayState::Degraded);
    QCOMPARE(player.tray.firstLine(), QStringLiteral("degraded"));
    player.see(of(TrayState::Well));
    QCOMPARE(player.timeTo(TrayState::Well), 3000);
    // A clock that was set by some seconds is no sleep, nor one that was set back.
    Player clock(TrayState::Well);
    clock.pass(10s);
    clock.suspend(14s);
    clock.suspend(-3h);
    clock.see(of(TrayState::Refused));
    QCOMPARE(clock.tray.state(), TrayState::Refused);
}

void TestTrayState::alwaysShowsTheNewestWords()
{
    Player player(TrayState::Degraded);
    player.see(of(TrayState::Degraded, QStringLiteral("charm2 down for 6 min")));
    QCOMPARE(player.tray.firstLine(), QStringLiteral("charm2 down for 6 min"));
    player.see(of(TrayState::Degraded, QStringLiteral("charm2 down for 7 min")));
    QCOMPARE(player.tray.firstLine(), QStringLiteral("charm2 down for 7 min"));
}

void TestTrayState::anotherWorseStateDoesNotDelayTheFirst()
{
    Player player(TrayState::Refused);
    player.pass(10s);
    // Better all the time, though never the same for long.
    for (int i = 0; i < 3; ++i) {
        player.see(of(i % 2 ? TrayState::Well : TrayState::Working));
        player.pass(1s);
    }
    QVERIFY(player.tray.state() < TrayState::Refused);
}

void TestTrayState::isAFunction()
{
    const Tray before = next({}, of(TrayState::Well), {1s, 1s});
    const Tray one = next(before, of(TrayState::Refused), {9s, 9s});
    const Tray two = next(before, of(TrayState::Refused), {9s, 9s});
    QCOMPARE(one.state(), TrayState::Refused);
    QCOMPARE(two.state(), one.state());
    QCOMPARE(before.state(), TrayState::Well);
}

QTEST_GUILESS_MAIN(TestTrayState)
#include "tst_traystate.moc"
