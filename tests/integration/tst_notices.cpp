// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/faultyring.h"
#include "tests/integration/statefolder.h"
#include "tests/support/noticepeer.h"
#include "tests/support/testca.h"

#include <QFile>
#include <QJsonDocument>
#include <QTest>

using namespace cring;
using namespace cring::test;

/// People who do not look at the window are told by a webhook and by mail, and by calls that stop.
class TestNotices : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void tellsWhatBeginsAndWhatIsOver();
    void remembersAcrossARestartWhatItHasTold();
    void whatDidNotGoOutGoesOutAfterARestart();
    void aTestSaysWhatCameOfEach();
    void othersAreToldAfterAReload();
    void keepsItsSecrets();
    void cleanupTestCase();

private:
    QString secretFile(const char *name, const QByteArray &text);
    Status startRing(const QString &more = {});
    QStringList heard(NoticePeer &peer);
    QStringList mails();
    bool hears(NoticePeer &peer, const QString &what);
    QJsonObject status();
    QJsonObject outlet(const QString &name);
    bool isRefusing();
    bool isSentAndKept();

    FaultyRing m_ring;
    TestCa m_ca;
    QStringList m_tls;
    QTemporaryDir m_folder;
    NoticePeer m_webhook{NoticePeer::Kind::Http};
    NoticePeer m_deadman{NoticePeer::Kind::Http};
    NoticePeer m_mail{NoticePeer::Kind::Smtp};
};

namespace {

constexpr int kLimit = 30'000;
const QByteArray kPassword = "s3cretpassword";
const QByteArray kToken = "s3crettoken";
const QString kPath = QStringLiteral("/s3cretpath");

} // namespace

QString TestNotices::secretFile(const char *name, const QByteArray &text)
{
    QFile file(m_folder.filePath(QString::fromLatin1(name)));
    const bool written = file.open(QIODevice::WriteOnly) && file.write(text) == text.size() &&
                         file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
    return written ? QStringLiteral("file:") + file.fileName() : QString();
}

void TestNotices::initTestCase()
{
    CRING_OK(m_ring.startServers());
    const auto pair = m_ca.issue({m_webhook.address()});
    CRING_OK(pair);
    m_tls = {QStringLiteral("cert=") + pair->cert, QStringLiteral("key=") + pair->key};
    CRING_OK(m_deadman.start());
}

void TestNotices::init()
{
    for (int i = 0; i < FaultyRing::Servers; ++i) {
        if (!m_ring.at(i).isRunning())
            CRING_OK(m_ring.at(i).start());
    }
    m_webhook.setOptions(m_tls + QStringList{QStringLiteral("token=") + QString::fromLatin1(kToken)});
    m_mail.setOptions(m_tls + QStringList{QStringLiteral("user=ada"),
                                          QStringLiteral("password=") + QString::fromLatin1(kPassword)});
    CRING_OK(m_webhook.start());
    CRING_OK(m_mail.start());
    CRING_OK(startRing());
    for (NoticePeer *peer : {&m_webhook, &m_mail, &m_deadman})
        peer->clear();
}

Status TestNotices::startRing(const QString &more)
{
    const QString section = QStringLiteral("[notify]\n"
                                           "webhook = \"https://%1%2\"\n"
                                           "webhook_token = \"%3\"\n"
                                           "smtp_server = \"%4\"\n"
                                           "smtp_user = \"ada\"\n"
                                           "smtp_password = \"%5\"\n"
                                           "mail_to = \"ada@home.test\"\n"
                                           "deadman = \"http://%6/alive\"\n"
                                           "deadman_interval = \"1s\"\n"
                                           "degraded = false\n"
                                           "ca_file = \"%7\"\n")
                                .arg(m_webhook.place(), kPath, secretFile("token", kToken), m_mail.place(),
                                     secretFile("password", kPassword), m_deadman.place(), m_ca.file());
    return m_ring.startRing({}, section + more);
}

/// "writes-refused begin", …
QStringList TestNotices::heard(NoticePeer &peer)
{
    QStringList list;
    for (const QJsonObject &call : peer.told()) {
        const QJsonObject body =
            QJsonDocument::fromJson(call.value(QLatin1String("body")).toString().toUtf8()).object();
        list.append(body.value(QLatin1String("topic")).toString() + u' ' +
                    body.value(QLatin1String("kind")).toString());
    }
    return list;
}

QStringList TestNotices::mails()
{
    QStringList list;
    for (const QJsonObject &mail : m_mail.told())
        list.append(mail.value(QLatin1String("headers"))
                        .toObject()
                        .value(QLatin1String("x-charmed-ring"))
                        .toString());
    return list;
}

bool TestNotices::hears(NoticePeer &peer, const QString &what)
{
    return spinUntil([&] { return heard(peer).contains(what); }, kLimit);
}

QJsonObject TestNotices::status()
{
    return QJsonDocument::fromJson(
               m_ring.ring().runCommand({QStringLiteral("status"), QStringLiteral("--json")}).out)
        .object();
}

QJsonObject TestNotices::outlet(const QString &name)
{
    const QJsonArray outlets = status().value(QLatin1String("outlets")).toArray();
    for (const QJsonValue &one : outlets) {
        if (one.toObject().value(QLatin1String("name")).toString() == name)
            return one.toObject();
    }
    return {};
}

bool TestNotices::isRefusing()
{
    return spinUntil(
        [this] { return status().value(QLatin1String("health")).toString() == QStringLiteral("refusing"); },
        kLimit);
}

/// The state on the disk has nothing left to send.
bool TestNotices::isSentAndKept()
{
    const StateFolder state(m_ring.ring());
    return spinUntil(
        [&] {
            const auto rows = state.rows(QStringLiteral("SELECT value FROM meta WHERE name = 'notices'"));
            if (rows.isEmpty())
                return false;
            const QJsonObject memory = QJsonDocument::fromJson(rows.first().first().toByteArray()).object();
            return !memory.value(QLatin1String("told")).toObject().isEmpty() &&
                   memory.value(QLatin1String("waiting")).toObject().isEmpty();
        },
        kLimit);
}

void TestNotices::tellsWhatBeginsAndWhatIsOver()
{
    QVERIFY(m_deadman.wasTold(1, kLimit));
    m_ring.at(1).kill9();
    m_ring.at(2).kill9();
    QVERIFY(hears(m_webhook, QStringLiteral("writes-refused begin")));
    QVERIFY(spinUntil([&] { return mails().contains(QStringLiteral("writes-refused begin")); }, kLimit));
    const QString text = m_mail.told().first().value(QLatin1String("text")).toString();
    QVERIFY2(text.contains(QStringLiteral("1 of 3 servers up: uploads fail")), qPrintable(text));
    QVERIFY(m_mail.told().first().value(QLatin1String("tls")).toBool());

    m_deadman.clear();
    QTest::qWait(2'500); // Two calls would have come.
    QVERIFY2(m_deadman.told().size() <= 1, "one may have been under way");

    CRING_OK(m_ring.at(1).start());
    CRING_OK(m_ring.at(2).start());
    QVERIFY(hears(m_webhook, QStringLiteral("writes-refused over")));
    QVERIFY(spinUntil([&] { return mails().contains(QStringLiteral("writes-refused over")); }, kLimit));
    m_deadman.clear();
    QVERIFY(m_deadman.wasTold(1, kLimit));
    QCOMPARE(heard(m_webhook),
             (QStringList{QStringLiteral("writes-refused begin"), QStringLiteral("writes-refused over")}));
}

void TestNotices::remembersAcrossARestartWhatItHasTold()
{
    m_ring.at(1).kill9();
    m_ring.at(2).kill9();
    QVERIFY(hears(m_webhook, QStringLiteral("writes-refused begin")));
    // What was sent when it is killed before that is on the disk is sent twice.
    QVERIFY(isSentAndKept());
    m_ring.ring().kill9();
    CRING_OK(m_ring.ring().start());
    QVERIFY(isRefusing());
    // A second look, and it would be told again or be over.
    QTest::qWait(5'000); // Nothing is to come.
    QCOMPARE(heard(m_webhook), QStringList{QStringLiteral("writes-refused begin")});
    CRING_OK(m_ring.at(1).start());
    CRING_OK(m_ring.at(2).start());
    QVERIFY(hears(m_webhook, QStringLiteral("writes-refused over")));
    QCOMPARE(heard(m_webhook).size(), 2);
}

void TestNotices::whatDidNotGoOutGoesOutAfterARestart()
{
    m_webhook.stop();
    m_mail.pause(); // It accepts, and says nothing.
    m_ring.at(1).kill9();
    m_ring.at(2).kill9();
    QVERIFY(spinUntil(
        [&] {
            const QJsonObject webhook = outlet(QStringLiteral("webhook"));
            return webhook.value(QLatin1String("failed")).toInt() >= 1 &&
                   webhook.value(QLatin1String("waiting")).toInt() == 1;
        },
        kLimit));
    QVERIFY(m_ring.ring().logTail(200).contains("notices by webhook do not go out"));
    m_ring.ring().kill9();
    m_mail.resume();
    CRING_OK(m_webhook.start());
    CRING_OK(m_ring.ring().start());
    QVERIFY(hears(m_webhook, QStringLiteral("writes-refused begin")));
    QVERIFY(spinUntil([&] { return mails().contains(QStringLiteral("writes-refused begin")); }, kLimit));
}

void TestNotices::aTestSaysWhatCameOfEach()
{
    const QStringList command{QStringLiteral("notify"), QStringLiteral("test"), QStringLiteral("--json")};
    const auto good = m_ring.ring().runCommand(command, playground::milliseconds(kLimit));
    QVERIFY2(good.exitCode == 0, (good.err + good.out).constData());
    QVERIFY(hears(m_webhook, QStringLiteral("test test")));
    QVERIFY(spinUntil([&] { return mails() == QStringList{QStringLiteral("test test")}; }, kLimit));

    m_webhook.stop();
    m_mail.stop();
    m_mail.setOptions({QStringLiteral("user=ada"), QStringLiteral("password=another")});
    CRING_OK(m_mail.start());
    const auto set =
        m_ring.ring().runCommand({QStringLiteral("config"), QStringLiteral("set"),
                                  QStringLiteral("notify.smtp_security"), QStringLiteral("none")});
    QVERIFY2(set.exitCode == 0, set.err.constData());
    const auto reloaded = m_ring.ring().runCommand({QStringLiteral("reload")});
    QVERIFY2(reloaded.exitCode == 0, reloaded.err.constData());
    const auto bad = m_ring.ring().runCommand(command, playground::milliseconds(kLimit));
    QVERIFY2(bad.exitCode == 6, (QByteArray::number(bad.exitCode) + bad.err + bad.out).constData());
    QMap<QString, QString> steps;
    for (const QByteArray &line : bad.out.split('\n')) {
        const QJsonObject step = QJsonDocument::fromJson(line).object();
        if (step.contains(QLatin1String("step")))
            steps.insert(step.value(QLatin1String("step")).toString(),
                         step.value(QLatin1String("text")).toString());
    }
    QCOMPARE(steps.keys(),
             (QStringList{QStringLiteral("deadman"), QStringLiteral("mail"), QStringLiteral("webhook")}));
    QVERIFY2(steps.value(QStringLiteral("mail")).startsWith(QStringLiteral("CR-9003")),
             qPrintable(steps.value(QStringLiteral("mail"))));
    QVERIFY2(steps.value(QStringLiteral("webhook")).startsWith(QStringLiteral("CR-9001")),
             qPrintable(steps.value(QStringLiteral("webhook"))));
    QVERIFY2(steps.value(QStringLiteral("deadman")).endsWith(QStringLiteral("has taken it")),
             qPrintable(steps.value(QStringLiteral("deadman"))));
}

void TestNotices::othersAreToldAfterAReload()
{
    m_ring.ring().options().serviceLines.clear();
    QFile file(m_ring.ring().configFile());
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate) &&
            file.write(m_ring.ring().configText()) > 0);
    file.close();
    const auto reloaded = m_ring.ring().runCommand({QStringLiteral("reload")});
    QVERIFY2(reloaded.exitCode == 0, reloaded.err.constData());
    QCOMPARE(status().value(QLatin1String("outlets")).toArray().size(), 0);
    const auto test = m_ring.ring().runCommand({QStringLiteral("notify"), QStringLiteral("test")});
    QVERIFY2(test.exitCode == 4, test.err.constData());
    QVERIFY2(test.err.contains("[notify]"), test.err.constData());
}

void TestNotices::keepsItsSecrets()
{
    (void)m_ring.ring().runCommand({QStringLiteral("notify"), QStringLiteral("test")},
                                   playground::milliseconds(kLimit));
    m_webhook.stop();
    m_mail.stop();
    m_ring.at(1).kill9();
    m_ring.at(2).kill9();
    QVERIFY(spinUntil(
        [&] { return outlet(QStringLiteral("mail")).value(QLatin1String("failed")).toInt() >= 1; }, kLimit));
    QByteArray all = m_ring.ring().runCommand({QStringLiteral("status"), QStringLiteral("--json")}).out +
                     m_ring.ring().runCommand({QStringLiteral("log")}).out + m_ring.ring().logTail(10'000);
    for (const QByteArray &secret : {kPassword, kToken, kPath.toUtf8()})
        QVERIFY2(!all.contains(secret), secret.constData());
}

void TestNotices::cleanupTestCase()
{
    m_ring.stopRing();
}

QTEST_GUILESS_MAIN(TestNotices)
#include "tst_notices.moc"
