// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/loneworker.h"
#include "tests/support/spin.h"

#include <QElapsedTimer>
#include <QScopeGuard>
#include <QTest>
#include <QThread>

#include <unistd.h>

#include <array>
#include <atomic>

using namespace cring::accounts;
using namespace cring::test;
using namespace std::chrono_literals;

/// Work that hangs in the kernel, in a read of a pipe to which nobody writes, and work that does not.
class TestLoneWorker : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { QCOMPARE(::pipe(m_pipe.data()), 0); }
    void cleanup();
    void worksInOrderAndTellsHere();
    void whatHangsIsLeftBehind();
    void waitsForWhatEndsInTime();

private:
    std::array<int, 2> m_pipe{-1, -1};
};

namespace {

constexpr int kLimit = 5'000;

} // namespace

void TestLoneWorker::cleanup()
{
    for (const int end : m_pipe)
        ::close(end);
}

void TestLoneWorker::worksInOrderAndTellsHere()
{
    LoneWorker worker(1s);
    QList<int> told;
    bool elsewhere = false;
    bool here = true;
    for (int i = 0; i < 3; ++i) {
        worker.run([&, i, own = QThread::currentThread()]() -> LoneWorker::Message {
            elsewhere = QThread::currentThread() != own;
            return [&, i, own] {
                here = here && QThread::currentThread() == own;
                told << i;
            };
        });
    }
    QVERIFY(spinUntil([&] { return told.size() == 3; }, kLimit));
    QCOMPARE(told, (QList<int>{0, 1, 2}));
    QVERIFY(elsewhere && here);
}

/// Its message comes to nobody, and neither does what stood behind it.
void TestLoneWorker::whatHangsIsLeftBehind()
{
    constexpr auto kGrace = 200ms;
    const auto begun = std::make_shared<std::atomic<bool>>(false);
    const auto ended = std::make_shared<std::atomic<bool>>(false);
    const auto told = std::make_shared<std::atomic<int>>(0);
    auto worker = std::make_unique<LoneWorker>(kGrace);
    worker->run([begun, ended, told, input = m_pipe[0]]() -> LoneWorker::Message {
        *begun = true;
        char byte = 0;
        *ended = ::read(input, &byte, 1) == 1;
        return [told] {
            ++*told;
        };
    });
    worker->run([told]() -> LoneWorker::Message {
        ++*told;
        return {};
    });
    QVERIFY(spinUntil([&] { return begun->load(); }, kLimit));
    QElapsedTimer timer;
    timer.start();
    worker.reset();
    QVERIFY(timer.elapsed() >= kGrace.count());
    QVERIFY(timer.elapsed() < kLimit);
    QCOMPARE(::write(m_pipe[1], "x", 1), ssize_t(1));
    QVERIFY(spinUntil([&] { return ended->load(); }, kLimit));
    // The thread gives back what it held when it has gone.
    QVERIFY(spinUntil([&] { return told.use_count() == 1; }, kLimit));
    QCOMPARE(told->load(), 0);
}

void TestLoneWorker::waitsForWhatEndsInTime()
{
    const auto ended = std::make_shared<std::atomic<bool>>(false);
    const auto begun = std::make_shared<std::atomic<bool>>(false);
    auto worker = std::make_unique<LoneWorker>(5s);
    worker->run([begun, ended, input = m_pipe[0]]() -> LoneWorker::Message {
        *begun = true;
        char byte = 0;
        *ended = ::read(input, &byte, 1) == 1;
        return {};
    });
    QVERIFY(spinUntil([&] { return begun->load(); }, kLimit));
    QCOMPARE(::write(m_pipe[1], "x", 1), ssize_t(1));
    worker.reset();
    QVERIFY(ended->load());
}

QTEST_GUILESS_MAIN(TestLoneWorker)
#include "tst_loneworker.moc"
