// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/log.h"

#include <QTest>

using namespace cring;

class TestLog : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void redactsSecrets_data();
    void redactsSecrets();
    void leavesPlainWordsAlone();
};

void TestLog::redactsSecrets_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("secret");
    QTest::newRow("bearer") << QStringLiteral("Authorization: bearer abc.def.ghi")
                            << QStringLiteral("abc.def");
    QTest::newRow("jwt alone") << QStringLiteral("got eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ4In0.c2ln here")
                               << QStringLiteral("eyJzdWIi");
    QTest::newRow("key") << QStringLiteral("secret_key=wJalrXUtnFEMI") << QStringLiteral("wJalr");
}

void TestLog::redactsSecrets()
{
    QFETCH(QString, text);
    QFETCH(QString, secret);
    QVERIFY(text.contains(secret));
    QVERIFY2(!log::redacted(text).contains(secret), qPrintable(log::redacted(text)));
}

void TestLog::leavesPlainWordsAlone()
{
    const QString text = QStringLiteral("charm2 is down: connection refused (3 probes in a row)");
    QCOMPARE(log::redacted(text), text);
}

QTEST_APPLESS_MAIN(TestLog)
#include "tst_log.moc"
