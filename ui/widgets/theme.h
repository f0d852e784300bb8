// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/serversmodel.h"

#include <QColor>
#include <QPalette>

namespace cring::ui {

/// The colours of the window: light, dark, or the desktop's own where that is of high contrast. Status
/// colours are for states, server colours for identity; they are never the same.
struct Theme
{
    enum class Kind { Light, Dark, HighContrast };

    Kind kind = Kind::Light;
    QColor ground; ///< Behind the cards.
    QColor card;
    QColor text;
    QColor muted;
    QColor line;
    QColor accent; ///< What is chosen, and progress.
    QColor chosen; ///< Behind what is chosen.
    QColor good;
    QColor warning;
    QColor bad;
    QList<QColor> servers;

    /// That goes with a palette: dark where its text is lighter than its window.
    static Theme of(const QPalette &palette);
    static Theme light();
    static Theme dark();

    QColor tone(models::Tone tone) const;
    /// Of the n-th server; they begin anew after the last one.
    QColor server(int index) const { return servers.at(index % servers.size()); }

    /// For the application: what Qt's own widgets are drawn with.
    QPalette palette() const;
};

/// The contrast of two colours, 1 to 21 (WCAG 2.1, 1.4.3).
double contrast(const QColor &one, const QColor &other);

} // namespace cring::ui
