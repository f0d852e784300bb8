// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/caretaker.h"
#include "tests/repair/barering.h"
#include "tests/support/spin.h"

#include <QTest>

using namespace cring;
using namespace std::chrono_literals;
using test::BareRing;
using test::spinUntil;

class TestCaretaker : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void forgetsDeletesWhenTheirTimeIsOver();
};

namespace {

class NoTokens final : public replica::ITokenSource
{
public:
    void obtain(const QByteArray &, QObject *, Done done) override
    {
        done(Error{Code::TokenMissing, QStringLiteral("there is no token")});
    }
    void offer(const replica::Credentials &) override {}
};

} // namespace

void TestCaretaker::forgetsDeletesWhenTheirTimeIsOver()
{
    BareRing ring(3);
    ring.config.repair.tombstoneTime = 48h;
    ring.build();
    state::Catalogue &catalogue = ring.catalogue();
    const auto deleted = [&](const QByteArray &name, std::chrono::hours ago) {
        state::Record record;
        record.deleted = true;
        record.changed = (ring.clock.wall() - ago).count();
        (void)catalogue.adopt("account/" + name, record, {});
    };
    deleted("old", 49h);
    deleted("owed", 49h);
    catalogue.doubtAfterPowerCut();
    catalogue.mark("account/owed", BareRing::name(1), state::Debt::Stale);
    deleted("new", 47h);
    ring.put("account/file", {BareRing::name(1)});

    NoTokens tokens;
    repair::Delivery delivery{catalogue, ring.store->conflicts, tokens, ring.clock, ring.activity};
    repair::Throttle throttle{ring.clock, ring.shared.counters};
    repair::Emptied emptied;
    repair::JobTools tools{tokens,
                           ring.store->members,
                           ring.store->accounts,
                           ring.store->findings,
                           ring.store->conflicts,
                           delivery,
                           throttle,
                           emptied,
                           &ring.environment()};
    jobs::Jobs jobs(*ring.store->database, ring.clock);
    repair::Caretaker caretaker(tools, jobs, ring.clock);
    caretaker.setEnvironment(ring.environment());
    caretaker.begin({});
    // The scrub that follows a power cut finds by them what is to go.
    QVERIFY(!spinUntil([&] { return !catalogue.find("account/old"); }, 1'000));
    catalogue.endPowerCut();
    QVERIFY(spinUntil([&] { return !catalogue.find("account/old"); }, 10'000));
    // It went through all of them.
    QVERIFY(catalogue.find("account/new"));
    QVERIFY(catalogue.find("account/owed"));
    QVERIFY(catalogue.find("account/file"));
    caretaker.stop();
}

QTEST_GUILESS_MAIN(TestCaretaker)
#include "tst_caretaker.moc"
