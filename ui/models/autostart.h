// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QString>

namespace cring::models {

/// Whether the window's icon comes with the person's session: an entry of their own (XDG Desktop Application
/// Autostart Specification). Small files, read and written at once.
class Autostart
{
public:
    /// `folder`: where the entries are; `program`: what is started, with --background.
    Autostart(QString folder, QString program);
    /// Of this person and this program.
    static Autostart ofThisProcess();

    bool isOn() const;
    /// ConfigFile, when the entry cannot be written or taken away.
    Status set(bool on) const;

    /// The entry's whole text.
    static QByteArray entry(const QString &program);

private:
    QString file() const;

    QString m_folder;
    QString m_program;
};

} // namespace cring::models
