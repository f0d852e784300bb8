// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/shellquote.h"

#include <QProcess>
#include <QTest>

using namespace cring;
using namespace cring::accounts;

/// What a shell makes of a quoted line is exactly the words that went in, whatever is in them.
class TestShellQuote : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aShellSeesTheWordsAgain_data();
    void aShellSeesTheWordsAgain();
    void refusesWhatNoProgramCanBeGiven();
};

void TestShellQuote::aShellSeesTheWordsAgain_data()
{
    QTest::addColumn<QString>("shell");
    for (const char *shell : {"/bin/sh", "/bin/bash"})
        QTest::newRow(shell) << QString::fromLatin1(shell);
}

void TestShellQuote::aShellSeesTheWordsAgain()
{
    QFETCH(QString, shell);
    QStringList words{QStringLiteral("plain"),
                      QString(),
                      QStringLiteral("two words"),
                      QStringLiteral("it's"),
                      QStringLiteral("''"),
                      QStringLiteral("'; touch /tmp/x; '"),
                      QStringLiteral("$HOME `id` $(id)"),
                      QStringLiteral("a\\b\\"),
                      QStringLiteral("\"double\""),
                      QStringLiteral("new\nline"),
                      QStringLiteral("tab\t!! *?[a]{b,c} ~ # & | < > ;"),
                      QStringLiteral("-n"),
                      QStringLiteral("\u00fc\u20ac\U0001f600"),
                      QStringLiteral("trailing'")};
    QString every;
    for (ushort c = 1; c < 128; ++c)
        every += QChar(c);
    words += every;
    const auto line = shellQuoted(QStringList{QStringLiteral("printf"), QStringLiteral("%s\\0")} + words);
    QVERIFY(line.ok());
    QProcess process;
    process.start(shell, {QStringLiteral("-c"), QString::fromUtf8(*line)});
    QVERIFY(process.waitForFinished());
    QByteArray expected;
    for (const QString &word : words)
        expected += word.toUtf8() + '\0';
    QCOMPARE(process.readAllStandardOutput(), expected);
}

void TestShellQuote::refusesWhatNoProgramCanBeGiven()
{
    QCOMPARE(shellQuoted({}).error().code, Code::NodeCommand);
    QCOMPARE(shellQuoted({QString()}).error().code, Code::NodeCommand);
    QCOMPARE(shellQuoted({QStringLiteral("a"), QStringLiteral("b") + QChar(u'\0')}).error().code,
             Code::NodeCommand);
}

QTEST_APPLESS_MAIN(TestShellQuote)
#include "tst_shellquote.moc"
