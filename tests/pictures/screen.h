// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/support/desktopsession.h"

#include <QImage>

namespace cring::test {

/// What is on a desktop's display, and the pointer there.
class Screen
{
public:
    /// The desktop outlives this; it has a display.
    explicit Screen(const DesktopSession &desktop);

    /// As it is now. Null when it cannot be read.
    QImage look(const QRect &area) const;
    /// Once nothing in it has moved for a moment; after a while as it is then.
    QImage lookWhenStill(const QRect &area) const;

    /// Of the window that has the keyboard, without what the window manager draws around it.
    QRect activeWindow() const;
    /// Gives that window another place.
    void moveActiveWindow(const QPoint &to) const;

    void point(const QPoint &at) const;
    void click(int button) const;

private:
    const DesktopSession &m_desktop;
};

} // namespace cring::test
