// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/qrpicture.h"

#include <qrencode.h>

#include <memory>

namespace cring::backup {

std::optional<QrPicture> QrPicture::of(QByteArrayView text)
{
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
        QRcode_encodeData(static_cast<int>(text.size()), reinterpret_cast<const unsigned char *>(text.data()),
                          0, QR_ECLEVEL_M),
        QRcode_free);
    if (!code)
        return std::nullopt;
    QrPicture picture;
    picture.m_width = code->width;
    picture.m_modules = QByteArray(reinterpret_cast<const char *>(code->data), code->width * code->width);
    return picture;
}

QByteArray QrPicture::svg() const
{
    const QByteArray side = QByteArray::number(m_width + 2 * kMargin);
    QByteArray path;
    for (int y = 0; y < m_width; ++y) {
        for (int x = 0; x < m_width; ++x) {
            if (isDark(x, y))
                path += 'M' + QByteArray::number(x + kMargin) + ' ' + QByteArray::number(y + kMargin) +
                        "h1v1h-1z";
        }
    }
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
           "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"60mm\" height=\"60mm\" viewBox=\"0 0 " +
           side + ' ' + side + "\" shape-rendering=\"crispEdges\">\n<rect width=\"" + side + "\" height=\"" +
           side + "\" fill=\"#fff\"/>\n<path d=\"" + path + "\"/>\n</svg>\n";
}

QString QrPicture::halfBlocks() const
{
    const auto isLight = [this](int x, int y) {
        const bool inside = x >= 0 && y >= 0 && x < m_width && y < m_width;
        return !inside || !isDark(x, y);
    };
    QString text;
    for (int y = -kMargin; y < m_width + kMargin; y += 2) {
        for (int x = -kMargin; x < m_width + kMargin; ++x) {
            const bool upper = isLight(x, y);
            const bool lower = isLight(x, y + 1);
            text += upper ? (lower ? QChar(0x2588) : QChar(0x2580)) : (lower ? QChar(0x2584) : QChar(u' '));
        }
        text += u'\n';
    }
    return text;
}

} // namespace cring::backup
