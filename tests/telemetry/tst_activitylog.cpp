// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/telemetry/activitylog.h"

#include <QSignalSpy>
#include <QTest>

using namespace cring;
using namespace cring::telemetry;

class TestActivityLog : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void numbersAndDatesEachEvent();
    void forgetsTheOldest();
    void pagesForwardAndKeepsTheNewest();
    void filtersByLevelBackendAndTime();
    void keepsNoSecretAndNoEndlessText();
    void survivesARecordFromAReceiver();
    void goesOnAfterEarlierRuns();
    void shortensEveryNameOfAPath();
    void namesLevelsBothWays();
};

void TestActivityLog::numbersAndDatesEachEvent()
{
    ManualClock clock;
    clock.setWall(std::chrono::milliseconds(5'000));
    ActivityLog log(clock);
    QSignalSpy recorded(&log, &ActivityLog::recorded);
    QCOMPARE(log.firstSeq(), 0u);
    QCOMPARE(log.record(Level::Info, Category::Service, QStringLiteral("started")), 1u);
    QCOMPARE(log.record(Level::Warning, Category::Backend, QStringLiteral("down"), QStringLiteral("charm2")),
             2u);
    QCOMPARE(recorded.size(), 2);
    const auto event = recorded.at(1).at(0).value<Event>();
    QCOMPARE(event.seq, 2u);
    QCOMPARE(event.wallMs, 5'000);
    QCOMPARE(event.backend, QStringLiteral("charm2"));
    QCOMPARE(categoryName(event.category), QStringLiteral("backend"));
}

void TestActivityLog::forgetsTheOldest()
{
    const ManualClock clock;
    ActivityLog log(clock, 3);
    for (int i = 0; i < 10; ++i)
        log.record(Level::Info, Category::Upload, QString::number(i));
    QCOMPARE(log.firstSeq(), 8u);
    QCOMPARE(log.lastSeq(), 10u);
    QCOMPARE(log.oldest({}, 100).size(), 3);
}

void TestActivityLog::pagesForwardAndKeepsTheNewest()
{
    const ManualClock clock;
    ActivityLog log(clock);
    for (int i = 1; i <= 10; ++i)
        log.record(Level::Info, Category::Upload, QString::number(i));
    EventFilter filter;
    filter.after = 2;
    const QList<Event> page = log.oldest(filter, 3);
    QCOMPARE(page.size(), 3);
    QCOMPARE(page.first().seq, 3u);
    QCOMPARE(page.last().seq, 5u);
    const QList<Event> tail = log.newest(filter, 3);
    QCOMPARE(tail.first().seq, 8u);
    QCOMPARE(tail.last().seq, 10u);
    filter.after = 99; // A number from an earlier run of the service.
    QVERIFY(log.oldest(filter, 3).isEmpty());
}

void TestActivityLog::filtersByLevelBackendAndTime()
{
    ManualClock clock;
    ActivityLog log(clock);
    log.record(Level::Error, Category::Backend, QStringLiteral("a"), QStringLiteral("charm1"));
    clock.advance(std::chrono::seconds(10));
    log.record(Level::Info, Category::Backend, QStringLiteral("b"), QStringLiteral("charm2"));
    log.record(Level::Warning, Category::Backend, QStringLiteral("c"), QStringLiteral("charm2"));

    EventFilter filter;
    filter.level = Level::Warning;
    QCOMPARE(log.oldest(filter, 10).size(), 2);
    filter.backend = QStringLiteral("charm2");
    QCOMPARE(log.oldest(filter, 10).size(), 1);
    filter = {};
    filter.sinceMs = 1;
    QCOMPARE(log.newest(filter, 10).size(), 2);
}

void TestActivityLog::keepsNoSecretAndNoEndlessText()
{
    const ManualClock clock;
    ActivityLog log(clock);
    log.record(Level::Info, Category::Upload,
               QStringLiteral("bearer eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ4In0.c2ln") + QString(100'000, u'x'));
    const Event event = log.newest({}, 1).first();
    QVERIFY(!event.text.contains(QStringLiteral("eyJ")));
    QVERIFY(event.text.size() <= ActivityLog::maxTextLength);
}

void TestActivityLog::survivesARecordFromAReceiver()
{
    const ManualClock clock;
    ActivityLog log(clock, 1);
    QStringList seen;
    connect(&log, &ActivityLog::recorded, this, [&](const Event &event) {
        if (event.seq == 1)
            log.record(Level::Info, Category::Service, QStringLiteral("second"));
        seen.append(event.text);
    });
    QCOMPARE(log.record(Level::Info, Category::Service, QStringLiteral("first")), 1u);
    QCOMPARE(seen, QStringList({QStringLiteral("second"), QStringLiteral("first")}));
}

void TestActivityLog::goesOnAfterEarlierRuns()
{
    const ManualClock clock;
    ActivityLog log(clock, 3);
    QSignalSpy recorded(&log, &ActivityLog::recorded);
    QList<Event> earlier;
    for (quint64 seq = 1; seq <= 5; ++seq)
        earlier.append({seq, 0, Level::Info, Category::Upload, {}, {}, QString::number(seq)});
    log.restore(earlier);
    QCOMPARE(recorded.size(), 0);
    QCOMPARE(log.firstSeq(), 3u);
    // A reader may have seen numbers that were never written down.
    QVERIFY(log.record(Level::Info, Category::Upload, QStringLiteral("next")) > 500u);
    const QList<Event> kept = log.oldest({}, 100);
    QCOMPARE(kept.size(), 3);
    QCOMPARE(kept.first().text, QStringLiteral("4"));
    QCOMPARE(kept.last().text, QStringLiteral("next"));
}

void TestActivityLog::shortensEveryNameOfAPath()
{
    QCOMPARE(shortenedPath(QStringLiteral("0123456789abcdef/short/fedcba9876543210")),
             QStringLiteral("01234567…/short/fedcba98…"));
}

void TestActivityLog::namesLevelsBothWays()
{
    for (const Level level : {Level::Debug, Level::Info, Level::Warning, Level::Error})
        QCOMPARE(levelFromName(levelName(level)), level);
    QVERIFY(!levelFromName(QStringLiteral("loud")));
}

QTEST_GUILESS_MAIN(TestActivityLog)
#include "tst_activitylog.moc"
