// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/protocol.h"

#include <QJsonDocument>
#include <QTest>

using namespace cring;
using namespace cring::control;

class TestProtocol : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsWhatItWrites();
    void refusesWhatIsNoRequest_data();
    void refusesWhatIsNoRequest();
    void carriesErrorsWithTheirCodeAndCauses();
    void tellsNotificationsFromRequests();
    void clientRefusesWhatIsNoAnswer_data();
    void clientRefusesWhatIsNoAnswer();
    void splitsLinesWhereverTheyAreCut();
    void givesUpOnALineWithoutEnd();
};

void TestProtocol::readsWhatItWrites()
{
    const QByteArray line = encodeRequest(7, QStringLiteral("status"), {{QStringLiteral("a"), 1}});
    QVERIFY(line.endsWith('\n'));
    QCOMPARE(line.count('\n'), 1);
    const auto parsed = parseRequest(line);
    const auto *request = std::get_if<Request>(&parsed);
    QVERIFY(request);
    QCOMPARE(request->id.toInteger(), 7);
    QCOMPARE(request->method, QStringLiteral("status"));
    QCOMPARE(request->params.value(QStringLiteral("a")).toInt(), 1);
    QVERIFY(!request->isNotification());
}

void TestProtocol::refusesWhatIsNoRequest_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<int>("code");
    QTest::addColumn<QByteArray>("id");
    const auto row = [](const char *name, const QByteArray &line, RpcCode code,
                        const QByteArray &id = "null") {
        QTest::newRow(name) << line << static_cast<int>(code) << id;
    };
    row("garbage", "\x01\xff\x00garbage", RpcCode::ParseError);
    row("half", R"({"jsonrpc":"2.0","id":1,)", RpcCode::ParseError);
    row("bad utf-8", "{\"jsonrpc\":\"\xc3\x28\"}", RpcCode::ParseError);
    row("deep nesting", QByteArray(100'000, '['), RpcCode::ParseError);
    row("deep objects", QByteArray("{\"a\":").repeated(50'000), RpcCode::ParseError);
    row("batch", R"([{"jsonrpc":"2.0","id":1,"method":"status"}])", RpcCode::InvalidRequest);
    row("a number", "42", RpcCode::ParseError);
    row("no version", R"({"id":1,"method":"status"})", RpcCode::InvalidRequest, "1");
    row("version 1", R"({"jsonrpc":"1.0","id":1,"method":"status"})", RpcCode::InvalidRequest, "1");
    row("version as a number", R"({"jsonrpc":2.0,"id":1,"method":"status"})", RpcCode::InvalidRequest, "1");
    row("no method", R"({"jsonrpc":"2.0","id":"x"})", RpcCode::InvalidRequest, "\"x\"");
    row("method no string", R"({"jsonrpc":"2.0","id":1,"method":{}})", RpcCode::InvalidRequest, "1");
    row("id an object", R"({"jsonrpc":"2.0","id":{},"method":"status"})", RpcCode::InvalidRequest);
    row("id endless", "{\"jsonrpc\":\"2.0\",\"id\":\"" + QByteArray(1'000, 'x') + "\",\"method\":\"status\"}",
        RpcCode::InvalidRequest);
    row("params by position", R"({"jsonrpc":"2.0","id":1,"method":"status","params":[1]})",
        RpcCode::InvalidParams, "1");
}

void TestProtocol::refusesWhatIsNoRequest()
{
    QFETCH(QByteArray, line);
    QFETCH(int, code);
    QFETCH(QByteArray, id);
    const auto parsed = parseRequest(line);
    const auto *refusal = std::get_if<Refusal>(&parsed);
    QVERIFY(refusal);
    QCOMPARE(static_cast<int>(refusal->rpcCode), code);
    QVERIFY(!refusal->error.detail.isEmpty());
    const QByteArray answer = encodeError(refusal->id, refusal->rpcCode, refusal->error);
    QVERIFY2(answer.contains("\"id\":" + id), answer.constData());
}

void TestProtocol::carriesErrorsWithTheirCodeAndCauses()
{
    const auto cause = std::make_shared<const Error>(Error{Code::BackendTls, QStringLiteral("expired")});
    const QByteArray line = encodeError(3, RpcCode::ServerError,
                                        {Code::BackendUnreachable, QStringLiteral("charm2 is away"), cause});
    const auto message = parseMessage(line);
    QVERIFY(message);
    const auto *response = std::get_if<Response>(&*message);
    QVERIFY(response);
    QCOMPARE(response->id, 3);
    QVERIFY(!response->result);
    QCOMPARE(response->result.error().code, Code::BackendUnreachable);
    QCOMPARE(response->result.error().detail, QStringLiteral("charm2 is away: expired"));
}

void TestProtocol::tellsNotificationsFromRequests()
{
    const QByteArray line = encodeNotification(QStringLiteral("event"), {{QStringLiteral("seq"), 9}});
    const auto parsed = parseRequest(line);
    const auto *request = std::get_if<Request>(&parsed);
    QVERIFY(request && request->isNotification());
    const auto message = parseMessage(line);
    QVERIFY(message);
    QVERIFY(std::holds_alternative<Notification>(*message));
}

void TestProtocol::clientRefusesWhatIsNoAnswer_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::newRow("garbage") << QByteArray("HTTP/1.1 400 Bad Request");
    QTest::newRow("no version") << QByteArray(R"({"id":1,"result":{}})");
    QTest::newRow("nothing") << QByteArray(R"({"jsonrpc":"2.0","id":1})");
    QTest::newRow("a list") << QByteArray(R"({"jsonrpc":"2.0","id":1,"result":[]})");
    QTest::newRow("no id") << QByteArray(R"({"jsonrpc":"2.0","result":{}})");
}

void TestProtocol::clientRefusesWhatIsNoAnswer()
{
    QFETCH(QByteArray, line);
    const auto message = parseMessage(line);
    QVERIFY(!message);
    QCOMPARE(message.error().code, Code::ControlProtocol);
}

void TestProtocol::splitsLinesWhereverTheyAreCut()
{
    const QByteArray stream = "one\r\n\n  \ntwo\nthree\nunfinished";
    for (int chunk = 1; chunk <= stream.size(); ++chunk) {
        LineSplitter lines;
        QList<QByteArray> seen;
        for (int at = 0; at < stream.size(); at += chunk) {
            lines.append(stream.mid(at, chunk));
            while (const auto line = lines.next())
                seen.append(*line);
        }
        QCOMPARE(seen, QList<QByteArray>({"one", "two", "three"}));
        QVERIFY(!lines.overflowed());
    }
}

void TestProtocol::givesUpOnALineWithoutEnd()
{
    LineSplitter lines(10);
    lines.append("0123456789\n");
    QCOMPARE(lines.next(), QByteArray("0123456789"));
    lines.append("0123456789");
    QVERIFY(!lines.next());
    QVERIFY(!lines.overflowed());
    lines.append("a");
    QVERIFY(!lines.next());
    QVERIFY(lines.overflowed());
    lines.append("\nfine\n");
    QVERIFY(!lines.next());
}

QTEST_APPLESS_MAIN(TestProtocol)
#include "tst_protocol.moc"
