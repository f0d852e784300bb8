// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/workers.h"
#include "core/service/datalook.h"
#include "tests/support/charmcluster.h"
#include "tests/support/hungdisk.h"
#include "tests/support/spin.h"

#include <QElapsedTimer>
#include <QTest>

using namespace cring;
using namespace cring::service;
using namespace cring::test;

class TestDataLook : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void saysWhatIsNotThere();
    void endsAtADiskThatHangs();
    void tellsNobodyWhoHasGone();

private:
    static constexpr int Limit = 10'000;

    BackendTest::DataLook look(const QString &data, std::chrono::milliseconds time);

    SystemClock m_clock;
    std::unique_ptr<Workers> m_workers = std::make_unique<Workers>();
};

BackendTest::DataLook TestDataLook::look(const QString &data, std::chrono::milliseconds time)
{
    config::Server server;
    server.data = data;
    return dataLook(*m_workers, server, {}, m_clock, time);
}

void TestDataLook::saysWhatIsNotThere()
{
    QVERIFY(!look(QString(), kDataTime));
    const QTemporaryDir folder;
    std::optional<Result<QString>> told;
    look(folder.path(), kDataTime)(this, {}, [&](const Result<QString> &result) { told = result; });
    QVERIFY(spinUntil([&] { return told.has_value(); }, Limit));
    QVERIFY(!told->ok());
    QVERIFY2(told->error().detail.contains(u"is not there"), qPrintable(told->error().detail));
}

/// Nor does it hold up other looks, or the end of the service.
void TestDataLook::endsAtADiskThatHangs()
{
    HungDisk disk;
    CRING_OK(disk.made());
    int told = 0;
    std::vector<std::unique_ptr<QObject>> contexts;
    for (int i = 0; i < Workers::kThreads + 1; ++i) {
        look(disk.path() + QStringLiteral("/data"), std::chrono::milliseconds(300))(
            contexts.emplace_back(std::make_unique<QObject>()).get(), {}, [&](const Result<QString> &result) {
                told += !result && result.error().detail.contains(u"within") ? 1 : 0;
            });
    }
    const bool inTime = spinUntil([&] { return told == Workers::kThreads + 1; }, Limit);
    bool free = false;
    m_workers->run([] {}, this, [&] { free = true; });
    const bool isFree = spinUntil([&] { return free; }, Limit);
    if (!inTime || !isFree)
        disk.release(); // or this test would hang, too
    QVERIFY2(inTime, "nobody was told");
    QVERIFY2(isFree, "a look that hangs keeps a worker");
    QElapsedTimer end;
    end.start();
    m_workers = std::make_unique<Workers>();
    QVERIFY2(end.elapsed() < 1'000, "the end waited");
}

void TestDataLook::tellsNobodyWhoHasGone()
{
    const QTemporaryDir folder;
    bool told = false;
    for (int i = 0; i < 50; ++i) {
        QObject context;
        look(folder.path(), kDataTime)(&context, {}, [&](const Result<QString> &) { told = true; });
    }
    bool done = false;
    look(folder.path(), kDataTime)(this, {}, [&](const Result<QString> &) { done = true; });
    QVERIFY(spinUntil([&] { return done; }, Limit));
    QVERIFY(!told);
}

QTEST_GUILESS_MAIN(TestDataLook)
#include "tst_datalook.moc"
