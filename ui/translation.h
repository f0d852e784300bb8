// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QLocale>

QT_BEGIN_NAMESPACE
class QCoreApplication;
QT_END_NAMESPACE

namespace cring::ui {

/// Has the window speak the locale's language where there is a translation, and English with its plurals
/// otherwise; Qt's own words too. The translators belong to the application.
void installTranslations(QCoreApplication &application, const QLocale &locale);

} // namespace cring::ui
