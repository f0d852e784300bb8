// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/state/events.h"

#include <QTemporaryDir>
#include <QTest>

using namespace cring;
using state::Database;
using state::Events;

/// The lines of the activity log are there after a restart: the newest ones, in order, and no more of them
/// than are kept.
class TestEvents : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void comeBackInOrder();
    void oldestMakeRoom();

private:
    static constexpr qsizetype Capacity = 5;

    /// What a next run finds of lines with these numbers; `rows`: how many are in the database.
    static QList<Events::Line> foundAfter(const QList<quint64> &numbers, qint64 *rows = nullptr);
};

QList<Events::Line> TestEvents::foundAfter(const QList<quint64> &numbers, qint64 *rows)
{
    const QTemporaryDir folder;
    const SystemClock clock;
    SystemRandom random;
    QList<Events::Line> found;
    for (const bool first : {true, false}) {
        auto database = Database::open(folder.path(), clock, random);
        if (!database)
            return {};
        Events events(**database, Capacity);
        if (!events.load())
            return {};
        found = events.take();
        if (rows) {
            (void)(*database)->session().each(QStringLiteral("SELECT count(*) FROM events"), {},
                                              [&](const state::Row &row) { *rows = row.int64(0); });
        }
        if (!first)
            continue;
        for (const quint64 number : numbers) {
            events.append({number, static_cast<qint64>(number) * 1'000, 2, 3, QStringLiteral("charm2"),
                           QStringLiteral("account"), QStringLiteral("text %1").arg(number)});
        }
    }
    return found;
}

void TestEvents::comeBackInOrder()
{
    const QList<Events::Line> found = foundAfter({7, 8, 1'010});
    QCOMPARE(found.size(), 3);
    QCOMPARE(found[0].seq, 7u);
    QCOMPARE(found[1].seq, 8u);
    QCOMPARE(found[2].seq, 1'010u);
    QCOMPARE(found[1].at, 8'000);
    QCOMPARE(found[1].level, 2);
    QCOMPARE(found[1].category, 3);
    QCOMPARE(found[1].backend, QStringLiteral("charm2"));
    QCOMPARE(found[1].account, QStringLiteral("account"));
    QCOMPARE(found[1].text, QStringLiteral("text 8"));
}

void TestEvents::oldestMakeRoom()
{
    QList<quint64> numbers;
    for (quint64 number = 1; number <= 4 * Events::kTidyEvery; ++number)
        numbers << number * 10;
    qint64 rows = 0;
    const QList<Events::Line> found = foundAfter(numbers, &rows);
    QCOMPARE(found.size(), Capacity);
    QCOMPARE(found.first().seq, numbers.at(numbers.size() - Capacity));
    QCOMPARE(found.last().seq, numbers.last());
    QVERIFY2(rows < Capacity + static_cast<qint64>(Events::kTidyEvery), qPrintable(QString::number(rows)));
}

QTEST_GUILESS_MAIN(TestEvents)
#include "tst_events.moc"
