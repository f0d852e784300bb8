// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QFrame>

QT_BEGIN_NAMESPACE
class QLabel;
class QVBoxLayout;
QT_END_NAMESPACE

namespace cring::ui {

/// Spacing in the window is a multiple of this, in device-independent pixels.
inline constexpr int spacingStep = 4;

/// A sheet with round corners, a thin line and a heading.
class Card : public QFrame
{
    Q_OBJECT

public:
    explicit Card(const QString &title, QWidget *parent = nullptr);

    /// Below the heading.
    QVBoxLayout *body() const { return m_body; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QVBoxLayout *m_body;
};

/// A label in the muted colour, that wraps.
QLabel *mutedLabel(QWidget *parent);
/// The one figure of a card, and its meaning beside it.
QLabel *figureLabel(QWidget *parent);
/// "<big>1,241</big> of 1,284 files have all 3 copies", for a figureLabel(). Both are plain text.
QString figureText(const QString &figure, const QString &meaning);

} // namespace cring::ui
