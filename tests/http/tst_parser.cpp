// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/parser.h"

#include <QTest>

#include <array>

using namespace cring::http;

namespace {

struct Read
{
    QByteArrayList heads; ///< "METHOD target" or the status
    QByteArray bodies;    ///< each body, followed by "|"
    int failure = 0;
};

/// Feeds a request stream in pieces of `step` bytes, as a connection would.
Read readRequests(const QByteArray &stream, qsizetype step, qint64 headerLimit = 4096,
                  qint64 bodyLimit = 1 << 20)
{
    RequestParser parser(headerLimit, bodyLimit);
    Read read;
    QByteArray pending;
    for (qsizetype at = 0; at < stream.size(); at += step) {
        pending += stream.mid(at, step);
        for (;;) {
            const auto [event, consumed, body] = parser.next(pending);
            read.bodies += body;
            pending.remove(0, consumed);
            if (event == Parser::Event::Head)
                read.heads << parser.head().method + ' ' + parser.head().target;
            else if (event == Parser::Event::End)
                read.bodies += '|';
            else if (event == Parser::Event::Failed) {
                read.failure = parser.failureStatus();
                return read;
            } else if (event == Parser::Event::NeedMore)
                break;
        }
    }
    return read;
}

} // namespace

class TestParser : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsPipelinedRequestsInAnyPieces();
    void takesPathAndQueryOfAnAbsoluteTarget();
    void refuses_data();
    void refuses();
    void refusesOversizedHeader();
    void refusesEndlessHeaderBeforeItEnds();
    void refusesOversizedBody();
    void readsInterimAndFinalResponses();
    void knowsAResponseThatIsCutShort();
    void readsABodyThatEndsWithTheConnection();
};

void TestParser::readsPipelinedRequestsInAnyPieces()
{
    const QByteArray stream = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
                              "GET /b?x=%20 HTTP/1.1\r\nHost: h\r\n\r\n"
                              "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                              "3;ext=1\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"
                              "DELETE /d HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n";
    for (qsizetype step : {1, 2, 3, 7, 16, 64, 4096}) {
        const Read read = readRequests(stream, step);
        QCOMPARE(read.failure, 0);
        QCOMPARE(read.heads, QByteArrayList({"POST /a", "GET /b?x=%20", "POST /c", "DELETE /d"}));
        QCOMPARE(read.bodies, QByteArray("hello||abc0123456789||"));
    }
}

/// RFC 9112 §3.2.2
void TestParser::takesPathAndQueryOfAnAbsoluteTarget()
{
    const QList<std::array<QByteArray, 3>> cases = {
        {"http://ring:35354/v1/fs/a?mode=420", "/v1/fs/a?mode=420", "ring:35354"},
        {"HTTPS://[::1]:1/a%2Fb", "/a%2Fb", "[::1]:1"},
        {"http://ring", "/", "ring"},
        {"http://ring?a=http://b/c", "/?a=http://b/c", "ring"},
        {"http://ring/http://other/a", "/http://other/a", "ring"},
        {"/http://ring/a", "/http://ring/a", "h"},
        {"ftp://ring/a", "ftp://ring/a", "h"},
        {"*", "*", "h"},
    };
    for (const auto &[target, path, host] : cases) {
        const QByteArray request = "GET " + target + " HTTP/1.1\r\nHost: h\r\nX: y\r\n\r\n";
        RequestParser parser(4096, 4096);
        QCOMPARE(parser.next(request).event, Parser::Event::Head);
        QCOMPARE(parser.head().target, path);
        QCOMPARE(parser.head().headers.value("Host"), host);
        QCOMPARE(parser.head().headers.count("Host"), 1);
    }
}

void TestParser::refuses_data()
{
    QTest::addColumn<QByteArray>("stream");
    QTest::addColumn<int>("status");
    const QByteArray post = "POST / HTTP/1.1\r\nHost: h\r\n";
    QTest::newRow("both lengths") << post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
                                  << 400;
    QTest::newRow("both lengths, other order")
        << post + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"
        << 400;
    QTest::newRow("two lengths") << post + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd" << 400;
    QTest::newRow("two equal lengths") << post + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc" << 400;
    QTest::newRow("list of lengths") << post + "Content-Length: 3, 3\r\n\r\nabc" << 400;
    QTest::newRow("signed length") << post + "Content-Length: +3\r\n\r\nabc" << 400;
    QTest::newRow("negative length") << post + "Content-Length: -3\r\n\r\nabc" << 400;
    QTest::newRow("length with letters") << post + "Content-Length: 3a\r\n\r\nabc" << 400;
    QTest::newRow("empty length") << post + "Content-Length:\r\n\r\nabc" << 400;
    QTest::newRow("huge length") << post + "Content-Length: 99999999999999999999999\r\n\r\n" << 400;
    QTest::newRow("gzip, chunked") << post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" << 501;
    QTest::newRow("xchunked") << post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" << 501;
    QTest::newRow("two codings") << post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"
                                 << 400;
    QTest::newRow("chunked in 1.0") << QByteArray(
                                           "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
                                    << 400;
    QTest::newRow("bad chunk size") << post + "Transfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n" << 400;
    QTest::newRow("chunk size 0x") << post + "Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n\r\n" << 400;
    QTest::newRow("chunk overflow") << post + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc\r\n"
                                    << 400;
    QTest::newRow("chunk longer than told")
        << post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n"
        << 400;
    QTest::newRow("bare LF") << QByteArray("GET / HTTP/1.1\nHost: h\n\n") << 400;
    QTest::newRow("bare LF in a field") << QByteArray("GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n") << 400;
    QTest::newRow("bare CR") << QByteArray("GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n") << 400;
    QTest::newRow("folding") << QByteArray("GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n") << 400;
    QTest::newRow("folding with tab")
        << QByteArray("GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n\tb\r\n\r\n") << 400;
    QTest::newRow("NUL in target") << QByteArray("GET /a\0b HTTP/1.1\r\nHost: h\r\n\r\n", 30) << 400;
    QTest::newRow("NUL in field") << QByteArray("GET / HTTP/1.1\r\nHost: h\0\r\n\r\n", 28) << 400;
    QTest::newRow("space before colon") << QByteArray("GET / HTTP/1.1\r\nHost : h\r\n\r\n") << 400;
    QTest::newRow("no colon") << QByteArray("GET / HTTP/1.1\r\nHost: h\r\nnonsense\r\n\r\n") << 400;
    QTest::newRow("no host") << QByteArray("GET / HTTP/1.1\r\n\r\n") << 400;
    QTest::newRow("two hosts") << QByteArray("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n") << 400;
    QTest::newRow("absolute without Host") << QByteArray("GET http://h/ HTTP/1.1\r\n\r\n") << 400;
    QTest::newRow("absolute to nobody") << QByteArray("GET http:///a HTTP/1.1\r\nHost: h\r\n\r\n") << 400;
    QTest::newRow("absolute with a user")
        << QByteArray("GET http://u:p@h/ HTTP/1.1\r\nHost: h\r\n\r\n") << 400;
    QTest::newRow("HTTP/2 preface") << QByteArray("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") << 505;
    QTest::newRow("TLS hello") << QByteArray("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 \r\n\r\n", 16)
                               << 400;
    QTest::newRow("space in target") << QByteArray("GET /a b HTTP/1.1\r\nHost: h\r\n\r\n") << 505;
    QTest::newRow("expectation") << post + "Expect: the-unexpected\r\nContent-Length: 1\r\n\r\na" << 417;
}

void TestParser::refuses()
{
    QFETCH(QByteArray, stream);
    QFETCH(int, status);
    for (qsizetype step : {1, 5, 4096}) {
        const Read read = readRequests(stream, step);
        QCOMPARE(read.failure, status);
    }
}

void TestParser::refusesOversizedHeader()
{
    const QByteArray stream = "GET / HTTP/1.1\r\nHost: h\r\nX: " + QByteArray(5000, 'x') + "\r\n\r\n";
    QCOMPARE(readRequests(stream, 100000).failure, 431);
    QCOMPARE(readRequests(stream, 100).failure, 431);
}

void TestParser::refusesEndlessHeaderBeforeItEnds()
{
    RequestParser parser(4096, 1);
    QByteArray pending = "GET / HTTP/1.1\r\n";
    Parser::Step step{Parser::Event::NeedMore};
    while (step.event == Parser::Event::NeedMore && pending.size() < 8192) {
        pending += "X: y\r\n";
        step = parser.next(pending);
    }
    QCOMPARE(step.event, Parser::Event::Failed);
    QVERIFY(pending.size() <= 4096 + 6);
}

void TestParser::refusesOversizedBody()
{
    const QByteArray head = "POST / HTTP/1.1\r\nHost: h\r\n";
    QCOMPARE(readRequests(head + "Content-Length: 11\r\n\r\n", 4096, 4096, 10).failure, 413);
    QCOMPARE(readRequests(head + "Transfer-Encoding: chunked\r\n\r\n8\r\n01234567\r\n3\r\n", 4096, 4096, 10)
                 .failure,
             413);
    QCOMPARE(readRequests(head + "Content-Length: 10\r\n\r\n0123456789", 4096, 4096, 10).failure, 0);
}

void TestParser::readsInterimAndFinalResponses()
{
    ResponseParser parser;
    QByteArray pending = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    QList<int> statuses;
    QByteArray bodies;
    int ends = 0;
    for (;;) {
        const auto [event, consumed, body] = parser.next(pending);
        bodies += body;
        pending.remove(0, consumed);
        if (event == Parser::Event::Head)
            statuses << parser.head().status;
        else if (event == Parser::Event::End)
            ++ends;
        else if (event != Parser::Event::Body)
            break;
    }
    QCOMPARE(statuses, QList<int>({100, 200}));
    QCOMPARE(bodies, QByteArray("ok"));
    QCOMPARE(ends, 2);
    QVERIFY(parser.idle());
}

void TestParser::knowsAResponseThatIsCutShort()
{
    for (const QByteArray &cut :
         {QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"),
          QByteArray("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
          QByteArray("HTTP/1.1 200 OK\r\nConte"), QByteArray()}) {
        ResponseParser parser;
        QByteArray pending = cut;
        for (auto step = parser.next(pending); step.event != Parser::Event::NeedMore;
             step = parser.next(pending))
            pending.remove(0, step.consumed);
        QCOMPARE(parser.finish().event, Parser::Event::Failed);
    }
}

void TestParser::readsABodyThatEndsWithTheConnection()
{
    ResponseParser parser;
    QByteArray pending = "HTTP/1.1 200 OK\r\n\r\nall of it";
    QByteArray bodies;
    for (auto step = parser.next(pending); step.event != Parser::Event::NeedMore;
         step = parser.next(pending)) {
        QVERIFY(step.event != Parser::Event::Failed);
        bodies += step.body;
        pending.remove(0, step.consumed);
    }
    QCOMPARE(parser.head().framing, Framing::UntilClose);
    QCOMPARE(parser.finish().event, Parser::Event::End);
    QCOMPARE(bodies, QByteArray("all of it"));
}

QTEST_APPLESS_MAIN(TestParser)
#include "tst_parser.moc"
