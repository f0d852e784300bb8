// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QString>

#include <optional>

namespace cring::backup {

/// A QR code (ISO/IEC 18004) of a text, with the middle level of error correction. A value.
class QrPicture
{
public:
    /// Modules of white around it, as the standard asks.
    static constexpr int kMargin = 4;

    /// Nothing for a text that is too long, which none of ours is.
    static std::optional<QrPicture> of(QByteArrayView text);

    /// Of a side, in modules, without the margin.
    int width() const { return m_width; }
    bool isDark(int x, int y) const { return (m_modules.at(y * m_width + x) & 1) != 0; }
    /// An SVG file, one unit a module.
    QByteArray svg() const;
    /// For a terminal, two modules above each other in one half block: light on dark and dark on light both
    /// can be read, for the margin is drawn too.
    QString halfBlocks() const;

private:
    int m_width = 0;
    QByteArray m_modules;
};

} // namespace cring::backup
