// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/client.h"
#include "core/control/server.h"
#include "core/service/eventfeed.h"
#include "core/service/handlers.h"

#include <QJsonArray>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace cring;
using namespace cring::service;
using telemetry::Category;
using telemetry::Level;

class TestHandlers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void answersTheStatus();
    void listsAndShowsBackends();
    void aNameComesBeforeAnId();
    void namesTheServersWhenOneIsUnknown();
    void sendsTheStatusAgainAndAgain();
    void sendsTheStatusAtOnceWhenAServerChanges();
    void refusesBadParameters_data();
    void refusesBadParameters();
    void listsTheNewestEventsOrPagesForward();
    void followsEventsWithBacklogAndFilter();
    void fullBacklogFitsIntoTheQueue();
    void testsABackendStepByStep();
    void reportsABadReload();
    void answersBeforeItStops();

private:
    Result<QJsonObject> call(const char *method, const QJsonObject &params = {});
    int countEvents() const;

    std::unique_ptr<QTemporaryDir> m_directory;
    ManualClock m_clock;
    std::unique_ptr<telemetry::ActivityLog> m_log;
    std::unique_ptr<control::Server> m_server;
    std::unique_ptr<Handlers> m_handlers;
    std::unique_ptr<control::Client> m_client;
    std::unique_ptr<QSignalSpy> m_notified;
    Result<QStringList> m_reload = QStringList{};
    QString m_firstId = QStringLiteral("id-of-charm1");
    int m_drains = 0;
};

void TestHandlers::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    const QString path = m_directory->filePath(QStringLiteral("s"));
    m_log = std::make_unique<telemetry::ActivityLog>(m_clock);
    m_server = std::make_unique<control::Server>(
        control::ServerOptions{.path = path, .serviceVersion = QStringLiteral("0.1.0")});
    HandlerHooks hooks;
    hooks.snapshot = [this] {
        control::Snapshot snapshot;
        snapshot.verdict = QStringLiteral("fine");
        for (const QString &name : {QStringLiteral("charm1"), QStringLiteral("charm2")}) {
            control::BackendStatus backend;
            backend.name = name;
            backend.id = name == QStringLiteral("charm1") ? m_firstId : QStringLiteral("id-of-") + name;
            snapshot.backends.append(backend);
        }
        return snapshot;
    };
    hooks.makeTest = [this](const QString &name) -> std::unique_ptr<BackendTest> {
        if (name != QStringLiteral("charm1"))
            return nullptr;
        config::Server server;
        server.url = QUrl(QStringLiteral("http://127.0.0.1:1"));
        server.sshPort = 1;
        return std::make_unique<BackendTest>(server, config::Timing{}, m_clock, BackendTest::Means());
    };
    hooks.reload = [this] {
        return m_reload;
    };
    hooks.drain = [this] {
        ++m_drains;
    };
    hooks.stop = [this] {
        m_server->close(QStringLiteral("the service stops"));
    };
    m_handlers = std::make_unique<Handlers>(*m_server, *m_log, hooks);
    QVERIFY(m_server->listen());
    m_client = std::make_unique<control::Client>();
    m_notified = std::make_unique<QSignalSpy>(m_client.get(), &control::Client::notified);
    m_client->open({path});
    QTRY_VERIFY(m_client->isOpen());
}

void TestHandlers::cleanup()
{
    m_client.reset();
    m_server.reset();
    m_handlers.reset();
    m_reload = QStringList{};
    m_drains = 0;
}

Result<QJsonObject> TestHandlers::call(const char *method, const QJsonObject &params)
{
    std::optional<Result<QJsonObject>> answer;
    m_client->call(QString::fromLatin1(method), params, this,
                   [&answer](const Result<QJsonObject> &result) { answer = result; });
    if (!QTest::qWaitFor([&answer] { return answer.has_value(); }))
        return Error{Code::ControlTimeout, QStringLiteral("no answer in the test")};
    return *answer;
}

int TestHandlers::countEvents() const
{
    int count = 0;
    for (const QList<QVariant> &arguments : *m_notified)
        count += arguments.at(0).toString() == QStringLiteral("event") ? 1 : 0;
    return count;
}

void TestHandlers::answersTheStatus()
{
    const auto answer = call("status");
    QVERIFY(answer);
    const auto snapshot = control::Snapshot::fromJson(*answer);
    QVERIFY(snapshot);
    QCOMPARE(snapshot->verdict, QStringLiteral("fine"));
}

void TestHandlers::listsAndShowsBackends()
{
    const auto list = call("backends.list");
    QVERIFY(list);
    QCOMPARE(list->value(QStringLiteral("backends")).toArray().size(), 2);
    for (const QString &name : {QStringLiteral("charm2"), QStringLiteral("id-of-charm2")}) {
        const auto shown = call("backends.show", {{QStringLiteral("name"), name}});
        QVERIFY(shown);
        QCOMPARE(control::backendFromJson(shown->value(QStringLiteral("backend")).toObject()).name,
                 QStringLiteral("charm2"));
    }
}

void TestHandlers::aNameComesBeforeAnId()
{
    m_firstId = QStringLiteral("charm2");
    const auto shown = call("backends.show", {{QStringLiteral("name"), QStringLiteral("charm2")}});
    m_firstId = QStringLiteral("id-of-charm1");
    QVERIFY(shown);
    QCOMPARE(control::backendFromJson(shown->value(QStringLiteral("backend")).toObject()).name,
             QStringLiteral("charm2"));
}

void TestHandlers::namesTheServersWhenOneIsUnknown()
{
    for (const char *method : {"backends.show", "backends.test"}) {
        const auto answer = call(method, {{QStringLiteral("name"), QStringLiteral("charm9")}});
        QVERIFY(!answer);
        QCOMPARE(answer.error().code, Code::NotFound);
        QVERIFY(answer.error().detail.contains(QStringLiteral("charm1, charm2")));
    }
}

void TestHandlers::sendsTheStatusAgainAndAgain()
{
    QVERIFY(call("status.subscribe", {{QStringLiteral("intervalMs"), 250}}));
    QTRY_VERIFY(m_notified->size() >= 3);
    QCOMPARE(m_notified->at(0).at(0).toString(), QStringLiteral("status"));
    QVERIFY(call("status.unsubscribe")->value(QStringLiteral("ended")).toBool());
    QVERIFY(!call("status.unsubscribe")->value(QStringLiteral("ended")).toBool());
}

void TestHandlers::sendsTheStatusAtOnceWhenAServerChanges()
{
    QVERIFY(call("status.subscribe", {{QStringLiteral("intervalMs"), 60'000}}));
    QTRY_COMPARE(m_notified->size(), 1);
    m_log->record(Level::Info, Category::Upload, QStringLiteral("nobody's state"));
    m_log->record(Level::Warning, Category::Backend, QStringLiteral("is down: it was killed"),
                  QStringLiteral("charm2"));
    QTRY_COMPARE(m_notified->size(), 2);
    // Many at once are told together.
    for (int i = 0; i < 100; ++i)
        m_log->record(Level::Warning, Category::Backend, QStringLiteral("is up"), QStringLiteral("charm2"));
    QTRY_COMPARE(m_notified->size(), 3);
}

void TestHandlers::refusesBadParameters_data()
{
    QTest::addColumn<QString>("method");
    QTest::addColumn<QJsonObject>("params");
    const auto row = [](const char *method, const char *name, const QJsonValue &value) {
        QTest::addRow("%s %s", method, name)
            << QString::fromLatin1(method) << QJsonObject{{QString::fromLatin1(name), value}};
    };
    row("status.subscribe", "intervalMs", 1);
    row("status.subscribe", "intervalMs", QStringLiteral("often"));
    row("backends.show", "name", 5);
    row("backends.test", "nome", QStringLiteral("charm1"));
    row("events.list", "level", QStringLiteral("loud"));
    row("events.list", "after", -1);
    row("events.list", "limit", QStringLiteral("all"));
    row("events.subscribe", "since", QStringLiteral("yesterday"));
    row("events.subscribe", "backend", 7);
}

void TestHandlers::refusesBadParameters()
{
    QFETCH(QString, method);
    QFETCH(QJsonObject, params);
    const auto answer = call(qPrintable(method), params);
    QVERIFY(!answer);
    QCOMPARE(answer.error().code, Code::ControlBadParams);
}

void TestHandlers::listsTheNewestEventsOrPagesForward()
{
    for (int i = 1; i <= 10; ++i)
        m_log->record(Level::Info, Category::Upload, QString::number(i));
    const auto newest = call("events.list", {{QStringLiteral("limit"), 3}});
    QVERIFY(newest);
    QCOMPARE(newest->value(QStringLiteral("lastSeq")).toInteger(), 10);
    QCOMPARE(newest->value(QStringLiteral("events"))
                 .toArray()
                 .at(0)
                 .toObject()
                 .value(QStringLiteral("seq"))
                 .toInt(),
             8);
    const auto page = call("events.list", {{QStringLiteral("limit"), 3}, {QStringLiteral("after"), 2}});
    QCOMPARE(
        page->value(QStringLiteral("events")).toArray().at(0).toObject().value(QStringLiteral("seq")).toInt(),
        3);
}

void TestHandlers::followsEventsWithBacklogAndFilter()
{
    m_log->record(Level::Info, Category::Service, QStringLiteral("quiet"));
    m_log->record(Level::Error, Category::Backend, QStringLiteral("old"), QStringLiteral("charm2"));
    QVERIFY(call("events.subscribe", {{QStringLiteral("after"), 0},
                                      {QStringLiteral("level"), QStringLiteral("warning")},
                                      {QStringLiteral("backend"), QStringLiteral("charm2")}}));
    m_log->record(Level::Error, Category::Backend, QStringLiteral("elsewhere"), QStringLiteral("charm1"));
    m_log->record(Level::Warning, Category::Backend, QStringLiteral("new"), QStringLiteral("charm2"));
    QTRY_COMPARE(countEvents(), 2);
    QCOMPARE(m_notified->at(0).at(1).toJsonObject().value(QStringLiteral("text")).toString(),
             QStringLiteral("old"));
    QCOMPARE(m_notified->at(1).at(1).toJsonObject().value(QStringLiteral("text")).toString(),
             QStringLiteral("new"));
    QVERIFY(call("events.unsubscribe"));
    m_log->record(Level::Warning, Category::Backend, QStringLiteral("later"), QStringLiteral("charm2"));
    QVERIFY(call("status"));
    QCOMPARE(countEvents(), 2);
}

void TestHandlers::fullBacklogFitsIntoTheQueue()
{
    for (int i = 0; i < 2'000; ++i)
        m_log->record(Level::Info, Category::Upload, QString(10'000, QChar(0x20ac)), QString(60, u'x'));
    QVERIFY(call("events.subscribe", {{QStringLiteral("after"), 0}}));
    QTRY_COMPARE(countEvents(), maxEventPage);
    QVERIFY(call("events.list", {{QStringLiteral("after"), 0}}));
}

void TestHandlers::testsABackendStepByStep()
{
    const auto answer = call("backends.test", {{QStringLiteral("name"), QStringLiteral("charm1")}});
    QVERIFY(answer);
    QVERIFY(!answer->value(QStringLiteral("ok")).toBool());
    const QJsonArray steps = answer->value(QStringLiteral("steps")).toArray();
    QCOMPARE(steps.size(), 3); // The name is fine, both ports refuse, and there is nothing to probe.
    QCOMPARE(m_notified->size(), 3);
    QCOMPARE(m_notified->at(0).at(0).toString(), QStringLiteral("backends.test.step"));
}

void TestHandlers::reportsABadReload()
{
    m_reload = QStringList{QStringLiteral("charm4 added")};
    QCOMPARE(call("reload")->value(QStringLiteral("changes")).toArray().size(), 1);
    m_reload = Error{Code::ConfigUnknownKey, QStringLiteral("line 3: no such key")};
    const auto answer = call("reload");
    QVERIFY(!answer);
    QCOMPARE(answer.error().code, Code::ConfigUnknownKey);
}

void TestHandlers::answersBeforeItStops()
{
    QVERIFY(call("drain"));
    QCOMPARE(m_drains, 1);
    QSignalSpy closed(m_client.get(), &control::Client::closed);
    QVERIFY(call("stop"));
    QTRY_COMPARE(closed.size(), 1);
}

QTEST_GUILESS_MAIN(TestHandlers)
#include "tst_handlers.moc"
