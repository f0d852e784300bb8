// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/notify/outlets.h"
#include "core/notify/weboutlet.h"
#include "tests/support/charmcluster.h"
#include "tests/support/noticepeer.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QNetworkAccessManager>
#include <QTest>

using namespace cring;
using namespace cring::notify;
using namespace cring::test;
using namespace std::chrono_literals;

/// Messages reach a web server that is away, slow or back, in their order and not too often.
class TestCourier : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void bringsOneAfterTheOther();
    void goesOnUntilItIsTaken();
    void theNewestOfATopicTakesThePlaceOfTheOlder();
    void whatIsOfNoUseAnyMoreIsDropped();
    void aTestIsCountedNowhere();
    void whatWaitsOutlivesAChangeOfTheSettings();

private:
    static Message message(const char *topic, const char *kind);
    QStringList told();
    std::unique_ptr<Courier> courier();
    QStringList log() const;

    std::unique_ptr<NoticePeer> m_peer;
    SystemClock m_clock;
    std::unique_ptr<telemetry::ActivityLog> m_activity;
    config::SecretPlaces m_secrets{QProcessEnvironment()};
    QNetworkAccessManager m_network;
};

namespace {

constexpr int kLimit = 20'000;

} // namespace

void TestCourier::init()
{
    m_peer = std::make_unique<NoticePeer>(NoticePeer::Kind::Http);
    m_activity = std::make_unique<telemetry::ActivityLog>(m_clock);
}

Message TestCourier::message(const char *topic, const char *kind)
{
    Message message;
    message.topic = QString::fromLatin1(topic);
    message.kind = QString::fromLatin1(kind);
    message.title = message.topic + u' ' + message.kind;
    return message;
}

QStringList TestCourier::told()
{
    QStringList list;
    for (const QJsonObject &call : m_peer->told())
        list.append(QJsonDocument::fromJson(call.value(QLatin1String("body")).toString().toUtf8())
                        .object()
                        .value(QLatin1String("title"))
                        .toString());
    return list;
}

std::unique_ptr<Courier> TestCourier::courier()
{
    config::Notify settings;
    settings.webhook = QStringLiteral("http://%1/hook").arg(m_peer->place());
    return std::make_unique<Courier>(
        std::make_unique<WebOutlet>(WebOutlet::Kind::Webhook, settings, m_secrets, m_network), m_clock,
        *m_activity, CourierPauses{50ms, 400ms});
}

QStringList TestCourier::log() const
{
    QStringList lines;
    for (const telemetry::Event &event : m_activity->oldest({}, 100))
        lines.append(event.text);
    return lines;
}

void TestCourier::bringsOneAfterTheOther()
{
    CRING_OK(m_peer->start());
    const auto courier = this->courier();
    courier->post(message("degraded", "begin"));
    courier->post(message("damage-found", "begin"));
    QVERIFY(m_peer->wasTold(2));
    QCOMPARE(told(), (QStringList{QStringLiteral("degraded begin"), QStringLiteral("damage-found begin")}));
    QVERIFY(spinUntil([&] { return courier->status().sent == 2; }, kLimit));
    QCOMPARE(courier->status().waiting, 0);
    QVERIFY(courier->status().lastMs.has_value());
    QCOMPARE(log(), QStringList());
}

void TestCourier::goesOnUntilItIsTaken()
{
    const auto courier = this->courier();
    courier->post(message("degraded", "begin"));
    QVERIFY(spinUntil([&] { return courier->status().failed >= 3; }, kLimit));
    QCOMPARE(courier->status().waiting, 1);
    QVERIFY(courier->status().problemSinceMs.has_value());
    QVERIFY2(courier->status().problem.contains(QStringLiteral("refused")),
             qPrintable(courier->status().problem));
    CRING_OK(m_peer->start());
    QVERIFY(m_peer->wasTold(1));
    QVERIFY(spinUntil([&] { return courier->status().waiting == 0; }, kLimit));
    QVERIFY(courier->status().problem.isEmpty() && !courier->status().problemSinceMs);
    // Once each, however often it was tried.
    const QStringList lines = log();
    QCOMPARE(lines.size(), 2);
    QVERIFY2(lines.first().contains(QStringLiteral("CR-9001")), qPrintable(lines.first()));
    QVERIFY2(lines.last().contains(QStringLiteral("go out again")), qPrintable(lines.last()));
    QCOMPARE(told(), QStringList{QStringLiteral("degraded begin")});
}

void TestCourier::theNewestOfATopicTakesThePlaceOfTheOlder()
{
    const auto courier = this->courier();
    courier->post(message("degraded", "begin"));
    courier->post(message("writes-refused", "begin"));
    QVERIFY(spinUntil([&] { return courier->status().failed >= 1; }, kLimit));
    courier->post(message("degraded", "again"));
    courier->post(message("degraded", "over"));
    QCOMPARE(courier->status().waiting, 2);
    CRING_OK(m_peer->start());
    QVERIFY(m_peer->wasTold(2));
    QVERIFY(spinUntil([&] { return courier->status().waiting == 0; }, kLimit));
    QCOMPARE(told(), (QStringList{QStringLiteral("writes-refused begin"), QStringLiteral("degraded over")}));
}

void TestCourier::whatIsOfNoUseAnyMoreIsDropped()
{
    const auto courier = this->courier();
    courier->post(message("alive", "alive"));
    QVERIFY(spinUntil([&] { return courier->status().failed >= 1; }, kLimit));
    courier->drop(QStringLiteral("alive"));
    QCOMPARE(courier->status().waiting, 0);
}

void TestCourier::aTestIsCountedNowhere()
{
    const auto courier = this->courier();
    std::optional<Status> outcome;
    courier->tryOnce(message("test", "test"), this, [&](const Status &status) { outcome = status; });
    QVERIFY(spinUntil([&] { return outcome.has_value(); }, kLimit));
    QVERIFY(!*outcome);
    QCOMPARE(courier->status().failed, 0);
    QCOMPARE(courier->status().waiting, 0);
    QCOMPARE(log(), QStringList());
}

void TestCourier::whatWaitsOutlivesAChangeOfTheSettings()
{
    Outlets outlets(m_secrets, m_clock, *m_activity);
    config::Notify settings;
    settings.webhook = QStringLiteral("http://%1/old").arg(m_peer->place());
    settings.deadman = QStringLiteral("http://%1/alive").arg(m_peer->place());
    outlets.configure(settings);
    outlets.tell(message("degraded", "begin"));
    outlets.callDeadman(message("alive", "alive"));
    QVERIFY(spinUntil([&] { return outlets.status().first().failed >= 1; }, kLimit));
    QCOMPARE(outlets.waiting().keys(), QStringList{QStringLiteral("webhook")});

    CRING_OK(m_peer->start());
    settings.webhook = QStringLiteral("http://%1/new").arg(m_peer->place());
    settings.deadman.clear();
    outlets.configure(settings);
    QVERIFY(m_peer->wasTold(1));
    QCOMPARE(m_peer->told().first().value(QLatin1String("path")).toString(), QStringLiteral("/new"));
    QCOMPARE(told(), QStringList{QStringLiteral("degraded begin")});
}

QTEST_GUILESS_MAIN(TestCourier)
#include "tst_courier.moc"
