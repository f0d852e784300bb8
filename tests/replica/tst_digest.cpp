// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/digest.h"

#include <QTest>

using namespace cring::replica;

class TestDigest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isXxh3OfTheBytes();
    void doesNotCareHowTheBytesCome();
    void goesOnAfterItWasAsked();
    void startsAnew();
    void tellsASwapFromTheOriginal();
};

namespace {

QByteArray pattern(qsizetype size)
{
    QByteArray bytes(size, '\0');
    for (qsizetype i = 0; i < size; ++i)
        bytes[i] = static_cast<char>((i * 31 + i / 251) & 0xff);
    return bytes;
}

QByteArray digestOf(const QByteArray &bytes)
{
    PayloadDigest digest(0);
    digest.add(bytes);
    return digest.value();
}

} // namespace

void TestDigest::isXxh3OfTheBytes()
{
    // XXH3-128 of nothing, seed 0, as xxhsum -H2 prints it.
    QCOMPARE(PayloadDigest(0).value().toHex(), "99aa06d3014798d86001c324468d497f");
    QCOMPARE(PayloadDigest(0).size(), 0);
    QVERIFY(PayloadDigest(1).value() != PayloadDigest(0).value());
    QCOMPARE(digestOf("x").size(), 16);
}

void TestDigest::doesNotCareHowTheBytesCome()
{
    const QByteArray bytes = pattern(10'000);
    const QByteArray whole = digestOf(bytes);
    for (const qsizetype step : {1, 7, 240, 256, 1024, 9'999}) {
        PayloadDigest digest(0);
        for (qsizetype at = 0; at < bytes.size(); at += step)
            digest.add(QByteArrayView(bytes).sliced(at, std::min(step, bytes.size() - at)));
        QCOMPARE(digest.value(), whole);
        QCOMPARE(digest.size(), bytes.size());
    }
}

void TestDigest::goesOnAfterItWasAsked()
{
    PayloadDigest digest(0);
    digest.add("one ");
    QCOMPARE(digest.value(), digestOf("one "));
    digest.add("two");
    QCOMPARE(digest.value(), digestOf("one two"));
}

void TestDigest::startsAnew()
{
    PayloadDigest digest(0);
    digest.add(pattern(5'000));
    digest.reset();
    QCOMPARE(digest.size(), 0);
    QCOMPARE(digest.value(), PayloadDigest(0).value());
    digest.add("x");
    QCOMPARE(digest.value(), digestOf("x"));
}

void TestDigest::tellsASwapFromTheOriginal()
{
    const QByteArray bytes = pattern(4'096);
    for (const qsizetype at : {0, 100, 2'047, 4'095}) {
        QByteArray other = bytes;
        other[at] = static_cast<char>(other[at] ^ 1);
        QVERIFY(digestOf(other) != digestOf(bytes));
    }
    QVERIFY(digestOf(bytes.first(4'095)) != digestOf(bytes));
    QVERIFY(digestOf(bytes + '\0') != digestOf(bytes));
}

QTEST_APPLESS_MAIN(TestDigest)
#include "tst_digest.moc"
