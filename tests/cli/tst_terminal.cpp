// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/terminal.h"

#include <QJsonObject>
#include <QTest>

using namespace cring::app;

class TestTerminal : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void alignsColumnsWithoutTrailingBlanks();
    void paintsOnlyWhenAskedTo();
    void letsNobodySteerTheTerminal();
    void letsNobodySteerTheTerminalThroughJson();
    void tellsWhenNobodyReads();
};

void TestTerminal::alignsColumnsWithoutTrailingBlanks()
{
    const Terminal terminal(stdout, stderr, {});
    PaintedTable table;
    table.addRow({{QStringLiteral("NAME")}, {QStringLiteral("N"), Tone::Plain, true}, {}});
    table.addRow(
        {{QStringLiteral("a")}, {QStringLiteral("100"), Tone::Plain, true}, {QStringLiteral("why")}});
    QCOMPARE(table.toString(terminal), QStringLiteral("NAME    N\na     100  why\n"));
}

void TestTerminal::paintsOnlyWhenAskedTo()
{
    const Terminal plainOne(stdout, stderr, {});
    const Terminal colored(stdout, stderr, {.color = true, .redraws = false});
    QCOMPARE(plainOne.paint(Tone::Bad, QStringLiteral("down")), QStringLiteral("down"));
    QCOMPARE(colored.paint(Tone::Bad, QStringLiteral("down")), QStringLiteral("\x1b[1;31mdown\x1b[0m"));
    PaintedTable table; // Colours take no room in a column.
    table.addRow({{QStringLiteral("ab"), Tone::Good}, {QStringLiteral("c")}});
    QCOMPARE(table.toString(colored), QStringLiteral("\x1b[32mab\x1b[0m  c\n"));
}

void TestTerminal::letsNobodySteerTheTerminal()
{
    QCOMPARE(plain(QStringLiteral("a\x1b[2Jb\nc\u202e")), QStringLiteral("a?[2Jb?c?"));
    QCOMPARE(plain(QStringLiteral("Größe – 10 µs")), QStringLiteral("Größe – 10 µs"));
}

void TestTerminal::letsNobodySteerTheTerminalThroughJson()
{
    const QJsonObject hostile{{QStringLiteral("k\x1b"), QStringLiteral("a\x1b[2J\x9b"
                                                                       "31m\nb\x7f\u202e\u2028 Größe")}};
    for (const auto format : {QJsonDocument::Compact, QJsonDocument::Indented}) {
        const QByteArray text = jsonText(hostile, format);
        QCOMPARE(QJsonDocument::fromJson(text).object(), hostile); // It means the same.
        for (const char *raw : {"\x1b", "\xc2\x9b", "\x7f", "\xe2\x80\xae", "\xe2\x80\xa8"})
            QVERIFY2(!text.contains(raw), text.toHex().constData());
        QVERIFY(text.contains("Größe"));
    }
    QCOMPARE(jsonText(hostile, QJsonDocument::Compact).count('\n'), 0);
}

void TestTerminal::tellsWhenNobodyReads()
{
    std::FILE *full = std::fopen("/dev/full", "w");
    QVERIFY(full);
    Terminal terminal(full, stderr, {});
    QVERIFY(!terminal.print(QStringLiteral("x")));
    std::fclose(full);
}

QTEST_APPLESS_MAIN(TestTerminal)
#include "tst_terminal.moc"
