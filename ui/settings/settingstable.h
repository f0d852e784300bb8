// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/settings/settingsform.h"

namespace cring::ui {

// Which settings of the service stand where in the dialog, in the person's language.

QList<SettingRow> generalSettings();
QList<SettingRow> serverSettings();
QList<SettingRow> networkSettings();
/// Whatever else there is, by its key, as `cring` explains it.
QList<SettingRow> advancedSettings();

} // namespace cring::ui
