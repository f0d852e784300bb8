// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/charm/sequence.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QSet>
#include <QTest>

#include <random>

using namespace cring;
using namespace cring::charm;

namespace {

/// A few Charm servers that die, come back, and lose answers after having counted.
class Servers
{
public:
    Servers(int count, unsigned seed)
        : m_rows(static_cast<size_t>(count), -1)
        , m_up(m_rows.size(), true)
        , m_random(seed)
    {
    }

    /// The answer of a POST; nothing when the server is down or the answer was lost.
    std::optional<quint64> post(int server)
    {
        const auto i = static_cast<size_t>(server);
        if (!m_up[i])
            return std::nullopt;
        ++m_rows[i];
        return below(20) == 0 ? std::nullopt : std::optional(static_cast<quint64>(m_rows[i]));
    }

    void disturb()
    {
        if (below(6) == 0) {
            const size_t i = below(static_cast<unsigned>(m_up.size()));
            m_up[i] = !m_up[i];
        }
    }

    unsigned below(unsigned bound) { return static_cast<unsigned>(m_random() % bound); }

    int count() const { return static_cast<int>(m_rows.size()); }

private:
    std::vector<qint64> m_rows;
    std::vector<bool> m_up;
    std::mt19937 m_random;
};

/// A number for one client, or nothing when the round is refused.
class IRule
{
public:
    virtual ~IRule() = default;
    /// One more POST somewhere. True when the round is over.
    virtual bool step(Servers &servers) = 0;
    virtual std::optional<quint64> number() const = 0;
};

class MajorityRule final : public IRule
{
public:
    explicit MajorityRule(int servers)
        : m_round(servers, std::nullopt)
    {
    }

    bool step(Servers &servers) override
    {
        m_open += m_round.takePosts();
        if (m_round.answer() || m_round.hopeless() || m_open.isEmpty())
            return true;
        const int server = m_open.takeAt(servers.below(static_cast<unsigned>(m_open.size())));
        if (const auto row = servers.post(server))
            m_round.answered(server, *row);
        else
            m_round.failed(server);
        return m_round.answer().has_value();
    }

    std::optional<quint64> number() const override { return m_round.answer(); }

private:
    SequenceRound m_round;
    QList<int> m_open;
};

/// What one would write first: the larger of the first two answers.
class NaiveRule final : public IRule
{
public:
    explicit NaiveRule(int servers)
    {
        for (int i = 0; i < servers; ++i)
            m_open.append(i);
    }

    bool step(Servers &servers) override
    {
        if (m_answers.size() == 2 || m_open.isEmpty())
            return true;
        const int server = m_open.takeAt(servers.below(static_cast<unsigned>(m_open.size())));
        if (const auto row = servers.post(server))
            m_answers.append(*row);
        return m_answers.size() == 2;
    }

    std::optional<quint64> number() const override
    {
        return m_answers.size() == 2 ? std::optional(std::max(m_answers[0], m_answers[1])) : std::nullopt;
    }

private:
    QList<int> m_open;
    QList<quint64> m_answers;
};

struct Tally
{
    int given = 0;
    int twice = 0;
};

/// Numbers for 4 clients until each has asked rounds/4 times; at most `together` rounds are under way at
/// once.
template <typename Rule>
Tally simulate(int serverCount, unsigned seed, int rounds, size_t together)
{
    Servers servers(serverCount, seed);
    std::vector<std::unique_ptr<IRule>> open;
    QSet<quint64> seen;
    Tally tally;
    while (rounds > 0 || !open.empty()) {
        while (rounds > 0 && open.size() < together) {
            open.push_back(std::make_unique<Rule>(serverCount));
            --rounds;
        }
        servers.disturb();
        const size_t i = servers.below(static_cast<unsigned>(open.size()));
        if (!open[i]->step(servers))
            continue;
        if (const auto number = open[i]->number()) {
            ++tally.given;
            tally.twice += seen.contains(*number);
            seen.insert(*number);
        }
        open.erase(open.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return tally;
}

} // namespace

class TestSequence : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsAndWritesAllBits();
    void writesMessages();
    void givesTheCommonNextNumber();
    void postsAgainUntilAMajorityIsThere();
    void survivesTheExampleOfTheDesign();
    void countsFromTheFloor();
    void refusesWithoutAMajority();
    void distrustsRowsThatDoNotGrow();
    void givesUpOnALaggard();
    void neverGivesANumberTwice_data();
    void neverGivesANumberTwice();
    void theNaiveRuleFailsTheSameTest();
};

void TestSequence::readsAndWritesAllBits()
{
    QCOMPARE(*parseSequence("{\"seq\":0}\n"), quint64(0));
    QCOMPARE(*parseSequence("{\"seq\":9007199254740993}"), quint64(9007199254740993));
    QCOMPARE(*parseSequence(sequenceJson(~quint64(0))), ~quint64(0));
    QCOMPARE(sequenceJson(7), QByteArrayLiteral("{\"seq\":7}\n"));
    for (const char *bad :
         {"", "{}", "{\"seq\":-1}", "{\"seq\":1.5}", "{\"seq\":\"1\"}", "{\"seq\":null}",
          "{\"seq\":18446744073709551616}", "{\"seq\":1,\"seq\":2}", "{\"message\":\"internal error\"}"}) {
        const auto result = parseSequence(bad);
        QVERIFY2(!result.ok(), bad);
        QCOMPARE(result.error().code, Code::BackendProtocol);
    }
}

void TestSequence::writesMessages()
{
    const QString text = QStringLiteral("charm2 said \"no\"\n→ try again");
    const QByteArray json = messageJson(text);
    QVERIFY(json.endsWith("}\n"));
    QCOMPARE(json.count('\n'), 1);
    QCOMPARE(QJsonDocument::fromJson(json).object().value(QStringLiteral("message")).toString(), text);
}

void TestSequence::givesTheCommonNextNumber()
{
    SequenceRound round(3, std::nullopt);
    QCOMPARE(round.takePosts(), (QList<int>{0, 1, 2}));
    QVERIFY(round.takePosts().isEmpty());
    round.answered(2, 8);
    QVERIFY(!round.answer());
    round.answered(0, 8);
    QCOMPARE(round.answer(), std::optional<quint64>(8));
    round.answered(1, 99);
    QCOMPARE(round.answer(), std::optional<quint64>(8));
    QVERIFY(round.takePosts().isEmpty());
    QCOMPARE(round.row(1), std::optional<quint64>(99));
}

void TestSequence::postsAgainUntilAMajorityIsThere()
{
    SequenceRound round(3, std::nullopt);
    round.takePosts();
    round.failed(0);
    round.answered(1, 5);
    round.answered(2, 3);
    QVERIFY(!round.answer());
    QCOMPARE(round.takePosts(), QList<int>{2});
    round.answered(2, 4);
    QCOMPARE(round.takePosts(), QList<int>{2});
    round.answered(2, 5);
    QCOMPARE(round.answer(), std::optional<quint64>(5));
}

// A = 4, B = 4, C = 2. B and C answer, then A and C: a maximum would give 5 twice.
void TestSequence::survivesTheExampleOfTheDesign()
{
    SequenceRound first(3, std::nullopt);
    first.takePosts();
    first.answered(1, 5);
    first.answered(2, 3);
    first.takePosts();
    first.answered(2, 4);
    first.takePosts();
    first.answered(2, 5);
    first.failed(0);
    QCOMPARE(first.answer(), std::optional<quint64>(5));

    SequenceRound second(3, std::nullopt);
    second.takePosts();
    second.failed(1);
    second.answered(0, 5);
    second.answered(2, 6);
    QVERIFY(!second.answer());
    QCOMPARE(second.takePosts(), QList<int>{0});
    second.answered(0, 6);
    QCOMPARE(second.answer(), std::optional<quint64>(6));
}

void TestSequence::countsFromTheFloor()
{
    SequenceRound round(3, 10);
    round.takePosts();
    for (int backend : {0, 1, 2})
        round.answered(backend, 9);
    QVERIFY(!round.answer());
    for (quint64 row : {10, 11}) {
        QCOMPARE(round.takePosts(), (QList<int>{0, 1, 2}));
        for (int backend : {0, 1, 2})
            round.answered(backend, row);
    }
    QCOMPARE(round.answer(), std::optional<quint64>(11));
}

void TestSequence::refusesWithoutAMajority()
{
    SequenceRound round(3, std::nullopt);
    round.takePosts();
    round.answered(0, 5);
    round.failed(1);
    QVERIFY(!round.hopeless());
    round.failed(2);
    QVERIFY(round.hopeless());
    QVERIFY(!round.answer());
    SequenceRound even(2, std::nullopt);
    even.takePosts();
    even.failed(0);
    QVERIFY(even.hopeless());
    SequenceRound single(1, std::nullopt);
    single.takePosts();
    single.answered(0, 0);
    QCOMPARE(single.answer(), std::optional<quint64>(0));
}

void TestSequence::distrustsRowsThatDoNotGrow()
{
    SequenceRound round(3, 7);
    round.takePosts();
    round.answered(0, 5);
    round.takePosts();
    round.answered(0, 5);
    round.failed(1);
    QVERIFY(round.hopeless());
    // Nor does an answer that nobody asked for count.
    SequenceRound other(1, std::nullopt);
    other.answered(0, 3);
    QVERIFY(!other.answer());
}

void TestSequence::givesUpOnALaggard()
{
    SequenceRound round(3, std::nullopt, 4);
    round.takePosts();
    round.answered(0, 1000);
    round.answered(1, 0);
    for (quint64 row = 1; !round.takePosts().isEmpty(); ++row)
        round.answered(1, row);
    QCOMPARE(round.row(1), std::optional<quint64>(3));
    round.answered(2, 1000);
    QCOMPARE(round.answer(), std::optional<quint64>(1000));
}

void TestSequence::neverGivesANumberTwice_data()
{
    QTest::addColumn<int>("servers");
    QTest::addColumn<int>("together");
    QTest::newRow("3 servers, one round at a time") << 3 << 1;
    QTest::newRow("3 servers, four at a time") << 3 << 4;
    QTest::newRow("2 servers") << 2 << 1;
    QTest::newRow("4 servers") << 4 << 1;
    QTest::newRow("5 servers, four at a time") << 5 << 4;
}

void TestSequence::neverGivesANumberTwice()
{
    QFETCH(int, servers);
    QFETCH(int, together);
    int given = 0;
    for (unsigned seed = 1; seed <= 40; ++seed) {
        const Tally tally = simulate<MajorityRule>(servers, seed, 400, static_cast<size_t>(together));
        QVERIFY2(tally.twice == 0, qPrintable(QStringLiteral("seed %1").arg(seed)));
        given += tally.given;
    }
    qInfo("%d numbers", given);
    QVERIFY(given > 500);
}

void TestSequence::theNaiveRuleFailsTheSameTest()
{
    int twice = 0;
    for (unsigned seed = 1; seed <= 40; ++seed)
        twice += simulate<NaiveRule>(3, seed, 400, 1).twice;
    QVERIFY(twice > 0);
}

QTEST_APPLESS_MAIN(TestSequence)
#include "tst_sequence.moc"
