// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/condition.h"
#include "ui/widgets/theme.h"

#include <QIcon>

QT_BEGIN_NAMESPACE
class QPainter;
QT_END_NAMESPACE

namespace cring::ui {

/// A shape for each tone, so that colour never speaks alone: a circle with a tick, a circle with dots, a
/// triangle, a square with a cross, an empty circle.
void drawTone(QPainter &painter, const QRectF &rect, models::Tone tone, const Theme &theme);
/// The same as an icon, sharp at any scale.
QIcon toneIcon(models::Tone tone, const Theme &theme);

models::Tone toneOf(models::TrayState state);

} // namespace cring::ui
