// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"

#include <QTest>

using namespace cring;

class TestResult : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void carriesItsValueOut();
    void namesCodeDetailAndCauses();
};

void TestResult::carriesItsValueOut()
{
    Result<QByteArray> result(QByteArrayLiteral("body"));
    QVERIFY(result.ok());
    QCOMPARE(std::move(result).value(), QByteArrayLiteral("body"));

    Result<QByteArray> failed(Error{Code::NotFound, QStringLiteral("no such server")});
    QVERIFY(!failed);
    QCOMPARE(failed.error().code, Code::NotFound);
}

void TestResult::namesCodeDetailAndCauses()
{
    const auto cause =
        std::make_shared<const Error>(Error{Code::BackendTls, QStringLiteral("expired certificate")});
    const Status status(Error{Code::BackendUnreachable, QStringLiteral("charm2 cannot be reached"), cause});
    QVERIFY(!status.ok());
    QCOMPARE(status.error().toString(),
             QStringLiteral("CR-2001: charm2 cannot be reached: expired certificate"));
}

QTEST_APPLESS_MAIN(TestResult)
#include "tst_result.moc"
