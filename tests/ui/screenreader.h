// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/support/desktopsession.h"

#include <QDBusConnection>

namespace cring::test {

/// One thing that is shown, as a screen reader is told of it.
struct Shown
{
    QString service; ///< Whose it is, on the accessibility bus.
    QString path;
    QString role; ///< "push button", "label", …
    QString name;
    QString description;
    bool isEnabled = false;
    bool isFocused = false;
    bool isActive = false; ///< A window that has the keyboard.

    QString words() const { return name + u'\n' + description; }
};

/// Reads other programs' windows over AT-SPI, the accessibility bus of Linux desktops
/// (https://docs.gtk.org/atspi2/): what a person who does not see them is read out.
class ScreenReader
{
public:
    ~ScreenReader();

    /// Starts the desktop's accessibility bus. NotFound, with what to install.
    Status start(const DesktopSession &desktop);
    /// What a program needs in its environment to be read from its start.
    static void letRead(QProcessEnvironment &environment);

    /// The windows that are shown.
    QList<Shown> windows() const;
    /// What is shown in the window that has the keyboard, itself first; empty when none has.
    QList<Shown> activeWindow() const;
    /// As it is now; nothing when it has gone.
    std::optional<Shown> again(const Shown &shown) const;
    /// What stands in a line to write in, or read from.
    QString text(const Shown &line) const;

private:
    QDBusConnection bus() const { return QDBusConnection(m_name); }
    QList<Shown> read(const QList<Shown> &top, bool deep) const;
    QList<Shown> children(const Shown &of) const;

    std::unique_ptr<playground::ChildProcess> m_launcher;
    QString m_name;
};

} // namespace cring::test
