// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

QT_BEGIN_NAMESPACE
class QDialogButtonBox;
class QPushButton;
class QVBoxLayout;
class QWidget;
QT_END_NAMESPACE

namespace cring::ui {

/// The margins and the heading that all pages have, with what stands to the right of the heading (or
/// nothing). What the page shows goes below it into the layout.
QVBoxLayout *makePage(QWidget *page, const QString &title, QWidget *actions);

/// A row for actions, to be filled by addButton().
QWidget *makeActions(QWidget *page);
/// `words` with its mnemonic; without it they are the accessible name.
QPushButton *addButton(QWidget *actions, const QString &words, const QString &tip = {});

/// The accessible names of a dialog's buttons: their words without the mnemonic.
void nameButtons(QDialogButtonBox *buttons);

/// What a page shows while there is nothing to show: what that means, and what to do first, perhaps with the
/// button that does it.
QWidget *makeEmptyState(const QString &title, const QString &advice, QWidget *parent,
                        QPushButton *action = nullptr);

} // namespace cring::ui
