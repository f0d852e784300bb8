// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStyledItemDelegate>

namespace cring::ui {

/// A server's last 24 hours as a strip, with the share of them in which it was up behind it. Down reaches
/// from top to bottom, up is a low line, and what nobody knows is a thin one.
class HealthDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    /// `spansRole` gives a QList<models::HealthSpan>.
    HealthDelegate(int spansRole, QObject *parent);

    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

protected:
    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;

private:
    const int m_spansRole;
};

} // namespace cring::ui
