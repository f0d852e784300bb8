// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/bannerscanner.h"

#include <QTest>

using cring::ssh::BannerScanner;
using State = BannerScanner::State;

class TestBannerScanner : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsServersFromOthers_data();
    void tellsServersFromOthers();
};

void TestBannerScanner::tellsServersFromOthers_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("expected");
    const auto row = [](const char *name, const QByteArray &bytes, State expected) {
        QTest::newRow(name) << bytes << static_cast<int>(expected);
    };
    row("Charm", "SSH-2.0-Go\r\n", State::Found);
    row("bare line feed", "SSH-2.0-x\n", State::Found);
    row("old and new", "SSH-1.99-x\r\n", State::Found);
    row("with what follows", QByteArray("SSH-2.0-x\r\n\0\0\1\2", 15), State::Found);
    row("text before", "hello\r\nworld\r\nSSH-2.0-x\r\n", State::Found);
    row("nothing", "", State::Incomplete);
    row("half a line", "SSH-2.0-Go", State::Incomplete);
    row("text and no more", "hello\r\n", State::Incomplete);
    row("version 1", "SSH-1.5-x\r\n", State::NotSsh);
    row("long line", QByteArray(300, 'x'), State::NotSsh);
    row("long name", "SSH-2.0-" + QByteArray(300, 'x') + "\r\n", State::NotSsh);
    row("binary", QByteArray("a\0b\n", 4), State::NotSsh);
    row("endless text", QByteArray("hello\r\n").repeated(2000), State::NotSsh);
}

void TestBannerScanner::tellsServersFromOthers()
{
    QFETCH(QByteArray, bytes);
    QFETCH(int, expected);
    BannerScanner whole;
    QCOMPARE(static_cast<int>(whole.feed(bytes)), expected);
    QCOMPARE(whole.received(), bytes);

    BannerScanner bytewise;
    State state = State::Incomplete;
    for (qsizetype i = 0; i < bytes.size(); ++i)
        state = bytewise.feed(QByteArrayView(bytes).sliced(i, 1));
    QCOMPARE(static_cast<int>(state), expected);
}

QTEST_APPLESS_MAIN(TestBannerScanner)
#include "tst_bannerscanner.moc"
