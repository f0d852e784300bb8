// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/kitpage.h"
#include "core/backup/kitrecord.h"
#include "core/backup/qrpicture.h"
#include "core/backup/recoverykit.h"

#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>
#include <qrencode.h>

using namespace cring;
using namespace cring::backup;

/// What a person keeps on paper comes back from it, however it was typed, and what is wrong is said by line.
class TestRecoveryKit : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void itComesBackFromItsPage();
    void itIsReadAsPeopleType_data();
    void itIsReadAsPeopleType();
    void everyWrongLetterIsToldWithItsLine();
    void lettersThatChangedPlacesAreTold();
    void whatIsMissingIsTold_data();
    void whatIsMissingIsTold();
    void thePictureIsTheTextsOwn();
    void theRecordKeepsNoSecret();

private:
    const RecoveryKit m_kit = RecoveryKit::make();

    QByteArray lines(bool grouped = true) const { return m_kit.lines(grouped).view().toByteArray(); }
};

namespace {

const QByteArray kLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

QString problemOf(const QByteArray &text)
{
    const auto kit = RecoveryKit::parse(text);
    return kit ? QString() : kit.error().detail;
}

} // namespace

void TestRecoveryKit::itComesBackFromItsPage()
{
    const QList<KitPlace> places{
        {QStringLiteral("https://s3.example.org"), QStringLiteral("charm"), QStringLiteral("eu-central-1")}};
    const QByteArray page = kitPage(m_kit, places, std::chrono::milliseconds(0)).view().toByteArray();
    const auto read = RecoveryKit::parse(page);
    QVERIFY(read);
    QCOMPARE(read->publicHalf(), m_kit.publicHalf());
    QVERIFY(page.contains("https://s3.example.org"));
    QVERIFY(page.contains(kitName(m_kit.publicHalf())));
    for (const char c : page)
        QVERIFY(c == '\n' || (c >= ' ' && c <= '~'));
    for (const QByteArray &line : page.split('\n'))
        QVERIFY2(line.size() <= 110, line.constData());
    const auto sealed = sealTo(m_kit.publicHalf(), "secret");
    QVERIFY(sealed);
    const auto opened = read->open(*sealed);
    QVERIFY(opened);
    QCOMPARE(opened->view().toByteArray(), QByteArray("secret"));
    QVERIFY(RecoveryKit::make().publicHalf() != m_kit.publicHalf());
}

void TestRecoveryKit::itIsReadAsPeopleType_data()
{
    QTest::addColumn<QByteArray>("text");
    const QByteArray grouped = lines();
    const QByteArray plain = lines(false);
    QTest::newRow("as printed") << grouped;
    QTest::newRow("as in the picture") << plain;
    QTest::newRow("lower case") << grouped.toLower();
    QTest::newRow("O for 0") << grouped.mid(0).replace('0', 'O');
    QTest::newRow("o for 0, l for 1") << QByteArray(grouped).replace('0', 'o').replace(" 1", " l");
    QTest::newRow("I for 1 in the key")
        << "1:" + plain.mid(2, 33).replace('1', 'I') + "\n2:" + plain.mid(38).replace('1', 'i');
    QTest::newRow("without numbers") << plain.mid(2, 34) + plain.mid(38);
    QTest::newRow("in one go") << plain.mid(2, 33) + ' ' + plain.mid(38, 25);
    QTest::newRow("other blanks") << QByteArray(grouped).replace(' ', "   ").replace('\n', "\r\n\r\n");
    QTest::newRow("dashes") << QByteArray(plain).insert(10, "-").insert(20, "--");
    QTest::newRow("the lines the other way round")
        << grouped.split('\n').at(1) + '\n' + grouped.split('\n').at(0);
}

void TestRecoveryKit::itIsReadAsPeopleType()
{
    QFETCH(QByteArray, text);
    const auto read = RecoveryKit::parse(text);
    QVERIFY2(read, qPrintable(problemOf(text)));
    QCOMPARE(read->publicHalf(), m_kit.publicHalf());
}

void TestRecoveryKit::everyWrongLetterIsToldWithItsLine()
{
    const QByteArray plain = lines(false);
    int tried = 0;
    for (qsizetype at = 0; at < plain.size(); ++at) {
        const bool second = at > plain.indexOf('\n');
        const qsizetype begin = second ? plain.indexOf('\n') + 1 : 0;
        if (at < begin + 2 || plain[at] == '\n')
            continue;
        for (const char c : kLetters) {
            if (c == plain[at])
                continue;
            QByteArray wrong = plain;
            wrong[at] = c;
            const QString problem = problemOf(wrong);
            QVERIFY2(problem.startsWith(second ? QStringLiteral("line 2 ") : QStringLiteral("line 1 ")),
                     qPrintable(problem));
            QVERIFY(!problem.contains(QStringLiteral("line 1 ")) ||
                    !problem.contains(QStringLiteral("line 2 ")));
            ++tried;
        }
    }
    QVERIFY(tried >= 58 * 31);
}

void TestRecoveryKit::lettersThatChangedPlacesAreTold()
{
    const QByteArray plain = lines(false);
    for (qsizetype at = 2; at < 33; ++at) {
        if (plain[at] == plain[at + 1])
            continue;
        QByteArray wrong = plain;
        std::swap(wrong[at], wrong[at + 1]);
        // The check symbol of another meaning is no letter of the key.
        QVERIFY2(problemOf(wrong).startsWith(QStringLiteral("line 1 ")), qPrintable(problemOf(wrong)));
    }
}

void TestRecoveryKit::whatIsMissingIsTold_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("words");
    const QByteArray plain = lines(false);
    QTest::newRow("nothing") << QByteArray() << QStringLiteral("line 1 is missing; line 2 is missing");
    QTest::newRow("the second line") << plain.left(36) << QStringLiteral("line 2 is missing");
    QTest::newRow("a letter") << QByteArray(plain).remove(5, 1)
                              << QStringLiteral("line 1 has 32 letters, and 33 are right");
    QTest::newRow("one too many") << QByteArray(plain).insert(40, '7')
                                  << QStringLiteral("line 2 has 26 letters, and 25 are right");
    QTest::newRow("a letter that is none")
        << QByteArray(plain).replace(4, 1, "U") << QStringLiteral("line 1 has something at place 3");
    const QByteArray other = RecoveryKit::make().lines(false).view().toByteArray();
    QTest::newRow("of two kits") << plain.left(36) + other.mid(36)
                                 << QStringLiteral("they do not belong together");
    QTest::newRow("prose") << QByteArray("this is\nno kit\nat all")
                           << QStringLiteral("more lines than the two of a kit");
    QTest::newRow("too long") << QByteArray(100'000, 'A') << QStringLiteral("too long");
}

void TestRecoveryKit::whatIsMissingIsTold()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, words);
    const auto read = RecoveryKit::parse(text);
    QVERIFY(!read);
    QCOMPARE(read.error().code, Code::RecoveryKitInvalid);
    QVERIFY2(read.error().detail.contains(words), qPrintable(read.error().detail));
}

void TestRecoveryKit::thePictureIsTheTextsOwn()
{
    const QByteArray text = lines(false);
    const auto picture = QrPicture::of(text);
    QVERIFY(picture);
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> own(
        QRcode_encodeData(static_cast<int>(text.size()),
                          reinterpret_cast<const unsigned char *>(text.constData()), 0, QR_ECLEVEL_M),
        QRcode_free);
    QCOMPARE(picture->width(), own->width);
    QXmlStreamReader xml(picture->svg());
    QSet<QPair<int, int>> dark;
    while (!xml.atEnd()) {
        if (xml.readNext() != QXmlStreamReader::StartElement || xml.name() != QLatin1String("path"))
            continue;
        for (const QString &module :
             xml.attributes().value(QLatin1String("d")).toString().split(u'M', Qt::SkipEmptyParts)) {
            const QStringList place = module.section(u'h', 0, 0).split(u' ');
            dark.insert({place.at(0).toInt() - QrPicture::kMargin, place.at(1).toInt() - QrPicture::kMargin});
        }
    }
    QVERIFY2(!xml.hasError(), qPrintable(xml.errorString()));
    const QStringList rows = picture->halfBlocks().split(u'\n');
    for (int y = 0; y < own->width; ++y) {
        for (int x = 0; x < own->width; ++x) {
            const bool isDark = (own->data[y * own->width + x] & 1) != 0;
            QCOMPARE(dark.contains({x, y}), isDark);
            const QChar block = rows.at((y + QrPicture::kMargin) / 2).at(x + QrPicture::kMargin);
            const bool upper = (y + QrPicture::kMargin) % 2 == 0;
            const bool light = block == QChar(0x2588) || block == QChar(upper ? 0x2580 : 0x2584);
            QCOMPARE(!light, isDark);
        }
    }
}

void TestRecoveryKit::theRecordKeepsNoSecret()
{
    const QTemporaryDir folder;
    const auto none = KitRecord::read(folder.path());
    QVERIFY(none);
    QVERIFY(!none->has_value());
    const KitRecord record{m_kit.publicHalf(), 1'000, 2'000};
    QVERIFY(record.write(folder.path()));
    const auto read = KitRecord::read(folder.path());
    QVERIFY(read);
    QCOMPARE(read->value(), record);
    const QString path = folder.filePath(KitRecord::kFile);
    QCOMPARE(QFileInfo(path).permissions() & QFileDevice::Permissions(0x0077), QFileDevice::Permissions());
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(!file.readAll().contains(lines(false).mid(2, 8)));
    QVERIFY(file.resize(20));
    file.close();
    const auto damaged = KitRecord::read(folder.path());
    QVERIFY(!damaged);
    QCOMPARE(damaged.error().code, Code::StateFile);
}

QTEST_GUILESS_MAIN(TestRecoveryKit)
#include "tst_recoverykit.moc"
