// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/notify/mailtext.h"

#include <QTest>

using namespace cring::notify;

/// What a mail server gets; that others read it as it was meant, tst_outlets sees.
class TestMailText : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isAMail();
    void isTheSameEachTime();
    void noTextAddsAHeader();
    void linesAreShort();

private:
    static Message message();
    static QByteArray head(const QByteArray &mail) { return mail.left(mail.indexOf("\r\n\r\n")); }
    static QByteArray mailOf(const Message &message)
    {
        return mailText(message, QStringLiteral("ring@home.test"),
                        {QStringLiteral("ada@home.test"), QStringLiteral("bob@home.test")});
    }
};

Message TestMailText::message()
{
    return {QStringLiteral("writes-refused"),
            QStringLiteral("begin"),
            QStringLiteral("Uploads fail"),
            QStringLiteral("1 of 3 servers up: uploads fail"),
            1'700'000'000'000,
            1'699'999'990'000,
            QStringLiteral("laptop")};
}

void TestMailText::isAMail()
{
    const QByteArray mail = mailOf(message());
    QCOMPARE(head(mail),
             QByteArray("From: Charmed Ring <ring@home.test>\r\n"
                        "To: ada@home.test,\r\n bob@home.test\r\n"
                        "Subject: Uploads fail (laptop)\r\n"
                        "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
                        "Message-ID: <charmedring.writes-refused.begin.1700000000000@home.test>\r\n"
                        "Auto-Submitted: auto-generated\r\n"
                        "X-Charmed-Ring: writes-refused begin\r\n"
                        "MIME-Version: 1.0\r\n"
                        "Content-Type: text/plain; charset=utf-8\r\n"
                        "Content-Transfer-Encoding: base64"));
    QCOMPARE(QByteArray::fromBase64(mail.mid(mail.indexOf("\r\n\r\n"))),
             QByteArray("1 of 3 servers up: uploads fail\r\n\r\n-- \r\nCharmed Ring on laptop\r\n"));
}

void TestMailText::isTheSameEachTime()
{
    QCOMPARE(mailOf(message()), mailOf(message()));
}

void TestMailText::noTextAddsAHeader()
{
    Message hostile = message();
    hostile.title = QStringLiteral("Uploads fail\r\nBcc: eve@evil.test\r\n\r\nbody");
    hostile.ring = QStringLiteral("lap\ntop");
    hostile.topic = QStringLiteral("x\r\nBcc: eve@evil.test");
    const QList<QByteArray> lines = head(mailOf(hostile)).split('\n');
    for (const QByteArray &line : lines)
        QVERIFY2(!line.startsWith("Bcc") && !line.startsWith("body"), line.constData());
}

void TestMailText::linesAreShort()
{
    Message large = message();
    large.title = QString(300, QChar(0x00fc)) + QString::fromUtf8("\xF0\x9F\x94\xA5").repeated(40);
    large.text = QStringLiteral("charm1 down\n").repeated(200);
    const QList<QByteArray> lines = mailOf(large).split('\n');
    for (const QByteArray &line : lines)
        QVERIFY2(line.size() <= 79 && line.endsWith(lines.last() == line ? "" : "\r"), line.constData());
}

QTEST_GUILESS_MAIN(TestMailText)
#include "tst_mailtext.moc"
