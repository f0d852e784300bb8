// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/noticememory.h"
#include "ui/models/notices.h"

#include <QTest>

using namespace cring::models;
using namespace cring::control;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

Cause down(const QString &server)
{
    return {TrayState::Degraded, server + QStringLiteral(" down"), server, server};
}

const Cause kRefused{TrayState::Refused, QStringLiteral("1 of 3 servers up: uploads fail"), {}, {}};
const Cause kGone{TrayState::Gone, QStringLiteral("The service is not running"), {}, Cause::aboutService};
const Cause kStranger{TrayState::Gone, QStringLiteral("The service is another version"), {}, {}};
const Cause kWell{TrayState::Well, QStringLiteral("3 of 3 servers"), {}, {}};

NoticeWishes everything()
{
    NoticeWishes wishes;
    wishes.wanted.fill(true);
    return wishes;
}

/// What a person is told, and when, in whole seconds: "0 begin writes-refused".
class Reader
{
public:
    explicit Reader(const NoticeWishes &wanted = everything())
        : wishes(wanted)
    {
    }

    void see(const QList<Cause> &causes)
    {
        m_shown = {causes};
        look();
    }

    /// Looks when it is asked to, as the program does.
    void pass(milliseconds time)
    {
        const milliseconds end = m_now + time;
        for (auto wake = wakeAt(told, mattersOf(m_shown), wishes); wake && *wake <= end;
             wake = wakeAt(told, mattersOf(m_shown), wishes)) {
            if (*wake <= m_now && !m_moved)
                break; // It would ask for ever.
            m_moved = *wake > m_now;
            m_now = std::max(*wake, m_now);
            look();
        }
        m_now = end;
        m_moved = true;
    }

    /// As if nobody had looked meanwhile.
    void jump(milliseconds time)
    {
        m_now += time;
        look();
    }

    QStringList heard() { return std::exchange(m_heard, {}); }

    Told told;
    NoticeWishes wishes;
    QList<Notice> notices;

private:
    void look()
    {
        NoticeStep step = nextNotices(told, mattersOf(m_shown), m_now, wishes);
        told = step.told;
        for (const DueNotice &due : std::as_const(step.due)) {
            m_heard.append(QStringLiteral("%1 %2 %3")
                               .arg((m_now - kStart) / 1s)
                               .arg(noticeKindName(due.kind), topicName(due.topic)));
            notices.append(noticeOf(due, m_shown));
        }
    }

    static constexpr milliseconds kStart{500s};
    milliseconds m_now = kStart;
    bool m_moved = true;
    Condition m_shown;
    QStringList m_heard;
};

using List = QStringList;

} // namespace

class TestNotices : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsAtOnceAgainAndWhenItIsOver();
    void waitsBeforeItTellsOfADegradedRing();
    void eachServerHasItsOwnTime();
    void tellsAtOnceWhereThatIsWanted();
    void tellsOnceAfterALongSleep();
    void whatComesAndGoesIsNotToldEachTime();
    void whatWasSilencedIsSilentUntilItIsOver();
    void whatIsNotWantedIsNotTold();
    void aServiceThatIsGoneEndsNothing();
    void aServiceThatRestartsIsNotMissed();
    void anotherVersionIsTheWindowsAffair();
    void eachTopicHasItsOwn();
    void isAFunction();
    void outlivesTheProcess();
};

void TestNotices::tellsAtOnceAgainAndWhenItIsOver()
{
    Reader reader;
    reader.see({kWell});
    reader.pass(1h);
    QCOMPARE(reader.heard(), List());
    reader.see({kRefused});
    reader.pass(5h);
    reader.see({kWell});
    reader.pass(5h);
    QCOMPARE(reader.heard(),
             (List{QStringLiteral("3600 begin writes-refused"), QStringLiteral("3660 again writes-refused"),
                   QStringLiteral("4200 again writes-refused"), QStringLiteral("7200 again writes-refused"),
                   QStringLiteral("21605 over writes-refused")}));
    QCOMPARE(reader.notices.first().title, QStringLiteral("Uploads fail"));
    QCOMPARE(reader.notices.first().text, kRefused.text);
    QCOMPARE(reader.notices.last().title, QStringLiteral("Uploads work again"));
    QCOMPARE(reader.notices.last().text, kWell.text);
}

void TestNotices::waitsBeforeItTellsOfADegradedRing()
{
    Reader reader;
    reader.see({down(QStringLiteral("charm2"))});
    reader.pass(299s);
    QCOMPARE(reader.heard(), List());
    reader.see({kWell}); // It was a restart.
    reader.pass(1h);
    QCOMPARE(reader.heard(), List());
    reader.see({down(QStringLiteral("charm2"))});
    reader.pass(302s);
    QCOMPARE(reader.heard(), List{QStringLiteral("4199 begin degraded")});
}

void TestNotices::eachServerHasItsOwnTime()
{
    Reader reader;
    const Cause two = down(QStringLiteral("charm2"));
    const Cause three = down(QStringLiteral("charm3"));
    reader.see({two});
    reader.pass(400s);
    QCOMPARE(reader.heard(),
             (List{QStringLiteral("300 begin degraded"), QStringLiteral("360 again degraded")}));
    reader.see({two, three});
    reader.pass(299s);
    QCOMPARE(reader.heard(), List());
    reader.pass(1s);
    QCOMPARE(reader.heard(), List{QStringLiteral("700 begin degraded")});
    QCOMPARE(reader.notices.last().text, QStringLiteral("charm2 down\ncharm3 down"));
    // One of them is back: the other one lasts.
    reader.see({three});
    reader.pass(20s);
    QCOMPARE(reader.heard(), List());
    reader.see({kWell});
    reader.pass(20s);
    QCOMPARE(reader.heard(), List{QStringLiteral("725 over degraded")});
}

void TestNotices::tellsAtOnceWhereThatIsWanted()
{
    NoticeWishes wishes = everything();
    wishes.degradedAfter = 0s;
    Reader reader(wishes);
    reader.see({down(QStringLiteral("charm2"))});
    QCOMPARE(reader.heard(), List{QStringLiteral("0 begin degraded")});
}

void TestNotices::tellsOnceAfterALongSleep()
{
    Reader reader;
    reader.see({kRefused});
    reader.jump(10h);
    QCOMPARE(reader.heard(),
             (List{QStringLiteral("0 begin writes-refused"), QStringLiteral("36000 again writes-refused")}));
    reader.pass(10h);
    QCOMPARE(reader.heard(), List());
}

void TestNotices::whatComesAndGoesIsNotToldEachTime()
{
    Reader reader;
    for (int i = 0; i < 10; ++i) {
        reader.see({kRefused});
        reader.pass(2s);
        reader.see({kWell});
        reader.pass(2s);
    }
    QCOMPARE(reader.heard(), List{QStringLiteral("0 begin writes-refused")});
    reader.pass(10s);
    QCOMPARE(reader.heard(), List{QStringLiteral("43 over writes-refused")});
    // And again at once: not sooner than a minute after the last time.
    reader.see({kRefused});
    reader.pass(6s);
    QCOMPARE(reader.heard(), List());
    reader.pass(6s);
    QCOMPARE(reader.heard(), List{QStringLiteral("60 begin writes-refused")});
}

void TestNotices::whatWasSilencedIsSilentUntilItIsOver()
{
    Reader reader;
    reader.see({kRefused});
    reader.told.of(Topic::WritesRefused).isSilenced = true;
    reader.pass(5h);
    QCOMPARE(reader.heard(), List{QStringLiteral("0 begin writes-refused")});
    reader.see({kWell});
    reader.pass(5h);
    reader.see({kRefused});
    reader.pass(1min);
    QCOMPARE(reader.heard(),
             (List{QStringLiteral("18005 over writes-refused"), QStringLiteral("36000 begin writes-refused"),
                   QStringLiteral("36060 again writes-refused")}));
}

void TestNotices::whatIsNotWantedIsNotTold()
{
    Reader reader;
    reader.wishes.wanted.at(static_cast<size_t>(Topic::WritesRefused)) = false;
    reader.see({kRefused});
    reader.pass(5h);
    QCOMPARE(reader.heard(), List());
    // Wanted from now on: it lasts still.
    reader.wishes.wanted.fill(true);
    reader.jump(0s);
    QCOMPARE(reader.heard(), List{QStringLiteral("18000 begin writes-refused")});
    // And not any more: its end is no news, either.
    reader.wishes.wanted.fill(false);
    reader.jump(0s);
    reader.see({kWell});
    reader.pass(1h);
    QCOMPARE(reader.heard(), List());
}

void TestNotices::aServiceThatIsGoneEndsNothing()
{
    Reader reader;
    const Cause two = down(QStringLiteral("charm2"));
    reader.see({two});
    reader.pass(301s);
    QCOMPARE(reader.heard(), List{QStringLiteral("300 begin degraded")});
    reader.see({kGone});
    reader.pass(58s);
    QCOMPARE(reader.heard(), List{QStringLiteral("306 begin writes-refused")});
    QVERIFY(reader.notices.last().offersStart);
    reader.see({two});
    reader.pass(10s);
    QCOMPARE(reader.heard(),
             (List{QStringLiteral("360 again degraded"), QStringLiteral("364 over writes-refused")}));
    QVERIFY(!reader.notices.last().offersStart);
}

void TestNotices::aServiceThatRestartsIsNotMissed()
{
    Reader reader;
    reader.see({kWell});
    reader.see({kGone});
    reader.pass(4s);
    reader.see({kWell});
    reader.pass(1h);
    QCOMPARE(reader.heard(), List());
}

void TestNotices::anotherVersionIsTheWindowsAffair()
{
    Reader reader;
    reader.see({kStranger});
    reader.pass(5h);
    QCOMPARE(reader.heard(), List());
}

void TestNotices::eachTopicHasItsOwn()
{
    NoticeWishes wishes = everything();
    wishes.degradedAfter = 0s;
    Reader reader(wishes);
    reader.see({{TrayState::Refused, QStringLiteral("a"), {}, {}},
                {TrayState::Locked, QStringLiteral("b"), {}, QStringLiteral("backup b")},
                {TrayState::Overdue, QStringLiteral("c"), {}, QStringLiteral("backup b")},
                {TrayState::Degraded, QStringLiteral("d"), {}, Cause::aboutFindings},
                {TrayState::Degraded, QStringLiteral("e"), {}, QStringLiteral("clashes")},
                {TrayState::Paused, QStringLiteral("f"), {}, {}},
                {TrayState::Working, QStringLiteral("g"), {}, {}}});
    QStringList texts;
    for (const Notice &notice : std::as_const(reader.notices))
        texts.append(topicName(notice.topic) + u'=' + notice.text);
    texts.sort();
    QCOMPARE(texts, (List{QStringLiteral("backup-overdue=c"), QStringLiteral("damage-found=d"),
                          QStringLiteral("degraded=e"), QStringLiteral("keychain-locked=b"),
                          QStringLiteral("writes-refused=a")}));
    for (const Notice &notice : std::as_const(reader.notices))
        QVERIFY(!notice.title.isEmpty());
}

void TestNotices::isAFunction()
{
    const Told before;
    const NoticeStep one = nextNotices(before, mattersOf({{kRefused}}), 1s, everything());
    const NoticeStep two = nextNotices(before, mattersOf({{kRefused}}), 1s, everything());
    QCOMPARE(one.due, two.due);
    QVERIFY(!before.of(Topic::WritesRefused).isTold);
    QVERIFY(one.told.of(Topic::WritesRefused).isTold);
}

void TestNotices::outlivesTheProcess()
{
    const Matters two = mattersOf({{kRefused, down(QStringLiteral("charm1"))}});
    Told told = nextNotices({}, two, 100s, everything()).told;
    told = nextNotices(told, two, 200s, everything()).told; // Reminded once.
    told.of(Topic::Degraded).isSilenced = true;
    // 900 s of wall time at the steady time 200 s; then a machine that was started anew.
    const QJsonObject kept = toJson(told, 200s - 900s);
    const Told again = toldFromJson(kept, 50s - 960s, 50s);
    QCOMPARE(toJson(again, 50s - 960s), kept);
    QCOMPARE(again.of(Topic::WritesRefused).told, std::optional<milliseconds>(-110s));
    QVERIFY(again.of(Topic::WritesRefused).isTold && again.of(Topic::Degraded).isSilenced);
    // The same goes on: nothing is told anew, the next reminder comes in its time, and so does the end.
    NoticeStep step = nextNotices(again, two, 51s, everything());
    QVERIFY(step.due.isEmpty());
    step = nextNotices(step.told, two, 491s, everything());
    QVERIFY(step.due.contains({Topic::WritesRefused, NoticeKind::Again}));
    step = nextNotices(step.told, mattersOf({{kWell}}), 500s, everything());
    step = nextNotices(step.told, mattersOf({{kWell}}), 506s, everything());
    QVERIFY(step.due.contains({Topic::WritesRefused, NoticeKind::Over}));
    // A clock that was set back puts nothing into the future; what cannot be read is nothing.
    QCOMPARE(toldFromJson(kept, 50s, 50s).of(Topic::WritesRefused).told, std::optional<milliseconds>(50s));
    QCOMPARE(toldFromJson({{QStringLiteral("degraded"), 7}}, 0s, 0s), Told());
}

QTEST_GUILESS_MAIN(TestNotices)
#include "tst_notices.moc"
