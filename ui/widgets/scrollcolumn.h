// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QScrollArea>

namespace cring::ui {

/// A column that is as high as what is in it wants to be, and scrolls where there is less room: large fonts
/// on a small screen.
class ScrollColumn : public QScrollArea
{
    Q_OBJECT

public:
    /// Takes over the content.
    explicit ScrollColumn(QWidget *content, QWidget *parent = nullptr);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    /// What is in it has become larger, or smaller.
    bool eventFilter(QObject *watched, QEvent *event) override;
};

} // namespace cring::ui
