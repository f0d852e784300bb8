// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStyledItemDelegate>

QT_BEGIN_NAMESPACE
class QTableView;
QT_END_NAMESPACE

namespace cring::ui {

/// Cells with the shape of their row's tone before the text.
class ToneDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    /// `toneRole` gives a models::Tone.
    ToneDelegate(int toneRole, QObject *parent);

protected:
    void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override;

private:
    const int m_toneRole;
};

/// A number with the line of the last ones before it.
class SparklineDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    /// `valuesRole` gives a QList<qint64>, the newest last; negative ones are gaps.
    SparklineDelegate(int valuesRole, QObject *parent);

    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

protected:
    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;

private:
    const int m_valuesRole;
};

/// A bar of how much is done, with the words over it.
class ProgressDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    /// `fractionRole` gives a double from 0 to 1, or nothing.
    ProgressDelegate(int fractionRole, QObject *parent);

protected:
    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;

private:
    const int m_fractionRole;
};

/// How many copies of those that are wanted are there, as squares, with the words behind them. What lacks has
/// another shape than what is there.
class CopiesDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    /// The roles give an int each.
    CopiesDelegate(int copiesRole, int wantedRole, QObject *parent);

protected:
    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;

private:
    const int m_copiesRole;
    const int m_wantedRole;
};

/// A table as all of the window's are: whole rows are chosen, nothing wraps, long words elide, Tab leaves it.
QTableView *makeTable(const QString &accessibleName, QWidget *parent);
/// The table's height is that of its rows: for a few rows inside a card; more than `mostRows` scroll. Follows
/// the model.
void fitHeight(QTableView *table, int mostRows = 12);

} // namespace cring::ui
