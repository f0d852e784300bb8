// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/readers.h"

#include <QTest>

using namespace cring::replica;

class TestReaders : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void cutsWhoReadsThatCopyAndNobodyElse();
    void forgetsWhoWentAway();
    void goesWithItsRegistrationWhenMoved();
    void oneWhoIsCutMayLeaveOrReadAnotherCopy();
};

namespace {

const QString One = QStringLiteral("one");
const QString Two = QStringLiteral("two");

} // namespace

void TestReaders::cutsWhoReadsThatCopyAndNobodyElse()
{
    Readers readers;
    QStringList cut;
    const auto reader = [&](const ObjectKey &key, const QString &backend, const QString &name) {
        return Readers::Registration(readers, key, backend, [&cut, name] { cut << name; });
    };
    const auto first = reader("a/f", One, QStringLiteral("first"));
    const auto second = reader("a/f", One, QStringLiteral("second"));
    const auto otherCopy = reader("a/f", Two, QStringLiteral("other copy"));
    const auto otherFile = reader("a/g", One, QStringLiteral("other file"));
    readers.cut("a/f", One);
    cut.sort();
    QCOMPARE(cut, QStringList({QStringLiteral("first"), QStringLiteral("second")}));
}

void TestReaders::forgetsWhoWentAway()
{
    Readers readers;
    int cuts = 0;
    {
        const Readers::Registration reader(readers, "a/f", One, [&] { ++cuts; });
        QVERIFY(readers.isRead("a/f", One));
        QVERIFY(!readers.isRead("a/f", Two));
        QVERIFY(!readers.isRead("a", One));
    }
    QVERIFY(!readers.isRead("a/f", One));
    readers.cut("a/f", One);
    QCOMPARE(cuts, 0);
}

void TestReaders::goesWithItsRegistrationWhenMoved()
{
    Readers readers;
    int cuts = 0;
    Readers::Registration kept;
    {
        Readers::Registration reader(readers, "a/f", One, [&] { ++cuts; });
        kept = std::move(reader);
    }
    QVERIFY(readers.isRead("a/f", One));
    kept = Readers::Registration(readers, "a/g", One, [] {});
    QVERIFY(!readers.isRead("a/f", One));
    QVERIFY(readers.isRead("a/g", One));
    kept.release();
    kept.release();
    QVERIFY(!readers.isRead("a/g", One));
}

/// What a download does: it lets go of the copy, inside the call that tells it to.
void TestReaders::oneWhoIsCutMayLeaveOrReadAnotherCopy()
{
    Readers readers;
    int cuts = 0;
    Readers::Registration leaving;
    Readers::Registration moving;
    leaving = Readers::Registration(readers, "a/f", One, [&] {
        ++cuts;
        leaving.release();
    });
    moving = Readers::Registration(readers, "a/f", One, [&] {
        ++cuts;
        moving = Readers::Registration(readers, "a/f", Two, [&] { ++cuts; });
    });
    readers.cut("a/f", One);
    QCOMPARE(cuts, 2);
    QVERIFY(!readers.isRead("a/f", One));
    QVERIFY(readers.isRead("a/f", Two));
}

QTEST_APPLESS_MAIN(TestReaders)
#include "tst_readers.moc"
