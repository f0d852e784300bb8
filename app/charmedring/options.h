// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QStringList>

class QCommandLineParser;

namespace cring::app {

/// What the window's command line may say; a row of the table that its help and its manual page are made
/// from.
struct WindowOption
{
    const char *name;
    const char *value; ///< What it takes, for people; "" = it is a switch.
    const char *fallback;
    const char *help;
};

inline constexpr const char *backgroundOption = "background";
inline constexpr const char *appearanceOption = "appearance";
inline constexpr const char *socketOption = "control-socket";
inline constexpr const char *configOption = "config";

/// In the person's language, where one is installed.
void addOptions(QCommandLineParser &parser);

/// charmedring(1), in English.
QString manualPage(const QString &version);

} // namespace cring::app
