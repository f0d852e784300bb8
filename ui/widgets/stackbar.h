// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/serversmodel.h"

#include <QWidget>

namespace cring::ui {

/// A bar of parts of one whole. What its colours mean stands in words beside it; a screen reader gets
/// setWords().
class StackBar : public QWidget
{
    Q_OBJECT

public:
    struct Part
    {
        double share = 0; ///< Of the whole; what is missing to 1 stays empty.
        models::Tone tone = models::Tone::Good;

        bool operator==(const Part &) const = default;
    };

    explicit StackBar(QWidget *parent = nullptr);

    void setParts(const QList<Part> &parts);
    void setWords(const QString &words);

    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QList<Part> m_parts;
};

} // namespace cring::ui
