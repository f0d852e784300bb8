// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/serversmodel.h"

#include <QFrame>
#include <QTimer>

#include <functional>

QT_BEGIN_NAMESPACE
class QLabel;
class QPushButton;
QT_END_NAMESPACE

namespace cring::ui {

/// What came of the last thing that a person has asked for. A good answer goes by itself; a bad one stays
/// until it is closed.
class MessageBar : public QFrame
{
    Q_OBJECT

public:
    explicit MessageBar(QWidget *parent = nullptr);

    void show(models::Tone tone, const QString &words);
    /// With a button that does something about it, once; a good answer then stays for longer.
    void offer(models::Tone tone, const QString &words, const QString &action, std::function<void()> act);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    models::Tone m_tone = models::Tone::Good;
    QWidget *m_shape;
    QLabel *m_words;
    QPushButton *m_action;
    std::function<void()> m_act;
    QTimer m_end;
};

} // namespace cring::ui
