// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/charm/contents.h"

#include <QElapsedTimer>
#include <QTest>

using namespace cring;
using namespace cring::charm;

/// That the real client reads it, and the other way round, is integration.wayout's to show.
class TestContents : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void opensWhatItHasSealed_data();
    void opensWhatItHasSealed();
    void findsTheKey();
    void refusesWhatWasCut();
    void refusesWhatWasChanged();
    void refusesPiecesInAnotherOrder();
    void refusesTooMuchWork();
    void knowsSizes();
};

namespace {

constexpr qsizetype kPiece = 65'536;
constexpr qsizetype kBegin = 139 + 16;

EncryptKeys keysOf(const QByteArrayList &texts)
{
    auto keys = std::make_shared<std::vector<Secret>>();
    for (const QByteArray &text : texts)
        keys->push_back(Secret(QByteArray(text.constData(), text.size())));
    return keys;
}

QByteArray contentOf(qsizetype size)
{
    QByteArray content(size, '\0');
    for (qsizetype i = 0; i < size; ++i)
        content[i] = static_cast<char>(i * 131 + i / 251);
    return content;
}

QByteArray seal(const QByteArray &content, const EncryptKeys &keys, qsizetype step)
{
    ContentsSealer sealer(keys);
    QByteArray sealed = sealer.begin().value();
    for (qsizetype at = 0; at < content.size(); at += step)
        sealed += sealer.add(QByteArrayView(content).sliced(at, std::min(step, content.size() - at)));
    return sealed + sealer.finish();
}

std::optional<QByteArray> open(const QByteArray &sealed, const EncryptKeys &keys, qsizetype step = 16'384)
{
    ContentsOpener opener(keys);
    QByteArray content;
    for (qsizetype at = 0; at < sealed.size(); at += step) {
        const auto plain = opener.add(QByteArrayView(sealed).sliced(at, std::min(step, sealed.size() - at)));
        if (!plain)
            return std::nullopt;
        content += *plain;
    }
    const auto rest = opener.finish();
    if (!rest)
        return std::nullopt;
    return content + *rest;
}

} // namespace

void TestContents::opensWhatItHasSealed_data()
{
    QTest::addColumn<qsizetype>("size");
    QTest::addColumn<qsizetype>("step");
    for (const qsizetype size :
         {qsizetype(0), qsizetype(1), kPiece - 1, kPiece, kPiece + 1, 3 * kPiece, 3 * kPiece + 77}) {
        for (const qsizetype step : {qsizetype(1'000), kPiece, kPiece + 17, qsizetype(1'000'000)})
            QTest::addRow("%lld by %lld", static_cast<long long>(size), static_cast<long long>(step))
                << size << step;
    }
}

void TestContents::opensWhatItHasSealed()
{
    QFETCH(const qsizetype, size);
    QFETCH(const qsizetype, step);
    const EncryptKeys keys = keysOf({"secret"});
    const QByteArray content = contentOf(size);
    const QByteArray sealed = seal(content, keys, step);
    QCOMPARE(sealed.size(), ContentsSealer::sealedSize(size));
    const auto opened = open(sealed, keys, step);
    QVERIFY(opened);
    QVERIFY(*opened == content);
    QVERIFY(sealed != seal(content, keys, step)); // Salt, key and nonce are new each time.
}

void TestContents::findsTheKey()
{
    const QByteArray sealed = seal("text", keysOf({"second"}), 10);
    const auto opened = open(sealed, keysOf({"first", "second", "third"}));
    QVERIFY(opened);
    QCOMPARE(*opened, QByteArray("text"));
    ContentsOpener strange(keysOf({"first", "third"}));
    QVERIFY(!strange.add(sealed));
    QVERIFY(strange.problem().contains(QStringLiteral("none of yours")));
    QVERIFY(!open(sealed, keysOf({})));
    QVERIFY(!ContentsSealer(keysOf({})).begin());
}

void TestContents::refusesWhatWasCut()
{
    const EncryptKeys keys = keysOf({"secret"});
    const QByteArray sealed = seal(contentOf(2 * kPiece + 5), keys, 1'000);
    for (const qsizetype size : {qsizetype(0), qsizetype(5), qsizetype(100), kBegin - 1, kBegin, kBegin + 1,
                                 kBegin + kPiece + 16, kBegin + 2 * (kPiece + 16), sealed.size() - 1})
        QVERIFY2(!open(sealed.first(size), keys), qPrintable(QString::number(size)));
    QVERIFY(!open(sealed + 'x', keys));
    QVERIFY(!open(sealed + sealed, keys));
}

void TestContents::refusesWhatWasChanged()
{
    const EncryptKeys keys = keysOf({"secret"});
    const QByteArray sealed = seal("some text", keys, 100);
    for (qsizetype at = 0; at < sealed.size(); ++at) {
        QByteArray changed = sealed;
        changed[at] = static_cast<char>(changed.at(at) ^ 1);
        QVERIFY2(!open(changed, keys), qPrintable(QString::number(at)));
    }
}

void TestContents::refusesPiecesInAnotherOrder()
{
    const EncryptKeys keys = keysOf({"secret"});
    const QByteArray sealed = seal(contentOf(3 * kPiece), keys, 1'000);
    const auto piece = [&](int number) {
        return sealed.mid(kBegin + number * (kPiece + 16), kPiece + 16);
    };
    const QByteArray head = sealed.first(kBegin);
    QVERIFY(open(head + piece(0) + piece(1) + piece(2), keys));
    QVERIFY(!open(head + piece(1) + piece(0) + piece(2), keys));
    QVERIFY(!open(head + piece(0) + piece(2), keys));
    QVERIFY(!open(head + piece(0) + piece(1), keys));
}

/// A server must not make its clients fill their memory.
void TestContents::refusesTooMuchWork()
{
    const QByteArray sealed = seal("text", keysOf({"secret"}), 10);
    for (const char *work : {"17", "40", "0", "-8", "99999999999", "x", ""}) {
        QByteArray changed = sealed;
        changed.replace(changed.indexOf('\n', 20) - 1, 1, work);
        QElapsedTimer time;
        time.start();
        QVERIFY2(!open(changed, keysOf({"secret"})), work);
        QVERIFY(time.elapsed() < 1'000);
    }
    QVERIFY(!open(QByteArray("charm.sh/v1\n") + QByteArray(1'000'000, 'x'), keysOf({"secret"})));
}

void TestContents::knowsSizes()
{
    for (const qint64 size : {0LL, 1LL, 65'535LL, 65'536LL, 65'537LL, 10'485'760LL, 1LL << 40}) {
        const auto plain = ContentsSealer::plainSize(ContentsSealer::sealedSize(size));
        QVERIFY(plain);
        QCOMPARE(*plain, size);
    }
    QVERIFY(!ContentsSealer::plainSize(0));
    QVERIFY(!ContentsSealer::plainSize(kBegin + 15));
    QVERIFY(!ContentsSealer::plainSize(kBegin + kPiece + 16 + 10));
}

QTEST_GUILESS_MAIN(TestContents)
#include "tst_contents.moc"
