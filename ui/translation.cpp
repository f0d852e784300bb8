// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/translation.h"

#include <QCoreApplication>
#include <QLibraryInfo>
#include <QTranslator>

// Resources of a static library have to be named once, outside of any namespace.
static void useResources()
{
    Q_INIT_RESOURCE(charmedring);
    Q_INIT_RESOURCE(translations);
}

namespace cring::ui {

void installTranslations(QCoreApplication &application, const QLocale &locale)
{
    useResources();
    auto *ours = new QTranslator(&application);
    const QString folder = QStringLiteral(":/charmedring/translations");
    if (ours->load(locale, QStringLiteral("charmedring"), QStringLiteral("_"), folder) ||
        ours->load(QStringLiteral("charmedring_en"), folder))
        application.installTranslator(ours);
    auto *qt = new QTranslator(&application);
    if (qt->load(locale, QStringLiteral("qtbase"), QStringLiteral("_"),
                 QLibraryInfo::path(QLibraryInfo::TranslationsPath)))
        application.installTranslator(qt);
}

} // namespace cring::ui
