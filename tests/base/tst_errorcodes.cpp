// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QRegularExpression>
#include <QTest>

/// docs/errors.md explains every code of core/base/error.h, and no other.
class TestErrorCodes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void eachIsDocumentedOnce();

private:
    static QStringList numbersIn(const QString &file, const QString &pattern);
};

QStringList TestErrorCodes::numbersIn(const QString &file, const QString &pattern)
{
    QFile source(QStringLiteral(CRING_SOURCE_DIR "/") + file);
    if (!source.open(QIODevice::ReadOnly))
        return {};
    QStringList numbers;
    auto matches = QRegularExpression(pattern, QRegularExpression::MultilineOption)
                       .globalMatch(QString::fromUtf8(source.readAll()));
    while (matches.hasNext())
        numbers << matches.next().captured(1);
    return numbers;
}

void TestErrorCodes::eachIsDocumentedOnce()
{
    const QStringList codes =
        numbersIn(QStringLiteral("core/base/error.h"), QStringLiteral("^    \\w+ = (\\d{4}),"));
    QVERIFY(codes.size() > 20);
    QCOMPARE(numbersIn(QStringLiteral("docs/errors.md"), QStringLiteral("^\\| CR-(\\d{4}) \\|")), codes);
}

QTEST_APPLESS_MAIN(TestErrorCodes)
#include "tst_errorcodes.moc"
