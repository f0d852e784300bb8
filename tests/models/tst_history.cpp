// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/health/backend.h"
#include "tests/models/sample.h"
#include "ui/models/backuphistory.h"
#include "ui/models/healthhistory.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace cring;
using namespace cring::models;
using namespace cring::test;

namespace {

constexpr qint64 kHour = 3'600'000;
constexpr qint64 kNow = sampleMs + 48 * kHour;

/// As the service records it (core/service/core.cpp).
EventRow told(double hoursAgo, health::Backend::State state, const QString &server = QStringLiteral("charm1"))
{
    EventRow event;
    event.timeMs = kNow - static_cast<qint64>(hoursAgo * kHour);
    event.category = QStringLiteral("backend");
    event.backend = server;
    event.text = state == health::Backend::State::Up
                     ? QStringLiteral("is up")
                     : QStringLiteral("is %1: why").arg(health::stateName(state));
    return event;
}

EventRow of(double hoursAgo, const QString &text)
{
    EventRow event;
    event.timeMs = kNow - static_cast<qint64>(hoursAgo * kHour);
    event.category = QStringLiteral("service");
    event.text = text;
    return event;
}

/// "24 ? 6 up 1": from so many hours ago, the states until so many.
QString text(const QList<HealthSpan> &spans)
{
    static const QStringList names{QStringLiteral("?"), QStringLiteral("up"), QStringLiteral("impaired"),
                                   QStringLiteral("down")};
    const auto hours = [](qint64 ms) {
        return QString::number(static_cast<double>(kNow - ms) / kHour);
    };
    QStringList words;
    for (const HealthSpan &span : spans)
        words << hours(span.fromMs) << names.at(static_cast<int>(span.state));
    if (!spans.isEmpty())
        words << hours(spans.last().toMs);
    return words.join(u' ');
}

} // namespace

class TestHistory : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }
    void tellsADayFromTheEvents_data();
    void tellsADayFromTheEvents();
    void saysHowMuchOfItAServerWasUp();
    void keepsTheWorstOfAMinute();
    void forgetsWhatIsOlderThanADay();
    void outlivesTheWindow();
    void bearsAnyFile();
};

void TestHistory::tellsADayFromTheEvents_data()
{
    using State = health::Backend::State;
    QTest::addColumn<QList<EventRow>>("events");
    QTest::addColumn<double>("sinceHours");
    QTest::addColumn<QString>("day");
    const auto row = [](const char *name, const QList<EventRow> &events, double since, const char *day) {
        QTest::newRow(name) << events << since << QString::fromLatin1(day);
    };
    row("up for long", {}, 30, "24 up 0");
    row("new", {}, 3, "24 ? 3 up 0");
    row("an outage", {told(3, State::Up), told(4, State::Down), told(30, State::Up)}, 3,
        "24 up 4 down 3 up 0");
    row("another server's", {told(3, State::Down, QStringLiteral("charm2")), told(30, State::Up)}, 30,
        "24 up 0");
    row("no copy of the others", {told(3, State::Up), told(5, State::Misconfigured), told(25, State::Up)}, 3,
        "24 up 5 impaired 3 up 0");
    row("the service was not there",
        {told(5, State::Up), of(6, QStringLiteral("serving 3 servers: …")),
         of(6, QStringLiteral("metrics on …")), of(9, QStringLiteral("draining: no new connections")),
         told(30, State::Up)},
        5, "24 up 9 ? 5 up 0");
    row("its first start", {told(5, State::Up), of(6, QStringLiteral("serving 3 servers: …"))}, 5,
        "24 ? 5 up 0");
    row("words of tomorrow", {of(3, QStringLiteral("is fine")), told(30, State::Up)}, 20, "24 up 0");
}

void TestHistory::tellsADayFromTheEvents()
{
    QFETCH(QList<EventRow>, events);
    QFETCH(double, sinceHours);
    QFETCH(QString, day);
    control::BackendStatus backend = upServer(QStringLiteral("charm1"));
    backend.sinceMs = kNow - static_cast<qint64>(sinceHours * kHour);
    const QList<HealthSpan> spans = healthOf(backend, events, kNow);
    QCOMPARE(text(spans), day);
    for (qsizetype i = 1; i < spans.size(); ++i)
        QCOMPARE(spans.at(i).fromMs, spans.at(i - 1).toMs);
    QCOMPARE(spans.last().toMs - spans.first().fromMs, 24 * kHour);
}

void TestHistory::saysHowMuchOfItAServerWasUp()
{
    using State = HealthSpan::State;
    QCOMPARE(upWords({{0, kHour, State::Unknown}}), QStringLiteral("–"));
    QCOMPARE(upWords({{0, kHour, State::Unknown}, {kHour, 2 * kHour, State::Up}}), QStringLiteral("100 %"));
    const QList<HealthSpan> spans{{0, 23 * kHour, State::Up}, {23 * kHour, 24 * kHour, State::Down}};
    QCOMPARE(upWords(spans), QStringLiteral("95.8 %"));
    QVERIFY(outageWords(spans).startsWith(QStringLiteral("down from ")));
    QVERIFY(outageWords(spans).endsWith(QStringLiteral(" for 1 h")));
    // All but a minute is not all of it.
    QCOMPARE(upWords({{0, 24 * kHour - 1000, State::Up}, {24 * kHour - 1000, 24 * kHour, State::Down}}),
             QStringLiteral("99.9 %"));
}

void TestHistory::keepsTheWorstOfAMinute()
{
    BackupHistory history;
    const QSignalSpy changed(&history, &BackupHistory::changed);
    control::Snapshot snapshot = wellSnapshot();
    snapshot.takenMs = kNow;
    snapshot.backups.append(idleBackup(QStringLiteral("b")));
    history.add(snapshot);
    snapshot.takenMs += 1000;
    snapshot.backups[0].owed = 3;
    snapshot.backups[0].owedDeletes = 1;
    snapshot.backups[0].owedBytes = 77;
    snapshot.backups[0].oldestMs = snapshot.takenMs - 5000;
    history.add(snapshot);
    snapshot.takenMs += 1000;
    snapshot.backups[0] = idleBackup(QStringLiteral("b"));
    history.add(snapshot);
    QCOMPARE(changed.size(), 1);
    QCOMPARE(history.of(QStringLiteral("b")), (QList<BackupHistory::Sample>{{kNow, 5000, 4, 77}}));
    QVERIFY(history.of(QStringLiteral("other")).isEmpty());
}

void TestHistory::forgetsWhatIsOlderThanADay()
{
    BackupHistory history;
    control::Snapshot snapshot = wellSnapshot();
    snapshot.backups.append(idleBackup(QStringLiteral("b")));
    for (int minute = 0; minute < 30 * 60; ++minute) {
        snapshot.takenMs = kNow + minute * BackupHistory::stepMs;
        history.add(snapshot);
    }
    const auto samples = history.of(QStringLiteral("b"));
    QCOMPARE(samples.size(), 24 * 60 + 1);
    QCOMPARE(samples.first().timeMs, snapshot.takenMs - BackupHistory::spanMs);
    // The clock is set back: what is of the future is nobody's.
    snapshot.takenMs = kNow;
    history.add(snapshot);
    QCOMPARE(history.of(QStringLiteral("b")).size(), 1);
}

void TestHistory::outlivesTheWindow()
{
    const QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("cache/backups.json"));
    control::Snapshot snapshot = wellSnapshot();
    snapshot.takenMs = kNow;
    snapshot.backups.append(idleBackup(QStringLiteral("b")));
    snapshot.backups[0].owed = 3;
    {
        BackupHistory history(file);
        history.add(snapshot);
    }
    BackupHistory history(file);
    QCOMPARE(history.of(QStringLiteral("b")), (QList<BackupHistory::Sample>{{kNow, 0, 3, 0}}));
}

void TestHistory::bearsAnyFile()
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("f"));
    for (const char *text :
         {"", "nonsense", "[]", "{\"b\":3}", "{\"b\":[[1],3,[-1,2,3,4],[5,6,7,8],[4,0,0,0]]}"}) {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
        file.close();
        const BackupHistory history(path);
        QVERIFY(history.of(QStringLiteral("b")).size() <= 2);
    }
}

QTEST_GUILESS_MAIN(TestHistory)
#include "tst_history.moc"
