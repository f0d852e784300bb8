// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/desktopchoices.h"
#include "ui/models/notificationchoices.h"

#include <QHash>
#include <QWidget>

QT_BEGIN_NAMESPACE
class QCheckBox;
class QComboBox;
class QSpinBox;
QT_END_NAMESPACE

namespace cring::ui {

/// What a person is told of, and how the window gets on with the desktop. These are this program's own, and
/// hold at once: there is nothing to save.
class ChoicesPage : public QWidget
{
    Q_OBJECT

public:
    /// Both outlive this.
    ChoicesPage(models::NotificationChoices &notices, models::DesktopChoices &desktop,
                QWidget *parent = nullptr);

private:
    QWidget *makeNotices();
    QWidget *makeDesktop();
    void show();

    models::NotificationChoices &m_notices;
    models::DesktopChoices &m_desktop;
    QHash<models::Topic, QCheckBox *> m_topics;
    QSpinBox *m_degradedAfter;
    QCheckBox *m_metered;
    QCheckBox *m_shutdown;
    QComboBox *m_closing;
};

} // namespace cring::ui
