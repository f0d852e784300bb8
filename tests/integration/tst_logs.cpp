// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/faultyring.h"
#include "tests/support/spin.h"

#include <QDateTime>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSet>
#include <QTest>

using namespace cring;
using namespace cring::test;

namespace {

constexpr int kLimit = 10'000;

} // namespace

/// What a service writes about itself, with every detail on, in front of real servers.
class TestLogs : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void followsARequestToEveryServer();
    void saysWhichRequestFailed();
    void takesNoNameFromAClient();
    void tellsNoNameOfAFile();
    void isTextAgainAfterAReload();
    void cleanupTestCase() { m_ring.reset(); }

private:
    /// Every line; none is anything else than an object.
    QList<QJsonObject> lines();
    QStringList messagesOf(const QByteArray &request);

    std::unique_ptr<FaultyRing> m_ring;
};

void TestLogs::initTestCase()
{
    m_ring = std::make_unique<FaultyRing>();
    CRING_OK(m_ring->startServers());
}

void TestLogs::init()
{
    for (int server = 0; server < FaultyRing::Servers; ++server) {
        if (!m_ring->at(server).isRunning())
            CRING_OK(m_ring->at(server).start());
    }
    CRING_OK(m_ring->startRing({}, QStringLiteral("log_level = \"debug\"\nlog_format = \"json\"\n")));
}

QList<QJsonObject> TestLogs::lines()
{
    QFile file(m_ring->ring().logFile());
    QList<QJsonObject> all;
    if (!file.open(QIODevice::ReadOnly))
        return all;
    QByteArrayList texts = file.readAll().split('\n');
    texts.removeLast(); // Nothing, or what is being written.
    for (const QByteArray &text : std::as_const(texts)) {
        const QJsonObject object = QJsonDocument::fromJson(text).object();
        if (object.value(QStringLiteral("message")).toString().isEmpty() ||
            object.value(QStringLiteral("level")).toString().isEmpty() ||
            !QDateTime::fromString(object.value(QStringLiteral("time")).toString(), Qt::ISODateWithMs)
                 .isValid())
            qFatal("a line of the log is no message: %s", text.constData());
        all.append(object);
    }
    return all;
}

QStringList TestLogs::messagesOf(const QByteArray &request)
{
    QStringList messages;
    const QList<QJsonObject> all = lines();
    for (const QJsonObject &line : all) {
        if (line.value(QStringLiteral("request")).toString() == QString::fromLatin1(request))
            messages << line.value(QStringLiteral("message")).toString();
    }
    return messages;
}

void TestLogs::followsARequestToEveryServer()
{
    const HttpResponse stored = m_ring->upload("followed", "through the ring");
    QCOMPARE(stored.status, 200);
    const QByteArray upload = stored.header("X-Request-Id");
    QVERIFY(!upload.isEmpty());
    const auto hasAll = [&] {
        const QStringList messages = messagesOf(upload);
        for (const char *words :
             {"charm1 answered 200", "charm2 answered 200", "charm3 answered 200", "upload answered 200"}) {
            if (messages.filter(QLatin1String(words)).size() != 1)
                return false;
        }
        return true;
    };
    QVERIFY2(spinUntil(hasAll, kLimit), qPrintable(messagesOf(upload).join(u'\n')));

    const HttpResponse read = m_ring->get("followed");
    QCOMPARE(read.status, 200);
    const QByteArray download = read.header("X-Request-Id");
    QVERIFY(!download.isEmpty() && download != upload);
    QVERIFY2(
        spinUntil(
            [&] { return messagesOf(download).filter(QStringLiteral("answered 200 to GET")).size() == 1; },
            kLimit),
        qPrintable(messagesOf(download).join(u'\n')));

    const HttpResponse removed = m_ring->remove("followed");
    QCOMPARE(removed.status, 200);
    const QByteArray removal = removed.header("X-Request-Id");
    QVERIFY2(
        spinUntil(
            [&] { return messagesOf(removal).filter(QStringLiteral("answered 200 to DELETE")).size() == 3; },
            kLimit),
        qPrintable(messagesOf(removal).join(u'\n')));
}

void TestLogs::saysWhichRequestFailed()
{
    m_ring->at(0).kill9();
    m_ring->at(1).kill9();
    const HttpResponse refused = m_ring->upload("refused", "too few servers");
    QCOMPARE(refused.status, 503);
    const QByteArray id = refused.header("X-Request-Id");
    const auto warns = [&] {
        const QList<QJsonObject> all = lines();
        return std::ranges::any_of(all, [&](const QJsonObject &line) {
            return line.value(QStringLiteral("request")).toString() == QString::fromLatin1(id) &&
                   line.value(QStringLiteral("level")).toString() == QStringLiteral("warning") &&
                   line.value(QStringLiteral("message")).toString().contains(QStringLiteral("charm1"));
        });
    };
    QVERIFY2(spinUntil(warns, kLimit), qPrintable(messagesOf(id).join(u'\n')));
    // What is about a server alone has its name as a field.
    const auto isNamed = [&] {
        const QList<QJsonObject> all = lines();
        return std::ranges::any_of(all, [](const QJsonObject &line) {
            return line.value(QStringLiteral("server")).toString() == QStringLiteral("charm2") &&
                   line.value(QStringLiteral("message")).toString().contains(QStringLiteral("is down"));
        });
    };
    QVERIFY(spinUntil(isNamed, kLimit));
}

/// Else one could forge lines about another's request.
void TestLogs::takesNoNameFromAClient()
{
    Headers headers = HttpClient::bearer(m_ring->token());
    headers.emplace_back("X-Request-Id", "mine");
    const HttpResponse answer = m_ring->client().request("GET", "/v1/fs/", headers);
    QCOMPARE(answer.status, 200);
    QVERIFY(answer.header("X-Request-Id") != "mine");
    QVERIFY(messagesOf("mine").isEmpty());
}

/// The real client sends encrypted paths, and the plain one beside them.
void TestLogs::tellsNoNameOfAFile()
{
    const QString name = QStringLiteral("a-name-that-nobody-is-told");
    QFile file(m_ring->cluster().client().home() + u'/' + name);
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("content-that-nobody-is-told") > 0);
    file.close();
    CharmClient client = m_ring->cluster().client();
    client.pointAt(m_ring->ring().url().host(), m_ring->ring().sshPort(), m_ring->ring().httpPort());
    for (const QStringList &command :
         {QStringList{QStringLiteral("fs"), QStringLiteral("cp"), file.fileName(),
                      QStringLiteral("charm:") + name},
          QStringList{QStringLiteral("fs"), QStringLiteral("cat"), QStringLiteral("charm:") + name},
          QStringList{QStringLiteral("fs"), QStringLiteral("rm"), QStringLiteral("charm:") + name}})
        CRING_OK(client.run(command));
    QFile log(m_ring->ring().logFile());
    QVERIFY(log.open(QIODevice::ReadOnly));
    const QByteArray text = log.readAll();
    QVERIFY(text.contains("answered 200"));
    QVERIFY(!text.contains("nobody-is-told"));
}

void TestLogs::isTextAgainAfterAReload()
{
    CringProcess &ring = m_ring->ring();
    QFile file(ring.configFile());
    const QByteArray text = ring.configText().replace("\"json\"", "\"text\"");
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate) && file.write(text) == text.size());
    file.close();
    QCOMPARE(ring.runCommand({QStringLiteral("reload")}).exitCode, 0);
    const QByteArray id = m_ring->upload("as-text", "words").header("X-Request-Id");
    QVERIFY(spinUntil([&] { return ring.logTail(200).contains(" [request " + id + ']'); }, kLimit));
}

QTEST_GUILESS_MAIN(TestLogs)
#include "tst_logs.moc"
