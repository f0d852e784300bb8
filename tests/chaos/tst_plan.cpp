// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/chaos/faultplan.h"
#include "tests/chaos/script.h"

#include <QTest>

#include <map>

using namespace cring::chaos;
using namespace std::chrono_literals;

/// Everything follows from the seed.
class TestPlan : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sameSeedGivesTheSamePlan();
    void ringIsKilledAsOftenAsAskedAndLastAtTheEnd();
    void faultsOfAServerDoNotOverlap();
    void clientsChangeNamesOfTheirOwn();
    void everyKindOfOperationOccurs();
};

namespace {

std::vector<Operation> operationsOf(quint64 seed, int client, int count = 500)
{
    Script script({seed, 8, 2}, client);
    std::vector<Operation> operations;
    for (int number = 0; number < count; ++number)
        operations.push_back(script.next());
    return operations;
}

FaultOptions faultOptions(quint64 seed)
{
    FaultOptions options;
    options.seed = seed;
    options.kills = 50;
    options.duration = 60s;
    return options;
}

} // namespace

void TestPlan::sameSeedGivesTheSamePlan()
{
    for (int client = 0; client < 8; ++client)
        QVERIFY(operationsOf(7, client) == operationsOf(7, client));
    QVERIFY(operationsOf(7, 0) != operationsOf(8, 0));
    QVERIFY(operationsOf(7, 0) != operationsOf(7, 1));
    QVERIFY(planFaults(faultOptions(7)) == planFaults(faultOptions(7)));
    QVERIFY(planFaults(faultOptions(7)) != planFaults(faultOptions(8)));
}

void TestPlan::ringIsKilledAsOftenAsAskedAndLastAtTheEnd()
{
    const auto faults = planFaults(faultOptions(1));
    const auto kills = std::count_if(faults.begin(), faults.end(),
                                     [](const Fault &fault) { return fault.kind == Fault::Kind::KillRing; });
    QCOMPARE(kills, 50);
    QCOMPARE(faults.back().kind, Fault::Kind::KillRing);
    QCOMPARE(faults.back().at, milliseconds(60s));
    QVERIFY(std::is_sorted(faults.begin(), faults.end(),
                           [](const Fault &a, const Fault &b) { return a.at < b.at; }));
    FaultOptions none = faultOptions(1);
    none.kills = 0;
    none.serverFaults = false;
    QVERIFY(planFaults(none).empty());
}

void TestPlan::faultsOfAServerDoNotOverlap()
{
    std::map<int, milliseconds> end;
    std::map<int, int> count;
    for (const Fault &fault : planFaults(faultOptions(3))) {
        if (fault.kind == Fault::Kind::KillRing)
            continue;
        QVERIFY(fault.at >= end[fault.server]);
        QVERIFY(fault.length > 0ms);
        end[fault.server] = fault.at + fault.length;
        ++count[fault.server];
    }
    for (int server = 0; server < 3; ++server)
        QVERIFY2(count[server] > 2, "a server has hardly any faults in a minute");
}

/// Else nobody could say in which order a path was changed.
void TestPlan::clientsChangeNamesOfTheirOwn()
{
    for (int client = 0; client < 8; ++client) {
        const QByteArray own = 'c' + QByteArray::number(client);
        for (const Operation &operation : operationsOf(5, client, 2'000)) {
            if (!operation.changes())
                continue;
            QVERIFY2(operation.path.startsWith(own + '/') || operation.path.startsWith("shared/" + own + '-'),
                     operation.path.constData());
        }
    }
}

void TestPlan::everyKindOfOperationOccurs()
{
    std::map<Operation::Kind, int> count;
    std::map<QByteArray, int> uploads;
    int empty = 0;
    int large = 0;
    int left = 0;
    for (const Operation &operation : operationsOf(2, 0, 2'000)) {
        ++count[operation.kind];
        if (operation.kind != Operation::Kind::Upload)
            continue;
        ++uploads[operation.path];
        empty += operation.size == 0 ? 1 : 0;
        large += operation.size > 1024 * 1024 ? 1 : 0;
        left += operation.abandonAfter >= 0 ? 1 : 0;
    }
    using Kind = Operation::Kind;
    for (const Kind kind : {Kind::Upload, Kind::Delete, Kind::MakeFolder, Kind::Read, Kind::Number})
        QVERIFY2(count[kind] > 50, nameOf(kind));
    QVERIFY(empty > 10 && large > 3 && left > 3);
    const auto twice = [](const auto &upload) {
        return upload.second > 1;
    };
    QVERIFY(std::any_of(uploads.begin(), uploads.end(), twice));
    QVERIFY(!std::all_of(uploads.begin(), uploads.end(), twice));
}

QTEST_GUILESS_MAIN(TestPlan)
#include "tst_plan.moc"
