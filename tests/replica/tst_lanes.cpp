// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/lanes.h"
#include "tests/support/spin.h"

#include <QTest>

using namespace cring::replica;
using cring::test::spinUntil;

class TestLanes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void oneWriteAtATimeForEachServer();
    void folderAndItsFilesShareALane();
    void keepsTheOrderAlongTheTree();
    void oneThatDiesIsPassedOver();
    void holdOutlivesTheLanes();
};

namespace {

const QString One = QStringLiteral("one");
const QString Two = QStringLiteral("two");

struct Write
{
    QObject context;
    Lanes::Hold hold;

    Write(Lanes &lanes, const QString &backend, const ObjectKey &key)
    {
        lanes.acquire(backend, key, &context, [this](Lanes::Hold granted) { hold = std::move(granted); });
    }

    bool has() const { return static_cast<bool>(hold); }

    bool gets()
    {
        return spinUntil([this] { return has(); }, 10'000);
    }
};

void settle()
{
    QCoreApplication::processEvents();
    QCoreApplication::processEvents();
}

} // namespace

void TestLanes::oneWriteAtATimeForEachServer()
{
    Lanes lanes;
    Write first(lanes, One, "a/f");
    Write second(lanes, One, "a/f");
    const Write otherServer(lanes, Two, "a/f");
    const Write otherFile(lanes, One, "a/f-2");
    settle();
    QVERIFY(first.has() && otherServer.has() && otherFile.has());
    QVERIFY(!second.has());
    QVERIFY(lanes.isBusy(One, "a/f"));
    first.hold.release();
    QVERIFY(second.gets());
    second.hold.release();
    QVERIFY(!lanes.isBusy(One, "a/f"));
    QVERIFY(lanes.isBusy(Two, "a/f"));
}

void TestLanes::folderAndItsFilesShareALane()
{
    Lanes lanes;
    Write file(lanes, One, "a/d/f");
    Write folder(lanes, One, "a/d");
    settle();
    QVERIFY(!folder.has());
    QVERIFY(lanes.isBusy(One, "a/d"));
    QVERIFY(!lanes.isBusy(One, "a/d/g"));
    file.hold.release();
    QVERIFY(folder.gets());
    QVERIFY(lanes.isBusy(One, "a/d/g"));
    Write later(lanes, One, "a/d/g");
    settle();
    QVERIFY(!later.has());
    folder.hold.release();
    QVERIFY(later.gets());
}

/// A write after a delete of its folder must not reach the server before it.
void TestLanes::keepsTheOrderAlongTheTree()
{
    Lanes lanes;
    Write file(lanes, One, "a/d/f");
    Write folder(lanes, One, "a/d");
    Write later(lanes, One, "a/d/g");
    settle();
    QVERIFY(!later.has());
    file.hold.release();
    QVERIFY(folder.gets());
    QVERIFY(!later.has());
    folder.hold.release();
    QVERIFY(later.gets());
}

void TestLanes::oneThatDiesIsPassedOver()
{
    Lanes lanes;
    Write first(lanes, One, "a/f");
    auto second = std::make_unique<Write>(lanes, One, "a/f");
    Write third(lanes, One, "a/f");
    second.reset();
    first.hold.release();
    QVERIFY(third.gets());
}

void TestLanes::holdOutlivesTheLanes()
{
    auto lanes = std::make_unique<Lanes>();
    Write write(*lanes, One, "a/f");
    QVERIFY(write.has());
    lanes.reset();
    write.hold.release();
    QVERIFY(!write.has());
}

QTEST_GUILESS_MAIN(TestLanes)
#include "tst_lanes.moc"
