// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/serversmodel.h"

#include <QFrame>

QT_BEGIN_NAMESPACE
class QLabel;
class QPushButton;
QT_END_NAMESPACE

namespace cring::ui {

/// One sentence, what follows from it, and the one button that helps. Its tone is an edge and a shape.
class VerdictBanner : public QFrame
{
    Q_OBJECT

public:
    explicit VerdictBanner(QWidget *parent = nullptr);

    /// Without words for the button there is none.
    void set(models::Tone tone, const QString &sentence, const QString &detail, const QString &button = {});

Q_SIGNALS:
    void pressed();

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    models::Tone m_tone = models::Tone::Unknown;
    QLabel *m_sentence;
    QLabel *m_detail;
    QPushButton *m_button;
    QWidget *m_shape; ///< The place where the shape is drawn.
};

} // namespace cring::ui
