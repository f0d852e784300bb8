// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAbstractTableModel>
#include <QList>
#include <QSet>

namespace cring::models {

/// A table whose rows have keys. setRows() turns what is shown into another list by the fewest signals: rows
/// go, come and move one by one, and what changed in a row is told cell by cell. Selection and scrolling
/// survive a refresh; the model is never reset. A derived class says what the cells hold.
template <typename Row>
class KeyedTableModel : public QAbstractTableModel
{
public:
    using QAbstractTableModel::QAbstractTableModel;

    int rowCount(const QModelIndex &parent = {}) const override
    {
        return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
    }

    /// Null when there is no such row.
    const Row *rowAt(int row) const { return row >= 0 && row < m_rows.size() ? &m_rows.at(row) : nullptr; }

protected:
    const QList<Row> &rows() const { return m_rows; }

    /// `keyOf` gives what makes a row the same one; keys do not repeat in `wanted`. `changed` gives the
    /// columns in which two states of a row differ; a row is replaced in any case.
    template <typename KeyOf, typename Changed>
    void setRows(const QList<Row> &wanted, KeyOf keyOf, Changed changed)
    {
        removeGone(wanted, keyOf);
        for (int row = 0; row < wanted.size(); ++row) {
            place(wanted.at(row), row, keyOf);
            const QList<int> columns = changed(m_rows.at(row), wanted.at(row));
            m_rows[row] = wanted.at(row);
            for (const int column : columns)
                Q_EMIT this->dataChanged(index(row, column), index(row, column));
        }
    }

    void addRow(int at, const Row &row)
    {
        beginInsertRows({}, at, at);
        m_rows.insert(at, row);
        endInsertRows();
    }

    void addRows(int at, const QList<Row> &rows)
    {
        if (rows.isEmpty())
            return;
        beginInsertRows({}, at, at + static_cast<int>(rows.size()) - 1);
        m_rows.insert(at, rows.size(), {});
        std::copy(rows.begin(), rows.end(), m_rows.begin() + at);
        endInsertRows();
    }

    void dropRows(int at, int count)
    {
        if (count <= 0)
            return;
        beginRemoveRows({}, at, at + count - 1);
        m_rows.remove(at, count);
        endRemoveRows();
    }

    /// Without a signal: whoever calls it tells what changed.
    void replaceRow(int at, const Row &row) { m_rows[at] = row; }

private:
    template <typename KeyOf>
    void removeGone(const QList<Row> &wanted, KeyOf keyOf)
    {
        QSet<std::decay_t<decltype(keyOf(wanted.first()))>> keys;
        for (const Row &row : wanted)
            keys.insert(keyOf(row));
        for (int row = static_cast<int>(m_rows.size()) - 1; row >= 0; --row) {
            if (!keys.contains(keyOf(m_rows.at(row))))
                dropRows(row, 1);
        }
    }

    /// Sees that the row with that key is at this place; everything above is placed already.
    template <typename KeyOf>
    void place(const Row &wanted, int at, KeyOf keyOf)
    {
        int from = at;
        while (from < m_rows.size() && keyOf(m_rows.at(from)) != keyOf(wanted))
            ++from;
        if (from == m_rows.size()) {
            addRow(at, wanted);
        } else if (from != at) {
            beginMoveRows({}, from, from, {}, at);
            m_rows.move(from, at);
            endMoveRows();
        }
    }

    QList<Row> m_rows;
};

} // namespace cring::models
