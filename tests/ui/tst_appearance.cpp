// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/translation.h"
#include "ui/tray/trayicons.h"
#include "ui/widgets/theme.h"
#include "ui/widgets/toneshape.h"

#include <QApplication>
#include <QPainter>
#include <QTest>

using namespace cring;
using namespace cring::ui;
using models::Tone;
using models::TrayState;

namespace {

/// What is drawn at all, whatever its colour.
QImage shapeOf(const QIcon &icon, int side)
{
    return icon.pixmap(side, side).toImage().convertToFormat(QImage::Format_Alpha8);
}

/// Pixels that are there in one and not in the other.
int difference(const QImage &one, const QImage &other)
{
    int count = 0;
    for (int y = 0; y < one.height(); ++y) {
        for (int x = 0; x < one.width(); ++x)
            count += std::abs(qAlpha(one.pixel(x, y)) - qAlpha(other.pixel(x, y))) > 100 ? 1 : 0;
    }
    return count;
}

} // namespace

class TestAppearance : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { installTranslations(*qApp, QLocale::c()); }

    void trayStatesDifferInShape_data();
    void trayStatesDifferInShape();
    void darkPanelsGetLightInk();
    void tonesDifferInShape();
    void everythingCanBeRead_data();
    void everythingCanBeRead();
    void takesTheDesktopsHighContrast();
};

void TestAppearance::trayStatesDifferInShape_data()
{
    QTest::addColumn<int>("side");
    for (const int side : {16, 22, 32})
        QTest::addRow("%d", side) << side;
}

void TestAppearance::trayStatesDifferInShape()
{
    QFETCH(int, side);
    for (int i = 0; i < models::trayStateCount; ++i) {
        const QImage one = shapeOf(trayIcon(static_cast<TrayState>(i), false), side);
        for (int j = 0; j < i; ++j) {
            const QImage other = shapeOf(trayIcon(static_cast<TrayState>(j), false), side);
            const int pixels = difference(one, other);
            QVERIFY2(pixels >= side * side / 50,
                     qPrintable(QStringLiteral("%1 and %2 differ in %3 pixels")
                                    .arg(models::trayStateName(static_cast<TrayState>(i)),
                                         models::trayStateName(static_cast<TrayState>(j)))
                                    .arg(pixels)));
        }
    }
}

void TestAppearance::darkPanelsGetLightInk()
{
    for (int i = 0; i < models::trayStateCount; ++i) {
        const auto state = static_cast<TrayState>(i);
        int lightest[2] = {0, 0};
        int darkest[2] = {255, 255};
        for (const bool dark : {false, true}) {
            const QImage image = trayIcon(state, dark).pixmap(64, 64).toImage();
            for (int y = 0; y < image.height(); ++y) {
                for (int x = 0; x < image.width(); ++x) {
                    const QColor pixel = image.pixelColor(x, y);
                    if (pixel.alpha() < 250)
                        continue;
                    lightest[dark] = std::max(lightest[dark], pixel.lightness());
                    darkest[dark] = std::min(darkest[dark], pixel.lightness());
                }
            }
        }
        QVERIFY(darkest[0] < 60);
        QVERIFY(lightest[1] > 220);
        QVERIFY(darkest[1] > 60);
    }
}

void TestAppearance::tonesDifferInShape()
{
    const QList<Tone> tones{Tone::Good, Tone::Busy, Tone::Warning, Tone::Bad, Tone::Unknown};
    for (const Tone one : tones) {
        for (const Tone other : tones) {
            // Marks inside a shape are in the card's colour: drawn on it, they are part of the shape.
            const auto drawn = [](Tone tone) {
                Theme theme = Theme::light();
                theme.good = theme.accent = theme.warning = theme.bad = theme.muted = Qt::black;
                QImage image(32, 32, QImage::Format_ARGB32);
                image.fill(theme.card);
                QPainter painter(&image);
                drawTone(painter, QRectF(0, 0, 32, 32), tone, theme);
                return image;
            };
            QCOMPARE(drawn(one) == drawn(other), one == other);
        }
    }
}

void TestAppearance::everythingCanBeRead_data()
{
    QTest::addColumn<bool>("dark");
    QTest::newRow("light") << false;
    QTest::newRow("dark") << true;
}

void TestAppearance::everythingCanBeRead()
{
    QFETCH(bool, dark);
    const Theme theme = dark ? Theme::dark() : Theme::light();
    for (const QColor &paper : {theme.ground, theme.card, theme.chosen}) {
        QVERIFY(contrast(theme.text, paper) >= 4.5);
        QVERIFY2(contrast(theme.muted, paper) >= 4.5,
                 qPrintable(QString::number(contrast(theme.muted, paper))));
    }
    for (const QColor &shape :
         QList<QColor>{theme.good, theme.warning, theme.bad, theme.accent} + theme.servers)
        QVERIFY2(contrast(shape, theme.card) >= 3, qPrintable(shape.name()));
    // A palette made from a theme is recognised as that theme.
    QCOMPARE(Theme::of(theme.palette()).kind, theme.kind);
    // Identity is never taken for a state.
    for (const QColor &server : theme.servers)
        QVERIFY(server != theme.good && server != theme.warning && server != theme.bad);
}

void TestAppearance::takesTheDesktopsHighContrast()
{
    QPalette palette(Qt::black, Qt::black);
    for (const QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text})
        palette.setColor(role, Qt::white);
    palette.setColor(QPalette::Base, Qt::black);
    const Theme theme = Theme::of(palette);
    QCOMPARE(theme.kind, Theme::Kind::HighContrast);
    QCOMPARE(theme.text, QColor(Qt::white));
    QCOMPARE(theme.line, QColor(Qt::white));
}

QTEST_MAIN(TestAppearance)
#include "tst_appearance.moc"
