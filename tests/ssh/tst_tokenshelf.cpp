// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/tokenshelf.h"

#include <QTest>

using namespace cring;
using ssh::TokenShelf;

class TestTokenShelf : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsTheOneThatLivesLongest();
    void knowsWhatIsOver();
    void theFirstToEndMakesRoom();
};

void TestTokenShelf::keepsTheOneThatLivesLongest()
{
    TokenShelf shelf;
    shelf.put({"a", "bearer 1", 100});
    shelf.put({"a", "bearer 2", 200});
    shelf.put({"a", "bearer 3", 150});
    QCOMPARE(shelf.size(), 1);
    QCOMPARE(shelf.find("a", 0)->authorization, QByteArray("bearer 2"));
    QVERIFY(!shelf.find("b", 0));
}

void TestTokenShelf::knowsWhatIsOver()
{
    TokenShelf shelf;
    shelf.put({"a", "bearer 1", 100});
    QVERIFY(shelf.find("a", 99));
    QVERIFY(!shelf.find("a", 100));
}

void TestTokenShelf::theFirstToEndMakesRoom()
{
    TokenShelf shelf(3);
    for (const qint64 expires : {300, 100, 200, 400})
        shelf.put({QByteArray::number(expires), "bearer x", expires});
    QCOMPARE(shelf.size(), 3);
    QVERIFY(!shelf.find("100", 0));
    for (const char *account : {"200", "300", "400"})
        QVERIFY(shelf.find(account, 0));
}

QTEST_APPLESS_MAIN(TestTokenShelf)
#include "tst_tokenshelf.moc"
