// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QSize>
#include <QStringList>

QT_BEGIN_NAMESPACE
class QWidget;
QT_END_NAMESPACE

namespace cring::test {

/// What is drawn in a window and cannot be read in full: letters outside of their widget or of its clip,
/// words that end in dots (but for cells of tables, which have the whole in their tool tip), widgets that
/// stick out of what they stand in, contents that have to be scrolled sideways, a window larger than
/// `screen`. A line each, empty when all is well. The window is shown; only what is visible counts.
QStringList cutTexts(QWidget &window, const QSize &screen);

} // namespace cring::test
