// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/charm/mediatype.h"
#include "core/charm/multipart.h"

#include <QElapsedTimer>
#include <QTest>

#include <random>

using namespace cring;
using namespace cring::charm;

namespace {

struct Outcome
{
    bool ok = false;
    QByteArray payload;
    qint64 tail = -1;
    qint64 released = 0;
    QString words;

    bool operator==(const Outcome &) const = default;
};

MultipartScanner scanner(const char *boundary = "b")
{
    auto result = MultipartScanner::forContentType(QByteArray("multipart/form-data; boundary=") + boundary);
    Q_ASSERT(result.ok());
    return std::move(result).value();
}

/// Feeds body in pieces that next() measures.
template <typename Next>
Outcome run(const QByteArray &body, Next next)
{
    MultipartScanner scan = scanner();
    Outcome out;
    for (qsizetype at = 0; at < body.size();) {
        const qsizetype size = std::min<qsizetype>(next(), body.size() - at);
        const qint64 released = scan.feed(QByteArrayView(body).sliced(at, size));
        at += size;
        if (released < out.released || released > at) {
            out.words = QStringLiteral("the released offset fell or ran ahead");
            return out;
        }
        out.released = released;
        out.payload += scan.payload().carried;
        out.payload += scan.payload().fresh;
    }
    const Status status = scan.finish();
    out.ok = status.ok();
    out.tail = scan.tailOffset();
    if (scan.payloadSize() != out.payload.size())
        out.words = QStringLiteral("sizes differ");
    else if (!status.ok())
        out.words = status.error().detail;
    if (!out.ok)
        out.payload.clear(); // How far an error lets the content come depends on the chunks.
    return out;
}

Outcome runWhole(const QByteArray &body)
{
    return run(body, [&] { return body.size(); });
}

const QByteArray kHead = "--b\r\nContent-Disposition: form-data; name=\"data\"; filename=\"f\"\r\n\r\n";
const QByteArray kTail = "\r\n--b--\r\n";

QByteArray part(const QByteArray &disposition, const QByteArray &content, const QByteArray &more = {})
{
    return "--b\r\nContent-Disposition: " + disposition + "\r\n" + more + "\r\n" + content + "\r\n";
}

} // namespace

class TestMultipart : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void findsFileAndTail_data();
    void findsFileAndTail();
    void refuses_data();
    void refuses();
    void saysNothingOfTheFileName();
    void readsContentTypes_data();
    void readsContentTypes();
    void readsMediaTypesAsGoDoes();
    void neverReleasesTheClosingDelimiter();
    void chunksMakeNoDifference();
    void framesWhatItCanRead();
    void isFast();
};

// Each body was stored by a Charm v0.12.6 server, or read by Go's mime/multipart, with this content.
void TestMultipart::findsFileAndTail_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QByteArray>("tail");
    const auto row = [](const char *name, const QByteArray &body, const QByteArray &content,
                        const QByteArray &tail = kTail) {
        QTest::newRow(name) << body << content << tail;
    };
    row("plain", kHead + "hello" + kTail, "hello");
    row("empty", kHead + kTail, "");
    row("empty without a line break of its own", kHead + "--b--\r\n", "", "--b--\r\n");
    row("no line break at the end", kHead + "x\r\n--b--", "x", "\r\n--b--");
    row("blanks behind the boundary", kHead + "x\r\n--b-- \t \r\n", "x", "\r\n--b-- \t \r\n");
    row("blanks and no line break", kHead + "x\r\n--b-- ", "x", "\r\n--b-- ");
    row("epilogue", kHead + "x" + kTail + "anything\r\n--b--", "x", kTail + "anything\r\n--b--");
    row("line feeds alone", "--b\nContent-Disposition: form-data; name=data; filename=f\n\nx\n--b--\n", "x",
        "\n--b--\n");
    row("line feeds alone keep the CR",
        "--b\nContent-Disposition: form-data; name=data; filename=f\n\nx\r\n--b--\n", "x\r", "\n--b--\n");
    row("preamble", "hello\r\n\r\n" + kHead + "x" + kTail, "x");
    row("near boundaries", kHead + "\r\n--a\r\n-\r\n--\r\r\n\n\n--\r" + kTail,
        "\r\n--a\r\n-\r\n--\r\r\n\n\n--\r");
    row("the boundary in the middle of a line", kHead + "x--b--\r\n" + kTail, "x--b--\r\n");
    row("a field before", part("form-data; name=\"n\"", "v") + kHead + "x" + kTail, "x");
    row("a field behind", kHead + "x\r\n" + part("form-data; name=\"n\"", "v") + "--b--", "x", "\r\n--b--");
    row("blanks on the part's boundary line", "--b \t\r\n" + kHead.mid(5) + "x" + kTail, "x");
    row("binary", "--b\r\nContent-Transfer-Encoding: Binary\r\n" + kHead.mid(5) + "x" + kTail, "x");
    row("filename*", part("form-data; name=data; filename*=utf-8''%c3%a9", "x") + "--b--", "x", "\r\n--b--");
}

void TestMultipart::findsFileAndTail()
{
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, content);
    QFETCH(QByteArray, tail);
    const Outcome outcome = runWhole(body);
    QVERIFY2(outcome.ok, qPrintable(outcome.words));
    QCOMPARE(outcome.payload, content);
    QCOMPARE(body.mid(outcome.tail), tail);
    QCOMPARE(outcome.released, outcome.tail);
    QVERIFY(run(body, [] { return 1; }) == outcome);
}

void TestMultipart::refuses_data()
{
    QTest::addColumn<QByteArray>("body");
    const auto row = [](const char *name, const QByteArray &body) {
        QTest::newRow(name) << body;
    };
    row("nothing", "");
    row("no end", kHead + "x");
    row("half an end", kHead + "x\r\n--b-");
    row("end with half a line break", kHead + "x\r\n--b--\r");
    row("boundary as a prefix of a line", kHead + "x\r\n--bc\r\ny" + kTail);
    row("line feed boundary among CR LF ones", kHead + "x\n--b--\r\ny" + kTail);
    row("CR LF end among line feeds",
        "--b\nContent-Disposition: form-data; name=data; filename=f\n\nx\n--b--\r\n");
    row("text behind the end", kHead + "x\r\n--b--y\r\n");
    row("line feed behind the end", kHead + "x\r\n--b--\n");
    row("no part", "--b--\r\n");
    row("no part named data", part("form-data; name=\"n\"", "v") + "--b--");
    row("data without a file name", part("form-data; name=\"data\"", "v") + "--b--");
    row("data with an empty file name", part("form-data; name=\"data\"; filename=\"\"", "v") + "--b--");
    row("emptied by filename*", part("form-data; name=data; filename=f; filename*=utf-8''", "v") + "--b--");
    row("two files", kHead + "x\r\n" + kHead + "y" + kTail);
    row("another file", part("form-data; name=\"n\"; filename=\"g\"", "v") + kHead + "x" + kTail);
    row("data twice", part("form-data; name=\"data\"", "v") + kHead + "x" + kTail);
    row("quoted-printable",
        "--b\r\nContent-Transfer-Encoding: Quoted-Printable\r\n" + kHead.mid(5) + "x" + kTail);
    row("two dispositions", "--b\r\nContent-Disposition: form-data; name=n\r\n" + kHead.mid(5) + "x" + kTail);
    row("folded header", "--b\r\nX: y\r\n z\r\n" + kHead.mid(5) + "x" + kTail);
    row("header without a colon", "--b\r\nX\r\n" + kHead.mid(5) + "x" + kTail);
    row("header with a control character", "--b\r\nX: \x01\r\n" + kHead.mid(5) + "x" + kTail);
    row("no header", "--b\r\n\r\nx" + kTail);
    row("attachment", part("attachment; name=data; filename=f", "x") + "--b--");
    row("name twice", part("form-data; name=data; name=n; filename=f", "x") + "--b--");
    row("name in pieces", part("form-data; name*0=da; name*1=ta; filename=f", "x") + "--b--");
    row("endless header", "--b\r\nX: " + QByteArray(9000, 'x') + "\r\n" + kHead.mid(5) + "x" + kTail);
    row("endless preamble", QByteArray(2000, 'x') + "\r\n" + kHead + "x" + kTail);
    row("endless epilogue", kHead + "x" + kTail + QByteArray(70'000, 'x'));
    row("endless blanks", kHead + "x\r\n--b--" + QByteArray(5000, ' ') + "\r\n");
    row("large field", part("form-data; name=\"n\"", QByteArray(70'000, 'x')) + kHead + "x" + kTail);
    row("many parts", part("form-data; name=\"n\"", "v").repeated(20) + kHead + "x" + kTail);
}

void TestMultipart::refuses()
{
    QFETCH(QByteArray, body);
    const Outcome outcome = runWhole(body);
    QVERIFY(!outcome.ok);
    QVERIFY(!outcome.words.isEmpty());
    QCOMPARE(run(body, [] { return 1; }).words, outcome.words);
    // Nothing that ends in a closing delimiter went out.
    const QByteArray sent = body.first(run(body, [] { return 1; }).released);
    QVERIFY2(!sent.contains("\r\n--b--"), sent.right(200).constData());
}

void TestMultipart::saysNothingOfTheFileName()
{
    for (const QByteArray &body : {part("form-data; name=data; filename=secret; filename=secret", "x"),
                                   part("form-data; name=n; filename=secret", "x")}) {
        const Outcome outcome = runWhole(body + "--b--");
        QVERIFY(!outcome.ok);
        QVERIFY(!outcome.words.contains(QStringLiteral("secret")));
    }
}

void TestMultipart::readsContentTypes_data()
{
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<bool>("ok");
    QTest::newRow("Go's client") << QByteArray("multipart/form-data; boundary=0a1b") << true;
    QTest::newRow("quoted") << QByteArray("Multipart/Form-Data;charset=utf-8; Boundary=\"a b:c\"") << true;
    QTest::newRow("256 bytes") << "multipart/form-data; boundary=" + QByteArray(256, 'x') << true;
    QTest::newRow("257 bytes") << "multipart/form-data; boundary=" + QByteArray(257, 'x') << false;
    for (const char *bad : {"", "text/plain", "multipart/mixed; boundary=b", "multipart/form-data",
                            "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"",
                            "multipart/form-data; boundary=\"b", "multipart/form-data; boundary=a b",
                            "multipart/form-data; boundary=a; boundary=b",
                            "multipart/form-data; boundary=a; boundary*=utf-8''b",
                            "multipart/form-data; boundary=\"a\tb\"", "multipart/form-data boundary=b"})
        QTest::addRow("%s", bad) << QByteArray(bad) << false;
}

void TestMultipart::readsContentTypes()
{
    QFETCH(QByteArray, value);
    QFETCH(bool, ok);
    QCOMPARE(MultipartScanner::forContentType(value).ok(), ok);
}

void TestMultipart::readsMediaTypesAsGoDoes()
{
    const auto parsed = parseMediaType("Form-Data ; NAME = \"a\\\"b\\\\c\" ; filename=\"C:\\dev\\f\" ;");
    QVERIFY(parsed);
    QCOMPARE(parsed->type, QByteArrayLiteral("form-data"));
    QCOMPARE(parsed->parameter("name"), std::optional<QByteArray>("a\"b\\c"));
    QCOMPARE(parsed->parameter("filename"), std::optional<QByteArray>("C:\\dev\\f"));
    QVERIFY(!parsed->parameter("x"));
    for (const char *bad : {"", ";", "a/b/c", "a b", "a;b", "a;=c", "a;;b=c", "a;b=c d=e", "a;b=\"c\nd\""})
        QVERIFY2(!parseMediaType(bad), bad);
}

/// Bodies made of what boundaries are made of.
class BodyMaker
{
public:
    explicit BodyMaker(unsigned seed)
        : m_random(seed)
    {
    }

    QByteArray next()
    {
        static const QList<QByteArray> kPieces{"\r",      "\n",    "\r\n", "-", "--", "--b",
                                               "\r\n--b", "\n--b", "b",    "x", " "};
        QByteArray body = m_random() % 8 ? kHead : kHead.mid(m_random() % 5);
        for (auto n = m_random() % 8; n > 0; --n)
            body += kPieces[static_cast<qsizetype>(m_random() % static_cast<unsigned>(kPieces.size()))];
        return m_random() % 4 ? body + kTail : body;
    }

    unsigned below(unsigned bound) { return static_cast<unsigned>(m_random() % bound); }

private:
    std::mt19937 m_random;
};

// The oracle knows nothing of states: what went out must not hold "--b--" at the start of any line.
void TestMultipart::neverReleasesTheClosingDelimiter()
{
    BodyMaker maker(11);
    int closed = 0;
    for (int i = 0; i < 100'000; ++i) {
        const QByteArray body = maker.next();
        const Outcome outcome = run(body, [&] { return 1 + maker.below(4); });
        const QByteArray sent = '\n' + body.first(outcome.released);
        QVERIFY2(!sent.contains("\n--b--"), body.toPercentEncoding().constData());
        closed += outcome.ok;
    }
    QVERIFY(closed > 10'000);
}

void TestMultipart::chunksMakeNoDifference()
{
    BodyMaker maker(5);
    for (int i = 0; i < 50'000; ++i) {
        const QByteArray body = maker.next();
        Outcome whole = runWhole(body);
        Outcome pieces = run(body, [&] { return 1 + maker.below(20); });
        if (!whole.ok)
            whole.released = pieces.released =
                0; // An error stops the offset at the last chunk that was sound.
        QVERIFY2(pieces == whole, body.toPercentEncoding().constData());
    }
}

void TestMultipart::framesWhatItCanRead()
{
    const Envelope envelope = makeEnvelope("0123456789abcdef");
    auto scan = MultipartScanner::forContentType(envelope.contentType);
    QVERIFY(scan.ok());
    const QByteArray body = envelope.head + "content" + envelope.tail;
    scan->feed(body);
    QCOMPARE(scan->payload().fresh, QByteArrayView("content"));
    QCOMPARE(scan->tailOffset(), envelope.head.size() + 7);
    QVERIFY(scan->finish().ok());
}

// Prints; a slow machine is no failure.
void TestMultipart::isFast()
{
    std::mt19937_64 random(1);
    QByteArray noise(64 * 1024, Qt::Uninitialized);
    for (char &c : noise)
        c = static_cast<char>(random() >> 56);
    for (const auto &[name, chunk] : {std::pair("random bytes", noise),
                                      std::pair("line breaks", QByteArray("\r\n").repeated(32 * 1024))}) {
        MultipartScanner scan = scanner("5d41402abc4b2a76b9719d911017c592aaaaaaaaaaaaaaaaaaaaaaaaaaaa");
        scan.feed("--5d41402abc4b2a76b9719d911017c592aaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n" + kHead.mid(5));
        QElapsedTimer timer;
        timer.start();
        constexpr int kChunks = 1000;
        for (int i = 0; i < kChunks; ++i)
            scan.feed(chunk);
        const double seconds = static_cast<double>(timer.nsecsElapsed()) * 1e-9;
        QVERIFY(!scan.failed());
        qInfo("%s: %.2f GB/s", name, static_cast<double>(chunk.size()) * kChunks * 1e-9 / seconds);
    }
}

QTEST_APPLESS_MAIN(TestMultipart)
#include "tst_multipart.moc"
