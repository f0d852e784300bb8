// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tray/trayicons.h"

#include <QFile>
#include <QPainter>
#include <QSvgRenderer>

namespace cring::ui {

namespace {

// What the files are drawn with, and what a dark panel gets instead.
constexpr QByteArrayView kInk("#232629");
constexpr QByteArrayView kDarkInk("#eff0f1");
constexpr QByteArrayView kBlue("#3a78c3");
constexpr QByteArrayView kDarkBlue("#6aa9f0");

QByteArray drawing(models::TrayState state, bool darkPanel)
{
    QFile file(QStringLiteral(":/charmedring/tray/%1.svg").arg(models::trayStateName(state)));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    QByteArray svg = file.readAll();
    if (darkPanel) {
        svg.replace(kInk, kDarkInk);
        svg.replace(kBlue, kDarkBlue);
    }
    return svg;
}

} // namespace

QIcon trayIcon(models::TrayState state, bool darkPanel)
{
    QSvgRenderer renderer(drawing(state, darkPanel));
    QIcon icon;
    for (const int side : {16, 22, 24, 32, 44, 48, 64}) {
        QPixmap pixmap(side, side);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        painter.setRenderHint(QPainter::Antialiasing);
        renderer.render(&painter, QRectF(0, 0, side, side));
        painter.end();
        icon.addPixmap(pixmap);
    }
    return icon;
}

} // namespace cring::ui
