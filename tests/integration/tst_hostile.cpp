// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/faultyring.h"
#include "tests/support/spin.h"

#include <QDirIterator>
#include <QJsonDocument>
#include <QTcpServer>
#include <QTest>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

using namespace cring;
using namespace cring::test;

/// Clients that lie, smuggle, cut and hold on: a 4xx or a cut, the service alive, and nothing stored that
/// should not be.
class TestHostile : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void refusesTokens_data();
    void refusesTokens();
    void connectsToNothingThatATokenNames();
    void refusesSmuggling_data();
    void refusesSmuggling();
    void refusesPaths_data();
    void refusesPaths();
    void refusesBodies_data();
    void refusesBodies();
    void survivesAHangUpAtEachByte();
    void boundsHeaders();
    void refusesABodyAboveTheLimitUnread();
    void servesBesideSlowAndIdleConnections();
    void writesNoSecretAnywhere();
    void cleanupTestCase() { m_ring.reset(); }

private:
    QByteArray goodUpload(const QByteArray &path, const QByteArray &data) const;
    HttpResponse raw(const QByteArray &bytes);
    bool anythingStored() const;
    qint64 medianUpload(int count);

    std::unique_ptr<FaultyRing> m_ring;
    QList<FilesTree> m_before; ///< What lay on each server's disk.
    qint64 m_pid = 0;
};

namespace {

/// A connected TCP socket without an event loop.
class UniqueSocket
{
public:
    static UniqueSocket connectedTo(const QUrl &url)
    {
        UniqueSocket socket;
        socket.m_fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<quint16>(url.port()));
        ::inet_pton(AF_INET, url.host().toLatin1().constData(), &address.sin_addr);
        if (::connect(socket.m_fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
            socket.close();
        return socket;
    }

    UniqueSocket() = default;
    UniqueSocket(UniqueSocket &&other) noexcept
        : m_fd(std::exchange(other.m_fd, -1))
    {
    }
    UniqueSocket &operator=(UniqueSocket &&) = delete;
    ~UniqueSocket() { close(); }

    bool isOpen() const { return m_fd >= 0; }
    bool send(char byte) const { return ::send(m_fd, &byte, 1, MSG_NOSIGNAL) == 1; }

private:
    void close()
    {
        if (m_fd >= 0)
            ::close(std::exchange(m_fd, -1));
    }

    int m_fd = -1;
};

/// Room for the descriptors of the crowd.
void raiseDescriptorLimit()
{
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

} // namespace

void TestHostile::initTestCase()
{
    m_ring = std::make_unique<FaultyRing>();
    CRING_OK(m_ring->startServers());
    // At the most talkative: what is written then is all that is ever written.
    CRING_OK(m_ring->startRing({}, QStringLiteral("log_level = \"debug\"\n")));
    m_pid = m_ring->ring().processId();
    QCOMPARE(m_ring->upload("witness", "here before").status, 200);
    QVERIFY(m_ring->differenceAfter(5'000).isEmpty());
    for (int server = 0; server < FaultyRing::Servers; ++server)
        m_before.append(m_ring->at(server).files());
}

/// After each: the same process answers, and what was there is there.
void TestHostile::cleanup()
{
    QCOMPARE(m_ring->ring().processId(), m_pid);
    const HttpResponse witness = m_ring->get("witness");
    QVERIFY2(witness.status == 200 && witness.body == "here before", witness.text().constData());
}

QByteArray TestHostile::goodUpload(const QByteArray &path, const QByteArray &data) const
{
    const QByteArray body = HttpClient::multipart(data);
    return "POST /v1/fs/" + path + "?mode=420 HTTP/1.1\r\nHost: ring\r\nAuthorization: bearer " +
           m_ring->token() +
           "\r\nContent-Type: multipart/form-data; boundary=test-boundary\r\nContent-Length: " +
           QByteArray::number(body.size()) + "\r\n\r\n" + body;
}

HttpResponse TestHostile::raw(const QByteArray &bytes)
{
    HttpClient client = m_ring->client();
    client.send(bytes);
    return client.read(5'000);
}

/// Whether any server holds anything, under whatever name, that it did not hold before the hostile clients
/// came.
bool TestHostile::anythingStored() const
{
    for (int server = 0; server < FaultyRing::Servers; ++server) {
        if (m_ring->at(server).files() != m_before.at(server))
            return true;
    }
    return false;
}

void TestHostile::refusesTokens_data()
{
    QTest::addColumn<int>("forgery");
    const auto row = [](const char *name, Forgery forgery) {
        QTest::newRow(name) << static_cast<int>(forgery);
    };
    row("expired", Forgery::Expired);
    row("foreign issuer", Forgery::OtherIssuer);
    row("wrong audience", Forgery::OtherAudience);
    row("no audience", Forgery::NoAudience);
    row("other key", Forgery::OtherKey);
    row("other key under our kid", Forgery::OtherKeyKnownKid);
    row("alg none", Forgery::AlgNone);
    row("broken signature", Forgery::BrokenSignature);
    row("no expiry", Forgery::NoExpiry);
    row("no subject", Forgery::NoSubject);
}

void TestHostile::refusesTokens()
{
    QFETCH(int, forgery);
    const QByteArray token = m_ring->cluster().token(0, static_cast<Forgery>(forgery));
    HttpClient client = m_ring->client();
    QCOMPARE(client.get("/v1/fs/witness", token).status, 401);
    QCOMPARE(m_ring->client().upload("/v1/fs/evil", "evil", token).status, 401);
    QCOMPARE(m_ring->client().remove("/v1/fs/witness", token).status, 401);
    QVERIFY(!anythingStored());
}

void TestHostile::connectsToNothingThatATokenNames()
{
    QTcpServer bait;
    QVERIFY(bait.listen(QHostAddress::LocalHost));
    const QByteArray url = "http://127.0.0.1:" + QByteArray::number(bait.serverPort());
    const QByteArray header =
        R"({"alg":"EdDSA","kid":"unknown","jku":")" + url + R"(/jku","x5u":")" + url + R"(/x5u"})";
    const QByteArray payload = R"({"sub":"x","aud":["charm"],"exp":9999999999,"iss":")" + url + R"("})";
    const QByteArray token = m_ring->cluster().minter().sign(header, payload);
    QCOMPARE(m_ring->client().get("/v1/fs/witness", token).status, 401);
    QVERIFY2(!bait.waitForNewConnection(500), "the ring connected to an address out of a token");
}

void TestHostile::refusesSmuggling_data()
{
    QTest::addColumn<QByteArray>("head");
    QTest::addColumn<QByteArray>("body");
    const QByteArray start =
        "POST /v1/fs/evil?mode=420 HTTP/1.1\r\nHost: ring\r\nAuthorization: bearer TOKEN\r\n"
        "Content-Type: multipart/form-data; boundary=test-boundary\r\n";
    const QByteArray form = HttpClient::multipart("evil");
    const QByteArray size = QByteArray::number(form.size());
    const QByteArray chunk = QByteArray::number(form.size(), 16) + "\r\n" + form + "\r\n0\r\n\r\n";
    QTest::newRow("both lengths") << start + "Content-Length: " + size +
                                         "\r\nTransfer-Encoding: chunked\r\n\r\n"
                                  << chunk;
    QTest::newRow("two lengths") << start + "Content-Length: " + size + "\r\nContent-Length: 3\r\n\r\n"
                                 << form;
    QTest::newRow("length list") << start + "Content-Length: " + size + ", " + size + "\r\n\r\n" << form;
    QTest::newRow("signed length") << start + "Content-Length: +" + size + "\r\n\r\n" << form;
    QTest::newRow("unknown coding") << start + "Transfer-Encoding: xchunked\r\n\r\n" << chunk;
    QTest::newRow("two codings") << start + "Transfer-Encoding: gzip, chunked\r\n\r\n" << chunk;
    QTest::newRow("bad chunk size") << start + "Transfer-Encoding: chunked\r\n\r\n"
                                    << QByteArray("zz\r\n" + form + "\r\n0\r\n\r\n");
    QTest::newRow("chunk too long") << start + "Transfer-Encoding: chunked\r\n\r\n"
                                    << QByteArray("3\r\n" + form + "\r\n0\r\n\r\n");
    QTest::newRow("chunk overflow") << start + "Transfer-Encoding: chunked\r\n\r\n"
                                    << QByteArray("ffffffffffffffffff\r\n" + form + "\r\n0\r\n\r\n");
    QTest::newRow("bare LF") << QByteArray(start).replace("\r\n", "\n") + "Content-Length: " + size + "\n\n"
                             << form;
    QTest::newRow("bare LF in one field") << start + "X: a\nContent-Length: " + size + "\r\n\r\n" << form;
    QTest::newRow("bare CR") << start + "X: a\rContent-Length: 3\r\nContent-Length: " + size + "\r\n\r\n"
                             << form;
    QTest::newRow("folding") << start + "X: a\r\n Content-Length: 3\r\nContent-Length: " + size + "\r\n\r\n"
                             << form;
    QTest::newRow("NUL in a field") << start + QByteArray("X: a\0b\r\n", 8) + "Content-Length: " + size +
                                           "\r\n\r\n"
                                    << form;
    QTest::newRow("space before colon") << start + "Content-Length : " + size + "\r\n\r\n" << form;
    QTest::newRow("two hosts") << start + "Host: other\r\nContent-Length: " + size + "\r\n\r\n" << form;
}

void TestHostile::refusesSmuggling()
{
    QFETCH(QByteArray, head);
    QFETCH(QByteArray, body);
    // A second request behind the refused one must not be run.
    const QByteArray hidden = goodUpload("evil", "evil");
    HttpClient client = m_ring->client();
    client.send(head.replace("TOKEN", m_ring->token()) + body + hidden);
    const HttpResponse first = client.read(5'000);
    QVERIFY2((first.status >= 400 && first.status < 600 && first.status != 500) || first.cut,
             first.text().constData());
    QVERIFY(client.waitForClose(5'000));
    QVERIFY(!anythingStored());
}

void TestHostile::refusesPaths_data()
{
    QTest::addColumn<QByteArray>("path");
    for (const char *path :
         {"../evil", "a/../../evil", "%2e%2e/evil", "%2E%2E%2Fevil", ".%2e/evil", "%2e./evil", "..%2fevil",
          "..%2f..%2fevil", "a/%2e%2e/%2e%2e/evil", "%252e%252e/evil", "evil%00", "evil%", "evil%zz",
          "evil%0a", "evil#x", "/../evil", "evil\\..\\..\\evil%2f..%2f..%2f.."})
        QTest::newRow(path) << QByteArray(path);
    QTest::newRow("long name") << QByteArray("evil") + QByteArray(300, 'a');
}

void TestHostile::refusesPaths()
{
    QFETCH(QByteArray, path);
    const HttpResponse stored = raw(goodUpload(path, "evil"));
    QVERIFY2(stored.status >= 400 && stored.status < 500, stored.text().constData());
    for (const char *method : {"GET", "DELETE"}) {
        const HttpResponse other =
            m_ring->client().request(method, "/v1/fs/" + path, HttpClient::bearer(m_ring->token()));
        QVERIFY2(other.status >= 400 && other.status < 500, other.text().constData());
    }
    QVERIFY(!anythingStored());
}

void TestHostile::refusesBodies_data()
{
    QTest::addColumn<QByteArray>("type");
    QTest::addColumn<QByteArray>("body");
    const QByteArray good = "multipart/form-data; boundary=b";
    const QByteArray part = "Content-Disposition: form-data; name=\"data\"; filename=\"f\"\r\n\r\n";
    QTest::newRow("no multipart") << QByteArray("application/octet-stream") << QByteArray("evil");
    QTest::newRow("no boundary") << QByteArray("multipart/form-data")
                                 << QByteArray("--b\r\n" + part + "evil\r\n--b--\r\n");
    QTest::newRow("empty") << good << QByteArray("x");
    QTest::newRow("no closing delimiter") << good << QByteArray("--b\r\n" + part + "evil");
    QTest::newRow("no part") << good << QByteArray("--b--\r\n");
    QTest::newRow("another part only")
        << good << QByteArray("--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\nevil\r\n--b--\r\n");
    QTest::newRow("no file name")
        << good
        << QByteArray("--b\r\nContent-Disposition: form-data; name=\"data\"\r\n\r\nevil\r\n--b--\r\n");
    QTest::newRow("two files") << good
                               << QByteArray("--b\r\n" + part + "evil\r\n--b\r\n" + part +
                                             "evil\r\n--b--\r\n");
    QTest::newRow("much behind the end")
        << good << QByteArray("--b\r\n" + part + "evil\r\n--b--\r\n" + QByteArray(100'000, 'x'));
}

void TestHostile::refusesBodies()
{
    QFETCH(QByteArray, type);
    QFETCH(QByteArray, body);
    Headers headers = HttpClient::bearer(m_ring->token());
    headers.emplace_back("Content-Type", type);
    const HttpResponse response = m_ring->client().request("POST", "/v1/fs/evil?mode=420", headers, body);
    QVERIFY2(response.status >= 400 && response.status < 500, response.text().constData());
    QVERIFY(!anythingStored());
}

void TestHostile::survivesAHangUpAtEachByte()
{
    const QByteArray upload = goodUpload("evil", "evil");
    // All but the last of the closing delimiter; from there on the file may be stored.
    const qsizetype end = upload.lastIndexOf("--");
    for (qsizetype at = 1; at < end; ++at) {
        HttpClient client = m_ring->client();
        client.send(upload.first(at));
        QVERIFY(client.flush());
        at % 2 ? client.close() : client.reset();
    }
    QVERIFY(!anythingStored());
    QVERIFY(spinUntil([this] { return m_ring->ring().openFiles() < 100; }, 15'000));
}

void TestHostile::boundsHeaders()
{
    const HttpResponse large =
        raw("GET / HTTP/1.1\r\nHost: r\r\nX: " + QByteArray(100'000, 'x') + "\r\n\r\n");
    QVERIFY2(large.status == 431 || large.cut, large.text().constData());
    HttpClient endless = m_ring->client();
    QVERIFY(endless.connectNow());
    endless.send("GET / HTTP/1.1\r\nHost: r\r\n");
    for (int i = 0; i < 10'000 && endless.isOpen(); ++i)
        endless.send("X-" + QByteArray::number(i) + ": y\r\n");
    QVERIFY(endless.waitForClose(5'000));
}

void TestHostile::refusesABodyAboveTheLimitUnread()
{
    HttpClient client = m_ring->client();
    client.send(client.uploadHead("/v1/fs/evil", 1024LL * 1024 * 1024 + 1, m_ring->token()));
    const HttpResponse response = client.read(5'000);
    QVERIFY2(response.status == 413, response.text().constData());
}

qint64 TestHostile::medianUpload(int count)
{
    std::vector<qint64> took;
    const QByteArray data = FaultyRing::content(64 * 1024, "beside");
    HttpClient client = m_ring->client();
    for (int i = 0; i < count; ++i) {
        QElapsedTimer timer;
        timer.start();
        if (client.upload("/v1/fs/beside", data, m_ring->token()).status != 200)
            return -1;
        took.push_back(timer.nsecsElapsed() / 1000);
    }
    std::nth_element(took.begin(), took.begin() + count / 2, took.end());
    return took[static_cast<size_t>(count) / 2];
}

void TestHostile::servesBesideSlowAndIdleConnections()
{
    constexpr int crowd = 1'000;
    raiseDescriptorLimit();
    const qint64 alone = medianUpload(50);
    QVERIFY(alone > 0);
    // Bare sockets: this process's own event loop must not be what is slowed down by them.
    std::vector<UniqueSocket> slow;
    std::vector<UniqueSocket> idle;
    for (int i = 0; i < crowd; ++i) {
        slow.push_back(UniqueSocket::connectedTo(m_ring->ring().url()));
        idle.push_back(UniqueSocket::connectedTo(m_ring->ring().url()));
        QVERIFY(slow.back().isOpen() && idle.back().isOpen());
    }
    for (const char byte : QByteArray("GET /v1/")) {
        for (const UniqueSocket &socket : slow)
            QVERIFY(socket.send(byte));
    }
    const qint64 beside = medianUpload(50);
    qInfo("an upload of 64 KiB takes %lld us alone, %lld us beside %d slow and %d idle connections", alone,
          beside, crowd, crowd);
    QVERIFY(beside > 0);
    QVERIFY2(beside <= alone * 2 + 2'000, qPrintable(QString::number(beside)));
}

/// The multipart filename is the plaintext path: it, and the token, must be found nowhere.
void TestHostile::writesNoSecretAnywhere()
{
    const QByteArray secret = "a very secret name.txt";
    Headers headers = HttpClient::bearer(m_ring->token());
    headers.emplace_back("Content-Type", "multipart/form-data; boundary=b");
    const QByteArray body = HttpClient::multipart("content", "b", secret);
    QCOMPARE(m_ring->client().request("POST", "/v1/fs/hidden?mode=420", headers, body).status, 200);
    headers.last().second = "multipart/form-data; boundary=other";
    QVERIFY(m_ring->client().request("POST", "/v1/fs/hidden?mode=420", headers, body).status >= 400);

    const auto log = m_ring->ring().runCommand({QStringLiteral("log"), QStringLiteral("--json")});
    QCOMPARE(log.exitCode, 0);
    QByteArrayList texts{log.out,
                         m_ring->ring().runCommand({QStringLiteral("status"), QStringLiteral("--json")}).out};
    QDirIterator files(m_ring->ring().options().home, QDir::Files | QDir::Hidden,
                       QDirIterator::Subdirectories);
    int read = 0;
    while (files.hasNext()) {
        QFile file(files.next());
        if (file.open(QIODevice::ReadOnly)) {
            texts << file.readAll();
            ++read;
        }
    }
    QVERIFY(read > 0);
    for (const QByteArray &text : std::as_const(texts)) {
        QVERIFY(!text.contains(secret));
        QVERIFY(!text.contains(m_ring->token()));
    }
}

QTEST_GUILESS_MAIN(TestHostile)
#include "tst_hostile.moc"
