// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/prunegone.h"

#include <QTest>

using namespace cring::accounts;
using namespace std::chrono_literals;

/// What people have taken away is forgotten a year later, and never too early.
class TestPruneGone : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void isForgottenAfterItsTime();
    void countsFromWhenItWasFirstSeen();
    void staysWhileAServerTookNoPart();
    void staysWhileAServerHasIt();
    void aRowThatIsNewerIsAnother();
    void whatWasDisabledStaysForEver();
    void aChainGoesFromItsBeginning();
    void goneAgainIsAsIfNew();
    void theFileKeepsTheTimes();

private:
    /// A round later.
    void look(std::chrono::hours after, bool allHeard = true)
    {
        m_now += after;
        pruneGone(m_state, m_now, kKeep, allHeard);
    }
    static Account account(const QByteArray &charmId, const QByteArray &key, const QByteArray &madeAt)
    {
        Account one;
        one.charmId = charmId;
        one.keys.append({key, madeAt, {}});
        return one;
    }

    static constexpr std::chrono::hours kKeep{365 * 24};
    static constexpr std::chrono::hours kDay{24};
    Synchronised m_state;
    std::chrono::milliseconds m_now{0};
};

namespace {

const QByteArray kMade = "2026-01-01 00:00:00";
const QByteArray kLater = "2026-02-01 00:00:00";

} // namespace

/// One key was unlinked from an account that lives on, another account is part of that one.
void TestPruneGone::init()
{
    m_now = 1'000'000'000'000ms;
    m_state = {};
    m_state.accounts["a"] = account("a", "key", kMade);
    m_state.servers["one"].accounts = m_state.servers["two"].accounts = m_state.accounts;
    m_state.gone.keys[{"a", "lost"}] = kMade;
    m_state.gone.keys[{"b", "key"}] = kMade;
    m_state.gone.accounts["b"] = {"a", {}};
    look(0h);
}

void TestPruneGone::isForgottenAfterItsTime()
{
    look(kKeep);
    QCOMPARE(m_state.gone.keys.size(), size_t(2));
    QCOMPARE(m_state.gone.accounts.size(), size_t(1));
    m_state.gone.returned.insert({"a", "lost"});
    m_state.gone.returned.insert({"a", "key"});
    m_state.servers["one"].accounts["a"].keys[0].createdAt = kLater;
    m_state.servers["two"].accounts["a"].keys[0].createdAt = kLater;
    look(1h);
    QCOMPARE(m_state.gone.keys.size(), size_t(0));
    QCOMPARE(m_state.gone.accounts.size(), size_t(0));
    QCOMPARE(m_state.gone.returned.size(), size_t(0));
    QCOMPARE(m_state.goneSince, GoneSince());
}

/// What an earlier release wrote has no times: it is as if it had gone now.
void TestPruneGone::countsFromWhenItWasFirstSeen()
{
    look(kKeep);
    m_state.goneSince = {};
    look(kDay);
    look(kDay);
    QCOMPARE(m_state.gone.keys.size(), size_t(2));
    QVERIFY(m_state.gone.accounts.contains("b"));
}

void TestPruneGone::staysWhileAServerTookNoPart()
{
    look(2 * kKeep, false);
    QVERIFY(m_state.gone.keys.contains({"a", "lost"}));
    QVERIFY(m_state.gone.accounts.contains("b"));
    look(1h);
    QVERIFY(!m_state.gone.keys.contains({"a", "lost"}));
    QVERIFY(!m_state.gone.accounts.contains("b"));
}

void TestPruneGone::staysWhileAServerHasIt()
{
    m_state.servers["two"].accounts["b"] = account("b", "lost", kMade);
    look(2 * kKeep);
    QVERIFY(m_state.gone.keys.contains({"a", "lost"}));
    QVERIFY(m_state.gone.accounts.contains("b"));
    // The key's row is not newer than what went with the account.
    QVERIFY(m_state.gone.keys.contains({"b", "key"}));
}

void TestPruneGone::aRowThatIsNewerIsAnother()
{
    m_state.servers["two"].accounts["a"].keys.append({"lost", kLater, {}});
    look(2 * kKeep);
    QVERIFY(!m_state.gone.keys.contains({"a", "lost"}));
}

void TestPruneGone::whatWasDisabledStaysForEver()
{
    m_state.accounts["c"] = account("c", "third", kMade);
    QVERIFY(m_state.takeAway("c"));
    m_state.gone.accounts["d"] = {"c", {}}; // part of it
    look(1h);
    look(10 * kKeep);
    QVERIFY(m_state.gone.isDisabled("c"));
    QVERIFY(m_state.gone.isDisabled("d"));
    QVERIFY(m_state.gone.keys.contains({"c", "third"}));
    QVERIFY(!m_state.gone.accounts.contains("b"));
}

/// Whoever became part of "b" is part of "a".
void TestPruneGone::aChainGoesFromItsBeginning()
{
    m_state.gone.accounts["0"] = {"b", {}};
    look(kKeep / 2);
    look(kKeep);
    QCOMPARE(m_state.gone.livesOnAs("0"), QByteArray("a"));
    look(1h);
    QVERIFY(!m_state.gone.accounts.contains("0"));
    QVERIFY(m_state.gone.accounts.contains("b"));
    look(1h);
    QVERIFY(!m_state.gone.accounts.contains("b"));
}

void TestPruneGone::goneAgainIsAsIfNew()
{
    look(kKeep / 2);
    m_state.gone.keys[{"a", "lost"}] = kLater;
    look(kKeep / 2);
    look(1h);
    QVERIFY(m_state.gone.keys.contains({"a", "lost"}));
    look(kKeep);
    QVERIFY(!m_state.gone.keys.contains({"a", "lost"}));
}

void TestPruneGone::theFileKeepsTheTimes()
{
    QCOMPARE(m_state.goneSince.keys.size(), size_t(2));
    QCOMPARE(m_state.goneSince.accounts.size(), size_t(1));
    const auto again = Synchronised::fromBytes(m_state.toBytes());
    QVERIFY(again.ok());
    QVERIFY(*again == m_state);
}

QTEST_APPLESS_MAIN(TestPruneGone)
#include "tst_prunegone.moc"
