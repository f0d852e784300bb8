// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/random.h"

#include <QAbstractItemModel>
#include <QStringList>

namespace cring::test {

/// What a view would hold that believed the signals alone: if it ends equal to the model, no signal was
/// missing.
class Mirror : public QObject
{
public:
    explicit Mirror(QAbstractItemModel &model)
        : m_model(model)
    {
        connect(&model, &QAbstractItemModel::modelReset, this, [this] { ++resets; });
        connect(&model, &QAbstractItemModel::rowsInserted, this,
                [this](const QModelIndex &, int first, int last) {
                    for (int row = first; row <= last; ++row)
                        m_rows.insert(row, read(row));
                });
        connect(&model, &QAbstractItemModel::rowsRemoved, this,
                [this](const QModelIndex &, int first, int last) { m_rows.remove(first, last - first + 1); });
        connect(&model, &QAbstractItemModel::rowsMoved, this,
                [this](const QModelIndex &, int first, int, const QModelIndex &, int to) {
                    m_rows.move(first, to > first ? to - 1 : to);
                });
        connect(&model, &QAbstractItemModel::dataChanged, this,
                [this](const QModelIndex &topLeft, const QModelIndex &bottomRight) {
                    for (int row = topLeft.row(); row <= bottomRight.row(); ++row) {
                        for (int column = topLeft.column(); column <= bottomRight.column(); ++column)
                            m_rows[row][column] = m_model.index(row, column).data().toString();
                    }
                });
    }

    bool isTrue() const
    {
        if (m_rows.size() != m_model.rowCount())
            return false;
        for (int row = 0; row < m_model.rowCount(); ++row) {
            if (m_rows.at(row) != read(row))
                return false;
        }
        return true;
    }

    int resets = 0;

private:
    QStringList read(int row) const
    {
        QStringList cells;
        for (int column = 0; column < m_model.columnCount(); ++column)
            cells.append(m_model.index(row, column).data().toString());
        return cells;
    }

    QAbstractItemModel &m_model;
    QList<QStringList> m_rows;
};

template <typename Row>
void shuffle(QList<Row> &rows, IRandom &random)
{
    for (qsizetype i = rows.size() - 1; i > 0; --i)
        rows.swapItemsAt(i, static_cast<qsizetype>(random.below(static_cast<quint64>(i) + 1)));
}

inline int pick(IRandom &random, int bound)
{
    return static_cast<int>(random.below(static_cast<quint64>(bound)));
}

} // namespace cring::test
