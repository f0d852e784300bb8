// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QListWidget>

namespace cring::ui {

/// The list of pages: name, how to get there by the keyboard, and a word about what waits there.
class Sidebar : public QListWidget
{
    Q_OBJECT

public:
    explicit Sidebar(QWidget *parent = nullptr);

    /// `number`: of its shortcut, Ctrl+1 to Ctrl+9.
    void addPage(const QString &name, int number);
    /// An empty word takes it away. `urgent`: in the colour of a warning, on a badge.
    void setNote(int page, const QString &note, bool urgent);

    QSize sizeHint() const override;
};

} // namespace cring::ui
