// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/pictures/screen.h"

#include "tests/support/spin.h"

#include <QElapsedTimer>
#include <QFile>
#include <QtEndian>

#include <array>

namespace cring::test {

namespace {

constexpr qint64 kStill = 700; ///< Milliseconds; a text cursor stays for less.
constexpr int kLimit = 4'000;

/// The fields of an X window dump that say where its pixels are (X11/XWDfile.h), in 32 bits each.
enum Field { HeaderSize, Width = 4, Height = 5, BitsPerPixel = 11, BytesPerLine = 12, Colours = 19, Fields };
constexpr qint64 kColourSize = 12;

/// Of "  Width: 1120" among xwininfo's lines.
int number(const QByteArray &lines, const QByteArray &name)
{
    const qsizetype at = lines.indexOf(name + ':');
    return at < 0 ? 0 : lines.mid(at + name.size() + 1).trimmed().split('\n').first().trimmed().toInt();
}

} // namespace

Screen::Screen(const DesktopSession &desktop)
    : m_desktop(desktop)
{
}

QImage Screen::look(const QRect &area) const
{
    QFile file(m_desktop.frameBuffer());
    std::array<quint32, Fields> head{};
    constexpr qint64 kHead = sizeof(head);
    if (!file.open(QIODevice::ReadOnly) || file.read(reinterpret_cast<char *>(head.data()), kHead) != kHead)
        return {};
    for (quint32 &field : head)
        field = qFromBigEndian(field);
    if (head[BitsPerPixel] != 32)
        return {};
    file.seek(head[HeaderSize] + head[Colours] * kColourSize);
    const QByteArray pixels = file.read(qint64(head[BytesPerLine]) * head[Height]);
    const QImage all(reinterpret_cast<const uchar *>(pixels.constData()), static_cast<int>(head[Width]),
                     static_cast<int>(head[Height]), static_cast<int>(head[BytesPerLine]),
                     QImage::Format_RGB32);
    return all.copy(area.intersected(all.rect()));
}

QImage Screen::lookWhenStill(const QRect &area) const
{
    QImage last = look(area);
    QElapsedTimer still;
    still.start();
    spinUntil(
        [&] {
            QImage now = look(area);
            if (now != last) {
                last = std::move(now);
                still.restart();
            }
            return still.elapsed() >= kStill;
        },
        kLimit);
    return last;
}

QRect Screen::activeWindow() const
{
    const QByteArray id =
        m_desktop.run(QStringLiteral("xdotool"), {QStringLiteral("getactivewindow")}).trimmed();
    const QByteArray lines =
        m_desktop.run(QStringLiteral("xwininfo"), {QStringLiteral("-id"), QString::fromLatin1(id)});
    return {number(lines, "Absolute upper-left X"), number(lines, "Absolute upper-left Y"),
            number(lines, "Width"), number(lines, "Height")};
}

void Screen::moveActiveWindow(const QPoint &to) const
{
    const QRect before = activeWindow();
    m_desktop.run(QStringLiteral("xdotool"), {QStringLiteral("getactivewindow"), QStringLiteral("windowmove"),
                                              QString::number(to.x()), QString::number(to.y())});
    spinUntil([&] { return activeWindow() != before; }, kLimit);
}

void Screen::point(const QPoint &at) const
{
    m_desktop.run(QStringLiteral("xdotool"),
                  {QStringLiteral("mousemove"), QString::number(at.x()), QString::number(at.y())});
}

void Screen::click(int button) const
{
    m_desktop.run(QStringLiteral("xdotool"), {QStringLiteral("click"), QString::number(button)});
}

} // namespace cring::test
