// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/ui/screenreader.h"

namespace cring::test {

/// Somebody at a desktop who has a keyboard and no pointer: presses keys that go through the X server and the
/// window manager (xdotool), and knows what a screen reader reads out, what the panel's icon says and which
/// notifications have come up.
class Person
{
public:
    /// The desktop outlives this; it has a bus and a display.
    explicit Person(DesktopSession &desktop);
    ~Person();

    /// Window manager, panel, notifications and accessibility bus. NotFound, with what to install.
    Status sitDown();

    /// "alt+n", "ctrl+comma", "Return": as xdotool(1) calls keys.
    void press(const QString &keys) const;
    void type(const QString &text) const;
    /// Instead of what stands in the line that has the keyboard.
    void typeOver(const QString &text) const;

    // Each waits, and gives up after a while.

    /// Something in the window that has the keyboard says so.
    bool sees(const QString &words) const;
    /// The window that has the keyboard is called so.
    bool isIn(const QString &window) const;
    /// What has the keyboard is called so.
    bool isAt(const QString &name) const;
    /// The first that is called so, and can be used, in the window that has the keyboard.
    std::optional<Shown> find(const QString &name) const;
    /// Alt and the letter, and what is called so has the keyboard.
    bool goTo(char mnemonic, const QString &name) const;
    /// All of that window, for a failed test.
    QByteArray whatIsSeen() const;

    const ScreenReader &reader() const { return m_reader; }

    /// The tool tips of the icons in the panel; those that do not answer are left out.
    QStringList iconsSay() const;

private:
    void run(const QStringList &arguments) const;

    DesktopSession &m_desktop;
    ScreenReader m_reader;
    QString m_busName;
};

} // namespace cring::test
