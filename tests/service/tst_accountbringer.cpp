// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/accountbringer.h"
#include "tests/support/spin.h"

#include <QTemporaryDir>
#include <QTest>

#include <future>

using namespace cring;
using namespace cring::accounts;
using namespace cring::service;
using namespace cring::test;

class TestAccountBringer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void nobodyWaitsLongForARoundThatTakesLong();
};

/// Whenever they come: what holds the keeper's worker up stands for a round that does not end.
void TestAccountBringer::nobodyWaitsLongForARoundThatTakesLong()
{
    const SystemClock clock;
    telemetry::ActivityLog activity(clock);
    const QTemporaryDir folder;
    config::NodePlace place;
    place.path = folder.path();
    std::promise<void> end;
    AccountKeeper keeper(QString(), clock, activity);
    AccountBringer bringer(keeper, clock);
    keeper.configure({{QStringLiteral("one"), QStringLiteral("charm1"), place}});
    keeper.inspect([&](const Synchronised &) { end.get_future().wait(); }, this, [] {});
    std::vector<std::optional<bool>> told(4);
    const auto ask = [&](size_t who) {
        bringer.bring(QStringLiteral("one"), "account", this,
                      [&told, who](bool isThere) { told[who] = isThere; });
    };
    const auto begun = clock.steady();
    ask(0);
    ask(1);
    const bool waits = !told[0] && !told[1];
    const bool first = spinUntil([&] { return told[0].has_value(); }, 10'000);
    const auto took = clock.steady() - begun;
    ask(2);
    const auto late = told;
    const bool roundGoesOn = !keeper.report();
    end.set_value();
    QVERIFY(waits && first && roundGoesOn);
    QVERIFY(took >= AccountBringer::kPatience - std::chrono::milliseconds(100));
    QCOMPARE(late[1], std::optional(false));
    QVERIFY2(late[2] == false, "who came after the time was over waits for the round's end");
    QVERIFY(spinUntil([&] { return keeper.report().has_value(); }, 10'000));
    ask(3);
    QCOMPARE(told[3], std::optional(false));
}

QTEST_GUILESS_MAIN(TestAccountBringer)
#include "tst_accountbringer.moc"
