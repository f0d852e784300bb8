// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/server.h"
#include "core/replica/transfers.h"
#include "core/service/transfermethods.h"
#include "tests/models/mirror.h"
#include "tests/models/sample.h"
#include "ui/models/transfersfeed.h"

#include <QAbstractItemModelTester>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>

using namespace cring;
using namespace cring::models;
using namespace cring::test;
using namespace std::chrono_literals;

namespace {

TransferRow upload(qint64 id, qint64 bytes, std::optional<qint64> total, const QStringList &states)
{
    TransferRow row;
    row.id = id;
    row.kind = QStringLiteral("upload");
    row.state = QStringLiteral("receiving");
    row.path = QStringLiteral("p%1").arg(id);
    row.bytes = bytes;
    row.total = total;
    for (const QString &state : states)
        row.copies.append({QStringLiteral("charm%1").arg(row.copies.size() + 1), state, {}});
    return row;
}

} // namespace

class TestTransfers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }
    void missesNoSignal();
    void saysWhereEachCopyStands_data();
    void saysWhereEachCopyStands();
    void knowsTheRateAndTheTimeLeft();
    void followsTheServiceWhileSomebodyLooks();
    void remembersWhatHasEndedForAWhile();
    void isAskedOnlyWhenSomebodyLooks();

private:
    SeededRandom m_random{7};
};

void TestTransfers::missesNoSignal()
{
    TransfersModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const Mirror mirror(model);
    const QStringList states{QStringLiteral("receiving"), QStringLiteral("storing"), QStringLiteral("done"),
                             QStringLiteral("failed"), QStringLiteral("of tomorrow")};
    const QStringList parts{QStringLiteral("taking"), QStringLiteral("stored"), QStringLiteral("failed"),
                            QStringLiteral("of tomorrow")};
    for (int round = 0; round < 400; ++round) {
        QList<TransferRow> rows;
        for (int id = 0; id < 12; ++id) {
            if (pick(m_random, 3) == 0)
                continue;
            TransferRow row = upload(id, pick(m_random, 1'000'000), 1'000'000, {parts.at(pick(m_random, 4))});
            row.state = states.at(pick(m_random, 5));
            if (pick(m_random, 4) == 0)
                row.endedMs = 1;
            if (pick(m_random, 4) == 0)
                row.total.reset();
            rows.append(row);
        }
        shuffle(rows, m_random);
        model.setTransfers(rows, rows.size(), std::chrono::milliseconds(round * 100));
        QVERIFY(mirror.isTrue());
    }
    QCOMPARE(mirror.resets, 0);
}

void TestTransfers::saysWhereEachCopyStands_data()
{
    QTest::addColumn<QStringList>("states");
    QTest::addColumn<QString>("words");
    const auto row = [](const char *states, const char *words) {
        QTest::newRow(states) << QString::fromLatin1(states).split(u' ') << QString::fromLatin1(words);
    };
    row("taking taking taking", "On the way to charm1, charm2 and charm3");
    row("stored taking stored", "Stored on charm1 and charm3, on the way to charm2");
    row("stored failed late", "Stored on charm1, on the way to charm3, not on charm2");
    row("stored absent stored", "Stored on charm1 and charm3, not on charm2");
    row("unheard-of", "");
}

void TestTransfers::saysWhereEachCopyStands()
{
    QFETCH(QStringList, states);
    QFETCH(QString, words);
    QCOMPARE(copiesWords(upload(1, 0, {}, states)), words);
}

void TestTransfers::knowsTheRateAndTheTimeLeft()
{
    TransfersModel model;
    const auto cell = [&](int column) {
        return model.index(0, column).data().toString();
    };
    model.setTransfers({upload(1, 0, 10 << 20, {})}, 1, 1s);
    QCOMPARE(cell(TransfersModel::Rate), QStringLiteral("–"));
    model.setTransfers({upload(1, 2 << 20, 10 << 20, {})}, 1, 2s);
    QCOMPARE(cell(TransfersModel::Rate), QStringLiteral("2.0 MiB/s"));
    QCOMPARE(cell(TransfersModel::TimeLeft), QStringLiteral("about 4 s"));
    QCOMPARE(cell(TransfersModel::Progress), QStringLiteral("2.0 MiB of 10.0 MiB"));
    QCOMPARE(model.index(0, TransfersModel::Progress).data(TransfersModel::FractionRole).toDouble(), 0.2);
    TransferRow done = upload(1, 10 << 20, 10 << 20, {QStringLiteral("stored")});
    done.state = QStringLiteral("done");
    done.endedMs = 1;
    model.setTransfers({done}, 0, 3s);
    QCOMPARE(cell(TransfersModel::Kind), QStringLiteral("Uploaded"));
    QCOMPARE(cell(TransfersModel::Rate), QStringLiteral("–"));
    QCOMPARE(model.underWayCount(), 0);
}

void TestTransfers::followsTheServiceWhileSomebodyLooks()
{
    const SystemClock clock;
    replica::Transfers transfers(clock);
    int looks = 0;
    auto one = transfers.add(replica::Transfer::Kind::Upload, state::objectKey("account", "path"),
                             [&looks](replica::Transfer &transfer) {
                                 ++looks;
                                 transfer.bytes = looks;
                                 transfer.state = QStringLiteral("receiving");
                                 transfer.copies = {{QStringLiteral("charm1"), QStringLiteral("taking"), {}}};
                             });
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("s"));
    control::Server server({.path = path, .serviceVersion = {}});
    service::addTransferMethods(server, transfers);
    server.addMethod(QStringLiteral("status.subscribe"), [](const control::CallPtr &call) {
        call->reply({});
        call->subscribe(QStringLiteral("status"))->notify(QStringLiteral("status"), wellSnapshot().toJson());
    });
    QVERIFY(server.listen().ok());
    TransfersModel model;
    ServiceLink link([path] { return QStringList{path}; }, m_random);
    TransfersFeed feed(link, model, clock);
    link.start();
    QTRY_COMPARE(link.state(), ServiceLink::State::Connected);
    QCOMPARE(looks, 0); // Nobody looks.
    feed.setWatched(true);
    QTRY_COMPARE(model.rowCount(), 1);
    QCOMPARE(model.rowAt(0)->path, QStringLiteral("path"));
    QCOMPARE(model.rowAt(0)->account, QStringLiteral("account"));
    QCOMPARE(model.underWayCount(), 1);
    one.end(QStringLiteral("done"));
    QTRY_VERIFY(!model.rowAt(0)->isUnderWay());
    QCOMPARE(model.underWayCount(), 0);
    QCOMPARE(model.rowAt(0)->tone(), Tone::Good);
    // And no more when nobody does.
    feed.setWatched(false);
    std::optional<bool> ended;
    link.call(QStringLiteral("transfers.unsubscribe"), {}, this, [&](const Result<QJsonObject> &answer) {
        ended = answer->value(QStringLiteral("ended")).toBool();
    });
    QTRY_VERIFY(ended.has_value());
    QVERIFY(!*ended);
}

void TestTransfers::remembersWhatHasEndedForAWhile()
{
    ManualClock clock;
    replica::Transfers transfers(clock);
    const auto add = [&] {
        return transfers.add(replica::Transfer::Kind::Download, state::objectKey("a", "b"),
                             [](replica::Transfer &) {});
    };
    for (size_t i = 0; i < replica::Transfers::kMostEnded + 5; ++i)
        add().end(QStringLiteral("done"));
    auto last = add();
    QCOMPARE(transfers.count(), 1);
    QCOMPARE(transfers.list(1000).size(), static_cast<qsizetype>(replica::Transfers::kMostEnded) + 1);
    QCOMPARE(transfers.list(1000).first().id,
             replica::Transfers::kMostEnded + 6); // What is under way is first.
    QCOMPARE(transfers.list(3).size(), 3);
    clock.advance(replica::Transfers::kKept);
    QCOMPARE(transfers.list(1000).size(), 1);
    auto moved = std::move(last);
    moved.drop();
    moved.end(QStringLiteral("done")); // Too late.
    QVERIFY(transfers.list(1000).isEmpty());
}

void TestTransfers::isAskedOnlyWhenSomebodyLooks()
{
    ManualClock clock;
    replica::Transfers transfers(clock);
    int looks = 0;
    const auto one = transfers.add(replica::Transfer::Kind::Upload, state::objectKey("a", "b"),
                                   [&looks](replica::Transfer &) { ++looks; });
    QCOMPARE(looks, 0);
    QCOMPARE(transfers.count(), 1);
    QCOMPARE(looks, 0);
    QCOMPARE(transfers.list(10).size(), 1);
    QCOMPARE(looks, 1);
}

QTEST_GUILESS_MAIN(TestTransfers)
#include "tst_transfers.moc"
