// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "tests/accounts/simring.h"

#include <QDateTime>
#include <QTest>

using namespace cring;
using namespace cring::accounts;
using namespace cring::test;

/// Random histories: clients do this and that on whichever server answers, servers are away, come back, are
/// emptied or set back to an older copy. A seed says which; one that failed fails again.
class TestHistories : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void endEqual_data();
    void endEqual();
    void endInClashesThatStay_data();
    void endInClashesThatStay();
};

namespace {

/// Drives clients, and knows what has to come of it.
class History
{
public:
    explicit History(quint64 seed, bool clashes)
        : m_random(seed)
        , m_clashes(clashes)
    {
    }

    SimRing ring{3};
    QSet<QByteArray> keysAlive;    ///< A round has seen them, and nobody has unlinked them.
    QSet<QByteArray> keysUnlinked; ///< A round has seen that.
    QSet<QByteArray> keysRelinked; ///< Whether it is there depends on who did what last.
    std::map<QByteArray, Sequences> highest;
    QSet<QByteArray> keysEverUnlinked; ///< Wherever it was, whether a round has seen it or not.
    /// Global ids by keys, as rounds have seen them.
    std::map<QByteArray, QSet<QByteArray>> encryptKeys;

    /// "" where none is lost: what was encrypted with it could never be read again.
    QByteArray lostEncryptKey() const
    {
        std::map<QByteArray, QSet<QByteArray>> there;
        for (const SimServer &server : ring.servers)
            addEncryptKeys(there, server.accounts());
        for (const auto &[key, globalIds] : encryptKeys) {
            if (!keysEverUnlinked.contains(key) && !there[key].contains(globalIds))
                return key;
        }
        return {};
    }

    /// What happened, for a seed that failed.
    QByteArray text() const { return m_log.join('\n'); }

    void run(int steps)
    {
        for (int i = 0; i < steps; ++i) {
            m_time = m_time + 1;
            if (m_random.below(4) == 0)
                round();
            else if (m_random.below(8) == 0)
                disaster();
            else
                client();
        }
        ring.away.clear();
    }

    void round()
    {
        std::map<QByteArray, QSet<QByteArray>> met;
        for (const SimServer &server : ring.servers) {
            if (!ring.away.contains(server.id()))
                addEncryptKeys(met, server.accounts());
        }
        ring.round();
        // What one server alone keeps in a clash goes with that server.
        for (const ServerPlan &plan : ring.last.plans) {
            for (const QByteArray &key : plan.holds.keys.keys())
                met.erase(key);
        }
        m_log << "round without " + QByteArrayList(ring.away.begin(), ring.away.end()).join(' ') + ": " +
                     wordsOf(ring.state.accounts);
        for (const auto &[charmId, merged] : ring.state.gone.accounts)
            m_log << "  gone: " + charmId + " > " + merged.into;
        for (const ServerPlan &plan : ring.last.plans)
            m_log << "  " + plan.id + " trust " + QByteArray::number(int(plan.trust));
        for (const SimServer &server : ring.servers)
            m_log << "  " + server.id() + ": " + wordsOf(server.accounts());
        for (const Clash &clash : ring.last.clashes)
            m_log << "  " + clash.toString().toUtf8();
        for (const ServerPlan &plan : ring.last.plans) {
            for (const QByteArray &key : m_unlinks[plan.id]) {
                // Given back, as it has to be; or linked and unlinked between two rounds.
                if (plan.trust != Trust::Continued || !keysAlive.contains(key))
                    continue;
                keysUnlinked.insert(key);
                keysAlive.remove(key);
            }
            m_unlinks[plan.id].clear();
            if (const auto copy = m_copies.find(plan.id); copy != m_copies.end())
                copy->second.unlinks.clear();
            m_resting.remove(plan.id);
        }
        for (const auto &[charmId, account] : ring.state.accounts) {
            for (const PublicKey &key : account.keys) {
                keysAlive.insert(key.text);
                encryptKeys[key.text].unite(met[key.text]);
            }
            for (const auto &[name, value] : account.sequences)
                highest[charmId][name] = std::max(highest[charmId][name], value);
        }
    }

private:
    static void addEncryptKeys(std::map<QByteArray, QSet<QByteArray>> &to, const AccountSet &accounts)
    {
        for (const auto &[charmId, account] : accounts) {
            for (const PublicKey &key : account.keys) {
                for (const EncryptKey &encryptKey : key.encryptKeys)
                    to[key.text].insert(encryptKey.globalId);
            }
        }
    }

    QByteArray number() { return QByteArray::number(++m_number); }

    QByteArray time() const
    {
        return QDateTime::fromSecsSinceEpoch(m_time, Qt::UTC)
            .toString(QStringLiteral("yyyy-MM-dd HH:mm:ss"))
            .toLatin1();
    }

    SimServer &anyServer() { return ring.servers[m_random.below(ring.servers.size())]; }

    QByteArray anyAccount(const SimServer &server)
    {
        if (server.accounts().empty())
            return {};
        auto at = server.accounts().begin();
        std::advance(at, m_random.below(server.accounts().size()));
        return at->first;
    }

    QByteArray anyKey(const SimServer &server)
    {
        const auto account = server.accounts().find(anyAccount(server));
        if (account == server.accounts().end() || account->second.keys.isEmpty())
            return {};
        return account->second.keys
            .at(static_cast<qsizetype>(m_random.below(static_cast<quint64>(account->second.keys.size()))))
            .text;
    }

    void client()
    {
        SimServer &server = anyServer();
        // Set back, it is first looked at: nobody can know how much it had done before and after.
        if (m_resting.contains(server.id()))
            return;
        const QByteArray account = anyAccount(server);
        switch (m_random.below(10)) {
        case 0: {
            const QByteArray name = number();
            server.logIn("key" + name, "acc" + name, time());
            break;
        }
        case 1:
            if (!account.isEmpty())
                server.link(account, "key" + number(), time());
            break;
        case 2:
            unlink(server);
            break;
        case 3:
            if (const QByteArray from = anyAccount(server); m_clashes || isAtHome(server, from))
                server.merge(account, from);
            break;
        case 4:
            rename(server, account);
            break;
        case 5:
            server.nextSequence(account, "seq" + QByteArray::number(m_random.below(2)));
            break;
        case 6:
            server.addEncryptKey(anyKey(server),
                                 {"gid" + QByteArray::number(m_random.below(5)), "sealed", time()});
            break;
        case 8:
            linkAgain(server, account);
            break;
        case 7:
            // A machine that was elsewhere before: its key is not known here.
            if (const QByteArray key = anyKey(anyServer()); m_clashes && !key.isEmpty())
                server.logIn(key, "acc" + number(), time());
            break;
        default:
            server.nextSequence(account, "seq0");
            break;
        }
        m_log << server.id() + ": " + wordsOf(server.accounts());
    }

    /// Where alone that is done of which two would contradict each other.
    bool isAtHome(const SimServer &server, const QByteArray &account) const
    {
        return qChecksum(account) % ring.servers.size() == static_cast<size_t>(server.id().at(0) - 'a');
    }

    void rename(SimServer &server, const QByteArray &account)
    {
        if (m_clashes)
            server.rename(account, "name" + QByteArray::number(m_random.below(4)));
        else if (isAtHome(server, account))
            server.rename(account, "name" + number());
    }

    void linkAgain(SimServer &server, const QByteArray &account)
    {
        if (account.isEmpty() || keysUnlinked.isEmpty())
            return;
        QList<QByteArray> keys = keysUnlinked.values();
        std::sort(keys.begin(), keys.end());
        const QByteArray key =
            keys.at(static_cast<qsizetype>(m_random.below(static_cast<quint64>(keys.size()))));
        if (!m_clashes && !isAtHome(server, key))
            return;
        keysRelinked.insert(key);
        server.link(account, key, time());
    }

    void unlink(SimServer &server)
    {
        const QByteArray key = anyKey(server);
        if (key.isEmpty())
            return;
        server.unlink(key);
        keysEverUnlinked.insert(key);
        m_unlinks[server.id()].insert(key);
    }

    void disaster()
    {
        SimServer &server = anyServer();
        switch (m_random.below(6)) {
        case 0:
            m_copies.insert_or_assign(server.id(), Copy{server, m_unlinks[server.id()]});
            break;
        case 1:
            if (const auto copy = m_copies.find(server.id()); copy != m_copies.end()) {
                server.restore(copy->second.server);
                m_unlinks[server.id()] = copy->second.unlinks;
                m_resting.insert(server.id());
            }
            break;
        case 2:
            if (!server.accounts().empty() && m_random.below(3) == 0) {
                server.set({});
                m_unlinks[server.id()].clear();
                m_resting.insert(server.id());
            }
            break;
        case 3:
            ring.away.insert(server.id());
            break;
        default:
            ring.away.remove(server.id());
            break;
        }
        m_log << "disaster, " + server.id() + ": " + wordsOf(server.accounts());
    }

    QByteArrayList m_log;
    SeededRandom m_random;
    bool m_clashes;
    qint64 m_time = 1'767'225'600;
    int m_number = 0;
    std::map<QByteArray, QSet<QByteArray>> m_unlinks; ///< Of each server, that no round has seen.
    struct Copy
    {
        SimServer server;
        QSet<QByteArray> unlinks;
    };
    std::map<QByteArray, Copy> m_copies;
    QSet<QByteArray> m_resting;
};

/// Fails with the history, when CRING_HISTORY says which seed's is wanted.
void tell(const History &history, int seed)
{
    if (qEnvironmentVariableIntValue("CRING_HISTORY") == seed)
        qInfo().noquote() << history.text();
}

constexpr int kSteps = 250;

/// CRING_SEEDS makes it more.
int seeds()
{
    bool isNumber = false;
    const int asked = qEnvironmentVariableIntValue("CRING_SEEDS", &isNumber);
    return isNumber ? asked : 100;
}

} // namespace

void TestHistories::endEqual_data()
{
    QTest::addColumn<int>("first");
    for (int first = 0; first < seeds(); first += 50)
        QTest::addRow("seeds from %d", first) << first;
}

void TestHistories::endEqual()
{
    QFETCH(int, first);
    for (int seed = first; seed < first + 50; ++seed) {
        History history(static_cast<quint64>(seed), false);
        history.run(kSteps);
        const QByteArray where = "seed " + QByteArray::number(seed);
        int rounds = 0;
        do {
            history.round();
            QVERIFY2(++rounds < 6, where.constData());
        } while (history.ring.changes > 0);
        tell(history, seed);
        QVERIFY2(rounds <= 3, where.constData());
        QVERIFY2(history.ring.isRemembered && history.ring.last.clashes.empty(), where.constData());
        for (const SimServer &server : history.ring.servers) {
            if (wordsOf(server.accounts()) != wordsOf(history.ring.state.accounts))
                QFAIL(
                    (where + ": " + wordsOf(server.accounts()) + " | " + wordsOf(history.ring.state.accounts))
                        .constData());
        }
        const KeyOwners owners = keyOwners(history.ring.state.accounts);
        for (const QByteArray &key : history.keysAlive)
            QVERIFY2(owners.contains(key) || history.keysRelinked.contains(key),
                     (where + ": lost " + key).constData());
        for (const QByteArray &key : history.keysUnlinked)
            QVERIFY2(!owners.contains(key) || history.keysRelinked.contains(key),
                     (where + ": came back: " + key).constData());
        QVERIFY2(history.lostEncryptKey().isEmpty(),
                 (where + ": an encrypt key of " + history.lostEncryptKey()).constData());
        for (const auto &[charmId, account] : history.ring.state.accounts) {
            QVERIFY2(!account.keys.isEmpty(), (where + ": nobody's: " + charmId).constData());
            for (const auto &[name, value] : history.highest[charmId])
                QVERIFY2(account.sequences.contains(name) && account.sequences.at(name) >= value,
                         (where + ": went back: " + charmId).constData());
        }
    }
}

void TestHistories::endInClashesThatStay_data()
{
    endEqual_data();
}

void TestHistories::endInClashesThatStay()
{
    QFETCH(int, first);
    for (int seed = first; seed < first + 50; ++seed) {
        History history(static_cast<quint64>(seed), true);
        // With files everywhere nothing may be merged by itself.
        if (seed % 2 == 0)
            history.ring.hasFiles = {};
        history.run(kSteps);
        const QByteArray where = "seed " + QByteArray::number(seed);
        int rounds = 0;
        do {
            history.round();
            if (++rounds >= 8)
                tell(history, seed);
            QVERIFY2(rounds < 8, where.constData());
        } while (history.ring.changes > 0);
        tell(history, seed);
        const std::vector<Clash> clashes = history.ring.last.clashes;
        std::vector<QByteArray> states;
        for (const SimServer &server : history.ring.servers)
            states.push_back(wordsOf(server.accounts()));
        history.round();
        QVERIFY2(history.ring.changes == 0, where.constData());
        QVERIFY2(history.ring.last.clashes == clashes, where.constData());
        QVERIFY2(history.ring.isRemembered, where.constData());
        if (clashes.empty())
            QVERIFY2(states[0] == states[1] && states[1] == states[2], where.constData());
        QVERIFY2(history.lostEncryptKey().isEmpty(),
                 (where + ": an encrypt key of " + history.lostEncryptKey()).constData());
        for (const QByteArray &key : history.keysAlive) {
            for (const SimServer &server : history.ring.servers)
                QVERIFY2(server.ownerOf(key) || !clashes.empty(), (where + ": lost " + key).constData());
        }
    }
}

QTEST_APPLESS_MAIN(TestHistories)
#include "tst_histories.moc"
