// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/notify/mail.h"
#include "core/notify/weboutlet.h"
#include "tests/support/charmcluster.h"
#include "tests/support/noticepeer.h"
#include "tests/support/testca.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QJsonDocument>
#include <QNetworkAccessManager>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

using namespace cring;
using namespace cring::notify;
using namespace cring::test;

/// Real mail servers and web servers, with what can be wrong with them.
class TestOutlets : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void mailArrives_data();
    void mailArrives();
    void mailNeedsTheRightPassword();
    void mailGoesToNobodyElse_data();
    void mailGoesToNobodyElse();
    void mailIsNotSentInClear();
    void aRecipientThatIsRefusedIsTold();
    void aMailServerThatHangsHoldsNothingUp_data();
    void aMailServerThatHangsHoldsNothingUp();
    void theWebhookGetsJson();
    void theWebhookNeedsTheRightToken();
    void theWebhookIsCalledByNameAlone_data();
    void theWebhookIsCalledByNameAlone();
    void theWebhookSaysWhatIsWrong_data();
    void theWebhookSaysWhatIsWrong();
    void theDeadmanIsCalledWithoutAWord();

private:
    QString secretFile(const char *name, const QByteArray &text);
    config::Notify mailTo(const NoticePeer &peer, const QString &security);
    Status send(IOutlet &outlet);
    Status sendMail(const config::Notify &settings);
    Status callWeb(WebOutlet::Kind kind, const config::Notify &settings);

    static Message message();

    TestCa m_ca;
    QTemporaryDir m_folder;
    config::SecretPlaces m_secrets{QProcessEnvironment()};
    QNetworkAccessManager m_network;
};

namespace {

const QByteArray kPassword = "s3cret \"word\"";
constexpr int kLimit = 40'000;

QString https(const NoticePeer &peer, const QString &path)
{
    return QStringLiteral("https://%1%2").arg(peer.place(), path);
}

QStringList tlsOptions(const TestCa::Pair &pair)
{
    return {QStringLiteral("cert=") + pair.cert, QStringLiteral("key=") + pair.key};
}

} // namespace

Message TestOutlets::message()
{
    return {QStringLiteral("degraded"),
            QStringLiteral("begin"),
            QStringLiteral("The ring needs attention"),
            QString::fromUtf8("charm2 down for 6 min – since lunch"),
            1'700'000'000'000,
            1'699'999'640'000,
            QStringLiteral("laptop")};
}

QString TestOutlets::secretFile(const char *name, const QByteArray &text)
{
    QFile file(m_folder.filePath(QString::fromLatin1(name)));
    const bool written = file.open(QIODevice::WriteOnly) && file.write(text) == text.size() &&
                         file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
    return written ? QStringLiteral("file:") + file.fileName() : QString();
}

config::Notify TestOutlets::mailTo(const NoticePeer &peer, const QString &security)
{
    config::Notify settings;
    settings.smtpServer = peer.place();
    settings.smtpSecurity = security;
    settings.smtpUser = QStringLiteral("ada");
    settings.smtpPassword = secretFile("password", kPassword + '\n');
    settings.mailFrom = QStringLiteral("ring@home.test");
    settings.mailTo = QStringLiteral("ada@home.test, bob@home.test");
    settings.caFile = m_ca.file();
    return settings;
}

Status TestOutlets::send(IOutlet &outlet)
{
    std::optional<Status> outcome;
    outlet.send(message(), this, [&](const Status &status) { outcome = status; });
    if (outcome)
        return Error{Code::ControlProtocol, QStringLiteral("(it has answered before it returned)")};
    if (!spinUntil([&] { return outcome.has_value(); }, kLimit))
        return Error{Code::ControlTimeout, QStringLiteral("(it has never answered)")};
    return *outcome;
}

Status TestOutlets::sendMail(const config::Notify &settings)
{
    Mail mail(settings, m_secrets);
    return send(mail);
}

Status TestOutlets::callWeb(WebOutlet::Kind kind, const config::Notify &settings)
{
    WebOutlet outlet(kind, settings, m_secrets, m_network);
    return send(outlet);
}

// ---- mail ----

void TestOutlets::mailArrives_data()
{
    QTest::addColumn<QString>("security");
    QTest::newRow("STARTTLS") << QStringLiteral("starttls");
    QTest::newRow("TLS") << QStringLiteral("tls");
    QTest::newRow("in clear, on this machine") << QStringLiteral("none");
}

void TestOutlets::mailArrives()
{
    QFETCH(const QString, security);
    const bool tls = security != QStringLiteral("none");
    const auto pair = m_ca.issue({QStringLiteral("127.0.0.1"), NoticePeer(NoticePeer::Kind::Smtp).address()});
    CRING_OK(pair);
    QStringList options{QStringLiteral("user=ada"),
                        QStringLiteral("password=") + QString::fromUtf8(kPassword)};
    if (tls)
        options += tlsOptions(*pair);
    if (security == QStringLiteral("tls"))
        options.append(QStringLiteral("tls=always"));
    NoticePeer peer(NoticePeer::Kind::Smtp, options);
    CRING_OK(peer.start());

    CRING_OK(sendMail(mailTo(peer, security)));
    QVERIFY(peer.wasTold(1));
    const QJsonObject mail = peer.told().first();
    QCOMPARE(mail.value(QLatin1String("tls")).toBool(), tls);
    QCOMPARE(mail.value(QLatin1String("user")).toString(), QStringLiteral("ada"));
    QCOMPARE(mail.value(QLatin1String("sender")).toString(), QStringLiteral("ring@home.test"));
    QCOMPARE(mail.value(QLatin1String("to")).toVariant().toStringList(),
             (QStringList{QStringLiteral("ada@home.test"), QStringLiteral("bob@home.test")}));
    const QJsonObject headers = mail.value(QLatin1String("headers")).toObject();
    QCOMPARE(headers.value(QLatin1String("subject")).toString(),
             QStringLiteral("The ring needs attention (laptop)"));
    QCOMPARE(headers.value(QLatin1String("auto-submitted")).toString(), QStringLiteral("auto-generated"));
    QVERIFY2(mail.value(QLatin1String("text")).toString().contains(message().text),
             qPrintable(mail.value(QLatin1String("text")).toString()));
}

void TestOutlets::mailNeedsTheRightPassword()
{
    NoticePeer peer(NoticePeer::Kind::Smtp, {QStringLiteral("user=ada"), QStringLiteral("password=another")});
    CRING_OK(peer.start());
    const Status status = sendMail(mailTo(peer, QStringLiteral("none")));
    QVERIFY(!status);
    QCOMPARE(status.error().code, Code::NoticeCredentials);
    QVERIFY2(!status.error().detail.contains(QString::fromUtf8(kPassword)),
             qPrintable(status.error().detail));
    QVERIFY(peer.told().isEmpty());

    config::Notify locked = mailTo(peer, QStringLiteral("none"));
    locked.smtpPassword = QStringLiteral("file:") + m_folder.filePath(QStringLiteral("not there"));
    const Status missing = sendMail(locked);
    QVERIFY(!missing);
    QCOMPARE(missing.error().code, Code::SecretMissing);
}

void TestOutlets::mailGoesToNobodyElse_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("expired");
    QTest::addColumn<bool>("trusted");
    QTest::newRow("another host's certificate") << QStringLiteral("mail.elsewhere.test") << false << true;
    QTest::newRow("expired") << QString() << true << true;
    QTest::newRow("an authority that nobody knows") << QString() << false << false;
}

void TestOutlets::mailGoesToNobodyElse()
{
    QFETCH(const QString, name);
    QFETCH(const bool, expired);
    QFETCH(const bool, trusted);
    const QString own = NoticePeer(NoticePeer::Kind::Smtp).address();
    const auto pair = m_ca.issue({name.isEmpty() ? own : name}, expired ? -60 : 3600);
    CRING_OK(pair);
    for (const QString &security : {QStringLiteral("starttls"), QStringLiteral("tls")}) {
        QStringList options = tlsOptions(*pair);
        options += QStringList{QStringLiteral("user=ada"),
                               QStringLiteral("password=") + QString::fromUtf8(kPassword)};
        if (security == QStringLiteral("tls"))
            options.append(QStringLiteral("tls=always"));
        NoticePeer peer(NoticePeer::Kind::Smtp, options);
        CRING_OK(peer.start());
        config::Notify settings = mailTo(peer, security);
        if (!trusted)
            settings.caFile.clear();
        const Status status = sendMail(settings);
        QVERIFY(!status);
        QVERIFY2(status.error().code == Code::NoticeTls, qPrintable(status.error().toString()));
        QVERIFY(peer.told().isEmpty());
    }
}

void TestOutlets::mailIsNotSentInClear()
{
    NoticePeer peer(NoticePeer::Kind::Smtp);
    CRING_OK(peer.start());
    config::Notify settings = mailTo(peer, QStringLiteral("starttls"));
    settings.smtpUser.clear();
    const Status status = sendMail(settings);
    QVERIFY(!status);
    QVERIFY2(status.error().code == Code::NoticeTls, qPrintable(status.error().toString()));
    QVERIFY(peer.told().isEmpty());
}

void TestOutlets::aRecipientThatIsRefusedIsTold()
{
    NoticePeer peer(NoticePeer::Kind::Smtp);
    CRING_OK(peer.start());
    config::Notify settings = mailTo(peer, QStringLiteral("none"));
    settings.smtpUser.clear();
    settings.mailTo = QStringLiteral("nobody@home.test");
    const Status status = sendMail(settings);
    QVERIFY(!status);
    QVERIFY2(status.error().code == Code::NoticeRefused, qPrintable(status.error().toString()));
    QVERIFY2(status.error().detail.contains(QStringLiteral("550")), qPrintable(status.error().detail));
    // And keeps the mail from nobody else.
    settings.mailTo = QStringLiteral("nobody@home.test, ada@home.test");
    CRING_OK(sendMail(settings));
    QVERIFY(peer.wasTold(1));
    QCOMPARE(peer.told().first().value(QStringLiteral("to")).toArray(),
             QJsonArray{QStringLiteral("ada@home.test")});
}

void TestOutlets::aMailServerThatHangsHoldsNothingUp_data()
{
    QTest::addColumn<bool>("greets");
    QTest::newRow("it says nothing") << false;
    QTest::newRow("it greets") << true;
}

void TestOutlets::aMailServerThatHangsHoldsNothingUp()
{
    QFETCH(bool, greets);
    QTcpServer silent;
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    config::Notify settings;
    settings.smtpServer = QStringLiteral("127.0.0.1:%1").arg(silent.serverPort());
    settings.smtpSecurity = QStringLiteral("none");
    settings.mailTo = QStringLiteral("ada@home.test");
    bool told = false;
    QElapsedTimer clock;
    {
        Mail mail(settings, m_secrets);
        mail.send(message(), this, [&](const Status &) { told = true; });
        QVERIFY(spinUntil([&] { return silent.hasPendingConnections(); }, kLimit));
        if (greets) {
            QTcpSocket *peer = silent.nextPendingConnection();
            peer->write("220 home.test\r\n");
            QVERIFY(spinUntil([&] { return peer->peek(4) == "EHLO"; }, kLimit));
        }
        clock.start();
    }
    // Called off in its midst, without waiting for the server.
    QVERIFY2(clock.elapsed() < 2'000, qPrintable(QString::number(clock.elapsed())));
    QVERIFY(!told);
}

// ---- webhook and dead-man's address ----

void TestOutlets::theWebhookGetsJson()
{
    NoticePeer peer(NoticePeer::Kind::Http);
    const auto pair = m_ca.issue({peer.address()});
    CRING_OK(pair);
    peer.setOptions(tlsOptions(*pair) + QStringList{QStringLiteral("token=abc.DEF")});
    CRING_OK(peer.start());
    config::Notify settings;
    settings.webhook = https(peer, QStringLiteral("/hook/t0ps3cret?k=v"));
    settings.webhookToken = secretFile("token", "abc.DEF\n");
    settings.caFile = m_ca.file();
    CRING_OK(callWeb(WebOutlet::Kind::Webhook, settings));
    // And kept elsewhere.
    settings.webhook = secretFile("address", https(peer, QStringLiteral("/other")).toUtf8() + '\n');
    CRING_OK(callWeb(WebOutlet::Kind::Webhook, settings));

    QVERIFY(peer.wasTold(2));
    const QJsonObject call = peer.told().first();
    QCOMPARE(call.value(QLatin1String("method")).toString(), QStringLiteral("POST"));
    QCOMPARE(call.value(QLatin1String("path")).toString(), QStringLiteral("/hook/t0ps3cret?k=v"));
    QCOMPARE(call.value(QLatin1String("type")).toString(), QStringLiteral("application/json"));
    QCOMPARE(QJsonDocument::fromJson(call.value(QLatin1String("body")).toString().toUtf8()).object(),
             message().toJson());
    QCOMPARE(message().toJson().value(QLatin1String("since")).toString(),
             QStringLiteral("2023-11-14T22:07:20.000Z"));
    QCOMPARE(peer.told().at(1).value(QLatin1String("path")).toString(), QStringLiteral("/other"));
}

void TestOutlets::theWebhookNeedsTheRightToken()
{
    NoticePeer peer(NoticePeer::Kind::Http, {QStringLiteral("token=right")});
    CRING_OK(peer.start());
    config::Notify settings;
    settings.webhook = QStringLiteral("http://%1/t0ps3cret").arg(peer.place());
    settings.webhookToken = secretFile("wrong", "wr0ng-t0ken");
    const Status status = callWeb(WebOutlet::Kind::Webhook, settings);
    QVERIFY(!status);
    QCOMPARE(status.error().code, Code::NoticeCredentials);
    for (const char *secret : {"t0ps3cret", "wr0ng"})
        QVERIFY2(!status.error().toString().contains(QLatin1String(secret)),
                 qPrintable(status.error().toString()));
}

void TestOutlets::theWebhookIsCalledByNameAlone_data()
{
    mailGoesToNobodyElse_data();
}

void TestOutlets::theWebhookIsCalledByNameAlone()
{
    QFETCH(const QString, name);
    QFETCH(const bool, expired);
    QFETCH(const bool, trusted);
    NoticePeer peer(NoticePeer::Kind::Http);
    const auto pair = m_ca.issue({name.isEmpty() ? peer.address() : name}, expired ? -60 : 3600);
    CRING_OK(pair);
    peer.setOptions(tlsOptions(*pair));
    CRING_OK(peer.start());
    config::Notify settings;
    settings.webhook = https(peer, QStringLiteral("/t0ps3cret"));
    if (trusted)
        settings.caFile = m_ca.file();
    const Status status = callWeb(WebOutlet::Kind::Webhook, settings);
    QVERIFY(!status);
    QVERIFY2(status.error().code == Code::NoticeTls, qPrintable(status.error().toString()));
    QVERIFY(!status.error().toString().contains(QStringLiteral("t0ps3cret")));
    QVERIFY(peer.told().isEmpty());
}

void TestOutlets::theWebhookSaysWhatIsWrong_data()
{
    QTest::addColumn<QString>("status");
    QTest::addColumn<int>("code");
    QTest::newRow("its own fault") << QStringLiteral("500") << static_cast<int>(Code::NoticeRefused);
    QTest::newRow("no such place") << QStringLiteral("404") << static_cast<int>(Code::NoticeRefused);
    QTest::newRow("elsewhere") << QStringLiteral("302") << static_cast<int>(Code::NoticeRefused);
    QTest::newRow("nobody there") << QStringLiteral("refuse") << static_cast<int>(Code::NoticeUnreachable);
}

void TestOutlets::theWebhookSaysWhatIsWrong()
{
    QFETCH(const QString, status);
    QFETCH(const int, code);
    const bool isThere = code != static_cast<int>(Code::NoticeUnreachable);
    NoticePeer peer(NoticePeer::Kind::Http, {QStringLiteral("status=") + status});
    if (isThere)
        CRING_OK(peer.start());
    config::Notify settings;
    settings.webhook = QStringLiteral("http://%1/t0ps3cret?k=v").arg(peer.place());
    const Status outcome = callWeb(WebOutlet::Kind::Webhook, settings);
    QVERIFY(!outcome);
    QCOMPARE(static_cast<int>(outcome.error().code), code);
    QVERIFY2(outcome.error().detail.contains(status), qPrintable(outcome.error().detail));
    QVERIFY2(!outcome.error().detail.contains(QStringLiteral("t0ps3cret")),
             qPrintable(outcome.error().detail));
}

void TestOutlets::theDeadmanIsCalledWithoutAWord()
{
    NoticePeer peer(NoticePeer::Kind::Http);
    CRING_OK(peer.start());
    config::Notify settings;
    settings.deadman = QStringLiteral("http://%1/ping/1").arg(peer.place());
    CRING_OK(callWeb(WebOutlet::Kind::Deadman, settings));
    QVERIFY(peer.wasTold(1));
    QCOMPARE(peer.told().first().value(QLatin1String("method")).toString(), QStringLiteral("GET"));
    QCOMPARE(peer.told().first().value(QLatin1String("path")).toString(), QStringLiteral("/ping/1"));
    QVERIFY(peer.told().first().value(QLatin1String("body")).toString().isEmpty());
}

QTEST_GUILESS_MAIN(TestOutlets)
#include "tst_outlets.moc"
