// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/deliveryreport.h"

#include <QTest>

using namespace cring;
using repair::DeliveryReport;
using namespace std::chrono_literals;

class TestDeliveryReport : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsAtOnceAndThenInSums();
    void tellsOfEachServer();

private:
    static QStringList lines(const telemetry::ActivityLog &activity);
};

QStringList TestDeliveryReport::lines(const telemetry::ActivityLog &activity)
{
    QStringList lines;
    const QList<telemetry::Event> events = activity.oldest({}, 100);
    for (const telemetry::Event &event : events)
        lines << event.backend + QStringLiteral(": ") + event.text;
    return lines;
}

void TestDeliveryReport::tellsAtOnceAndThenInSums()
{
    ManualClock clock;
    telemetry::ActivityLog activity(clock);
    DeliveryReport report(clock, activity);
    report.add(QStringLiteral("charm1"), 1);
    const QStringList first{QStringLiteral("charm1: one copy was put right")};
    QCOMPARE(lines(activity), first);
    report.add(QStringLiteral("charm1"), 2);
    report.add(QStringLiteral("charm1"), 3);
    QCOMPARE(lines(activity), first);
    clock.advance(DeliveryReport::kInterval);
    report.add(QStringLiteral("charm1"), 4);
    QCOMPARE(lines(activity), first + QStringList{QStringLiteral("charm1: 9 copies were put right")});
}

void TestDeliveryReport::tellsOfEachServer()
{
    ManualClock clock;
    telemetry::ActivityLog activity(clock);
    DeliveryReport report(clock, activity);
    report.add(QStringLiteral("charm1"), 5);
    report.add(QStringLiteral("charm2"), 6);
    QCOMPARE(lines(activity), (QStringList{QStringLiteral("charm1: 5 copies were put right"),
                                           QStringLiteral("charm2: 6 copies were put right")}));
}

QTEST_GUILESS_MAIN(TestDeliveryReport)
#include "tst_deliveryreport.moc"
